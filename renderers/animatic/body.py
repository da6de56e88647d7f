"""Bodies: build, torso, neck, legs, and the cut of each garment.

A body is drawn twice a clip at most (it is kept as an image); arms move and are drawn anew.

Knows: proportions, garments, trousers and shoes. Does not know: heads, poses' meaning.
"""

from __future__ import annotations

from dataclasses import dataclass

import skia

from renderers.animatic.ink import INK, Brush, lit, luminance, mix, shaded
from renderers.animatic.limbs import Limb, draw_bands, draw_limb
from renderers.animatic.pose import Stance
from renderers.scene import Avatar

_SHORT_SLEEVES = frozenset({"tee", "dress"})
_LONG_SKIRT = frozenset({"robe", "kimono"})


@dataclass(frozen=True, slots=True)
class Physique:
    """Half-widths and lengths of a body, in figure units from the collar down."""

    shoulder: float
    waist: float
    hip: float
    neck: float
    torso: float
    legs: float
    upper_arm: float
    forearm: float
    arm: tuple[float, float, float]

    @classmethod
    def of(cls, avatar: Avatar) -> Physique:
        b = avatar.build
        if avatar.age == "child":
            return cls(150 * b, 130 * b, 134 * b, 50, 400, 400, 190, 180, (50 * b, 44 * b, 36 * b))
        shoulder, waist, hip, neck, arm = {
            "masculine": (212, 162, 164, 66, 60),
            "feminine": (182, 138, 172, 54, 51),
            "neutral": (194, 152, 166, 58, 55),
        }[avatar.presentation]
        tall = 0.96 if avatar.age == "elder" else 1.0
        return cls(
            shoulder * b, waist * b * b, hip * b, neck, 560 * tall, 740 * tall,
            262, 246, (arm * b, arm * 0.86 * b, arm * 0.7 * b),
        )  # fmt: skip

    @property
    def feet(self) -> float:
        return self.torso + self.legs


def sleeve_end(garment: str) -> float:
    """Share of the arm that a sleeve covers."""
    return 0.42 if garment in _SHORT_SLEEVES else 1.0


def sleeve_colour(avatar: Avatar) -> str:
    return avatar.top


def torso_path(p: Physique, shrug: float = 0.0) -> skia.Path:
    """The outline from the collar over the shoulders to the hip."""
    path = skia.Path()
    path.moveTo(-p.neck - 14, -6)
    path.cubicTo(-p.neck - 40, 26 - shrug, -p.shoulder + 20, 26 - shrug, -p.shoulder, 104 - shrug)
    path.cubicTo(-p.shoulder + 14, 220, -p.waist - 8, 300, -p.waist, p.torso * 0.62)
    path.quadTo(-p.waist - 2, p.torso * 0.8, -p.hip, p.torso)
    path.lineTo(p.hip, p.torso)
    path.quadTo(p.waist + 2, p.torso * 0.8, p.waist, p.torso * 0.62)
    path.cubicTo(p.waist + 8, 300, p.shoulder - 14, 220, p.shoulder, 104 - shrug)
    path.cubicTo(p.shoulder - 20, 26 - shrug, p.neck + 40, 26 - shrug, p.neck + 14, -6)
    path.quadTo(0, 34, -p.neck - 14, -6)
    path.close()
    return path


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
    canvas.save()
    canvas.clipPath(path, skia.ClipOp.kIntersect, True)
    _torso_shade(canvas, brush, p, avatar.top)
    if back:
        _BACKS.get(avatar.garment, _plain_back)(canvas, brush, p, avatar)
    else:
        _FRONTS[avatar.garment if avatar.garment in _FRONTS else "shirt"](canvas, brush, p, avatar)
    canvas.restore()
    canvas.drawPath(path, brush.line())
    if avatar.garment == "hoodie":
        _hood(canvas, brush, p, avatar, back)


# --- parts -------------------------------------------------------------------


