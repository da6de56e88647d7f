"""`storyboard batch …`: films by the dozen, made while nobody watches.

Knows: options, what to print. Does not know: how anything of it is done.
"""

from __future__ import annotations

import shlex
import sys
import threading
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from storyboard import console
from storyboard.batch.budget import Budget, parse_size, parse_until
from storyboard.batch.database import Pulse, database_errors, database_url
from storyboard.batch.entry import Row, check_entries, read_rows
from storyboard.batch.floor import STAGES
from storyboard.batch.making import console_teller
from storyboard.batch.queue import Film, FilmQueue, open_queue
from storyboard.batch.schedule import Firing, Schedules, ticking
from storyboard.batch.schedule_cli import app as schedules
from storyboard.batch.session import Options, Report, alone, run_batch
from storyboard.batch.stopping import told_to_stop
from storyboard.errors import StoryboardError, UsageError
from storyboard.plan import Aspect, Language
from storyboard.review.bounds import MaxRounds
from storyboard.vram.cards import parse_cards

app = typer.Typer(
    help="Queue ideas, and have them made overnight: durable, stage by stage, within a budget.",
    no_args_is_help=True,
    add_completion=False,
)
app.add_typer(schedules, name="schedule")

RootOption = Annotated[Path, typer.Option("--runs", help="Folder in which the films go.")]
DbOption = Annotated[
    str,
    typer.Option(
        envvar="STORYBOARD_BATCH_DB",
        help="Where the queue is: sqlite:///FILE or postgresql://… (default: a file in --runs).",
        show_default=False,
    ),
]
FilmsArgument = Annotated[list[str], typer.Argument(help="Ids of films, or their beginnings.")]
_RUNS = Path("runs")
_LOOK_S = 1.0
"""A worker that stays looks for films so often."""
_AGAIN_S = 60.0
"""And so long after a limit that it reached."""


class Unfinished(StoryboardError):
    """A run of the batch that ended with films parked or left."""

    exit_code = 5


