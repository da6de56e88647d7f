"""One shot, composed: the set's plates, the actors in their places, one light on all.

A `Tableau` is built once for a scene and then drawn for any frame: a still, or every frame
of a clip with the camera moving between the planes.

Knows: which plane goes where, blur and grade by shot and mood. Does not know: how a set, an
actor or a prop is drawn, or when anything happens.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import skia

from renderers.animatic.acting import held_name, struck_pose
from renderers.animatic.blocking import block
from renderers.animatic.camera import CameraState
from renderers.animatic.dressing import SWUNG, UNITS_PER_METRE, HeldProp, dress, hides
from renderers.animatic.event import EventArt
from renderers.animatic.figure import Acting, Puppet, View
from renderers.animatic.framing import Box, Frame, Placement
from renderers.animatic.ink import Brush
from renderers.animatic.inset import AIR, BESIDE, InsetArt, inset_area, takes_side
from renderers.animatic.light import light_for
from renderers.animatic.palette import Palette, palette
from renderers.animatic.pose import IDLE, Arm, Pose, between, mirrored_arms
from renderers.animatic.props import find_prop, prop_metres
from renderers.animatic.sets import (
    OVERSCAN,
    ZOOMS,
    Layer,
    SetPlates,
    SetSize,
    paint_ambient,
    paint_grade,
    paint_set,
)
from renderers.animatic.sets.view import metre
from renderers.animatic.theme import (
    brush_for,
    dressed,
    finished,
    paint_for,
    palette_for,
    paper_grain,
)
from renderers.errors import BadRequest
from renderers.scene import Figure, Scene

_SMOOTH = skia.SamplingOptions(skia.FilterMode.kLinear)
_ZOOM_SLACK = 1.05
"""Actors are kept at the size of the camera's closest position, so that a push stays sharp."""
_HIGHEST_HOLD = -230.0
"""Figure units: a prop that would have to be lifted higher than this stays out of frame."""
_UNSEEN = 0.8
"""Pixels that the set may lag behind the camera before it is drawn anew."""


@dataclass(frozen=True, slots=True)
class _Cut:
    """A layer without its empty borders: `x`, `y` in pixels of the frame."""

    image: skia.Image
    x: int
    y: int
    parallax: float


