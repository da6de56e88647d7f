"""What beings that look like people are known by: hats, wings, a cape, a tail. Shapes as data.

Coordinates are figure units with the origin at the collar; the skull is 435 high, its crown at
y -452 and its middle at x 35; a body is about 200 wide to each side, its feet at y 1300.

Knows: shapes, layers, colours. Does not know: which being has which, heads, bodies.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

import skia

from renderers.animatic.ink import Brush
from renderers.animatic.paths import bounds_of, curve, smooth

Layer = Literal["back", "behind", "over", "legs"]
"""Behind the body, behind the head, over the head, and instead of legs."""
Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """One area in ink and colour: an outline through points (sharp: straight from one to the
    next), or an oval within two corners."""

    layer: Layer
    fill: str
    points: Points
    form: Literal["smooth", "sharp", "oval"] = "smooth"
    alpha: float = 1.0
    ink: float = 12.0


def _twice(shape: Shape, middle: float) -> tuple[Shape, Shape]:
    """A shape and its mirror image."""
    other = tuple((2 * middle - x, y) for x, y in shape.points)
    return shape, Shape(shape.layer, shape.fill, other, shape.form, shape.alpha, shape.ink)


_BRIM: Points = ((-240, -392), (30, -330), (310, -392), (270, -440), (30, -400), (-200, -440))
_CROWN_HAT: Points = (
    (-160, -410),
    (-90, -600),
    (10, -760),
    (96, -800),
    (120, -640),
    (220, -410),
    (30, -368),
)
_CAPE: Points = (
    (-110, 10), (-240, 90), (-330, 520), (-372, 980), (-190, 1010), (0, 970), (190, 1010), (372, 980),
    (330, 520), (240, 90), (110, 10), (0, 60),
)  # fmt: skip
_WING: Points = (
    (-90, 120),
    (-260, -120),
    (-470, -190),
    (-520, 40),
    (-430, 210),
    (-380, 330),
    (-250, 380),
    (-110, 300),
)
_FAIRY_WING: Points = (
    (-60, 130),
    (-300, -200),
    (-480, -160),
    (-460, 60),
    (-300, 190),
    (-420, 330),
    (-330, 440),
    (-90, 300),
)
_CROWN: Points = (
    (-120, -410),
    (-150, -570),
    (-64, -496),
    (34, -610),
    (132, -496),
    (220, -570),
    (192, -410),
    (34, -376),
)

SIGNS: Mapping[str, tuple[Shape, ...]] = {
    "wizard hat": (
        Shape("over", "#4b4fa8", _CROWN_HAT), Shape("over", "#3d4190", _BRIM),
        Shape("over", "#f6c445", ((10, -560), (26, -526), (62, -520), (34, -496), (42, -460), (10, -478), (-22, -460),
                                  (-14, -496), (-42, -520), (-6, -526)), "sharp", 1.0, 7.0),
    ),
    "witch hat": (
        Shape("over", "#37343f", _CROWN_HAT), Shape("over", "#2a2631", _BRIM),
        Shape("over", "#8a62b4", ((-146, -424), (-130, -474), (190, -474), (206, -424), (30, -384)), "sharp", 1.0, 8.0),
    ),
    "halo": (
        Shape("over", "#f6c445", ((-110, -590), (170, -520)), "oval", 1.0, 12.0),
        Shape("over", "#fff6d8", ((-72, -573), (132, -537)), "oval", 1.0, 8.0),
        *_twice(Shape("back", "#fffdf6", _WING), 0),
    ),
    "wings": _twice(Shape("back", "#bfe6ee", _FAIRY_WING, alpha=0.8), 0),
    "crown": (
        Shape("over", "#f6c445", _CROWN, "sharp"),
        *(Shape("over", c, ((x - 15, -452), (x + 15, -420)), "oval", 1.0, 6.0)
          for x, c in ((-70, "#e2503f"), (34, "#3f7fc1"), (138, "#e2503f"))),
    ),
    "pirate hat": (
        Shape("over", "#37343f", ((-270, -380), (-220, -520), (-70, -470), (34, -640), (140, -470), (290, -520), (330, -380),
                                  (34, -426))),
        Shape("over", "#f6f2ea", ((0, -545), (68, -480)), "oval", 1.0, 6.0),
        Shape("over", "#37343f", ((12, -526), (28, -508)), "oval", 1.0, 2.0),
        Shape("over", "#37343f", ((40, -526), (56, -508)), "oval", 1.0, 2.0),
    ),
    "santa hat": (
        Shape("over", "#d8443c", ((-150, -390), (-90, -560), (40, -620), (200, -560), (290, -420), (250, -400), (190, -470),
                                  (210, -390), (30, -420))),
        Shape("over", "#fffaf2", ((-190, -440), (30, -480), (250, -440), (250, -376), (30, -404), (-190, -376))),
        Shape("over", "#fffaf2", ((238, -436), (322, -352)), "oval"),
    ),
    "helmet": (
        Shape("behind", "#f4f6f8", ((-290, -590), (360, 60)), "oval"),
        Shape("behind", "#b9d6e6", ((-236, -540), (316, 14)), "oval", 1.0, 9.0),
        Shape("over", "#ffffff", ((-190, -430), (-150, -500), (-90, -520), (-130, -450), (-170, -380)), "smooth", 0.6, 0.0),
    ),
    "star": (
        Shape("over", "#f0876a", ((-96, -470), (-76, -424), (-28, -418), (-62, -386), (-52, -340), (-96, -364), (-140, -340),
                                  (-130, -386), (-164, -418), (-116, -424)), "sharp", 1.0, 8.0),
        Shape("legs", "#3fa3a5", ((-176, 500), (176, 500), (150, 760), (90, 980), (56, 1110), (190, 1200), (240, 1310),
                                  (60, 1270), (0, 1220), (-60, 1270), (-240, 1310), (-190, 1200), (-56, 1110), (-90, 980),
                                  (-150, 760))),
        *(Shape("legs", "#58bcbb", ((x - 34, y - 22), (x + 34, y + 22)), "oval", 1.0, 6.0)
          for x, y in ((-60, 640), (60, 640), (0, 720), (-44, 800), (44, 800), (0, 880))),
    ),
    "eye mask": (
        Shape("over", "#2f5fb0", ((-60, -340), (60, -320), (150, -336), (238, -322), (238, -210), (150, -196), (92, -226),
                                  (34, -196), (-52, -214)), "smooth", 1.0, 9.0),
        Shape("back", "#d8443c", _CAPE),
    ),
    "cape": (
        Shape("back", "#7c2338", _CAPE),
        *_twice(Shape("behind", "#37343f", ((20, 60), (-130, 70), (-250, -60), (-214, -190), (-120, -60)), "sharp"), 0),
    ),
    "clown": (
        *_twice(Shape("behind", "#e8743c", ((-120, -180), (-250, -160), (-310, -270), (-270, -390), (-150, -400),
                                            (-90, -330))), 35),
        Shape("over", "#5bb5b8", ((-70, -420), (20, -700), (120, -420), (30, -390)), "sharp"),
        Shape("over", "#f2c032", ((-12, -736), (52, -672)), "oval", 1.0, 8.0),
    ),
    "dish": (
        Shape("over", "#4f8f4f", ((-150, -390), (-110, -470), (-40, -440), (34, -490), (110, -440), (190, -470), (224, -390),
                                  (34, -420))),
        Shape("over", "#cfe9f2", ((-86, -496), (156, -424)), "oval"),
        Shape("back", "#6a8a3c", ((-250, 60), (250, 640)), "oval"),
    ),
    "monk cap": (
        Shape("over", "#2a2631", ((-40, -440), (-50, -520), (34, -570), (120, -520), (110, -440)), "sharp"),
        Shape("over", "#fffaf2", ((-70, -450), (34, -474), (140, -450), (140, -420), (34, -440), (-70, -420)), "sharp", 1.0, 7.0),
    ),
    "trail": (
        Shape("legs", "#f3f2fb", ((-190, 500), (190, 500), (170, 800), (110, 1000), (160, 1150), (60, 1090), (0, 1190),
                                  (-60, 1090), (-150, 1150), (-110, 1000), (-170, 800)), "smooth", 0.85),
    ),
}  # fmt: skip


@cache
def _path(shape: Shape) -> skia.Path:
    if shape.form == "oval":
        (left, top), (right, bottom) = shape.points
        path = skia.Path()
        path.addOval(skia.Rect.MakeLTRB(left, top, right, bottom))
        return path
    return (smooth if shape.form == "smooth" else curve)(*shape.points)


@cache
def sign_bounds(sign: str) -> tuple[float, float, float, float] | None:
    """Left, top, right, bottom of what a sign adds to a head; None for nothing."""
    paths = [_path(s) for s in SIGNS.get(sign, ()) if s.layer in ("behind", "over")]
    return bounds_of(paths) if paths else None


def replaces_legs(sign: str) -> bool:
    return any(shape.layer == "legs" for shape in SIGNS.get(sign, ()))


def draw_sign(canvas: skia.Canvas, brush: Brush, sign: str, layer: Layer) -> None:
    """The shapes of one layer, in order."""
    for shape in SIGNS.get(sign, ()):
        if shape.layer != layer:
            continue
        canvas.drawPath(_path(shape), brush.fill(shape.fill, shape.alpha))
        if shape.ink:
            canvas.drawPath(_path(shape), brush.line(shape.ink))
