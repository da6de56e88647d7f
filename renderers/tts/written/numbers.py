"""English numbers in words: cardinals, ordinals, years, digits one by one, fractions, Roman.

Knows: number words. Does not know: what a number stands for in a line.
"""

from __future__ import annotations

import re
from importlib import import_module

ROMAN = re.compile(r"M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")
_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_DIGITS = "zero one two three four five six seven eight nine".split()


def number_word(value: float, to: str = "cardinal") -> str:
    return str(import_module("num2words").num2words(value, to=to))


def words(number: str, to: str = "cardinal") -> str:
    """A number as written (commas, a point, a minus) in words."""
    digits = number.replace(",", "")
    whole = digits.lstrip("-").partition(".")[0]
    if len(digits) > 15 or (len(whole) > 1 and whole[0] == "0"):
        # Nobody says quadrillions, and 007 is no seven: the digits are read.
        return each(digits)
    if "." in digits and to == "cardinal":
        # By its digits: 2.50 is two point five zero, whatever a float makes of it.
        sign = "minus " if digits.startswith("-") else ""
        after = each(digits.partition(".")[2])
        return f"{sign}{words(whole or '0')} point {after}".strip()
    # "one thousand, two hundred" would be heard with a pause at the comma.
    return number_word(int(digits), to).replace(",", "").replace("-", " ")


def each(digits: str) -> str:
    """Digits one by one; a point is said."""
    said = {".": "point", "-": "minus", "+": "plus"}
    return " ".join(
        _DIGITS[int(d)] if d.isdecimal() else said[d] for d in digits if d in "0123456789.-+"
    )


def fraction(top: int, bottom: int) -> str:
    """A fraction as it is said in a sentence."""
    if bottom in (10, 100) and top > 1:
        return f"{words(str(top))} out of {words(str(bottom))}"
    if not 0 < top < bottom or bottom > 100:
        return f"{words(str(top))} over {words(str(bottom))}"
    parts = {2: "half", 4: "quarter"}.get(bottom) or words(str(bottom), "ordinal")
    return f"{words(str(top))} {parts}" + ("s" if top > 1 else "")


def roman(numeral: str) -> int:
    """The value of a Roman numeral in capitals; 0 for none."""
    if not numeral or not ROMAN.fullmatch(numeral):
        return 0
    values = [_VALUES[letter] for letter in numeral]
    nexts = [*values[1:], 0]
    return sum(-v if v < after else v for v, after in zip(values, nexts, strict=True))


def year(number: str) -> str:
    value = int(number)
    if value % 1000 < 10:
        return words(number)
    return words(number, "year")
