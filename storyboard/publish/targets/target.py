"""What every place has in common: a parcel goes in, a receipt comes out, notes survive.

Knows: the records. Does not know: any place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, cast

import httpx

from storyboard.core.errors import StoryboardError


class NotPublished(StoryboardError):
    """It was refused or broke off; the message says what now."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """An upload folder and what goes with it."""

    key: str
    """One film at one place: the same parcel has the same key for ever."""
    folder: Path
    metadata: Mapping[str, Any]
    """As `metadata.json` has it."""
    at: datetime | None = None
    """When it is to be seen; None: at once."""

    def file(self, kind: str) -> Path | None:
        """Its film, poster or captions; None where it has none."""
        name = self.metadata["files"].get(kind)
        return self.folder / name if name else None

    @property
    def film(self) -> Path:
        return self.folder / self.metadata["files"]["film"]


@dataclass(frozen=True, slots=True)
class Notes:
    """What was reached of one parcel; kept on the disk by `save`, before and after each step."""

    values: dict[str, Any]
    save: Callable[[], None]

    def write(self, **values: Any) -> None:
        self.values.update(values)
        self.save()


@dataclass(frozen=True, slots=True)
class Receipt:
    where: str
    """An address that a person can open, or the name under which the place keeps it."""
    warnings: tuple[str, ...] = ()
    """What did not come along, with the way on."""


class Target(Protocol):
    def describe(self) -> str:
        """Where a film would go and who would see it, in a line."""
        ...

    def send(self, parcel: Parcel, notes: Notes) -> Receipt:
        """Send it, or go on with what the notes tell was begun.

        Raises:
            NotPublished: refused, or broken off.
        """
        ...


def refusal_in_words(answer: httpx.Response) -> str:
    """What an answer says went wrong, on one line."""
    try:
        told: Any = answer.json()
    except ValueError:
        told = answer.text
    for name in ("error", "message", "detail"):
        if isinstance(told, dict):
            told = cast("dict[str, Any]", told).get(name, cast(Any, told))
    return f"{answer.status_code}: {' '.join(str(told).split())[:300]}"
