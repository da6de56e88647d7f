"""English as written to English as said: every number, sign and address becomes words.

The rules go from the most particular (an address, a telephone number) to the plainest (a bare
number, a lone sign); what no rule knows is spelt or named, and nothing but pictures, quotes
and brackets is left out.

Knows: how English writes. Does not know: phonemes, voices, other languages.
"""

from __future__ import annotations

import re
import unicodedata

from renderers.tts.written import codes, places, signs
from renderers.tts.written.codes import Rule
from renderers.tts.written.measures import unit_words
from renderers.tts.written.numbers import fraction, words, year

CURRENCIES = {
    "$": ("dollar", "dollars", "cent"),
    "£": ("pound", "pounds", "penny"),
    "€": ("euro", "euros", "cent"),
    "¥": ("yen", "yen", ""),
    "₩": ("won", "won", ""),
    "₹": ("rupee", "rupees", ""),
    "₽": ("ruble", "rubles", ""),
    "₿": ("bitcoin", "bitcoins", ""),
    "₺": ("lira", "lira", ""),
    "₪": ("shekel", "shekels", ""),
    "₫": ("dong", "dong", ""),
    "₱": ("peso", "pesos", ""),
    "฿": ("baht", "baht", ""),
    "CHF": ("Swiss franc", "Swiss francs", ""),
    "kr": ("crown", "crowns", ""),
}
_CODES = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "KRW": "₩", "INR": "₹", "CHF": "CHF"}
_COUNTRIES = {"US": "US ", "CA": "Canadian ", "C": "Canadian ", "A": "Australian ",
              "AU": "Australian ", "NZ": "New Zealand ", "HK": "Hong Kong ", "S": "Singapore "}  # fmt: skip
_MONTHS = (
    "January February March April May June July August September October November December".split()
)
_MONTH = (
    "(" + "|".join(f"{m[:3]}(?:{m[3:]}|{m[3:4]})?" for m in _MONTHS if m != "May") + r"|May)\b\.?"
)
_HALVES = {"a": "ay em", "p": "pee em"}
_SCALES = {"k": "thousand", "m": "million", "mn": "million", "bn": "billion", "b": "billion",
           "tn": "trillion", "t": "trillion"}  # fmt: skip
_DASH = "[-–—−~〜～]"
_WHOLE = r"(?:\d{1,3}(?:,\d{3})+|\d+)"
_AMOUNT = rf"{_WHOLE}(?:\.\d+|,\d\d(?!\d))?"
_SIGN = "[$£€¥₩₹₽₿₺₪₫₱฿]"
_SCALE = r"(?:\s?(trillion|million|billion|thousand|hundred|bn|mn|tn|[kmbt])\b(?!/))?"

