"""`docs/cli.md`, written from the commands themselves: `python -m storyboard.cli.reference`.

Knows: how a command tells its options. Does not know: any command.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import typer

from storyboard.cli.main import app
from storyboard.core.files import write_text

PAGE = Path("docs/cli.md")
_HEAD = """# Commands

Every command with its options, written from the commands themselves by `make reference`. `--help`
behind any of them prints the same.
"""


def reference() -> str:
    """The whole page, in Markdown."""
    group: Any = typer.main.get_command(app)
    context = group.context_class(group, info_name="storyboard")
    return _HEAD + "".join(_pages(group, context, "storyboard"))


def _pages(command: Any, context: Any, name: str) -> Iterator[str]:
    if not hasattr(command, "list_commands"):
        yield _page(command, name)
        return
    if command.invoke_without_command:
        yield _page(command, name)
    for inner in command.list_commands(context):
        found = command.get_command(context, inner)
        inner_context = found.context_class(found, info_name=inner, parent=context)
        yield from _pages(_behind(found, inner), inner_context, f"{name} {inner}")


def _behind(command: Any, name: str) -> Any:
    """The commands behind a door that passes its words on."""
    if name != "batch":
        return command
    from storyboard.cli.batch import app as batch

    return typer.main.get_command(batch)


def _page(command: Any, name: str) -> str:
    words = [
        name,
        *((p.metavar or p.name).upper() for p in command.params if p.param_type_name == "argument"),
    ]
    said = (command.help or "").split("\f")[0].strip()
    lines = [f"\n## `{' '.join(words)}`\n", f"{said}\n"]
    hints = get_type_hints(command.callback)
    rows = [
        _row(option, _choices(hints.get(option.name)))
        for option in command.params
        if option.param_type_name == "option" and not option.hidden
    ]
    if rows:
        lines += ["| | |", "|---|---|", *rows, ""]
    return "\n".join(lines)


def _choices(hint: Any) -> str:
    """The words that an option takes, if it takes but a few."""
    for part in (hint, *get_args(hint)):
        if get_origin(part) is Literal:
            return ", ".join(map(str, get_args(part)))
    return ""


def _row(option: Any, choices: str) -> str:
    """One option in a row: its names, what it takes, what it is for."""
    names = ", ".join([*option.opts, *option.secondary_opts])
    default = option.default
    shown = isinstance(default, str | int | float) and not isinstance(default, bool) and default
    said = [
        " ".join((option.help or "").split()),
        f"One of {choices}." if choices else "",
        f"Default: {default}." if shown else "",
    ]
    return f"| `{names}` | {' '.join(part for part in said if part)} |".replace("[", "\\[")


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(PAGE.read_text(encoding="utf-8") != reference())
    write_text(PAGE, reference())
