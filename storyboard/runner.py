"""Runs a graph: uses what the store has, makes the rest, and tells the event log.

Steps marked `parallel` go to worker processes; the others run here, one at a time, since
they share a model. With a lease per stage (a GPU), stages run strictly one after another;
without one, work flows as soon as its inputs are there.

Knows: the order, the store, workers, failures. Does not know: what a step makes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from shutil import rmtree
from typing import Any

from renderers.errors import RendererError
from storyboard import events, metering
from storyboard.errors import CapReached, StepFailed, StoryboardError
from storyboard.explain import forecast, load_state, save_state
from storyboard.files import disk_errors
from storyboard.steps import STAGES, Graph, Stage, Step, input_digests, key_of, why
from storyboard.store import Manifest, Output, Store


@dataclass
class WorkContext:
    """The `StepContext` that actions get. It travels to workers without its backends."""

    params: Mapping[str, Any]
    inputs: Mapping[str, Path]
    outputs: Mapping[str, Path]
    backends: Any = None
    warnings: list[str] = field(default_factory=list[str])
    measures: list[tuple[str, dict[str, Any]]] = field(
        default_factory=list[tuple[str, dict[str, Any]]]
    )

    def warn(self, message: str) -> None:
        self.warnings.append(message)

    def measured(self, what: str, values: Mapping[str, Any]) -> None:
        self.measures.append((what, dict(values)))


@dataclass(frozen=True, slots=True)
class Finished:
    """What comes back from a step's function, from this process or another."""

    seconds: float
    warnings: list[str]
    measures: list[tuple[str, dict[str, Any]]]


_worker_backends: Any = None


def prepare_worker(make_backends: Callable[[], Any]) -> None:
    """Initialiser of worker processes: each has backends of its own."""
    global _worker_backends
    _worker_backends = make_backends()


def perform(step: Step, context: WorkContext, backends: Any = None) -> Finished:
    """Run a step's function and see that it wrote what it promised."""
    context.backends = _worker_backends if backends is None else backends
    started = time.perf_counter()
    with metering.room(step.name):
        step.action(context)
    must = {label: path for label, path in context.outputs.items() if label not in step.optional}
    if missing := [path.name for path in must.values() if not path.is_file()]:
        raise StoryboardError(f"the step wrote no {', '.join(missing)}")
    return Finished(time.perf_counter() - started, context.warnings, context.measures)


@dataclass(frozen=True, slots=True)
class Site:
    """Where a run happens: its folder, store, log and backends, its workers, its GPU lease."""

    directory: Path
    store: Store
    log: events.EventLog
    backends: Any
    pool: Executor | None = None
    lease: Callable[[Stage], AbstractContextManager[Any]] | None = None


def run_graph(graph: Graph, site: Site) -> Mapping[str, Mapping[str, Output]]:
    """Make every step of `graph`; returns step → label → output.

    Raises:
        StepFailed: the first failure; whatever did not need that step is made and kept.
    """
    run = _Run(site)
    try:
        if site.lease is None:
            run.make(list(graph.steps))
        else:
            for stage in STAGES:
                steps = [s for s in graph.steps if s.stage == stage]
                if not steps:
                    continue
                site.log.emit(events.StageStarted(stage))
                idle = all(
                    f.cached for f in forecast(graph, site.store, run.last) if f.stage == stage
                )
                with nullcontext() if idle else site.lease(stage):
                    run.make(steps)
    finally:
        with disk_errors("saving the state of the run"):
            save_state(site.directory, {**run.last, **run.documents})
    return run.made


@dataclass(frozen=True, slots=True)
class _Flight:
    """A step under way: what it was given and where it writes."""

    step: Step
    context: WorkContext
    document: dict[str, Any]
    folder: Path


