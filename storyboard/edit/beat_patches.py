"""What people do to beats, as patches.

Knows: patches, beats. Does not know: what a change redoes.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Any

from renderers.base import JSON
from storyboard.core.errors import UsageError
from storyboard.edit.patch import Operation, Patch
from storyboard.plan import Beat, Part, Plan
from storyboard.plan.shots import pointer
from storyboard.plan.timeline import HOOK


def set_fields(number: int, fields: Mapping[str, JSON]) -> Patch:
    """Give fields of a beat other values: `line`, `shot/scale`, `seed`, …"""
    return [_put(f"{pointer(number)}/{name}", value) for name, value in fields.items()]


def move(number: int, before: int | None) -> Patch:
    """Have a beat stand before another one; None: at the end."""
    place = "-" if before is None else str(before)
    return [
        Operation.model_validate({"op": "move", "from": pointer(number), "path": f"/beats/{place}"})
    ]


def insert(plan: Plan, before: int | None, fields: Mapping[str, JSON]) -> Patch:
    """A new beat before another one (None: at the end); what is not said it has from the one
    that it follows."""
    beats = plan.beats if before is None else plan.before(beat_of(plan, before))
    near = beats[-1] if beats else plan.beats[0]
    copied: dict[str, Any] = near.model_dump(mode="json", include={"type", "setting", "cast"})
    place = "-" if before is None else str(before)
    return [_put(f"/beats/{place}", {**copied, **fields})]


def delete(number: int) -> Patch:
    return [Operation(op="remove", path=pointer(number))]


def mute(plan: Plan, number: int) -> Patch:
    """Take a beat's line away; its picture and people stay."""
    fields: dict[str, JSON] = {"line": "", "reading": ""}
    if number != HOOK:
        fields["speaker"] = None
    part_of(plan, number)
    return set_fields(number, fields)


def split(plan: Plan, number: int) -> Patch:
    """Make two beats of one, its line parted where a sentence, a clause or a word ends, nearest to
    its middle."""
    beat = beat_of(plan, number)
    first, second = _parted(beat)
    after = plan.beats[len(plan.before(beat)) + 1 :]
    target = str(after[0].index) if after else "-"
    rest = {
        **beat.model_dump(mode="json", exclude={"index", "prompt", "sound_effect", "locked"}),
        "line": second,
        "reading": "",
        "transition": "cut",
        "duration": max(0.5, round(beat.duration / 2, 2)),
    }
    half = set_fields(number, {"duration": max(0.5, round(beat.duration / 2, 2))})
    halved: Patch = set_fields(number, {"line": first, "reading": ""}) if beat.line else ()
    return [*half, *halved, _put(f"/beats/{target}", rest)]


def lock(number: int, *, locked: bool = True) -> Patch:
    return set_fields(number, {"locked": locked})


def redo(plan: Plan, number: int, part: Part | None = None, seed: int | None = None) -> Patch:
    """Make a beat anew with another seed: all of it, or one part."""
    record = part_of(plan, number)
    seed = secrets.randbelow(2**31) if seed is None else seed
    if part is not None:
        seeds: dict[str, JSON] = {**record.seeds, part: seed}
        return set_fields(number, {"seeds": seeds})
    return set_fields(number, {"seed": seed, "seeds": {}})


def beat_of(plan: Plan, number: int) -> Beat:
    """
    Raises:
        UsageError: the plan has no beat of that number.
    """
    found = next((beat for beat in plan.beats if beat.index == number), None)
    if found is None:
        known = ", ".join(str(beat.index) for beat in plan.beats)
        raise UsageError(f"the film has no beat {number}: it has {known}")
    return found


def part_of(plan: Plan, number: int) -> Any:
    """The beat of that number, or the hook.

    Raises:
        UsageError: the plan has none.
    """
    if number != HOOK:
        return beat_of(plan, number)
    if plan.hook is None:
        raise UsageError("the film has no hook")
    return plan.hook


def _put(path: str, value: JSON) -> Operation:
    return Operation(op="add", path=path, value=value)


def _parted(beat: Beat) -> tuple[str, str]:
    line = beat.line
    if not line:
        return "", ""
    # Where a sentence ends rather than a clause, a clause rather than a word.
    for ends in (r"[.!?。!?]+[\"'”」』]?\s*", r"[,;:、,;—]\s*", r"\s+|(?<=[はがをにでとも])"):
        places = [m.end() for m in re.finditer(ends, line) if 0 < m.end() < len(line)]
        if places:
            place = min(places, key=lambda each: abs(each - len(line) / 2))
            return line[:place].strip(), line[place:].strip()
    raise UsageError(f"beat {beat.index}: “{line[:60]}” cannot be parted")