@app.command()
def add(
    ideas: Annotated[list[str] | None, typer.Argument(help="Ideas, each in quotes.")] = None,
    source: Annotated[
        Path | None, typer.Option("--from", help="A file of ideas: .txt, .csv or .jsonl.")
    ] = None,
    format: Annotated[str | None, typer.Option(help="A format's name or a YAML file.")] = None,
    language: Annotated[Language | None, typer.Option(help="Language spoken.")] = None,
    aspect: Annotated[Aspect | None, typer.Option(help="Shape of the picture.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, max=2**31 - 1)] = None,
    profile: Annotated[str | None, typer.Option(help="Which models make them.")] = None,
    due: Annotated[
        str | None, typer.Option(help="When they should be there: 2026-11-22T07:00.")
    ] = None,
    priority: Annotated[int | None, typer.Option(min=1, max=9, help="1 is made first.")] = None,
    root: RootOption = _RUNS,
    db: DbOption = "",
) -> None:
    """Queue films. Options stand where a file says nothing; one fault, and none is queued."""
    with console.border():
        given: dict[str, Any] = {
            "format": format,
            "language": language,
            "aspect": aspect,
            "seed": seed,
            "profile": profile,
            "due": due,
            "priority": priority,
        }
        rows = [Row(f"idea {n}", {"idea": text}) for n, text in enumerate(ideas or (), 1)]
        rows += read_rows(source) if source is not None else []
        if not rows and source is None:
            raise UsageError("give ideas in quotes, or --from FILE (.txt, .csv, .jsonl)")
        defaults = {name: value for name, value in given.items() if value is not None}
        entries = check_entries(rows, defaults, str(source or "the command line"))
        with open_queue(root, db) as queue:
            new, old = queue.add(entries, root)
        for name in old:
            console.err.print(Text(f"{name} is in the queue already", style="dim"))
        for name in new:
            console.out.print(name, soft_wrap=True)
        console.err.print(f"{len(new)} queued; `storyboard batch run --once` makes them")


@app.command("list")
def list_films(root: RootOption = _RUNS, db: DbOption = "") -> None:
    """All films of the queue, in the order in which they are made."""
    with console.border(), open_queue(root, db) as queue:
        films = queue.films()
        if not films:
            console.out.print('the queue is empty: `storyboard batch add "an idea"`')
            return
        console.out.print(_table(films))


@app.command()
def show(film: str, root: RootOption = _RUNS, db: DbOption = "") -> None:
    """Everything about one film."""
    with console.border(), open_queue(root, db) as queue:
        found = queue.film(film)
        table = Table.grid(padding=(0, 2))
        fields = found.entry.model_dump(mode="json", exclude_defaults=True)
        told = {"film": found.id, "state": found.state, "why": found.reason, **fields}
        told |= {"folder": found.folder, "made": ", ".join(found.made)}
        told["mending"] = f"wave {found.mending}" if found.mending else ""
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
def pause(films: FilmsArgument, root: RootOption = _RUNS, db: DbOption = "") -> None:
    """Begin no further stage of these films until `resume`."""
    _each(films, root, db, FilmQueue.pause, "paused")


@app.command()
def resume(films: FilmsArgument, root: RootOption = _RUNS, db: DbOption = "") -> None:
    """Let films that were paused, held or cancelled go on."""
    _each(films, root, db, FilmQueue.resume, "goes on")


@app.command()
def cancel(films: FilmsArgument, root: RootOption = _RUNS, db: DbOption = "") -> None:
    """Make these films no more; what is made stays in their folders."""
    _each(films, root, db, FilmQueue.cancel, "cancelled")


@app.command()
def retry(films: FilmsArgument, root: RootOption = _RUNS, db: DbOption = "") -> None:
    """Try parked films again; what is made is used."""
    _each(films, root, db, FilmQueue.retry, "is tried again")


@app.command()
def prune(
    everything: Annotated[
        bool, typer.Option("--all", help="Parked films too, not only the done and cancelled.")
    ] = False,
    root: RootOption = _RUNS,
    db: DbOption = "",
) -> None:
    """Forget films that are over. Their folders stay."""
    with console.border(), open_queue(root, db) as queue:
        states = {"done", "cancelled"} | ({"parked"} if everything else set[str]())
        over = [film for film in queue.films() if film.state in states]
        queue.prune(over)
        console.out.print(f"{_count(len(over))} forgotten")


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
    jobs: Annotated[int | None, typer.Option(min=1, max=64, help="CPU processes a film.")] = None,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Only what went wrong.")] = False,
    root: RootOption = _RUNS,
    db: DbOption = "",
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
    with console.border():
        if not once:
            raise UsageError(
                "say --once to make what waits and end, or use `storyboard batch serve`"
            )
        budget = _budget(until, gpu_minutes, max_cost, min_free)
        url = database_url(root, db)
        cards = parse_cards(gpus)
        options = Options(
            root.absolute(), url, budget, group, cards, jobs, quiet, max_rounds, afresh
        )
        with _shift(options) as shift:
            report = shift.run()
        _finish(report, options)


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
    jobs: Annotated[int | None, typer.Option(min=1, max=64, help="CPU processes a film.")] = None,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Only what went wrong.")] = False,
    root: RootOption = _RUNS,
    db: DbOption = "",
) -> None:
    """Stay, and make films whenever some wait or a schedule is due.

    Ctrl-C or SIGTERM ends it after the stage under way, a second one at once; started again,
    it goes on. Exit codes: 0 told to stop, 2 wrong input, 4 a batch is running already, 7 the
    queue's database failed.
    """
    with console.border():
        budget = _budget(None, None, None, min_free)
        url = database_url(root, db)
        cards = parse_cards(gpus)
        options = Options(root.absolute(), url, budget, group, cards, jobs, quiet, max_rounds)
        with _shift(options) as shift:
            console.err.print("waiting for films (`storyboard batch add`); Ctrl-C ends this")
            before = ""
            while not shift.stop.is_set():
                report = shift.run()
                # A limit that is still reached a minute later is no news.
                if report.films and (report.sheet or report.stopped != before):
                    _print_report(report, options)
                    _print_stopped(report, shift.stop)
                before = report.stopped
                shift.wait(report.stopped)


@app.command()
def explain(
    group: Annotated[
        int | None, typer.Option(min=1, help="Films that go through the stages together (all).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    root: RootOption = _RUNS,
    db: DbOption = "",
) -> None:
    """Say what the waiting films would take, stage by stage and film by film; run nothing."""
    from storyboard.batch.explain import explain_queue, print_comparison

    with console.border(), open_queue(root, db) as queue:
        print_comparison(explain_queue(queue, group), as_json=as_json)


# --- doing ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Shift:
    """The one worker at a queue, while it works or waits for work."""

    options: Options
    queue: FilmQueue
    stop: threading.Event
    tick: Callable[[], None]
    pulse: Pulse

    def run(self) -> Report:
        self.tick()
        tell = console_teller(console.err, quiet=self.options.quiet)
        return run_batch(self.options, self.queue, tell, self.stop, self.tick)

    def wait(self, stopped: str) -> None:
        """Until something waits to be made, or it is told to stop."""
        # What stopped it, a full disk say, may be gone in a while.
        self.stop.wait(_AGAIN_S if stopped else _LOOK_S)
        while not self.stop.is_set():
            if self.pulse.beats():
                self.tick()
                if stopped or self.queue.waiting():
                    return
            self.stop.wait(_LOOK_S)


@contextmanager
def _shift(options: Options) -> Generator[_Shift]:
    """Be the worker at the queue."""

    def now() -> datetime:
        return datetime.now().astimezone()

    url = options.url
    with (
        told_to_stop() as stop,
        alone(options.root, url),
        FilmQueue(url) as queue,
        database_errors(url),
        Schedules(url) as schedules,
        Pulse(url, "batch") as pulse,
    ):
        look = ticking(schedules, queue, options.root, now)

        def tick() -> None:
            for firing in look():
                _print_firing(firing)

        yield _Shift(options, queue, stop, tick, pulse)


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


def _count(films: int) -> str:
    return "1 film" if films == 1 else f"{films} films"


# --- telling ----------------------------------------------------------------


def _finish(report: Report, options: Options) -> None:
    _print_report(report, options)
    parked, left = report.of("parked"), report.left
    if left:
        spent = report.spent
        raise Unfinished(
            f"the batch stopped: {report.stopped or 'some films did not end'}. "
            f"{_count(len(left))} left ({_standing(left)}). Tonight {spent.gpu_seconds / 60:.1f} "
            f"GPU minutes and ${spent.cost:.2f} are used. Go on with:\n"
            f"  {shlex.join(['storyboard', *sys.argv[1:]])}"
        )
    if parked:
        raise Unfinished(f"{_count(len(parked))} parked: see above for the reason")


def _standing(left: list[Film]) -> str:
    """How many films stand before which stage, and how many have a cut on trial."""
    before = Counter(min(len(film.made), len(STAGES) - 1) for film in left if not film.mending)
    told = [f"{count} before {STAGES[made]}" for made, count in sorted(before.items())]
    mending = sum(film.mending > 0 for film in left)
    return ", ".join([*told, f"{mending} being mended"] if mending else told)


def _print_report(report: Report, options: Options) -> None:
    if not report.films:
        console.err.print("nothing waits")
        return
    console.out.print(_table(list(report.films)))
    for film in report.of("parked", "done"):
        if film.reason:
            console.err.print(Text(f"{film.id}: {film.reason}", style="yellow"), soft_wrap=True)
        if film.state == "parked":
            console.err.print(Text(f"  {film.way_on}"), soft_wrap=True)
    if report.sheet is not None:
        console.out.print(f"sheet: {report.sheet}", soft_wrap=True)


def _print_stopped(report: Report, stop: threading.Event) -> None:
    """Why a worker that stays makes nothing for now."""
    if report.stopped and not stop.is_set():
        told = f"{report.stopped}: {_count(len(report.left))} left until that has changed"
        console.err.print(Text(told, style="yellow"), soft_wrap=True)


def _print_firing(firing: Firing) -> None:
    late = " (caught up)" if firing.late else ""
    text = (
        f"schedule {firing.schedule}, {firing.at:%d %b %H:%M %Z}{late}: {len(firing.films)} queued"
    )
    console.err.print(Text(text))
    if firing.note:
        console.err.print(Text(f"schedule {firing.schedule}: {firing.note}", style="yellow"))


def _table(films: list[Film]) -> Table:
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
            f"wave {film.mending}" if film.mending else film.made[-1] if film.made else "",
            f"{film.seconds / 60:.1f}" if film.tries else "",
            Text(f"{due.astimezone():%d %b %H:%M}" if due else "", style="red" if late else ""),
            Text(" ".join(film.entry.idea.split()), overflow="ellipsis", no_wrap=True),
        )
    return table
