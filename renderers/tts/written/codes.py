"""English numbers that are names: telephones, house numbers, versions, ISBNs, CO2, 221B.

They are read digit by digit, or letters and digits apart; what 221B is (a house, or billions)
is told by what stands around it.

Knows: how such names are written. Does not know: amounts, measures, dates.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from renderers.tts.written.numbers import each, words

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str] | str]

_PLACE = (
    "room|seat|gate|flat|apartment|apt|unit|suite|class|row|block|platform|bus|line|route|exit"
    "|level|floor|size|grade|section|table|figure|fig|appendix|building|pier|terminal|bay|lot"
    "|door|cabin|ward|bed|locker|box|track|no|number|house|page|stand|studio|zone|dock|hall"
)
_ROAD = (
    "St|Street|Rd|Road|Ave|Avenue|Ln|Lane|Dr|Drive|Way|Blvd|Boulevard|Court|Ct|Place|Pl|Square"
    "|Sq|Terrace|Hill|Row|Gardens|Park|Crescent|Close|Mews|Quay"
)
_EMERGENCY = "911|999|112|110|119|101|111|211|311|411|511|811"
_IN_PLACE = re.compile(rf"\b({_PLACE})(\.?) (\d{{1,4}})([A-Z])\b", re.I)
_HOUSE = re.compile(rf"\b(\d{{1,5}})([A-Z])(?= (?:[A-Z][\w'’]*\.? ){{1,3}}(?:{_ROAD})\b)")
_CALLED = re.compile(
    rf"\b((?:call|dial|ring|phone|text)(?:ed|led|ing|ling|s)?) ({_EMERGENCY})\b", re.I
)
_PHONE = re.compile(
    r"(?<![\w.,$£€¥])(?:\+\d{1,3}[ .-]?|1[ .-](?=\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}))?"
    r"(?:\(\d{2,4}\)[ .-]?)?\d{2,4}(?:[ .-]\d{2,4}){1,4}(?![\w%]|[.,:]\d)"
)
_WORDED_PHONE = re.compile(r"(?<![\w-])1-(8\d\d)-(?=[A-Z])")
_HYPHENED = re.compile(r"(?<![\w.,-])\d+(?:-\d+){2,}(?![\w-])")
_VERSION = re.compile(
    r"\b(v(?:er(?:sion|\.)?)?\.?\s?)?(\d+(?:\.\d+){2,})\b|\bv(\d+(?:\.\d+)?)\b", re.I
)
_CODE = re.compile(r"\b(?=\w*\d)(?=\w*[A-Za-z])[A-Za-z0-9]+\b")


def spelt(letters: str) -> str:
    """Letters one by one; alone, an A would be an article."""
    return " ".join("ay" if letter == "A" else letter for letter in letters.upper())


def _numbered(match: re.Match[str]) -> str:
    place, dot, number, letter = match.groups()
    # "class 3b" is one; "table 3 a" is none, and has a space.
    return f"{place}{dot} {_digits(number)} {spelt(letter)}"


def _digits(number: str) -> str:
    """A number that names a thing: by its value where it is short, digit by digit where not."""
    return words(number) if len(number) < 3 or number.endswith("00") else each(number)


def _phone(match: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", match[0])
    groups = re.findall(r"\d+", match[0])
    marked = match[0].startswith("+") or "(" in match[0]
    local = len(groups) == 2 and tuple(map(len, groups)) == (3, 4)
    if (
        not (marked and len(digits) >= 7)
        and not local
        and not (len(groups) > 2 and 7 <= len(digits) <= 15)
    ):
        return match[0]
    # A point, and the last group is a thousand or a version, not a subscriber.
    if "." in match[0] and len(groups[-1]) < 3:
        return match[0]
    said = ", ".join(each(group) for group in groups)
    return f" {'plus ' if match[0].startswith('+') else ''}{said} "


def _version(match: re.Match[str]) -> str:
    number = match[2] or match[3]
    named = "version " if match[3] or (match[1] or "").strip() else ""
    return named + " point ".join(words(part) for part in number.split("."))


def _coded(match: re.Match[str]) -> str:
    """Letters and digits in one word (BA2490, 3D, COVID19): both are said, apart."""
    said: list[str] = []
    for piece in re.findall(r"\d+|[A-Za-z]+", match[0]):
        if piece.isdigit():
            said.append(_digits(piece))
        else:
            short = len(piece) <= 3 and (piece.isupper() or len(piece) == 1)
            said.append(spelt(piece) if short else piece)
    return " ".join(said)


TELEPHONES: tuple[Rule, ...] = (
    (_WORDED_PHONE, lambda m: f"one, {words(m[1])}, "),
    (_PHONE, _phone),
    (_CALLED, lambda m: f"{m[1]} {each(m[2])}"),
)
HYPHENED: Rule = (_HYPHENED, lambda m: ", ".join(map(_digits, m[0].split("-"))))
"""A code of three numbers or more; dates were read before."""
VERSION: Rule = (_VERSION, _version)
PLACES: tuple[Rule, ...] = (
    (_IN_PLACE, _numbered),
    (_HOUSE, lambda m: f"{_digits(m[1])} {spelt(m[2])}"),
)
LETTERED: tuple[Rule, ...] = (
    (
        re.compile(r"\b([A-Z]{1,3})\s?&\s?([A-Z]{1,3})\b"),
        lambda m: f"{spelt(m[1])} and {spelt(m[2])}",
    ),
    (re.compile(r"\b([ACDFG])#"), lambda m: f"{spelt(m[1])} sharp"),
    (re.compile(r"(?<=[a-z])(?=[A-Z]{2,}\b)"), " "),
    (re.compile(r"(?<=[A-Za-z])-(?=\d)|(?<=\d)-(?=[A-Za-z])"), " "),
    (_CODE, _coded),
)
