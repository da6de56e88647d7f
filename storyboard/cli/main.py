"""The console script `storyboard`: every command under one roof.

A command is loaded when it is asked for: most answer in a moment and need little, while all of
them together load half the libraries of the film trade.

Knows: which command lives where. Does not know: what any of them does.
"""

from __future__ import annotations

from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from storyboard import __version__
from storyboard.core import console, terminal

_COMMANDS = {
    "run": "storyboard.run:run",
    "script": "storyboard.cli.script:script",
    "visual": "storyboard.visual:visual",
    "prompt": "storyboard.prompt:prompt",
    "video": "storyboard.video:video",
    "dub": "storyboard.cli.dub:dub",
    "reshape": "storyboard.cli.reshape:reshape",
    "hooks": "storyboard.cli.hooks:hooks",
    "edit": "storyboard.cli.edit:edit",
    "takes": "storyboard.cli.edit:take",
    "report": "storyboard.publish.report:report",
    "sheet": "storyboard.publish.sheet:sheet",
    "upload": "storyboard.publish.upload:upload",
    "publish": "storyboard.cli.publish:publish",
    "publish-login": "storyboard.cli.publish:login",
    "verify": "storyboard.cli.verify:verify",
    "export": "storyboard.cli.export:export",
    "setup": "storyboard.cli.setup:setup",
    "doctor": "storyboard.cli.doctor:doctor",
    "up": "storyboard.cli.services:up",
    "down": "storyboard.cli.services:down",
    "status": "storyboard.cli.services:status",
    "batch": "storyboard.batch.entry_point:batch",
    "mcp": "storyboard.mcp.command:app",
    "formats": "storyboard.cli.formats:app",
    "styles": "storyboard.cli.styles:app",
    "captions": "storyboard.cli.captions:app",
    "judge": "storyboard.cli.judge:app",
    "review": "storyboard.cli.review:app",
    "studio": "storyboard.studio.serve:studio",
    "voices": "storyboard.cli.voices:app",
    "vram": "storyboard.cli.vram:app",
    "worker": "storyboard.cli.workers:app",
}
"""Where each command is, in the order of the help page."""
_PASSED_ON: dict[str, Any] = {
    "context_settings": {"allow_extra_args": True, "ignore_unknown_options": True},
    "add_help_option": False,
}
"""Of a command whose options are its own: whatever follows the word is passed on."""


def _command(name: str) -> Any:
    """The command of that name, loaded now."""
    module, _, attribute = _COMMANDS[name].partition(":")
    found = getattr(import_module(module), attribute)
    roof = typer.Typer(add_completion=False)
    # With it, a roof of one command stays a roof.
    roof.callback()(lambda: None)
    if isinstance(found, typer.Typer):
        roof.add_typer(found, name=name)
    else:
        roof.command(name, **(_PASSED_ON if name == "batch" else {}))(found)
    group: Any = typer.main.get_command(roof)
    return group.commands[name]


class _Commands(TyperGroup):
    """Commands by name; those that were not asked for yet are None."""

    commands: dict[str, Any]

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        # All names are there: the nearest one is suggested for one that is misspelt.
        self.commands = dict.fromkeys(_COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name in _COMMANDS and self.commands[cmd_name] is None:
            self.commands[cmd_name] = _command(cmd_name)
        return self.commands.get(cmd_name)


app = typer.Typer(
    name="storyboard",
    cls=_Commands,
    help="One line of text in, a finished short video out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=True,
)


def _version(asked: bool) -> None:
    if asked:
        console.out.print(f"storyboard {__version__}")
        raise typer.Exit


@app.callback()
def common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """One line of text in, a finished short video out."""


def main() -> None:
    terminal.read_as_utf8()
    if terminal.is_nowhere():
        # Before the commands are built: Python 3.13 does not import there what that needs.
        raise SystemExit(console.nowhere())
    app()


if __name__ == "__main__":
    main()
