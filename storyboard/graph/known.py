"""What was worked out of the same things before, by the same code: kept beside the store.

    <store>/known/ab/abcd….json one value, named by the digest of what it was worked out of

Unlike a step's result it is no file of the film, and may be worked out again at any time. It goes
by the code itself and by every package beside it, not by a version that somebody raises.

Knows: values, digests. Does not know: what is worked out.
"""

from __future__ import annotations

import hashlib
import platform
import sys
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Protocol

from renderers.base import JSON
from storyboard.core.directory import Directory
from storyboard.core.files import digest_json, disk_errors, dump_json, read_json

_CODE = ("storyboard", "renderers", "prompts")


_READ = (".py", ".yaml", ".json", ".txt", ".toml")


class _Digest(Protocol):
    def update(self, data: bytes, /) -> None: ...


class Known:
    """Of the store at `root`; what is new is written there only if it `keeps`."""

    def __init__(self, root: Path, *, keeps: bool = False) -> None:
        self._files = Directory(root.absolute().parent, (root.name,))
        self._keeps = keeps

    def value(self, kind: str, asked: JSON, work: Callable[[], JSON]) -> JSON:
        """What `work` gives of `asked`, or gave before."""
        key = digest_json([kind, code_digest(), asked])
        name = f"known/{key[:2]}/{key}.json"
        try:
            record = read_json(self._files.at(name))
            if record["digest"] == digest_json([key, record["value"]]):
                return record["value"]
        except (OSError, ValueError, KeyError, TypeError):
            pass
        value = work()
        if self._keeps:
            record = {"kind": kind, "value": value, "digest": digest_json([key, value])}
            with disk_errors("keeping what was worked out of the plan"):
                self._files.write(name, dump_json(record))
        return value


@cache
def code_digest() -> str:
    """Digest of all that a value may be worked out by."""
    found = hashlib.sha256(f"{sys.version} {platform.machine()}".encode())
    for package in _CODE:
        _add(found, files(package))
    for folder in filter(Path.is_dir, map(Path, sys.path)):
        beside = sorted(each.name for each in folder.glob("*.dist-info"))
        found.update("\n".join(beside).encode())
    return found.hexdigest()


def _add(found: _Digest, folder: Traversable) -> None:
    for each in sorted(folder.iterdir(), key=lambda each: each.name):
        if each.is_dir():
            _add(found, each)
        elif each.name.endswith(_READ):
            content = each.read_bytes()
            found.update(f"{each.name} {len(content)}\n".encode() + content)
