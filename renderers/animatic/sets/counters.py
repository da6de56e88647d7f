"""Halls with a counter: the bank, the post office, the town hall.

Knows: what stands in each of the three, and the counter that they share. Does not know: other
places, cameras.
"""

from __future__ import annotations

import math

from renderers.animatic.ink import mix
from renderers.animatic.paths import curve
from renderers.animatic.sets import furniture as f
from renderers.animatic.sets import hangings
from renderers.animatic.sets.room import Finish, Room, room_of, shell
from renderers.animatic.sets.stage import Stage

_HIGH = 1.02
"""Metres up to a counter's top."""


def _room(stage: Stage) -> Room:
    return room_of(stage, half=3.4, back=3.2, ceiling=3.0)


def _counter(stage: Stage, room: Room, body: str, top: str, span: tuple[float, float]) -> float:
    """A panelled counter across a share of the room; the depth of its front."""
    x = (room.left + room.width * span[0], room.left + room.width * span[1])
    z = (1.75, 2.3)
    f.shadow_under(stage, x, z)
    stage.box(x, (0, _HIGH), z, body)
    panels = max(2, round((x[1] - x[0]) / 0.6))
    wide = (x[1] - x[0]) / panels
    with stage.facing(z[0]):
        for i in range(panels):
            a = x[0] + i * wide
            stage.rect(a + 0.07, 0.16, a + wide - 0.07, _HIGH - 0.16, mix(body, "#241a40", 0.12))
        stage.rect(*x[:1], 0, x[1], 0.09, mix(body, "#241a40", 0.3), line=0.8)
    stage.box((x[0] - 0.05, x[1] + 0.05), (_HIGH, _HIGH + 0.07), (z[0] - 0.06, z[1]), top)
    return z[0]


# --- the bank -----------------------------------------------------------------------------


def bank_far(stage: Stage) -> None:
    p = stage.palette
    room = _room(stage)
    stone = mix(stage.tone("#e9dcc4"), p.wall, 0.25)
    shell(
        stage, room,
        Finish(wall=stone, floor=mix(stage.tone("#cbb893"), p.floor, 0.2), flooring="tiles", dado=mix(stage.tone("#7c8f86"), p.fabric, 0.25),
               dado_height=0.95, skirting=mix(stage.tone("#4d5b57"), p.dark, 0.2)),
    )  # fmt: skip
    with stage.facing(room.back):
        gold = stage.tone("#d9a441")
        for x in (room.left + 0.16, room.right - 0.16):
            _pillar(stage, x, room.ceiling, stone, gold)
        _vault(stage, room.left + room.width * 0.66, 1.42, min(0.62, room.width * 0.29))
        box = (room.left + room.width * 0.14, 2.34, room.left + room.width * 0.86, 2.84)
        if stage.lettering:
            hangings.sign(
                stage, box, stage.lettering, fill=stage.tone("#2f4a44"), ink=gold, rim=gold
            )
        else:
            _coins(stage, (box[0] + box[2]) / 2, 2.58)
        _rates(stage, room)
    f.pendant(stage, (room.left + room.right) / 2, 2.35, 1.2, room.ceiling, 0.22)


def _pillar(stage: Stage, x: float, ceiling: float, stone: str, gold: str) -> None:
    shade = mix(stone, "#4a3a55", 0.16)
    stage.rect(x - 0.13, 0, x + 0.13, ceiling, (mix(stone, "#ffffff", 0.3), shade))
    for dx in (-0.06, 0.0, 0.06):
        stage.stroke([(x + dx, 0.3), (x + dx, ceiling - 0.3)], 0.7, alpha=0.35)
    for low, high in ((0, 0.26), (ceiling - 0.24, ceiling)):
        stage.rect(x - 0.19, low, x + 0.19, high, (mix(gold, "#ffffff", 0.25), gold))


def _vault(stage: Stage, x: float, y: float, r: float) -> None:
    """A round steel door with bolts and a wheel."""
    steel = stage.tone("#9aa7b4")
    stage.oval(x, y, r * 1.18, r * 1.18, mix(steel, "#241a40", 0.45), line=1.4)
    stage.oval(x, y, r, r, (mix(steel, "#ffffff", 0.4), steel), line=1.3)
    stage.oval(x, y, r * 0.78, r * 0.78, mix(steel, "#241a40", 0.12), line=0.9)
    for i in range(12):
        a = i * math.tau / 12
        at = (x + math.cos(a) * r * 0.89, y + math.sin(a) * r * 0.89)
        stage.oval(*at, r * 0.05, r * 0.05, stage.tone("#d9a441"), line=0.7)
    for i in range(3):
        a = i * math.tau / 6 + 0.4
        dx, dy = math.cos(a) * r * 0.44, math.sin(a) * r * 0.44
        stage.bar(x - dx, y - dy, x + dx, y + dy, r * 0.07, mix(steel, "#ffffff", 0.5))
        for way in (-1, 1):
            stage.oval(x + way * dx, y + way * dy, r * 0.08, r * 0.08, stage.tone("#d9a441"))
    stage.oval(x, y, r * 0.16, r * 0.16, stage.tone("#d9a441"), line=1.0)


