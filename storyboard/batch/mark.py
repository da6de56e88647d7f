"""The mark that a stage under way leaves in its film's folder.

A worker that dies at the same place of the same film again and again is thereby seen, and the film
parked instead of tried for ever. Whoever only waits for its turn when the worker dies is not to
blame, and nobody is if all processes end at once (a power cut, a kill of the whole group): whether
the worker died alone, somebody else attests.

Knows: one small file, how many steps a film has finished. Does not know: why a worker dies.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from storyboard.core import events
from storyboard.core.directory import Directory
from storyboard.core.files import dump_json, read_json
from storyboard.plan.stages import Checkpoint

DEATHS = 3
"""Of the worker, alone and at one place, after which a film is parked."""
ENDS = 12
"""Of everything at one place, after which it is: some machines end all processes for want of memory."""
WORKER = uuid4().hex
"""This process, in marks."""
_FILE = ".batch.json"


class Deadly(Exception):
    """The worker died of this too often; the message says of what."""


def mark(folder: Path, stage: Checkpoint) -> None:
    """Leave the mark.

    Raises:
        Deadly: the last ones say that the stage must not be tried again.
    """
    done = sum(
        isinstance(event, events.StepFinished) and not event.cached
        for event in events.events_in(folder / "events.jsonl")
    )
    deaths = ends = 0
    with suppress(OSError, ValueError, KeyError, TypeError):
        last = read_json(folder / _FILE)
        if last["stage"] == stage and last["finished"] == done:
            deaths, ends = int(last["deaths"]), int(last["ends"])
            if not last.get("waits", False):
                alone = bool(last.get("alone", False))
                deaths, ends = deaths + alone, ends + (not alone)
    if deaths >= DEATHS or ends >= ENDS:
        unmark(folder)
        what = f"the worker died {deaths}" if deaths >= DEATHS else f"all processes ended {ends}"
        raise Deadly(
            f"{what} times in the stage {stage} of this film without "
            "finishing another step; most often memory ran out"
        )
    _write(
        folder, {"stage": stage, "finished": done, "deaths": deaths, "ends": ends, "worker": WORKER}
    )


def attest(root: Path, worker: str) -> None:
    """A worker died, and others did not: say so in the marks that it has left in `root`."""
    for path in (*root.glob(f"*/{_FILE}"), *root.glob(f"*/*/{_FILE}")):
        with suppress(OSError, ValueError, KeyError, TypeError):
            if (left := read_json(path))["worker"] == worker:
                _write(path.parent, {**left, "alone": True})


def waits(folder: Path, *, waiting: bool) -> None:
    """The film waits within its stage until it is its turn again, or does not any more."""
    with suppress(OSError, ValueError, TypeError):
        _write(folder, {**read_json(folder / _FILE), "waits": waiting})


def unmark(folder: Path) -> None:
    Directory(folder).remove(_FILE)


def _write(folder: Path, what: dict[str, Any]) -> None:
    Directory(folder).write(_FILE, dump_json(what))
