"""What commands of a batch say about films.

Knows: films of the queue, terminals. Does not know: commands, how films are made.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from rich.table import Table
from rich.text import Text

from storyboard.batch.queue import QueuedFilm
from storyboard.plan.stages import CHECKPOINTS


def count(films: int) -> str:
    return "1 film" if films == 1 else f"{films} films"


def standing(left: Sequence[QueuedFilm]) -> str:
    """How many films stand before which stage, and how many have a cut on trial."""
    before = Counter(min(len(film.made), len(CHECKPOINTS) - 1) for film in left if not film.mending)
    told = [f"{many} before {CHECKPOINTS[made]}" for made, many in sorted(before.items())]
    mending = sum(film.mending > 0 for film in left)
    return ", ".join([*told, f"{mending} being mended"] if mending else told)


def table_of(films: Sequence[QueuedFilm]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("film", "state", "made", "min", "due", "idea"):
        table.add_column(heading, no_wrap=heading != "idea")
    style = {"done": "green", "parked": "red", "working": "cyan"}
    now = datetime.now().astimezone()
    for film in films:
        due = film.entry.due
        late = due is not None and due < now and film.state != "done"
        table.add_row(
            film.id,
            Text(film.state, style=style.get(film.state, "")),
            f"cut {film.mending}" if film.mending else film.made[-1] if film.made else "",
            f"{film.seconds / 60:.1f}" if film.tries else "",
            Text(f"{due.astimezone():%d %b %H:%M}" if due else "", style="red" if late else ""),
            Text(" ".join(film.entry.idea.split()), overflow="ellipsis", no_wrap=True),
        )
    return table
