"""Blocking: where every actor stands in the frame, how large, and which way it looks.

The rules of the frame are kept here and nowhere else: no face in the headroom, none in the
caption zone, none behind another head, no head cut by the frame (an extreme close-up may
crop hair, never eyes or mouth).

Knows: shots, sizes of heads, the frame. Does not know: sets, motion, drawing.
"""

from __future__ import annotations

import zlib
from dataclasses import replace
from itertools import pairwise

from renderers.animatic.arrangement import arranged
from renderers.animatic.face import FACE_BOTTOM, FACE_LEFT, FACE_RIGHT, FACE_TOP
from renderers.animatic.framing import Frame, Placement
from renderers.animatic.head import outline
from renderers.animatic.view import View
from renderers.errors import BadRequest
from renderers.scene import Figure, Scene, ShotAngle, ShotScale

PITCH: dict[ShotAngle, float] = {
    "eye-level": 0.0,
    "high angle": 1.0,
    "low angle": -1.0,
    "bird's-eye view": 2.0,
}
_SKULL_WIDTH = 385.0
_FACE_HEIGHT = FACE_BOTTOM - FACE_TOP
# Figure units between crown and the lower frame edge, the widest a skull may be as a share of
# the frame's width, and where the face's middle lies between headroom and captions.
_FRAMING: dict[ShotScale, tuple[float, float, float]] = {
    "extreme full shot": (3100.0, 0.19, 0.55),
    "full shot": (2060.0, 0.32, 0.30),
    "medium full shot": (1480.0, 0.38, 0.36),
    "medium shot": (1030.0, 0.47, 0.42),
    "medium close-up": (780.0, 0.58, 0.46),
    "close-up": (600.0, 0.74, 0.52),
    "extreme close-up": (420.0, 0.99, 0.50),
}
_STANDING: dict[ShotScale, float] = {"extreme full shot": 0.885, "full shot": 0.945}
"""Where the soles are when the whole body is in frame, as a share of the height."""
_OVER_SHOULDER: frozenset[ShotScale] = frozenset(
    {"medium full shot", "medium shot", "medium close-up", "close-up"}
)


def block(scene: Scene, width: int, height: int) -> tuple[Placement, ...]:
    """Place every figure of a scene, ordered back to front."""
    if not scene.figures:
        return ()
    frame = Frame.of(width, height, scene.headroom, scene.footroom)
    placed = arranged(scene, frame, _standing_about(scene, frame))
    return tuple(_visible(frame, p) for p in placed)


def _standing_about(scene: Scene, frame: Frame) -> tuple[Placement, ...]:
    """Everybody on their feet, as the shot wants them."""
    figures = scene.figures
    focus = next((f for f in figures if f.id == scene.focus), figures[0])
    if len(figures) == 1:
        return (_alone(scene, frame, focus),)
    behind = scene.shot.orientation == "back view"
    over = scene.shot.orientation == "three-quarter view" and scene.shot.scale in _OVER_SHOULDER
    over &= scene.shot.angle != "bird's-eye view"
    if len(figures) == 2 and (over or behind) and not scene.arrangement:
        return _over_shoulder(scene, frame, focus, from_focus=behind)
    whole = scene.shot.scale in _STANDING
    rows = ((), figures) if whole else _rows(figures, focus, frame)
    return _group(scene, frame, focus, rows)


def base_scale(scene: Scene, frame: Frame) -> float:
    """Pixels a figure unit for an actor alone in this shot."""
    shot = scene.shot
    down, across, _ = _FRAMING[shot.scale]
    if shot.scale == "extreme close-up":
        tall = 0.97 * (frame.low - frame.top) / _FACE_HEIGHT
        return min(tall, 0.92 * frame.width / (FACE_RIGHT - FACE_LEFT))
    crown = max(0.05 * frame.height, frame.top - 75 * frame.height / 2000)
    scale = min((frame.height - crown) / down, across * frame.width / _SKULL_WIDTH)
    return scale * {"low angle": 1.04, "bird's-eye view": 0.8}.get(shot.angle, 1.0)


