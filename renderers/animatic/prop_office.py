"""Drawings of papers, pens and devices.

Knows: what each looks like in a unit square. Does not know: who holds it, its size.
"""

from __future__ import annotations

import math

from renderers.animatic.ink import mix
from renderers.animatic.prop_pen import Pen


def phone(pen: Pen) -> None:
    p = pen.palette
    pen.rect(-0.26, -0.5, 0.26, 0.5, pen.tone("#2b2733"), 0.07)
    glow = mix("#cfe9ff", p.accent2, 0.15)
    pen.rect(-0.215, -0.43, 0.215, 0.42, glow, 0.03, 0.6)
    pen.rect(-0.16, -0.32, 0.08, -0.2, p.accent, 0.04, 0)
    pen.rect(-0.06, -0.14, 0.16, -0.02, "#ffffff", 0.04, 0)
    pen.rect(-0.16, 0.04, 0.02, 0.16, p.accent, 0.04, 0)
    pen.stroke((-0.05, 0.46), (0.05, 0.46), width=0.7, name="#8a8696")


def tablet(pen: Pen) -> None:
    p = pen.palette
    pen.rect(-0.5, -0.36, 0.5, 0.36, pen.tone("#2b2733"), 0.06)
    pen.rect(-0.43, -0.3, 0.43, 0.3, mix("#d6ecff", p.accent2, 0.1), 0.02, 0.6)
    for i, high in enumerate((0.12, 0.22, 0.16, 0.32)):
        x = -0.3 + 0.17 * i
        pen.rect(x, 0.2 - high, x + 0.1, 0.2, (p.accent, p.fabric, p.leaf, p.accent2)[i], 0.01, 0)


def laptop(pen: Pen) -> None:
    p = pen.palette
    if pen.state == "closed":
        pen.poly([(-0.42, 0.14), (0.42, 0.14), (0.5, 0.3), (-0.5, 0.3)], pen.tone("#b9bec8"))
        pen.rect(-0.5, 0.3, 0.5, 0.36, pen.tone("#8d93a0"), 0.02)
        pen.oval(0.0, 0.22, 0.05, 0.025, p.accent2, 0.5)
        return
    pen.rect(-0.38, -0.36, 0.38, 0.16, pen.tone("#3a3644"), 0.04)
    pen.rect(-0.33, -0.31, 0.33, 0.11, mix("#cfe9ff", p.accent2, 0.1), 0.015, 0.5)
    for i, long in enumerate((0.3, 0.46, 0.2)):
        y = -0.2 + 0.1 * i
        pen.stroke((-0.26, y), (-0.26 + long, y), width=1.1, name=(p.accent, p.fabric, p.leaf)[i])
    pen.poly([(-0.4, 0.17), (0.4, 0.17), (0.5, 0.34), (-0.5, 0.34)], pen.tone("#b9bec8"))
    pen.poly([(-0.33, 0.2), (0.33, 0.2), (0.37, 0.27), (-0.37, 0.27)], pen.tone("#5a5866"), 0.4)


def _open_book(pen: Pen) -> None:
    p = pen.palette
    pen.poly([(-0.5, -0.24), (0.5, -0.24), (0.5, 0.36), (-0.5, 0.36)], p.accent)
    for side in (-1, 1):
        pen.curve(
            (0.0, -0.2), (side * 0.2, -0.34, side * 0.46, -0.26), (side * 0.46, 0.3),
            (side * 0.2, 0.22, 0.0, 0.34), fill=mix(p.paper, "#ffffff", 0.3),
        )  # fmt: skip
        for i in range(4):
            y = -0.14 + 0.1 * i
            pen.stroke((side * 0.08, y + 0.02), (side * 0.38, y - 0.02), width=0.6, name=p.fabric)


def book(pen: Pen) -> None:
    p = pen.palette
    if pen.state == "open":
        _open_book(pen)
        return
    pen.rect(-0.36, -0.46, 0.38, 0.48, p.paper, 0.02)
    pen.rect(-0.4, -0.5, 0.34, 0.44, p.accent, 0.03)
    pen.stroke((-0.3, -0.5), (-0.3, 0.44), width=0.8)
    pen.rect(-0.18, -0.34, 0.22, -0.12, p.paper, 0.02, 0.6)
    pen.oval(0.02, 0.22, 0.09, 0.09, p.accent2, 0.7)


