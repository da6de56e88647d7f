"""Several takes of one beat beside each other: pictures, spoken lines or clips with other seeds.

    takes/03/picture_1234.png   beat 3's picture with the seed 1234

A take is made as the film would make it, in a folder beside it that shares its store: chosen, it is
in the film without being made again.

Knows: parts of beats and their seeds. Does not know: how any of them is made.
"""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from storyboard.core import events
from storyboard.core.errors import UsageError
from storyboard.core.files import disk_errors
from storyboard.core.lock import exclusive
from storyboard.edit import beat_patches
from storyboard.edit.cost import Cost
from storyboard.edit.patch import Patch, patched
from storyboard.edit.preview import Proposal, planned, propose
from storyboard.graph.display import Display
from storyboard.graph.folder import RunFolder
from storyboard.graph.session import Session
from storyboard.graph.steps import Graph
from storyboard.plan import Part, Plan, load_plan
from storyboard.plan.regen import Regen
from storyboard.plan.shots import shot_of
from storyboard.plan.staging import part_seed_of
from storyboard.plan.timeline import segment_plans
from storyboard.profile import load_profile
from storyboard.profile.metering import calls_in
from storyboard.stages.clips import clip_name
from storyboard.stages.film import make_film
from storyboard.stages.film_graph import own_roots
from storyboard.stages.images import image_name
from storyboard.stages.own_media import with_own_media
from storyboard.stages.render_request import RenderRequest
from storyboard.stages.speech import speech_name

MOST = 8
"""Takes that are made at once."""
_FILES: dict[Part, tuple[str, str]] = {
    "picture": ("image", "png"),
    "speech": ("audio", "wav"),
    "clip": ("clip", "mp4"),
}
"""Which output of a part's step is the take, and how its file ends."""


@dataclass(frozen=True, slots=True)
class Take:
    """One take of a part of a beat. `file` is relative to the run folder."""

    beat: int
    part: Part
    seed: int
    file: str
    chosen: bool
    """It is the film's now."""


def takes_of(folder: RunFolder, number: int | None = None) -> list[Take]:
    """The takes that were made, of one beat or all."""
    plan = load_plan(folder.plan)
    numbers = [part.index for part in segment_plans(plan)]
    return [t for n in numbers if number in (None, n) for t in _listed(folder, plan, n)]


def make_takes(
    request: RenderRequest,
    number: int,
    part: Part,
    count: int = 3,
    *,
    display: Display,
    session: Session | None = None,
) -> list[Take]:
    """Make `count` further takes; the film's own is among those that are returned.

    Raises:
        UsageError: there is no such beat, or it has no such part, or is locked.
        StoryboardError, RendererError: as `make_film`.
    """
    if not 1 <= count <= MOST:
        raise UsageError(f"{count} takes: 1 to {MOST} at once")
    folder = planned(request)
    plan = load_plan(folder.plan)
    _refuse(plan, number, part)
    with exclusive(folder.path):
        _keep_own(folder, plan, number, part)
        for _ in range(count):
            seed = secrets.randbelow(2**31)
            varied, _ = patched(plan, beat_patches.redo(plan, number, part, seed))
            with _beside(request, folder, varied) as elsewhere:
                made = make_film(
                    replace(elsewhere, part=_Only(_step_name(varied, number, part))),
                    display,
                    "takes",
                    session=session,
                )
                _keep(folder, made.folder, varied, number, part)
                # What it cost is the film's: its cap counts it.
                _count(made.folder, folder)
    return list(_listed(folder, plan, number, part))


def cost_of_takes(
    request: RenderRequest, number: int, part: Part, count: int, session: Session | None = None
) -> Cost:
    """What making so many takes costs. Nothing is written."""
    plan = load_plan(planned(request).plan)
    _refuse(plan, number, part)
    one = replace(request, part=_Only(_step_name(plan, number, part)))
    cost = propose(one, beat_patches.redo(plan, number, part), session).cost
    return cost.times(count)


