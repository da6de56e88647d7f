"""A script as a request keeps it.

Knows: names, words. Does not know: dialects, files, plans.
"""

from __future__ import annotations

from storyboard.core.strict_records import Record


class Source(Record):
    """A script as a request keeps it: its words, so that the film needs the file no more."""

    name: str
    text: str
    episode: int | None = None
    """Which of the episodes it is cut into; None: all of it, as one film."""
