"""Fills a format from an idea without a language model: the offline draft.

Everything said is hand-written; the idea chooses which story is told, who plays it, where,
and what its lines name. The same idea, format, language and seed give the same plan.

Knows: formats, ideas, plans. Does not know: voices, avatars (casting), how anything renders.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from renderers.animatic.nouns import find_noun
from renderers.scene import Expression
from storyboard.core.errors import UsageError
from storyboard.plan import (
    Aspect,
    Beat,
    Canvas,
    Character,
    Hook,
    Language,
    Plan,
    Setting,
    Style,
    parse_plan,
)
from storyboard.plan.formats import BeatSpec, Format, Line, Thread, ThreadBeat, ThreadRole
from storyboard.writing import authors
from storyboard.writing.offline.checked import best_of
from storyboard.writing.offline.choose import (
    Chooser,
    choose_thread,
    story_about,
    strands,
    times_told,
)
from storyboard.writing.offline.frame_slots import FrameSlots, own_slots
from storyboard.writing.offline.frames import (
    LONGEST_HOOK,
    SHORT_HOOK,
    FrameChooser,
    frames_for,
    frames_of_asides,
    inset_of,
)
from storyboard.writing.offline.idea import Idea, detect_language, read_idea
from storyboard.writing.offline.match import Nearness, embeddings
from storyboard.writing.offline.meaning import by_meaning
from storyboard.writing.offline.persons import body_of, presentation_in, spokesman
from storyboard.writing.offline.reading import Reading
from storyboard.writing.offline.sorts import SAID_ALONE, set_in
from storyboard.writing.offline.staged import in_scene, placed, staged, story_slots
from storyboard.writing.offline.taste import admit
from storyboard.writing.offline.telling import Telling

LONGEST_IDEA = 4000
LONGEST_TITLE: Mapping[Language, int] = {"en": 60, "ja": 20}
MOST_DRAFTS = 4
"""Frames that are tried before the best of them is taken as it is."""
PARODY: Mapping[Language, str] = {"en": " (A Parody)", "ja": "（パロディ）"}
CHARACTERS_PER_SECOND = {"en": 15.0, "ja": 7.0}
"""Roughly, for planning: the film's clock is the measured speech."""
COLOURS = {
    "comic": ("bright, clean colours", "crisp, cool colours", "candy colours"),
    "dark": ("deep blacks and few colours", "cold colours, one of them warm"),
    "romantic": ("soft golden colours", "warm, hazy colours"),
    "sad": ("soft greys", "muted, washed-out colours"),
}
"""How a film of this tone is coloured. Its light is each place's, by the time of day."""
WITH_ASIDES = ("", "event", "habit")
"""Sorts of ideas that may be told to somebody who speaks of himself; the others have frames of
their own."""
ASIDES_IN_FIVE = 4
"""Of five films, those that are told to somebody who always has one of his own, where he has."""
REACTION = "reaction"
"""The beat in which somebody answers to what he has just heard."""
MOODS = {"dark": "tense", "romantic": "hopeful", "sad": "melancholy"}


def write_plan(
    idea: str,
    format: Format,
    language: Language | None = None,
    aspect: Aspect | None = None,
    seed: int = 42,
    nearness: Nearness | None = None,
    told: Mapping[str, int] | None = None,
) -> Plan:
    """Draft a plan. `language` is detected when None, `aspect` is the format's.

    `told` weighs what other films say: the frame, and in it the lines, that weigh least are taken.

    Raises:
        UsageError: the idea is empty or too long, or the format has no lines in the language.
    """
    if not idea.strip():
        raise UsageError("the idea is empty: say in one line what the film is about")
    if len(idea.strip()) > LONGEST_IDEA:
        raise UsageError(f"the idea has {len(idea.strip())} characters; {LONGEST_IDEA} are allowed")
    language = language or detect_language(idea)
    if not format.threads_in(language):
        known = ", ".join(sorted({thread.language for thread in format.threads})) or "none"
        raise UsageError(
            f"the format {format.name} has no hand-written threads in '{language}' (it has: "
            f"{known}): add some to its file, choose another language, or plan with a model"
        )
    verdict = admit(idea, language, format.name)
    canvas = Canvas.of(aspect or format.aspect)
    plans = (
        parse_plan(draft.plan(idea, canvas, seed), "offline draft")
        for draft in _drafts(
            Telling(idea, format, language, seed, verdict, told or {}), nearness or embeddings()
        )
    )
    return best_of(plans, verdict)


