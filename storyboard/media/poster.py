"""The poster: the first picture of a film with its title, composed for a small thumbnail.

It is no frame of the film: no half caption, no mouth half open, the title as large as it fits.

Knows: pictures, lettering. Does not know: films, plans.
"""

from __future__ import annotations

from pathlib import Path

import skia

from renderers.animatic import lettering
from renderers.animatic.ink import INK, argb
from storyboard.core.errors import StoryboardError

_TOP = 0.26
"""Share of the height that the title has, which the first picture keeps free."""
_QUALITY = 88


def compose(picture: Path, title: str, out: Path, *, free: bool = True) -> None:
    """Write the poster as JPEG, in the picture's size.

    `free`: the top of the picture is kept free for a title; else the title goes to the foot.

    Raises:
        StoryboardError: the picture cannot be read.
    """
    image = skia.Image.open(str(picture))
    if image is None:
        raise StoryboardError(f"the poster's picture {picture.name} cannot be read")
    width, height = image.width(), image.height()
    surface = skia.Surface(width, height)
    canvas = surface.getCanvas()
    canvas.drawImage(image, 0, 0)
    box = _band(width, height, free)
    _shade(canvas, width, height, free)
    if title:
        _letter(canvas, title, box)
    data = surface.makeImageSnapshot().encodeToData(skia.EncodedImageFormat.kJPEG, _QUALITY)
    out.write_bytes(bytes(data))


def _band(width: int, height: int, free: bool) -> skia.Rect:
    """Where the title goes."""
    top = 0.025 * height if free else 0.72 * height
    return skia.Rect.MakeXYWH(0.05 * width, top, 0.9 * width, (_TOP - 0.035) * height)


def _shade(canvas: skia.Canvas, width: int, height: int, free: bool) -> None:
    """A dark wash behind the title, so that it reads on any picture."""
    ends = (0.0, 1.3 * _TOP * height) if free else (float(height), 0.62 * height)
    shader = skia.GradientShader.MakeLinear(
        points=[skia.Point(0, ends[0]), skia.Point(0, ends[1])],
        colors=[skia.Color(18, 10, 30, 150), skia.Color(18, 10, 30, 0)],
    )
    canvas.drawRect(skia.Rect.MakeWH(width, height), skia.Paint(Shader=shader))


def _letter(canvas: skia.Canvas, title: str, box: skia.Rect) -> None:
    """The title in two or three lines, white with a bold dark edge."""
    fitted = lettering.fit(title, box.width(), box.height(), 3)
    if fitted is None:
        return
    size = min(fitted.size, 0.46 * box.height())
    font = lettering.font(size, "sans", True)
    leading = 1.12 * size
    y = box.centerY() - leading * (len(fitted.lines) - 1) / 2 + 0.36 * size
    edge = skia.Paint(
        AntiAlias=True, Color=argb(INK), Style=skia.Paint.kStroke_Style,
        StrokeWidth=0.2 * size, StrokeJoin=skia.Paint.kRound_Join,
    )  # fmt: skip
    for line in fitted.lines:
        x = box.centerX() - lettering.width(line, size, "sans", True) / 2
        canvas.drawString(line, x, y, font, edge)
        canvas.drawString(line, x, y, font, skia.Paint(AntiAlias=True, Color=argb("#ffffff")))
        y += leading