def _neck(canvas: skia.Canvas, brush: Brush, p: Physique, skin: str, back: bool) -> None:
    """A column that reaches well up behind the jaw, so that no tilt opens a gap."""
    neck = skia.Path()
    neck.moveTo(-p.neck, -130)
    neck.cubicTo(-p.neck + 4, -50, -p.neck - 2, -20, -p.neck - 26, 6)
    neck.quadTo(0, 60, p.neck + 26, 6)
    neck.cubicTo(p.neck + 2, -20, p.neck - 4, -50, p.neck, -130)
    canvas.drawPath(neck, brush.fill(skin))
    canvas.save()
    canvas.clipPath(neck, skia.ClipOp.kIntersect, True)
    if not back:
        shadow = skia.Rect.MakeLTRB(-180, -150, 230, -6)
        canvas.drawOval(shadow, brush.fill(shaded(skin, 0.3)))
    canvas.restore()
    canvas.drawPath(neck, brush.line())


def _torso_shade(canvas: skia.Canvas, brush: Brush, p: Physique, colour: str) -> None:
    """Shade on the side away from the light."""
    side = -brush.key
    shade = skia.Path()
    shade.moveTo(side * p.shoulder * 1.2, 0)
    shade.lineTo(side * p.shoulder * 0.62, 90)
    shade.quadTo(side * p.waist * 0.45, p.torso * 0.55, side * p.hip * 0.62, p.torso)
    shade.lineTo(side * p.hip * 1.6, p.torso)
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
        elif stance == "walk":
            knee = (side * p.hip * 0.7 + 34, (top + foot) / 2 - 10)
            ankle = (side * p.hip * 1.25, foot - (26 if side < 0 else 0))
        else:
            knee, ankle = (side * p.hip * 0.56, (top + foot) / 2), (side * p.hip * 0.58, foot)
        shoe = skia.Path()
        shoe.moveTo(ankle[0] - 46, ankle[1] + 46)
        shoe.cubicTo(
            ankle[0] - 56, ankle[1] - 18, ankle[0] + 36, ankle[1] - 30, ankle[0] + 52, ankle[1] + 6
        )
        shoe.cubicTo(
            ankle[0] + 100,
            ankle[1] + 12,
            ankle[0] + 104,
            ankle[1] + 46,
            ankle[0] + 96,
            ankle[1] + 46,
        )
        shoe.close()
        canvas.drawPath(shoe, brush.fill("#3a3440" if luminance(colour) > 0.12 else "#d8d2c6"))
        canvas.drawPath(shoe, brush.line())
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
    path = skia.Path()
    path.moveTo(-p.hip, p.torso - 40)
    path.cubicTo(-p.hip, p.torso + 60, -low, hem - 160, -low, hem)
    path.quadTo(0, hem + 26, low, hem)
    path.cubicTo(low, hem - 160, p.hip, p.torso + 60, p.hip, p.torso - 40)
    path.close()
    canvas.drawPath(path, brush.fill(colour))
    canvas.save()
    canvas.clipPath(path, skia.ClipOp.kIntersect, True)
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
    canvas.restore()
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
    canvas.drawPath(hood, brush.fill(shaded(avatar.top, 0.12)))
    canvas.drawPath(hood, brush.line())
    if not back:
        for side in (-1, 1):
            canvas.drawLine(side * 34, 106, side * 40, 220, brush.line(11, lit(avatar.top, 0.7)))


# --- garments: drawn inside the torso's outline --------------------------------


def _v(canvas: skia.Canvas, brush: Brush, p: Physique, depth: float, colour: str) -> None:
    """A V of `colour` from the neck down to `depth`."""
    v = skia.Path()
    v.moveTo(-p.neck - 18, -20)
    v.lineTo(0, depth)
    v.lineTo(p.neck + 18, -20)
    canvas.drawPath(v, brush.fill(colour))
    canvas.drawPath(v, brush.line())


def _collar(canvas: skia.Canvas, brush: Brush, p: Physique, colour: str) -> None:
    for side in (-1, 1):
        flap = skia.Path()
        flap.moveTo(side * (p.neck + 24), -20)
        flap.lineTo(side * (p.neck - 2), 104)
        flap.lineTo(0, 44)
        flap.close()
        canvas.drawPath(flap, brush.fill(colour))
        canvas.drawPath(flap, brush.line())


def _buttons(canvas: skia.Canvas, brush: Brush, p: Physique, start: float, colour: str) -> None:
    y = start
    while y < p.torso - 30:
        canvas.drawCircle(0, y, 11, brush.fill(colour))
        canvas.drawCircle(0, y, 11, brush.line(6))
        y += 105


def _shirt(canvas: skia.Canvas, brush: Brush, p: Physique, avatar: Avatar) -> None:
    canvas.drawLine(0, 60, 0, p.torso, brush.line(9))
    _buttons(canvas, brush, p, 130, lit(avatar.top, 0.6))
    _collar(canvas, brush, p, lit(avatar.top, 0.2))