_ISO_DATE = re.compile(r"\b(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})\b")
_SLASH_DATE = re.compile(r"\b(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|(?<!-)\d\d)\b")
_MONTH_DAY = re.compile(rf"\b{_MONTH} (\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (\d{{4}})\b)?(?!:)")
_DAY_MONTH = re.compile(
    rf"\b([Tt]he )?(\d{{1,2}})(?:st|nd|rd|th)? (?:of )?{_MONTH}(?:,? (\d{{4}})\b)?"
)
_TIME = re.compile(
    r"(?<![\d:.])([01]?\d|2[0-4])[:]([0-5]\d)(?::([0-5]\d))?(?!\d|:\d)(?:\s*([ap])(?:\.m\.|m\b))?",
    re.I,
)
_HALF_DAY = re.compile(r"\b(\d{1,2})\s*([ap])(?:\.m\.|m\b\.?)", re.I)
_HOURS = re.compile(rf"\b(\d{{1,2}})\s?{_DASH}\s?(\d{{1,2}})\s*([ap])(?:\.m\.|m\b)", re.I)
_BETWEEN = re.compile(rf"(?<=:\d\d|.[ap]m)\s?{_DASH}\s?(?=\d{{1,2}}(?::|\s?[ap]m))", re.I)
_RATIO = re.compile(r"(?<![\d:.])(\d+(?:\.\d+)?):(\d+(?:\.\d+)?)(?![\d:])")
_DURATION = re.compile(r"(?<![\w.])(\d+)(h|m)\s?([0-5]?\d)(m|min|s|(?<=\d)\b)(?!\w)")
_SCIENTIFIC = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)e([+-]?\d{1,3})\b")
_MONEY = re.compile(
    rf"(-?)\b(US|CA|AU|NZ|HK|[CAS])?({_SIGN})\s?({_AMOUNT}){_SCALE}|(-?)({_SIGN})\s?({_AMOUNT}){_SCALE}",
    re.I,
)
_MONEY_RANGE = re.compile(
    rf"({_SIGN})\s?({_AMOUNT})\s?{_DASH}\s?{_SIGN}?\s?({_AMOUNT}){_SCALE}", re.I
)
_MONEY_AFTER = re.compile(
    rf"(?<![\w.,])({_AMOUNT})\s?({_SIGN}|USD\b|EUR\b|GBP\b|JPY\b|KRW\b|INR\b|CHF\b)"
)
_MONEY_CODE = re.compile(rf"\b(USD|EUR|GBP|JPY|KRW|INR|CHF)\s?({_AMOUNT})")
_RATE = re.compile(
    rf"({_SIGN}\s?{_AMOUNT}(?:\s?(?:k|m|bn))?)\s?/\s?"
    r"(hr|hour|h|day|month|mo|week|wk|year|yr|kg|lb|min|person|night|GB|L|l|m|km|piece)\b"
)
_CENTS = re.compile(r"(?<![\d.])(\d+)\s?¢")
_SPOON = re.compile(
    r"(?<![\d/.,])((?:(\d+)[ -])?\d{1,3}/\d{1,3}) ?(tsp|tbsp|lbs?|oz|mi|km|kg|g|ml|l|L|hrs?|ft|yd|pt|cm|mm?)\b(?:\.(?= [a-z]))?"
)
_EVEN = re.compile(r"(?<![\d/])(\d+)/\1(?![\d/])")
_MIXED = re.compile(r"(?<![\d/.,])(\d+)[ -](\d{1,3})/(\d{1,3})(?![\d/])")
_FRACTION = re.compile(r"(?<![\d/.,])(\d{1,3})/(\d{1,3})(?![\d/])")
_FEET = re.compile(r"\b(\d+)'\s?(\d{1,2})(?:\"|'')")
_RANGE = re.compile(
    rf"(?<![\w.,])({_WHOLE}(?:\.\d+)?)\s?{_DASH}\s?({_WHOLE}(?:\.\d+)?)(?!{_DASH}?\d)"
)
_SIZE = re.compile(
    r"(?<![\w.])(\d+(?:\.\d+)?)\s?[x×]\s?(\d+(?:\.\d+)?)(?:\s?[x×]\s?(\d+))?(?![\w])"
)
_MILLIONS = re.compile(rf"(?<![\w.])({_WHOLE}(?:\.\d+)?)(M|B|bn|mn)\b(?![/²³]|\s?[™®])")
_POWER = re.compile(r"(?<=[\d)])\^(-?\d+)")
_MEASURE = re.compile(
    rf"(?<![\w.])(-?{_WHOLE}(?:\.\d+)?)(\s?)((?:[a-zA-Zµμ°℃℉%‰Ω]+(?:/[a-zA-Z]+)?)(?:[²³]|\^[23])?)(?![\w²³])"
)
_ORDINAL = re.compile(rf"\b({_WHOLE})(?:st|nd|rd|th)\b", re.I)
_DECADE = re.compile(
    r"(?<![\w'])()(1[1-9]|20)(\d0)'?s\b|()()'(\d0)s\b"
    r"|\b(the |my |his |her |its |our |your |their |in |early |mid[ -]?|late |low |high )()(\d0)'?s\b",
    re.I,
)
_YEAR = re.compile(r"(?<![\d,.$£€¥])\b(1[1-9]\d\d|20\d\d)\b(?![,.]?\d|%)")
_NUMBER = re.compile(rf"(?:(?<![\w)])-)?(?:{_WHOLE}(?:\.\d+)?|\.\d+)")
_DOTTED = re.compile(
    r"(?:(?<=[A-Za-z]{2})\.(?=[a-z]{2}|[A-Z]{2})|(?<![\w.])\.(?=[A-Za-z]{2}))([A-Za-z]+)"
)
_SUPERSCRIPT = re.compile(r"(?<=[\w)])([²³])")
_QUOTES = {"’": "'", "‘": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "′": "'", "″": '"'}
_COMPARED = re.compile(r"(?:\d\s?|\s)[<>]\s|[<>]\s?\d")
_UNSAID = frozenset('"()[]{}*`')
"""Quotes, brackets and what Markdown emphasises with are heard as nothing."""


