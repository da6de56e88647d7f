"""The register of planted defects: what each is called, and what a reviewer should say of it.

Knows: names. Does not know: how anything is planted or found.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.review_set.film_copy import FilmCopy
from storyboard.plan.timeline import Segment


@dataclass(frozen=True, slots=True)
class Where:
    """Beats (0: the hook) and seconds of the film that a planted defect touches."""

    beats: tuple[int, ...]
    start: float
    end: float
    everywhere: bool = False
    """It is the whole film's, whatever beat it is seen in."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of defect that can be planted."""

    name: str
    expects: tuple[str, ...]
    """Findings of which one must name it."""
    follows: tuple[str, ...]
    """Findings that are true of it as well, and imagined by nobody."""
    plant: Callable[[FilmCopy], Where]
    about: str


KINDS: dict[str, Kind] = {}


def kind(
    name: str, expects: str, follows: str = ""
) -> Callable[[Callable[[FilmCopy], Where]], Callable[[FilmCopy], Where]]:
    """Register a function that plants a defect in a bench and says where."""

    def register(plant: Callable[[FilmCopy], Where]) -> Callable[[FilmCopy], Where]:
        about = (plant.__doc__ or "").partition("\n")[0]
        KINDS[name] = Kind(name, tuple(expects.split()), tuple(follows.split()), plant, about)
        return plant

    return register


def at(segment: Segment, start: float | None = None, end: float | None = None) -> Where:
    """In one segment, and there between two times of the film."""
    first = segment.start if start is None else start
    return Where((segment.index,), first, segment.end if end is None else end)


def whole(copy: FilmCopy) -> Where:
    segments = copy.cut.timeline.segments
    beats = tuple(s.index for s in segments)
    return Where(beats, 0.0, copy.cut.timeline.seconds, everywhere=True)
