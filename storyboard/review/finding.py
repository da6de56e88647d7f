"""A finding: one thing that a reviewer holds against a finished cut.

Knows: the shape of a finding. Does not know: who finds it, what is done about it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from renderers.base import JSON

Severity = Literal["severe", "minor", "note"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One defect, where it is, how it is known, and what could be done about it."""

    reviewer: str
    """Who found it: `technical`, `gemini`, ...."""
    defect: str
    """Which kind, from a fixed vocabulary (`last_word_cut`, `frozen`, ...)."""
    severity: Severity
    evidence: str
    """What was measured or seen, in one sentence."""
    beat: int | None = None
    """0 is the hook; None the whole film."""
    start: float | None = None
    """Seconds in the film."""
    end: float | None = None
    stage: str = ""
    """The step to redo, as `speech/beat_03_turn`."""
    patch: tuple[Mapping[str, JSON], ...] = ()
    """JSON Patch operations on the plan. A path names a beat by its index, as people do:
    `/beats/3/line` is beat 3's line (`storyboard.review.plan_patch`)."""
