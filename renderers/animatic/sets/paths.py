"""Outlines and colours, as skia wants them.

Knows: paths of straight and curved parts, `#rrggbb` with alpha. Does not know: planes, pens.
"""

from __future__ import annotations

from collections.abc import Sequence

import skia

from renderers.animatic.ink import rgb

Points = Sequence[tuple[float, float]]


def colour(name: str, alpha: float = 1.0) -> int:
    red, green, blue = rgb(name)
    return skia.Color(
        round(red * 255),
        round(green * 255),
        round(blue * 255),
        round(max(0.0, min(1.0, alpha)) * 255),
    )


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
