"""The profile: which backend serves each modality, where, and what it weighs on the card.

A profile is a TOML file, shipped or the user's own; `extends` names another one and only
differences follow. Every record refuses unknown fields, every fault is reported by its
path, and keys never stand in a profile: only the *name* of an environment variable does.
What only one backend understands goes into that section's `options` table, so that a
misspelt field is always an error and never an unknown option.

Knows: the shape and the rules of a profile. Does not know: how a backend is built, how a
service is started, what is on the card now.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self, cast

from pydantic import Field, JsonValue, ValidationError, model_validator

from renderers.loose import record_of
from storyboard.core.errors import UsageError
from storyboard.core.strict_records import Record, described, path_of
from storyboard.profile.deadlines import fault_of
from storyboard.profile.faults import faults
from storyboard.profile.installed import with_places
from storyboard.profile.instances import NoPort, with_ports_moved
from storyboard.profile.placement import Placement
from storyboard.profile.provision import Environment, Weights, stocked
from storyboard.profile.publish_targets import Publishing
from storyboard.profile.service import (
    BeatKind,
    EnvName,
    Gib,
    Name,
    Service,
    Url,
)
from storyboard.profile.source import ProfileError, read_profile

Price = Annotated[float, Field(ge=0.0, le=10_000.0)]

# --- backends ---------------------------------------------------------------


class Section(Record):
    """One backend: an adapter's name, and where and how it is reached.

    `backend` is an adapter's entry point (`offline`, `kokoro`, `hidream`) or `openai` for
    any OpenAI-compatible endpoint; `none` switches an optional modality off.
    """

    backend: Name
    base_url: Url = ""
    model: str = ""
    dialect: str = ""
    """Which server stands behind an OpenAI-compatible endpoint, where they differ."""
    api_key_env: EnvName = ""
    service: Name | None = None
    """The `[services.…]` that must be awake while this backend works."""
    timeout_s: float = Field(default=600.0, gt=0, le=86400)
    weights: list[Name] = Field(default_factory=list[str])
    """The `[weights.…]` that it reads in this process; `{NAME}` in a field is where they lie."""
    input_price: Price = 0.0
    """US dollars per million tokens that a language model reads; 0: it costs nothing."""
    output_price: Price = 0.0
    """US dollars per million tokens that it writes, its thoughts among them."""
    options: dict[str, JsonValue] = Field(default_factory=dict[str, JsonValue])
    """What only this backend understands; checked by its adapter."""

    @model_validator(mode="after")
    def _openai_needs_a_model(self) -> Self:
        if self.backend == "openai" and not self.base_url:
            raise ValueError('backend "openai" needs base_url (https://api.openai.com/v1)')
        return self

    def api_key(self, environ: Mapping[str, str] | None = None) -> str | None:
        """The key from the named variable; None when the section names none.

        Raises:
            UsageError: the variable is not set.
        """
        if not self.api_key_env:
            return None
        key = (os.environ if environ is None else environ).get(self.api_key_env, "")
        if not key:
            raise UsageError(
                f"the profile's backend '{self.backend}' takes its key from the environment "
                f"variable {self.api_key_env}, which is not set: export {self.api_key_env}=…"
            )
        return key


class ChatSection(Section):
    strength: Literal["auto", "script", "lines"] = "auto"
    """What the planner asks of it: a whole script, one line at a time in the offline draft (small
    models), or what its size or three small questions say."""


class Escalation(Section):
    """A frontier model that looks at what the local judge doubts after its last try."""

    threshold: int = Field(default=1, ge=1, le=40)
    """So many hard checks of the kept picture must have failed, or be unsure."""
    max_cost: float | None = Field(default=None, ge=0.0, le=100_000.0)
    """US dollars that it may cost a film, by its own prices."""

    @model_validator(mode="after")
    def _a_cap_needs_prices(self) -> Self:
        if self.max_cost is not None and not (self.input_price or self.output_price):
            raise ValueError("max_cost is counted by input_price and output_price: state them")
        return self


class JudgeSection(Section):
    escalation: Escalation | None = None


class ImageSection(Section):
    checkpoint: str = ""
    """Folder of the weights, for engines that run in process."""
    preset: str = ""
    cast_library: str = ""
    """Folder in which a series keeps the sheets of its characters, from film to film."""
    draft: bool = False
    """Draw every beat at 1024 first; the finals follow what the drafts settled."""
    grid: bool = False
    """Draw all beats as the panels of one picture first, and take their compositions from it."""
    edit: Section | None = None
    """Who draws what is drawn from other pictures (beats, mended pictures); None: the same who
    draws the base scenes and sheets."""


class SpeechSection(Section):
    """Preset voices; `clone` and `design` say who serves the other kinds of voice."""

    clone: Section | None = None
    design: Section | None = None


class VideoSection(Section):
    checkpoint: str = ""
    quantization: str = ""
    offload: Literal["", "none", "cpu", "disk"] = ""
    persistent: bool = False


def _is_none(table: Any) -> bool:
    return record_of(table).get("backend") == "none"


class Video(Record):
    """The named video backends, and which kind of beat goes to which."""

    routes: dict[BeatKind, Name]
    backends: dict[Name, VideoSection] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _tables_are_backends(cls, data: Any) -> Any:
        if not isinstance(data, dict) or "backends" in data:
            return cast(Any, data)
        tables = cast(dict[str, Any], data)
        named = {name: table for name, table in tables.items() if name != "routes"}
        # `none` takes one away that an extended profile has.
        named = {name: table for name, table in named.items() if not _is_none(table)}
        return {"routes": tables.get("routes", {}), "backends": named}

    def route(self, kind: BeatKind) -> str:
        """Name of the backend that makes clips of this kind."""
        return self.routes[kind]


class Together(Record):
    """A set of services that one may wish to hold together: a sum that is worth knowing."""

    peak: list[Name] = Field(min_length=1)
    idle: list[Name] = Field(default_factory=list[Name])
    note: str = ""


class Gpu(Record):
    """The card. `budget_gib` null: what the card has; 0: no card is used."""

    device: int = Field(default=0, ge=0, le=63)
    budget_gib: Gib | None = None
    ledger: str = ""
    """Folder in which simulated servers book what they would hold (`storyboard.gpu.ledger`):
    a profile can be tried without a card. Empty: the card is measured."""
    margin_gib: Gib = 0.5
    """Never planned with: fragmentation, contexts, a desktop."""
    loads_ahead: bool = False
    """While one lease works, the servers that the film needs next are started beside it, where the
    card has room for both. Their weights pass through host memory, which must have room as well."""
    instance: int = Field(default=0, ge=0, le=63)
    """Which of several copies of this profile's servers on one machine: one a card."""
    port_step: int = Field(default=100, ge=1, le=1000)
    """So many ports further listen the servers of the next instance."""


