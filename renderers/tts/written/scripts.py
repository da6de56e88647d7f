"""Which scripts are read here: Latin, kana and Han, and single words of others by their sound.

A word in another script inside of a line is said as its letters sound in Latin ones; a line
that is mostly in one has no voice, and is refused before anything is drawn.

Knows: scripts. Does not know: lines of films, voices.
"""

from __future__ import annotations

import re

from renderers.tts.written import signs

_READ = frozenset({"latin", "hiragana", "katakana", "katakana-hiragana", "cjk", "halfwidth",
                   "fullwidth", "ideographic", "modifier", "feminine", "masculine", "micro",
                   "ohm", "kelvin", "angstrom", "double-struck", "script", "black-letter"})  # fmt: skip
MOST = 0.5
"""Part of a line's letters that may be of scripts that no voice reads."""


def unreadable(text: str) -> str:
    """Why a line cannot be said; "" if it can."""
    letters = [char for char in text if signs.script_of(char)]
    strange = [char for char in letters if _strange(char)]
    if letters and len(strange) > MOST * len(letters):
        script = signs.script_of(max(strange, key=strange.count)).title()
        return f"is in a script that no voice here reads ({script})"
    said = any(c.isalnum() or signs.name_of(c, signs.ENGLISH) for c in text)
    return "" if said else "holds nothing that a voice can say"


def approximated(text: str) -> tuple[str, ...]:
    """The words of `text` in scripts that are not read, each with the spelling that is said."""
    found = re.findall(r"\w+", text)
    return tuple(f"{w} (as {signs.plain_latin(w)})" for w in found if any(map(_strange, w)))


def _strange(char: str) -> bool:
    script = signs.script_of(char)
    # Greek letters alone are signs with names of their own: π, µ, Ω.
    return bool(script) and script not in _READ and char not in signs.ENGLISH
