"""A worker's server, talked to by pages of other origins and by clients that lie or dawdle."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fake_worker import fake_worker

from renderers import guard
from renderers.workers.server import WorkerServer


@pytest.fixture
def server() -> Iterator[WorkerServer]:
    with fake_worker("ltx2-a2v") as server:
        yield server


def said(server: WorkerServer, *lines: str, body: bytes = b"") -> str:
    """The status line that raw bytes are answered with; "" if the connection was closed."""
    url = httpx.URL(server.url)
    with socket.create_connection((url.host, url.port or 0), timeout=10) as client:
        client.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        return client.makefile("rb").readline().decode().strip()


def state(server: WorkerServer) -> str:
    return httpx.get(f"{server.url}/health").json()["state"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1"},
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "[::1"},
        {"Host": ""},
    ],
)
@pytest.mark.parametrize("route", ["/sleep", "/wake", "/clips", "/health"])
def test_a_page_of_another_origin_gets_nothing(
    server: WorkerServer, headers: dict[str, str], route: str
) -> None:
    method = "GET" if route == "/health" else "POST"
    given = {"Host": httpx.URL(server.url).netloc.decode(), "Content-Length": "0", **headers}
    lines = [f"{name}: {value}" for name, value in given.items()]
    assert "403" in said(server, f"{method} {route} HTTP/1.1", *lines)
    assert state(server) == "awake"


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_what_a_page_may_send_unasked_is_no_job(server: WorkerServer, kind: str) -> None:
    answer = httpx.post(f"{server.url}/clips", content=b"{}", headers={"Content-Type": kind})
    assert answer.status_code == 415


@pytest.mark.parametrize(
    ("length", "status"),
    [
        ("-1", "411"),
        ("1e9", "411"),
        ("", "411"),
        ("٣", "411"),
        ("9" * 12, "413"),
        ("9" * 5000, "413"),
    ],
)
def test_a_length_that_is_none_is_refused(server: WorkerServer, length: str, status: str) -> None:
    lines = ["Host: localhost", "Content-Type: application/json", f"Content-Length: {length}"]
    assert status in said(server, "POST /clips HTTP/1.1", *lines)


def test_chunks_without_an_end_are_refused(server: WorkerServer) -> None:
    lines = ["Host: localhost", "Content-Type: application/json", "Transfer-Encoding: chunked"]
    assert "411" in said(server, "POST /clips HTTP/1.1", *lines)


@pytest.mark.parametrize("body", ["[" * 100_000, "nan", "{", "9" * 5000])
def test_json_that_is_none_or_too_deep_is_a_bad_request(server: WorkerServer, body: str) -> None:
    headers = {"Content-Type": "application/json"}
    answer = httpx.post(f"{server.url}/clips", content=body.encode(), headers=headers)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "bad_request"


def test_slow_clients_are_given_up_and_starve_nobody(
    server: WorkerServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "SAY_S", 0.5)
    url, head = httpx.URL(server.url), b"POST /clips HTTP/1.1\r\nHost: localhost\r\n"
    before = threading.active_count()
    clients = [socket.create_connection((url.host, url.port or 0)) for _ in range(100)]
    for client in clients:
        client.sendall(head)
    began = time.monotonic()
    assert state(server) == "awake"
    assert time.monotonic() - began < 2
    end = time.monotonic() + 10
    while threading.active_count() > before and time.monotonic() < end:
        for client in clients:
            # A byte now and then keeps nothing open.
            try:
                client.sendall(b"X")
            except OSError:
                continue
        time.sleep(0.1)
    assert threading.active_count() <= before
    for client in clients:
        client.close()


def test_a_client_that_leaves_in_the_middle_leaves_nothing(
    server: WorkerServer, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    url = httpx.URL(server.url)
    for sent in (b"", b"POST /cl", b"POST /clips HTTP/1.1\r\nHost: localhost\r\n"):
        with socket.create_connection((url.host, url.port or 0)) as client:
            client.sendall(sent)
    lines = ["Host: localhost", "Content-Type: application/json", "Content-Length: 1000"]
    with socket.create_connection((url.host, url.port or 0)) as client:
        client.sendall("\r\n".join(["POST /clips HTTP/1.1", *lines, "", json.dumps({})]).encode())
    assert state(server) == "awake"
    assert capfd.readouterr().err == ""