class _Run:
    """The bookkeeping of one `run_graph`."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.made: dict[str, Mapping[str, Output]] = {}
        self.documents: dict[str, dict[str, Any]] = {}
        self.last = load_state(site.directory)
        self._flying: dict[Future[Finished], _Flight] = {}
        self._failure: StepFailed | None = None

    def make(self, waiting: list[Step]) -> None:
        try:
            while self._failure is None or not _fatal(self._failure):
                step = self._next(waiting)
                if step is not None:
                    waiting.remove(step)
                    self._begin(step)
                elif not self._flying:
                    break
                self._land(block=step is None)
        finally:
            for future in self._flying:
                future.cancel()
        if self._failure is not None:
            cause = self._failure.__cause__
            raise cause if isinstance(cause, CapReached) else self._failure

    def _next(self, waiting: list[Step]) -> Step | None:
        """A step whose inputs are made; parallel ones first, so that no worker idles."""
        ready = [s for s in waiting if s.upstream <= self.made.keys()]
        return min(ready, key=lambda s: not s.parallel, default=None)

    def _begin(self, step: Step) -> None:
        document = step.document(input_digests(step, self.made))
        if manifest := self.site.store.get(key_of(document)):
            self._keep(step, document, manifest, cached=True)
            return
        reason = why(self.last.get(step.name), document)
        self.site.log.emit(events.StepStarted(step.name, step.stage, reason))
        with disk_errors(f"step {step.name}"):
            folder = self.site.store.staging()
        context = WorkContext(
            step.params,
            {label: self._input(step, label) for label in step.inputs},
            {label: folder / Path(target).name for label, target in step.outputs.items()},
        )
        flight = _Flight(step, context, document, folder)
        if step.parallel and self.site.pool is not None:
            self._flying[self.site.pool.submit(perform, step, context)] = flight
        else:
            self._finish(flight, lambda: perform(step, context, self.site.backends))

    def _land(self, *, block: bool) -> None:
        if self._flying:
            done, _ = wait(self._flying, timeout=None if block else 0, return_when=FIRST_COMPLETED)
            for future in done:
                self._finish(self._flying.pop(future), future.result)

    def _finish(self, flight: _Flight, result: Callable[[], Finished]) -> None:
        step, log = flight.step, self.site.log
        try:
            with disk_errors(f"step {step.name}"):
                finished = result()
                manifest = self.site.store.put(
                    key_of(flight.document),
                    {k: path for k, path in flight.context.outputs.items() if path.is_file()},
                    finished.seconds,
                    flight.document,
                )
        except Exception as error:  # noqa: BLE001 - the border to any step
            message = _explain_failure(error)
            log.emit(events.StepFailed(step.name, step.stage, type(error).__name__, message))
            failure = StepFailed(step.name, message)
            failure.__cause__ = error
            self._failure = self._failure or failure
            return
        finally:
            rmtree(flight.folder, ignore_errors=True)
        for message in finished.warnings:
            log.emit(events.Warned(step.name, message))
        for what, values in finished.measures:
            log.emit(events.Measured(step.name, what, values))
        self._keep(step, flight.document, manifest, cached=False)

    def _keep(
        self, step: Step, document: dict[str, Any], manifest: Manifest, *, cached: bool
    ) -> None:
        with disk_errors(f"step {step.name}"):
            for label, target in step.outputs.items():
                if step.inner or label not in manifest.outputs:
                    continue
                aside = self.site.store.materialise(
                    manifest.outputs[label], self.site.directory / target
                )
                if aside is not None:
                    message = f"{target} had been changed by hand; that version is kept as {aside}"
                    self.site.log.emit(events.Warned(step.name, message))
        self.made[step.name] = manifest.outputs
        self.documents[step.name] = document
        self.site.log.emit(events.StepFinished(step.name, step.stage, cached, manifest.seconds))

    def _input(self, step: Step, label: str) -> Path:
        source = step.inputs[label]
        if isinstance(source, Path):
            return source
        return self.site.store.blob(self.made[source.step][source.label])


def _fatal(failure: StepFailed) -> bool:
    """Whether every other step would fail the same way (a full disk, dead workers)."""
    cause = failure.__cause__
    return isinstance(cause, BrokenExecutor | CapReached) or (
        isinstance(cause, StoryboardError) and isinstance(cause.__cause__, OSError)
    )


def _explain_failure(error: Exception) -> str:
    if isinstance(error, StoryboardError | RendererError):
        return str(error)
    if isinstance(error, BrokenExecutor):
        return (
            "a worker process died, most often because memory ran out; "
            "close other programs or use --jobs 1, and run the same command again"
        )
    return f"{type(error).__name__}: {error} (unexpected: -vv shows where)"
