"""Comic marks around a head: sweat, a vein, sparkles, a question mark, tears.

Each is a function of its age in seconds, so that it pops in and keeps living.

Knows: the marks' shapes and small movements. Does not know: when a mark is due.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TypeAlias

import skia

from renderers.animatic.ink import INK, Brush, lit
from renderers.animatic.paths import curve

_SWEAT = "#8fd3f4"
_GOLD = "#ffd447"
_RED = "#e23d3d"


ONE_SIDED: Mapping[str, float] = {
    "vein": -545.0,
    "question": -545.0,
    "shock": -515.0,
    "dots": -480.0,
    "squiggle": -490.0,
    "flare": -485.0,
}
"""Marks that hang on the side a figure looks to, and may as well hang on the other, with their
top in figure units."""


AROUND = frozenset({"lines", "sparkles", "hearts"})
"""Marks that stand around a head, hair and all."""

REACH = (165.0, 372.0)
"""Left and right end of a one-sided mark, in figure units."""
_HAIR = 240.0
"""How far hair may reach and still leave room for a mark."""
_ASIDE = 40.0
"""How far a mark may be moved and still be beside the face, in figure units."""


def keep_in_frame(canvas: skia.Canvas, top: float, hair: float = 0.0) -> bool:
    """Move a mark out to where the hair ends, and in from the edges of the picture that cut it.

    False where it would come to lie on the head: in from the side.
    """
    out = max(0.0, hair - _HAIR)
    canvas.translate(out, 0)
    matrix, frame = canvas.getTotalMatrix(), canvas.getDeviceClipBounds()
    ends = [matrix.mapXY(x, top) for x in REACH]
    across = sorted(point.fX for point in ends)
    over = max(0.0, across[1] - frame.right()) or min(0.0, across[0] - frame.left())
    above = min(0.0, min(point.fY for point in ends) - frame.top())
    wide, high = matrix.getScaleX(), matrix.getScaleY()
    # A head that is half out of the picture itself takes its mark along.
    if wide and high and max(abs(over / wide), abs(above / high)) < 300 + out:
        canvas.translate(-over / wide, -above / high)
        return abs(over / wide) < _ASIDE + out
    return True


def clear_of_hair(canvas: skia.Canvas, bounds: tuple[float, float, float, float]) -> None:
    """Move marks that stand around a head out to where its hair or hat ends."""
    x, y, reach = 24.0, -255.0, 292.0
    left, top, right, _ = bounds
    size = min(1.35, max(1.0, (y + 20 - top) / reach, (right - x) / reach, (x - left) / reach))
    canvas.translate(x, y)
    canvas.scale(size, size)
    canvas.translate(-x, -y)


def draw_mark(canvas: skia.Canvas, brush: Brush, name: str, age: float, flipped: bool) -> None:
    """Draw a mark in figure units; `flipped` figures still get readable letters."""
    if age < 0:
        return
    pop = min(1.0, age / 0.16)
    overshoot = 1 + 0.25 * math.sin(math.pi * min(1.0, age / 0.3)) * (pop if age < 0.3 else 0)
    canvas.save()
    _MARKS[name](canvas, brush, age, pop * overshoot, flipped)
    canvas.restore()


def _spot(canvas: skia.Canvas, x: float, y: float, size: float, turn: float = 0.0) -> None:
    canvas.translate(x, y)
    canvas.rotate(turn)
    canvas.scale(size, size)


def _bold(canvas: skia.Canvas, brush: Brush, path: skia.Path, colour: str, width: float) -> None:
    """A stroke in colour with an inked edge."""
    canvas.drawPath(path, brush.line(width + 20, INK))
    canvas.drawPath(path, brush.line(width, colour))


def _in_picture(canvas: skia.Canvas, x: float, y: float, reach: float) -> bool:
    """Whether nothing cuts a mark: neither the frame nor the face of somebody beside it."""
    matrix, clip = canvas.getTotalMatrix(), skia.Rect.Make(canvas.getDeviceClipBounds())
    return clip.contains(
        matrix.mapRect(skia.Rect.MakeLTRB(x - reach, y - reach, x + reach, y + reach))
    )


def _drop(canvas: skia.Canvas, brush: Brush, x: float, y: float, size: float) -> None:
    drop = curve(
        (x, y - 52 * size),
        (x + 12 * size, y - 22 * size, x + 34 * size, y - 2 * size, x + 30 * size, y + 22 * size),
        (x + 26 * size, y + 48 * size, x - 26 * size, y + 48 * size, x - 30 * size, y + 22 * size),
        (x - 34 * size, y - 2 * size, x - 12 * size, y - 22 * size, x, y - 52 * size),
    )
    brush.shape(canvas, drop, _SWEAT, 10)
    canvas.drawCircle(x - 10 * size, y + 14 * size, 7 * size, brush.fill("#ffffff"))


def _sweat(canvas: skia.Canvas, brush: Brush, age: float, size: float, flipped: bool) -> None:
    slide = 34 * ((age * 0.55) % 1.0)
    _drop(canvas, brush, -196, -400 + slide, size)
    _drop(canvas, brush, -236, -318 + slide * 0.7, 0.62 * size)


def _vein(canvas: skia.Canvas, brush: Brush, age: float, size: float, flipped: bool) -> None:
    _spot(canvas, 222, -452, size * (1 + 0.1 * math.sin(age * 9)), 12)
    path = skia.Path()
    for sx, sy in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
        path.moveTo(sx * 14, sy * 58)
        path.quadTo(sx * 18, sy * 18, sx * 58, sy * 14)
    _bold(canvas, brush, path, _RED, 17)


def _star(canvas: skia.Canvas, brush: Brush, x: float, y: float, size: float, colour: str) -> None:
    star = skia.Path()
    star.moveTo(x, y - size)
    for px, py in ((1, 0), (0, 1), (-1, 0), (0, -1)):
        star.quadTo(x, y, x + px * size, y + py * size)
    star.close()
    canvas.drawPath(star, brush.line(16))
    canvas.drawPath(star, brush.fill(colour))


def _sparkles(canvas: skia.Canvas, brush: Brush, age: float, size: float, flipped: bool) -> None:
    for i, (x, y, r) in enumerate(((262, -420, 58), (318, -310, 34), (-240, -440, 44))):
        beat = 0.72 + 0.28 * math.sin(age * 5 + 2.1 * i)
        if _in_picture(canvas, x, y, r):
            _star(canvas, brush, x, y, r * size * beat, _GOLD)


def _hearts(canvas: skia.Canvas, brush: Brush, age: float, size: float, flipped: bool) -> None:
    for i, (x, y, r) in enumerate(((268, -400, 1.0), (-250, -380, 0.72))):
        rise = (age * 0.5 + 0.5 * i) % 1.0
        if not _in_picture(canvas, x, y, 66 * r):
            continue
        canvas.save()
        _spot(canvas, x + 12 * math.sin(age * 3 + i), y - 46 * rise, r * size, 12 - 24 * i)
        heart = curve((0, 46), (-78, -10, -44, -66, 0, -28), (44, -66, 78, -10, 0, 46))
        canvas.drawPath(heart, brush.line(18))
        canvas.drawPath(heart, brush.fill("#f0567a"))
        canvas.restore()


def _question(canvas: skia.Canvas, brush: Brush, age: float, size: float, flipped: bool) -> None:
    _spot(canvas, 262, -420, size * 1.1, 10 + 7 * math.sin(age * 4))
    if flipped:
        canvas.scale(-1, 1)
    path = skia.Path()
    path.moveTo(-34, -38)
    path.cubicTo(-34, -98, 44, -98, 40, -44)
    path.cubicTo(38, -14, 2, -10, 2, 26)
    path.moveTo(2, 66)
    path.lineTo(2, 67)
    _bold(canvas, brush, path, _GOLD, 22)


def _shock(canvas: skia.Canvas, brush: Brush, age: float, size: float, flipped: bool) -> None:
    for i, x in enumerate((236, 300)):
        canvas.save()
        shake = 6 * math.sin(age * 22 + i) * math.exp(-2 * age)
        _spot(canvas, x + shake, -420 + 22 * i, size, 10 + 8 * i)
        path = skia.Path()
        path.moveTo(0, -64)
        path.lineTo(0, 16)
        path.moveTo(0, 58)
        path.lineTo(0, 59)
        _bold(canvas, brush, path, _RED if i == 0 else _GOLD, 24)
        canvas.restore()


def _lines(canvas: skia.Canvas, brush: Brush, age: float, size: float, flipped: bool) -> None:
    """Short strokes around the head: surprise."""
    pulse = 1 + 0.1 * math.sin(age * 8)
    for angle in (-150, -122, -30, -2):
        canvas.save()
        canvas.translate(24, -255)
        canvas.rotate(angle)
        start = 292 * (1.06 if angle in (-122, -30) else 1.0)
        tip = canvas.getTotalMatrix().mapXY(start + 90, 0)
        if not canvas.getDeviceClipBounds().contains(round(tip.fX), round(tip.fY)):
            canvas.restore()
            continue
        canvas.drawLine(start, 0, start + 56 * size * pulse, 0, brush.line(30, INK))
        canvas.drawLine(start, 0, start + 56 * size * pulse, 0, brush.line(14, _GOLD))
        canvas.restore()


def _gloom(canvas: skia.Canvas, brush: Brush, age: float, size: float, flipped: bool) -> None:
    """Vertical strokes over the brow: dejection."""
    for i in range(5):
        x = 60 + 30 * i
        length = (88 - 13 * abs(i - 2)) * min(1.0, size)
        sway = 3 * math.sin(age * 3 + i)
        canvas.drawLine(x + sway, -388, x + sway, -388 + length, brush.line(7, "#3b4a86", 0.75))


def _tears(canvas: skia.Canvas, brush: Brush, age: float, size: float, flipped: bool) -> None:
    for i, x in enumerate((46, 160)):
        stream = skia.Path()
        wobble = 5 * math.sin(age * 7 + 2 * i)
        stream.moveTo(x - 13, -208)
        stream.cubicTo(
            x - 22 + wobble, -160, x - 20 - wobble, -110, x - 22, -208 + 150 * min(1, size)
        )
        stream.quadTo(x, -208 + 176 * min(1, size), x + 20, -208 + 150 * min(1, size))
        stream.cubicTo(x + 16 - wobble, -110, x + 20 + wobble, -160, x + 13, -208)
        stream.close()
        brush.shape(canvas, stream, _SWEAT, 8)
        glint = (age * 1.4 + 0.5 * i) % 1.0
        canvas.drawCircle(x, -190 + 110 * glint, 7, brush.fill("#ffffff"))


def _steam(canvas: skia.Canvas, brush: Brush, age: float, size: float, flipped: bool) -> None:
    puff = (age * 1.1) % 1.0
    for side, x in ((-1, -210), (1, 258)):
        for step in (0, 1):
            r = (20 + 26 * puff) * (1 - 0.35 * step) * size
            cx, cy = x + side * (30 + 46 * puff) * (1 + 0.8 * step), -300 - 26 * step - 30 * puff
            canvas.drawCircle(cx, cy, r, brush.line(16, INK, 1 - 0.6 * puff))
            canvas.drawCircle(cx, cy, r, brush.fill("#f6f2ea", 1 - 0.6 * puff))


def _dots(canvas: skia.Canvas, brush: Brush, age: float, size: float, flipped: bool) -> None:
    """Three dots in a bubble: bare, two of them look like another pair of eyes."""
    _spot(canvas, 266, -430 + 5 * math.sin(age * 3), min(1.0, size))
    bubble = skia.Path()
    bubble.addRoundRect(skia.Rect.MakeLTRB(-92, -46, 92, 46), 46, 46)
    tail = skia.Path()
    tail.addCircle(-84, 66, 15)
    for shape in (tail, bubble):
        brush.shape(canvas, shape, "#fffdf6", 13)
    for i in range(3):
        high = 12 * max(0.0, math.sin(age * 5 - 0.9 * i))
        canvas.drawCircle(-46 + 46 * i, -high, 12, brush.fill(INK))


def _flare(canvas: skia.Canvas, brush: Brush, age: float, size: float, flipped: bool) -> None:
    _star(canvas, brush, 266, -425, 56 * size * (0.8 + 0.2 * math.sin(age * 6)), lit(_GOLD, 0.5))


def _sigh(canvas: skia.Canvas, brush: Brush, age: float, size: float, flipped: bool) -> None:
    drift = (age * 0.45) % 1.0
    x, y, r = 238 + 90 * drift, -96 + 20 * drift, (22 + 22 * drift) * min(1, size)
    fade = 1 - 0.7 * drift
    for dx, dy, k in ((0, 0, 1.0), (34, -14, 0.7), (30, 20, 0.6)):
        canvas.drawCircle(x + dx, y + dy, r * k, brush.line(16, INK, fade))
    for dx, dy, k in ((0, 0, 1.0), (34, -14, 0.7), (30, 20, 0.6)):
        canvas.drawCircle(x + dx, y + dy, r * k, brush.fill("#f6f2ea", fade))


def _squiggle(canvas: skia.Canvas, brush: Brush, age: float, size: float, flipped: bool) -> None:
    _spot(canvas, 262, -410, size, 0)
    path = skia.Path()
    path.moveTo(-10, 40)
    for i in range(1, 26):
        angle, r = 0.62 * i + age * 3, 3.0 * i * 0.9
        path.lineTo(r * math.cos(angle), r * math.sin(angle) * 0.8)
    _bold(canvas, brush, path, "#9a7bc8", 10)


def _tremble(canvas: skia.Canvas, brush: Brush, age: float, size: float, flipped: bool) -> None:
    for side, x in ((-1, -222), (1, 250)):
        for row in range(3):
            path = skia.Path()
            y = -330 + 84 * row
            path.moveTo(x, y)
            shake = 5 * math.sin(age * 30 + row)
            path.quadTo(x + side * (22 + shake), y + 16, x, y + 32)
            path.quadTo(x - side * (14 + shake), y + 48, x + side * 4, y + 62)
            canvas.drawPath(path, brush.line(9, "#3b4a86", 0.8 * min(1, size)))


_Mark: TypeAlias = "Callable[[skia.Canvas, Brush, float, float, bool], None]"
_MARKS: dict[str, _Mark] = {
    "sweat": _sweat, "vein": _vein, "sparkles": _sparkles, "hearts": _hearts,
    "question": _question, "shock": _shock, "lines": _lines, "gloom": _gloom, "tears": _tears,
    "steam": _steam, "dots": _dots, "flare": _flare, "sigh": _sigh, "squiggle": _squiggle,
    "tremble": _tremble,
}  # fmt: skip
