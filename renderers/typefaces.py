"""Fonts come from packages, never from the machine: a film looks the same wherever it is made.

Neither libraries nor programs of this process hear of it by a variable of the environment: what
else it starts (a browser, a tool of its caller's) needs the machine's fonts.

Knows: how a typeface is read from a file, what ffmpeg has to be told. Does not know: which
fonts, what is written with them.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).with_name("fontconfig")
"""A root of its own, not just a file: ffmpeg's fontconfig is older than most systems' and
prints warnings about theirs."""


def of_file(path: Path) -> Any:
    """The skia typeface of a font file; None for what is none."""
    return _manager().makeFromFile(str(path))


def packaged_only() -> dict[str, str]:
    """The environment for a program that draws text, in which the machine has no fonts."""
    return {**os.environ, "FONTCONFIG_SYSROOT": str(_ROOT)}


@cache
def _manager() -> Any:
    # Imported when a letter is drawn: whoever only runs ffmpeg needs none of it.
    import skia

    # Skia's own default asks the machine's fontconfig for all of its fonts.
    return skia.FontMgr.New_Custom_Empty()
