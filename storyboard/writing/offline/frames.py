"""Carries any idea in a hand-written frame: what its slots stand for, which of its lines are said.

A frame is a story of people who react to an idea (a pitch, a phone call home, a court). The idea
is quoted whole, its words stand in the lines in forms that agree, and what is spoken of is shown
in an inset. Two neighbouring seeds take another frame, and the same frame other lines.

Knows: readings, threads that are frames. Does not know: plans, how a frame is cast.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from renderers.animatic.nouns import find_noun
from renderers.scene import InsetKind
from storyboard.plan import InsetPlan, Language
from storyboard.plan.formats import AGREES, SLOT, Format, Line, Thread
from storyboard.plan.languages import plain
from storyboard.writing.offline.choose import weight
from storyboard.writing.offline.english import read_english
from storyboard.writing.offline.grammar import grammar
from storyboard.writing.offline.idea import LONGEST_READ, clean, pictures_named
from storyboard.writing.offline.japanese import read_japanese
from storyboard.writing.offline.lexicon import find, lexicon, position
from storyboard.writing.offline.persons import in_person, playable, spokesman
from storyboard.writing.offline.phrases import a_or_an
from storyboard.writing.offline.reading import Named, Reading
from storyboard.writing.offline.sorts import SORTS, listed
from storyboard.writing.offline.spelling import spelled
from storyboard.writing.offline.tagging import inflected

LONGEST_NOUN: Mapping[Language, int] = {"en": 26, "ja": 10}
LONGEST_HOOK: Mapping[Language, int] = {"en": 190, "ja": 90}
"""Characters of a hook that quotes an idea whole."""
SHORT_HOOK: Mapping[Language, int] = {"en": 72, "ja": 34}
"""Characters that a voice says in the five seconds that a viewer gives a film."""
_OF_THE_IDEA = frozenset(
    "idea who the_who who_n thing the_thing thing_n does do doing did topic desu subject i_do"
    " my_doing".split()
)
_TELLING = frozenset(
    [
        *("thing", "a_thing", "the_thing", "thing_n", "does", "do", "doing", "did", "desu", "who"),
        *("i_do", "my_doing"),
    ]
)
_UNSAYABLE: Mapping[Language, tuple[str, str]] = {
    "en": ("Something that nobody here dares to read out", "the note"),
    "ja": ("ここでは読み上げられない一文", "例のメモ"),
}

_QUESTION: Mapping[Language, str] = {"en": "the question", "ja": "この疑問"}


@lru_cache(256)
def read(text: str, language: Language) -> Reading:
    """Understand an idea, as somebody wrote it, in the language of the film."""
    said = pictures_named(clean(text)[:LONGEST_READ], language)
    return read_japanese(said) if language == "ja" else read_english(spelled(said))


def retold(who: str, thing: str, language: Language) -> Reading:
    """An idea of another language by what was met in it: "a cat and coffee". It carries no words of
    the idea, so that its film counts as a stand-in."""
    if not who and not thing:
        return Reading("")
    if language == "ja":
        reading = read_japanese("と".join(part for part in (who, thing) if part))
    else:
        said = [a_or_an(who)] if who else []
        reading = read_english(" and ".join([*said, *([thing] if thing else [])]))
    return replace(reading, content=())


@dataclass(frozen=True, slots=True)
class FrameSlots:
    """What the slots of a frame stand for in one film."""

    values: Mapping[str, str]
    language: Language
    topic: Named
    several: bool = False
    """Who says what "I" do speaks for more than one."""

    @classmethod
    def of(cls, reading: Reading, language: Language, more: Mapping[str, str]) -> FrameSlots:
        """`more` has what the film gives: names and the place. What nobody may hear or no voice
        can say is a "note"."""
        said, topic = reading.text, reading.topic
        unsayable = not _sayable(said, language) or reading.form == "none"
        note = _UNSAYABLE[language]
        if topic is None or not _sayable(topic.noun, language) or unsayable:
            asked = reading.form == "question" and not unsayable
            told = _note(_QUESTION[language] if asked else note[1])
            told = told if topic is None or unsayable else topic
            topic = reading.thing if topic is None and reading.thing and not unsayable else told
        if unsayable:
            return cls(
                _about(Reading(note[0], who=topic), topic, language) | dict(more), language, topic
            )
        return cls(_about(reading, topic, language) | dict(more), language, topic)

    def has(self, text: str) -> bool:
        return all(AGREES.fullmatch(s) or self.values.get(_base(s)) for s in SLOT.findall(text))

    def fill(self, text: str, titled: bool = False) -> str:
        if self.several:
            text = _I_DO.sub(lambda met: "We " if _opens(text, met.start()) else "we ", text)
            text = text.replace("私、{i_do}", "私たち、{i_do}")
        filled = SLOT.sub(lambda match: self._value(match[1]), text)
        return title_case(filled) if titled and self.language == "en" else filled

    def tells(self, text: str) -> int:
        """How much of the idea a line takes up: 2 where it names what is done or with what."""
        used = {_base(slot) for slot in SLOT.findall(text)}
        return 2 if used & _TELLING else 1 if used & _OF_THE_IDEA else 0

    def _value(self, slot: str) -> str:
        if AGREES.fullmatch(slot):
            return inflected(slot[2:], "VBP" if self.topic.plural else "VBZ")
        value = self.values[_base(slot)]
        if slot.lower().startswith("a_") and slot.lower() != "a_thing" and self.language == "en":
            named = self.topic
            value = value if named.plural or named.mass or named.proper else a_or_an(value)
        return value[:1].upper() + value[1:] if slot[0].isupper() else value


_I_DO = re.compile(r"\bI (?=\{i_do\})")


def _opens(text: str, at: int) -> bool:
    return not text[:at].strip(" '\"") or text[:at].rstrip(" '\"")[-1] in ".!?:…"


def _base(slot: str) -> str:
    low = slot.lower()
    return low if low in ("a_thing",) else low.removeprefix("a_")


_THIS = "この話"
_TRAIT = re.compile(r"(?:症|音痴|最後|最初|以来|好き|嫌い|気分|約束|迷子)$")
"""What is no thing that one could carry or lose, in Japanese."""
_LONGEST_WHO: Mapping[Language, int] = {"en": 40, "ja": 11}


def _note(noun: str) -> Named:
    return Named(noun, noun, noun.removeprefix("the "), noun.removeprefix("the "))


def _about(reading: Reading, topic: Named, language: Language) -> dict[str, str]:
    """Slot by slot, what the idea gives; what it does not give is missing."""
    values = {
        "idea": reading.text,
        "topic": _short(topic.definite, topic, language),
        "who_n": _short(topic.noun, topic, language),
        "subject": _short(topic.noun, topic, language),
    }
    if reading.who is not None:
        values |= {
            "who": reading.who.phrase if len(reading.who.phrase) < _LONGEST_WHO[language] else "",
            "the_who": _short(reading.who.definite, reading.who, language),
        }
    thing = reading.thing
    fits = thing is not None and len(thing.noun) <= LONGEST_NOUN[language] + 4
    fits = fits and not (thing and _TRAIT.search(thing.noun))
    if thing is not None and fits and thing.kind != "person" and _sayable(thing.noun, language):
        bare = re.sub(r"^(?:a|an|the|one|my|his|her|its|their|our|whose|\w+'s) ", "", thing.phrase)
        phrase = thing.phrase
        if phrase != bare and not thing.proper and not re.match(r"(?:an?|one|the) ", phrase):
            # "His to-do list" is "a to-do list" to somebody else; "the dark" is no "a dark".
            phrase = bare if thing.plural or thing.mass else a_or_an(bare)
        values |= {
            "thing": thing.noun,
            "the_thing": thing.definite,
            "thing_n": thing.noun,
            "a_thing": phrase,
        }
    if reading.act is not None:
        act = reading.act
        values |= {"does": act.does, "do": act.do, "doing": act.doing, "did": act.did}
    values |= in_person(reading, language)
    if len(items := listed(reading, language)) == 3:
        values |= dict(zip(("first", "second", "third"), items, strict=True))
    if language == "ja":
        values["desu"] = _explained(reading)
        values.pop("a_thing", None)
    return {slot: value for slot, value in values.items() if value}


def _explained(reading: Reading) -> str:
    """「残業を断れない幽霊なんです」: the whole idea as what a speaker explains."""
    if reading.form == "question" or len(reading.text) > 24:
        return ""
    if reading.form != "clause":
        return "" if re.search("(?:だ|である)$", reading.text) else reading.text + "なんです"
    ended = reading.act.does[-1] if reading.act and reading.act.does else reading.text[-1]
    if ended == reading.text[-1]:
        return reading.text + "んです"
    return reading.text[:-1] + "なんです" if reading.text.endswith("だ") else ""


def _short(phrase: str, named: Named, language: Language) -> str:
    """`phrase`, or its last two words where it is too long for a line."""
    if len(phrase) <= LONGEST_NOUN[language]:
        return phrase
    if language == "en" and " and " in named.noun:
        return f"the {'two' if ',' not in named.noun else 'whole lot'}"
    if language == "ja":
        # 「ラーメン屋の店主」 may be said by its end; a list without particles by nothing of it.
        last = phrase.rsplit("の", 1)[-1]
        return last if len(last) <= LONGEST_NOUN["ja"] else _THIS
    article = "the " if phrase.startswith("the ") else ""
    words = named.noun.split()
    for count in (3, 2, 1):
        told = article + " ".join(words[-count:])
        if len(told) <= LONGEST_NOUN[language]:
            return told
    return phrase


def _sayable(text: str, language: Language) -> bool:
    if not any(c.isalnum() for c in text) or re.search(r"https?:|www\.|[<>{}*_#|\\]", text):
        return False
    unsaid = lexicon().unsaid
    if any(position(w, text, told) is not None for told, ws in unsaid.items() for w in ws):
        return False
    letters = [c for c in text if c.isalpha()]
    if language == "en":
        latin = sum(c < "\u0250" for c in letters)
        return latin == len(letters)
    return all(
        c < "\u0250" or "\u3040" <= c <= "\u30ff" or "\u4e00" <= c <= "\u9fff" for c in letters
    )


_ARTICLES = ("The", "A", "An")


def title_case(text: str) -> str:
    """Headline capitals: "the Lost Socks of a Hotel"."""
    words = text.split()
    return " ".join(
        word.lower()
        if i and word.capitalize() in _ARTICLES and words[i - 1][-1] not in ":.,?!"
        else word
        if i and word in grammar().small
        else word[:1].upper() + word[1:]
        for i, word in enumerate(words)
    )


@dataclass(frozen=True, slots=True)
class FrameChooser:
    """Chooses the lines of a frame for one film: another seed takes the next ones."""

    slots: FrameSlots
    turn: int
    strand: str
    told: Mapping[str, int] = field(default_factory=dict[str, int])
    """What other films say, by weight: a line that weighs least is taken."""

    def choose(
        self,
        lines: Sequence[Line],
        most: int,
        *,
        place: int = 0,
        keen: bool = False,
        titled: bool = False,
    ) -> Line:
        """A line that fits; `keen` where it should say something of the idea, if one does."""
        fitting = [
            line
            for line in lines
            if line.strand in ("", self.strand) and not line.needs and self.slots.has(line.text)
        ]
        weights = [weight(line, self.told) for line in fitting]
        fitting = [line for line, w in zip(fitting, weights, strict=True) if w == min(weights)]
        length = {line.text: len(plain(self.slots.fill(line.text, titled))) for line in fitting}
        short = [line for line in fitting if length[line.text] <= most]
        fitting = short or [min(fitting, key=lambda line: length[line.text])]
        if keen:
            # The film opens with the doing or the thing; later these come up twice as often as who.
            told = [(line, self.slots.tells(line.text)) for line in fitting]
            most_told = max(much for _, much in told)
            if place == 1:
                fitting = [line for line, much in told if much == most_told]
            else:
                fitting = [line for line, much in told for _ in range(much)] or fitting
        # Another step for every place, so that one line does not always bring another.
        line = fitting[(self.turn // (3 * place + 1) + place) % len(fitting)]
        reading = self.slots.fill(line.reading) if line.reading else ""
        return Line(
            text=_tidy(self.slots.fill(line.text, titled), self.slots.language), reading=reading
        )


def _tidy(text: str, language: Language) -> str:
    """Sentences begin with a capital, and no mark stands twice."""
    if language == "ja":
        return re.sub(r"。(?=[。、」])|(?<=[？！])。", "", text)
    text = re.sub(r"([?!])\.(?=[\"'\s]|$)", r"\1", text)
    return (
        re.sub(r"(^|[.!?…]\s+[\"']?|\")([a-z])", lambda m: m[1] + m[2].upper(), text)
        if (text[:1].islower())
        else text
    )


def frames_for(
    format: Format, reading: Reading, language: Language, *, parody: bool = False, sort: str = ""
) -> list[Thread]:
    """The frames that this idea can be told in, in the order of the file: where somebody in it can
    speak for himself, those in which he does. Nobody speaks for people who live (`parody`)."""
    told = [t for t in format.threads_in(language) if t.frame and not t.grave]
    speaks = not parody and playable(reading, language)
    if sort == "tender" and reading.who is not None and reading.who.kind == "thing":
        # 「母の手紙」 moves, and says nothing itself.
        speaks = False
    frames = [t for t in told if sort and sort in t.suits and (speaks or not t.protagonist)]
    frames = frames or [t for t in told if not t.suits or set(t.suits) - SORTS]
    played = [t for t in frames if t.protagonist]
    if played and speaks:
        return [t for t in played if tellable(t, reading, language)] or played
    frames = [t for t in frames if not t.protagonist]
    suited = [f for f in frames if not f.suits or {reading.form, sort} & set(f.suits)]
    return suited or frames


def tellable(thread: Thread, reading: Reading, language: Language) -> bool:
    """Whether each slot of a frame has a line for an idea that names nobody: its writer is meant."""
    if reading.who is not None:
        return True
    slots = own_slots(reading, language, {"name": "-", "other": "-", "place": "-"})
    groups = [thread.hooks, *(beat.lines for beat in thread.beats if beat.lines)]
    return all(
        any(slots.has(line.text) for line in group if line.strand in ("", strand))
        for group in groups
        for strand in {line.strand for line in group}
    )


def own_slots(reading: Reading, language: Language, more: Mapping[str, str]) -> FrameSlots:
    """The slots of a frame in which the one whom the idea is about speaks: one for several, or
    somebody whom the idea does not name."""
    slots = FrameSlots.of(spokesman(reading, language), language, {})
    nobody = {"topic", "who_n", "subject"} if reading.who is None else set[str]()
    values = {slot: said for slot, said in slots.values.items() if slot not in nobody}
    several = reading.text.startswith("We ") or (reading.who is not None and reading.who.plural)
    return replace(
        slots, values=values | in_person(reading, language) | dict(more), several=several
    )


def in_turn(frames: Sequence[Thread], key: int, seed: int) -> list[Thread]:
    """The frames in this film's order of preference: neighbouring seeds begin with others, and
    neighbouring ideas elsewhere."""
    order = list(frames)
    random.Random(key).shuffle(order)
    first = seed % len(order) if order else 0
    return order[first:] + order[:first]


def inset_of(kind: InsetKind | None, reading: Reading, language: Language) -> InsetPlan | None:
    """What an inset of this idea shows: plain nouns that a picture maker knows."""
    who = _drawn(reading.who, language)
    if who and reading.who is not None and reading.who.kind == "thing" and find_noun(who) is None:
        # A person that nobody spoke of would stand in for it.
        who = ""
    thing = _drawn(reading.thing, language)
    if kind is None or not (who or thing or reading.place):
        return None
    return InsetPlan(kind=kind, who=who, thing=thing, place=reading.place[:60])


def _drawn(named: Named | None, language: Language) -> str:
    if named is None or not _sayable(named.noun, language):
        return ""
    found = [
        f for f in find([*lexicon().things, *lexicon().roles], named.noun) if f.language == language
    ]
    words = named.noun.split()
    # A longer noun is drawn by the part that is known: "wedding DJ", "love letter".
    if found and len(words) > 2:
        return found[-1].word
    return named.noun[:60]
