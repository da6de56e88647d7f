"""One actor: a figure built once for a shot, then drawn in any state of acting.

What never changes within a shot (torso, legs, head without features) is kept as two
images at the shot's own scale; arms, features and mouth are drawn anew in every frame.

Knows: how the parts join, layers, light on a figure. Does not know: where it stands, time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import skia

from renderers.animatic import face, head
from renderers.animatic.body import Physique, draw_legs, draw_torso, sleeve_end
from renderers.animatic.face import FACES, FacePose
from renderers.animatic.ink import Brush
from renderers.animatic.limbs import Limb, Point, draw_bands, draw_hand, draw_limb, reach
from renderers.animatic.marks import draw_mark
from renderers.animatic.pose import IDLE, Arm, Pose
from renderers.scene import Expression, Figure

_PIVOT = (-6.0, -66.0)
"""Where the head turns on the neck, in figure units."""
_SMOOTH = skia.SamplingOptions(skia.FilterMode.kLinear)


@dataclass(frozen=True, slots=True)
class Acting:
    """The state of an actor in one frame."""

    expression: Expression = "neutral"
    face: FacePose = FacePose()
    pose: Pose = IDLE
    head_tilt: float = 0.0
    head_y: float = 0.0
    breath: float = 0.0
    """-1 out to 1 in."""
    lift: float = 0.0
    """How far the whole body is off the ground, figure units (a jump)."""
    squash: float = 0.0
    """Of the whole body, positive flat, negative long."""
    marks_age: float | None = None
    """Seconds since the expression's comic marks appeared, None for none."""


@dataclass(frozen=True, slots=True)
class View:
    """How the camera sees one actor: pixels a unit, mirrored, from behind, and the pitch
    (0 eye-level, 1 from above, 2 bird's-eye, -1 from below)."""

    scale: float
    flip: bool = False
    back: bool = False
    pitch: float = 0.0
    visible: float = 2000.0
    """How far below the collar the frame reaches, figure units."""


@dataclass(frozen=True, slots=True)
class _Layer:
    image: skia.Image
    box: skia.Rect