def _tee(canvas: skia.Canvas, brush: Brush, p: Physique, avatar: Avatar) -> None:
    _round_neck(canvas, brush, p, avatar.top, avatar.skin)
    band = brush.fill(avatar.accent)
    canvas.drawRect(skia.Rect.MakeLTRB(-400, 210, 400, 290), band)
    for y in (210, 290):
        canvas.drawLine(-400, y, 400, y, brush.line(8))


def _round_neck(canvas: skia.Canvas, brush: Brush, p: Physique, colour: str, skin: str) -> None:
    oval = skia.Rect.MakeLTRB(-p.neck - 22, -70, p.neck + 22, 62)
    canvas.drawOval(oval, brush.fill(skin))
    canvas.drawOval(oval, brush.line(30, shaded(colour, 0.12)))
    canvas.drawOval(oval.makeOutset(16, 16), brush.line(9))
    canvas.drawOval(oval.makeInset(12, 12), brush.line(9))


def _sweater(canvas: skia.Canvas, brush: Brush, p: Physique, avatar: Avatar) -> None:
    _round_neck(canvas, brush, p, avatar.top, shaded(avatar.skin, 0.2))
    knit = brush.line(8, shaded(avatar.top, 0.35))
    for row, y in enumerate(range(190, int(p.torso) - 70, 84)):
        for x in range(-280, 281, 84):
            off = 42 * (row % 2)
            canvas.drawLine(x + off - 14, y, x + off, y + 16, knit)
            canvas.drawLine(x + off, y + 16, x + off + 14, y, knit)
    canvas.drawRect(
        skia.Rect.MakeLTRB(-400, p.torso - 52, 400, p.torso + 20),
        brush.fill(shaded(avatar.top, 0.12)),
    )
    canvas.drawLine(-400, p.torso - 52, 400, p.torso - 52, brush.line(9))


def _hoodie(canvas: skia.Canvas, brush: Brush, p: Physique, avatar: Avatar) -> None:
    pocket = skia.Path()
    top, low = p.torso * 0.62, p.torso - 30
    pocket.moveTo(-p.waist * 0.45, top)
    pocket.lineTo(p.waist * 0.45, top)
    pocket.lineTo(p.waist * 0.8, low)
    pocket.lineTo(-p.waist * 0.8, low)
    pocket.close()
    canvas.drawPath(pocket, brush.fill(shaded(avatar.top, 0.08)))
    canvas.drawPath(pocket, brush.line(9))


def _suit(canvas: skia.Canvas, brush: Brush, p: Physique, avatar: Avatar) -> None:
    depth = p.torso * 0.58
    _v(canvas, brush, p, depth, "#f3efe6")
    tie = skia.Path()
    tie.moveTo(-20, 34)
    tie.lineTo(20, 34)
    tie.lineTo(12, 74)
    tie.lineTo(30, depth - 70)
    tie.lineTo(0, depth - 16)
    tie.lineTo(-30, depth - 70)
    tie.lineTo(-12, 74)
    tie.close()
    canvas.drawPath(tie, brush.fill(avatar.accent))
    canvas.drawPath(tie, brush.line(9))
    _collar(canvas, brush, p, "#fbf8f0")
    for side in (-1, 1):
        lapel = skia.Path()
        lapel.moveTo(side * (p.neck + 26), -18)
        lapel.lineTo(side * (p.neck + 88), 122)
        lapel.lineTo(side * (p.neck + 50), 150)
        lapel.lineTo(side * (p.neck + 62), 186)
        lapel.lineTo(0, depth)
        lapel.close()
        canvas.drawPath(lapel, brush.fill(shaded(avatar.top, 0.14)))
        canvas.drawPath(lapel, brush.line(10))
    canvas.drawLine(0, depth, 0, p.torso, brush.line(10))
    canvas.drawCircle(-16, depth + 50, 11, brush.fill(INK))


