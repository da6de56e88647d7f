"""What an inset shows: a backdrop for the place, and sprites of who and what.

Knows: words to drawings, painting them once. Does not know: the inset's frame.
"""

from __future__ import annotations

import math
import re
import zlib
from dataclasses import dataclass
from functools import cache

import skia

from renderers.animatic import lettering
from renderers.animatic.creature_kinds import looks_human
from renderers.animatic.face import FacePose
from renderers.animatic.figure import Acting, Puppet
from renderers.animatic.framing import Box
from renderers.animatic.head import head_bounds
from renderers.animatic.ink import INK, Brush, argb, fill, mix, stroke
from renderers.animatic.light import light_for
from renderers.animatic.looks import look_for
from renderers.animatic.nouns import TOOLS, find_noun, somebody, works_with
from renderers.animatic.palette import Palette
from renderers.animatic.pictograph import Pictograph, pictograph
from renderers.animatic.sets import SetSize, paint_set
from renderers.animatic.thing_head import is_thing
from renderers.animatic.view import View
from renderers.scene import PLACES, Avatar, Figure, Place

_PEOPLE = TOOLS | frozenset("🧛🧟🧙🧜🧚🧞🥷🦸🦹🎅💂")
"""Emoji that stand for what somebody does: such a person is drawn as a person."""
_ALONE = frozenset("🧛🧟🧜🧚🧞🎅🥷🦸👮🕵👑")
_PLACE_WORDS: tuple[tuple[str, Place], ...] = (
    (r"beach|seaside|coast|海岸|砂浜|ビーチ", "beach"),
    (r"bath ?house|public bath|onsen|hot spring|sauna|銭湯|温泉|サウナ", "bathhouse"),
    (r"studio|スタジオ|放送局", "studio"),
    (r"wedding|結婚式|披露宴", "wedding"),
    (r"clinic|hospital|surgery|病院|診察|診療所", "clinic"),
    (r"\btaxi|\bcab\b|タクシー", "taxi"),
    (r"\bbanks?\b|銀行", "bank"),
    (r"post office|郵便局", "post office"),
    (r"(?:town|city) hall|\bdmv\b|市役所|区役所|役所|役場", "town hall"),
    (r"hair ?dress|\bsalon|\bbarber|美容[院室]|床屋|理髪店", "salon"),
    (r"call cent|help ?line|hot ?line|コールセンター", "call centre"),
    (r"office|job|work|company|会社|オフィス|職場", "office"),
    (r"caf[eé]|coffee shop|restaurant|diner|カフェ|喫茶|レストラン", "cafe"),
    (r"kitchen|キッチン|台所|厨房", "kitchen"),
    (r"bedroom|寝室", "bedroom"),
    (r"living room|house|home|flat|apartment|居間|家|部屋", "living room"),
    (r"court|裁判", "courtroom"),
    (r"class|school|教室|学校", "classroom"),
    (r"prison|jail|cell|牢|刑務所", "cell"),
    (r"cinema|theatre|theater|映画館|劇場", "cinema"),
    (r"station|platform|train|subway|駅", "station"),
    (r"shop|store|supermarket|市場|店|コンビニ", "shop"),
    (r"park|garden|forest|woods|公園|森|庭", "park"),
    (r"street|road|town|道|通り", "street"),
    (r"night|city|街|都会", "night city"),
)


@dataclass(frozen=True, slots=True)
class Sprite:
    """A small picture and where its left upper corner rests, in pixels of the frame."""

    image: skia.Image
    x: float
    y: float

    @property
    def width(self) -> int:
        return self.image.width()

    @property
    def height(self) -> int:
        return self.image.height()


def known_place(words: str) -> Place | None:
    """The set that words for a place ask for, or None."""
    lowered = words.lower().strip()
    if lowered in PLACES and lowered != "abstract":
        return next(place for place in PLACES if place == lowered)
    return next((place for rule, place in _PLACE_WORDS if re.search(rule, lowered)), None)


def backdrop(
    canvas: skia.Canvas, box: Box, place: str, colours: Palette, seed: int, *, soft: bool = False
) -> None:
    """Paint the place over the box: its set, or sky and the thing it is known by, or rays."""
    rect = skia.Rect.MakeLTRB(box.left, box.top, box.right, box.bottom)
    known = known_place(place) if place else None
    found = find_noun(place) if place and known is None else None
    if known is not None:
        image = _little_set(known, colours, round(rect.width()), round(rect.height()))
        canvas.drawImage(image, rect.left(), rect.top())
        if soft:
            canvas.drawRect(rect, skia.Paint(Color=skia.Color(255, 253, 246, 70)))
        return
    if found is None:
        _rays(canvas, rect, colours)
        return
    shader = skia.GradientShader.MakeLinear(
        points=[skia.Point(0, rect.top()), skia.Point(0, rect.bottom())],
        colors=[argb(mix(colours.sky_top, "#ffffff", 0.25)), argb(colours.sky_bottom)],
    )
    canvas.drawRect(rect, skia.Paint(Shader=shader))
    ground = skia.Rect.MakeLTRB(
        rect.left(), rect.bottom() - 0.2 * rect.height(), rect.right(), rect.bottom()
    )
    canvas.drawRect(ground, fill(mix(colours.leaf, "#fff4dc", 0.35)))
    size = 0.82 * min(rect.width(), rect.height())
    canvas.save()
    canvas.translate(rect.centerX(), rect.bottom() - 0.16 * rect.height() - size / 2)
    canvas.scale(size, size)
    pictograph(found).draw(canvas, "#4a4560")
    canvas.restore()
    canvas.drawRect(rect, skia.Paint(Color=skia.Color(255, 250, 238, 90)))


