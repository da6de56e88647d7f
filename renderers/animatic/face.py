"""Faces: what each expression looks like, and how it blinks and speaks.

Eyes and brows come from one Open Peeps expression, the resting mouth from another, which
gives all 21 expressions. A speaking mouth is drawn here, on the spot and with the line of
the artwork's own, since the artwork has no mouth in between.

Knows: expressions, blinking, mouth shapes. Does not know: heads, bodies, time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import skia

from renderers.animatic import peeps
from renderers.animatic.ink import INK, LINE, Brush, clipped, luminance, mix
from renderers.animatic.paths import curve
from renderers.scene import Expression

MOUTH_AT = (104.0, -122.0)
FACE_LEFT, FACE_TOP, FACE_RIGHT, FACE_BOTTOM = -137.0, -395.0, 213.0, -32.0
"""The face without hair, from hairline to chin, in figure units (looking right)."""
_FACE_MIDDLE = 96.0
_THROAT = "#4a1622"
_SHUT = 0.6
"""From this far on a blinking wide eye is a line."""


@dataclass(frozen=True, slots=True)
class Face:
    """One expression. `smile` (-1 to 1) bends the speaking mouth, `wide` stretches it."""

    upper: str
    mouth: str
    smile: float = 0.0
    wide: float = 0.0
    marks: tuple[str, ...] = ()
    blush: float = 0.0


FACES: dict[Expression, Face] = {
    "neutral": Face("smile", "contempt", 0.15),
    "deadpan": Face("blank", "fear", 0.0, 0.1),
    "happy": Face("smile", "awe", 0.8, 0.2, blush=0.3),
    "laughing": Face("smileLOL", "smileLOL", 1.0, 0.4),
    "smug": Face("cheeky", "eatingHappy", 0.6),
    "loving": Face("lovingGrin1", "lovingGrin1", 0.9, 0.2, ("hearts",), 0.5),
    "hopeful": Face("explaining", "driven", 0.6, marks=("sparkles",), blush=0.2),
    "sad": Face("concerned", "solemn", -0.7, -0.2, ("gloom",)),
    "crying": Face("solemn", "concerned", -0.9, 0.0, ("tears",)),
    "angry": Face("veryAngry", "veryAngry", -0.7, 0.1, ("vein",)),
    "furious": Face("rage", "rage", -0.9, 0.5, ("vein", "steam")),
    "surprised": Face("smileTeethGap", "surprised", 0.0, -0.4, ("lines",)),
    "shocked": Face("hectic", "concernedFear", -0.5, 0.1, ("shock",)),
    "afraid": Face("fear", "hectic", -0.5, 0.2, ("sweat", "tremble")),
    "confused": Face("concerned", "blank", -0.2, -0.2, ("question",)),
    "suspicious": Face("suspicious", "tired", -0.2, 0.0, ("dots",)),
    "embarrassed": Face("eatingHappy", "hectic", 0.2, 0.0, ("sweat",), 1.0),
    "determined": Face("driven", "serious", -0.1, 0.1, ("flare",)),
    "tired": Face("tired", "tired", -0.3, -0.1, ("sigh",)),
    "disgusted": Face("angryWithFang", "old", -0.6, 0.2, ("squiggle",)),
    "awe": Face("awe", "smileLOL", 0.5, 0.0, ("sparkles",), 0.2),
}


@dataclass(frozen=True, slots=True)
class Mouth:
    """A speaking mouth: `open` 0 (closed) to 1, `wide` -1 (round) to 1 (stretched)."""

    open: float
    wide: float = 0.0


@dataclass(frozen=True, slots=True)
class FacePose:
    """The state of a face in one frame.

    `mouth` None shows the expression's own. `blink` 0 open to 1 shut. `turn` moves the
    features sideways over the skull (-1 towards the front, 1 towards the profile), `nod` down.
    """

    mouth: Mouth | None = None
    blink: float = 0.0
    brows: float = 0.0
    turn: float = 0.0
    nod: float = 0.0


AT_REST = FacePose()


def draw_face(
    canvas: skia.Canvas,
    brush: Brush,
    expression: Expression,
    skin: str,
    pose: FacePose,
    *,
    nose: bool = True,
) -> None:
    """Draw eyes, brows and nose, and cheeks; the mouth goes on later, over the beard."""
    face = FACES[expression]
    canvas.save()
    turn_features(canvas, pose)
    if face.blush:
        _cheeks(canvas, brush, skin, face.blush)
    parts = [p for p in peeps.face(face.upper) if p.feature not in ("mouth", "tear")]
    parts = [p for p in parts if nose or p.feature != "nose"]
    rings = [p for p in parts if p.feature in ("wide eye", "white")]
    halo = _halo(brush, skin)
    for part in parts:
        canvas.save()
        if part.feature == "brow":
            canvas.translate(0, pose.brows)
        elif part.feature != "nose" and pose.blink > 0:
            # What lies in a wide eye closes with it.
            home = next((r for r in rings if _within(part, r)), part)
            if home is not part and pose.blink > _SHUT:
                canvas.restore()
                continue
            if part.feature in ("wide eye", "white") and pose.blink > _SHUT:
                if part is home and part.feature == "wide eye":
                    _closed(canvas, brush, part)
                canvas.restore()
                continue
            if part is home and part.feature == "eye" and pose.blink > _SHUT:
                _closed(canvas, brush, part)
                canvas.restore()
                continue
            canvas.translate(0, home.cy)
            canvas.scale(1 + 0.12 * pose.blink, 1 - 0.86 * pose.blink)
            canvas.translate(0, -home.cy)
        if (
            halo is not None
            and part.feature in ("brow", "eye", "nose")
            and not _inside(part, rings)
        ):
            canvas.drawPath(part.shape.path, halo)
        canvas.drawPath(part.shape.path, brush.fill(_paint(part.shape.fill)))
        canvas.restore()
    canvas.restore()


def draw_mouth(
    canvas: skia.Canvas,
    brush: Brush,
    expression: Expression,
    skin: str,
    beard: bool,
    pose: FacePose,
) -> None:
    """Draw the mouth: the expression's own at rest, or the speaking one."""
    face = FACES[expression]
    canvas.save()
    turn_features(canvas, pose)
    if pose.mouth is not None:
        _speaking(canvas, brush, face, pose.mouth, mix(skin, "#8a3a34", 0.25) if beard else "")
    elif face.mouth == "surprised":
        _speaking(canvas, brush, face, Mouth(0.5, -0.8), "")
    else:
        parts = [p for p in peeps.face(face.mouth) if p.feature == "mouth"]
        middle = sum(p.cy for p in parts) / len(parts)
        # The artwork's mouths sit at many heights; drawn where the speaking mouth is.
        canvas.translate(0, (MOUTH_AT[1] - middle) * 0.6)
        for part in parts:
            if beard:
                halo = brush.line(20, mix(skin, "#8a3a34", 0.25))
                canvas.drawPath(part.shape.path, halo)
        halo = None if beard else _halo(brush, skin)
        for part in parts:
            if halo is not None:
                canvas.drawPath(part.shape.path, halo)
            canvas.drawPath(part.shape.path, brush.fill(_paint(part.shape.fill)))
    canvas.restore()


