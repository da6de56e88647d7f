"""From a request to a film: the one path that every command and every batch takes.

`make_film` opens the run folder, finds or writes the plan, describes the steps and has
them run. Whatever is already made is used; a killed run continues where it was.

Knows: the order of things. Does not know: terminals, how any step works.
"""

from __future__ import annotations

import platform
import time
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from renderers import scratch
from renderers.errors import RendererError
from renderers.processors import cores
from storyboard import __version__
from storyboard.core import events
from storyboard.core.errors import StepFailed, Stopped, StoryboardError, UsageError
from storyboard.core.files import digest_file, disk_errors, dump_json, read_json
from storyboard.core.lock import exclusive
from storyboard.graph.display import Display
from storyboard.graph.executor import may_leave
from storyboard.graph.explain import StepForecast, load_state, step_forecasts
from storyboard.graph.folder import RunFolder, remember_request
from storyboard.graph.run_record import read_run
from storyboard.graph.runner import RunContext, run_graph
from storyboard.graph.session import Session, in_session
from storyboard.graph.steps import Graph, Step
from storyboard.graph.store import Store
from storyboard.plan import Plan, load_plan
from storyboard.plan.caption_look import CAPTIONS
from storyboard.plan.format_files import load_format
from storyboard.plan.styles import STYLES
from storyboard.profile import Profile, load_profile
from storyboard.profile.backends import Backends
from storyboard.profile.deadlines import step_deadline
from storyboard.stages import hooks
from storyboard.stages.another_version import Foreseen
from storyboard.stages.film_graph import own_roots, picture_options
from storyboard.stages.gates import at_gate, to_gate
from storyboard.stages.growing import Growing, lying_there, own_track, with_request
from storyboard.stages.locate import as_requested, locate
from storyboard.stages.render_request import RenderRequest
from storyboard.stages.seal import seal
from storyboard.writing import offline


@dataclass(frozen=True, slots=True)
class Film:
    """What came out of a run."""

    folder: RunFolder
    plan: Plan
    graph: Graph
    seconds: float

    @property
    def complete(self) -> bool:
        return self.folder.film.is_file()

    @property
    def checks(self) -> Mapping[str, Any]:
        """The report on the final file, as in `checks.json`; empty if it was not made."""
        path = self.folder.path / "checks.json"
        return read_json(path) if path.is_file() else {}


def make_film(
    request: RenderRequest, display: Display, command: str = "", *, session: Session | None = None
) -> Film:
    """Make, continue or mend a film.

    `display` listens to events and is told of the graph as it becomes known.
    In the `session` of several films, or cuts, a model is loaded once for all of them; without
    one the film has its own.

    Raises:
        StoryboardError: with the exit code and one clear paragraph.
        RendererError: a backend or its service cannot be had.
    """
    started = time.monotonic()
    profile = load_profile(request.profile, request.overrides)
    folder = locate(request)
    _refuse_early(request, folder)
    folder.open()
    with exclusive(folder.path), ExitStack() as taken:
        log = events.EventLog(folder.events, display)
        session = taken.enter_context(in_session(session))
        backends = taken.enter_context(session.backends(profile))
        backends.attach(log)
        leases = taken.enter_context(session.leases(profile, log, request.place))
        growing = _begun(request, folder, backends, log)
        steps = len(growing.graph.steps)
        log.emit(events.RunStarted(str(folder.path), command, steps, seal(command)))
        status, message = "interrupted", ""
        try:
            store = Store(folder.store)
            store.sweep()
            scratch.sweep()
            run = RunContext(
                folder.path,
                store,
                log,
                backends,
                partial(session.workers, profile, request.jobs or cores()),
                leases,
                partial(may_leave, profile.executor),
                partial(_most_seconds, profile),
                lambda: growing.to_come,
            )
            with display.showing():
                _run(growing, run, display)
            with disk_errors("saving the film"):
                # Whoever reads `done` finds all of it, after a power cut as well.
                folder.files.sync(n for s in growing.graph.steps for n in s.targets.values())
            status = at_gate(request, folder)
            plan, library = growing.cast, picture_options(profile).library
            if library is not None and (backends.editor or backends.image).max_references:
                library.keep(plan, folder.path / "images")
        except (StoryboardError, RendererError) as error:
            status, message = _end_of(error), str(error)
            raise
        finally:
            taken.close()
            seconds = time.monotonic() - started
            with _last_word(status):
                log.emit(events.RunFinished(status, round(seconds, 2), message))
                _write_manifest(growing, status, seconds)
    return Film(folder, plan, growing.graph, seconds)


def _begun(
    request: RenderRequest, folder: RunFolder, backends: Backends, log: events.EventLog
) -> Growing:
    """The film as far as it is known before anything is made."""
    roots = own_roots(request.allow, backends.profile)
    plan = lying_there(request, folder, roots)
    if plan is None:
        request = as_requested(request, folder)
        remember_request(folder, request.identity())
    request = to_gate(request, folder)
    wanted = partial(_wanted, request=request)
    return Growing(request, folder, backends, plan, wanted, log.emit, keeps=True)


