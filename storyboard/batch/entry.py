"""An entry: one film that is wished for, and the sources that entries are read from.

Ideas come from the command line, a text file (an idea a line, or a list of
Markdown), CSV (a heading line) or JSONL.
A source is read whole before anything of it is queued, and every fault is told by line and
field. Whatever a plan holds can be overridden: `plan.canvas.fps` as a column of CSV, an
object `plan` in JSONL.

Knows: the shape of an entry, files. Does not know: the queue, how a film is made.
"""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    ValidationError,
    field_validator,
    model_validator,
)

from storyboard.core.errors import PlanError, UsageError
from storyboard.core.files import digest_json, parse_json, read_written, slugify
from storyboard.plan import Aspect, Language, Plan, dump_plan, parse_plan
from storyboard.plan.format_files import load_format
from storyboard.profile import load_profile
from storyboard.stages.own_media import with_own_media
from storyboard.writing.script import FORMAT as SCRIPTED
from storyboard.writing.script import Source, cut_script

LISTS = frozenset({".csv", ".tsv", ".tab", ".jsonl", ".ndjson", ".txt", ".text", ".md"})
"""How the names of files of ideas end."""
_PLAN = "plan."
_NO_FOLDER = Path("/nonexistent/film")
"""A film that is queued has no folder yet: its files lie in the profile's `[media] roots`."""


class EntryError(UsageError):
    """Entries that do not hold. `faults` has one `source:line: field: message` each."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        super().__init__(
            f"nothing was queued ({count}):\n" + "\n".join(f"  {fault}" for fault in faults)
        )


class Entry(BaseModel):
    """One film that is wished for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    idea: str = Field(max_length=2000)
    format: str = ""
    """Left out: the one that fits the idea."""
    language: Language | None = None
    aspect: Aspect | None = None
    seed: int | None = Field(default=None, ge=0, le=2**31 - 1)
    profile: str = "embedded"
    due: datetime | None = None
    """When it should be there; of two films of one priority the sooner due is made first."""
    priority: int = Field(default=5, ge=1, le=9)
    """1 is made first."""
    plan: dict[str, JsonValue] = Field(default_factory=dict[str, JsonValue])
    """Laid over the plan that is written: objects field by field, all else as a whole."""
    script: Source | None = None
    """What the film says, word for word; the idea is its title then."""

    @model_validator(mode="before")
    @classmethod
    def _fits(cls, given: Any) -> Any:
        if not isinstance(given, dict) or cast(Any, given).get("format"):
            return cast(Any, given)
        from storyboard.writing.offline import fitting_format

        fields = cast(dict[str, Any], given)
        return fields | {"format": fitting_format(str(fields.get("idea", "")))}

    @field_validator("idea")
    @classmethod
    def _says_something(cls, idea: str) -> str:
        strange = {c for c in idea if unicodedata.category(c) == "Cc" and c not in "\n\r\t"}
        if strange:
            told = ", ".join(sorted(f"U+{ord(c):04X}" for c in strange))
            raise ValueError(f"holds characters that are no text: {told}")
        if not any(unicodedata.category(c)[0] in "LNPS" for c in idea):
            raise ValueError("is empty: say in a few words what the film is about")
        return idea.strip()

    @field_validator("due")
    @classmethod
    def _knows_its_zone(cls, due: datetime | None) -> datetime | None:
        # Without a zone, the clock on this machine's wall is meant.
        return due.astimezone() if due is not None and due.tzinfo is None else due

    @property
    def id(self) -> str:
        """Equal for equal entries, so that adding a file twice makes no film twice."""
        # When it is wanted is no part of what is wanted.
        same = self.model_dump(mode="json", exclude={"due", "priority", "script"})
        # Left out where there is none: entries of before stay the same films.
        same |= {"script": self.script.model_dump(mode="json")} if self.script else {}
        return f"{slugify(self.idea, 28)}-{digest_json(same)[:8]}"


@dataclass(frozen=True, slots=True)
class Row:
    """One raw entry, and where it stands."""

    where: str
    fields: Mapping[str, Any]
    fault: str = ""
    """Why it is no entry at all."""


def read_rows(source: Path) -> list[Row]:
    """The raw entries of a `.csv`, `.jsonl` or text file.

    Raises:
        EntryError: a heading that does not hold. UsageError: it cannot be read.
    """
    try:
        text = read_written(source)
    except OSError as error:
        raise UsageError(f"{source} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{source} cannot be read: it is not UTF-8; save it as that") from None
    match source.suffix.lower():
        case ".csv" | ".tsv" | ".tab":
            return list(_csv_rows(text, str(source)))
        case ".jsonl" | ".ndjson":
            return list(_json_rows(text, str(source)))
        case ".txt" | ".text" | ".md" | "":
            lines = enumerate(map(_unlisted, text.splitlines()), 1)
            return [Row(f"{source}:{number}", {"idea": line}) for number, line in lines if line]
        case other:
            raise UsageError(
                f"{source}: '{other}' is no list of ideas: use .txt, .md, .csv, .tsv or .jsonl"
            )


