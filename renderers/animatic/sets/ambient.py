"""Small things that move in a set: steam, traffic, rain, leaves, a clock, a flickering screen.

Every one is a pure function of time: frame 100 looks the same whether or not frame 99 was
drawn.

Knows: how each kind moves. Does not know: which set has which.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence

import skia

from renderers.animatic.ink import argb, mix
from renderers.animatic.paths import curve
from renderers.animatic.sets.stage import Ambient


def draw_ambient(
    canvas: skia.Canvas, items: Sequence[Ambient], width: int, height: int, t: float, front: bool
) -> None:
    """Draw the items of one layer at `t` seconds, in pixels of the frame."""
    for item in items:
        if item.front != front:
            continue
        box = skia.Rect.MakeXYWH(
            item.x * width, item.y * height, item.width * width, item.height * height
        )
        canvas.save()
        _KINDS[item.kind](canvas, item, box, t)
        canvas.restore()


def _fill(name: str, alpha: float, blur: float = 0.0) -> skia.Paint:
    paint = skia.Paint(AntiAlias=True, Color=argb(name, alpha))
    if blur > 0:
        paint.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, blur))
    return paint


def _pen(name: str, alpha: float, width: float) -> skia.Paint:
    return skia.Paint(
        AntiAlias=True,
        Color=argb(name, alpha),
        Style=skia.Paint.kStroke_Style,
        StrokeWidth=width,
        StrokeCap=skia.Paint.kRound_Cap,
    )


def _steam(canvas: skia.Canvas, item: Ambient, box: skia.Rect, t: float) -> None:
    """Two wisps that rise, sway and fade."""
    for i in range(2):
        x = box.left() + box.width() * (0.35 + 0.3 * i)
        phase = t * 1.4 + 2.2 * i + item.seed % 7
        path = skia.Path()
        for step in range(9):
            share = step / 8
            sway = math.sin(phase + share * 4.5) * box.width() * 0.2 * share
            y = box.bottom() - share * box.height()
            if step:
                path.lineTo(x + sway, y)
            else:
                path.moveTo(x, y)
        alpha = item.amount * (0.4 + 0.12 * math.sin(phase * 0.7))
        pen = _pen(item.colour, alpha, box.width() * 0.13)
        pen.setMaskFilter(
            skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, max(0.8, box.width() * 0.06))
        )
        canvas.drawPath(path, pen)


def _dust(canvas: skia.Canvas, item: Ambient, box: skia.Rect, t: float) -> None:
    """Motes in a beam of light."""
    rng = random.Random(item.seed)
    for _ in range(int(22 * item.amount)):
        x, y, speed = rng.random(), rng.random(), rng.uniform(0.01, 0.03)
        phase = rng.uniform(0, 6.3)
        px = box.left() + box.width() * ((x + 0.02 * math.sin(t * 0.6 + phase)) % 1)
        py = box.top() + box.height() * ((y - speed * t) % 1)
        twinkle = 0.5 + 0.5 * math.sin(t * 1.3 + phase)
        r = rng.uniform(0.7, 1.7) * max(box.height(), box.width()) / 620
        canvas.drawCircle(px, py, r, _fill(item.colour, 0.55 * twinkle))


def _fall(canvas: skia.Canvas, item: Ambient, box: skia.Rect, t: float) -> None:
    """Leaves or petals that tumble down and drift."""
    rng = random.Random(item.seed)
    for _ in range(int(14 * item.amount)):
        x, y = rng.random(), rng.random()
        speed, phase = rng.uniform(0.05, 0.1), rng.uniform(0, 6.3)
        size = box.height() * rng.uniform(0.008, 0.014)
        py = box.top() + box.height() * ((y + speed * t) % 1)
        px = box.left() + box.width() * ((x + 0.04 * math.sin(t * 0.9 + phase) + 0.012 * t) % 1)
        canvas.save()
        canvas.translate(px, py)
        canvas.rotate(math.degrees(phase + math.sin(t * 1.5 + phase)))
        canvas.scale(1, 0.35 + 0.3 * abs(math.sin(t * 1.9 + phase)))
        canvas.drawOval(
            skia.Rect.MakeLTRB(-size, -size * 0.7, size, size * 0.7),
            _fill(mix(item.colour, "#ffffff", rng.uniform(0.0, 0.3)), 0.9),
        )
        canvas.restore()


def _rain(canvas: skia.Canvas, item: Ambient, box: skia.Rect, t: float) -> None:
    rng = random.Random(item.seed)
    path = skia.Path()
    for _ in range(int(70 * item.amount)):
        x, y = rng.random(), rng.random()
        speed, length = rng.uniform(1.4, 2.0), rng.uniform(0.03, 0.06) * box.height()
        py = box.top() + box.height() * ((y + speed * t) % 1)
        px = box.left() + box.width() * ((x - 0.12 * speed * t) % 1)
        path.moveTo(px, py)
        path.lineTo(px - length * 0.12, py + length)
    canvas.drawPath(path, _pen(item.colour, 0.34, max(1.0, box.height() / 760)))


def _clouds(canvas: skia.Canvas, item: Ambient, box: skia.Rect, t: float) -> None:
    rng = random.Random(item.seed)
    canvas.clipRect(box)
    for _ in range(max(1, int(3 * item.amount))):
        size = box.width() * rng.uniform(0.2, 0.36)
        y = box.top() + box.height() * rng.uniform(0.3, 0.9)
        span = box.width() + size
        x = (
            box.left()
            - size
            + (rng.random() * span + t * box.width() * rng.uniform(0.008, 0.016)) % span
        )
        path = curve(
            (x, y), (x - 0.02 * size, y - 0.14 * size, x + 0.16 * size, y - 0.15 * size),
            (x + 0.2 * size, y - 0.33 * size, x + 0.4 * size, y - 0.3 * size),
            (x + 0.62 * size, y - 0.38 * size, x + 0.7 * size, y - 0.19 * size),
            (x + 0.98 * size, y - 0.2 * size, x + size, y),
        )  # fmt: skip
        canvas.drawPath(path, _fill(item.colour, 0.75))


def _cars(canvas: skia.Canvas, item: Ambient, box: skia.Rect, t: float) -> None:
    """Cars that pass along the box, with their lights."""
    rng = random.Random(item.seed)
    canvas.clipRect(
        skia.Rect.MakeLTRB(box.left(), box.top() - box.height(), box.right(), box.bottom() + 9)
    )
    # Where the gap is hardly longer than a car, two would be a pile-up.
    for i in range(2 if box.width() > 4 * box.height() else 1):
        period, way = rng.uniform(5.0, 8.0), 1 if i % 2 else -1
        body = rng.choice(("#d9534a", "#f0c14b", "#5b8fb9", "#e8e4da"))
        long = box.height() * 2.3
        span = box.width() + 2 * long
        share = ((t + rng.uniform(0, period)) % period) / period
        x = box.left() - long + span * (share if way > 0 else 1 - share)
        _car(
            canvas,
            x,
            box.bottom() - i * box.height() * 0.16,
            long * (1 - 0.12 * i),
            way,
            body,
            item,
        )


def _car(
    canvas: skia.Canvas, x: float, y: float, long: float, way: int, body: str, item: Ambient
) -> None:
    night = item.amount > 1
    canvas.save()
    canvas.translate(x, y)
    canvas.scale(way * long, long)
    paint = _fill(mix(body, "#1b2050", 0.5) if night else body, 1.0)
    ink = _pen(item.colour, 1.0, 0.014)
    shell = curve(
        (-0.5, -0.06), (-0.5, -0.2), (-0.34, -0.23), (-0.22, -0.36, 0.16, -0.36), (0.26, -0.23),
        (0.48, -0.2), (0.5, -0.06),
    )  # fmt: skip
    canvas.drawPath(shell, paint)
    canvas.drawPath(shell, ink)
    glass = curve((-0.27, -0.23), (-0.18, -0.33, 0.0, -0.33), (0.0, -0.23))
    rear = curve((0.03, -0.23), (0.03, -0.33), (0.13, -0.33, 0.2, -0.23))
    for pane in (glass, rear):
        canvas.drawPath(pane, _fill("#bfd6e2" if not night else "#4a5a86", 1.0))
    for wheel in (-0.3, 0.3):
        canvas.drawCircle(wheel, -0.06, 0.085, _fill("#26222c", 1.0))
        canvas.drawCircle(wheel, -0.06, 0.036, _fill("#b8bcc4", 1.0))
    canvas.drawCircle(0.48, -0.15, 0.022, _fill("#fff1b8", 1.0))
    canvas.drawCircle(-0.49, -0.15, 0.02, _fill("#ff5a4a", 1.0))
    if night:
        beam = curve((0.48, -0.16), (1.5, -0.3), (1.5, 0.04), (0.48, -0.12))
        shader = skia.GradientShader.MakeLinear(
            points=[skia.Point(0.48, 0), skia.Point(1.5, 0)],
            colors=[argb("#fff1b8", 0.5), argb("#fff1b8", 0.0)],
        )
        canvas.drawPath(
            beam, skia.Paint(AntiAlias=True, Shader=shader, BlendMode=skia.BlendMode.kScreen)
        )
    canvas.restore()


def _clock(canvas: skia.Canvas, item: Ambient, box: skia.Rect, t: float) -> None:
    """The second hand of a wall clock: one tick a second, with a small rebound."""
    tick, part = divmod(t, 1.0)
    bounce = 0.25 * math.exp(-12 * part) * math.cos(38 * part)
    angle = (tick + item.seed % 60 - bounce) * math.tau / 60
    x, y = box.centerX(), box.centerY()
    r = min(box.width(), box.height()) * 0.42
    tip = (x + r * math.sin(angle), y - r * math.cos(angle))
    tail = (x - 0.2 * r * math.sin(angle), y + 0.2 * r * math.cos(angle))
    canvas.drawLine(*tail, *tip, _pen(item.colour, 1.0, max(1.0, r * 0.07)))


def _screen(canvas: skia.Canvas, item: Ambient, box: skia.Rect, t: float) -> None:
    """The changing brightness of a cinema screen."""
    flicker = 0.5 + 0.25 * math.sin(t * 7.3 + item.seed % 5) + 0.25 * math.sin(t * 2.1)
    paint = _fill(item.colour, 0.16 * item.amount * flicker)
    paint.setBlendMode(skia.BlendMode.kScreen)
    canvas.drawRect(box, paint)


def _pole(canvas: skia.Canvas, item: Ambient, box: skia.Rect, t: float) -> None:
    """The stripes of a barber's pole, which climb for ever."""
    canvas.clipRect(box)
    step = box.width() * 1.5
    climb = (t * 0.6 * step) % (2 * step)
    for i in range(-3, int(box.height() / step) + 4):
        y = box.bottom() - i * step - climb
        stripe = curve(
            (box.left(), y), (box.right(), y - step * 0.8), (box.right(), y - step * 1.25),
            (box.left(), y - step * 0.45),
        )  # fmt: skip
        canvas.drawPath(stripe, _fill(item.colour if i % 2 else "#3a5fa8", 1.0))