class Tableau:
    """A scene ready to be drawn at one size."""

    def __init__(self, scene: Scene, width: int, height: int) -> None:
        self.scene = scene
        self.width, self.height = width, height
        self.placements = _placed(scene, width, height)
        frame = Frame.of(width, height, scene.headroom)
        self.poses = {p.figure.id: _clear_pose(p, self.placements, frame) for p in self.placements}
        self.plates = _painted(scene, self.placements, width, height)
        light = self.plates.light
        brush = Brush(
            ambient=light.ambient,
            key=self.plates.key,
            rim=light.rim,
            rim_strength=light.rim_strength,
        )
        brush = brush_for(scene.look, brush)
        colours = self.plates.palette
        self.puppets = [
            Puppet(
                _dressed(scene, p.figure),
                brush.sunk(p.dim),
                _slack(p),
                _prop(p, self.poses[p.figure.id], self.placements, colours, paint_for(scene.look)),
                alone=len(self.placements) == 1,
            )
            for p in self.placements
        ]
        held = {held_name(f) for f in scene.figures}
        stood = [w for w in scene.props if find_prop(w) not in held]
        self._dressing = self._themed(dress(self.plates, self.placements, stood))
        self.inset = self._inset_art()
        self.event = EventArt(scene, width, height, self.plates.palette) if scene.event else None
        self._layers = [
            _cut(
                replace(layer, image=finished(scene.look, layer.image, backdrop=i == 0)),
                width,
                height,
            )
            for i, layer in enumerate(self.plates.layers)
        ]
        self._front = self._front_layer()
        self._set = skia.Surface(width, height)
        self._set_image: skia.Image | None = None
        self._set_state = CameraState()

    def faces(self) -> Mapping[str, Box]:
        """Faces by figure id, in pixels of the still; those seen from behind are left out."""
        found: dict[str, Box] = {}
        for p in self.placements:
            if (face := p.face) is not None:
                sunk = self.poses[p.figure.id].drop * p.view.scale
                found[p.figure.id] = replace(face, top=face.top + sunk, bottom=face.bottom + sunk)
        return found

    def clear_of_title(self) -> Mapping[str, Box]:
        """What no title may lie over beside faces: heads with their hair, and an inset."""
        found = {f"head of {p.figure.id}": p.head for p in self.placements}
        if self.inset is not None:
            found["inset"] = self.inset.area
        return found

    def draw(
        self,
        canvas: skia.Canvas,
        acting: Sequence[Acting],
        camera: CameraState = CameraState(),  # noqa: B008 - frozen
        pivot: tuple[float, float] | None = None,
        seconds: float = 0.0,
        *,
        still: bool = False,
    ) -> None:
        """Draw one frame, `seconds` into the shot; `acting` in the order of `placements`.

        `still`: everything that appears during the shot is there.
        """
        pivot = pivot or (self.width / 2, self.height / 2)
        canvas.drawImage(self._behind(camera, pivot), 0, 0)
        canvas.save()
        _move(canvas, camera, pivot, self._layers[-1].parallax)
        paint_ambient(canvas, self.plates, seconds)
        canvas.restore()
        canvas.save()
        _move(canvas, camera, pivot, 1.0)
        if self._dressing is not None:
            canvas.drawImage(self._dressing, 0, 0)
        if self.inset is not None:
            self.inset.draw(canvas, seconds, whole=still)
        if self.event is not None:
            self.event.draw(canvas, seconds, whole=still)
        for placement, puppet, state in zip(self.placements, self.puppets, acting, strict=True):
            state = replace(state, lift=min(state.lift, self._room_above(placement)))
            self._shadow(canvas, placement, puppet, state)
            canvas.save()
            canvas.translate(placement.x, placement.y)
            canvas.scale(placement.view.scale, placement.view.scale)
            puppet.draw(canvas, state)
            canvas.restore()
        canvas.restore()
        self._before(canvas, camera, pivot, seconds)
        if self.scene.look == "flat":
            paint_grade(canvas, self.plates)
        else:
            canvas.drawImage(paper_grain(self.width, self.height), 0, 0)

    def _themed(self, picture: skia.Picture | None) -> skia.Image | None:
        """What stands about, painted once in the film's look."""
        if picture is None:
            return None
        surface = skia.Surface(self.width, self.height)
        surface.getCanvas().drawPicture(picture)
        return finished(self.scene.look, surface.makeImageSnapshot())

    def _inset_art(self) -> InsetArt | None:
        scene = self.scene
        if scene.inset is None:
            return None
        area = inset_area(scene, self.width, self.height)
        thinker = next((p for p in self.placements if p.figure.id == scene.focus), None)
        tail = thinker.head if thinker is not None else None
        return InsetArt(
            scene.inset, area, self.plates.palette, scene.palette, tail, look=scene.look
        )

    # --- planes -------------------------------------------------------------------

    def _behind(self, camera: CameraState, pivot: tuple[float, float]) -> skia.Image:
        """The set behind the actors. Resampling it is the dearest part of a frame, so it is
        kept until the camera has moved by what an eye can see."""
        moved = _shift(self._set_state, camera, pivot, self.width, self.height)
        if self._set_image is None or moved * self._layers[-1].parallax > _UNSEEN:
            canvas = self._set.getCanvas()
            for layer in self._layers:
                _lay(canvas, layer, camera, pivot)
            self._set_image, self._set_state = self._set.makeImageSnapshot(), camera
        return self._set_image

    def _before(
        self, canvas: skia.Canvas, camera: CameraState, pivot: tuple[float, float], t: float
    ) -> None:
        """What stands between the actors and the camera."""
        if self._front is not None:
            _lay(canvas, self._front, camera, pivot)
        canvas.save()
        _move(canvas, camera, pivot, 1.35)
        paint_ambient(canvas, self.plates, t, front=True)
        canvas.restore()

    def _front_layer(self) -> _Cut | None:
        """The layer before the actors, unless something in it would hide a face."""
        layer = self.plates.front
        if layer is None:
            return None
        layer = replace(layer, image=finished(self.scene.look, layer.image))
        cut = _cut(layer, self.width, self.height)
        alpha = cut.image.toarray()[:, :, 3]
        for face in self.faces().values():
            left, top = max(0, round(face.left) - cut.x), max(0, round(face.top) - cut.y)
            hidden = alpha[
                top : max(0, round(face.bottom) - cut.y), left : max(0, round(face.right) - cut.x)
            ]
            if hidden.size and bool((hidden > 12).any()):
                return None
        return cut

    def _room_above(self, placement: Placement) -> float:
        """How high an actor may jump, in figure units: not with the hair into the title."""
        if placement.face is None:
            return 40.0
        top = self.scene.headroom * self.height
        room = (placement.head.top if top else placement.face.top) - top
        return max(0.0, room / placement.view.scale)

    def _shadow(
        self, canvas: skia.Canvas, placement: Placement, puppet: Puppet, state: Acting
    ) -> None:
        """A contact shadow under the soles, smaller while they are off the ground."""
        scale = placement.view.scale
        y = placement.y + (puppet.feet - 8) * scale
        if y > self.height * 1.05:
            return
        reach = 235 * scale * (1 - min(0.4, state.lift / 260))
        dark = [skia.Color(20, 10, 40, alpha) for alpha in (130, 90, 0)]
        canvas.save()
        way = -1 if placement.view.flip else 1
        canvas.translate(placement.x + (way * state.x - 14 * self.plates.key) * scale, y)
        canvas.scale(1, 0.24 if placement.view.pitch <= 0 else 0.42)
        shader = skia.GradientShader.MakeRadial((0, 0), reach, dark, [0, 0.55, 1])
        canvas.drawCircle(0, 0, reach, skia.Paint(AntiAlias=True, Shader=shader))
        canvas.restore()


