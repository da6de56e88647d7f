"""Shapes that creatures' heads are put together from.

Knows: paths. Does not know: creatures, colours.
"""

from __future__ import annotations

import skia

from renderers.animatic.ink import LINE


def curve(*points: tuple[float, float]) -> skia.Path:
    """A closed outline of straight lines."""
    path = skia.Path()
    path.moveTo(*points[0])
    for point in points[1:]:
        path.lineTo(*point)
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
    line = skia.Path()
    line.moveTo(*points[0])
    for point in points[1:]:
        line.lineTo(*point)
    paint = skia.Paint(
        Style=skia.Paint.kStroke_Style, StrokeWidth=2.0 * LINE, StrokeCap=skia.Paint.kRound_Cap,
        StrokeJoin=skia.Paint.kRound_Join,
    )  # fmt: skip
    outline = skia.Path()
    paint.getFillPath(line, outline)
    return outline
