"""The gallery: every film of the folder, found and sorted.

A film's card is read once and again when one of its files has changed.

Knows: cards of films, orders of them. Does not know: how a card looks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Literal, get_args

from storyboard.core import events
from storyboard.graph.folder import RunFolder
from storyboard.publish.film_card import FilmCard, read_card
from storyboard.studio.board_page import link
from storyboard.studio.place import Place
from storyboard.studio.progress import BUSY, FilmProgress, State, progress_of, state_of

Sort = Literal["newest", "title", "length", "score", "findings"]
SORTS: tuple[Sort, ...] = get_args(Sort)
_READ = ("events.jsonl", "plan.json", "request.json", "final.mp4", "review.json", "checks.json")


@dataclass(frozen=True, slots=True)
class Tile:
    """One film of the gallery."""

    name: str
    card: FilmCard
    state: State
    progress: FilmProgress
    poster: str
    changed: float

    @property
    def busy(self) -> bool:
        return self.state in BUSY

    @property
    def findings(self) -> int:
        return len(self.card.findings) + len(self.card.broken)


class Gallery:
    """The films of a place; threads may share it."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._read: dict[str, tuple[Any, FilmCard, FilmProgress]] = {}
        self._lock = Lock()

    def tiles(self, query: str = "", sort: Sort = "newest") -> list[Tile]:
        names = list(self._place.names())
        with self._lock:
            for gone in self._read.keys() - set(names):
                del self._read[gone]
        found = [self.tile(name) for name in names]
        wanted = query.casefold().split()
        found = [tile for tile in found if all(word in _said(tile) for word in wanted)]
        return sorted(found, key=_ORDERS[sort])

    def tile(self, name: str) -> Tile:
        folder = RunFolder(self._place.root / name)
        stamps = [_stamp(folder.path / each) for each in _READ]
        with self._lock:
            known = self._read.get(name)
        if known is None or known[0] != stamps:
            progress = progress_of(events.events_in(folder.events))
            known = stamps, read_card(folder.path), progress
            with self._lock:
                self._read[name] = known
        _, card, progress = known
        first = link(folder, "poster.jpg") or link(folder, "images/hook.png")
        changed = max(stamp[0] for stamp in stamps) / 1e9
        return Tile(name, card, state_of(folder, progress), progress, first, changed)


def _said(tile: Tile) -> str:
    return f"{tile.card.title} {tile.card.idea} {tile.name}".casefold()


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


_ORDERS: dict[Sort, Callable[[Tile], Any]] = {
    "newest": lambda tile: -tile.changed,
    "title": lambda tile: tile.card.title.casefold(),
    "length": lambda tile: -tile.card.seconds,
    "score": lambda tile: -(tile.card.score or 0.0),
    "findings": lambda tile: -tile.findings,
}
