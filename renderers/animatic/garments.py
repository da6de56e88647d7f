"""The cut of each garment, drawn inside a torso's outline.

Knows: collars, buttons, lapels, patterns. Does not know: where the outline comes from.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import skia

from renderers.animatic.ink import INK, Brush, lit, mix, shaded
from renderers.animatic.paths import curve
from renderers.animatic.physique import Physique
from renderers.scene import Avatar


def draw_garment(
    canvas: skia.Canvas, brush: Brush, p: Physique, avatar: Avatar, *, back: bool
) -> None:
    """Draw what makes the garment, over its plain colour; the caller clips to the torso."""
    cut = _BACKS.get(avatar.garment, _plain_back) if back else _FRONTS.get(avatar.garment, _shirt)
    cut(canvas, brush, p, avatar)


def _v(canvas: skia.Canvas, brush: Brush, p: Physique, depth: float, colour: str) -> None:
    """A V of `colour` from the neck down to `depth`."""
    v = curve((-p.neck - 18, -20), (0, depth), (p.neck + 18, -20), closed=False)
    brush.shape(canvas, v, colour)


def _collar(canvas: skia.Canvas, brush: Brush, p: Physique, colour: str) -> None:
    for side in (-1, 1):
        flap = curve((side * (p.neck + 24), -20), (side * (p.neck - 2), 104), (0, 44))
        brush.shape(canvas, flap, colour)


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
    brush.shape(canvas, pocket, shaded(avatar.top, 0.08), 9)


def _suit(canvas: skia.Canvas, brush: Brush, p: Physique, avatar: Avatar) -> None:
    depth = p.torso * 0.58
    _v(canvas, brush, p, depth, "#f3efe6")
    tie = curve(
        (-20, 34),
        (20, 34),
        (12, 74),
        (30, depth - 70),
        (0, depth - 16),
        (-30, depth - 70),
        (-12, 74),
    )
    brush.shape(canvas, tie, avatar.accent, 9)
    _collar(canvas, brush, p, "#fbf8f0")
    for side in (-1, 1):
        lapel = curve(
            (side * (p.neck + 26), -18),
            (side * (p.neck + 88), 122),
            (side * (p.neck + 50), 150),
            (side * (p.neck + 62), 186),
            (0, depth),
        )
        brush.shape(canvas, lapel, shaded(avatar.top, 0.14), 10)
    canvas.drawLine(0, depth, 0, p.torso, brush.line(10))
    canvas.drawCircle(-16, depth + 50, 11, brush.fill(INK))


def _jacket(canvas: skia.Canvas, brush: Brush, p: Physique, avatar: Avatar) -> None:
    """Worn open over something of the accent's colour, with a zip on both edges."""
    strip = curve(
        (-p.neck - 6, -20),
        (-p.neck * 0.62, p.torso + 20),
        (p.neck * 0.62, p.torso + 20),
        (p.neck + 6, -20),
    )
    brush.shape(canvas, strip, avatar.accent, 11)
    _collar(canvas, brush, p, shaded(avatar.top, 0.12))
    for side in (-1, 1):
        x = side * p.waist * 0.62
        canvas.drawLine(x - 34, p.torso * 0.62, x + 34, p.torso * 0.6, brush.line(9))
        canvas.drawLine(x - 30, 210, x + 30, 206, brush.line(7))


def _waistcoat(canvas: skia.Canvas, brush: Brush, p: Physique, avatar: Avatar) -> None:
    """Over a shirt, whose sleeves have the colour of the whole; the accent's colour, buttoned."""
    front = curve(
        (-p.shoulder * 0.62, -20),
        (-p.shoulder * 0.5, 160, -p.waist * 1.2, 260),
        (-p.waist * 1.3, p.torso + 10),
        (0, p.torso - 30),
        (p.waist * 1.3, p.torso + 10),
        (p.waist * 1.2, 260),
        (p.shoulder * 0.5, 160, p.shoulder * 0.62, -20),
    )
    brush.shape(canvas, front, avatar.accent)
    _v(canvas, brush, p, p.torso * 0.48, avatar.top)
    _collar(canvas, brush, p, lit(avatar.top, 0.2))
    canvas.drawLine(0, p.torso * 0.48, 0, p.torso - 30, brush.line(9))
    _buttons(canvas, brush, p, p.torso * 0.48 + 50, lit(avatar.accent, 0.5))


