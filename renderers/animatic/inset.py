"""Pictures within the picture: a thought, a television, a poster, a phone's screen.

An inset is painted once (frame and backdrop, who, thing); in every frame its parts are only
moved, so that it pops in and lives on for next to nothing.

Knows: the four frames, what is in them, where they go. Does not know: who stands beside one.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import skia

from renderers.animatic import lettering
from renderers.animatic.framing import Box
from renderers.animatic.ink import INK
from renderers.animatic.inset_view import Sprite, backdrop, sprite_of
from renderers.animatic.palette import Palette
from renderers.animatic.theme import toned
from renderers.scene import Inset, Look, Scene

SHARE = 0.355
"""Fraction of a tall picture's height that an inset above people takes."""
BESIDE = 0.42
"""Fraction of a wide picture's width that an inset beside people takes."""
UNDER_TITLE = 0.225
"""Fraction of the height of an inset above people where a title stands above it."""
AIR = 0.018
"""Fraction of the height between a title and what is below it: an inset bobs and pops."""
_ENTERS = 0.22
_POP = 0.34


def takes_side(scene: Scene, width: int, height: int) -> bool:
    """Whether the inset stands beside the actors rather than above them."""
    tall = 1.1 if scene.headroom <= 0 else 0.9
    return scene.inset is not None and bool(scene.figures) and width > tall * height


def inset_area(scene: Scene, width: int, height: int) -> Box:
    """Where the inset goes, in pixels: above the actors, beside them, or alone."""
    if not scene.figures:
        top = max(0.07, scene.headroom + AIR) * height
        room = Box(0.06 * width, top, 0.94 * width, 0.76 * height)
        return _fitted(room, 1.25 if width > height else 0.98)
    if takes_side(scene, width, height):
        left = 0.03 * width if scene.seed % 2 else (0.97 - BESIDE) * width
        top = max(0.06, scene.headroom + AIR) * height
        return _fitted(Box(left, top, left + BESIDE * width, 0.74 * height), 1.15)
    if scene.headroom > 0:
        top = scene.headroom + AIR
        return Box(0.07 * width, top * height, 0.93 * width, (top + UNDER_TITLE) * height)
    return Box(0.07 * width, 0.03 * height, 0.93 * width, SHARE * height)


def _fitted(room: Box, aspect: float) -> Box:
    """The largest box no wider than `aspect` × its height, in the middle of `room`."""
    wide, high = room.right - room.left, room.bottom - room.top
    across = min(wide, high * aspect)
    down = min(high, across * 1.25)
    x, y = (room.left + room.right) / 2, (room.top + room.bottom) / 2
    return Box(x - across / 2, y - down / 2, x + across / 2, y + down / 2)


@dataclass(frozen=True, slots=True)
class _Painted:
    image: skia.Image
    x: float
    y: float
    window: skia.Path
    """What of the picture inside is seen, in pixels of the frame."""
    inside: Box


class InsetArt:
    """An inset ready to be drawn in any frame; `tail` is the head that thinks it, if any."""

    def __init__(
        self,
        inset: Inset,
        area: Box,
        colours: Palette,
        seed: int,
        tail: Box | None = None,
        *,
        look: Look = "flat",
    ) -> None:
        self.area = area
        self.inset = inset
        self._tail = tail if inset.kind == "thought" else None
        painted = _FRAMES[inset.kind](inset, area, colours, seed)
        self._painted = replace(painted, image=toned(look, painted.image))
        inside = self._painted.inside
        self._who, self._thing = (
            None if sprite is None else replace(sprite, image=toned(look, sprite.image))
            for sprite in _cast(inset, inside, colours, seed)
        )

    def draw(self, canvas: skia.Canvas, t: float, *, whole: bool = False) -> None:
        """Draw it `t` seconds into the shot; `whole`: as it is once it has appeared."""
        size = 1.0 if whole else _popped((t - _ENTERS) / _POP)
        if size <= 0:
            return
        x, y = (self.area.left + self.area.right) / 2, (self.area.top + self.area.bottom) / 2
        bob = 0 if whole else round(0.006 * (self.area.bottom - self.area.top) * math.sin(2.2 * t))
        canvas.save()
        if size != 1.0:
            canvas.translate(x, y)
            canvas.scale(size, size)
            canvas.translate(-x, -y)
        canvas.translate(0, bob)
        if self._tail is not None:
            _bubbles(canvas, self.area, self._tail, t)
        p = self._painted
        canvas.drawImage(p.image, round(p.x), round(p.y))
        canvas.save()
        canvas.clipPath(p.window, skia.ClipOp.kIntersect, False)
        for i, sprite in enumerate((self._who, self._thing)):
            if sprite is not None:
                self._draw_sprite(canvas, sprite, 0.0 if whole else t, i)
        canvas.restore()
        canvas.restore()

    def _draw_sprite(self, canvas: skia.Canvas, sprite: Sprite, t: float, i: int) -> None:
        """Hop: who in twos, the thing to and fro."""
        beat = 2 * math.pi * (0.95 if i == 0 else 0.7) * t + 1.9 * i
        hop = abs(math.sin(beat)) * 0.07 * sprite.height
        sway = math.sin(0.6 * beat + i) * 0.05 * sprite.width
        canvas.drawImage(sprite.image, round(sprite.x + sway), round(sprite.y - hop))


