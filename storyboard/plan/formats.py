"""Film formats: the shape that a kind of film has, before anybody has an idea.

A format is a YAML file: roles, settings, beats, directions in prose for whoever writes
(a model or a person), and threads for the offline writer. A thread is one hand-written
story that runs through all beats, in one language, with a few variants of every line; so
whatever is drawn from it, the setup and the payoff belong together.

Knows: the shape and the rules of a format. Does not know: where formats lie, ideas, how a
thread is chosen, how a plan is filled.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Field

from renderers.scene import AgeGroup, Expression, InsetKind, Place, Presentation, TimeOfDay
from storyboard.core.strict_records import Record
from storyboard.plan import (
    NARRATOR,
    Aspect,
    Identifier,
    Language,
    Music,
    ShotPlan,
    SoundEffect,
    Text,
    Transition,
)
from storyboard.plan.languages import ABOUT

SLOTS = (
    *("name", "other", "role", "place", "thing", "topic", "quirk"),
    *("idea", "who", "the_who", "who_n", "the_thing", "thing_n", "does", "do", "doing", "did"),
    *("desu", "subject", "i_do", "my_doing", "you_do", "your_doing", "who_doing", "told"),
    *("then", "more", "you_then", "asked"),
    *("first", "second", "third", "before", "after", "if", "phrase", "aside", "aside_2"),
    *("right", "wrong", "one_right", "one_wrong", "rights", "wrongs", "gesture"),
)
"""What a line may take from the idea. In English each also exists with an article
(`{a_role}`) and capitalised (`{Role}`, `{A_role}`). `{v_want}` is that verb as it agrees with who
the idea is about ("wants", "want")."""
AGREES = re.compile(r"v_[a-z]+")
ALWAYS = frozenset({"name", "other"})
"""Slots that every film fills."""
ALWAYS_FRAMED = ALWAYS | {"idea", "topic", "who_n", "subject"}
"""Slots that every film in a frame fills."""
GIVEN: Mapping[str, frozenset[str]] = {
    "list": frozenset({"first", "second", "third"}),
    "aside": frozenset({"aside", "aside_2"}),
    "turn": frozenset({"before", "after"}),
    "if": frozenset({"if"}),
    "event": frozenset({"i_do", "told"}),
    "habit": frozenset({"i_do", "told"}),
    "pov": frozenset({"i_do", "told"}),
    "site": frozenset({"phrase"}),
    "keepsake": frozenset({"phrase"}),
    "day": frozenset({"phrase"}),
    "couple": frozenset({"gesture"}),
    "words": frozenset({"right", "wrong"}),
    "dish": frozenset({"right", "wrong", "one_right", "one_wrong", "rights", "wrongs"}),
    "mixup": frozenset({"right", "wrong", "one_right", "one_wrong", "rights", "wrongs"}),
}
"""Slots that every idea of a sort fills, in a frame that is for such ideas alone."""
ALWAYS_PLAYED = ALWAYS_FRAMED | {"i_do"}
"""Slots that every film in a frame with a protagonist fills."""
SLOT = re.compile(r"\{(\w*)\}")
ANY_SLOT = frozenset(
    form for slot in SLOTS for form in (slot, f"a_{slot}", slot.capitalize(), f"A_{slot}")
)
ClipKind = Literal["dialogue", "a2v", "i2v"]
"""How a profile routes the clip: talking head, audio-driven, or silent motion."""
MusicMood: TypeAlias = Literal["playful", "calm", "tense", "hopeful", "melancholy", "none"]


def _from_text(value: object) -> object:
    return {"text": value} if isinstance(value, str) else value


class Line(Record):
    """One variant of a line. In YAML a plain string is enough."""

    text: Text = Field(min_length=1, max_length=300)
    reading: Text = ""
    needs: list[Identifier] = Field(default_factory=list[str])
    """Facts of the idea (a place, an occupation, a tone) without which the line makes no sense."""
    strand: str = ""
    """Lines of one strand belong together: a film takes one strand, and lines of none."""


LineEntry = Annotated[Line, BeforeValidator(_from_text)]


class Role(Record):
    """A part to be cast: who it is and what is free."""

    id: Identifier
    who: Text = Field(min_length=1)
    presentations: list[Presentation] = Field(default=["feminine", "masculine"], min_length=1)
    ages: list[AgeGroup] = Field(default=["adult"], min_length=1)
    voice: Text = ""
    wardrobe: list[Text] = Field(min_length=1)
    takes_subject: bool = False
    """The idea's subject ("a barista") plays this part."""
    adults_only: bool = False
    """Nobody young is cast here, whatever the idea says."""
    people_only: bool = False
    """An animal of the idea is talked about here, and does not play this part."""


