"""The trade-off of steps, size and guidance as one picture.

Knows: bars, labels, colours. Does not know: how anything was measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

MARGIN = 48
BAR = 20
LABEL = 210
WIDTH = 1000
COLORS = {1.0: (88, 148, 214), 5.0: (222, 122, 66)}
INK = (40, 40, 40)


@dataclass(frozen=True, slots=True)
class Point:
    """One measured run."""

    side: int
    steps: int
    guidance: float
    seconds: float


def draw_trade_off(points: Sequence[Point], title: str) -> Image.Image:
    """Bars of seconds, grouped by size and steps, one colour for each guidance."""
    ordered = sorted(points, key=lambda point: (point.side, point.steps, point.guidance))
    groups = sorted({(point.side, point.steps) for point in ordered})
    height = 2 * MARGIN + 40 + len(ordered) * (BAR + 4) + len(groups) * 10
    image = Image.new("RGB", (WIDTH, height), "white")
    draw = ImageDraw.Draw(image)
    font, small = ImageFont.load_default(20), ImageFont.load_default(14)
    draw.text((MARGIN, MARGIN // 2), title, fill=INK, font=font)
    for index, (guidance, color) in enumerate(COLORS.items()):
        left = MARGIN + index * 160
        draw.rectangle((left, MARGIN + 14, left + 14, MARGIN + 28), fill=color)
        draw.text((left + 20, MARGIN + 12), f"guidance {guidance:g}", fill=INK, font=small)
    longest = max(point.seconds for point in ordered)
    top, previous = MARGIN + 40, None
    for point in ordered:
        group = (point.side, point.steps)
        if group != previous:
            top += 10
            label = f"{point.side} px square, {point.steps} steps"
            draw.text((MARGIN, top + 2), label, fill=INK, font=small)
            previous = group
        length = max(1, int((WIDTH - LABEL - 2 * MARGIN - 60) * point.seconds / longest))
        left = MARGIN + LABEL
        color = COLORS.get(point.guidance, INK)
        draw.rectangle((left, top, left + length, top + BAR), fill=color)
        draw.text((left + length + 6, top + 2), f"{point.seconds:.1f} s", fill=INK, font=small)
        top += BAR + 4
    return image
