"""Edits of a plan that a reviewer proposes: JSON Patch, held to an allow-list.

A path names a beat by its index, as people and reports do (`/beats/3/line` is beat 3's line,
`/beats/0/…` the hook's), never by its place in a list: a reviewer that counts from one must
not mend the wrong beat. Only the paths of `prompts/review/paths.yaml` are open, only `add`,
`replace` and `remove` are known, and what comes out is validated as a whole plan. That is
why a general library would not do: it addresses lists by place, opens every path, and its
other operations (move, copy) would have to be forbidden one by one.

Knows: paths, values, what they were before. Does not know: who proposes, what is rendered.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from renderers.base import JSON
from storyboard.core.errors import PlanError
from storyboard.core.files import digest_json
from storyboard.core.prompt_files import prompt_data
from storyboard.core.text import shortened
from storyboard.plan import Plan, parse_plan
from storyboard.review.limits import spoken_fault
from storyboard.writing.offline import written_amiss

MAX_OPERATIONS = 8
"""Most edits that one finding may ask for."""
MAX_VALUE = 4000
"""Most characters of a value, as JSON."""
_UNSEEN = re.compile("[\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e0fff]")
"""Of direction, of no width, or tags: a joiner within a word or an emoji is none of them."""
OPERATIONS: tuple[str, ...] = ("add", "replace", "remove")


class PatchRefused(Exception):
    """The patch cannot be applied; the message says which part and why."""


@dataclass(frozen=True, slots=True)
class Change:
    """One value of the plan, before and after. `path` names beats by index."""

    path: str
    before: JSON
    after: JSON


@cache
def allowed_paths() -> Mapping[str, str]:
    """Pattern of a path → what it is for."""
    return cast("dict[str, str]", prompt_data("review/paths.yaml"))


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    return tuple(
        re.compile(
            re.escape(path)
            .replace(r"\{beat\}", r"(?:0|[1-9][0-9]?)")
            .replace(r"\{character\}", r"[a-z][a-z0-9_]{0,31}")
        )
        for path in allowed_paths()
    )


def plan_digest(plan: Plan) -> str:
    """SHA-256 of what a plan decides, however its file is laid out.

    Prompts that a model words follow from the rest, and may be worded while a film is made.
    """
    data: dict[str, Any] = plan.model_dump(mode="json")
    for part in filter(None, [data["hook"], *data["beats"]]):
        # A lock decides what is redone, not what the film is; earlier releases had no such fields.
        del part["locked"]
        if not part["seeds"]:
            del part["seeds"]
    for beat in data["beats"]:
        if beat["prompt"] is not None and not beat["prompt"]["edited"]:
            beat["prompt"] = None
    return digest_json(data)


def apply(
    plan: Plan, operations: Sequence[Mapping[str, JSON]], renderers: Collection[str]
) -> tuple[Plan, tuple[Change, ...]]:
    """The plan with all of `operations`, and what they changed.

    `renderers` are the video backends that a beat may name.

    Raises:
        PatchRefused: one of them is not allowed, or the plan would not hold; nothing is
            applied in part.
    """
    if len(operations) > MAX_OPERATIONS:
        raise PatchRefused(f"asks for {len(operations)} edits at once: {MAX_OPERATIONS} at most")
    data: dict[str, Any] = plan.model_dump(mode="json")
    changes: list[Change] = []
    for operation in operations:
        changes += _apply(data, operation, renderers)
    changes = [change for change in changes if change.before != change.after]
    if not changes:
        raise PatchRefused("changes nothing")
    try:
        patched = parse_plan(data, "the patched plan")
    except PlanError as error:
        shown = "; ".join(error.faults[:3])
        raise PatchRefused(f"would make the plan invalid: {shown}") from None
    for change in changes:
        words = [change.after] if isinstance(change.after, str) else []
        if amiss := written_amiss(words, patched.format):
            raise PatchRefused(f"{change.path}: {amiss}")
        if fault := spoken_fault(patched, change.path, change.before, change.after):
            raise PatchRefused(f"{change.path}: {fault}")
    return patched, tuple(changes)


def _apply(
    data: dict[str, Any], operation: Mapping[str, JSON], renderers: Collection[str]
) -> list[Change]:
    path, name, value = _sound(operation)
    record, keys = _record(data, path)
    if record.get("locked"):
        raise PatchRefused(f"{path}: the beat is locked: unlock it first")
    if keys[0] == "prompt":
        return _reword(record, path, keys[1], value, removed=name == "remove")
    holder: dict[str, Any] = record
    for key in keys[:-1]:
        inner = holder.get(key)
        if not isinstance(inner, dict):
            raise PatchRefused(f"{path}: the plan has no {key} there")
        holder = cast("dict[str, Any]", inner)
    field, before = keys[-1], holder.get(keys[-1])
    if field == "renderer" and value is not None and not _known(value, renderers):
        known = ", ".join(sorted(renderers))
        raise PatchRefused(f"{path}: {_short(value)} is no video backend: {known}")
    if name == "remove":
        # What is not said has its default; a field that has none is missed by the plan.
        holder.pop(field, None)
        return [Change(path, before, None)]
    holder[field] = value
    made = [Change(path, before, value)]
    if field == "line" and before != value and holder.get("reading"):
        # The old reading would go on being spoken in place of the new words.
        made.append(Change(f"{path.removesuffix('line')}reading", holder["reading"], ""))
        holder["reading"] = ""
    return made


def _reword(
    beat: dict[str, Any], path: str, part: str, value: JSON, *, removed: bool
) -> list[Change]:
    """Change the words of a written picture prompt, which from then on is nobody else's."""
    prompt: dict[str, Any] | None = beat.get("prompt")
    if prompt is None:
        raise PatchRefused(f"{path}: this beat has no written prompt; change its action instead")
    if removed or not isinstance(value, str) or not value.strip():
        raise PatchRefused(f"{path}: wants words")
    before = str(prompt["text"])
    after = value.strip() if part == "text" else f"{before.rstrip()} {value.strip()}"
    prompt.update(text=after, edited=True)
    return [Change(f"{path.rpartition('/')[0]}/text", before, after)]


