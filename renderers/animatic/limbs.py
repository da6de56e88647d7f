"""Arms, legs and hands in bold ink: tapered limbs along a bend, hands built of capsules.

Knows: joints, outlines, hand shapes. Does not know: poses' meaning, garments' cut.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import skia

from renderers.animatic.ink import LINE, Brush, clipped, shaded
from renderers.animatic.pose import HandKind

Point = tuple[float, float]
_STEPS = 12


@dataclass(frozen=True, slots=True)
class Limb:
    """A bend through three joints, with the half-width at each."""

    start: Point
    middle: Point
    end: Point
    widths: tuple[float, float, float]

    def at(self, t: float) -> Point:
        """The point at `t` (0 to 1) of the curve that passes through the middle joint."""
        # The quadratic's handle that makes it pass the middle joint half way.
        hx = 2 * self.middle[0] - (self.start[0] + self.end[0]) / 2
        hy = 2 * self.middle[1] - (self.start[1] + self.end[1]) / 2
        a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t * t
        return (
            a * self.start[0] + b * hx + c * self.end[0],
            a * self.start[1] + b * hy + c * self.end[1],
        )

    def width(self, t: float) -> float:
        first, middle, last = self.widths
        return (
            first + (middle - first) * 2 * t if t < 0.5 else middle + (last - middle) * (2 * t - 1)
        )

    def heading(self, t: float) -> float:
        """Direction at `t`, degrees clockwise from the right."""
        x0, y0 = self.at(max(0.0, t - 0.04))
        x1, y1 = self.at(min(1.0, t + 0.04))
        return math.degrees(math.atan2(y1 - y0, x1 - x0))

    def across(self, t: float) -> tuple[Point, Point]:
        """The points of both outlines at `t`."""
        x, y = self.at(t)
        angle, half = math.radians(self.heading(t) + 90), self.width(t)
        dx, dy = half * math.cos(angle), half * math.sin(angle)
        return (x + dx, y + dy), (x - dx, y - dy)

    def sides(self, first: float = 0.0, last: float = 1.0) -> tuple[list[Point], list[Point]]:
        """Both outlines from `first` to `last`, in the same direction, without the points inside
        a tight bend, where an outline would knot: they move to the last one before it."""
        edges = [self.across(first + (last - first) * i / _STEPS) for i in range(_STEPS + 1)]
        line = np.array([(*self.at(i / 24), self.width(i / 24)) for i in range(25)])
        away = np.array(edges)[:, :, None] - line[:, :2]
        near = np.hypot(away[..., 0], away[..., 1]) < 0.86 * line[:, 2]
        inside = np.asarray(near.any(axis=2))
        one: list[Point] = []
        other: list[Point] = []
        for i, points in enumerate(edges):
            for j, side in enumerate((one, other)):
                side.append(side[-1] if inside[i, j] and side else points[j])
        return one, other


def reach(shoulder: Point, target: Point, upper: float, lower: float, side: float) -> Limb:
    """An arm from shoulder to target, never torn off, its elbow out (towards `side`) and down.

    Of the two elbows that the law of cosines allows the better one wins; where they are
    nearly as good the elbow lies between, so that a moving arm never snaps over.
    """
    dx, dy = target[0] - shoulder[0], target[1] - shoulder[1]
    distance = max(1.0, math.hypot(dx, dy))
    if distance > 0.99 * (upper + lower):
        scale = 0.99 * (upper + lower) / distance
        dx, dy, distance = dx * scale, dy * scale, distance * scale
    spread = max(distance, abs(upper - lower) * 1.05 + 1)
    along = math.atan2(dy, dx)
    cosine = (upper**2 + spread**2 - lower**2) / (2 * upper * spread)
    bend = math.acos(max(-1.0, min(1.0, cosine)))
    candidates = [
        (upper * math.cos(along + sign * bend), upper * math.sin(along + sign * bend))
        for sign in (-1, 1)
    ]
    merit = [0.75 * side * x + y for x, y in candidates]
    share = max(0.0, min(1.0, 0.5 + (merit[1] - merit[0]) / 160))
    elbow = tuple(a + (b - a) * share for a, b in zip(*candidates, strict=True))
    # A soft bend looks drawn; a joint at the full angle looks like a hinge.
    middle = (shoulder[0] + elbow[0] * 0.76 + 0.12 * dx, shoulder[1] + elbow[1] * 0.76 + 0.12 * dy)
    return Limb(shoulder, middle, (shoulder[0] + dx, shoulder[1] + dy), (1, 1, 1))


def smooth(path: skia.Path, points: list[Point], start: bool) -> None:
    """Append a curve through the points' middles."""
    if start:
        path.moveTo(*points[0])
    else:
        path.lineTo(*points[0])
    for (x0, y0), (x1, y1) in pairwise(points[1:]):
        path.quadTo(x0, y0, (x0 + x1) / 2, (y0 + y1) / 2)
    path.lineTo(*points[-1])


