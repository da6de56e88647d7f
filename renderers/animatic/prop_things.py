"""Drawings of other made things: bags, tools, presents, furniture for the hand.

Knows: what each looks like in a unit square. Does not know: who holds it, its size.
"""

from __future__ import annotations

import math

from renderers.animatic.ink import mix
from renderers.animatic.prop_pen import Pen


def gavel(pen: Pen) -> None:
    p = pen.palette
    wood = mix(pen.tone("#8a5330"), p.wood, 0.4)
    pen.canvas.save()
    pen.canvas.rotate(-38)
    pen.rod((0.0, -0.1), (0.0, 0.56), thick=0.075, fill=wood)
    pen.rect(-0.3, -0.4, 0.3, -0.08, wood, 0.04)
    for x in (-0.34, 0.24):
        pen.rect(x, -0.44, x + 0.1, -0.04, mix(wood, "#241a40", 0.2), 0.03)
    pen.rect(-0.07, -0.41, 0.07, -0.07, p.accent2, 0.0, 0.8)
    pen.canvas.restore()


def hammer(pen: Pen) -> None:
    p = pen.palette
    pen.rod((0.0, -0.3), (0.0, 0.46), thick=0.085, fill=p.wood)
    pen.curve(
        (-0.3, -0.44), (0.16, -0.44), (0.36, -0.44, 0.42, -0.24), (0.3, -0.26, 0.16, -0.22), (-0.3, -0.22),
        fill=p.metal,
    )  # fmt: skip
    pen.rect(-0.36, -0.48, -0.24, -0.18, mix(p.metal, p.dark, 0.3), 0.02)


def umbrella(pen: Pen) -> None:
    p = pen.palette
    if pen.state == "closed":
        pen.rod((0.0, 0.3), (0.0, 0.38), (0.0, 0.5, 0.1, 0.46), (0.15, 0.44, 0.14, 0.38),
                 thick=0.035, fill=p.wood)  # fmt: skip
        pen.rod((0, -0.5), (0, -0.42), thick=0.02, fill=p.dark)
        pen.poly([(0.0, -0.44), (0.09, 0.2), (0.04, 0.3), (-0.04, 0.3), (-0.09, 0.2)], p.accent)
        pen.stroke((0.0, -0.4), (0.0, 0.28), width=0.7)
        pen.rect(-0.085, 0.06, 0.085, 0.12, mix(p.accent, "#241a40", 0.25), 0.01, 0.6)
        return
    pen.rod(
        (0.0, -0.3),
        (0.0, 0.36),
        (0.0, 0.5, 0.1, 0.46),
        (0.15, 0.44, 0.14, 0.38),
        thick=0.035,
        fill=p.wood,
    )
    pen.rod((0, -0.5), (0, -0.42), thick=0.02, fill=p.dark)
    edges = (-0.5, -0.17, 0.17, 0.5)
    for i in range(3):
        a, b = edges[i], edges[i + 1]
        name = p.accent if i != 1 else mix(p.accent, "#ffffff", 0.2)
        pen.curve(
            (a, 0.02), (a * 0.86, -0.38, 0.0, -0.44), (b * 0.86, -0.38, b, 0.02),
            ((a + b) / 2, -0.08, a, 0.02), fill=name,
        )  # fmt: skip


def bag(pen: Pen) -> None:
    p = pen.palette
    pen.rod(
        (-0.17, -0.22),
        (-0.17, -0.5, 0.0, -0.5),
        (0.17, -0.5, 0.17, -0.22),
        thick=0.035,
        fill=p.wood,
    )
    pen.curve((-0.32, -0.24), (0.32, -0.24), (0.4, 0.5), (-0.4, 0.5), fill=p.accent2)
    pen.oval(0.0, 0.14, 0.14, 0.14, p.accent, 0.8)


def briefcase(pen: Pen) -> None:
    p = pen.palette
    leather = mix(p.wood, p.dark, 0.2)
    pen.rod(
        (-0.15, -0.24),
        (-0.15, -0.42, 0.0, -0.42),
        (0.15, -0.42, 0.15, -0.24),
        thick=0.04,
        fill=leather,
    )
    pen.rect(-0.5, -0.25, 0.5, 0.4, leather, 0.06)
    pen.stroke((-0.5, 0.02), (0.5, 0.02), width=0.9)
    for x in (-0.26, 0.2):
        pen.rect(x, -0.05, x + 0.09, 0.1, p.accent2, 0.02, 0.7)


