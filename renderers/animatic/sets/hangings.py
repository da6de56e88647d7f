"""What hangs on the walls of a set: pictures, clocks, signs.

Knows: shapes, colours. Does not know: which place has which.
"""

from __future__ import annotations

import math

import skia

from renderers.animatic.ink import mix
from renderers.animatic.sets.furniture import leaf
from renderers.animatic.sets.stage import Stage, readable


def picture(stage: Stage, left: float, bottom: float, right: float, top: float, kind: int) -> None:
    """A framed picture on the current plane: a sun, an abstract, a face or mountains."""
    p = stage.palette
    stage.rect(left + 0.02, bottom - 0.03, right + 0.02, top - 0.03, "#1a1230", line=0, alpha=0.2)
    stage.rect(left, bottom, right, top, mix(p.wood, p.dark, 0.2))
    m = 0.05
    box = (left + m, bottom + m, right - m, top - m)
    stage.rect(*box, p.paper, line=0.7)
    stage.canvas.save()
    stage.canvas.clipRect(skia.Rect.MakeLTRB(*box), True)
    wide, high = right - left, top - bottom
    x, y = (left + right) / 2, (bottom + top) / 2
    if kind % 4 == 0:
        stage.rect(box[0], box[1], box[2], y, mix(p.fabric, p.paper, 0.3), line=0)
        stage.oval(x, y, wide * 0.22, wide * 0.22, p.accent, line=0)
        stage.rect(box[0], box[1], box[2], y - high * 0.08, p.fabric, line=0)
    elif kind % 4 == 1:
        stage.oval(x - wide * 0.12, y + high * 0.08, wide * 0.22, high * 0.2, p.accent2, line=0)
        stage.oval(
            x + wide * 0.14, y - high * 0.1, wide * 0.18, high * 0.17, p.accent, line=0, alpha=0.9
        )
        stage.stroke([(left, bottom + high * 0.2), (x, y), (right, bottom + high * 0.3)], 1.4)
    elif kind % 4 == 2:
        for i, name in enumerate((p.leaf, p.accent2, p.leaf)):
            leaf(
                stage, (x, box[1]), (x + (i - 1) * wide * 0.28, y + high * 0.25), wide * 0.16, name
            )
    else:
        peak = [(box[0], box[1]), (x - wide * 0.12, y + high * 0.16), (x + wide * 0.3, box[1])]
        stage.poly(peak, p.fabric, line=0.6)
        peak = [(x - wide * 0.2, box[1]), (x + wide * 0.18, y), (box[2], box[1])]
        stage.poly(peak, mix(p.fabric, p.paper, 0.35), line=0.6)
    stage.canvas.restore()


def clock(stage: Stage, x: float, y: float, r: float, z: float) -> None:
    """A wall clock on the facing plane at `z`; its second hand is ambient."""
    p = stage.palette
    with stage.facing(z):
        stage.oval(x + 0.02, y - 0.03, r * 1.1, r * 1.1, "#1a1230", line=0, alpha=0.2)
        stage.oval(x, y, r * 1.12, r * 1.12, p.dark)
        stage.oval(x, y, r, r, p.paper, line=0.6)
        for i in range(12):
            a = i * math.tau / 12
            s, c = math.sin(a), math.cos(a)
            inner = 0.72 if i % 3 == 0 else 0.82
            stage.stroke(
                [(x + s * r * inner, y + c * r * inner), (x + s * r * 0.9, y + c * r * 0.9)], 0.9
            )
        for turn, long, thick in ((0.82, 0.5, 1.8), (0.14, 0.72, 1.2)):
            a = turn * math.tau
            stage.stroke([(x, y), (x + math.sin(a) * r * long, y + math.cos(a) * r * long)], thick)
    stage.moving("clock", (x - r, y - r, z), (x + r, y + r, z), p.accent)


def sign(
    stage: Stage,
    box: tuple[float, float, float, float],
    text: str,
    *,
    fill: str,
    ink: str,
    rim: str = "",
    face: str = "sans",
) -> None:
    """A board with lettering on the current plane."""
    left, bottom, right, top = box
    if stage.light.dark and not stage.light.lamplit:
        # A board that is worth reading has its own lamp.
        fill, ink = mix(fill, stage.palette.light, 0.3), mix(ink, "#ffffff", 0.6)
    stage.rect(
        left + 0.025, bottom - 0.035, right + 0.025, top - 0.035, "#1a1230", line=0, alpha=0.22
    )
    stage.rect(left, bottom, right, top, (mix(fill, "#ffffff", 0.08), fill), line=1.3, radius=0.03)
    inner = (top - bottom) * 0.09
    if rim:
        path = skia.Path()
        path.addRoundRect(
            skia.Rect.MakeLTRB(left + inner, bottom + inner, right - inner, top - inner), 0.02, 0.02
        )
        stage.canvas.drawPath(path, stage.pen(1.0, rim))
    pad = inner * 2.1
    room = (left + pad, bottom + pad * 0.9, right - pad, top - pad * 0.9)
    stage.write(text, room, readable(ink, fill), face="serif" if face == "serif" else "sans")
