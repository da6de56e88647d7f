"""What was checked of a film, as its folder has it: `checks.json`, which may be anybody's.

Knows: the file. Does not know: how anything is checked.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from renderers.loose import list_of
from storyboard.core.files import read_record
from storyboard.media.checks import Check

FILE = "checks.json"
_CHECK = TypeAdapter(Check)


def read_checks(folder: Path) -> list[dict[str, Any]]:
    """The checks of the film in a folder; what is none is left out."""
    checks: list[dict[str, Any]] = []
    for each in list_of(read_record(folder / FILE).get("checks")):
        with suppress(ValidationError):
            checks.append(asdict(_CHECK.validate_python(each)))
    return checks
