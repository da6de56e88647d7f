"""What beats are made of: the canvas, voices, looks, characters, settings, shots, own media.

Knows: the fields of each and their limits. Does not know: beats, plans.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from renderers.scene import (
    AgeGroup,
    CameraMove,
    InsetKind,
    Look,
    Place,
    Presentation,
    ShotAngle,
    ShotOrientation,
    ShotScale,
    TimeOfDay,
)
from storyboard.core.strict_records import Record
from storyboard.plan.consistency import NARRATOR as NARRATOR
from storyboard.plan.languages import Language as Language
from storyboard.plan.referred import Referred

Aspect = Literal["9:16", "16:9", "1:1"]

Transition = Literal["cut", "crossfade", "fade from black"]

Part = Literal["picture", "speech", "clip"]
"""What is made of a beat, and can be made again by itself."""

Seed = Annotated[int, Field(ge=0, le=2**31 - 1)]

SoundName = Literal[
    "gavel",
    "door",
    "beep",
    "notification",
    "applause",
    "thud",
    "whoosh",
    "cell door",
    "heartbeat",
    "footsteps",
    "cup",
    "crowd",
]

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]

Stripped = Annotated[str, StringConstraints(strip_whitespace=True)]
"""For a field with a limit of its own, which the one of `Text` would override."""

Text = Annotated[Stripped, StringConstraints(max_length=2000)]

Spoken = Annotated[Language | None, Field(exclude_if=lambda value: value is None)]
"""A language that differs from what is around it; left out where it does not."""

Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]

CANVAS_SIZES: dict[Aspect, tuple[int, int]] = {
    "9:16": (720, 1280),
    "16:9": (1280, 720),
    "1:1": (960, 960),
}


class Canvas(Record):
    """The picture area. Width and height in pixels, both even; fps constant."""

    aspect: Aspect = "9:16"
    width: int = Field(default=720, ge=128, le=4096, multiple_of=2)
    height: int = Field(default=1280, ge=128, le=4096, multiple_of=2)
    fps: int = Field(default=24, ge=12, le=60)

    @classmethod
    def of(cls, aspect: Aspect, fps: int = 24) -> Canvas:
        width, height = CANVAS_SIZES[aspect]
        return cls(aspect=aspect, width=width, height=height, fps=fps)

    @model_validator(mode="after")
    def _sides_match_aspect(self) -> Canvas:
        across, down = (int(part) for part in self.aspect.split(":"))
        if abs(self.width / self.height - across / down) > 0.02 * across / down:
            raise ValueError(f"{self.width}×{self.height} is not {self.aspect}")
        return self


class Style(Record):
    """The look that every picture of the film shares."""

    description: Text = ""
    """Words for image models ("warm 35 mm film, soft window light")."""
    palette: int = Field(default=0, ge=0, le=999)
    """Number of the animatic's palette."""
    staging: int = Field(default=0, ge=0, le=999)
    """Number of the way the animatic blocks its beats: another one, another staging."""
    look: Look = "flat"
    """How the animatic draws: `flat`, `ink` or `paper` (`storyboard styles`)."""


class Voice(Record):
    """How a character sounds: a preset by name, a clone of a recording, or a description."""

    kind: Literal["preset", "clone", "design"] = "preset"
    preset: str = ""
    description: Text = ""
    reference_audio: str = ""
    reference_text: Text = ""
    consent: Text = ""
    """Who allowed the clone; required for one."""
    speed: float = Field(default=1.0, ge=0.5, le=2.0)

    @model_validator(mode="after")
    def _kind_has_its_fields(self) -> Voice:
        if self.kind == "clone" and not (self.reference_audio and self.consent):
            raise ValueError("a clone needs reference_audio and a consent line")
        if self.kind == "design" and not self.description:
            raise ValueError("a designed voice needs a description")
        return self


class AvatarLook(Record):
    """The drawn look of a character in the animatic; filled in when a plan is cast."""

    head: str
    skin: Colour
    hair: Colour
    top: Colour
    bottom: Colour
    accent: Colour
    facial_hair: str = ""
    accessory: str = ""
    garment: str = "shirt"
    worn: str = ""
    build: float = Field(default=1.0, ge=0.8, le=1.2)


class ImagePrompt(Record):
    """The written prompt of a picture, with the references it uses and why."""

    text: Text = Field(min_length=1)
    references: list[str] = Field(default_factory=list[str], max_length=11)
    """`setting:ID`, `character:ID`, `beat:N`, or a file path."""
    shift: float = Field(default=3.0, ge=0.5, le=6.0)
    reason: Text = ""
    edited: bool = False
    """Written by hand: never rewritten by the prompt agent."""
    basis: str = ""
    """Digest of the records it was written from; another one makes it out of date."""

    @property
    def recomposes(self) -> bool:
        """Whether it makes a picture of another shape into this one: whoever writes prompts refers
        to files for nothing else."""
        first = next(iter(self.references), "")
        return bool(first) and not self.edited and Referred.of(first).kind == "file"