class Puppet:
    """An actor ready to be drawn with the origin at its collar, in figure units."""

    def __init__(self, figure: Figure, brush: Brush, view: View) -> None:
        self.figure = figure
        self.view = view
        self.brush = replace(brush, key=-brush.key) if view.flip else brush
        self.physique = Physique.of(figure.avatar)
        self._tilt = _foreshortening(view.pitch)
        self._stance = ""
        self._body: _Layer | None = None
        self._head = self._head_layer()

    @property
    def feet(self) -> float:
        """Distance from the collar to the soles as seen from this pitch, figure units."""
        return foreshortened(self.physique.feet, self.view.pitch)

    def draw(self, canvas: skia.Canvas, acting: Acting, holds: Prop | None = None) -> None:
        """Draw the actor; the canvas has its origin at the collar and one unit a figure unit."""
        pose = acting.pose
        canvas.save()
        if self.view.flip:
            canvas.scale(-1, 1)
        feet = self.feet
        canvas.translate(0, feet - acting.lift)
        canvas.scale(1 + 0.5 * acting.squash, 1 - acting.squash)
        canvas.translate(0, -feet)
        hip = min(self.physique.torso, 500.0)
        canvas.translate(0, hip)
        canvas.rotate(pose.lean)
        canvas.translate(0, -hip)
        self._draw_body(canvas, acting)
        arms = (("left", pose.left), ("right", pose.right))
        for side, arm in arms:
            if arm.layer != "head":
                self._draw_arm(canvas, side == "left", arm, acting, self._prop(pose, side, holds))
        self._draw_head(canvas, acting)
        for side, arm in arms:
            if arm.layer == "head":
                self._draw_arm(canvas, side == "left", arm, acting, self._prop(pose, side, holds))
        if not self.view.back and acting.marks_age is not None:
            canvas.translate(0, acting.head_y + pose.drop)
            for mark in FACES[acting.expression].marks:
                draw_mark(canvas, self.brush, mark, acting.marks_age, self.view.flip)
        canvas.restore()

    def _prop(self, pose: Pose, side: str, holds: Prop | None) -> Prop | None:
        carries = pose.grip in (side, "both") and not (pose.grip == "both" and side == "left")
        return holds if carries else None

    # --- layers ---------------------------------------------------------------

    def _head_layer(self) -> _Layer:
        avatar = self.figure.avatar
        left, top, right, bottom = head.head_bounds(avatar.head)
        box = skia.Rect.MakeLTRB(
            min(left, -190) - 20, top - 20, max(right, 220) + 20, max(bottom, -10) + 20
        )
        surface, canvas = self._surface(box)
        if self.view.back:
            canvas.scale(-1, 1)
            canvas.translate(-46, 0)
            head.draw_back_of_head(canvas, self.brush, avatar)
        else:
            head.draw_head(canvas, self.brush, avatar)
        return _Layer(self._rim_lit(surface), box)

    def _body_layer(self, stance: str) -> _Layer:
        avatar = self.figure.avatar
        low = min(self.feet + 70, self.view.visible + 60)
        p = self.physique
        skirt = avatar.garment in ("dress", "robe", "coat", "kimono")
        walks = stance != "stand"
        # A box no larger than needed: what is kept as an image is paid for in every frame.
        wide = max(p.shoulder, p.hip * (1.55 if skirt or walks else 1.0)) + 24 + 40 * walks
        wide = max(wide, p.hip * 0.58 + 125)
        # From below a body widens towards the feet.
        wide *= 1.0 if self.view.pitch >= 0 else 1.35
        box = skia.Rect.MakeLTRB(-wide, -150, wide, low)
        surface, canvas = self._surface(box)
        canvas.concat(self._tilt)
        draw_legs(canvas, self.brush, avatar, stance)  # type: ignore[arg-type]
        draw_torso(canvas, self.brush, avatar, back=self.view.back)
        return _Layer(self._rim_lit(surface), box)

    def _surface(self, box: skia.Rect) -> tuple[skia.Surface, skia.Canvas]:
        scale = self.view.scale
        surface = skia.Surface(round(box.width() * scale) + 2, round(box.height() * scale) + 2)
        canvas = surface.getCanvas()
        canvas.scale(surface.width() / box.width(), surface.height() / box.height())
        canvas.translate(-box.left(), -box.top())
        return surface, canvas

    def _rim_lit(self, surface: skia.Surface) -> skia.Image:
        """The layer with a thin edge of light on the key's side."""
        plain = surface.makeImageSnapshot()
        strength = self.brush.rim_strength
        if strength <= 0:
            return plain
        shift = -self.brush.key * 9 * self.view.scale
        edge = skia.Surface(surface.width(), surface.height())
        canvas = edge.getCanvas()
        colour = self.brush.colour(self.brush.rim)
        tint = skia.ColorFilters.Blend(colour, skia.BlendMode.kSrcIn)
        canvas.drawImage(plain, 0, 0, _SMOOTH, skia.Paint(ColorFilter=tint))
        cut = skia.Paint(BlendMode=skia.BlendMode.kDstOut)
        canvas.drawImage(plain, shift, 5 * self.view.scale, _SMOOTH, cut)
        over = skia.Paint(BlendMode=skia.BlendMode.kSrcATop, Alphaf=strength)
        surface.getCanvas().resetMatrix()
        surface.getCanvas().drawImage(edge.makeImageSnapshot(), 0, 0, _SMOOTH, over)
        return surface.makeImageSnapshot()

    # --- parts ------------------------------------------------------------------

    def _draw_body(self, canvas: skia.Canvas, acting: Acting) -> None:
        stance = acting.pose.stance
        if self._body is None or stance != self._stance:
            self._body, self._stance = self._body_layer(stance), stance
        box = self._body.box
        # Breathing lifts the shoulders and leaves the feet where they are.
        lift = 5.0 * acting.breath + acting.pose.shrug * 0.5
        grown = skia.Rect.MakeLTRB(box.left(), box.top() - lift, box.right(), box.bottom())
        canvas.drawImageRect(self._body.image, grown, _SMOOTH)

    def _draw_arm(
        self, canvas: skia.Canvas, left: bool, arm: Arm, acting: Acting, prop: Prop | None
    ) -> None:
        p = self.physique
        side = -1.0 if left else 1.0
        rise = 5.0 * acting.breath + acting.pose.shrug
        size = (p.upper_arm + p.forearm) / 508
        shoulder: Point = (side * (p.shoulder - p.arm[0] * 0.86), 104 - rise)
        # Targets are given for an adult's arms, and hang from the shoulder.
        reach_x = arm.x * (size if arm.y > -60 else 0.5 + 0.5 * size)
        target = (reach_x, arm.y * size if arm.y > 0 else arm.y)
        canvas.save()
        canvas.concat(self._tilt)
        bones = reach(shoulder, target, p.upper_arm, p.forearm, side)
        avatar = self.figure.avatar
        flare = 1.45 if avatar.garment in ("robe", "kimono") else 1.0
        widths = (p.arm[0], p.arm[1] * (1 + flare) / 2, p.arm[2] * flare)
        limb = Limb(bones.start, bones.middle, bones.end, widths)
        sleeve = sleeve_end(avatar.garment)
        if sleeve < 1:
            bare = Limb(
                limb.start, limb.middle, limb.end, (p.arm[0], p.arm[1] * 0.82, p.arm[2] * 0.9)
            )
            draw_limb(canvas, self.brush, bare, avatar.skin, open_start=0.2)
        angle = limb.heading(1.0) if arm.angle is None else arm.angle
        if prop is not None:
            prop.draw(canvas, limb.end, angle, self.view.flip)
        draw_hand(canvas, self.brush, avatar.skin, arm.hand, limb.end, angle, left)
        draw_limb(canvas, self.brush, limb, avatar.top, last=sleeve, open_start=0.26)
        if avatar.garment in ("suit", "shirt", "uniform", "hoodie", "sweater", "coat", "apron"):
            one, other = limb.sides(0.9, 0.901)
            canvas.drawLine(*one[0], *other[0], self.brush.line(9))
        elif avatar.garment == "stripes":
            draw_bands(canvas, self.brush, limb)
        canvas.restore()

    def _draw_head(self, canvas: skia.Canvas, acting: Acting) -> None:
        canvas.save()
        canvas.translate(_PIVOT[0], _PIVOT[1] + acting.head_y + acting.pose.drop)
        canvas.rotate(acting.pose.tilt + acting.head_tilt)
        size = 1 + 0.035 * self.view.pitch + (0.05 if self.figure.avatar.age == "child" else 0)
        canvas.scale(size, size)
        canvas.translate(-_PIVOT[0], -_PIVOT[1])
        canvas.drawImageRect(self._head.image, self._head.box, _SMOOTH)
        if not self.view.back:
            self._draw_features(canvas, acting)
        canvas.restore()

    def _draw_features(self, canvas: skia.Canvas, acting: Acting) -> None:
        avatar, brush = self.figure.avatar, self.brush
        pose = replace(acting.face, nod=acting.face.nod + 0.55 * self.view.pitch)
        face.draw_face(canvas, brush, acting.expression, avatar.skin, pose)
        head.draw_beard(canvas, brush, avatar)
        bearded = avatar.facial_hair in head.FULL_BEARDS
        face.draw_mouth(canvas, brush, acting.expression, avatar.skin, bearded, pose)
        canvas.save()
        face.turn_features(canvas, pose)
        head.draw_accessory(canvas, brush, avatar)
        canvas.restore()


class Prop:
    """Something in a hand. The base class holds nothing visible; see `compose`."""

    def draw(self, canvas: skia.Canvas, wrist: Point, angle: float, flipped: bool) -> None:
        """Draw it gripped by the hand at `wrist`, in figure units."""


_TAPER = {0.0: 0.0, 1.0: 0.00036, 2.0: 0.00105, -1.0: -0.00017}


def foreshortened(y: float, pitch: float) -> float:
    """Where a point `y` below the collar appears when seen from this pitch, figure units."""
    return y / (1 + _TAPER[pitch] * y)


def _foreshortening(pitch: float) -> skia.Matrix:
    """A body seen from above tapers and shortens towards the feet; from below it widens."""
    return skia.Matrix([1, 0, 0, 0, 1, 0, 0, _TAPER[pitch], 1])
