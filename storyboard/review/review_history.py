"""What became of a film under review: `review.json`, round by round.

It is written whole after every step of the loop, so that a killed review goes on where it
was: a cut on trial is named before its plan is written, and judged before it is kept.

Knows: rounds, findings and their fates, which cut is better. Does not know: how a cut is
reviewed or made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from renderers.base import JSON, ReviewOutcome
from storyboard.core.directory import Directory
from storyboard.core.events import Measured
from storyboard.core.files import open_regular
from storyboard.review.finding import Finding
from storyboard.review.plan_patch import Change

VERSION = 1
FILE = "review.json"
ALIKE = 0.6
"""How alike the evidence of two findings of one kind in one beat is, if they are the same."""
SCORE_MARGIN = 3.0
"""Points of 100 by which a score must rise to mean anything: models waver by as much."""

Verdict = Literal["measured", "confirmed", "refuted", "unknown"]
"""What the film itself says of a finding. `measured`: it is where the finding comes from."""
Fate = Literal["open", "refuted", "parked", "impossible", "dismissed"]
"""`parked`: nothing more is tried, it is still a defect; `impossible`: it is about nothing
that the film has; `dismissed`: a person said that it is none."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A finding, what the film says of it, and what is made of it."""

    finding: Finding
    verdict: Verdict
    fate: Fate = "open"
    why: str = ""

    @property
    def counts(self) -> bool:
        return self.fate in ("open", "parked")


@dataclass(frozen=True, slots=True)
class Look:
    """One reviewer's look at one cut: what came of it."""

    reviewer: str
    outcome: ReviewOutcome | Literal["failed", "not asked"]
    reason: str = ""
    """Why there is no answer; or what of it could not be used."""
    saw: str = ""
    summary: str = ""
    score: float | None = None
    """0 to 100."""
    seconds: float = 0.0

    @property
    def answered(self) -> bool:
        return self.outcome == "answered"