def _record(data: dict[str, Any], path: str) -> tuple[dict[str, Any], list[str]]:
    """The record that a path begins in (the plan, the hook or a beat), and the keys in it."""
    first, *rest = path[1:].split("/")
    if first == "hook":
        if data["hook"] is None:
            raise PatchRefused(f"{path}: the film has no hook")
        return cast("dict[str, Any]", data["hook"]), rest
    if first == "beats":
        index, *keys = rest
        found = [b for b in cast("list[dict[str, Any]]", data["beats"]) if b["index"] == int(index)]
        if not found:
            raise PatchRefused(f"{path}: the film has no beat {index}")
        return found[0], keys
    return data, [first, *rest]


def _sound(operation: Mapping[str, JSON]) -> tuple[str, str, JSON]:
    """(path, operation, value), if it is one that may be done."""
    name, path = operation.get("op"), operation.get("path")
    if not isinstance(name, str) or name not in OPERATIONS:
        raise PatchRefused(f"op {_short(name)} is not one of {', '.join(OPERATIONS)}")
    if isinstance(path, str):
        path = re.sub(r"^/beats/0/", "/hook/", path)
    if not isinstance(path, str) or not any(p.fullmatch(path) for p in _patterns()):
        raise PatchRefused(f"{_short(path)} is not a path that a reviewer may change")
    if extra := operation.keys() - {"op", "path", "value"}:
        raise PatchRefused(f"{path}: {_short(sorted(extra)[0])} is not part of an edit")
    if name != "remove" and "value" not in operation:
        raise PatchRefused(f"{path}: has no value")
    value = operation.get("value")
    _check_value(path, value)
    return path, name, value


def _check_value(path: str, value: JSON) -> None:
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        text.encode()
    except (ValueError, TypeError, RecursionError):
        raise PatchRefused(f"{path}: its value is no JSON") from None
    if len(text) > MAX_VALUE:
        raise PatchRefused(f"{path}: its value is {len(text)} characters long: {MAX_VALUE} at most")
    if isinstance(value, str) and any(unicodedata.category(c) in ("Cc", "Cs", "Co") for c in value):
        raise PatchRefused(f"{path}: its value has control characters")
    if isinstance(value, str) and _UNSEEN.search(value):
        raise PatchRefused(f"{path}: its value has characters that nobody sees")


def _known(value: JSON, names: Collection[str]) -> bool:
    return isinstance(value, str) and value in names


def _short(value: object) -> str:
    return shortened(ascii(value), 60)
