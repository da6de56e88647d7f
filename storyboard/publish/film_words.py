"""What the film itself says beside its story, in its own language: `prompts/words/film.yaml`.

Knows: where the words lie. Does not know: what is made of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from storyboard.core.prompt_files import prompt_data
from storyboard.plan import Language


def words_of(language: Language) -> Mapping[str, str]:
    return _words()[language]


def format_tag(format: str, language: Language) -> str:
    """The hashtag of a format that comes with Storyboard; "" for a user's own."""
    return str(_words()[language]["tags"].get(format, ""))


@cache
def _words() -> Mapping[str, Any]:
    return prompt_data("words/film.yaml")
