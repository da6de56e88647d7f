"""Options of a backend: those that are given, those that it knows.

Knows: names, values. Does not know: what an option does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TypeVar

from renderers.errors import BadRequest

T = TypeVar("T")


def given(**options: T | None) -> dict[str, T]:
    """Those that have a value."""
    return {name: value for name, value in options.items() if value is not None}


def one_of(option: str, value: str, known: Collection[str]) -> None:
    """
    Raises:
        BadRequest: the value is none of the known ones.
    """
    if value not in known:
        raise BadRequest(f"{option}: {value!r} is none of {', '.join(known)}")


def refuse_others(
    options: Iterable[str], known: Iterable[str], whose: str, told: Iterable[str] | None = None
) -> None:
    """`whose` is who knows those options and of what ("video", "dialect sglang"); `told` are the
    names to tell of, by default all that are known.

    Raises:
        BadRequest: there are others among the options.
    """
    if others := sorted(set(options) - set(known)):
        kind, _, name = whose.partition(" ")
        raise BadRequest(
            f"{kind} options {', '.join(others)}: unknown to {name}; it takes "
            f"{', '.join(sorted(set(known if told is None else told)))}"
        )
