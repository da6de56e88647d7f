"""From an order to a film: the one path that every command and every batch takes.

`make_film` opens the run folder, finds or writes the plan, describes the steps and has
them run. Whatever is already made is used; a killed run continues where it was.

Knows: the order of things. Does not know: terminals, how any step works.
"""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from renderers import scratch
from renderers.base import FetchesVoices
from renderers.errors import RendererError
from storyboard import __version__
from storyboard.core import events
from storyboard.core.errors import PlanError, Stopped, StoryboardError, UsageError
from storyboard.core.files import digest_file, disk_errors, dump_json, read_json, read_record
from storyboard.core.lock import exclusive
from storyboard.core.records import describe_errors
from storyboard.graph.executor import may_leave
from storyboard.graph.explain import StepForecast, forecast, load_state
from storyboard.graph.folder import (
    RunFolder,
    chosen,
    existing,
    for_request,
    remember_request,
    same_request,
)
from storyboard.graph.runner import Site, run_graph
from storyboard.graph.session import Session, in_session
from storyboard.graph.steps import Graph, Step
from storyboard.graph.store import Store
from storyboard.graph.workers import cores
from storyboard.judge.escalation import Escalated
from storyboard.judge.loop import Jury
from storyboard.media.audio.music import packaged_track
from storyboard.media.intake import Intake, Refused
from storyboard.media.text.glyphs import unshowable
from storyboard.plan import Plan, dump_plan, load_plan
from storyboard.plan.cast_library import CastLibrary
from storyboard.plan.casting import cast_plan
from storyboard.plan.drawable import undrawable
from storyboard.plan.formats import load_format
from storyboard.plan.regen import redo_beats
from storyboard.plan.styles import load_style
from storyboard.plan.timeline import HOOK
from storyboard.profile import Profile, load_profile, metering
from storyboard.profile.backends import Backends
from storyboard.profile.deadlines import seconds_of
from storyboard.stages.clips import clip_steps
from storyboard.stages.finish import finish_steps
from storyboard.stages.gates import at_gate, to_gate
from storyboard.stages.images import PictureOptions, image_steps
from storyboard.stages.neighbours import unlike_neighbours
from storyboard.stages.order import Order, Request
from storyboard.stages.own_media import adopted, with_own_media
from storyboard.stages.speech import speech_steps
from storyboard.stages.words import word_steps
from storyboard.writing import offline as writer
from storyboard.writing import planner, script
from storyboard.writing.offline import detect_language, language_note
from storyboard.writing.prompting import prompter

DEFAULT_SEED = 42
OF_A_BEAT = frozenset({"images", "speech", "clips"})
"""Stages in which a beat is made by itself: what a lock keeps."""


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
    order: Order, display: Any, command: str = "", *, session: Session | None = None
) -> Film:
    """Make, continue or mend a film.

    `display` listens to events and is told of the graph (`storyboard.cli.display.Display`).
    In the `session` of several films, or cuts, a model is loaded once for all of them; without
    one the film has its own.

    Raises:
        StoryboardError: with the exit code and one clear paragraph.
        RendererError: a backend or its service cannot be had.
    """
    started = time.monotonic()
    profile = load_profile(order.profile, order.overrides)
    folder = locate(order)
    _refuse_early(order, folder)
    folder.open()
    with exclusive(folder.path), ExitStack() as taken:
        log = events.EventLog(folder.events, display)
        session = taken.enter_context(in_session(session))
        backends = taken.enter_context(session.backends(profile))
        backends.attach(log)
        leases = taken.enter_context(session.leases(profile, log))
        roots = own_roots(order.allow, profile)
        plan = _settle_plan(order, folder, roots)
        if plan is None or _unworded(plan, backends):
            write = partial(_write_plan, order, folder, backends, log)
            plan = leases.plan(write) if leases else write()
        plan = cast_plan(plan, backends.speech.voices(plan.language))
        own = with_own_media(plan, folder.path, roots)
        graph = _wanted(build_graph(own, backends), to_gate(order, folder))
        display.expect(graph)
        log.emit(events.RunStarted(str(folder.path), command, len(graph.steps)))
        drawn = backends.image.name == "animatic"
        for note in (*unshowable(plan), *(undrawable(plan) if drawn else ())):
            log.emit(events.Warned("plan", note))
        status, message = "interrupted", ""
        try:
            store = Store(folder.store)
            store.sweep()
            scratch.sweep()
            site = Site(
                folder.path,
                store,
                log,
                backends,
                partial(session.workers, profile, order.jobs or cores()),
                leases,
                partial(may_leave, profile.executor),
                partial(_most_seconds, profile),
            )
            with display.showing():
                run_graph(graph, site)
            with disk_errors("saving the film"):
                # Whoever reads `done` finds all of it, after a power cut as well.
                folder.files.sync(name for s in graph.steps for name in s.targets.values())
            status = at_gate(order, folder)
            library = _picture_options(profile).library
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
                _write_manifest(folder, plan, backends, graph, status, seconds)
    return Film(folder, plan, graph, seconds)