def _drafts(told: Telling, nearness: Nearness) -> Iterator[_Draft]:
    """Drafts of one idea, the likeliest first: a story about it, then frames."""
    idea = by_meaning(read_idea(told.text, told.language), nearness)
    threads = told.format.threads_in(told.language)
    if told.verdict.kind == "sober" and not told.quiet:
        sober = [t for t in threads if {told.verdict.subject, "any"} & set(t.grave)]
        yield from (_Draft.framed(told, idea, t) for t in told.in_turn(sober)[:1])
        return
    reading = told.reading(idea)
    sort = told.sort(reading)
    shaped = told.quiet or sort in SAID_ALONE
    story = None if shaped else story_about(idea, reading, told.format, nearness)
    if story is not None:
        yield _Draft.begin(told, idea, story, nearness)
    parody = bool(told.verdict.parody)
    frames = told.in_turn(frames_for(told.format, reading, told.language, parody=parody, sort=sort))
    spoken = frames_of_asides(told.format, reading, told.language, parody=parody)
    joked = sort in WITH_ASIDES and not (told.verdict.sad or told.verdict.kind == "sober")
    if joked and (told.digest(with_seed=False) + told.seed) % 5 < ASIDES_IN_FIVE:
        answered = [f for f in spoken if len(told.asides(reading, f)) > 1]
        frames = [*told.in_turn(answered), *frames]
        frames.sort(key=lambda frame: times_told(frame, told.elsewhere))
    yield from (_Draft.framed(told, idea, frame) for frame in frames[:MOST_DRAFTS])
    if not frames:
        rng = random.Random(told.digest())
        yield _Draft.begin(told, idea, choose_thread(idea, told.format, nearness, rng), nearness)


