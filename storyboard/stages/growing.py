"""A film in the making: its plan, and the graph that grows while that is written.

First only who plans is known, then what words its pictures, and only of that the rest. What a
step of planning made is settled here and becomes `plan.json`: with everybody's voice, unlike the
films beside it, with its prompts. People edit it; a step whose part is there is `given`.

Knows: what a plan needs to be a film's. Does not know: how a plan is written, how steps run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from renderers.base import FetchesVoices
from renderers.errors import RendererError
from storyboard.core import events
from storyboard.core.errors import StepFailed, StoryboardError, UsageError
from storyboard.core.files import disk_errors
from storyboard.graph.folder import RunFolder
from storyboard.graph.known import Known
from storyboard.graph.steps import Graph, Step, input_digests, key_of
from storyboard.graph.store import Store
from storyboard.media.audio.music import packaged_track
from storyboard.media.intake import Intake, IntakeRefused
from storyboard.plan import Plan, load_plan
from storyboard.plan.casting import cast_plan
from storyboard.plan.regen import redo_beats
from storyboard.plan.series import series_of
from storyboard.plan.timeline import HOOK
from storyboard.profile.backends import Backends
from storyboard.profile.needs import Need, need_of
from storyboard.stages.film_graph import build_graph, own_roots
from storyboard.stages.neighbours import told_unlike_neighbours, unlike_neighbours
from storyboard.stages.own_media import adopted, with_own_media
from storyboard.stages.plan_reading import PlanReading, read_plan
from storyboard.stages.planning import WORDED, draft_of, given_plan, plan_step, prompt_steps, worded
from storyboard.stages.render_request import RenderRequest
from storyboard.writing import authors, offline, script

Tell = Callable[[events.Event], None]


@dataclass
class Growing:
    """The film of a request that is whole: with its idea or script, unless it is planned."""

    request: RenderRequest
    folder: RunFolder
    backends: Backends
    plan: Plan | None
    """As it is in the folder; None: it is to be written."""
    wanted: Callable[[Graph], Graph] = lambda graph: graph
    """The part that is asked for of what follows from the plan."""
    tell: Tell = lambda _: None
    keeps: bool = False
    """Whether what is read out of the plan is kept beside the store."""
    _planning: dict[str, Step] = field(default_factory=dict[str, Step])
    _reading: tuple[Plan, PlanReading] | None = None

    def __post_init__(self) -> None:
        self.known = Known(self.folder.store, keeps=self.keeps)
        self.graph = self._known()
        """All that is known of it now."""

    @property
    def to_come(self) -> tuple[Need, ...]:
        """What the card is needed for once the plan is written, as far as that is certain: its
        pictures, where they are asked for."""
        stages = {*self.request.stages}
        goes_on = self.request.part is None and (not stages or stages - {"plan", "speech"})
        need = need_of(self.backends.profile, "image") if self._open and goes_on else None
        return (need,) if need else ()

    @property
    def cast(self) -> Plan:
        """The plan, once it is written, with what everybody looks and sounds like."""
        plan = self.plan
        assert plan is not None
        return self._read(plan).cast

    def _read(self, plan: Plan) -> PlanReading:
        if self._reading is None or self._reading[0] is not plan:
            voices = self.backends.speech.voices(plan.language)
            drawn = self.backends.image.name == "animatic"
            self._reading = plan, read_plan(plan, voices, self.known, drawn=drawn)
        return self._reading[1]

    def grow(self, step: Step, made: Mapping[str, Path]) -> Graph | None:
        """Take in what a step made; the graph that is known then, if more is."""
        if step.name not in self._planning:
            return None
        if self.plan is None:
            self._settle(made)
        else:
            self._save(worded(self.plan, step, made["prompt"]))
        left = self._open - {step.name}
        self.graph = self._known()
        return None if left and left == self._open else self.graph

    def foresee(self, store: Store) -> Graph:
        """All of the graph, as far as it can be said before anything is made: a draft stands for
        the plan that is not in the store, a template for such a prompt."""
        known = self.plan
        if self.plan is None:
            (step,) = self._planning.values()
            made = _stored(step, store)
            raw = self._written(load_plan(made["plan"]) if made else draft_of(step))
            self.plan = self._settled(raw)
            self._plan()
        for step in self._planning.values():
            if step.kind == WORDED and not step.given and (made := _stored(step, store)):
                self.plan = worded(self.plan, step, made["prompt"])
        return self._whole() if self._open or self.plan is not known else self.graph

    def whole(self) -> Graph:
        """As `foresee`, without a store; of a film that is not planned, only who plans it."""
        return self.graph if self.plan is None else self._whole()

    def meant(self, failure: StepFailed) -> Exception:
        """What to tell of a step that failed: whoever plans has said it in words of its own."""
        cause = failure.__cause__
        told = isinstance(cause, StoryboardError | RendererError)
        return cause if told and failure.step in self._planning else failure

    def notes(self) -> list[str]:
        """What of the plan cannot be shown, once all of it is known."""
        if self._open:
            return []
        assert self.plan is not None
        return [*self._read(self.plan).told]

    # --- the graph ----------------------------------------------------------

    def _known(self) -> Graph:
        self._open = self._plan()
        if self._open:
            return Graph.of(self._planning.values(), self.backends.profile)
        return self._whole()

    def _plan(self) -> set[str]:
        """Describe the steps of planning; those to be made before the others are known."""
        if self.plan is None:
            steps = [plan_step(self.request, self.backends, series_of(self.folder.path))]
        else:
            prompts = prompt_steps(self.plan, self.folder.plan, self.backends)
            steps = [given_plan(self.plan), *prompts]
        for step in steps:
            self._planning.setdefault(step.name, step)
        return {step.name for step in steps if not step.given}

    def _whole(self) -> Graph:
        assert self.plan is not None
        reading, backends = self._read(self.plan), self.backends
        roots = own_roots(self.request.allow, backends.profile)
        film = build_graph(with_own_media(reading.cast, self.folder.path, roots), backends, reading)
        planning = Graph.of(self._planning.values(), backends.profile)
        return Graph((*planning.steps, *self.wanted(film).steps))

    # --- the plan -----------------------------------------------------------

    def _settle(self, made: Mapping[str, Path]) -> None:
        """Make what was written the film's plan."""
        drafted, request, folder = load_plan(made["plan"]), self.request, self.folder
        plan = self._written(drafted)
        if plan != drafted:
            self.tell(events.Noted("plan", "told in another way than the films beside it"))
        if "planning" in made:
            text = made["planning"].read_text(encoding="utf-8")
            with disk_errors("saving how the plan came about"):
                folder.files.write("planning.md", text)
        speech = self.backends.speech
        if isinstance(speech, FetchesVoices):
            speech.fetch_voices(plan.language, lambda told: self.tell(events.Noted("plan", told)))
        track = own_track(plan.music.track, request)
        if track is not None:
            # It goes where the film goes.
            with disk_errors("taking in the format's music"):
                folder.files.copy(track, f"own/{track.name}")
            plan = _with_track(plan, f"own/{track.name}")
        settled = self._settled(plan)
        self._save(settled)
        told = request.language is None and request.script is None
        notes = [offline.language_note(plan.idea, plan.language) if told else ""]
        for note in filter(None, [*notes, self._read(settled).note]):
            self.tell(events.Warned("plan", note))

    def _written(self, plan: Plan) -> Plan:
        return told_unlike_neighbours(plan, self.folder.path, self.request.format)

    def _settled(self, plan: Plan) -> Plan:
        request = self.request
        if series := series_of(self.folder.path):
            voices = [voice.name for voice in self.backends.speech.voices(plan.language)]
            plan, bible = series.people_of(plan, voices), series.bible
            style, captions = request.style or bible.style, request.captions or bible.captions
            request = replace(request, style=style, captions=captions)
        plan = request.applied(_voiced(plan, request, self.backends))
        # Episodes of a script look alike.
        if plan.author != authors.SCRIPT:
            plan = unlike_neighbours(plan, self.folder.path)
        return self.request.laid_over(plan)

    def _save(self, plan: Plan) -> None:
        self.folder.save_plan(plan)
        self.plan = plan


