"""Makes clips in a child process, which ends with its clip unless it is to be kept.

Memory of a card is given back whole only by the end of the process that took it: CUDA keeps
a context, its allocator keeps blocks, libraries keep references. So the server never imports
a model, and a cold start is a new process.

Knows: processes, pipes. Does not know: HTTP, models.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from renderers.errors import BadOutput, OutOfMemory, Unavailable
from renderers.video.planning import LIMITS, Limits, family_of
from renderers.workers.catalog import Settings, WorkerEntry, missing
from renderers.workers.protocol import Job, error_of
from renderers.workers.rules import check
from renderers.workers.server import ClientGone

LAUNCH = Path(__file__).with_name("launch.py")
RECENT = 10
"""Peaks of so many clips are told, the last ones."""
_LOOK_S = 0.5
"""Seconds between looks at whether the client is still there."""
_GRACE_S = 2.0
_END_S = 20.0


def limits_of(entry: WorkerEntry, settings: Settings) -> Limits:
    """The limits of what the worker serves; with diffusers they follow from the weights."""
    return LIMITS[entry.limits or family_of(Path(settings.weights or entry.weights).name)]


class ChildRunner:
    """A `Runner` whose work is done by `renderers.workers.child`."""

    def __init__(self, entry: WorkerEntry, settings: Settings) -> None:
        self.entry, self.settings = entry, settings
        self.limits = limits_of(entry, settings)
        self._child: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._idle: float | None = None
        self._peaks: list[float] = []
        self._clips = 0

    def missing(self) -> str:
        return missing(self.entry, self.settings)

    def holds(self) -> Mapping[str, Any]:
        resident = self._child is not None and self._child.poll() is None
        # Without a child nothing of ours can be on the card.
        idle = self._idle if resident else 0.0
        peak = max(self._peaks, default=None)
        recent = self._peaks[-RECENT:]
        return {
            "resident": resident,
            "idle_gib": idle,
            "peak_gib": peak,
            "clips": self._clips,
            "peaks_gib": recent,
        }

    def make(self, job: Job, out: Path, gone: Callable[[], bool]) -> Mapping[str, Any]:
        """Write the clip to `out`; returns seconds, `peak_gib` and `idle_gib` as measured.

        Raises:
            BadRequest, OutOfMemory, Unavailable, BadOutput: what the model said.
            ClientGone: nobody waits any more; the child was ended.
        """
        check(job, self.limits)
        started = time.monotonic()
        child = self._start()
        settled = False
        try:
            request = {"job": str(_write_job(job, out.parent)), "out": str(out)}
            answer = self._ask(child, request, gone)
            settled = True
        finally:
            if not settled or not self.settings.persistent:
                self.release()
        if "error" in answer:
            # Whatever it still holds after an error is not to be trusted.
            self.release()
            raise error_of(answer["error"]["code"], answer["error"]["message"])
        if not out.is_file() or not out.stat().st_size:
            raise BadOutput(f"{self.entry.name} wrote no file")
        self._clips += 1
        self._idle = answer.get("idle_gib")
        if answer.get("peak_gib") is not None:
            self._peaks = [*self._peaks, answer["peak_gib"]]
        return {**answer, "seconds": round(time.monotonic() - started, 2)}

    def release(self) -> None:
        with self._lock:
            if self._child is not None:
                _end(self._child)
            # Only now: until its end it holds what it holds.
            self._child = None

    def _start(self) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._child is not None and self._child.poll() is None:
                return self._child
            options = json.dumps(asdict(self.settings))
            command = [sys.executable, str(LAUNCH), "child", self.entry.name, options]
            self._child = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=_environment()
            )
            return self._child

    def _ask(
        self, child: subprocess.Popen[bytes], request: Mapping[str, str], gone: Callable[[], bool]
    ) -> dict[str, Any]:
        assert child.stdin is not None and child.stdout is not None
        try:
            child.stdin.write(json.dumps(request).encode() + b"\n")
            child.stdin.flush()
        except BrokenPipeError:
            raise self._died(child) from None
        line = b""
        while not line.endswith(b"\n"):
            readable, _, _ = select.select([child.stdout], [], [], _LOOK_S)
            if not readable:
                if gone():
                    child.kill()
                    raise ClientGone
                continue
            block = os.read(child.stdout.fileno(), 65536)
            if not block:
                raise self._died(child)
            line += block
        return json.loads(line)

    def _died(self, child: subprocess.Popen[bytes]) -> Exception:
        code = child.wait(_END_S)
        if code in (-9, 137):
            return OutOfMemory(
                f"{self.entry.name} was killed, most often because host memory ran out: "
                "use --quantization fp8-cast, or less offload"
            )
        return Unavailable(f"{self.entry.name} ended with code {code} in mid-work; see its log")


def _end(child: subprocess.Popen[bytes]) -> None:
    """End a child that waits for requests by closing its input, and one that works outright."""
    assert child.stdin is not None and child.stdout is not None
    with suppress(BrokenPipeError):
        child.stdin.close()
    try:
        child.wait(_GRACE_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait(_END_S)
    child.stdout.close()


def _write_job(job: Job, folder: Path) -> Path:
    """The job as files, under names of our own: models hand paths to shells."""
    if job.image is not None:
        (folder / "image.png").write_bytes(job.image)
    for number, reference in enumerate(job.references, 1):
        (folder / f"reference_{number}.png").write_bytes(reference)
    if job.audio is not None:
        (folder / "audio.wav").write_bytes(job.audio)
    data = {k: v for k, v in asdict(job).items() if k not in ("image", "audio", "references")}
    data |= {"has_audio": job.audio is not None, "references": len(job.references)}
    path = folder / "job.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def _environment() -> dict[str, str]:
    # Fragmented blocks cost gigabytes when stages of different shapes follow each other.
    return {"PYTORCH_CUDA_ALLOC_CONF": "expandable_segments:True", **os.environ}
