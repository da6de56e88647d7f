"""A server of the profile: how it is started, what it weighs, how it releases the card.

Knows: the record and its own rules. Does not know: who uses it, how it is done.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated, Literal, Self, get_args

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from storyboard.core.strict_records import Record
from storyboard.plan.stages import CardStage

ReleaseLevel = Literal["sleep", "unload", "stop"]
"""How far a service releases the card, gentlest first."""
_LEVELS: tuple[ReleaseLevel, ...] = get_args(ReleaseLevel)
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
BeatKind = Literal["dialogue", "drama", "reaction", "narration", "silent", "effect"]
"""What a beat asks of a video backend: plain dialogue, spoken drama, a reaction, narration
(nobody's lips move), silence, or an effect whose sound the model makes."""
IN_PROCESS = "in-process"
"""Dialect of what is no server: a model that a backend loads in the run itself."""
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]


def _address(text: str) -> str:
    """An address of HTTP, or nothing."""
    found = re.fullmatch(r"https?://(\[[0-9a-fA-F:]+\]|[^\s@/:]+)(:(\d{1,5}))?(/\S*)?", text)
    if text and (found is None or not 0 < int(found[3] or 80) < 65_536):
        raise ValueError("is no address: http://HOST:PORT/… with a port below 65536")
    return text


Url = Annotated[str, AfterValidator(_address)]
EnvName = Annotated[str, StringConstraints(pattern=r"^([A-Z][A-Z0-9_]*)?$")]
Gib = Annotated[float, Field(ge=0.0, le=4096.0)]
SLEEPY: frozenset[str] = frozenset({"vllm", "vllm-omni", "sglang", "storyboard"})
UNLOADING: frozenset[str] = frozenset({"ollama", "llama-server", "comfyui", IN_PROCESS})


def names_in_words(names: Iterable[str]) -> str:
    """Names as a person reads them."""
    return ", ".join(sorted(names)) or "none"


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
    """A server that may hold memory of the card: how to start it, its weight, how it is released."""

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
    serves: list[CardStage] = Field(default_factory=list[CardStage])
    """Stages in which it works."""
    stays: list[CardStage] = Field(default_factory=list[CardStage])
    """Stages in which it does not work but may stay idle on the card, if there is room."""
    release: list[ReleaseLevel] = Field(min_length=1)
    """Its release levels, gentlest first."""
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
    """Its `[weights.…]` by name, or paths where they lie."""
    environment: Name | None = None
    """The `[environments.…]` that its program is of."""
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
        places = [_LEVELS.index(level) for level in self.release]
        if places != sorted(set(places)):
            raise ValueError("release goes from gentle to firm, each once: sleep, unload, stop")
        if "stop" in self.release and not self.launch:
            raise ValueError(
                "release has 'stop', but without launch the server is not ours to stop"
            )
        if "sleep" in self.release and self.dialect not in SLEEPY:
            raise ValueError(f"release has 'sleep', which needs dialect {names_in_words(SLEEPY)}")
        if "unload" in self.release and self.dialect not in UNLOADING:
            raise ValueError(
                f"release has 'unload', which needs dialect {names_in_words(UNLOADING)}"
            )
        if self.canary == "speech" and self.dialect != "vllm-omni":
            raise ValueError("canary 'speech' is asked in dialect vllm-omni only: take 'health'")
        if "sleep" in self.release:
            _can_sleep(self)
        if both := set(self.serves) & set(self.stays):
            raise ValueError(f"{names_in_words(both)} is in serves and in stays: keep it in serves")
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
