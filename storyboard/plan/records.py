"""The plan: the one source of truth of a film, and the only thing a user edits by hand.

Every record refuses unknown fields. `load_plan` reports *all* faults of a file, each by
its path and with what is allowed, and never returns half a plan. The JSON Schema of
`Plan` is exported to `prompts/schema/plan.schema.json`.

Knows: the shape and the rules of a plan. Does not know: how it is written, drawn or
rendered.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, ValidationError, model_validator

from renderers.base import JSON
from renderers.scene import Expression
from storyboard.core.errors import PlanError
from storyboard.core.files import parse_json, read_told
from storyboard.core.strict_records import Record, describe_errors
from storyboard.plan.caption_look import CaptionLook, Turning
from storyboard.plan.consistency import NARRATOR as NARRATOR
from storyboard.plan.consistency import faults, unborne
from storyboard.plan.elements import (
    Canvas,
    Character,
    Identifier,
    ImagePrompt,
    InsetPlan,
    OwnMedia,
    Part,
    Seed,
    Setting,
    ShotPlan,
    SoundEffect,
    Spoken,
    Stripped,
    Style,
    Text,
    Transition,
    Voice,
    Worded,
)
from storyboard.plan.languages import Language as Language
from storyboard.plan.languages import mark_fault, plain

SCHEMA_VERSION = 1


class Beat(Record):
    """One beat: at most one speaker, one picture, one clip."""

    index: int = Field(ge=1, le=99)
    """Its number, which it keeps wherever it is moved to: the order is that of the list."""
    type: Identifier
    speaker: str | None = None
    """A character's id, `narrator`, or null for a silent beat."""
    line: Stripped = Field(default="", max_length=600)
    reading: Stripped = Field(default="", max_length=600)
    """How the line is pronounced, where that differs from how it is written."""
    language: Spoken = None
    """Of the line; null: the speaker's. Words of another stand in marks: `{ja:マンゴー}`."""
    expression: Expression = "neutral"
    """Of the focus: the speaker, or the first character in frame."""
    reactions: dict[str, Expression] = Field(default_factory=dict[str, Expression])
    """Expressions of the others in frame, by character id."""
    action: Text = ""
    shot: ShotPlan = ShotPlan()
    setting: str
    cast: list[str] = Field(default_factory=list[str], max_length=4)
    """Characters in frame, left to right."""
    elsewhere: dict[str, str] = Field(
        default_factory=dict[str, str], exclude_if=lambda away: not away
    )
    """Who of them is in another setting, at the other end of a telephone line: settings by id.
    Image models, which draw one place a picture, draw the speaker's end."""
    props: list[str] = Field(default_factory=list[str], max_length=6)
    inset: InsetPlan | None = None
    """A picture within the picture, for what the line speaks of and is not there."""
    staging: Stripped = Field(default="", max_length=40)
    """A way to block it, by name; "" lets the animatic choose one that suits and is not worn."""
    duration: float = Field(default=3.0, ge=0.5, le=20.0)
    """Planned seconds; a longer line makes the beat longer."""
    pause: float = Field(default=0.6, ge=0.0, le=5.0)
    """Silence after the line, seconds."""
    speed: float = Field(default=1.0, ge=0.5, le=2.0)
    """Speech rate of this line, on top of the voice's own."""
    transition: Transition = "cut"
    """How this beat begins."""
    sound_effect: SoundEffect | None = None
    media: OwnMedia | None = Field(default=None, exclude_if=lambda value: value is None)
    """What this beat brings of its own."""
    keep_audio: bool = False
    renderer: str | None = None
    """Name of a video backend; null lets the profile route by kind."""
    prompt: ImagePrompt | None = None
    image_options: dict[str, JSON] = Field(default_factory=dict[str, JSON])
    """Knobs of the image model for this beat (steps, resolution, preset)."""
    seed: Seed | None = None
    """Of everything in this beat; null derives one from the plan's."""
    take: int = Field(default=1, ge=1, le=999)
    """Another number redoes speech and clip, and keeps the picture."""
    seeds: dict[Part, Seed] = Field(default_factory=dict[Part, Seed])
    """Of one part of this beat alone; they go before `seed` and `take`."""
    locked: bool = False
    """What was made of it is kept, whatever changes: nothing redoes it."""

    @property
    def focus(self) -> str | None:
        """Whose beat it is: the speaker where one is seen, else whoever comes first."""
        return self.speaker if self.speaker in self.cast else next(iter(self.cast), None)

    @property
    def silent(self) -> bool:
        return self.speaker is None

    @property
    def text(self) -> str:
        """The line as the audience reads it."""
        return plain(self.line)

    @property
    def slug(self) -> str:
        """Readable file stem: `03_refusal`."""
        return f"{self.index:02d}_{self.type}"

    @model_validator(mode="after")
    def _line_has_speaker(self) -> Beat:
        if self.speaker is not None and not self.line:
            raise ValueError("a beat with a speaker needs a line (or set speaker to null)")
        if self.speaker is None and self.line:
            raise ValueError("a line needs a speaker (or remove the line)")
        _can_be_said(self.line, self.reading)
        if self.media is not None and self.media.audio and not self.line:
            raise ValueError("media.audio needs a speaker and the line that is said in it")
        return self


