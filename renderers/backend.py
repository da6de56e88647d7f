"""What all backends share, whatever they make.

Knows: names, fingerprints, life. Does not know: any modality.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from typing_extensions import TypeAliasType

# A named alias, because Pydantic cannot follow an implicit recursive one.
JSON = TypeAliasType("JSON", "bool | int | float | str | list[JSON] | dict[str, JSON] | None")


class Backend(Protocol):
    """What all backends share."""

    @property
    def name(self) -> str:
        """Short stable name, as in a profile (`kokoro`, `animatic`, `openai`)."""
        ...

    def fingerprint(self) -> Mapping[str, JSON]:
        """What a result depends on besides the request: adapter version, model, revision.

        Part of the cache key, so it must be cheap and must not touch a GPU.
        """
        ...

    def close(self) -> None:
        """Let go of everything held (models, processes, sockets). May be called twice."""
        ...


@runtime_checkable
class Warms(Protocol):
    """A backend that takes long to load, and may do so before it is asked."""

    def warm(self) -> None:
        """Begin to load in the background; what goes wrong is told to the first request."""
        ...
