"""Set dressing: what stands on a side table, on a chair, on the floor beside the actors, and falls.

Knows: where there is room for a thing and how it gets from one place to another. Does not know:
how a prop is drawn or held, poses.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import skia

from renderers.animatic.framing import Placement
from renderers.animatic.held import UNITS_PER_METRE, prop_bounds
from renderers.animatic.ink import INK, Brush, shaded
from renderers.animatic.paths import curve
from renderers.animatic.physique import Physique
from renderers.animatic.props import draw_prop, prop_metres
from renderers.animatic.sets import SetPlates
from renderers.scene import PropMove, PropPlace, PropState

TABLE_TOP = 0.74
"""Metres."""
_SEAT = 0.46
_ON_FLOOR = 0.5
"""Props at least this long (metres) stand on the floor, shorter ones on the table."""
_MOST = 3
_CHEST = 330
"""Figure units below the collar."""
_FALLS_AT = 0.7
"""Seconds into the shot at which a thing begins to fall from where it stands."""
_FALL = 0.42


@dataclass(frozen=True, slots=True)
class Wanted:
    """A thing that should stand about: which prop, and what is known of it."""

    word: str
    name: str
    state: PropState = ""
    place: PropPlace = ""
    move: PropMove = ""
    owner: str = ""

    @property
    def told(self) -> bool:
        """Whether action or line say something of it: then it has to be seen."""
        return bool(self.place or self.move)

    @property
    def settled(self) -> PropPlace:
        """Where it stands: as told, else by its size. What is taken up stands on a table first."""
        if self.place in ("table", "floor", "chair") and self.move not in ("falls", "dropped"):
            return self.place
        return "floor" if prop_metres(self.name) >= _ON_FLOOR else "table"


@dataclass(frozen=True, slots=True)
class Stood:
    """A thing in its place: the middle of its foot in pixels, and how long it is."""

    wanted: Wanted
    place: PropPlace
    x: float
    ground: float
    length: float
    front: bool = False
    """Whether it stands before the actors, who would hide it."""

    def draw(
        self, canvas: skia.Canvas, plates: SetPlates, state: PropState, paint: skia.Paint | None
    ) -> None:
        """Draw it where it stands, with its contact shadow."""
        name = self.wanted.name
        left, _, right, bottom = prop_bounds(name, state)
        half = 0.5 * (right - left) * self.length
        _shade(canvas, self.x, self.ground, half)
        middle = self.ground - bottom * self.length
        _put(canvas, plates, self.wanted, (self.x, middle), self.length, state, paint)
        if state == "broken":
            _splinters(canvas, self.x, self.ground, self.length)


def stand(
    plates: SetPlates, placements: Sequence[Placement], wanted: Sequence[Wanted]
) -> tuple[Stood, ...]:
    """A place for each thing that the picture has room for and shows."""
    unique = list({thing.name: thing for thing in wanted}.values())[:_MOST]
    size = plates.size
    width, height = size.width, size.height
    metre, floor = plates.metre * height, plates.floor * height
    spots = _free_spots(placements, width)
    found: list[Stood] = []
    small = [thing for thing in unique if thing.settled == "table"]
    if small and (top := floor - TABLE_TOP * metre) <= 0.97 * height:
        half = _half_table(small) * metre
        x = _within(spots.pop(0), half, width)
        across = x - 0.86 * half
        total = sum(prop_metres(thing.name) for thing in small)
        for thing in small:
            length = prop_metres(thing.name)
            room = length / total * 1.72 * half
            spot = (across + room / 2, top + 0.01 * metre)
            found.append(Stood(thing, "table", *spot, length * metre))
            across += room
    seat = floor - _SEAT * metre
    for thing in unique:
        if thing.settled == "table" or not spots:
            continue
        length = prop_metres(thing.name) * metre
        ground = seat if thing.settled == "chair" else floor
        if ground - length > 0.9 * height:
            continue
        x = _within(spots.pop(0), max(0.62 * length, 0.32 * metre), width)
        found.append(Stood(thing, thing.settled, x, ground, length))
    hidden = {s.place == "table" for s in found if _hidden(s, placements)}
    # A table goes to the front with all that is on it, unless somebody would be hidden by it.
    front = [replace(s, front=(s.place == "table") in hidden) for s in found]
    return tuple(s for s in front if s.wanted.told or not (s.front and _hides(s, placements)))


def _hides(stood: Stood, placements: Sequence[Placement]) -> bool:
    """Whether a thing before the actors comes up over somebody's chest."""
    half, top = 0.5 * stood.length, stood.ground - stood.length
    return any(
        abs(stood.x - p.x) < half + 200 * p.view.scale and top < p.y + _CHEST * p.view.scale
        for p in placements
    )