def _most_seconds(profile: Profile, step: Step) -> float:
    return seconds_of(step.kind, profile.limits)


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


def _refuse_early(order: Order, folder: RunFolder) -> None:
    """Say what is wrong with an order before anything is made."""
    if order.style is not None:
        load_style(order.style)
    if not folder.plan.is_file():
        wished = _as_requested(order, folder)
        if wished.script is not None:
            return
        format = load_format(wished.format)
        if wished.idea is not None:
            language = wished.language or detect_language(wished.idea)
            writer.admit(wished.idea, language, format.name)
        _own_track(format.music.track, wished)


def explain(order: Order) -> tuple[RunFolder, list[StepForecast]]:
    """What `make_film` would do with this order, without doing or writing any of it."""
    told = dry_run(order)
    return told.folder, told.steps


@dataclass(frozen=True, slots=True)
class DryRun:
    """What `make_film` would do: with which plan, by which steps."""

    folder: RunFolder
    plan: Plan
    profile: Profile
    graph: Graph
    steps: list[StepForecast]


def dry_run(order: Order, plan: Plan | None = None, session: Session | None = None) -> DryRun:
    """As `explain`, with all that it found; of another `plan` than the folder's, if one is given."""
    profile = load_profile(order.profile, order.overrides)
    folder = locate(order)
    with in_session(session) as opened, opened.backends(profile) as backends:
        if plan is not None or folder.plan.is_file():
            plan = _as_ordered(plan or load_plan(folder.plan), order)
        else:
            # Asking a model would be making it: the offline draft has the same steps.
            plan = write_new_plan(_as_requested(order, folder), backends, draft=True)
            plan = _apart(plan, folder)
        graph = _wanted(graph_of(plan, folder.path, backends, order.allow), order)
    store = Store(folder.store)
    steps = forecast(graph, store, load_state(folder.path), store.timings())
    return DryRun(folder, plan, profile, graph, steps)


def locate(order: Order) -> RunFolder:
    """The run folder of an order.

    Raises:
        UsageError: neither idea nor folder, or a folder that belongs to another film.
    """
    if order.directory is not None:
        if order.out is not None:
            raise UsageError("--out and --dir both name the run folder: give one of them")
        new = order.idea is not None or order.script is not None
        if new and not order.directory.exists():
            raise UsageError(
                f"--dir: {order.directory} is not there; for a new film use --out {order.directory}"
            )
        folder = existing(order.directory)
        if order.idea is not None and not _agrees(folder, order):
            raise UsageError(
                f"--dir: {folder.path} is a film of another idea; "
                "leave --idea away to continue it, or start a new one without --dir"
            )
        return folder
    if order.idea is None:
        raise UsageError(
            'give --idea "…" or --script FILE to start a film, or --dir FOLDER to continue one'
        )
    if not order.idea.strip():
        raise UsageError("--idea is empty: say in a few words what the film is about")
    if order.out is None:
        return for_request(order.request())
    folder = chosen(order.out)
    if folder.request.is_file() and not same_request(folder, order.request()):
        raise UsageError(
            f"--out: {folder.path} holds another film; "
            f"use --dir {folder.path} to continue that one, or choose another folder"
        )
    return folder


