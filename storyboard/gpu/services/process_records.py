"""Which servers were started, by whom: on disk for the next run, in a watchdog for this one.

Knows: JSON records, the watchdog's pipe. Does not know: how servers are started.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter

from storyboard.core.directory import Directory
from storyboard.gpu.services.processes import Ident, StartedServer


@dataclass(frozen=True, slots=True)
class ProcessRecord:
    """One started server. `owner` is the process that answers for it; None: it was left
    running on purpose."""

    service: str
    ident: Ident
    variant: str
    launch: str
    """Digest of the command."""
    owner: Ident | None
    state: Literal["awake", "asleep"] = "awake"
    """As its service manager left it."""
    mark: str = ""
    """In the environment of all that came of it."""

    @property
    def started(self) -> StartedServer:
        return StartedServer(self.ident, self.mark)


_RECORD = TypeAdapter(ProcessRecord)


class RecordBook:
    """Records in a directory, one file a server. A damaged file counts as none."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def all(self) -> list[ProcessRecord]:
        found = [self.read(path.stem) for path in sorted(self.directory.glob("*.json"))]
        return [record for record in found if record is not None]

    def write(self, record: ProcessRecord) -> None:
        Directory(self.directory).write(f"{record.service}.json", json.dumps(asdict(record)))

    def drop(self, record: ProcessRecord) -> None:
        """Forget that server; not one that took its place."""
        with self.locked(record.service):
            there = self.read(record.service)
            if there is not None and there.ident == record.ident:
                Directory(self.directory).remove(f"{record.service}.json")

    @contextmanager
    def locked(self, service: str) -> Generator[None]:
        """Nobody else, of any process, starts a server of that name or forgets one."""
        with Directory(self.directory).locked(f".{service}.lock"):
            yield

    def read(self, service: str) -> ProcessRecord | None:
        try:
            return _RECORD.validate_json((self.directory / f"{service}.json").read_bytes())
        except (OSError, ValueError):
            return None


class ProcessWatchdog:
    """The process that ends our servers if we are killed; started with the first of them."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def add(self, server: StartedServer) -> None:
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "storyboard.gpu.services.process_watchdog"],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                text=True,
                start_new_session=True,
            )
        ident = server.ident
        self._say(f"+ {ident.pid} {ident.ticks} {ident.boot} {server.mark or '-'}\n")

    def drop(self, server: StartedServer) -> None:
        self._say(f"- {server.ident.pid}\n")

    def close(self) -> None:
        """End of the pipe: the watchdog ends what was not dropped, then itself."""
        if self._process is not None:
            assert self._process.stdin is not None
            with suppress(BrokenPipeError):
                self._process.stdin.close()
            self._process.wait()
            self._process = None

    def _say(self, line: str) -> None:
        if self._process is not None and self._process.stdin is not None:
            with suppress(BrokenPipeError):
                self._process.stdin.write(line)
                self._process.stdin.flush()
