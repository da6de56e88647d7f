"""Planted defects: good films spoilt on purpose, one defect each, to see what a reviewer sees.

Each is planted in a copy of a finished run, in the files themselves, and labelled: which
kind, which beats, which seconds, and which findings would name it.

Knows: films to spoil, labels. Does not know: who reviews them.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.review_set import drawings, sights, sounds, voices
from benchmarks.review_set.film_copy import FilmCopy, NotHere
from benchmarks.review_set.kinds import KINDS
from renderers.base import SpeechBackend
from storyboard.core.errors import UsageError
from storyboard.core.files import read_json, slugify, write_json
from storyboard.review.finished_cut import Cut

__all__ = [
    "KINDS",
    "Label",
    "NotHere",
    "drawings",
    "labels",
    "plant",
    "plant_all",
    "sights",
    "sounds",
    "voices",
]

LABEL = "defect.json"


@dataclass(frozen=True, slots=True)
class Label:
    """What was planted into a film, and where; kind "" is a good film."""

    kind: str
    base: str
    """Name of the run it was planted in."""
    expects: tuple[str, ...] = ()
    follows: tuple[str, ...] = ()
    beats: tuple[int, ...] = ()
    start: float = 0.0
    end: float = 0.0
    everywhere: bool = False


def plant(kind: str, run: Path, out: Path, speech: SpeechBackend | None = None) -> Label:
    """A copy of the finished `run` at `out` with one defect of this kind, and its label.

    Raises:
        UsageError: there is no such kind, or `out` is there already.
        NotHere: the film has nothing in which it could be planted.
    """
    if kind not in KINDS:
        raise UsageError(f"kind: {kind!r} is none of: {', '.join(sorted(KINDS))}")
    if out.exists():
        raise UsageError(f"{out} is there already: choose another folder")
    chosen = KINDS[kind]
    try:
        copy = FilmCopy.of(run, out, speech)
        where = chosen.plant(copy)
    except BaseException:
        shutil.rmtree(out, ignore_errors=True)
        raise
    label = Label(
        kind,
        run.name,
        chosen.expects,
        chosen.follows,
        where.beats,
        round(where.start, 3),
        round(where.end, 3),
        where.everywhere,
    )
    write_json(out / LABEL, asdict(label))
    return label


def plant_all(
    runs: Iterable[Path],
    out: Path,
    kinds: Iterable[str] = (),
    speech: SpeechBackend | None = None,
) -> Iterator[tuple[Path, Label | str]]:
    """Every kind in every run, and each run itself as a good film; yields what was made.

    A kind that a film has no place for comes with the reason in the label's stead.
    """
    wanted = list(kinds) or sorted(KINDS)
    for run in runs:
        Cut.of(run)
        good = out / f"{run.name}-good"
        if not good.exists():
            FilmCopy.of(run, good)
            write_json(good / LABEL, asdict(Label("", run.name)))
        yield good, Label("", run.name)
        for kind in wanted:
            folder = out / f"{run.name}-{slugify(kind)}"
            if (folder / LABEL).is_file():
                continue
            try:
                yield folder, plant(kind, run, folder, speech)
            except NotHere as reason:
                yield folder, str(reason)


def labels(folder: Path) -> list[tuple[Path, Label]]:
    """The labelled films in a folder, in order of their names.

    Raises:
        UsageError: there are none.
    """
    found: list[tuple[Path, Label]] = []
    for file in sorted(folder.glob(f"*/{LABEL}")):
        data = read_json(file)
        for name in ("expects", "follows", "beats"):
            data[name] = tuple(data[name])
        found.append((file.parent, Label(**data)))
    if not found:
        raise UsageError(
            f"{folder} holds no labelled films: make some with `python -m benchmarks.review_set plant`"
        )
    return found
