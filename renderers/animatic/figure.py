"""One actor: a figure built once for a shot, then drawn in any state of acting.

What never changes within a shot (torso, legs, head without features) is kept as two
images at the shot's own scale; arms, features and mouth are drawn anew in every frame.

Knows: how the parts join, layers, light on a figure. Does not know: where it stands, time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import skia

from renderers.animatic import creature, creature_kinds, face, head
from renderers.animatic.body import draw_legs, draw_torso, sleeve_end, torso_path
from renderers.animatic.creature_signs import draw_sign, replaces_legs
from renderers.animatic.face import AT_REST, FACE_RIGHT, FACES, FacePose
from renderers.animatic.ink import Brush, linear
from renderers.animatic.limbs import Limb, Point, draw_bands, draw_hand, draw_limb, reach
from renderers.animatic.marks import AROUND, ONE_SIDED, clear_of_hair, draw_mark, keep_in_frame
from renderers.animatic.physique import Physique
from renderers.animatic.pose import IDLE, Arm, Pose, Stance
from renderers.animatic.sheet import Sheet
from renderers.animatic.theme import PaperBrush, raised
from renderers.animatic.view import View, foreshortened, foreshortening
from renderers.animatic.wardrobe import GARMENTS
from renderers.animatic.worn import (
    CAPE_HALF,
    draw_behind,
    draw_on_head,
    draw_sleeve_pattern,
    draw_wrap,
)
from renderers.scene import Expression, Figure

_PIVOT = (-6.0, -66.0)
_BESIDE_HEAD = -150.0
"""Where a hand is as high as the marks that hang beside a head."""
"""Where the head turns on the neck, in figure units."""
_CUFFED = {*GARMENTS} - {"robe", "stripes", "kimono", "dress", "tee"}


@dataclass(frozen=True, slots=True)
class Acting:
    """The state of an actor in one frame."""

    expression: Expression = "neutral"
    face: FacePose = AT_REST
    pose: Pose = IDLE
    head_tilt: float = 0.0
    head_y: float = 0.0
    breath: float = 0.0
    """-1 out to 1 in."""
    lift: float = 0.0
    """How far the whole body is off the ground, figure units (a jump)."""
    x: float = 0.0
    """How far the actor is from its place, figure units, positive where it looks."""
    mirrored: bool = False
    """Looking the other way."""
    holding: bool = True
    """Whether what the actor holds is in the hand now."""
    released: float | None = None
    """Seconds since it left the hand, None while it is there or never was."""
    squash: float = 0.0
    """Of the whole body, positive flat, negative long."""
    marks_age: float | None = None
    """Seconds since the expression's comic marks appeared, None for none."""


@dataclass(frozen=True, slots=True)
class _Layer:
    sheet: Sheet
    box: skia.Rect

    def draw(self, canvas: skia.Canvas, lift: float = 0.0) -> None:
        """Draw it, its upper edge `lift` figure units higher."""
        image, box = self.sheet.image, self.box
        canvas.save()
        canvas.translate(box.left(), box.top() - lift)
        canvas.scale(box.width() / image.width(), (box.height() + lift) / image.height())
        self.sheet.draw(canvas, linear())
        canvas.restore()