def _paint(fill: str) -> str:
    return {"ink": INK, "white": "#fffdf8"}.get(fill, fill)


def turn_features(canvas: skia.Canvas, pose: FacePose) -> None:
    """Slide the features over the skull; narrower towards the profile."""
    canvas.translate(_FACE_MIDDLE + 30 * pose.turn, 20 * pose.nod)
    canvas.scale(1 - 0.13 * max(0.0, pose.turn), 1.0)
    canvas.translate(-_FACE_MIDDLE, 0)


def _cheeks(canvas: skia.Canvas, brush: Brush, skin: str, amount: float) -> None:
    pink = brush.fill(mix(skin, "#f0485e", 0.45), 0.55 * amount)
    pink.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, 7))
    for x, y in ((8.0, -165.0), (176.0, -165.0)):
        canvas.drawOval(skia.Rect.MakeLTRB(x - 38, y - 20, x + 38, y + 20), pink)
        if amount > 0.8:
            for dx in (-18, 0, 18):
                canvas.drawLine(x + dx - 6, y + 12, x + dx + 6, y - 12, brush.line(6, "#c9384a"))


def _within(part: peeps.FacePart, ring: peeps.FacePart) -> bool:
    """Whether `part` lies in (or is) the wide eye that `ring` is the rim or the white of."""
    bounds = ring.shape.path.getBounds().makeOutset(6, 6)
    return ring.feature == "wide eye" and bounds.contains(part.shape.path.getBounds())


