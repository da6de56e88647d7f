"""English addresses, abbreviations and Roman numerals, by what stands around them.

"St." is a saint before a name and a street behind one; "II" is the second of a king and the
two of a war. Of a link all is said but its scheme and "www".

Knows: what is short in English and what it is short for. Does not know: numbers, signs.
"""

from __future__ import annotations

import re

from renderers.tts.written.codes import Rule, spelt
from renderers.tts.written.numbers import ROMAN, roman, words

_DOMAINS = (
    "com|org|net|io|dev|co|jp|ai|app|uk|de|fr|eu|tv|info|edu|gov|ca|au|ch|es|nl|se|cn|kr|in|br|biz"
    "|xyz|shop|store|blog|online|site|tech|cloud|news|fm|gg|ly"
)
_EMAIL = re.compile(r"(?<![\w.+-])([\w.+-]+)@([\w-]+(?:\.[\w-]+)+)")
_LINK = re.compile(
    rf"(?:https?://|ftp://|www\.)[^\s<>\"“”]+|(?<![\w@.])[\w-]+(?:\.[\w-]+)*\.(?:{_DOMAINS})\b(?:[/?:][^\s<>\"“”]*)?",
    re.I,
)
_HANDLE = re.compile(r"(?<!\w)@(?=\w)")
_MARKS = {
    ".": "dot",
    "-": "dash",
    "/": "slash",
    "?": "question mark",
    "=": "equals",
    "&": "and",
    "_": "underscore",
    "#": "hash",
    "%": "percent",
    "+": "plus",
    ":": "colon",
    "~": "tilde",
    "@": "at",
    ",": "comma",
    ";": "semicolon",
    "!": "exclamation mark",
}
_SHORT = {
    "mr": "mister",
    "mrs": "missus",
    "ms": "miz",
    "prof": "professor",
    "jr": "junior",
    "sr": "senior",
    "vs": "versus",
    "etc": "et cetera",
    "approx": "approximately",
    "dept": "department",
    "est": "established",
    "inc": "incorporated",
    "ltd": "limited",
    "ave": "avenue",
    "blvd": "boulevard",
    "rd": "road",
    "hwy": "highway",
    "apt": "apartment",
    "gen": "general",
    "col": "colonel",
    "sgt": "sergeant",
    "capt": "captain",
    "lt": "lieutenant",
    "rev": "reverend",
    "gov": "governor",
    "sen": "senator",
    "mt": "mount",
    "ft": "fort",
    "tel": "telephone",
    "vol": "volume",
    "fig": "figure",
    "min": "minimum",
    "max": "maximum",
    "e.g": "for example",
    "i.e": "that is",
    "ph.d": "PHD",
    "jan": "January",
    "feb": "February",
    "aug": "August",
    "sept": "September",
    "oct": "October",
    "nov": "November",
    "dec": "December",
    "mon": "Monday",
    "tue": "Tuesday",
    "wed": "Wednesday",
    "thu": "Thursday",
    "fri": "Friday",
}
# As the last word of a sentence these are words.
_ONLY_BEFORE_NAMES = frozenset(
    "gen col lt rev gov sen mt ft mon wed fri fig min max tel vol inc est capt sgt".split()
)
_RULERS = frozenset(
    "albert alexander anne benedict carl carlos catherine charles christian clement edward"
    " elizabeth ferdinand francis franz frederick friedrich george gregory gustav haakon harald"
    " henry innocent isabella ivan james john juan julius leo leopold louis margaret mary napoleon"
    " nicholas olaf otto paul pedro peter philip pius pope ptolemy ramesses rameses richard robert"
    " umberto urban victoria vittorio wilhelm william xavier king queen emperor".split()
)
_NUMBERED = frozenset(
    "war chapter part act scene book volume vol phase type class level stage episode mark section"
    " title article appendix figure table bowl season round group grade schedule apollo world".split()
)
_WORDS_IN_CAPITALS = frozenset(
    "I V X C D M L MIX DIM MIDI CIVIL LIVID VIVID DID MILD MILL DILL LI MI DI MD CD DC MC CV IL"
    " MM CC ID ILL DIV LCD".split()
)
_ROMAN = re.compile(r"(?:\b([A-Za-zÀ-ÿ]+)(\.?)\s)?(?<![\w.'])([IVXLCDM]+)\b(?!['’.]\w)(?=(.?)(.?))")