def lying_there(request: RenderRequest, folder: RunFolder, roots: Sequence[Path]) -> Plan | None:
    """The plan in the folder, with new seeds if asked and its media taken in; None if it is to be
    written. What it may not use is said here, before anything is asked of a model."""
    if not folder.plan.is_file():
        return None
    plan = load_plan(folder.plan)
    settled = adopted(with_request(plan, request), folder, roots)
    if settled != plan:
        folder.save_plan(settled)
    return settled


def with_request(plan: Plan, request: RenderRequest) -> Plan:
    """The plan with the seeds and image options that the request sets.

    They go into the plan, not past it: a later command must not draw the beat back.
    """
    plan = request.applied(redo_beats(plan, request.regen))
    if not request.image_options:
        return plan
    options = dict(request.image_options)
    beats = [
        beat.model_copy(update={"image_options": {**beat.image_options, **options}})
        if request.beats is None or beat.index in request.beats
        else beat
        for beat in plan.beats
    ]
    hook = plan.hook
    if hook is not None and (request.beats is None or HOOK in request.beats):
        hook = hook.model_copy(update={"image_options": {**hook.image_options, **options}})
    return plan.model_copy(update={"beats": beats, "hook": hook})


def own_track(track: str, request: RenderRequest) -> Path | None:
    """The file of a format's music, which lies beside the format; None: it names none.

    Raises:
        UsageError: it may not be used.
    """
    if not track or packaged_track(track) is not None:
        return None
    try:
        return Intake(Path(request.format).expanduser().parent, request.allow).take(track, "music")
    except IntakeRefused as error:
        raise UsageError(f"format {request.format}: music.track: {error}") from None


def _with_track(plan: Plan, name: str) -> Plan:
    return plan.model_copy(update={"music": plan.music.model_copy(update={"track": name})})


def _voiced(plan: Plan, request: RenderRequest, backends: Backends) -> Plan:
    """The plan with everybody's voice."""
    # Voices are settled with the plan: one installed later must not change a film that is
    # made. Looks are not: they follow the words, so that editing a wardrobe shows.
    whole = plan if request.script is None else script.company(plan, request.script)
    cast = cast_plan(whole, backends.speech.voices(plan.language))
    settled = {"voice"}
    if request.script is not None and request.script.episode is not None:
        # A look minds those beside it, and in another episode there are others.
        settled = {"voice", "avatar"}
    voiced = [
        person.model_copy(update={key: getattr(cast.character(person.id), key) for key in settled})
        for person in plan.cast
    ]
    return plan.model_copy(update={"cast": voiced, "narrator": cast.narrator})


def _stored(step: Step, store: Store) -> dict[str, Path]:
    """What the store has of a step of planning; nothing where it is to be made."""
    found = store.get(key_of(step.document(input_digests(step, {}))))
    return {} if found is None else {k: store.blob(o) for k, o in found.outputs.items()}
