"""JSON Schema of what a model answers, in the part of the language that all servers take.

Knows: JSON Schema. Does not know: models, what is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def object_of(fields: Mapping[str, Any]) -> dict[str, Any]:
    """An object with these fields, all of them and no other, in this order: a model writes what
    comes first before it knows the rest."""
    return {
        "type": "object",
        "properties": dict(fields),
        "required": list(fields),
        "additionalProperties": False,
    }
