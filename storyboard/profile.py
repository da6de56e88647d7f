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
from typing import Annotated, Any, Literal, Self, cast, get_args

from pydantic import (
    Field,
    JsonValue,
    StringConstraints,
    ValidationError,
    model_validator,
)

from storyboard.errors import UsageError
from storyboard.execution.placement import Placement
from storyboard.instances import NoPort, with_ports_moved
from storyboard.profile_source import ProfileError, read_profile
from storyboard.records import Record, described, path_of

__all__ = ["Profile", "ProfileError", "Section", "Service", "load_profile"]

Stage = Literal["plan", "images", "finals", "speech", "dialogue", "clips", "review"]
"""Stages of a run that use a card, in order.

`images` is the loop of engine and judge, `finals` draws without the judge, `dialogue` makes
the clips of talking heads, `clips` those of the video models.
"""
STAGES: tuple[Stage, ...] = (
    "plan",
    "images",
    "finals",
    "speech",
    "dialogue",
    "clips",
    "review",
)
BeatKind = Literal["dialogue", "drama", "reaction", "narration", "silent", "effect"]
"""What a beat asks of a video backend: plain dialogue, spoken drama, a reaction, narration
(nobody's lips move), silence, or an effect whose sound the model makes."""
Rung = Literal["sleep", "unload", "stop"]
"""One step of the ladder on which a service lets go of the card, gentlest first."""
ServiceDialect = Literal[
    "vllm",
    "vllm-omni",
    "sglang",
    "ollama",
    "llama-server",
    "comfyui",
    "storyboard",
    "in-process",
    "none",
]
IN_PROCESS = "in-process"
"""Dialect of what is no server: a model that a backend loads in the run itself."""
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]
Url = Annotated[str, StringConstraints(pattern=r"^(https?://[^\s@/]+(/\S*)?)?$")]
EnvName = Annotated[str, StringConstraints(pattern=r"^([A-Z][A-Z0-9_]*)?$")]
Gib = Annotated[float, Field(ge=0.0, le=4096.0)]
Price = Annotated[float, Field(ge=0.0, le=10_000.0)]

_STAGES_OF: dict[str, frozenset[Stage]] = {
    "chat": frozenset({"plan"}),
    "judge": frozenset({"images"}),
    "image": frozenset({"images", "finals"}),
    "speech": frozenset({"speech"}),
    "transcription": frozenset({"speech"}),
    "alignment": frozenset({"speech"}),
    "video": frozenset({"dialogue", "clips"}),
    "review": frozenset({"review"}),
}


def stages_of(path: str) -> frozenset[Stage]:
    """The stages in which a section works, by its path (`image`, `speech.clone`, `video.a2v`)."""
    return _STAGES_OF[path.partition(".")[0]]


SLEEPY: frozenset[str] = frozenset({"vllm", "vllm-omni", "sglang", "storyboard"})
UNLOADING: frozenset[str] = frozenset({"ollama", "llama-server", "comfyui", IN_PROCESS})
ON_CARD: frozenset[str] = frozenset({"qwen-tts", "irodori"})
"""Backends that work on the card in this process unless their options say another device."""


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

    @property
    def checkpoint_path(self) -> Path | None:
        return Path(self.checkpoint).expanduser() if self.checkpoint else None


class SpeechSection(Section):
    """Preset voices; `clone` and `design` say who serves the other kinds of voice."""

    clone: Section | None = None
    design: Section | None = None


class VideoSection(Section):
    checkpoint: str = ""
    quantization: str = ""
    offload: Literal["", "none", "cpu", "disk"] = ""
    persistent: bool = False


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
        return {"routes": tables.get("routes", {}), "backends": named}

    def route(self, kind: BeatKind) -> str:
        """Name of the backend that makes clips of this kind."""
        return self.routes[kind]


# --- services ---------------------------------------------------------------


class Variant(Record):
    """A lighter way to run a service, taken when the first does not fit: the plan changes."""

    name: Name
    peak_gib: Gib
    idle_gib: Gib = 0.0
    launch: list[str] = Field(default_factory=list[str])
    """Replaces the service's; empty keeps it."""
    env: dict[str, str] = Field(default_factory=dict[str, str])
    """Added to the service's."""


