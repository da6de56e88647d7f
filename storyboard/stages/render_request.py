"""The request for a film: what is asked for, and with which means.

Knows: the choices a user has. Does not know: how a film is made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from renderers.base import JSON
from storyboard.core.strict_records import Record
from storyboard.graph.steps import Graph
from storyboard.plan import Aspect, Judging, Language, Plan, series
from storyboard.plan.caption_look import CAPTIONS, USUAL
from storyboard.plan.format_files import DEFAULT_FORMAT
from storyboard.plan.regen import Regen
from storyboard.plan.stages import Stage
from storyboard.plan.styles import STYLES, in_style
from storyboard.stages.gates import Gate
from storyboard.writing import offline
from storyboard.writing.script import Source


class FilmIdentity(Record):
    """What makes two requests the same film, as `request.json` keeps it."""

    idea: str
    format: str
    language: Language | None = None
    aspect: Aspect | None = None
    seed: int | None = None
    script: Source | None = None


@dataclass(frozen=True, slots=True)
class RenderRequest:
    """What is asked for. Either an idea or the folder of a run (or both, if they agree)."""

    idea: str | None = None
    directory: Path | None = None
    out: Path | None = None
    format: str = ""
    """Empty: the one that fits the idea."""
    language: Language | None = None
    aspect: Aspect | None = None
    seed: int | None = None
    script: Source | None = None
    """What the film says, word for word; the idea is its title then."""
    profile: str = "embedded"
    overrides: tuple[str, ...] = ()
    regen: Regen = field(default_factory=Regen)
    stages: tuple[Stage, ...] = ()
    """Make only these stages and what they need; empty: all of it."""
    beats: tuple[int, ...] | None = None
    """Make only these beats' share of `stages`."""
    part: Callable[[Graph], Graph] | None = None
    """Make only this part of the film: a batch's stage."""
    laid_over: Callable[[Plan], Plan] = lambda plan: plan
    """What is wanted otherwise than the plan that is written has it: a batch's entry."""
    candidates: int = 1
    """Premises that a language model thinks up; the best is written."""
    image_options: Mapping[str, JSON] = field(default_factory=dict[str, JSON])
    """Knobs of the image backend for these beats (steps, resolution, preset)."""
    hooks: int = 0
    """First seconds in all, each in a folder beside the film; 0: as its series says, else its own
    alone."""
    gates: tuple[Gate, ...] = ()
    """Stages after which the film waits to be looked at; none: as its folder says."""
    judge: bool | None = None
    """Whether the pictures are judged; None: as the plan says."""
    judging: Mapping[str, int] = field(default_factory=dict[str, int])
    """Fields of the plan's `judging` to set; any of them switches the judge on."""
    captions: str | None = None
    """The name or file of a look of captions; None: as the plan says."""
    style: str | None = None
    """A style's name or file; None: as the plan says."""
    jobs: int | None = None
    allow: tuple[Path, ...] = ()
    """Folders from which the plan may take files, besides the film's own."""
    place: str = ""
    """The film whose version it is: to the scheduler, both are one. Empty: it is its own."""

    def __post_init__(self) -> None:
        fresh = self.idea is not None and self.directory is None and self.script is None
        if fresh and self.out is not None:
            for name, value in series.shared(self.out.absolute().parent).items():
                object.__setattr__(self, name, getattr(self, name) or value)
        if not self.format:
            fitting = offline.fitting_format(self.idea) if fresh and self.idea else DEFAULT_FORMAT
            object.__setattr__(self, "format", fitting)
        film = self.directory or self.out
        kept = any(o.startswith("image.cast_library=") for o in self.overrides)
        if film is not None and not kept and (film.absolute().parent / series.FILE).is_file():
            # Whoever makes an episode, by whichever door, draws its people as they are known.
            library = f"image.cast_library={film.absolute().parent / series.CAST}"
            object.__setattr__(self, "overrides", (*self.overrides, library))

    @property
    def partial(self) -> bool:
        """Whether less than the film is asked for."""
        return bool(self.stages) or self.part is not None

    def version(self, directory: Path, place: str = "") -> RenderRequest:
        """A request for another version of the film, whose plan lies in `directory`, made with the
        same means and as far."""
        return RenderRequest(
            directory=directory,
            profile=self.profile,
            overrides=self.overrides,
            part=self.part,
            jobs=self.jobs,
            allow=self.allow,
            place=place,
        )

    def identity(self) -> dict[str, Any]:
        """What makes two requests the same film."""
        asked: dict[str, Any] = {
            "idea": self.idea,
            "format": self.format,
            "language": self.language,
            "aspect": self.aspect,
            "seed": self.seed,
        }
        # Left out where there is none: requests of before stay the same films.
        return asked if self.script is None else asked | {"script": self.script.model_dump()}

    def applied(self, plan: Plan) -> Plan:
        """The plan with the judging, the captions and the style that are asked for.

        It goes into the plan: a later command must not draw pictures back that were mended.
        """
        wanted = plan.judging
        if self.judge is False:
            wanted = None
        elif self.judge or self.judging:
            wanted = (wanted or Judging()).model_copy(update=dict(self.judging))
        plan = plan.model_copy(update={"judging": wanted})
        if self.captions is not None:
            file = CAPTIONS.load(self.captions)
            look = None if file.look == USUAL else file.look
            plan = plan.model_copy(update={"captions": file.turn, "caption_look": look})
        return plan if self.style is None else in_style(plan, STYLES.load(self.style))
