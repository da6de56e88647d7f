"""Files that a plan names and that are not the film's own: pictures, recordings, music.

They are sent to servers and played to everybody, and a plan may come from a stranger. So a file
is taken only from the film's folder or from one that the user has named, never through a link,
and only if it is by its content what it is taken for, within limits. All of that is settled
before anything of it leaves.

Knows: folders that are allowed, containers and codecs, limits. Does not know: plans, films.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import av
import skia

from renderers.containers import open_media
from storyboard.core.directory import Directory, Linked, plain_file
from storyboard.core.text import shortened

if TYPE_CHECKING:
    # Parts that the package itself loads.
    import av.error

Kind = Literal["picture", "recording", "music", "video"]
"""What a file is taken for. A recording is of one voice."""
_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limit:
    """The most that is taken of one kind: bytes, pixels, seconds."""

    bytes: int
    pixels: int = 0
    seconds: float = 0.0


LIMITS: Mapping[Kind, Limit] = {
    "picture": Limit(64 * _MIB, pixels=64_000_000),
    "recording": Limit(64 * _MIB, seconds=120.0),
    "music": Limit(512 * _MIB, seconds=3 * 3600.0),
    "video": Limit(2048 * _MIB, pixels=4096 * 4096, seconds=600.0),
}
_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"RIFF", "wav"),
    (0, b"fLaC", "flac"),
    (0, b"OggS", "ogg"),
    (0, b"ID3", "mp3"),
    (4, b"ftyp", "mp4"),
    (0, b"\x1aE\xdf\xa3", "matroska"),
)
"""Where a container has which bytes, and whose it is. What is in none of them is not opened:
a playlist would have the decoder fetch whatever it lists."""


class IntakeRefused(ValueError):
    """A file is not taken. The message says why and what would be."""


@dataclass(frozen=True, slots=True)
class Intake:
    """Where files may lie: in the film's `folder`, or below one of `allowed`.

    Relative paths start in the film's folder, where the plan lies. The folders themselves may
    be links: the user named them.
    """

    folder: Path
    allowed: Sequence[Path] = ()

    def take(self, name: str, kind: Kind) -> Path:
        """The file of that name, seen to be of that kind.

        Raises:
            IntakeRefused: it lies elsewhere, is not there, or is no such file.
        """
        try:
            path = self._placed(name)
            with plain_file(path) as (file, found):
                _measure(path, file.read(64), found.st_size, kind)
        except Linked as error:
            raise IntakeRefused(str(error)) from None
        except FileNotFoundError:
            raise IntakeRefused(f"there is no file {shortened(name, 200)}") from None
        except (OSError, ValueError) as error:
            if isinstance(error, IntakeRefused):
                raise
            told = error.strerror if isinstance(error, OSError) else error
            raise IntakeRefused(f"{shortened(name, 200)} cannot be read: {told}") from None
        return path

    def _placed(self, name: str) -> Path:
        given = os.path.normpath(self.folder.absolute() / Path(name).expanduser())
        for root in (self.folder, *self.allowed):
            root = root.expanduser().absolute()
            for start in (root, root.resolve()):
                if Path(given) != start and Path(given).is_relative_to(start):
                    inside = Directory(start)
                    inside.check(Path(given).relative_to(start))
                    return Path(given)
        raise IntakeRefused(
            f"{shortened(name, 200)} lies outside the film's folder: put the file in there, or, if you "
            "trust whoever wrote this plan with it, name its folder with --allow DIR or in the "
            "profile's [media] roots"
        )


def _measure(path: Path, head: bytes, size: int, kind: Kind) -> None:
    """
    Raises:
        IntakeRefused: it is of another kind, or beyond a limit.
    """
    limit, shown = LIMITS[kind], shortened(str(path), 200)
    if size > limit.bytes:
        raise IntakeRefused(
            f"{shown} has {size / _MIB:.0f} MiB: a {kind} has at most {limit.bytes // _MIB}"
        )
    width, height, seconds = _picture(path) if kind == "picture" else _sound(path, head, kind)
    if limit.pixels and width * height > limit.pixels:
        raise IntakeRefused(
            f"{shown} has {width} × {height} pixels: a {kind} has at most "
            f"{limit.pixels // 1_000_000} million"
        )
    if limit.seconds and seconds > limit.seconds:
        raise IntakeRefused(
            f"{shown} lasts {seconds:.0f} s: a {kind} lasts at most {limit.seconds:.0f}"
        )


def _picture(path: Path) -> tuple[int, int, float]:
    try:
        codec = skia.Codec.MakeFromData(skia.Data.MakeWithCopy(path.read_bytes()))
    except RuntimeError:
        codec = None
    known = (skia.kPNG, skia.kJPEG, skia.kWEBP, skia.kGIF)
    if codec is None or codec.getEncodedFormat() not in known:
        raise IntakeRefused(
            f"{shortened(str(path), 200)} is no picture: it must be PNG, JPEG, WebP or GIF by content"
        )
    size = codec.dimensions()
    return size.width(), size.height(), 0.0


def _sound(path: Path, head: bytes, kind: Kind) -> tuple[int, int, float]:
    """Width, height and seconds by the packets: what the header claims is not measured."""
    claimed = "a video" if kind == "video" else "sound"
    wrong = IntakeRefused(
        f"{shortened(str(path), 200)} is not {claimed}: it must be WAV, FLAC, Ogg, MP3, MP4 or Matroska by "
        "content"
    )
    container = next((c for at, magic, c in _MAGIC if head[at:].startswith(magic)), None)
    if container is None and head[:1] == b"\xff" and head[1:2] >= b"\xe0":
        container = "mp3"
    if container is None:
        raise wrong
    end, most = 0.0, LIMITS[kind].seconds
    try:
        with open_media(path, container) as opened:
            streams = opened.streams.video if kind == "video" else opened.streams.audio
            stream = next(iter(streams), None)
            if stream is None:
                raise wrong
            for packet in opened.demux(stream):
                if packet.pts is not None:
                    end = float((packet.pts + (packet.duration or 0)) * packet.time_base)
                if end > most:
                    break
            across = getattr(stream.codec_context, "width", 0) or 0
            down = getattr(stream.codec_context, "height", 0) or 0
    except (av.error.FFmpegError, OSError):
        raise wrong from None
    if not end:
        raise IntakeRefused(f"{shortened(str(path), 200)} holds no {kind} of any length")
    return across, down, end
