"""The schema by which a script is asked for, whole or in parts, and putting parts together.

Knows: JSON Schema, the names of parts. Does not know: what is in them, who fills them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, cast

from renderers.base import JSON
from storyboard.core.answer_schema import object_of
from storyboard.plan import Language
from storyboard.plan.formats import BeatSpec, Format
from storyboard.plan.languages import ABOUT
from storyboard.writing.planning.script import LOOSER, Script, beat_keys, spoken_limit

TOKENS_PER_CHARACTER = 0.6
"""Between English (a quarter) and Japanese (one), since most fields are English."""
TOKENS_PER_FIELD = 16
"""Its name, its punctuation, and blanks for those who like them."""
READING = 1.2
READING_OF_SIGNS = 3.0
"""Most characters of a reading for one of its line: kana for kanji, or a word spelt as it sounds."""


def script_schema(format: Format, language: Language, *, designs: bool = True) -> dict[str, Any]:
    """JSON Schema of a script for this format: names and counts are fixed, text is bounded.

    Without `designs` neither style nor lettering is asked for: what small models write there
    spoils every picture of the film, and the format's own will do.
    """
    schema = _bare(Script.model_json_schema())
    records = schema["$defs"]
    for record in records.values():
        if "properties" in record:
            record["required"] = list(record["properties"])
    properties = schema["properties"]
    if not designs:
        del properties["style"]
        place = records["ScriptSetting"]
        del place["properties"]["lettering"]
        place["required"].remove("lettering")
    properties["cast"] = object_of({r.id: _record("ScriptCharacter") for r in format.roles})
    properties["settings"] = object_of({s.id: _record("ScriptSetting") for s in format.settings})
    said = records.pop("ScriptBeat")["properties"]
    beats = zip(beat_keys(format), format.beats, strict=True)
    properties["beats"] = object_of({key: _beat_schema(said, b, language) for key, b in beats})
    if format.hook is None:
        del properties["hook"]
        del records["ScriptHook"]
    else:
        properties["hook"] = _record("ScriptHook")
        line = records["ScriptHook"]["properties"]["line"]
        line["maxLength"] = round(LOOSER * format.hook.most(language))
    schema["required"] = list(properties)
    return schema


def part_of(schema: Mapping[str, Any], paths: Iterable[str]) -> dict[str, Any]:
    """The schema of those parts of a script alone: `beats.3_refusal`, `cast.lead`, `title`.

    A path that leads nowhere stands for the whole of what it leads from.
    """
    wanted: dict[str, set[str]] = {}
    for path in paths:
        section, _, rest = path.partition(".")
        wanted.setdefault(section, set()).add(re.split(r"[.\[]", rest)[0])
    sections = {name: s for name, s in schema["properties"].items() if name in wanted}
    if len(sections) < len(wanted):
        return dict(schema)
    for name, part in sections.items():
        entries = part.get("properties", {})
        if entries and wanted[name] <= set(entries):
            sections[name] = object_of(
                {key: entries[key] for key in entries if key in wanted[name]}
            )
    return {**schema, "properties": sections, "required": list(sections)}


def parts_in_order(schema: Mapping[str, Any]) -> list[str]:
    """A script's parts as one would write them one by one: people, places, beats, hook, title.

    Each is what `part_of` takes; the fields that stand alone are one part, blanks between them.
    """
    sections = schema["properties"]
    tables = [name for name in ("cast", "settings", "beats") if name in sections]
    parts = [f"{name}.{key}" for name in tables for key in sections[name]["properties"]]
    if "hook" in sections:
        parts.append("hook")
    return [*parts, " ".join(name for name in sections if name not in (*tables, "hook"))]


def parts_at_fault(schema: Mapping[str, Any], faults: Iterable[str]) -> dict[str, list[str]]:
    """Faults by the part in which each is to be mended, in the parts' order."""
    parts = parts_in_order(schema)
    found: dict[str, list[str]] = {}
    for fault in faults:
        where = re.split(r"[.\[]", fault.partition(":")[0])
        for part in parts:
            names = part.split(".")
            # A fault of a whole section is each part's; one of a single field the last part's.
            if names[: len(where)] == where[: len(names)] or where[0] in part.split(" "):
                found.setdefault(part, []).append(fault)
    return {part: found[part] for part in parts if part in found}


def merged(script: JSON, part: JSON, schema: Mapping[str, Any]) -> JSON:
    """A script with parts of it replaced. What `schema` does not know is left behind."""
    if not isinstance(script, dict) or not isinstance(part, dict):
        return part
    fields = schema["properties"]
    whole: dict[str, JSON] = {name: value for name, value in script.items() if name in fields}
    for name, value in part.items():
        old, entries = whole.get(name), fields.get(name, {}).get("properties")
        if entries and isinstance(old, dict) and isinstance(value, dict):
            whole[name] = {k: v for k, v in old.items() if k in entries} | value
        else:
            whole[name] = value
    return whole


def most_tokens(schema: Mapping[str, Any]) -> int:
    """More tokens than an answer of this schema should take, whatever the language."""
    records = schema.get("$defs", {})

    def count(part: Mapping[str, Any]) -> float:
        if "$ref" in part:
            return count(records[part["$ref"].rpartition("/")[2]])
        fields = part.get("properties", {}).values()
        own = TOKENS_PER_CHARACTER * part.get("maxLength", 0)
        return TOKENS_PER_FIELD + own + sum(count(field) for field in fields)

    return max(512, round(count(schema)))


def _bare(schema: Any) -> Any:
    """Without what Pydantic adds for people: every byte is read by the model or its server."""
    if isinstance(schema, dict):
        known = cast(dict[str, Any], schema)
        told = ("title", "description", "default")
        return {n: _bare(v) for n, v in known.items() if n not in told or isinstance(v, dict)}
    return schema


def _record(name: str) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{name}"}


def _beat_schema(fields: dict[str, Any], spec: BeatSpec, language: Language) -> dict[str, Any]:
    fields = {**fields, "expression": {"enum": list(spec.expressions)}}
    if spec.speaker is None:
        return object_of({name: fields[name] for name in ("expression", "action")})
    limit = round(LOOSER * spoken_limit(spec, language))
    line = {"type": "string", "minLength": 1, "maxLength": limit}
    reading = {
        "type": "string",
        "maxLength": min(
            360, round((READING if ABOUT[language].spaced else READING_OF_SIGNS) * limit)
        ),
    }
    return object_of({**fields, "line": line, "reading": reading})
