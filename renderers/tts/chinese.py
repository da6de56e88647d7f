"""Mandarin to the symbols Kokoro was trained on, by misaki, Kokoro's own front end.

Knows: how misaki is called. Does not know: voices, audio, other languages.
"""

from __future__ import annotations

import logging
import re
from functools import cache
from importlib import import_module, util
from threading import Lock
from typing import Any

from renderers.errors import Unavailable
from renderers.tts.written import elsewhere

PACKAGE = "misaki[zh]"
_NEEDED = ("misaki", "pypinyin", "jieba", "cn2an", "ordered_set")
_LOCK = Lock()


def installed() -> bool:
    return all(util.find_spec(name) is not None for name in _NEEDED)


def phonemes(text: str) -> str:
    """`text` in Kokoro's symbols; "" when nothing can be said.

    Raises:
        Unavailable: misaki's Chinese is not installed.
    """
    if not installed():
        raise Unavailable(f"no Chinese front end is here: pip install '{PACKAGE}'")
    if not re.search(r"[^\W_]", text):
        return ""
    with _LOCK:
        said, _ = _front_end()(elsewhere.written_out(text, "zh"))
    return str(said)


@cache
def _front_end() -> Any:
    jieba: Any = import_module("jieba")
    jieba.setLogLevel(logging.WARNING)
    return import_module("misaki.zh").ZHG2P()
