"""Getting a sound answer out of what a language model wrote.

Models draft before they answer, think aloud without an opening tag, cite notes in brackets,
end lists with a comma, or repeat themselves for ever. Each of these is met here once.

Knows: text, where a JSON value begins and ends in it. Does not know: servers, what a schema
asks for (`renderers.chat.shape`).
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, cast

from renderers.base import JSON
from renderers.errors import BadOutput

MAX_REPEATS = 11
"""How often one 5-gram may occur before the answer counts as a runaway."""
MOST_READ = 2_000_000
"""Characters that are read in search of JSON, some of them many times where it is broken."""
A_LOOK = 100
"""Characters that a look at one bracket counts for at least."""
MOST_MENDED = 200_000
"""Characters of a value that is mended at all."""
MOST_NESTED = 1000
"""Levels at which the parser gives up, about."""
_THOUGHT = re.compile(r"<(think|thinking|thought|reasoning)>(.*?)</\1>", re.DOTALL | re.IGNORECASE)
_LOOSE_END = re.compile(r"^.*</(?:think|thinking|thought|reasoning)>", re.DOTALL | re.IGNORECASE)
_LOOSE_START = re.compile(r"^\s*<(?:think|thinking|thought|reasoning)>", re.IGNORECASE)
Judge = Callable[[JSON], str]
"""Says what a value lacks; "" where it will do."""


def split_reasoning(text: str) -> tuple[str, str]:
    """(answer, reasoning) where a server left the reasoning inside the answer.

    Templates that open the thoughts themselves leave only the closing tag: all before the
    last one is thought. Thoughts that never end have no answer behind them.
    """
    thoughts = [match[2].strip() for match in _THOUGHT.finditer(text)]
    rest = _THOUGHT.sub("", text)
    if (end := _LOOSE_END.match(rest)) and not _within_a_string(rest, end.end()):
        thoughts.append(re.sub(r"</?\w+>", "", end[0]).strip())
        rest = rest[end.end() :]
    if _LOOSE_START.match(rest):
        thoughts.append(_LOOSE_START.sub("", rest).strip())
        rest = ""
    return rest.strip(), "\n".join(thoughts)


def _within_a_string(text: str, end: int) -> bool:
    """Whether a closing tag stands inside JSON that begins the text, as part of its words."""
    if not text.lstrip().startswith(("{", "[")):
        return False
    try:
        _, stop = _DECODER.raw_decode(text.lstrip())
    except (ValueError, RecursionError):
        return False
    return end <= stop + len(text) - len(text.lstrip())


def is_runaway(text: str) -> bool:
    """Whether any run of five words (characters, for unspaced scripts) comes too often."""
    words = text.casefold().split()
    # Unspaced scripts and whitespace loops have few words however long they are.
    units = words if len(text) < 12 * max(1, len(words)) else list(re.sub(r"\s+", " ", text))
    grams = Counter(zip(*(units[i:] for i in range(5)), strict=False))
    limit = MAX_REPEATS if units is words else 4 * MAX_REPEATS
    if grams and max(grams.values()) > limit:
        return True
    return re.search(r"\s{200,}", text) is not None


def strings(value: JSON) -> Iterator[str]:
    """Every string value inside a JSON value, keys left out."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from strings(item)


def parse_json(text: str, lacks: Judge = lambda _: "") -> JSON:
    """The last complete JSON object or array in `text` that will do, whatever stands around it.

    What a model writes last is what it means: drafts and examples come before. Small slips of
    form (a comma too many, comments, quotes of Python) are mended; a value that was cut off is
    not, since its end would be guessed.

    Raises:
        BadOutput: there is none; the message says what the longest one lacks, or where it broke.
    """
    found: JSON = None
    fault, length = "it holds no JSON object", 0
    for value in _values(text):
        wrong = value.fault or lacks(value.data)
        if not wrong:
            found = value.data
        elif value.length >= length:
            fault, length = (value.fault or wrong), value.length
    if found is None:
        raise BadOutput(f"the answer {'' if fault.startswith('lacks') else 'is not JSON: '}{fault}")
    return _writable(found)


