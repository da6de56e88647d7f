"""What a server means by a refusal, as far as something milder can be asked for instead.

Knows: the words that servers refuse with. Does not know: requests, answers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import cast

OPTIONAL = ("thinking_token_budget", "chat_template_kwargs", "seed", "temperature", "max_tokens")
"""Fields that a question can do without; `max_tokens` has a newer name."""
_FORMAT = ("response_format", "json_schema", "json_object", "schema", "grammar", "guided")
_LENGTH = re.compile(
    r"context (length|size|window)|max(imum)?[ _](model[ _])?(len|context)|too many tokens|n_ctx"
)
_UNWANTED = re.compile(
    r"unsupported|not supported|unrecogni[sz]ed|unknown|unexpected|not permitted|forbidden"
)


def refused_field(said: str, sent: Mapping[str, object]) -> str | None:
    """The optional field of a request that a refusal is about."""
    low = said.lower()
    if not _UNWANTED.search(low) or is_too_long(said):
        return None
    names = {**sent, **cast(dict[str, object], sent.get("extra_body", {}))}
    return next((name for name in OPTIONAL if name in names and name in low), None)


def is_about_format(said: str) -> bool:
    """Whether it is about how the JSON was asked for, not about the question."""
    low = said.lower()
    return any(word in low for word in _FORMAT)


def is_too_long(said: str) -> bool:
    """Whether question and answer together are more than the model's context holds."""
    return _LENGTH.search(said.lower()) is not None
