"""A server of bytes: whatever a test writes is sent, be it HTTP or not.

    with RawServer(lambda: [b"HTTP/1.0 200 OK\\r\\n\\r\\n", b"{}"]) as server:
        OpenAIChat(server.url, "fake")

Knows: sockets. Does not know: what is right.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Self

Pieces = Callable[[], Iterable[bytes]]


class RawServer:
    """Answers every POST with the pieces, as long as somebody listens; all else with a 404.
    `heard` keeps each request whole."""

    def __init__(self, pieces: Pieces) -> None:
        self._pieces = pieces
        self.heard: list[bytes] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._over = False
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    @property
    def url(self) -> str:
        return f"{self.root}/v1"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._over = True
        self._socket.close()

    def _serve(self) -> None:
        while not self._over:
            try:
                one, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(one,), daemon=True).start()

    def _answer(self, one: socket.socket) -> None:
        with one, suppress(OSError):
            request = b""
            while b"\r\n\r\n" not in request:
                request += one.recv(65536) or b"\r\n\r\n"
            head, _, body = request.partition(b"\r\n\r\n")
            length = next(
                (
                    int(h.split(b":")[1])
                    for h in head.split(b"\r\n")
                    if h.lower()[:15] == b"content-length:"
                ),
                0,
            )
            while len(body) < length and (more := one.recv(65536)):
                body += more
            self.heard.append(head + b"\r\n\r\n" + body)
            if not head.startswith(b"POST"):
                one.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
                return
            for piece in self._pieces():
                if self._over:
                    return
                one.sendall(piece)
