"""What is worn over a garment, and the pattern of its cloth: scarves, capes, caps, checks, stripes.

All are drawn within an actor's kept images, so that a frame costs nothing more; only a patterned
sleeve is drawn with its arm.

Knows: shapes. Does not know: which words ask for them, garments' cuts.
"""

from __future__ import annotations

import math

import skia

from renderers.animatic.ink import INK, Brush, clipped, lit, luminance, shaded
from renderers.animatic.limbs import Limb, draw_limb
from renderers.animatic.paths import curve, smooth
from renderers.animatic.physique import Physique
from renderers.scene import Avatar

HATS = {
    "cap": (-190.0, -556.0, 362.0),
    "beret": (-268.0, -566.0, 242.0),
    "brim": (-310.0, -556.0, 390.0),
}
"""How far a hat reaches to the left, up and to the right, figure units."""
CAPE_HALF = 390.0


def _second(cloth: str) -> str:
    """The second colour of a pattern: it has to be seen on any cloth."""
    return shaded(cloth, 0.42) if luminance(cloth) > 0.45 else lit(cloth, 0.5)


def draw_pattern(canvas: skia.Canvas, brush: Brush, p: Physique, avatar: Avatar) -> None:
    """The pattern of the cloth; the caller clips to the torso."""
    worn, tone = avatar.worn.split(), _second(avatar.top)
    if "striped" in worn:
        for y in range(70, int(p.torso) + 60, 92):
            canvas.drawLine(-400, y, 400, y, brush.line(36, tone))
    if "checked" in worn:
        for at in range(-300, 301, 100):
            canvas.drawLine(at, -40, at, p.torso + 20, brush.line(34, tone, 0.5))
        for y in range(60, int(p.torso) + 60, 100):
            canvas.drawLine(-400, y, 400, y, brush.line(34, tone, 0.5))
    if "flowered" in worn or "spotted" in worn or "glittering" in worn:
        for row, y in enumerate(range(50, int(p.torso) + 40, 92)):
            for x in range(-330, 331, 120):
                _motif(canvas, brush, worn, x + 60.0 * (row % 2), y, avatar)


def _motif(
    canvas: skia.Canvas, brush: Brush, worn: list[str], x: float, y: float, avatar: Avatar
) -> None:
    if "spotted" in worn:
        canvas.drawCircle(x, y, 20, brush.fill(_second(avatar.top)))
    elif "glittering" in worn:
        star = curve(*((x + r * math.cos(a), y + r * math.sin(a)) for r, a in _STAR))
        canvas.drawPath(star, brush.fill(lit(avatar.top, 0.8)))
    else:
        for i in range(5):
            angle = math.tau * i / 5
            petal = (x + 15 * math.cos(angle), y + 15 * math.sin(angle))
            canvas.drawCircle(*petal, 12, brush.fill(_second(avatar.top)))
        canvas.drawCircle(x, y, 9, brush.fill("#f6c445"))


_STAR = tuple((26.0 if i % 2 == 0 else 8.0, math.tau * i / 8) for i in range(8))


def draw_sleeve_pattern(
    canvas: skia.Canvas, brush: Brush, limb: Limb, avatar: Avatar, end: float
) -> None:
    """Bands across a sleeve, as far as it reaches."""
    worn = avatar.worn.split()
    if not {"striped", "checked"} & {*worn}:
        return
    one, other = limb.sides(0.08, end * 0.94)
    faint = 0.5 if "checked" in worn else 1.0
    for i in range(1, len(one) - 1, 3):
        (x0, y0), (x1, y1) = one[i], other[i]
        inward = 0.12
        canvas.drawLine(
            x0 + inward * (x1 - x0), y0 + inward * (y1 - y0),
            x1 + inward * (x0 - x1), y1 + inward * (y0 - y1),
            brush.line(24, _second(avatar.top), faint),
        )  # fmt: skip


def draw_behind(canvas: skia.Canvas, brush: Brush, p: Physique, avatar: Avatar) -> None:
    """What hangs behind a body that is seen from the front, or over one seen from behind."""
    if "cape" not in avatar.worn.split():
        return
    low, wide = p.torso + 0.55 * p.legs, CAPE_HALF
    cape = smooth(
        (-p.neck - 40, 0), (-p.shoulder - 40, 90), (-wide * 0.9, low * 0.55), (-wide, low),
        (-wide * 0.5, low + 34), (0, low), (wide * 0.5, low + 34), (wide, low),
        (wide * 0.9, low * 0.55), (p.shoulder + 40, 90), (p.neck + 40, 0), (0, 40),
    )  # fmt: skip
    canvas.drawPath(cape, brush.fill(avatar.accent))
    for x in (-0.62, 0.62):
        fold = brush.line(9, shaded(avatar.accent, 0.5))
        canvas.drawLine(x * p.shoulder, 160, x * wide * 1.25, low - 20, fold)
    canvas.drawPath(cape, brush.line())