def _settle(scene: Scene, frame: Frame, placement: Placement, middle: float) -> Placement:
    """Move an actor so that its face's middle is at `middle` and every rule is kept.

    A head too tall for its room is made smaller.
    """
    view = placement.view
    crop = scene.shot.scale == "extreme close-up"
    _, hair, _, _ = outline(placement.figure.avatar)
    room = frame.low - frame.top
    scale = min(view.scale, room / _FACE_HEIGHT)
    edge = 0.012 * frame.height
    if not crop:
        scale = min(scale, (frame.low - edge) / (FACE_BOTTOM - hair))
    y = middle - scale * (FACE_TOP + FACE_BOTTOM) / 2
    y = max(y, frame.top - scale * FACE_TOP)
    if not crop:
        y = max(y, edge - scale * hair)
    y = min(y, frame.low - scale * FACE_BOTTOM)
    placed = replace(placement, view=replace(view, scale=scale), y=y)
    return _inside(frame, placed, crop)


def _inside(frame: Frame, placement: Placement, crop: bool) -> Placement:
    """Shift an actor sideways until its head (in a crop: its face) is in the frame."""
    box = placement.face if crop else placement.head
    if box is None:
        return placement
    edge = 0.01 * frame.width
    if box.right - box.left > frame.width - 2 * edge:
        return replace(placement, x=placement.x + frame.width / 2 - (box.left + box.right) / 2)
    shift = max(0.0, edge - box.left) - max(0.0, box.right - (frame.width - edge))
    return replace(placement, x=placement.x + shift)


def _view(scene: Scene, frame: Frame, scale: float, flip: bool, back: bool = False) -> View:
    return View(scale, flip, back, PITCH[scene.shot.angle])


def _turn(scene: Scene, alone: bool) -> float:
    """How far faces turn from the artwork's three-quarter view."""
    front = -0.75 if alone else -0.3
    return {"front view": front, "side view": 0.6}.get(scene.shot.orientation, 0.15)


def _faces_left(figure: Figure) -> bool:
    """Alone, a character always looks the same way, so that cuts keep the eye-line."""
    return zlib.crc32(figure.id.encode()) % 2 == 1


def _middle(scene: Scene, frame: Frame) -> float:
    share = _FRAMING[scene.shot.scale][2]
    share -= {"low angle": 0.05, "high angle": -0.03}.get(scene.shot.angle, 0.0)
    return frame.top + share * (frame.low - frame.top)


def _standing(scene: Scene, frame: Frame, placement: Placement) -> Placement:
    """Put the soles where the shot wants them, if the whole body is in frame."""
    soles = _STANDING.get(scene.shot.scale)
    if soles is None or placement.view.pitch > 1:
        # Seen from high above, an actor stands in the middle of the floor.
        return placement
    hair = outline(placement.figure.avatar)[1]
    view = placement.view
    feet = (placement.soles - placement.y) / view.scale
    tallest = (soles - 0.012) * frame.height / (feet - hair)
    view = replace(view, scale=min(view.scale, tallest))
    placement = replace(placement, view=view)
    y = placement.y + soles * frame.height - placement.soles
    y = max(y, frame.top - FACE_TOP * placement.view.scale)
    return replace(placement, y=min(y, frame.low - FACE_BOTTOM * placement.view.scale))


def _alone(scene: Scene, frame: Frame, figure: Figure) -> Placement:
    flip = _faces_left(figure)
    back = scene.shot.orientation == "back view"
    lead = {"side view": 0.07, "three-quarter view": 0.04}.get(scene.shot.orientation, 0.0)
    lead *= 0 if scene.shot.scale == "extreme close-up" else frame.width * (1 if flip else -1)
    scale = base_scale(scene, frame)
    view = _view(scene, frame, scale, flip, back)
    # The face, not the spine, is what the eye takes for the middle.
    middle = 38 if scene.shot.scale == "extreme close-up" else 24
    x = frame.width / 2 + lead + (middle if flip else -middle) * scale
    placement = Placement(figure, view, x, 0, _turn(scene, True))
    placement = _settle(scene, frame, placement, _middle(scene, frame))
    return _visible(frame, _standing(scene, frame, placement))


