"""The rules of a plan that span its records: who and what is named must be there.

Knows: how the records of a plan name each other. Does not know: what a record holds by
itself (`storyboard.plan`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from renderers.loose import list_of, record_of
from storyboard.plan.ways import WAYS

if TYPE_CHECKING:
    from storyboard.plan.records import Plan

NARRATOR = "narrator"


def faults(plan: Plan) -> list[str]:
    """Every fault that spans records, each as `path: what is wrong: what is allowed`."""
    found: list[str] = []
    ids = [c.id for c in plan.cast]
    places = [s.id for s in plan.settings]
    cast_hint = ", ".join(sorted(ids)) or "nobody"
    for where, names in (("cast", ids), ("settings", places)):
        found += [
            f"{where}[{i}].id: '{name}' is used twice"
            for i, name in enumerate(names)
            if name in names[:i]
        ]
    if NARRATOR in ids:
        found.append(f"cast[{ids.index(NARRATOR)}].id: '{NARRATOR}' is reserved for the narration")
    numbers = [beat.index for beat in plan.beats]
    for i, beat in enumerate(plan.beats):
        at = f"beats[{i}]"
        if beat.index in numbers[:i]:
            free = next(n for n in range(1, 100) if n not in numbers)
            found.append(f"{at}.index: {beat.index} is used twice: {free} is free")
        if beat.speaker is not None and beat.speaker not in (*ids, NARRATOR):
            found.append(_speaker(at, beat.speaker, ids))
        if beat.setting not in places:
            found.append(_setting(at, beat.setting, places))
        if beat.staging and beat.staging not in WAYS:
            found.append(
                f"{at}.staging: '{beat.staging}' is no way to block a beat: {', '.join(WAYS)}, "
                'or "" to have one chosen'
            )
        found += [
            f"{at}.cast[{j}]: '{name}' is not in cast: {cast_hint}"
            for j, name in enumerate(beat.cast)
            if name not in ids
        ]
        found += [
            f"{at}.reactions.{name}: is not in this beat's cast: {', '.join(beat.cast) or 'nobody'}"
            for name in beat.reactions
            if name not in beat.cast
        ]
        for name, place in beat.elsewhere.items():
            if name not in beat.cast:
                hint = ", ".join(beat.cast) or "nobody"
                found.append(f"{at}.elsewhere.{name}: is not in this beat's cast: {hint}")
            if place not in places:
                found.append(
                    f"{at}.elsewhere.{name}: '{place}' is not in settings: {', '.join(sorted(places))}"
                )
    if plan.hook is not None:
        if plan.hook.setting not in places:
            found.append(_setting("hook", plan.hook.setting, places))
        found += [
            f"hook.cast[{j}]: '{name}' is not in cast: {cast_hint}"
            for j, name in enumerate(plan.hook.cast)
            if name not in ids
        ]
    return found


def unborne(data: object) -> list[str]:
    """The speakers and settings of a malformed plan that are not there, as far as it can be read.

    So that the faults of its values do not hide those, which would be the next to be refused.
    """
    ids = [str(c["id"]) for c in _records(data, "cast") if "id" in c]
    places = [str(s["id"]) for s in _records(data, "settings") if "id" in s]
    found: list[str] = []
    for i, beat in enumerate(_records(data, "beats")):
        speaker, setting = beat.get("speaker"), beat.get("setting")
        if isinstance(speaker, str) and speaker not in (*ids, NARRATOR):
            found.append(_speaker(f"beats[{i}]", speaker, ids))
        if isinstance(setting, str) and setting not in places:
            found.append(_setting(f"beats[{i}]", setting, places))
    return found


def _records(data: object, key: str) -> list[dict[str, Any]]:
    """The list of records under `key`; what is no record counts as an empty one."""
    return [record_of(item) for item in list_of(record_of(data).get(key))]


def _speaker(at: str, name: str, ids: Sequence[str]) -> str:
    known = ", ".join(sorted(ids)) or "nobody"
    return f"{at}.speaker: '{name}' is not in cast: {known} (or {NARRATOR}, or null)"


def _setting(at: str, name: str, places: Sequence[str]) -> str:
    return f"{at}.setting: '{name}' is not in settings: {', '.join(sorted(places))}"
