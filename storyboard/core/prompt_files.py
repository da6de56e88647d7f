"""What lies in `prompts/`: what models are told, and words as data.

Knows: that folder, YAML. Does not know: who is told it, what the words are for.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

from storyboard.core.yaml_text import parse_packaged

PROMPTS = Path(str(files("prompts")))


def prompt_text(name: str) -> str:
    """A text by its path there (`review/system.txt`), without blanks around it."""
    return _read(name).strip()


def prompt_data(name: str) -> Any:
    """What a YAML file there holds, by its path (`words/film.yaml`)."""
    return parse_packaged(_read(name))


def _read(name: str) -> str:
    return (PROMPTS / name).read_text(encoding="utf-8")