def _apron(canvas: skia.Canvas, brush: Brush, p: Physique, avatar: Avatar) -> None:
    _collar(canvas, brush, p, lit(avatar.top, 0.2))
    for side in (-1, 1):
        canvas.drawLine(side * (p.neck + 26), 0, side * p.waist * 0.6, 190, brush.line(30, INK))
        canvas.drawLine(
            side * (p.neck + 26), 0, side * p.waist * 0.6, 190, brush.line(15, avatar.accent)
        )
    bib = skia.Path()
    bib.moveTo(-p.waist * 0.66, 170)
    bib.quadTo(0, 190, p.waist * 0.66, 170)
    bib.cubicTo(p.waist * 0.7, 290, p.waist, 330, p.waist * 1.2, 380)
    bib.lineTo(p.waist * 1.3, p.torso + 40)
    bib.lineTo(-p.waist * 1.3, p.torso + 40)
    bib.lineTo(-p.waist * 1.2, 380)
    bib.cubicTo(-p.waist, 330, -p.waist * 0.7, 290, -p.waist * 0.66, 170)
    bib.close()
    canvas.drawPath(bib, brush.fill(avatar.accent))
    canvas.drawPath(bib, brush.line())
    pocket = skia.RRect.MakeRectXY(
        skia.Rect.MakeLTRB(-p.waist * 0.5, 400, p.waist * 0.5, 510), 14, 14
    )
    canvas.drawRRect(pocket, brush.fill(shaded(avatar.accent, 0.1)))
    canvas.drawRRect(pocket, brush.line(9))


def _dress(canvas: skia.Canvas, brush: Brush, p: Physique, avatar: Avatar) -> None:
    _round_neck(canvas, brush, p, avatar.top, avatar.skin)
    for x, y in (
        (-90, 150),
        (70, 130),
        (-30, 240),
        (110, 250),
        (-120, 330),
        (20, 350),
        (90, 450),
        (-70, 470),
    ):
        canvas.drawCircle(x, y, 15, brush.fill(lit(avatar.top, 0.55)))
    waist = p.torso * 0.66
    canvas.drawLine(-400, waist, 400, waist, brush.line(46))
    canvas.drawLine(-400, waist, 400, waist, brush.line(26, avatar.accent))


def _robe(canvas: skia.Canvas, brush: Brush, p: Physique, avatar: Avatar) -> None:
    canvas.drawLine(0, 80, 0, p.torso, brush.line(9, mix(INK, avatar.top, 0.2)))
    for side in (-1, 1):
        for x in (0.42, 0.7):
            canvas.drawLine(
                side * p.shoulder * x, 130, side * p.hip * (x + 0.1), p.torso,
                brush.line(8, mix(INK, avatar.top, 0.3)),
            )  # fmt: skip
    for side in (-1, 1):
        band = skia.Path()
        band.moveTo(side * (p.neck + 22), -20)
        band.lineTo(side * (p.neck + 62), 20)
        band.lineTo(side * 34, 210)
        band.lineTo(side * 4, 210)
        band.lineTo(side * 8, 40)
        band.close()
        canvas.drawPath(band, brush.fill("#f6f2ea"))
        canvas.drawPath(band, brush.line(11))


def _stripes(canvas: skia.Canvas, brush: Brush, p: Physique, avatar: Avatar) -> None:
    bar = brush.line(40, "#3b3844")
    for y in range(60, int(p.torso) + 60, 92):
        path = skia.Path()
        path.moveTo(-400, y - 10)
        path.quadTo(0, y + 34, 400, y - 10)
        canvas.drawPath(path, bar)
    _round_neck(canvas, brush, p, avatar.top, shaded(avatar.skin, 0.2))
    tag = skia.Rect.MakeLTRB(48, 190, 138, 238)
    canvas.drawRect(tag, brush.fill("#f6f2ea"))
    canvas.drawRect(tag, brush.line(9))
    for x in (66, 84, 102, 120):
        canvas.drawLine(x, 204, x, 224, brush.line(7))


def _uniform(canvas: skia.Canvas, brush: Brush, p: Physique, avatar: Avatar) -> None:
    _collar(canvas, brush, p, shaded(avatar.top, 0.18))
    canvas.drawLine(0, 60, 0, p.torso, brush.line(9))
    _buttons(canvas, brush, p, 140, "#e8bf4e")
    for side in (-1, 1):
        pocket = skia.Rect.MakeXYWH(side * p.waist * 0.52 - 42, 190, 84, 74)
        canvas.drawRect(pocket, brush.line(9))
        canvas.drawLine(pocket.left(), 214, pocket.right(), 214, brush.line(8))
        board = skia.Rect.MakeXYWH(side * p.shoulder * 0.72 - 44, 44, 88, 28)
        canvas.drawRect(board, brush.fill("#e8bf4e"))
        canvas.drawRect(board, brush.line(8))
    canvas.drawCircle(-p.waist * 0.52, 166, 19, brush.fill("#e8bf4e"))
    canvas.drawCircle(-p.waist * 0.52, 166, 19, brush.line(7))
    belt = p.torso - 60
    canvas.drawLine(-400, belt, 400, belt, brush.line(48, INK))
    canvas.drawRect(skia.Rect.MakeXYWH(-28, belt - 20, 56, 40), brush.fill("#e8bf4e"))


