"""Whether a JSON value has the form that a schema asks for, and putting small things right.

Lenient in form: keys that the schema rules out are dropped, a wrapper around the whole is opened,
names of choices are matched whatever their case, numbers in quotes are numbers. Strict in
content: no word is changed, and what is missing stays missing.

Knows: JSON Schema as far as this project writes it. Does not know: what any field means.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from renderers.base import JSON

MOST_WRAPPERS = 3
Schema = Mapping[str, Any]


def shaped(value: JSON, schema: Schema) -> JSON:
    """`value` with its form put right as far as `schema` tells how."""
    return _shaped(_opened(value, schema), schema, schema)


def lacks(value: JSON, schema: Schema) -> str:
    """What of the schema's first level a value lacks, for whoever wrote it; "" if nothing."""
    value = shaped(value, schema)
    if schema.get("type") == "array":
        return "" if isinstance(value, list) else "lacks the list that was asked for"
    wanted = list(cast("list[str]", schema.get("required", [])))
    if not isinstance(value, dict):
        return f"lacks {', '.join(wanted)}" if wanted else "lacks the object that was asked for"
    if missing := [name for name in wanted if name not in value]:
        return f"lacks {', '.join(missing)}"
    fields = cast("dict[str, Schema]", schema.get("properties", {}))
    odd = [name for name in wanted if name in fields and not _is(value[name], fields[name], schema)]
    return f"lacks a sound {odd[0]}" if odd else ""


def _opened(value: JSON, schema: Schema) -> JSON:
    """What stands inside wrappers: `{"script": {…}}`, `[{…}]`."""
    wanted = {_fold(name) for name in cast("list[str]", schema.get("required", []))}
    for _ in range(MOST_WRAPPERS):
        if not wanted or wanted & _names(value):
            break
        inner = list(_inside(value, wanted))
        if len(inner) != 1:
            break
        value = inner[0]
    return value


def _names(value: JSON) -> set[str]:
    return {_fold(name) for name in value} if isinstance(value, dict) else set()


def _inside(value: JSON, wanted: set[str]) -> Iterator[JSON]:
    """What a wrapper may be around: of several things, that which has a wanted field."""
    items = value if isinstance(value, list) else value.values() if isinstance(value, dict) else ()
    inner = [item for item in items if isinstance(item, dict | list)]
    yield from inner if len(inner) == 1 else (i for i in inner if wanted & _names(i))


def _shaped(value: JSON, schema: Schema, root: Schema) -> JSON:
    schema = _resolved(schema, root)
    if "anyOf" in schema:
        return _one_of(value, schema["anyOf"], root)
    if isinstance(value, dict):
        fields = cast("dict[str, Schema]", schema.get("properties", {}))
        open_ended = schema.get("additionalProperties", True) is not False
        found: dict[str, JSON] = {}
        for name, item in value.items():
            field = name if name in fields else _folded(name, fields)
            if field in fields and field not in found:
                found[field] = _shaped(item, fields[field], root)
            elif open_ended and field not in fields:
                found[name] = item
        return found
    if isinstance(value, list):
        items = schema.get("items")
        if not isinstance(items, Mapping):
            return value
        return [_shaped(item, cast(Schema, items), root) for item in value]
    return _scalar(value, schema)


def _one_of(value: JSON, choices: list[Schema], root: Schema) -> JSON:
    for choice in choices:
        if _is(value, choice, root):
            return _shaped(value, choice, root)
    return value


def _scalar(value: JSON, schema: Schema) -> JSON:
    kind = _kind(schema)
    if isinstance(value, str):
        known = schema.get("enum")
        if isinstance(known, list) and value not in known:
            same = [e for e in cast("list[Any]", known) if _fold(str(e)) == _fold(value)]
            return cast(JSON, same[0]) if len(same) == 1 else value
        if kind in ("number", "integer"):
            return _number(value, kind)
    if value is None and kind == "string" and not (schema.get("minLength") or "enum" in schema):
        return ""
    if isinstance(value, float) and kind == "integer" and value.is_integer():
        return int(value)
    return value


def _number(text: str, kind: str) -> JSON:
    try:
        number = float(text)
    except ValueError:
        return text
    if kind == "integer":
        return int(number) if number.is_integer() else text
    return number


def _folded(name: str, fields: Mapping[str, Schema]) -> str:
    same = [field for field in fields if _fold(field) == _fold(name)]
    return same[0] if len(same) == 1 else name


def _fold(text: str) -> str:
    return "".join(c for c in text.casefold() if c not in " _-")


def _resolved(schema: Schema, root: Schema) -> Schema:
    reference = schema.get("$ref")
    if isinstance(reference, str):
        return cast(Schema, root.get("$defs", {}).get(reference.rpartition("/")[2], {}))
    return schema


def _kind(schema: Schema) -> str:
    kind = schema.get("type", "")
    return kind if isinstance(kind, str) else ""


def _is(value: JSON, schema: Schema, root: Schema) -> bool:
    """Whether a value is of the kind (object, list, text, number) that a field wants."""
    schema = _resolved(schema, root)
    if "anyOf" in schema:
        return any(_is(value, choice, root) for choice in schema["anyOf"])
    kinds = schema.get("type")
    wanted = cast("list[str]", kinds if isinstance(kinds, list) else [kinds] if kinds else [])
    tests: dict[str, type | tuple[type, ...]] = {
        "object": dict,
        "array": list,
        # A number where text is wanted, or the other way round, is looked at by whoever asked.
        "string": (str, int, float, type(None)),
        "number": (int, float, str),
        "integer": (int, float, str),
        "boolean": bool,
        "null": type(None),
    }
    return not wanted or any(isinstance(value, tests.get(kind, object)) for kind in wanted)
