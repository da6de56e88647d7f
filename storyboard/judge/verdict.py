"""Verdicts: what was found on a picture, how pictures rank, whether one may be kept.

Knows: findings, their order. Does not know: who found them, how a picture is mended.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from storyboard.core.events import Measured
from storyboard.judge.rubric import Level, RemedyKind

Outcome = Literal["pass", "fail", "unsure"]
EVIDENCE = 300
"""Most characters of what was seen."""


_ALL_WELL = re.compile(
    r"(?:\bas (?:asked|requested|required|described|expected|it should(?: be)?)"
    r"|\bmatch(?:es)? (?:the|its|her|his|their) (?:reference|sheet|description|plan|request|prompt|brief)"
    r"|(?:\bno|\bwithout) (?:faults?|problems?|issues?|defects?|errors?)"
    r"|\b(?:looks?|is|are) (?:fine|good|perfect|excellent|correct)"
    r"|問題(?:は)?(?:ありません|なし|ない)|指示(?:の)?(?:通|どお)り(?:です)?)\W*$",
    re.IGNORECASE,
)
"""At the end of what is said: "no problems with the sound, the picture freezes" is none."""
_BUT = re.compile(
    r"\b(?:not|no(?!\s+(?:fault|problem|issue|defect|error))|nothing|never|but|however|although|except"
    r"|instead|should(?! be\W*$)|only|too|wrong|missing|extra|bad|broken|different|late|early|loud|quiet"
    r"|clipp\w+|fr[eo]ez\w+|frozen|blur\w*|drift\w*|jump\w*|garbl\w+|cover\w*|hid\w*|flicker\w*"
    r"|distort\w*|cut\w* off|unreadable|dark|slow|rush\w*)\b|n['’]t\b|ない(?!。?$)|しかし|ですが|なのに",
    re.IGNORECASE,
)


def is_praise(evidence: str) -> bool:
    """Whether what was seen is that all is well: held against something, it contradicts itself."""
    return _ALL_WELL.search(evidence) is not None and _BUT.search(evidence) is None


class PictureFinding(BaseModel):
    """What one check found. `box` is left, top, right, bottom in thousandths, or empty."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    level: Level
    verdict: Outcome
    evidence: str = Field(default="", max_length=EVIDENCE)
    box: tuple[int, ...] = ()
    remedy: RemedyKind | None = None
    instruction: str = ""


class Verdict(BaseModel):
    """Everything found on one picture. `judge` names the model that looked, if one did."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    checks: tuple[PictureFinding, ...]
    judge: str = ""
    note: str = ""
    """Why a model's checks are unsure, where that is not the picture's fault."""
    stopped: bool = False
    """A measure failed that leaves nothing to look at (blank, blurred, a copy)."""

    @property
    def passed(self) -> bool:
        """No hard check failed. One that is unsure rejects nothing: it says nothing."""
        return not any(self.of("hard", "fail"))

    def of(self, level: Level, outcome: Outcome) -> Iterator[PictureFinding]:
        return (f for f in self.checks if f.level == level and f.verdict == outcome)

    @property
    def rank(self) -> tuple[bool, int, int, int, int]:
        """Smaller is better: nothing to see, hard faults and doubts, soft faults and doubts."""
        counts = [
            sum(1 for _ in self.of(level, outcome))
            for level in ("hard", "soft")
            for outcome in ("fail", "unsure")
        ]
        return self.stopped, counts[0], counts[1], counts[2], counts[3]

    def document(self) -> dict[str, Any]:
        return self.model_dump(mode="json")

    @classmethod
    def of_document(cls, document: Mapping[str, Any]) -> Self:
        return cls.model_validate(document)


class Attempted(Measured, kind="verdict"):
    """One try at a picture, with its verdict as a document."""

    picture: str = ""
    kept: bool = False
    mending: Mapping[str, Any] | None = None
    escalated: Mapping[str, Any] | None = None
    """What the local judge said, where a second one was asked."""
    checks: Sequence[Mapping[str, Any]] = ()
    judge: str = ""
    note: str = ""
    stopped: bool = False


class AskedAgain(Measured, kind="escalation"):
    """What a second judge said of a doubtful picture, or why it said nothing."""

    doubts: Sequence[str] = ()
    why_not: str = ""
    judge: str = ""
    upheld: Sequence[str] = ()
    passed: bool | None = None