class Puppet:
    """An actor ready to be drawn with the origin at its collar, in figure units."""

    def __init__(
        self,
        figure: Figure,
        brush: Brush,
        view: View,
        holds: Held | None = None,
        *,
        alone: bool = True,
    ) -> None:
        # In poor light dark skin is painted a little lighter, or nobody would see the face on it.
        skin = face.readable_skin(figure.avatar.skin, brush.ambient)
        self.figure = replace(figure, avatar=replace(figure.avatar, skin=skin))
        self.holds = holds
        self.alone = alone
        self.view = view
        self.brush = replace(brush, key=-brush.key) if view.flip else brush
        self.physique = Physique.of(figure.avatar)
        self._taper = foreshortening(view.pitch)
        self._outline = torso_path(self.physique)
        self._being = creature_kinds.kind(figure.avatar.head)
        self._layers: dict[tuple[str, float], _Layer] = {}

    @property
    def feet(self) -> float:
        """Distance from the collar to the soles as seen from this pitch, figure units."""
        return foreshortened(self.physique.feet, self.view.pitch)

    def draw(self, canvas: skia.Canvas, acting: Acting) -> None:
        """Draw the actor; the canvas has its origin at the collar and one unit a figure unit."""
        pose = acting.pose
        lean = _step(pose.lean)
        canvas.save()
        if self.view.flip:
            canvas.scale(-1, 1)
        if self._being is not None and self._being.faint < 1:
            canvas.saveLayerAlpha(None, round(255 * self._being.faint))
        feet = self.feet
        canvas.translate(acting.x, feet - acting.lift)
        if acting.mirrored:
            canvas.scale(-1, 1)
        canvas.scale(1 + 0.5 * acting.squash, 1 - acting.squash)
        canvas.translate(0, -feet)
        self._draw_body(canvas, acting, lean)
        swing = _turned(lean, 0.0, min(self.physique.torso, 500.0))
        arms = (("left", pose.left), ("right", pose.right))
        for above in (False, True):
            if above:
                self._draw_head(canvas, acting, swing)
            canvas.save()
            canvas.concat(swing)
            for side, arm in arms:
                if (arm.layer == "head") == above:
                    carries = acting.holding and self._carries(pose, side)
                    prop = self.holds if carries else None
                    self._draw_arm(canvas, side == "left", arm, acting, prop)
            canvas.restore()
        if self._being is not None and self._being.faint < 1:
            canvas.restore()
        if not self.view.back and acting.marks_age is not None:
            canvas.concat(swing)
            canvas.translate(0, acting.head_y + pose.drop)
            for mark in FACES[acting.expression].marks:
                self._draw_mark(canvas, mark, acting.marks_age, pose)
        canvas.restore()

    def _draw_mark(self, canvas: skia.Canvas, mark: str, age: float, pose: Pose) -> None:
        """Comic marks stay off the face of whoever this actor looks at, and off a raised hand."""
        raised = {arm.x > 0 for arm in (pose.left, pose.right) if arm.y < _BESIDE_HEAD}
        aside = not self.alone or True in raised
        if mark in ONE_SIDED and (not aside) in raised:
            return
        canvas.save()
        flipped = self.view.flip
        if mark in ONE_SIDED and aside:
            canvas.translate(46, 0)
            canvas.scale(-1, 1)
            flipped = not flipped
        elif not self.alone:
            canvas.clipRect(skia.Rect.MakeLTRB(-1000, -1000, FACE_RIGHT, 1000))
        if mark in AROUND:
            clear_of_hair(canvas, head.outline(self.figure.avatar))
        elif mark in ONE_SIDED and {"cap", "brim"} & {*self.figure.avatar.worn.split()}:
            # Above a peak or brim, which ends where such marks hang.
            canvas.translate(0, -120)
        left, _, right, _ = head.outline(self.figure.avatar)
        hair = 46 - left if aside else right
        if mark not in ONE_SIDED or keep_in_frame(canvas, ONE_SIDED[mark], hair):
            draw_mark(canvas, self.brush, mark, age, flipped)
        canvas.restore()

    def _carries(self, pose: Pose, side: str) -> bool:
        return pose.grip == side or (pose.grip == "both" and side == "right")

    # --- layers ---------------------------------------------------------------
    # A turned image costs skia eight times what an upright one does, so every layer is kept
    # once for each (rounded) angle that it is seen at.

    def _head(self, angle: float) -> _Layer:
        key = ("head", angle)
        if key not in self._layers:
            avatar = self.figure.avatar
            left, top, right, bottom = head.outline(avatar)
            if self.view.back:
                left, right = 46 - right, 46 - left
            box = skia.Rect.MakeLTRB(
                min(left, -190) - 20, top - 20, max(right, 220) + 20, max(bottom, -10) + 20
            )

            def paint(canvas: skia.Canvas) -> None:
                if self.view.back:
                    canvas.scale(-1, 1)
                    canvas.translate(-46, 0)
                    head.draw_back_of_head(canvas, self.brush, avatar)
                else:
                    head.draw_head(canvas, self.brush, avatar)
                draw_on_head(canvas, self.brush, avatar)

            self._layers[key] = self._layer(box, _turned(angle, *_PIVOT), paint)
        return self._layers[key]

    def _body(self, stance: Stance, angle: float) -> _Layer:
        key = (stance, angle)
        if key not in self._layers:
            avatar, p = self.figure.avatar, self.physique
            skirt = avatar.garment in ("dress", "robe", "coat", "kimono")
            walks = stance != "stand"
            # A box no larger than needed: every pixel of it is paid for in every frame.
            wide = max(p.shoulder, p.hip * (1.55 if skirt or walks else 1.0)) + 24 + 40 * walks
            wide = max(wide, p.hip * 0.58 + 125)
            # From below a body widens towards the feet.
            wide *= 1.0 if self.view.pitch >= 0 else 1.35
            low = min(self.feet + 70, self.view.visible + 60)
            sign = self._being.sign if self._being is not None else ""
            wide = max(wide, 560 if sign else CAPE_HALF + 30 if "cape" in avatar.worn else 0)
            box = skia.Rect.MakeLTRB(-wide, -230 if sign else -150, wide, low)

            def paint(canvas: skia.Canvas) -> None:
                canvas.concat(self._taper)
                if not self.view.back:
                    draw_sign(canvas, self.brush, sign, "back")
                    draw_behind(canvas, self.brush, p, avatar)
                if replaces_legs(sign):
                    draw_sign(canvas, self.brush, sign, "legs")
                else:
                    draw_legs(canvas, self.brush, avatar, stance)
                draw_torso(canvas, self.brush, avatar, back=self.view.back)
                if self.view.back:
                    draw_sign(canvas, self.brush, sign, "back")

            self._layers[key] = self._layer(
                box, _turned(angle, 0.0, min(self.physique.torso, 500.0)), paint
            )
        return self._layers[key]

    def _layer(
        self, box: skia.Rect, turn: skia.Matrix, paint: Callable[[skia.Canvas], None]
    ) -> _Layer:
        """Paint what lies in `box`, turned, and light its edge."""
        scale = self.view.scale
        box = turn.mapRect(box)
        surface = skia.Surface(round(box.width() * scale) + 2, round(box.height() * scale) + 2)
        canvas = surface.getCanvas()
        canvas.scale(surface.width() / box.width(), surface.height() / box.height())
        canvas.translate(-box.left(), -box.top())
        canvas.concat(turn)
        paint(canvas)
        return _Layer(Sheet.of(self._rim_lit(surface)), box)

    def _rim_lit(self, surface: skia.Surface) -> skia.Image:
        """The layer with a thin edge of light on the key's side."""
        if isinstance(self.brush, PaperBrush):
            return raised(surface.makeImageSnapshot(), 11 * self.view.scale)
        strength = self.brush.rim_strength
        if strength > 0:
            edge = skia.Surface(surface.width(), surface.height())
            edge.getCanvas().clear(self.brush.colour(self.brush.rim))
            # What is left of the light beside the layer, moved away from the key, is on its edge.
            x, y = round(-self.brush.key * 9 * self.view.scale), round(5 * self.view.scale)
            surface.draw(edge.getCanvas(), x, y, skia.Paint(BlendMode=skia.BlendMode.kDstOut))
            over = skia.Paint(BlendMode=skia.BlendMode.kSrcATop, Alphaf=strength)
            surface.getCanvas().resetMatrix()
            edge.draw(surface.getCanvas(), 0, 0, over)
        return surface.makeImageSnapshot()

    # --- parts ------------------------------------------------------------------

    def _draw_body(self, canvas: skia.Canvas, acting: Acting, lean: float) -> None:
        # Breathing lifts the shoulders and leaves the feet where they are.
        lift = 5.0 * acting.breath + acting.pose.shrug * 0.5
        self._body(acting.pose.stance, lean).draw(canvas, lift)

    def _draw_arm(
        self, canvas: skia.Canvas, left: bool, arm: Arm, acting: Acting, prop: Held | None
    ) -> None:
        p = self.physique
        side = -1.0 if left else 1.0
        rise = 5.0 * acting.breath + acting.pose.shrug
        size = (p.upper_arm + p.forearm) / 508
        shoulder: Point = (side * (p.shoulder - p.arm[0] * 0.78), 106 - rise)
        # Targets are given for an adult's arms, and hang from the shoulder.
        reach_x = arm.x * (size if arm.y > -60 else 0.5 + 0.5 * size)
        target = (reach_x, arm.y * size if arm.y > 0 else arm.y)
        canvas.save()
        canvas.concat(self._taper)
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
        if prop is None:
            draw_hand(canvas, self.brush, avatar.skin, arm.hand, limb.end, angle, left)
        self._draw_sleeve(canvas, limb, sleeve, acting)
        if prop is not None:
            # What is held is nearer than the sleeve, and the fingers are nearer still.
            prop.draw(canvas, limb.end, angle, self.view.flip)
            draw_hand(canvas, self.brush, avatar.skin, arm.hand, limb.end, angle, left)
        canvas.restore()

    def _draw_sleeve(self, canvas: skia.Canvas, limb: Limb, end: float, acting: Acting) -> None:
        avatar = self.figure.avatar
        draw_limb(
            canvas, self.brush, limb, avatar.top, last=end, open_start=0.26,
            grows_from=self._torso(acting),
        )  # fmt: skip
        draw_sleeve_pattern(canvas, self.brush, limb, avatar, end)
        if avatar.garment in _CUFFED:
            one, other = limb.across(0.9)
            canvas.drawLine(*one, *other, self.brush.line(9))
        elif avatar.garment == "stripes":
            draw_bands(canvas, self.brush, limb)
        draw_wrap(canvas, self.brush, limb, avatar, self._torso(acting))

    def _torso(self, acting: Acting) -> skia.Path:
        path = skia.Path(self._outline)
        path.offset(0, -5.0 * acting.breath - 0.5 * acting.pose.shrug)
        return path

    def _draw_head(self, canvas: skia.Canvas, acting: Acting, swing: skia.Matrix) -> None:
        """The head sits where the leaning body carries its neck, at an angle of its own."""
        angle = _step(acting.pose.tilt + acting.head_tilt + acting.pose.lean)
        neck = swing.mapXY(_PIVOT[0], _PIVOT[1] + acting.head_y + acting.pose.drop)
        size = 1 + 0.035 * self.view.pitch + (0.05 if self.figure.avatar.age == "child" else 0)
        canvas.save()
        canvas.translate(neck.x(), neck.y())
        canvas.scale(size, size)
        canvas.translate(-_PIVOT[0], -_PIVOT[1])
        self._head(angle).draw(canvas)
        if not self.view.back:
            canvas.concat(_turned(angle, *_PIVOT))
            self._draw_features(canvas, acting)
        canvas.restore()

    def _draw_features(self, canvas: skia.Canvas, acting: Acting) -> None:
        avatar, brush = self.figure.avatar, self.brush
        pose = replace(acting.face, nod=acting.face.nod + 0.55 * self.view.pitch)
        if self._being is not None and not self._being.peep:
            self._draw_snout(canvas, acting, pose)
        else:
            face.draw_face(canvas, brush, acting.expression, avatar.skin, pose)
            head.draw_beard(canvas, brush, avatar)
            bearded = avatar.facial_hair in head.FULL_BEARDS
            face.draw_mouth(canvas, brush, acting.expression, avatar.skin, bearded, pose)
        canvas.save()
        face.turn_features(canvas, pose)
        head.draw_accessory(canvas, brush, avatar)
        canvas.restore()

    def _draw_snout(self, canvas: skia.Canvas, acting: Acting, pose: FacePose) -> None:
        """A creature's face: the artwork's eyes and mouth with a nose or beak of its own."""
        avatar, brush = self.figure.avatar, self.brush
        face.draw_face(canvas, brush, acting.expression, avatar.skin, pose, nose=False)
        mouth = pose.mouth
        opened = mouth.open if mouth is not None else 0.0
        canvas.save()
        face.turn_features(canvas, pose)
        beaked = creature.draw_snout(canvas, brush, avatar.head, opened)
        canvas.restore()
        if not beaked:
            face.draw_mouth(canvas, brush, acting.expression, avatar.skin, False, pose)
            canvas.save()
            face.turn_features(canvas, pose)
            creature.draw_teeth(canvas, brush, avatar.head)
            canvas.restore()


class Held:
    """Something in a hand. This one is invisible; see `held`."""

    def draw(self, canvas: skia.Canvas, wrist: Point, angle: float, flipped: bool) -> None:
        """Draw it gripped by the hand at `wrist`, in figure units."""


def _step(angle: float) -> float:
    """The angle in half degrees, as few drawings as an eye lets pass."""
    return round(2 * angle) / 2


def _turned(angle: float, x: float, y: float) -> skia.Matrix:
    """A turn by `angle` degrees, clockwise, about (x, y)."""
    matrix = skia.Matrix()
    matrix.setRotate(angle, x, y)
    return matrix
