"""The order of a queue by hand: films that wait, put before others.

Where a film stands is a number of its own (`Film.place`), in which priorities and due dates are
numbers too: a film that is added later still finds its place among those that were moved.

Knows: places. Does not know: whose step is next (the scheduler is told the order).
"""

from __future__ import annotations

from storyboard.batch.queue import LEFT, FilmQueue, QueuedFilm

_MOVABLE = LEFT | {"paused"}
_APART = 1e-3


def move(queue: FilmQueue, film: QueuedFilm, before: QueuedFilm | None) -> None:
    """Have a film that waits stand before another one; None: at the end."""
    line = [each for each in queue.films() if each.state in _MOVABLE]
    order = [each for each in line if each.id != film.id]
    names = [each.id for each in order]
    at = names.index(before.id) if before is not None and before.id in names else len(order)
    order.insert(at, film)
    last = float("-inf")
    for place, each in zip([other.place for other in line], order, strict=True):
        last = max(place, last + _APART)
        if each.place != last:
            queue.client.update_workflow_attributes(each.id, {"place": last}, merge=True)


def line_of(queue: FilmQueue) -> list[str]:
    """The folders of the films that are left, in their order."""
    return [str(film.folder) for film in queue.films() if film.state in _MOVABLE]
