"""Which folders are films, and which of their files a browser may have.

Knows: names, links, kinds of files. Does not know: what a film is made of.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from storyboard.batch import jobs
from storyboard.core.directory import Directory, Linked
from storyboard.core.errors import UsageError
from storyboard.graph.folder import RunFolder

KINDS = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".mp4": "video/mp4",
    ".webm": "video/webm",
    ".wav": "audio/wav",
    ".mp3": "audio/mpeg",
    ".m4a": "audio/mp4",
    ".ogg": "audio/ogg",
    ".flac": "audio/flac",
}
"""What is shown: pictures, films and sounds. A page or a drawing with scripts is none of them."""
_BESIDE = {".srt": "text/plain; charset=utf-8", ".ass": "text/plain; charset=utf-8"}


class NotThere(UsageError):
    """There is no such film or file, or it is none that may be seen."""


@dataclass(frozen=True, slots=True)
class Place:
    """The folder in which the films lie."""

    root: Path

    def names(self) -> Iterator[str]:
        """Folders that hold a film, whatever state it is in."""
        for name in Directory(self.root).names():
            with suppress(NotThere):
                self.film(name)
                yield name

    def film(self, name: str) -> RunFolder:
        """
        Raises:
            NotThere: there is none of that name.
        """
        folder = RunFolder(self.root / name)
        try:
            if _plain(name) and _is_film(folder.path):
                folder.check()
                return folder
        except (OSError, ValueError, Linked):
            pass
        raise NotThere("there is no such film")

    def free(self, stem: str) -> Path:
        """A folder for a new film, which is not there yet."""
        count = 1
        while (path := self.root / (stem if count == 1 else f"{stem}-{count}")).exists():
            count += 1
        return path


def shown_file(folder: RunFolder, name: str) -> tuple[Path, str]:
    """A file of a film and its media type.

    Raises:
        NotThere: it is hidden, a link, of another kind, or not there.
    """
    path = PurePosixPath(name)
    kind = (KINDS | _BESIDE).get(path.suffix.lower())
    # Judged as it was asked for: a path library has tidied `a//b` and `./a` already.
    if kind is None or not all(_plain(part) for part in name.split("/")):
        raise NotThere("there is no such file")
    try:
        if not folder.files.holds(str(path)):
            raise NotThere("there is no such file")
    except (OSError, ValueError, Linked):
        raise NotThere("there is no such file") from None
    return folder.path / path, kind


def _is_film(path: Path) -> bool:
    """Whether a folder holds a film, or one that is just being begun."""
    if path.is_symlink() or not path.is_dir():
        return False
    return any((path / name).is_file() for name in ("plan.json", "request.json", jobs.MARK))


def _plain(part: str) -> bool:
    return bool(part) and not part.startswith(".") and not set(part) & {"/", "\\", "\0"}
