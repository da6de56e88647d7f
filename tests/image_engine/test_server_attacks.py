"""Bodies that swell, clients that dawdle and leave: the server goes on answering others."""

from __future__ import annotations

import logging

import pytest
from waiting import soon

pytest.importorskip("torch")

import io
import os
import resource
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
from fake_engine import FakeEngine, make_app, serving
from PIL import Image

from image_engine.guard import PatientProtocol
from image_engine.server import Rules

MIB = 1 << 20


@pytest.fixture
def url() -> Iterator[str]:
    rules = Rules(body_bytes=128 * MIB)
    with serving(make_app(FakeEngine(), capacity=2, rules=rules)) as url:
        yield url


class HastyProtocol(PatientProtocol):
    headers_s = 0.5


@pytest.fixture
def hasty() -> Iterator[str]:
    """A server that gives up soon."""
    rules = Rules(body_bytes=128 * MIB, patience_s=0.5)
    app = make_app(FakeEngine(), capacity=2, rules=rules)
    with serving(app, protocol=HastyProtocol) as url:
        yield url


def connected(url: str) -> socket.socket:
    where = httpx.URL(url)
    return socket.create_connection((where.host, where.port or 0), timeout=20)


def healthy(url: str) -> float:
    """Seconds that /health takes."""
    began = time.monotonic()
    assert httpx.get(f"{url}/health", timeout=20).status_code == 200
    return time.monotonic() - began


@pytest.mark.parametrize(
    "text",
    [
        b'{"prompt": [' + b"[]," * (8 * MIB) + b"[]]}",
        b"[" * (24 * MIB),
        b'{"a":' * (4 * MIB),
        b'{"prompt": "' + b"\\u0041" * (4 * MIB) + b'"}',
    ],
    ids=["lists", "depth", "objects", "escapes"],
)
def test_json_that_swells_is_refused_before_it_is_parsed(url: str, text: bytes) -> None:
    used, memory = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    waited = list[float]()
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            waited.append(healthy(url))

    watcher = threading.Thread(target=look)
    watcher.start()
    headers = {"Content-Type": "application/json"}
    answer = httpx.post(f"{url}/generate/t2i", content=text, headers=headers, timeout=60)
    stop.set()
    watcher.join()
    assert answer.status_code == 400
    assert "more than 200,000 parts" in answer.json()["error"]["message"]
    assert max(waited) < 3
    assert time.process_time() - used < 5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < 600 * 1024


def test_a_slow_body_is_given_up_and_its_place_is_free(hasty: str) -> None:
    url = hasty
    head = b"POST /generate/t2i HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n"
    slow = [connected(url) for _ in range(3)]
    for client in slow:
        client.sendall(head + b"Content-Type: application/json\r\n\r\n{")
    for client in slow:
        said = client.recv(1000)
        assert b" 408 " in said or b" 429 " in said
        client.close()
    body = {"prompt": "x", "width": 256, "height": 256, "snap_resolution": False, "steps": 1}
    assert httpx.post(f"{url}/generate/t2i", json=body, timeout=20).status_code == 200


def test_slow_headers_are_given_up_and_starve_nobody(hasty: str) -> None:
    url = hasty
    slow = [connected(url) for _ in range(200)]
    for client in slow:
        client.sendall(b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: ")
    assert healthy(url) < 2
    # Also after an answer, on the same connection.
    kept = connected(url)
    kept.sendall(b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    assert b"200" in kept.recv(4000)
    kept.sendall(b"GET /health HTTP/1.1\r\n")
    for client in (*slow, kept):
        while client.recv(4000):
            pass
        client.close()


def test_a_client_that_leaves_is_no_news(url: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    head = b"POST /generate/t2i HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n"
    for sent in (b"", b"POST", head, head + b"Content-Type: application/json\r\n\r\n{"):
        client = connected(url)
        client.sendall(sent)
        client.close()
    soon(lambda: healthy(url) < 1)
    assert [r.getMessage() for r in caplog.records if r.name != "httpx"] == []


def test_many_clients_with_large_photos_take_the_memory_of_one() -> None:
    """Twelve requests of four pictures, 144 MB each when decoded; what waits is shrunk."""
    peak = Path("/proc/self/clear_refs")
    if not os.access(peak, os.W_OK):
        pytest.skip("the peak of memory cannot be reset here")
    held = io.BytesIO()
    Image.new("RGB", (4000, 3000), "teal").save(held, "PNG")
    files = [("image", (f"{n}.png", held.getvalue(), "image/png")) for n in range(4)]
    answers: list[int] = []

    def ask(url: str) -> None:
        fields = {"prompt": "a lamp", "steps": "2"}
        answer = httpx.post(f"{url}/generate/ip", data=fields, files=files, timeout=1800)
        answers.append(answer.status_code)

    with serving(make_app(FakeEngine(), capacity=12, body_seconds=1800)) as url:
        healthy(url)
        peak.write_text("5")
        before = _kib("VmRSS")
        clients = [threading.Thread(target=ask, args=(url,)) for _ in range(12)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
    assert sorted(answers) == [200] * 12
    assert _kib("VmHWM") - before < 800 * 1024


def _kib(what: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{what}:"))
