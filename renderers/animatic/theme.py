"""Looks: flat colour, ink with one accent colour, paper cut-outs.

A look changes pens and finished layers, never what is drawn: every set, prop and actor has all
of them. What it costs is paid once a shot, when layers are painted.

Knows: colours to colours, textures, shadows. Does not know: sets, actors.
"""

from __future__ import annotations

import colorsys
from dataclasses import dataclass, replace
from functools import cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import skia

from renderers.animatic.ink import INK, Brush, luminance, mix, rgb
from renderers.animatic.palette import Palette
from renderers.scene import Avatar, Look

Floats: TypeAlias = "npt.NDArray[np.float32]"
PAPER = "#f8f2e4"
ACCENT = "#d9432f"
_EDGE = "#fffaf0"
_HUE = colorsys.rgb_to_hsv(*rgb(ACCENT))[0]
_WASHES = ("#f8f2e4", "#ddd6c8", "#b7b0a6", "#5c5660", INK)
"""Ink on paper: none, two washes, a dark one, and black."""


@dataclass(frozen=True, slots=True)
class InkBrush(Brush):
    """A brush that knows ink, its washes and the accent alone."""

    def colour(self, name: str, alpha: float = 1.0) -> int:
        # Of another colour than the accent only its lightness is left. (No super() in a class
        # with slots that a dataclass has made anew.)
        return Brush.colour(replace_light(self), inked(name), alpha)


@dataclass(frozen=True, slots=True)
class PaperBrush(Brush):
    """A brush whose outlines are the light edge of cut paper."""

    def line(self, width: float = 15.0, name: str = INK, alpha: float = 1.0) -> skia.Paint:
        if name == INK and width >= 15:
            return Brush.line(self, width, _EDGE, alpha)
        return Brush.line(self, width * 0.9, "#3a2a30" if name == INK else name, alpha)


def replace_light(brush: Brush) -> Brush:
    """Ink has no coloured light, only less of it far from the focus."""
    return Brush(key=brush.key, rim=brush.rim, rim_strength=0.0, dim=brush.dim * 0.4)


def brush_for(look: Look, brush: Brush) -> Brush:
    """The brush as this look holds it."""
    if look == "ink":
        return InkBrush(key=brush.key, rim_strength=0.0)
    if look == "paper":
        return PaperBrush(ambient=brush.ambient, key=brush.key, rim_strength=0.0)
    return brush


def dressed(look: Look, avatar: Avatar, lead: bool) -> Avatar:
    """An avatar in this look's colours: in ink the accent is what the lead wears."""
    if look != "ink":
        return avatar
    tone = luminance(avatar.skin)
    skin = PAPER if tone > 0.55 else mix(PAPER, "#8d8580", 0.45 if tone > 0.38 else 0.8)
    creature = avatar.head.startswith("creature:")
    return replace(
        avatar,
        skin=skin,
        hair=mix(_WASHES[3], INK, 0.5) if luminance(avatar.hair) < 0.45 else _WASHES[1],
        top=ACCENT if lead else (_WASHES[2] if luminance(avatar.top) < 0.5 else _WASHES[1]),
        accent=PAPER if lead else _WASHES[3],
        bottom=_WASHES[3] if not creature else _WASHES[2],
    )


@cache
def inked(colour: str) -> str:
    """The accent, or the wash that is as light as the colour."""
    hue, saturation, value = colorsys.rgb_to_hsv(*rgb(colour))
    near = min(abs(hue - _HUE), 1 - abs(hue - _HUE))
    if near < 0.045 and saturation > 0.45 and value > 0.4:
        return mix(ACCENT, INK, max(0.0, 0.85 - value) * 0.6)
    light = luminance(colour)
    if light < 0.16:
        return INK
    steps = ((0.28, 3), (0.46, 2), (0.7, 1))
    return _WASHES[next((wash for limit, wash in steps if light < limit), 0)]


def palette_for(look: Look, colours: Palette) -> Palette:
    """Paper has no ink: what was a line in a set becomes a crease."""
    if look != "paper":
        return colours
    return replace(colours, ink=mix(colours.wall_shadow, colours.dark, 0.35))


def finished(look: Look, image: skia.Image, *, backdrop: bool = False) -> skia.Image:
    """A painted layer as this look leaves it; `backdrop`: it is opaque and far."""
    if look == "ink":
        return _hatched(image, backdrop)
    if look == "paper" and not backdrop:
        return raised(image, 0.006 * image.width())
    return image


