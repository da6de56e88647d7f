"""Lists of ideas: text (an idea a line, or a list of Markdown), CSV (a heading line), JSONL; and
the films of a script.

A list is read whole before anything of it is queued. `plan.canvas.fps` as a column of CSV, or an
object `plan` in JSONL, overrides what the plan holds.

Knows: files, rows. Does not know: what holds as an entry.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

from storyboard.batch.entry import Entry, EntryError, Row
from storyboard.core.errors import UsageError
from storyboard.core.files import parse_json, read_given
from storyboard.writing.script import FORMAT as SCRIPTED
from storyboard.writing.script import Source, cut_script

LISTS = frozenset({".csv", ".tsv", ".tab", ".jsonl", ".ndjson", ".txt", ".text", ".md"})
"""How the names of files of ideas end."""
_PLAN = "plan."


def read_rows(source: Path) -> list[Row]:
    """The raw entries of a `.csv`, `.jsonl` or text file.

    Raises:
        EntryError: a heading that does not hold. UsageError: it cannot be read.
    """
    text = read_given(source)
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
