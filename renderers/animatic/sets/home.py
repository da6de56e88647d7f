"""Rooms of a home: kitchen, bedroom, living room.

Knows: what stands in them. Does not know: other places, cameras.
"""

from __future__ import annotations

from renderers.animatic.ink import mix
from renderers.animatic.paths import curve
from renderers.animatic.sets import furniture as f
from renderers.animatic.sets import hangings
from renderers.animatic.sets.room import Finish, Room, Window, beams, room_of, shell, window
from renderers.animatic.sets.stage import Stage


def _room(stage: Stage) -> Room:
    return room_of(stage, half=3.3, back=3.0, ceiling=2.75)


# --- kitchen ------------------------------------------------------------------


def kitchen_far(stage: Stage) -> None:
    p = stage.palette
    room = _room(stage)
    shell(stage, room, Finish(floor=mix(p.floor, p.paper, 0.25), flooring="tiles"))
    left, right = room.left + room.width * 0.2, room.right
    with stage.facing(room.back):
        _tiles(stage, left, right)
    pane = Window(
        left + 0.28, 1.28, left + 0.28 + min(1.25, room.width * 0.34), 2.25, 2, 1, "trees"
    )
    with stage.facing(room.back):
        window(stage, pane)
        f.curtain(
            stage, pane.left - 0.1, pane.right + 0.1, 2.08, 2.36, mix(p.accent, p.paper, 0.35)
        )
        _rail(stage, pane.right + 0.25, right - 0.1)
        if stage.lettering:
            box = (room.left + 0.06, 1.92, left + 0.14, 2.4)
            hangings.sign(stage, box, stage.lettering, fill=p.paper, ink=p.ink, rim=p.accent)
    _uppers(stage, room, pane.right + 0.2, right)
    _counter(stage, room, left, right, (pane.left + pane.right) / 2)
    _fridge(stage, room)
    f.pendant(stage, room.left + room.width * 0.5, 2.02, 1.7, room.ceiling, 0.22)
    beams(stage, room, (pane,), "back")


def _tiles(stage: Stage, left: float, right: float) -> None:
    p = stage.palette
    base = mix(p.paper, p.accent2, 0.14)
    stage.rect(left, 0.9, right, 1.62, base, line=0.8)
    step = 0.16
    y = 0.9
    while y < 1.6:
        stage.stroke([(left, y), (right, y)], 0.6, mix(base, p.ink, 0.35), 0.6)
        y += step
    x = left
    while x < right:
        stage.stroke([(x, 0.9), (x, 1.62)], 0.6, mix(base, p.ink, 0.35), 0.6)
        x += step


def _rail(stage: Stage, left: float, right: float) -> None:
    """A rail with ladles, a pan and a cloth."""
    if right - left < 0.3:
        return
    p = stage.palette
    stage.bar(left, 1.52, right, 1.52, 0.02, p.metal)
    tools = (p.metal, p.wood, p.accent, p.metal, p.wood)
    for i, name in enumerate(tools):
        x = left + 0.08 + i * 0.14
        if x > right - 0.06:
            break
        stage.bar(x, 1.5, x, 1.3, 0.016, name)
        if i % 2:
            stage.oval(x, 1.25, 0.04, 0.055, name, line=0.8)
        else:
            stage.rect(x - 0.035, 1.18, x + 0.035, 1.31, name, radius=0.02, line=0.8)


def _uppers(stage: Stage, room: Room, left: float, right: float) -> None:
    """Wall cupboards and an open shelf."""
    p = stage.palette
    body = mix(p.fabric, p.paper, 0.28)
    z = (room.back - 0.34, room.back)
    if right - left < 0.35:
        return
    stage.box((left, right), (1.7, 2.4), z, body)
    with stage.facing(z[0]):
        count = max(1, round((right - left) / 0.5))
        step = (right - left) / count
        for i in range(count):
            a = left + i * step
            stage.rect(a + 0.04, 1.75, a + step - 0.04, 2.35, mix(body, "#ffffff", 0.1), line=0.9)
            knob = a + step - 0.1 if i % 2 == 0 else a + 0.1
            stage.oval(knob, 1.84, 0.02, 0.02, p.accent2, line=0.7)


