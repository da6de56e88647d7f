"""The terminal as it is found: an encoding that lacks letters, arguments that were misread.

What a terminal cannot show is shown by its code points, and nothing ends because of it. Where
Python reads arguments and file names as ASCII, it is started again in its UTF-8 mode.

Knows: streams, the interpreter's start. Does not know: what is printed.
"""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper
from pathlib import Path


def forgive() -> None:
    """Let the standard streams print whatever they are given."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper) and stream.errors in ("strict", "surrogateescape"):
            stream.reconfigure(errors="backslashreplace")


def read_as_utf8() -> None:
    """Start the interpreter again in UTF-8 mode if it took its arguments for ASCII or Latin-1.

    An idea in Japanese would come as half-bytes, and no file of that name could be opened.
    """
    if sys.getfilesystemencoding().lower().replace("-", "") == "utf8" or not sys.orig_argv:
        return
    os.environ["PYTHONUTF8"] = "1"
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def is_nowhere() -> bool:
    """Whether the folder in which the command was given has been deleted."""
    try:
        Path.cwd()
    except FileNotFoundError:
        return True
    return False