class Hook(Record):
    """The opening seconds: a title, a line of the narrator, an extreme close-up."""

    title: Stripped = Field(min_length=1, max_length=80)
    line: Stripped = Field(default="", max_length=200)
    reading: Stripped = Field(default="", max_length=200)
    language: Spoken = None
    """Of the line; null: the film's."""
    image_prompt: Text = ""
    """What it shows, in a few words."""
    prompt: Worded = None
    image_options: dict[str, JSON] = Field(default_factory=dict[str, JSON])
    setting: str
    cast: list[str] = Field(default_factory=list[str], max_length=2)
    expression: Expression = "surprised"
    inset: InsetPlan | None = None
    shot: ShotPlan = ShotPlan(scale="extreme close-up")
    duration: float = Field(default=3.5, ge=1.0, le=8.0)
    seed: Seed | None = None
    take: int = Field(default=1, ge=1, le=999)
    seeds: dict[Part, Seed] = Field(default_factory=dict[Part, Seed])
    locked: bool = False

    @property
    def text(self) -> str:
        """The line as the audience reads it."""
        return plain(self.line)

    @model_validator(mode="after")
    def _line_has_words(self) -> Hook:
        _can_be_said(self.line, self.reading)
        return self


def _can_be_said(line: str, reading: str) -> None:
    """
    Raises:
        ValueError: no voice can say it, and no ear could hear that it did; or a mark is amiss.
    """
    if fault := mark_fault(line) or mark_fault(reading):
        raise ValueError(fault)
    if line and not any(character.isalnum() for character in reading or line):
        raise ValueError(f"{line[:20]!r} holds no word to say (write one, or leave it silent)")


class Music(Record):
    mood: Literal["playful", "calm", "tense", "hopeful", "melancholy", "none"] = "playful"
    track: str = ""
    """A packaged track's name or a file; "" picks one by mood."""
    level: float = Field(default=-18.0, ge=-40.0, le=0.0)
    """Loudness under silence, in LU relative to the speech; ducked further while one speaks."""


class Judging(Record):
    """How the pictures are looked at before they are kept; a plan without it keeps the first."""

    retries: int = Field(default=2, ge=0, le=6)
    """How often a picture that fails is mended."""
    best_of: int = Field(default=1, ge=1, le=6)
    """Candidates drawn at first, from which the best is kept."""


class Original(Record):
    """What a dubbed film was called before: what is drawn of its words follows these."""

    language: Language
    title: Stripped = Field(max_length=120)
    hook_title: Stripped = Field(default="", max_length=80)
    hook_line: Stripped = Field(default="", max_length=200)


class Plan(Record):
    """A whole film."""

    schema_version: Literal[1] = SCHEMA_VERSION
    idea: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
    format: str
    title: Stripped = Field(min_length=1, max_length=120)
    language: Language = "en"
    canvas: Canvas = Canvas()
    style: Style = Style()
    author: str = ""
    """Who wrote it: `offline draft`, or the model's name."""
    seed: int = Field(default=42, ge=0, le=2**31 - 1)
    cast: list[Character] = Field(min_length=1, max_length=6)
    narrator: Voice = Voice()
    settings: list[Setting] = Field(min_length=1, max_length=8)
    hook: Hook | None = None
    beats: list[Beat] = Field(min_length=1, max_length=40)
    music: Music = Music()
    captions: Turning = "lines"
    """`words`: they turn colour word by word as they are said."""
    caption_look: CaptionLook | None = Field(default=None, exclude_if=lambda value: value is None)
    """How captions are set; None: as usual (`storyboard captions`)."""
    judging: Judging | None = None
    original: Original | None = Field(default=None, exclude_if=lambda value: value is None)

    def character(self, id: str) -> Character:
        return next(c for c in self.cast if c.id == id)

    def setting(self, id: str) -> Setting:
        return next(s for s in self.settings if s.id == id)

    def beat(self, index: int) -> Beat:
        return next(b for b in self.beats if b.index == index)

    def before(self, beat: Beat) -> list[Beat]:
        """The beats that come before one, in their order."""
        place = next(i for i, other in enumerate(self.beats) if other.index == beat.index)
        return self.beats[:place]

    @property
    def beings(self) -> dict[int, list[str]]:
        """By beat (0: the hook), those of its cast who are no persons, as the plan calls them."""
        casts = {beat.index: beat.cast for beat in self.beats}
        if self.hook is not None:
            casts[0] = self.hook.cast
        named = {c.id: c.being for c in self.cast if c.being}
        found = {i: [named[id] for id in cast if id in named] for i, cast in casts.items()}
        return {i: beings for i, beings in found.items() if beings}

    @property
    def locked(self) -> frozenset[int]:
        """Numbers of the beats (0: the hook) of which nothing is made again."""
        hook = {0} if self.hook is not None and self.hook.locked else set[int]()
        return frozenset(hook | {beat.index for beat in self.beats if beat.locked})


def parse_plan(data: object, source: str = "plan") -> Plan:
    """Validate `data` as a plan.

    Raises:
        PlanError: with every fault by path; nothing is returned half-valid.
    """
    try:
        plan = Plan.model_validate(data)
    except ValidationError as error:
        raise PlanError(source, [*describe_errors(error), *unborne(data)]) from None
    if found := faults(plan):
        raise PlanError(source, found)
    return plan


def load_plan(path: Path) -> Plan:
    """Read and validate a `plan.json`.

    Raises:
        PlanError: the file is missing, no JSON, or not a valid plan.
    """
    text = read_told(path, lambda told: PlanError(str(path), [told]))
    try:
        data = parse_json(text)
    except json.JSONDecodeError as error:
        raise PlanError(
            str(path), [f"line {error.lineno}, column {error.colno}: is not JSON: {error.msg}"]
        ) from None
    except ValueError as error:
        raise PlanError(str(path), [str(error)]) from None
    return parse_plan(data, str(path))


def dump_plan(plan: Plan) -> str:
    """The plan as the text of a `plan.json` that people like to edit."""
    return json.dumps(plan.model_dump(mode="json"), ensure_ascii=False, indent=2) + "\n"