def _coins(stage: Stage, x: float, y: float) -> None:
    """Three coins over the counter, where no name is written."""
    gold = stage.tone("#e6b84c")
    for dx, sign in ((-0.4, "$"), (0.0, "¥"), (0.4, "€")):
        stage.oval(x + dx, y, 0.17, 0.17, (mix(gold, "#ffffff", 0.35), gold), line=1.1)
        stage.oval(x + dx, y, 0.13, 0.13, gold, line=0.7)
        box = (x + dx - 0.09, y - 0.1, x + dx + 0.09, y + 0.1)
        stage.write(sign, box, mix(gold, "#3a2410", 0.75), most=1)


def _rates(stage: Stage, room: Room) -> None:
    """The board of rates, its figures alight."""
    left = room.left + 0.36
    right = left + min(0.95, room.width * 0.3)
    stage.rect(left, 1.24, right, 2.08, stage.tone("#20262e"), line=1.2, radius=0.03)
    for i, (sign, rate) in enumerate((("$", "1.08"), ("¥", "163"), ("£", "0.85"), ("%", "4.25"))):
        y = 1.9 - i * 0.19
        stage.write(
            sign, (left + 0.03, y - 0.07, left + 0.15, y + 0.09), stage.tone("#8fd0a8"), most=1
        )
        stage.write(
            rate, (left + 0.19, y - 0.07, right - 0.04, y + 0.09), stage.tone("#ffb84a"), most=1
        )
    stage.moving("screen", (left, 1.24, room.back), (right, 2.08, room.back), stage.tone("#ffb84a"))


def bank_mid(stage: Stage) -> None:
    """The counter with its glass, and a cord between brass posts."""
    p = stage.palette
    room = _room(stage)
    wood = mix(stage.tone("#8a5a36"), p.wood, 0.3)
    z = _counter(stage, room, wood, mix(stage.tone("#e9e2d6"), p.stone, 0.2), (0.0, 1.0))
    gold = stage.tone("#d9a441")
    count = max(2, round(room.width / 1.2))
    wide = room.width / count
    with stage.facing(z + 0.1):
        for i in range(count):
            a, b = room.left + i * wide + 0.08, room.left + (i + 1) * wide - 0.08
            stage.rect(a, _HIGH + 0.24, b, 1.82, stage.tone("#dff0f4"), line=0.8, alpha=0.2)
            stage.poly(
                [(a + 0.1, _HIGH + 0.24), (a + 0.24, _HIGH + 0.24), (a + 0.5, 1.82), (a + 0.36, 1.82)],
                "#ffffff", line=0, alpha=0.22,
            )  # fmt: skip
            for x in (a, b):
                stage.bar(x, _HIGH + 0.06, x, 1.86, 0.035, gold)
        stage.bar(room.left, 1.86, room.right, 1.86, 0.045, gold)
    red = stage.tone("#a8323a")
    posts = [x for x in (room.left + 0.1, room.left + 0.1 + min(0.9, room.width * 0.3)) if x < 0]
    with stage.facing(0.8):
        if len(posts) == 2:
            low = curve((posts[0], 0.86), (sum(posts) / 2, 0.6, posts[1], 0.86), closed=False)
            pen = stage.pen(5.0, red)
            stage.canvas.drawPath(low, pen)
        for x in posts:
            stage.bar(x, 0.05, x, 0.86, 0.045, gold)
            stage.oval(x, 0.92, 0.055, 0.055, gold)
            stage.oval(x, 0.03, 0.15, 0.03, mix(gold, "#3a2410", 0.2))


# --- the post office ----------------------------------------------------------------------


