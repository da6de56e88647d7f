"""Whether what is said of somebody's looks agrees with who they are, and is fit to be shown.

A model that writes "a bearded man in his sixties" of a young woman gets a picture of the one and a
voice of the other. Years, decades of life and words like "boy" or "grandmother" tell an age; men,
women and their pronouns a presentation; what nobody films stands in the taste file.

Knows: words for ages, genders, clothes. Does not know: who wrote them, formats' stories.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from renderers.scene import AgeGroup, Presentation

YEARS: Mapping[AgeGroup, tuple[int, int]] = {
    "child": (0, 12),
    "young": (13, 29),
    "adult": (18, 64),
    "elder": (58, 120),
}
OF_AGE = 18
_TENS = ("twent", "thirt", "fort", "fift", "sixt", "sevent", "eight", "ninet")
_SMALL = (
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
    *("twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_NUMBERS = {word: number for number, word in enumerate(_SMALL, 1)} | {
    f"{tens}y": 10 * number for number, tens in enumerate(_TENS, 2)
}
_NUMBER = rf"\d{{1,2}}|{'|'.join(_NUMBERS)}"
_AGED = re.compile(
    rf"(?i)\b(?P<a>{_NUMBER})[- ]years?[- ]old\b|\baged? (?:about )?(?P<b>{_NUMBER})\b"
    rf"|\b(?:man|woman|boy|girl|person) of (?:about )?(?P<c>{_NUMBER})\b"
)
_DECADE = re.compile(rf"(?i)\b(?:(?P<word>{'|'.join(_TENS)})ies|(?P<digit>[2-9])0s)\b")
_SAID: tuple[tuple[str, tuple[int, int]], ...] = (
    (r"teen|teens|teenage|teenaged|teenager|adolescent", (13, 19)),
    (r"toddler|baby|little (?:boy|girl)|child|kid|boy|girl|schoolboy|schoolgirl", (0, 12)),
    (r"young (?:man|woman|person|adult)", (13, 35)),
    (r"middle-aged", (38, 64)),
    (r"elderly|old (?:man|woman|person|lady|gentleman)|grandmother|grandfather|granny", (58, 120)),
)
_MEN = re.compile(r"(?i)\b(man|boy|gentleman|guy|bloke|he|his|him|schoolboy|grandfather)\b")
_WOMEN = re.compile(r"(?i)\b(woman|girl|lady|she|her|hers|schoolgirl|grandmother|granny)\b")
_BARE = re.compile(
    r"(?i)\b(naked|nude|topless|bare-?chested|lingerie|underwear|underpants|thong|see-through|fetish|"
    r"bondage|skimpy|revealing)\b"
)
_BARE_FOR_A_CHILD = re.compile(r"(?i)\b(bikini|crop top|mini-?skirt|fishnets?|low-cut)\b")


def look_faults(
    age: AgeGroup, presentation: Presentation, looks: str, adults_only: bool = False
) -> Iterator[str]:
    """What in a description contradicts age and presentation, or is not to be shown."""
    for words, (youngest, oldest) in ages_in(looks):
        low, high = YEARS[age]
        if oldest < low or youngest > high:
            yield f"says {words!r}, but the age is {age}; let both say the same"
        elif adults_only and youngest < OF_AGE:
            yield f"says {words!r}; everybody in this film is an adult"
    if adults_only and age == "child":
        yield "is a child's; everybody in this film is an adult"
    men, women = _MEN.search(looks), _WOMEN.search(looks)
    other = men if presentation == "feminine" else women if presentation == "masculine" else None
    if other is not None and (men is None or women is None):
        yield f"says {other[0]!r}, but the presentation is {presentation}; let both say the same"
    bare = _BARE.search(looks) or (_BARE_FOR_A_CHILD.search(looks) if age == "child" else None)
    if bare is not None:
        yield f"says {bare[0]!r}, which is not to be shown; dress them for the street"


def ages_in(looks: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """The ages that a description tells: its words, and the years that they can mean."""
    told = False
    for match in _AGED.finditer(looks):
        number = (match["a"] or match["b"] or match["c"]).lower()
        years = int(number) if number.isdecimal() else _NUMBERS[number]
        told = True
        yield match[0], (years, years)
    for match in _DECADE.finditer(looks):
        tens = int(match["digit"]) if match["digit"] else _TENS.index(match["word"].lower()) + 2
        told = True
        yield match[0], (10 * tens, 10 * tens + 9)
    if told:
        return  # "a girl of thirty" is thirty
    for words, years in _SAID:
        if match := re.search(rf"(?i)\b(?:{words})\b", looks):
            yield match[0], years
            return