def written_out(text: str) -> str:
    """`text` with everything that is not a word written out as it is said."""
    text = _prepared(text)
    for pattern, said in _RULES:
        text = pattern.sub(said, text)
    return " ".join(_signs_out(text).split())


_POINTED = re.compile(
    r"(?<![\d.,])(?:(\d{1,3}(?:\.\d{3})+),(\d{1,2})|([1-9]\d{0,2}(?:\.\d{3}){2,})"
    r"|(?<=€)(\d{1,3}\.\d{3}))(?![\d.,]*\d)"
)
_SPACED = re.compile(
    r"(?<![\d.,+-])\d{1,3}(?:[\u00a0\u2009\u202f]\d{3}(?!\d))+|(?<![\d.,+-])\d{1,3}(?: 0\d\d(?!\d))(?: \d{3}(?!\d))*"
)


def _grouped(match: re.Match[str]) -> str:
    """1.000.000 and 1.234,50 with the commas and points of English; an IP address stays."""
    european, cents, whole, euros = match.groups()
    parts = match[0].split(".")
    if whole and len(parts) == 4 and all(int(p) < 256 and str(int(p)) == p for p in parts):
        return match[0]
    amount = (european or whole or euros).replace(".", ",")
    return f"{amount}.{cents}" if cents else amount


def _prepared(text: str) -> str:
    text = re.sub(
        r"(?<=\d)([⁺⁻]?[⁰¹²³⁴-⁹]+)", lambda m: "^" + unicodedata.normalize("NFKC", m[1]), text
    )
    text = signs.square_units(signs.split_numbers(text, ", "))
    text = _SPACED.sub(lambda m: re.sub(r"\s", "", m[0]), text)
    text = _POINTED.sub(_grouped, text)
    text = "".join(_QUOTES.get(c, c) for c in text.replace("--", "—").replace("⁄", "/"))
    opened = ""
    for char in text:
        value = unicodedata.decomposition(char) if not char.isascii() else ""
        if value.startswith("<fraction>"):
            parts = "".join(chr(int(code, 16)) for code in value.split()[1:]).replace("⁄", "/")
            opened += (" " if opened[-1:].isdigit() else "") + parts
        elif value.startswith(("<wide>", "<compat>", "<circle>", "<sub>")):
            opened += unicodedata.normalize("NFKC", char)
        elif (
            value.startswith("<super>")
            and char not in signs.ENGLISH
            and not (char in "²³" and opened[-1:].isalnum())
        ):
            opened += " " + unicodedata.normalize("NFKC", char)
        elif unicodedata.category(char) == "Nd":
            opened += str(unicodedata.digit(char))
        else:
            opened += char
    return re.sub(r"(?<!\w)[~≈](?=\s?\d)", "about ", opened.replace("−", "-"))


def _date(year_: str, month: int, day: int, whole: str) -> str:
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return whole
    when = f" {_MONTHS[month - 1]} {words(str(day), 'ordinal')}"
    return f"{when}, {year(_century(year_))} " if year_ else when


def _century(year_: str) -> str:
    """A year of four digits; two are of this century, or of the last from '40 on."""
    return year_ if len(year_) == 4 else ("19" if year_ >= "40" else "20") + year_


def _day_month(match: re.Match[str]) -> str:
    """In the order in which it is written: captions run along with the words."""
    _, day, month, year_ = match.groups()
    if not 1 <= int(day) <= 31:
        return match[0]
    said = f" the {words(day, 'ordinal')} of {_MONTHS[_month(month) - 1]}"
    return f"{said}, {year(year_)} " if year_ else said


def _slashed(match: re.Match[str]) -> str:
    one, mark, two, year_ = match.groups()
    month, day = int(one), int(two)
    # The American order, unless it cannot be, or points are written as they are in Europe.
    if month > 12 or mark == ".":
        month, day = day, month
    return _date(year_, month, day, match[0])