def post_far(stage: Stage) -> None:
    p = stage.palette
    room = _room(stage)
    red = _post_red(stage)
    shell(
        stage, room,
        Finish(wall=mix(stage.tone("#f3e6c8"), p.wall, 0.2), floor=mix(stage.tone("#b9a184"), p.floor, 0.3), flooring="tiles",
               dado=mix(red, p.wall, 0.12), dado_height=0.9, skirting=mix(red, p.dark, 0.35)),
    )  # fmt: skip
    with stage.facing(room.back):
        _pigeonholes(stage, room.left + 0.08, room.left + room.width * 0.54)
        _parcels(stage, room.left + room.width * 0.58, room.right - 0.06)
        low, high = 2.4, 2.86
        stage.rect(room.left, low, room.right, high, (mix(red, "#ffffff", 0.1), red), line=1.0)
        white = stage.tone("#fff8ea")
        middle = (room.left + room.right) / 2
        if stage.lettering:
            half = room.width * 0.36
            box = (middle - half, low + 0.08, middle + half, high - 0.08)
            stage.write(stage.lettering, box, white, most=1)
        else:
            stage.rect(middle - 0.26, low + 0.08, middle + 0.26, high - 0.08, white, line=1.0)
            flap = [(middle - 0.26, high - 0.08), (middle, low + 0.2), (middle + 0.26, high - 0.08)]
            stage.stroke(flap, 1.4, mix(red, "#241a40", 0.2))
    hangings.clock(stage, room.right - room.width * 0.14, 2.05, 0.15, room.back - 0.02)
    f.ceiling_light(stage, (room.left + room.right) / 2, 1.4, room.ceiling - 0.02, 0.6)


def _post_red(stage: Stage) -> str:
    return mix(stage.tone("#cf3a34"), stage.palette.accent, 0.15)


def _pigeonholes(stage: Stage, left: float, right: float) -> None:
    """Letters in their holes."""
    p, rng = stage.palette, stage.random
    wood = mix(stage.tone("#a8743f"), p.wood, 0.3)
    low, high = 1.1, 2.2
    stage.rect(left, low, right, high, mix(wood, "#241a40", 0.1), line=1.2)
    across, up = max(3, round((right - left) / 0.27)), 5
    wide, tall = (right - left) / across, (high - low) / up
    for i in range(across):
        for j in range(up):
            a, b = left + i * wide + 0.02, low + j * tall + 0.02
            stage.rect(a, b, a + wide - 0.04, b + tall - 0.04, mix(wood, "#1c1430", 0.5), line=0.7)
            for k in range(rng.randrange(4)):
                x = a + 0.02 + k * (wide - 0.06) / 4
                paper = rng.choice(("#fffaf0", "#f6e3c0", "#dfeaf4", "#f4d9d6"))
                top = b + tall * rng.uniform(0.5, 0.72)
                stage.rect(x, b, x + wide * 0.2, top, stage.tone(paper), line=0.5)


def _parcels(stage: Stage, left: float, right: float) -> None:
    """Shelves of parcels, each tied with string."""
    rng = stage.random
    for y in (1.12, 1.52):
        stage.rect(left, y - 0.05, right, y, mix(stage.palette.wood, "#241a40", 0.2), line=0.8)
        x = left + 0.03
        while x < right - 0.16:
            wide = min(rng.uniform(0.18, 0.34), right - 0.02 - x)
            tall = rng.uniform(0.16, 0.31)
            brown = stage.tone(rng.choice(("#c99a62", "#b98653", "#d8b07a", "#e6d2a8")))
            stage.rect(x, y, x + wide, y + tall, (mix(brown, "#ffffff", 0.12), brown), line=0.9)
            string = stage.tone("#7a4a2a")
            stage.stroke([(x + wide / 2, y), (x + wide / 2, y + tall)], 0.9, string)
            stage.stroke([(x, y + tall * 0.55), (x + wide, y + tall * 0.55)], 0.9, string)
            stage.rect(
                x + wide * 0.58,
                y + tall * 0.62,
                x + wide * 0.9,
                y + tall * 0.9,
                stage.tone("#fffaf0"),
                line=0.5,
            )
            x += wide + 0.04


def post_mid(stage: Stage) -> None:
    """The counter with its scales, and the letter box."""
    p = stage.palette
    room = _room(stage)
    red = _post_red(stage)
    body = mix(stage.tone("#e8d6ad"), p.paper, 0.3)
    z = _counter(stage, room, body, mix(stage.tone("#8f5f3a"), p.wood, 0.3), (0.0, 0.78))
    steel = stage.tone("#aab4bd")
    with stage.facing(z + 0.2, room.left + room.width * 0.4, _HIGH + 0.07):
        stage.rect(-0.17, 0, 0.17, 0.12, (mix(steel, "#ffffff", 0.3), steel), radius=0.02)
        stage.bar(0, 0.12, 0, 0.2, 0.04, steel)
        stage.rect(-0.22, 0.2, 0.22, 0.24, steel, radius=0.02)
        stage.oval(0, 0.06, 0.05, 0.045, stage.tone("#fffaf0"), line=0.7)
        stage.stroke([(0, 0.06), (0.025, 0.09)], 1.1, red)
    x, deep = room.right - 0.3, 1.15
    stage.shadow(x, deep, 0.36, 0.24, 0.35)
    with stage.facing(deep, x):
        stage.rect(-0.25, 0, 0.25, 0.1, mix(red, "#241a40", 0.5))
        dome = curve(
            (-0.23, 0.08),
            (-0.23, 1.2),
            (-0.23, 1.38, 0, 1.4),
            (0.23, 1.38, 0.23, 1.2),
            (0.23, 0.08),
        )
        stage.shape(dome, (mix(red, "#ffffff", 0.16), mix(red, "#241a40", 0.12)), line=1.4)
        stage.rect(-0.25, 1.14, 0.25, 1.22, mix(red, "#241a40", 0.18))
        stage.rect(-0.15, 0.98, 0.15, 1.05, stage.tone("#2a1620"), radius=0.02)
        stage.rect(-0.12, 0.58, 0.12, 0.82, stage.tone("#fff8ea"), line=0.9)
        for y in (0.66, 0.73):
            stage.stroke([(-0.08, y), (0.08, y)], 1.0, stage.tone("#7a5a4a"))


