"""Runs a film's graph: uses what the store has, makes the rest, and tells the event log.

Steps marked `parallel` go to worker processes; the others run in this one, one at a time,
since they share a model: in a thread beside, so that the workers never wait for them. What
needs a card is done while a lease of it is held, and as much of it under one lease as that
serves; nothing that is made already takes one. All else flows as soon as its inputs are there.

Knows: the store, workers, failures. Does not know: what a step makes, what a lease costs,
whose turn it is (`scheduler`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING, Any

from renderers.base import JSON
from storyboard.core import events, stopping
from storyboard.core.directory import Directory
from storyboard.core.errors import StepFailed, TookTooLong
from storyboard.core.files import disk_errors, disk_full
from storyboard.graph.contract import with_files
from storyboard.graph.daemon_thread import DaemonThreadExecutor
from storyboard.graph.explain import load_state, locked_result, save_state, stored_result
from storyboard.graph.failures import explain_failure, fatal, outside
from storyboard.graph.policy import Awake, Pair, choose
from storyboard.graph.steps import Graph, Source, Step, input_digests, key_of, why
from storyboard.graph.store import Manifest, Output, Store
from storyboard.graph.watchdog import POLL_S, Watchdog, too_long
from storyboard.graph.work import Finished, WorkContext, perform, sent
from storyboard.plan.stages import CHECKPOINTS, checkpoint_of
from storyboard.profile.backends import Backends
from storyboard.profile.deadlines import step_deadline
from storyboard.profile.needs import Need

if TYPE_CHECKING:
    # A laptop's film must not load what only a card needs.
    from storyboard.graph.leases import ActiveLease, Leases


@dataclass(frozen=True, slots=True)
class RunContext:
    """Where a run happens: its folder, store, log and backends, its workers, its card."""

    directory: Path
    store: Store
    log: events.EventLog
    backends: Backends
    workers: Callable[[], AbstractContextManager[Executor | None]] = nullcontext
    """Lends the worker processes, while there is work for them."""
    leases: Leases | None = None
    pooled: Callable[[Step], bool] = lambda step: step.parallel
    """Which steps go to the pool."""
    allowed: Callable[[Step], float] = lambda step: step_deadline(step.kind)
    """How many seconds a step may take."""
    to_come: Callable[[], Sequence[Need]] = lambda: ()
    """What steps will need that are not known yet."""


Grow = Callable[[Step, Mapping[str, Path]], Graph | None]
"""Told of a step and of the files that it made: the graph as it is known then, or nothing new."""


def run_graph(
    graph: Graph, run: RunContext, grow: Grow = lambda _step, _made: None
) -> Mapping[str, Mapping[str, Output]]:
    """Make every step of `graph`, and of what it grows to; returns step → label → output.

    Raises:
        StepFailed: the first failure; whatever did not need that step is made and kept.
        StoryboardError: something outside is in the way, as a full disk.
        CapReached: no more may be asked of language models.
        DoesNotFit: a step's services do not fit on the card, with the sum.
        RendererError: a service does not come up.
    """
    work = _Run(graph, run, grow)
    try:
        work.make()
    finally:
        with disk_errors("saving the state of the run", run.directory):
            save_state(run.directory, {**work.last, **work.documents})
    return work.made


@dataclass(frozen=True, slots=True)
class _StepInFlight:
    """A step under way: what it was given and where it writes."""

    step: Step
    context: WorkContext
    document: dict[str, Any]
    folder: Path


class _Run:
    """The bookkeeping of one `run_graph`."""

    def __init__(self, graph: Graph, run: RunContext, grow: Grow) -> None:
        self.run = run
        self.waiting: list[Step] = []
        self._graph, self._grow = graph, grow
        self.made: dict[str, Mapping[str, Output]] = {}
        self.documents: dict[str, dict[str, Any]] = {}
        self.last = load_state(run.directory)
        self._absent: dict[str, dict[str, Any]] = {}
        """Key documents of steps that are ready and not in the store."""
        self._skipping, self._places = dict[str, bool](), dict[str, int]()
        self._thread, self._hung = DaemonThreadExecutor(), False
        self._watchdog = Watchdog(run.log, run.allowed)
        self._lent, self._borrowed = ExitStack(), False
        self._pool: Executor | None = None
        self._in_flight: dict[Future[Finished], _StepInFlight] = {}
        self._failure: StepFailed | None = None

    def make(self) -> None:
        with self._lent:
            try:
                self._take_up(self._graph)
                self._flow(None)
                while not self._stopped() and (first := self._first_in_need()):
                    leases, need = self.run.leases, self._need(first)
                    assert leases is not None and need is not None
                    self.run.log.emit(events.StageStarted(first.stage))
                    with leases.hold(need, self._needs, self._rest) as held:
                        self._flow(held)
                    self._flow(None)
            finally:
                for future in self._in_flight:
                    future.cancel()
                self._thread.shutdown(wait=False)
            if self._failure is not None:
                cause = self._failure.__cause__
                raise cause if cause and outside(cause) else self._failure

    # --- what to do next ----------------------------------------------------

    def _flow(self, held: ActiveLease | None) -> None:
        """Make what can be made now: with a lease, until nothing is to come that it serves;
        without one, until something needs one, or nothing is left."""
        while not self._stopped():
            step = self._next(held)
            if step is not None:
                self.waiting.remove(step)
                self._begin(step, held)
                self._land(block=False)
            elif self._in_flight and self._worth_waiting(held):
                self._land(block=True)
            else:
                return

    def _next(self, held: ActiveLease | None) -> Step | None:
        """A step whose inputs are made; parallel ones first, so that no worker idles."""
        ready = self._ready()
        if pooled := next((s for s in ready if self._in_pool(s)), None):
            return pooled
        if self._thread_busy():
            return None
        free = [s for s in ready if self._need(s) is None]
        if held is None:
            # Who waits for the card goes first: it is the scarce thing.
            return None if len(free) < len(ready) else next(iter(free), None)
        if served := self._chosen(s for s in ready if self._served(s, held)):
            return served
        awaited = self._awaited(held)
        return next((s for s in free if s.name in awaited), None)

    def _worth_waiting(self, held: ActiveLease | None) -> bool:
        """Whether what is under way brings on more that can be made now."""
        if self._thread_busy():
            return True
        if held is None:
            return self._first_in_need() is None
        return any(running.step.name in self._awaited(held) for running in self._in_flight.values())

    def _ready(self) -> list[Step]:
        """Steps whose inputs are made and that are not; those in the store are taken from it."""
        while True:
            ready = [s for s in self.waiting if s.upstream <= self.made.keys()]
            if not any(self._take(step) for step in ready if step.name not in self._absent):
                return ready

    def _take(self, step: Step) -> bool:
        """Have the step's result from the store, if it is there."""
        document = step.document(input_digests(step, self.made))
        stored = stored_result(step, document, self.last, self.run.store)
        if stored is None:
            self._absent[step.name] = document
            return False
        self.waiting.remove(step)
        self._keep(step, *stored, cached=True)
        return True

    def _take_up(self, graph: Graph) -> None:
        """Have the steps of the graph made that are not known so far."""
        known, self._graph = self._places, graph
        new = [step for step in graph.steps if step.name not in known]
        self._places = {step.name: place for place, step in enumerate(graph.steps)}
        self.ancestors = graph.ancestors()
        self.waiting += [step for step in new if not step.given]
        for step in new:
            if step.given:
                self.run.log.emit(events.StepFinished(step.name, step.stage, True, 0.0))
        # Before anything that they were made from.
        for step in [step for step in new if step.locked]:
            manifest = locked_result(step, self.last, self.run.store)
            if manifest is not None:
                self.waiting.remove(step)
                self._keep(step, self.last[step.name], manifest, cached=True)

    def _need(self, step: Step) -> Need | None:
        """What the step needs of the card; nothing where its inputs spare it that."""
        need = step.requires
        if self.run.leases is None or need is None:
            return None
        if step.skip_resources_if is not None and step.upstream <= self.made.keys():
            if step.name not in self._skipping:
                self._skipping[step.name] = step.skip_resources_if(self._inputs(step))
            return None if self._skipping[step.name] else need
        return need

    def _needs(self) -> list[Need]:
        """What the waiting steps need; of those that may be spared it, only when it is known."""
        known = (s for s in self.waiting if s.skip_resources_if is None or s.name in self._absent)
        needs = [need for step in known if (need := self._need(step))]
        return needs if self._failure else [*needs, *self.run.to_come()]

    def _first_in_need(self) -> Step | None:
        return self._chosen(self._ready())

    def _chosen(self, steps: Iterable[Step]) -> Step | None:
        """Of steps that could begin, the one that goes next among those that need the card."""
        pairs: dict[Pair, Step] = {}
        for step in steps:
            if need := self._need(step):
                stage = CHECKPOINTS.index(checkpoint_of(step.stage, need.stages))
                pairs[Pair("", self._places[step.name], step.name, stage, need)] = step
        found = choose(pairs, Awake())
        return pairs[found] if found else None

    def _served(self, step: Step, held: ActiveLease) -> bool:
        need = self._need(step)
        return need is not None and held.covers(need)

    def _awaited(self, held: ActiveLease) -> set[str]:
        """Steps that those wait for, at any remove, whom the lease will serve."""
        served = [step for step in self.waiting if self._served(step, held)]
        return {name for step in served for name in self.ancestors[step.name]}

    def _thread_busy(self) -> bool:
        return any(not self._in_pool(running.step) for running in self._in_flight.values())

    def _stopped(self) -> bool:
        return self._hung or (self._failure is not None and fatal(self._failure))

    # --- doing it -----------------------------------------------------------

    def _begin(self, step: Step, held: ActiveLease | None) -> None:
        document = self._absent.pop(step.name)
        reason = why(self.last.get(step.name), document)
        self.run.log.emit(events.StepStarted(step.name, step.stage, reason))
        with disk_errors(f"step {step.name}", self.run.directory, self.run.store.root):
            folder = self.run.store.staging()
        context = WorkContext(
            step.params,
            self._inputs(step),
            with_files(step.outputs, lambda _, target: folder / Path(target).name),
            seconds=self.run.allowed(step),
        )
        if not self._in_pool(step):
            context.tell = partial(self._note, step)
        running = _StepInFlight(step, context, document, folder)
        work = partial(perform, step, context, self.run.backends)
        pool = self._pool if self._in_pool(step) else None
        if pool is not None:
            future = sent(pool, step, context)
        elif held is not None and (need := self._need(step)) is not None:
            request: dict[str, JSON] = {"step": step.name, "key": key_of(document)}
            future = self._thread.submit(held.perform, need, request, work)
        else:
            future = self._thread.submit(work)
        self._in_flight[future] = running

    def _note(self, step: Step, message: str) -> None:
        self.run.log.emit(events.Noted(step.name, message))

    def _in_pool(self, step: Step) -> bool:
        if not self.run.pooled(step) or self._need(step) is not None:
            return False
        if not self._borrowed:
            if self._one_by_one(step):
                return False
            self._borrowed = True
            self._pool = self._lent.enter_context(self.run.workers())
        return self._pool is not None

    def _one_by_one(self, step: Step) -> bool:
        """Whether all that is left for workers, from this step on, belongs to one beat, whose steps
        follow each other: to start a process for them takes longer than it saves."""
        left = (step, *filter(self.run.pooled, self.waiting))
        return len({s.beat for s in left} - {None}) == 1

    def _rest(self) -> None:
        """Others go first: give back the workers, once they are through."""
        while self._in_flight and not self._stopped():
            self._land(block=True)
        if not self._stopped():
            self._lent.close()
            self._borrowed, self._pool = False, None

    def _land(self, *, block: bool) -> None:
        while self._in_flight and not self._stopped():
            stopping.check()
            done, _ = wait(
                self._in_flight, timeout=POLL_S if block else 0, return_when=FIRST_COMPLETED
            )
            for future in done:
                self._finish(self._in_flight.pop(future), future.result)
            self._end_what_hangs()
            if done or not block:
                return

    def _end_what_hangs(self) -> None:
        """Fail a step that is over its time. Its worker is ended with the run; a thread of this
        process cannot be, and is left behind: no more is made here."""
        folders = {running.folder: running.step for running in self._in_flight.values()}
        if (folder := self._watchdog.overdue(folders)) is not None:
            future = next(f for f, running in self._in_flight.items() if running.folder == folder)
            step = folders[folder]
            hung = TookTooLong(too_long(step, self.run.allowed(step)))
            self._hung = True
            self._finish(self._in_flight.pop(future), partial(_raise, hung))

    def _finish(self, running: _StepInFlight, result: Callable[[], Finished]) -> None:
        step, log = running.step, self.run.log
        try:
            with disk_errors(f"step {step.name}", self.run.directory, self.run.store.root):
                finished = result()
                manifest = self.run.store.put(
                    key_of(running.document),
                    {k: path for k, path in running.context.targets.items() if path.is_file()},
                    finished.seconds,
                    running.document,
                )
        except Exception as found:  # noqa: BLE001 - the border to any step
            error = disk_full(f"step {step.name}", found, running.folder) or found
            message = explain_failure(error, self._pool)
            log.emit(events.StepFailed(step.name, step.stage, type(error).__name__, message))
            failure = StepFailed(step.name, message)
            failure.__cause__ = error
            self._failure = self._failure or failure
            return
        finally:
            rmtree(running.folder, ignore_errors=True)
        for message in finished.warnings:
            log.emit(events.Warned(step.name, message))
        for event in finished.measures:
            log.emit(replace(event, step=step.name))
        self._keep(step, running.document, manifest, cached=False)

    def _keep(
        self, step: Step, document: dict[str, Any], manifest: Manifest, *, cached: bool
    ) -> None:
        with disk_errors(f"step {step.name}", self.run.directory, self.run.store.root):
            for label, target in step.targets.items():
                if step.intermediate or label not in manifest.outputs:
                    continue
                aside = self.run.store.materialise(
                    manifest.outputs[label], Directory(self.run.directory), target
                )
                if aside is not None:
                    message = f"{target} had been changed by hand; that version is kept as {aside}"
                    self.run.log.emit(events.Warned(step.name, message))
        self.made[step.name] = manifest.outputs
        self.documents[step.name] = document
        self.run.log.emit(events.StepFinished(step.name, step.stage, cached, manifest.seconds))
        files = {label: self.run.store.blob(each) for label, each in manifest.outputs.items()}
        if graph := self._grow(step, files):
            self._take_up(graph)

    def _inputs(self, step: Step) -> Any:
        """The step's inputs, each by its path."""

        def path(_: str, source: Source) -> Path:
            if isinstance(source, Path):
                return source
            return self.run.store.blob(self.made[source.step][source.label])

        return with_files(step.inputs, path)


def _raise(error: Exception) -> Finished:
    raise error
