"""Creatures with parts in a film: heads of animals, ghosts, robots, that act like any actor.

A creature's `Avatar.head` is "creature:NAME". Its skull replaces the artwork's; eyes, brows and
mouth stay the artwork's own, so that it has all 21 expressions and speaks.

Knows: what each looks like. Does not know: words, bodies, expressions.
"""

from __future__ import annotations

from functools import cache

import skia

from renderers.animatic import peeps, thing_head
from renderers.animatic.creature_ears import behind
from renderers.animatic.creature_kinds import Creature, X, kind, thing_in
from renderers.animatic.creature_signs import draw_sign, sign_bounds
from renderers.animatic.ink import Brush, clipped, mix, shaded
from renderers.animatic.paths import bounds_of, curve, smooth

_MUZZLE = (104.0, -128.0)


@cache
def bounds(head: str) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of a creature's head with all that grows on it, figure units."""
    if thing := thing_in(head):
        return thing_head.bounds(thing)
    creature = kind(head)
    assert creature is not None
    sign = sign_bounds(creature.sign)
    if creature.peep:
        return _around(peeps.head_bounds(creature.peep), sign)
    return _around(bounds_of([*(path for path, _ in behind(creature)), _outline(creature)]), sign)


Bounds = tuple[float, float, float, float]


def _around(one: Bounds, other: Bounds | None) -> Bounds:
    if other is None:
        return one
    return (
        min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])
    )  # fmt: skip


def skull() -> skia.Path:
    """The outline of the head: a rounded block, a little wider at the jaw."""
    return curve(
        (X, -452),
        (X + 130, -452, 214, -380, 216, -250),
        (222, -120, 170, -28, X, -28),
        (-110, -28, -152, -120, -146, -250),
        (-144, -380, X - 130, -452, X, -452),
    )


def draw_creature(canvas: skia.Canvas, brush: Brush, head: str, *, back: bool = False) -> None:
    """Ears, skull and markings; no features."""
    if thing := thing_in(head):
        thing_head.draw_thing(canvas, brush, thing, back=back)
        return
    creature = kind(head)
    assert creature is not None
    draw_sign(canvas, brush, creature.sign, "behind")
    for part, fill in behind(creature):
        brush.shape(canvas, part, fill)
    outline = _outline(creature)
    canvas.drawPath(outline, brush.fill(creature.skin))
    with clipped(canvas, outline):
        if not back:
            _markings(canvas, brush, creature)
        _form(canvas, brush, creature.skin)
    canvas.drawPath(outline, brush.line())
    if not back:
        _front(canvas, brush, creature)
    draw_sign(canvas, brush, creature.sign, "over")


def draw_snout(canvas: skia.Canvas, brush: Brush, head: str, opened: float) -> bool:
    """Nose or beak, which move with the features; whether it has a mouth of its own.

    `opened` (0 to 1) is how wide the mouth is.
    """
    creature = kind(head)
    assert creature is not None
    x, y = _MUZZLE
    ink = brush.line(11)
    if creature.muzzle == "beak":
        _beak(canvas, brush, creature.nose, opened)
        return True
    if creature.muzzle == "carrot":
        nose = curve((x - 4, y - 92), (x + 150, y - 66), (x - 4, y - 40))
        canvas.drawPath(nose, brush.fill(creature.nose))
        canvas.drawPath(nose, ink)
    elif creature.muzzle == "pig":
        snout = skia.Rect.MakeLTRB(x - 58, y - 104, x + 62, y - 34)
        canvas.drawOval(snout, brush.fill(creature.patch))
        canvas.drawOval(snout, ink)
        for dx in (-20, 24):
            hole = skia.Rect.MakeLTRB(x + dx - 9, y - 82, x + dx + 9, y - 54)
            canvas.drawOval(hole, brush.fill(creature.nose))
    elif creature.muzzle in ("snout", "small"):
        half = 30 if creature.muzzle == "snout" else 19
        nose = curve((x - half, y - 76), (x, y - 96), (x + half, y - 76), (x, y - 34))
        canvas.drawPath(nose, brush.fill(creature.nose))
        canvas.drawPath(nose, ink)
    elif creature.muzzle == "trunk":
        trunk = curve(
            (x - 10, y - 96), (x + 40, y - 40, x + 110, y + 30, x + 160, y - 46), closed=False
        )
        canvas.drawPath(trunk, brush.line(70))
        canvas.drawPath(trunk, brush.line(44, creature.skin))
    elif creature.muzzle == "skull":
        hole = curve((x - 18, y - 50), (x, y - 96), (x + 18, y - 50))
        canvas.drawPath(hole, brush.fill("#3a3540"))
    return False


def draw_teeth(canvas: skia.Canvas, brush: Brush, head: str) -> None:
    """What stays before the mouth."""
    creature = kind(head)
    if creature is not None and creature.muzzle == "fangs":
        x, y = _MUZZLE
        for dx in (-28, 26):
            fang = curve((x + dx - 10, y + 2), (x + dx + 10, y + 2), (x + dx, y + 36))
            brush.shape(canvas, fang, "#fffdf6", 7)


# --- parts --------------------------------------------------------------------------


