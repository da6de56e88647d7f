"""Bodies: torso, neck, legs, skirts and hoods.

A body is drawn twice a clip at most (it is kept as an image); arms move and are drawn anew.

Knows: outlines, trousers and shoes. Does not know: heads, garments' details, poses' meaning.
"""

from __future__ import annotations

import skia

from renderers.animatic.garments import draw_garment
from renderers.animatic.ink import Brush, clipped, lit, luminance, shaded
from renderers.animatic.limbs import Limb, draw_bands, draw_limb
from renderers.animatic.paths import curve
from renderers.animatic.physique import Physique
from renderers.animatic.pose import Stance
from renderers.animatic.worn import draw_over, draw_pattern
from renderers.scene import Avatar

_SHORT_SLEEVES = frozenset({"tee", "dress"})
_LONG_SKIRT = frozenset({"robe", "kimono"})


def sleeve_end(garment: str) -> float:
    """Share of the arm that a sleeve covers."""
    return 0.42 if garment in _SHORT_SLEEVES else 1.0


def torso_path(p: Physique) -> skia.Path:
    """The outline from the collar over the shoulders to the hip."""
    return curve(
        (-p.neck - 14, -6),
        (-p.neck - 40, 26, -p.shoulder + 20, 26, -p.shoulder, 104),
        (-p.shoulder + 14, 220, -p.waist - 8, 300, -p.waist, p.torso * 0.62),
        (-p.waist - 2, p.torso * 0.8, -p.hip, p.torso),
        (p.hip, p.torso),
        (p.waist + 2, p.torso * 0.8, p.waist, p.torso * 0.62),
        (p.waist + 8, 300, p.shoulder - 14, 220, p.shoulder, 104),
        (p.shoulder - 20, 26, p.neck + 40, 26, p.neck + 14, -6),
        (0, 34, -p.neck - 14, -6),
    )


def draw_legs(canvas: skia.Canvas, brush: Brush, avatar: Avatar, stance: Stance) -> None:
    """Everything below the hip."""
    p = Physique.of(avatar)
    garment = avatar.garment
    if garment == "dress":
        _legs(canvas, brush, p, avatar.skin, stance, thin=0.66)
        _skirt(canvas, brush, p, avatar.top, p.torso + 0.5 * p.legs, 1.45)
    elif garment in _LONG_SKIRT:
        _legs(canvas, brush, p, avatar.bottom, stance, thin=0.66)
        flare = 1.5 if garment == "robe" else 1.0
        _skirt(canvas, brush, p, avatar.top, p.torso + 0.9 * p.legs, flare)
    else:
        colour = avatar.top if garment == "stripes" else avatar.bottom
        _legs(canvas, brush, p, colour, stance, stripes=garment == "stripes")
        if garment == "coat":
            _skirt(canvas, brush, p, avatar.top, p.torso + 0.45 * p.legs, 1.12, slit=True)


def draw_torso(canvas: skia.Canvas, brush: Brush, avatar: Avatar, *, back: bool = False) -> None:
    """Neck, torso and what is worn on it."""
    p = Physique.of(avatar)
    path = torso_path(p)
    _neck(canvas, brush, p, avatar.skin, back)
    canvas.drawPath(path, brush.fill(avatar.top))
    with clipped(canvas, path):
        _torso_shade(canvas, brush, p, avatar.top)
        draw_pattern(canvas, brush, p, avatar)
        draw_garment(canvas, brush, p, avatar, back=back)
    canvas.drawPath(path, brush.line())
    if avatar.garment == "hoodie":
        _hood(canvas, brush, p, avatar, back)
    draw_over(canvas, brush, p, avatar, back)


# --- parts -------------------------------------------------------------------


def _neck(canvas: skia.Canvas, brush: Brush, p: Physique, skin: str, back: bool) -> None:
    """A column that reaches well up behind the jaw, so that no tilt opens a gap."""
    neck = curve(
        (-p.neck, -130),
        (-p.neck + 4, -50, -p.neck - 2, -20, -p.neck - 26, 6),
        (0, 60, p.neck + 26, 6),
        (p.neck + 2, -20, p.neck - 4, -50, p.neck, -130),
        closed=False,
    )
    canvas.drawPath(neck, brush.fill(skin))
    with clipped(canvas, neck):
        if not back:
            shadow = skia.Rect.MakeLTRB(-180, -150, 230, -6)
            canvas.drawOval(shadow, brush.fill(shaded(skin, 0.3)))
    canvas.drawPath(neck, brush.line())


def _torso_shade(canvas: skia.Canvas, brush: Brush, p: Physique, colour: str) -> None:
    """Shade on the side away from the light."""
    side = -brush.key
    shade = curve(
        (side * p.shoulder * 1.2, 0),
        (side * p.shoulder * 0.62, 90),
        (side * p.waist * 0.45, p.torso * 0.55, side * p.hip * 0.62, p.torso),
        (side * p.hip * 1.6, p.torso),
        closed=False,
    )
    canvas.drawPath(shade, brush.fill(shaded(colour, 0.2)))


