"""Drawings of food and drink.

Knows: what each looks like in a unit square. Does not know: who holds it, its size.
"""

from __future__ import annotations

from renderers.animatic.ink import mix
from renderers.animatic.prop_pen import Pen


def coffee_cup(pen: Pen) -> None:
    p = pen.palette
    china = mix(p.paper, "#ffffff", 0.5)
    if pen.state == "empty":
        _emptied_cup(pen, china)
        return
    for x in (-0.14, 0.04):
        pen.arc(
            (x, -0.28),
            (x + 0.08, -0.34, x, -0.4),
            (x - 0.07, -0.45, x + 0.01, -0.5),
            width=0.9,
            name="#ffffff",
        )
    pen.oval(0.0, 0.42, 0.46, 0.08, mix(china, p.fabric, 0.12))
    pen.rod((0.26, -0.06), (0.5, -0.1, 0.44, 0.12), (0.38, 0.24, 0.2, 0.22), thick=0.05, fill=china)
    pen.curve(
        (-0.32, -0.2), (-0.32, 0.3, -0.14, 0.38), (0.14, 0.38), (0.32, 0.3, 0.32, -0.2), fill=china
    )
    pen.curve(
        (0.0, 0.2), (-0.2, 0.06, -0.1, -0.04), (-0.04, -0.07, 0.0, 0.0), (0.04, -0.07, 0.1, -0.04),
        (0.2, 0.06, 0.0, 0.2), fill=p.accent, line=0.8,
    )  # fmt: skip
    pen.oval(0.0, -0.2, 0.32, 0.075, pen.tone("#5b3722"))


def _emptied_cup(pen: Pen, china: str) -> None:
    """On its side, its dark inside turned to us, with the last drop."""
    p = pen.palette
    pen.oval(0.0, 0.42, 0.46, 0.08, mix(china, p.fabric, 0.12))
    pen.rod(
        (-0.02, -0.2),
        (-0.06, -0.46, 0.16, -0.42),
        (0.26, -0.38, 0.22, -0.2),
        thick=0.05,
        fill=china,
    )
    pen.curve(
        (0.3, -0.22), (-0.2, -0.2, -0.34, -0.06), (-0.36, 0.2), (-0.2, 0.36, 0.3, 0.36), fill=china
    )
    pen.oval(0.3, 0.07, 0.13, 0.29, mix(china, p.ink, 0.3))
    pen.oval(0.33, 0.09, 0.075, 0.2, mix(china, p.ink, 0.55), 0)
    pen.oval(0.44, 0.4, 0.05, 0.022, pen.tone("#5b3722"), 0.5)


def bottle(pen: Pen) -> None:
    p = pen.palette
    glass = mix(p.leaf, pen.tone("#3f7f5f"), 0.5)
    if pen.state == "empty":
        glass = mix(glass, "#eef6f2", 0.82)
    if pen.state != "empty":
        pen.rect(-0.07, -0.5, 0.07, -0.4, p.accent2, 0.01)
    pen.curve(
        (-0.06, -0.4),
        (-0.06, -0.2),
        (-0.18, -0.12, -0.18, 0.02),
        (-0.18, 0.5),
        (0.18, 0.5),
        (0.18, 0.02),
        (0.18, -0.12, 0.06, -0.2),
        (0.06, -0.4),
        fill=glass,
    )
    pen.rect(-0.18, 0.08, 0.18, 0.34, p.paper, 0, 0.8)
    pen.stroke((-0.1, 0.0), (-0.1, 0.06), width=0.8, name="#ffffff")


def popcorn(pen: Pen) -> None:
    p = pen.palette
    corn = pen.tone("#fdf1c9")
    empty = pen.state == "empty"
    if empty:
        pen.oval(0.0, -0.12, 0.34, 0.06, mix(p.paper, p.ink, 0.55))
    for x, y, r in (
        ()
        if empty
        else (
            (-0.26, -0.2, 0.13),
            (0.26, -0.2, 0.13),
            (-0.1, -0.32, 0.14),
            (0.12, -0.33, 0.14),
            (0.0, -0.18, 0.15),
            (0.02, -0.42, 0.08),
        )
    ):
        pen.oval(x, y, r, r * 0.92, corn, 0.9)
        pen.oval(x - r * 0.2, y + r * 0.15, r * 0.35, r * 0.3, pen.tone("#f3d27a"), 0)
    edges = (-0.34, -0.2, -0.07, 0.07, 0.2, 0.34)
    for i in range(5):
        a, b = edges[i], edges[i + 1]
        name = p.accent if i % 2 == 0 else mix(p.paper, "#ffffff", 0.5)
        pen.poly([(a, -0.12), (b, -0.12), (b * 0.76, 0.5), (a * 0.76, 0.5)], name, 0.6)
    pen.stroke((-0.34, -0.12), (0.34, -0.12), (0.26, 0.5), (-0.26, 0.5), (-0.34, -0.12), width=1.0)


