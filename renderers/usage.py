"""What a call to a paid model took, answered or not.

Knows: counts. Does not know: prices, logs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Usage:
    """Calls that a server answered, and the tokens it counted for them."""

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.calls + other.calls,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
        )


Admit = Callable[[Usage], None]
"""Lets one more answer be asked for, or raises; it is told what the question took so far."""
