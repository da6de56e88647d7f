"""Text made to fit. Knows: characters. Does not know: what it says."""

from __future__ import annotations


def shortened(text: str, most: int) -> str:
    """At most so many characters, with a sign that there was more."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
