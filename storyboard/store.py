"""The content-addressed store: what was rendered once is never rendered again.

    <store>/blobs/ab/abcd….wav one file per content, named by its SHA-256
    <store>/steps/cd/cdef….json one manifest per key: label → digest and size

A key digests everything a result depends on (`storyboard.steps`). A manifest is written
only after its blobs, every write is a rename, and blobs are verified on every hit, so a
kill, a deleted or a corrupted file costs one step and never a wrong film.

Knows: keys, blobs, manifests. Does not know: steps, plans, what a blob holds.
"""

from __future__ import annotations

import os
import platform
import re
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from secrets import token_hex
from shutil import rmtree
from statistics import median
from typing import Any

from storyboard.files import copy, digest_file, read_json, write_json

_MACHINE = re.sub(r"[^a-zA-Z0-9.]", "_", platform.node())
_GIVEN_UP = 86_400
"""Seconds after which what another machine left half made is taken for abandoned."""
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

    def blob(self, output: Output) -> Path:
        return self.root / "blobs" / output.digest[:2] / (output.digest + output.suffix)

    def _manifest_path(self, key: str) -> Path:
        return self.root / "steps" / key[:2] / f"{key}.json"

    def get(self, key: str) -> Manifest | None:
        """The manifest of `key` if it is there and every blob of it holds up, else None."""
        path = self._manifest_path(key)
        try:
            data = read_json(path)
            outputs = {k: Output(**v) for k, v in data["outputs"].items()}
            manifest = Manifest(key, outputs, data["seconds"], data["document"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None
        for output in manifest.outputs.values():
            if not self._holds(output):
                return None
        return manifest

    def put(
        self, key: str, files: Mapping[str, Path], seconds: float, document: Mapping[str, Any]
    ) -> Manifest:
        """Take `files` (label → path; they are moved) in as the result of `key`."""
        outputs: dict[str, Output] = {}
        for label, path in files.items():
            output = Output(digest_file(path), path.stat().st_size, path.suffix)
            blob = self.blob(output)
            if not self._holds(output):
                blob.parent.mkdir(parents=True, exist_ok=True)
                path.replace(blob)
            outputs[label] = output
        manifest = Manifest(key, outputs, seconds, document)
        write_json(
            self._manifest_path(key),
            {
                "outputs": {k: asdict(o) for k, o in outputs.items()},
                "seconds": round(seconds, 4),
                "created": round(time.time(), 3),
                "document": document,
            },
        )
        return manifest

    def materialise(self, output: Output, target: Path) -> Path | None:
        """Make `target` a copy of the blob.

        A file already there with other content that the store never made is a person's
        work: it is moved to `replaced/` beside it first, and that path is returned.
        """
        aside: Path | None = None
        if target.is_file():
            digest = digest_file(target)
            if digest == output.digest:
                return None
            if not self.blob(replace(output, digest=digest)).exists() and target.stat().st_size:
                aside = _free_name(target.parent / "replaced" / target.name)
                aside.parent.mkdir(exist_ok=True)
                target.replace(aside)
        copy(self.blob(output), target)
        return aside

    def staging(self) -> Path:
        """A new folder for files in the making; on the same file system as the blobs."""
        folder = self.root / "staging" / f"{os.getpid()}-{_MACHINE}-{token_hex(6)}"
        folder.mkdir(parents=True)
        return folder

    def sweep(self) -> None:
        """Remove what killed processes left half made.

        Whether another machine's process is alive cannot be asked from here: what it has not
        touched for a day is taken for dead.
        """
        for folder in self.root.glob("staging/*-*"):
            pid, _, rest = folder.name.partition("-")
            machine = rest.rpartition("-")[0]
            if machine not in ("", _MACHINE):
                alive = time.time() - _modified(folder) < _GIVEN_UP
            else:
                alive = pid.isdigit() and _alive(int(pid))
            if not alive:
                rmtree(folder, ignore_errors=True)

    def timings(self) -> dict[str, float]:
        """Median seconds of the last results of each kind of step."""
        taken: dict[str, list[float]] = {}
        manifests = sorted(self.root.glob("steps/*/*.json"), key=_modified)[-_TIMED:]
        for path in manifests:
            try:
                data = read_json(path)
                taken.setdefault(data["document"]["kind"], []).append(data["seconds"])
            except (OSError, ValueError, KeyError, TypeError):
                continue
        return {kind: median(seconds) for kind, seconds in taken.items()}

    def _holds(self, output: Output) -> bool:
        blob = self.blob(output)
        try:
            return blob.stat().st_size == output.size and digest_file(blob) == output.digest
        except OSError:
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


def _free_name(path: Path) -> Path:
    candidate, count = path, 1
    while candidate.exists():
        count += 1
        candidate = path.with_stem(f"{path.stem}-{count}")
    return candidate
