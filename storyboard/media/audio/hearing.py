"""What has to be heard of a written line, read from the line itself and not from any voice's
front end: numbers by value, signs and units by name.

A voice and a check that share one normaliser are blind together: 3～5人 said as thirty-five is
then right by both. So this reads digits, signs and units by small tables of its own, and looks
for them in what the ear wrote down, in whichever form it did.

Knows: numbers, signs, units as people write them and as recognisers do. Does not know: voices,
takes, how a line is spoken.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from renderers.tts.written.elsewhere import DECIMAL_COMMA

_ONES = {
    word: n
    for n, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
        " fifteen sixteen seventeen eighteen nineteen".split()
    )
} | {"oh": 0, "a": 1, "an": 1}
_ORDINALS = {
    word: n
    for n, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
        " thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth".split(),
        1,
    )
}
_TENS = {
    word: 10 * n
    for n, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)
}
_TENTHS = {word[:-1] + "ieth": value for word, value in _TENS.items()}
_DECADES = {word[:-1] + "ies": value for word, value in _TENS.items()} | {"tens": 10}
_SCALES = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_PARTS = {"half": "2", "halves": "2", "third": "3", "thirds": "3", "quarter": "4", "quarters": "4"}
_KANJI = {c: n for n, c in enumerate("〇一二三四五六七八九")} | {"零": 0}
_KANJI_SCALES = {"十": 10, "百": 100, "千": 1000}
_KANJI_LARGE = {"万": 10**4, "億": 10**8, "兆": 10**12}
_NUMERAL = re.compile(r"[〇零一二三四五六七八九十百千万億兆]+")
_SAME_SOUND: Mapping[str, tuple[str, ...]] = {
    "1": ("won", "一", "いち", "イチ", "ひと", "ファースト"),
    "2": ("to", "too", "two", "に", "ニ", "ふた", "セカンド"),
    "3": ("さん", "サン", "サード"),
    "4": ("for", "よん", "し", "ヨン"),
    "5": ("ご", "ゴ"),
    "6": ("sicks", "ろく", "ロク"),
    "7": ("なな", "しち", "ナナ"),
    "8": ("ate", "はち", "ハチ"),
    "9": ("きゅう", "キュウ"),
    "10": ("じゅう", "ジュウ"),
    "30": ("half", "半"),
}
"""What a recogniser writes where it took a small number for another word."""
SIGNS: Mapping[str, tuple[str, ...]] = {
    "$": ("$", "dollar", "buck", "ドル"),
    "€": ("€", "euro", "ユーロ"),
    "£": ("£", "pound", "ポンド"),
    "¥": ("¥", "￥", "yen", "円", "エン"),
    "%": ("%", "％", "percent", "per cent", "パーセント"),
    "°": ("°", "º", "℃", "degree", "度", "ド"),
    "℃": ("°", "℃", "celsius", "degree", "度", "ド", "摂氏"),
    "+": ("+", "plus", "プラス", "and"),
    "&": ("&", "and", "アンド", "n'", "＆"),
    "@": ("@", "at", "アット"),
}
UNITS: Mapping[str, tuple[str, ...]] = {
    "m": ("meter", "metre", "メートル"),
    "km": ("kilomet", "キロ"),
    "cm": ("centimet", "センチ"),
    "mm": ("millimet", "ミリ"),
    "kg": ("kilo", "キロ"),
    "g": ("gram", "グラム"),
    "ft": ("feet", "foot", "フィート"),
    "lbs": ("pound", "ポンド"),
    "min": ("minute", "分"),
    "h": ("hour", "時間"),
    "km/h": ("kilomet", "キロ", "kph", "kmh"),
    "mph": ("mile", "マイル"),
    "L": ("lit", "リットル"),
    "ml": ("millilit", "ミリ"),
}
_VALUE = re.compile(r"\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
_JOINED = re.compile(r"\d+(?:[-‐–:./() ]{1,2}\d+)+")
_SPAN = re.compile(r"\d{1,4}[-‐– ]{1,2}\d{1,3}|(?:19|20)\d\d[-‐–](?:19|20)\d\d")
"""From one number to another: both are heard, and never as one."""
_VERSION = re.compile(r"(?<![\d.])\d+(?:\.\d+){2,}(?![\d.])")
_LINK = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+|[\w-]+\.(?:com|org|net|io|ai|jp|co)\S*")
_MONTHS = (
    "january february march april may june july august september october november december".split()
)
_UNIT = re.compile(r"\d\s?(km/h|[a-zA-Z]{1,3})(?![A-Za-z])")


@dataclass(frozen=True, slots=True)
class _Number:
    """A number of the line: as written, and the digits that it is of."""

    written: str
    value: str
    joined: bool
    """It stands in a row of numbers that may be heard as one: a time, a telephone number."""
    alike: str = ""
    """Another number that sounds the same in this place: に10時 and 20時."""


def spelt_otherwise(line: str, language: str) -> bool:
    """Whether something is in the line that an ear spells in its own way.

    An address, or a foreign word: Bjørn and Łódź in English, ChatGPT in Japanese.
    """
    foreign = {"en": r"[^\W\d_a-zA-Z]", "ja": r"[A-Za-z]{3}"}.get(language)
    return bool(_LINK.search(line) or (foreign and re.search(foreign, line)))


def unheard(line: str, heard: str, language: str = "en") -> tuple[str, ...]:
    """The numbers, signs and units of `line` that are not in what was heard; () if all are.

    Signs and units are known by their English and Japanese names: in other languages the
    numbers alone are looked for.
    """
    # Of an address an ear hears each mark as some word: "&" as "in".
    line, heard = _LINK.sub(" ", _folded(line)), _folded(heard)
    if language not in ("en", "ja"):
        return _unheard_elsewhere(line, heard, language)
    values = _values(heard)
    lacking = [n.written for n in _numbers(line) if not _is_heard(n, values, heard)]
    low = heard.lower()
    lacking += [
        sign
        for sign, forms in SIGNS.items()
        if re.search(rf"\d\s?{re.escape(sign)}|{re.escape(sign)}\s?\d", line)
        and not any(form in low for form in forms)
    ]
    if re.search(r"(?<![\dA-Za-z)])-\d", line) and not re.search(
        r"-\s?\d|minus|negative|below|マイナス|氷点下|零下", low
    ):
        lacking.append("-")
    return tuple(dict.fromkeys([*lacking, *_other_units(line, low)]))


def _unheard_elsewhere(line: str, heard: str, language: str) -> tuple[str, ...]:
    if language in DECIMAL_COMMA:
        line, heard = map(_pointed, (line, heard))
    values, spelt = _values(heard), _letters(heard)
    number_words: Any = import_module("num2words").num2words
    return tuple(
        dict.fromkeys(
            n.written
            for n in _numbers(line)
            if not _is_heard(n, values, heard)
            and not (
                language != "zh"
                and _letters(number_words(_numeric(n.value), lang=language))[:-1] in spelt
            )
        )
    )


def _pointed(text: str) -> str:
    """Numbers of a language with a decimal comma as English writes them."""
    return re.sub(r"(?<=\d),(?=\d)", ".", re.sub(r"(?<=\d)[. \u202f](?=\d{3}\b)", "", text))


def _numeric(value: str) -> float | int:
    return float(value) if "." in value else int(value)


def _letters(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalpha())


def _folded(text: str) -> str:
    for sign in "〜～":
        text = text.replace(sign, "~")
    opened = re.sub(r"(?<=\d)(?=[½¼¾⅓⅔⅛])", " ", text.replace("−", "-"))
    opened = re.sub(r"[①-⒛❶-➓]", lambda m: f" {unicodedata.numeric(m[0]):.0f} ", opened)
    # 2h30m is no length, nor is 10m 5s.
    opened = re.sub(r"(?<=\d)m(?=\s?[0-5]?\ds\b)|(?<=h\d)m\b|(?<=h\d\d)m\b", "min", opened)
    return unicodedata.normalize("NFKC", opened).replace("⁄", "/").replace("°C", "℃")


def _numbers(line: str) -> Iterator[_Number]:
    """Every number that stands in the line in digits, or in Roman ones behind a name."""
    for match in _VERSION.finditer(line):
        yield from (_Number(part, _canonical(part), True) for part in match[0].split("."))
    line = _VERSION.sub(" ", line)
    runs = [match.span() for match in _JOINED.finditer(line) if not _SPAN.fullmatch(match[0])]
    for match in _VALUE.finditer(line):
        joined = any(begin <= match.start() and match.end() <= end for begin, end in runs)
        value = _canonical(match[0])
        scale = line[match.end() : match.end() + 1]
        if scale in _KANJI_LARGE and value.isdigit():
            value = str(int(value) * _KANJI_LARGE[scale])
        ni = line[: match.start()].endswith("に") and re.fullmatch(r"1\d{1,3}", value)
        alike = str(int(value) + 10 ** (len(value) - 1)) if ni else ""
        yield _Number(match[0], value, joined, alike)
    for match in re.finditer(r"(?<=[a-z] )(II|III|IV|VI|VII|VIII|IX|XI|XII|XIV)\b", line):
        yield _Number(match[1], str(_ROMAN[match[1]]), False)


_ROMAN = {"II": 2, "III": 3, "IV": 4, "VI": 6, "VII": 7, "VIII": 8, "IX": 9, "XI": 11, "XII": 12, "XIV": 14}  # fmt: skip


def _is_heard(number: _Number, values: Sequence[str], heard: str) -> bool:
    if number.value in values or number.alike in values:
        return True
    # The full hour and the cents that are none are seldom said.
    if number.joined and not int(re.sub(r"\D", "", number.value) or "0"):
        return True
    digits = re.sub(r"\D", "", number.written)
    plain = [re.sub(r"\D", "", value) for value in values]
    # Twenty twenty-six, or a code digit by digit; but 35 is not "three to five".
    if (len(digits) >= 3 or (number.joined and len(digits) == 2)) and any(
        "".join(plain[a:b]) == digits for a in range(len(plain)) for b in range(a + 2, a + 9)
    ):
        return True
    if number.joined and any(len(value) > len(digits) and digits in value for value in plain):
        return True
    words = heard.lower()
    if number.value.endswith(".5") and number.value[:-2] in values and re.search("half|半", words):
        return True
    if number.joined and 0 < int(digits) <= 12 and _MONTHS[int(digits) - 1] in words:
        return True
    return any(
        re.search(rf"\b{form}\b", words) if form.isascii() else form in words
        for form in _SAME_SOUND.get(number.value, ())
    )


def _canonical(written: str) -> str:
    whole, point, rest = written.replace(",", "").partition(".")
    rest = rest.rstrip("0")
    return (whole.lstrip("0") or "0") + (point + rest if rest else "")


def _values(heard: str) -> list[str]:
    """Every number in what was heard, in digits, English words or Kanji, in order."""
    found: list[tuple[int, str]] = []
    scaled = re.compile(rf"({_VALUE.pattern})([万億兆])?")
    for match in scaled.finditer(heard):
        value = _canonical(match[1])
        found.append((match.start(), value))
        if match[2] and "." not in value:
            found.append((match.start(), str(int(value) * _KANJI_LARGE[match[2]])))
    found += [(m.start(), str(_kanji(m[0]))) for m in _NUMERAL.finditer(heard)]
    found += _english(heard)
    return [value for _, value in sorted(found, key=lambda item: item[0])]


def _kanji(numeral: str) -> int:
    if not any(c in _KANJI_SCALES or c in _KANJI_LARGE for c in numeral):
        return int("".join(str(_KANJI[c]) for c in numeral))
    total = part = digit = 0
    for c in numeral:
        if c in _KANJI:
            digit = _KANJI[c]
        elif c in _KANJI_SCALES:
            part += (digit or 1) * _KANJI_SCALES[c]
            digit = 0
        else:
            total += (part + digit or 1) * _KANJI_LARGE[c]
            part = digit = 0
    return total + part + digit


def _english(heard: str) -> list[tuple[int, str]]:
    """Numbers in English words: each run of number words as the numbers that it may be."""
    found: list[tuple[int, str]] = []
    run: list[str] = []
    place = 0

    def close() -> None:
        if run and run not in (["a"], ["an"]):
            found.extend((place, value) for value in _read(run))
        run.clear()

    for match in re.finditer(r"[a-z]+|\d[\d.,]*|[^\sa-z\d]", heard.lower().replace("-", " ")):
        word = match[0]
        number = word in _ONES or word in _TENS or word in _SCALES or word in _ORDINALS
        number = number or word in _TENTHS or word in _DECADES or word == "point"
        if word in _PARTS and not (word == "third" and run):
            close()
            found += [(match.start(), "1"), (match.start(), _PARTS[word])]
        elif number or (word == "and" and run and run[-1] in _SCALES):
            if not run:
                place = match.start()
            if word != "and":
                run.append(word)
        else:
            close()
    close()
    return found


def _read(run: Sequence[str]) -> list[str]:
    """The numbers of a run of number words: as one where it is one, and by its parts."""
    total = part = 0
    parts: list[str] = []
    rest = ""
    last = 0
    for n, word in enumerate(run):
        if word == "point":
            digits = [str(_ONES[w]) for w in run[n + 1 :] if w in _ONES]
            rest = "." + "".join(digits)
            break
        if word in _SCALES:
            scale = _SCALES[word]
            part = max(part, 1) * scale
            if scale > 100:
                total, part = total + part, 0
            last = scale
            continue
        value = (_ONES | _TENS | _ORDINALS | _TENTHS | _DECADES)[word]
        fits = last >= 100 or not n or (last in _TENS.values() and value < 10)
        if not fits:
            parts.append(str(total + part))
            total = part = 0
        part += value
        last = value if value >= 20 else 1
    whole = _canonical(f"{total + part}{rest}")
    return [*parts, whole]


def _other_units(line: str, heard: str) -> Iterator[str]:
    """Units for which another one of the table is heard: ten minutes for 10m."""
    for match in _UNIT.finditer(line):
        unit = match[1]
        forms = UNITS.get(unit)
        if forms is None or any(form in heard for form in forms):
            continue
        if re.search(rf"\d\s?{re.escape(unit.lower())}\b", heard):
            continue
        others = {form for name, own in UNITS.items() if name != unit for form in own}
        written = {form for own in _UNIT.findall(line) for form in UNITS.get(own, ())}
        if any(form in heard for form in others - written - {"分"}):
            yield unit