def raised(image: skia.Image, reach: float) -> skia.Image:
    """The image with the soft shadow of a sheet lying on another."""
    surface = skia.Surface(image.width(), image.height())
    canvas = surface.getCanvas()
    shadow = skia.Paint(
        ImageFilter=skia.ImageFilters.DropShadowOnly(
            reach, 1.5 * reach, 1.1 * reach, 1.1 * reach, skia.Color(40, 24, 40, 120)
        )
    )
    canvas.drawImage(image, 0, 0, skia.SamplingOptions(), shadow)
    canvas.drawImage(image, 0, 0)
    return surface.makeImageSnapshot()


def paint_for(look: Look) -> skia.Paint | None:
    """What a thing in a hand is drawn through: in ink, lightness alone. None: as it is."""
    if look != "ink":
        return None
    grey = [0.32, 0.62, 0.1, 0, 0.04]
    matrix = [*grey, *grey[:4], 0.03, *grey[:4], 0.0, 0, 0, 0, 1, 0]
    return skia.Paint(ColorFilter=skia.ColorFilters.Matrix(matrix))


def toned(look: Look, image: skia.Image) -> skia.Image:
    """A small picture (a prop, an inset) in this look's colours."""
    return _hatched(image, False) if look == "ink" else image


def _hatched(image: skia.Image, backdrop: bool) -> skia.Image:
    """Washes by lightness, hatching in the shade, the accent where it was."""
    pixels = image.toarray(colorType=skia.ColorType.kRGBA_8888_ColorType).astype(np.float32)
    alpha = pixels[:, :, 3:4]
    colour = pixels[:, :, :3] / 255
    light = colour @ np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)
    if backdrop:
        # What is far is paler than who stands before it.
        light = 0.2 + 0.8 * light
    red, green, blue = colour.transpose(2, 0, 1)
    top, low = np.maximum(np.maximum(red, green), blue), np.minimum(np.minimum(red, green), blue)
    redder = (red - np.maximum(green, blue)) / np.maximum(top, 1e-3)
    accent = (redder > 0.42) & (top - low > 0.3) & (np.abs(green - blue) < 0.22)
    tone = _washed(light)
    lines = _hatching(*light.shape)
    shade = ((light < 0.62) & lines[0]) | ((light < 0.42) & lines[1])
    tone = np.where((shade & (light > 0.16))[:, :, None], tone * 0.72, tone)
    tone[accent] = np.array(rgb(ACCENT), dtype=np.float32) * (0.75 + 0.3 * top[accent][:, None])
    out = np.concatenate([np.clip(tone, 0, 1) * 255, alpha], axis=2).astype(np.uint8)
    return painted(out)


def _washed(light: Floats) -> Floats:
    """The colour of each lightness: steps with soft borders, as washes have."""
    points = (0.0, 0.13, 0.2, 0.3, 0.42, 0.52, 0.66, 0.76, 1.0)
    washes = (4, 4, 3, 3, 2, 2, 1, 0, 0)
    table = np.array([rgb(_WASHES[wash]) for wash in washes], dtype=np.float32)
    parts = [np.interp(light, points, table[:, i]) for i in range(3)]
    return np.stack(parts, axis=2).astype(np.float32)


@cache
def _hatching(height: int, width: int) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Two sets of parallel lines, one across the other."""
    y, x = np.mgrid[0:height, 0:width]
    step = max(6, round(width / 110))
    line = max(1, step // 6)
    return (x + y) % step < line, (x - y) % step < line


@cache
def paper_grain(width: int, height: int) -> skia.Image:
    """Fibres and specks of paper, to be laid over a finished frame."""
    rng = np.random.default_rng(7)
    coarse = rng.normal(0, 1, (height // 3 + 1, width // 3 + 1)).astype(np.float32)
    grain = np.kron(coarse, np.ones((3, 3), dtype=np.float32))[:height, :width]
    grain = 0.6 * grain + 0.6 * rng.normal(0, 1, (height, width)).astype(np.float32)
    pixels = np.zeros((height, width, 4), dtype=np.uint8)
    pixels[:, :, :3] = np.where(grain > 0, 255, 30)[:, :, None]
    pixels[:, :, 3] = np.clip(np.abs(grain) * 8.0, 0, 40).astype(np.uint8)
    return painted(pixels)


def painted(pixels: npt.NDArray[np.uint8]) -> skia.Image:
    """RGBA pixels as a surface holds them: others skia takes ten times as long to draw."""
    image = skia.Image.fromarray(pixels, skia.ColorType.kRGBA_8888_ColorType)
    surface = skia.Surface(image.width(), image.height())
    surface.getCanvas().drawImage(image, 0, 0)
    return surface.makeImageSnapshot()
