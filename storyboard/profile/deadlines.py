"""How long one step may take before it counts as hung, by its kind.

Each figure is many times what the slowest machine that was measured, or the slowest server that
is known, needs for the largest work that a plan can ask for: a limit ends what hangs, and never
hurries what is slow. The profile may state others (`[limits.step_seconds]`).

Knows: kinds of steps, seconds. Does not know: who ends a step, and how.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from storyboard.profile.profile import Limits

_MINUTE, _HOUR = 60.0, 3600.0
STEP_SECONDS: Mapping[str, float] = {
    # A model that thinks has minutes of its own (`limits.plan_minutes`), and is to end by them.
    "plan.agent": _HOUR,
    "plan.offline": 10 * _MINUTE,
    "plan.script": 10 * _MINUTE,
    "prompt.agent": 30 * _MINUTE,
    # A model on the card: it may be loaded first, from a slow disk, and share the card. Servers
    # of pictures answer within an hour or not at all; clips have jobs of two hours.
    "images.draw": _HOUR,
    "drawing.mend": _HOUR,
    "clips.animate": 2 * _HOUR,
    # As many takes as the judge may ask for.
    "clips.animate_and_look": 4 * _HOUR,
    # A question to a model that thinks, with its retries.
    "loop.judge_picture": 30 * _MINUTE,
    "compare.compare": 30 * _MINUTE,
    # Four takes of a line of up to two minutes, made and heard on one slow core.
    "speech.speak": 30 * _MINUTE,
    "words.align_words": 10 * _MINUTE,
    # What reads a whole film, or writes one: ten minutes of it on one core.
    "finish.join_film": _HOUR,
    "sound.mix_sound": 30 * _MINUTE,
    "checking.check_film": 30 * _MINUTE,
    "checking.listen": 15 * _MINUTE,
    # One beat.
    "finish.burn_segment": 30 * _MINUTE,
    "checking.look": 10 * _MINUTE,
    # Seconds of work on files that are there.
    "images.take_in": 5 * _MINUTE,
    "images.draw_grid": 10 * _MINUTE,
    "loop.settle": 5 * _MINUTE,
    "finish.write_captions": 5 * _MINUTE,
    "finish.draw_sheet": 10 * _MINUTE,
}
OTHERS = _HOUR
"""Of a kind that is not listed."""


def step_deadline(kind: str, limits: Limits | None = None) -> float:
    """The most that one step of a kind may take."""
    group, _, work = kind.partition(".")
    stated = limits.step_seconds.get(group, {}).get(work) if limits else None
    own = 60 * limits.plan_minutes if limits and kind == "plan.agent" else 0.0
    return stated or own + STEP_SECONDS.get(kind, OTHERS)


def fault_of(stated: Mapping[str, Mapping[str, float]]) -> str:
    """What is wrong with limits that a profile states; "" for nothing."""
    for group, works in stated.items():
        for work, seconds in works.items():
            if f"{group}.{work}" not in STEP_SECONDS:
                return f"'{group}.{work}' is no kind of step: {', '.join(sorted(STEP_SECONDS))}"
            if not 1.0 <= seconds <= 7 * 24 * _HOUR:
                return f"{group}.{work}: {seconds:g} is outside of 1 s to a week"
    return ""