def _counter(stage: Stage, room: Room, left: float, right: float, sink: float) -> None:
    """Lower cupboards, worktop, tap, stove with a pot, a bowl of fruit."""
    p = stage.palette
    z = (room.back - 0.66, room.back)
    body = mix(p.fabric, p.paper, 0.16)
    stage.box((left, right), (0, 0.86), z, body)
    with stage.facing(z[0]):
        count = max(2, round((right - left) / 0.62))
        step = (right - left) / count
        for i in range(count):
            a = left + i * step
            if i == count - 1:
                stage.rect(
                    a + 0.03, 0.08, a + step - 0.03, 0.82, mix(p.metal, p.paper, 0.25), radius=0.02
                )
                stage.rect(a + 0.1, 0.18, a + step - 0.1, 0.56, p.dark, radius=0.03, line=0.9)
                for k in range(3):
                    stage.oval(a + step * (0.28 + 0.22 * k), 0.69, 0.035, 0.035, p.paper, line=0.8)
                continue
            stage.rect(a + 0.05, 0.62, a + step - 0.05, 0.81, mix(body, "#ffffff", 0.1), line=0.9)
            stage.rect(a + 0.05, 0.1, a + step - 0.05, 0.57, mix(body, "#ffffff", 0.1), line=0.9)
            for y in (0.73, 0.5):
                stage.bar(a + step * 0.4, y, a + step * 0.6, y, 0.02, p.accent2)
    stage.box((left - 0.04, right), (0.86, 0.92), (z[0] - 0.05, z[1]), mix(p.wood, p.wall, 0.25))
    with stage.facing(room.back - 0.15, sink, 0.92):
        tap = curve((0, 0), (0, 0.2), (0.0, 0.32, 0.12, 0.3), (0.16, 0.28, 0.16, 0.2), closed=False)
        stage.canvas.drawPath(tap, stage.pen(4.2))
        stage.canvas.drawPath(tap, stage.pen(2.4, p.metal))
    _pot(stage, right - (right - left) / (2 * max(2, round((right - left) / 0.62))), z[0] + 0.3)
    with stage.facing(z[0] + 0.2, left + 0.3, 0.92):
        for dx, dy, name in (
            (-0.08, 0.11, p.accent),
            (0.06, 0.12, p.accent2),
            (-0.01, 0.16, p.leaf),
        ):
            stage.oval(dx, dy, 0.06, 0.06, name, line=0.8)
        stage.shape(
            curve((-0.18, 0.11), (-0.14, 0, -0.04, 0), (0.04, 0), (0.14, 0, 0.18, 0.11)), p.paper
        )


def _pot(stage: Stage, x: float, z: float) -> None:
    p = stage.palette
    with stage.facing(z, x, 0.92):
        stage.bar(-0.24, 0.14, 0.24, 0.14, 0.03, p.dark)
        stage.rect(-0.17, 0.02, 0.17, 0.22, (mix(p.accent, "#ffffff", 0.15), p.accent), radius=0.03)
        stage.oval(0, 0.23, 0.18, 0.03, mix(p.metal, "#ffffff", 0.2))
        stage.oval(0, 0.27, 0.025, 0.025, p.dark)
    stage.moving("steam", (x - 0.12, 1.2, z), (x + 0.12, 1.6, z), "#ffffff")


def _fridge(stage: Stage, room: Room) -> None:
    p = stage.palette
    x0, x1 = room.left, room.left + room.width * 0.2
    z = (room.back - 0.7, room.back)
    body = mix(p.accent2, p.paper, 0.42)
    f.shadow_under(stage, (x0, x1), z)
    stage.box((x0, x1), (0.03, 1.8), z, body)
    with stage.facing(z[0]):
        stage.stroke([(x0, 1.2), (x1, 1.2)], 1.1)
        for low, high in ((0.85, 1.12), (1.28, 1.5)):
            stage.bar(x1 - 0.08, low, x1 - 0.08, high, 0.028, p.metal)
        middle = (x0 + x1) / 2 - 0.03
        stage.rect(middle - 0.08, 1.32, middle + 0.08, 1.52, p.paper, line=0.7)
        stage.oval(middle, 1.52, 0.025, 0.025, p.accent, line=0.6)


def kitchen_mid(stage: Stage) -> None:
    p = stage.palette
    room = _room(stage)
    x1 = room.right - 0.05
    x0 = x1 - min(1.5, room.width * 0.42)
    f.chair(stage, (x0 + x1) / 2, 1.55, mix(p.accent, p.wood, 0.2))
    f.table(stage, (x0, x1), (0.95, 1.5), 0.75, mix(p.wood, p.wall, 0.2))
    f.cup(stage, x0 + 0.22, 0.75, 1.1, p.accent)
    with stage.facing(1.2, (x0 + x1) / 2 + 0.1, 0.75):
        for dx, dy in ((-0.06, 0.3), (0.06, 0.34), (0.0, 0.4)):
            stage.stroke([(0, 0.14), (dx, dy)], 1.2, p.leaf)
            stage.oval(dx, dy, 0.05, 0.05, p.accent2, line=0.8)
        stage.shape(
            curve((-0.05, 0.2), (-0.09, 0.06, -0.04, 0), (0.04, 0), (0.09, 0.06, 0.05, 0.2)),
            p.fabric,
        )


# --- bedroom ------------------------------------------------------------------