def _bars(canvas: skia.Canvas, item: Ambient, box: skia.Rect, t: float) -> None:
    """A chart whose bars rise and fall."""
    rng = random.Random(item.seed)
    wide = box.width() / 6
    for i in range(6):
        speed, phase = rng.uniform(0.9, 1.8), rng.uniform(0, 6.3)
        high = box.height() * (0.5 + 0.42 * math.sin(speed * t + phase))
        left = box.left() + i * wide
        bar = skia.Rect.MakeLTRB(
            left + 0.16 * wide, box.bottom() - high, left + 0.84 * wide, box.bottom()
        )
        canvas.drawRect(bar, _fill(item.colour, 0.9))


def _neon(canvas: skia.Canvas, item: Ambient, box: skia.Rect, t: float) -> None:
    """A sign that hums, and sometimes drops out."""
    phase = t * 1.7 + item.seed % 11
    lit = 0.75 + 0.25 * math.sin(t * 9) if math.sin(phase) > -0.9 else 0.1
    r = max(box.width(), box.height()) * 0.75
    shader = skia.GradientShader.MakeRadial(
        center=skia.Point(box.centerX(), box.centerY()),
        radius=max(1.0, r),
        colors=[argb(item.colour, 0.3 * lit * item.amount), argb(item.colour, 0)],
    )
    paint = skia.Paint(Shader=shader, BlendMode=skia.BlendMode.kScreen)
    canvas.drawCircle(box.centerX(), box.centerY(), r, paint)


