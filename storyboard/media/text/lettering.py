"""Text and pictures on a skia canvas, for the pages that are drawn without a browser.

Knows: lines that fit a width, every script that the fonts have. Does not know: what a page
shows.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import skia

from renderers.errors import BadOutput
from storyboard.media.text import fonts
from storyboard.media.text.breaks import phrases_of

_AFTER_MARK = re.compile(r"(?<=[、。！？])(?![、。！？」』）])")


@lru_cache(maxsize=4096)
def wrap(text: str, size: float, room: float, most: int) -> tuple[str, ...]:
    """At most `most` lines, none wider than `room`; what is left out leaves an ellipsis."""
    lines: list[str] = []
    for phrase in phrases_of(" ".join(text.split())):
        for piece in _chopped(phrase, size, room):
            if lines and fonts.width((lines[-1] + piece).rstrip(), size) <= room:
                lines[-1] += piece
            else:
                lines.append(piece)
    if len(lines) > most:
        lines = [*lines[: most - 1], "".join(lines[most - 1 :])]
    return tuple(fit(line.strip(), size, room) for line in lines)


def _chopped(phrase: str, size: float, room: float) -> list[str]:
    """A phrase too wide for a line, cut after its marks, else (a URL) between characters."""
    if fonts.width(phrase.rstrip(), size) <= room:
        return [phrase]
    parts = [part for part in _AFTER_MARK.split(phrase) if part]
    if len(parts) > 1:
        return [piece for part in parts for piece in _chopped(part, size, room)]
    pieces = [""]
    for character in phrase:
        if pieces[-1] and fonts.width((pieces[-1] + character).rstrip(), size) > room:
            # No line begins with a mark that ends one.
            kept = pieces[-1][:-1] if character in "、。！？」』）" else pieces[-1]
            pieces[-1:] = [kept, pieces[-1][len(kept) :]]
        pieces[-1] += character
    return pieces


def fit(text: str, size: float, room: float) -> str:
    """`text` in one line, shortened until it fits."""
    text = " ".join(text.split())
    if fonts.width(text, size) <= room:
        return text
    while text and fonts.width(text + "…", size) > room:
        text = text[:-1]
    return text.rstrip() + "…"


def write(
    canvas: skia.Canvas,
    text: str,
    x: float,
    y: float,
    size: float,
    colour: int,
    *,
    bold: bool = False,
) -> None:
    paint = skia.Paint(AntiAlias=True, Color=colour)
    for run in fonts.runs(fonts.without_missing(text)):
        font = skia.Font(fonts.typeface(run.family), size)
        font.setEmbolden(bold)
        font.setSubpixel(True)
        canvas.drawString(run.text, x, y, font, paint)
        x += fonts.width(run.text, size)


def open_picture(path: Path) -> skia.Image:
    """Raises BadOutput: the file is missing or no picture."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadOutput(f"{path.name} cannot be read: {error.strerror}") from None
    picture = skia.Image.MakeFromEncoded(skia.Data.MakeWithCopy(data))
    if picture is None:
        raise BadOutput(f"{path.name} cannot be read as a picture")
    return picture


def show_whole(canvas: skia.Canvas, picture: skia.Image, frame: skia.Rect) -> None:
    """The whole picture, as large as the frame allows, on black."""
    canvas.drawRect(frame, skia.Paint(Color=0xFF000000))
    scale = min(frame.width() / picture.width(), frame.height() / picture.height())
    width, height = picture.width() * scale, picture.height() * scale
    x, y = frame.centerX() - width / 2, frame.centerY() - height / 2
    smooth = skia.SamplingOptions(skia.FilterMode.kLinear, skia.MipmapMode.kLinear)
    canvas.drawImageRect(picture, skia.Rect.MakeXYWH(x, y, width, height), smooth)