def bedroom_far(stage: Stage) -> None:
    p = stage.palette
    room = _room(stage)
    shell(stage, room, Finish(wall=mix(p.wall, p.fabric, 0.14)))
    pane = Window(
        room.left + room.width * 0.62, 0.95, room.right - room.width * 0.1, 2.25, 2, 2, "city"
    )
    with stage.facing(room.back):
        window(stage, pane)
        cloth = mix(p.accent, p.paper, 0.4)
        fold = min(0.3, room.width * 0.1)
        stage.bar(pane.left - fold, 2.4, pane.right + fold, 2.4, 0.03, p.wood)
        f.curtain(stage, pane.left - fold, pane.left + fold * 0.35, 0.25, 2.38, cloth)
        f.curtain(stage, pane.right - fold * 0.35, pane.right + fold, 0.25, 2.38, cloth)
        left = room.left + room.width * 0.1
        if stage.lettering:
            box = (room.left + room.width * 0.04, 1.72, room.left + room.width * 0.42, 2.22)
            hangings.sign(stage, box, stage.lettering, fill=p.paper, ink=p.ink, rim=p.accent)
        else:
            hangings.picture(stage, left + 0.05, 1.65, left + room.width * 0.2, 2.2, 3)
            hangings.picture(
                stage, left + room.width * 0.24, 1.78, left + room.width * 0.37, 2.15, 1
            )
    with stage.side(room.left):
        f.bookcase(stage, 0.4, 1.6, 1.9, 4)
    with stage.side(room.right):
        f.door(stage, 0.5, 1.4, 2.05, mix(p.wood, p.wall, 0.3))
    f.rug(
        stage,
        (room.left + room.width * 0.25, room.right - room.width * 0.1),
        (-0.6, 1.2),
        mix(p.accent2, p.floor, 0.4),
    )
    beams(stage, room, (pane,), "back")
    _bed(stage, room)
    x = room.left + room.width * 0.57
    _nightstand(stage, x, room.back - 0.45)


def _bed(stage: Stage, room: Room) -> None:
    p = stage.palette
    x0, x1 = room.left + 0.08, room.left + room.width * 0.5
    z = (1.25, 2.95)
    wood = mix(p.wood, p.wall, 0.15)
    with stage.facing(z[1]):
        stage.shape(
            curve(
                (x0 - 0.05, 0),
                (x0 - 0.05, 1.05),
                ((x0 + x1) / 2, 1.5, x1 + 0.05, 1.05),
                (x1 + 0.05, 0),
            ),
            (mix(wood, "#ffffff", 0.1), wood),
        )
    f.shadow_under(stage, (x0, x1), z)
    stage.box((x0, x1), (0.1, 0.36), z, wood)
    stage.box((x0 + 0.03, x1 - 0.03), (0.36, 0.56), z, p.paper)
    for x in (x0 + (x1 - x0) * 0.28, x0 + (x1 - x0) * 0.74):
        with stage.facing(2.55, x, 0.56):
            half = (x1 - x0) * 0.19
            stage.rect(
                -half, -0.02, half, 0.28, (p.paper, mix(p.paper, p.fabric, 0.2)), radius=0.09
            )
    quilt = mix(p.fabric, p.paper, 0.08)
    stage.box(
        (x0 - 0.02, x1 + 0.02),
        (0.2, 0.62),
        (z[0] - 0.03, 2.1),
        quilt,
        top=mix(quilt, "#ffffff", 0.14),
    )
    stage.box((x0 - 0.02, x1 + 0.02), (0.6, 0.64), (1.95, 2.2), mix(p.accent, p.paper, 0.25))
    with stage.facing(z[0] - 0.03):
        step = (x1 - x0) / 5
        for i in range(1, 5):
            stage.stroke([(x0 + i * step, 0.22), (x0 + i * step, 0.6)], 0.7, alpha=0.4)
        stage.stroke([(x0, 0.4), (x1, 0.4)], 0.7, alpha=0.4)


def _nightstand(stage: Stage, x: float, z: float) -> None:
    p = stage.palette
    stage.box((x - 0.2, x + 0.2), (0.05, 0.55), (z, z + 0.4), mix(p.wood, p.wall, 0.2))
    with stage.facing(z, x):
        for y in (0.1, 0.32):
            stage.rect(-0.16, y, 0.16, y + 0.18, mix(p.wood, p.wall, 0.32), line=0.8)
            stage.oval(0, y + 0.09, 0.02, 0.02, p.accent2, line=0.7)
    with stage.facing(z + 0.2, x, 0.55):
        stage.bar(0, 0, 0, 0.24, 0.025, p.accent2)
        stage.oval(0, 0.02, 0.08, 0.02, p.accent2)
        lit = mix(p.paper, p.light, 0.2 + 0.8 * stage.light.lamps)
        stage.shape(
            curve((-0.17, 0.22), (-0.1, 0.46), (0.1, 0.46), (0.17, 0.22)),
            (lit, mix(lit, p.accent2, 0.3)),
        )
    stage.glow(x, 0.9, z + 0.2, 1.1)


