"""`python -m storyboard.run`: the main job, from one line of text to a finished short.

Knows: options, what to print. Does not know: how a film is made (`storyboard.pipeline`).
"""

from __future__ import annotations

import json
import shlex
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.table import Table
from rich.text import Text

from storyboard import console, events, metering
from storyboard.display import Display
from storyboard.errors import ChecksFailed, UsageError
from storyboard.explain import StepForecast
from storyboard.folder import RunFolder
from storyboard.judge.outcome import open_pictures
from storyboard.options import (
    Allow,
    BestOf,
    CastLibrary,
    Jobs,
    Judge,
    MaxRetries,
    Overrides,
    ProfileName,
    Quiet,
)
from storyboard.pipeline import Film, Order, explain, picture_overrides
from storyboard.plan import Aspect, Captions, Language
from storyboard.regen import Regen, parse_beats
from storyboard.review.bounds import (
    Bounds,
    MaxRounds,
    MendOption,
    ReviewCost,
    ReviewMinutes,
    SkipReview,
)
from storyboard.review.making import make_reviewed, make_unreviewed
from storyboard.review.story import Story
from storyboard.review.telling import in_a_line, summary

SHOWN = 8
"""Most findings that are printed; the rest stand in review.md."""
Only = Literal["plan", "images", "speech", "clips", "assemble"]


def run(
    idea: Annotated[
        str | None, typer.Option(help="What the film is about, in one line.", show_default=False)
    ] = None,
    idea_file: Annotated[
        Path | None, typer.Option(help="Read the idea from this text file instead.")
    ] = None,
    directory: Annotated[
        Path | None, typer.Option("--dir", help="Continue or mend the film in this folder.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder of a new film (default: runs/<words of the idea>)."),
    ] = None,
    format: Annotated[
        str, typer.Option(help="A format's name (`storyboard formats`) or a YAML file.")
    ] = "comedy_5",
    language: Annotated[
        Language | None, typer.Option(help="Language spoken (default: the idea's).")
    ] = None,
    aspect: Annotated[
        Aspect | None, typer.Option(help="Shape of the picture (default: the format's).")
    ] = None,
    profile: ProfileName = "embedded",
    overrides: Overrides = None,
    allow: Allow = None,
    candidates: Annotated[
        int, typer.Option(min=1, max=8, help="Premises to think up, with a language model.")
    ] = 1,
    cast_library: CastLibrary = None,
    judge: Judge = None,
    max_retries: MaxRetries = None,
    best_of: BestOf = None,
    captions: Annotated[
        Captions | None,
        typer.Option(help="lines, or words that turn colour as they are said; kept in the plan."),
    ] = None,
    regen_beats: Annotated[
        str,
        typer.Option(
            help="Beats to redo with new seeds: 3,5 or 2-4 or hook; all; none (only what your "
            "edits of plan.json touch)."
        ),
    ] = "none",
    seed: Annotated[
        int | None,
        typer.Option(min=0, max=2**31 - 1, help="Seed of the film, or of the beats redone."),
    ] = None,
    only: Annotated[
        Only | None, typer.Option(help="Stop after this stage, making just what it needs.")
    ] = None,
    explain_only: Annotated[
        bool, typer.Option("--explain", help="Say what would run and why; run nothing.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --explain: as JSON.")] = False,
    skip_review: SkipReview = False,
    max_rounds: MaxRounds = 2,
    review_minutes: ReviewMinutes = 30.0,
    review_cost: ReviewCost = None,
    mend: MendOption = "severe",
    jobs: Jobs = None,
    verbose: Annotated[
        int, typer.Option("-v", "--verbose", count=True, help="Say why each step runs; -vv: debug.")
    ] = 0,
    quiet: Quiet = False,
) -> None:
    """Make a short film of an idea, or continue or mend one.

    Whatever is already made is used again: edit plan.json and run, and exactly what the
    edit touches is made anew. Exit codes: 0 done, 1 something outside is in the way (disk,
    permission, package), 2 wrong input, 3 a check of the final film failed, 4 the folder is
    in use, 5 a step failed, 6 a cap on language models was reached.
    """
    with console.border(verbose):
        if idea_file is not None:
            idea = _read_idea(idea, idea_file)
        if as_json and not explain_only:
            raise UsageError("--json: only --explain is told as JSON; add --explain")
        beats = parse_beats(regen_beats)
        fresh = directory is None
        if fresh and beats != "none":
            raise UsageError("--regen-beats: name the film to mend with --dir")
        order = Order(
            idea=idea,
            directory=directory,
            out=out,
            format=format,
            language=language,
            aspect=aspect,
            seed=seed if fresh else None,
            profile=profile,
            overrides=(*(overrides or ()), *picture_overrides(cast_library)),
            candidates=candidates,
            regen=Regen(beats, seed if not fresh else None),
            stages=(only,) if only else (),
            judge=judge,
            judging=judging_of(judge, max_retries, best_of),
            captions=captions,
            allow=tuple(allow or ()),
            jobs=jobs,
        )
        if explain_only:
            _print_forecast(*explain(order), as_json=as_json)
            return
        display = Display(console.err, quiet=quiet, verbose=verbose > 0)
        command = shlex.join(sys.argv)
        if skip_review:
            finish(make_unreviewed(order, display, command), quiet=quiet)
            return
        bounds = Bounds(max_rounds, review_minutes, review_cost, mend)
        done = make_reviewed(order, display, bounds, command)
        finish(done.film, quiet=quiet, story=done.story)