class Service(Record):
    """A server that may hold memory of the card: how to start it, its weight, how it lets go."""

    launch: list[str] = Field(default_factory=list[str])
    """The command as an argument list; empty: the server is not ours to start or stop."""
    health: Url = ""
    """Address that answers when it is up; a model of this process has none."""
    idle_gib: Gib = 0.0
    peak_gib: Gib
    asleep_gib: Gib = 0.0
    """What it still holds when asleep; 0 until measured on this machine."""
    figures: Literal["measured", "estimated"] = "estimated"
    """Where the GiB come from; a peak recorded on this machine replaces them."""
    serves: list[Stage] = Field(default_factory=list[Stage])
    """Stages in which it works."""
    stays: list[Stage] = Field(default_factory=list[Stage])
    """Stages in which it does not work but may stay idle on the card, if there is room."""
    release: list[Rung] = Field(min_length=1)
    """The ladder on which it lets go, gentlest first."""
    dialect: ServiceDialect = "none"
    sleep_level: Literal[1, 2] = 1
    """vLLM: 1 moves weights to host memory, 2 drops them and reloads them on waking."""
    stage_ids: list[Annotated[int, Field(ge=0, le=63)]] = Field(default=[0], min_length=1)
    """vLLM-Omni: the stages of its pipeline, all of which sleep and wake together."""
    canary: Literal["chat", "speech", "health"] = "health"
    """The request that must be answered sensibly after starting and waking."""
    model: str = ""
    family: str = ""
    """Services of one family are never resident together."""
    ram_gib: Gib = 0.0
    """Host memory that it needs, asleep or offloaded."""
    weights: list[str] = Field(default_factory=list[str])
    """Where its weights lie; `storyboard doctor` looks there."""
    env: dict[str, str] = Field(default_factory=dict[str, str])
    cwd: str = ""
    log: str = ""
    start_timeout_s: float = Field(default=300.0, gt=0, le=7200)
    stop_timeout_s: float = Field(default=20.0, gt=0, le=600)
    variants: list[Variant] = Field(default_factory=list[Variant])
    """Lighter ways to run it, best first."""

    @model_validator(mode="after")
    def _is_reached(self) -> Self:
        if self.dialect != IN_PROCESS:
            if not self.health:
                raise ValueError("health is missing: the address that answers when it is up")
        elif self.launch or self.health or self.release != ["unload"]:
            raise ValueError(
                "dialect 'in-process' is a model that the run loads itself: no launch, no health, "
                'and release = ["unload"]'
            )
        return self

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if self.peak_gib < self.idle_gib:
            raise ValueError(f"peak_gib {self.peak_gib:g} is below idle_gib {self.idle_gib:g}")
        ladder: list[str] = ["sleep", "unload", "stop"]
        places = [ladder.index(rung) for rung in self.release]
        if places != sorted(set(places)):
            raise ValueError("release goes from gentle to firm, each once: sleep, unload, stop")
        if "stop" in self.release and not self.launch:
            raise ValueError(
                "release has 'stop', but without launch the server is not ours to stop"
            )
        if "sleep" in self.release and self.dialect not in SLEEPY:
            raise ValueError(f"release has 'sleep', which needs dialect {_options(SLEEPY)}")
        if "unload" in self.release and self.dialect not in UNLOADING:
            raise ValueError(f"release has 'unload', which needs dialect {_options(UNLOADING)}")
        if self.canary == "speech" and self.dialect != "vllm-omni":
            raise ValueError("canary 'speech' is asked in dialect vllm-omni only: take 'health'")
        if "sleep" in self.release:
            _can_sleep(self)
        if both := set(self.serves) & set(self.stays):
            raise ValueError(f"{_options(both)} is in serves and in stays: keep it in serves")
        return self

    @property
    def root_url(self) -> str:
        """Scheme, host and port of the server."""
        return "/".join(self.health.split("/")[:3])


def _can_sleep(service: Service) -> None:
    """Refuse a vLLM that is started so that it will refuse to sleep.

    Raises:
        ValueError: it names what its command or environment lacks.
    """
    # `vllm serve …`, `docker run … vllm serve …`, `python -m vllm.entrypoints.…`
    if not re.search(r"(^|[/ ])(vllm serve|vllm(_omni)?\.entrypoints)", " ".join(service.launch)):
        return
    if "--enable-sleep-mode" not in service.launch:
        raise ValueError("release has 'sleep', for which launch needs --enable-sleep-mode")
    if service.dialect == "vllm" and service.env.get("VLLM_SERVER_DEV_MODE") != "1":
        raise ValueError("release has 'sleep', for which env needs VLLM_SERVER_DEV_MODE = \"1\"")


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
    """Folder in which simulated servers book what they would hold (`storyboard.vram.ledger`):
    a profile can be tried without a card. Empty: the card is measured."""
    margin_gib: Gib = 0.5
    """Never planned with: fragmentation, contexts, a desktop."""
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


