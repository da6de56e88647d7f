"""Putting right what is wrong with the form of a script alone, before its faults are looked for.

A label or quotes around a line are no part of it. A reading is spoken in place of its line by
every voice, so a model's is kept only where it reads the same text: Japanese alone, kana alone,
and nearly what Open JTalk reads there. A face that the format does not want is the format's.

Knows: scripts as JSON, readings. Does not know: what makes a good line.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import SequenceMatcher

from renderers.base import JSON
from renderers.loose import record_of
from storyboard.plan import Language
from storyboard.plan.formats import Format
from storyboard.writing.planning.lint import plain_line

SAME = 0.6
"""How alike a reading must be to what the line is read as: names and rare words may differ."""
_KANA = re.compile(r"^[぀-ヿー・、。！？!?…\s]*$")


def tidied(script: JSON, format: Format, language: Language, tell: Callable[[str], None]) -> JSON:
    """The script with such slips mended. `tell` hears what was left out, if it may matter."""
    if not isinstance(script, dict):
        return script
    names = [role.id for role in format.roles]
    for person in record_of(script.get("cast")).values():
        name = record_of(person).get("name")
        if isinstance(name, str) and name.strip():
            names.append(name.strip())
    mended = dict(script)
    if isinstance(hook := script.get("hook"), dict):
        mended["hook"] = _said("hook", hook, language, names, tell)
    if isinstance(beats := script.get("beats"), dict):
        mended["beats"] = {
            key: _said(f"beats.{key}", beat, language, names, tell)
            if isinstance(beat, dict)
            else beat
            for key, beat in beats.items()
        }
    return mended


def _said(
    at: str,
    entry: dict[str, JSON],
    language: Language,
    names: list[str],
    tell: Callable[[str], None],
) -> JSON:
    line, reading = entry.get("line"), entry.get("reading")
    if not isinstance(line, str):
        return entry
    entry = {**entry, "line": plain_line(line, names)}
    if isinstance(reading, str) and reading.strip() and not reads(reading, line, language):
        tell(f"{at}.reading was left out: {reading[:40]!r} does not read the line.")
        entry["reading"] = ""
    return entry


def reads(reading: str, line: str, language: Language) -> bool:
    """Whether a reading is one of this line."""
    if language != "ja" or not _KANA.match(reading):
        return False
    from renderers.tts import japanese

    read, expected = (japanese.reading(text).replace("ー", "") for text in (reading, line))
    return SequenceMatcher(None, read, expected, autojunk=False).ratio() >= SAME