class Limits(Record):
    """Caps on what one run may ask of language models (planner, prompts, judge, reviewer)."""

    max_calls: int | None = Field(default=None, ge=0, le=100_000)
    max_cost: float | None = Field(default=None, ge=0.0, le=100_000.0)
    """US dollars, by the prices that the sections state."""
    plan_minutes: float = Field(default=20.0, gt=0.0, le=1440.0)
    """How long planning may take: thinking, writing and mending together."""
    step_seconds: dict[str, dict[str, float]] = Field(default_factory=dict[str, dict[str, float]])
    """How long one step of a kind may take before it is ended, where not what `deadlines` says:
    `speech.speak = 3600`."""

    @model_validator(mode="after")
    def _limits_are_of_steps(self) -> Self:
        if fault := fault_of(self.step_seconds):
            raise ValueError(f"step_seconds: {fault}")
        return self


class MediaRoots(Record):
    """Where files that a plan names may lie, besides the film's own folder."""

    roots: list[str] = Field(default_factory=list[str], max_length=64)

    @model_validator(mode="after")
    def _roots_are_whole_paths(self) -> Self:
        for root in self.roots:
            if not Path(root).expanduser().is_absolute():
                raise ValueError(f"roots: '{root}' is no whole path: /home/me/pictures, ~/pictures")
        return self


