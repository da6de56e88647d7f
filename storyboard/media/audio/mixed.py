"""A line of several languages, as an ear hears it: once in each of them.

A recogniser that is told one language writes the words of another as the nearest sounds it
knows, and one that guesses takes the first it meets for all of them. So the whole line is heard
once in each of its languages, and each part is looked for, by its sound, in what was heard.

Knows: spans, transcripts, likeness by sound. Does not know: takes, films, what is good enough.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from pathlib import Path

import jaconv

from renderers.base import Span, Transcript, TranscriptionBackend
from renderers.tts import japanese
from storyboard.media.audio import wording

_MADE_UP = 0.18
"""By how much the whole may be more like the line than its worst part."""
_WORD = 4
"""Sounds from which on a part is looked at for itself; fewer are heard as anything."""
_ENDING = 12
"""Sounds that a line ends with."""
HEARD_APART = " / "
"""Between what was heard in one language and in the next."""


def hear(
    asr: TranscriptionBackend, audio: Path, languages: Sequence[str]
) -> tuple[Transcript, dict[str, str]]:
    """What is heard in each of the languages: the first's transcript, and the text by language."""
    heard = {language: asr.transcribe(audio, language) for language in languages}
    first = heard[languages[0]]
    return first, {language: transcript.text for language, transcript in heard.items()}


def in_all(heard: Mapping[str, str]) -> str:
    """What was heard, as one text."""
    return HEARD_APART.join(dict.fromkeys(heard.values()))


def likeness(spans: Sequence[Span], heard: Mapping[str, str]) -> float:
    """How much of the line is heard, 0 to 1: each part by its sound, weighted by its length.

    A part of which hardly anything is heard is not made up for by the others.
    """
    parts = [(len(sounds(s.text, s.language)), _part(s, heard)) for s in spans if _worded(s.text)]
    total = sum(length for length, _ in parts)
    if not total:
        return 1.0
    whole = sum(length * found for length, found in parts) / total
    return min([whole, *(found + _MADE_UP for length, found in parts if length >= _WORD)])


def ending(spans: Sequence[Span], heard: Mapping[str, str]) -> float:
    """How much of the line's last sounds is heard near the end, 0 to 1."""
    last = [span for span in spans if _worded(span.text)][-1:]
    if not last:
        return 1.0
    end = sounds(last[0].text, last[0].language)[-_ENDING:]
    return max(
        (_within(end, sounds(text, language)[-3 * _ENDING :]) for language, text in heard.items()),
        default=0.0,
    )


def sounds(text: str, language: str) -> str:
    """`text` in Latin letters as it sounds, roughly: kana romanised, accents and doubles dropped."""
    if language == "ja" or re.search(r"[ぁ-ヺ一-鿿]", text):
        text = _romaji(text)
    else:
        text = wording.normalise(text, language)
    plain = unicodedata.normalize("NFKD", text.lower())
    return re.sub(r"(.)\1+", r"\1", "".join(c for c in plain if c.isalnum()))


def _romaji(text: str) -> str:
    pieces: list[str] = []
    for latin, other in re.findall(r"([A-Za-z][A-Za-z'’ .,!?-]*)|([^A-Za-z]+)", text):
        kana = japanese.reading(other).replace("ー", "") if other else ""
        pieces.append(latin or str(jaconv.kata2alphabet(kana)))
    return " ".join(pieces)


def _part(span: Span, heard: Mapping[str, str]) -> float:
    """The best that any hearing has of it: its own language's by sound, another's by letters."""
    wanted = sounds(span.text, span.language)
    return max((_within(wanted, sounds(t, other)) for other, t in heard.items()), default=0.0)


def _within(wanted: str, text: str) -> float:
    """How much of `wanted` stands together somewhere in `text`, 0 to 1."""
    if not wanted:
        return 1.0
    blocks = SequenceMatcher(None, text, wanted, autojunk=False).get_matching_blocks()
    places: Iterable[int] = {max(0, b.a - b.b) for b in blocks}
    slack = max(2, len(wanted) // 4)
    return max(
        SequenceMatcher(None, wanted, text[at : at + size], autojunk=False).ratio()
        for at in places
        for size in (len(wanted), len(wanted) + slack)
    )


def _worded(text: str) -> bool:
    return any(c.isalnum() for c in text)
