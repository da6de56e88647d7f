"""`python -m storyboard.run`: the main job, from one line of text to a finished short.

Knows: options, what to print. Does not know: how a film is made (`storyboard.stages.film`).
"""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from storyboard.cli.display import ConsoleDisplay
from storyboard.cli.forecast import card_of, print_forecast
from storyboard.cli.result import finish, finish_each
from storyboard.core import console, terminal
from storyboard.core.errors import ChecksFailed, UsageError
from storyboard.core.files import read_given, slugify
from storyboard.core.options import (
    Allow,
    BestOf,
    CastLibrary,
    Explain,
    Jobs,
    Judge,
    MaxRetries,
    Overrides,
    ProfileName,
    Quiet,
    Speed,
    judging_of,
)
from storyboard.graph.session import Session
from storyboard.plan import Aspect, Language
from storyboard.plan.regen import Regen, parse_beats
from storyboard.plan.series import FILE, bible_in
from storyboard.profile.source import at_speed
from storyboard.review.bounds import (
    Bounds,
    MaxRounds,
    MendOption,
    ReviewCost,
    ReviewMinutes,
    SkipReview,
)
from storyboard.review.reviewed_film import make, make_beside
from storyboard.stages.film import dry_run
from storyboard.stages.film_graph import picture_overrides
from storyboard.stages.gates import parse_gates
from storyboard.stages.render_request import RenderRequest
from storyboard.stages.scripts import scripted

Only = Literal["plan", "images", "speech", "clips", "assemble"]


