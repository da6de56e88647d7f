"""What can go wrong in the image engine, as one small tree.

Knows: the kinds of failure and what a caller can do about each.
Does not know: HTTP statuses, retries; those belong to the callers.
"""

from __future__ import annotations


class EngineError(Exception):
    """Any failure of the image engine."""


class BadRequest(EngineError, ValueError):
    """A request that cannot be drawn as it stands; the same request will fail again.

    `field` is the field of `ImageRequest` at fault, `problem` says what is allowed.
    """

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field
        self.problem = problem


class PromptTooLong(BadRequest):
    """A prompt of more tokens than the model takes."""

    def __init__(self, problem: str) -> None:
        super().__init__("prompt", problem)


class NotFinite(EngineError):
    """The picture turned into NaN or infinity; names the step. Nothing is drawn of it."""


class CheckpointError(EngineError):
    """A checkpoint folder is missing, foreign, incomplete or damaged; names the file and key."""


class OutOfMemory(EngineError):
    """The device ran out of memory. Shrink the request or release something, then try again."""


class BudgetExceeded(OutOfMemory):
    """The estimated peak is above the given budget; nothing was computed.

    The message is the sum that shows why. `needed` and `budget` are bytes.
    """

    def __init__(self, message: str, *, needed: int, budget: int) -> None:
        super().__init__(message)
        self.needed = needed
        self.budget = budget


class Cancelled(EngineError):
    """The caller asked to stop; nothing of the image is kept."""


class NotLoaded(EngineError):
    """The weights are not on the device: the engine was offloaded or released."""
