"""The run folder: what is where, and which folder a command means.

    runs/<name>/
        plan.json  request.json  run.json  events.jsonl  checks.json
        images/  audio/  clips/  segments/
        final.mp4  poster.jpg  subs.ass  subs.srt  contact_sheet.png
    runs/.store/            shared by the runs beside each other

Knows: names and places. Does not know: how any of the files is made.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from storyboard.core.directory import Directory
from storyboard.core.errors import UsageError
from storyboard.core.files import disk_errors, dump_json, read_json, slugify
from storyboard.plan import Plan, dump_plan

DEFAULT_ROOT = Path("runs")
_OWN = frozenset({"events.jsonl", "run.json", "planning.md"})
"""What a run that was killed before it had a plan leaves behind, besides hidden files."""

_KNOWN = (
    *("plan.json", "request.json", "run.json", "events.jsonl", "planning.md", "checks.json"),
    *(
        "gates.json",
        "review.json",
        "review.md",
        "report.html",
        "final.mp4",
        "poster.jpg",
        "contact_sheet.png",
    ),
    *("subs.ass", "subs.srt", ".lock", ".steps.json"),
    *("images", "audio", "clips", "segments", "cuts", "upload", "replaced"),
    *("history", "takes"),
)
"""What a run folder holds; a stranger's folder may hold links of these names."""


@dataclass(frozen=True, slots=True)
class RunFolder:
    path: Path

    @property
    def files(self) -> Directory:
        """All that is written in it, which goes through no link: it may be a stranger's."""
        return Directory(self.path)

    @property
    def plan(self) -> Path:
        return self.path / "plan.json"

    @property
    def request(self) -> Path:
        return self.path / "request.json"

    @property
    def events(self) -> Path:
        return self.path / "events.jsonl"

    @property
    def manifest(self) -> Path:
        return self.path / "run.json"

    @property
    def store(self) -> Path:
        """Beside the run, so that runs in one place share what they have in common."""
        return self.path.parent / ".store"

    @property
    def film(self) -> Path:
        return self.path / "final.mp4"

    def open(self) -> None:
        """Create the folder and see that it can be written to.

        Raises:
            Linked: one of its files or folders is a link.
            StoryboardError: no permission, or no space; the message has the fix.
        """
        with disk_errors(f"opening {self.path}"):
            if self.path.is_file():
                raise UsageError(f"{self.path} is a file; --out and --dir name a folder")
            try:
                self.path.mkdir(parents=True, exist_ok=True)
            except (FileNotFoundError, NotADirectoryError) as error:
                raise UsageError(
                    f"{self.path} cannot be made ({error.strerror}): choose another with --out"
                ) from None
            if not os.access(self.path, os.W_OK):
                raise PermissionError(13, "Permission denied", str(self.path))
            self.check()

    def save_plan(self, plan: Plan) -> None:
        """Have it hold this plan.

        Raises:
            StoryboardError: the disk refuses.
        """
        with disk_errors("saving the plan"):
            self.files.write(self.plan.name, dump_plan(plan))

    def check(self) -> None:
        """See that nothing of what a run folder holds is a link.

        Raises:
            Linked: something is.
        """
        self.files.check(*_KNOWN)


def existing(path: Path, option: str = "--dir") -> RunFolder:
    """The run folder that an option or argument of a command names.

    Raises:
        UsageError: there is no such run, or it has links where its own files belong.
    """
    folder = RunFolder(path)
    if not path.is_dir():
        raise UsageError(f"{option}: {path} is not a folder; runs lie in {DEFAULT_ROOT}/")
    if not folder.plan.is_file() and not folder.request.is_file():
        raise UsageError(f"{option}: {path} holds no plan.json; start a film with --idea")
    folder.check()
    return folder


def films_in(root: Path, *, make: bool = False) -> None:
    """See that the folder of films that `--runs` names is there; the usual one is made.

    Raises:
        UsageError: it is none, or is not there (`make`: it is made then).
    """
    if not root.is_dir() and (root.exists() or not (make or root == DEFAULT_ROOT)):
        raise UsageError(f"--runs: {root} is no folder")
    with disk_errors(f"opening {root}"):
        root.mkdir(parents=True, exist_ok=True)


def folder_for_out(path: Path) -> RunFolder:
    """The folder an `--out` names: a film's, an empty one, or one to be made.

    Raises:
        UsageError: other things lie in it, among which a film would be lost.
    """
    folder = RunFolder(path)
    if path.is_dir() and not folder.request.is_file() and not folder.plan.is_file():
        with disk_errors(f"opening {path}"):
            seen = sorted(p.name for p in path.iterdir() if not p.name.startswith("."))
            stranger = next((name for name in seen if name not in _OWN), None)
        if stranger is not None:
            raise UsageError(
                f"--out: {path.absolute()} is no film's folder and not empty (it holds "
                f"{stranger}): name a new folder"
            )
    return folder


def for_request(request: Mapping[str, Any], root: Path = DEFAULT_ROOT) -> RunFolder:
    """The folder of a request without `--out`: the one it began in before, else a new one.

    The same command thus continues its own run, and another idea never lands in it.
    """
    stem = slugify(str(request["idea"]))
    count = 1
    while True:
        folder = RunFolder(root / (stem if count == 1 else f"{stem}-{count}"))
        if not folder.path.exists() or same_request(folder, request):
            return folder
        count += 1


def same_request(folder: RunFolder, request: Mapping[str, Any]) -> bool:
    try:
        return read_json(folder.request) == dict(request)
    except (OSError, ValueError):
        return False


def remember_request(folder: RunFolder, request: Mapping[str, Any]) -> None:
    with disk_errors("saving the request"):
        folder.files.write(folder.request.name, dump_json(dict(request)))
