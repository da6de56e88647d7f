"""What the tools share: which films there are, with which means they are made, up to which caps.

An agent names a film, a format, a style or a profile by its name. A path is none, so that nothing
outside the folder of films is read or written for it.

Knows: names, requests, caps. Does not know: tools, how anything is made.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from storyboard.core.directory import Directory
from storyboard.core.errors import UsageError
from storyboard.graph.folder import RunFolder, existing
from storyboard.graph.session import Session
from storyboard.mcp.work import RunningJobs
from storyboard.plan.caption_look import CAPTIONS
from storyboard.plan.format_files import list_formats
from storyboard.plan.styles import STYLES
from storyboard.profile import load_profile
from storyboard.profile.source import shipped_profiles
from storyboard.stages.render_request import RenderRequest

_NAME = re.compile(r"[^\W_][\w.-]{0,119}")


@dataclass(frozen=True, slots=True)
class Caps:
    """The most that one call may take; None: no cap."""

    minutes: float | None = None
    dollars: float | None = None
    """US dollars that one film may cost in all."""

    def at_most(self, minutes: float | None, dollars: float | None) -> Caps:
        """These caps, and lower ones where they are asked for."""
        return Caps(_lower(self.minutes, minutes), _lower(self.dollars, dollars))


@dataclass(frozen=True, slots=True)
class House:
    """The films in `root`."""

    root: Path
    session: Session
    work: RunningJobs
    profile: str = "embedded"
    overrides: tuple[str, ...] = ()
    allow: tuple[Path, ...] = ()
    caps: Caps = field(default_factory=Caps)

    @property
    def command(self) -> str:
        """With its means, since whoever goes on with a film looks there for the models."""
        words = ["storyboard", "mcp", "--profile", self.profile]
        words += [word for value in self.overrides for word in ("--set", value)]
        return shlex.join([*words, *(w for path in self.allow for w in ("--allow", str(path)))])

    def names(self) -> Iterator[str]:
        """Of the folders that hold a film, whatever state it is in."""
        for name in Directory(self.root).names():
            path = self.root / name
            real = _NAME.fullmatch(name) and not path.is_symlink() and path.is_dir()
            if real and any((path / own).is_file() for own in ("plan.json", "request.json")):
                yield name

    def film(self, name: str) -> RunFolder:
        """
        Raises:
            UsageError: there is no film of that name.
        """
        known = list(self.names())
        if name not in known:
            shown = ", ".join(known[:20]) or "none yet (create_film makes one)"
            raise UsageError(f"there is no film {name[:60]!r}; there are: {shown}")
        return existing(self.root / name, "film")

    def request(self, folder: Path | None, caps: Caps | None = None, **asked: Any) -> RenderRequest:
        """A request with this house's means; `caps` bounds what the film may cost."""
        profile = asked.pop("profile", None) or self.profile
        caps = caps or self.caps
        overrides = self.overrides
        most = _lower(caps.dollars, load_profile(profile, overrides).limits.max_cost)
        if most is not None:
            overrides = (*overrides, f"limits.max_cost={most}")
        return RenderRequest(
            directory=folder, profile=profile, overrides=overrides, allow=self.allow, **asked
        )

    def known_profile(self, name: str | None) -> str:
        """A profile that may be asked for: the house's own, or one that is shipped."""
        if name is None or name == self.profile:
            return self.profile
        return _one_of(name, shipped_profiles(), "profile")


def known_format(name: str) -> str:
    return _one_of(name, [format.name for format in list_formats()], "format")


def known_style(name: str) -> str:
    return _one_of(name, [style.name for style in STYLES.shipped], "style")


def known_captions(name: str) -> str:
    return _one_of(name, [each.name for each in CAPTIONS.shipped], "look of captions")


def _one_of(name: str, known: Any, what: str) -> str:
    names = list(known)
    if name not in names:
        raise UsageError(f"there is no {what} {name[:60]!r}: {', '.join(names)}")
    return name


def _lower(one: float | None, other: float | None) -> float | None:
    found = [each for each in (one, other) if each is not None]
    return min(found, default=None)