def draw_limb(
    canvas: skia.Canvas,
    brush: Brush,
    limb: Limb,
    colour: str,
    *,
    last: float = 1.0,
    open_start: float = 0.0,
    grows_from: skia.Path | None = None,
) -> None:
    """Fill a limb up to the share `last` of it, and ink its sides and its end.

    `open_start` leaves that share of the inner side without a line. `grows_from` is the body
    that the limb grows out of: the joint is rounded, and inked only outside that body.
    """
    if grows_from is not None:
        canvas.save()
        # A clip costs what lies in it: here no more than what is drawn.
        (x, y), reach = limb.start, limb.widths[0] + LINE
        canvas.clipRect(skia.Rect.MakeLTRB(x - reach, y - reach, x + reach, y + reach))
        canvas.clipPath(grows_from, skia.ClipOp.kDifference, True)
        canvas.drawCircle(x, y, limb.widths[0], brush.line())
        canvas.restore()
    one, other = limb.sides(0.0, last)
    body = skia.Path()
    smooth(body, one, True)
    smooth(body, other[::-1], False)
    body.close()
    canvas.drawPath(body, brush.fill(colour))
    with clipped(canvas, body):
        shade = skia.Path()
        smooth(shade, one if one[6][1] > other[6][1] else other, True)
        canvas.drawPath(shade, brush.line(limb.width(0.5) * 0.9, shaded(colour)))
    if grows_from is not None:
        # Over the body's own outline, and over the ends of the lines at the joint.
        canvas.drawCircle(*limb.start, limb.widths[0] - LINE / 2 + 1, brush.fill(colour))
    ink = skia.Path()
    skip = round(open_start * _STEPS)
    inner_is_one = one[4][0] ** 2 < other[4][0] ** 2
    smooth(ink, one[skip if inner_is_one else 0 :], True)
    back = other[0 if inner_is_one else skip :]
    smooth(ink, back[::-1], False)
    canvas.drawPath(ink, brush.line())


def draw_bands(canvas: skia.Canvas, brush: Brush, limb: Limb) -> None:
    """Dark bands across a limb, as on prison clothes."""
    one, other = limb.sides()
    for i in range(2, _STEPS, 2):
        canvas.drawLine(*one[i], *other[i], brush.line(26, "#3b3844"))


_Capsule = tuple[float, float, float, float, float]
# Capsules from (x, y) to (x, y) with a radius; the wrist at the origin, the hand along +x.
_HANDS: dict[HandKind, tuple[_Capsule, ...]] = {
    "relaxed": ((8, 0, 44, 0, 30), (40, -10, 84, -4, 15), (40, 12, 80, 14, 15), (20, -18, 46, -38, 13)),
    "open": (
        (10, 0, 46, 0, 32), (54, -24, 100, -46, 13), (60, -8, 116, -16, 13), (60, 9, 114, 14, 13),
        (54, 24, 98, 40, 12), (14, -20, 34, -62, 13),
    ),
    "fist": ((14, 0, 46, 0, 35), (44, -16, 52, 16, 22), (22, -26, 48, -30, 14)),
    "point": ((14, 0, 42, 2, 32), (44, -17, 122, -21, 13), (42, 6, 50, 18, 20), (18, -20, 40, -32, 13)),
    "flat": ((8, 0, 44, 0, 28), (46, -8, 104, -10, 13), (46, 8, 100, 8, 14), (16, -14, 46, -40, 12)),
    "grip": ((14, 0, 44, 0, 33), (44, -18, 50, 18, 20), (18, -26, 46, -34, 13)),
    "thumb": ((14, 0, 44, 2, 33), (44, -6, 50, 18, 22), (28, -24, 34, -82, 15)),
}  # fmt: skip
_CREASES: dict[HandKind, tuple[tuple[float, float, float, float], ...]] = {
    "relaxed": ((52, 4, 80, 5),),
    "fist": ((52, -12, 68, -13), (54, 2, 70, 2), (52, 15, 66, 17)),
    "point": ((46, 0, 66, 0), (46, 14, 64, 16)),
    "flat": ((54, 0, 94, 0),),
    "grip": ((48, -10, 66, -11), (50, 3, 68, 3), (48, 15, 64, 17)),
    "thumb": ((48, -4, 68, -4), (50, 10, 68, 11)),
    "open": (),
}


def draw_hand(
    canvas: skia.Canvas,
    brush: Brush,
    skin: str,
    kind: HandKind,
    at: Point,
    angle: float,
    left: bool,
) -> None:
    """A hand with its wrist at `at`, pointing along `angle`; the thumb on the inner side."""
    canvas.save()
    canvas.translate(*at)
    canvas.rotate(angle)
    # Drawn with the thumb above; some hands need it there, the others have it inside.
    upright = math.cos(math.radians(angle)) >= 0
    inside = (math.sin(math.radians(angle)) < 0) != left
    thumb_above = upright if kind in ("thumb", "flat", "point") else inside
    canvas.scale(1, 1 if thumb_above else -1)
    for x0, y0, x1, y1, r in _HANDS[kind]:
        canvas.drawLine(x0, y0, x1, y1, brush.line(2 * r + 2 * LINE * 0.72))
    for x0, y0, x1, y1, r in _HANDS[kind]:
        canvas.drawLine(x0, y0, x1, y1, brush.line(2 * r - 2, skin))
    for x0, y0, x1, y1 in _CREASES[kind]:
        canvas.drawLine(x0, y0, x1, y1, brush.line(7))
    canvas.restore()
