"""Sentences of an image prompt, and the paragraph that they make.

Knows: words, ranks, lengths, shot terms. Does not know: what is told of a picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from storyboard.plan import Beat, Character, Hook, Setting, ShotPlan

MIN_WORDS, MAX_WORDS = 80, 220
Picture = Beat | Hook | Setting | Character
"""What a prompt is written for."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence. `rank` 0 is never left out; the highest goes first when space is short."""

    text: str
    rank: int = 0
    fixed: bool = False
    """It must be right, and is never worded anew."""


def fixed(text: str) -> Sentence:
    return Sentence(text, 0, True)


def shot_of(picture: Picture) -> ShotPlan:
    match picture:
        case Setting():
            return ShotPlan(scale="extreme full shot")
        case Character():
            return ShotPlan(scale="full shot")
        case _:
            return picture.shot


def shot_terms(shot: ShotPlan) -> str:
    return f"{shot.scale}, {shot.angle}, {shot.orientation}"


def words(text: str) -> int:
    return len(text.split())


def quotable(words: str) -> str:
    """Double quotes mark what is to be written; one inside would end it."""
    return words.replace('"', "'")


def paragraph(told: Sequence[Sentence]) -> str:
    """The sentences as one paragraph, the least important left out beyond `MAX_WORDS`."""
    kept = [s for s in told if s.text.strip()]
    while sum(words(s.text) for s in kept) > MAX_WORDS:
        rank = max(s.rank for s in kept)
        if rank == 0:
            break  # the records alone are that long, and they are repeated in full
        last = max(i for i, s in enumerate(kept) if s.rank == rank)
        del kept[last]
    texts = [" ".join(s.text.split()).rstrip(".") for s in kept]
    # The shot terms stay in lower case, as the model was trained on them.
    return ". ".join(t[:1].upper() + t[1:] if i else t for i, t in enumerate(texts)) + "."
