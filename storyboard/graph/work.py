"""One step's work, in this process or another: what its function is handed, and what comes back.

Knows: contexts, promises, time limits. Does not know: order, the store, who asked.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from concurrent.futures import BrokenExecutor, Executor, Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from renderers.errors import RendererError
from renderers.ffmpeg import time_limit
from storyboard.core import events, versions
from storyboard.core.errors import StoryboardError, TookTooLong
from storyboard.graph.contract import labelled
from storyboard.graph.steps import Step
from storyboard.graph.watchdog import mark, too_long
from storyboard.profile import Profile, metering
from storyboard.profile.backends import Backends


@dataclass
class WorkContext:
    """The `StepContext` that actions get. It travels to workers without its backends."""

    params: Any
    inputs: Any
    outputs: Any
    lent: Backends | None = None
    """The backends of the process that it is in; None: on its way there."""
    seconds: float = math.inf
    """How long the step may take."""
    warnings: list[str] = field(default_factory=list[str])
    measures: list[events.Measured] = field(default_factory=list[events.Measured])
    tell: Callable[[str], None] | None = None
    """Hears what is being done; in a worker, nobody does."""

    @property
    def backends(self) -> Backends:
        assert self.lent is not None, "a step's function runs where there are backends"
        return self.lent

    def note(self, message: str) -> None:
        if self.tell is not None:
            self.tell(message)

    @property
    def targets(self) -> Mapping[str, Path]:
        """Where each output is to be written, by its label."""
        return labelled(self.outputs)

    def warn(self, message: str) -> None:
        self.warnings.append(message)

    def measured(self, event: events.Measured) -> None:
        self.measures.append(event)


@dataclass(frozen=True, slots=True)
class Finished:
    """What comes back from a step's function, from this process or another."""

    seconds: float
    warnings: list[str]
    measures: list[events.Measured]


_worker_backends: Backends | None = None


def prepare_worker(profile: Profile) -> None:
    """Initialiser of worker processes: each has backends of its own."""
    global _worker_backends
    _worker_backends = Backends(profile)


def perform(step: Step, context: WorkContext, backends: Backends | None = None) -> Finished:
    """Run a step's function and see that it wrote what it promised."""
    context.lent = _worker_backends if backends is None else backends
    # A step that is tried again tells its last try.
    context.warnings, context.measures = [], []
    for path in list(context.targets.values())[:1]:
        mark(path.parent)
    started = time.perf_counter()
    with metering.room(step.name), time_limit(context.seconds):
        try:
            step.action(context)
        except TimeoutError:
            if time.perf_counter() - started < context.seconds:
                raise
            raise TookTooLong(too_long(step, context.seconds)) from None
        except (StoryboardError, RendererError, OSError):
            raise
        except Exception as error:
            # Here, where it still has its traceback: it may be told in another process.
            error.add_note(versions.way_on(error))
            raise
    must = {k: path for k, path in context.targets.items() if k not in step.optional}
    if missing := [path.name for path in must.values() if not path.is_file()]:
        raise StoryboardError(f"the step wrote no {', '.join(missing)}")
    return Finished(time.perf_counter() - started, context.warnings, context.measures)


@dataclass(frozen=True, slots=True)
class SentStep:
    """A step on its way to another process, with what it is handed: called there."""

    step: Step
    context: WorkContext

    def __call__(self) -> Finished:
        return perform(self.step, self.context)


def sent(pool: Executor, step: Step, context: WorkContext) -> Future[Finished]:
    """A step's work, given to a pool. One that has broken meanwhile says so by the future, as it
    does of steps under way."""
    try:
        return pool.submit(SentStep(step, context))
    except BrokenExecutor as error:
        broken: Future[Finished] = Future()
        broken.set_exception(error)
        return broken