def _run(growing: Growing, run: RunContext, display: Display) -> None:
    """Make all of it, and what becomes known meanwhile."""

    def tell() -> None:
        display.expect(growing.graph)
        for note in growing.notes():
            run.log.emit(events.Warned("plan", note))

    def grow(step: Step, made: Mapping[str, Path]) -> Graph | None:
        graph = growing.grow(step, made)
        if graph is not None:
            run.log.emit(events.GraphGrew(len(graph.steps)))
            tell()
        return graph

    tell()
    try:
        run_graph(growing.graph, run, grow)
    except StepFailed as failure:
        raise growing.meant(failure) from failure.__cause__


def _most_seconds(profile: Profile, step: Step) -> float:
    return step_deadline(step.kind, profile.limits)


def _end_of(error: Exception) -> str:
    return "interrupted" if isinstance(error, Stopped) else "failed"


@contextmanager
def _last_word(status: str) -> Generator[None]:
    """What went wrong before is the news, not that it could not be written down as well."""
    try:
        with disk_errors("saving run.json"):
            yield
    except StoryboardError:
        if status == "done":
            raise


def _refuse_early(request: RenderRequest, folder: RunFolder) -> None:
    """Say what is wrong with a request before anything is made."""
    if request.style is not None:
        STYLES.load(request.style)
    if request.captions is not None:
        CAPTIONS.load(request.captions)
    if not folder.plan.is_file():
        asked = as_requested(request, folder)
        if asked.script is not None:
            return
        format = load_format(asked.format)
        if asked.idea is not None:
            language = asked.language or offline.detect_language(asked.idea)
            offline.admit(asked.idea, language, format.name)
        own_track(format.music.track, asked)


@dataclass(frozen=True, slots=True)
class DryRun:
    """What making a film would do: with which plan, by which steps."""

    folder: RunFolder
    plan: Plan
    profile: Profile
    graph: Graph
    steps: list[StepForecast]
    beside: list[Foreseen] = field(default_factory=list["Foreseen"])
    """Of the films that begin otherwise."""

    @property
    def parts(self) -> list[tuple[Graph, list[StepForecast]]]:
        """All that would be done, film by film."""
        return [(self.graph, self.steps), *((graph, steps) for _, graph, steps in self.beside)]


def dry_run(
    request: RenderRequest, plan: Plan | None = None, session: Session | None = None
) -> DryRun:
    """What `make_film` would do with this request, without doing or writing any of it; of another
    `plan` than the folder's, if one is given."""
    profile = load_profile(request.profile, request.overrides)
    folder = locate(request)
    with in_session(session) as opened, opened.backends(profile) as backends:
        if plan is not None or folder.plan.is_file():
            plan = with_request(plan or load_plan(folder.plan), request)
        else:
            request = as_requested(request, folder)
        growing = Growing(request, folder, backends, plan, partial(_wanted, request=request))
        store = Store(folder.store)
        graph = growing.foresee(store)
    assert growing.plan is not None
    steps = step_forecasts(graph, store, load_state(folder.path), store.timings())
    beside = hooks.foreseen_beside(request, growing.plan, graph)
    return DryRun(folder, growing.plan, profile, graph, steps, beside)


def needs_models(request: RenderRequest, session: Session) -> bool:
    """Whether a service of the card is needed for what is to be made of a request."""
    run = dry_run(request, session=session)
    missing = {row.step for row in run.steps if not row.cached}
    return any(step.requires for step in run.graph.steps if step.name in missing)


def _wanted(graph: Graph, request: RenderRequest) -> Graph:
    """The part of the graph that is asked for."""
    if request.part is not None:
        return request.part(graph)
    if not request.stages:
        return graph
    names = [
        step.name
        for step in graph.steps
        if step.stage in request.stages and (request.beats is None or step.beat in request.beats)
    ]
    if request.beats is not None and not names:
        raise UsageError(f"the plan has no beat {', '.join(map(str, request.beats))}")
    return graph.needed_for(names)


def _write_manifest(growing: Growing, status: str, seconds: float) -> None:
    """`run.json`: enough to know later how this film came to be."""
    plan, folder, backends = growing.plan, growing.folder, growing.backends
    if plan is None:
        return
    steps: dict[str, dict[str, Any]] = {}
    for when, event in events.read_events(folder.events):
        match event:
            case events.StepFinished(step=step, cached=cached, seconds=took):
                steps[step] = {"at": when, "seconds": took, "cached": cached}
            case events.StepFailed(step=step, message=message):
                steps[step] = {"at": when, "failed": message}
            case _:
                pass
    state = load_state(folder.path)
    for name, entry in steps.items():
        entry["document"] = state.get(name)
    whole = any(folder.film.name in s.targets.values() for s in growing.graph.steps)
    if whole and status == "done":
        filmed = digest_file(folder.plan)
    else:
        filmed = read_run(folder).get("filmed")
    record = {
        "storyboard": __version__,
        "python": platform.python_version(),
        "status": status,
        "seconds": round(seconds, 2),
        "profile": backends.profile.name,
        "speed": backends.profile.speed,
        "calls": backends.meter.calls,
        "cost": round(backends.meter.cost, 6),
        "author": plan.author,
        "seed": plan.seed,
        # Of the plan.json that the film is made of: who edits it since has another film in mind.
        "filmed": filmed,
        "steps": {s.name: steps[s.name] for s in growing.graph.steps if s.name in steps},
    }
    folder.files.write(folder.manifest.name, dump_json(record))
