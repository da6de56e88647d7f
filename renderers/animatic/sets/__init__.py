"""Sets: every place of `renderers.scene.Place`, painted in layers for any frame and shot.

    plates = paint_set("cafe", palette(3, "evening"), light_for("evening", "cafe"),
                       SetSize(720, 1280, zoom=ZOOMS["medium shot"]), lettering="DECAF")

Layers are painted larger than the frame by `OVERSCAN` on each side, so that a camera may
push, pan and shake. Equal arguments give equal pixels.

Knows: which painter draws which place, layers, blur, light over all. Does not know:
actors, the camera's motion.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, lru_cache

import skia

from renderers.animatic.ink import argb, mix
from renderers.animatic.light import Light
from renderers.animatic.palette import Palette
from renderers.animatic.palette import palette as palette_of
from renderers.animatic.sets import (
    abstract,
    bath,
    cafe,
    call_centre,
    cell,
    cinema,
    clinic,
    counters,
    court,
    home,
    nature,
    night_city,
    office,
    salon,
    school,
    shop,
    station,
    street,
    studio,
    taxi,
    wedding,
)
from renderers.animatic.sets.ambient import draw_ambient
from renderers.animatic.sets.stage import Ambient, Glow, Stage
from renderers.animatic.sets.view import OVERSCAN, ZOOMS, SetSize, View, floor_line, metre, view_of
from renderers.scene import Place, ShotAngle, ShotOrientation

__all__ = [
    "OVERSCAN",
    "ZOOMS",
    "Ambient",
    "Glow",
    "Layer",
    "SetPlates",
    "SetSize",
    "paint_ambient",
    "paint_grade",
    "paint_set",
]

Painter = Callable[[Stage], None]


@dataclass(frozen=True, slots=True)
class Layer:
    """One painted layer. Its image covers the frame and `OVERSCAN` of it on every side.

    `parallax` says how far it moves when the actors move by 1: less is farther away.
    """

    image: skia.Image
    parallax: float


@dataclass(frozen=True, slots=True)
class SetPlates:
    """A painted set.

    `layers` go behind the actors, far to near; the first is opaque. `front` goes before
    them. `floor` (where feet go) and `horizon` are fractions of the frame's height, `metre`
    is the height of a metre at the actors as such a fraction. `key` is the side the light
    comes from in this picture (-1 left, 1 right).
    """

    size: SetSize
    layers: tuple[Layer, ...]
    front: Layer | None
    horizon: float
    floor: float
    metre: float
    key: float
    glow: tuple[Glow, ...]
    ambient: tuple[Ambient, ...]
    light: Light
    palette: Palette
    """The palette as this place shows it: what props in it are drawn with."""

    @property
    def back(self) -> skia.Image:
        """The farthest, opaque layer."""
        return self.layers[0].image


@dataclass(frozen=True, slots=True)
class _Painters:
    far: Painter
    mid: Painter | None = None
    front: Painter | None = None


_PLACES: dict[Place, _Painters] = {
    "cafe": _Painters(cafe.far, cafe.mid, cafe.front),
    "cinema": _Painters(cinema.far, cinema.mid, cinema.front),
    "street": _Painters(street.far, street.mid),
    "office": _Painters(office.far, office.mid, office.front),
    "classroom": _Painters(school.far, school.mid),
    "courtroom": _Painters(court.court_far, court.court_mid, court.court_front),
    "cell": _Painters(cell.cell_far, cell.cell_mid, cell.cell_front),
    "kitchen": _Painters(home.kitchen_far, home.kitchen_mid),
    "bedroom": _Painters(home.bedroom_far, home.bedroom_mid),
    "living room": _Painters(home.living_far, home.living_mid),
    "night city": _Painters(night_city.far, night_city.mid),
    "park": _Painters(nature.park_far, nature.park_mid),
    "beach": _Painters(nature.beach_far, nature.beach_mid),
    "station": _Painters(station.far, station.mid),
    "shop": _Painters(shop.far, shop.mid),
    "taxi": _Painters(taxi.far, taxi.mid),
    "bathhouse": _Painters(bath.far, bath.mid),
    "studio": _Painters(studio.far, studio.mid, studio.front),
    "wedding": _Painters(wedding.far, wedding.mid),
    "clinic": _Painters(clinic.far, clinic.mid),
    "bank": _Painters(counters.bank_far, counters.bank_mid),
    "post office": _Painters(counters.post_far, counters.post_mid),
    "town hall": _Painters(counters.town_far, counters.town_mid),
    "salon": _Painters(salon.far, salon.mid),
    "call centre": _Painters(call_centre.far, call_centre.mid),
    "abstract": _Painters(abstract.far),
}
# Standard deviation of blur as a fraction of the frame's height, by layer: per unit of
# (zoom - 1.5) for what is behind, always for what is in front.
_SHARP = 0.8
"""Pixels of blur that are not worth the time."""
_BLUR_FAR, _BLUR_MID, _BLUR_FRONT = 0.0021, 0.0015, 0.0026


def paint_set(
    place: Place,
    palette: Palette,
    light: Light,
    size: SetSize,
    lettering: str = "",
    seed: int = 0,
    angle: ShotAngle = "eye-level",
    orientation: ShotOrientation = "front view",
) -> SetPlates:
    """Paint `place` for one shot. `lettering` is written exactly, as far as the font can."""
    view = view_of(size, angle, orientation)
    painters = _PLACES[place]
    if light.lamplit:
        lit = palette_of(palette.number, palette.time_of_day, lamplit=True)
        # A look's own ink stays.
        plain = palette_of(palette.number, palette.time_of_day)
        palette = lit if palette.ink == plain.ink else replace(lit, ink=palette.ink)
    glows: list[Glow] = []
    moving: list[Ambient] = []
    images: list[skia.Image | None] = []
    softness = max(0.0, min(size.zoom, 5.0) - 1.5) * size.height
    blurs = (softness * _BLUR_FAR, softness * _BLUR_MID, size.height * _BLUR_FRONT)
    for i, painter in enumerate((painters.far, painters.mid, painters.front)):
        if painter is None:
            images.append(None)
            continue
        # Each layer draws from its own stream: a new cup on a table must not move the books.
        layer_seed = zlib.crc32(f"{place}/{seed}/{i}".encode())
        surface, scale = _surface(view, blurs[i])
        canvas = surface.getCanvas()
        canvas.scale(scale, scale)
        canvas.translate(OVERSCAN * view.width, OVERSCAN * view.height)
        if i == 0:
            # Seen only where a camera above the walls looks past them.
            canvas.clear(argb(mix(palette.wall_shadow, palette.dark, 0.5)))
        stage = Stage(canvas, view, palette, light, layer_seed, lettering)
        painter(stage)
        if i == 0:
            _air(canvas, light, light.key * view.sign < 0)
        glows += stage.glows
        moving += stage.ambient
        images.append(_blurred(surface, view, blurs[i] * scale, scale))
    far, mid, front = images
    assert far is not None
    layers = [Layer(far, 0.5)]
    if mid is not None:
        layers.append(Layer(mid, 0.75))
    return SetPlates(
        size=size,
        layers=tuple(layers),
        front=Layer(front, 1.35) if front is not None else None,
        horizon=view.horizon / view.height,
        floor=floor_line(size),
        metre=metre(size),
        key=light.key * view.sign,
        glow=tuple(glows),
        ambient=tuple(moving),
        light=light,
        palette=palette,
    )


def paint_ambient(canvas: skia.Canvas, plates: SetPlates, t: float, front: bool = False) -> None:
    """Draw what moves, at `t` seconds, in pixels of the frame.

    Call it after the back layers, and again with `front` after the actors; the caller has
    applied the camera's transform of that layer.
    """
    draw_ambient(canvas, plates.ambient, plates.size.width, plates.size.height, t, front)


def paint_grade(canvas: skia.Canvas, plates: SetPlates) -> None:
    """Lay vignette and film grain over the finished frame."""
    image = _grade(plates.size.width, plates.size.height, plates.light.vignette)
    canvas.drawImage(image, 0, 0)


def _surface(view: View, blur: float) -> tuple[skia.Surface, float]:
    """A canvas with overscan. What will be blurred is painted smaller: nobody can tell."""
    scale = 0.5 if blur > _SHARP else 1.0
    width = round(view.width * (1 + 2 * OVERSCAN) * scale)
    height = round(view.height * (1 + 2 * OVERSCAN) * scale)
    return skia.Surface(width, height), scale


def _blurred(surface: skia.Surface, view: View, blur: float, scale: float) -> skia.Image:
    if scale == 1.0:
        return surface.makeImageSnapshot()
    # Enlarging is a blur of its own.
    blur = max(0.0, blur - 0.4)
    width = round(view.width * (1 + 2 * OVERSCAN))
    height = round(view.height * (1 + 2 * OVERSCAN))
    image = surface.makeImageSnapshot()
    if blur >= 0.4:
        soft = skia.Surface(image.width(), image.height())
        paint = skia.Paint(ImageFilter=skia.ImageFilters.Blur(blur, blur, skia.TileMode.kClamp))
        soft.getCanvas().drawImage(image, 0, 0, skia.SamplingOptions(), paint)
        image = soft.makeImageSnapshot()
    full = skia.Surface(width, height)
    box = skia.Rect.MakeWH(width, height)
    full.getCanvas().drawImageRect(image, box, skia.SamplingOptions(skia.FilterMode.kLinear))
    return full.makeImageSnapshot()


def _air(canvas: skia.Canvas, light: Light, lit_left: bool) -> None:
    """The key light as a soft wash from its side over the whole backdrop."""
    size = canvas.getBaseLayerSize()
    wash = _wash(size.width(), size.height(), light.key_colour, lit_left)
    canvas.save()
    canvas.resetMatrix()
    paint = skia.Paint(BlendMode=skia.BlendMode.kScreen)
    canvas.drawImage(wash, 0, 0, skia.SamplingOptions(), paint)
    canvas.restore()


@lru_cache(maxsize=4)
def _wash(width: int, height: int, colour: str, lit_left: bool) -> skia.Image:
    """Kept, as a film's sets are all lit alike: to shade a whole layer costs more than to lay it."""
    left = OVERSCAN / (1 + 2 * OVERSCAN)
    low = left + 0.6 / (1 + 2 * OVERSCAN)
    x0, x1 = (left, 1 - left) if lit_left else (1 - left, left)
    shader = skia.GradientShader.MakeLinear(
        points=[skia.Point(x0 * width, left * height), skia.Point(x1 * width, low * height)],
        colors=[argb(colour, 0.16), argb(colour, 0.0)],
    )
    surface = skia.Surface(width, height)
    surface.getCanvas().drawPaint(skia.Paint(Shader=shader))
    return surface.makeImageSnapshot()


@cache
def _grade(width: int, height: int, vignette: float) -> skia.Image:
    surface = skia.Surface(width, height)
    canvas = surface.getCanvas()
    shader = skia.GradientShader.MakeRadial(
        center=skia.Point(0, 0),
        radius=1.0,
        colors=[argb("#150c2c", 0.0), argb("#150c2c", 0.0), argb("#150c2c", vignette)],
        positions=[0.0, 0.55, 1.0],
    )
    canvas.save()
    canvas.translate(width / 2, height * 0.46)
    canvas.scale(width * 0.78, height * 0.76)
    canvas.drawPaint(skia.Paint(Shader=shader))
    canvas.restore()
    return surface.makeImageSnapshot()