def bedroom_mid(stage: Stage) -> None:
    room = _room(stage)
    f.plant(stage, room.right - 0.3, 1.2, 0.95)


# --- living room ----------------------------------------------------------------


def living_far(stage: Stage) -> None:
    p = stage.palette
    room = _room(stage)
    shell(stage, room, Finish(dado=mix(p.wall, p.fabric, 0.3), dado_height=0.9))
    pane = Window(0.4, 0.85, 2.0, 2.25, 2, 2, "trees")
    with stage.side(room.left):
        window(stage, pane)
        cloth = mix(p.accent2, p.paper, 0.35)
        f.curtain(stage, 0.12, 0.45, 0.15, 2.42, cloth)
        f.curtain(stage, 1.95, 2.3, 0.15, 2.42, cloth)
    with stage.facing(room.back):
        if stage.lettering:
            box = (room.left + room.width * 0.05, 1.78, room.left + room.width * 0.44, 2.34)
            hangings.sign(
                stage, box, stage.lettering, fill=p.paper, ink=p.ink, rim=p.accent, face="serif"
            )
        else:
            for kind, (a, b, low, high) in enumerate(
                (
                    (0.1, 0.28, 1.55, 2.15),
                    (0.32, 0.46, 1.82, 2.3),
                    (0.32, 0.46, 1.42, 1.74),
                    (0.5, 0.63, 1.6, 2.1),
                )
            ):
                hangings.picture(
                    stage, room.left + room.width * a, low, room.left + room.width * b, high, kind
                )
        stage.canvas.save()
        f.bookcase(stage, room.right - room.width * 0.27, room.right - 0.06, 2.15, 5)
        stage.canvas.restore()
    f.rug(
        stage,
        (room.left + room.width * 0.12, room.right - room.width * 0.12),
        (-0.5, 1.7),
        mix(p.accent, p.floor, 0.35),
    )
    if stage.light.key < 0:
        beams(stage, room, (pane,), "side")
    f.floor_lamp(stage, room.left + room.width * 0.07 + 0.12, room.back - 0.35, 1.5)
    _sofa(stage, room)


def _sofa(stage: Stage, room: Room) -> None:
    p = stage.palette
    x0, x1 = room.left + room.width * 0.16, room.left + room.width * 0.7
    body = mix(p.fabric, p.paper, 0.1)
    z = (1.95, 2.75)
    f.shadow_under(stage, (x0, x1), z)
    for x in (x0 + 0.12, x1 - 0.12):
        stage.box((x - 0.03, x + 0.03), (0, 0.14), (z[0], z[0] + 0.06), p.wood)
    with stage.facing(z[1]):
        stage.rect(x0, 0.14, x1, 0.98, (mix(body, "#ffffff", 0.1), body), radius=0.12)
    stage.box((x0 + 0.1, x1 - 0.1), (0.14, 0.3), z, body)
    half = (x0 + x1) / 2
    for a, b in ((x0 + 0.12, half), (half, x1 - 0.12)):
        with stage.facing(z[1] - 0.12):
            stage.rect(a + 0.01, 0.42, b - 0.01, 0.9, mix(body, "#ffffff", 0.08), radius=0.08)
        stage.box((a, b), (0.3, 0.46), (z[0] - 0.02, z[1] - 0.12), mix(body, "#ffffff", 0.05))
    with stage.facing(z[0] + 0.15):
        f.cushion(stage, x0 + 0.38, 0.64, 0.36, p.accent2)
        f.cushion(stage, x1 - 0.36, 0.62, 0.32, p.accent)
    for a, b in ((x0 - 0.08, x0 + 0.12), (x1 - 0.12, x1 + 0.08)):
        stage.box((a, b), (0.12, 0.62), z, mix(body, "#1c1430", 0.06))


def living_mid(stage: Stage) -> None:
    p = stage.palette
    room = _room(stage)
    f.plant(stage, room.right - 0.28, 1.35, 1.2)
    if room.width > 3.6:
        x0 = room.left + room.width * 0.3
        f.table(stage, (x0, x0 + 1.3), (1.0, 1.5), 0.4, mix(p.wood, p.wall, 0.2))
        f.cup(stage, x0 + 0.4, 0.4, 1.15, p.accent2)
        with stage.facing(1.15, x0 + 0.85, 0.4):
            stage.rect(-0.18, 0, 0.18, 0.035, p.accent, line=0.8)
            stage.rect(-0.15, 0.035, 0.16, 0.07, p.paper, line=0.8)
