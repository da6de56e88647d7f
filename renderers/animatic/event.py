"""What happens to a thing in the first seconds: it falls, breaks, is revealed, rings, rushes at us.

Every event is a pure function of time; its sprite is painted once.

Knows: six events, the thing's picture. Does not know: which film has which, actors.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import skia

from renderers.animatic.easing import smooth
from renderers.animatic.framing import Box
from renderers.animatic.ink import INK, argb, fill, linear, mix, stroke
from renderers.animatic.inset_view import Sprite, sprite_of
from renderers.animatic.palette import Palette
from renderers.animatic.paths import curve
from renderers.animatic.theme import inked, toned
from renderers.scene import Scene


class EventArt:
    """A thing and what happens to it, ready to be drawn at any time of a shot."""

    def __init__(self, scene: Scene, width: int, height: int, colours: Palette) -> None:
        self.width, self.height = width, height
        top = scene.headroom * height
        self.area = Box(0.06 * width, top, 0.94 * width, 0.78 * height)
        size = 0.9 * min(self.area.right - self.area.left, self.area.bottom - self.area.top)
        sprite = sprite_of(
            scene.subject, width / 2, self.area.bottom, size, colours, scene.palette, person=True
        )
        self.sprite = Sprite(toned(scene.look, sprite.image), sprite.x, sprite.y)
        self._angles = {0: self.sprite.image}
        self.colours, self.look = colours, scene.look
        draw: Callable[[EventArt, skia.Canvas, float], None] = _EVENTS[scene.event]
        self._draw = partial(draw, self)

    def draw(self, canvas: skia.Canvas, t: float, *, whole: bool = False) -> None:
        """Draw it `t` seconds into the shot; `whole`: as it is once it has happened."""
        self._draw(canvas, 1.2 if whole else t)

    @property
    def middle(self) -> tuple[float, float]:
        s = self.sprite
        return s.x + s.width / 2, s.y + s.height / 2

    def tint(self, name: str) -> str:
        return inked(name) if self.look == "ink" else name

    def put(
        self, canvas: skia.Canvas, dx: float = 0, dy: float = 0, size: float = 1, turn: float = 0
    ) -> None:
        """The sprite, moved, turned (by whole degrees) and sized about its middle."""
        x, y = self.middle
        image = self._turned(round(turn))
        canvas.save()
        canvas.translate(x + dx, y + dy)
        canvas.scale(size, size)
        canvas.drawImage(image, -image.width() / 2, -image.height() / 2, linear())
        canvas.restore()

    def _turned(self, degrees: int) -> skia.Image:
        """Kept: a turned image takes skia ten times as long to draw as an upright one."""
        if degrees not in self._angles:
            upright, angle = self.sprite.image, math.radians(abs(degrees))
            wide, high = upright.width(), upright.height()
            surface = skia.Surface(
                math.ceil(wide * math.cos(angle) + high * math.sin(angle)),
                math.ceil(wide * math.sin(angle) + high * math.cos(angle)),
            )
            canvas = surface.getCanvas()
            canvas.translate(surface.width() / 2, surface.height() / 2)
            canvas.rotate(degrees)
            canvas.drawImage(upright, -wide / 2, -high / 2, linear())
            self._angles[degrees] = surface.makeImageSnapshot()
        return self._angles[degrees]


def _falls(art: EventArt, canvas: skia.Canvas, t: float) -> None:
    """Down from above, two bounces, dust."""
    drop = art.height * 0.9
    share = min(1.0, t / 0.42)
    dy, turn = -drop * (1 - share * share), 24 * (1 - share)
    since = t - 0.42
    if since > 0:
        bounce = abs(math.sin(math.pi * since / 0.34)) * math.exp(-3.2 * since)
        dy, turn = -0.13 * art.height * bounce, 9 * bounce * math.sin(9 * since)
        _dust(art, canvas, since)
    squash = max(0.0, 0.14 * math.exp(-14 * since)) if since > 0 else 0.0
    _shadow(art, canvas, 1 + dy / drop)
    canvas.save()
    ground = art.sprite.y + art.sprite.height
    canvas.translate(art.width / 2, ground)
    canvas.scale(1 + squash, 1 - squash)
    canvas.translate(-art.width / 2, -ground)
    art.put(canvas, dy=dy, turn=turn)
    canvas.restore()
    if since > 0.5:
        _living(art, canvas, t)


def _shatters(art: EventArt, canvas: skia.Canvas, t: float) -> None:
    """Whole for a moment, then in two along a jagged line, with splinters."""
    since = t - 0.45
    x, y = art.middle
    if since <= 0:
        shake = 5 * math.sin(60 * t) * min(1.0, t / 0.4)
        art.put(canvas, dx=shake)
        return
    reach = 0.16 * art.width * (1 - math.exp(-5 * since))
    half = max(art.sprite.width, art.sprite.height)
    for side in (-1, 1):
        crack = skia.Path()
        crack.moveTo(x, y - half)
        for i in range(9):
            crack.lineTo(x + (0.06 if i % 2 else -0.06) * half, y - half + i * half / 4)
        crack.lineTo(x + side * 2 * half, y + half)
        crack.lineTo(x + side * 2 * half, y - half)
        crack.close()
        canvas.save()
        sag = 0.05 * art.height * min(1.0, since)
        canvas.translate(side * reach, sag)
        canvas.rotate(side * 7 * min(1.0, 2 * since), x, y + half / 2)
        canvas.clipPath(crack, skia.ClipOp.kIntersect, True)
        art.put(canvas)
        canvas.restore()
    for i in range(14):
        angle = 2 * math.pi * i / 14 + 0.3
        far = (0.15 + 0.5 * (i % 3 + 1) / 3) * art.width * min(1.0, 2.2 * since)
        fall = 0.5 * art.height * since * since
        px, py = x + far * math.cos(angle), y + 0.6 * far * math.sin(angle) + fall
        _splinter(art, canvas, px, py, 0.016 * art.width * (1 + i % 3), 40 * i + 300 * since)


def _revealed(art: EventArt, canvas: skia.Canvas, t: float) -> None:
    """A curtain parts."""
    x, y = art.middle
    _rays(art, canvas, x, y, t)
    art.put(canvas, dy=-0.012 * art.height * abs(math.sin(2.6 * t)), size=1.0)
    share = smooth((t - 0.35) / 0.75)
    wide = art.width * (0.52 - 0.5 * share)
    if share >= 1:
        wide = 0.03 * art.width
    for side in (0, 1):
        left = 0.0 if side == 0 else art.width - wide
        folds = 6
        for i in range(folds):
            one = left + wide * i / folds
            sway = 0.006 * art.width * math.sin(5 * t + i) * (1 - share)
            fold = skia.Rect.MakeLTRB(
                one - 1, 0, one + wide / folds + 1 + sway, 0.9 * art.height,
            )  # fmt: skip
            cloth = mix("#c0322e", "#5a1420", 0.32 * (i % 2))
            canvas.drawRect(fold, fill(art.tint(cloth)))
        edge = left + wide if side == 0 else left
        canvas.drawLine(edge, 0, edge, 0.9 * art.height, stroke(0.008 * art.width, argb(INK)))


def _shakes(art: EventArt, canvas: skia.Canvas, t: float) -> None:
    """It rings, or wants out: in bursts, with rings of sound."""
    cycle = t % 1.1
    power = max(0.0, 1 - cycle / 0.7)
    x, y = art.middle
    for i in range(3):
        radius = (0.3 + 0.16 * i + 0.25 * cycle) * art.width
        alpha = max(0.0, power - 0.2 * i)
        ring = stroke(0.012 * art.width, argb(art.tint(art.colours.accent)))
        ring.setAlphaf(0.75 * alpha)
        for start in (-38, 142):
            box = skia.Rect.MakeLTRB(x - radius, y - radius, x + radius, y + radius)
            canvas.drawArc(box, start, 76, False, ring)
    shake = power * math.sin(70 * t)
    art.put(canvas, dx=0.018 * art.width * shake, size=1 + 0.05 * power, turn=5 * shake)


def _zooms(art: EventArt, canvas: skia.Canvas, t: float) -> None:
    """Out of the distance, at us, with lines of speed."""
    x, y = art.middle
    share = min(1.0, t / 0.5)
    size = 0.06 + 0.94 * share**3
    if t > 0.5:
        size = 1 + 0.16 * math.exp(-5 * (t - 0.5)) * math.cos(14 * (t - 0.5))
    lines = stroke(0.01 * art.width, argb(INK))
    lines.setAlphaf(max(0.0, 0.8 - max(0.0, t - 0.5)))
    for i in range(22):
        angle = 2 * math.pi * i / 22 + 0.2 * math.sin(7.0 * i)
        near = (0.34 + 0.1 * ((i * 7) % 5) / 5 + 0.2 * ((3 * t + i * 0.37) % 1)) * art.width
        ends = [(x + r * math.cos(angle), y + r * math.sin(angle)) for r in (near, near * 1.9)]
        canvas.drawLine(*ends[0], *ends[1], lines)
    art.put(canvas, size=size, turn=-14 * (1 - share))
    if t > 1.0:
        _living(art, canvas, t)


def _spotlight(art: EventArt, canvas: skia.Canvas, t: float) -> None:
    """The dark, and a light that looks for it and finds it."""
    x, y = art.middle
    art.put(canvas, dy=-0.01 * art.height * abs(math.sin(2.4 * t)))
    share = smooth((t - 0.15) / 0.8)
    way = 0.42 * art.width * (1 - share)
    cx = x + way * math.cos(5 * (1 - share))
    cy = y - 0.5 * way * math.sin(6 * (1 - share))
    radius = (0.2 + 0.33 * share) * art.width * (1 + 0.012 * math.sin(5 * t))
    dark = skia.Path()
    dark.addRect(skia.Rect.MakeLTRB(-art.width, 0, 2 * art.width, 2 * art.height))
    dark.addCircle(cx, cy, radius)
    dark.setFillType(skia.PathFillType.kEvenOdd)
    canvas.drawPath(dark, fill("#150f24", 0.72))
    ring = stroke(0.02 * art.width, argb("#fff2c4"))
    ring.setAlphaf(0.35)
    canvas.drawCircle(cx, cy, radius, ring)


_EVENTS: dict[str, Callable[[EventArt, skia.Canvas, float], None]] = {
    "falls": _falls, "shatters": _shatters, "revealed": _revealed, "shakes": _shakes,
    "zooms": _zooms, "spotlight": _spotlight,
}  # fmt: skip


# --- parts ---------------------------------------------------------------------------


def _living(art: EventArt, canvas: skia.Canvas, t: float) -> None:
    """Sparks around what has come to rest."""
    x, y = art.middle
    for i in range(5):
        angle = 2 * math.pi * i / 5 + 0.8 * t
        size = 0.022 * art.width * (1 + 0.5 * math.sin(6 * t + 2 * i))
        px = x + 0.42 * art.width * math.cos(angle)
        py = y + 0.4 * (art.area.bottom - art.area.top) * math.sin(angle)
        star = skia.Path()
        star.moveTo(px, py - 2 * size)
        for dx, dy in ((1, 0), (0, 1), (-1, 0), (0, -1)):
            star.quadTo(px, py, px + 2 * size * dx, py + 2 * size * dy)
        star.close()
        canvas.drawPath(star, stroke(0.006 * art.width, argb(INK)))
        canvas.drawPath(star, fill(art.tint("#ffd447")))


def _dust(art: EventArt, canvas: skia.Canvas, since: float) -> None:
    puff = min(1.0, since / 0.6)
    ground = art.sprite.y + art.sprite.height
    for i, side in enumerate((-1, 1, -1, 1, -1, 1)):
        px = art.width / 2 + side * (0.16 + (0.08 + 0.06 * (i // 2)) * puff) * art.width
        py = ground - 0.02 * art.height * puff * (1 + i // 2)
        radius = (0.02 + 0.03 * puff) * art.width * (1 - 0.2 * (i // 2))
        canvas.drawCircle(px, py, radius, fill("#f6f0e4", 0.85 * (1 - puff)))


def _shadow(art: EventArt, canvas: skia.Canvas, near: float) -> None:
    ground = art.sprite.y + art.sprite.height
    wide = 0.42 * art.sprite.width * max(0.2, near)
    box = skia.Rect.MakeLTRB(
        art.width / 2 - wide, ground - 0.012 * art.height, art.width / 2 + wide,
        ground + 0.014 * art.height,
    )  # fmt: skip
    canvas.drawOval(box, fill("#1a1028", 0.3 * max(0.2, near)))


def _splinter(
    art: EventArt, canvas: skia.Canvas, x: float, y: float, size: float, turn: float
) -> None:
    canvas.save()
    canvas.translate(x, y)
    canvas.rotate(turn)
    shard = curve((0, -size), (size * 0.8, size * 0.4), (-size * 0.6, size * 0.7))
    canvas.drawPath(shard, fill(art.tint(art.colours.accent2)))
    canvas.drawPath(shard, stroke(0.005 * art.width, argb(INK)))
    canvas.restore()


def _rays(art: EventArt, canvas: skia.Canvas, x: float, y: float, t: float) -> None:
    for i in range(0, 20, 2):
        ray = skia.Path()
        ray.moveTo(x, y)
        for step in (i, i + 1):
            angle = 2 * math.pi * step / 20 + 0.25 * t
            ray.lineTo(x + art.height * math.cos(angle), y + art.height * math.sin(angle))
        ray.close()
        canvas.drawPath(ray, fill(art.tint("#fff3c8"), 0.4))