def _placed(scene: Scene, width: int, height: int) -> tuple[Placement, ...]:
    """The actors: heads and all below a title or an inset, or beside it in a wide picture."""
    if not scene.figures:
        return ()
    title = (scene.headroom + AIR) * height if scene.headroom > 0 else 0.0
    if scene.inset is not None and takes_side(scene, width, height):
        free = round((1 - BESIDE - 0.04) * width)
        left = inset_area(scene, width, height).left > width / 2
        shift = 0 if left else width - free
        placed = _below(scene, title, free, height)
        return tuple(replace(p, x=p.x + shift) for p in placed)
    top = title
    if scene.inset is not None:
        top = max(top, inset_area(scene, width, height).bottom + 0.005 * height)
    return _below(scene, top, width, height)


def _below(scene: Scene, top: float, width: int, height: int) -> tuple[Placement, ...]:
    """The actors with their hair below `top` (pixels), the camera farther away if need be."""
    placed = block(scene, width, height)
    if top <= 0:
        return placed
    share = max(scene.headroom, top / height)
    while share < 0.6:
        try:
            tried = block(replace(scene, headroom=share), width, height)
        except BadRequest:
            break
        placed = tried
        if all(p.head.top >= top for p in placed if not p.view.back):
            break
        share += 0.02
    return placed


def _painted(scene: Scene, placements: Sequence[Placement], width: int, height: int) -> SetPlates:
    """The set, as near and as high as the actors say the camera is."""
    size = SetSize(width, height, ZOOMS[scene.shot.scale])
    focus = next((p for p in placements if p.figure.id == scene.focus), None)
    anchor = focus or (placements[-1] if placements else None)
    if anchor is not None:
        whole = metre(SetSize(width, height)) * height
        zoom = anchor.view.scale * UNITS_PER_METRE / whole
        size = SetSize(width, height, zoom, anchor.soles / height)
    return paint_set(
        scene.place,
        palette_for(scene.look, palette(scene.palette, scene.time_of_day)),
        light_for(scene.time_of_day, scene.place),
        size,
        lettering=scene.lettering,
        # Not the scene's own seed: a place looks the same in every beat of a film.
        seed=scene.palette,
        angle=scene.shot.angle,
        orientation=scene.shot.orientation,
    )


def _dressed(scene: Scene, figure: Figure) -> Figure:
    """A figure in the film's look: everybody the focus's colours would be nobody's."""
    lead = figure.id == scene.focus or len(scene.figures) == 1
    return replace(figure, avatar=dressed(scene.look, figure.avatar, lead))


def _slack(placement: Placement) -> View:
    return replace(placement.view, scale=placement.view.scale * _ZOOM_SLACK)


