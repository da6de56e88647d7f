"""A number with its unit in words, by wetext; what it leaves or misreads is said here.

wetext takes "10m" for minutes and leaves litres, watts and inches as they are; an input that
it does not expect (`[1]`) is an AssertionError there. Whatever happens, something is said.

Knows: units. Does not know: lines, voices, other classes of signs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from threading import Lock
from typing import Any, Literal

Language = Literal["en", "ja"]
_LOCK = Lock()
"""Its transducers keep state between calls."""

ENGLISH: Mapping[str, tuple[str, str]] = {
    "m": ("meter", "meters"),
    "m/s": ("meter per second", "meters per second"),
    "L": ("liter", "liters"),
    "l": ("liter", "liters"),
    "mL": ("milliliter", "milliliters"),
    "ml": ("milliliter", "milliliters"),
    "cl": ("centiliter", "centiliters"),
    "dl": ("deciliter", "deciliters"),
    "W": ("watt", "watts"),
    "kW": ("kilowatt", "kilowatts"),
    "MW": ("megawatt", "megawatts"),
    "kWh": ("kilowatt hour", "kilowatt hours"),
    "V": ("volt", "volts"),
    "A": ("amp", "amps"),
    "mAh": ("milliamp hour", "milliamp hours"),
    "N": ("newton", "newtons"),
    "J": ("joule", "joules"),
    "Pa": ("pascal", "pascals"),
    "hPa": ("hectopascal", "hectopascals"),
    "kPa": ("kilopascal", "kilopascals"),
    "Ω": ("ohm", "ohms"),
    "dB": ("decibel", "decibels"),
    "fps": ("frame per second", "frames per second"),
    "bpm": ("beat per minute", "beats per minute"),
    "rpm": ("revolution per minute", "revolutions per minute"),
    "in": ("inch", "inches"),
    "ft": ("foot", "feet"),
    "yd": ("yard", "yards"),
    "mi": ("mile", "miles"),
    "tbsp": ("tablespoon", "tablespoons"),
    "tsp": ("teaspoon", "teaspoons"),
    "pt": ("pint", "pints"),
    "cc": ("cubic centimeter", "cubic centimeters"),
    "psi": ("pound per square inch", "pounds per square inch"),
    "ppm": ("part per million", "parts per million"),
    "kcal": ("kilocalorie", "kilocalories"),
    "cal": ("calorie", "calories"),
    "hr": ("hour", "hours"),
    "hrs": ("hour", "hours"),
    "h": ("hour", "hours"),
    "min": ("minute", "minutes"),
    "mins": ("minute", "minutes"),
    "sec": ("second", "seconds"),
    "secs": ("second", "seconds"),
    "s": ("second", "seconds"),
    "ms": ("millisecond", "milliseconds"),
    "wk": ("week", "weeks"),
    "yr": ("year", "years"),
    "yrs": ("year", "years"),
    "Mbps": ("megabit per second", "megabits per second"),
    "Gbps": ("gigabit per second", "gigabits per second"),
    "px": ("pixel", "pixels"),
    "MP": ("megapixel", "megapixels"),
    "°": ("degree", "degrees"),
    "℃": ("degree Celsius", "degrees Celsius"),
    "℉": ("degree Fahrenheit", "degrees Fahrenheit"),
    "°C": ("degree Celsius", "degrees Celsius"),
    "°F": ("degree Fahrenheit", "degrees Fahrenheit"),
    "%": ("percent", "percent"),
    "‰": ("per mille", "per mille"),
    "t": ("ton", "tons"),
    "mph": ("mile per hour", "miles per hour"),
    "kph": ("kilometer per hour", "kilometers per hour"),
    "km/h": ("kilometer per hour", "kilometers per hour"),
    "kmh": ("kilometer per hour", "kilometers per hour"),
}
"""What wetext does not read, reads as something else, or reads with a wrong plural."""

JAPANESE: Mapping[str, str] = {
    "°C": "度",
    "℃": "度",
    "°F": "華氏{}度",
    "℉": "華氏{}度",
    "°": "度",
    "fps": "フレーム毎秒",
    "bpm": "ビーピーエム",
    "dB": "デシベル",
    "ft": "フィート",
    "in": "インチ",
    "inch": "インチ",
    "mph": "マイル毎時",
    "kWh": "キロワット時",
    "kW": "キロワット",
    "mAh": "ミリアンペア時",
    "hPa": "ヘクトパスカル",
    "px": "ピクセル",
    "%": "パーセント",
    "‰": "パーミル",
    "x": "倍",
    "h": "時間",
    "hr": "時間",
}
_POWERS = {"²": "square", "³": "cubic", "^2": "square", "^3": "cubic"}
_UNIT = re.compile(r"([^\W\d_°℃℉%‰µ]*[°℃℉%‰µ]?[A-Za-zΩ]*(?:/[A-Za-z]+)?)([²³]|\^[23])?")


def unit_words(unit: str, language: Language, *, one: bool = False) -> str:
    """A unit's name after a number; "" if nobody knows such a unit."""
    match = _UNIT.fullmatch(unit)
    if match is None or not match[1]:
        return ""
    name, power = match.groups()
    if language == "ja":
        if name in JAPANESE and not power:
            return JAPANESE[name]
        said = _wetext("3" + unit, "ja")
        return said[1:] if said.startswith("三") and not re.search(r"[A-Za-z]", said) else ""
    if name in ENGLISH:
        said = ENGLISH[name][0 if one else 1]
        return f"{_POWERS[power]} {said}" if power else said
    count = "one" if one else "three"
    said = _wetext(f"{'1' if one else '3'} {unit}", "en")
    known = said.startswith(count + " ") and not re.search(rf"\b{re.escape(name)}\b", said)
    return said.removeprefix(count + " ").strip() if known else ""


@cache
def _wetext(text: str, language: Language) -> str:
    """wetext's reading; "" where it does not take the text."""
    with _LOCK:
        try:
            return str(_normaliser(language).normalize(text))
        except (AssertionError, ValueError, RuntimeError, IndexError):
            return ""


@cache
def _normaliser(language: Language) -> Any:
    # Imported when first needed: its transducers are 13 MB in memory.
    return import_module("wetext").Normalizer(lang=language, operator="tn")
