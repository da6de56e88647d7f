"""`python -m storyboard.prompt`: the prompt of a picture: see it, have it reworded, set it.

Knows: options, what to print. Does not know: how prompts are written (`storyboard.writing.prompting.template`,
`storyboard.writing.prompting.prompter`).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from storyboard.core import console, terminal
from storyboard.core.errors import UsageError
from storyboard.core.events import EventLog
from storyboard.core.files import read_given
from storyboard.core.lock import exclusive
from storyboard.core.options import Overrides, ProfileName, Verbose
from storyboard.graph.folder import RunFolder, existing
from storyboard.graph.session import Session
from storyboard.plan import Beat, Character, Hook, ImagePrompt, Plan, Setting, load_plan
from storyboard.plan.shots import at_one_end
from storyboard.profile import Profile, load_profile
from storyboard.profile.metering import room
from storyboard.review.reviewed_film import take_back
from storyboard.writing.prompting.checks import prompt_faults
from storyboard.writing.prompting.prompter import (
    is_stale,
    pictures,
    prompt_of,
    rewrite,
    template,
    with_prompt,
)
from storyboard.writing.prompting.wording import Picture, words


def prompt(
    directory: Annotated[Path, typer.Option("--dir", help="The run whose plan it is.")],
    beat: Annotated[
        int | None,
        typer.Option(min=0, max=99, help="This beat (0: the hook); without it, all are shown."),
    ] = None,
    of: Annotated[
        str | None, typer.Option(help="The sheet of this character, or the place of this id.")
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
    """Show a picture's prompt with its references and shift; reword it or set your own.

    A prompt of your own is kept as it is, whatever else changes, until --reset.
    """
    with console.border(verbose):
        folder = existing(directory)
        changes = sum((rewrite_it, set_text is not None, reset))
        if changes > 1:
            raise UsageError("--rewrite, --set-text and --reset exclude each other")
        if beat is not None and of is not None:
            raise UsageError("--beat and --of exclude each other")
        if changes and beat is None and of is None:
            raise UsageError(
                "name the beat to change with --beat, or a place or character with --of"
            )
        if not changes:
            plan = load_plan(folder.plan)
            drawn = at_one_end(plan)
            for each in _chosen(drawn, beat, of):
                _show(drawn, *each)
            return
        with exclusive(folder.path):
            take_back(folder)
            plan = load_plan(folder.plan)
            drawn = at_one_end(plan)
            (called, old), *_ = _chosen(drawn, beat, of)
            if rewrite_it:
                profile_ = load_profile(profile, tuple(overrides or ()))
                new = _reworded(drawn, called, old, profile_, folder)
            else:
                new = None if set_text is None else _own(drawn, old, _read(set_text))
            folder.save_plan(with_prompt(plan, old, new))
        drawn = at_one_end(load_plan(folder.plan))
        _show(drawn, *_chosen(drawn, beat, of)[0])


def _chosen(plan: Plan, index: int | None, id: str | None) -> Sequence[tuple[str, Picture]]:
    """The pictures that are meant, with what they are called; all beats where none is named.

    Raises:
        UsageError: there is none.
    """
    every = list(pictures(plan))
    if id is not None:
        found = [(c, p) for c, p in every if isinstance(p, (Setting, Character)) and p.id == id]
        known = ", ".join(p.id for _, p in every if isinstance(p, (Setting, Character)))
        if not found:
            raise UsageError(f"--of: there is no place or character '{id}': {known}")
        return found
    beats = [(c, p) for c, p in every if isinstance(p, (Hook, Beat))]
    if index is None:
        return [(c, p) for c, p in beats if isinstance(p, Beat)]
    found = [(c, p) for c, p in beats if (p.index if isinstance(p, Beat) else 0) == index]
    if not found:
        raise UsageError(f"--beat: the plan has beats 1 to {len(plan.beats)}, not {index}")
    return found


def _reworded(
    plan: Plan, called: str, picture: Picture, profile: Profile, folder: RunFolder
) -> ImagePrompt:
    if picture.prompt is not None and picture.prompt.edited:
        raise UsageError(f"{called} has a prompt of your own; --reset it first if it may go")
    log = EventLog(folder.events)
    with Session() as session, session.backends(profile) as backends, room("prompts"):
        backends.attach(log)
        if backends.prompter is None:
            raise UsageError(
                "--rewrite needs a language model: choose a --profile with a [chat] or [prompter] backend"
            )
        work = partial(rewrite, plan, picture, backends.prompter)
        uses = "chat" if profile.prompter is None else "prompter"
        written = session.perform(profile, uses, log, work)
    if written.note:
        console.err.print(Text(f"{called}: {written.note}", style="yellow"))
    return written.prompt


def _own(plan: Plan, picture: Picture, text: str) -> ImagePrompt:
    """The user's words on the references in use; what they lack is said, not mended."""
    text = " ".join(text.split())
    if not text:
        raise UsageError("--set-text: the text is empty; --reset brings the template back")
    now = prompt_of(plan, picture)
    for fault in prompt_faults(plan, picture, text, now.references):
        console.err.print(Text(f"note: {fault}", style="yellow"))
    return now.model_copy(update={"text": text, "edited": True, "reason": "written by hand"})


def _read(source: str) -> str:
    if source == "-":
        return sys.stdin.read()
    return read_given(Path(source), "--set-text")


def _show(plan: Plan, called: str, picture: Picture) -> None:
    now = prompt_of(plan, picture)
    kind = f" {picture.type}" if isinstance(picture, Beat) else ""
    console.out.print(Text(f"{called}{kind}", style="bold"), end="  ")
    console.out.print(Text(_whose(plan, picture), style="dim"))
    console.out.print(Text(now.text), soft_wrap=True)
    for number, reference in enumerate(now.references, 1):
        console.out.print(Text(f"image {number}  {reference}"))
    console.out.print(Text(f"shift {now.shift:g}  {now.reason}"), soft_wrap=True)
    console.out.print()


def _whose(plan: Plan, picture: Picture) -> str:
    stored = picture.prompt
    count = f"{words(prompt_of(plan, picture).text)} words"
    if stored is None:
        return f"template, {count}"
    if stored.edited:
        return f"your own, {count}"
    if is_stale(plan, picture):
        return f"template, {count}; the stored prompt is older than the plan (--rewrite)"
    same = stored.text == template(plan, picture).text
    return f"{'template' if same else 'reworded'}, {count}"


def main() -> None:
    terminal.read_as_utf8()
    typer.run(prompt)


if __name__ == "__main__":
    main()
