"""A worker for tests: the real HTTP server and the real rules; only the model is a fake.

    with fake_worker("ltx2-a2v") as server: LtxAudioClips(server.url)
    python -m fake_worker ditto --port 8881

True to the models in what bites: an illegal size or frame count is refused, as is sound
that is not stereo (LTX-2) or shorter than the clip; image-to-video always adds sound of its
own; Ditto makes 25 frames a second for as long as the *sound* lasts, whatever was asked.

Knows: what the models refuse and return. Does not know: models.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fake_clip import Take, film

from renderers.errors import BadRequest, OutOfMemory
from renderers.video.planning import LIMITS, Limits
from renderers.workers.protocol import Job
from renderers.workers.rules import check
from renderers.workers.server import Worker, WorkerServer


@dataclass
class FakeRunner:
    """Makes small real clips. The fields script what goes wrong."""

    name: str
    limits: Limits
    lacks: str = ""
    """One line: it is not ready."""
    still: int = 0
    """In so many clips, counted from the first, no lips move."""
    sound: str = "hum"
    """What a model with sound adds: `hum`, `silent` or `none`."""
    no_memory: int = 0
    """So many requests, counted from the first, do not fit the card."""
    peak_gib: float = 8.0
    jobs: list[Job] = field(default_factory=list[Job])
    """Every job that came, as it came."""
    refused: list[str] = field(default_factory=list[str])
    resident: bool = False
    keeps: bool = False
    clips: int = 0

    def missing(self) -> str:
        return self.lacks

    def make(self, job: Job, out: Path, gone: Callable[[], bool]) -> Mapping[str, Any]:
        self.jobs.append(job)
        if self.no_memory:
            self.no_memory -= 1
            raise OutOfMemory("CUDA out of memory. Tried to allocate 2.50 GiB")
        seconds = self._check(job)
        self.resident = self.keeps
        frames = job.frames
        if self.name == "ditto" and seconds is not None:
            frames = max(1, round(seconds * 25))
        sound = "given" if job.audio else "none"
        if self.limits.makes_sound:
            sound = self.sound
        lips = self.still <= 0
        self.still -= 1
        self.clips += 1
        film(Take(job.image, job.width, job.height, job.fps, frames, job.audio, lips, sound), out)
        return {"peak_gib": self.peak_gib, "seed": job.seed}

    def _check(self, job: Job) -> float | None:
        try:
            return check(job, self.limits)
        except BadRequest as error:
            self.refused.append(str(error))
            raise

    def release(self) -> None:
        self.resident = False

    def holds(self) -> Mapping[str, Any]:
        peaks = [self.peak_gib] * self.clips
        return {
            "resident": self.resident,
            "idle_gib": 0.0,
            "peak_gib": max(peaks, default=None),
            "clips": self.clips,
            "peaks_gib": peaks[-10:],
        }


def fake_worker(name: str, port: int = 0, **script: Any) -> WorkerServer:
    """A server for `with`; its runner is `server.worker.runner`. `script`: `FakeRunner`'s."""
    limits = LIMITS["ltx2" if name == "diffusers" else name]
    runner = FakeRunner(name, limits, **script)
    return WorkerServer(Worker(name, runner, limits), port=port)


def runner_of(server: WorkerServer) -> FakeRunner:
    assert isinstance(server.worker.runner, FakeRunner)
    return server.worker.runner


def main() -> None:
    parser = argparse.ArgumentParser(description="A video worker without a model.")
    parser.add_argument("name", choices=sorted({*LIMITS, "diffusers"}))
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--lacks", default="", help="start, but not ready for this reason")
    parser.add_argument("--still", type=int, default=0, help="so many clips with still lips")
    parser.add_argument("--sound", default="hum", choices=("hum", "silent", "none"))
    parser.add_argument("--no-memory", type=int, default=0, help="so many requests do not fit")
    options = vars(parser.parse_args())
    fake_worker(options.pop("name"), options.pop("port"), **options).serve_forever()


if __name__ == "__main__":
    main()
