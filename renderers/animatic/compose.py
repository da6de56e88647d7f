"""One shot, composed: the set's plates, the actors in their places, one light on all.

A `Tableau` is built once for a scene and then drawn for any frame: a still, or every frame
of a clip with the camera moving between the planes.

Knows: which plane goes where, blur and grade by shot and mood. Does not know: how a set, an
actor or a prop is drawn, or when anything happens.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import skia

from renderers.animatic.blocking import block
from renderers.animatic.camera import CameraState
from renderers.animatic.closeup import HANDS, CloseUp, in_hands
from renderers.animatic.dressing import dress, seat, stand
from renderers.animatic.event import EventArt
from renderers.animatic.figure import Acting, Puppet
from renderers.animatic.framing import Box, Frame, Placement
from renderers.animatic.held import UNITS_PER_METRE, HeldProp
from renderers.animatic.ink import Brush
from renderers.animatic.inset import AIR, BESIDE, InsetArt, inset_area, takes_side
from renderers.animatic.light import light_for
from renderers.animatic.palette import palette
from renderers.animatic.planes import Plane, lay, move, plane, shift_between
from renderers.animatic.posing import clear_pose, prop_box, prop_in_hand
from renderers.animatic.sets import ZOOMS, SetPlates, SetSize, paint_ambient, paint_grade, paint_set
from renderers.animatic.sets.view import metre
from renderers.animatic.sheet import pixels_of
from renderers.animatic.theme import (
    brush_for,
    dressed,
    finished,
    paint_for,
    palette_for,
    paper_grain,
)
from renderers.animatic.things import Seen, Things, held_state, wanted
from renderers.animatic.view import View
from renderers.errors import BadRequest
from renderers.scene import Figure, Scene

_ZOOM_SLACK = 1.05
"""Actors are kept at the size of the camera's closest position, so that a push stays sharp."""
_UNSEEN = 1.5
"""Pixels that the far layer's corners may lag behind the camera before it is drawn anew."""


class Tableau:
    """A scene ready to be drawn at one size."""

    def __init__(self, scene: Scene, width: int, height: int) -> None:
        self.scene = scene
        self.width, self.height = width, height
        self.placements = _placed(scene, width, height)
        frame = Frame.of(width, height, scene.headroom, scene.footroom)
        self.poses = {
            p.figure.id: HANDS
            if scene.event == "shown"
            else clear_pose(p, self.placements, frame, held_state(scene, p.figure))
            for p in self.placements
        }
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
                prop_in_hand(
                    p, self.poses[p.figure.id], self.placements, colours, paint_for(scene.look),
                    held_state(scene, p.figure),
                ),
                alone=len(self.placements) == 1,
            )
            for p in self.placements
        ]  # fmt: skip
        stood = stand(self.plates, self.placements, wanted(scene))
        paint = paint_for(scene.look)
        self._things = Things(scene, self.plates, self.placements, stood, paint)
        self._dressing, self._before_actors = (
            self._themed(dress(self.plates, [s for s in stood if s.front == front]))
            for front in (False, True)
        )
        self.inset = self._inset_art()
        self.event: EventArt | CloseUp | None = None
        if scene.event and scene.event != "shown":
            art = CloseUp if scene.event == "stands" else EventArt
            self.event = art(scene, width, height, self.plates.palette)
        self._planes = [
            plane(
                replace(layer, image=finished(scene.look, layer.image, backdrop=i == 0)),
                width,
                height,
            )
            for i, layer in enumerate(self.plates.layers)
        ]
        self._front = self._front_plane()
        self._far = skia.Surface(width, height)
        self._far_image: skia.Image | None = None
        self._far_state = CameraState()

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

    def held(self) -> list[Box]:
        """What is in hands, in pixels of the still."""
        return [
            prop_box(puppet.holds, self.poses[p.figure.id], p)
            for p, puppet in zip(self.placements, self.puppets, strict=True)
            if isinstance(puppet.holds, HeldProp) and not p.view.back
        ]

    def seen(self) -> list[Seen]:
        """The things that are to be seen in it, and how they are."""
        held = [p.holds if isinstance(p.holds, HeldProp) else None for p in self.puppets]
        return list(self._things.seen(held))

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
        self._behind(canvas, camera, pivot)
        canvas.save()
        move(canvas, camera, pivot, self._planes[-1].parallax)
        paint_ambient(canvas, self.plates, seconds)
        canvas.restore()
        canvas.save()
        move(canvas, camera, pivot, 1.0)
        if self._dressing is not None:
            canvas.drawImage(self._dressing, 0, 0)
        self._things.draw(canvas, acting, seconds, still=still)
        if self.inset is not None:
            self.inset.draw(canvas, seconds, whole=still)
        if self.event is not None:
            self.event.draw(canvas, seconds, whole=still)
        for placement, puppet, state in zip(self.placements, self.puppets, acting, strict=True):
            state = replace(state, lift=min(state.lift, self._room_above(placement)))
            self._shadow(canvas, placement, puppet, state)
            seat(canvas, self.plates, placement)
            canvas.save()
            canvas.translate(placement.x, placement.y)
            canvas.scale(placement.view.scale, placement.view.scale)
            puppet.draw(canvas, state)
            canvas.restore()
        if self._before_actors is not None:
            canvas.drawImage(self._before_actors, 0, 0)
        self._things.draw(canvas, acting, seconds, still=still, front=True)
        self._things.draw_dropped(canvas, acting, still=still)
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

    def _behind(self, canvas: skia.Canvas, camera: CameraState, pivot: tuple[float, float]) -> None:
        """The set behind the actors. Resampling its far layer is the dearest part of a frame, so
        that is kept until the camera has moved by what an eye can see."""
        far, *near = self._planes
        if camera.zoom == 1:
            lay(canvas, far, camera, pivot)
        else:
            moved = shift_between(self._far_state, camera, pivot, self.width, self.height)
            if self._far_image is None or moved * far.parallax > _UNSEEN:
                # An image that is still held would be copied before its surface is drawn on.
                self._far_image = None
                lay(self._far.getCanvas(), far, camera, pivot)
                self._far_image, self._far_state = self._far.makeImageSnapshot(), camera
            canvas.drawImage(self._far_image, 0, 0)
        for layer in near:
            lay(canvas, layer, camera, pivot)

    def _before(
        self, canvas: skia.Canvas, camera: CameraState, pivot: tuple[float, float], t: float
    ) -> None:
        """What stands between the actors and the camera."""
        if self._front is not None:
            lay(canvas, self._front, camera, pivot)
        canvas.save()
        move(canvas, camera, pivot, 1.35)
        paint_ambient(canvas, self.plates, t, front=True)
        canvas.restore()

    def _front_plane(self) -> Plane | None:
        """The layer before the actors, unless something in it would hide a face or an inset."""
        layer = self.plates.front
        if layer is None:
            return None
        layer = replace(layer, image=finished(self.scene.look, layer.image))
        front = plane(layer, self.width, self.height)
        alpha = pixels_of(layer.image) >> 24
        inset = [] if self.inset is None else [self.inset.area]
        for face in (*self.faces().values(), *inset):
            left, top = max(0, round(face.left) - front.x), max(0, round(face.top) - front.y)
            low, right = max(0, round(face.bottom) - front.y), max(0, round(face.right) - front.x)
            if bool((alpha[top:low, left:right] > 12).any()):
                return None
        return front

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
    if scene.event == "shown":
        return in_hands(scene, width, height)
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