def _inside(part: peeps.FacePart, rings: Sequence[peeps.FacePart]) -> bool:
    return any(r.shape.path.getBounds().contains(part.cx, part.cy) for r in rings)


def _closed(canvas: skia.Canvas, brush: Brush, eye: peeps.FacePart) -> None:
    """The lid of an eye that is shut: one line, bent down; two where both eyes are one shape."""
    box = eye.shape.path.getBounds()
    count = 2 if box.width() > 1.5 * box.height() and box.width() > 110 else 1
    wide = box.width() / count
    for i in range(count):
        half = max(0.5 * wide - 4, 20.0)
        x = box.left() + (i + 0.5) * wide
        lid = curve(
            (x - half, eye.cy),
            (x, eye.cy + max(14.0, 0.3 * box.height()), x + half, eye.cy),
            closed=False,
        )
        canvas.drawPath(lid, brush.line(12))


def _halo(brush: Brush, skin: str) -> skia.Paint | None:
    """A lighter edge around ink on dark skin, or None where ink is seen anyway."""
    if luminance(skin) * min(brush.ambient) > 0.3:
        return None
    return brush.line(9, mix(skin, "#ffd9b0", 0.3))


def readable_skin(skin: str, ambient: tuple[float, float, float]) -> str:
    """The skin as it has to be painted for features to be seen on it in this light."""
    for share in range(0, 60, 6):
        painted = mix(skin, "#c98f63", share / 100)
        if luminance(painted) * (sum(ambient) / 3) >= 0.27:
            return painted
    return mix(skin, "#c98f63", 0.6)


def _speaking(canvas: skia.Canvas, brush: Brush, face: Face, mouth: Mouth, lips: str) -> None:
    """A mouth between closed and wide open, bent by the expression."""
    wide = max(-1.0, min(1.0, 0.6 * face.wide + mouth.wide))
    half = 46 + 15 * wide * (0.5 + 0.5 * min(1.0, mouth.open * 3))
    # An open mouth straightens: a shouted smile is no longer a curve.
    bend = face.smile * 17 * (1 - 0.45 * mouth.open)
    drop = mouth.open * (66 - 10 * wide)
    canvas.save()
    canvas.translate(MOUTH_AT[0], MOUTH_AT[1] - 0.18 * drop)
    path = curve(
        (-half, -bend * 0.7), (0, bend * 0.9 - 0.16 * drop, half, -bend * 0.7), closed=False
    )
    if mouth.open < 0.05:
        if lips:
            canvas.drawPath(path, brush.line(LINE + 18, lips))
        canvas.drawPath(path, brush.line(LINE - 1))
        canvas.restore()
        return
    low = bend * 0.9 + drop
    path.cubicTo(half * 0.94, low * 0.8 + 8, half * 0.5, low + 6, 0, low + 6)
    path.cubicTo(-half * 0.5, low + 6, -half * 0.94, low * 0.8 + 8, -half, -bend * 0.7)
    path.close()
    if lips:
        canvas.drawPath(path, brush.line(LINE + 18, lips))
    with clipped(canvas, path):
        canvas.drawPaint(brush.fill(_THROAT))
        if mouth.open > 0.22:
            tongue = skia.Rect.MakeLTRB(
                -half * 0.7, low - 0.34 * drop, half * 0.7, low + 0.5 * drop
            )
            canvas.drawOval(tongue, brush.fill("#e0606a"))
        teeth = skia.Path()
        top = bend * 0.9 - 0.2 * drop
        depth = 7 + 15 * min(1.0, mouth.open * 1.6)
        teeth.moveTo(-half, -bend * 0.7 - 40)
        teeth.lineTo(half, -bend * 0.7 - 40)
        teeth.lineTo(half, -bend * 0.7 + depth * 0.8)
        teeth.quadTo(0, top + depth + 8, -half, -bend * 0.7 + depth * 0.8)
        canvas.drawPath(teeth, brush.fill("#fffdf6"))
    canvas.drawPath(path, brush.line(LINE - 2))
    canvas.restore()
