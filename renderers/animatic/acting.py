"""What an actor does over a clip: speaks, breathes, blinks, gestures, reacts.

A `Part` is one actor's score. It is a pure function of time and a seed: any frame can be
asked for, in any order, and always looks the same.

Knows: figures, timing, the principles of animation (anticipation, overshoot, settling).
Does not know: drawing, frames, cameras.
"""

from __future__ import annotations

import math
import random
import zlib
from dataclasses import dataclass, replace

from renderers.animatic.easing import pulse, smooth, spring, wave
from renderers.animatic.face import FACES, FacePose, Mouth
from renderers.animatic.figure import Acting
from renderers.animatic.gestures import busy, emote, leading, slammed, with_arm
from renderers.animatic.lipsync import Speech
from renderers.animatic.pose import HOLD, IDLE, Arm, Pose, between, recognise
from renderers.animatic.props import find_prop
from renderers.scene import Expression, Figure, PropMove

_STARTLED: frozenset[Expression] = frozenset(
    {"surprised", "shocked", "afraid", "awe", "furious", "embarrassed", "hopeful"}
)
_BLINK = 0.17
"""Seconds from open to open."""
_TALKING = Pose(left=IDLE.left, right=Arm(300, 250, "open", angle=-35.0))
_TALKING_BOTH = Pose(
    left=Arm(-290, 300, "flat", angle=-160.0), right=Arm(300, 270, "open", angle=-30.0)
)
HANDED_OVER = 0.45
"""Share of the clip after which a thing that is handed over is in the other's hand."""
_OPEN_AT_REST = 0.5
"""How wide a speaker's mouth is on a still."""