def choose(
    request: RenderRequest, take: Take, session: Session | None = None
) -> tuple[Patch, Proposal]:
    """The edit that has a take be the film's, and what it redoes. Nothing is written."""
    plan = load_plan(planned(request).plan)
    patch = beat_patches.redo(plan, take.beat, take.part, take.seed)
    return patch, propose(request, patch, session)


def take_of(folder: RunFolder, number: int, part: Part, seed: int) -> Take:
    """
    Raises:
        UsageError: there is no such take.
    """
    found = [t for t in takes_of(folder, number) if t.part == part]
    chosen = next((t for t in found if t.seed == seed), None)
    if chosen is None:
        known = ", ".join(str(t.seed) for t in found) or "none was made"
        raise UsageError(f"no take {seed} of the {part} of beat {number}: {known}")
    return chosen


def drop(folder: RunFolder, number: int) -> None:
    """Remove the takes of a beat that are beside the film; the film keeps its own."""
    with exclusive(folder.path), disk_errors("removing takes"):
        folder.files.remove_tree(_place(number))


@dataclass(frozen=True, slots=True)
class _Only:
    """The part of a graph that makes one step."""

    name: str

    def __call__(self, graph: Graph) -> Graph:
        return graph.needed_for([self.name])


@contextmanager
def _beside(request: RenderRequest, folder: RunFolder, plan: Plan) -> Generator[RenderRequest]:
    """A request for the film of another plan, in a folder of its own beside the film's."""
    profile = load_profile(request.profile, request.overrides)
    whole = with_own_media(plan, folder.path, own_roots(request.allow, profile))
    # A hidden name: whoever lists films passes it over.
    beside = RunFolder(folder.path.parent / f".takes-{folder.path.name}-{secrets.token_hex(4)}")
    beside.open()
    try:
        beside.save_plan(whole)
        allow = (*request.allow, folder.path.absolute())
        yield replace(
            request, directory=beside.path, out=None, idea=None, regen=Regen(), allow=allow
        )
    finally:
        shutil.rmtree(beside.path, ignore_errors=True)


def _count(made: RunFolder, folder: RunFolder) -> None:
    log = events.EventLog(folder.events)
    for call in calls_in(made.events):
        log.emit(call)


def _keep_own(folder: RunFolder, plan: Plan, number: int, part: Part) -> None:
    """Have the film's own take among the others, if it is made."""
    if folder.files.holds(_file_of(plan, number, part)):
        _keep(folder, folder, plan, number, part)


def _keep(folder: RunFolder, made: RunFolder, plan: Plan, number: int, part: Part) -> None:
    seed = part_seed_of(plan, number, part)
    with disk_errors("keeping a take"):
        name = f"{_place(number)}/{part}_{seed}.{_FILES[part][1]}"
        folder.files.copy(made.path / _file_of(plan, number, part), name)


def _listed(folder: RunFolder, plan: Plan, number: int, only: Part | None = None) -> Iterator[Take]:
    place = _place(number)
    for name in folder.files.sub(place).names():
        for part, (_, suffix) in _FILES.items():
            match = re.fullmatch(rf"{part}_(\d{{1,10}})\.{suffix}", name)
            if match and only in (None, part):
                seed = int(match[1])
                chosen = seed == part_seed_of(plan, number, part)
                yield Take(number, part, seed, f"{place}/{name}", chosen)


def _refuse(plan: Plan, number: int, part: Part) -> None:
    record = beat_patches.part_of(plan, number)
    if record.locked:
        raise UsageError(f"beat {number} is locked: unlock it first")
    if part == "speech" and not record.line:
        raise UsageError(f"beat {number} has no line: there is nothing to say")


def _place(number: int) -> str:
    return f"takes/{number:02d}"


def _step_name(plan: Plan, number: int, part: Part) -> str:
    slug = shot_of(plan, number).slug
    names = {"picture": image_name, "speech": speech_name, "clip": clip_name}
    return names[part](number, slug)


def _file_of(plan: Plan, number: int, part: Part) -> str:
    name = _step_name(plan, number, part)
    if part == "speech":
        name = f"audio/{name.partition('/')[2]}"
    return f"{name}.{_FILES[part][1]}"