def _cut(layer: Layer, width: int, height: int) -> _Cut:
    """Cut a layer down to what is painted on it: empty pixels cost as much as others."""
    x, y = round(OVERSCAN * width), round(OVERSCAN * height)
    alpha = layer.image.toarray()[:, :, 3] > 0
    rows, columns = np.flatnonzero(alpha.any(axis=1)), np.flatnonzero(alpha.any(axis=0))
    if not rows.size:
        return _Cut(layer.image.makeSubset(skia.IRect.MakeWH(1, 1)), 0, 0, layer.parallax)
    left, right = int(columns[0]), int(columns[-1]) + 1
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    image = layer.image.makeSubset(skia.IRect.MakeLTRB(left, top, right, bottom))
    return _Cut(image, left - x, top - y, layer.parallax)


def _lay(canvas: skia.Canvas, layer: _Cut, camera: CameraState, pivot: tuple[float, float]) -> None:
    if camera == CameraState():
        # On whole pixels an image is copied, not resampled.
        canvas.drawImage(layer.image, layer.x, layer.y)
        return
    canvas.save()
    _move(canvas, camera, pivot, layer.parallax)
    canvas.drawImage(layer.image, layer.x, layer.y, _SMOOTH)
    canvas.restore()


def _shift(
    first: CameraState,
    second: CameraState,
    pivot: tuple[float, float],
    width: int,
    height: int,
) -> float:
    """How far two states of the camera lie apart, in pixels at the frame's far corner."""
    reach = math.hypot(max(pivot[0], width - pivot[0]), max(pivot[1], height - pivot[1]))
    shift = math.hypot(first.x - second.x, first.y - second.y)
    return shift + reach * abs(first.zoom - second.zoom)


def _move(
    canvas: skia.Canvas, camera: CameraState, pivot: tuple[float, float], depth: float
) -> None:
    """Apply the camera to a plane: what is farther away moves and grows less."""
    zoom = math.exp(math.log(max(0.5, camera.zoom)) * depth)
    canvas.translate(pivot[0] + camera.x * depth, pivot[1] + camera.y * depth)
    canvas.scale(zoom, zoom)
    canvas.translate(-pivot[0], -pivot[1])


def _clear_pose(placement: Placement, everyone: Sequence[Placement], frame: Frame) -> Pose:
    """The pose of an actor, with the free arm where the acting hand would hide a face, and
    with what a hand holds brought into the picture."""
    pose = _unhidden(
        _lifted(struck_pose(placement.figure), placement, frame.low + 0.07 * frame.height),
        placement,
        everyone,
    )
    return _reached_in(
        _brought_in(_upright(pose, placement, frame), placement, frame), placement, frame
    )


def _reached_in(pose: Pose, placement: Placement, frame: Frame) -> Pose:
    """Hands that the frame would cut, drawn in; those hanging at the side may leave below."""
    scale, sign = placement.view.scale, -1 if placement.view.flip else 1

    def within(arm: Arm) -> Arm:
        if arm.y > 520 or arm.layer == "head" or placement.view.back:
            return arm
        x = placement.x + sign * arm.x * scale
        reach = 118 * scale
        over = max(0.0, reach - x) - max(0.0, x + reach - frame.width)
        if not over:
            return arm
        moved = arm.x + sign * over / scale
        if abs(moved) < 200 and arm.hand != "grip":
            # No room beside the body: the arm hangs.
            return replace(IDLE.left if arm.x < 0 else IDLE.right, layer=arm.layer)
        # Not through the body.
        moved = max(moved, 120.0) if arm.x > 0 else min(moved, -120.0)
        return replace(arm, x=moved)

    return replace(pose, left=within(pose.left), right=within(pose.right))


def _upright(pose: Pose, placement: Placement, frame: Frame) -> Pose:
    """A bow no deeper than the captions allow."""
    face = placement.face
    if face is None or pose.drop <= 0:
        return pose
    return replace(
        pose, drop=max(0.0, min(pose.drop, (frame.low - face.bottom) / placement.view.scale))
    )