def notepad(pen: Pen) -> None:
    p = pen.palette
    pen.rect(-0.36, -0.44, 0.36, 0.5, p.paper, 0.02)
    pen.rect(-0.36, -0.44, 0.36, -0.3, p.accent2, 0.02)
    for i in range(6):
        x = -0.28 + 0.112 * i
        pen.rod((x, -0.5), (x, -0.36), thick=0.018, fill=p.metal)
    for i, long in enumerate((0.5, 0.38, 0.52, 0.26)):
        pen.stroke(
            (-0.26, -0.16 + 0.15 * i),
            (-0.26 + long, -0.16 + 0.15 * i),
            width=0.8,
            name=p.fabric,
        )


def letter(pen: Pen) -> None:
    p = pen.palette
    if pen.state == "open":
        pen.poly([(-0.5, -0.02), (0.5, -0.02), (0.0, -0.48)], mix(p.paper, p.wood, 0.22))
        pen.rect(-0.38, -0.4, 0.38, 0.3, mix(p.paper, "#ffffff", 0.6), 0.01)
        for i, long in enumerate((0.5, 0.6, 0.4)):
            y = -0.3 + 0.1 * i
            pen.stroke((-0.28, y), (-0.28 + long, y), width=0.7, name=p.fabric)
        pen.poly([(-0.5, -0.02), (0.0, 0.26), (0.5, -0.02), (0.5, 0.48), (-0.5, 0.48)], p.paper)
        return
    pen.rect(-0.5, -0.33, 0.5, 0.33, p.paper, 0.02)
    pen.stroke((-0.5, 0.33), (-0.1, -0.02), width=0.7)
    pen.stroke((0.5, 0.33), (0.1, -0.02), width=0.7)
    pen.poly([(-0.5, -0.33), (0.5, -0.33), (0.0, 0.1)], mix(p.paper, p.wood, 0.1))
    pen.oval(0.0, 0.04, 0.09, 0.09, p.accent, 0.8)
    pen.stroke((-0.03, 0.04), (0.0, 0.075), (0.045, 0.01), width=0.7, name=p.paper)


def document(pen: Pen) -> None:
    p = pen.palette
    pen.rect(-0.33, -0.46, 0.4, 0.5, mix(p.paper, p.wood, 0.16), 0.01)
    pen.rect(-0.38, -0.5, 0.34, 0.45, p.paper, 0.01)
    y = -0.36
    while y < 0.26:
        pen.stroke(
            (-0.28, y), (0.2 if y < 0.18 else 0.0, y), width=0.7, name=mix(p.ink, p.paper, 0.45)
        )
        y += 0.1
    pen.oval(0.18, 0.32, 0.08, 0.08, p.accent, 0.6)
    pen.arc(
        (-0.26, 0.36), (-0.2, 0.28, -0.14, 0.36), (-0.08, 0.42, 0.0, 0.33), width=0.7, name=p.fabric
    )


def ticket(pen: Pen) -> None:
    p = pen.palette
    pen.curve(
        (-0.5, -0.24), (0.5, -0.24), (0.5, -0.07), (0.42, 0, 0.5, 0.07), (0.5, 0.24),
        (-0.5, 0.24), (-0.5, 0.07), (-0.42, 0, -0.5, -0.07), fill=p.accent2,
    )  # fmt: skip
    for i in range(5):
        y = -0.19 + 0.095 * i
        pen.stroke((0.24, y), (0.24, y + 0.04), width=0.8)
    star: list[tuple[float, float]] = []
    for i in range(10):
        r = 0.13 if i % 2 == 0 else 0.055
        a = -math.pi / 2 + i * math.pi / 5
        star.append((-0.12 + r * math.cos(a), r * math.sin(a)))
    pen.poly(star, p.accent, 0.8)


def money(pen: Pen) -> None:
    green = pen.tone("#8fbf8a")
    for dx, dy in ((0.05, -0.09), (0.0, 0.0)):
        pen.rect(-0.47 + dx, -0.21 + dy, 0.43 + dx, 0.23 + dy, green, 0.02)
    pen.rect(-0.42, -0.16, 0.38, 0.18, mix(green, "#ffffff", 0.25), 0.02, 0.5)
    pen.oval(-0.02, 0.01, 0.12, 0.14, green, 0.7)
    pen.stroke((-0.02, -0.08), (-0.02, 0.1), width=0.9, name="#2f5a3a")
    pen.arc(
        (0.04, -0.05),
        (-0.09, -0.07, -0.02, 0.01),
        (0.06, 0.08, -0.08, 0.06),
        width=0.9,
        name="#2f5a3a",
    )


