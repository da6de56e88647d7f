"""JSON of a shape that nobody promises: answers of servers and models, files that anybody may edit.

Knows: JSON's kinds. Does not know: what is in them.
"""

from __future__ import annotations

from typing import Any, cast


def record_of(value: object) -> dict[str, Any]:
    """The value itself if it is an object; else an empty one."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def list_of(value: object) -> list[Any]:
    """The value itself if it is a list; else an empty one."""
    return cast("list[Any]", value) if isinstance(value, list) else []


def text_of(value: object) -> str:
    """A text, or that of a chat's message in parts; "" for anything else."""
    if isinstance(value, list):
        parts = cast("list[object]", value)
        return "".join(
            p if isinstance(p, str) else text_of(record_of(p).get("text")) for p in parts
        )
    return value if isinstance(value, str) else ""
