"""Furniture and fittings that several sets share, each placed in metres.

Knows: tables, chairs, lamps, plants, shelves. Does not know: any one place.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from renderers.animatic.ink import mix
from renderers.animatic.paths import curve
from renderers.animatic.sets.stage import Stage

SPINES = ("#c4523f", "#3f6f8f", "#e0b04a", "#5b8a5f", "#7a5a86", "#d98a5b", "#4a4a58", "#e6dfd0")


def pendant(stage: Stage, x: float, y: float, z: float, ceiling: float, size: float = 0.24) -> None:
    """A lamp that hangs from the ceiling, its rim at height `y`."""
    p = stage.palette
    with stage.facing(z, x):
        stage.stroke([(0, ceiling), (0, y + size)], 1.2)
        shade = curve(
            (-size, y), (-size * 0.9, y + size * 0.85, -size * 0.2, y + size),
            (size * 0.2, y + size), (size * 0.9, y + size * 0.85, size, y),
        )  # fmt: skip
        stage.oval(0, y, size * 0.42, size * 0.2, mix(p.light, "#ffffff", 0.5), line=0.8)
        stage.shape(shade, (mix(p.accent, "#ffffff", 0.12), mix(p.accent, p.dark, 0.2)))
    stage.cone(x, y, z, size * 0.8, 1.5)
    stage.glow(x, y - 0.04, z, 0.85)


def floor_lamp(stage: Stage, x: float, z: float, high: float = 1.55) -> None:
    p = stage.palette
    stage.shadow(x, z, 0.3, 0.18)
    with stage.facing(z, x):
        stage.oval(0, 0.03, 0.17, 0.035, p.dark)
        stage.bar(0, 0.04, 0, high, 0.025, p.metal)
        shade = curve(
            (-0.24, high - 0.05), (-0.15, high + 0.3), (0.15, high + 0.3), (0.24, high - 0.05)
        )
        lit = mix(p.paper, p.light, 0.25 + 0.75 * stage.light.lamps)
        stage.shape(shade, (lit, mix(lit, p.accent2, 0.25)))
    stage.glow(x, high + 0.08, z, 1.0)


def ceiling_light(stage: Stage, x: float, z: float, y: float, wide: float = 0.6) -> None:
    """A flat panel in the ceiling that the camera sees from below."""
    p = stage.palette
    lit = mix(p.paper, "#ffffff", 0.3 + 0.7 * stage.light.lamps)
    if not stage.below(y):
        return
    with stage.level(y):
        near = max(z - 0.16, stage.near)
        stage.rect(x - wide, near, x + wide, z + 0.16, lit, line=0.8)
    stage.glow(x, y, z, 1.5, "#fff3dc", 0.6)


def table(
    stage: Stage,
    x: tuple[float, float],
    z: tuple[float, float],
    high: float,
    fill: str,
    *,
    legs: bool = True,
) -> None:
    """A table with four legs, or on two boards."""
    thick = 0.06
    middle = (x[0] + x[1]) / 2
    stage.shadow(middle, (z[0] + z[1]) / 2, (x[1] - x[0]) * 0.62, (z[1] - z[0]) * 0.55, 0.25)
    dark = mix(fill, "#241a40", 0.2)
    w = 0.06
    inset = 0.05 if legs else 0.0
    for zz in (z[1] - w, z[0]):
        for xx in (x[0] + inset, x[1] - inset - w):
            stage.box((xx, xx + w), (0, high - thick), (zz, zz + w), dark)
    stage.box(x, (high - thick, high), z, fill)


def round_table(stage: Stage, x: float, z: float, high: float, radius: float, fill: str) -> None:
    """A round top on one foot."""
    stage.shadow(x, z, radius * 1.1, radius * 0.8, 0.28)
    with stage.facing(z, x):
        stage.oval(0, 0.03, radius * 0.55, 0.05, stage.palette.dark)
        stage.bar(0, 0.04, 0, high, 0.06, stage.palette.dark)
    dark = mix(fill, "#241a40", 0.25)
    view = stage.view
    if not view.visible(z - radius):
        return
    for y, name in ((high - 0.05, dark), (high, mix(fill, "#fff6e0", 0.14))):
        with stage.level(y):
            stage.oval(x, z, radius, radius, name, line=1.0)


def chair(stage: Stage, x: float, z: float, fill: str, *, turned: bool = False) -> None:
    """A wooden chair, seen from the front, or from behind when `turned`."""
    p = stage.palette
    wood = mix(p.wood, p.dark, 0.15)
    stage.shadow(x, z, 0.34, 0.24)
    deep = 0.38

    def back() -> None:
        zz = z if turned else z + deep
        with stage.facing(zz, x):
            for side in (-0.19, 0.19):
                stage.bar(side, 0.45, side, 0.92, 0.035, wood)
            stage.rect(-0.21, 0.68, 0.21, 0.93, (mix(fill, "#ffffff", 0.1), fill), radius=0.05)

    def seat() -> None:
        for zz in (z + deep, z):
            with stage.facing(zz, x):
                for side in (-0.18, 0.18):
                    stage.bar(side, 0.0, side, 0.42, 0.035, wood)
        stage.box((x - 0.22, x + 0.22), (0.42, 0.48), (z, z + deep), fill)

    if turned:
        seat()
        back()
    else:
        back()
        seat()


def stool(stage: Stage, x: float, z: float, high: float, fill: str) -> None:
    p = stage.palette
    stage.shadow(x, z, 0.28, 0.2)
    with stage.facing(z, x):
        for side in (-1, 1):
            stage.bar(side * 0.19, 0, side * 0.1, high - 0.04, 0.03, p.metal)
        stage.bar(-0.15, high * 0.35, 0.15, high * 0.35, 0.025, p.metal)
        stage.rect(-0.19, high - 0.08, 0.19, high, fill, radius=0.035)


def plant(stage: Stage, x: float, z: float, size: float = 1.0, y: float = 0.0) -> None:
    """A leafy plant in a pot, about `size` metres high."""
    p = stage.palette
    if not y:
        stage.shadow(x, z, 0.32 * size, 0.22 * size)
    with stage.facing(z, x, y):
        rng = stage.random
        for i in range(9):
            angle = math.radians(-68 + 17 * i + rng.uniform(-5, 5))
            reach = size * rng.uniform(0.52, 0.74)
            tip = (math.sin(angle) * reach * 0.72, 0.26 * size + math.cos(angle) * reach)
            leaf(
                stage,
                (0, 0.26 * size),
                tip,
                0.1 * size,
                mix(p.leaf, p.haze if i % 2 else p.dark, 0.13),
            )
        pot = curve(
            (-0.17 * size, 0.3 * size),
            (-0.12 * size, 0),
            (0.12 * size, 0),
            (0.17 * size, 0.3 * size),
        )
        clay = mix(p.accent, p.wood, 0.35)
        stage.shape(pot, (mix(clay, "#ffffff", 0.12), clay))
        stage.rect(-0.19 * size, 0.27 * size, 0.19 * size, 0.34 * size, mix(clay, "#ffffff", 0.15))


def leaf(
    stage: Stage, foot: tuple[float, float], tip: tuple[float, float], wide: float, fill: str
) -> None:
    """A pointed leaf from `foot` to `tip` with its vein."""
    (x0, y0), (x1, y1) = foot, tip
    dx, dy = x1 - x0, y1 - y0
    length = math.hypot(dx, dy) or 1.0
    nx, ny = -dy / length * wide, dx / length * wide
    mx, my = x0 + dx * 0.55, y0 + dy * 0.55
    stage.shape(
        curve((x0, y0), (mx + nx, my + ny, x1, y1), (mx - nx, my - ny, x0, y0)), fill, line=0.8
    )
    stage.stroke([(x0, y0), (x0 + dx * 0.85, y0 + dy * 0.85)], 0.5, alpha=0.45)


def books(stage: Stage, left: float, bottom: float, right: float, high: float) -> None:
    """A row of book spines on the current plane, with a gap or a leaning one."""
    rng = stage.random
    x = left
    while x < right - 0.02:
        wide = min(rng.uniform(0.03, 0.07), right - x)
        if rng.random() < 0.12:
            x += wide
            continue
        tall = high * rng.uniform(0.68, 0.98)
        fill = mix(rng.choice(SPINES), stage.palette.wall_shadow, 0.3)
        if stage.light.dark:
            fill = mix(fill, "#232a58", 0.45)
        stage.rect(x, bottom, x + wide, bottom + tall, fill, line=0.6)
        stage.stroke(
            [(x + wide * 0.25, bottom + tall * 0.8), (x + wide * 0.75, bottom + tall * 0.8)],
            0.7,
            "#ffffff",
            0.5,
        )
        x += wide


def bookcase(stage: Stage, left: float, right: float, high: float, shelves: int) -> None:
    """A bookcase against the current plane, standing on y = 0."""
    wood = stage.palette.wood
    stage.rect(left, 0, right, high, mix(wood, "#1c1430", 0.35))
    gap = (high - 0.1) / shelves
    for i in range(shelves):
        y = 0.08 + i * gap
        books(stage, left + 0.06, y, right - 0.06, gap - 0.08)
        stage.rect(left, y - 0.04, right, y, wood, line=0.8)
    for x in (left, right - 0.05):
        stage.rect(x, 0, x + 0.05, high, wood, line=0.8)
    stage.rect(left - 0.03, high - 0.05, right + 0.03, high, mix(wood, "#ffffff", 0.12), line=0.9)


def cup(stage: Stage, x: float, y: float, z: float, fill: str, steam: bool = True) -> None:
    """A cup on a saucer at height `y`."""
    with stage.facing(z, x, y):
        stage.oval(0, 0.008, 0.085, 0.014, mix(fill, "#ffffff", 0.3))
        stage.oval(0.055, 0.055, 0.026, 0.026, mix(fill, "#1c1430", 0.05))
        path = curve(
            (-0.05, 0.09), (-0.05, 0.02, -0.025, 0.012), (0.025, 0.012), (0.05, 0.02, 0.05, 0.09)
        )
        stage.shape(path, (mix(fill, "#ffffff", 0.2), fill))
        stage.oval(0, 0.09, 0.05, 0.011, "#5a3825", line=0.7)
    if steam:
        stage.moving("steam", (x - 0.06, y + 0.11, z), (x + 0.06, y + 0.36, z), "#ffffff")


def bottles(stage: Stage, left: float, right: float, y: float, fills: Sequence[str]) -> None:
    """A row of jars, cups and bottles on a shelf of the current plane."""
    rng = stage.random
    x = left + 0.05
    while x < right - 0.05:
        kind = rng.randrange(4)
        fill = mix(rng.choice(fills), stage.palette.wall_shadow, 0.22)
        wide = rng.uniform(0.05, 0.085)
        if kind == 0:
            stage.rect(x, y, x + wide, y + 0.17, fill, radius=0.015, line=0.7)
            stage.rect(x + wide * 0.32, y + 0.17, x + wide * 0.68, y + 0.26, fill, line=0.7)
        elif kind == 1:
            stage.rect(x, y, x + wide * 1.3, y + 0.15, fill, radius=0.03, line=0.7)
            stage.rect(
                x + wide * 0.1, y + 0.14, x + wide * 1.2, y + 0.18, stage.palette.wood, line=0.7
            )
            wide *= 1.3
        elif kind == 2:
            for i in range(3):
                stage.rect(
                    x,
                    y + i * 0.045,
                    x + wide * 1.1,
                    y + i * 0.045 + 0.06,
                    stage.palette.paper,
                    radius=0.015,
                    line=0.6,
                )
        else:
            stage.rect(x, y, x + wide * 1.2, y + 0.11, fill, line=0.7)
            stage.rect(x + wide * 0.2, y + 0.03, x + wide, y + 0.08, stage.palette.paper, line=0)
            wide *= 1.2
        x += wide + rng.uniform(0.03, 0.08)


def rug(stage: Stage, x: tuple[float, float], z: tuple[float, float], fill: str) -> None:
    near = max(z[0], stage.near)
    with stage.level():
        stage.rect(x[0], near, x[1], z[1], fill, line=0.9)
        m = 0.12
        stage.rect(
            x[0] + m, near + m, x[1] - m, z[1] - m, mix(fill, stage.palette.paper, 0.3), line=0.6
        )
        stage.rect(x[0] + 2 * m, near + 2 * m, x[1] - 2 * m, z[1] - 2 * m, fill, line=0.6)


def door(
    stage: Stage, left: float, right: float, high: float, fill: str, pane: bool = False
) -> None:
    """A door on the current plane."""
    p = stage.palette
    stage.rect(left - 0.07, 0, right + 0.07, high + 0.07, mix(fill, p.paper, 0.3))
    stage.rect(left, 0, right, high, (mix(fill, "#ffffff", 0.06), fill))
    wide = right - left
    for bottom, top in ((0.15, high * 0.44), (high * 0.5, high - 0.15)):
        glass = pane and bottom > 0.5
        body = mix(p.sky_bottom, p.haze, 0.4) if glass else mix(fill, "#241a40", 0.12)
        stage.rect(left + wide * 0.16, bottom, right - wide * 0.16, top, body, line=0.8)
    stage.oval(right - wide * 0.09, high * 0.47, 0.03, 0.03, p.accent2)


def shadow_under(stage: Stage, x: tuple[float, float], z: tuple[float, float]) -> None:
    """The contact shadow of a block that stands on the floor."""
    stage.shadow(
        (x[0] + x[1]) / 2, (z[0] + z[1]) / 2, (x[1] - x[0]) * 0.62, (z[1] - z[0]) * 0.8, 0.3
    )


def curtain(stage: Stage, left: float, right: float, bottom: float, top: float, fill: str) -> None:
    """A hanging curtain in soft folds on the current plane."""
    folds = max(2, round((right - left) / 0.11))
    step = (right - left) / folds
    for i in range(folds):
        x = left + i * step
        fold = curve(
            (x, bottom),
            (x, top),
            (x + step, top),
            (x + step * 1.05, (top + bottom) / 2, x + step, bottom),
        )
        tone = mix(fill, "#ffffff", 0.12) if i % 2 else mix(fill, "#241a40", 0.08)
        stage.shape(fold, (tone, mix(tone, "#241a40", 0.1)), line=0.7)


def cushion(stage: Stage, x: float, y: float, size: float, fill: str) -> None:
    """A soft square cushion on the current plane, its middle at (`x`, `y`)."""
    s = size / 2
    path = curve(
        (x - s, y - s), (x, y - s * 0.8, x + s, y - s), (x + s * 0.8, y, x + s, y + s),
        (x, y + s * 0.85, x - s, y + s), (x - s * 0.8, y, x - s, y - s),
    )  # fmt: skip
    stage.shape(path, (mix(fill, "#ffffff", 0.12), fill))