def check_entries(
    rows: Sequence[Row], defaults: Mapping[str, Any], source: str = "the command line"
) -> list[Entry]:
    """Valid entries, or every fault by line and field.

    Raises:
        EntryError: a row does not hold, two are the same film, or there is none.
    """
    entries: list[Entry] = []
    faults: list[str] = [] if rows else [f"{source} holds no ideas"]
    seen: dict[str, str] = {}
    # A thousand ideas share a format and a profile: each is read once.
    named = _Named()
    for row in rows:
        if row.fault:
            faults.append(f"{row.where}: {row.fault}")
            continue
        try:
            entry = Entry.model_validate({**defaults, **row.fields})
        except ValidationError as error:
            faults += [f"{row.where}: {_describe(each)}" for each in error.errors()]
            continue
        found = [f"{row.where}: {fault}" for fault in _deep_faults(entry, named)]
        if entry.id in seen:
            found.append(
                f"{row.where}: idea: the same film as {seen[entry.id]}: leave it out, or give it "
                "a seed of its own (a column of CSV, a field of JSONL)"
            )
        seen.setdefault(entry.id, row.where)
        faults += found
        entries.append(entry)
    if faults:
        raise EntryError(faults)
    return entries


def script_rows(source: Source, *, episodes: bool) -> list[Row]:
    """The films of a script: itself, or its episodes.

    Raises:
        UsageError: it is too long, and no `episodes` are asked for.
    """
    cuts = cut_script(source, None, episodes=episodes)
    return [
        Row(source.name, {"idea": cut.title, "format": SCRIPTED, "script": cut.source})
        for cut in cuts
    ]


def overridden(plan: Plan, overrides: Mapping[str, Any]) -> Plan:
    """The plan with what an entry says otherwise.

    Raises:
        PlanError: it does not hold any more; every fault by its path.
    """
    if not overrides:
        return plan
    data = json.loads(dump_plan(plan))
    return parse_plan(_merged(data, overrides), "the plan with its overrides")


# --- rows -------------------------------------------------------------------


_MARK = re.compile(
    r"\s*(?:>\s*)*(?:[-*+•‣◦・–—]\s+|\(?\d{1,3}[.)]\s+|\d{1,3}[．、]\s*)?(?:\[[ xX✓✔]?\]\s+|[☐☑✓✔]\s*)?"
)
"""What stands before an item of a list: a bullet, a number, a check box."""
_NO_ITEM = re.compile(r"\s*(?:#|```|~~~|<!--|[-*_=](?:\s*[-*_=]){2,}\s*$)")
"""A heading, a fence, a ruler: no item at all."""
_STRONG = re.compile(r"(\*\*|__|`)(?=\S)(.+?)(?<=\S)\1")
"""Words that stand out, with what makes them."""


def _unlisted(line: str) -> str:
    """The words of an item of a list; "" where the line is none."""
    return "" if _NO_ITEM.match(line) else _STRONG.sub(r"\2", _MARK.sub("", line, count=1)).strip()


def _csv_rows(text: str, source: str) -> Iterator[Row]:
    # Excel's own line says what stands between cells.
    named = re.match(r"\ufeff?\"?sep=(.)\"?[ \t]*(?:\n|$)", text, re.I)
    if named:
        text = "\n" + text[named.end() :]
    mark = named[1] if named else _delimiter(text)
    reader = csv.reader(io.StringIO(text), strict=True, delimiter=mark)
    heading: list[str] | None = None
    try:
        for cells in reader:
            where = f"{source}:{reader.line_num}"
            if not any(cell.strip() for cell in cells):
                continue
            if heading is None:
                heading = [_heading(cell) for cell in cells]
                while heading and not heading[-1]:
                    heading.pop()
                if faults := list(_heading_faults(where, heading)):
                    raise EntryError(faults)
            elif any(cell.strip() for cell in cells[len(heading) :]):
                yield Row(
                    where,
                    {},
                    f"{len(cells)} cells under {len(heading)} headings: "
                    'put an idea that holds a comma in "quotes"',
                )
            else:
                yield Row(where, dict(_fields(heading, cells)))
    except csv.Error as error:
        yield Row(f"{source}:{reader.line_num}", {}, f"is not CSV: {error}")


def _delimiter(text: str) -> str:
    """What stands between cells: spreadsheets write a semicolon where the comma is decimal."""
    heading = next((line for line in text.splitlines() if line.strip()), "")
    marks = sorted(";\t|", key=heading.count, reverse=True)
    return next((mark for mark in marks if heading.count(mark) > heading.count(",")), ",")


def _heading(cell: str) -> str:
    name = cell.strip()
    return name if name.startswith(_PLAN) else name.lower()