def suitcase(pen: Pen) -> None:
    p = pen.palette
    if pen.state in ("open", "empty", "full"):
        pen.rect(-0.46, -0.46, 0.46, 0.06, mix(p.fabric, p.dark, 0.3), 0.05)
        pen.rect(-0.39, -0.39, 0.39, 0.0, mix(p.paper, p.fabric, 0.3), 0.03, 0.7)
        if pen.state != "empty":
            for i, name in enumerate((p.accent, p.accent2, p.paper, p.leaf)):
                x = -0.34 + 0.18 * i
                pen.rect(x, -0.06 - 0.03 * (i % 2), x + 0.17, 0.14, name, 0.03, 0.8)
        pen.rect(-0.48, 0.06, 0.48, 0.44, p.fabric, 0.05)
        pen.rect(-0.1, 0.2, 0.1, 0.26, p.metal, 0.02, 0.7)
        return
    pen.rod((-0.13, -0.22), (-0.13, -0.48), (0.13, -0.48), (0.13, -0.22), thick=0.03, fill=p.metal)
    for x in (-0.2, 0.2):
        pen.oval(x, 0.46, 0.055, 0.045, p.dark, 0.8)
    pen.rect(-0.34, -0.26, 0.34, 0.43, p.fabric, 0.07)
    for x in (-0.18, 0.0, 0.18):
        pen.stroke((x, -0.16), (x, 0.33), width=0.8)
    pen.oval(0.2, -0.1, 0.08, 0.08, p.accent2, 0.7)


def _open_box(pen: Pen, card: str) -> None:
    """Flaps out; what is inside is dark, or things that look over the edge."""
    p = pen.palette
    pen.poly([(-0.32, -0.34), (0.32, -0.34), (0.42, -0.1), (-0.42, -0.1)], mix(card, p.ink, 0.55))
    if pen.state == "full":
        for x, y, name in ((-0.22, -0.24, p.accent), (0.02, -0.3, p.fabric), (0.22, -0.22, p.leaf)):
            pen.rect(x - 0.1, y - 0.1, x + 0.1, y + 0.18, name, 0.03)
    for side in (-1, 1):
        pen.poly(
            [(side * 0.42, -0.1), (side * 0.32, -0.34), (side * 0.46, -0.46), (side * 0.5, -0.2)],
            mix(card, "#ffffff", 0.25),
        )
    pen.rect(-0.42, -0.1, 0.42, 0.46, card, 0.01)


def box(pen: Pen) -> None:
    p = pen.palette
    card = mix(pen.tone("#c99a62"), p.wood, 0.15)
    if pen.state in ("open", "empty", "full"):
        _open_box(pen, card)
        return
    pen.poly(
        [(-0.42, -0.2), (0.42, -0.2), (0.32, -0.42), (-0.32, -0.42)], mix(card, "#ffffff", 0.2)
    )
    pen.rect(-0.42, -0.2, 0.42, 0.44, card, 0.01)
    pen.poly(
        [(-0.07, -0.2), (0.07, -0.2), (0.055, -0.42), (-0.055, -0.42)], mix(card, p.paper, 0.5), 0.6
    )
    pen.rect(-0.07, -0.2, 0.07, 0.0, mix(card, p.paper, 0.5), 0, 0.6)
    pen.stroke((0.2, 0.34), (0.2, 0.16), width=1.0)
    pen.stroke((0.14, 0.22), (0.2, 0.15), (0.26, 0.22), width=1.0)


def present(pen: Pen) -> None:
    p = pen.palette
    if pen.state == "open":
        pen.poly([(-0.38, -0.14), (-0.3, -0.24), (0.3, -0.24), (0.38, -0.14)], p.dark)
        pen.rect(-0.38, -0.14, 0.38, 0.48, p.fabric, 0.02)
        pen.rect(-0.07, -0.14, 0.07, 0.48, p.accent2, 0, 0.7)
        pen.canvas.save()
        pen.canvas.rotate(24, 0.4, -0.2)
        pen.rect(-0.3, -0.36, 0.46, -0.2, mix(p.fabric, "#ffffff", 0.14), 0.02)
        pen.oval(0.08, -0.4, 0.09, 0.06, p.accent2, 0.8)
        pen.canvas.restore()
        return
    pen.rect(-0.38, -0.14, 0.38, 0.48, p.fabric, 0.02)
    pen.rect(-0.43, -0.24, 0.43, -0.05, mix(p.fabric, "#ffffff", 0.14), 0.02)
    pen.rect(-0.07, -0.24, 0.07, 0.48, p.accent2, 0, 0.7)
    for side in (-1, 1):
        pen.curve(
            (0, -0.24),
            (side * 0.1, -0.5, side * 0.3, -0.42),
            (side * 0.34, -0.28, 0, -0.24),
            fill=p.accent2,
        )
    pen.oval(0, -0.26, 0.06, 0.05, p.accent, 0.8)


