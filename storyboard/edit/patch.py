"""Changes of a plan as JSON Patch (RFC 6902), whose paths name beats by number and people by id.

`/beats/3/line` is the line of beat 3, wherever that stands, as in findings
(`storyboard.review.plan_patch`); `/cast/mia/wardrobe` what Mia wears; `/hook/title` (or `/beats/0/…`)
the hook's. `add` to `/beats/3` puts a beat before beat 3, `/beats/-` at the end; `move` and `copy`
likewise. Numbers are kept: a beat that is moved is no other beat, and nothing of it is redone.

That is why a general library would not do: it knows places only, and one that counts from zero
would edit the wrong beat. Every path is open; what comes out is validated as a whole plan.

Knows: operations, plans. Does not know: run folders, what a change redoes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, cast

from pydantic import Field, TypeAdapter, ValidationError

from renderers.base import JSON
from renderers.loose import list_of, record_of
from storyboard.core.errors import PlanError, UsageError
from storyboard.core.files import parse_json
from storyboard.core.strict_records import Record, describe_errors
from storyboard.core.text import shortened
from storyboard.plan import Plan, parse_plan
from storyboard.plan.regen import name_of
from storyboard.plan.staging import ways_of
from storyboard.review.plan_patch import Change

MOST = 200
"""Operations of one patch."""
_MOST_COPIED = 1_000_000
"""Characters that all copies of one patch may have: no plan has a tenth."""
_NEEDS_VALUE = frozenset({"add", "replace", "test"})


class Operation(Record):
    """One operation of a patch."""

    op: Literal["add", "remove", "replace", "move", "copy", "test"]
    path: str = Field(max_length=200, pattern=r"^(/[^/]+)+$")
    """As `/beats/3/line`: beats by number (`-`: the end), characters and settings by id."""
    value: Any = None
    source: str = Field(default="", max_length=200, alias="from")
    """Of move and copy: where from."""

    @property
    def keys(self) -> list[str]:
        return _keys(self.path)


_PATCH = TypeAdapter(list[Operation])
Patch = Sequence[Operation]


def parse_patch(data: object) -> list[Operation]:
    """A patch from JSON: a list of operations.

    Raises:
        UsageError: every fault of it, by its place.
    """
    try:
        patch = _PATCH.validate_python(data)
    except ValidationError as error:
        faults = "; ".join(describe_errors(error, "patch")[:5])
        raise UsageError(f"this is no JSON Patch: {faults}") from None
    if len(patch) > MOST:
        raise UsageError(f"this patch has {len(patch)} operations: {MOST} at most")
    for operation in patch:
        if operation.op in _NEEDS_VALUE and "value" not in operation.model_fields_set:
            raise UsageError(f"{operation.op} {operation.path}: has no value")
        if operation.op in ("move", "copy") and not operation.source:
            raise UsageError(f"{operation.op} {operation.path}: has no from")
    return patch


def read_patch(text: str) -> list[Operation]:
    """A patch from the text of a file.

    Raises:
        UsageError: as `parse_patch`.
    """
    try:
        return parse_patch(parse_json(text))
    except ValueError as error:
        raise UsageError(f"this patch is no JSON: {error}") from None


def patched(plan: Plan, patch: Patch) -> tuple[Plan, tuple[Change, ...]]:
    """The plan with all of a patch, and what it changes; nothing is applied in part.

    Raises:
        PlanError: it would not hold, with every fault.
        UsageError: a path leads nowhere, a `test` fails, or a locked beat would change.
    """
    data: dict[str, Any] = plan.model_dump(mode="json")
    copied = 0
    for operation in patch:
        copied += _apply(data, operation)
        # Fifty times into itself, a list of five is larger than any memory.
        if copied > _MOST_COPIED:
            raise UsageError(f"copy {operation.source}: these copies are larger than any plan")
    _follow(plan, data, patch)
    try:
        changed = parse_plan(data, "the plan as edited")
    except PlanError as error:
        raise PlanError(error.source, [_numbered(data, fault) for fault in error.faults]) from None
    changed = _blocked_as_before(plan, changed)
    _refuse_locked(plan, changed)
    return changed, tuple(changes_between(plan, changed))


def changes_between(old: Plan, new: Plan) -> Iterator[Change]:
    """What sets one plan apart from another, value by value, beats named by number."""
    yield from _differences("", old.model_dump(mode="json"), new.model_dump(mode="json"))


# --- operations ---------------------------------------------------------------


def _apply(data: dict[str, Any], operation: Operation) -> int:
    """Apply one operation; returns how many characters of JSON it copied."""
    path = operation.path
    match operation.op:
        case "add":
            _put(data, path, operation.value)
        case "remove":
            _take(data, path)
        case "replace":
            holder, key = _holder(data, path)
            _at(holder, key, path)
            holder[key] = operation.value
        case "move":
            if f"{path}/".startswith(f"{operation.source}/") and path != operation.source:
                raise UsageError(f"move {operation.source}: cannot go into itself")
            if path != operation.source:
                _put(data, path, _take(data, operation.source), keep=True)
        case "copy":
            value = _at(*_holder(data, operation.source), operation.source)
            text = json.dumps(value)
            _put(data, path, json.loads(text))
            return len(text)
        case "test":
            found = _at(*_holder(data, path), path)
            if found != operation.value:
                raise UsageError(f"test {path}: it is {_short(found)} now: look at the plan again")
    return 0


def _put(data: dict[str, Any], path: str, value: Any, *, keep: bool = False) -> None:
    """Add a value: to a list before what the path names. A beat without a number of its own
    gets a free one."""
    holder, key = _holder(data, path, adding=True)
    if isinstance(holder, dict):
        holder[key] = value
        return
    if holder is data["beats"] and isinstance(value, dict) and not keep:
        numbers = [_number(beat) for beat in list_of(holder)]
        given = cast("dict[str, Any]", value)
        taken = given.get("index", -1) in (-1, *numbers)
        value = {**given, "index": _free(numbers)} if taken else given
    holder.insert(key, value)


def _take(data: dict[str, Any], path: str) -> Any:
    holder, key = _holder(data, path)
    value = _at(holder, key, path)
    if holder is data and key == "hook":
        holder[key] = None
    else:
        del holder[key]
    return value


def _holder(data: Any, path: str, *, adding: bool = False) -> tuple[Any, Any]:
    """What holds the value at a path, and under which key or place."""
    keys = _keys(path)
    if not keys:
        raise UsageError(f"'{path[:80]}' is no path: one begins with /")
    holder: Any = data
    for depth, key in enumerate(keys):
        last = depth == len(keys) - 1
        where = "/" + "/".join(keys[: depth + 1])
        found = _place(holder, key, where, adding=adding and last)
        if last:
            return holder, found
        inner = _at(holder, found, where)
        if not isinstance(inner, dict | list):
            raise UsageError(f"{path}: {where} is {_short(inner)} and holds nothing else")
        holder = cast("Any", inner)
    raise AssertionError


def _place(holder: Any, key: str, where: str, *, adding: bool) -> Any:
    if isinstance(holder, dict):
        return key
    items = cast("list[Any]", holder)
    if adding and key == "-":
        return len(items)
    names = [_name(item) for item in items]
    if None not in names and items:
        if key in names:
            return names.index(key)
        raise UsageError(f"{where}: there is no {key[:40]}, only {', '.join(map(str, names))}")
    if re.fullmatch(r"0|[1-9]\d{0,3}", key) and int(key) < len(items) + adding:
        return int(key)
    raise UsageError(f"{where}: there is no place {key[:40]} in a list of {len(items)}")


def _name(item: Any) -> str | None:
    """By what a record of a list is named in a path; None: by its place."""
    if not isinstance(item, dict):
        return None
    record = cast("dict[str, Any]", item)
    name = record.get("index", record.get("id"))
    return None if name is None else str(name)


def _at(holder: Any, key: Any, where: str) -> Any:
    if isinstance(holder, dict):
        record = cast("dict[str, Any]", holder)
        if key not in record:
            known = ", ".join(record) or "nothing"
            raise UsageError(f"{where}: is not there; there is {known}")
        return record[key]
    return holder[key]


def _keys(path: str) -> list[str]:
    if not path.startswith("/"):
        return []
    path = re.sub(r"^/beats/0(?=/|$)", "/hook", path)
    return [key.replace("~1", "/").replace("~0", "~") for key in path[1:].split("/")]


def _free(numbers: Iterable[object]) -> int:
    """The number of a new beat: the next one, so that those of others never mean two."""
    used = set(numbers)
    highest = max((n for n in used if isinstance(n, int)), default=0)
    if highest < 99:
        return highest + 1
    return next((n for n in range(1, 100) if n not in used), 99)


# --- what follows from a change -------------------------------------------------


def _follow(plan: Plan, data: dict[str, Any], patch: Patch) -> None:
    """A new line drops the old reading, which would be spoken in its place; a prompt that is
    worded by hand is nobody else's from then on."""
    old = plan.model_dump(mode="json")
    before = {0: old["hook"], **{beat["index"]: beat for beat in old["beats"]}}
    read = {tuple(op.keys[:-1]) for op in patch if op.keys[-1] == "reading"}
    for number, part in ((0, data["hook"]), *((_number(b), b) for b in list_of(data["beats"]))):
        own, now = before.get(number), record_of(part)
        if not own or not now:
            continue
        place = ("hook",) if number == 0 else ("beats", str(number))
        said = (now.get("line"), now.get("reading"))
        if place not in read and said[0] != own["line"] and said[1] == own["reading"]:
            now["reading"] = ""
        prompt = record_of(now.get("prompt"))
        if prompt and prompt.get("text") != record_of(own.get("prompt")).get("text"):
            prompt["edited"] = True