def graph_of(plan: Plan, folder: Path, backends: Backends, allow: Sequence[Path] = ()) -> Graph:
    """Every step of the film of a plan in a folder: cast, and with the files that it names.

    Raises:
        PlanError: a file that it names may not be used.
    """
    cast = cast_plan(plan, backends.speech.voices(plan.language))
    return build_graph(with_own_media(cast, folder, own_roots(allow, backends.profile)), backends)


def build_graph(plan: Plan, backends: Backends) -> Graph:
    """Every step of the film, in order, with what each requires of the card."""
    steps = (
        *image_steps(
            plan,
            backends.image,
            replace(
                _picture_options(backends.profile),
                jury=_jury(plan, backends),
                editor=backends.editor,
            ),
        ),
        *speech_steps(plan, backends),
        *word_steps(plan, backends),
        *clip_steps(plan, backends),
        *finish_steps(plan, backends),
    )
    locked = (replace(s, locked=s.beat in plan.locked and s.stage in OF_A_BEAT) for s in steps)
    return Graph.of(locked, backends.profile)


def picture_overrides(
    cast_library: Path | None, *, draft: bool = False, grid: bool = False
) -> Iterator[str]:
    """The options of the picture stage as values of the profile, where they belong."""
    if cast_library is not None:
        yield f"image.cast_library={cast_library.absolute()}"
    if draft:
        yield "image.draft=true"
    if grid:
        yield "image.grid=true"


def own_roots(allow: Sequence[Path], profile: Profile) -> tuple[Path, ...]:
    """Folders from which a plan may take files, besides the film's own."""
    roots = [*profile.media.roots, *filter(None, [profile.image.cast_library])]
    return (*allow, *(Path(root).expanduser() for root in roots))


def _picture_options(profile: Profile) -> PictureOptions:
    image = profile.image
    library = CastLibrary(Path(image.cast_library).expanduser()) if image.cast_library else None
    return PictureOptions(library, image.draft, image.grid)


def _jury(plan: Plan, backends: Backends) -> Jury | None:
    """Who judges the pictures: nobody, measures alone, or the profile's judge as well."""
    if plan.judging is None:
        return None
    judge = backends.judge
    fingerprint = None if judge is None else judge.fingerprint()
    second, escalation = backends.second_judge, backends.profile.escalating
    doubts = None
    if judge is not None and second is not None and escalation is not None:
        doubts = Escalated(escalation.threshold, second.fingerprint())
    return Jury(plan.judging.retries, plan.judging.best_of, fingerprint, doubts)


def _wanted(graph: Graph, order: Order) -> Graph:
    """The part of the graph that the order asks for."""
    if order.part is not None:
        return order.part(graph)
    if not order.stages:
        return graph
    names = [
        step.name
        for step in graph.steps
        if step.stage in order.stages and (order.beats is None or step.beat in order.beats)
    ]
    if order.beats is not None and not names:
        raise UsageError(f"the plan has no beat {', '.join(map(str, order.beats))}")
    return graph.needed_for(names)