@dataclass(frozen=True, slots=True)
class Part:
    """One actor's score. Times in seconds from the start of the clip."""

    figure: Figure
    pose: Pose
    start: Pose
    turn: float
    seconds: float
    fps: int
    speech: Speech | None
    """Of this actor, None for those who do not speak."""
    blinks: tuple[float, ...]
    reacts: float | None
    """When the expression changes from neutral to the figure's own; None: it holds it."""
    enters: float
    """When the body goes from `start` to `pose`."""
    phase: float
    handles: PropMove = ""
    """What it does with what it holds."""
    offstage: float = 400.0
    """How far out of its place the actor is out of the picture, figure units, negative behind."""

    def still(self) -> Acting:
        """How the actor looks on a still: the pose struck, the mouth as its beat has it."""
        open_mouth = Mouth(_OPEN_AT_REST) if self.figure.speaking else None
        return Acting(
            expression=self.figure.expression,
            face=FacePose(mouth=open_mouth, turn=self.turn, blink=self._shut(self.seconds)),
            pose=self.pose,
            holding=self.figure.manner != "takes" and self.handles not in ("put down", "dropped"),
            marks_age=0.6 if FACES[self.figure.expression].marks else None,
        )

    def at(self, frame: int) -> Acting:
        """The actor in one frame."""
        t = frame / self.fps
        stress = float(self.speech.stress[frame]) if self.speech is not None else 0.0
        changed = self.reacts is None or t >= self.reacts
        expression: Expression = self.figure.expression if changed else "neutral"
        since = t if self.reacts is None else t - self.reacts
        mouth = self.speech.mouth(frame) if self.speech is not None else None
        idle = wave(t, 3.3, self.phase)
        acting = Acting(
            expression=expression,
            face=FacePose(
                mouth=mouth,
                blink=max(self._blink(t), self._shut(t)),
                brows=self._brows(stress, expression),
                turn=self.turn + 0.1 * wave(t, 5.1, self.phase) + 0.12 * stress,
                nod=0.12 * wave(t, 4.3, self.phase + 1),
            ),
            pose=self._pose(t, stress),
            head_tilt=1.1 * wave(t, 4.1, self.phase + 2) + self._talk_tilt(t, stress),
            head_y=2.5 * idle - 3 + 13 * stress * (0.6 + 0.4 * wave(t, 0.9, self.phase)),
            breath=idle,
            x=self._weight(t, stress),
            marks_age=self._marks(since, changed),
        )
        acted = self._react(self._act(acting, t, stress), since)
        return self._handled(self._moved(emote(acted, expression, t), t), t)

    def fast(self, t: float) -> bool:
        """Whether the actor moves so fast that every frame needs a drawing."""
        if self.pose != self.start and 0 <= t - self.enters < 0.34:
            return True
        if self.figure.manner == "rises" and t < 0.5:
            return True
        return self.reacts is not None and 0 <= t - self.reacts < 0.36

    # --- parts of the score -----------------------------------------------------

    def _shut(self, t: float) -> float:
        """Eyes closed in an embrace."""
        return smooth((t - 0.5) / 0.25) if self.pose.act == "hold" else 0.0

    def _moved(self, acting: Acting, t: float) -> Acting:
        """Where the whole body goes during the shot."""
        match self.figure.manner:
            case "enters":
                return self._across(acting, t, 1 - smooth((t - 0.1) / min(1.1, 0.4 * self.seconds)))
            case "leaves":
                start = max(0.62 * self.seconds, self.seconds - 1.5)
                return self._across(acting, t, smooth((t - start) / 1.3))
            case "paces":
                way = math.sin(2 * math.pi * t / 3.4)
                step = abs(math.sin(2 * math.pi * 1.5 * t)) * abs(math.cos(2 * math.pi * t / 3.4))
                return replace(acting, x=acting.x + 95 * way, lift=acting.lift + 16 * step)
            case "rises":
                up = spring((t - 0.08) / 0.4)
                return replace(acting, lift=acting.lift - 620 * (1 - up))
            case "turns round":
                turned = t > 0.55
                swing = max(0.0, 1 - abs(t - 0.55) / 0.16)
                return replace(acting, mirrored=not turned, squash=acting.squash - 0.03 * swing)
            case "gives":
                return replace(acting, holding=t < HANDED_OVER * self.seconds)
            case "takes":
                return replace(acting, holding=t >= HANDED_OVER * self.seconds)
            case _:
                return acting

    def _handled(self, acting: Acting, t: float) -> Acting:
        """What is picked up, put down or dropped, and the arm that does it."""
        if not self.handles:
            return acting
        moment = max(0.5, min(1.6, HANDED_OVER * self.seconds))
        since = t - moment
        pose = acting.pose
        if self.handles != "dropped":
            side = "left" if pose.grip == "left" else "right"
            arm = pose.left if side == "left" else pose.right
            low = replace(arm, x=330.0 if side == "right" else -330.0, y=430.0, layer="body")
            share = max(0.0, 1 - abs(since) / 0.36)
            pose = between(pose, replace(with_arm(pose, side, low), lean=pose.lean + 6),
                           share * share * (3 - 2 * share))  # fmt: skip
        holding = since >= 0 if self.handles == "picked up" else since < 0
        released = None if holding or since < 0 else since
        return replace(acting, pose=pose, holding=holding, released=released)

    def _across(self, acting: Acting, t: float, share: float) -> Acting:
        """`share` of the way out of the picture, with a bob at every step."""
        step = abs(math.sin(2 * math.pi * 1.6 * t)) * (0.02 < share < 0.98)
        walking = replace(acting.pose, stance="walk") if 0.02 < share < 0.98 else acting.pose
        return replace(
            acting,
            pose=walking,
            x=acting.x + self.offstage * share,
            lift=acting.lift + 18 * step,
            head_tilt=acting.head_tilt + 2.5 * step,
        )

    def _blink(self, t: float) -> float:
        for start in self.blinks:
            if start <= t < start + _BLINK:
                share = (t - start) / _BLINK
                return min(1.0, 1.35 * math.sin(math.pi * share))
        return 0.0

    def _weight(self, t: float, stress: float) -> float:
        """Nobody stands like a post: the weight goes from one foot to the other."""
        if self.pose.act == "hold":
            return 0.0
        return 15.0 * (1 + 0.5 * stress) * wave(t, 2.3, self.phase + 0.4)

    def _brows(self, stress: float, expression: Expression) -> float:
        frowns = FACES[expression].smile < -0.4
        return (9.0 if frowns else -17.0) * stress

    def _talk_tilt(self, t: float, stress: float) -> float:
        return 3.4 * stress * wave(t, 1.7, self.phase)

    def _marks(self, since: float, changed: bool) -> float | None:
        if not changed or not FACES[self.figure.expression].marks:
            return None
        return since - 0.12 if since >= 0.12 else None

    def _pose(self, t: float, stress: float) -> Pose:
        share = spring((t - self.enters) / 0.42)
        if self.pose.act == "bow" and t > 0.62 * self.seconds:
            share *= 1 - 0.7 * smooth((t - 0.62 * self.seconds) / 0.5)
        if self.pose.act == "sip":
            share = 0.25 + 0.75 * pulse(t - self.enters, self.seconds)
        pose = between(self.start, self.pose, share)
        if self.speech is not None and self.pose == IDLE:
            # Who speaks without a gesture of its own talks with the hands.
            rest = between(IDLE, self._talking(), min(1.0, 1.25 * stress))
            pose = replace(rest, stance=pose.stance)
        sway = wave(t, 3.3, self.phase + 0.7)
        return replace(
            pose,
            left=replace(pose.left, x=pose.left.x - 4 * sway, y=pose.left.y - 5 * sway),
            right=replace(pose.right, x=pose.right.x + 4 * sway, y=pose.right.y - 5 * sway),
        )

    def _talking(self) -> Pose:
        return _TALKING if self.phase < math.pi else _TALKING_BOTH

    def _act(self, acting: Acting, t: float, stress: float) -> Acting:
        """The movement that belongs to the pose."""
        pose, since = acting.pose, t - self.enters
        if since < 0:
            return acting
        act = self.pose.act
        calm = math.exp(-0.35 * since)
        side = leading(self.pose)
        arm, out = (pose.left, -1) if side == "left" else (pose.right, 1)
        if act == "wave":
            swing = math.sin(2 * math.pi * 2.1 * since) * (0.45 + 0.55 * calm)
            hand = replace(arm, x=arm.x + 34 * swing, angle=(arm.angle or -80) + 20 * swing)
            moved = with_arm(pose, side, hand)
            return replace(acting, pose=moved, head_tilt=acting.head_tilt + 2 * swing)
        if act == "jab":
            push = 26 * math.exp(-5 * max(0.0, since - 0.36)) * (since > 0.36) + 20 * stress
            hand = replace(arm, x=arm.x + out * push, y=arm.y - 0.4 * push)
            return replace(acting, pose=with_arm(pose, side, hand))
        if act == "slam":
            return slammed(acting, since, side)
        if act == "shrug":
            lift = 0.5 + 0.5 * math.cos(2 * math.pi * min(since, 1.6) / 1.6)
            return replace(acting, pose=between(self.start, pose, 0.82 + 0.18 * lift))
        if act == "nod":
            dip = max(0.0, math.sin(2 * math.pi * 1.5 * since)) if since % 2.8 < 1.33 else 0.0
            return replace(
                acting,
                head_y=acting.head_y + 13 * dip,
                face=replace(acting.face, nod=acting.face.nod + 0.7 * dip),
            )
        if act == "shake":
            swing = math.sin(2 * math.pi * 1.5 * since) if since % 3.0 < 1.34 else 0.0
            return replace(acting, face=replace(acting.face, turn=acting.face.turn + 0.8 * swing),
                           head_tilt=acting.head_tilt + 2.2 * swing)  # fmt: skip
        if act == "bounce":
            hop = abs(math.sin(2 * math.pi * 1.2 * since)) * (0.3 + 0.7 * calm)
            return replace(acting, lift=acting.lift + 24 * hop, squash=acting.squash - 0.012 * hop)
        if act in ("tremble", "type"):
            return busy(acting, t, 4.0 if act == "tremble" else 11.0)
        if act == "lean":
            return replace(acting, pose=replace(pose, lean=pose.lean + 1.6 * smooth(since / 2)))
        if act == "walk":
            return self._walk(acting, t)
        return acting

    def _walk(self, acting: Acting, t: float) -> Acting:
        """Into its place with a bob at every step, and then at rest."""
        arrived = smooth(t / max(0.8, 0.75 * self.seconds))
        step = abs(math.sin(2 * math.pi * 1.15 * t)) * (1 - arrived)
        return replace(
            acting,
            x=acting.x - 170 * (1 - arrived),
            lift=acting.lift + 20 * step,
            head_tilt=acting.head_tilt + 1.5 * step,
        )

    def _react(self, acting: Acting, since: float) -> Acting:
        """The moment of the change: a little down, up with a jump, and settle."""
        if self.reacts is None or not -0.12 <= since <= 1.2:
            return acting
        power = 1.0 if self.figure.expression in _STARTLED else 0.35
        if since < 0:
            return replace(acting, squash=acting.squash + 0.03 * power * (1 + since / 0.12))
        jump = max(0.0, math.sin(math.pi * min(1.0, since / 0.3)))
        wobble = math.exp(-5 * since) * math.sin(2 * math.pi * 2.6 * since)
        return replace(
            acting,
            lift=acting.lift + 62 * power * jump,
            squash=acting.squash - 0.03 * power * jump - 0.016 * power * wobble,
            head_tilt=acting.head_tilt + 5 * power * wobble,
        )