def _spelt(text: str) -> str:
    """An address in words: each of its marks by name, initials and endings as they are said."""
    said = re.sub(
        r"([^\w\s])", lambda m: f" {_MARKS.get(m[1], m[1])} ", text.replace("_", " underscore ")
    )
    return re.sub(r"\b(uk|jp|io|ai|tv|eu|us|fm|de|fr|gg)\b", lambda m: m[1].upper(), said)


def _link(match: re.Match[str]) -> str:
    whole = match[0]
    closing = re.search(r"[.,;:!?'\")\]]+$", whole)
    end = closing[0] if closing else ""
    bare = re.sub(
        r"^(?:https?://|ftp://)?(?:www\.)?", "", whole[: len(whole) - len(end)], flags=re.I
    )
    return f" {_spelt(bare.rstrip('/'))}{end} " if bare else whole


def _saint(match: re.Match[str]) -> str:
    """St. or Dr.: behind a name a street, before one a person."""
    before, name, after = match[1] or "", match[2], match[3]
    person, road = ("saint", "street") if name.lower() == "st" else ("doctor", "drive")
    behind = (
        bool(before)
        and before.strip()[-1] not in ".!?"
        and (before.strip()[0].isupper() or before.strip()[0].isdigit())
    )
    named = bool(re.match(r"\s+[A-Z][a-z]", after)) and not re.match(
        r"\s+(?:No|Apt|Suite)\b", after
    )
    verb = before.strip().lower() in _LEADS
    street = behind and not verb and not named
    # The full stop that ends the sentence is one.
    stop = "." if street and not after.strip() else ""
    return f"{before}{road if street else person}{stop}"


_LEADS = frozenset(
    "visit see meet ask dear the at in on to from by and with for of is was hi hello".split()
)


def _expanded(match: re.Match[str]) -> str:
    short = match[1].lower()
    if short in _ONLY_BEFORE_NAMES and not re.match(r"\s+[A-Z\d]", match.string[match.end() :]):
        return match[0]
    return _SHORT[short]


def _numeral(match: re.Match[str]) -> str:
    name, dot, numeral, after, _ = match.groups()
    value = roman(numeral)
    if not value or not ROMAN.fullmatch(numeral):
        return match[0]
    before = f"{name}{dot} " if name else ""
    known = (name or "").lower()
    if known in _RULERS and (numeral != "I" or after in ("", ".", ",", "!", "?", ";", ":")):
        return f"{before}the {words(str(value), 'ordinal')}"
    counted = known in _NUMBERED
    if len(numeral) == 1 or numeral in _WORDS_IN_CAPITALS:
        return f"{before}{words(str(value))}" if counted and not dot else match[0]
    return f"{before}{words(str(value))}"


def _initials(match: re.Match[str]) -> str:
    # The last full stop is the sentence's as well.
    ends = not match.string[match.end() :].strip()
    return spelt(match[0].replace(".", "")) + ("." if ends else "")


ADDRESSES: tuple[Rule, ...] = (
    (_EMAIL, lambda m: f" {_spelt(m[1])} at {_spelt(m[2])} "),
    (_LINK, _link),
    (_HANDLE, " at "),
)
ABBREVIATED: tuple[Rule, ...] = (
    (re.compile(r"№\s?(?=\d)|\bNo\.\s?(?=\d)"), "number "),
    (re.compile(r"\bNos\.\s?(?=\d)"), "numbers "),
    (re.compile(r"\bpp\.\s?(?=\d)"), "pages "),
    (re.compile(r"\bp\.\s?(?=\d)"), "page "),
    (re.compile(r"(\b[\w']+\s+)?\b(St|Dr)\.(?=(.*))", re.S), _saint),
    (re.compile(r"\b(" + "|".join(map(re.escape, _SHORT)) + r")\.(?=\s|,|$)", re.I), _expanded),
    (re.compile(r"\b(?:[A-Z]\.){2,}"), _initials),
    (_ROMAN, _numeral),
)