def _visible(frame: Frame, placement: Placement) -> Placement:
    """Note how far down the body is seen, so that no more of it is drawn."""
    units = (1.15 * frame.height - placement.y) / placement.view.scale
    return replace(placement, view=replace(placement.view, visible=max(120.0, units)))


def _over_shoulder(
    scene: Scene, frame: Frame, focus: Figure, *, from_focus: bool
) -> tuple[Placement, ...]:
    """One faces the camera, the other is a large back in the foreground.

    `from_focus`: it is the focus whose back we see.
    """
    left, right = scene.figures[0], scene.figures[1]
    near = focus if from_focus else (left if right is focus else right)
    far = left if near is right else right
    near_left = near is left
    wide = frame.width > 1.1 * frame.height
    scale = base_scale(scene, frame) * (0.94 if wide else 0.86)
    x = frame.width * ((0.64 if wide else 0.60) if near_left else (0.36 if wide else 0.40))
    view = _view(scene, frame, scale, flip=near_left)
    speaker = Placement(far, view, x, 0, 0.0)
    speaker = _settle(scene, frame, speaker, _middle(scene, frame) - 0.03 * frame.height)
    speaker = _standing(scene, frame, speaker)
    scale = speaker.view.scale
    back = Placement(
        near,
        replace(view, scale=scale * 1.2, flip=not near_left, back=True),
        frame.width * (0.2 if near_left else 0.8),
        0,
        dim=0.55,
    )
    for attempt in range(24):
        face = speaker.face
        assert face is not None
        # Beside the face where there is room for that, else below the chin.
        beside = wide and attempt < 12
        crown = 0.30 * frame.height if beside else max(0.56 * frame.height, face.bottom + 4)
        hair = outline(near.avatar)[1] * back.view.scale
        back = _inside(frame, replace(back, y=crown - hair), False)
        if not back.head.meets(face):
            break
        back = replace(back, view=replace(back.view, scale=back.view.scale * 0.95))
        shift = 0.012 * frame.width * (1 if near_left else -1)
        speaker = _inside(frame, replace(speaker, x=speaker.x + shift), False)
    return _visible(frame, speaker), _visible(frame, back)


def _rows(
    figures: tuple[Figure, ...], focus: Figure, frame: Frame
) -> tuple[tuple[Figure, ...], tuple[Figure, ...]]:
    """(back row, front row), each left to right. A tall frame takes two rows from three on."""
    if len(figures) == 2 or frame.width > 1.25 * frame.height:
        return (), figures
    if len(figures) == 3:
        return tuple(f for f in figures if f is not focus), (focus,)
    index = figures.index(focus)
    front = {index, (index + 2) % 4}
    return (
        tuple(f for i, f in enumerate(figures) if i not in front),
        tuple(f for i, f in enumerate(figures) if i in front),
    )


def _group(
    scene: Scene, frame: Frame, focus: Figure, rows: tuple[tuple[Figure, ...], tuple[Figure, ...]]
) -> tuple[Placement, ...]:
    """Rows of actors who look at each other, the focus nearest; shrunk until all is clear."""
    scale = base_scale(scene, frame)
    for _ in range(60):
        placed = _try_group(scene, frame, focus, rows, scale)
        if placed is not None:
            return placed
        scale *= 0.955
    raise BadRequest(
        f"{len(scene.figures)} figures do not fit a {frame.width:.0f}×{frame.height:.0f} frame: "
        "use fewer, or less headroom"
    )


