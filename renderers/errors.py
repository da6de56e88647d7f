"""What can go wrong in a renderer, by what the caller should do about it.

RendererError
├── BadRequest    the request itself is wrong: never retry
│   └── TooLong   it does not fit the model: ask for less
├── OutOfMemory   shrink the request or free memory, then retry
├── Unavailable   the server or package is not there: start or install it
├── Refused       a safety filter said no
└── BadOutput     a file was made but does not hold up (empty, wrong size, silent)
"""

from __future__ import annotations

from typing import Self

from renderers.usage import Usage


class RendererError(Exception):
    """Base of all errors a renderer raises on purpose. The message carries the fix."""

    usage: Usage = Usage()
    """What was spent on a paid model before it came to this."""

    def costing(self, usage: Usage) -> Self:
        self.usage = usage
        return self


class BadRequest(RendererError):
    """The request cannot be rendered as it is; retrying is useless."""


class TooLong(BadRequest):
    """A question and its answer are more than the model's context holds."""


class OutOfMemory(RendererError):
    """The device or the host ran out of memory; never retried with unchanged parameters."""


class Unavailable(RendererError):
    """A server, package or file that the renderer needs is missing."""


class Refused(RendererError):
    """A safety filter declined the request."""


class BadOutput(RendererError):
    """The renderer returned a file that its own probe rejects."""


class CutShort(BadOutput):
    """An answer that ended before its end."""


class Empty(BadOutput):
    """An answer that says nothing."""