def _apron(canvas: skia.Canvas, brush: Brush, p: Physique, avatar: Avatar) -> None:
    _collar(canvas, brush, p, lit(avatar.top, 0.2))
    for side in (-1, 1):
        canvas.drawLine(side * (p.neck + 26), 0, side * p.waist * 0.6, 190, brush.line(30, INK))
        canvas.drawLine(
            side * (p.neck + 26), 0, side * p.waist * 0.6, 190, brush.line(15, avatar.accent)
        )
    bib = curve(
        (-p.waist * 0.66, 170),
        (0, 190, p.waist * 0.66, 170),
        (p.waist * 0.7, 290, p.waist, 330, p.waist * 1.2, 380),
        (p.waist * 1.3, p.torso + 40),
        (-p.waist * 1.3, p.torso + 40),
        (-p.waist * 1.2, 380),
        (-p.waist, 330, -p.waist * 0.7, 290, -p.waist * 0.66, 170),
    )
    brush.shape(canvas, bib, avatar.accent)
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
        band = curve(
            (side * (p.neck + 22), -20),
            (side * (p.neck + 62), 20),
            (side * 34, 210),
            (side * 4, 210),
            (side * 8, 40),
        )
        brush.shape(canvas, band, "#f6f2ea", 11)


def _stripes(canvas: skia.Canvas, brush: Brush, p: Physique, avatar: Avatar) -> None:
    bar = brush.line(40, "#3b3844")
    for y in range(60, int(p.torso) + 60, 92):
        path = curve((-400, y - 10), (0, y + 34, 400, y - 10), closed=False)
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
        lapel = curve(
            (start * (p.neck + 20), -24),
            (start * (p.neck + 72), 0),
            (end * 70, 400),
            (end * 10, 400),
        )
        brush.shape(canvas, lapel, shaded(colour, 0.06), 10)
    obi = skia.Rect.MakeLTRB(-400, p.torso * 0.62, 400, p.torso * 0.86)
    canvas.drawRect(obi, brush.fill(avatar.accent))
    canvas.drawRect(obi, brush.line(11))
    middle = p.torso * 0.74
    canvas.drawLine(-400, middle, 400, middle, brush.line(14, lit(avatar.accent, 0.55)))


def _coat(canvas: skia.Canvas, brush: Brush, p: Physique, avatar: Avatar) -> None:
    depth = p.torso * 0.5
    _v(canvas, brush, p, depth, avatar.accent)
    for side in (-1, 1):
        lapel = curve(
            (side * (p.neck + 22), -20),
            (side * (p.neck + 104), 60),
            (side * (p.neck + 60), 150),
            (0, depth),
        )
        brush.shape(canvas, lapel, lit(avatar.top, 0.15), 10)
    canvas.drawLine(0, depth, 0, p.torso, brush.line(10))
    pocket = skia.Rect.MakeXYWH(p.waist * 0.3, p.torso * 0.72, 84, 90)
    canvas.drawRect(pocket, brush.line(9))


def _plain_back(canvas: skia.Canvas, brush: Brush, p: Physique, avatar: Avatar) -> None:
    seam = brush.line(9, shaded(avatar.top, 0.5))
    canvas.drawLine(0, 90, 0, p.torso, seam)
    collar = skia.Rect.MakeLTRB(-p.neck - 30, -30, p.neck + 30, 44)
    canvas.drawOval(collar, brush.fill(lit(avatar.top, 0.12)))
    canvas.drawOval(collar, brush.line(10))


def _apron_back(canvas: skia.Canvas, brush: Brush, p: Physique, avatar: Avatar) -> None:
    _plain_back(canvas, brush, p, avatar)
    tie = p.torso * 0.72
    canvas.drawLine(-400, tie, 400, tie, brush.line(26, INK))
    canvas.drawLine(-400, tie, 400, tie, brush.line(12, avatar.accent))


_Cut: TypeAlias = "Callable[[skia.Canvas, Brush, Physique, Avatar], None]"
_FRONTS: dict[str, _Cut] = {
    "shirt": _shirt, "tee": _tee, "sweater": _sweater, "hoodie": _hoodie, "suit": _suit,
    "apron": _apron, "dress": _dress, "robe": _robe, "stripes": _stripes, "uniform": _uniform,
    "kimono": _kimono, "coat": _coat,
    "jacket": _jacket, "waistcoat": _waistcoat,
}  # fmt: skip
_BACKS: dict[str, _Cut] = {"stripes": _stripes, "apron": _apron_back}
