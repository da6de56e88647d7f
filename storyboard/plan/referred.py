"""What a prompt refers to, and what of it a picture is drawn from.

    setting:kitchen   character:ann   beat:2   own/photo.jpg

Knows: how it is written. Does not know: where its picture lies, what it shows.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, cast

Kind = Literal["setting", "character", "beat", "file"]
KINDS = ("setting", "character", "beat")
"""What a film has of its own; all else is a file."""


class Referred(NamedTuple):
    kind: Kind
    name: str
    """An id, a beat's number, or a path."""

    @classmethod
    def of(cls, written: str) -> Referred:
        kind, _, name = written.partition(":")
        return cls(cast(Kind, kind), name) if kind in KINDS else cls("file", written)

    def __str__(self) -> str:
        return self.name if self.kind == "file" else f"{self.kind}:{self.name}"

    @property
    def called(self) -> str:
        """The name of somebody by his id alone, for who does not know the plan."""
        return self.name.replace("_", " ").title()