def _legs(
    canvas: skia.Canvas,
    brush: Brush,
    p: Physique,
    colour: str,
    stance: Stance,
    *,
    thin: float = 1.0,
    stripes: bool = False,
) -> None:
    top, foot = p.torso - 30, p.feet - 46
    wide = p.hip * 0.52 * thin
    for side in (-1.0, 1.0):
        hip = (side * p.hip * 0.5, top)
        if stance == "sit":
            knee, ankle = (
                (side * p.hip * 0.86, top + 130),
                (side * p.hip * 0.74, top + 130 + p.legs * 0.55),
            )
        elif stance == "kneel":
            # One knee on the floor, the other foot before it.
            knee = (side * p.hip * 0.9, top + (150 if side > 0 else 330))
            ankle = (side * p.hip * 1.0, top + 345)
        elif stance == "walk":
            knee = (side * p.hip * 0.7 + 34, (top + foot) / 2 - 10)
            ankle = (side * p.hip * 1.25, foot - (26 if side < 0 else 0))
        else:
            knee, ankle = (side * p.hip * 0.56, (top + foot) / 2), (side * p.hip * 0.58, foot)
        shoe = curve(
            (ankle[0] - 46, ankle[1] + 46),
            (
                ankle[0] - 56,
                ankle[1] - 18,
                ankle[0] + 36,
                ankle[1] - 30,
                ankle[0] + 52,
                ankle[1] + 6,
            ),
            (
                ankle[0] + 100,
                ankle[1] + 12,
                ankle[0] + 104,
                ankle[1] + 46,
                ankle[0] + 96,
                ankle[1] + 46,
            ),
        )
        brush.shape(canvas, shoe, "#3a3440" if luminance(colour) > 0.12 else "#d8d2c6")
        limb = Limb(hip, knee, ankle, (wide, wide * 0.8, wide * 0.62))
        draw_limb(canvas, brush, limb, colour, open_start=0.12)
        if stripes:
            draw_bands(canvas, brush, limb)
    # The seat, so that no background shows between the legs and the shirt.
    seat = skia.Path()
    half = p.hip * (0.5 + 0.5 * thin) - 6
    seat.moveTo(-half, top)
    seat.lineTo(half, top)
    seat.lineTo(half, top + 90)
    seat.quadTo(p.hip * 0.3, top + 128, 0, top + 132)
    seat.quadTo(-p.hip * 0.3, top + 128, -half, top + 90)
    seat.close()
    canvas.drawPath(seat, brush.fill(colour))
    canvas.drawLine(0, top + 96, 0, top + 140, brush.line(11))


def _skirt(
    canvas: skia.Canvas,
    brush: Brush,
    p: Physique,
    colour: str,
    hem: float,
    flare: float,
    *,
    slit: bool = False,
) -> None:
    low = p.hip * flare
    path = curve(
        (-p.hip, p.torso - 40),
        (-p.hip, p.torso + 60, -low, hem - 160, -low, hem),
        (0, hem + 26, low, hem),
        (low, hem - 160, p.hip, p.torso + 60, p.hip, p.torso - 40),
    )
    canvas.drawPath(path, brush.fill(colour))
    with clipped(canvas, path):
        tone = brush.line(60, shaded(colour))
        x = -brush.key * low
        canvas.drawLine(x, p.torso, x, hem + 40, tone)
        for fold in (-0.5, 0.1, 0.6):
            canvas.drawLine(
                p.hip * fold,
                p.torso + 90,
                low * fold * 1.1,
                hem - 10,
                brush.line(8, shaded(colour, 0.5)),
            )
        if slit:
            canvas.drawLine(0, p.torso - 40, 0, hem + 40, brush.line())
    canvas.drawPath(path, brush.line())


def _hood(canvas: skia.Canvas, brush: Brush, p: Physique, avatar: Avatar, back: bool) -> None:
    hood = skia.Path()
    if back:
        hood.moveTo(-p.neck - 60, 0)
        hood.cubicTo(-p.neck - 90, 190, p.neck + 90, 190, p.neck + 60, 0)
        hood.quadTo(0, 60, -p.neck - 60, 0)
    else:
        for side in (-1, 1):
            hood.moveTo(side * (p.neck + 4), -64)
            hood.cubicTo(side * (p.neck + 96), -54, side * (p.neck + 84), 70, side * 8, 118)
            hood.cubicTo(side * 40, 60, side * (p.neck + 6), 30, side * (p.neck + 4), -64)
            hood.close()
    brush.shape(canvas, hood, shaded(avatar.top, 0.12))
    if not back:
        for side in (-1, 1):
            canvas.drawLine(side * 34, 106, side * 40, 220, brush.line(11, lit(avatar.top, 0.7)))
