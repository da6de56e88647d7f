"""What the words of a script mean for a film: how something is said, where and when a scene is.

The words are data (`prompts/writer/parentheticals.yaml`).

Knows: parentheticals, headings. Does not know: dialects, beats.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from string import capwords

from renderers.scene import AgeGroup, Expression, Place, Presentation, TimeOfDay
from storyboard.core.prompt_files import prompt_data
from storyboard.core.strict_records import Record
from storyboard.plan import Language
from storyboard.plan.elements import Transition
from storyboard.writing.offline.idea import read_idea
from storyboard.writing.offline.lexicon import find, lexicon
from storyboard.writing.script.fountain import HEADING

_BETWEEN = r"[\s\-–—・、,/／(（：:|]+"
_ENDINGS: dict[Presentation, tuple[str, ...]] = {
    "feminine": ("子", "美", "香", "花", "奈", "菜", "江", "恵", "さくら"),
    "masculine": ("郎", "太", "介", "斗", "夫", "男", "彦", "也", "助"),
}
_AGED = re.compile(r"(\d{1,2})(?:s|\b|歳|代)")


class Meanings(Record):
    """The whole of `parentheticals.yaml`."""

    expressions: dict[Expression, list[str]]
    silences: frozenset[str]
    narrators: frozenset[str]
    times: dict[TimeOfDay, list[str]]
    same_times: list[str]
    first_names: dict[Presentation, frozenset[str]]


@cache
def meanings() -> Meanings:
    return Meanings.model_validate(prompt_data("writer/parentheticals.yaml"))


def expression_of(how: str) -> Expression | None:
    """The face that a parenthetical asks for; None where it says something else."""
    for expression, words in meanings().expressions.items():
        if any(_met(word, how) for word in words):
            return expression
    return None


def is_silence(how: str) -> bool:
    """Whether a parenthetical is a pause: `(beat)`, （間）."""
    return how.strip(" .…").lower() in meanings().silences


def is_narrator(who: str) -> bool:
    return who.lower() in {name.lower() for name in meanings().narrators}


def transition_of(text: str) -> Transition:
    """How the next beat begins after `CUT TO:`, `DISSOLVE TO:`, `FADE IN:`."""
    told = text.upper()
    if "FADE" in told:
        return "fade from black"
    return "crossfade" if "DISSOLVE" in told else "cut"


@dataclass(frozen=True, slots=True)
class Where:
    """A scene heading, understood."""

    name: str
    place: Place
    time: TimeOfDay | None
    """None: as it was."""
    outside: bool | None
    """Of `EXT.`; None where the heading does not say."""


def where(heading: str, language: Language) -> Where:
    """The place and the time of day that a scene heading names."""
    slug = HEADING.fullmatch(heading)
    rest = slug["text"] if slug else heading
    outside = heading.upper().startswith("EXT") if slug else None
    name, time = rest, None
    for meant, words in (*meanings().times.items(), (None, meanings().same_times)):
        longest = sorted(words, key=len, reverse=True)
        pattern = rf"(.+?){_BETWEEN}(?:{'|'.join(map(re.escape, longest))})[)）]?(?:\W.*)?"
        if found := re.fullmatch(pattern, rest, re.IGNORECASE):
            name, time = found[1], meant
            break
    # What is written in capitals is a heading's habit, not the place's.
    name = name.strip()
    kind = read_idea(name.lower(), read_as(language)).place_kind or "abstract"
    return Where((capwords(name) if name.isupper() else name)[:80], kind, time, outside)


def read_as(language: Language) -> Language:
    """The rules for ideas know two languages; Latin letters are read as English."""
    return "ja" if language == "ja" else "en"


def presentation_of(name: str) -> Presentation:
    """By a first name that is known, how a Japanese one ends, or what somebody is."""
    first = name.split()[0].title() if name.isascii() else name
    for presentation, endings in _ENDINGS.items():
        if first in meanings().first_names[presentation] or first.endswith(endings):
            return presentation
    role = next(iter(find(lexicon().roles, name.lower())), None)
    if role is not None and role.entry.presentation is not None:
        return role.entry.presentation
    for names in lexicon().names.values():
        for presentation, known in names.items():
            if first in known:
                return presentation
    return "neutral"


def age_of(name: str, told: str) -> AgeGroup:
    """By years, or by a word for a child or an old person."""
    if found := _AGED.search(told):
        years = int(found[1])
        return (
            "child"
            if years < 13
            else "young"
            if years < 25
            else "elder"
            if years >= 60
            else "adult"
        )
    words = f"{name} {told}".lower()
    if re.search(r"\b(?:boy|girl|kid|child|baby)\b|少年|少女|子供|子ども|赤ちゃん", words):
        return "child"
    if re.search(
        r"\b(?:old|elderly|grand(?:ma|pa|mother|father))\b|老人|おじいさん|おばあさん|祖父|祖母",
        words,
    ):
        return "elder"
    return (
        "young"
        if re.search(r"\b(?:teen|teenager|student|young)\b|若い|学生|高校生", words)
        else "adult"
    )


def _met(word: str, text: str) -> bool:
    if word.isascii():
        return re.search(rf"(?<![a-z]){re.escape(word)}(?![a-z])", text, re.IGNORECASE) is not None
    return word in text