def _number(beat: Any) -> int:
    found = record_of(beat).get("index")
    return found if isinstance(found, int) else -1


def _blocked_as_before(old: Plan, new: Plan) -> Plan:
    """The new plan, in which beats that nobody touched are blocked as they were: the way of a
    beat is chosen by those beside it, and a change here must not redraw a picture there."""
    same = {b.index for b in new.beats if b in old.beats}
    wanted = {number: way for number, way in ways_of(old).items() if number in same}
    while moved := {n for n, way in ways_of(new).items() if way != wanted.get(n, way)}:
        beats = [
            beat.model_copy(update={"staging": wanted[beat.index]}) if beat.index in moved else beat
            for beat in new.beats
        ]
        new = new.model_copy(update={"beats": beats})
    return new


def _refuse_locked(old: Plan, new: Plan) -> None:
    """
    Raises:
        UsageError: a beat that is locked before and after would change, or be gone.
    """
    parts = {beat.index: beat for beat in new.beats}
    changed = [
        number
        for number in sorted(old.locked)
        if (number == 0 and new.hook != old.hook and (new.hook is None or new.hook.locked))
        or (number and number not in parts)
        or (number and parts[number].locked and _but_way(old, number) != _but_way(new, number))
    ]
    if changed:
        names = ", ".join("the hook" if n == 0 else f"beat {n}" for n in changed)
        path = f"/{'hook' if changed[0] == 0 else f'beats/{changed[0]}'}/locked"
        raise UsageError(f"{names} is locked: unlock it first ({path}: false)")


