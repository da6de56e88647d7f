"""`review.md`: a review told, for people.

What models wrote is quoted as text, never as markup.

Knows: Markdown. Does not know: how any of it came about.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from renderers.base import JSON
from storyboard.core.text import shortened
from storyboard.review.plan_patch import Change
from storyboard.review.review_history import Judged, Look, ReviewHistory, Round

PAGE = "review.md"


def tell(history: ReviewHistory) -> str:
    """All of it."""
    return "\n".join(_lines(history)) + "\n"


def summary(history: ReviewHistory) -> str:
    """One line: how often it was mended, and what is left."""
    film = history.film
    left = [f"{n} {s}" for s in ("severe", "minor") if (n := film.count(s))]
    rounds = len(history.tried())
    cuts = f"cut {film.number} after {rounds} round{'' if rounds == 1 else 's'}; " if rounds else ""
    score = "" if film.score is None else f", score {film.score:.0f}"
    open_ = f"open: {', '.join(left)}" if left else "no open findings"
    return f"{cuts}{open_}{score}"


def state_of(cut: Round, history: ReviewHistory) -> str:
    """What has become of a cut."""
    if cut.number == history.best:
        return "the film"
    return "mended since" if cut.kept else "taken back"


def shown(value: JSON) -> str:
    """A value of the plan as short text."""
    return shortened(
        value if isinstance(value, str) else json.dumps(value, ensure_ascii=False), 120
    )


def in_a_line(judged: Judged) -> str:
    """One finding in one line of plain text."""
    finding = judged.finding
    where = {None: "film", 0: "hook"}.get(finding.beat, f"beat {finding.beat}")
    at = "" if finding.start is None else f" at {finding.start:.1f} s"
    # What is measured names its place by itself; nobody reads it twice.
    evidence = finding.evidence.removeprefix(f"{where}: ").removeprefix(f"the {where}: ")
    return f"{finding.severity}, {where}{at}: {evidence} ({finding.reviewer})"


def _lines(history: ReviewHistory) -> Iterator[str]:
    yield "# Review"
    if not history.rounds:
        yield "\nNot begun."
        return
    yield f"\nThe film: {summary(history)}."
    if history.stopped:
        yield f"\nEnded because {_text(history.stopped)}."
    for cut in history.rounds:
        yield from _round(cut, history)


def _round(cut: Round, history: ReviewHistory) -> Iterator[str]:
    yield f"\n## Cut {cut.number} ({state_of(cut, history)})\n"
    if cut.why:
        yield f"{_outcome(cut)}\n" if cut.applied else f"{_text(cut.why).capitalize()}.\n"
    for applied in cut.applied:
        yield f"- Tried for {_text(applied.by)}, against “{_text(applied.evidence)}”:"
        yield from (f"  - {_change(change)}" for change in applied.changes)
    for look in cut.looks:
        score = "" if look.score is None else f", score {look.score:.0f}"
        said = f": {_text(look.summary)}" if look.summary else _count(cut, look)
        reason = f" ({_text(look.reason)})" if look.reason else ""
        yield f"- {_text(look.reviewer)} {look.outcome}{reason}{score}{said}"
    for judged in cut.findings:
        yield f"- {_finding(judged)}"


def _count(cut: Round, look: Look) -> str:
    """How much a reviewer holds against a cut, where it says nothing else about it."""
    if not look.answered:
        return ""
    count = sum(judged.finding.reviewer == look.reviewer for judged in cut.findings)
    return f": {count or 'no'} finding{'' if count == 1 else 's'}"


def _outcome(cut: Round) -> str:
    return f"{'Kept' if cut.kept else 'Taken back'}: {_text(cut.why)}."


def _finding(judged: Judged) -> str:
    finding = judged.finding
    fate = "" if judged.fate == "open" else f" **{judged.fate}**"
    why = f": {_text(judged.why)}" if judged.why else ""
    return f"`{re.sub('[^a-z_]', '', finding.defect)}` {_text(in_a_line(judged))}, {judged.verdict}{fate}{why}"


def _change(change: Change) -> str:
    return f"`{change.path}`: {_text(shown(change.before))} → {_text(shown(change.after))}"


def _text(text: str) -> str:
    """Any text as a stretch of a Markdown line that shows it as it is."""
    return re.sub(r"([\\`*_\[\]<>#|~!&])", r"\\\1", " ".join(text.split()))