def _hidden(stood: Stood, placements: Sequence[Placement]) -> bool:
    """Whether actors stand before most of a thing."""
    half = 0.5 * stood.length
    for p in placements:
        wide = 235 * p.view.scale
        over = min(stood.x + half, p.x + wide) - max(stood.x - half, p.x - wide)
        if over > 0.4 * stood.length and p.y < stood.ground:
            return True
    return False


def dress(plates: SetPlates, stood: Sequence[Stood]) -> skia.Picture | None:
    """The furniture under things, and those that stay where they are; None for nothing.

    The picture is in pixels of the frame, and belongs behind the actors.
    """
    if not stood:
        return None
    size = plates.size
    metre, floor = plates.metre * size.height, plates.floor * size.height
    recorder = skia.PictureRecorder()
    canvas = recorder.beginRecording(skia.Rect.MakeWH(size.width, size.height))
    on_table = [s for s in stood if s.place == "table"]
    if on_table:
        half = _half_table([s.wanted for s in on_table]) * metre
        room = on_table[0].length / sum(s.length for s in on_table) * 1.72 * half
        x = on_table[0].x - room / 2 + 0.86 * half
        _table(canvas, plates, (x, on_table[0].ground - 0.01 * metre, floor), half)
    for thing in stood:
        if thing.place == "chair":
            _chair(canvas, plates, (thing.x, thing.ground, floor), metre)
        if not thing.wanted.move:
            thing.draw(canvas, plates, thing.wanted.state, None)
    return recorder.finishRecordingAsPicture()


@dataclass(frozen=True, slots=True)
class Falling:
    """A thing on its way down: `since` seconds ago it left (x, y); the floor is at `floor`."""

    wanted: Wanted
    length: float
    x: float
    y: float
    floor: float

    def draw(
        self, canvas: skia.Canvas, plates: SetPlates, since: float, paint: skia.Paint | None
    ) -> None:
        """Whole until it lands; what breaks does so on the floor."""
        share = min(1.0, since / _FALL)
        landed = since - _FALL
        breaks = self.wanted.state == "broken"
        state: PropState = "" if breaks and landed < 0 else self.wanted.state
        bottom = prop_bounds(self.wanted.name, state)[3] * self.length
        end = self.floor - (bottom if breaks else 0.34 * self.length)
        y = self.y + (end - self.y) * share * share
        turn = 96 * share
        if landed > 0:
            bounce = abs(math.sin(math.pi * landed / 0.26)) * math.exp(-5 * landed)
            y -= 0.24 * self.length * bounce
            turn = 0.0 if breaks else 96 - 8 * bounce
        drift = 0.12 * self.length * share
        if share == 1.0:
            _shade(canvas, self.x + drift, self.floor, 0.4 * self.length)
            if breaks:
                _splinters(canvas, self.x + drift, self.floor, self.length)
        canvas.save()
        canvas.translate(self.x + drift, y)
        canvas.rotate(turn)
        _put(canvas, plates, self.wanted, (0.0, 0.0), self.length, state, paint)
        canvas.restore()
        if 0 < share < 1:
            _speed(canvas, self.x + drift, y, self.length)


def falls_off(stood: Stood, plates: SetPlates) -> Falling:
    """The fall of a thing from where it stands to the floor beside its table."""
    floor = plates.floor * plates.size.height
    middle = stood.ground - prop_bounds(stood.wanted.name)[3] * stood.length
    return Falling(stood.wanted, stood.length, stood.x, middle, floor)


def since_it_fell(t: float) -> float:
    """Seconds since a thing that falls of itself began to, negative before."""
    return t - _FALLS_AT


def _put(
    canvas: skia.Canvas,
    plates: SetPlates,
    wanted: Wanted,
    at: tuple[float, float],
    length: float,
    state: PropState,
    paint: skia.Paint | None,
) -> None:
    if paint is None:
        draw_prop(canvas, wanted.name, *at, length, plates.palette, state=state)
        return
    canvas.saveLayer(None, paint)
    draw_prop(canvas, wanted.name, *at, length, plates.palette, state=state)
    canvas.restore()


def _shade(canvas: skia.Canvas, x: float, ground: float, half: float) -> None:
    shade = skia.Paint(AntiAlias=True, Color=skia.Color(24, 14, 44, 90))
    canvas.drawOval(
        skia.Rect.MakeLTRB(x - half, ground - 0.1 * half, x + half, ground + 0.12 * half), shade
    )


