"""How long a line will be spoken, told before anybody speaks it.

Six hundred characters are half a minute of words, and five minutes of a letter that is spelt
out. An estimate: what it is for is to tell one from the other.

Knows: how text is written out, the pace of speech. Does not know: voices, phonemes.
"""

from __future__ import annotations

import re

from renderers.tts.written import elsewhere, english, japanese

LONGEST_S = 120.0
"""Of one line. A film has many, and each is made and heard up to four times."""
_LETTERS_A_SECOND = 14.0
_KANA_A_SECOND = 7.0
_SYLLABLES_A_SECOND = 5.0
_SHORT = 100
"""A text of so few characters lasts a minute at most, however it is said."""


def spoken_seconds(text: str, language: str) -> float:
    """About how long `text` lasts when it is said."""
    if language == "ja":
        latin, other = _split(japanese.written_out(text))
        kanji = len(re.findall(r"[一-鿿々〆]", other))
        return (len(other) + kanji) / _KANA_A_SECOND + _latin(latin)
    if language in ("zh", "ko"):
        latin, other = _split(elsewhere.written_out(text, language))
        return len(other) / _SYLLABLES_A_SECOND + _latin(latin)
    out = english.written_out(text) if language == "en" else elsewhere.written_out(text, language)
    return _latin(out)


def too_long(text: str, language: str) -> str:
    """What is wrong with the length of a line; "" for nothing."""
    if len(text) <= _SHORT or (seconds := spoken_seconds(text, language)) <= LONGEST_S:
        return ""
    return f"would be spoken for about {seconds:.0f} s: one line lasts at most {LONGEST_S:.0f}"


def _split(text: str) -> tuple[str, str]:
    """Latin words, and all else that is said."""
    other = re.sub(r"[A-Za-z]+|[\W_]+", "", text)
    return " ".join(re.findall(r"[A-Za-z]+", text)), other


def _latin(text: str) -> float:
    letters = 0
    for word in re.findall(r"[^\W_]+", text):
        # What has no vowel is spelt: "ef-bee-eye", and "double-u" for the longest of them.
        spelt = len(word) > 1 and word.isupper() and not re.search("[AEIOUY]", word)
        letters += 4 * len(word) + 5 * word.count("W") if spelt else len(word)
    return letters / _LETTERS_A_SECOND
