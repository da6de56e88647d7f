"""Languages besides English and Japanese, as written to as said: numbers, money, units, signs.

Number words are num2words', names of currencies and units Unicode's (Babel); Chinese is
wetext's. What is left here is how each language writes a number: whose comma is a point.

Knows: numbers and signs in a line. Does not know: how words sound, voices.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from typing import Any

DECIMAL_COMMA = frozenset({"de", "fr", "ru", "pt", "es", "it"})
"""Languages whose decimals follow a comma, and whose thousands a point or a space."""
_CURRENCIES = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY", "₽": "RUB", "₩": "KRW", "R$": "BRL"}
_UNITS = {
    "km/h": "kilometer-per-hour", "km": "length-kilometer", "m": "length-meter",
    "cm": "length-centimeter", "mm": "length-millimeter", "kg": "mass-kilogram",
    "g": "mass-gram", "l": "volume-liter", "L": "volume-liter", "ml": "volume-milliliter",
    "°C": "temperature-celsius", "℃": "temperature-celsius", "min": "duration-minute",
    "h": "duration-hour", "s": "duration-second", "км": "length-kilometer",
    "км/ч": "kilometer-per-hour", "м": "length-meter", "кг": "mass-kilogram",
}  # fmt: skip
_PERCENT = {
    "de": "Prozent", "fr": "pour cent", "ru": "процентов", "pt": "por cento",
    "es": "por ciento", "it": "per cento", "ko": "퍼센트",
}  # fmt: skip
_SIGNS: Mapping[str, tuple[str, str, str, str]] = {
    "de": ("und", "plus", "minus", "bis"), "fr": ("et", "plus", "moins", "à"),
    "ru": ("и", "плюс", "минус", "до"), "pt": ("e", "mais", "menos", "a"),
    "es": ("y", "más", "menos", "a"), "it": ("e", "più", "meno", "a"),
    "ko": ("그리고", "플러스", "마이너스", "에서"),
}  # fmt: skip
"""And, plus, minus, to."""
_AND_MINUTES = {"de": "Uhr", "fr": "heures", "es": "y", "it": "e", "pt": "e", "ru": "", "ko": "시"}
_ORDINAL = {
    "fr": re.compile(r"\b(\d+)(?:er|re|ème|e)\b"),
    "es": re.compile(r"\b(\d+)\.?[ºª°]"),
    "it": re.compile(r"\b(\d+)[ºª°](?!C)"),
    "pt": re.compile(r"\b(\d+)\.?[ºª°](?!C)"),
}
_POINTED = r"\d{1,3}(?:[.  ]\d{3})+(?:,\d+)?|\d+(?:,\d+)?"
_PLAIN = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"


def written_out(text: str, language: str) -> str:
    """`text` with its numbers, amounts and signs in words, as the language says them."""
    if language == "zh":
        try:
            return str(_chinese().normalize(text))
        except (AssertionError, ValueError, RuntimeError, IndexError):
            # What wetext does not expect (`[1]`) stays as it is written.
            return text
    if language not in _SIGNS:
        return text
    number = _POINTED if language in DECIMAL_COMMA else _PLAIN
    also, plus, minus, to = _SIGNS[language]
    unit = "|".join(map(re.escape, sorted(_UNITS, key=len, reverse=True)))
    sign = "|".join(map(re.escape, sorted(_CURRENCIES, key=len, reverse=True)))

    def said(value: str) -> str:
        return f" {_words(value, language)} "

    rules: list[tuple[str, Callable[[re.Match[str]], str] | str]] = [
        (r"\b(\d{1,2})[:h](\d\d)\b(?: Uhr)?", lambda m: _clock(m, language)),
        (rf"({sign})\s?({number})", lambda m: _money(m[2], m[1], language)),
        (rf"({number})\s?({sign})", lambda m: _money(m[1], m[2], language)),
        (rf"({number})\s?[-–—~]\s?(?={number})", lambda m: f"{m[1]} {to} "),
        (r"(?<![\w.,])-(?=\d)", f"{minus} "),
        (rf"({number})\s?({unit})(?![\w/])", lambda m: _measure(m, language)),
        (rf"({number})\s?%", lambda m: f"{said(m[1])}{_PERCENT[language]} "),
        (number, lambda m: said(m[0])),
        (r"\s?&\s?", f" {also} "),
        (r"(?<=\s)\+(?=\s)", plus),
    ]
    if ordinal := _ORDINAL.get(language):
        text = ordinal.sub(lambda m: str(_num2words(int(m[1]), language, "ordinal")), text)
    for pattern, replaced in rules:
        text = re.sub(pattern, replaced, text)
    return re.sub(r"\s+([,.!?;:…])", r"\1", " ".join(text.split()))


def _value(written: str, language: str) -> float | int:
    plain = re.sub(r"[.  ](?=\d{3})", "", written) if language in DECIMAL_COMMA else written
    plain = plain.replace(",", "." if language in DECIMAL_COMMA else "")
    return float(plain) if "." in plain else int(plain)


def _words(written: str, language: str) -> str:
    if len(written) > 15 or (len(written) > 1 and written[0] == "0" and written.isdigit()):
        return " ".join(str(_num2words(int(d), language)) for d in written if d.isdigit())
    said = str(_num2words(_value(written, language), language))
    # Spanish and Portuguese write a comma, and so do say one.
    return said.replace(" punto ", " coma ") if language == "es" else said


def _num2words(value: float, language: str, to: str = "cardinal") -> Any:
    return import_module("num2words").num2words(value, lang=language, to=to)


def _money(amount: str, sign: str, language: str) -> str:
    value = _value(amount, language)
    name = str(
        import_module("babel.numbers").get_currency_name(_CURRENCIES[sign], value, locale=language)
    )
    # Nobody says whose dollars they are.
    name = name.split()[-1 if language == "ru" else 0]
    whole, _, cents = f"{value:.2f}".partition(".") if isinstance(value, float) else (value, "", "")
    said = f" {_words(str(whole), language)} {name.lower()} "
    also = _SIGNS[language][0]
    return f"{said}{also} {_words(str(int(cents)), language)} " if cents and int(cents) else said


def _measure(match: re.Match[str], language: str) -> str:
    value = _value(match[1], language)
    formed = import_module("babel.units").format_unit(
        value, _UNITS[match[2]], "long", locale=language
    )
    name = re.sub(r"[\d.,  ]*\d", "", str(formed)).strip()
    return f" {_words(match[1], language)} {name} "


def _clock(match: re.Match[str], language: str) -> str:
    hour, minute = int(match[1]), int(match[2])
    if hour > 24 or minute > 59:
        return match[0]
    joint = _AND_MINUTES[language]
    said = f" {_words(str(hour), language)} "
    if language in ("de", "fr", "ko"):
        said += f"{joint} "
        joint = ""
    if minute:
        said += f"{joint} {_words(str(minute), language)} ".lstrip()
    return said


@cache
def _chinese() -> Any:
    return import_module("wetext").Normalizer(lang="zh", operator="tn")
