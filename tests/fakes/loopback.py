"""What fake servers share: real HTTP on loopback, and one function from a request to an answer.

Knows: HTTP and forms. Does not know: any dialect.
"""

from __future__ import annotations

import json
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

MOST_BLANKS = 2000


@dataclass(frozen=True, slots=True)
class FormFile:
    """A file in a form: the field that it came in, its own name, its bytes."""

    field: str
    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Call:
    """One request as it arrived. Names of headers are in small letters."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        """The first value of each name."""
        return {name: values[0] for name, values in parse_qs(urlsplit(self.target).query).items()}

    @property
    def is_form(self) -> bool:
        return self.headers.get("content-type", "").startswith("multipart/")

    def json(self) -> Any:
        return json.loads(self.body)

    def form(self) -> tuple[dict[str, str], list[FormFile]]:
        """Fields and files of a multipart body."""
        head = f"Content-Type: {self.headers['content-type']}\r\n\r\n".encode()
        fields: dict[str, str] = {}
        files: list[FormFile] = []
        for part in BytesParser(policy=HTTP).parsebytes(head + self.body).iter_parts():
            assert isinstance(part, Message)
            name = str(part.get_param("name", header="content-disposition"))
            payload = part.get_payload(decode=True)
            data = payload if isinstance(payload, bytes) else b""
            if filename := part.get_filename():
                files.append(FormFile(name, filename, data))
            else:
                fields[name] = data.decode()
        return fields, files


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back."""

    status: int = 200
    body: bytes = b""
    kind: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    trickle: float = 0.0
    """Seconds between blanks that are sent instead of the body, until nobody listens."""
    slow_head: float = 0.0
    """Seconds between headers that are sent before the body, until nobody listens."""
    pieces: Iterable[bytes] | None = None
    """Sent one by one in place of the body, as long as somebody listens."""

    @classmethod
    def json(cls, status: int, data: Any, headers: Mapping[str, str] | None = None) -> Answer:
        return cls(status, json.dumps(data).encode(), headers=headers or {})


class LoopbackServer(ABC):
    """A server for `with`, or for `serve_forever`. Several requests may be under way at once."""

    root_path = ""
    """What a client's base URL ends in."""

    @abstractmethod
    def respond(self, call: Call) -> Answer | None:
        """The answer to one request; None hangs up without one."""

    def listen(self, port: int = 0) -> None:
        """Take `port` of 127.0.0.1, or a free one. Connections wait until it is served."""
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self.serve_forever)

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        """What a client is given as base URL."""
        return self.root + self.root_path

    def serve_forever(self) -> None:
        self._server.serve_forever(0.05)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _handler(server: LoopbackServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def do_PUT(self) -> None:
            self._answer()

        def do_DELETE(self) -> None:
            self._answer()

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = server.respond(Call(self.command, self.path, headers, body))
            if answer is None:
                self.close_connection = True
                return
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.kind)
            length = MOST_BLANKS if answer.trickle else len(answer.body)
            if answer.pieces is None:
                self.send_header("Content-Length", str(length))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            try:
                for number in range(MOST_BLANKS if answer.slow_head else 0):
                    self.send_header(f"X-Wait-{number}", "yes")
                    self.flush_headers()
                    time.sleep(answer.slow_head)
                self.end_headers()
                if answer.pieces is not None:
                    self.close_connection = True
                    for piece in answer.pieces:
                        self.wfile.write(piece)
                elif answer.trickle:
                    self._trickle(answer.trickle)
                else:
                    self.wfile.write(answer.body)
            except ConnectionError:
                # Who asked has gone: a client gave up waiting, or was told to stop.
                self.close_connection = True

        def _trickle(self, pause: float) -> None:
            self.close_connection = True
            for _ in range(MOST_BLANKS):
                try:
                    self.wfile.write(b" ")
                except OSError:
                    return
                time.sleep(pause)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler
