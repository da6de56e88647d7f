"""What an idea must be before anything is made of it, whichever door it comes through.

Knows: characters. Does not know: what an idea is about.
"""

from __future__ import annotations

import unicodedata


def idea_fault(idea: str) -> str:
    """What is wrong with the text of an idea; "" if nothing is."""
    strange = {c for c in idea if unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\r\t"}
    if strange:
        told = ", ".join(sorted(f"U+{ord(c):04X}" for c in strange)[:5])
        return f"holds characters that are no text: {told}"
    if not any(unicodedata.category(c)[0] in "LNPS" for c in idea):
        return "is empty: say in a few words what the film is about"
    return ""
