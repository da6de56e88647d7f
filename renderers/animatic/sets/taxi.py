"""The taxi rank: a kerb in the street with a taxi at it, its sign lit.

Knows: a taxi. Does not know: the street behind it, other places, cameras.
"""

from __future__ import annotations

from renderers.animatic.ink import mix
from renderers.animatic.paths import curve
from renderers.animatic.sets import street
from renderers.animatic.sets.stage import Stage

_Z = 1.5
_LONG, _BODY, _ROOF = 4.3, 0.92, 1.5


def far(stage: Stage) -> None:
    street.far(stage)
    # They would drive through the taxi.
    stage.ambient = [moving for moving in stage.ambient if moving.kind != "cars"]


def _board(stage: Stage, lit: bool) -> None:
    """The rank's board on its post."""
    p = stage.palette
    z = _Z - 0.35
    with stage.facing(z, -0.42):
        stage.bar(0, 0, 0, 2.5, 0.06, mix(p.dark, p.metal, 0.4))
        stage.rect(
            -0.5, 1.92, 0.5, 2.46, "#2f5fb0" if not lit else "#3f7fe0", radius=0.05, line=1.3
        )
        stage.write(stage.lettering or "TAXI", (-0.37, 1.97, 0.37, 2.37), "#ffffff")


def mid(stage: Stage) -> None:
    """The taxi from its side, its middle a little off the picture's."""
    p = stage.palette
    paint = mix("#f6c445", p.dark, 0.3 if stage.light.dark else 0.0)
    half = _LONG / 2
    stage.shadow(0.2, _Z, half * 1.05, 0.6, 0.4)
    with stage.facing(_Z, 0.2):
        body = curve(
            (-half, 0.32), (-half - 0.04, 0.7, -half + 0.1, 0.82), (-half + 0.75, _BODY),
            (-half + 1.15, _ROOF - 0.06, -half + 1.45, _ROOF), (half - 1.35, _ROOF),
            (half - 0.95, _ROOF - 0.06, half - 0.55, _BODY), (half - 0.05, 0.84), (half + 0.04, 0.6, half, 0.32),
        )  # fmt: skip
        stage.shape(body, (mix(paint, "#ffffff", 0.16), mix(paint, p.dark, 0.12)), line=1.5)
        lit = stage.light.lamps > 0.3
        glass = mix(p.light, "#ffffff", 0.2) if lit else mix(p.sky_bottom, p.dark, 0.2)
        for left, right, first, last in (
            (-half + 0.92, -0.06, 0.4, 0.0),
            (0.06, half - 0.78, 0.0, 0.32),
        ):
            pane = [
                (left, _BODY + 0.02),
                (left + first, _ROOF - 0.08),
                (right - last, _ROOF - 0.08),
                (right, _BODY + 0.02),
            ]
            stage.poly(pane, (mix(glass, "#ffffff", 0.2), glass), line=1.1)
        for i in range(22):
            x = -half + 0.5 + 0.15 * i
            for row in range(2):
                if (i + row) % 2 == 0:
                    y = 0.66 + 0.075 * row
                    stage.rect(x, y, x + 0.15, y + 0.075, "#2a2631", line=0)
        for x in (-half + 0.9, 0.0, half - 0.76):
            stage.stroke([(x, 0.36), (x, _BODY)], 0.9)
        for x in (-0.34, 1.1):
            stage.rect(x, 0.82, x + 0.2, 0.86, p.metal, line=0.7)
        stage.rect(-half - 0.04, 0.3, half + 0.04, 0.42, mix(p.dark, p.metal, 0.3), radius=0.05)
        for x in (-half + 0.82, half - 0.82):
            stage.oval(x, 0.32, 0.36, 0.32, "#26222c", line=1.3)
            stage.oval(x, 0.32, 0.19, 0.17, p.metal, line=1.0)
        stage.oval(-half + 0.1, 0.64, 0.07, 0.1, mix(p.light, "#ffffff", 0.4))
        stage.rect(half - 0.12, 0.58, half, 0.74, "#d8443c", radius=0.03)
        sign = (-0.36, _ROOF, 0.36, _ROOF + 0.24)
        stage.rect(*sign, "#fff6d8" if lit else p.paper, radius=0.05, line=1.2)
        stage.write("TAXI", (-0.31, _ROOF + 0.02, 0.31, _ROOF + 0.22), "#2a2631")
    _board(stage, lit)
    stage.glow(0.2, _ROOF + 0.12, _Z, 0.7, "", 0.7)
    if stage.light.dark:
        stage.glow(0.2 - half, 0.64, _Z, 0.9, "", 0.6)
