"""The border between commands and people: consoles, errors as one paragraph, exit codes.

Knows: how a command ends. Does not know: what a command does.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import NoReturn

import typer
from rich.console import Console
from rich.text import Text

from renderers.errors import RendererError
from storyboard.core import terminal
from storyboard.core.errors import StoryboardError
from storyboard.core.files import os_refusal
from storyboard.core.versions import way_on

# Before anything is printed: help pages are not inside of the border.
terminal.forgive()
out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

INTERRUPTED = 130
UNEXPECTED = 70
NOWHERE = 2
_ENDS = (signal.SIGTERM, signal.SIGHUP)
_LINE = 2500
"""Characters of a line at most: a message may quote what somebody gave."""


def nowhere() -> int:
    """Say that the working directory is gone; the exit code."""
    _say("the folder that you are in has been deleted: change to one that is there", "red")
    return NOWHERE


@contextmanager
def border(verbosity: int = 0) -> Generator[None]:
    """Turn errors into one clear paragraph and an exit code; `-vv` shows the traceback too."""
    terminal.forgive()
    if terminal.is_nowhere():
        raise typer.Exit(nowhere())
    try:
        with _ended_in_order():
            yield
    except KeyboardInterrupt:
        _say("Interrupted. Everything finished is kept: the same command goes on from here.")
        raise typer.Exit(INTERRUPTED) from None
    except (StoryboardError, RendererError) as error:
        if verbosity >= 2:
            err.print_exception()
        _say(str(error), "red")
        raise typer.Exit(getattr(error, "exit_code", 1)) from None
    except BrokenPipeError:
        # The reader of our output went away (`| head`): nothing is wrong, and nobody listens.
        sys.stderr.close()
        raise typer.Exit(0) from None
    except (typer.Exit, typer.Abort, SystemExit):
        raise
    except (OSError, MemoryError) as error:
        # Only what the system refuses: a file of ours that is not there is a bug.
        told = os_refusal(error)
        if told is None:
            _unexpected(error, verbosity)
        _say(told or "", "red")
        raise typer.Exit(1) from None
    except Exception as error:  # noqa: BLE001 - the border of the process
        _unexpected(error, verbosity)


@contextmanager
def _ended_in_order() -> Generator[None]:
    """SIGTERM and a closed terminal end a command as Ctrl-C does: with its last words written."""

    def end(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before: list[signal.Signals] = []
    if threading.current_thread() is threading.main_thread():
        # Who started us may have had a signal ignored (nohup), or waits for it himself.
        before = [n for n in _ENDS if signal.getsignal(n) is signal.SIG_DFL]
    for number in before:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in before:
            signal.signal(number, signal.SIG_DFL)


def _unexpected(error: Exception, verbosity: int) -> NoReturn:
    if verbosity >= 2:
        err.print_exception()
    _say(
        f"Unexpected {type(error).__name__}: {error}. This is a bug in storyboard; "
        f"-vv shows where. Everything finished is kept. {way_on(error)}",
        "red",
    )
    raise typer.Exit(UNEXPECTED) from None


def _say(text: str, style: str = "") -> None:
    # Halves of characters, as JSON may hold them, cannot be printed.
    whole = text.encode(errors="replace").decode()
    whole = "\n".join(s if len(s) <= _LINE else f"{s[: _LINE - 1]}…" for s in whole.split("\n"))
    err.print(Text(whole, style=style), soft_wrap=True)
