"""Pictures within the picture: a thought, a television, a poster, a phone's screen.

An inset is painted once (frame and backdrop, who, thing); in every frame its parts are only
moved, so that it pops in and lives on for next to nothing.

Knows: the four frames, what is in them, where they go. Does not know: who stands beside one.
"""

from __future__ import annotations

import math
from dataclasses import replace

import skia

from renderers.animatic.framing import Box
from renderers.animatic.ink import fill
from renderers.animatic.inset_frames import FRAMES, ink_line
from renderers.animatic.inset_view import Sprite, sprite_of
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
        painted = FRAMES[inset.kind](inset, area, colours, seed)
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
        hop = abs(math.sin(beat)) * 0.1 * sprite.height
        sway = math.sin(0.6 * beat + i) * 0.09 * sprite.width
        canvas.drawImage(sprite.image, round(sprite.x + sway), round(sprite.y - hop))


def _cast(
    inset: Inset, inside: Box, colours: Palette, seed: int
) -> tuple[Sprite | None, Sprite | None]:
    """Who and thing, side by side (or one of them in the middle), standing on the ground."""
    wide, high = inside.right - inside.left, inside.bottom - inside.top
    ground = inside.bottom - 0.07 * high
    both = bool(inset.who and inset.thing)
    # Where it is not wide, the thing hangs above: side by side, both would be small at its foot.
    stacked = both and wide < 1.25 * high
    size = min(
        (0.6 if stacked else 0.46 if both else 0.74) * wide, (0.5 if stacked else 0.8) * high
    )
    who = thing = None
    if inset.who:
        x = inside.left + (0.36 if stacked else 0.3 if both else 0.5) * wide
        who = sprite_of(inset.who, x, ground, size, colours, seed, person=True, avatar=inset.avatar)
    if inset.thing:
        x = inside.left + (0.66 if stacked else 0.73 if both else 0.5) * wide
        own = size * (0.8 if both else 1.0)
        lift = 0.5 * high if stacked else 0.02 * high if both else 0.0
        thing = sprite_of(inset.thing, x, ground - lift, own, colours, seed)
    return who, thing


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
        canvas.drawCircle(x, y, radius * high, fill("#fffdf6"))
        canvas.drawCircle(x, y, radius * high, ink_line(max(3.0, 0.012 * high)))


def _popped(share: float) -> float:
    """Size while it appears: from nothing, past its own, and back."""
    if share <= 0:
        return 0.0
    if share >= 2.4:
        return 1.0
    return 1 - math.exp(-4.4 * share) * math.cos(4.2 * share)
