"""The four frames of insets: a thought, a television, a poster, a phone, each painted once.

Knows: frames, backdrops and words in them. Does not know: who is in one, where it goes, time.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import skia

from renderers.animatic import lettering
from renderers.animatic.framing import Box
from renderers.animatic.ink import INK, argb, clipped, fill, stroke
from renderers.animatic.inset_view import backdrop
from renderers.animatic.palette import Palette
from renderers.scene import Inset


@dataclass(frozen=True, slots=True)
class Painted:
    image: skia.Image
    x: float
    y: float
    window: skia.Path
    """What of the picture inside is seen, in pixels of the frame."""
    inside: Box


def _canvas(area: Box, air: float) -> tuple[skia.Surface, skia.Canvas, float, float]:
    """A surface around `area`, in pixels of the frame."""
    x, y = math.floor(area.left - air), math.floor(area.top - air)
    surface = skia.Surface(
        math.ceil(area.right + air) - x + 1, math.ceil(area.bottom + air) - y + 1
    )
    canvas = surface.getCanvas()
    canvas.translate(-x, -y)
    return surface, canvas, x, y


def _shadowed(canvas: skia.Canvas, path: skia.Path, size: float) -> None:
    shade = skia.Paint(AntiAlias=True, Color=skia.Color(20, 10, 40, 90))
    shade.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, 0.02 * size))
    canvas.save()
    canvas.translate(0.012 * size, 0.022 * size)
    canvas.drawPath(path, shade)
    canvas.restore()


def ink_line(width: float) -> skia.Paint:
    return stroke(width, argb(INK))


def _edged(canvas: skia.Canvas, path: skia.Path, colour: str, width: float) -> None:
    canvas.drawPath(path, fill(colour))
    canvas.drawPath(path, ink_line(width))


def _rounded(box: Box, radius: float) -> skia.Path:
    path = skia.Path()
    rect = skia.Rect.MakeLTRB(box.left, box.top, box.right, box.bottom)
    path.addRRect(skia.RRect.MakeRectXY(rect, radius, radius))
    return path


def _case(
    area: Box, high: float, radius: float, colour: str, line: float
) -> tuple[skia.Surface, skia.Canvas, float, float]:
    """A surface with a rounded case that fills `area`, and its shadow."""
    surface, canvas, x, y = _canvas(area, 0.05 * high)
    case = _rounded(area, radius * high)
    _shadowed(canvas, case, high)
    _edged(canvas, case, colour, line)
    return surface, canvas, x, y


def _inset_box(box: Box, x: float, top: float, bottom: float | None = None) -> Box:
    low = top if bottom is None else bottom
    return Box(box.left + x, box.top + top, box.right - x, box.bottom - low)


def _cloud(box: Box) -> skia.Path:
    """A cloud of round lobes that fills the box."""
    wide, high = box.right - box.left, box.bottom - box.top
    x, y = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    lobes = skia.OpBuilder()
    count = 11
    radius = 0.155 * min(wide, 1.6 * high)
    for i in range(count):
        angle = 2 * math.pi * i / count + 0.3
        own = radius * (1 + 0.16 * math.sin(5.0 * i))
        cx = x + (wide / 2 - radius * 1.12) * math.cos(angle)
        cy = y + (high / 2 - radius * 1.12) * math.sin(angle)
        lobe = skia.Path()
        lobe.addCircle(cx, cy, own)
        lobes.add(lobe, skia.PathOp.kUnion_PathOp)
    core = skia.Path()
    core.addOval(
        skia.Rect.MakeLTRB(
            box.left + radius * 0.8, box.top + radius * 0.8,
            box.right - radius * 0.8, box.bottom - radius * 0.8,
        )
    )  # fmt: skip
    lobes.add(core, skia.PathOp.kUnion_PathOp)
    whole = lobes.resolve()
    assert whole is not None
    return whole


def _thought(inset: Inset, area: Box, colours: Palette, seed: int) -> Painted:
    high = area.bottom - area.top
    surface, canvas, x, y = _canvas(area, 0.05 * high)
    shape = _cloud(area)
    _shadowed(canvas, shape, high)
    wide = area.right - area.left
    inside = _inset_box(area, 0.1 * wide, 0.09 * high, 0.1 * high)
    with clipped(canvas, shape):
        backdrop(canvas, area, inset.place, colours, seed, soft=True)
        if inset.words:
            low = Box(inside.left, inside.bottom - 0.2 * high, inside.right, inside.bottom)
            _words(canvas, inset.words, low, INK)
            inside = _inset_box(inside, 0, 0, 0.2 * high)
    line = max(3.0, 0.016 * high)
    canvas.drawPath(shape, stroke(2.6 * line, argb("#fffdf6")))
    canvas.drawPath(shape, ink_line(line))
    return Painted(surface.makeImageSnapshot(), x, y, shape, inside)


def _television(inset: Inset, area: Box, colours: Palette, seed: int) -> Painted:
    wide, high = area.right - area.left, area.bottom - area.top
    line = max(3.0, 0.014 * high)
    surface, canvas, x, y = _case(area, high, 0.045, "#3a3644", line)
    screen = _inset_box(area, 0.03 * wide, 0.05 * high)
    window = _rounded(screen, 0.03 * high)
    with clipped(canvas, window):
        backdrop(canvas, screen, inset.place, colours, seed)
        inside = screen
        if inset.words:
            inside = _inset_box(screen, 0, 0, 0.24 * high)
            band = Box(screen.left, inside.bottom, screen.right, screen.bottom)
            rect = skia.Rect.MakeLTRB(band.left, band.top, band.right, band.bottom)
            canvas.drawRect(rect, fill("#c8322c"))
            tag = skia.Rect.MakeLTRB(
                band.left, band.top - 0.075 * high, band.left + 0.2 * wide, band.top
            )
            canvas.drawRect(tag, fill("#fffaf0"))
            live = Box(tag.left(), tag.top(), tag.right(), tag.bottom())
            _words(canvas, "LIVE", live, "#c8322c", most=1)
            _words(canvas, inset.words, band, "#fffaf0")
        canvas.drawRect(
            skia.Rect.MakeLTRB(screen.left, screen.top, screen.right, screen.bottom), _scan(high)
        )
    canvas.drawPath(window, ink_line(line))
    below = Box(area.right - 0.09 * wide, area.bottom - 0.037 * high, area.right, area.bottom)
    canvas.drawCircle(below.left, below.top + 0.012 * high, 0.012 * high, fill("#e2503f"))
    return Painted(surface.makeImageSnapshot(), x, y, window, inside)


def _scan(high: float) -> skia.Paint:
    """The faint sheen across a screen."""
    shader = skia.GradientShader.MakeLinear(
        points=[skia.Point(0, 0), skia.Point(0.5 * high, high)],
        colors=[skia.Color(255, 255, 255, 52), skia.Color(255, 255, 255, 0)],
        positions=[0.0, 0.55],
    )
    return skia.Paint(Shader=shader)


def _poster(inset: Inset, area: Box, colours: Palette, seed: int) -> Painted:
    wide, high = area.right - area.left, area.bottom - area.top
    if wide > 1.15 * high:
        middle = (area.left + area.right) / 2
        area = Box(middle - 0.575 * high, area.top, middle + 0.575 * high, area.bottom)
        wide = area.right - area.left
    line = max(3.0, 0.013 * high)
    surface, canvas, x, y = _case(area, high, 0.012, "#fff8e8", line)
    inner = _inset_box(area, 0.05 * wide, 0.04 * high)
    alone = bool(inset.words) and not (inset.who or inset.thing or inset.place)
    if inset.words and not alone:
        head = Box(inner.left, inner.top, inner.right, inner.top + 0.2 * high)
        _words(canvas, inset.words, head, "#b8342c")
        inner = _inset_box(inner, 0, 0.22 * high, 0)
    window = _rounded(inner, 0.01 * high)
    if alone:
        # What is only said fills the sheet.
        _words(canvas, inset.words, _inset_box(inner, 0.04 * wide, 0.1 * high), "#b8342c", 6)
    else:
        with clipped(canvas, window):
            backdrop(canvas, inner, inset.place, colours, seed)
    canvas.drawPath(window, ink_line(line * 0.7))
    for px in (area.left + 0.05 * wide, area.right - 0.05 * wide):
        canvas.drawCircle(px, area.top + 0.025 * high, 0.018 * high, fill(colours.accent))
        canvas.drawCircle(px, area.top + 0.025 * high, 0.018 * high, ink_line(line * 0.6))
    return Painted(surface.makeImageSnapshot(), x, y, window, inner)


def _phone(inset: Inset, area: Box, colours: Palette, seed: int) -> Painted:
    """A phone upright where there is room for one, else lying on its side."""
    wide, high = area.right - area.left, area.bottom - area.top
    if wide < 1.3 * high:
        across = min(wide, 0.62 * high)
        middle = (area.left + area.right) / 2
        area = Box(middle - across / 2, area.top, middle + across / 2, area.bottom)
    line = max(3.0, 0.013 * high)
    surface, canvas, x, y = _case(area, high, 0.09, "#26222c", line)
    screen = _inset_box(area, 0.035 * high, 0.04 * high)
    window = _rounded(screen, 0.06 * high)
    with clipped(canvas, window):
        backdrop(canvas, screen, inset.place, colours, seed)
        inside = screen
        if inset.words:
            inside = _inset_box(screen, 0, 0, 0.26 * high)
            box = Box(
                screen.left + 0.04 * high, inside.bottom + 0.02 * high,
                screen.right - 0.04 * high, screen.bottom - 0.04 * high,
            )  # fmt: skip
            bubble = _rounded(box, 0.05 * high)
            _edged(canvas, bubble, "#fffdf8", line * 0.7)
            _words(canvas, inset.words, box, INK)
    canvas.drawPath(window, ink_line(line))
    return Painted(surface.makeImageSnapshot(), x, y, window, inside)


def _words(canvas: skia.Canvas, words: str, box: Box, ink: str, most: int = 2) -> None:
    """Words in the middle of a box, as large as they fit."""
    wide, high = box.right - box.left, box.bottom - box.top
    fitted = lettering.fit(words, 0.9 * wide, 0.82 * high, most)
    if fitted is None:
        return
    size = min(fitted.size, 0.52 * high)
    middle = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    lettering.Fitted(fitted.lines, size, size * 1.14).draw(canvas, *middle, fill(ink))


FRAMES: dict[str, Callable[[Inset, Box, Palette, int], Painted]] = {
    "thought": _thought, "television": _television, "poster": _poster, "phone": _phone,
}  # fmt: skip
