"""Drawings of flowers and animals.

Knows: what each looks like in a unit square. Does not know: who holds it, its size.
"""

from __future__ import annotations

import math

from renderers.animatic.ink import mix
from renderers.animatic.prop_pen import Pen


def rose(pen: Pen) -> None:
    red = pen.tone("#cf2f45")
    pen.rod((0.0, -0.1), (0.06, 0.2, 0.0, 0.5), thick=0.035, fill=pen.tone("#3f7a48"))
    _leaf(pen, (0.02, 0.2), (0.26, 0.08))
    _leaf(pen, (0.02, 0.32), (-0.22, 0.22))
    pen.curve(
        (-0.2, -0.34), (-0.22, 0.0, 0.0, 0.0), (0.22, 0.0, 0.2, -0.34), (0.1, -0.42, 0.0, -0.36),
        (-0.1, -0.42, -0.2, -0.34), fill=red,
    )  # fmt: skip
    pen.oval(0.0, -0.36, 0.13, 0.08, mix(red, "#241a40", 0.2), 0.9)
    pen.arc((-0.06, -0.36), (0.0, -0.43, 0.05, -0.36), (0.02, -0.31, -0.03, -0.34), width=0.8)
    pen.arc((-0.19, -0.2), (-0.04, -0.16, 0.06, -0.28), width=0.9)


def flowers(pen: Pen) -> None:
    p = pen.palette
    for x in (-0.22, -0.08, 0.08, 0.22):
        pen.stroke((x, -0.1), (x * 0.2, 0.3), width=1.2, name=pen.tone("#3f7a48"))
    _leaf(pen, (0.0, 0.1), (-0.4, -0.06))
    _leaf(pen, (0.0, 0.1), (0.4, -0.06))
    for x, y, name in (
        (-0.26, -0.16, p.accent2),
        (0.26, -0.16, p.accent),
        (-0.1, -0.32, p.accent),
        (0.12, -0.34, p.fabric),
        (0.0, -0.14, p.paper),
    ):
        for i in range(5):
            a = i * math.tau / 5
            pen.oval(x + 0.075 * math.cos(a), y + 0.075 * math.sin(a), 0.062, 0.062, name, 0.6)
        pen.oval(x, y, 0.05, 0.05, pen.tone("#f0b53f"), 0.6)
    pen.poly(
        [(-0.24, 0.06), (0.0, 0.14), (0.24, 0.06), (0.07, 0.5), (-0.07, 0.5)],
        mix(p.paper, p.accent, 0.2),
    )
    pen.rect(-0.12, 0.26, 0.12, 0.33, p.accent2, 0.02, 0.8)


def _leaf(pen: Pen, foot: tuple[float, float], tip: tuple[float, float]) -> None:
    (x0, y0), (x1, y1) = foot, tip
    nx, ny = -(y1 - y0) * 0.4, (x1 - x0) * 0.4
    mx, my = (x0 + x1) / 2, (y0 + y1) / 2
    green = pen.tone("#4f8f55")
    pen.curve(
        (x0, y0), (mx + nx, my + ny, x1, y1), (mx - nx, my - ny, x0, y0), fill=green, line=0.8
    )


def plant(pen: Pen) -> None:
    p = pen.palette
    for tip in ((-0.34, -0.2), (0.34, -0.2), (-0.16, -0.44), (0.16, -0.44), (0.0, -0.5)):
        _leaf(pen, (0.0, 0.12), tip)
    pen.poly([(-0.22, 0.12), (0.22, 0.12), (0.16, 0.5), (-0.16, 0.5)], mix(p.accent, p.wood, 0.4))
    pen.rect(-0.26, 0.08, 0.26, 0.19, mix(p.accent, p.wood, 0.3), 0.01)


