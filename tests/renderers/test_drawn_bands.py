"""A picture that is drawn only where something is on it looks as the whole one does."""

from __future__ import annotations

import numpy as np
import pytest
import skia

from renderers.animatic.ink import linear
from renderers.animatic.sheet import Sheet


def ragged() -> skia.Image:
    """A tree of sorts: a wide crown, a thin trunk, nothing between trunk and root."""
    surface = skia.Surface(120, 200)
    canvas = surface.getCanvas()
    canvas.drawOval(
        skia.Rect.MakeLTRB(10, 8, 112, 90), skia.Paint(Color=0xFF208040, AntiAlias=True)
    )
    canvas.drawRect(skia.Rect.MakeLTRB(55, 90, 64, 131), skia.Paint(Color=0xFF604020))
    canvas.drawCircle(60, 190, 7.5, skia.Paint(Color=0x80FF0000, AntiAlias=True))
    return surface.makeImageSnapshot()


@pytest.mark.parametrize("size", [1.0, 0.93, 1.37])
def test_a_sheet_looks_as_its_picture_does_at_any_size(size: float) -> None:
    image = ragged()
    drawn = list[np.ndarray]()
    for sheet in (Sheet(image, (skia.Rect.MakeWH(120, 200),)), Sheet.of(image)):
        surface = skia.Surface(200, 300)
        canvas = surface.getCanvas()
        canvas.clear(0xFFEEDDCC)
        canvas.translate(7.3, 11.6)
        canvas.scale(size, size)
        sheet.draw(canvas, linear())
        drawn.append(surface.toarray().astype(int))
    whole, parts = drawn
    assert (whole != whole[0, 0]).any()
    # Another start of a row rounds a sample otherwise, and no more.
    assert np.abs(whole - parts).max() <= 16


def test_what_is_empty_is_not_drawn() -> None:
    area = sum(band.width() * band.height() for band in Sheet.of(ragged()).bands)
    assert 0 < area < 0.6 * 120 * 200
    assert not Sheet.of(skia.Surface(30, 30).makeImageSnapshot()).bands