def keys(pen: Pen) -> None:
    p = pen.palette
    for angle, name in ((24, p.metal), (-12, p.accent2)):
        pen.canvas.save()
        pen.canvas.translate(0, -0.26)
        pen.canvas.rotate(angle)
        pen.rod((0.0, 0.2), (0.0, 0.7), thick=0.05, fill=name)
        pen.rod((0.0, 0.56), (0.1, 0.56), thick=0.035, fill=name)
        pen.rod((0.0, 0.67), (0.13, 0.67), thick=0.035, fill=name)
        pen.oval(0.0, 0.16, 0.13, 0.12, name)
        pen.oval(0.0, 0.13, 0.045, 0.04, p.dark, 0.6)
        pen.canvas.restore()
    pen.canvas.drawCircle(0, -0.3, 0.15, pen.line(2.2))
    pen.canvas.drawCircle(0, -0.3, 0.15, pen.line(0.9, p.metal))


def guitar(pen: Pen) -> None:
    p = pen.palette
    wood = mix(pen.tone("#c9793a"), p.accent2, 0.25)
    pen.rect(-0.05, -0.46, 0.05, 0.1, mix(p.wood, p.dark, 0.3), 0.01)
    pen.rect(-0.08, -0.52, 0.08, -0.38, mix(p.wood, p.dark, 0.1), 0.02)
    pen.curve(
        (0.0, -0.04), (0.2, -0.06, 0.19, 0.1), (0.17, 0.17, 0.24, 0.22), (0.36, 0.5, 0.0, 0.5),
        (-0.36, 0.5, -0.24, 0.22), (-0.17, 0.17, -0.19, 0.1), (-0.2, -0.06, 0.0, -0.04), fill=wood,
    )  # fmt: skip
    pen.oval(0.0, 0.16, 0.08, 0.08, p.dark, 0.8)
    pen.rect(-0.11, 0.34, 0.11, 0.39, p.dark, 0.01, 0.7)
    for x in (-0.025, 0.0, 0.025):
        pen.stroke((x, -0.42), (x, 0.36), width=0.35, name=p.paper)


def lamp(pen: Pen) -> None:
    p = pen.palette
    pen.oval(0.0, 0.44, 0.2, 0.06, p.dark)
    pen.rod((0.0, 0.42), (0.0, 0.0), thick=0.05, fill=p.accent2)
    pen.curve(
        (-0.36, 0.04), (-0.2, -0.46), (0.2, -0.46), (0.36, 0.04), fill=mix(p.paper, p.light, 0.6)
    )
    pen.stroke((0.16, 0.05), (0.16, 0.2), width=0.7)


def clock(pen: Pen) -> None:
    p = pen.palette
    for side in (-1, 1):
        pen.rod((side * 0.2, 0.32), (side * 0.3, 0.47), thick=0.06, fill=p.dark)
        pen.oval(side * 0.24, -0.36, 0.15, 0.11, p.accent2)
    pen.oval(0.0, 0.02, 0.4, 0.4, p.accent)
    pen.oval(0.0, 0.02, 0.31, 0.31, mix(p.paper, "#ffffff", 0.4), 0.8)
    for i in range(12):
        a = i * math.tau / 12
        r = 0.24 if i % 3 == 0 else 0.265
        pen.stroke(
            (r * math.sin(a), 0.02 - r * math.cos(a)),
            (0.285 * math.sin(a), 0.02 - 0.285 * math.cos(a)),
            width=0.8,
        )
    pen.stroke((0.0, 0.02), (0.0, -0.19), width=1.2)
    pen.stroke((0.0, 0.02), (0.13, 0.1), width=1.4)


def toothbrush(pen: Pen) -> None:
    p = pen.palette
    pen.canvas.save()
    pen.canvas.rotate(32)
    pen.rod((0.0, -0.44), (0.0, 0.5), thick=0.075, fill=p.fabric)
    pen.rect(0.03, -0.49, 0.15, -0.25, mix(p.paper, "#ffffff", 0.6), 0.01)
    pen.rect(0.03, -0.49, 0.15, -0.43, p.accent, 0.01, 0.5)
    pen.canvas.restore()