def _splinters(canvas: skia.Canvas, x: float, ground: float, length: float) -> None:
    brush = Brush()
    line = brush.line(max(1.5, 0.02 * length), INK)
    for dx, size in ((-0.2, 0.07), (0.02, 0.05), (0.24, 0.06)):
        middle, half = x + dx * length, size * length
        path = curve(
            (middle - half, ground + 0.4 * half),
            (middle, ground - 1.4 * half),
            (middle + half, ground + 0.2 * half),
        )
        canvas.drawPath(path, brush.fill("#f3ead8"))
        canvas.drawPath(path, line)


def _speed(canvas: skia.Canvas, x: float, y: float, length: float) -> None:
    """Lines above what falls."""
    line = Brush().line(max(2.0, 0.03 * length), INK)
    for dx, high in ((-0.3, 0.5), (0.0, 0.75), (0.3, 0.5)):
        top = y - (0.65 + high) * length
        canvas.drawLine(x + dx * length, top, x + dx * length, y - 0.65 * length, line)


def _half_table(things: Sequence[Wanted]) -> float:
    """Half the width of a table for these, in metres."""
    return max(0.3, 0.55 * sum(prop_metres(thing.name) for thing in things))


def _chair(
    canvas: skia.Canvas, plates: SetPlates, at: tuple[float, float, float], metre: float
) -> None:
    """A wooden chair seen from the front: its middle, its seat, the floor, in pixels."""
    x, seat, floor = at
    brush = Brush()
    line = brush.line(max(2.0, 0.018 * metre), INK)
    wood = plates.palette.wood
    half, thick = 0.25 * metre, 0.05 * metre
    back = seat - 0.46 * metre
    parts = [
        (x - half, back, x - half + thick, floor, 0.25),
        (x + half - thick, back, x + half, floor, 0.25),
        (x - half, back, x + half, back + 0.12 * metre, 0.1),
        (x - half, seat - 0.2 * metre, x + half, seat - 0.14 * metre, 0.1),
        (x - 1.12 * half, seat - 0.5 * thick, x + 1.12 * half, seat + 0.8 * thick, 0.0),
    ]
    for left, top, right, bottom, dark in parts:
        rect = skia.Rect.MakeLTRB(left, top, right, bottom)
        canvas.drawRect(rect, brush.fill(shaded(wood, dark)))
        canvas.drawRect(rect, line)


def seat(canvas: skia.Canvas, plates: SetPlates, placement: Placement) -> None:
    """The chair of an actor who sits, if it is in the picture."""
    scale = placement.view.scale
    hip = placement.y + 0.96 * Physique.of(placement.figure.avatar).torso * scale
    if placement.figure.manner == "sits" and hip < plates.size.height:
        metre = UNITS_PER_METRE * scale
        _chair(canvas, plates, (placement.x, hip, hip + _SEAT * metre), metre)


def _free_spots(placements: Sequence[Placement], width: float) -> list[float]:
    """Places across the frame, those farthest from every actor first."""
    taken = [p.x for p in placements]
    spots = [0.14, 0.86, 0.5, 0.32, 0.68]
    return sorted(
        (share * width for share in spots),
        key=lambda x: -min((abs(x - other) for other in taken), default=x),
    )


def _within(x: float, half: float, width: float) -> float:
    return max(half * 0.8, min(width - half * 0.8, x))


def _table(
    canvas: skia.Canvas, plates: SetPlates, at: tuple[float, float, float], half: float
) -> None:
    """A round side table: its middle, the height of its top, and of the floor, in pixels."""
    x, top, floor = at
    brush = Brush()
    line = brush.line(max(2.0, 0.05 * half), INK)
    wood = plates.palette.wood
    deep = 0.1 * half
    leg = skia.Rect.MakeLTRB(x - 0.09 * half, top, x + 0.09 * half, floor)
    foot = skia.Rect.MakeLTRB(x - 0.5 * half, floor - deep, x + 0.5 * half, floor + deep)
    for part, fill in ((foot, shaded(wood, 0.3)), (leg, shaded(wood, 0.2))):
        draw = canvas.drawOval if part is foot else canvas.drawRect
        draw(part, brush.fill(fill))
        draw(part, line)
    rim = skia.RRect.MakeRectXY(
        skia.Rect.MakeLTRB(x - half, top - deep, x + half, top + 1.6 * deep), half, 1.3 * deep
    )
    canvas.drawRRect(rim, brush.fill(wood))
    canvas.drawRRect(rim, line)