class Profile(Record):
    """A whole profile. `name` is the shipped name or the file's stem."""

    name: str
    description: str = ""
    gpu: Gpu = Gpu()
    limits: Limits = Limits()
    executor: Placement = Placement()
    chat: Section
    judge: Section | None = None
    review: Section | None = None
    image: ImageSection
    speech: SpeechSection
    transcription: Section
    alignment: Section | None = None
    """Who says when each word of a line is said; None: the voice itself, or the ear."""
    video: Video
    services: dict[Name, Service] = Field(default_factory=dict[str, Service])
    together: dict[Name, Together] = Field(default_factory=dict[str, Together])

    @property
    def instance_name(self) -> str:
        """Under which its servers are recorded."""
        return f"{self.name}-{self.gpu.instance}" if self.gpu.instance else self.name

    @property
    def judging(self) -> Section:
        """Who judges the images: `judge`, else `chat`."""
        return self.judge or self.chat

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
        for path, section in (("judge", self.judge), ("review", self.review)):
            if section:
                yield path, section
        yield "image", self.image
        yield "speech", self.speech
        for kind, section in (("clone", self.speech.clone), ("design", self.speech.design)):
            if section:
                yield f"speech.{kind}", section
        yield "transcription", self.transcription
        if self.alignment:
            yield "alignment", self.alignment
        for name, section in self.video.backends.items():
            yield f"video.{name}", section


def _options(names: Sequence[str] | frozenset[str] | set[Any] | Mapping[str, Any]) -> str:
    return ", ".join(sorted(names)) or "none"


def faults(profile: Profile) -> list[str]:
    """Every fault that spans records, each as `path: what is wrong: what is allowed`."""
    found: list[str] = []
    services, backends = profile.services, profile.video.backends
    for path, section in profile.sections():
        if section.service is not None and section.service not in services:
            found.append(
                f"{path}.service: '{section.service}' is not in services: {_options(services)}"
            )
        elif section.service is not None:
            stages = stages_of(path)
            if not stages & set(services[section.service].serves):
                found.append(
                    f"services.{section.service}.serves: {path} works in "
                    f"{' or '.join(sorted(stages))}, which is not among its stages"
                )
    found += _uncounted(profile)
    judge = services.get(profile.chat.service or "") if profile.judge is None else None
    if judge is not None and "images" not in judge.serves:
        found.append(
            f"services.{profile.chat.service}.serves: chat also judges the images: add 'images', "
            'name another [judge], or set judge.backend = "none"'
        )
    for kind, name in profile.video.routes.items():
        if name not in backends:
            found.append(
                f"video.routes.{kind}: '{name}' is not a video backend: {_options(backends)}"
            )
    for kind in get_args(BeatKind):
        if kind not in profile.video.routes:
            found.append(f"video.routes.{kind}: is missing: one of {_options(backends)}")
    for name, group in profile.together.items():
        found += [
            f"together.{name}: '{member}' is not in services: {_options(services)}"
            for member in (*group.peak, *group.idle)
            if member not in services
        ]
    return found


def _uncounted(profile: Profile) -> Iterator[str]:
    """Faults of what works on the card in this process without being counted there."""
    for path, section in profile.sections():
        device = section.options.get("device", "cuda" if section.backend in ON_CARD else "")
        service = profile.services.get(section.service or "")
        inside = service is not None and service.dialect == IN_PROCESS
        if inside and section.base_url:
            yield f"{path}.service: '{section.service}' is in-process, and {path} has a base_url"
        if not isinstance(device, str) or not device.startswith("cuda") or not profile.services:
            continue
        if not inside:
            yield (
                f"{path}.service: on the card ({device}) it must be counted: name a [services.…] of "
                'dialect "in-process" with its peak_gib, or set options.device = "cpu"'
            )
        elif device not in ("cuda", f"cuda:{profile.gpu.device}"):
            yield (
                f"{path}.options.device: is {device}, and the profile's card is gpu.device = "
                f'{profile.gpu.device}: write "cuda"'
            )


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
    """A shipped profile by name or a file by path, with `section.field=value` overrides.

    Raises:
        ProfileError: nothing of that name, not TOML, or not valid: every fault by path.
    """
    name, data = read_profile(name_or_path, overrides)
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