def write_new_plan(
    order: Order,
    backends: Backends,
    folder: RunFolder | None = None,
    report: Callable[[str], None] = lambda _: None,
    *,
    draft: bool = False,
) -> Plan:
    """A plan of the order's idea, cast and complete.

    Without a language model in the profile, or where a `draft` will do, it is the offline
    draft, and says so. With a `folder`, the model's thinking is kept there as `planning.md`.
    `report` is told what the model is doing.
    """
    seed = DEFAULT_SEED if order.seed is None else order.seed
    if order.script is None:
        plan = _of_idea(order, seed, backends, folder, report, draft=draft)
    else:
        plan = script.write_plan(order.script, order.language, order.aspect, seed)
    if not draft and isinstance(backends.speech, FetchesVoices):
        backends.speech.fetch_voices(plan.language, report)
    return order.applied(_voiced(plan, order, backends))


def _of_idea(
    order: Order,
    seed: int,
    backends: Backends,
    folder: RunFolder | None,
    report: Callable[[str], None],
    *,
    draft: bool,
) -> Plan:
    """The plan of an idea, by the language model or offline."""
    assert order.idea is not None
    format = load_format(order.format)
    language = order.language or detect_language(order.idea)
    # What no film jokes about is told by hand, or not at all, whoever else could write it.
    sober = writer.admit(order.idea, language, format.name).kind == "sober"
    if draft or backends.chat is None or sober:
        plan = writer.write_plan(order.idea, format, language, order.aspect, seed)
    else:
        assignment = planner.Assignment(
            order.idea,
            format,
            language,
            order.aspect,
            seed,
            order.candidates,
            minutes=backends.profile.limits.plan_minutes,
            strength=backends.profile.chat.strength,
        )
        planned = planner.write_plan(assignment, backends.chat, report)
        plan = planned.plan
        if amiss := writer.written_amiss(writer.said_in(plan).splitlines(), format.name):
            raise PlanError(
                f"the plan that {plan.author} wrote", [f"{amiss}; run again, with another seed"]
            )
        if folder is not None:
            folder.files.write("planning.md", planned.planning)
    return plan


def _voiced(plan: Plan, order: Order, backends: Backends) -> Plan:
    """The plan with everybody's voice."""
    # Voices are settled with the plan: one installed later must not change a film that is
    # made. Looks are not: they follow the words, so that editing a wardrobe shows.
    whole = plan if order.script is None else script.company(plan, order.script)
    cast = cast_plan(whole, backends.speech.voices(plan.language))
    settled = {"voice"}
    if order.script is not None and order.script.episode is not None:
        # A look minds those beside it, and in another episode there are others.
        settled = {"voice", "avatar"}
    voiced = [
        person.model_copy(update={key: getattr(cast.character(person.id), key) for key in settled})
        for person in plan.cast
    ]
    return plan.model_copy(update={"cast": voiced, "narrator": cast.narrator})


def _apart(plan: Plan, folder: RunFolder) -> Plan:
    """The plan unlike its neighbours, but for a script's: its episodes look alike."""
    return plan if plan.author == script.AUTHOR else unlike_neighbours(plan, folder.path)


def _agrees(folder: RunFolder, order: Order) -> bool:
    try:
        return read_json(folder.request)["idea"] == order.idea
    except (OSError, ValueError, KeyError, TypeError):
        return folder.plan.is_file() and load_plan(folder.plan).idea == (order.idea or "").strip()


def _as_ordered(plan: Plan, order: Order) -> Plan:
    """The plan with the seeds and image options that the order sets.

    They go into the plan, not past it: a later command must not draw the beat back.
    """
    plan = order.applied(redo_beats(plan, order.regen))
    if not order.image_options:
        return plan
    options = dict(order.image_options)
    beats = [
        beat.model_copy(update={"image_options": {**beat.image_options, **options}})
        if order.beats is None or beat.index in order.beats
        else beat
        for beat in plan.beats
    ]
    hook = plan.hook
    if hook is not None and (order.beats is None or HOOK in order.beats):
        hook = hook.model_copy(update={"image_options": {**hook.image_options, **options}})
    return plan.model_copy(update={"beats": beats, "hook": hook})