def _try_group(
    scene: Scene,
    frame: Frame,
    focus: Figure,
    rows: tuple[tuple[Figure, ...], tuple[Figure, ...]],
    scale: float,
) -> tuple[Placement, ...] | None:
    """The group at one scale, or None where a rule would be broken."""
    crop = scene.shot.scale == "extreme close-up"
    back_row, front_row = rows
    # The back row's chins clear the hair of the front row.
    tallest = max(-outline(f.avatar)[1] for f in front_row)
    lift = (tallest + 10) * scale if back_row else 0.0
    placed: list[Placement] = []
    collar = 0.0
    for row, size in ((front_row, 1.0), (back_row, 0.86)):
        spots = _row(scene, frame, focus, row, scale * size) if row else []
        if spots is None:
            return None
        for spot in spots:
            near = 12 * scale if spot.figure is focus else 0
            child = 150 * scale if spot.figure.avatar.age == "child" and not back_row else 0
            middle = _middle(scene, frame) + lift / 2 + near + child
            settled = _standing(scene, frame, _settle(scene, frame, spot, middle))
            if row is back_row:
                settled = replace(settled, y=collar - lift)
            placed.append(settled)
        collar = min(p.y for p in placed)
    placed.sort(key=lambda p: (p.figure in front_row, p.figure is focus))
    if any(_clipped(frame, p, crop) for p in placed):
        return None
    for i, near in enumerate(placed):
        for far in placed[:i]:
            if (face := far.face) and near.head.meets(face):
                return None
            if (face := near.face) and (other := far.face) and face.meets(other):
                return None
    return tuple(_visible(frame, p) for p in placed)


def _clipped(frame: Frame, placement: Placement, crop: bool) -> bool:
    box = placement.face if crop and placement.face else placement.head
    return (
        box.left < -1
        or box.right > frame.width + 1
        or (not crop and box.top < -1)
        or (placement.face is not None and placement.face.bottom > frame.low + 1)
        or (placement.face is not None and placement.face.top < frame.top - 1)
    )


def _row(
    scene: Scene, frame: Frame, focus: Figure, row: tuple[Figure, ...], scale: float
) -> list[Placement] | None:
    """Spread a row over the width, each looking at the others; None if it is too wide."""
    back = scene.shot.orientation == "back view"
    spots: list[Placement] = []
    for i, figure in enumerate(row):
        flip = i >= len(row) / 2 if len(row) > 1 else _faces_left(figure)
        own = scale * (1.0 if figure is focus else 0.9)
        away = figure.manner == "turned away" and figure is not focus
        view = _view(scene, frame, own, flip, away or (back and figure is focus))
        dim = 0.0 if figure is focus else 0.3
        spots.append(Placement(figure, view, 0, 0, _turn(scene, False), dim))
    needed = [0.0]
    for one, other in pairwise(spots):
        in_front = one if one.figure is focus else other
        behind = other if in_front is one else one
        # The nearer head's hair must clear the other's face; faces keep a little air.
        hair = in_front.head
        reach_front = hair.right if in_front is one else -hair.left
        face = (replace(behind, view=replace(behind.view, back=False))).face
        assert face is not None
        reach_behind = -face.left if behind is other else face.right
        needed.append(reach_front + reach_behind + 24 * scale)
    left, right = -spots[0].head.left, spots[-1].head.right
    total = left + sum(needed) + right
    if total > 0.98 * frame.width:
        return None
    # Spare width goes between the actors first, but people who talk stand close.
    spare = 0.98 * frame.width - total
    gap = min(0.5 * spare / max(1, len(row) - 1), 150 * scale) if len(row) > 1 else 0.0
    x = (frame.width - total - gap * (len(row) - 1)) / 2 + left
    placed: list[Placement] = []
    for spot, need in zip(spots, needed, strict=True):
        x += need + (gap if placed else 0.0)
        placed.append(replace(spot, x=x))
    return placed