class PlaceSlot(Record):
    """A place the format needs. Without `place`, the idea or the thread chooses one."""

    id: Identifier
    what: Text = Field(min_length=1)
    place: Place | None = None
    names: dict[Language, Text] = Field(default_factory=dict[Language, str])
    times: list[TimeOfDay] = Field(default=["day"], min_length=1)
    description: Text = ""
    lettering: dict[Language, Text] = Field(default_factory=dict[Language, str])


def _most(limits: Mapping[Language, int], language: Language) -> int:
    """Characters of a line in any language, by those that the format gives."""
    if language in limits:
        return limits[language]
    given = "en" if "en" in limits else next(iter(limits))
    return ABOUT[language].most(round(limits[given] * ABOUT[given].dense))


class HookSpec(Record):
    """The first seconds, in which a viewer decides to stay."""

    direction: Text = Field(min_length=1)
    cast: list[str] = Field(min_length=1, max_length=2)
    setting: str = "main"
    expressions: list[Expression] = Field(min_length=1)
    shot: ShotPlan = ShotPlan(scale="extreme close-up")
    seconds: float = Field(default=3.5, ge=1.0, le=8.0)
    max_chars: dict[Language, int] = Field(default={"en": 58, "ja": 24})
    """What a slow narrator says within 5 s, pauses included."""

    def most(self, language: Language) -> int:
        return _most(self.max_chars, language)


class BeatSpec(Record):
    """One beat of the format: who, how long, how it is shot, and what it is for."""

    type: Identifier
    speaker: str | None = None
    kind: ClipKind = "a2v"
    direction: Text = Field(min_length=1)
    seconds: tuple[float, float] = (2.5, 6.0)
    pause: float = Field(default=0.6, ge=0.0, le=5.0)
    speed: float = Field(default=1.0, ge=0.5, le=2.0)
    max_chars: dict[Language, int] = Field(default={"en": 84, "ja": 32})
    """Of a line, by language; what is not here is reckoned from the English one."""
    expressions: list[Expression] = Field(min_length=1)
    reactions: dict[str, list[Expression]] = Field(default_factory=dict[str, list[Expression]])
    action: Text = ""
    shots: list[ShotPlan] = Field(min_length=1)
    transition: Transition = "cut"
    cast: list[str] = Field(default_factory=list[str], max_length=4)
    setting: str = "main"
    props: list[str] = Field(default_factory=list[str], max_length=6)
    sound_effect: SoundEffect | None = None
    keep_audio: bool = False

    def most(self, language: Language) -> int:
        return _most(self.max_chars, language)


class ThreadPlace(Record):
    place: Place | None = None
    name: Text = ""
    time_of_day: TimeOfDay | None = None
    description: Text = ""
    lettering: Text = ""
    props: list[str] = Field(default_factory=list[str], max_length=8)


class ThreadRole(Record):
    """What a thread adds to a role; whatever is left out comes from the format or the idea."""

    role: Text = ""
    presentation: Presentation | None = None
    age: AgeGroup | None = None
    wardrobe: Text = ""
    personality: Text = ""
    at: ThreadPlace | None = None
    """Another place than the others': the other end of a telephone line."""


class ThreadBeat(Record):
    """A thread's part in one beat. Fields that are set replace the format's; `props: []` keeps
    the idea's own out of a beat that speaks of their being elsewhere."""

    lines: list[LineEntry] = Field(default_factory=list[Line])
    speaker: str | None = None
    expression: Expression | None = None
    reactions: dict[str, Expression] = Field(default_factory=dict[str, Expression])
    action: Text = ""
    props: list[str] = Field(default_factory=list[str], max_length=6)
    shot: ShotPlan | None = None
    sound_effect: SoundEffect | None = None
    inset: InsetKind | None = None
    """Shows who, thing and place of the idea, which the line speaks of."""

    def speaker_or(self, usual: str | None) -> str | None:
        """`speaker: null` in the file makes a spoken beat silent; leaving it out does not."""
        return self.speaker if "speaker" in self.model_fields_set else usual