def _waves(canvas: skia.Canvas, item: Ambient, box: skia.Rect, t: float) -> None:
    """Foam lines that come in and go out."""
    for i in range(3):
        share = (i / 3 + t * 0.07) % 1
        y = box.top() + box.height() * share**1.6
        alpha = math.sin(math.pi * share) * 0.7 * item.amount
        path = skia.Path()
        steps = 16
        for step in range(steps + 1):
            x = box.left() + box.width() * step / steps
            dy = math.sin(step * 1.3 + i * 2 + t * 0.8) * box.height() * 0.03 * (0.3 + share)
            if step:
                path.lineTo(x, y + dy)
            else:
                path.moveTo(x, y + dy)
        canvas.drawPath(
            path, _pen(item.colour, alpha, max(1.0, box.height() * 0.022 * (0.4 + share)))
        )


def _stars(canvas: skia.Canvas, item: Ambient, box: skia.Rect, t: float) -> None:
    rng = random.Random(item.seed)
    for _ in range(int(16 * item.amount)):
        x, y, phase = rng.random(), rng.random(), rng.uniform(0, 6.3)
        lit = max(0.0, math.sin(t * 1.6 + phase))
        r = box.height() * rng.uniform(0.003, 0.006)
        at = (box.left() + box.width() * x, box.top() + box.height() * y)
        canvas.drawCircle(*at, r, _fill(item.colour, 0.8 * lit))


def _rays(canvas: skia.Canvas, item: Ambient, box: skia.Rect, t: float) -> None:
    """Slowly turning rays behind an abstract scene, from a point low in their box."""
    x, y = box.centerX(), box.bottom() - box.height() * 0.17
    r = math.hypot(box.width(), box.height())
    canvas.clipRect(box)
    path = skia.Path()
    for i in range(12):
        a = t * 0.06 + i * math.tau / 12
        b = a + math.tau / 24
        path.moveTo(x, y)
        path.lineTo(x + r * math.cos(a), y + r * math.sin(a))
        path.lineTo(x + r * math.cos(b), y + r * math.sin(b))
        path.close()
    canvas.drawPath(path, _fill(item.colour, 0.13 * item.amount))


_KINDS: dict[str, Callable[[skia.Canvas, Ambient, skia.Rect, float], None]] = {
    "steam": _steam,
    "dust": _dust,
    "fall": _fall,
    "rain": _rain,
    "clouds": _clouds,
    "cars": _cars,
    "clock": _clock,
    "screen": _screen,
    "neon": _neon,
    "pole": _pole,
    "bars": _bars,
    "waves": _waves,
    "stars": _stars,
    "rays": _rays,
}
KINDS = tuple(_KINDS)