def plate(pen: Pen) -> None:
    p = pen.palette
    china = mix(p.paper, "#ffffff", 0.5)
    pen.oval(0.0, 0.22, 0.5, 0.16, china)
    pen.oval(0.0, 0.2, 0.34, 0.09, mix(china, p.fabric, 0.14), 0.6)
    if pen.state == "empty":
        for x, y in ((-0.14, 0.19), (0.02, 0.22), (0.13, 0.18)):
            pen.oval(x, y, 0.014, 0.01, pen.tone("#b98a4a"), 0)
        pen.arc((-0.2, 0.22), (-0.06, 0.27, 0.1, 0.25), width=0.6, name="#ffffff")
        return
    pen.curve(
        (-0.26, 0.18),
        (-0.22, -0.06, 0.0, -0.06),
        (0.22, -0.06, 0.26, 0.18),
        (0.0, 0.27, -0.26, 0.18),
        fill=pen.tone("#e2b45e"),
    )
    for x, y, name in ((-0.08, 0.02, "#c8402f"), (0.07, 0.0, "#5b9a4f"), (0.0, 0.09, "#c8402f")):
        pen.oval(x, y, 0.055, 0.045, pen.tone(name), 0.7)
    for x in (-0.06, 0.1):
        pen.arc(
            (x, -0.14),
            (x + 0.07, -0.2, x, -0.26),
            (x - 0.06, -0.32, x, -0.38),
            width=0.8,
            name="#ffffff",
        )


def apple(pen: Pen) -> None:
    red = pen.tone("#d8402f")
    pen.arc((0.0, -0.26), (0.0, -0.42, 0.08, -0.48), width=1.6, name="#4a2f20")
    pen.curve(
        (0.04, -0.32),
        (0.14, -0.5, 0.34, -0.42),
        (0.24, -0.26, 0.04, -0.32),
        fill=pen.tone("#5f9a48"),
    )
    pen.curve(
        (0.0, -0.24), (-0.2, -0.38, -0.46, -0.24, -0.42, 0.06), (-0.38, 0.42, -0.14, 0.54, 0.0, 0.43),
        (0.14, 0.54, 0.38, 0.42, 0.42, 0.06), (0.46, -0.24, 0.2, -0.38, 0.0, -0.24), fill=red,
    )  # fmt: skip
    pen.arc((-0.28, -0.02), (-0.28, -0.18, -0.14, -0.2), width=1.6, name="#ffffff")


def cake(pen: Pen) -> None:
    p = pen.palette
    for i, x in enumerate((-0.2, 0.0, 0.2)):
        pen.rod((x, -0.2), (x, -0.36), thick=0.03, fill=(p.fabric, p.accent2, p.leaf)[i])
        pen.curve(
            (x, -0.5),
            (x + 0.05, -0.42, x, -0.38),
            (x - 0.05, -0.42, x, -0.5),
            fill=pen.tone("#ffc94a"),
            line=0.7,
        )
    sponge = pen.tone("#eec383")
    pen.rect(-0.42, -0.16, 0.42, 0.36, sponge, 0.04)
    pen.stroke((-0.42, 0.14), (0.42, 0.14), width=2.2, name=p.accent)
    icing = pen.tone("#fff1f2")
    pen.curve(
        (-0.42, -0.2), (0.42, -0.2), (0.42, -0.02), (0.34, 0.1, 0.27, -0.01), (0.2, 0.13, 0.1, 0.0),
        (0.0, 0.14, -0.1, 0.0), (-0.2, 0.1, -0.26, -0.01), (-0.36, 0.12, -0.42, -0.02), fill=icing,
    )  # fmt: skip
    pen.oval(0.0, 0.4, 0.5, 0.07, mix(p.paper, "#ffffff", 0.4))


def onigiri(pen: Pen) -> None:
    rice = pen.tone("#fdfbf4")
    pen.curve(
        (0.0, -0.44), (0.14, -0.44, 0.2, -0.3), (0.44, 0.16), (0.54, 0.4, 0.28, 0.42), (-0.28, 0.42),
        (-0.54, 0.4, -0.44, 0.16), (-0.2, -0.3), (-0.14, -0.44, 0.0, -0.44), fill=rice,
    )  # fmt: skip
    for x, y in ((-0.1, -0.2), (0.12, -0.12), (-0.24, 0.1), (0.26, 0.14), (0.0, -0.04)):
        pen.stroke((x, y), (x + 0.04, y + 0.02), width=0.7, name="#d9d4c4")
    pen.rect(-0.2, 0.08, 0.2, 0.425, pen.tone("#25352c"), 0.02)


