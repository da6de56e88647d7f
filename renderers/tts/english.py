"""English text to spoken words, and spoken words to the symbols Kokoro was trained on.

Two steps, both useful alone: `spoken` is the line with all that is no word written out, in
plain Latin letters; `phonemes`
looks those words up (gruut's lexicon, its model for unknown words) and rewrites the
result in the notation of misaki, Kokoro's own front end for English.

Knows: English spelling and sounds. Does not know: voices, audio, other languages.
"""

from __future__ import annotations

import re
import sqlite3
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

from renderers.deferred import defer
from renderers.tts.written import signs
from renderers.tts.written.english import written_out

PUNCTUATION = ".,!?;:—…"
# Lower-cased, these are common words; in capitals within ordinary text they are initials.
INITIALS = frozenset(
    "ai api cd ceo cia diy dj dna dvd eu faq fbi fyi gps gpu id hr hq ibm ip it kgb mp mri nba nfl"
    " ok os pc pdf phd pr rip suv tv uk un url us usa usb vip vr wifi www".split()
)
LETTERS = {
    **dict(zip("abcdefgh", "ˈA bˈi sˈi dˈi ˈi ˈɛf ʤˈi ˈAʧ".split(), strict=True)),
    **dict(zip("ijklmnop", "ˈI ʤˈA kˈA ˈɛl ˈɛm ˈɛn ˈO pˈi".split(), strict=True)),
    **dict(
        zip("qrstuvwxyz", "kjˈu ˈɑɹ ˈɛs tˈi jˈu vˈi dˈʌbᵊlju ˈɛks wˈI zˈi".split(), strict=True)
    ),
}
# gruut writes IPA; misaki writes each diphthong and affricate as one capital or ligature.
MISAKI = {
    "eɪ": "A",
    "aɪ": "I",
    "aʊ": "W",
    "ɔɪ": "Y",
    "oʊ": "O",
    "d͡ʒ": "ʤ",
    "t͡ʃ": "ʧ",
    "ɚ": "əɹ",
    "g": "ɡ",
}

VOWELS = "AIOWYæɑɐəɛɜiɪɔuʊʌ"
# gruut stresses every word; function words are weak in running speech. "" only drops the stress.
WEAK = dict.fromkeys(
    "and in is it its it's at or if as am are was were be been of for from on to by he she we you"
    " they them him her his my your our me us this that's i'm i've i'll we're they're you're he's"
    " she's but than so do does did has had have will would could should can an the".split(),
    "",
) | {"a": "ɐ", "i": "ˌI", "ay": LETTERS["a"]}

_TOKEN = re.compile(r"[A-Za-z]+(?:'[A-Za-z]+)*'?|[" + PUNCTUATION + "]+")


@cache
def _library(name: str) -> ModuleType:
    """gruut's modules, imported when first needed: they take more than a second."""
    # What it reads dates with, which are written out before it sees them.
    defer("dateparser")
    with warnings.catch_warnings():
        # It reaches jsonlines, whose docstring has an invalid escape.
        warnings.simplefilter("ignore")
        return import_module(name)


def spoken(text: str) -> str:
    """`text` with everything that is not a word written out as it is said.

    Numbers, signs, addresses and abbreviations become words (`renderers.tts.written`), foreign
    letters Latin ones; emoji and accents go; initials stay in capitals ("FBI"), and words that
    are only shouted ("STOP") are put in lower case.
    """
    return " ".join(_unshout(signs.plain_latin(written_out(text))).split())


def _unshout(text: str) -> str:
    """Lower the case of shouted words; keep real initials."""
    capitals = re.findall(r"\b[A-Z]{2,}\b", text)
    lower = re.findall(r"\b[A-Za-z]*[a-z][A-Za-z]*\b", text)
    shouting = len(capitals) > len(lower)

    def settle(match: re.Match[str]) -> str:
        word = match.group()
        initials = word.lower() in INITIALS and not (shouting and word.lower() in {"it", "us"})
        if initials or not (
            _known(word.lower()) or (len(word) > 4 and re.search("[AEIOUY]", word))
        ):
            return word
        return word.lower()

    return re.sub(r"\b[A-Z]{2,}\b", settle, text)


# gruut's lexicon is a SQLite connection, which only the thread that opened it may use.
_gruut_thread = ThreadPoolExecutor(1, thread_name_prefix="gruut")


@cache
def _gruut() -> Any:
    """gruut's processor of English text, with its lexicon in memory and indexed: in its file each
    word is looked for from the first line to the last. For its thread only."""
    settings = _library("gruut.lang").get_settings("en-us")
    lexicon, kept = settings.lookup_phonemes, sqlite3.connect(":memory:")
    with closing(sqlite3.connect(lexicon.db_path)) as file:
        file.backup(kept)
    kept.execute("CREATE INDEX by_word ON word_phonemes (word, pron_order)")
    lexicon.phonemizer = _library("gruut.phonemize").SqlitePhonemizer(
        db_conn=kept, **lexicon.phonemizer_args
    )
    return _library("gruut").TextProcessor("en-us", settings={"en-us": settings})


def _looked_up(words: str) -> list[Any]:
    def look_up() -> list[Any]:
        found = _gruut()(words, verbalize_numbers=False)
        return [word for sentence in _gruut().sentences(*found) for word in sentence]

    return _gruut_thread.submit(look_up).result()


@cache
def _known(word: str) -> bool:
    """Whether gruut's lexicon lists `word`."""

    def look_up() -> bool:
        return bool(_gruut().get_settings().lookup_phonemes(word))

    return _gruut_thread.submit(look_up).result()


def _run(words: list[str]) -> str:
    """Phonemes of consecutive words; together, because gruut tells "read" from "read" by context."""
    said: list[str] = []
    for word in reversed(_looked_up(" ".join(words))):
        sounds = _misaki(word.phonemes or [])
        name = str(word.text).lower()
        if name in WEAK:
            sounds = WEAK[name] or sounds.lstrip("ˈˌ").replace("ˈ", "")
        if name == "the" and said and said[0].lstrip("ˈˌ")[:1] in VOWELS:
            sounds = "ði"
        if sounds:
            said.insert(0, sounds)
    return " ".join(said)


def _misaki(phonemes: list[str]) -> str:
    text = ""
    for phoneme in phonemes:
        stress = phoneme[0] if phoneme[0] in "ˈˌ" else ""
        bare = phoneme.lstrip("ˈˌ")
        # A stressed r-coloured vowel is the one of "nurse".
        text += stress + ("ɜɹ" if bare == "ɚ" and stress else MISAKI.get(bare, bare))
    return text


def _mark(token: str) -> str:
    """The one mark that a run of punctuation ("?!", "...") is read as."""
    for mark in "?!":
        if mark in token:
            return mark
    return "…" if token.startswith("..") else token[0]


def phonemes(text: str) -> str:
    """`text` in Kokoro's symbols, punctuation kept ("" when nothing can be said)."""
    pieces: list[str] = []
    run: list[str] = []

    def flush() -> None:
        if run and (said := _run(run)):
            pieces.append(said)
        run.clear()

    for token in _TOKEN.findall(spoken(text)):
        if token[0] in PUNCTUATION:
            flush()
            if pieces:
                pieces[-1] += _mark(token)
        elif token.isupper() and (len(token) > 1 or token not in "AI"):
            flush()
            pieces.append(
                " ".join(LETTERS[letter] for letter in token.lower() if letter in LETTERS)
            )
        else:
            run.append(token.strip("'") if token.endswith("'") else token)
    flush()
    return " ".join(pieces)
