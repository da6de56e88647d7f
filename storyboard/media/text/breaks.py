"""Where a text may break, and what of it fits on a line.

A break falls between phrases: between words, in Japanese where BudouX and Open JTalk agree
that no noun is parted from its particle. What belongs together (a name, a short quotation, a
number and its unit, an article and its noun, 「母の味」) is one phrase as long as a line holds
it. A word too long for a line is cut, with a hyphen where its script has one.

Knows: text. Does not know: captions, times, fonts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Any, Literal

import budoux

from renderers.tts import japanese

FULL_WIDTH = 28
LATIN = 42
LINE = 0.5
"""Of a caption: what one line may hold."""
_SLACK = 1e-6
_HYPHEN = 1 / LATIN
_NEVER_FIRST = frozenset(
    "。、，．！？!?,.:;：；…‥・」』）)】]〉》〕｝}’”ーぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ々゛゜%％،؛؟"
)
_NEVER_LAST = frozenset("「『（([【〈《〔｛{‘“")
_ABBREVIATED = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|Prof|St|Mt|No|vs|e\.g|i\.e|[A-Z])\.$")
_ENDS_PHRASE = re.compile(r"[.!?,;:…—–][”’\"')]*$")
_CAPITAL = re.compile(r"[“‘\"'(]*[A-ZÀ-ÖØ-Þ][\w'’.-]*")
_LEANS = frozenset(
    "a an the my your his her its our their this that these those no every each of to in on at"
    " for from with by as into mr mrs ms dr".split()
)
"""English words that lean on the next one."""
_NUMBERS = frozenset(
    "two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty"
    " sixty seventy eighty ninety hundred thousand million billion".split()
)
_QUOTATION = re.compile(
    r"\"[^\"]+\"|“[^”]+”|(?<!\w)['‘](?=\w)(?:[^'’]|(?<=\w)['’](?=\w))+['’](?!\w)"
)
"""In double or single marks; an apostrophe inside a word is none."""
_UNIT = re.compile(
    r"(?:[a-zA-Z%°µ]{1,4}|percent|hours?|minutes?|years?|days?|people|dollars?|euros?)\b"
)
_LINK = re.compile(r"[/@_\\=&?%#]|\w\.\w")
MANY_HAN = 8
"""Chinese characters without kana from which on a text is no Japanese headline."""
_KANA = re.compile(r"[ぁ-ヺ]")
_HAN = re.compile(r"[一-鿿]")
_SCRIPT_OF_JAPANESE = re.compile(r"[぀-ヿ㐀-鿿]")
_BEGINS = re.compile("(?:^|(?<=[。！？]))…+$")
"""Dots before a sentence that begins with hesitation: 「…まあ」 is never parted."""
_HYPHENATED = re.compile(r"[A-Za-zÀ-ɏͰ-ϿЀ-ӿ԰-֏Ḁ-ỿ]")
"""Letters of scripts that cut a word with a hyphen: Latin, Greek, Cyrillic, Armenian."""
_JOINS = re.compile("[\u200b-\u200d\u2060\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")
"""Joiners, variation selectors, skin tones, tags: part of the character before them."""
_PAIRED = re.compile("[\U0001f1e6-\U0001f1ff]")
"""Two of these make a flag."""


def cost(text: str) -> float:
    """How much of a caption `text` fills: 1.0 is full."""
    return sum(map(_size, characters(text)))


def fits_line(text: str) -> bool:
    """Whether one line holds `text`; a full-width stop or comma at its end may hang out."""
    return cost(text[:-1] if text[-1:] in "。、，．" else text) <= LINE + _SLACK


def one_line(text: str) -> str:
    """One line of visible text: control characters and doubled spaces go."""
    kept = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text)
    kept = re.sub(r"\s+", " ", kept).strip()
    # A space between two Japanese characters is an artefact, and looks like one.
    return re.sub(r"(?<=[぀-鿿。、！？]) (?=[぀-鿿「『])", "", kept)


def characters(text: str) -> list[str]:
    """`text` in what a reader takes for one character each: accents and joined emoji stay whole."""
    found: list[str] = []
    for point in text:
        if found and _continues(found[-1], point):
            found[-1] += point
        else:
            found.append(point)
    return found


def phrases_of(text: str) -> list[str]:
    """Pieces between which a caption or line may break; spaces stay at the ends."""
    return [part for piece in _bound(_words(text)) for part in _chop(piece)]


def words_of(text: str) -> list[str]:
    """The words of a text, in Japanese its phrases, with the spaces after them: what belongs
    together in a caption is said one after the other all the same."""
    return [part for piece in _words(text) for part in _chop(piece)]


def _words(text: str) -> list[str]:
    if _SCRIPT_OF_JAPANESE.search(text):
        pieces = _japanese_phrases(text)
    else:
        pieces = re.findall(r"\S+\s*", text)
    merged: list[str] = []
    for piece in pieces:
        if merged and not _may_break(merged[-1], piece):
            merged[-1] += piece
        else:
            merged.append(piece)
    return merged


def row_of(phrases: Sequence[str], begin: int, end: int) -> str:
    """The phrases from `begin` up to `end` as one row; a word that goes on is hyphenated."""
    return "".join(phrases[begin:end]).strip() + ("-" if _cuts_word(phrases, end) else "")


def _cuts_word(phrases: Sequence[str], end: int) -> bool:
    """Whether a word, and no link, goes on behind the break before phrase `end`."""
    before, after = phrases[end - 1][-1:], phrases[end][:1] if end < len(phrases) else ""
    if not (_HYPHENATED.match(after) and (_HYPHENATED.match(before) or _is_accent(before))):
        return False
    whole = "".join(phrases[:end]).split()[-1] + "".join(phrases[end:]).split()[0]
    return not _LINK.search(whole)


def _is_accent(character: str) -> bool:
    return unicodedata.category(character or " ").startswith("M")


def _japanese_phrases(text: str) -> list[str]:
    """BudouX's phrases, less the breaks before which Open JTalk sees something that leans back.

    A text of many Chinese characters without kana is Chinese.
    """
    chinese = not _KANA.search(text) and len(_HAN.findall(text)) >= MANY_HAN
    places: list[int] = []
    for phrase in _parser("zh" if chinese else "ja").parse(text):
        for piece in re.findall(r"\S+\s*|\s+", phrase):
            places.append((places[-1] if places else 0) + len(piece))
    bound: frozenset[int] = frozenset() if chinese else japanese.bound_places(text)
    free = [place for place in places[:-1] if place not in bound or text[place - 1].isspace()]
    inner = sorted({_before_dots(text, place) for place in free} - {0})
    return [text[a:b] for a, b in pairwise([0, *inner, len(text)]) if text[a:b]]


def _before_dots(text: str, place: int) -> int:
    """A place to break at, moved before the dots that the next sentence begins with."""
    met = _BEGINS.search(text[:place])
    return met.start() if met else place


def _bound(pieces: Sequence[str]) -> list[str]:
    """Pieces with what belongs together joined, as long as a line holds it."""
    joined: list[str] = []
    quotations = _quotations("".join(pieces))
    at = 0
    for piece in pieces:
        begin, at = at, at + len(piece)
        quoted = any(opens < begin < closes for opens, closes in quotations)
        if (
            joined
            and (quoted or _belong(joined[-1], piece))
            and fits_line((joined[-1] + piece).strip())
        ):
            joined[-1] += piece
        else:
            joined.append(piece)
    return joined


def _quotations(text: str) -> list[tuple[int, int]]:
    """Where the quotations stand that a line holds: 'the sloth', "Mondays"."""
    spans = [match.span() for match in _QUOTATION.finditer(text)]
    return [(begin, end) for begin, end in spans if fits_line(text[begin:end])]


def _belong(before: str, after: str) -> bool:
    """Whether two neighbouring pieces are one thing: a name, a quotation, 母の味."""
    if not before[-1].isspace():
        return before.endswith("の") and bool(_SCRIPT_OF_JAPANESE.match(after))
    if not before.strip():
        return False
    left, right = before.split()[-1], after.split()[0]
    if _ENDS_PHRASE.search(left) and not _ABBREVIATED.search(left):
        return False
    if left.lower() in _LEANS and not (left.isupper() and len(left) > 1):
        return True
    if left.lower() in _NUMBERS and right[0].isalnum():
        return True
    if re.search(r"\d$", left) and _UNIT.match(right):
        return True
    # A capital that only begins the sentence is no name, unless the next word has one too.
    named = bool(_CAPITAL.fullmatch(left)) and bool(_CAPITAL.match(right))
    return named and not (left.isupper() and len(left) > 1 and right.isupper())


def _size(character: str) -> float:
    """Of one character; a joined emoji is as wide as its parts where the font does not join."""
    points = [p for p in character if unicodedata.east_asian_width(p) in "WF"]
    wide = sum(not _JOINS.match(p) for p in points)
    return wide / FULL_WIDTH if wide else 1 / LATIN


def _continues(before: str, point: str) -> bool:
    """Whether `point` belongs to the character before it."""
    flag = _PAIRED.match(point) and _PAIRED.fullmatch(before)
    joined = before[-1] == "\u200d" or _JOINS.match(point)
    return bool(flag or joined or unicodedata.category(point).startswith("M"))


def _may_break(before: str, after: str) -> bool:
    last = before.rstrip()[-1:]
    if re.match(r"(?:\.\.\.|…+)[^\W\d_]", after) and (before[-1].isspace() or last in "。！？"):
        # "...Is it?" begins a sentence, and so does 「…まあ」.
        return True
    if after[0] in _NEVER_FIRST or last in _NEVER_LAST or _ABBREVIATED.search(before.rstrip()):
        return False
    return before[-1].isspace() or not _continues(characters(before)[-1], after[0])


def _chop(piece: str) -> list[str]:
    """A piece too long for a line (a link, a scream) is cut where it hurts least."""
    parts: list[str] = []
    rest = characters(piece)
    while not fits_line("".join(rest).rstrip()):
        room = LINE - (_HYPHEN if _HYPHENATED.search(rest[0]) else 0.0)
        fits = next(n for n in range(1, len(rest) + 1) if cost("".join(rest[: n + 1])) > room)
        cut = _place(rest, fits)
        parts.append("".join(rest[:cut]))
        rest = rest[cut:]
    return [*parts, "".join(rest)] if rest else parts


def _place(rest: list[str], fits: int) -> int:
    """Where among the first `fits` characters a piece is best cut."""
    good = [n for n in range(max(1, fits // 2), fits + 1) if _may_break(rest[n - 1], rest[n])]
    # A link is best cut after one of its own marks, a word between two consonants.
    for wanted in (
        [n for n in good if rest[n - 1].isspace()],
        [n for n in good if rest[n - 1] in "/?&=-_.:~+%#"],
        [n for n in good if _syllable(rest, n)],
    ):
        if wanted:
            return max(wanted)
    return max(good or [fits])


def _syllable(rest: list[str], n: int) -> bool:
    """Whether a syllable may end before character `n`: between consonants, or behind a vowel."""
    around = "".join(rest[max(0, n - 2) : n + 2]).lower()
    if len(around) < 4 or not all(_HYPHENATED.match(c) for c in rest[n - 2 : n + 2]):
        return False
    shape = "".join("v" if c in "aeiouy" else "c" for c in around)
    return shape == "vccv" or (shape.startswith("cvc") and shape[3] == "v")


@cache
def _parser(language: Literal["ja", "zh"]) -> Any:
    if language == "zh":
        return budoux.load_default_simplified_chinese_parser()
    return budoux.load_default_japanese_parser()