class Thread(Record):
    """One story through all beats of a format, in one language."""

    id: Identifier
    language: Language
    about: list[Text] = Field(min_length=1)
    """Ideas that this story is right for, in their own words: what an idea is compared with."""
    keywords: list[str] = Field(default_factory=list[str])
    """Words or word stems; one of them in the idea counts for much."""
    fits_any: bool = False
    """Makes sense for every idea: used when nothing fits better."""
    frame: bool = False
    """People react to the idea, whatever it is: the idea is quoted whole and seen in insets."""
    grave: list[Identifier] = Field(default_factory=list[str])
    """Subjects that this story tells soberly (`any`: all of them); it is used for nothing else."""
    protagonist: Identifier | None = None
    """The role that the one whom the idea is about plays: a frame for ideas with one person or
    creature in them who does or is something."""
    teller: Identifier | None = None
    """The role that whoever had the idea plays: "my son" is "your son" to the others. An idea that
    says "my" is told in such a frame, where nobody in it speaks for himself."""
    suits: list[Identifier] = Field(default_factory=list[str])
    """Forms of an idea that this frame is for ("clause", "noun", "word", "gerund", "question"), or
    sorts ("place", "list", "advert", "tender", "turn" …); empty: all. "scene": it is played where
    the idea is, by whom the idea is about, and its own place is for ideas that name none."""
    hook_inset: InsetKind | None = None
    takes: Literal["role", "topic"] | None = None
    """What it makes most of: of the stories that fit any idea, one goes first that takes what
    this idea gives."""
    music: MusicMood = "playful"
    titles: list[LineEntry] = Field(min_length=1)
    hooks: list[LineEntry] = Field(min_length=1)
    roles: dict[str, ThreadRole] = Field(default_factory=dict[str, ThreadRole])
    settings: dict[str, ThreadPlace] = Field(default_factory=dict[str, ThreadPlace])
    beats: list[ThreadBeat]


class ThreadFile(Record):
    """A file of threads beside a format."""

    threads: list[Thread]


class Format(Record):
    """A kind of film."""

    name: Identifier
    title: Text = Field(min_length=1)
    summary: Text = Field(min_length=1)
    languages: list[Language] = Field(default=["en", "ja"], min_length=1)
    aspect: Aspect = "9:16"
    style: Text = ""
    roles: list[Role] = Field(min_length=1, max_length=6)
    settings: list[PlaceSlot] = Field(min_length=1, max_length=8)
    hook: HookSpec | None = None
    beats: list[BeatSpec] = Field(min_length=1, max_length=40)
    constraints: list[Text] = Field(default_factory=list[str])
    exact: bool = False
    """What is said holds only as it is written: a small model that words single lines anew would
    make up a fact, or a plain no of a soft one."""
    music: Music = Music()
    threads: list[Thread] = Field(default_factory=list[Thread])
    thread_files: list[str] = Field(default_factory=list[str])
    """More threads, in files beside this one (`threads: […]`); loading joins them to `threads`."""

    def role(self, id: str) -> Role:
        return next(role for role in self.roles if role.id == id)

    def threads_in(self, language: Language) -> list[Thread]:
        return [thread for thread in self.threads if thread.language == language]


def faults(format: Format) -> list[str]:
    """Every fault that spans records, each as `path: what is wrong: what is allowed`."""
    roles = [role.id for role in format.roles]
    stages = [stage.id for stage in format.settings]
    found = [*_unique("roles", roles), *_unique("settings", stages)]
    found += _unique("threads", [f"{t.language}/{t.id}" for t in format.threads])
    if NARRATOR in roles:
        found.append(f"roles: '{NARRATOR}' is reserved for the narration")
    if format.hook is not None:
        found += _known("hook.cast", format.hook.cast, roles)
        found += _known("hook.setting", [format.hook.setting], stages)
    for i, beat in enumerate(format.beats):
        at = f"beats[{i}]"
        found += _speaker_faults(f"{at}.speaker", beat.speaker, roles)
        found += _known(f"{at}.cast", beat.cast, roles)
        found += _known(f"{at}.setting", [beat.setting], stages)
        found += _known(f"{at}.reactions", beat.reactions, beat.cast)
        if beat.seconds[0] > beat.seconds[1]:
            found.append(f"{at}.seconds: {list(beat.seconds)} runs backwards: write [least, most]")
    for i, thread in enumerate(format.threads):
        found += _thread_faults(f"threads[{i}] ({thread.language}/{thread.id})", thread, format)
    return found