def run(
    idea: Annotated[
        str | None, typer.Option(help="What the film is about, in one line.", show_default=False)
    ] = None,
    idea_file: Annotated[
        Path | None, typer.Option(help="Read the idea from this text file instead.")
    ] = None,
    script: Annotated[
        Path | None,
        typer.Option(
            help="Film this script word for word: Fountain, `NAME: line`, Markdown or SRT."
        ),
    ] = None,
    episodes: Annotated[
        bool,
        typer.Option(
            "--episodes", help="With --script: cut one that is too long into NAME-1, NAME-2 …"
        ),
    ] = False,
    directory: Annotated[
        Path | None, typer.Option("--dir", help="Continue or mend the film in this folder.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder of a new film (default: runs/<words of the idea>).")
    ] = None,
    series: Annotated[
        Path | None,
        typer.Option(help="Make an episode of the series in this folder, which has a series.yaml."),
    ] = None,
    format: Annotated[
        str | None,
        typer.Option(
            help="A format's name (`storyboard formats`) or a YAML file (default: explainer where "
            "the idea asks why or how, else comedy_5)."
        ),
    ] = None,
    language: Annotated[
        Language | None, typer.Option(help="Language spoken (default: the idea's).")
    ] = None,
    aspect: Annotated[
        Aspect | None, typer.Option(help="Shape of the picture (default: the format's).")
    ] = None,
    profile: ProfileName = "embedded",
    speed: Speed = None,
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
        str | None,
        typer.Option(
            help="A look's name (`storyboard captions`) or a YAML file; kept in the plan."
        ),
    ] = None,
    style: Annotated[
        str | None,
        typer.Option(help="A style's name (`storyboard styles`) or a YAML file; kept in the plan."),
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
    gate: Annotated[
        str,
        typer.Option(
            help="Wait for you after these stages: plan,images,clips. The next run with --dir goes on."
        ),
    ] = "",
    hooks: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=9,
            help="Make the film with so many first seconds (`storyboard hooks`).",
            show_default=False,
        ),
    ] = None,
    explain_only: Explain = False,
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
    offline: Annotated[
        bool, typer.Option("--offline", help="Fetch nothing unasked: no native voices.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Make a short film of an idea, or continue or mend one.

    Whatever is already made is used again: edit plan.json and run, and exactly what the
    edit touches is made anew. Exit codes: 0 done, 1 something outside is in the way (disk,
    permission, package), 2 wrong input, 3 a check of the final film failed, 4 the folder is
    in use, 5 a step failed, 6 a cap on language models was reached.
    """
    if offline:
        os.environ["STORYBOARD_OFFLINE"] = "1"
    with console.border(verbose):
        if idea_file is not None:
            idea = _read_idea(idea, idea_file)
        elif idea is not None and len(idea) < 250 and Path(idea).is_file():
            raise UsageError(
                f"--idea: {idea} is a file: --idea-file {shlex.quote(idea)} reads one idea from it, "
                f"`storyboard batch add {shlex.quote(idea)}` a list"
            )
        if as_json and not explain_only:
            raise UsageError("--json: only --explain is told as JSON; add --explain")
        gates = parse_gates(gate)
        if gates and only:
            raise UsageError("--gate and --only both say where to stop: give one of them")
        if hooks and only:
            raise UsageError("--hooks is for a film that is made whole: leave --only away")
        beats = parse_beats(regen_beats)
        if episodes and script is None:
            raise UsageError("--episodes cuts a script: name it with --script")
        if series is not None:
            _check_series(series, idea)
            out = out or series / slugify(idea or "")
        fresh = directory is None
        if fresh and beats != "none":
            raise UsageError("--regen-beats: name the film to mend with --dir")
        request = RenderRequest(
            idea=idea,
            directory=directory,
            out=out,
            format=format or "",
            language=language,
            aspect=aspect,
            seed=seed if fresh else None,
            profile=at_speed(profile, speed),
            overrides=(*(overrides or ()), *picture_overrides(cast_library)),
            candidates=candidates,
            regen=Regen(beats, seed if not fresh else None),
            hooks=hooks or 0,
            stages=(only,) if only else (),
            gates=gates,
            judge=judge,
            judging=judging_of(judge, max_retries, best_of),
            captions=captions,
            style=style,
            allow=tuple(allow or ()),
            jobs=jobs,
        )
        requests = [request]
        if script is not None:
            _refuse_beside_script(idea=idea, directory=directory, format=format)
            requests = scripted(request, script, episodes=episodes)
        if explain_only:
            for one in requests:
                told = dry_run(one)
                print_forecast(told.folder, told.steps, as_json=as_json, card=card_of(told))
                for folder, _, steps in told.beside:
                    print_forecast(folder, steps, as_json=as_json)
            return
        bounds = None
        if not skip_review:
            bounds = Bounds(max_rounds, review_minutes, review_cost, mend)
        with Session() as session:
            # All are made before one that does not hold up is told: each stands by itself.
            failed = [_make(o, session, bounds, quiet=quiet, verbose=verbose) for o in requests]
            for one in requests:
                display = ConsoleDisplay(console.err, quiet=quiet, verbose=verbose)
                try:
                    films = make_beside(one, display, shlex.join(sys.argv), session=session)
                    finish_each(films, display)
                except ChecksFailed as error:
                    failed.append(str(error))
        if told_of := list(filter(None, failed)):
            raise ChecksFailed("\n".join(told_of))


def _make(
    request: RenderRequest, session: Session, bounds: Bounds | None, *, quiet: bool, verbose: int
) -> str:
    """Make one film; what its checks hold against it, "" for nothing."""
    display = ConsoleDisplay(console.err, quiet=quiet, verbose=verbose)
    command = shlex.join(sys.argv)
    try:
        done = make(request, display, bounds, command, session=session)
        finish(done.film, display, done.history)
    except ChecksFailed as error:
        return (
            f"{request.out}: {error}" if request.script and request.script.episode else str(error)
        )
    return ""


def _check_series(series: Path, idea: str | None) -> None:
    if idea is None:
        raise UsageError(
            "--series: give the idea of a new episode; one that is there goes on with --dir"
        )
    if bible_in(series) is None:
        raise UsageError(
            f"--series: {series} holds no {FILE}: write one, with `title: NAME` and what all "
            "episodes share"
        )


def _refuse_beside_script(*, idea: str | None, directory: Path | None, format: str | None) -> None:
    if idea is not None:
        raise UsageError("--script says what the film says: leave --idea and --idea-file away")
    if directory is not None:
        raise UsageError("--dir goes on with a film, which has its script: leave --script away")
    if format is not None:
        raise UsageError("--format shapes an idea; a script has its own shape: leave one away")


def _read_idea(idea: str | None, file: Path) -> str:
    if idea is not None:
        raise UsageError("--idea and --idea-file both give the idea: use one of them")
    return read_given(file, "--idea-file").strip()


def main() -> None:
    terminal.read_as_utf8()
    typer.run(run)


if __name__ == "__main__":
    main()
