"""Getting a sound answer out of what a language model wrote.

Servers wrap JSON in prose and fences, put raw control characters into strings, repeat
themselves for ever, or think aloud in the wrong field. Each of these is met here once.

Knows: text. Does not know: servers, schemas' meaning.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from renderers.base import JSON
from renderers.errors import BadOutput

MAX_REPEATS = 11
"""How often one 5-gram may occur before the answer counts as a runaway."""
MAX_CANDIDATES = 200
"""Places at which JSON is looked for in one answer."""
_THOUGHT = re.compile(r"<(think|thinking|thought)>(.*?)</\1>", re.DOTALL | re.IGNORECASE)


def split_reasoning(text: str) -> tuple[str, str]:
    """(answer, reasoning) where a server left the reasoning inside the answer."""
    reasoning = "\n".join(match[2].strip() for match in _THOUGHT.finditer(text))
    return _THOUGHT.sub("", text).strip(), reasoning


def is_runaway(text: str, size: int = 5) -> bool:
    """Whether any run of five words (characters, for unspaced scripts) comes too often."""
    words = text.split()
    # Unspaced scripts and whitespace loops have few words however long they are.
    units = words if len(text) < 12 * max(1, len(words)) else list(re.sub(r"\s+", " ", text))
    grams = Counter(zip(*(units[i:] for i in range(size)), strict=False))
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


def parse_json(text: str) -> JSON:
    """The one JSON object or array in `text`, whatever stands around it.

    Raises:
        BadOutput: there is none; the message quotes where it broke.
    """
    fault = "it holds no JSON object"
    for candidate in islice(_candidates(text), MAX_CANDIDATES):
        try:
            value, _ = _DECODER.raw_decode(candidate)
        except json.JSONDecodeError as error:
            fault = f"{error.msg} near {candidate[max(0, error.pos - 20) : error.pos + 20]!r}"
            continue
        except (ValueError, RecursionError) as error:
            fault = str(error)
            continue
        if isinstance(value, dict | list):
            return _writable(value)  # pyright: ignore[reportUnknownArgumentType]
    raise BadOutput(f"the answer is not JSON: {fault}")


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


def _candidates(text: str) -> Iterator[str]:
    """Places where a JSON value may begin, likeliest first."""
    yield text.strip()
    for match in re.finditer(r"```(?:json)?\s*", text):
        yield text[match.end() :].strip()
    for match in re.finditer(r"[{\[]", text):
        yield text[match.start() :]