class Profile(Record):
    """A whole profile. `name` is the shipped name or the file's stem."""

    name: str
    description: str = ""
    speed: str = ""
    """Which of its speeds is laid on it; empty: none."""
    gpu: Gpu = Gpu()
    limits: Limits = Limits()
    media: MediaRoots = MediaRoots()
    executor: Placement = Placement()
    chat: ChatSection
    prompter: Section | None = None
    """Who words the image prompts; None: `chat`. A model made for it does so better."""
    judge: JudgeSection | None = None
    review: Section | None = None
    image: ImageSection
    speech: SpeechSection
    transcription: Section
    alignment: Section | None = None
    """Who says when each word of a line is said; None: the voice itself, or the ear."""
    video: Video
    services: dict[Name, Service] = Field(default_factory=dict[str, Service])
    weights: dict[Name, Weights] = Field(default_factory=dict[str, Weights])
    environments: dict[Name, Environment] = Field(default_factory=dict[str, Environment])
    together: dict[Name, Together] = Field(default_factory=dict[str, Together])
    publish: dict[Name, Publishing] = Field(default_factory=dict[str, Publishing])

    @property
    def instance_name(self) -> str:
        """Under which its servers are recorded."""
        return f"{self.name}-{self.gpu.instance}" if self.gpu.instance else self.name

    @property
    def prompting(self) -> Section:
        """Who words the image prompts: `prompter`, else `chat`."""
        return self.prompter or self.chat

    @property
    def judging(self) -> Section:
        """Who judges the images: `judge`, else `chat`."""
        return self.judge or self.chat

    @property
    def escalating(self) -> Escalation | None:
        """Who looks at what the judge doubts; None when nobody does."""
        found = self.judge.escalation if self.judge else None
        return found if found and found.backend != "none" else None

    @property
    def reviewing(self) -> Section | None:
        """Who watches the final film; None when nobody does."""
        return self.review if self.review and self.review.backend != "none" else None

    @property
    def aligning(self) -> Section | None:
        """Who aligns lines with their sound; None when nobody does."""
        return self.alignment if self.alignment and self.alignment.backend != "none" else None

    def sections(self) -> Iterator[tuple[str, Section]]:
        """Every backend with its path in the file."""
        yield "chat", self.chat
        optional = (("prompter", self.prompter), ("judge", self.judge), ("review", self.review))
        for path, section in optional:
            if section:
                yield path, section
        if self.escalating:
            yield "judge.escalation", self.escalating
        yield "image", self.image
        if self.image.edit:
            yield "image.edit", self.image.edit
        yield "speech", self.speech
        for kind, section in (("clone", self.speech.clone), ("design", self.speech.design)):
            if section:
                yield f"speech.{kind}", section
        yield "transcription", self.transcription
        if self.alignment:
            yield "alignment", self.alignment
        for name, section in self.video.backends.items():
            yield f"video.{name}", section


# --- reading ----------------------------------------------------------------


def _describe(error: Any) -> str:
    """One Pydantic error as `path: message`, as the file is laid out."""
    path = path_of(error["loc"], "profile")
    path = path.replace("video.backends.", "video.").replace(".[key]", "")
    if error["type"] == "extra_forbidden":
        if re.search(r"(^|[._])(api_?key|token|secret)$", path):
            return f"{path}: keys never stand in a profile: name the variable in api_key_env"
        return f"{path}: unknown field (what only one backend knows goes under its options)"
    return described(error, path)


def load_profile(name_or_path: str = "embedded", overrides: Sequence[str] = ()) -> Profile:
    """A shipped profile by name or a file by path, with `section.field=value` overrides; either
    at one of its speeds: `NAME@draft`.

    Raises:
        ProfileError: nothing of that name, not TOML, or not valid: every fault by path.
    """
    name, data = read_profile(name_or_path, overrides)
    data = with_places(stocked(data))
    try:
        profile = Profile.model_validate({**data, "name": name})
    except ValidationError as error:
        raise ProfileError(name_or_path, [_describe(e) for e in error.errors()]) from None
    if found := faults(profile):
        raise ProfileError(name_or_path, found)
    if not profile.gpu.instance:
        return profile
    try:
        by = profile.gpu.instance * profile.gpu.port_step
        return Profile.model_validate(with_ports_moved(profile.model_dump(exclude_unset=True), by))
    except NoPort as error:
        raise ProfileError(name_or_path, [str(error)]) from None
