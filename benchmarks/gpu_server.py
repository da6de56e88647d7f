"""A server on the card under load, and what the card holds when it is told to let go.

Knows: clients, states of the engine. Does not know: how fast anything is drawn (`gpu_steps`).
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx

from benchmarks.gpu_card import Answer, Card
from image_engine import ImageEngine, ImageRequest
from image_engine.bench.measure import seconds_of

if TYPE_CHECKING:
    from collections.abc import Iterator


def memory(card: Card) -> Answer:
    """What is left after offloading and release, and how long coming back takes."""
    card.release()
    before = card.allocated()
    engine = card.loaded()
    engine.generate(card.request(card.sides[0], 1))
    held = card.allocated()
    offload = seconds_of(engine.offload, card.device)
    away = card.allocated()
    restore = seconds_of(engine.restore, card.device)
    card.release()
    return {
        "before": before,
        "loaded": held,
        "offloaded": away,
        "released": card.allocated(),
        "offload_seconds": offload,
        "restore_seconds": restore,
    }


def server(card: Card) -> Answer:
    """Six clients at once: how much longer than the drawing alone, and how health answers."""
    fields = {"width": card.sides[0], "height": card.sides[0], "steps": card.steps}
    body = {"prompt": "a lamp", "snap_resolution": False, "stream": True, **fields}
    engine = card.loaded()
    drawn = ImageRequest("a lamp", snap_resolution=False, **fields)
    engine.generate(drawn)
    alone = engine.generate(drawn).info.seconds["total"]
    delays: list[float] = []
    with _serving(engine, card) as url, httpx.Client(base_url=url, timeout=300) as http:
        started = time.perf_counter()
        threads = [
            threading.Thread(target=_post, args=(url, body | {"seed": seed})) for seed in range(6)
        ]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            asked = time.perf_counter()
            http.get("/health").raise_for_status()
            delays.append(time.perf_counter() - asked)
            time.sleep(0.02)
        took = time.perf_counter() - started
    card.engine = None  # the server released it
    return {
        "pictures": len(threads),
        "seconds": took,
        "drawing_alone": alone * len(threads),
        "health_seconds_worst": max(delays),
    }


def _post(url: str, body: Answer) -> None:
    with httpx.stream("POST", f"{url}/generate/t2i", json=body, timeout=300) as response:
        response.raise_for_status()
        for _ in response.iter_lines():
            pass


@contextmanager
def _serving(engine: ImageEngine, card: Card) -> Iterator[str]:
    import socket

    import uvicorn

    from image_engine.metadata import Maker
    from image_engine.server import Border, JobQueue, Rules, Service, create_app
    from image_engine.server.uploads import ReferenceRoot

    service = Service(
        jobs=JobQueue(engine, lambda: engine),
        border=Border(ReferenceRoot(None)),
        maker=Maker("bench", "random", card.device, str(card.dtype), "full"),
        model="random",
        device=card.device,
    )
    app = create_app(service, Rules(body_bytes=2**20))
    listener = socket.create_server(("127.0.0.1", 0))
    running = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        while not running.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        running.should_exit = True
        thread.join()
        listener.close()
