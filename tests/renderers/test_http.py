"""Clients: this machine is reached directly, whatever proxy the environment names."""

from __future__ import annotations

import pytest
from loopback import Answer, Call, LoopbackServer

from image_engine.client import ImageClient
from renderers import http
from renderers.endpoint import client as openai_client
from renderers.errors import Unavailable

PROXIES = [
    {"http_proxy": "http://127.0.0.1:9"},
    {"all_proxy": "socks5://127.0.0.1:9", "ALL_PROXY": "socks5h://127.0.0.1:9"},
    {"HTTP_PROXY": "nonsense:::", "all_proxy": "ftp://127.0.0.1:9"},
]


class Models(LoopbackServer):
    root_path = "/v1"

    def respond(self, call: Call) -> Answer:
        return Answer.json(200, {"object": "list", "data": [{"id": "here", "object": "model"}]})


@pytest.fixture
def server() -> LoopbackServer:
    server = Models()
    server.listen()
    return server


@pytest.mark.parametrize("proxies", PROXIES)
def test_this_machine_is_asked_directly(
    proxies: dict[str, str], server: LoopbackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in proxies.items():
        monkeypatch.setenv(name, value)
    with server:
        assert http.get(f"{server.url}/models").json()["data"][0]["id"] == "here"
        with http.client(server.url) as one:
            assert one.get(f"{server.url}/models").is_success
        with openai_client(server.url, None, 5.0, 0) as asked:
            assert [model.id for model in asked.models.list()] == ["here"]
        ImageClient(server.root).close()


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://127.0.0.1:8000/v1", True),
        ("http://localhost:1", True),
        ("http://api.localhost/", True),
        ("http://[::1]:80/", True),
        ("http://127.8.9.1", True),
        ("https://api.openai.com/v1", False),
        ("http://192.168.1.5:8000", False),
        ("http://localhost.example.com", False),
        ("", False),
        ("http://[half", False),
    ],
)
def test_which_hosts_are_this_machine(url: str, here: bool) -> None:
    assert http.is_here(url) is here


def test_a_proxy_that_is_none_is_told_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "nonsense://127.0.0.1:9")
    with pytest.raises(Unavailable, match="https_proxy=nonsense"):
        http.client("https://example.com")
