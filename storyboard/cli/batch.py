"""`storyboard batch …`: films by the dozen, made while nobody watches.

Knows: options, what to print. Does not know: how anything of it is done.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from renderers.options import given
from storyboard.batch.budget import Budget, parse_size, parse_until
from storyboard.batch.database import database_url
from storyboard.batch.entry import Entry, Row, check_entries
from storyboard.batch.formatting import count, table_of
from storyboard.batch.idea_list import LISTS, read_rows, script_rows
from storyboard.batch.queue import FilmQueue, open_queue
from storyboard.cli.schedule import app as schedules
from storyboard.core import console
from storyboard.core.errors import UsageError
from storyboard.core.options import Database, Runs, Speed
from storyboard.gpu.cards import parse_cards
from storyboard.graph.folder import DEFAULT_ROOT
from storyboard.plan import Aspect, Language
from storyboard.plan.series import shared
from storyboard.profile.source import at_speed
from storyboard.review.bounds import MaxRounds
from storyboard.writing.script import read_source

app = typer.Typer(
    help="Queue ideas, and have them made overnight: durable, stage by stage, within a budget.",
    no_args_is_help=True,
    add_completion=False,
)
app.add_typer(schedules, name="schedule")

FilmsArgument = Annotated[list[str], typer.Argument(help="Ids of films, or their beginnings.")]


PublishTo = Annotated[
    str,
    typer.Option(
        "--publish",
        help="Send finished films against which nothing is held to this [publish.NAME] of their "
        "profile, which says confirmed = true.",
        show_default=False,
    ),
]


@app.command()
def add(
    ideas: Annotated[list[str] | None, typer.Argument(help="Ideas, each in quotes.")] = None,
    source: Annotated[
        Path | None,
        typer.Option("--from", help="A file of ideas: .txt, .md, .csv, .tsv or .jsonl."),
    ] = None,
    script: Annotated[
        Path | None,
        typer.Option(help="A script to film word for word, as `storyboard run --script` takes it."),
    ] = None,
    episodes: Annotated[
        bool, typer.Option("--episodes", help="With --script: one that is too long, in parts.")
    ] = False,
    format: Annotated[str | None, typer.Option(help="A format's name or a YAML file.")] = None,
    language: Annotated[Language | None, typer.Option(help="Language spoken.")] = None,
    aspect: Annotated[Aspect | None, typer.Option(help="Shape of the picture.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, max=2**31 - 1)] = None,
    profile: Annotated[str | None, typer.Option(help="Which models make them.")] = None,
    speed: Speed = None,
    hooks: Annotated[
        int | None, typer.Option(min=1, max=9, help="First seconds of each (`storyboard hooks`).")
    ] = None,
    due: Annotated[
        str | None, typer.Option(help="When they should be there: 2026-11-22T07:00.")
    ] = None,
    priority: Annotated[int | None, typer.Option(min=1, max=9, help="1 is made first.")] = None,
    root: Runs = DEFAULT_ROOT,
    db: Database = "",
) -> None:
    """Queue films. Options stand where a file says nothing; one fault, and none is queued."""
    with console.border():
        rows = [
            row
            for number, text in enumerate(ideas or (), 1)
            for row in (
                read_rows(Path(text)) if _is_list(text) else [Row(f"idea {number}", {"idea": text})]
            )
        ]
        rows += read_rows(source) if source is not None else []
        if script is not None:
            rows += script_rows(read_source(script), episodes=episodes)
        elif episodes:
            raise UsageError("--episodes cuts a script: name it with --script")
        if not rows and source is None:
            raise UsageError("give ideas in quotes, or --from FILE (.txt, .md, .csv, .tsv, .jsonl)")
        defaults: dict[str, Any] = {
            **shared(root),
            **given(
                format=format,
                language=language,
                aspect=aspect,
                seed=seed,
                profile=profile,
                hooks=hooks,
                due=due,
                priority=priority,
            ),
        }
        if speed is not None:
            defaults["profile"] = at_speed(profile or Entry.model_fields["profile"].default, speed)
        entries = check_entries(rows, defaults, str(source or "the command line"))
        with open_queue(root, db) as queue:
            new, old = queue.add(entries, root)
        for name in old:
            console.err.print(Text(f"{name} is in the queue already", style="dim"))
        for name in new:
            console.out.print(name, soft_wrap=True)
        console.err.print(f"{len(new)} queued; `storyboard batch run --once` makes them")


def _is_list(text: str) -> bool:
    """Whether an idea is the name of a file of ideas, which is what is meant then.

    Raises:
        UsageError: it is a file's name, and there is no such file.
    """
    there = len(text) < 250 and Path(text).is_file()
    if Path(text).suffix.lower() not in LISTS or (len(text.split()) > 1 and not there):
        return False
    if not there:
        raise UsageError(f"there is no file {text}: give its path, or the idea in words")
    return True


@app.command("list")
def list_films(root: Runs = DEFAULT_ROOT, db: Database = "") -> None:
    """All films of the queue, in the order in which they are made."""
    with console.border(), open_queue(root, db) as queue:
        films = queue.films()
        if not films:
            console.out.print('the queue is empty: `storyboard batch add "an idea"`')
            return
        console.out.print(table_of(films))


@app.command()
def show(film: str, root: Runs = DEFAULT_ROOT, db: Database = "") -> None:
    """Everything about one film."""
    with console.border(), open_queue(root, db) as queue:
        found = queue.film(film)
        table = Table.grid(padding=(0, 2))
        fields = found.entry.model_dump(mode="json", exclude_defaults=True)
        told = {"film": found.id, "state": found.state, "why": found.reason, **fields}
        told |= {"folder": found.folder, "made": ", ".join(found.made)}
        told["mending"] = f"cut {found.mending}" if found.mending else ""
        told |= {"minutes": f"{found.seconds / 60:.1f}", "cost": f"${found.cost:.4f}"}
        for name, value in told.items():
            if value not in ("", None):
                table.add_row(name, Text(str(value)))
        for number, attempt in enumerate(t for t in found.tries if t.state != "made"):
            table.add_row("tries" if not number else "", Text(f"{attempt.stage}: {attempt.reason}"))
        if command := found.way_on:
            table.add_row("go on", Text(command))
        console.out.print(table)


@app.command()
def pause(films: FilmsArgument, root: Runs = DEFAULT_ROOT, db: Database = "") -> None:
    """Begin no further stage of these films until `resume`."""
    _each(films, root, db, FilmQueue.pause, "paused")


@app.command()
def resume(films: FilmsArgument, root: Runs = DEFAULT_ROOT, db: Database = "") -> None:
    """Let films that were paused, held or cancelled go on."""
    _each(films, root, db, FilmQueue.resume, "goes on")


@app.command()
def cancel(films: FilmsArgument, root: Runs = DEFAULT_ROOT, db: Database = "") -> None:
    """Make these films no more; what is made stays in their folders."""
    _each(films, root, db, FilmQueue.cancel, "cancelled")


@app.command()
def retry(films: FilmsArgument, root: Runs = DEFAULT_ROOT, db: Database = "") -> None:
    """Try parked films again; what is made is used."""
    _each(films, root, db, FilmQueue.retry, "is tried again")


@app.command()
def prune(
    everything: Annotated[
        bool, typer.Option("--all", help="Parked films too, not only the done and cancelled.")
    ] = False,
    root: Runs = DEFAULT_ROOT,
    db: Database = "",
) -> None:
    """Forget films that are over. Their folders stay."""
    with console.border(), open_queue(root, db) as queue:
        states = {"done", "cancelled"} | ({"parked"} if everything else set[str]())
        over = [film for film in queue.films() if film.state in states]
        queue.prune(over)
        console.out.print(f"{count(len(over))} forgotten")


@app.command()
def run(
    once: Annotated[
        bool, typer.Option("--once", help="End when nothing waits (for cron, systemd timers).")
    ] = False,
    until: Annotated[
        str | None, typer.Option(help="Begin no stage after this time: 07:00 or a date and time.")
    ] = None,
    gpu_minutes: Annotated[
        float | None, typer.Option(min=0, help="Minutes of stages that use models, a night.")
    ] = None,
    max_cost: Annotated[
        float | None, typer.Option(min=0, help="US dollars for APIs, a night.")
    ] = None,
    min_free: Annotated[str, typer.Option(help="Space to leave on the disk.")] = "500MB",
    afresh: Annotated[bool, typer.Option("--afresh", help="Count the limits from now on.")] = False,
    group: Annotated[
        int | None, typer.Option(min=1, help="Films that go through the stages together (all).")
    ] = None,
    gpus: Annotated[
        str,
        typer.Option(help="Cards, as 0,1 or UUIDs: one worker process each.", show_default=False),
    ] = "",
    max_rounds: MaxRounds = 2,
    publish: PublishTo = "",
    jobs: Annotated[int | None, typer.Option(min=1, max=64, help="CPU processes a film.")] = None,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Only what went wrong.")] = False,
    root: Runs = DEFAULT_ROOT,
    db: Database = "",
) -> None:
    """Make what waits. Killed or stopped, the same command goes on where it was.

    Films are reviewed, and what is severe is mended: where models share a card in waves, all
    films together, once the last one is put together.

    Limits are those of a night, which ends at noon or when a batch has gone through: what is
    started again before that goes on counting. They are looked at before each stage.

    Ctrl-C or SIGTERM ends it after the stage under way, a second one at once. Exit codes: 0
    all done, 2 wrong input, 4 a batch is running already, 5 films are parked or left, 7 the
    queue's database failed.
    """
    # Whatever makes films is not loaded by a command that lists or adds them.
    from storyboard.batch.batch_run import Options
    from storyboard.batch.daemon import run_once

    with console.border():
        if not once:
            raise UsageError(
                "say --once to make what waits and end, or use `storyboard batch serve`"
            )
        budget = _budget(until, gpu_minutes, max_cost, min_free)
        url = database_url(root, db)
        cards = parse_cards(gpus)
        options = Options(
            root.absolute(), url, budget, group, cards, jobs, quiet, max_rounds, afresh, publish
        )
        run_once(options)


@app.command()
def serve(
    min_free: Annotated[str, typer.Option(help="Space to leave on the disk.")] = "500MB",
    group: Annotated[
        int | None, typer.Option(min=1, help="Films that go through the stages together (all).")
    ] = None,
    gpus: Annotated[
        str,
        typer.Option(help="Cards, as 0,1 or UUIDs: one worker process each.", show_default=False),
    ] = "",
    max_rounds: MaxRounds = 2,
    publish: PublishTo = "",
    jobs: Annotated[int | None, typer.Option(min=1, max=64, help="CPU processes a film.")] = None,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Only what went wrong.")] = False,
    by_hand: Annotated[
        bool,
        typer.Option("--by-hand", help="Make only what was begun in the studio, no queued film."),
    ] = False,
    idle_minutes: Annotated[
        float, typer.Option(min=0.0, help="With --by-hand: end when nothing came for so long.")
    ] = 10.0,
    root: Runs = DEFAULT_ROOT,
    db: Database = "",
) -> None:
    """Stay, and make films whenever some wait or a schedule is due. What is begun in the studio goes
    before all of them.

    Ctrl-C or SIGTERM ends it after the stage under way, a second one at once; started again,
    it goes on. Exit codes: 0 told to stop, 2 wrong input, 4 a batch is running already, 7 the
    queue's database failed.
    """
    from storyboard.batch.batch_run import Options
    from storyboard.batch.daemon import stay, stay_by_hand

    with console.border():
        budget = _budget(None, None, None, min_free)
        url = database_url(root, db)
        cards = parse_cards(gpus)
        options = Options(
            root.absolute(), url, budget, group, cards, jobs, quiet, max_rounds, publish=publish
        )
        if by_hand:
            stay_by_hand(options, idle_minutes)
        else:
            stay(options)


@app.command()
def explain(
    group: Annotated[
        int | None, typer.Option(min=1, help="Films that go through the stages together (all).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    root: Runs = DEFAULT_ROOT,
    db: Database = "",
) -> None:
    """Say what the waiting films would take, stage by stage and film by film; run nothing."""
    from storyboard.batch.explain_night import explain_queue, print_comparison

    with console.border(), open_queue(root, db) as queue:
        print_comparison(explain_queue(queue, group), as_json=as_json)


def _budget(
    until: str | None, gpu_minutes: float | None, max_cost: float | None, min_free: str
) -> Budget:
    moment = parse_until(until, datetime.now().astimezone()) if until else None
    return Budget(moment, gpu_minutes, max_cost, parse_size(min_free))


def _each(names: list[str], root: Path, db: str, change: Any, what: str) -> None:
    with console.border(), open_queue(root, db) as queue:
        # All are found before any is changed.
        for film in [queue.film(name) for name in names]:
            change(queue, film)
            console.out.print(f"{film.id} {what}", soft_wrap=True)
