"""A line to the phonemes of Kokoro, whatever scripts it mixes, cut to what fits the model.

Knows: which front end reads which script; the model's context. Does not know: how either
language is read, voices, audio.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from renderers.base import Span
from renderers.tts import chinese, english, japanese, romance

MAX_TOKENS = 510
"""Kokoro's context is 512, two of which frame the line."""
COMFORT = 180
"""Tokens of a piece when a line must be cut: longer ones sound hurried and take a gigabyte."""
GAPS = {".": 0.28, "!": 0.28, "?": 0.30, "…": 0.40, ",": 0.14, ";": 0.18, ":": 0.18, "—": 0.16}
"""Seconds of silence between two chunks, by the mark that ends the first."""

_JAPANESE = re.compile(
    r"[ぁ-ゖァ-ヺー一-鿿々〆ｦ-ﾟ]+(?:[、。！？]|[ぁ-ゖァ-ヺー一-鿿々〆ｦ-ﾟ])*[,.!?;:…]*"
)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Phonemes spoken in one go, and the silence after them in seconds."""

    phonemes: str
    gap: float


def languages() -> tuple[str, ...]:
    """The languages whose front end is installed here."""
    elsewhere = [code for code in romance.LOCALES if romance.installed(code)]
    return ("en", "ja", *elsewhere, *(["zh"] if chinese.installed() else []))


def phonemize(text: str, language: str) -> str:
    """`text` in Kokoro's symbols; "" when it holds nothing that can be said.

    Raises:
        Unavailable: the language's front end is not installed.
    """
    if language == "ja":
        return japanese.phonemes(text)
    if language == "zh":
        return chinese.phonemes(text)
    if language in romance.LOCALES:
        return romance.phonemes(text, language)
    pieces: list[str] = []
    end = 0
    for run in _JAPANESE.finditer(text):
        pieces += [english.phonemes(text[end : run.start()]), japanese.phonemes(run[0])]
        end = run.end()
    pieces.append(english.phonemes(text[end:]))
    return " ".join(filter(None, pieces))


def phonemize_spans(spans: Sequence[Span]) -> str:
    """A line of several languages in Kokoro's symbols: each stretch as its language is read.

    Raises:
        Unavailable: as `phonemize`.
    """
    known = languages()
    said = (phonemize(s.text, s.language if s.language in known else "en") for s in spans)
    return re.sub(r" (?=[,.!?;:…—])", "", " ".join(filter(None, said)))


def pieces_of(spans: Sequence[Span]) -> list[tuple[str, str]]:
    """As `pieces`, of a line of several languages."""
    known = languages()
    return [
        piece
        for s in spans
        for piece in pieces(s.text, s.language if s.language in known else "en")
    ]


def pieces(text: str, language: str) -> list[tuple[str, str]]:
    """The words of `text` as written, each with its phonemes as it is said alone.

    Words are what stands between spaces, in Japanese what Open JTalk takes for one; what is
    not said (emoji, marks) has no piece.
    """
    if language == "ja":
        return japanese.pieces(text)
    if language == "zh":
        # Nothing parts its words: each character is said by itself.
        return [(c, p) for c in text if c.isalnum() and (p := chinese.phonemes(c))]
    said = ((token, phonemize(token, language)) for token in text.split())
    return [(token, phonemes) for token, phonemes in said if phonemes]


def chunks(phonemes: str, limit: int = COMFORT) -> tuple[Chunk, ...]:
    """Cut at sentence ends, then at phrase marks, then at spaces, into pieces of ≤ `limit`."""
    return tuple(
        Chunk(piece, GAPS.get(piece[-1], 0.05)) for piece in _cut(phonemes, limit) if piece
    )


def _cut(phonemes: str, limit: int) -> list[str]:
    phonemes = phonemes.strip()
    if len(phonemes) <= limit:
        return [phonemes]
    for boundary in (r"(?<=[.!?…])\s+", r"(?<=[,;:—])\s*", r"\s+"):
        parts = re.split(boundary, phonemes)
        if len(parts) > 1:
            return _pack([piece for part in parts for piece in _cut(part, limit)], limit)
    return [phonemes[i : i + limit] for i in range(0, len(phonemes), limit)]


def _pack(parts: list[str], limit: int) -> list[str]:
    packed: list[str] = []
    for part in parts:
        if packed and len(packed[-1]) + 1 + len(part) <= limit:
            packed[-1] += " " + part
        else:
            packed.append(part)
    return packed