def writable(text: str) -> str:
    """Text without half characters, which no file and no request can hold."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _writable(value: JSON) -> JSON:
    if isinstance(value, str):
        return writable(value)
    if isinstance(value, list):
        return [_writable(item) for item in value]
    if isinstance(value, dict):
        return {writable(name): _writable(item) for name, item in value.items()}
    return value


def _finite(number: str) -> float | None:
    value = float(number)
    return value if math.isfinite(value) else None


# strict=False: real servers put raw newlines and tabs into strings.
_DECODER = json.JSONDecoder(strict=False, parse_float=_finite, parse_constant=lambda _: None)


@dataclass(frozen=True, slots=True)
class _Value:
    """A stretch of text that is, or was meant to be, one JSON value."""

    data: JSON
    length: int
    fault: str = ""


def _values(text: str) -> Iterator[_Value]:
    """The outermost JSON values of a text in their order, broken ones with their fault."""
    at, read = 0, 0
    while read < MOST_READ and (match := _OPENING.search(text, at)):
        at = match.start()
        read += A_LOOK
        try:
            data, end = _DECODER.raw_decode(text, at)
            value = _Value(data, end - at)
            broken = False
        except json.JSONDecodeError as error:
            broken = True
            where = text[max(at, error.pos - 20) : error.pos + 20]
            value = _Value(None, error.pos - at, f"{error.msg} near {where!r}")
        except (ValueError, RecursionError) as error:
            broken = False
            value = _Value(None, MOST_NESTED, str(error))
        if broken:
            # As far as it is looked for a closing bracket, once more where that is found.
            end = _closing(text, at)
            read += min(len(text) - at, MOST_MENDED)
            mended = None if end is None else _mended(text[at:end])
            if mended is not None and end is not None:
                value = _Value(mended, end - at)
        read += value.length
        yield value
        at += 1 if value.fault else value.length


_OPENING = re.compile(r"[{\[]")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|//[^\n]*|/\*.*?\*/|[{}\[\]]', re.DOTALL)
_PAIRS = {"}": "{", "]": "["}


def _closing(text: str, start: int) -> int | None:
    """Where the value that begins at `start` ends; None if it is cut off or never balanced."""
    opened: list[str] = []
    for token in islice(_TOKEN.finditer(text, start, start + MOST_MENDED), 50_000):
        sign = token[0]
        if sign in "{[":
            opened.append(sign)
        elif sign in _PAIRS:
            if opened.pop() != _PAIRS[sign]:
                return None
            if not opened:
                return token.end()
    return None


def _mended(text: str) -> JSON:
    """A value with slips of form mended; None where more than form is wrong with it.

    All letters and digits of what comes out must be those of the text, in their order, and no
    string may hold what looks like the end of one and the beginning of the next: a repair that
    added, lost or joined something has guessed.
    """
    try:
        # Most films ask no model: they need not load what mends its answers.
        import json_repair

        data: Any = cast(Any, json_repair.loads)(text, skip_json_loads=True)
    except (ValueError, RecursionError, IndexError, TypeError):
        return None
    if not isinstance(data, dict | list) or not data:
        return None
    value = cast(JSON, data)
    if _letters(json.dumps(value, ensure_ascii=False)) != _letters(_COMMENT.sub(_kept, text)):
        return None
    said = list(_all_strings(value))
    if any(map(_BOUNDARY.search, said)) or said.count("") > len(_EMPTY.findall(text)):
        return None
    return value


_COMMENT = re.compile(r'"(?:[^"\\]|\\.)*"|//[^\n]*|/\*.*?\*/', re.DOTALL)
_BOUNDARY = re.compile(r"\"\s*[,:]?\s*\"")
_EMPTY = re.compile(r"\"\"|''|“”")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_PYTHON = re.compile(r"\b(?:True|False|None)\b")
_JSON = {"True": "true", "False": "false", "None": "null"}


def _kept(match: re.Match[str]) -> str:
    return match[0] if match[0].startswith('"') else ""


def _letters(text: str) -> str:
    """A text's letters and digits alone: escapes, quotes and blanks are form."""
    plain = _ESCAPE.sub(lambda m: chr(int(m[1], 16)) if m[1] else _escaped(m[2]), text)
    return re.sub(r"[\W_]+", "", _PYTHON.sub(lambda m: _JSON[m[0]], writable(plain)))


def _escaped(letter: str) -> str:
    return "" if letter in "nrtbf" else letter


def _all_strings(value: JSON) -> Iterator[str]:
    """Keys as well."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
        for item in value.values():
            yield from _all_strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _all_strings(item)
