"""Poses as a picture can bear them: no hand or prop before a face, nothing held out of the frame.

Knows: an actor's place, the pose struck, what is held. Does not know: when anything happens.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import skia

from renderers.animatic.acting import held_name, struck_pose
from renderers.animatic.framing import Box, Frame, Placement
from renderers.animatic.held import SWUNG, HeldProp, hides
from renderers.animatic.palette import Palette, palette
from renderers.animatic.pose import IDLE, Arm, Pose, between, mirrored_arms
from renderers.animatic.props import prop_metres
from renderers.scene import PropState

_FOLDED = Arm(70, 400, angle=170.0)
_HIGHEST_HOLD = -230.0
"""Figure units: a prop that would have to be lifted higher than this stays out of frame."""


def clear_pose(
    placement: Placement, everyone: Sequence[Placement], frame: Frame, state: PropState = ""
) -> Pose:
    """The pose of an actor, with the free arm where the acting hand would hide a face, and
    with what a hand holds, in the `state` it is in, brought into the picture."""
    if placement.view.back:
        return _from_behind(struck_pose(placement.figure))
    pose = _unhidden(
        _lifted(struck_pose(placement.figure), placement, frame.low + 0.07 * frame.height),
        placement,
        everyone,
    )
    return _reached_in(
        _brought_in(_upright(pose, placement, frame), placement, frame, state), placement, frame
    )


def _from_behind(pose: Pose) -> Pose:
    """Of a back only arms that reach out are seen: what hands do before the body is hidden."""

    def out(arm: Arm, rest: Arm) -> Arm:
        return arm if abs(arm.x) > 250 and arm.layer != "head" else rest

    return replace(pose, left=out(pose.left, IDLE.left), right=out(pose.right, IDLE.right))


def _reached_in(pose: Pose, placement: Placement, frame: Frame) -> Pose:
    """Hands that the frame would cut, drawn in; those hanging at the side may leave below."""
    scale, sign = placement.view.scale, -1 if placement.view.flip else 1

    def within(arm: Arm) -> Arm:
        low = placement.y + (arm.y - 40) * scale > frame.height
        if low or arm.layer == "head":
            return arm
        x = placement.x + sign * arm.x * scale
        reach = 118 * scale
        over = max(0.0, reach - x) - max(0.0, x + reach - frame.width)
        if not over:
            return arm
        moved = arm.x + sign * over / scale
        if abs(moved) < 200 and arm.hand != "grip":
            # No room beside the body: the hand lies before it.
            return replace(_FOLDED, x=-_FOLDED.x, angle=10.0) if arm.x < 0 else _FOLDED
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


def _brought_in(pose: Pose, placement: Placement, frame: Frame, state: PropState) -> Pose:
    """Draw a holding hand in towards the body until the prop is inside the frame."""
    name = held_name(placement.figure)
    arm = pose.left if pose.grip == "left" else pose.right
    if name is None or arm.hand != "grip" or arm.layer == "head":
        return pose
    scale, sign = placement.view.scale, -1 if placement.view.flip else 1
    left, _, right, _ = HeldProp(name, palette(0, "day"), state=state).reach()
    x = placement.x + sign * arm.x * scale
    over = max(0.0, 6 - (x + left * scale)) - max(0.0, x + right * scale - (frame.width - 6))
    limit = (0.85 * frame.height - placement.y) / scale
    # Before the chest there is room for anything, beside the face only so much (an arm folded
    # that close needs the hand low); an umbrella or a gavel is not raised before the head.
    nearest = 110.0 if limit > 250 else 215.0
    nearest = max(nearest, 235.0 if prop_metres(name) > 0.7 or name in SWUNG else 0.0)
    moved = arm.x + sign * over / scale
    moved = max(moved, min(nearest, arm.x)) if arm.x > 0 else min(moved, max(-nearest, arm.x))
    sunk = abs(arm.x - moved) if limit > 250 else 0.0
    held = replace(arm, x=moved, y=max(arm.y, min(arm.y + sunk, limit)))
    return replace(pose, left=held) if pose.grip == "left" else replace(pose, right=held)


def _hides(pose: Pose, placement: Placement, faces: Sequence[Box]) -> bool:
    """Whether a hand, with the air around it or what it holds, comes before another's face."""
    scale = placement.view.scale
    name = held_name(placement.figure)
    if name is not None:
        prop = prop_box(HeldProp(name, palette(0, "day"), size=0.62), pose, placement)
        if hides(prop, faces):
            return True
    for arm in (pose.left, pose.right):
        # A hand at its own face is meant to be close to faces.
        air = (70 if arm.layer == "head" else 125) * scale
        x, y = hand_at(arm, placement)
        if hides(Box(x - air, y - air, x + air, y + air), faces):
            return True
    return False


def hand_at(arm: Arm, placement: Placement) -> tuple[float, float]:
    """A hand in pixels of the frame."""
    view = placement.view
    x = placement.x + (-arm.x if view.flip else arm.x) * view.scale
    return x, placement.y + arm.y * view.scale


def prop_box(prop: HeldProp, pose: Pose, placement: Placement) -> Box:
    """What an actor holds, in pixels of the frame."""
    x, y = hand_at(pose.left if pose.grip == "left" else pose.right, placement)
    left, top, right, bottom = (edge * placement.view.scale for edge in prop.reach())
    return Box(x + left, y + top, x + right, y + bottom)


def prop_in_hand(
    placement: Placement,
    pose: Pose,
    everyone: Sequence[Placement],
    colours: Palette,
    paint: skia.Paint | None,
    state: PropState = "",
) -> HeldProp | None:
    """What an actor holds, made smaller until it hides nobody's face."""
    name = held_name(placement.figure)
    if name is None:
        return None
    faces = [p.face for p in everyone if p is not placement and p.face is not None]
    for size in (1.0, 0.8, 0.62, 0.48, 0.36):
        prop = HeldProp(name, colours, size=size, paint=paint, state=state)
        if not hides(prop_box(prop, pose, placement), faces):
            return prop
    return None