def _month(name: str) -> int:
    return next(n for n, full in enumerate(_MONTHS, 1) if full[:3] == name[:3])


def _clock(hour: str, minute: str, half: str | None) -> str:
    said = words(str(int(hour)))
    if minute == "00":
        said += "" if half else " o'clock" if 0 < int(hour) <= 12 else " hundred"
    elif minute:
        said += f" oh {words(minute[1])}" if minute[0] == "0" else f" {words(minute)}"
    return f"{said} {_HALVES[half.lower()]}" if half else said


def _time(match: re.Match[str]) -> str:
    hour, minute, second, half = match.groups()
    said = _clock(hour, minute, half)
    return f"{said} and {words(str(int(second)))} seconds" if second else said


def _amount(written: str) -> tuple[str, str]:
    """Whole units and hundredths of an amount, its comma or point being whichever it is."""
    if re.search(r",\d\d$", written):
        written = written[:-3].replace(",", "") + "." + written[-2:]
    whole, _, parts = written.replace(",", "").partition(".")
    return whole, parts


def _priced(sign: str, amount: str, scale: str | None, country: str = "", minus: str = "") -> str:
    one, many, cent = CURRENCIES[sign]
    whole, parts = _amount(amount)
    before = "minus " if minus else ""
    if scale:
        number = f"{whole}.{parts}" if parts else whole
        return (
            f"{before}{words(number)} {_SCALES.get(scale.lower(), scale.lower())} {country}{many}"
        )
    if (parts and len(parts) != 2) or (parts and not cent):
        return f"{before}{words(whole + '.' + parts)} {country}{many}"
    said = [f"{words(whole)} {country}{one if whole == '1' else many}"]
    if parts and int(parts):
        count, plural = int(parts), "pence" if cent == "penny" else "cents"
        cents = f"{words(str(count))} {cent if count == 1 else plural}"
        said = [*said, cents] if int(whole) else [cents]
    return before + " and ".join(said)


def _money(match: re.Match[str]) -> str:
    minus, country, sign, amount, scale, minus2, sign2, amount2, scale2 = match.groups()
    spoken = _COUNTRIES.get((country or "").upper(), "")
    return (
        f" {_priced(sign or sign2, amount or amount2, scale or scale2, spoken, minus or minus2)} "
    )


def _rate(match: re.Match[str]) -> str:
    unit = {"mo": "month", "wk": "week"}.get(match[2], match[2])
    return f"{match[1]} per {unit_words(unit, 'en', one=True) or unit}"


def _duration(match: re.Match[str]) -> str:
    """2h30m, 1h05, 10m 5s."""
    count, unit, rest, below = match.groups()
    if unit == "m" and below != "s":
        return match[0]
    parts = (count, "h"), (str(int(rest)), "min")
    if unit == "m":
        parts = (count, "min"), (str(int(rest)), "s")
    return " ".join(f"{words(n)} {unit_words(u, 'en', one=n == '1')}" for n, u in parts)


def _spoon(match: re.Match[str]) -> str:
    """A fraction of a unit: half a teaspoon, two and a half teaspoons."""
    return f"{match[1]} {unit_words(match[3], 'en', one=not match[2])}"


def _decade(match: re.Match[str]) -> str:
    groups = [group or "" for group in match.groups()]
    before, century, tens = next(groups[n : n + 3] for n in (0, 3, 6) if groups[n + 2])
    said = words(century + tens, "year") if century else words(tens)
    return before + re.sub(r"y$", "ies", said)


def _mixed(match: re.Match[str]) -> str:
    part = fraction(int(match[2]), int(match[3]))
    return f"{words(match[1])} and {re.sub('^one half', 'a half', part)}"


def _slash(match: re.Match[str]) -> str:
    if match[0] in ("24/7", "9/11"):
        return f"{words(match[1])} {words(match[2])}"
    return fraction(int(match[1]), int(match[2]))


def _range(match: re.Match[str]) -> str:
    # With its own unit: "3-5 km" keeps the second number beside it.
    return f"{match[1]} to {match[2]}"


