"""Styles: how a film looks, in words for image models and as a look of the animatic.

Knows: the style files in `prompts/styles`, and those of users. Does not know: drawing.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path

import yaml
from pydantic import Field, ValidationError

from renderers.scene import Look
from storyboard.core.errors import UsageError
from storyboard.plan import Plan
from storyboard.plan.records import Record, Stripped, Text, describe_errors

DEFAULT_STYLE = "flat"


class StyleFile(Record):
    """One style as its file says it."""

    name: Stripped = Field(min_length=1, max_length=32)
    title: Stripped = Field(min_length=1, max_length=60)
    summary: Text = ""
    look: Look = "flat"
    """What the animatic draws with."""
    words: Text = Field(min_length=1)
    """What image models are told."""


def load_style(name: str) -> StyleFile:
    """A shipped style by its name, or a YAML file.

    Raises:
        UsageError: there is none, or it does not hold; with what is allowed.
    """
    shipped = {style.name: style for style in list_styles()}
    if name in shipped:
        return shipped[name]
    path = Path(name).expanduser()
    if path.suffix not in (".yaml", ".yml"):
        raise UsageError(
            f"--style: there is no style '{name}': {', '.join(shipped)}, or a YAML file of yours"
        )
    try:
        return _read(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--style: {path} cannot be read: {error}") from None


@cache
def list_styles() -> tuple[StyleFile, ...]:
    """The styles that come with Storyboard, the default one first."""
    found = list(_shipped())
    return tuple(sorted(found, key=lambda style: (style.name != DEFAULT_STYLE, style.name)))


def in_style(plan: Plan, style: StyleFile) -> Plan:
    """The plan in this style: its look for the animatic, its words for image models."""
    changed = plan.style.model_copy(update={"look": style.look, "description": style.words})
    return plan.model_copy(update={"style": changed})


def _shipped() -> Iterator[StyleFile]:
    for file in files("prompts").joinpath("styles").iterdir():
        if file.name.endswith(".yaml"):
            yield _read(file.read_text(encoding="utf-8"), file.name)


def _read(text: str, source: str) -> StyleFile:
    try:
        return StyleFile.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise UsageError(f"--style: {source} is not YAML: {error}") from None
    except ValidationError as error:
        raise UsageError(f"--style: {source}: " + "; ".join(describe_errors(error))) from None