def cast_part(
    figure: Figure,
    *,
    turn: float,
    seconds: float,
    fps: int,
    speech: Speech | None,
    focus: bool,
    seed: int,
    pose: Pose | None = None,
    handles: PropMove = "",
    offstage: float = 400.0,
) -> Part:
    """Write one actor's score."""
    rng = random.Random(f"part {seed} {figure.id}")
    struck = pose if pose is not None else struck_pose(figure)
    own = speech if figure.speaking and speech is not None and not speech.silent else None
    reacts: float | None = None
    if own is None and figure.expression != "neutral" and seconds > 0.9:
        # The focus of a silent beat acts early; a listener answers what it hears.
        share = rng.uniform(0.22, 0.3) if focus else rng.uniform(0.36, 0.5)
        reacts = min(share * seconds, 1.1 if focus else 2.2)
    return Part(
        figure=figure,
        pose=struck,
        start=_start(struck, held_name(figure) is not None),
        turn=turn,
        seconds=seconds,
        fps=fps,
        speech=own,
        blinks=_blinks(rng, seconds, reacts),
        reacts=reacts,
        enters=0.12 if reacts is None else max(0.1, reacts - 0.05),
        phase=(zlib.crc32(figure.id.encode()) + seed) % 628 / 100,
        handles=handles,
        offstage=offstage,
    )