def _but_way(plan: Plan, number: int) -> object:
    return plan.beat(number).model_copy(update={"staging": ""})


# --- telling --------------------------------------------------------------------


def _differences(path: str, old: Any, new: Any) -> Iterator[Change]:
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        one, two = cast("dict[str, Any]", old), cast("dict[str, Any]", new)
        for key in dict.fromkeys((*one, *two)):
            yield from _differences(f"{path}/{key}", one.get(key), two.get(key))
        return
    if isinstance(old, list) and isinstance(new, list):
        one, two = _named(cast("list[Any]", old)), _named(cast("list[Any]", new))
        if one is not None and two is not None:
            yield from _differences(path, one, two)
            kept = [[n for n in each if n in one and n in two] for each in (one, two)]
            if kept[0] != kept[1]:
                yield Change(path, cast("JSON", list(one)), cast("JSON", list(two)))
            return
    yield Change(path, cast("JSON", old), cast("JSON", new))


def _named(items: list[Any]) -> dict[str, Any] | None:
    names = [_name(item) for item in items]
    if not items or None in names:
        return None
    return dict(zip(cast("list[str]", names), items, strict=True))


def _numbered(data: Mapping[str, Any], fault: str) -> str:
    """A fault of the plan with its beat's number in place of its place in the list."""
    match = re.match(r"beats\[(\d+)\]", fault)
    beats = list_of(data.get("beats"))
    if match is None or int(match[1]) >= len(beats):
        return fault
    number = _number(beats[int(match[1])])
    return fault if number < 1 else f"beat {name_of(number)}{fault[match.end() :]}"


def _short(value: object) -> str:
    return shortened(json.dumps(value, ensure_ascii=False), 60)


def as_json(changes: Iterable[Change]) -> list[dict[str, JSON]]:
    return [{"path": c.path, "before": c.before, "after": c.after} for c in changes]