def drawn_to_the_chest(words: str) -> bool:
    """Whether words for somebody are drawn as a person, who needs a frame to be cut off by."""
    found = find_noun(words)
    return (
        found is None
        or looks_human(words)
        or (found in _PEOPLE and found not in _ALONE)
        or (is_thing(found) and works_with(words))
    )


def sprite_of(
    words: str,
    x: float,
    ground: float,
    size: float,
    colours: Palette,
    seed: int,
    *,
    person: bool = False,
    halo: bool = True,
    avatar: Avatar | None = None,
) -> Sprite:
    """Who or what `words` name, standing on `ground` with its middle at `x`, `size` high.

    A person looks like `avatar`, or as the words and the seed have it.
    """
    found = find_noun(words)
    known = person and looks_human(words)
    if found is not None and not (person and drawn_to_the_chest(words)):
        image = _pictured(found, round(size), halo)
    elif person or somebody(words):
        image = _bust(words, round(size), None if known else found, seed, avatar)
        # Cut off at the chest: lower than what stands.
        ground += 0.14 * size
    else:
        image = _lettered(words, round(size))
    return Sprite(image, x - image.width() / 2, ground - image.height())


@cache
def _little_set(place: Place, colours: Palette, width: int, height: int) -> skia.Image:
    light = light_for(colours.time_of_day, place)
    plates = paint_set(place, colours, light, SetSize(width, height, 1.1), seed=colours.number)
    surface = skia.Surface(width, height)
    x, y = -0.12 * width, -0.12 * height
    for layer in plates.layers:
        surface.getCanvas().drawImage(layer.image, x, y)
    return surface.makeImageSnapshot()


def _pictured(character: str, size: int, halo: bool) -> skia.Image:
    drawing = pictograph(character)
    box = drawing.ink.computeTightBounds()
    air = 0.03
    surface = skia.Surface(
        round(size * (box.width() + 2 * air)), round(size * (box.height() + 2 * air))
    )
    canvas = surface.getCanvas()
    canvas.scale(size, size)
    canvas.translate(air - box.left(), air - box.top())
    if halo:
        _halo(canvas, drawing)
    drawing.draw(canvas)
    return surface.makeImageSnapshot()


def _halo(canvas: skia.Canvas, drawing: Pictograph) -> None:
    """A white edge, so that a drawing stands out from any backdrop."""
    canvas.drawPath(drawing.body, stroke(0.045, argb("#fffdf6")))


def _bust(words: str, size: int, badge: str | None, seed: int, avatar: Avatar | None) -> skia.Image:
    """A person from the chest up, with what they are known by."""
    free = zlib.crc32(words.encode()) + seed
    look = avatar or look_for(words, "adult", "neutral", free, (), words)
    puppet = Puppet(Figure("inset", words, look, "happy"), Brush(rim_strength=0.0), View(1.0))
    # A hat goes into the picture, too.
    units = max(900.0, 340.0 - head_bounds(look.head)[1])
    scale = size / units
    surface = skia.Surface(round(size * 0.86), size)
    canvas = surface.getCanvas()
    canvas.translate(0.4 * size, size - 306 * scale)
    canvas.scale(scale, scale)
    puppet.draw(canvas, Acting(expression="happy", face=FacePose(turn=-0.4)))
    if badge is not None:
        canvas.resetMatrix()
        own = 0.36 * size
        canvas.translate(0.86 * size - 0.55 * own, size - 0.56 * own)
        canvas.scale(own, own)
        drawing = pictograph(badge)
        _halo(canvas, drawing)
        drawing.draw(canvas)
    return surface.makeImageSnapshot()


def _lettered(words: str, size: int) -> skia.Image:
    """A thing that has no drawing: its name on a card."""
    wide, high = round(size * 1.05), round(size * 0.5)
    surface = skia.Surface(wide, high)
    canvas = surface.getCanvas()
    card = skia.Rect.MakeLTRB(4, 4, wide - 4, high - 4)
    canvas.drawRoundRect(card, 12, 12, fill("#fffdf6"))
    canvas.drawRoundRect(card, 12, 12, stroke(4, argb(INK)))
    fitted = lettering.fit(words, 0.86 * wide, 0.74 * high, 2)
    if fitted is not None:
        fitted.draw(canvas, wide / 2, high / 2, fill(INK))
    return surface.makeImageSnapshot()


def _rays(canvas: skia.Canvas, rect: skia.Rect, colours: Palette) -> None:
    """Rays from the middle, in two tints of the film's second accent."""
    one, other = mix(colours.accent2, "#fffaf0", 0.35), mix(colours.accent2, "#fffaf0", 0.55)
    canvas.drawRect(rect, fill(one))
    x, y = rect.centerX(), rect.centerY() + 0.1 * rect.height()
    reach = rect.width() + rect.height()
    for i in range(0, 24, 2):
        path = skia.Path()
        path.moveTo(x, y)
        for step in (i, i + 1):
            angle = 2 * math.pi * step / 24
            path.lineTo(x + reach * math.cos(angle), y + reach * math.sin(angle))
        path.close()
        canvas.drawPath(path, fill(other))
