"""Open JTalk's analyser of Japanese, one call at a time: it keeps state between them.

Knows: its lock. Does not know: what its morphemes are for.
"""

from __future__ import annotations

from threading import Lock
from typing import Any, cast

from renderers import native

_ONE = Lock()


def morphemes(text: str) -> list[dict[str, Any]]:
    """What it says of each: `string`, `pron`, `pos`, `pos_group1` to 3, `cform`, `orig`."""
    with _ONE:
        return cast(Any, native.load("pyopenjtalk")).run_frontend(text)
