"""`storyboard edit` and `storyboard takes`: change a film's plan, and choose among takes.

Knows: options and tables. Does not know: what a patch is, how a take is made.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.text import Text

from storyboard.cli.display import ConsoleDisplay
from storyboard.core import console
from storyboard.core.errors import UsageError
from storyboard.core.files import read_given
from storyboard.core.options import Allow, Overrides, ProfileName, Quiet, Verbose
from storyboard.edit import beat_patches, preview, takes
from storyboard.edit.patch import Operation, Patch, read_patch
from storyboard.edit.recut import recut
from storyboard.graph.folder import existing
from storyboard.plan import load_plan
from storyboard.plan.regen import parse_beats
from storyboard.publish.export import shown_seconds
from storyboard.review.markdown import shown
from storyboard.stages.render_request import RenderRequest

Run = Annotated[Path, typer.Argument(help="The run folder.")]


def edit(
    run: Run,
    patch: Annotated[
        Path | None, typer.Option(help="JSON Patch (RFC 6902) of the plan, as a file; -: stdin.")
    ] = None,
    cut: Annotated[
        Path | None,
        typer.Option(help="An OpenTimelineIO project of `storyboard export`, cut anew."),
    ] = None,
    lock: Annotated[str, typer.Option(help="Beats that nothing redoes: 3,5 or hook.")] = "none",
    unlock: Annotated[str, typer.Option(help="Beats to unlock.")] = "none",
    undo: Annotated[
        bool, typer.Option("--undo", help="Take the last edit back (--apply writes).")
    ] = False,
    redo: Annotated[
        bool, typer.Option("--redo", help="Do again what was undone (--apply writes).")
    ] = False,
    apply: Annotated[
        bool, typer.Option("--apply", help="Write the plan; without it, only show what changes.")
    ] = False,
    profile: ProfileName = "embedded",
    overrides: Overrides = None,
    allow: Allow = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
    verbose: Verbose = 0,
) -> None:
    """Show what a change of the plan would redo and cost; with --apply, write it.

    Paths name beats by number and people by id: /beats/3/line, /cast/mia/wardrobe, /hook/title.
    Nothing is rendered: `storyboard run --dir RUN` makes what the change touches.
    """
    with console.border(verbose):
        request = _request(run, profile, overrides, allow)
        if undo or redo:
            _refuse_beside(undo, redo, patch or cut or {lock, unlock} != {"none"})
            done = preview.undo(request, again=redo, apply=apply)
        else:
            wanted = [*_read(patch), *_locks(run, lock, locked=True)]
            wanted += _locks(run, unlock, locked=False)
            if cut is not None:
                wanted += _recut(run, cut)
            if not wanted:
                raise UsageError(
                    f"{cut.name} has the film as it is: nothing to change"
                    if cut is not None
                    else "give --patch FILE, --cut FILE, --lock, --unlock, --undo or --redo"
                )
            done = (preview.apply if apply else preview.propose)(request, wanted)
        if as_json:
            console.out.print_json(json.dumps(done.as_json()))
            return
        _print(done)
        if not apply:
            console.out.print("nothing is written: --apply does it")
        elif done.cost.steps:
            console.out.print(f"make it: storyboard run --dir {run}", soft_wrap=True)


def _refuse_beside(undo: bool, redo: bool, other: object) -> None:
    """One of the two takes a step; with anything else it is not clear which change is meant."""
    if undo and redo:
        raise UsageError("--undo and --redo are each other's opposite: give one of them")
    if other:
        raise UsageError(
            f"{'--undo' if undo else '--redo'} takes one step by itself: give --patch, --cut, "
            "--lock or --unlock in a command of their own"
        )


def _recut(run: Path, project: Path) -> list[Operation]:
    """What a project that was cut anew changes, against the lengths that the film has."""
    folder = existing(run, "RUN")
    plan = load_plan(folder.plan)
    return recut(plan, project, shown_seconds(folder, plan))


def take(
    run: Run,
    beat: Annotated[str, typer.Argument(help="The beat's number, or hook.")],
    part: Annotated[
        Literal["picture", "speech", "clip"], typer.Option(help="What to make takes of.")
    ] = "picture",
    make: Annotated[
        int, typer.Option(min=0, max=takes.MOST, help="Make so many further takes.")
    ] = 0,
    choose: Annotated[
        int | None, typer.Option(help="Have the take with this seed be the film's.")
    ] = None,
    drop: Annotated[bool, typer.Option("--drop", help="Remove the beat's other takes.")] = False,
    profile: ProfileName = "embedded",
    overrides: Overrides = None,
    allow: Allow = None,
    verbose: Verbose = 0,
    quiet: Quiet = False,
) -> None:
    """Make, list and choose takes of one beat's picture, spoken line or clip."""
    with console.border(verbose):
        request = _request(run, profile, overrides, allow)
        folder, number = preview.planned(request), _one(beat)
        beat_patches.part_of(load_plan(folder.plan), number)
        if make:
            display = ConsoleDisplay(console.err, quiet=quiet, verbose=verbose)
            takes.make_takes(request, number, part, make, display=display)
        if choose is not None:
            chosen = takes.take_of(folder, number, part, choose)
            _, proposal = takes.choose(request, chosen)
            preview.keep(request, proposal)
            _print(proposal)
        if drop:
            takes.drop(folder, number)
        found = [each for each in takes.takes_of(folder, number) if each.part == part]
        for each in found:
            line = f"{each.seed:>10}  {folder.path / each.file}"
            console.out.print(Text(f"{line}  the film's" if each.chosen else line), soft_wrap=True)
        if not found:
            console.out.print("none yet: --make 2")


def _request(
    run: Path, profile: str, overrides: list[str] | None, allow: list[Path] | None
) -> RenderRequest:
    existing(run, "RUN")
    return RenderRequest(
        directory=run,
        profile=profile,
        overrides=tuple(overrides or ()),
        allow=tuple(allow or ()),
    )


def _read(patch: Path | None) -> Patch:
    if patch is None:
        return []
    if str(patch) == "-":
        return read_patch(typer.get_text_stream("stdin").read())
    return read_patch(read_given(patch, "--patch"))


def _locks(run: Path, named: str, *, locked: bool) -> Patch:
    chosen = parse_beats(named, "--lock" if locked else "--unlock")
    if chosen == "none":
        return []
    plan = load_plan(run / "plan.json")
    if chosen == "all":
        chosen = tuple([0] * (plan.hook is not None) + [beat.index for beat in plan.beats])
    for number in chosen:
        beat_patches.part_of(plan, number)
    return [operation for n in chosen for operation in beat_patches.lock(n, locked=locked)]


def _one(beat: str) -> int:
    chosen = parse_beats(beat, "BEAT")
    if not isinstance(chosen, tuple) or len(chosen) != 1:
        raise UsageError(f"BEAT: {beat!r} is not one beat: a number, or hook")
    return chosen[0]


def _print(proposal: preview.Proposal) -> None:
    for change in proposal.changes:
        before, after = shown(change.before), shown(change.after)
        console.out.print(Text(f"{change.path}: {before} → {after}"), soft_wrap=True)
    if not proposal.changes:
        console.out.print("changes nothing")
    for step in proposal.redone:
        console.out.print(Text(f"  {step.step}: {step.reason}", style="yellow"), soft_wrap=True)
    if proposal.kept:
        told = f"  kept by a lock: {', '.join(proposal.kept)}"
        console.out.print(Text(told, style="dim"), soft_wrap=True)
    console.out.print(Text(str(proposal.cost)), soft_wrap=True)
