"""A folder, here or on a server, by fsspec: local disks, S3, WebDAV, SFTP and whatever else it has.

Knows: how files are put there whole. Does not know: any server.
"""

from __future__ import annotations

import os
import shutil
from pathlib import PurePosixPath
from typing import Any, cast

from storyboard.core.errors import UsageError
from storyboard.profile.publish_targets import Publishing
from storyboard.publish.targets.target import Notes, NotPublished, Parcel, Receipt


class Folder:
    def __init__(self, place: Publishing) -> None:
        self._url = place.url
        self._files, self._root = _file_system(place)

    def describe(self) -> str:
        return f"into {self._url}"

    def send(self, parcel: Parcel, notes: Notes) -> Receipt:
        folder = PurePosixPath(self._root, f"{parcel.film.stem}-{parcel.key[:12]}")
        try:
            self._files.makedirs(str(folder), exist_ok=True)
            # metadata.json last: whoever watches the folder finds a film whole.
            names = [*parcel.metadata["files"].values(), "metadata.json"]
            for name in names:
                self._put(parcel, folder, name)
        except OSError as error:
            raise NotPublished(
                f"{self._url}: {error}; nothing half-written has a film's name there: publish again "
                "to go on"
            ) from error
        return Receipt(str(folder))

    def _put(self, parcel: Parcel, folder: PurePosixPath, name: str) -> None:
        source, target = parcel.folder / name, str(folder / name)
        size = source.stat().st_size
        there = name != "metadata.json" and self._files.exists(target)
        if there and self._files.size(target) == size:
            return
        part = str(folder / f".{name}.part")
        with source.open("rb") as read, self._files.open(part, "wb") as written:
            shutil.copyfileobj(read, written, 1 << 20)
        self._files.mv(part, target)


def _file_system(place: Publishing) -> tuple[Any, str]:
    try:
        import fsspec
    except ImportError:
        raise UsageError(
            "publish: folders need fsspec: pip install 'storyboard[publish]'"
        ) from None
    options = {k: os.path.expandvars(v) for k, v in place.options.items()}
    try:
        return cast("Any", fsspec).url_to_fs(place.url, **options)
    except (ImportError, ValueError, TypeError, OSError) as error:
        raise UsageError(f"publish: url = '{place.url}': {error}") from error