@dataclass(frozen=True, slots=True)
class _Draft:
    told: Telling
    thread: Thread
    idea: Idea
    cast: Mapping[str, Character]
    settings: Mapping[str, Setting]
    chooser: Chooser | FrameChooser
    rng: random.Random
    reading: Reading

    @property
    def format(self) -> Format:
        return self.told.format

    @property
    def shown(self) -> Reading:
        """What insets show: who plays himself is there already, unless he is one of several, and a
        word is no picture."""
        if self.thread.protagonist is None:
            return self.reading
        thing = self.reading.thing
        drawn = thing if thing is not None and find_noun(thing.noun) is not None else None
        who = self.reading.who if self.reading.who and self.reading.who.plural else None
        return replace(self.reading, who=who, thing=drawn)

    @classmethod
    def begin(cls, told: Telling, idea: Idea, thread: Thread, nearness: Nearness) -> _Draft:
        """A hand-written story, which the idea chose."""
        rng = random.Random(told.digest())
        cast, settings = staged(told.format, thread, idea, rng)
        slots = story_slots(told.format, thread, idea, cast, settings)
        strand = rng.choice(strands(thread) or [""])
        chooser = Chooser(idea, slots, nearness, rng, strand, told.elsewhere)
        return cls(told, thread, idea, cast, settings, chooser, rng, told.reading(idea))

    @classmethod
    def framed(cls, told: Telling, idea: Idea, thread: Thread) -> _Draft:
        """A frame: its people are its own, and the idea is what they speak of."""
        rng = random.Random(told.digest())
        reading = told.reading(idea)
        absent = replace(idea, names=(), subject=None, props=(), place_kind=None, role="")
        if "site" in thread.suits:
            absent = replace(absent, place_kind=set_in(idea, reading), place=reading.text)
        if "scene" in thread.suits:
            thread, absent = in_scene(thread, idea, reading, told.format.settings[0].id)
        spoken = spokesman(reading, told.language)
        if thread.protagonist and reading.who is None:
            thing = "{name}と{thing}" if told.language == "ja" else "{name} and {the_thing}"
            titles = [t for t in thread.titles if not re.search(r"topic|who_n", t.text)]
            thread = thread.model_copy(update={"titles": [*titles, Line(text=thing)]})
        if thread.protagonist and spoken.who is not None:
            # The one it is about plays a part, as what the idea calls him.
            who = spoken.who.noun
            given = thread.roles.get(thread.protagonist, ThreadRole())
            part = given.model_copy(
                update={
                    "role": who,
                    "presentation": given.presentation or presentation_in(told.text, who),
                }
            )
            thread = thread.model_copy(update={"roles": thread.roles | {thread.protagonist: part}})
            absent = replace(absent, subject=idea.subject, role=who)
        cast, settings = staged(told.format, thread, absent, rng)
        if thread.protagonist and spoken.who and (body := body_of(spoken.who, told.language)):
            mine = cast[thread.protagonist]
            cast[thread.protagonist] = mine.model_copy(update=body)
        names = [character.name for character in cast.values()]
        given = {
            "name": names[0],
            "other": names[1] if len(names) > 1 else names[0],
            "place": settings[told.format.settings[0].id].name,
        }
        if told.verdict.kind == "sober" and reading.form != "word":
            given["subject"] = told.verdict.name
        heard = told.asides(reading, thread)
        given |= dict(zip(("aside", "aside_2"), heard, strict=False))
        given |= told.slots(reading)
        more = {slot: said for slot, said in given.items() if said}
        if thread.protagonist:
            slots = own_slots(reading, told.language, more)
        else:
            slots = FrameSlots.of(reading, told.language, more, mine=thread.teller is not None)
        choices = strands(thread) or [""]
        turn = told.seed + told.digest(with_seed=False) % 9973
        strand = choices[turn // 7 % len(choices)]
        chooser = FrameChooser(slots, turn, strand, told.elsewhere, heard)
        return cls(told, thread, absent, cast, settings, chooser, rng, reading)

    def plan(self, text: str, canvas: Canvas, seed: int) -> Plan:
        tone = self.idea.tone
        colours = self.rng.choice(COLOURS[tone])
        mood = self.thread.music
        if (self.thread.fits_any or self.thread.frame) and mood == "playful":
            mood = "calm" if self.told.verdict.sad else MOODS.get(tone, mood)
        played = self.thread.protagonist is not None
        title = self.chooser.choose(
            self.thread.titles, LONGEST_TITLE[self.idea.language], titled=True, keen=played
        ).text
        if self.told.verdict.parody:
            title += PARODY[self.told.language]
        return Plan(
            idea=text,
            format=self.format.name,
            title=title,
            language=self.idea.language,
            canvas=canvas,
            style=Style(
                description=", ".join(part for part in (self.format.style, colours) if part),
                palette=self.rng.randrange(1000),
            ),
            author=authors.OFFLINE,
            seed=seed,
            cast=list(self.cast.values()),
            settings=list(self.settings.values()),
            hook=self._hook(title),
            beats=list(self._beats()),
            music=self.format.music.model_copy(update={"mood": mood}),
        )

    def _hook(self, title: str) -> Hook | None:
        spec = self.format.hook
        if spec is None:
            return None
        language = self.idea.language
        most = LONGEST_HOOK[language] if self.thread.frame else spec.max_chars[language]
        line = self.chooser.choose(self.thread.hooks, most)
        if self.thread.frame and len(line.text) > SHORT_HOOK[language]:
            # Not five seconds of introduction: the idea speaks for itself.
            line = min(
                line,
                self.chooser.choose(
                    [Line(text="{idea}。" if language == "ja" else "{Idea}.")], most
                ),
                key=lambda line: len(line.text),
            )
        expression = self.rng.choice(spec.expressions)
        first = self.cast[spec.cast[0]]
        return Hook(
            title=title,
            line=line.text,
            reading=line.reading,
            image_prompt=f"{first.name} looks {expression}, straight at the viewer",
            setting=spec.setting,
            cast=spec.cast,
            expression=expression,
            inset=inset_of(self.thread.hook_inset, self.shown, language),
            shot=spec.shot,
            duration=_hook_seconds(spec.seconds, line.text, language),
        )

    def _beats(self) -> Iterator[Beat]:
        acts = 0
        for number, (spec, part) in enumerate(
            zip(self.format.beats, self.thread.beats, strict=True), 1
        ):
            line = self._line(number, spec, part, acts)
            if line and isinstance(self.chooser, FrameChooser):
                acts += self.chooser.says_act(line.text)
            yield self._beat(number, spec, part, line)

    def _line(self, number: int, spec: BeatSpec, part: ThreadBeat, acts: int) -> Line | None:
        """What is said in a beat. What is done is said in the first or second, and once more, by
        other words or by how it goes on; `acts` lines have said it."""
        speaker = part.speaker_or(spec.speaker)
        if speaker is None:
            return None
        chooser = self.chooser
        if isinstance(chooser, FrameChooser) and self.thread.teller not in (None, speaker):
            chooser = replace(chooser, slots=chooser.slots.answering())
        last = number == len(self.format.beats)
        owed = not last and self._owed(number, acts)
        if spec.type == REACTION and not owed and (answer := self._aside(part, speaker)):
            return answer
        return chooser.choose(
            part.lines,
            spec.max_chars[self.idea.language],
            place=number,
            keen=not last,
            owed=owed,
            again=acts > 0,
        )

    def _aside(self, part: ThreadBeat, speaker: str) -> Line | None:
        """What whoever hears of the idea says of his own; None where the frame needs its own answer,
        which others belong to."""
        chooser = self.chooser
        if not isinstance(chooser, FrameChooser) or not chooser.asides:
            return None
        tells = speaker in (self.thread.protagonist, self.thread.teller)
        if tells or any(line.strand for line in part.lines):
            return None
        return Line(text=chooser.asides[0])

    def _owed(self, number: int, acts: int) -> bool:
        """Whether a beat has to take up what is done, which `acts` lines have said."""
        if self.idea.language == "ja":
            # 「実は、うちもです。…」: the turn says it again, and not the line before it.
            return number == 1 or (number == len(self.format.beats) - 1 and acts < 2)
        return number in (1, 3) or acts < min(number - 1, 2)

    def _beat(self, number: int, spec: BeatSpec, part: ThreadBeat, said: Line | None) -> Beat:
        speaker = part.speaker_or(spec.speaker)
        line = said.text if said else ""
        props = spec.props or (list(self.idea.props[:1]) if number == 1 else [])
        if "props" in part.model_fields_set or self.thread.frame:
            props = part.props
        reactions: dict[str, Expression] = {
            id: self.rng.choice(faces) for id, faces in spec.reactions.items()
        }
        reactions |= part.reactions
        focus = speaker if speaker in spec.cast else next(iter(spec.cast), None)
        reactions.pop(focus or "", None)
        setting, elsewhere = placed(spec, focus, self.settings)
        slots = self.chooser.slots
        action = part.action or spec.action
        return Beat(
            index=number,
            type=spec.type,
            speaker=speaker,
            line=line,
            reading=said.reading if said else "",
            expression=part.expression or self.rng.choice(spec.expressions),
            reactions=reactions,
            action=slots.fill(action) if slots.has(action) else "",
            shot=part.shot or self.rng.choice(spec.shots),
            setting=setting,
            cast=spec.cast,
            elsewhere=elsewhere,
            props=props,
            inset=inset_of(part.inset, self.shown, self.idea.language),
            duration=_seconds(spec, line, self.idea.language),
            pause=spec.pause,
            speed=spec.speed,
            transition=spec.transition,
            sound_effect=part.sound_effect or spec.sound_effect,
            keep_audio=spec.keep_audio,
        )


def _hook_seconds(planned: float, line: str, language: Language) -> float:
    """Planned length of the hook: quoting a long idea takes longer than the format plans."""
    return round(min(8.0, max(planned, len(line) / CHARACTERS_PER_SECOND[language])), 1)


def _seconds(spec: BeatSpec, line: str, language: Language) -> float:
    """Planned length: what the line needs, within the format's range."""
    weight = len(line) + (sum("一" <= c <= "龠" for c in line) * 0.8 if language == "ja" else 0)
    spoken = weight / (CHARACTERS_PER_SECOND[language] * spec.speed)
    least, most = spec.seconds
    return round(min(most, max(least, spoken + spec.pause if line else least)), 1)
