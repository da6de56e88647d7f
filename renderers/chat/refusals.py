"""What a server means by a refusal, as far as something milder can be asked for instead.

Each server words its body in its own way: OpenAI's `{"error": {"message"}}`, LM Studio's and
TGI's `{"error": "…"}`, FastAPI's `{"detail": [{"loc", "msg"}]}`, Google's list of one, plain
text. All of it is read, and the field's name may stand in any part.

Knows: the words that servers refuse with. Does not know: requests, answers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

OPTIONAL = (
    *("thinking_token_budget", "chat_template_kwargs", "reasoning_effort"),
    *("stream_options", "stream", "seed", "temperature", "max_tokens", "top_p", "top_k", "min_p"),
    *("repetition_penalty", "presence_penalty", "frequency_penalty"),
)
"""Fields that a question can do without; `max_tokens` has a newer name."""
LONGEST = 600
"""Characters of a refusal that are told."""
_FORMAT = ("response_format", "json_schema", "json_object", "schema", "grammar", "guided")
_LENGTH = re.compile(
    r"context[ _](length|size|window|limit)|max(imum)?[ _](model[ _])?(len|context)|n_ctx"
    r"|too many (input )?tokens|prompt is too long|input (token count|is too long)"
    r"|(inputs?|prompt)`? (tokens )?(\+ `max_new_tokens` )?must (be <=|have less than)"
    r"|reduce the length|context the overflows|maximum number of tokens allowed"
    r"|(prompt|input) length (is|should be)"
)
_SYSTEM = re.compile(
    r"system (role|message|prompt|instruction)s?\b.{0,40}not (be )?(supported|allowed|enabled)"
    r"|developer instruction is not enabled|only user(,| and) (assistant|model)"
    r"|roles must alternate|(unsupported|unexpected) role|does not support ['\"`]?system"
)
_LARGE = re.compile(r"max_(?:completion_)?tokens.{0,80}?at most (\d+)", re.DOTALL)


class Declined(Exception):
    """A server's refusal: its status (one is made up where it hides in a sound answer)."""

    def __init__(self, status: int, said: str, retry_after: str = "") -> None:
        super().__init__(said)
        self.status = status
        self.said = said
        self.retry_after = retry_after

    @property
    def busy(self) -> bool:
        """Whether asking again later may help."""
        return self.status in (408, 409, 425, 429) or self.status >= 500


def said_by(body: bytes) -> str:
    """What a refusal says, whatever form it has."""
    text = body.decode("utf-8", "replace").strip()
    try:
        data: Any = json.loads(text)
    except (ValueError, RecursionError):
        data = None
    parts = [p for p in dict.fromkeys(_parts(data)) if p]
    plain = " ".join("; ".join(parts).split()) or " ".join(re.sub(r"<[^>]+>", " ", text).split())
    return plain[:LONGEST] or "it says nothing"


def error_within(data: Mapping[str, Any]) -> Declined | None:
    """The refusal in an answer that was sent as a good one; None where there is none."""
    error = data.get("error") or data.get("detail") or data.get("message")
    if not error or data.get("choices"):
        return None
    code: Any = cast("dict[str, Any]", error if isinstance(error, dict) else data).get("code")
    status = int(code) if str(code).isdecimal() and 400 <= int(code) < 600 else 400
    return Declined(status, said_by(json.dumps(data).encode()))


def _parts(data: Any, place: str = "") -> Iterator[str]:
    """Every message in a body, a field's name before what is said of it."""
    if isinstance(data, str):
        yield f"{place}: {data}" if place else data
    elif isinstance(data, list):
        for item in cast("list[Any]", data):
            yield from _parts(item, place)
    elif isinstance(data, dict):
        table = cast("dict[str, Any]", data)
        where = table.get("loc") or table.get("param") or table.get("field")
        if where:
            names = cast("list[Any]", where) if isinstance(where, list) else [where]
            place = ".".join(str(name) for name in names if name != "body")
        for name in ("error", "message", "msg", "detail", "details", "description", "reason"):
            yield from _parts(table.get(name), place)


def refused_fields(said: str, sent: Mapping[str, object]) -> list[str]:
    """The optional fields of a request that a refusal names."""
    names = {**sent, **cast("dict[str, object]", sent.get("extra_body", {}))}
    low = said.lower()
    # Some name `presence_penalty` as their own library spells it: presencePenalty.
    written = {name: name.replace("_", "_?") for name in OPTIONAL if name in names}
    return [n for n, w in written.items() if re.search(rf"(?<![a-z_]){w}(?![a-z_])", low)]


def is_about_format(said: str) -> bool:
    """Whether it is about how the JSON was asked for, not about the question."""
    low = said.lower()
    return any(word in low for word in _FORMAT)


def is_too_long(said: str) -> bool:
    """Whether question and answer together are more than the model's context holds."""
    return _LENGTH.search(said.lower()) is not None


def is_about_roles(said: str) -> bool:
    """Whether the chat template takes no system message, or no two of one role in a row."""
    return _SYSTEM.search(said.lower()) is not None


def most_allowed(said: str) -> int | None:
    """Tokens of an answer that a server allows at most, where it says so."""
    match = _LARGE.search(said.lower())
    return int(match[1]) if match else None