def draw_over(canvas: skia.Canvas, brush: Brush, p: Physique, avatar: Avatar, back: bool) -> None:
    """What lies on a torso: round the neck, over the shoulders, on the chest."""
    for name in avatar.worn.split():
        if name in ("scarf", "shawl", "cape"):
            {"scarf": _scarf, "shawl": _shawl, "cape": _clasp}[name](canvas, brush, p, avatar, back)
        elif not back and name in ("lanyard", "badge", "medals"):
            {"lanyard": _lanyard, "badge": _badge, "medals": _medals}[name](canvas, brush, p)


def _wool(canvas: skia.Canvas, brush: Brush, path: skia.Path, colour: str) -> None:
    canvas.drawPath(path, brush.fill(colour))
    with clipped(canvas, path):
        box = path.getBounds()
        x = box.left() - box.height()
        while x < box.right():
            canvas.drawLine(
                x,
                box.top(),
                x + 0.7 * box.height(),
                box.bottom(),
                brush.line(8, shaded(colour, 0.3)),
            )
            x += 46
    canvas.drawPath(path, brush.line(12))


def _scarf(canvas: skia.Canvas, brush: Brush, p: Physique, avatar: Avatar, back: bool) -> None:
    n = p.neck
    if not back:
        tail = curve((-n * 0.2, 60), (-n * 1.25, 66), (-n * 1.5, 380), (-n * 0.3, 392))
        _wool(canvas, brush, tail, shaded(avatar.accent, 0.12))
        for x in (-1.4, -1.12, -0.84, -0.56, -0.34):
            canvas.drawLine(n * x, 386, n * x - 4, 424, brush.line(9))
    loop = smooth(
        (-n - 66, -66), (-n - 84, 30), (-n * 0.7, 98), (n * 0.3, 112), (n + 70, 60), (n + 74, -46),
        (n * 0.6, 14), (-n * 0.6, 8),
    )  # fmt: skip
    _wool(canvas, brush, loop, avatar.accent)


def _shawl(canvas: skia.Canvas, brush: Brush, p: Physique, avatar: Avatar, back: bool) -> None:
    """A three-cornered cloth round the shoulders, fringed, its ends crossed on the chest."""
    s, n = p.shoulder, p.neck
    low = 0.86 * p.torso if back else 0.62 * p.torso
    for side in (-1, 1):
        for step in range(1, 9):
            x = side * s * (1 - step / 9) * 0.98
            y = 230 + (low - 230) * step / 9
            canvas.drawLine(
                x, y - 16, x + side * 7, y + 34, brush.line(9, shaded(avatar.accent, 0.3))
            )
    if back:
        cloth = curve(
            (-n - 26, -30),
            (-s - 8, 60),
            (-s - 4, 236),
            (0, low),
            (s + 4, 236),
            (s + 8, 60),
            (n + 26, -30),
        )
        _wool(canvas, brush, cloth, avatar.accent)
        return
    for side in (-1, 1):
        # The right end lies over the left one.
        end = curve(
            (side * (n + 26), -34), (side * s * 0.9, 20), (side * (s + 8), 90), (side * (s + 2), 236),
            (-side * 30, low), (-side * 74, low - 96), (side * (n * 0.35), 70),
        )  # fmt: skip
        _wool(canvas, brush, end, avatar.accent)


def draw_wrap(
    canvas: skia.Canvas, brush: Brush, limb: Limb, avatar: Avatar, torso: skia.Path
) -> None:
    """What of a shawl lies over an upper arm, wherever that is held."""
    if "shawl" not in avatar.worn.split():
        return
    upper, elbow, wrist = limb.widths
    wide = Limb(limb.start, limb.middle, limb.end, (1.16 * upper, 1.3 * elbow, wrist))
    draw_limb(canvas, brush, wide, avatar.accent, last=0.36, open_start=0.36, grows_from=torso)
    (x0, y0), (x1, y1) = (side[-1] for side in wide.sides(0.3, 0.36))
    canvas.drawLine(x0, y0, x1, y1, brush.line())


def _clasp(canvas: skia.Canvas, brush: Brush, p: Physique, avatar: Avatar, back: bool) -> None:
    """A cape's collar, and the brooch that holds it."""
    if back:
        draw_behind(canvas, brush, p, avatar)
        return
    for side in (-1, 1):
        fold = smooth(
            (side * (p.neck + 8), -30), (side * p.shoulder * 0.96, 44), (side * p.shoulder * 1.06, 170),
            (side * p.shoulder * 0.66, 120), (side * 26, 92), (side * 20, 50),
        )  # fmt: skip
        brush.shape(canvas, fold, avatar.accent, 12)
    canvas.drawCircle(0, 84, 26, brush.fill("#e8bf4e"))
    canvas.drawCircle(0, 84, 26, brush.line(9))


def _lanyard(canvas: skia.Canvas, brush: Brush, p: Physique) -> None:
    for side in (-1, 1):
        for width, colour in ((26.0, INK), (13.0, "#3f7fc1")):
            canvas.drawLine(side * (p.neck + 14), 0, side * 6, 286, brush.line(width, colour))
    _card(canvas, brush, 0, 346, 58, 74)


