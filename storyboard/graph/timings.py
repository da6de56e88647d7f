"""How long steps took here before, by what does their work.

A picture by one engine says nothing about another's, nor a draft about a final; so the time of
a step that a backend does is that of steps done by the same backend in the same way.

Knows: the documents of steps, seconds. Does not know: graphs, where documents are kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any, cast

Document = Mapping[str, Any]
_WHO = ("backend", "backends", "judge", "renderer")
"""Parameters that say who does the work."""
_PACE = ("steps", "resolution", "preset", "guidance_scale", "acceleration")
"""Options of a picture that make it take longer."""


@dataclass(frozen=True, slots=True)
class Timings:
    """Median seconds of past results."""

    seconds: Mapping[str, float]

    @classmethod
    def of(cls, results: Iterable[tuple[Document, float]]) -> Timings:
        taken: dict[str, list[float]] = {}
        for document, seconds in results:
            for manner in manners(document):
                taken.setdefault(manner, []).append(seconds)
        return cls({manner: median(each) for manner, each in taken.items()})

    def expect(self, document: Document) -> float | None:
        """Seconds that a step takes; None where none was done in its manner."""
        known = (self.seconds.get(manner) for manner in manners(document))
        return next((seconds for seconds in known if seconds is not None), None)


def manners(document: Document) -> tuple[str, ...]:
    """How a step is done, the closest likeness first.

    Raises:
        KeyError, TypeError, AttributeError: it is no document of a step.
    """
    kind, params = str(document["kind"]), cast("dict[str, Any]", document.get("params") or {})
    who = {name: params[name] for name in _WHO if params.get(name)}
    if not who:
        return (kind,)
    options: dict[str, Any] = params.get("options") or {}
    pace = {name: options[name] for name in _PACE if name in options}
    inputs = cast("dict[str, Any]", document.get("inputs") or {})
    references = sum(label.startswith("image ") for label in inputs)
    alike = f"{kind} {json.dumps([who, pace], sort_keys=True)}"
    return (f"{alike} {references}", alike)
