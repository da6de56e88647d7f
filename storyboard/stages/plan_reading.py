"""What is read out of a plan before a step of it is described: looks, scenes, what is told of it.

All of it follows from the plan and from the words that are known, and takes longer to read than
to keep: a film that is made already is found so without the dictionaries, and another title is
read alone.

Knows: what is read of a plan, from which parts of it. Does not know: steps, how words are understood.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from renderers.base import JSON, VoiceInfo
from renderers.scene import Scene
from storyboard.graph.known import Known
from storyboard.plan import Plan, parse_plan, staging
from storyboard.plan.casting import cast_plan
from storyboard.plan.staging import part_seed_of
from storyboard.plan.timeline import HOOK
from storyboard.writing import authors, offline

_ANY = "untitled"
_ANEW: Mapping[str, Any] = {"seed": None, "take": 1, "seeds": {}}
"""What a beat has of its own before anybody redoes it."""


@dataclass(frozen=True, slots=True)
class PlanReading:
    """`scenes` are those of its shots by number (0: the hook)."""

    cast: Plan
    """With what everybody looks and sounds like."""
    scenes: Mapping[int, Scene]
    note: str
    """What its contact sheet tells of it; "" for nothing."""
    told: tuple[str, ...]
    """What of it cannot be shown, a sentence each."""


def read_plan(plan: Plan, voices: Sequence[VoiceInfo], known: Known, *, drawn: bool) -> PlanReading:
    """`voices` are those that it may be cast with; `drawn`: its pictures are the animatic's.

    Raises:
        PlanError, UsageError: as `cast_plan`.
    """
    # A beat redone shows the same, but for its seed.
    still = plan.model_copy(update={"beats": [b.model_copy(update=_ANEW) for b in plan.beats]})
    untitled = _titled(still, _ANY, _ANY)
    asked: JSON = [untitled.model_dump(mode="json"), [asdict(voice) for voice in voices], drawn]
    beats: Any = known.value("beats", asked, lambda: _beats(untitled, voices, known, drawn=drawn))
    found = parse_plan(beats["cast"])
    still = still.model_copy(update={"cast": found.cast, "narrator": found.narrator})
    titled: JSON = still.model_dump(mode="json")
    first: Any = known.value("titles", titled, lambda: _titles(still))
    scenes = _scenes().validate_python(beats["scenes"])
    scenes = {n: _seeded(scene, part_seed_of(plan, n, "picture")) for n, scene in scenes.items()}
    scenes |= _scenes().validate_python(first["scenes"])
    told = (*first["told"], *beats["told"])
    cast = still.model_copy(update={"beats": plan.beats})
    return PlanReading(cast, scenes, _note(still, known), told)


def _seeded(scene: Scene, seed: int) -> Scene:
    cut = scene.cutaway
    shown = cut and replace(cut, shown=replace(cut.shown, seed=seed))
    return replace(scene, seed=seed, cutaway=shown)


def _titled(plan: Plan, title: str, hook: str) -> Plan:
    opening = plan.hook and plan.hook.model_copy(update={"title": hook})
    return plan.model_copy(update={"title": title, "hook": opening})


def _beats(plan: Plan, voices: Sequence[VoiceInfo], known: Known, *, drawn: bool) -> JSON:
    """What no title changes."""
    from storyboard.plan.drawable import undrawable, without_drawing

    cast = cast_plan(plan, voices)
    scenes = {n: scene for n, scene in staging.scenes_of(cast).items() if n != HOOK}
    told: list[str] = []
    if drawn:
        things: Any = known.value("things", [cast.idea, cast.language], lambda: _things(cast))
        told += [*undrawable(cast, scenes), *without_drawing(things)]
    found: Any = {"cast": cast.model_dump(mode="json"), "scenes": _dumped(scenes), "told": told}
    return found


def _things(plan: Plan) -> JSON:
    """What its idea is about and can be drawn as."""
    from storyboard.writing.offline.frames import read

    reading = read(plan.idea, plan.language)
    return [n.noun for n in (reading.who, reading.thing) if n and n.kind != "person"]


def _titles(cast: Plan) -> JSON:
    """What the titles change: how the film opens, and what of its letters no font has."""
    from storyboard.media.text.glyphs import unshowable

    scenes = {HOOK: staging.stage_hook(cast, cast.hook)} if cast.hook else {}
    found: Any = {"scenes": _dumped(scenes), "told": [*unshowable(cast)]}
    return found


def _note(plan: Plan, known: Known) -> str:
    """Whether it is a film of its idea."""
    if plan.author != authors.OFFLINE:
        return ""

    def asked() -> JSON:
        found: Any = asdict(offline.asked_of(plan.idea, plan.language, plan.format))
        return found

    read: Any = known.value("idea", [plan.idea, plan.language, plan.format], asked)

    def note() -> JSON:
        words, named = tuple(read["words"]), tuple(read["named"])
        return offline.stand_in(plan, offline.Asked(read["sober"], words, named))

    return str(known.value("note", [read, plan.model_dump(mode="json")], note))


def _dumped(scenes: dict[int, Scene]) -> JSON:
    return _scenes().dump_python(scenes, mode="json")


@cache
def _scenes() -> TypeAdapter[dict[int, Scene]]:
    return TypeAdapter(dict[int, Scene])
