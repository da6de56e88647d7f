"""The stages of a film: as a person thinks of them, as a card sees them, and where one may stop.

All three vocabularies are data that others keep (plans and logs the first, profiles the second,
queues the third), so their words stay; what one means in the words of another is said here.

Knows: names. Does not know: who works in a stage, which steps belong to it.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Literal

Stage = Literal["plan", "images", "speech", "clips", "assemble", "checks"]
"""A stage of a film; every step belongs to one."""
STAGES: tuple[Stage, ...] = ("plan", "images", "speech", "clips", "assemble", "checks")

CardStage = Literal["plan", "images", "finals", "speech", "dialogue", "clips", "review"]
"""A stage in which services are awake together; a profile says who `serves` it.

`images` is the loop of engine and judge, `finals` draws without the judge, `dialogue` makes
the clips of talking heads, `clips` those of the video models.
"""
CARD_STAGES: tuple[CardStage, ...] = (
    "plan",
    "images",
    "finals",
    "speech",
    "dialogue",
    "clips",
    "review",
)

Checkpoint = Literal["plan", "images", "speech", "dialogue", "clips", "finish"]
"""How far a film of a queue has come: parted where other models must be on the card."""
CHECKPOINTS: tuple[Checkpoint, ...] = ("plan", "images", "speech", "dialogue", "clips", "finish")

_WORKS_IN: dict[str, frozenset[CardStage]] = {
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


def card_stages(path: str) -> frozenset[CardStage]:
    """The stages of the card in which a section of a profile works, by its path (`image`,
    `speech.clone`, `video.a2v`)."""
    return _WORKS_IN[path.partition(".")[0]]


def checkpoint_of(stage: Stage, card: AbstractSet[CardStage] = frozenset()) -> Checkpoint:
    """Up to which checkpoint work of a stage is made that is done in these stages of the card."""
    if stage in ("assemble", "checks"):
        return "finish"
    return "dialogue" if "dialogue" in card else stage


def checkpoint_on(card: AbstractSet[CardStage]) -> Checkpoint:
    """As `checkpoint_of`, of work of which only its stages on the card are known."""
    first = min(card, key=CARD_STAGES.index)
    return "images" if first == "finals" else "finish" if first == "review" else first
