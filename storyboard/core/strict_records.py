"""What the records that people write by hand share: strictness, and faults told by path.

Knows: Pydantic. Does not know: plans, formats, profiles.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from storyboard.core.text import shortened


class Record(BaseModel):
    """A record that refuses unknown fields and is not changed in place."""

    model_config = ConfigDict(extra="forbid", frozen=True)


_MOST = 100
"""Faults that are told of one record."""


def path_of(location: tuple[int | str, ...], root: str) -> str:
    """`("beats", 3, "line")` as `beats[3].line`; `root` for the record itself."""
    path = ""
    for part in location:
        # An unknown field may be called anything.
        path += f"[{part}]" if isinstance(part, int) else f".{shortened(part, 60)}"
    return path.lstrip(".") or root


def described(error: Any, path: str) -> str:
    """One Pydantic error as `path: message`, quoting a short offending value."""
    value, quoted = error["input"], ""
    if error["type"] == "extra_forbidden":
        return f"{path}: unknown field"
    if isinstance(value, str | int | float) and error["type"] != "missing":
        quoted = f" (is {shortened(str(value), 60)!r})"
    return f"{path}: {error['msg'].removeprefix('Value error, ')}{quoted}"


def describe_errors(error: ValidationError, root: str = "plan") -> list[str]:
    """Every fault of a refused record as `path: message`."""
    found = error.errors()
    told = [described(e, path_of(e["loc"], root)) for e in found[:_MOST]]
    return told if len(found) <= _MOST else [*told, f"and {len(found) - _MOST} more"]