def _cast(
    inset: Inset, inside: Box, colours: Palette, seed: int
) -> tuple[Sprite | None, Sprite | None]:
    """Who and thing, side by side (or one of them in the middle), standing on the ground."""
    wide, high = inside.right - inside.left, inside.bottom - inside.top
    ground = inside.bottom - 0.07 * high
    both = bool(inset.who and inset.thing)
    size = min((0.46 if both else 0.62) * wide, 0.8 * high)
    who = thing = None
    if inset.who:
        x = inside.left + (0.3 if both else 0.5) * wide
        who = sprite_of(inset.who, x, ground, size, colours, seed, person=True)
    if inset.thing:
        x = inside.left + (0.73 if both else 0.5) * wide
        own = size * (0.8 if both else 1.0)
        thing = sprite_of(inset.thing, x, ground - (0.02 * high if both else 0), own, colours, seed)
    return who, thing


# --- the four frames --------------------------------------------------------------


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


def _ink(width: float) -> skia.Paint:
    return skia.Paint(
        AntiAlias=True, Color=_colour(INK), Style=skia.Paint.kStroke_Style, StrokeWidth=width,
        StrokeJoin=skia.Paint.kRound_Join, StrokeCap=skia.Paint.kRound_Cap,
    )  # fmt: skip


def _fill(name: str) -> skia.Paint:
    return skia.Paint(AntiAlias=True, Color=_colour(name))


def _colour(name: str) -> int:
    return skia.Color(int(name[1:3], 16), int(name[3:5], 16), int(name[5:7], 16))


def _rounded(box: Box, radius: float) -> skia.Path:
    path = skia.Path()
    rect = skia.Rect.MakeLTRB(box.left, box.top, box.right, box.bottom)
    path.addRRect(skia.RRect.MakeRectXY(rect, radius, radius))
    return path


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


def _thought(inset: Inset, area: Box, colours: Palette, seed: int) -> _Painted:
    high = area.bottom - area.top
    surface, canvas, x, y = _canvas(area, 0.05 * high)
    shape = _cloud(area)
    _shadowed(canvas, shape, high)
    wide = area.right - area.left
    inside = _inset_box(area, 0.1 * wide, 0.09 * high, 0.1 * high)
    canvas.save()
    canvas.clipPath(shape, skia.ClipOp.kIntersect, True)
    backdrop(canvas, area, inset.place, colours, seed, soft=True)
    if inset.words:
        low = Box(inside.left, inside.bottom - 0.2 * high, inside.right, inside.bottom)
        _words(canvas, inset.words, low, INK)
        inside = _inset_box(inside, 0, 0, 0.2 * high)
    canvas.restore()
    line = max(3.0, 0.016 * high)
    canvas.drawPath(shape, _line_of("#fffdf6", 2.6 * line))
    canvas.drawPath(shape, _ink(line))
    return _Painted(surface.makeImageSnapshot(), x, y, shape, inside)


def _line_of(name: str, width: float) -> skia.Paint:
    paint = _ink(width)
    paint.setColor(_colour(name))
    return paint