def sign(pen: Pen) -> None:
    p = pen.palette
    pen.rod((0.0, 0.02), (0.0, 0.5), thick=0.06, fill=p.wood)
    pen.rect(-0.5, -0.5, 0.5, 0.1, p.paper, 0.04)
    pen.rect(-0.45, -0.45, 0.45, 0.05, mix(p.paper, "#ffffff", 0.5), 0.03, 0.5)
    pen.stroke((0.0, -0.36), (0.0, -0.17), width=2.6, name=p.accent)
    pen.oval(0.0, -0.06, 0.035, 0.035, p.accent, 0)


def pen_tool(pen: Pen) -> None:
    p = pen.palette
    pen.canvas.save()
    pen.canvas.rotate(40)
    pen.canvas.scale(1.15, 1.15)
    pen.rect(-0.055, -0.5, 0.055, 0.26, p.fabric, 0.03)
    pen.poly([(-0.055, 0.26), (0.055, 0.26), (0.012, 0.45), (-0.012, 0.45)], p.metal)
    pen.rect(-0.055, -0.18, 0.055, -0.1, p.accent2, 0, 0.7)
    pen.stroke((0.085, -0.46), (0.085, -0.22), width=1.1)
    pen.canvas.restore()


def headphones(pen: Pen) -> None:
    p = pen.palette
    pen.rod(
        (-0.36, 0.16), (-0.4, -0.42, 0.0, -0.42), (0.4, -0.42, 0.36, 0.16), thick=0.07, fill=p.dark
    )
    for side in (-1, 1):
        pen.rect(side * 0.38 - 0.11, 0.0, side * 0.38 + 0.11, 0.42, p.accent, 0.09)
        pen.rect(side * 0.27 - 0.05, 0.04, side * 0.27 + 0.05, 0.38, p.dark, 0.04)


def microphone(pen: Pen) -> None:
    p = pen.palette
    pen.curve((-0.1, -0.12), (0.1, -0.12), (0.06, 0.5), (-0.06, 0.5), fill=p.dark)
    pen.oval(0.0, -0.29, 0.2, 0.21, p.metal)
    for y in (-0.38, -0.29, -0.2):
        pen.arc((-0.17, y), (0.0, y + 0.06, 0.17, y), width=0.6)
    for x in (-0.09, 0.0, 0.09):
        pen.stroke((x, -0.46), (x, -0.12), width=0.6)
    pen.rect(-0.13, -0.13, 0.13, -0.05, p.accent2, 0.02, 0.8)


def camera(pen: Pen) -> None:
    p = pen.palette
    pen.rect(-0.2, -0.36, 0.12, -0.18, p.metal, 0.04)
    pen.rect(-0.48, -0.26, 0.48, 0.36, p.dark, 0.07)
    pen.rect(-0.48, -0.12, 0.48, 0.08, p.accent, 0, 0.7)
    pen.oval(0.02, 0.06, 0.25, 0.25, p.metal)
    pen.oval(0.02, 0.06, 0.17, 0.17, pen.tone("#26304f"), 0.8)
    pen.oval(-0.03, 0.0, 0.05, 0.05, "#dff0ff", 0)
    pen.rect(0.27, -0.21, 0.41, -0.14, p.accent2, 0.02, 0.6)


def robot(pen: Pen) -> None:
    p = pen.palette
    steel = mix(p.metal, "#ffffff", 0.2)
    pen.rod((0.0, -0.36), (0.0, -0.46), thick=0.025, fill=p.metal)
    pen.oval(0.0, -0.47, 0.045, 0.045, p.accent, 0.8)
    for side in (-1, 1):
        pen.rod((side * 0.24, 0.12), (side * 0.38, 0.24), thick=0.06, fill=p.metal)
        pen.rect(side * 0.13 - 0.07, 0.36, side * 0.13 + 0.07, 0.5, p.dark, 0.03)
    pen.rect(-0.24, 0.06, 0.24, 0.38, steel, 0.05)
    pen.rect(-0.34, -0.36, 0.34, 0.06, steel, 0.1)
    pen.rect(-0.26, -0.28, 0.26, -0.03, pen.tone("#22304a"), 0.07, 0.8)
    for side in (-1, 1):
        pen.oval(side * 0.12, -0.16, 0.05, 0.06, "#8ff0e4", 0)
    pen.oval(0.0, 0.2, 0.07, 0.07, p.accent2, 0.8)
