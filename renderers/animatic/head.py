"""Heads: skin, hair, beard and glasses of one character, from the front or from behind.

The artwork fills hair with ink. Here its masses take the character's hair colour and keep
an inked edge: the colour is laid over the whole shape, then its outline is stroked wide
enough that every thin line of the artwork turns back to ink.

Knows: avatars' heads. Does not know: expressions' timing, bodies.
"""

from __future__ import annotations

from dataclasses import replace

import skia

from renderers.animatic import creature, creature_kinds, peeps
from renderers.animatic.creature_signs import draw_sign
from renderers.animatic.ink import INK, LINE, Brush, clipped, lit, luminance, mix, shaded
from renderers.animatic.paths import curve
from renderers.animatic.worn import HATS
from renderers.scene import Avatar

_BALD = frozenset({"noHair1", "noHair2", "noHair3"})
_CLOTH = frozenset({"hatHip", "hijab"})
"""Heads whose ink mass is cloth, not hair."""
_WRAPPED = frozenset({"hatBeanie", "turban"})
FULL_BEARDS = frozenset({"full", "full2", "full3", "full4", "goatee2", "goatee1"})


def head_bounds(head: str) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of a head with its hair, in figure units (looking right)."""
    if head.startswith(creature_kinds.PREFIX):
        return creature.bounds(head)
    return peeps.head_bounds(head)


def outline(avatar: Avatar) -> tuple[float, float, float, float]:
    """The bounds of a head with its hair and what is worn on it."""
    left, top, right, bottom = head_bounds(avatar.head)
    for hat in (HATS[name] for name in avatar.worn.split() if name in HATS):
        left, top, right = min(left, hat[0]), min(top, hat[1]), max(right, hat[2])
    return left, top, right, bottom


def hair_colour(avatar: Avatar) -> str:
    return avatar.accent if avatar.head in _CLOTH else avatar.hair


def draw_head(canvas: skia.Canvas, brush: Brush, avatar: Avatar) -> None:
    """Skin, ears and hair; no features."""
    if (being := creature_kinds.kind(avatar.head)) is not None:
        if not being.peep:
            creature.draw_creature(canvas, brush, avatar.head)
            return
        draw_sign(canvas, brush, being.sign, "behind")
        draw_head(canvas, brush, replace(avatar, head=being.peep))
        draw_sign(canvas, brush, being.sign, "over")
        return
    shapes = peeps.shapes("head", avatar.head)
    hair = hair_colour(avatar)
    fills = {"skin": avatar.skin, "clothing": avatar.accent, "headContrast": hair}
    for shape in shapes:
        if shape.fill == "ink":
            _inked(canvas, brush, shape.path, hair)
            continue
        canvas.drawPath(shape.path, brush.fill(fills.get(shape.fill, shape.fill)))
        if shape.fill == "skin":
            _model_skin(canvas, brush, shape.path, avatar)
        elif shape.fill == "headContrast":
            _sheen(canvas, brush, shape.path, hair)


def draw_beard(canvas: skia.Canvas, brush: Brush, avatar: Avatar) -> None:
    if not avatar.facial_hair:
        return
    for shape in peeps.shapes("facialHair", avatar.facial_hair):
        if shape.fill == "ink":
            _inked(canvas, brush, shape.path, avatar.hair)
        else:
            canvas.drawPath(shape.path, brush.fill(avatar.hair))
    if avatar.facial_hair == "full3":
        # Its opening is drawn for a mouth of its own; ours would leave two bright specks.
        gap = skia.Rect.MakeLTRB(38, -146, 168, -78)
        canvas.drawOval(gap, brush.fill(avatar.hair))


def draw_accessory(canvas: skia.Canvas, brush: Brush, avatar: Avatar) -> None:
    if not avatar.accessory:
        return
    for shape in peeps.shapes("accessories", avatar.accessory):
        fill = {"ink": INK, "white": "#f6f2ea"}.get(shape.fill, avatar.accent)
        canvas.drawPath(shape.path, brush.fill(fill))


def draw_back_of_head(canvas: skia.Canvas, brush: Brush, avatar: Avatar) -> None:
    """The same head from behind: its silhouette filled with hair, ears, and a nape."""
    if (being := creature_kinds.kind(avatar.head)) is not None:
        if not being.peep:
            creature.draw_creature(canvas, brush, avatar.head, back=True)
            return
        draw_sign(canvas, brush, being.sign, "behind")
        draw_back_of_head(canvas, brush, replace(avatar, head=being.peep))
        draw_sign(canvas, brush, being.sign, "over")
        return
    whole = skia.Path()
    for shape in peeps.shapes("head", avatar.head):
        solid = skia.Path(shape.path)
        solid.setFillType(skia.PathFillType.kWinding)
        union = skia.Op(whole, solid, skia.PathOp.kUnion_PathOp)
        whole = union if union is not None else whole
    bald = avatar.head in _BALD
    colour = avatar.skin if bald else hair_colour(avatar)
    colour = avatar.accent if avatar.head in _WRAPPED else colour
    covered = head_bounds(avatar.head)[3] > -15 or bald
    with clipped(canvas, whole):
        canvas.drawPaint(brush.fill(colour))
        _sheen(canvas, brush, whole, colour)
        if not covered:
            nape = curve(
                (-400, -190),
                (-150, -150, -60, -118),
                (20, -92, 100, -118),
                (190, -150, 400, -190),
                (400, 100),
                (-400, 100),
                closed=False,
            )
            with clipped(canvas, peeps.shapes("head", avatar.head)[0].path):
                brush.shape(canvas, nape, shaded(avatar.skin, 0.12))
        elif not bald:
            _strands(canvas, brush, colour)
        canvas.drawPath(whole, brush.line(2 * LINE))
    if bald:
        crease = curve((-30, -110), (20, -95, 70, -110), closed=False)
        canvas.drawPath(crease, brush.line(10))


def _inked(canvas: skia.Canvas, brush: Brush, path: skia.Path, colour: str) -> None:
    """Fill the masses of an ink shape with `colour` and leave its lines ink."""
    with clipped(canvas, path):
        canvas.drawPaint(brush.fill(colour))
        _sheen(canvas, brush, path, colour)
        canvas.drawPath(path, brush.line(2 * LINE - 7))


def _sheen(canvas: skia.Canvas, brush: Brush, path: skia.Path, colour: str) -> None:
    """A soft band of light over the crown, and shade below, so that a mass has form."""
    with clipped(canvas, path):
        dark = luminance(colour) < 0.25
        band = brush.line(34, lit(colour, 0.16 if dark else 0.3), 0.75)
        x = -40.0 * -brush.key
        arc = curve((x - 175, -300), (x - 130, -440, x + 40, -438), closed=False)
        canvas.drawPath(arc, band)
        canvas.drawPath(arc, brush.line(12, lit(colour, 0.3 if dark else 0.5), 0.6))


def _model_skin(canvas: skia.Canvas, brush: Brush, skin: skia.Path, avatar: Avatar) -> None:
    """Form on the skin: the hair's cast shadow, and shade on the side away from the light."""
    with clipped(canvas, skin):
        shade = brush.fill(shaded(avatar.skin, 0.2))
        canvas.save()
        canvas.translate(6, 20)
        for shape in peeps.shapes("head", avatar.head):
            if shape.fill in ("ink", "headContrast", "clothing"):
                canvas.drawPath(shape.path, shade)
        canvas.restore()
        jaw = skia.Path()
        jaw.addRect(skia.Rect.MakeLTRB(-600, -600, 600, 200))
        jaw.addOval(skia.Rect.MakeLTRB(-190, -560, 228, -52))
        jaw.setFillType(skia.PathFillType.kEvenOdd)
        canvas.drawPath(jaw, shade)


def _strands(canvas: skia.Canvas, brush: Brush, colour: str) -> None:
    tone = mix(colour, INK, 0.55) if luminance(colour) > 0.2 else lit(colour, 0.22)
    for x, lean in ((-90, -40), (-20, -12), (60, 14), (125, 42)):
        strand = curve((x, -330), (x + lean * 0.4, -200, x + lean, -70), closed=False)
        canvas.drawPath(strand, brush.line(8, tone, 0.8))