def _television(inset: Inset, area: Box, colours: Palette, seed: int) -> _Painted:
    wide, high = area.right - area.left, area.bottom - area.top
    surface, canvas, x, y = _canvas(area, 0.05 * high)
    case = _rounded(area, 0.045 * high)
    _shadowed(canvas, case, high)
    line = max(3.0, 0.014 * high)
    canvas.drawPath(case, _fill("#3a3644"))
    canvas.drawPath(case, _ink(line))
    screen = _inset_box(area, 0.03 * wide, 0.05 * high)
    window = _rounded(screen, 0.03 * high)
    canvas.save()
    canvas.clipPath(window, skia.ClipOp.kIntersect, True)
    backdrop(canvas, screen, inset.place, colours, seed)
    inside = screen
    if inset.words:
        inside = _inset_box(screen, 0, 0, 0.24 * high)
        band = Box(screen.left, inside.bottom, screen.right, screen.bottom)
        rect = skia.Rect.MakeLTRB(band.left, band.top, band.right, band.bottom)
        canvas.drawRect(rect, _fill("#c8322c"))
        tag = skia.Rect.MakeLTRB(
            band.left, band.top - 0.075 * high, band.left + 0.2 * wide, band.top
        )
        canvas.drawRect(tag, _fill("#fffaf0"))
        live = Box(tag.left(), tag.top(), tag.right(), tag.bottom())
        _words(canvas, "LIVE", live, "#c8322c", most=1)
        _words(canvas, inset.words, band, "#fffaf0")
    canvas.drawRect(
        skia.Rect.MakeLTRB(screen.left, screen.top, screen.right, screen.bottom), _scan(high)
    )
    canvas.restore()
    canvas.drawPath(window, _ink(line))
    below = Box(area.right - 0.09 * wide, area.bottom - 0.037 * high, area.right, area.bottom)
    canvas.drawCircle(below.left, below.top + 0.012 * high, 0.012 * high, _fill("#e2503f"))
    return _Painted(surface.makeImageSnapshot(), x, y, window, inside)


def _scan(high: float) -> skia.Paint:
    """The faint sheen across a screen."""
    shader = skia.GradientShader.MakeLinear(
        points=[skia.Point(0, 0), skia.Point(0.5 * high, high)],
        colors=[skia.Color(255, 255, 255, 52), skia.Color(255, 255, 255, 0)],
        positions=[0.0, 0.55],
    )
    return skia.Paint(Shader=shader)


def _poster(inset: Inset, area: Box, colours: Palette, seed: int) -> _Painted:
    wide, high = area.right - area.left, area.bottom - area.top
    if wide > 1.15 * high:
        middle = (area.left + area.right) / 2
        area = Box(middle - 0.575 * high, area.top, middle + 0.575 * high, area.bottom)
        wide = area.right - area.left
    surface, canvas, x, y = _canvas(area, 0.05 * high)
    sheet = _rounded(area, 0.012 * high)
    _shadowed(canvas, sheet, high)
    line = max(3.0, 0.013 * high)
    canvas.drawPath(sheet, _fill("#fff8e8"))
    canvas.drawPath(sheet, _ink(line))
    inner = _inset_box(area, 0.05 * wide, 0.04 * high)
    if inset.words:
        head = Box(inner.left, inner.top, inner.right, inner.top + 0.2 * high)
        _words(canvas, inset.words, head, "#b8342c")
        inner = _inset_box(inner, 0, 0.22 * high, 0)
    window = _rounded(inner, 0.01 * high)
    canvas.save()
    canvas.clipPath(window, skia.ClipOp.kIntersect, True)
    backdrop(canvas, inner, inset.place, colours, seed)
    canvas.restore()
    canvas.drawPath(window, _ink(line * 0.7))
    for px in (area.left + 0.05 * wide, area.right - 0.05 * wide):
        canvas.drawCircle(px, area.top + 0.025 * high, 0.018 * high, _fill(colours.accent))
        canvas.drawCircle(px, area.top + 0.025 * high, 0.018 * high, _ink(line * 0.6))
    return _Painted(surface.makeImageSnapshot(), x, y, window, inner)


