"""The same tools over HTTP, and who is kept out."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest

pytest.importorskip("mcp")

from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from test_mcp_stdio import FAKES, told
from tiny_films import TONES, tiny_plan, tiny_run

TOKEN = "a-token-of-some-length"
CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
WANTS = {"Accept": "application/json, text/event-stream"}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    runs = tmp_path_factory.mktemp("http") / "runs"
    tiny_run(runs / "film", tiny_plan("A dog that votes"))
    words = ["--runs", str(runs), "--profile", str(TONES), "--http", "--port", "0"]
    server = subprocess.Popen(
        [sys.executable, "-m", "storyboard", "mcp", *words, "--token", TOKEN],
        env={**os.environ, "PYTHONPATH": str(FAKES)},
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    assert server.stderr is not None
    found = re.search(r"http://\S+", server.stderr.readline())
    assert found is not None
    yield found[0]
    server.send_signal(signal.SIGINT)
    server.communicate(timeout=20)


def test_who_has_the_token_may_call(address: str) -> None:
    import httpx2

    async def scenario() -> None:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with (
            httpx2.AsyncClient(headers=headers, timeout=30) as http,
            Client(streamable_http_client(address, http_client=http)) as client,
        ):
            assert [f["name"] for f in (await told(client, "list_films"))["films"]] == ["film"]
            assert (await told(client, "explain", film="film"))["cost"]["steps"] > 0

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer wrong-token-of-length"}, 401),
        ({"Authorization": f"Bearer {TOKEN}", "Origin": "https://evil.example"}, 403),
        ({"Authorization": f"Bearer {TOKEN}", "Host": "evil.example"}, 403),
    ],
)
def test_who_has_not_or_comes_from_elsewhere_may_not(
    address: str, headers: dict[str, str], status: int
) -> None:
    answer = httpx.post(address, json=CALL, headers={**WANTS, **headers}, timeout=10)
    assert answer.status_code == status
    assert "film" not in answer.text or status == 403


def test_what_is_too_large_is_not_read(address: str) -> None:
    headers = {**WANTS, "Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    answer = httpx.post(address, content=b"x" * (5 << 20), headers=headers, timeout=10)
    assert answer.status_code == 413


def test_many_clients_that_say_nothing_keep_nobody_out(address: str) -> None:
    host, _, port = address.removeprefix("http://").partition("/")[0].partition(":")
    silent = [socket.create_connection((host, int(port))) for _ in range(300)]
    for client in silent[::2]:
        client.sendall(b"GET /health HTT")
    try:
        answer = httpx.post(address, json=CALL, headers=WANTS, timeout=60)
        assert answer.status_code == 401
    finally:
        for client in silent:
            client.close()
