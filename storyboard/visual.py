"""`python -m storyboard.visual`: the picture stage alone, for all beats or one.

Knows: options. Does not know: how pictures are made (`storyboard.stages.images`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from image_engine.presets import PRESETS
from renderers.base import JSON
from renderers.options import given
from storyboard.cli.display import ConsoleDisplay
from storyboard.core import console, terminal
from storyboard.core.errors import UsageError
from storyboard.core.options import (
    Allow,
    BestOf,
    CastLibrary,
    Judge,
    MaxRetries,
    Overrides,
    ProfileName,
    Quiet,
    Verbose,
    judging_of,
)
from storyboard.graph.folder import RunFolder
from storyboard.judge.outcome import open_pictures
from storyboard.plan import load_plan
from storyboard.plan.regen import Regen
from storyboard.profile import load_profile
from storyboard.review.reviewed_film import make
from storyboard.stages.film_graph import picture_overrides
from storyboard.stages.own_media import beside_the_plan
from storyboard.stages.render_request import RenderRequest


def visual(
    plan: Annotated[Path, typer.Option(help="The plan.json whose pictures to draw.")],
    out: Annotated[
        Path | None, typer.Option(help="Run folder to draw into (default: the plan's).")
    ] = None,
    only_beat: Annotated[
        int | None, typer.Option(min=0, max=99, help="Draw this beat alone (0: the hook).")
    ] = None,
    redo: Annotated[
        bool, typer.Option("--redo", help="Draw --only-beat anew, with another seed.")
    ] = False,
    steps: Annotated[
        int | None, typer.Option(min=1, max=200, help="Sampling steps, for image models.")
    ] = None,
    resolution: Annotated[
        int | None, typer.Option(min=256, max=4096, help="Longer side, for image models.")
    ] = None,
    preset: Annotated[
        str | None, typer.Option(help=f"For the engine: {', '.join(PRESETS)}.")
    ] = None,
    cast_library: CastLibrary = None,
    draft: Annotated[
        bool, typer.Option("--draft", help="Draw at 1024 first, then the finals from that.")
    ] = False,
    grid: Annotated[
        bool, typer.Option("--grid", help="Draw all beats in one picture first, for compositions.")
    ] = False,
    judge: Judge = None,
    max_retries: MaxRetries = None,
    best_of: BestOf = None,
    seed: Annotated[int | None, typer.Option(min=0, max=2**31 - 1, help="With --redo.")] = None,
    profile: ProfileName = "embedded",
    overrides: Overrides = None,
    allow: Allow = None,
    verbose: Verbose = 0,
    quiet: Quiet = False,
) -> None:
    """Draw the pictures of a plan: every setting, character and beat, or one beat alone."""
    with console.border(verbose):
        if redo and only_beat is None:
            raise UsageError("--redo: name the beat with --only-beat")
        if seed is not None and not redo:
            raise UsageError("--seed: it is the seed of a beat that is drawn anew, with --redo")
        if preset is not None and preset not in PRESETS:
            raise UsageError(f"--preset: {preset!r} is none of {', '.join(PRESETS)}")
        knobs: dict[str, JSON] = {"steps": steps, "resolution": resolution, "preset": preset}
        wanted = {**knobs, "draft": draft or None, "grid": grid or None}
        for line in _without_effect(profile, overrides, wanted):
            console.err.print(Text(line, style="yellow"), soft_wrap=True)
        request = RenderRequest(
            directory=_folder(plan, out, allow or ()),
            profile=profile,
            overrides=(
                *(overrides or ()),
                *picture_overrides(cast_library, draft=draft, grid=grid),
            ),
            regen=Regen((only_beat,), seed) if redo and only_beat is not None else Regen(),
            stages=("images",),
            beats=None if only_beat is None else (only_beat,),
            judge=judge,
            judging=judging_of(judge, max_retries, best_of),
            allow=tuple(allow or ()),
            image_options=given(**knobs),
        )
        display = ConsoleDisplay(console.err, quiet=quiet, verbose=verbose)
        film = make(request, display, None, "visual").film
        for step in film.graph.steps:
            if "image" in step.targets and not step.intermediate:
                path = film.folder.path / step.targets["image"]
                console.out.print(Text(str(path)), soft_wrap=True)
        for line in open_pictures(film.folder.path, film.graph):
            console.err.print(Text(f"open: {line}", style="yellow"), soft_wrap=True)


def _without_effect(
    profile: str, overrides: list[str] | None, wanted: Mapping[str, object]
) -> Iterator[str]:
    """A note where options for image models are given and none draws."""
    named = [f"--{name}" for name, value in wanted.items() if value is not None]
    if named and load_profile(profile, tuple(overrides or ())).image.backend == "animatic":
        yield (
            f"note: {', '.join(named)} is for image models; this profile's animatic draws without "
            "one (another --profile, or --set image.backend=…)"
        )


def _folder(plan: Path, out: Path | None, allow: Sequence[Path]) -> Path:
    """The run folder of a plan file; with `out`, the plan is checked and copied there."""
    loaded = load_plan(plan)
    if out is None and plan.name == "plan.json":
        return plan.parent
    if out is None:
        raise UsageError(f"--plan: {plan} is not named plan.json; say where to draw with --out")
    target = RunFolder(out)
    target.open()
    if target.plan.is_file() and target.plan.read_bytes() != plan.read_bytes():
        raise UsageError(f"--out: {out} holds another plan; choose another folder")
    for name in beside_the_plan(loaded, plan.parent, allow):
        target.files.copy(plan.parent / name, Path(os.path.normpath(name)))
    target.files.copy(plan, target.plan.name)
    return out


def main() -> None:
    terminal.read_as_utf8()
    typer.run(visual)


if __name__ == "__main__":
    main()
