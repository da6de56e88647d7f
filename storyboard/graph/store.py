"""The content-addressed store: what was rendered once is never rendered again.

    <store>/blobs/ab/abcd….wav one file per content, named by its SHA-256
    <store>/steps/cd/cdef….json one manifest per key: label → digest and size
    <store>/known/…             what was worked out of a plan (`storyboard.graph.known`)

A key digests everything a result depends on (`storyboard.graph.steps`). A manifest is written
only after its blobs are on the disk, every write is a rename, and the manifest's document and
its blobs are verified on every hit, so a kill, a power cut, a deleted, exchanged or corrupted
file costs one step and never a wrong film.

Knows: keys, blobs, manifests. Does not know: steps, plans, what a blob holds.
"""

from __future__ import annotations

import os
import platform
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePath
from secrets import token_hex
from typing import Any

from storyboard.core.directory import Directory, Linked, plain_file
from storyboard.core.files import digest, digest_file, digest_json, dump_json, read_json
from storyboard.graph.timings import Timings, manners

_MACHINE = re.sub(r"[^a-zA-Z0-9.]", "_", platform.node())
_GIVEN_UP = 86_400
"""Seconds after which what another machine left half made is taken for abandoned."""
_DIGEST = re.compile(r"[0-9a-f]{64}")
_SUFFIX = re.compile(r"(\.[A-Za-z0-9]{1,16})?")
_TIMED = 400
"""Manifests that timings are taken from: the newest ones."""


@dataclass(frozen=True, slots=True)
class Output:
    """One stored file: its content's SHA-256, size in bytes, and suffix (`.wav`).

    The suffix is part of the blob's name because decoders outside this project go by it.
    """

    digest: str
    size: int
    suffix: str

    def __post_init__(self) -> None:
        if not (_DIGEST.fullmatch(self.digest) and _SUFFIX.fullmatch(self.suffix)):
            raise ValueError(f"no file of a store: {self.digest[:80]}{self.suffix[:20]}")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a step made: its outputs by label, and what that took."""

    key: str
    outputs: Mapping[str, Output]
    seconds: float
    document: Mapping[str, Any]
    """The canonical document whose digest is the key; says later what has changed."""


class Store:
    def __init__(self, root: Path) -> None:
        # Absolute: programs that read blobs are run in folders of their own.
        self.root = root.absolute()
        # It came with the films around it, so it is no link either.
        self._files = Directory(self.root.parent, (self.root.name,))

    def blob(self, output: Output) -> Path:
        return self._files.at(_blob(output))

    def get(self, key: str) -> Manifest | None:
        """The manifest of `key` if it is there and every blob of it holds up, else None."""
        try:
            data = read_json(self._files.at(_step(key)))
            outputs = {k: Output(**v) for k, v in data["outputs"].items()}
            manifest = Manifest(key, outputs, data["seconds"], data["document"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None
        # The document says what was made: under another's key it is not what was asked for.
        if digest_json(manifest.document) != key:
            return None
        return manifest if all(map(self._holds, manifest.outputs.values())) else None

    def put(
        self, key: str, files: Mapping[str, Path], seconds: float, document: Mapping[str, Any]
    ) -> Manifest:
        """Take `files` (label → path; they are moved) in as the result of `key`."""
        outputs: dict[str, Output] = {}
        for label, path in files.items():
            output = Output(digest_file(path), path.stat().st_size, path.suffix)
            if not self._holds(output):
                self._files.take(path, _blob(output))
            outputs[label] = output
        manifest = Manifest(key, outputs, seconds, document)
        record = {
            "outputs": {k: asdict(o) for k, o in outputs.items()},
            "seconds": round(seconds, 4),
            "created": round(time.time(), 3),
            "document": document,
        }
        self._files.write(_step(key), dump_json(record))
        return manifest

    def materialise(self, output: Output, folder: Directory, name: str) -> Path | None:
        """Make the file `name` of `folder` a copy of the blob.

        A file already there with other content that the store never made is a person's
        work: it is moved to `replaced/` beside it first, and that path is returned.
        """
        aside: PurePath | None = None
        if folder.holds(name):
            target = folder.at(name)
            digest = digest_file(target)
            if digest == output.digest:
                return None
            if not self.blob(replace(output, digest=digest)).exists() and target.stat().st_size:
                aside = _free_name(folder, PurePath(name))
                folder.rename(name, aside)
        # Many files, of which the store has all: they are synced together when the run ends.
        folder.copy(self.blob(output), name, sync=False)
        return folder.at(aside) if aside else None

    def staging(self) -> Path:
        """A new folder for files in the making; on the same file system as the blobs."""
        folder = self._files.sub(f"staging/{os.getpid()}-{_MACHINE}-{token_hex(6)}")
        folder.make()
        return folder.at()

    def sweep(self) -> None:
        """Remove what killed processes left half made.

        Whether another machine's process is alive cannot be asked from here: what it has not
        touched for a day is taken for dead.
        """
        staging = self._files.sub("staging")
        for name in staging.names():
            pid, _, rest = name.partition("-")
            machine = rest.rpartition("-")[0]
            if machine not in ("", _MACHINE):
                alive = time.time() - _modified(staging.at(name)) < _GIVEN_UP
            else:
                alive = pid.isdigit() and _alive(int(pid))
            if not alive:
                staging.remove_tree(name)

    def timings(self) -> Timings:
        """What the last results took."""
        manifests = sorted(self.root.glob("steps/*/*.json"), key=_modified)[-_TIMED:]
        return Timings.of(result for path in manifests for result in _timed(path))

    def _holds(self, output: Output) -> bool:
        try:
            with plain_file(self.blob(output)) as (file, found):
                whole = found.st_size == output.size
                return whole and digest(file) == output.digest
        except (OSError, Linked):
            return False


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _timed(path: Path) -> Iterator[tuple[Mapping[str, Any], float]]:
    """The document and the seconds of a manifest; nothing where it is none."""
    try:
        data = read_json(path)
        document, seconds = data["document"], float(data["seconds"])
        manners(document)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return
    yield document, seconds


def _blob(output: Output) -> str:
    return f"blobs/{output.digest[:2]}/{output.digest}{output.suffix}"


def _step(key: str) -> str:
    return f"steps/{key[:2]}/{key}.json"


def _free_name(folder: Directory, name: PurePath) -> PurePath:
    path = name.parent / "replaced" / name.name
    candidate, count = path, 1
    while folder.holds(candidate):
        count += 1
        candidate = path.with_stem(f"{path.stem}-{count}")
    return candidate
