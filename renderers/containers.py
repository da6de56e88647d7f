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


def open_media(path: Path, format: str | None = None) -> InputContainer:
    """A media file, to be used as a context; `format`: only if it is that container.

    Raises:
        av.error.FFmpegError: it is none, or a list of others.
    """
    return av.open(str(path), format=format, options=dict(_ONE_FILE))