def cat(pen: Pen) -> None:
    p = pen.palette
    fur = pen.tone("#e8a04c")
    pen.rod((0.2, 0.42), (0.5, 0.44, 0.42, 0.12), (0.38, 0.0, 0.46, -0.06), thick=0.07, fill=fur)
    pen.curve(
        (-0.22, 0.5), (-0.26, 0.1, -0.1, -0.02), (0.1, -0.02), (0.28, 0.14, 0.26, 0.5), fill=fur
    )
    for x in (-0.1, 0.06):
        pen.arc((x, 0.28), (x - 0.02, 0.4, x, 0.48), width=0.8)
    for side in (-1, 1):
        pen.poly(
            [(side * 0.3 - 0.02, -0.22), (side * 0.28 - 0.02, -0.5), (side * 0.06 - 0.02, -0.36)],
            fur,
        )
    pen.oval(-0.02, -0.18, 0.32, 0.24, fur)
    for x in (-0.1, -0.02, 0.06):
        pen.stroke((x, -0.4), (x, -0.32), width=1.2, name=mix(fur, "#7a3f1c", 0.6))
    for side in (-1, 1):
        pen.oval(side * 0.13 - 0.02, -0.18, 0.045, 0.06, "#1d1820", 0)
        pen.oval(side * 0.13 - 0.035, -0.2, 0.015, 0.02, "#ffffff", 0)
        pen.stroke((side * 0.2 - 0.02, -0.09), (side * 0.42 - 0.02, -0.13), width=0.6)
        pen.stroke((side * 0.2 - 0.02, -0.06), (side * 0.42 - 0.02, -0.04), width=0.6)
    pen.poly([(-0.055, -0.11), (0.015, -0.11), (-0.02, -0.07)], pen.tone("#e2707a"), 0.5)
    pen.arc((-0.09, -0.03), (-0.05, 0.01, -0.02, -0.04), (0.01, 0.01, 0.05, -0.03), width=0.7)
    pen.rect(-0.17, 0.03, 0.13, 0.09, p.fabric, 0.02, 0.8)
    pen.oval(-0.02, 0.11, 0.035, 0.035, pen.tone("#f0c14b"), 0.7)


def dog(pen: Pen) -> None:
    p = pen.palette
    fur, dark = pen.tone("#e9d3ae"), pen.tone("#8a5a38")
    pen.rod((0.2, 0.34), (0.44, 0.3, 0.4, 0.06), thick=0.07, fill=fur)
    pen.curve(
        (-0.24, 0.5), (-0.26, 0.12, -0.12, -0.02), (0.12, -0.02), (0.27, 0.14, 0.26, 0.5), fill=fur
    )
    for x in (-0.1, 0.08):
        pen.arc((x, 0.28), (x - 0.02, 0.4, x, 0.48), width=0.8)
    pen.oval(0.0, -0.2, 0.28, 0.25, fur)
    for side in (-1, 1):
        pen.curve(
            (side * 0.16, -0.42),
            (side * 0.4, -0.46, side * 0.38, -0.14),
            (side * 0.3, -0.06, side * 0.24, -0.2),
            fill=dark,
        )
    pen.oval(0.0, -0.1, 0.14, 0.11, mix(fur, "#ffffff", 0.5), 0.7)
    for side in (-1, 1):
        pen.oval(side * 0.11, -0.25, 0.035, 0.045, "#1d1820", 0)
        pen.oval(side * 0.11 - 0.012, -0.265, 0.012, 0.015, "#ffffff", 0)
    pen.oval(0.0, -0.15, 0.05, 0.035, "#1d1820", 0)
    pen.curve(
        (-0.045, -0.05),
        (0.045, -0.05),
        (0.05, 0.06, 0.0, 0.06),
        (-0.05, 0.06, -0.045, -0.05),
        fill=pen.tone("#e2707a"),
        line=0.7,
    )
    pen.arc((-0.09, -0.07), (-0.03, -0.02, 0.0, -0.09), (0.03, -0.02, 0.09, -0.07), width=0.8)
    pen.rect(-0.16, 0.04, 0.16, 0.1, p.accent, 0.02, 0.8)


def bird(pen: Pen) -> None:
    p = pen.palette
    body = mix(p.fabric, pen.tone("#7fb2d8"), 0.5)
    for x in (-0.06, 0.06):
        pen.stroke((x, 0.34), (x, 0.48), width=1.2)
        pen.stroke((x - 0.06, 0.49), (x + 0.05, 0.49), width=1.0)
    pen.poly([(0.28, 0.14), (0.5, 0.3), (0.24, 0.3)], mix(body, p.dark, 0.2))
    pen.curve(
        (-0.34, -0.14),
        (-0.3, -0.44, -0.06, -0.42),
        (0.16, -0.4, 0.16, -0.14),
        (0.4, 0.0, 0.34, 0.24),
        (0.1, 0.44, -0.16, 0.34),
        (-0.36, 0.2, -0.34, -0.14),
        fill=body,
    )
    pen.curve(
        (0.02, -0.02), (0.24, 0.02, 0.28, 0.2), (0.1, 0.28, 0.0, 0.16), fill=mix(body, p.dark, 0.2)
    )
    pen.poly([(-0.33, -0.2), (-0.5, -0.12), (-0.33, -0.08)], pen.tone("#f0a83a"))
    pen.oval(-0.16, -0.22, 0.045, 0.05, "#1d1820", 0)
    pen.oval(-0.175, -0.24, 0.014, 0.016, "#ffffff", 0)
