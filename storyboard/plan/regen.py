"""`--regen-beats`: which beats to redo, and new seeds that make "redo" really redo.

Knows: the option's grammar, seeds in a plan. Does not know: what a seed changes.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import Literal, TypeVar

from storyboard.core.errors import UsageError
from storyboard.plan.records import Beat, Hook, Plan
from storyboard.plan.staging import derived_seed
from storyboard.plan.timeline import HOOK

_Part = TypeVar("_Part", Hook, Beat)
Selection = tuple[int, ...] | Literal["none", "all"]


@dataclass(frozen=True, slots=True)
class Regen:
    """Beats to redo, and the seed to redo them with (None: a fresh one).

    `keep_images` asks for another take of speech and clip of the same picture.
    """

    beats: Selection = "none"
    seed: int | None = None
    keep_images: bool = False


def parse_beats(text: str, option: str = "--regen-beats") -> Selection:
    """`none`, `all`, or a list such as `3,5`, `2-4`, `hook,1`.

    Raises:
        UsageError: with the part that is wrong and what is allowed.
    """
    text = text.strip().lower()
    if text in ("none", "all"):
        return text
    found: list[int] = []
    for part in text.split(","):
        part = part.strip()
        if part == "hook":
            found.append(HOOK)
        elif match := re.fullmatch(r"(\d{1,3})(?:-(\d{1,3}))?", part):
            first, last = int(match[1]), int(match[2] or match[1])
            if last < first:
                raise UsageError(f"{option}: {part} runs backwards")
            found += range(first, last + 1)
        else:
            raise UsageError(
                f"{option}: {part!r} is no beat: use numbers (3,5), ranges (2-4), hook, all or none"
            )
    return tuple(dict.fromkeys(found))


def name_of(index: int) -> str:
    """A beat as people name it."""
    return "hook" if index == HOOK else str(index)


def redo_beats(plan: Plan, regen: Regen) -> Plan:
    """The plan with a new seed, or take, for each beat to redo.

    Raises:
        UsageError: a beat that the plan does not have.
    """
    if regen.beats == "none":
        return plan
    has = ([HOOK] if plan.hook else []) + [beat.index for beat in plan.beats]
    # All that may be: what is locked is named to be told of.
    free = [index for index in has if index not in plan.locked]
    chosen = free if regen.beats == "all" else list(regen.beats)
    if unknown := [index for index in chosen if index not in has]:
        raise UsageError(
            f"--regen-beats: the plan has no beat {', '.join(map(str, unknown))}; "
            f"it has {', '.join(map(name_of, has))}"
        )
    if locked := [index for index in chosen if index in plan.locked]:
        names = ", ".join(map(name_of, locked))
        raise UsageError(f"--regen-beats: {names} is locked: unlock it first, or leave it out")
    base = secrets.randbelow(2**31) if regen.seed is None else regen.seed

    def redo(part: _Part) -> _Part:
        index = part.index if isinstance(part, Beat) else HOOK
        if index not in chosen:
            return part
        if regen.keep_images:
            kept = {name: seed for name, seed in part.seeds.items() if name == "picture"}
            return part.model_copy(update={"take": part.take % 999 + 1, "seeds": kept})
        own = (
            base if regen.seed is not None and len(chosen) == 1 else derived_seed(base, f"{index}")
        )
        return part.model_copy(update={"seed": own, "seeds": {}})

    return plan.model_copy(
        update={
            "hook": redo(plan.hook) if plan.hook else None,
            "beats": [redo(beat) for beat in plan.beats],
        }
    )