def _settle_plan(order: Order, folder: RunFolder, roots: Sequence[Path]) -> Plan | None:
    """The plan in the folder, with new seeds if asked and its media taken in; None if it is to be
    written. What it may not use is said here, before anything is asked of a model."""
    if not folder.plan.is_file():
        return None
    plan = load_plan(folder.plan)
    settled = adopted(_as_ordered(plan, order), folder, roots)
    if settled != plan:
        _save(settled, folder)
    return settled


def _save(plan: Plan, folder: RunFolder) -> None:
    with disk_errors("saving the plan"):
        folder.files.write(folder.plan.name, dump_plan(plan))


def _unworded(plan: Plan, backends: Backends) -> bool:
    """Whether the language model has image prompts to word."""
    if backends.chat is None or not backends.image.uses_references:
        return False
    return any(prompter.is_unworded(plan, b) for b in plan.beats)


def _write_plan(order: Order, folder: RunFolder, backends: Backends, log: events.EventLog) -> Plan:
    """Whatever of plan and prompts is not in the folder yet, saved as it comes."""
    if folder.plan.is_file():
        plan = load_plan(folder.plan)
    else:
        order = _as_requested(order, folder)
        remember_request(folder, order.request())

        def report(told: str) -> None:
            log.emit(events.Noted("plan", told))

        plan = write_new_plan(order, backends, folder, report)
        plan = _apart(_with_track(plan, order, folder), folder)
        _save(plan, folder)
        told = order.language is None and order.script is None
        if told and (note := language_note(plan.idea, plan.language)):
            log.emit(events.Warned("plan", note))
        if note := writer.stand_in(plan):
            log.emit(events.Warned("plan", note))
    wording = backends.prompter
    if wording is None or not _unworded(plan, backends):
        return plan
    with metering.room("prompts"):
        written, notes = prompter.write_prompts(plan, wording, partial(_save, folder=folder))
    for note in notes:
        log.emit(events.Warned("prompts", note))
    return written


def _with_track(plan: Plan, order: Order, folder: RunFolder) -> Plan:
    """The plan with the music of the format's own folder in the film's: it goes where that goes."""
    source = _own_track(plan.music.track, order)
    if source is None:
        return plan
    name = f"own/{source.name}"
    with disk_errors("taking in the format's music"):
        folder.files.copy(source, name)
    return plan.model_copy(update={"music": plan.music.model_copy(update={"track": name})})


def _own_track(track: str, order: Order) -> Path | None:
    """The file of a format's music, which lies beside the format; None: it names none."""
    if not track or packaged_track(track) is not None:
        return None
    try:
        return Intake(Path(order.format).expanduser().parent, order.allow).take(track, "music")
    except Refused as error:
        raise UsageError(f"format {order.format}: music.track: {error}") from None


def _as_requested(order: Order, folder: RunFolder) -> Order:
    """The order, completed by the folder's own request: `--dir` alone continues a run."""
    if order.idea is not None:
        return order
    try:
        request = Request.model_validate_json(folder.files.read(folder.request.name))
    except ValidationError as error:
        found = "; ".join(describe_errors(error, "it")[:3])
        raise UsageError(f"{folder.request} is no request: {found}") from None
    except OSError as error:
        raise UsageError(f"{folder.request} cannot be read: {error.strerror}") from None
    return replace(order, **dict(request))


def _write_manifest(
    folder: RunFolder, plan: Plan, backends: Backends, graph: Graph, status: str, seconds: float
) -> None:
    """`run.json`: enough to know later how this film came to be."""
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
    whole = any(folder.film.name in step.targets.values() for step in graph.steps)
    if whole and status == "done":
        filmed = digest_file(folder.plan)
    else:
        filmed = read_record(folder.manifest).get("filmed")
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
        "steps": {s.name: steps[s.name] for s in graph.steps if s.name in steps},
    }
    folder.files.write(folder.manifest.name, dump_json(record))