# --- the town hall ------------------------------------------------------------------------


def town_far(stage: Stage) -> None:
    p = stage.palette
    room = _room(stage)
    shell(
        stage, room,
        Finish(wall=mix(stage.tone("#dfe3da"), p.wall, 0.25), floor=mix(stage.tone("#a9aa9c"), p.floor, 0.25), flooring="tiles",
               dado=mix(stage.tone("#b9a67e"), p.wood, 0.2), dado_height=0.95, panels=True),
    )  # fmt: skip
    with stage.facing(room.back):
        left, right = room.left + room.width * 0.08, room.left + room.width * 0.92
        _numbers(stage, room, left, right)
        f.bookcase(stage, left, left + room.width * 0.34, 2.02, 5)
        _forms(stage, left + room.width * 0.42, right)
    stage.moving(
        "screen",
        (left, 2.28, room.back),
        (right, 2.84, room.back),
        stage.tone("#ff5a3c"),
        amount=0.7,
    )
    f.ceiling_light(stage, (room.left + room.right) / 2, 1.4, room.ceiling - 0.02, 0.6)


def _numbers(stage: Stage, room: Room, left: float, right: float) -> None:
    """Over the counter: its name, or whose turn it is."""
    stage.rect(left, 2.28, right, 2.84, stage.tone("#23272b"), line=1.3, radius=0.04)
    red = stage.tone("#ff6a48")
    box = (left + 0.08, 2.34, right - 0.08, 2.78)
    stage.write(stage.lettering or "0047 > 3", box, red, most=1)


def _forms(stage: Stage, left: float, right: float) -> None:
    """A board full of forms, and pigeonholes of more."""
    rng = stage.random
    stage.rect(
        left, 1.12, right, 2.02, mix(stage.tone("#b07f4c"), stage.palette.wood, 0.3), line=1.2
    )
    across = max(2, round((right - left) / 0.27))
    wide = (right - left) / across
    for i in range(across):
        for y in (1.16, 1.46, 1.74):
            x = left + i * wide + wide * 0.16 + rng.uniform(-0.01, 0.01)
            paper = stage.tone(rng.choice(("#fffaf0", "#fdeecb", "#e2eef2", "#f8dfd8")))
            stage.rect(x, y, x + wide * 0.68, y + 0.23, paper, line=0.7)
            for k in range(3):
                stage.stroke(
                    [(x + 0.03, y + 0.06 + 0.05 * k), (x + wide * 0.56, y + 0.06 + 0.05 * k)],
                    0.6,
                    alpha=0.6,
                )


def town_mid(stage: Stage) -> None:
    """The counter with numbered windows, and chairs for those who wait."""
    p = stage.palette
    room = _room(stage)
    z = _counter(
        stage, room, mix(stage.tone("#b99a6a"), p.wood, 0.25), mix(stage.tone("#e9e6da"), p.paper, 0.3), (0.0, 1.0)
    )  # fmt: skip
    count = max(2, round(room.width / 1.1))
    wide = room.width / count
    with stage.facing(z + 0.05):
        for i in range(count):
            x = room.left + (i + 0.5) * wide
            stage.bar(x, _HIGH + 0.06, x, 1.36, 0.03, p.metal)
            stage.rect(x - 0.13, 1.32, x + 0.13, 1.56, stage.tone("#2f5f8f"), radius=0.03)
            stage.write(str(i + 1), (x - 0.1, 1.34, x + 0.1, 1.54), stage.tone("#ffffff"), most=1)
    with stage.facing(z + 0.15, room.left + wide * 0.14, _HIGH + 0.07):
        for i in range(6):
            stage.rect(-0.16 + 0.012 * (i % 2), 0.035 * i, 0.16, 0.035 * (i + 1), p.paper, line=0.6)
    x = room.left + 0.26
    for i in range(2 if room.width > 4 else 1):
        f.chair(stage, x + 0.5 * i, 1.0, mix(stage.tone("#d98a3f"), p.fabric, 0.2))
    f.plant(stage, room.right - 0.24, 1.1, 1.05)
