"""The plans that a film had: each edit keeps the one before it, and can be taken back.

    plan.json            as it is
    history/0001.json    as it was before the first edit
    history/0002.undone  an edit that was taken back: `redo` brings it again, the next edit drops it

What was made of an old plan is still in the store, so that going back renders nothing.

Knows: the run folder's plans. Does not know: what is in them.
"""

from __future__ import annotations

import re

from storyboard.core.errors import UsageError
from storyboard.core.files import disk_errors
from storyboard.core.lock import exclusive
from storyboard.graph.folder import RunFolder
from storyboard.plan import Plan, load_plan
from storyboard.review.reviewed_film import take_back

KEPT = 200
"""Plans that are kept; older ones go."""


def write(folder: RunFolder, plan: Plan) -> None:
    """Have the film's plan be this one, and keep the one before it.

    Raises:
        Busy: somebody makes the film now.
    """
    with exclusive(folder.path), disk_errors("saving the plan"):
        take_back(folder)
        files = folder.files.sub("history")
        before = folder.files.read(folder.plan.name)
        for name in _names(folder, "undone"):
            files.remove(name)
        done = _names(folder, "json")
        files.write(_name(done, "json"), before)
        for name in done[: max(0, len(done) + 1 - KEPT)]:
            files.remove(name)
        folder.save_plan(plan)


def before(folder: RunFolder, *, again: bool = False) -> Plan:
    """The plan that `undo` (`again`: `redo`) would put back. Nothing is written.

    Raises:
        UsageError: there is none.
    """
    return load_plan(folder.files.sub("history").at(_last(folder, "undone" if again else "json")))


def undo(folder: RunFolder) -> Plan:
    """The plan as it was before the last edit, put back.

    Raises:
        UsageError: there is no edit to take back.
    """
    return _step(folder, "json", "undone")


def redo(folder: RunFolder) -> Plan:
    """The plan as it was before the last `undo`, put back.

    Raises:
        UsageError: nothing was undone.
    """
    return _step(folder, "undone", "json")


def depth(folder: RunFolder) -> tuple[int, int]:
    """How many edits can be taken back, and how many be done again."""
    return len(_names(folder, "json")), len(_names(folder, "undone"))


def _step(folder: RunFolder, source: str, target: str) -> Plan:
    with exclusive(folder.path), disk_errors("saving the plan"):
        take_back(folder)
        files, last = folder.files.sub("history"), _last(folder, source)
        plan = load_plan(files.at(last))
        kept = _name(_names(folder, target), target)
        files.write(kept, folder.files.read(folder.plan.name))
        folder.save_plan(plan)
        files.remove(last)
        return plan


def _last(folder: RunFolder, suffix: str) -> str:
    names = _names(folder, suffix)
    if not names:
        nothing = "there is no edit to take back" if suffix == "json" else "nothing was undone"
        raise UsageError(f"{folder.path}: {nothing}")
    return names[-1]


def _names(folder: RunFolder, suffix: str) -> list[str]:
    """Of the kept plans, the newest last."""
    found = folder.files.sub("history").names()
    return [name for name in found if re.fullmatch(rf"\d{{4,9}}\.{suffix}", name)]


def _name(names: list[str], suffix: str) -> str:
    last = int(names[-1].partition(".")[0]) if names else 0
    return f"{last + 1:04d}.{suffix}"
