"""The mark that a stage under way leaves in its film's folder.

A worker that dies at the same place of the same film again and again is thereby seen, and the film
parked instead of tried for ever. Whoever only waits for its turn when the worker dies is not to
blame.

Knows: one small file, how many steps a film has finished. Does not know: why a worker dies.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from storyboard.core import events
from storyboard.core.directory import Directory
from storyboard.core.files import dump_json, read_json
from storyboard.plan.stages import Checkpoint

DEATHS = 3
"""Of the worker at one place, after which a film is parked."""
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
        for _, event in events.read_events(folder / "events.jsonl")
    )
    deaths = 0
    with suppress(OSError, ValueError, KeyError, TypeError):
        last = read_json(folder / _FILE)
        if last["stage"] == stage and last["finished"] == done:
            deaths = int(last["deaths"]) + (not last.get("waits", False))
    if deaths >= DEATHS:
        unmark(folder)
        raise Deadly(
            f"the worker died {deaths} times in the stage {stage} of this film without "
            "finishing another step; most often memory ran out"
        )
    _write(folder, {"stage": stage, "finished": done, "deaths": deaths})


def waits(folder: Path, *, waiting: bool) -> None:
    """The film waits within its stage until it is its turn again, or does not any more."""
    with suppress(OSError, ValueError, TypeError):
        _write(folder, {**read_json(folder / _FILE), "waits": waiting})


def unmark(folder: Path) -> None:
    Directory(folder).remove(_FILE)


def _write(folder: Path, what: dict[str, Any]) -> None:
    Directory(folder).write(_FILE, dump_json(what))
