"""The stages of a run that use a card, and the kinds of clips it asks for.

Knows: names. Does not know: who works in a stage, or makes a clip.
"""

from __future__ import annotations

from typing import Literal

Stage = Literal["plan", "images", "finals", "speech", "dialogue", "clips", "review"]
"""Stages of a run that use a card, in order.

`images` is the loop of engine and judge, `finals` draws without the judge, `dialogue` makes
the clips of talking heads, `clips` those of the video models.
"""
STAGES: tuple[Stage, ...] = (
    "plan",
    "images",
    "finals",
    "speech",
    "dialogue",
    "clips",
    "review",
)
BeatKind = Literal["dialogue", "drama", "reaction", "narration", "silent", "effect"]
"""What a beat asks of a video backend: plain dialogue, spoken drama, a reaction, narration
(nobody's lips move), silence, or an effect whose sound the model makes."""

_STAGES_OF: dict[str, frozenset[Stage]] = {
    "chat": frozenset({"plan"}),
    "prompter": frozenset({"plan"}),
    "judge": frozenset({"images"}),
    "image": frozenset({"images", "finals"}),
    "speech": frozenset({"speech"}),
    "transcription": frozenset({"speech"}),
    "alignment": frozenset({"speech"}),
    "video": frozenset({"dialogue", "clips"}),
    "review": frozenset({"review"}),
}


def stages_of(path: str) -> frozenset[Stage]:
    """The stages in which a section works, by its path (`image`, `speech.clone`, `video.a2v`)."""
    return _STAGES_OF[path.partition(".")[0]]