def _unhidden(pose: Pose, placement: Placement, everyone: Sequence[Placement]) -> Pose:
    others = [p.face for p in everyone if p is not placement and p.face is not None]
    if not others or not _hides(pose, placement, others):
        return pose
    mirrored = mirrored_arms(pose)
    if pose.act != "sip" and not _hides(mirrored, placement, others):
        return mirrored
    for share in (0.75, 0.5, 0.25):
        drawn_in = between(IDLE, pose, share)
        if not _hides(drawn_in, placement, others):
            return replace(drawn_in, act=pose.act)
    return IDLE


def _lifted(pose: Pose, placement: Placement, low: float) -> Pose:
    limit = (low - placement.y) / placement.view.scale - 60
    if limit < _HIGHEST_HOLD:
        return pose

    def lift(arm: Arm) -> Arm:
        if arm.hand != "grip" or arm.y <= limit:
            return arm
        # Beside the face, not before it.
        away = 345 if limit < 0 else abs(arm.x)
        return replace(arm, x=away if arm.x >= 0 else -away, y=limit)

    return replace(pose, left=lift(pose.left), right=lift(pose.right))


def _brought_in(pose: Pose, placement: Placement, frame: Frame) -> Pose:
    """Draw a holding hand in towards the body until the prop is inside the frame."""
    name = held_name(placement.figure)
    arm = pose.left if pose.grip == "left" else pose.right
    if name is None or arm.hand != "grip" or arm.layer == "head":
        return pose
    scale, sign = placement.view.scale, -1 if placement.view.flip else 1
    left, _, right, _ = HeldProp(name, palette(0, "day")).reach()
    x = placement.x + sign * arm.x * scale
    over = max(0.0, 6 - (x + left * scale)) - max(0.0, x + right * scale - (frame.width - 6))
    limit = (0.85 * frame.height - placement.y) / scale
    # Before the chest there is room for anything, beside the face only so much (an arm folded
    # that close needs the hand low); an umbrella or a gavel is not raised before the head.
    nearest = 110.0 if limit > 320 else 215.0
    nearest = max(nearest, 235.0 if prop_metres(name) > 0.7 or name in SWUNG else 0.0)
    moved = arm.x + sign * over / scale
    moved = max(moved, min(nearest, arm.x)) if arm.x > 0 else min(moved, max(-nearest, arm.x))
    sunk = abs(arm.x - moved) if limit > 320 else 0.0
    held = replace(arm, x=moved, y=max(arm.y, min(arm.y + sunk, limit)))
    return replace(pose, left=held) if pose.grip == "left" else replace(pose, right=held)


def _hides(pose: Pose, placement: Placement, faces: Sequence[Box]) -> bool:
    """Whether a hand, with the air around it or what it holds, comes before another's face."""
    scale = placement.view.scale
    name = held_name(placement.figure)
    if name is not None:
        prop = _prop_box(HeldProp(name, palette(0, "day"), size=0.62), pose, placement)
        if hides(prop, faces):
            return True
    for arm in (pose.left, pose.right):
        # A hand at its own face is meant to be close to faces.
        air = (70 if arm.layer == "head" else 125) * scale
        x, y = _hand_at(arm, placement)
        if hides(Box(x - air, y - air, x + air, y + air), faces):
            return True
    return False


def _hand_at(arm: Arm, placement: Placement) -> tuple[float, float]:
    """A hand in pixels of the frame."""
    view = placement.view
    x = placement.x + (-arm.x if view.flip else arm.x) * view.scale
    return x, placement.y + arm.y * view.scale


def _prop_box(prop: HeldProp, pose: Pose, placement: Placement) -> Box:
    x, y = _hand_at(pose.left if pose.grip == "left" else pose.right, placement)
    left, top, right, bottom = (edge * placement.view.scale for edge in prop.reach())
    return Box(x + left, y + top, x + right, y + bottom)


def _prop(
    placement: Placement,
    pose: Pose,
    everyone: Sequence[Placement],
    colours: Palette,
    paint: skia.Paint | None,
) -> HeldProp | None:
    """What an actor holds, made smaller until it hides nobody's face."""
    name = held_name(placement.figure)
    if name is None:
        return None
    faces = [p.face for p in everyone if p is not placement and p.face is not None]
    for size in (1.0, 0.8, 0.62, 0.48, 0.36):
        prop = HeldProp(name, colours, size=size, paint=paint)
        if not hides(_prop_box(prop, pose, placement), faces):
            return prop
    return None
