"""What stands out behind a creature's skull: ears, horns, manes, fins, leaves.

Knows: each kind's shapes and colours. Does not know: faces, bodies.
"""

from __future__ import annotations

from math import cos, pi, sin

import skia

from renderers.animatic.creature_kinds import Creature, X, Y
from renderers.animatic.ink import mix
from renderers.animatic.paths import box, circle, curve, smooth, thick


def behind(c: Creature) -> list[tuple[skia.Path, str]]:
    """What grows out behind the skull, back to front, with its colour."""
    dark = mix(c.skin, "#2a1f30", 0.3)
    match c.ears:
        case "floppy":
            return [
                (smooth((-110, -420), (-205, -400), (-214, -210), (-150, -160), (-84, -250)), dark),
                (smooth((180, -420), (262, -390), (266, -220), (214, -170), (160, -260)), dark),
            ]
        case "pointed":
            return [
                (curve((-140, -330), (-128, -556), (16, -430)), c.skin),
                (curve((-112, -380), (-110, -504), (-26, -424)), mix(c.skin, "#f08a9a", 0.5)),
                (curve((208, -330), (196, -556), (54, -430)), c.skin),
                (curve((180, -380), (178, -504), (94, -424)), mix(c.skin, "#f08a9a", 0.5)),
            ]
        case "round" | "round dark" | "ape" | "huge":
            radius = {"huge": 104, "ape": 74}.get(c.ears, 72)
            y = -250 if c.ears == "ape" else -416
            dx = 182 if c.ears == "ape" else 150
            fill = "#3a3540" if c.ears == "round dark" else c.skin
            inner = fill if c.ears == "round dark" else mix(c.patch, "#f08a9a", 0.3)
            return [
                part
                for side in (-1, 1)
                for part in (
                    (circle(X + side * dx, y, radius), fill),
                    (circle(X + side * dx, y, 0.55 * radius), inner),
                )
            ]
        case "long":
            inner = mix(c.skin, "#f08a9a", 0.5)
            return [
                (smooth((-92, -400), (-120, -560), (-70, -640), (-18, -560), (-6, -430)), c.skin),
                (smooth((-72, -430), (-84, -540), (-64, -590), (-36, -540), (-34, -440)), inner),
                (smooth((76, -430), (92, -560), (150, -640), (190, -560), (164, -400)), c.skin),
                (smooth((104, -440), (112, -540), (144, -590), (162, -540), (144, -430)), inner),
            ]
        case "horns":
            return [
                (
                    smooth((-120, -380), (-180, -470), (-150, -560), (-104, -500), (-54, -430)),
                    "#efe2c4",
                ),
                (
                    smooth((190, -380), (250, -470), (220, -560), (174, -500), (124, -430)),
                    "#efe2c4",
                ),
            ]
        case "mane":
            petals = skia.OpBuilder()
            for i in range(14):
                angle = 2 * pi * i / 14
                petals.add(
                    circle(X + 205 * cos(angle), Y + 220 * sin(angle) - 4, 72),
                    skia.PathOp.kUnion_PathOp,
                )
            whole = petals.resolve()
            return [(whole if whole is not None else skia.Path(), "#a8622c")]
        case "crest":
            return [
                (
                    smooth(
                        (-40, -430),
                        (-84, -530),
                        (-6, -500),
                        (20, -576),
                        (64, -500),
                        (130, -530),
                        (100, -430),
                    ),
                    dark,
                )
            ]
        case "comb":
            return [
                (
                    smooth(
                        (-40, -430),
                        (-60, -520),
                        (0, -490),
                        (30, -560),
                        (70, -490),
                        (124, -520),
                        (100, -430),
                    ),
                    "#e2503f",
                )
            ]
        case "frog":
            return [(circle(-40, -430, 74), c.skin), (circle(140, -430, 74), c.skin)]
        case "spikes":
            return [
                (curve((x - 42, -420 + d), (x, -530 + d), (x + 42, -420 + d)), "#d99a3c")
                for x, d in ((-70, 30), (30, 0), (126, 24))
            ]
        case "elephant":
            return [
                (
                    smooth((-110, -400), (-290, -440), (-320, -230), (-200, -120), (-120, -190)),
                    dark,
                ),
                (smooth((180, -400), (330, -440), (360, -230), (270, -120), (200, -190)), dark),
            ]
        case "horse" | "unicorn":
            mane = "#5a3524" if c.ears == "horse" else "#c9a0e8"
            parts = [
                (smooth((-150, -180), (-220, -330), (-160, -500), (0, -540), (40, -440)), mane),
                (curve((-96, -400), (-80, -540), (0, -440)), c.skin),
                (curve((166, -400), (160, -540), (76, -440)), c.skin),
            ]
            if c.ears == "unicorn":
                parts.append((curve((16, -440), (54, -640), (90, -440)), "#f6c445"))
            return parts
        case "wool":
            tufts = skia.OpBuilder()
            for x, y in (
                (-110, -380),
                (-50, -450),
                (36, -478),
                (122, -452),
                (180, -384),
                (-140, -300),
                (210, -300),
            ):
                tufts.add(circle(x, y, 66), skia.PathOp.kUnion_PathOp)
            whole = tufts.resolve()
            return [(whole if whole is not None else skia.Path(), "#fffaf0")]
        case "antlers":
            return [
                (
                    thick((-50, -420), (-90, -520), (-150, -556), (-90, -520), (-84, -590)),
                    "#8a5f3c",
                ),
                (thick((120, -420), (160, -520), (222, -556), (160, -520), (152, -590)), "#8a5f3c"),
            ]
        case "fins":
            return [
                (
                    smooth((-130, -300), (-262, -360), (-236, -240), (-270, -140), (-130, -190)),
                    mix(c.skin, "#e2503f", 0.4),
                ),
                (
                    smooth((-20, -440), (10, -560), (110, -540), (130, -430)),
                    mix(c.skin, "#e2503f", 0.4),
                ),
            ]
        case "fin":
            return [(curve((-50, -430), (30, -600), (110, -430)), dark)]
        case "antennae":
            return [
                (thick((-20, -440), (-70, -560)), dark), (circle(-72, -566, 24), "#f6c445"),
                (thick((90, -440), (140, -560)), dark), (circle(142, -566, 24), "#f6c445"),
            ]  # fmt: skip
        case "bolt":
            return [
                (thick((36, -450), (36, -540)), "#8a95a3"), (circle(36, -556, 28), "#e2503f"),
                (box(-196, -300, -140, -180), "#8a95a3"), (box(214, -300, 266, -180), "#8a95a3"),
            ]  # fmt: skip
        case "hat":
            return [(box(-150, -470, 222, -420), "#3a3540"), (box(-76, -620, 148, -440), "#3a3540")]
        case "wisp":
            return [(smooth((-60, -440), (-30, -600), (90, -560), (60, -500), (120, -430)), c.skin)]
        case "tuft":
            return [(smooth((0, -440), (-20, -540), (30, -500), (70, -560), (80, -440)), "#5c4a3a")]
        case "slick":
            return [
                (smooth((-168, -220), (-190, -420), (X, -540), (260, -420), (236, -220)), "#2a2631")
            ]
        case "leaves":
            return [
                (smooth((20, -440), (-80, -520), (-110, -610), (0, -580), (36, -450)), "#4f8f4f"),
                (smooth((40, -440), (60, -560), (150, -630), (190, -560), (70, -440)), "#6fae5a"),
            ]
        case _:
            return []
