"""The languages that a film may speak, and in which language each part of a line is.

A line may hold words of another language: `Say {ja:マンゴー} again.` The marks are in the plan
only; `plain` is what the audience reads, `spans_of` what a voice says in which language. Words
that no mark names go by their script: kana in an English line are Japanese, and a Japanese
film's line without any Japanese character is in English.

Knows: languages, scripts, marks. Does not know: plans, voices, how a language sounds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, get_args

from renderers.base import Span

Language = Literal["en", "ja", "zh", "ko", "de", "fr", "ru", "pt", "es", "it"]


@dataclass(frozen=True, slots=True)
class About:
    """One language, as far as films differ by it."""

    name: str
    """In English."""
    own: str
    """As it calls itself."""
    rate: float
    """Characters that are said in a second, at an easy pace."""
    fastest: float
    """Letters a second (Japanese: kana) past which speech is too fast to follow."""
    readable: float
    """Characters a second past which a caption is too fast to read."""
    dense: float = 1.0
    """How many characters of English one of its own is worth, on the screen and in the ear."""
    spaced: bool = True
    """Whether words stand apart."""

    def most(self, english: int) -> int:
        """Characters that take as long as so many English ones."""
        return max(1, round(english / self.dense))


ABOUT: Mapping[Language, About] = {
    "en": About("English", "English", 15.0, 22.0, 28.0),
    "ja": About("Japanese", "日本語", 7.5, 12.0, 16.0, 2.6, spaced=False),
    "zh": About("Chinese", "中文", 4.5, 8.0, 14.0, 3.3, spaced=False),
    "ko": About("Korean", "한국어", 6.5, 11.0, 16.0, 2.3),
    "de": About("German", "Deutsch", 15.0, 22.0, 28.0),
    "fr": About("French", "français", 16.0, 24.0, 28.0),
    "ru": About("Russian", "русский", 14.0, 22.0, 26.0),
    "pt": About("Portuguese", "português", 15.5, 24.0, 28.0),
    "es": About("Spanish", "español", 16.5, 25.0, 28.0),
    "it": About("Italian", "italiano", 16.0, 24.0, 28.0),
}
LANGUAGES: tuple[Language, ...] = get_args(Language)

_MARK = re.compile(r"\{([A-Za-z]{2,3}(?:-\w+)?):([^{}]*)\}")
_HALF = re.compile(r"\{[A-Za-z]{2,3}:[^{}]*(?:\{|$)")
_HAN = ("zh", "ko")
"""Languages in which Chinese characters without kana are no Japanese."""
_KANA = re.compile(r"[ぁ-ゖァ-ヺｦ-ﾟ]")
_JAPANESE = re.compile(r"[ぁ-ゖァ-ヺー一-鿿々〆ｦ-ﾟ、。！？「」・]+")
_OWN_SCRIPT = {
    "ja": re.compile(r"[ぁ-ゖァ-ヺー一-鿿々〆ｦ-ﾟ]"),
    "zh": re.compile(r"[一-鿿]"),
    "ko": re.compile(r"[가-힣ᄀ-ᇿ]"),
    "ru": re.compile(r"[Ѐ-ӿ]"),
}
_WORDS = re.compile(r"[A-Za-z]{2,}(?:['’][a-z]+)?\W+[A-Za-z]{2,}")


def plain(line: str) -> str:
    """The line as it is read: without its marks, letter for letter."""
    return _MARK.sub(lambda mark: mark[2], line)


def mark_fault(line: str) -> str:
    """What is wrong with the marks of a line; "" if nothing is."""
    for mark in _MARK.finditer(line):
        if mark[1] not in LANGUAGES:
            return f"{mark[0][:40]!r}: '{mark[1]}' is not one of {', '.join(LANGUAGES)}"
        if not any(character.isalnum() for character in mark[2]):
            return f"{mark[0][:40]!r} holds no word"
    if half := _HALF.search(_MARK.sub("", line)):
        return f"{half[0][:40]!r} is not closed: write {{ja:words}}, no brace inside"
    return ""


def spans_of(line: str, language: Language) -> tuple[Span, ...]:
    """The line in stretches of one language each; together they are `plain(line)`."""
    found: list[Span] = []
    end = 0
    for mark in _MARK.finditer(line):
        found += _by_script(line[end : mark.start()], language)
        found.append(Span(mark[2], mark[1]))
        end = mark.end()
    found += _by_script(line[end:], language)
    return _joined(found)


def language_of(line: str, language: Language) -> Language:
    """The language of a line in a film of `language` that names none for it: by its script."""
    text = plain(line)
    own = _OWN_SCRIPT.get(language)
    if own is not None:
        # A lone Latin word (a name, AI) is said as the film's language says it.
        return "en" if not own.search(text) and _WORDS.search(text) else language
    for other, script in _OWN_SCRIPT.items():
        letters = [c for c in text if c.isalpha()]
        if letters and all(script.match(c) for c in letters):
            return known(other)
    return language


def known(code: str) -> Language:
    """A language's code as one of those that there are."""
    return next(language for language in LANGUAGES if language == code)


def _by_script(text: str, language: Language) -> list[Span]:
    """Unmarked words: those in a script of another language are in that one."""
    found: list[Span] = []
    place = 0
    # A word in another script (привет in an English line) is said as its letters sound there.
    for match in _JAPANESE.finditer(text):
        worded = any(c.isalpha() for c in match[0])
        if language == "ja" or not worded or (language in _HAN and not _KANA.search(match[0])):
            continue
        start, end = match.span()
        found += [Span(text[place:start], language), Span(text[start:end], "ja")]
        place = end
    return [*found, Span(text[place:], language)]


def _joined(spans: list[Span]) -> tuple[Span, ...]:
    """Neighbours of one language as one; what holds no word goes with its neighbour."""
    worded: list[Span] = []
    for span in spans:
        if not span.text:
            continue
        silent = not any(c.isalnum() for c in span.text)
        if worded and (silent or not any(c.isalnum() for c in worded[-1].text)):
            kept = worded[-1].language if silent else span.language
            worded[-1] = Span(worded[-1].text + span.text, kept)
        else:
            worded.append(span)
    return tuple(
        Span("".join(s.text for s in group), language)
        for language, group in groupby(worded, key=lambda s: s.language)
    )