def _badge(canvas: skia.Canvas, brush: Brush, p: Physique) -> None:
    _card(canvas, brush, p.waist * 0.52, 214, 54, 30)


def _card(canvas: skia.Canvas, brush: Brush, x: float, y: float, half: float, high: float) -> None:
    card = skia.RRect.MakeRectXY(skia.Rect.MakeLTRB(x - half, y - high, x + half, y + high), 12, 12)
    canvas.drawRRect(card, brush.fill("#f6f2ea"))
    canvas.drawRRect(card, brush.line(9))
    lines = (-0.3, 0.3) if high < 40 else (0.25, 0.6)
    for share in lines:
        canvas.drawLine(
            x - 0.6 * half, y + share * high, x + 0.6 * half, y + share * high, brush.line(8)
        )
    if high >= 40:
        canvas.drawCircle(x, y - 0.34 * high, 0.34 * half, brush.fill("#c98a62"))
        canvas.drawCircle(x, y - 0.34 * high, 0.34 * half, brush.line(7))


def _medals(canvas: skia.Canvas, brush: Brush, p: Physique) -> None:
    for x, ribbon in ((-0.62, "#d8443c"), (-0.14, "#3f7fc1"), (0.34, "#3f9d68")):
        at = x * p.waist
        canvas.drawRect(skia.Rect.MakeLTRB(at - 20, 150, at + 20, 236), brush.fill(ribbon))
        canvas.drawRect(skia.Rect.MakeLTRB(at - 20, 150, at + 20, 236), brush.line(8))
        canvas.drawCircle(at, 262, 33, brush.fill("#f2c032"))
        canvas.drawCircle(at, 262, 33, brush.line(9))


def draw_on_head(canvas: skia.Canvas, brush: Brush, avatar: Avatar) -> None:
    """A hat, a headset, headphones: over the hair."""
    worn = avatar.worn.split()
    for name in worn:
        if name == "cap":
            _cap(canvas, brush, avatar.accent)
        elif name == "beret":
            _beret(canvas, brush, avatar.accent)
        elif name == "brim":
            _brim(canvas, brush)
        elif name in ("headset", "headphones"):
            _headset(canvas, brush, avatar, name == "headset")


def _cap(canvas: skia.Canvas, brush: Brush, colour: str) -> None:
    crown = smooth(
        (-178, -330), (-182, -450), (-70, -540), (60, -548), (190, -480), (234, -376), (60, -352), (-90, -318),
    )  # fmt: skip
    peak = smooth((90, -384), (200, -400), (330, -360), (356, -318), (250, -326), (110, -338))
    for shape, tone in ((crown, colour), (peak, shaded(colour, 0.25))):
        brush.shape(canvas, shape, tone)
    canvas.drawCircle(10, -536, 13, brush.fill(shaded(colour, 0.25)))


def _beret(canvas: skia.Canvas, brush: Brush, colour: str) -> None:
    cloth = smooth(
        (-176, -356), (-262, -392), (-250, -476), (-90, -540), (90, -544), (224, -476), (232, -388), (60, -380),
    )  # fmt: skip
    canvas.drawLine(-30, -520, -46, -556, brush.line(18))
    brush.shape(canvas, cloth, colour)


def _brim(canvas: skia.Canvas, brush: Brush) -> None:
    straw = "#e6c77c"
    crown = smooth((-150, -360), (-140, -500), (-60, -548), (110, -548), (196, -490), (214, -360))
    brim = smooth(
        (-300, -376),
        (-120, -420),
        (30, -424),
        (200, -420),
        (380, -370),
        (200, -330),
        (30, -322),
        (-140, -330),
    )
    for shape in (crown, brim):
        brush.shape(canvas, shape, straw)
    canvas.drawLine(-138, -416, 204, -416, brush.line(34, "#a8453a"))


def _headset(canvas: skia.Canvas, brush: Brush, avatar: Avatar, microphone: bool) -> None:
    band = curve((-96, -250), (-190, -520, 40, -560, 96, -470), closed=False)
    for width, colour in ((46.0, INK), (22.0, "#5a5f6e")):
        canvas.drawPath(band, brush.line(width, colour))
    cup = skia.RRect.MakeRectXY(skia.Rect.MakeLTRB(-146, -296, -52, -160), 44, 44)
    canvas.drawRRect(cup, brush.fill("#3a3f4d"))
    canvas.drawRRect(cup, brush.line())
    if microphone:
        boom = curve((-96, -170), (-80, -54, 90, -62), closed=False)
        canvas.drawPath(boom, brush.line(15, INK))
        canvas.drawOval(skia.Rect.MakeLTRB(70, -84, 130, -40), brush.fill("#3a3f4d"))
        canvas.drawOval(skia.Rect.MakeLTRB(70, -84, 130, -40), brush.line(9))
