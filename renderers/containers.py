"""Media files opened as what they are: a file is one file.

What a file is, decoders find by its content, whatever it is called: a playlist named `film.mp4`
would have them read the files and addresses that it lists.

Knows: containers. Does not know: what is in them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import av

if TYPE_CHECKING:
    from av.container import InputContainer

_KINDS = "mov matroska wav w64 aiff au caf mp3 flac ogg aac ac3 avi mpegts mpeg flv asf h264 hevc"
"""Containers that hold what they play themselves; MP4 goes by the name of mov."""
_ONE_FILE = {"protocol_whitelist": "file", "format_whitelist": _KINDS.replace(" ", ",")}
_HEAD = {"probesize": str(1 << 15)}
"""Of a WAV, whose header says it all, 5 MB are read otherwise to find out what it is."""


def open_media(path: Path, format: str | None = None) -> InputContainer:
    """A media file, to be used as a context; `format`: only if it is that container.

    Raises:
        av.error.FFmpegError: it is none, or a list of others.
    """
    options = _ONE_FILE | _HEAD if _is_wav(path) else dict(_ONE_FILE)
    return av.open(str(path), format=format, options=options)


def _is_wav(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            head = file.read(12)
    except OSError:
        # Whoever opens it says what is wrong.
        return False
    return head[:4] in (b"RIFF", b"RF64") and head[8:] == b"WAVE"