@dataclass(frozen=True, slots=True)
class Applied:
    """One finding's patch, as it went into a cut."""

    key: str
    """Reviewer, defect and beat of the finding that it is for."""
    by: str
    evidence: str
    operations: tuple[Mapping[str, JSON], ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Round:
    """One cut and its review. `number` counts cuts; 1 is the film as it was made."""

    number: int
    plan: str
    """Digest of the plan it was made of."""
    film: str
    """Digest of the file; empty if it could not be made."""
    applied: tuple[Applied, ...] = ()
    """What sets it apart from the best cut before it."""
    looks: tuple[Look, ...] = ()
    findings: tuple[Judged, ...] = ()
    kept: bool = False
    why: str = ""

    @property
    def name(self) -> str:
        return f"cut_{self.number:02d}"

    @property
    def score(self) -> float | None:
        scores = [look.score for look in self.looks if look.score is not None]
        return sum(scores) / len(scores) if scores else None

    def count(self, severity: str, *, reviewers: frozenset[str] | None = None) -> int:
        return sum(
            j.counts
            and j.finding.severity == severity
            and (reviewers is None or j.finding.reviewer in reviewers)
            for j in self.findings
        )

    def reviewers(self) -> frozenset[str]:
        """Those who answered."""
        return frozenset(look.reviewer for look in self.looks if look.answered)


class Found(Measured, kind="finding"):
    """A finding, and what is made of it."""

    reviewer: str
    defect: str
    severity: str
    beat: int | None
    evidence: str = ""
    verdict: str = ""
    fate: str = ""
    why: str = ""

    @classmethod
    def of(cls, judged: Judged, step: str) -> Found:
        found = judged.finding
        what = found.reviewer, found.defect, found.severity, found.beat, found.evidence
        return cls(*what, judged.verdict, judged.fate, judged.why, step=step)


class CutJudged(Measured, kind="round"):
    """A round, in figures."""

    cut: int
    kept: bool = False
    why: str = ""
    severe: int = 0
    minor: int = 0
    score: float | None = None
    mended: Sequence[str] = ()
    """Keys of the findings that the cut was to mend."""

    @classmethod
    def of(cls, cut: Round, step: str) -> CutJudged:
        counts = cut.count("severe"), cut.count("minor")
        mended = [applied.key for applied in cut.applied]
        return cls(cut.number, cut.kept, cut.why, *counts, cut.score, mended, step=step)


@dataclass(frozen=True, slots=True)
class PendingCut:
    """A cut in the making: not yet judged, or on its way back."""

    number: int
    plan: str
    applied: tuple[Applied, ...]


@dataclass(slots=True)
class ReviewHistory:
    """The whole review of one film."""

    started: float
    """Unix time."""
    reviewers: dict[str, JSON]
    """Who reviews, with the fingerprint of each."""
    version: int = VERSION
    rounds: list[Round] = field(default_factory=list[Round])
    best: int = 1
    """Number of the cut that is the film."""
    trial: PendingCut | None = None
    stopped: str = ""
    """Why no further round follows; empty while it goes on."""
    seconds: float = 0.0
    cost: float = 0.0
    """US dollars spent on language models since it began."""

    @property
    def film(self) -> Round:
        """The round of the best cut."""
        return next(r for r in self.rounds if r.number == self.best)

    def tried(self) -> list[Round]:
        """Rounds that mended something."""
        return [r for r in self.rounds if r.applied]

    @property
    def findings(self) -> tuple[Judged, ...]:
        """What was found in the film as it is."""
        return self.film.findings if self.rounds else ()

    def open(self) -> list[Judged]:
        """What is still held against the film, worst first."""
        order = {"severe": 0, "minor": 1, "note": 2}
        found = [j for j in self.film.findings if j.counts and j.finding.severity != "note"]
        return sorted(found, key=lambda j: order[j.finding.severity])

    def past(self, path: str) -> Iterator[tuple[int, JSON]]:
        """(cut, value) of what a path of the plan was before it was mended, for good."""
        film = self.rounds[0].number if self.rounds else 1
        for past in self.tried():
            if past.kept:
                changes = (c for a in past.applied for c in a.changes if c.path == path)
                yield from ((film, change.before) for change in changes)
                film = past.number


_HISTORY = TypeAdapter(ReviewHistory)


def load_history(folder: Path) -> ReviewHistory | None:
    """The review of a run folder; None where there is none that can be read."""
    try:
        with open_regular(folder / FILE) as file:
            history = _HISTORY.validate_json(file.read())
    except (OSError, ValidationError):
        return None
    return history if history.version == VERSION and _whole(history) else None


def _whole(history: ReviewHistory) -> bool:
    return not history.rounds or any(r.number == history.best for r in history.rounds)


def save_history(folder: Path, history: ReviewHistory) -> None:
    Directory(folder).write(FILE, _HISTORY.dump_json(history, indent=2).decode() + "\n")


def key_of(finding: Finding) -> str:
    """What makes two findings the same one, however they are worded."""
    beat = "film" if finding.beat is None else "hook" if finding.beat == 0 else f"{finding.beat}"
    return f"{finding.reviewer} {finding.defect} {beat}"


def same_finding(one: Finding, other: Finding) -> bool:
    """Whether one look says again what another said: two faults of one kind may be in one beat."""
    if key_of(one) != key_of(other):
        return False
    if one.patch and [dict(o) for o in one.patch] == [dict(o) for o in other.patch]:
        return True
    said = (finding.evidence.casefold() for finding in (one, other))
    return SequenceMatcher(None, *said, autojunk=False).ratio() >= ALIKE


def better(new: Round, old: Round) -> tuple[bool, str]:
    """Whether a cut is better than the best before it, and why (not).

    What is measured comes first: no opinion outweighs a new severe fault of the file. Only
    those count who answered both times, so that a silent reviewer is no praise.
    """
    measured = frozenset({"technical"})
    before, after = (r.count("severe", reviewers=measured) for r in (old, new))
    if after > before:
        return False, f"{_many(after, 'severe fault')} measured instead of {before}"
    both = new.reviewers() & old.reviewers()
    for severity in ("severe", "minor"):
        before, after = (r.count(severity, reviewers=both) for r in (old, new))
        if after != before:
            return after < before, f"{_many(after, f'{severity} finding')} instead of {before}"
    scores = [r.score for r in (old, new) if both >= {s.reviewer for s in r.looks if s.score}]
    if len(scores) == 2 and scores[0] is not None and scores[1] is not None:
        gain = scores[1] - scores[0]
        said = f"a score of {scores[1]:.0f} instead of {scores[0]:.0f}"
        return gain >= SCORE_MARGIN, said if gain else "nothing is better"
    return False, "nothing is better"


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
