"""Two texts compared by what is said, not by how it is spelt: numbers in words, Japanese in kana.

Knows: how languages write what they say. Does not know: takes, voices, ears.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from anyascii import anyascii

from renderers.tts import english, japanese
from renderers.tts.written import elsewhere


def normalise(text: str, language: str) -> str:
    """`text` as it sounds: lower-case words, numbers written out; Japanese as katakana."""
    if language == "ja":
        # Recognisers differ in whether a long vowel is written at all.
        return japanese.reading(text).replace("ー", "")
    if language == "zh":
        # Recognisers write traditional characters or simplified ones: both sound alike.
        spelt = anyascii(elsewhere.written_out(text, "zh")).lower()
        return "".join(c for c in spelt if c.isalnum())
    words = english.spoken(text) if language == "en" else elsewhere.written_out(text, language)
    return " ".join(re.findall(r"[^\W_]+", words.lower().replace("'", "")))


def similarity(expected: str, heard: str, language: str) -> float:
    """Similarity of two texts by sound, 0 to 1 (difflib's ratio)."""
    left, right = normalise(expected, language), normalise(heard, language)
    if not left and not right:
        return 1.0
    return SequenceMatcher(None, left, right, autojunk=False).ratio()


def sounds_like(expected: str, heard: str, language: str) -> float:
    """Similarity of two texts by their phonemes (but in English and Japanese: as they are
    compared), 0 to 1."""
    if language not in ("en", "ja"):
        return similarity(expected, heard, language)
    left, right = (_phonemes(text, language) for text in (expected, heard))
    if not left and not right:
        return 1.0
    return SequenceMatcher(None, left, right, autojunk=False).ratio()


def _phonemes(text: str, language: str) -> str:
    """The sounds of a text without stress, length and marks: a syllable that is heard by half
    counts by half."""
    spoken = english if language == "en" else japanese
    if language == "ja":
        # What is said いい is written down 良い as often, and read back よい.
        text = text.replace("良い", "いい")
    return re.sub(r"[^\wɐ-˿ᵊ]|[ˈˌː]", "", spoken.phonemes(text))
