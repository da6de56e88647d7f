"""English text to spoken words, and spoken words to the symbols Kokoro was trained on.

Two steps, both useful alone: `spoken` writes out what is not a word (numbers, money,
times, URLs, initials), so that a reader and a recogniser mean the same words; `phonemes`
looks those words up (gruut's lexicon, its model for unknown words) and rewrites the
result in the notation of misaki, Kokoro's own front end for English.

Knows: English spelling and sounds. Does not know: voices, audio, other languages.
"""

from __future__ import annotations

import re
import unicodedata
import warnings
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

PUNCTUATION = ".,!?;:—…"
CURRENCIES = {
    "$": ("dollar", "dollars", "cent"),
    "£": ("pound", "pounds", "penny"),
    "€": ("euro", "euros", "cent"),
    "¥": ("yen", "yen", ""),
    "₩": ("won", "won", ""),
}
ABBREVIATIONS = {
    "mr": "mister",
    "mrs": "missus",
    "ms": "miz",
    "dr": "doctor",
    "prof": "professor",
    "st": "saint",
    "jr": "junior",
    "sr": "senior",
    "vs": "versus",
    "etc": "et cetera",
    "approx": "approximately",
    "dept": "department",
    "e.g": "for example",
    "i.e": "that is",
    "ph.d": "PHD",
}
HALVES = {"a": "ay em", "p": "pee em"}
SYMBOLS = {"&": "and", "%": "percent", "+": "plus", "=": "equals", "@": "at", "°": "degrees"}
FRACTIONS = {"1/2": "one half", "1/3": "one third", "1/4": "one quarter", "3/4": "three quarters"}
# Lower-cased, these are common words; in capitals within ordinary text they are initials.
INITIALS = frozenset(
    "ai api cd ceo cia diy dj dna dvd eu faq fbi fyi gps gpu id hr hq ibm ip it kgb mp mri nba nfl"  # noqa: SIM905
    " ok pc pdf phd pr rip suv tv uk un url us usa usb vip vr wifi www".split()
)
LETTERS = {
    **dict(zip("abcdefgh", "ˈA bˈi sˈi dˈi ˈi ˈɛf ʤˈi ˈAʧ".split(), strict=True)),  # noqa: SIM905
    **dict(zip("ijklmnop", "ˈI ʤˈA kˈA ˈɛl ˈɛm ˈɛn ˈO pˈi".split(), strict=True)),  # noqa: SIM905
    **dict(
        zip("qrstuvwxyz", "kjˈu ˈɑɹ ˈɛs tˈi jˈu vˈi dˈʌbᵊlju ˈɛks wˈI zˈi".split(), strict=True)  # noqa: SIM905
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
    "and in is it its it's at or if as am are was were be been of for from on to by he she we you"  # noqa: SIM905
    " they them him her his my your our me us this that's i'm i've i'll we're they're you're he's"
    " she's but than so do does did has had have will would could should can an the".split(),
    "",
) | {"a": "ɐ", "i": "ˌI"}

_WHOLE = r"(?:\d{1,3}(?:,\d{3})+|\d+)"
_URL = re.compile(
    r"(?:https?://|www\.)\S+|\b[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|io|dev|co|jp)\b\S*"
)
_EMAIL = re.compile(r"\b([\w.+-]+)@([\w-]+(?:\.[\w-]+)+)")
_MONEY = re.compile(
    rf"([$£€¥₩])\s?({_WHOLE})(?:\.(\d{{1,2}}))?(?:\s?(million|billion|thousand|k|m|bn)\b)?", re.I
)
_TIME = re.compile(r"\b([01]?\d|2[0-3]):([0-5]\d)\b(?:\s*([ap])\.?m\b\.?)?", re.I)
_HALF_DAY = re.compile(r"\b(\d{1,2})\s*([ap])\.?m\b\.?", re.I)
_ORDINAL = re.compile(rf"\b({_WHOLE})(?:st|nd|rd|th)\b", re.I)
_DECADE = re.compile(r"\b(1[1-9]|20)(\d0)s\b")
_YEAR = re.compile(r"(?<![\d,.$£€¥])\b(1[1-9]\d\d|20\d\d)\b(?![,.]?\d|%)")
_NUMBER = re.compile(rf"(?:(?<![\w)])-)?{_WHOLE}(?:\.\d+)?")
_SCALES = {"k": "thousand", "m": "million", "bn": "billion"}
_TOKEN = re.compile(r"[A-Za-z]+(?:'[A-Za-z]+)*'?|[" + PUNCTUATION + "]+")


@cache
def _library(name: str) -> ModuleType:
    """gruut's modules, imported when first needed: they take more than a second."""
    with warnings.catch_warnings():
        # It reaches jsonlines, whose docstring has an invalid escape.
        warnings.simplefilter("ignore")
        return import_module(name)


def _number(value: float, to: str) -> str:
    return str(_library("num2words").num2words(value, to=to))


def _words(number: str, to: str = "cardinal") -> str:
    digits = number.replace(",", "")
    if len(digits) > 15:  # nobody says quadrillions; read the digits
        return " ".join(_number(int(d), "cardinal") for d in digits if d.isdigit())
    value = float(digits) if "." in digits else int(digits)
    # "one thousand, two hundred" would be heard with a pause at the comma.
    return _number(value, to).replace(",", "").replace("-", " ")


def _money(match: re.Match[str]) -> str:
    sign, whole, cents, scale = match.groups()
    one, many, cent = CURRENCIES[sign]
    if scale:
        amount = f"{whole}.{cents}" if cents else whole
        return f"{_words(amount)} {_SCALES.get(scale.lower(), scale.lower())} {many}"
    said = [f"{_words(whole)} {one if whole == '1' else many}"]
    if cents and int(cents) and cent:
        count = int(cents.ljust(2, "0"))
        plural = "pence" if cent == "penny" else "cents"
        said.append(f"{_words(str(count))} {cent if count == 1 else plural}")
        if not int(whole.replace(",", "")):
            said = said[1:]
    return " and ".join(said)


def _clock(match: re.Match[str]) -> str:
    hour, minute, half = match.groups()
    said = _words(hour)
    if minute == "00":
        said += "" if half else " o'clock" if 0 < int(hour) <= 12 else " hundred"
    else:
        said += f" oh {_words(minute)}" if minute[0] == "0" else f" {_words(minute)}"
    return f"{said} {HALVES[half.lower()]}" if half else said


def _address(match: re.Match[str]) -> str:
    host = re.sub(r"^(https?://)?(www\.)?", "", match.group()).split("/")[0].split("?")[0]
    return " " + host.rstrip(".,!?").replace(".", " dot ").replace("-", " dash ") + " "


def _plain(text: str) -> str:
    """Straight quotes, no accents, no emoji; every other sign becomes a space."""
    table = {"’": "'", "‘": "'", "“": '"', "”": '"', "–": "—", "―": "—", "−": "-"}
    kept: list[str] = []
    for char in unicodedata.normalize("NFKD", "".join(table.get(c, c) for c in text)):
        if unicodedata.combining(char):
            continue
        sign = unicodedata.category(char)[0] in "SC"
        kept.append(" " if sign and char not in "$£€¥₩+=°" else char)
    return "".join(kept)


def spoken(text: str) -> str:
    """`text` with everything that is not a word written out as it is said.

    Numbers, money, times, dates' years, ordinals, percentages, URLs and abbreviations
    become words; emoji and accents go; initials stay in capitals ("FBI"), and words that
    are only shouted ("STOP") are put in lower case.
    """
    text = _plain(text.replace("--", "—"))
    text = _EMAIL.sub(
        lambda m: f" {m[1].replace('.', ' dot ')} at {m[2].replace('.', ' dot ')} ", text
    )
    text = _URL.sub(_address, text)
    text = _MONEY.sub(_money, text)
    text = _TIME.sub(_clock, text)
    text = _HALF_DAY.sub(lambda m: f"{_words(m[1])} {HALVES[m[2].lower()]}", text)
    text = re.sub(
        r"\b[123]/[234]\b", lambda m: FRACTIONS.get(m[0], m[0].replace("/", " over ")), text
    )
    text = _ORDINAL.sub(lambda m: _words(m[1], "ordinal"), text)
    text = _DECADE.sub(lambda m: re.sub(r"y$", "ies", _words(m[1] + m[2], "year")), text)
    text = _YEAR.sub(lambda m: _words(m[1], "year"), text)
    text = re.sub(r"#(?=\d)", " number ", text)
    text = _NUMBER.sub(lambda m: f" {_words(m[0])} ", text)
    text = re.sub(
        r"\b(" + "|".join(map(re.escape, ABBREVIATIONS)) + r")\.(?=\s|,|$)",
        lambda m: ABBREVIATIONS[m[1].lower()],
        text,
        flags=re.IGNORECASE,
    )
    text = "".join(f" {SYMBOLS[c]} " if c in SYMBOLS else c for c in text)
    text = re.sub(r"\b(?:[A-Z]\.){2,}", lambda m: m[0].replace(".", ""), text)
    return re.sub(r" (?=[,.!?;:](?:\s|$))", "", " ".join(_unshout(text).split()))


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


def _gruut(words: str) -> list[Any]:
    def look_up() -> list[Any]:
        found = _library("gruut").sentences(words, lang="en-us", verbalize_numbers=False)
        return [word for sentence in found for word in sentence]

    return _gruut_thread.submit(look_up).result()


@cache
def _known(word: str) -> bool:
    """Whether gruut's lexicon lists `word`."""

    def look_up() -> bool:
        return bool(_library("gruut.lang").get_settings("en-us").lookup_phonemes(word))

    return _gruut_thread.submit(look_up).result()


def _run(words: list[str]) -> str:
    """Phonemes of consecutive words; together, because gruut tells "read" from "read" by context."""
    said: list[str] = []
    for word in reversed(_gruut(" ".join(words))):
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
        elif token.isupper() and len(token) > 1:
            flush()
            pieces.append(
                " ".join(LETTERS[letter] for letter in token.lower() if letter in LETTERS)
            )
        else:
            run.append(token.strip("'") if token.endswith("'") else token)
    flush()
    return " ".join(pieces)
