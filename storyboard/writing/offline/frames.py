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
from storyboard.plan.formats import Format, Line, Thread
from storyboard.plan.languages import plain
from storyboard.writing.offline.choose import weight
from storyboard.writing.offline.english import read_english
from storyboard.writing.offline.frame_slots import SOMEWHERE, FrameSlots, base_slots, own_slots
from storyboard.writing.offline.idea import LONGEST_READ, clean, pictures_named
from storyboard.writing.offline.japanese import read_japanese
from storyboard.writing.offline.lexicon import find, lexicon
from storyboard.writing.offline.persons import lasting, playable
from storyboard.writing.offline.phrases import a_or_an
from storyboard.writing.offline.reading import Named, Reading
from storyboard.writing.offline.sayable import sayable
from storyboard.writing.offline.sorts import SORTS
from storyboard.writing.offline.spelling import spelled

LONGEST_HOOK: Mapping[Language, int] = {"en": 190, "ja": 90}
"""Characters of a hook that quotes an idea whole."""
SHORT_HOOK: Mapping[Language, int] = {"en": 72, "ja": 34}
"""Characters that a voice says in the five seconds that a viewer gives a film."""


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
class FrameChooser:
    """Chooses the lines of a frame for one film: another seed takes the next ones."""

    slots: FrameSlots
    turn: int
    strand: str
    told: Mapping[str, int] = field(default_factory=dict[str, int])
    """What other films say, by weight: a line that weighs least is taken."""
    asides: tuple[str, ...] = ()
    """What whoever hears of the idea may answer in place of a frame's own lines."""

    def choose(
        self,
        lines: Sequence[Line],
        most: int,
        *,
        place: int = 0,
        keen: bool = False,
        owed: bool = False,
        again: bool = False,
        titled: bool = False,
    ) -> Line:
        """A line that fits; `keen` where it should say something of the idea, `owed` where it has to
        say as much of it as one can: how it goes on, what is done, before with what. `again`: what
        is done was said before, and is not said in the same words."""
        fitting = [
            line
            for line in lines
            if line.strand in ("", self.strand) and not line.needs and self.slots.has(line.text)
        ]
        if again and self.slots.language == "en":
            # Told once as the idea tells it, once by other words or by how it goes on.
            fitting = [x for x in fitting if not self.slots.repeats(x.text)] or fitting
            late = place == 4 and not self.slots.values.get("then")
            others = [line for line in fitting if not self.slots.tells_act(line.text)]
            # A reaction may be dry; the turn of a story is about its idea.
            if place == 2 or (late and any(self.slots.tells(x.text) for x in others)):
                fitting = others or fitting
        weights = [weight(line, self.told) for line in fitting]
        fitting = [line for line, w in zip(fitting, weights, strict=True) if w == min(weights)]
        length = {line.text: len(plain(self.slots.fill(line.text, titled))) for line in fitting}
        short = [line for line in fitting if length[line.text] <= most]
        fitting = short or [min(fitting, key=lambda line: length[line.text])]
        told = [(line, self.slots.tells(line.text)) for line in fitting]
        if owed:
            most_told = max(much for _, much in told)
            fitting = [line for line, much in told if much == most_told]
        elif keen:
            # A reaction may be dry: in the second beat what says nothing of the idea fits as well.
            much_told = max(much for _, much in told)
            dry = int(place == 2 or (place == 3 and self.slots.language == "ja" and much_told < 3))
            fitting = [line for line, much in told for _ in range(min(much, 2) or dry)] or fitting
        # Another step for every place, so that one line does not always bring another.
        line = fitting[(self.turn // (3 * place + 1) + place) % len(fitting)]
        reading = self.slots.fill(line.reading) if line.reading else ""
        return Line(
            text=_tidy(self.slots.fill(line.text, titled), self.slots.language), reading=reading
        )

    def says_act(self, line: str) -> bool:
        """Whether a line of this film says what is done, whoever says it."""
        return self.slots.says_act(line) or self.slots.answering().says_act(line)


def _tidy(text: str, language: Language) -> str:
    """Sentences begin with a capital, and no mark stands twice."""
    if language == "ja":
        return re.sub(r"。(?=[。、」])|(?<=[？！])。", "", text)
    text = re.sub(r"([?!])\.(?=[\"'\s]|$)|(\?['\"])\?", r"\1\2", text)
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
    frames = [t for t in told if sort and sort in t.suits]
    if not speaks:
        # Whoever had the idea may tell of those who do not speak for themselves.
        frames = [
            t.model_copy(update={"protagonist": None}) if t.protagonist else t
            for t in frames
            if t.teller or not t.protagonist
        ]
    if language == "ja":
        frames = [t for t in frames if tellable(t, reading, language)]
        if reading.who is None and any(t.teller for t in frames):
            # What he saw is no trait of his.
            frames = [t for t in frames if t.teller]
    told_too = [t for t in frames if t.teller and not (t.protagonist or reading.who)]
    frames = frames or [t for t in told if not t.suits or set(t.suits) - SORTS]
    played = [t for t in frames if t.protagonist]
    if played and speaks:
        told = [t for t in played if tellable(t, reading, language)] + told_too or played
        form = "noun" if lasting(reading, language) else reading.form
        return [t for t in told if not t.suits or {form, sort} & set(t.suits)] or told
    frames = [t for t in frames if not t.protagonist]
    told_by_him = [t for t in frames if t.teller]
    if reading.own and told_by_him:
        return told_by_him
    suited = [f for f in frames if not f.suits or {reading.form, sort} & set(f.suits)]
    return suited or frames


_OF_HIMSELF = frozenset(["i_do", "my_doing"])
_OF_ANOTHER = frozenset(["told", "who_doing", "idea", "topic", "asked"])


def frames_of_asides(
    format: Format, reading: Reading, language: Language, *, parody: bool = False
) -> list[Thread]:
    """The frames whose listener has things of his own to say: told by the one whom the idea is
    about; by somebody else where he cannot."""
    # "We are on the same street" says nothing of two rival ice cream trucks.
    put = reading.act is not None and SOMEWHERE.match(reading.act.do)
    speaks = not parody and playable(reading, language) and not put
    told = [t for t in format.threads_in(language) if "aside" in t.suits]
    if not speaks:
        return [_spoken_of(t, of_himself=False) for t in told if t.teller]
    return [t for t in (_spoken_of(t) for t in told) if tellable(t, reading, language)]


def _spoken_of(thread: Thread, *, of_himself: bool = True) -> Thread:
    """A frame with the lines of one who speaks of himself, or with those of one who tells of him."""
    out = _OF_ANOTHER if of_himself else _OF_HIMSELF
    beats = [
        beat.model_copy(
            update={"lines": [x for x in beat.lines if out.isdisjoint(base_slots(x.text))]}
        )
        for beat in thread.beats
    ]
    part = {"teller": None} if of_himself else {"protagonist": None}
    return thread.model_copy(update={"beats": beats, **part})


def tellable(thread: Thread, reading: Reading, language: Language) -> bool:
    """Whether each slot of a frame has a line for an idea that names nobody: its writer is meant."""
    if reading.who is not None and language == "en":
        return True
    slots_given = ["name", "other", "place", "aside", "aside_2", "right", "wrong", "gesture"]
    more = dict.fromkeys(slots_given, "-")
    slots = FrameSlots.of(reading, language, more)
    if thread.protagonist:
        slots = own_slots(reading, language, more)
    groups = [thread.hooks, *(beat.lines for beat in thread.beats if beat.lines)]
    return all(
        any(slots.has(line.text) for line in group if line.strand in ("", strand))
        for group in groups
        for strand in {line.strand for line in group}
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
    if named is None or not sayable(named.noun, language):
        return ""
    found = [
        f for f in find([*lexicon().things, *lexicon().roles], named.noun) if f.language == language
    ]
    words = named.noun.split()
    # A longer noun is drawn by the part that is known: "wedding DJ", "love letter".
    if found and len(words) > 2:
        return found[-1].word
    return named.noun[:60]
