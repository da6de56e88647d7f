"""`python -m storyboard.prompt`: the image prompt of a beat: see it, have it reworded, set it.

Knows: options, what to print. Does not know: how prompts are written (`storyboard.writing.prompting.template`,
`storyboard.writing.prompting.prompter`).
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from storyboard.core import console, terminal
from storyboard.core.errors import UsageError
from storyboard.core.events import EventLog
from storyboard.core.files import disk_errors
from storyboard.core.lock import exclusive
from storyboard.core.options import Overrides, ProfileName, Verbose
from storyboard.graph.folder import RunFolder, existing
from storyboard.graph.session import Session
from storyboard.plan import Beat, ImagePrompt, Plan, dump_plan, load_plan
from storyboard.profile import Profile, load_profile
from storyboard.profile.metering import room
from storyboard.writing.prompting.prompter import (
    is_stale,
    prompt_faults,
    prompt_of,
    rewrite,
    template,
)
from storyboard.writing.prompting.template import words


def prompt(
    directory: Annotated[Path, typer.Option("--dir", help="The run whose plan it is.")],
    beat: Annotated[
        int | None, typer.Option(min=1, max=99, help="This beat; without it, all are shown.")
    ] = None,
    rewrite_it: Annotated[
        bool, typer.Option("--rewrite", help="Have the language model word it anew.")
    ] = False,
    set_text: Annotated[
        str | None,
        typer.Option(help="Keep the text of this file (-: typed in) as a prompt of your own."),
    ] = None,
    reset: Annotated[
        bool, typer.Option("--reset", help="Forget the stored prompt: the template again.")
    ] = False,
    profile: ProfileName = "embedded",
    overrides: Overrides = None,
    verbose: Verbose = 0,
) -> None:
    """Show the image prompt of a beat with its references and shift; reword it or set your own.

    A prompt of your own is kept as it is, whatever else changes, until --reset.
    """
    with console.border(verbose):
        folder = existing(directory)
        changes = sum((rewrite_it, set_text is not None, reset))
        if changes > 1:
            raise UsageError("--rewrite, --set-text and --reset exclude each other")
        if changes and beat is None:
            raise UsageError("name the beat to change with --beat")
        if not changes:
            plan = load_plan(folder.plan)
            for each in plan.beats if beat is None else [_beat(plan, beat)]:
                _show(plan, each)
            return
        assert beat is not None
        with exclusive(folder.path):
            plan = load_plan(folder.plan)
            old = _beat(plan, beat)
            if rewrite_it:
                new = _reworded(plan, old, load_profile(profile, tuple(overrides or ())), folder)
            else:
                new = None if set_text is None else _own(plan, old, _read(set_text))
            _save(folder, plan, old.model_copy(update={"prompt": new}))
        plan = load_plan(folder.plan)
        _show(plan, _beat(plan, beat))


def _beat(plan: Plan, index: int) -> Beat:
    if not any(beat.index == index for beat in plan.beats):
        raise UsageError(f"--beat: the plan has beats 1 to {len(plan.beats)}, not {index}")
    return plan.beat(index)


def _reworded(plan: Plan, beat: Beat, profile: Profile, folder: RunFolder) -> ImagePrompt:
    if beat.prompt is not None and beat.prompt.edited:
        raise UsageError(
            f"beat {beat.index} has a prompt of your own; --reset it first if it may go"
        )
    log = EventLog(folder.events)
    with (
        Session() as session,
        session.backends(profile) as backends,
        session.leases(profile, log) as leases,
        room("prompts"),
    ):
        backends.attach(log)
        if backends.prompter is None:
            raise UsageError(
                "--rewrite needs a language model: choose a --profile with a [chat] or [prompter] backend"
            )
        work = partial(rewrite, plan, beat, backends.prompter)
        written = leases.plan(work) if leases else work()
    if written.note:
        console.err.print(Text(f"beat {beat.index}: {written.note}", style="yellow"))
    return written.prompt


def _own(plan: Plan, beat: Beat, text: str) -> ImagePrompt:
    """The user's words on the references in use; what they lack is said, not mended."""
    text = " ".join(text.split())
    if not text:
        raise UsageError("--set-text: the text is empty; --reset brings the template back")
    now = prompt_of(plan, beat)
    for fault in prompt_faults(plan, beat, text, now.references):
        console.err.print(Text(f"note: {fault}", style="yellow"))
    return now.model_copy(update={"text": text, "edited": True, "reason": "written by hand"})


def _read(source: str) -> str:
    if source == "-":
        return sys.stdin.read()
    try:
        return Path(source).read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--set-text: {source} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"--set-text: {source} is no text in UTF-8") from None


def _save(folder: RunFolder, plan: Plan, beat: Beat) -> None:
    beats = [beat if other.index == beat.index else other for other in plan.beats]
    with disk_errors("saving the plan"):
        folder.files.write(folder.plan.name, dump_plan(plan.model_copy(update={"beats": beats})))


def _show(plan: Plan, beat: Beat) -> None:
    now = prompt_of(plan, beat)
    console.out.print(Text(f"beat {beat.index} {beat.type}", style="bold"), end="  ")
    console.out.print(Text(_whose(plan, beat), style="dim"))
    console.out.print(Text(now.text), soft_wrap=True)
    for number, reference in enumerate(now.references, 1):
        console.out.print(Text(f"image {number}  {reference}"))
    console.out.print(Text(f"shift {now.shift:g}  {now.reason}"), soft_wrap=True)
    console.out.print()


def _whose(plan: Plan, beat: Beat) -> str:
    stored = beat.prompt
    count = f"{words(prompt_of(plan, beat).text)} words"
    if stored is None:
        return f"template, {count}"
    if stored.edited:
        return f"your own, {count}"
    if is_stale(plan, beat):
        return f"template, {count}; the stored prompt is older than the plan (--rewrite)"
    return f"{'template' if stored.text == template(plan, beat).text else 'reworded'}, {count}"


def main() -> None:
    terminal.read_as_utf8()
    typer.run(prompt)


if __name__ == "__main__":
    main()