def _outline(creature: Creature) -> skia.Path:
    path = skull()
    if creature.muzzle == "plate":
        path = skia.Path()
        path.addRRect(skia.RRect.MakeRectXY(skia.Rect.MakeLTRB(-150, -450, 220, -30), 70, 70))
    elif creature.ears == "dome":
        path = smooth((-150, -160), (-170, -420), (X, -600), (240, -420), (216, -160), (X, -18))
    return path


def _markings(canvas: skia.Canvas, brush: Brush, c: Creature) -> None:
    x, y = _MUZZLE
    patch = brush.fill(c.patch)
    if c.mark == "mask":
        # The face is lighter than the head: two lobes round the eyes.
        for dx in (-52, 62):
            canvas.drawOval(skia.Rect.MakeLTRB(x + dx - 96, -338, x + dx + 96, -96), patch)
        canvas.drawOval(skia.Rect.MakeLTRB(-70, -210, 290, 10), patch)
    elif c.mark == "eye":
        spot = brush.fill(mix(c.skin, "#4a3030", 0.62))
        canvas.drawOval(skia.Rect.MakeLTRB(106, -320, 226, -170), spot)
    elif c.mark == "panda":
        spot = brush.fill("#5b5560")
        for left in (-6, 108):
            canvas.drawOval(skia.Rect.MakeLTRB(left, -290, left + 108, -168), spot)
    elif c.mark == "stripes":
        for sx in (-60, 34, 128):
            canvas.drawLine(sx, -460, sx + 4, -380, brush.line(22, "#5a3420"))
        for sy in (-210, -150):
            canvas.drawLine(-150, sy, -84, sy + 8, brush.line(20, "#5a3420"))
            canvas.drawLine(222, sy, 190, sy + 8, brush.line(20, "#5a3420"))
    elif c.mark == "belly":
        canvas.drawOval(skia.Rect.MakeLTRB(-90, -170, 300, 40), patch)
    if c.muzzle == "snout":
        canvas.drawOval(skia.Rect.MakeLTRB(x - 96, y - 92, x + 104, y + 92), patch)
    elif c.muzzle == "small":
        canvas.drawOval(skia.Rect.MakeLTRB(x - 74, y - 70, x + 78, y + 74), patch)
    elif c.muzzle == "plate":
        canvas.drawRoundRect(skia.Rect.MakeLTRB(-60, -330, 210, -60), 40, 40, patch)
    if c.ears == "slick":
        hair = curve(
            (-160, -260),
            (-120, -400),
            (X + 10, -330),
            (200, -410),
            (240, -250),
            (240, -480),
            (-170, -480),
        )
        canvas.drawPath(hair, brush.fill("#2a2631"))


def _form(canvas: skia.Canvas, brush: Brush, skin: str) -> None:
    """Shade on the jaw and on the side away from the light."""
    jaw = skia.Path()
    jaw.addRect(skia.Rect.MakeLTRB(-600, -600, 600, 200))
    jaw.addOval(skia.Rect.MakeLTRB(-190 - 20 * brush.key, -580, 250 - 20 * brush.key, -50))
    jaw.setFillType(skia.PathFillType.kEvenOdd)
    canvas.drawPath(jaw, brush.fill(shaded(skin, 0.34), 0.5))


def _front(canvas: skia.Canvas, brush: Brush, c: Creature) -> None:
    x, y = _MUZZLE
    if c.mark == "whiskers":
        for side, start in ((-1, x - 66), (1, x + 70)):
            for dy in (-34, -14, 8):
                canvas.drawLine(start, y + dy, start + side * 92, y + dy * 1.8 - 6, brush.line(7))
    if c.muzzle == "plate":
        for px in (-104, 172):
            canvas.drawCircle(px, -90, 12, brush.fill("#8a95a3"))
            canvas.drawCircle(px, -390, 12, brush.fill("#8a95a3"))
    if c.ears == "dome":
        for px, py, r in ((-60, -470, 20), (10, -520, 14), (150, -480, 18)):
            canvas.drawCircle(px, py, r, brush.fill(mix(c.skin, "#ffffff", 0.3)))


def _beak(canvas: skia.Canvas, brush: Brush, colour: str, opened: float) -> None:
    """Two halves; the lower one opens."""
    x, y = _MUZZLE
    drop = 52 * max(0.0, min(1.0, opened))
    if opened > 0.06:
        throat = curve(
            (x - 40, y - 44), (x + 88, y - 26), (x + 62, y - 20 + drop), (x - 28, y - 18 + drop)
        )
        brush.shape(canvas, throat, "#7a2430", 9)
    lower = smooth(
        (x - 44, y - 42 + 0.4 * drop),
        (x + 40, y - 36 + drop),
        (x + 66, y - 24 + drop),
        (x + 6, y - 2 + drop),
        (x - 40, y - 14 + 0.8 * drop),
    )
    brush.shape(canvas, lower, shaded(colour, 0.16), 11)
    upper = smooth(
        (x - 58, y - 58),
        (x - 6, y - 104),
        (x + 78, y - 62),
        (x + 116, y - 16),
        (x + 34, y - 34),
        (x - 40, y - 32),
    )
    brush.shape(canvas, upper, colour, 12)
    canvas.drawCircle(x + 6, y - 72, 6, brush.fill("#3a2a20"))


# --- shapes ---------------------------------------------------------------------------