Worded = Annotated[ImagePrompt | None, Field(exclude_if=lambda value: value is None)]
"""The prompt agent's words for what is drawn once a film; left out where there are none."""


class Character(Record):
    """Everything about one character, in one place."""

    id: Identifier
    name: Stripped = Field(min_length=1, max_length=60)
    role: Text = ""
    being: Stripped = Field(default="", max_length=60)
    """What kind of being this is, where that is no person: "ghost", "penguin", "fridge"."""
    age: AgeGroup = "adult"
    presentation: Presentation = "neutral"
    appearance: Text = ""
    wardrobe: Text = ""
    personality: Text = ""
    language: Spoken = None
    """In which this one speaks; null: as the film."""
    voice: Voice | None = None
    avatar: AvatarLook | None = None
    references: list[str] = Field(default_factory=list[str], max_length=11)
    prompt: Worded = None
    """Of the reference sheet."""


class Setting(Record):
    """A place of the film; its base image is shared by every beat set there."""

    id: Identifier
    name: Stripped = Field(min_length=1, max_length=80)
    place: Place = "abstract"
    time_of_day: TimeOfDay = "day"
    description: Text = ""
    lettering: Stripped = Field(default="", max_length=40)
    """Exact words on a sign in this place."""
    props: list[str] = Field(default_factory=list[str], max_length=8)
    prompt: Worded = None
    """Of the picture of the empty place."""


class ShotPlan(Record):
    """The camera, in the 15 terms that the image model was trained on."""

    scale: ShotScale = "medium shot"
    angle: ShotAngle = "eye-level"
    orientation: ShotOrientation = "front view"
    move: CameraMove = "push in"


class SoundEffect(Record):
    name: SoundName
    at: float = Field(default=0.0, ge=0.0, le=30.0)
    """Seconds after the beat begins."""
    prompt: Text = ""
    """Words for models that generate their own sound."""


class InsetPlan(Record):
    """What a thought, a television, a poster or a phone's screen in the picture shows.

    Nouns as a viewer would name them ("penguin", "pizza", "the moon"), "" for none: what a line
    tells of somebody or something that is not there is seen this way.
    """

    kind: InsetKind = "thought"
    who: Stripped = Field(default="", max_length=60)
    thing: Stripped = Field(default="", max_length=60)
    place: Stripped = Field(default="", max_length=60)
    words: Stripped = Field(default="", max_length=60)
    """Lettered on it: a headline, a message."""

    @model_validator(mode="after")
    def _shows_something(self) -> InsetPlan:
        if not (self.who or self.thing or self.place or self.words):
            raise ValueError("an inset needs one of who, thing, place, words (or set it to null)")
        return self


class OwnMedia(Record):
    """A picture, footage, a recording or music that a beat brings: it stays whatever is redone."""

    model_config = ConfigDict(serialize_by_alias=True, validate_by_name=True)

    image: Stripped = Field(default="", max_length=500)
    """Shown instead of a made picture, with the shot's camera move."""
    clip: Stripped = Field(default="", max_length=500)
    """Footage played instead of a made clip, with its own sound."""
    audio: Stripped = Field(default="", max_length=500)
    """A recording of the line: it is the clock, and lips follow it."""
    music: Stripped = Field(default="", max_length=500, exclude_if=lambda value: not value)
    """Heard in this beat instead of the film's music: a packaged track or a file."""
    fit: Literal["cover", "contain"] = "cover"
    """Fill the canvas, or lie in it whole."""
    begin: float = Field(default=0.0, ge=0.0, le=3600.0, alias="in")
    """Seconds into clip or recording at which it begins."""
    end: float | None = Field(default=None, gt=0.0, le=3600.0, alias="out")
    """Seconds at which it ends; null: at its own end."""
    level: float | None = Field(default=None, ge=-60.0, le=0.0)
    """Of the clip's own sound, dB; null: as an effect, and low under a line."""

    @model_validator(mode="after")
    def _brings_something(self) -> OwnMedia:
        if not (self.image or self.clip or self.audio or self.music):
            raise ValueError("media needs one of image, clip, audio, music (or set it to null)")
        if self.image and self.clip:
            raise ValueError("media shows an image or a clip, not both")
        if self.end is not None and self.end <= self.begin:
            raise ValueError(f"out ({self.end:g} s) must come after in ({self.begin:g} s)")
        return self
