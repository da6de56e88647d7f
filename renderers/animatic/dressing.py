"""Set dressing: props in hands, on a side table, on the floor beside the actors.

Knows: how a prop is held or stood up, and where there is room for it. Does not know: how a
prop is drawn, poses.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache

import numpy as np
import skia

from renderers.animatic.figure import Held
from renderers.animatic.framing import Box, Placement
from renderers.animatic.ink import INK, Brush, shaded
from renderers.animatic.limbs import Point
from renderers.animatic.palette import Palette, palette
from renderers.animatic.props import draw_prop, find_prop, prop_grip, prop_metres
from renderers.animatic.sets import SetPlates

UNITS_PER_METRE = 1046.0
"""An adult actor of 1800 figure units is 1.72 m tall."""
_TABLE_TOP = 0.74
_PALM = 34.0
"""Figure units from the wrist to what a hand closes on."""
SWUNG = frozenset({"gavel", "hammer"})
"""Props that turn with the hand; all others stay upright, and readable."""
_ON_FLOOR = 0.5
"""Props at least this long (metres) stand on the floor, shorter ones on the table."""
_MOST = 3


class HeldProp(Held):
    """A prop in an actor's hand."""

    def __init__(
        self,
        name: str,
        colours: Palette,
        text: str = "",
        size: float = 1.0,
        paint: skia.Paint | None = None,
    ) -> None:
        self.name = name
        self.size = prop_metres(name) * UNITS_PER_METRE * size
        self._picture = _picture(name, colours, text)
        self._paint = paint

    def draw(self, canvas: skia.Canvas, wrist: Point, angle: float, flipped: bool) -> None:
        """Draw it with its grip in the palm; lettering reads the right way round."""
        turn = math.radians(angle)
        gx, gy = prop_grip(self.name)
        canvas.save()
        canvas.translate(wrist[0] + _PALM * math.cos(turn), wrist[1] + _PALM * math.sin(turn))
        if self.name in SWUNG:
            canvas.rotate(angle + 90)
        elif flipped:
            canvas.scale(-1, 1)
        canvas.scale(self.size, self.size)
        canvas.translate(-gx, -gy)
        canvas.drawPicture(self._picture, None, self._paint)
        canvas.restore()

    def reach(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom around the palm, in figure units as the picture shows them."""
        gx, gy = prop_grip(self.name)
        left, top, right, bottom = prop_bounds(self.name)
        if self.name in SWUNG:
            # Raised, as it is until it comes down.
            return (-0.4 * self.size, -self.size, 0.4 * self.size, 0.3 * self.size)
        return (
            (left - gx) * self.size,
            (top - gy) * self.size,
            (right - gx) * self.size,
            (bottom - gy) * self.size,
        )


@cache
def prop_bounds(name: str) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of what is really drawn, as fractions of the prop's size."""
    pixels = 128
    surface = skia.Surface(pixels, pixels)
    draw_prop(surface.getCanvas(), name, pixels / 2, pixels / 2, pixels, palette(0, "day"))
    alpha = surface.makeImageSnapshot().toarray()[:, :, 3] > 40
    rows, columns = np.flatnonzero(alpha.any(axis=1)), np.flatnonzero(alpha.any(axis=0))
    if not rows.size:
        return (-0.5, -0.5, 0.5, 0.5)
    edges = (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)
    left, top, right, bottom = (float(edge) / pixels - 0.5 for edge in edges)
    return (left, top, right, bottom)


def dress(
    plates: SetPlates, placements: Sequence[Placement], words: Sequence[str]
) -> skia.Picture | None:
    """Stand the props that `words` name beside the actors; None where none is known or seen.

    The picture is in pixels of the frame, and belongs behind the actors.
    """
    names = [name for word in words if (name := find_prop(word))]
    names = list(dict.fromkeys(names))[:_MOST]
    size = plates.size
    width, height = size.width, size.height
    metre, floor = plates.metre * height, plates.floor * height
    table = floor - _TABLE_TOP * metre
    if not names or table > 0.97 * height:
        return None
    big = [name for name in names if prop_metres(name) >= _ON_FLOOR]
    small = [name for name in names if prop_metres(name) < _ON_FLOOR]
    recorder = skia.PictureRecorder()
    canvas = recorder.beginRecording(skia.Rect.MakeWH(width, height))
    spots = _free_spots(placements, width)
    if small:
        half = max(0.3, 0.55 * sum(prop_metres(name) for name in small)) * metre
        x = _within(spots[0], half, width)
        _table(canvas, plates, (x, table, floor), half)
        across = x - 0.86 * half
        for name in small:
            room = prop_metres(name) / sum(prop_metres(n) for n in small) * 1.72 * half
            _stand(canvas, plates, name, across + room / 2, table + 0.01 * metre, metre)
            across += room
    for name, spot in zip(big, spots[1:] if small else spots, strict=False):
        x = _within(spot, 0.4 * prop_metres(name) * metre, width)
        _stand(canvas, plates, name, x, floor, metre)
    return recorder.finishRecordingAsPicture()


def hides(box: Box, faces: Sequence[Box]) -> bool:
    return any(box.meets(face) for face in faces)


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


def _stand(
    canvas: skia.Canvas, plates: SetPlates, name: str, x: float, ground: float, metre: float
) -> None:
    """Draw a prop that stands at (x, ground), with its contact shadow."""
    length = prop_metres(name) * metre
    left, _, right, bottom = prop_bounds(name)
    half = 0.5 * (right - left) * length
    shade = skia.Paint(AntiAlias=True, Color=skia.Color(24, 14, 44, 90))
    canvas.drawOval(
        skia.Rect.MakeLTRB(x - half, ground - 0.1 * half, x + half, ground + 0.12 * half), shade
    )
    draw_prop(canvas, name, x, ground - bottom * length, length, plates.palette)


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


@cache
def _picture(name: str, colours: Palette, text: str) -> skia.Picture:
    recorder = skia.PictureRecorder()
    canvas = recorder.beginRecording(skia.Rect.MakeLTRB(-1, -1, 1, 1))
    draw_prop(canvas, name, 0, 0, 1, colours, text)
    return recorder.finishRecordingAsPicture()
