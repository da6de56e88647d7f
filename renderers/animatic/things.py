"""The things of a scene: which are held and which stand about, in what state, and what becomes
of them during the shot.

Knows: a scene's props, their states and moves; what of them is really to be seen. Does not know:
how a prop is drawn, poses, sets.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

import skia

from renderers.animatic.acting import held_name
from renderers.animatic.dressing import Falling, Stood, Wanted, falls_off, since_it_fell
from renderers.animatic.figure import Acting
from renderers.animatic.framing import Placement
from renderers.animatic.held import UNITS_PER_METRE, HeldProp
from renderers.animatic.posing import hand_at
from renderers.animatic.props import drawn_state, find_prop, prop_metres
from renderers.animatic.sets import SetPlates
from renderers.base import JSON
from renderers.scene import Figure, Prop, PropMove, PropPlace, PropState, Scene

_IN_THE_AIR = 0.28
"""Seconds into its fall at which a still shows a thing."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A thing that is to be seen: the record that a picture leaves of it.

    `word` is what the plan or a line calls it, `name` the drawing that stands for it.
    """

    word: str
    name: str
    state: PropState
    place: PropPlace
    owner: str = ""
    move: PropMove = ""


def held_thing(scene: Scene, figure: Figure) -> Prop | None:
    """What is known of the thing in a figure's hand; None where it holds none."""
    name = held_name(figure)
    if name is None:
        return None
    word = figure.holds or name
    for thing in scene.things:
        if thing.owner in ("", figure.id) and find_prop(thing.word) == name:
            return thing
    return Prop(word, owner=figure.id)


def held_state(scene: Scene, figure: Figure) -> PropState:
    """The state in which the thing in a figure's hand is drawn."""
    thing, name = held_thing(scene, figure), held_name(figure)
    return "" if thing is None or name is None else drawn_state(name, thing.state)


def hand_moves(scene: Scene, figure: Figure) -> PropMove:
    """What a figure does with what it holds."""
    thing = held_thing(scene, figure)
    return "" if thing is None or thing.move == "falls" else thing.move


def wanted(scene: Scene) -> list[Wanted]:
    """The things that should stand about, at the beginning or the end of the shot."""
    held = {name for figure in scene.figures if (name := held_name(figure))}
    found: list[Wanted] = []
    for figure in scene.figures:
        thing, name = held_thing(scene, figure), held_name(figure)
        if thing is not None and name is not None and thing.move in ("picked up", "put down"):
            state = drawn_state(name, thing.state)
            place = thing.place if thing.place != "hand" else "table"
            found.append(Wanted(thing.word, name, state, place, thing.move, figure.id))
    known = {find_prop(thing.word): thing for thing in scene.things}
    for word in scene.props:
        name = find_prop(word)
        if name is None or name in held:
            continue
        thing = known.get(name, Prop(word))
        move: PropMove = "falls" if thing.move == "falls" else ""
        found.append(Wanted(word, name, drawn_state(name, thing.state), thing.place, move))
    return found


class Things:
    """What of a scene's things moves, and the record of all that are seen."""

    def __init__(
        self,
        scene: Scene,
        plates: SetPlates,
        placements: Sequence[Placement],
        stood: Sequence[Stood],
        paint: skia.Paint | None,
    ) -> None:
        self._scene, self._plates, self._placements = scene, plates, placements
        self._stood, self._paint = stood, paint

    def draw(
        self,
        canvas: skia.Canvas,
        acting: Sequence[Acting],
        t: float,
        *,
        still: bool = False,
        front: bool = False,
    ) -> None:
        """Draw what stands somewhere for a part of the shot, or falls, before or behind actors."""
        states = dict(zip((p.figure.id for p in self._placements), acting, strict=True))
        for thing in self._stood:
            wanted = thing.wanted
            if thing.front != front:
                continue
            if wanted.move == "falls":
                since = _IN_THE_AIR if still else since_it_fell(t)
                if since > 0:
                    falls_off(thing, self._plates).draw(canvas, self._plates, since, self._paint)
                else:
                    thing.draw(canvas, self._plates, _before(wanted.state), self._paint)
            elif wanted.move and not states[wanted.owner].holding:
                thing.draw(canvas, self._plates, wanted.state, self._paint)

    def draw_dropped(
        self, canvas: skia.Canvas, acting: Sequence[Acting], *, still: bool = False
    ) -> None:
        """Draw what has left a hand on its way to the floor, before the actors."""
        for placement, state in zip(self._placements, acting, strict=True):
            figure = placement.figure
            name = held_name(figure)
            if name is None or state.holding or hand_moves(self._scene, figure) != "dropped":
                continue
            pose = state.pose
            x, y = hand_at(pose.left if pose.grip == "left" else pose.right, placement)
            scale = placement.view.scale
            wanted = Wanted(figure.holds, name, held_state(self._scene, figure))
            length = prop_metres(name) * UNITS_PER_METRE * scale
            fall = Falling(wanted, length, x, y, placement.soles)
            since = _IN_THE_AIR if still or state.released is None else state.released
            fall.draw(canvas, self._plates, since, self._paint)

    def seen(self, props: Sequence[HeldProp | None]) -> Iterator[Seen]:
        """What is to be seen; `props` are what the actors hold, as far as it is drawn."""
        for placement, prop in zip(self._placements, props, strict=True):
            figure = placement.figure
            if prop is None or placement.view.back or figure.manner == "takes":
                continue
            move = hand_moves(self._scene, figure)
            thing = held_thing(self._scene, figure)
            assert thing is not None
            place: PropPlace = "hand"
            if move in ("put down", "dropped"):
                place = "floor" if move == "dropped" else thing.place or "table"
            yield Seen(thing.word, prop.name, prop.state, place, figure.id, move)
        for thing in self._stood:
            w = thing.wanted
            if w.move in ("", "falls"):
                yield Seen(w.word, w.name, w.state, thing.place, move=w.move)


def records(seen: Sequence[Seen]) -> list[JSON]:
    """The things as a picture's record keeps them."""
    return [dict[str, JSON](asdict(one)) for one in seen]


def _before(state: PropState) -> PropState:
    return "" if state == "broken" else state