def _phone(inset: Inset, area: Box, colours: Palette, seed: int) -> _Painted:
    """A phone upright where there is room for one, else lying on its side."""
    wide, high = area.right - area.left, area.bottom - area.top
    if wide < 1.3 * high:
        across = min(wide, 0.62 * high)
        middle = (area.left + area.right) / 2
        area = Box(middle - across / 2, area.top, middle + across / 2, area.bottom)
    surface, canvas, x, y = _canvas(area, 0.05 * high)
    case = _rounded(area, 0.09 * high)
    _shadowed(canvas, case, high)
    line = max(3.0, 0.013 * high)
    canvas.drawPath(case, _fill("#26222c"))
    canvas.drawPath(case, _ink(line))
    screen = _inset_box(area, 0.035 * high, 0.04 * high)
    window = _rounded(screen, 0.06 * high)
    canvas.save()
    canvas.clipPath(window, skia.ClipOp.kIntersect, True)
    backdrop(canvas, screen, inset.place, colours, seed)
    inside = screen
    if inset.words:
        inside = _inset_box(screen, 0, 0, 0.26 * high)
        box = Box(
            screen.left + 0.04 * high, inside.bottom + 0.02 * high,
            screen.right - 0.04 * high, screen.bottom - 0.04 * high,
        )  # fmt: skip
        bubble = _rounded(box, 0.05 * high)
        canvas.drawPath(bubble, _fill("#fffdf8"))
        canvas.drawPath(bubble, _ink(line * 0.7))
        _words(canvas, inset.words, box, INK)
    canvas.restore()
    canvas.drawPath(window, _ink(line))
    return _Painted(surface.makeImageSnapshot(), x, y, window, inside)


_FRAMES: dict[str, Callable[[Inset, Box, Palette, int], _Painted]] = {
    "thought": _thought, "television": _television, "poster": _poster, "phone": _phone,
}  # fmt: skip


def _words(canvas: skia.Canvas, words: str, box: Box, ink: str, most: int = 2) -> None:
    """Words in the middle of a box, as large as they fit."""
    wide, high = box.right - box.left, box.bottom - box.top
    fitted = lettering.fit(words, 0.9 * wide, 0.82 * high, most)
    if fitted is None:
        return
    size = min(fitted.size, 0.52 * high)
    font = lettering.font(size, "sans", True)
    leading = size * 1.14
    y = (box.top + box.bottom) / 2 - leading * (len(fitted.lines) - 1) / 2 + 0.36 * size
    for line in fitted.lines:
        across = lettering.width(line, size, "sans", True)
        canvas.drawString(line, (box.left + box.right - across) / 2, y, font, _fill(ink))
        y += leading


def _bubbles(canvas: skia.Canvas, area: Box, head: Box, t: float) -> None:
    """The chain of little clouds from a head to its thought."""
    x0, y0 = (head.left + head.right) / 2, head.top + 0.06 * (head.bottom - head.top)
    middle = (area.left + area.right) / 2
    x1 = min(max(x0, area.left + 0.25 * (area.right - area.left)),
             area.right - 0.25 * (area.right - area.left))  # fmt: skip
    y1 = min(area.bottom, y0)
    if area.bottom > y0:
        # Beside the head: the chain goes sideways.
        x1 = area.right if middle < x0 else area.left
        x0 = head.left if middle < x0 else head.right
        y0, y1 = head.top + 0.3 * (head.bottom - head.top), (area.top + area.bottom) / 2
    high = area.bottom - area.top
    for i, (share, radius) in enumerate(((0.2, 0.022), (0.52, 0.032), (0.85, 0.044))):
        wobble = 0.008 * high * math.sin(2.4 * t + i)
        x, y = x0 + (x1 - x0) * share + wobble, y0 + (y1 - y0) * share
        canvas.drawCircle(x, y, radius * high, _fill("#fffdf6"))
        canvas.drawCircle(x, y, radius * high, _ink(max(3.0, 0.012 * high)))


def _popped(share: float) -> float:
    """Size while it appears: from nothing, past its own, and back."""
    if share <= 0:
        return 0.0
    if share >= 2.4:
        return 1.0
    return 1 - math.exp(-4.4 * share) * math.cos(4.2 * share)
