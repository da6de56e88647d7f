"""Which findings the next cut tries to mend, and which are given up.

Worst first, measured before believed. A group of edits that did not help is halved, until
the one that harms stands alone and is parked; so is what asks for the impossible, what is
found again after it was mended twice, and what would bring back a value that was there
before. What contradicts another edit of the same cut waits for the next one.

Knows: findings, edits, what was tried. Does not know: how a cut is made or judged.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from renderers.base import JSON
from storyboard.core.files import digest_json
from storyboard.plan import Plan
from storyboard.review.plan_patch import Change, PatchRefused, apply, plan_digest
from storyboard.review.review_history import Applied, Judged, ReviewHistory, key_of

MENDINGS = 2
"""How often one defect of one beat may be mended in cuts that were kept."""
_SEVERITIES = {"severe": 0, "minor": 1, "note": 2}
_VERDICTS = {"measured": 0, "confirmed": 1, "unknown": 2, "refuted": 3}


@dataclass(frozen=True, slots=True)
class PatchSelection:
    """The next cut's plan and what is in it; nothing to try if `applied` is empty."""

    plan: Plan
    applied: tuple[Applied, ...]
    findings: tuple[Judged, ...]
    """Those of the best cut, the parked ones marked."""


def choose(
    history: ReviewHistory, plan: Plan, renderers: Collection[str], mend: Literal["severe", "minor"]
) -> PatchSelection:
    """The edits to try on `plan`, the plan of the history's best cut."""
    limit = _limit(history)
    applied: list[Applied] = []
    parked: dict[int, str] = {}
    working = plan
    for place in _in_order(history, mend):
        finding = history.film.findings[place].finding
        try:
            _, alone = apply(plan, finding.patch, renderers)
            if fault := _tried(history, key_of(finding), alone) or _back(history, alone):
                raise PatchRefused(fault)
        except PatchRefused as refusal:
            parked[place] = str(refusal)
            continue
        if len(applied) == limit or _clash(applied, alone):
            continue
        try:
            working, changes = apply(working, finding.patch, renderers)
        except PatchRefused:
            # Right by itself, and not beside what was chosen before it: its turn comes.
            continue
        applied.append(
            Applied(
                key_of(finding), finding.reviewer, finding.evidence, tuple(finding.patch), changes
            )
        )
    before = next((r.number for r in history.rounds if r.plan == plan_digest(working)), None)
    if applied and before is not None:
        mended = [(a.key, [dict(o) for o in a.operations]) for a in applied]
        why = f"with all that is kept, it would make cut {before} again"
        parked |= {
            place: why
            for place, judged in enumerate(history.film.findings)
            if place not in parked
            and (key_of(judged.finding), [dict(o) for o in judged.finding.patch]) in mended
        }
        applied = []
    findings = tuple(
        replace(judged, fate="parked", why=parked[place]) if place in parked else judged
        for place, judged in enumerate(history.film.findings)
    )
    return PatchSelection(working if applied else plan, tuple(applied), findings)


def _in_order(history: ReviewHistory, mend: str) -> Iterable[int]:
    """Places of the findings that may be mended, the most pressing first."""
    findings = history.film.findings
    wanted = [
        place
        for place, judged in enumerate(findings)
        if judged.fate == "open"
        and judged.finding.patch
        and _SEVERITIES[judged.finding.severity] <= _SEVERITIES[mend]
    ]

    def pressing(place: int) -> tuple[int, int, int]:
        judged = findings[place]
        return _SEVERITIES[judged.finding.severity], _VERDICTS[judged.verdict], place

    return sorted(wanted, key=pressing)


def _limit(history: ReviewHistory) -> int:
    """How many findings the next cut may mend: half of a group that did not help."""
    tried = history.tried()
    if not tried or tried[-1].kept or len(tried[-1].applied) < 2:
        return 1_000
    return len(tried[-1].applied) // 2


def _tried(history: ReviewHistory, key: str, changes: Sequence[Change]) -> str:
    """Why this edit is not tried (again), however it is written; empty if it may be."""
    own = _made(changes)
    mended = 0
    for past in history.tried():
        for applied in past.applied:
            if _made(applied.changes) == own and len(past.applied) == 1 and not past.kept:
                return f"was tried in cut {past.number} and did not help"
            mended += past.kept and applied.key == key
    return f"was mended {mended} times and is still found" if mended >= MENDINGS else ""


def _made(changes: Iterable[Change]) -> set[tuple[str, str]]:
    """What changes come to; blanks and their order are none."""
    return {(c.path, digest_json(_bare(c.after))) for c in changes}


def _bare(value: JSON) -> JSON:
    return " ".join(value.split()) if isinstance(value, str) else value


def _back(history: ReviewHistory, changes: Iterable[Change]) -> str:
    """Why an edit is a step back; empty if it is none."""
    for change in changes:
        for number, value in history.past(change.path):
            if value == change.after:
                return f"would go back to {change.path} as it was in cut {number}"
    return ""


def _clash(applied: Iterable[Applied], changes: Iterable[Change]) -> bool:
    """Whether another edit of this cut changes the same to something else."""
    chosen = {c.path: c.after for a in applied for c in a.changes}
    return any(c.path in chosen and chosen[c.path] != c.after for c in changes)
