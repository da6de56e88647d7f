"""Which video backend makes a beat's clip, and what the beat asks of it.

The profile routes kinds of beats to backends; what a backend *can* decides the rest: whose
lips a line may drive, who is asked next when lips stand still, where an effect begins.

Knows: kinds, routes, capabilities. Does not know: files, how a backend works.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from renderers.base import ClipCaps
from storyboard.plan import NARRATOR, Beat, Plan
from storyboard.plan.timeline import HOOK, SegmentPlan
from storyboard.profile.backends import Backends
from storyboard.profile.service import BeatKind

SPOKEN: frozenset[BeatKind] = frozenset({"dialogue", "drama"})
_CALM = ("neutral", "deadpan", "happy")
_BY_LIPS: tuple[BeatKind, ...] = ("dialogue", "drama", "reaction")


@dataclass(frozen=True, slots=True)
class Route:
    """Who makes one clip, in the order in which they are asked."""

    kind: BeatKind
    renderers: tuple[str, ...]
    """Names of video backends: the chosen one, then those that may follow it."""
    speaks: bool
    """The line drives somebody's lips; else it is only laid over the clip."""
    checked: bool = False
    """The lips are looked at: a model moves them, and may not."""
    continues: int | None = None
    """Index of the beat from whose last frame the clip goes on."""
    notes: tuple[str, ...] = ()
    """What the choice lacks; said, never swallowed."""


def beat_of(plan: Plan, index: int) -> Beat | None:
    """The beat of a segment; None for the hook."""
    return None if index == HOOK else plan.beat(index)


def kind_of(plan: Plan, segment: SegmentPlan) -> BeatKind:
    """What a segment asks of its renderer; the profile routes by it."""
    beat = beat_of(plan, segment.index)
    if segment.speaker is None:
        if beat is not None and beat.keep_audio:
            return "effect"
        return "reaction" if segment.slug.endswith("reaction") else "silent"
    if segment.speaker == NARRATOR or beat is None or segment.speaker not in beat.cast:
        # Nobody in the picture says it.
        return "narration"
    return "dialogue" if beat.expression in _CALM else "drama"


def route(plan: Plan, segment: SegmentPlan, backends: Backends) -> Route:
    """The route of one segment: the backend that its beat names, else its kind's.

    Raises:
        UsageError: a backend that the profile does not have.
    """
    beat = beat_of(plan, segment.index)
    kind = kind_of(plan, segment)
    first = (beat.renderer if beat else None) or backends.profile.video.route(kind)
    caps = backends.clip(first).caps()
    notes: list[str] = []
    if kind in SPOKEN:
        if not caps.lip_sync:
            notes.append(f"video.{first} moves no lips to speech; they will not follow the line")
            return Route(kind, (first,), speaks=False, notes=tuple(notes))
        if caps.draws:
            return Route(kind, (first,), speaks=True)
        chain = (first, *_others(segment, first, backends))
        return Route(kind, chain, speaks=True, checked=True)
    # A drawn scene knows who speaks; a model would give the narrator the nearest mouth.
    speaks = segment.speaker is not None and caps.draws
    continues = None
    if kind == "effect" and not caps.draws and beat is not None:
        continues = _continued(plan, beat)
        if not caps.makes_sound:
            notes.append(f"video.{first} makes no sound of its own; the stock effect is heard")
    return Route(kind, (first,), speaks, continues=continues, notes=tuple(notes))


def _others(segment: SegmentPlan, first: str, backends: Backends) -> Iterator[str]:
    """Who else can move lips to this line, those first that other kinds are routed to."""
    video = backends.profile.video
    order = [video.route(kind) for kind in _BY_LIPS] + sorted(video.backends)
    for name in dict.fromkeys(order):
        if name != first and _can_speak(backends.clip(name).caps(), segment):
            yield name


def _can_speak(caps: ClipCaps, segment: SegmentPlan) -> bool:
    # The planned length is the least it will be: by the spoken one, the steps decide.
    long_enough = caps.max_seconds is None or segment.planned <= caps.max_seconds
    return caps.lip_sync and not caps.draws and long_enough


def _continued(plan: Plan, beat: Beat) -> int | None:
    """The beat before, if this one happens there and then: in its place, with its people."""
    before = next(reversed(plan.before(beat)), None)
    if before is None or before.setting != beat.setting:
        return None
    return before.index if set(beat.cast) <= set(before.cast) else None
