"""Gestures with a movement of their own, and what a strong feeling does to the whole body.

Knows: poses, the state of an actor in a frame. Does not know: scores, speech, drawing.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Literal

from renderers.animatic.easing import smooth
from renderers.animatic.figure import Acting
from renderers.animatic.pose import IDLE, Arm, Pose, between
from renderers.scene import Expression


def slammed(acting: Acting, since: float, side: Literal["left", "right"]) -> Acting:
    """Raise, strike, hold, raise again."""
    pose = acting.pose
    cycle = since - 0.42
    if cycle < 0:
        return replace(acting, head_y=acting.head_y - 10 * smooth(since / 0.42))
    arm, out = (pose.left, -1) if side == "left" else (pose.right, 1)
    # Close to the body: farther out the frame would cut what is held.
    down = replace(arm, x=out * 190, y=255, angle=72.0 if out > 0 else 108.0)
    share = (cycle / 0.1) ** 2 if cycle < 0.1 else 1 - smooth((cycle - 0.75) / 0.5)
    struck = between(pose, replace(with_arm(pose, side, down), lean=pose.lean + 4), share)
    jolt = 22 * math.exp(-9 * max(0.0, cycle - 0.1)) * (cycle > 0.1)
    return replace(acting, pose=struck, head_y=acting.head_y + jolt)


def busy(acting: Acting, t: float, reach: float) -> Acting:
    pose = acting.pose
    shake = reach * math.sin(2 * math.pi * 6.3 * t)
    return replace(
        acting,
        pose=replace(
            pose,
            left=replace(pose.left, y=pose.left.y + shake),
            right=replace(pose.right, y=pose.right.y - shake),
        ),
    )


def emote(acting: Acting, expression: Expression, t: float) -> Acting:
    """What a strong feeling does to the whole body."""
    if expression == "laughing":
        shake = abs(math.sin(2 * math.pi * 2.4 * t))
        return replace(acting, head_y=acting.head_y - 9 * shake, breath=acting.breath + 1.6 * shake,
                       head_tilt=acting.head_tilt - 2 * shake)  # fmt: skip
    if expression == "crying":
        sob = max(0.0, math.sin(2 * math.pi * 1.4 * t)) ** 2
        return replace(acting, head_y=acting.head_y + 8 - 9 * sob, breath=acting.breath + 1.5 * sob)
    if expression in ("afraid", "furious"):
        jitter = math.sin(2 * math.pi * 9.1 * t) * (0.5 + 0.5 * math.sin(2 * math.pi * 0.7 * t))
        return replace(acting, head_tilt=acting.head_tilt + 0.7 * jitter)
    if expression in ("sad", "tired", "embarrassed"):
        return replace(
            acting, head_y=acting.head_y + 12, face=replace(acting.face, nod=acting.face.nod + 0.35)
        )
    return acting


def with_arm(pose: Pose, side: Literal["left", "right"], arm: Arm) -> Pose:
    return replace(pose, left=arm) if side == "left" else replace(pose, right=arm)


def leading(pose: Pose) -> Literal["left", "right"]:
    """The arm that a one-handed gesture is made with."""

    def away(arm: Arm, rest: Arm) -> float:
        return math.hypot(arm.x - rest.x, arm.y - rest.y)

    return "left" if away(pose.left, IDLE.left) > away(pose.right, IDLE.right) + 1 else "right"