def _measure(match: re.Match[str]) -> str:
    number, space, unit = match.groups()
    # "in" and "a" are words before they are units; in the text they stand after numbers too.
    if (
        space
        and unit in ("in", "a", "A", "h", "s", "t", "l", "N", "J", "pt", "m", "mi", "cal", "d")
        and unit not in "mlLst"
    ):
        return match[0]
    said = unit_words(unit, "en", one=number in ("1", "-1"))
    return f" {words(number)} {said} " if said else match[0]


def _signs_out(text: str) -> str:
    """Every sign by its name, foreign letters as Latin ones; pictures, quotes, brackets go."""
    kept: list[str] = []
    for place, char in enumerate(text):
        if (
            char in _UNSAID
            or (char == "/" and text[max(0, place - 3) : place + 3].lower() == "and/or")
            or (char in "<>" and not _COMPARED.search(text[max(0, place - 2) : place + 3]))
        ):
            kept.append(" ")
        elif named := signs.name_of(char, signs.ENGLISH):
            kept.append(f" {named} ")
        else:
            kept.append(" " if signs.is_picture(char) else char)
    return re.sub(r" (?=[,.!?;:…](?:\s|$))", "", " ".join("".join(kept).split()))


_RULES: tuple[Rule, ...] = (
    *places.ADDRESSES,
    (_ISO_DATE, lambda m: _date(m[1], int(m[2]), int(m[3]), m[0])),
    (_SLASH_DATE, _slashed),
    (_MONTH_DAY, lambda m: _date(m[3] or "", _month(m[1]), int(m[2]), m[0])),
    (_DAY_MONTH, _day_month),
    (_RATE, _rate),
    (
        _MONEY_RANGE,
        lambda m: f" {words(''.join(_amount(m[2])[:1]))} to {_priced(m[1], m[3], m[4])} ",
    ),
    (_MONEY, _money),
    (_MONEY_AFTER, lambda m: f" {_priced(_CODES.get(m[2], m[2]), m[1], None)} "),
    (_MONEY_CODE, lambda m: f" {_priced(_CODES[m[1]], m[2], None)} "),
    (_CENTS, lambda m: f"{words(m[1])} cent{'' if m[1] == '1' else 's'}"),
    *codes.TELEPHONES,
    codes.HYPHENED,
    (_BETWEEN, " to "),
    (_HOURS, lambda m: f"{words(m[1])} to {words(m[2])} {_HALVES[m[3].lower()]}"),
    (_TIME, _time),
    (_HALF_DAY, lambda m: f"{words(m[1])} {_HALVES[m[2].lower()]}"),
    (_RATIO, lambda m: f"{words(m[1])} to {words(m[2])}"),
    (_DURATION, _duration),
    (_SCIENTIFIC, lambda m: f"{words(m[1])} times ten to the power of {words(m[2].lstrip('+'))}"),
    codes.VERSION,
    *codes.PLACES,
    (_SPOON, _spoon),
    (_MIXED, _mixed),
    (_EVEN, lambda m: f"{words(m[1])} {words(m[1])}"),
    (_FRACTION, _slash),
    (_FEET, lambda m: f"{words(m[1])} feet {words(m[2])} "),
    (_RANGE, _range),
    (_SIZE, lambda m: " by ".join(part for part in m.groups() if part)),
    (_DECADE, _decade),
    (re.compile(r"(?<!\w)'(\d\d)\b"), lambda m: words(m[1])),
    (_MILLIONS, lambda m: f"{words(m[1])} {_SCALES[m[2].lower()]}"),
    (_MEASURE, _measure),
    (
        _POWER,
        lambda m: {"2": " squared", "3": " cubed"}.get(m[1], f" to the power of {words(m[1])}"),
    ),
    (_SUPERSCRIPT, lambda m: " squared" if m[1] == "²" else " cubed"),
    (_ORDINAL, lambda m: words(m[1], "ordinal")),
    (_YEAR, lambda m: year(m[1])),
    (re.compile(r"#(?=\d)"), " number "),
    (re.compile(r"#(?=\w)"), " hashtag "),
    *places.ABBREVIATED,
    *codes.LETTERED,
    (_DOTTED, lambda m: f" dot {m[1] if re.search('[aeiouyAEIOUY]', m[1]) else m[1].upper()}"),
    (_NUMBER, lambda m: f" {words(m[0] if m[0][0] != '.' else '0' + m[0])} "),
)
