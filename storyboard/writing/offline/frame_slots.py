"""What the slots of a frame's lines stand for in one film, and who says them.

"My son" is "your son" to whoever answers, and "the son" to who has only heard of it; what "I" do
is what "you" do. A line is left out where its slot has nothing grammatical to stand for.

Knows: readings of ideas, slots. Does not know: which lines are said.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from renderers.animatic.creature_kinds import creature_of, looks_human
from renderers.animatic.nouns import find_noun
from renderers.animatic.thing_head import thing_of
from storyboard.plan import Language
from storyboard.plan.formats import AGREES, SLOT
from storyboard.writing.offline.acts import FIRST_PERSON, briefly, by_another, neutral
from storyboard.writing.offline.dictionary import inflected
from storyboard.writing.offline.english import first_half
from storyboard.writing.offline.grammar import grammar
from storyboard.writing.offline.lexicon import find, lexicon
from storyboard.writing.offline.persons import (
    asked_within,
    in_japanese,
    in_person,
    spokesman,
    without_and,
)
from storyboard.writing.offline.phrases import a_or_an, inflector
from storyboard.writing.offline.reading import Named, Reading
from storyboard.writing.offline.sayable import LONGEST_NOUN, sayable, shortened, title_case
from storyboard.writing.offline.sorts import listed
from storyboard.writing.offline.turning import answered

LONGEST_TOLD = 70
"""Characters of an idea that is told within a line."""
_ACTS = frozenset(
    [
        *("asked", "told", "does", "do", "doing", "did", "desu", "i_do", "my_doing", "you_do"),
        *("your_doing", "who_doing", "before", "after", "if", "phrase"),
    ]
)
_WHOLE = frozenset(["told", "does", "desu", "i_do", "you_do"])
"""What says it as the idea does: once in a film is enough."""
_TURNS = frozenset(["then", "more", "you_then"])
_THINGS = frozenset(["thing", "a_thing", "the_thing", "thing_n", "who", "idea"])
_NAMED = frozenset(["the_who", "who_n", "topic", "subject"])
_UNSAYABLE: Mapping[Language, tuple[str, str]] = {
    "en": ("Something that nobody here dares to read out", "the note"),
    "ja": ("ここでは読み上げられない一文", "例のメモ"),
}

_QUESTION: Mapping[Language, str] = {"en": "the question", "ja": "この疑問"}


@dataclass(frozen=True, slots=True)
class FrameSlots:
    """What the slots of a frame stand for in one film."""

    values: Mapping[str, str]
    language: Language
    topic: Named
    several: bool = False
    """Who says what "I" do speaks for more than one."""
    back: Mapping[str, str] = field(default_factory=dict[str, str])
    """What the slots are to whoever answers, where that differs: "your son"."""

    @classmethod
    def of(
        cls, reading: Reading, language: Language, more: Mapping[str, str], mine: bool = False
    ) -> FrameSlots:
        """`more` has what the film gives: names and the place. What nobody may hear or no voice
        can say is a "note". `mine`: the lead had the idea, and says "my son"."""
        said, topic = reading.text, reading.topic
        unsayable = not sayable(said, language) or reading.form == "none"
        note = _UNSAYABLE[language]
        if topic is None or not sayable(topic.noun, language) or unsayable:
            asked = reading.form == "question" and not unsayable
            told = _note(_QUESTION[language] if asked else note[1])
            told = told if topic is None or unsayable else topic
            topic = reading.thing if topic is None and reading.thing and not unsayable else told
        if unsayable:
            return cls(
                _about(Reading(note[0], who=topic), topic, language) | dict(more), language, topic
            )
        values = _about(reading, topic, language, mine) | dict(more)
        back = {slot: answered(said) for slot, said in values.items() if slot not in more}
        back = {slot: said for slot, said in back.items() if said} | dict(more)
        return cls(values, language, topic, back=back if mine else {})

    def answering(self) -> FrameSlots:
        """The slots of whoever answers."""
        return replace(self, values=self.back) if self.back else self

    def has(self, text: str) -> bool:
        if _CLAUSE.search(text) and not self.values.get("clause"):
            return False
        return all(AGREES.fullmatch(s) or self.values.get(_base(s)) for s in SLOT.findall(text))

    def fill(self, text: str, titled: bool = False) -> str:
        if self.several:
            text = _I_DO.sub(lambda met: "We " if _opens(text, met.start()) else "we ", text)
            text = text.replace("私、{i_do}", "私たち、{i_do}")
        elif re.search("[がは]", self.values.get("i_do", "")):
            # Told of somebody else: 「父が筋トレを始めたんです」.
            text = text.replace("私、{i_do}", "{i_do}")
        filled = SLOT.sub(lambda match: self._value(match[1]), text)
        if self.language == "ja" and (asked := self.values.get("asked", "")) in filled and asked:
            filled = asked_within(filled, asked)
        return title_case(filled) if titled and self.language == "en" else filled

    def tells(self, text: str) -> int:
        """How much of the idea a line takes up: 4 where it says how it goes on, 3 what is done, 2
        with what, 1 who."""
        used = base_slots(text)
        if used & _TURNS or used >= {"if", "after"}:
            return 4
        return 3 if used & _ACTS else 2 if used & _THINGS else 1 if used & _NAMED else 0

    def repeats(self, text: str) -> bool:
        """Whether a line says what is done as the idea itself does."""
        return not _WHOLE.isdisjoint(base_slots(text))

    def tells_act(self, text: str) -> bool:
        """Whether a line says what is done, in any words."""
        return not (_ACTS | _TURNS).isdisjoint(base_slots(text))

    def says_act(self, line: str) -> bool:
        """Whether a line that is filled in says what is done."""
        low = line.lower()
        told = _ACTS | _TURNS
        return any(self.values.get(act, "").lower() in low for act in told if act in self.values)

    def _value(self, slot: str) -> str:
        if AGREES.fullmatch(slot):
            return inflected(slot[2:], "VBP" if self.topic.plural else "VBZ")
        value = self.values[_base(slot)]
        if slot.lower().startswith("a_") and _THE_ONE.match(value) and self.language == "en":
            value = f"the {value}"
        elif slot.lower().startswith("a_") and slot.lower() != "a_thing" and self.language == "en":
            named = self.topic
            value = value if named.plural or named.mass or named.proper else a_or_an(value)
        return value[:1].upper() + value[1:] if slot[0].isupper() else value


_CLAUSE = re.compile(r"\b(?:that|where) \{told\}")
_I_DO = re.compile(r"\bI (?=\{i_do\})")


_THE_ONE = re.compile(r"(?:last|first|only|same|next|best|worst|\w{3,}est) ")


def _opens(text: str, at: int) -> bool:
    return not text[:at].strip(" '\"") or text[:at].rstrip(" '\"")[-1] in ".!?:…"


def _base(slot: str) -> str:
    low = slot.lower()
    return low if low in ("a_thing",) else low.removeprefix("a_")


def base_slots(text: str) -> set[str]:
    """The slots of a line without an article or a capital."""
    return {_base(slot) for slot in SLOT.findall(text)}


_LONGEST_WHO: Mapping[Language, int] = {"en": 40, "ja": 11}


def _note(noun: str) -> Named:
    return Named(noun, noun, noun.removeprefix("the "), noun.removeprefix("the "))


def _about(
    reading: Reading, topic: Named, language: Language, mine: bool = False
) -> dict[str, str]:
    """Slot by slot, what the idea gives; what it does not give is missing."""
    values = {
        "idea": reading.text,
        "topic": _definite(topic, language, mine),
        "who_n": shortened(topic.noun, topic, language),
        "subject": shortened(topic.noun, topic, language),
    }
    if reading.who is not None:
        values |= {
            "who": reading.who.phrase if len(reading.who.phrase) < _LONGEST_WHO[language] else "",
            "the_who": _definite(reading.who, language, mine),
        }
    thing = reading.thing
    fits = thing is not None and len(thing.noun) <= LONGEST_NOUN[language] + 4
    if language == "ja":
        # Nobody holds or loses an errand or an answer.
        fits = fits and thing is not None and find_noun(thing.noun) is not None
    else:
        fits = fits and thing is not None and _held(thing)
    if thing is not None and fits and not _person(thing) and sayable(thing.noun, language):
        bare = re.sub(
            r"^(?:a|an|the|one|my|his|her|its|their|our|whose|\w+'s) (?:own )?", "", thing.phrase
        )
        phrase = thing.phrase
        if phrase != bare and not thing.proper and not re.match(r"(?:an?|one|the) ", phrase):
            # "His to-do list" is "a to-do list" to somebody else; "the dark" is no "a dark".
            phrase = bare if thing.plural or thing.mass else a_or_an(bare)
        counted = phrase != bare or thing.plural or thing.mass or thing.proper
        values |= {
            "thing": thing.noun,
            "the_thing": _definite(thing, language, mine),
            "thing_n": thing.noun,
            "a_thing": phrase if counted or language != "en" else "",
        }
    if _WHAT.match(reading.text) and reading.form == "question":
        # "What do fish think about" says of nobody what he does.
        values["asked"] = _asked(reading)
        return {slot: value for slot, value in values.items() if value}
    act = reading.act if mine or reading.act is None else neutral(reading.act, reading.who)
    if act is not None:
        values |= {"does": act.does, "do": act.do, "doing": act.doing, "did": act.did}
        if language == "en":
            values["doing"] = briefly(act.doing)
    owner = reading.who.phrase if reading.who and _MINE.match(reading.who.phrase) else ""
    if mine and owner and act is not None and len(owner + values["doing"]) < LONGEST_TOLD:
        values["doing"] = f"{owner} {values['doing']}"
    if language == "en":
        values["told"] = _told(reading, values, mine)
        values["asked"] = _asked(reading)
        values["then"] = then = _then(reading, mine, values.get("the_who", ""))
        clause = reading.turn is not None and reading.turn.act is None
        values["more"] = without_and(then) if clause else ""
        if act is not None and act.do.startswith("be ") and reading.who and not mine:
            # "Being due tomorrow" is nothing that one does.
            values["doing"] = values["doing"] if reading.who.kind == "person" else ""
        if _is_put(reading) and not values["told"].startswith("I am "):
            values["doing"] = values["told"] = _inside(first_half(reading), reading)
        else:
            values["clause"] = values["told"]
            if values.get("doing") and act is not None:
                values["who_doing"] = _doing_of(values["doing"], owner or values.get("the_who", ""))
    own = in_person(reading, language)
    values |= {slot: said for slot, said in own.items() if slot not in _TURNS}
    if len(items := listed(reading, language)) == 3:
        values |= dict(zip(("first", "second", "third"), items, strict=True))
    if language == "ja":
        values |= {"desu": _explained(reading)} | in_japanese(reading)
        values.pop("a_thing", None)
    return {slot: value for slot, value in values.items() if value}


_WHAT = re.compile(r"(?:what|which|who|whose)\b(?!.* if\b)", re.IGNORECASE)
_MINE = re.compile(r"(?:my|our)\b", re.IGNORECASE)


def _definite(named: Named, language: Language, mine: bool) -> str:
    if mine and _MINE.match(named.phrase) and len(named.phrase) <= LONGEST_NOUN[language]:
        return named.phrase
    return shortened(named.definite, named, language)


def _person(named: Named) -> bool:
    """Whether it is somebody, and no creature that can be handed over."""
    creature = creature_of(named.noun) and not looks_human(named.noun)
    return named.kind == "person" and not creature


def _doing_of(doing: str, who: str) -> str:
    """Who does it with what he does: "the robot vacuum falling in love"."""
    whole = doing if doing.startswith(who) else f"{who} {doing}"
    return whole if len(whole) <= LONGEST_TOLD else doing


def _then(reading: Reading, mine: bool, who: str) -> str:
    """The second half of the idea, as it stands: "but the statue is on loan". A line of its own
    says who: "and my cat hides them"."""
    turn = reading.turn
    if turn is None:
        return ""
    rest = turn.act.does if turn.act and reading.form == "question" else turn.rest
    if turn.act and turn.link in ("and", "but", "then"):
        rest = f"{who} {rest}".strip()
    said = rest if mine else by_another(rest, reading.who)
    return f"{turn.link} {said}".strip() if said else ""


def _asked(reading: Reading) -> str:
    """What a question wants to know, within a sentence: "why cats purr", "what a meme is"."""
    if reading.form != "question":
        return ""
    words = reading.text.rstrip("?").split()
    who = reading.who.phrase if reading.who else ""
    wh = words[0].lower() if words[0].lower() in _ASKING else "whether"
    after = words[1:] if wh != "whether" else words
    if len(after) > 2 and after[1].lower() in _PRONOUNS:
        # "Why do we dream", "is it okay".
        aux, pronoun, rest = after[0].lower(), after[1], " ".join(after[2:])
        asked = f"{wh} {pronoun} {rest}" if aux == "do" else f"{wh} {pronoun} {aux} {rest}"
        asked = "" if aux in ("does", "did") else asked
    elif reading.act is not None and who:
        asked = f"{wh} {who} {reading.act.does}"
    elif wh == "whether" and who and reading.text[len(words[0]) + 1 :].startswith(who):
        rest = reading.text[len(words[0]) + 1 + len(who) :].rstrip("?")
        asked = f"{wh} {who} {words[0].lower()}{rest}" if words[0].lower() in _BE else ""
    elif who and " ".join(after[1:]).lower() == who.lower() and after[0].lower() in ("is", "are"):
        asked = f"{wh} {who} {after[0].lower()}"
    else:
        asked = ""
    return asked if len(asked) <= LONGEST_TOLD else ""


_ASKING = ("why", "how", "when", "where", "what", "who")
_BE = ("is", "are", "was", "were")
_PRONOUNS = ("i", "we", "you", "they", "he", "she", "it", "there")


SOMEWHERE = re.compile(r"be (?:at|in|on|of|for) ")
"""What is only somewhere."""


def _is_put(reading: Reading) -> bool:
    """Whether it is a thing somewhere, which does nothing: "the night shift at a station"."""
    if reading.form != "noun" or reading.who is None or reading.who.kind != "thing":
        return False
    more = reading.text[len(reading.who.phrase) :]
    return bool(more) and (reading.act is None or _PUT.match(more) is not None)


_PUT = re.compile(
    r" (?:about|after|at|before|behind|between|by|for|from|in|inside|near|of|on|under|with|without)\b"
)


def _held(named: Named) -> bool:
    """Whether it is a thing that can be pointed at, carried or lost: no rent, no love."""
    head = str(inflector().singular_noun(named.head) or named.head).lower()
    shown = find_noun(named.noun) is not None and not _ABSTRACT.search(head)
    solid = head not in grammar().mass or thing_of(named.noun) is not None
    place = any(found.word == head for found in find(lexicon().places, named.noun))
    return shown and solid and not place and head not in grammar().abstract


_ABSTRACT = re.compile(r"(?:tion|sion|ness|ment|ship|hood|ity|ence|ance|ism|day|time)$")


def _told(reading: Reading, values: Mapping[str, str], mine: bool) -> str:
    """The idea as a clause inside a line: "our printer only works when someone compliments it"."""
    who, does = values.get("the_who", ""), values.get("does", "")
    short = f"{who} {does}" if who and does else ""
    text = first_half(reading)
    if mine and reading.form == "noun" and re.match(r"You(?: are|['’]re) ", reading.text):
        # "You are a sock": whoever speaks is it.
        return f"I am {_inside(text, reading)}"
    personal = not FIRST_PERSON.isdisjoint(re.findall(r"[a-z]+", text.lower()))
    if reading.form == "clause" and (mine or not personal):
        whole = _inside(text, reading)
    elif reading.form == "noun" and reading.who and not personal and (not does or _is_put(reading)):
        one = "there are" if reading.who.plural else "there is"
        whole = f"{one} {_inside(text, reading)}"
    else:
        whole = short
    whole = whole if len(whole) <= LONGEST_TOLD else short
    return whole if len(whole) <= LONGEST_TOLD else ""


def _inside(text: str, reading: Reading) -> str:
    """The idea without the capital that only its place gives it."""
    who = reading.who.phrase if reading.who else ""
    if who and text.lower().startswith(who.lower()):
        return who + text[len(who) :]
    first = text.split()[0]
    named = any(name.split()[0] == first for name in reading.names)
    kept = named or first[:2] in ("I", "I'", "I’") or first[1:2].isupper()
    return text if kept else text[:1].lower() + text[1:]


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
