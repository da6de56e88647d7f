"""What a service is made from: weights of a hub and an environment of packages.

Both are named tables (`[weights.NAME]`, `[environments.NAME]`), because several services share
them; the ones that come with this package are in `catalog.toml` beside this file, and a profile
that names one has it. A profile's own table of that name goes before. `{NAME}` in a service's
command, folder and variables, or in a section, is where that lies on this machine.

Knows: the records, the catalogue. Does not know: what is on this machine, how it is fetched.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal, Self, cast

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from storyboard.core.strict_records import Record
from storyboard.profile.service import Gib, Url

System = Literal[
    "git",
    "python3-venv",
    "python3-dev",
    "gcc",
    "build-essential",
    "libgl1",
    "libglib2.0-0",
    "ffmpeg",
]
"""Debian's packages that an environment may need; how each is looked for is setup's to know."""

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Repository = Annotated[str, StringConstraints(pattern=r"^[\w.-]+/[\w.-]+$")]
PLACE = re.compile(r"\{([a-z][a-z0-9_-]{0,31})\}")
"""`{NAME}`: where the weights or the checkout of that name lie."""


def _inside(text: str) -> str:
    """A path below a folder: what a hub names must not lead out of it."""
    path = PurePosixPath(text)
    if not text or path.is_absolute() or ".." in path.parts or "\\" in text or "\0" in text:
        raise ValueError("is no path inside of the repository")
    return text


RepoPath = Annotated[str, AfterValidator(_inside)]


class Weights(Record):
    """Files of one repository of the hub."""

    repository: Repository
    revision: str = Field(default="main", pattern=r"^[\w./-]+$")
    """A branch, a tag or a commit; which commit it was is kept with the files."""
    files: list[RepoPath] = Field(default_factory=list[str])
    """Which files, as globs; none: all."""
    folder: str = Field(pattern=r"^(~/|/)")
    """Where they go; `setup --cache DIR` puts them into a folder of that name there."""
    apart: bool = False
    """The name of their folder counts, so that the hub's own cache will not do."""
    gib: Gib
    """About how large, before the hub is asked."""
    sha256: dict[RepoPath, Sha256] = Field(default_factory=dict[str, str])
    """Hashes that are published elsewhere too; the hub's own are always held against the files."""
    licence: str = Field(min_length=1)
    page: Url
    """Where the licence is read, and accepted where that is asked for."""
    gated: bool = False
    """The hub hands them only to who has accepted the licence."""


class Checkout(Record):
    """A program that is no package: a clone at one commit."""

    repository: Annotated[str, StringConstraints(pattern=r"^(https?|file)://[^\s@]+$")]
    revision: str = Field(pattern=r"^[\w./-]+$")
    folder: str = Field(pattern=r"^(~/|/)")


class Environment(Record):
    """Packages that fit together, apart from everybody else's."""

    about: str = ""
    python: str = Field(default=">=3.11,<3.14", pattern=r"^[<>=!~0-9.,* ]+$")
    requirements: list[str] = Field(default_factory=list[str])
    """As pip takes them; `{NAME}` in one is the checkout."""
    modules: list[str] = Field(default_factory=list[str])
    """Must be importable in it."""
    run: list[str] = Field(default_factory=list[str])
    """What `storyboard worker run NAME …` starts, from its folder of programs."""
    index: Url = ""
    """A further index of wheels."""
    checkout: Checkout | None = None
    system: list[System] = Field(default_factory=list[System])
    cuda: str = Field(default="", pattern=r"^(\d+\.\d+)?$")
    """The CUDA release that its wheels are built with; a driver of that major or later runs them."""
    gib: Gib = 0.0
    """About how large it is when it is made."""
    licence: str = ""
    page: Url = ""
    extra: str = ""
    """An extra of this package: it is part of the environment that storyboard itself runs in."""
    program: str = ""
    """A program of the user's that is looked for on PATH, or a folder of one: nothing is made."""
    program_fetch: str = ""
    """How it is had, in a few words."""

    @model_validator(mode="after")
    def _is_one_of_three(self) -> Self:
        if sum(map(bool, (self.requirements, self.extra, self.program))) != 1:
            raise ValueError("is made of requirements, or is an extra, or a program: one of them")
        return self

    @property
    def ours(self) -> bool:
        """Whether it is made here, in a folder of its own."""
        return bool(self.requirements)


@cache
def catalogue() -> Mapping[str, Mapping[str, Any]]:
    """`weights` and `environments` by name, as the package ships them."""
    text = resources.files("storyboard.profile").joinpath("catalog.toml").read_text("utf-8")
    return tomllib.loads(text)


@cache
def environments() -> Mapping[str, Environment]:
    """Every environment that the package ships."""
    return {n: Environment.model_validate(t) for n, t in catalogue()["environments"].items()}


def stocked(tables: dict[str, Any]) -> dict[str, Any]:
    """A profile's tables with what they name of the catalogue."""
    named = set(_named(tables))
    filled = dict(tables)
    for kind in ("weights", "environments"):
        stated = filled.get(kind, {})
        if not isinstance(stated, dict):
            continue  # told by its path when the profile is read
        own = cast("dict[str, Any]", stated)
        shipped = {n: t for n, t in catalogue()[kind].items() if n in named and n not in own}
        if shipped or own:
            filled[kind] = {**shipped, **own}
    return filled


def _named(tables: Mapping[str, Any]) -> Iterator[str]:
    """Names of weights and environments, wherever `weights = […]` or `environment = …` stands."""
    for key, value in tables.items():
        if key == "environment" and isinstance(value, str):
            yield value
        elif key == "weights" and isinstance(value, list):
            yield from (v for v in cast("list[Any]", value) if isinstance(v, str))
        elif isinstance(value, Mapping):
            yield from _named(cast("Mapping[str, Any]", value))


def is_path(text: str) -> bool:
    """Whether an entry of a service's `weights` is a path rather than a name."""
    return "/" in text