def _unique(where: str, names: list[str]) -> list[str]:
    return [
        f"{where}[{i}]: '{name}' is used twice" for i, name in enumerate(names) if name in names[:i]
    ]


def _known(where: str, names: Any, allowed: list[str]) -> list[str]:
    hint = ", ".join(allowed) or "nobody"
    return [f"{where}: '{n}' is not known here: {hint}" for n in names if n not in allowed]


def _speaker_faults(where: str, speaker: str | None, roles: list[str]) -> list[str]:
    if speaker is None or speaker in (*roles, NARRATOR):
        return []
    return [f"{where}: '{speaker}' is not in roles: {', '.join(roles)} (or {NARRATOR}, or null)"]


def _thread_faults(at: str, thread: Thread, format: Format) -> list[str]:
    found: list[str] = []
    if thread.language not in format.languages:
        found.append(f"{at}.language: is not in languages: {', '.join(format.languages)}")
    found += _known(f"{at}.roles", thread.roles, [role.id for role in format.roles])
    found += _known(f"{at}.settings", thread.settings, [s.id for s in format.settings])
    if thread.protagonist:
        found += _known(f"{at}.protagonist", [thread.protagonist], [r.id for r in format.roles])
    if thread.teller:
        found += _known(f"{at}.teller", [thread.teller], [r.id for r in format.roles])
    if len(thread.beats) != len(format.beats):
        found.append(f"{at}.beats: has {len(thread.beats)} of the format's {len(format.beats)}")
        return found
    for i, (beat, spec) in enumerate(zip(thread.beats, format.beats, strict=True)):
        where = f"{at}.beats[{i}]"
        speaker = beat.speaker_or(spec.speaker)
        found += _speaker_faults(f"{where}.speaker", beat.speaker, [r.id for r in format.roles])
        found += _known(f"{where}.reactions", beat.reactions, spec.cast)
        if speaker is None and beat.lines:
            found.append(f"{where}.lines: the beat is silent: remove the lines, or name a speaker")
        if speaker is not None:
            found += _line_faults(f"{where}.lines", beat.lines, thread)
    found += _line_faults(f"{at}.titles", thread.titles, thread)
    found += _line_faults(f"{at}.hooks", thread.hooks, thread)
    return found


def _line_faults(where: str, lines: list[Line], thread: Thread) -> list[str]:
    found = [
        f"{where}[{i}]: {{{slot}}} is no slot: {', '.join(SLOTS)}"
        for i, line in enumerate(lines)
        for slot in SLOT.findall(line.text + line.reading)
        if slot not in ANY_SLOT and not AGREES.fullmatch(slot)
    ]
    always = ALWAYS_FRAMED if thread.frame or thread.grave else ALWAYS
    # What a sentence of a shape gives stands for what somebody in it does.
    if thread.protagonist and not GIVEN.keys() & set(thread.suits) - {"aside"}:
        always = ALWAYS_PLAYED
    # "scene" says where a frame is played, and not for which ideas it is.
    if sorts := set(thread.suits) - {"scene"}:
        always |= set[str].intersection(*(set(GIVEN.get(sort, ())) for sort in sorts))
    plain = [line for line in lines if not line.needs and _asked(line) <= always]
    if not any(not line.strand for line in plain):
        strands = {line.strand for line in lines if line.strand}
        if not strands or not strands <= {line.strand for line in plain}:
            only = ", ".join(f"{{{slot}}}" for slot in sorted(always))
            found.append(f"{where}: needs one line that fits every idea: only {only}")
    return found


def _asked(line: Line) -> set[str]:
    """The slots of a line without what every slot may have: an article, a capital."""
    slots = (slot for slot in SLOT.findall(line.text) if not AGREES.fullmatch(slot))
    return {slot.lower().removeprefix("a_") for slot in slots}
