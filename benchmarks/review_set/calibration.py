"""Calibration: what a reviewer finds, misses and imagines in films with planted defects.

A defect is found if a finding names it in a beat it touches; a finding is imagined if it
neither names the defect nor follows from it, or speaks of another beat. On a good film
every finding is imagined.

Knows: labels, findings, counting. Does not know: how either is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.review_set import KINDS, Label, labels
from renderers.base import JSON
from storyboard.review.finding import Finding
from storyboard.review.finished_cut import Cut

GOOD = "(good film)"
SLACK = 0.5
"""Seconds by which a finding may lie beside what was planted."""

Reviewer = Callable[[Cut], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class CalibrationVerdict:
    """One labelled film and what was said of it."""

    film: str
    label: Label
    found: bool
    findings: tuple[Finding, ...]
    imagined: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class CalibrationRow:
    """One kind over all films."""

    kind: str
    films: int
    found: int
    imagined: int

    @property
    def missed(self) -> int:
        return self.films - self.found if self.kind != GOOD else 0


@dataclass(frozen=True, slots=True)
class Table:
    """What a reviewer finds, misses and imagines, a row a kind."""

    reviewer: str
    rows: tuple[CalibrationRow, ...]
    verdicts: tuple[CalibrationVerdict, ...]

    @property
    def planted(self) -> tuple[CalibrationRow, ...]:
        return tuple(row for row in self.rows if row.kind != GOOD)

    @property
    def recall(self) -> float:
        """Part of the planted defects that was found."""
        films = sum(row.films for row in self.planted)
        return sum(row.found for row in self.planted) / films if films else 0.0

    @property
    def kinds_found(self) -> int:
        """Kinds of which every planted one was found."""
        return sum(row.found == row.films for row in self.planted)

    def to_json(self) -> dict[str, JSON]:
        return {
            "reviewer": self.reviewer,
            "recall": round(self.recall, 4),
            "rows": [{**asdict(row), "missed": row.missed} for row in self.rows],
            "films": [
                {
                    "film": v.film,
                    "kind": v.label.kind,
                    "found": v.found,
                    "findings": [_said(f) for f in v.findings],
                    "imagined": [_said(f) for f in v.imagined],
                }
                for v in self.verdicts
            ],
        }

    def to_markdown(self) -> str:
        """The table for people, and each miss and each imagined finding by name."""
        lines = [
            f"Reviewer `{self.reviewer}`: {sum(r.found for r in self.planted)} of "
            f"{sum(r.films for r in self.planted)} planted defects found ({self.recall:.1%}), "
            f"{self.kinds_found} of {len(self.planted)} kinds every time.",
            "",
            "| planted | films | found | missed | imagined | named as |",
            "|---|---:|---:|---:|---:|---|",
        ]
        for row in self.rows:
            named = ", ".join(f"`{d}`" for d in KINDS[row.kind].expects) if row.kind != GOOD else ""
            found = str(row.found) if row.kind != GOOD else ""
            missed = str(row.missed) if row.kind != GOOD else ""
            lines.append(
                f"| {row.kind} | {row.films} | {found} | {missed} | {row.imagined} | {named} |"
            )
        missed = [v for v in self.verdicts if v.label.kind and not v.found]
        lines += ["", *(f"- missed: {v.label.kind} in {v.film}" for v in missed)]
        lines += [f"- imagined in {v.film}: {_said(f)}" for v in self.verdicts for f in v.imagined]
        return "\n".join(lines).rstrip() + "\n"


def calibrate(folder: Path, reviewer: Reviewer, name: str = "technical") -> Table:
    """Have every labelled film in `folder` reviewed, and count.

    Raises:
        UsageError: the folder holds no labelled films.
    """
    verdicts = [judge(path, label, reviewer(Cut.of(path))) for path, label in labels(folder)]
    kinds = sorted({v.label.kind for v in verdicts}, key=lambda k: (not k, k))
    rows = [_row(kind, [v for v in verdicts if v.label.kind == kind]) for kind in kinds]
    return Table(name, tuple(rows), tuple(verdicts))


def judge(film: Path, label: Label, said: Iterable[Finding]) -> CalibrationVerdict:
    """Compare what was said of a film with what was planted in it."""
    findings = tuple(said)
    # A note is a remark, not a finding.
    held = [f for f in findings if f.severity != "note"]
    found = any(f.defect in label.expects and _there(f, label) for f in held)
    imagined = [
        f for f in held if f.defect not in (*label.expects, *label.follows) or not _there(f, label)
    ]
    return CalibrationVerdict(film.name, label, found, findings, tuple(imagined))


def _there(finding: Finding, label: Label) -> bool:
    """Whether a finding speaks of the place where the defect is."""
    if label.everywhere or (finding.beat is None and finding.start is None):
        return True
    if finding.beat is not None and finding.beat not in label.beats:
        return False
    begin = finding.start if finding.start is not None else label.start
    end = finding.end if finding.end is not None else begin
    return begin <= label.end + SLACK and end >= label.start - SLACK


def _row(kind: str, verdicts: list[CalibrationVerdict]) -> CalibrationRow:
    found = sum(v.found for v in verdicts)
    return CalibrationRow(
        kind or GOOD, len(verdicts), found, sum(len(v.imagined) for v in verdicts)
    )


def _said(finding: Finding) -> str:
    where = "" if finding.beat is None else "hook: " if finding.beat == 0 else f"{finding.beat}: "
    return f"{where}{finding.defect} ({finding.evidence})"