def held_name(figure: Figure) -> str | None:
    """The prop in a figure's hand: the one given, or the one its action handles."""
    if figure.holds and (given := find_prop(figure.holds)):
        return given
    pose = recognise(figure.pose)
    grips = pose is not None and "grip" in (pose.left.hand, pose.right.hand)
    return find_prop(figure.pose, pictured=False) if grips else None


def _start(struck: Pose, holds: bool) -> Pose:
    """The pose before the gesture: at rest, but with the prop already in the hand."""
    start = replace(IDLE, stance=struck.stance, grip=struck.grip)
    if not holds:
        return start
    if struck.grip == "both":
        return replace(start, left=struck.left, right=struck.right)
    arm = struck.left if struck.grip == "left" else struck.right
    if struck.act != "rest":
        side = -1 if struck.grip == "left" else 1
        arm = replace(
            arm, x=side * abs(HOLD.right.x), y=min(HOLD.right.y, arm.y + 200), layer="body"
        )
    return replace(start, left=arm) if struck.grip == "left" else replace(start, right=arm)


def struck_pose(figure: Figure) -> Pose:
    pose = recognise(figure.pose, holding=held_name(figure) is not None) or IDLE
    if figure.manner == "sits":
        return replace(pose, stance="sit")
    return replace(pose, stance="kneel") if figure.manner == "kneels" else pose


def _blinks(rng: random.Random, seconds: float, reacts: float | None) -> tuple[float, ...]:
    """A blink every two to five seconds, the first early, and one over a change of face."""
    found: list[float] = []
    t = rng.uniform(0.5, 1.4)
    while t < seconds - 0.15:
        found.append(t)
        # Now and then twice in a row.
        if rng.random() < 0.15:
            found.append(t + 0.27)
        t += rng.uniform(2.0, 4.6)
    if reacts is not None:
        found = [b for b in found if abs(b - reacts) > 0.5]
        found.append(reacts - _BLINK / 2)
    return tuple(sorted(found))