def _read_idea(idea: str | None, file: Path) -> str:
    if idea is not None:
        raise UsageError("--idea and --idea-file both give the idea: use one of them")
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise UsageError(f"--idea-file: {file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"--idea-file: {file} is not UTF-8 text") from None


def judging_of(judge: bool | None, max_retries: int | None, best_of: int | None) -> dict[str, int]:
    """The judge's options as fields of the plan's `judging`."""
    given = {"retries": max_retries, "best_of": best_of}
    fields = {name: value for name, value in given.items() if value is not None}
    if judge is False and fields:
        raise UsageError("--no-judge: nothing is judged, so leave --max-retries and --best-of away")
    return fields


def finish(film: Film, *, quiet: bool, story: Story | None = None) -> None:
    """Print where everything is, and what a review still holds against it.

    Raises:
        ChecksFailed: a check of the final file does not hold; each is named.
    """
    _print_result(film, story, quiet=quiet)
    for line in open_pictures(film.folder.path, film.graph):
        console.err.print(Text(f"open: {line}", style="yellow"), soft_wrap=True)
    if failed := failed_checks(film):
        raise ChecksFailed(
            "the film was made, but does not hold up:\n" + "\n".join(f"  {line}" for line in failed)
        )


def failed_checks(film: Film) -> list[str]:
    checks: list[dict[str, Any]] = film.checks.get("checks", [])
    return [_told(check) for check in checks if not check["ok"]]


def _told(check: dict[str, Any]) -> str:
    """A failed check in a line, with the step that made what fails."""
    return str(check["message"]) + (f" (made by {check['step']})" if check["step"] else "")


def _print_forecast(folder: RunFolder, steps: list[StepForecast], *, as_json: bool) -> None:
    if as_json:
        console.out.print_json(
            json.dumps({"directory": str(folder.path), "steps": [asdict(s) for s in steps]})
        )
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("step", "", "why", "seconds"):
        table.add_column(heading, justify="right" if heading == "seconds" else "left")
    for step in steps:
        style = {"cached": "dim", "stale": "yellow", "new": "cyan"}[step.status]
        seconds = "" if step.cached else "?" if step.seconds is None else f"{step.seconds:.1f}"
        table.add_row(step.step, Text(step.status, style=style), Text(step.reason), seconds)
    console.out.print(table)
    todo = [s for s in steps if not s.cached]
    known = sum(s.seconds or 0.0 for s in todo)
    unknown = sum(s.seconds is None for s in todo)
    note = f", {unknown} of kinds never timed here" if unknown else ""
    console.out.print(
        f"{folder.path}: {len(steps) - len(todo)} cached, {len(todo)} to run "
        f"(about {known / 60:.1f} min of work{note})"
    )


def _print_result(film: Film, story: Story | None, *, quiet: bool) -> None:
    folder = film.folder
    if quiet:
        console.out.print(str(folder.film if film.complete else folder.path), soft_wrap=True)
        return
    table = Table.grid(padding=(0, 2))
    label = f"{film.plan.title}" + (f"  ({film.plan.author})" if film.plan.author else "")
    table.add_row("title", Text(label))
    for name, path in _results(folder):
        if path.exists():
            table.add_row(name, Text(str(path)))
    if film.checks:
        good = sum(bool(c["ok"]) for c in film.checks["checks"])
        table.add_row("checks", f"{good} of {len(film.checks['checks'])} hold")
    if story is not None:
        table.add_row("review", Text(summary(story)))
        for judged in story.open()[:SHOWN]:
            table.add_row("", Text(in_a_line(judged)))
    for number, warning in enumerate(told := _warnings(folder)):
        if number == SHOWN:
            table.add_row(
                "", Text(f"and {len(told) - SHOWN} more: storyboard report {folder.path}")
            )
            break
        table.add_row("" if number else "warnings", Text(f"{warning.step}: {warning.message}"))
    if asked := spent(folder):
        table.add_row("models", asked)
    table.add_row("took", f"{film.seconds:.1f} s")
    console.out.print(table)


def _warnings(folder: RunFolder) -> list[events.Warned]:
    """What is not as it was asked for, and stays so in the film."""
    return events.standing(event for _, event in events.read_events(folder.events))


def spent(folder: RunFolder) -> str:
    """What the run has asked of language models so far; "" where it needed none."""
    values = [e.values for _, e in events.read_events(folder.events) if metering.is_call(e)]
    if not values:
        return ""
    tokens = sum(v["prompt_tokens"] + v["completion_tokens"] for v in values)
    cost = sum(v["cost"] for v in values)
    said = f"{sum(v['calls'] for v in values)} calls, {tokens} tokens"
    return f"{said}, ${cost:.4f}" if cost else said


def _results(folder: RunFolder) -> list[tuple[str, Path]]:
    return [
        ("film", folder.film),
        ("poster", folder.path / "poster.jpg"),
        ("sheet", folder.path / "contact_sheet.png"),
        ("captions", folder.path / "subs.srt"),
        ("plan", folder.plan),
    ]


def main() -> None:
    typer.run(run)


if __name__ == "__main__":
    main()
