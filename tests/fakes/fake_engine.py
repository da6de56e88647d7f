"""A stand-in for `ImageEngine` behind the queue's protocol, and a server around it.

The fake draws a plain picture whose colour follows from seed, prompt and references, and can be
held at a step, so that tests decide when work goes on.
"""

from __future__ import annotations

import hashlib
import io
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
import uvicorn
from fastapi import FastAPI
from PIL import Image
from waiting import soon

from image_engine.errors import Cancelled, NotLoaded
from image_engine.guard import PatientProtocol
from image_engine.metadata import Maker
from image_engine.request import ImageRequest
from image_engine.result import ImageResult, OnStep, Progress, ResultInfo
from image_engine.server import Border, JobQueue, Rules, Service, create_app
from image_engine.server.jobs import Engine
from image_engine.server.uploads import ReferenceRoot, UploadLimits
from image_engine.server.wire import CLIENT_ACCELERATIONS

MAKER = Maker("0.1.0", "0123456789abcdef", "cpu", "float32", "full")


class FakeEngine:
    """Draws at once, or step by step as `go` is released when `held`."""

    def __init__(self, *, held: bool = False, fails: Exception | None = None) -> None:
        self.held = held
        self.fails = fails
        self.go = threading.Semaphore(0)
        self.at_step = threading.Semaphore(0)
        """Released whenever a step begins to wait."""
        self.log: list[str] = []
        self.drawn: list[ImageRequest] = []
        self.loaded = True
        self.may_restore = threading.Event()
        self.may_restore.set()
        self.cancel: threading.Event | None = None
        """Of the latest request."""

    @property
    def is_cancelled(self) -> bool:
        return self.cancel is not None and self.cancel.is_set()

    def generate(
        self,
        request: ImageRequest,
        on_step: OnStep | None = None,
        *,
        cancel: threading.Event | None = None,
    ) -> ImageResult:
        self.cancel = cancel
        if not self.loaded:
            raise NotLoaded("the weights are away")
        if self.fails is not None:
            raise self.fails
        seen = [request.prompt, str(request.seed)]
        seen += [
            hashlib.sha256(item.convert("RGB").tobytes()).hexdigest()
            for item in request.references
            if isinstance(item, Image.Image)
        ]
        color = tuple(hashlib.sha256("|".join(seen).encode()).digest()[:3])
        image = Image.new("RGB", (request.width, request.height), color)
        for step in range(1, request.steps + 1):
            if self.is_cancelled:
                raise Cancelled(f"cancelled before step {step}")
            if self.held:
                self.at_step.release()
                assert self.go.acquire(timeout=20)
            if on_step is not None:
                on_step(Progress(step, request.steps, 1000 - step, 0.001, image.copy))
            self.log.append(f"{request.prompt} {step}")
        self.drawn.append(request)
        return ImageResult(image, torch.zeros(1, 3072), info_of(request))

    def offload(self) -> None:
        self.log.append("offload")
        self.loaded = False

    def restore(self) -> None:
        assert self.may_restore.wait(timeout=20)
        self.log.append("restore")
        self.loaded = True

    def release(self) -> None:
        self.log.append("release")
        self.loaded = False


def info_of(request: ImageRequest) -> ResultInfo:
    return ResultInfo(
        width=request.width,
        height=request.height,
        reference_sizes=(),
        sampler=request.sampler,
        steps=request.steps,
        guidance_scale=request.guidance_scale,
        shift=request.shift,
        seed=request.seed,
        acceleration=request.acceleration,
        seconds={"total": 0.001},
        forwards=request.steps,
        prefix_reused=0,
        peak_bytes=None,
        grid_energy=1.0,
        warnings=("guidance 9 is above 6",) if request.guidance_scale > 6 else (),
    )


def make_app(
    engine: Engine,
    *,
    load: Callable[[], Engine] = FakeEngine,
    capacity: int = 8,
    root: Path | None = None,
    limits: UploadLimits | None = None,
    rules: Rules | None = None,
    images: int = 4,
    body_seconds: float = 10.0,
    accelerations: frozenset[str] = CLIENT_ACCELERATIONS,
    check_prompt: Callable[[str], None] | None = None,
) -> FastAPI:
    """The real application around any engine."""
    service = Service(
        jobs=JobQueue(engine, load, capacity=capacity),
        border=Border(
            ReferenceRoot(root),
            limits or UploadLimits(),
            images=images,
            accelerations=accelerations,
        ),
        check_prompt=check_prompt,
        maker=MAKER,
        model="tiny",
        device="cpu",
        body_seconds=body_seconds,
    )
    return create_app(service, rules or Rules(body_bytes=32 * 2**20))


@contextmanager
def serving(
    app: FastAPI, log_level: str = "warning", protocol: type[PatientProtocol] = PatientProtocol
) -> Iterator[str]:
    """A real uvicorn server on a free loopback port, in a thread; yields its URL."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, http=protocol, log_level=log_level, timeout_graceful_shutdown=2)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        soon(lambda: server.started)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=20)
        listener.close()
        assert not thread.is_alive()


def png(width: int = 64, height: int = 64, color: str = "red") -> bytes:
    """A small picture file."""
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), color).save(buffer, "PNG")
    return buffer.getvalue()
