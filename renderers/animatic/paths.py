"""Outlines, as skia wants them.

Knows: paths of straight and curved parts. Does not know: planes, pens, colours.
"""

from __future__ import annotations

from collections.abc import Sequence

import skia

from renderers.animatic.ink import LINE, stroke

Points = Sequence[tuple[float, float]]


def polygon(points: Points, closed: bool = True) -> skia.Path:
    path = skia.Path()
    path.moveTo(*points[0])
    for point in points[1:]:
        path.lineTo(*point)
    if closed:
        path.close()
    return path


def curve(*parts: tuple[float, ...], closed: bool = True) -> skia.Path:
    """A path from its start (2 numbers) through lines (2), arcs (4) and curves (6 numbers)."""
    path = skia.Path()
    path.moveTo(parts[0][0], parts[0][1])
    for part in parts[1:]:
        if len(part) == 2:
            path.lineTo(part[0], part[1])
        elif len(part) == 4:
            path.quadTo(part[0], part[1], part[2], part[3])
        else:
            path.cubicTo(part[0], part[1], part[2], part[3], part[4], part[5])
    if closed:
        path.close()
    return path


def smooth(*points: tuple[float, float]) -> skia.Path:
    """A closed outline that bends at every point but never breaks."""
    path = skia.Path()
    count = len(points)
    middles = [
        (
            (points[i][0] + points[(i + 1) % count][0]) / 2,
            (points[i][1] + points[(i + 1) % count][1]) / 2,
        )
        for i in range(count)
    ]
    path.moveTo(*middles[-1])
    for i in range(count):
        path.quadTo(*points[i], *middles[i])
    path.close()
    return path


def circle(x: float, y: float, radius: float) -> skia.Path:
    path = skia.Path()
    path.addCircle(x, y, radius)
    return path


def box(left: float, top: float, right: float, bottom: float) -> skia.Path:
    path = skia.Path()
    path.addRRect(skia.RRect.MakeRectXY(skia.Rect.MakeLTRB(left, top, right, bottom), 14, 14))
    return path


def thick(*points: tuple[float, float]) -> skia.Path:
    """A rod along points, as an outline."""
    outline = skia.Path()
    stroke(2.0 * LINE, 0).getFillPath(polygon(points, closed=False), outline)
    return outline


def bounds_of(paths: Sequence[skia.Path]) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of all of them."""
    boxes = [path.computeTightBounds() for path in paths]
    return (
        min(b.left() for b in boxes), min(b.top() for b in boxes),
        max(b.right() for b in boxes), max(b.bottom() for b in boxes),
    )  # fmt: skip