def fish(pen: Pen) -> None:
    p = pen.palette
    blue = mix(p.fabric, pen.tone("#7fb2c8"), 0.5)
    pen.poly([(0.26, 0.0), (0.5, -0.2), (0.46, 0.0), (0.5, 0.2)], mix(blue, p.dark, 0.15))
    pen.curve(
        (-0.06, -0.18), (0.02, -0.34, 0.18, -0.3), (0.18, -0.12), fill=mix(blue, p.dark, 0.15)
    )
    pen.curve(
        (-0.48, 0.02),
        (-0.3, -0.24, 0.0, -0.22),
        (0.2, -0.18, 0.32, 0.0),
        (0.2, 0.2, 0.0, 0.22),
        (-0.3, 0.24, -0.48, 0.02),
        fill=blue,
    )
    pen.arc((-0.2, -0.18), (-0.1, 0.0, -0.2, 0.19), width=0.9)
    for x, y in ((-0.02, -0.06), (0.1, 0.04), (-0.02, 0.1), (0.14, -0.07)):
        pen.arc((x, y - 0.05), (x + 0.06, y, x, y + 0.05), width=0.7)
    pen.oval(-0.31, -0.04, 0.055, 0.055, "#fffdf6", 0.8)
    pen.oval(-0.32, -0.04, 0.02, 0.025, "#1d1820", 0)
    pen.arc((-0.46, 0.05), (-0.4, 0.09, -0.36, 0.07), width=0.8)


def bread(pen: Pen) -> None:
    crust = pen.tone("#c98a4a")
    pen.curve(
        (-0.4, 0.36), (-0.4, -0.02), (-0.56, -0.4, -0.1, -0.38), (0.1, -0.38), (0.56, -0.4, 0.4, -0.02), (0.4, 0.36),
        fill=crust,
    )  # fmt: skip
    pen.curve(
        (-0.31, 0.28), (-0.31, -0.05), (-0.4, -0.3, -0.1, -0.3), (0.1, -0.3), (0.4, -0.3, 0.31, -0.05), (0.31, 0.28),
        fill=pen.tone("#f6dfae"), line=0.6,
    )  # fmt: skip


def ramen(pen: Pen) -> None:
    p = pen.palette
    empty = pen.state == "empty"
    for x in () if empty else (-0.16, 0.06):
        pen.arc(
            (x, -0.24),
            (x + 0.08, -0.31, x, -0.38),
            (x - 0.07, -0.44, x, -0.5),
            width=0.9,
            name="#ffffff",
        )
    pen.rod((0.1, -0.1), (0.46, -0.42), thick=0.025, fill=p.wood)
    pen.rod((0.18, -0.08), (0.5, -0.34), thick=0.025, fill=p.wood)
    pen.curve(
        (-0.46, -0.08),
        (-0.42, 0.34, -0.16, 0.4),
        (0.16, 0.4),
        (0.42, 0.34, 0.46, -0.08),
        fill=p.accent,
    )
    pen.oval(0.0, -0.08, 0.46, 0.12, mix(p.paper, p.ink, 0.25) if empty else pen.tone("#e9b765"))
    if empty:
        pen.oval(0.0, -0.05, 0.3, 0.07, mix(p.paper, p.ink, 0.4), 0)
        pen.rect(-0.14, 0.4, 0.14, 0.47, p.accent, 0.02)
        return
    for x in (-0.3, -0.18, -0.06):
        pen.arc((x, -0.04), (x + 0.06, -0.12, x + 0.12, -0.04), width=1.0, name=pen.tone("#fdf1c9"))
    pen.oval(0.2, -0.08, 0.1, 0.055, pen.tone("#fffdf6"), 0.7)
    pen.oval(0.2, -0.08, 0.045, 0.028, pen.tone("#f0a83a"), 0.4)
    pen.rect(-0.14, 0.4, 0.14, 0.47, p.accent, 0.02)


def ice_cream(pen: Pen) -> None:
    p = pen.palette
    pen.poly([(-0.2, 0.0), (0.2, 0.0), (0.0, 0.5)], pen.tone("#d9a25c"))
    for i in range(3):
        pen.stroke((-0.14 + 0.1 * i, 0.02), (-0.04 + 0.07 * i, 0.2), width=0.5)
    pen.oval(0.0, -0.3, 0.19, 0.19, p.accent)
    pen.curve(
        (-0.26, -0.06),
        (-0.26, -0.28, 0.0, -0.26),
        (0.26, -0.28, 0.26, -0.06),
        (0.2, 0.08, 0.12, 0.0),
        (0.0, 0.1, -0.1, 0.0),
        (-0.2, 0.08, -0.26, -0.06),
        fill=pen.tone("#fff1dc"),
    )
    pen.oval(0.03, -0.48, 0.05, 0.05, pen.tone("#cf2f45"), 0.7)