def soap(pen: Pen) -> None:
    p = pen.palette
    pink = pen.tone("#f0a8c0")
    pen.rect(-0.42, -0.06, 0.42, 0.34, pink, 0.15)
    pen.arc((-0.2, 0.15), (0.0, 0.05, 0.2, 0.15), width=1.0, name=mix(pink, p.ink, 0.4))
    for x, y, r in (
        (-0.28, -0.16, 0.12),
        (-0.04, -0.22, 0.16),
        (0.2, -0.13, 0.1),
        (0.3, -0.32, 0.06),
    ):
        pen.oval(x, y, r, r, pen.tone("#f4fbff"), 0.8, 0.85)
        pen.arc(
            (x - r * 0.5, y - r * 0.2),
            (x - r * 0.4, y - r * 0.6, x, y - r * 0.6),
            width=0.6,
            name="#ffffff",
        )


def ball(pen: Pen) -> None:
    p = pen.palette
    pen.oval(0, 0, 0.46, 0.46, mix(p.paper, "#ffffff", 0.4))
    pentagon = [
        (0.17 * math.sin(i * math.tau / 5), -0.17 * math.cos(i * math.tau / 5)) for i in range(5)
    ]
    pen.poly(pentagon, p.dark, 0.8)
    for x, y in pentagon:
        pen.stroke((x, y), (x * 1.95, y * 1.95), width=0.8)
        pen.oval(x * 2.3, y * 2.3, 0.07, 0.07, p.dark, 0)
    pen.canvas.drawCircle(0, 0, 0.46, pen.line())


def ring(pen: Pen) -> None:
    p = pen.palette
    gold = pen.tone("#efbd45")
    pen.canvas.drawCircle(0, 0.14, 0.28, pen.line(4.2))
    pen.canvas.drawCircle(0, 0.14, 0.28, pen.line(2.4, gold))
    gem = mix("#bfeaff", p.accent2, 0.1)
    pen.poly([(-0.2, -0.34), (-0.1, -0.46), (0.1, -0.46), (0.2, -0.34), (0.0, -0.12)], gem)
    pen.stroke((-0.2, -0.34), (0.2, -0.34), width=0.6)


def trophy(pen: Pen) -> None:
    p = pen.palette
    gold = pen.tone("#efbd45")
    for side in (-1, 1):
        pen.rod(
            (side * 0.24, -0.36),
            (side * 0.5, -0.36, side * 0.42, -0.1),
            (side * 0.36, 0.02, side * 0.18, 0.0),
            thick=0.045,
            fill=gold,
        )
    pen.curve(
        (-0.28, -0.46),
        (0.28, -0.46),
        (0.28, 0.06, 0.05, 0.14),
        (0.05, 0.28),
        (-0.05, 0.28),
        (-0.05, 0.14),
        (-0.28, 0.06, -0.28, -0.46),
        fill=gold,
    )
    pen.rect(-0.22, 0.28, 0.22, 0.48, p.wood, 0.02)


def balloon(pen: Pen) -> None:
    p = pen.palette
    pen.arc((0.0, 0.16), (0.08, 0.3, 0.0, 0.38), (-0.05, 0.44, 0.0, 0.5), width=0.8)
    pen.curve(
        (0.0, 0.14),
        (-0.38, -0.06, -0.32, -0.5, 0.0, -0.5),
        (0.32, -0.5, 0.38, -0.06, 0.0, 0.14),
        fill=p.accent,
    )
    pen.poly([(-0.04, 0.19), (0.04, 0.19), (0.0, 0.13)], p.accent, 0.8)
    pen.arc((-0.17, -0.22), (-0.18, -0.38, -0.06, -0.42), width=1.2, name="#ffffff")


def glasses(pen: Pen) -> None:
    p = pen.palette
    for side in (-1, 1):
        pen.oval(side * 0.25, 0.0, 0.19, 0.17, pen.tone("#dbeef6"), 1.6, 0.7)
        pen.stroke((side * 0.44, -0.05), (side * 0.5, -0.1), width=1.6)
    pen.arc((-0.07, -0.02), (0.0, -0.09, 0.07, -0.02), width=1.6)
    pen.stroke((-0.32, 0.05), (-0.2, -0.08), width=0.8, name=p.paper)