def _kimono(canvas: skia.Canvas, brush: Brush, p: Physique, avatar: Avatar) -> None:
    for x, y in ((-130, 180), (120, 150), (150, 300), (-90, 330)):
        for dx, dy in ((0, -16), (15, -5), (9, 13), (-9, 13), (-15, -5)):
            canvas.drawCircle(x + dx, y + dy, 10, brush.fill(lit(avatar.top, 0.6)))
    for colour, start, end in (("#f6f2ea", 1, -1), (avatar.top, -1, 1)):
        lapel = skia.Path()
        lapel.moveTo(start * (p.neck + 20), -24)
        lapel.lineTo(start * (p.neck + 72), 0)
        lapel.lineTo(end * 70, 400)
        lapel.lineTo(end * 10, 400)
        lapel.close()
        canvas.drawPath(lapel, brush.fill(shaded(colour, 0.06)))
        canvas.drawPath(lapel, brush.line(10))
    obi = skia.Rect.MakeLTRB(-400, p.torso * 0.62, 400, p.torso * 0.86)
    canvas.drawRect(obi, brush.fill(avatar.accent))
    canvas.drawRect(obi, brush.line(11))
    middle = p.torso * 0.74
    canvas.drawLine(-400, middle, 400, middle, brush.line(14, lit(avatar.accent, 0.55)))


def _coat(canvas: skia.Canvas, brush: Brush, p: Physique, avatar: Avatar) -> None:
    depth = p.torso * 0.5
    _v(canvas, brush, p, depth, avatar.accent)
    for side in (-1, 1):
        lapel = skia.Path()
        lapel.moveTo(side * (p.neck + 22), -20)
        lapel.lineTo(side * (p.neck + 104), 60)
        lapel.lineTo(side * (p.neck + 60), 150)
        lapel.lineTo(0, depth)
        lapel.close()
        canvas.drawPath(lapel, brush.fill(lit(avatar.top, 0.15)))
        canvas.drawPath(lapel, brush.line(10))
    canvas.drawLine(0, depth, 0, p.torso, brush.line(10))
    pocket = skia.Rect.MakeXYWH(p.waist * 0.3, p.torso * 0.72, 84, 90)
    canvas.drawRect(pocket, brush.line(9))


def _plain_back(canvas: skia.Canvas, brush: Brush, p: Physique, avatar: Avatar) -> None:
    seam = brush.line(9, shaded(avatar.top, 0.5))
    canvas.drawLine(0, 90, 0, p.torso, seam)
    collar = skia.Rect.MakeLTRB(-p.neck - 30, -30, p.neck + 30, 44)
    canvas.drawOval(collar, brush.fill(lit(avatar.top, 0.12)))
    canvas.drawOval(collar, brush.line(10))


def _stripes_back(canvas: skia.Canvas, brush: Brush, p: Physique, avatar: Avatar) -> None:
    _stripes(canvas, brush, p, avatar)


def _apron_back(canvas: skia.Canvas, brush: Brush, p: Physique, avatar: Avatar) -> None:
    _plain_back(canvas, brush, p, avatar)
    tie = p.torso * 0.72
    canvas.drawLine(-400, tie, 400, tie, brush.line(26, INK))
    canvas.drawLine(-400, tie, 400, tie, brush.line(12, avatar.accent))


_FRONTS = {
    "shirt": _shirt, "tee": _tee, "sweater": _sweater, "hoodie": _hoodie, "suit": _suit,
    "apron": _apron, "dress": _dress, "robe": _robe, "stripes": _stripes, "uniform": _uniform,
    "kimono": _kimono, "coat": _coat,
}  # fmt: skip
_BACKS = {"stripes": _stripes_back, "apron": _apron_back}
