"""`storyboard batch schedule …`: ideas that go into the queue by the clock.

Knows: options, what to print. Does not know: what a schedule does.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from storyboard.batch.database import database_errors, database_url
from storyboard.batch.schedule import Missed, Schedules, new_schedule
from storyboard.core import console
from storyboard.core.files import slugify
from storyboard.core.options import Database, Runs
from storyboard.graph.folder import DEFAULT_ROOT

app = typer.Typer(help="Ideas that are queued by the clock.", no_args_is_help=True)


def local_zone() -> str:
    """The name of this machine's time zone, as `TZ` or the system says; UTC if neither does."""
    if named := os.environ.get("TZ", "").lstrip(":"):
        return named
    _, _, name = str(Path("/etc/localtime").resolve()).partition("zoneinfo/")
    return name.removeprefix("posix/") or "UTC"


@app.command()
def add(
    cron: Annotated[str, typer.Argument(help='When, as cron says it: "0 2 * * *".')],
    source: Annotated[Path, typer.Option("--from", help="A file of ideas: .txt, .csv, .jsonl.")],
    take: Annotated[int, typer.Option(min=1, max=1000, help="Ideas to take each time.")] = 5,
    tz: Annotated[
        str, typer.Option(help="Time zone, as Europe/Berlin (default: this machine's).")
    ] = "",
    missed: Annotated[
        Missed, typer.Option(help="What becomes of times at which nothing ran.")
    ] = "skip",
    name: Annotated[str, typer.Option(help="Its name (default: the file's).")] = "",
    root: Runs = DEFAULT_ROOT,
    db: Database = "",
) -> None:
    """Take ideas from a file at set times. `serve` and `run --once` look at the clock."""
    with console.border(), _schedules(root, db) as schedules:
        now = datetime.now().astimezone()
        schedule = new_schedule(
            name or slugify(source.stem),
            cron,
            source,
            take=take,
            tz=tz or local_zone(),
            missed=missed,
            now=now,
        )
        schedules.add(schedule)
        next_time = schedule.next(now)
        console.out.print(
            Text(f"{schedule.name}: next at {next_time:%d %b %Y %H:%M %Z}"), soft_wrap=True
        )


@app.command("list")
def list_schedules(root: Runs = DEFAULT_ROOT, db: Database = "") -> None:
    """All schedules, and when each is due next."""
    with console.border(), _schedules(root, db) as schedules:
        table = Table(box=None, padding=(0, 2, 0, 0))
        for heading in ("name", "at", "zone", "next", "takes", "from", "missed", "note"):
            table.add_column(heading)
        now = datetime.now().astimezone()
        every, broken = schedules.all(), schedules.broken()
        if not every and not broken:
            console.out.print(
                'there are no schedules: `storyboard batch schedule add "0 2 * * *" --from FILE`',
                soft_wrap=True,
            )
            return
        for schedule in every:
            table.add_row(
                schedule.name,
                schedule.cron,
                schedule.tz,
                f"{schedule.next(now):%d %b %H:%M}",
                f"{schedule.take} ({len(schedule.taken)} so far)",
                Text(schedule.source),
                schedule.missed,
                Text(schedule.note),
            )
        console.out.print(table)
        for row in broken:
            told = (
                f"{row.name}: does not hold and is passed over: {row.why} (remove it, add it anew)"
            )
            console.err.print(Text(told, style="yellow"), soft_wrap=True)


@app.command()
def remove(name: str, root: Runs = DEFAULT_ROOT, db: Database = "") -> None:
    """Forget a schedule. What it queued stays."""
    with console.border(), _schedules(root, db) as schedules:
        schedules.remove(name)
        console.out.print(Text(f"{name} removed"))


@contextmanager
def _schedules(root: Path, db: str) -> Generator[Schedules]:
    url = database_url(root, db)
    with database_errors(url), Schedules(url) as schedules:
        yield schedules