def _heading_faults(where: str, heading: list[str]) -> Iterator[str]:
    allowed = [name for name in Entry.model_fields if name not in ("plan", "script")]
    for name in heading:
        if name not in allowed and not (name.startswith(_PLAN) and name != _PLAN):
            yield f"{where}: {name or 'a heading without a name'}: is none of {', '.join(allowed)}, plan.…"
    if len(set(heading)) < len(heading):
        yield f"{where}: two headings are the same"
    if "idea" not in heading:
        yield f"{where}: idea: is missing among the headings"


def _fields(heading: list[str], cells: list[str]) -> Iterator[tuple[str, Any]]:
    plan: dict[str, Any] = {}
    for name, cell in zip(heading, cells, strict=False):
        text = cell.strip()
        if not text and name != "idea":
            continue
        if name.startswith(_PLAN):
            _place(plan, name.removeprefix(_PLAN).split("."), _value(text))
        else:
            yield name, text
    if plan:
        yield "plan", plan


def _value(text: str) -> Any:
    """A cell as JSON if it is some, else as the words it holds."""
    try:
        return parse_json(text)
    except ValueError:
        return text


def _place(table: dict[str, Any], path: Sequence[str], value: Any) -> None:
    for name in path[:-1]:
        inner = table.setdefault(name, {})
        if not isinstance(inner, dict):
            return
        table = cast("dict[str, Any]", inner)
    table[path[-1]] = value


def _json_rows(text: str, source: str) -> Iterator[Row]:
    # Not `splitlines`: a string of JSON may hold a line separator of Unicode.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        where = f"{source}:{number}"
        try:
            found: object = parse_json(line)
        except ValueError as error:
            yield Row(where, {}, f"is not JSON: {error}")
            continue
        if isinstance(found, str):
            yield Row(where, {"idea": found})
        elif isinstance(found, dict):
            yield Row(where, cast("dict[str, Any]", found))
        else:
            yield Row(where, {}, "is neither an object nor the words of an idea")


# --- faults -----------------------------------------------------------------


def _describe(error: Any) -> str:
    path = ".".join(str(part) for part in error["loc"]) or "entry"
    if error["type"] == "extra_forbidden":
        return f"{path}: unknown field: one of {', '.join(Entry.model_fields)}"
    message = error["msg"].removeprefix("Value error, ")
    value = error["input"]
    told = isinstance(value, str | int | float) and error["type"] != "missing" and str(value)
    return f"{path}: {message}" + (f" (is {str(value)[:60]!r})" if told else "")


class _Named:
    """What is wrong with the formats and profiles that entries name, each looked at once."""

    def __init__(self) -> None:
        self._faults: dict[tuple[str, str], str] = {}
        self._roots: dict[str, list[Path]] = {}

    def fault(self, field: str, name: str) -> str:
        """Empty where nothing is."""
        if (field, name) not in self._faults:
            try:
                {"format": load_format, "profile": load_profile}[field](name)
                self._faults[field, name] = ""
            except UsageError as error:
                self._faults[field, name] = str(error)
        return self._faults[field, name]

    def roots(self, profile: str) -> list[Path]:
        """Folders from which a plan of that profile may take files."""
        if profile not in self._roots:
            found = load_profile(profile)
            named = [*found.media.roots, *filter(None, [found.image.cast_library])]
            self._roots[profile] = [Path(root).expanduser() for root in named]
        return self._roots[profile]


def _deep_faults(entry: Entry, named: _Named) -> Iterator[str]:
    """What only its parts can tell: format, profile, the plan with its overrides."""
    # A script has its own shape: no format gives it one.
    for field in ("profile",) if entry.script else ("format", "profile"):
        if fault := named.fault(field, getattr(entry, field)):
            yield f"{field}: {fault}"
            return
    if entry.plan:
        try:
            # The film's own plan may be another: this one has the same shape.
            plan = _draft(entry.format, entry.language, entry.aspect, entry.idea)
            with_own_media(overridden(plan, entry.plan), _NO_FOLDER, named.roots(entry.profile))
        except PlanError as error:
            yield from (f"plan.{fault}" for fault in error.faults)


@lru_cache(maxsize=64)
def _draft(format: str, language: Language | None, aspect: Aspect | None, idea: str) -> Plan:
    # Only overrides need a draft: what chooses its stories is not loaded for a list.
    from storyboard.writing.offline import detect_language, write_plan

    return write_plan(idea, load_format(format), language or detect_language(idea), aspect, 1)


def _merged(base: Any, changes: Mapping[str, Any]) -> Any:
    if not isinstance(base, dict):
        return dict(changes)
    merged: dict[str, Any] = dict(cast("dict[str, Any]", base))
    for name, value in changes.items():
        if isinstance(value, dict):
            merged[name] = _merged(merged.get(name), cast("dict[str, Any]", value))
        else:
            merged[name] = value
    return merged
