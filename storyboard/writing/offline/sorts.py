"""What sort of idea it is, beyond its grammar: a place, a list, something to sell, what moves, a
lesson in a language.

A bare "Venice" needs a film that goes there, "cats, spreadsheets and regret" one that names all
three, and a widower who learns to bake none that plays him for laughs.

Knows: readings of ideas, lists of words. Does not know: frames, films.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from storyboard.plan import Language
from storyboard.writing.offline.grammar import grammar
from storyboard.writing.offline.reading import Reading
from storyboard.writing.offline.tagging import japanese
from storyboard.writing.offline.taste import moving

Sort = Literal["", "tender", "place", "list", "advert", "lesson"]
SORTS = frozenset(["tender", "place", "list", "advert", "lesson"])
_SOLD = re.compile(
    r"^(?:new|introducing|now in stores|order now|limited offer)\b\W|^(?:buy|try|meet the new)\b"
    r"|^(?:本日限り|画期的|新発売|新登場|期間限定)",
    re.IGNORECASE,
)
_LONGEST_ITEM = {"en": 26, "ja": 10}
_LESSON: Mapping[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:learn|stud(?:y|ies|ied)|practi[cs]|teach|taught|tutor)\w*\s+(?:\w+\s+){0,3}japanese\b"
        r"|\bjapanese\s+(?:(?:language|evening|online)\s+)?"
        r"(?:lesson|class|course|tutor|textbook|phrase|vocabulary|homework|exam)"
        r"|\b(?:order|ask|say|said|introduc|flirt|propos|apologi)\w*\b.*\bin japanese\b",
        re.IGNORECASE,
    ),
    "ja": re.compile(
        r"英会話|英語(?:の|を|で)?[^。]{0,6}"
        r"(?:習|学ぶ|学ん|勉強|練習|教え|教わ|教室|レッスン|授業|宿題|先生|注文|自己紹介|話)"
    ),
}
"""The language that the learner of a film in this one learns, and words of learning it."""


def sort_of(idea: str, reading: Reading, language: Language) -> Sort:
    """The sort of `idea`; "" for one that any frame may carry."""
    if moving(idea):
        return "tender"
    if taught(idea, language):
        return "lesson"
    if _SOLD.search(idea.strip()):
        return "advert"
    if len(listed(reading, language)) == 3:
        return "list"
    return "place" if reading.form in ("word", "noun") and _named_place(reading, language) else ""


def taught(idea: str, language: Language) -> bool:
    """Whether somebody learns Japanese in an English idea, or English in a Japanese one."""
    lesson = _LESSON.get(language)
    return lesson is not None and lesson.search(idea) is not None


def _named_place(reading: Reading, language: Language) -> bool:
    who = reading.who
    if who is None or reading.act is not None or who.phrase.lower() != reading.text.lower():
        return False
    if language == "en":
        return who.noun.lower() in grammar().places_named
    return all(m.region for m in japanese(reading.text))


def listed(reading: Reading, language: Language) -> tuple[str, ...]:
    """The first three things of a bare list; fewer where the idea is none."""
    if reading.form in ("question", "gerund", "none") or reading.act is not None:
        return ()
    text = reading.text
    parts = (
        re.split(r"、|と(?=\w)", text)
        if language == "ja"
        else re.split(r"\s*,\s*(?:and |or |& )?|\s+(?:and|&)\s+", text)
    )
    items = [part.strip(" .、。") for part in parts]
    plain = all(0 < len(item) <= _LONGEST_ITEM[language] for item in items)
    if language == "ja":
        # 「大人になるとは、…」 is a sentence.
        plain = plain and all(
            m.pos != "動詞" and m.text not in ("は", "を") for m in japanese(text)
        )
    if len(items) < 3 or not plain:
        return ()
    if language == "en":
        first = items[0].split()[0]
        known = first.lower() in ("a", "an", "the", "my") or not first[1:].islower()
        kept = known or first in reading.names
        items[0] = items[0] if kept and first[0] != "A" else items[0][:1].lower() + items[0][1:]
    return (items[0], items[1], items[-1])
