"""What is wrong with an image prompt: a model's part of one, or a whole one written by hand.

Knows: form, slots, names, lettering; claims against records (`claims`). Does not know: models.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from renderers.chat.answer import is_runaway
from storyboard.plan import Beat, Character, Plan, Setting
from storyboard.plan.naming import character_name
from storyboard.plan.referred import Referred
from storyboard.writing.prompting.claims import Facts, contradictions
from storyboard.writing.prompting.reader import Person
from storyboard.writing.prompting.template import is_kiss, letterings, sentences
from storyboard.writing.prompting.wording import (
    MAX_WORDS,
    MIN_WORDS,
    Picture,
    paragraph,
    shot_of,
    shot_terms,
    words,
)

LONGEST = 130
"""Words of a model's part at most."""
_PLAIN_WORDS = frozenset(
    {"and", "are", "dressed", "for", "from", "has", "have", "her", "his", "its", "the", "their"}
    | {"this", "that", "very", "was", "wearing", "wears", "who", "whose", "with"}
)
_SLOTS = {
    "the light": r"\b(light|lit|sun|sunlight|daylight|lamp|glow|shadow|shade|rim|beam|neon)",
    "what is in front and what is behind": r"\b(foreground|background|behind|in front|beyond)\b",
}


def rest_faults(
    plan: Plan, picture: Picture, text: str, kept: str, references: Sequence[str]
) -> list[str]:
    """Everything by which a model's part, after the fixed sentences, would spoil the picture."""
    found = list(_plainness(text))
    least, most = room(kept)
    if not least <= words(text) <= most:
        found.append(f"it has {words(text)} words; {least} to {most} are allowed")
    if text.lower().startswith(shot_terms(shot_of(picture))):
        found.append("it says the fixed sentences again; give your part alone")
    for word in re.findall(r'["“”]([^"“”]*)["“”]', text):
        found.append(f'"{word}" stands in double quotes and would be painted into the picture')
    for slot, said in _SLOTS.items():
        if not re.search(said, text, re.IGNORECASE):
            found.append(f"it says nothing of {slot}")
    if match := re.search(r"(?i)\b(nobody|no one|no (?!longer)\w+|without any \w+)\b", text):
        found.append(f"{match[0]!r} names what is not there, and gets it drawn; say what is there")
    found += _strangers_by_name(plan, picture, text)
    return found + contradictions(text, facts(plan, picture, references))


def room(kept: str) -> tuple[int, int]:
    """Fewest and most words of the part after the fixed sentences."""
    taken = words(kept)
    return max(25, MIN_WORDS - taken), max(60, min(LONGEST, MAX_WORDS - taken))


def facts(plan: Plan, picture: Picture, references: Sequence[str]) -> Facts:
    """What is so in a picture, to hold claims against."""
    match picture:
        case Setting():
            cast = list[Character]()
        case Character():
            cast = [picture]
        case _:
            cast = [plan.character(id) for id in picture.cast]
    speaker = picture.speaker if isinstance(picture, Beat) else None
    people = [
        Person(character_name(c), c.presentation, f"{c.appearance}, {c.wardrobe}", c.id == speaker)
        for c in cast
    ]
    shown = [
        character_name(plan.character(name)) if kind == "character" else ""
        for kind, name in map(Referred.of, references)
    ]
    return Facts(people, shown, mouths=shot_of(picture).orientation != "back view")


def prompt_faults(
    plan: Plan, picture: Picture, text: str, references: Sequence[str] = ()
) -> list[str]:
    """Everything by which a whole prompt, as one writes it by hand, would draw another picture."""
    return [
        *_form_faults(picture, text),
        *_role_faults(text, references),
        *_people_faults(plan, picture, text),
        *_strangers_by_name(plan, picture, text),
        *_lettering_faults(plan, picture, text),
        *contradictions(text, facts(plan, picture, references)),
    ]


def _plainness(text: str) -> Iterator[str]:
    if re.search(r"(^|\s)[#*`]|\*\*", text):
        yield "it has Markdown in it; plain words only"
    if is_runaway(text):
        yield "it repeats itself"


def _form_faults(picture: Picture, text: str) -> Iterator[str]:
    count, terms = words(text), shot_terms(shot_of(picture))
    if not MIN_WORDS <= count <= MAX_WORDS:
        yield f"it has {count} words; {MIN_WORDS} to {MAX_WORDS} are allowed"
    if not text.lower().startswith(terms):
        yield f"it does not begin with the shot terms: {terms}."
    yield from _plainness(text)
    if not isinstance(picture, Beat):
        return
    if picture.silent and picture.cast and picture.shot.orientation != "back view":
        closed = r"\bclosed\b|\blips (together|sealed|meet)|\bshut\b"
        if not re.search(closed, text, re.IGNORECASE):
            yield "nobody speaks in this beat: it must say that every mouth is closed"
    if is_kiss(picture) and not re.search(r"\blips\b.*\bcent(re|er)\b", text, re.IGNORECASE):
        yield "it must say that the lips meet at the centre of the frame"


def _role_faults(text: str, references: Sequence[str]) -> Iterator[str]:
    said = {int(number) for number in re.findall(r"(?i)\bimage (\d+)\b", text)}
    wanted = set(range(1, len(references) + 1))
    for number in sorted(wanted - said):
        yield f"it does not say what image {number} is"
    for number in sorted(said - wanted):
        yield f"there is no image {number}"


def _people_faults(plan: Plan, picture: Picture, text: str) -> Iterator[str]:
    present = _content(text)
    for person in facts(plan, picture, ()).people:
        if not _named(person.name, text):
            yield f"{person.name} is not named"
        if missing := [word for word in _content(person.looks) if word not in present]:
            yield f"the looks of {person.name} lack: {', '.join(missing)}"


def _strangers_by_name(plan: Plan, picture: Picture, text: str) -> Iterator[str]:
    here = {person.name for person in facts(plan, picture, ()).people}
    usual = _content(paragraph(sentences(plan, picture)))
    for character in plan.cast:
        name = character_name(character)
        # A name that is also a common word ("Rose") would be found where nobody is meant.
        common = len(name) <= 3 or name.lower() in usual
        if name not in here and not common and _named(name, text):
            yield f"{name} is not in this picture"


def _named(name: str, text: str) -> bool:
    return re.search(rf"(?i)(?<!\w){re.escape(name)}(?!\w)", text) is not None


def _lettering_faults(plan: Plan, picture: Picture, text: str) -> Iterator[str]:
    wanted = letterings(plan, picture)
    quoted = re.findall(r'["“”]([^"“”]*)["“”]', text)
    for lettering in wanted:
        if lettering not in quoted:
            yield f'the sign must read exactly "{lettering}", in double quotes'
    for other in quoted:
        if other not in wanted:
            yield f'"{other}" stands in double quotes and would be painted into the picture'


def _content(text: str) -> dict[str, None]:
    """The telling words of a text, in order: what a description cannot lose."""
    found = re.findall(r"[^\W_]+", text.lower())
    return dict.fromkeys(w for w in found if len(w) > 2 and w not in _PLAIN_WORDS)
