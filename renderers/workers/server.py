"""The HTTP server of a worker: one model, one clip at a time, nothing held in this process.

`Runner` makes the clips: in a child process (`renderers.workers.runner`), or, in tests, as
a fake. This process never imports a model's packages.

Knows: routes, states, errors. Does not know: models, processes.
"""

from __future__ import annotations

import json
import logging
import select
import socket
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Protocol, Self

from renderers.errors import RendererError, Unavailable
from renderers.video.planning import Limits
from renderers.workers.protocol import ERRORS, MAX_BODY, Job, code_of, from_wire

log = logging.getLogger("storyboard.worker")


class ClientGone(Exception):
    """Who asked has left: the work was stopped, nobody reads an answer."""


class Runner(Protocol):
    """Makes clips and holds what that takes."""

    def missing(self) -> str:
        """One line on what is lacking, with the fix; "" when it can work."""
        ...

    def make(self, job: Job, out: Path, gone: Callable[[], bool]) -> Mapping[str, Any]:
        """Write the clip to `out` and return what was measured (`peak_gib`, `seconds`).

        Raises:
            RendererError: what went wrong.
            ClientGone: `gone` said so, and the work was ended.
        """
        ...

    def release(self) -> None:
        """Let go of everything held."""
        ...

    def holds(self) -> Mapping[str, Any]:
        """`resident`, and as measured since the start: `idle_gib` (without a model 0),
        `peak_gib` (null before a request, or without a card), how many `clips`, and of the
        last ones each `peaks_gib`."""
        ...


@dataclass
class Worker:
    """What one server serves, and its state."""

    name: str
    runner: Runner
    limits: Limits
    persistent: bool = False
    asleep: bool = False
    busy: bool = False
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def health(self) -> dict[str, Any]:
        missing = self.runner.missing()
        return {
            "status": "not ready" if missing else "ok",
            "ready": not missing,
            "missing": missing,
            "worker": self.name,
            "state": "asleep" if self.asleep else "awake",
            "busy": self.busy,
            "mode": "persistent" if self.persistent else "cold start",
            "memory": dict(self.runner.holds()),
            "limits": asdict(self.limits),
        }

    def make(self, job: Job, out: Path, gone: Callable[[], bool]) -> Mapping[str, Any]:
        """One clip at a time; who comes later waits.

        Raises:
            RendererError, ClientGone: as `Runner.make`.
        """
        with self._turn:
            if gone():
                raise ClientGone
            if missing := self.runner.missing():
                raise Unavailable(missing)
            self.busy = True
            try:
                return self.runner.make(job, out, gone)
            finally:
                self.busy = False

    def sleep(self) -> None:
        self.asleep = True
        with self._turn:
            self.runner.release()

    def wake(self) -> None:
        self.asleep = False


class WorkerServer:
    """A worker behind a port. As a context it serves in a thread; `port` 0 picks a free one."""

    def __init__(self, worker: Worker, host: str = "127.0.0.1", port: int = 0) -> None:
        self.worker = worker
        self._http = ThreadingHTTPServer((host, port), _handler(worker))
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,))

    @property
    def url(self) -> str:
        host, port = self._http.server_address[:2]
        return f"http://{host!s}:{port}"

    def serve_forever(self) -> None:
        try:
            self._http.serve_forever()
        finally:
            self._http.server_close()
            self.worker.runner.release()

    def stop(self) -> None:
        """End `serve_forever`, from another thread."""
        self._http.shutdown()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()
        self.worker.runner.release()


def _handler(worker: Worker) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/health":
                self._json(200, worker.health())
            else:
                self._fault(404, "not_found", f"{self.path}: there are /health and /clips")

        def do_POST(self) -> None:
            route = {"/clips": self._clip, "/sleep": self._sleep, "/wake": self._wake}.get(
                self.path
            )
            if route is None:
                self._fault(404, "not_found", f"{self.path}: there are /clips, /sleep, /wake")
                return
            try:
                route()
            except ClientGone:
                log.info("the client left; its clip was stopped")
            except RendererError as error:
                code = code_of(error)
                self._fault(ERRORS[code][0], code, str(error))
            except Exception as error:
                # The border: a bug must not look like a dropped connection.
                log.exception("a clip failed")
                self._fault(500, "unavailable", f"{type(error).__name__}: {error}")

        def _clip(self) -> None:
            # Read first: a refusal before that would break the connection it goes through.
            body = self._body()
            if body is None:
                return
            if worker.asleep:
                self._fault(503, "asleep", "the worker sleeps: POST /wake first")
                return
            job = from_wire(body)
            with tempfile.TemporaryDirectory(prefix="storyboard-worker-") as folder:
                out = Path(folder) / "clip.mp4"
                made = worker.make(job, out, lambda: _left(self.connection))
                self._send(200, "video/mp4", out.read_bytes(), {"X-Clip": json.dumps(dict(made))})

        def _sleep(self) -> None:
            self._body()
            worker.sleep()
            self._json(200, worker.health())

        def _wake(self) -> None:
            self._body()
            worker.wake()
            self._json(200, worker.health())

        def _body(self) -> Any:
            length = int(self.headers.get("Content-Length") or 0)
            if length > MAX_BODY:
                self.close_connection = True
                self._fault(413, "bad_request", f"{length} bytes; at most {MAX_BODY} are taken")
                return None
            data = self.rfile.read(length)
            try:
                return json.loads(data or b"{}")
            except ValueError:
                self._fault(400, "bad_request", "the body is no JSON")
                return None

        def _fault(self, status: int, code: str, message: str) -> None:
            self._json(status, {"error": {"code": code, "message": message}})

        def _json(self, status: int, data: Mapping[str, Any]) -> None:
            self._send(status, "application/json", json.dumps(data).encode(), {})

        def _send(self, status: int, kind: str, data: bytes, more: Mapping[str, str]) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            for name, value in more.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:
            log.info(format, *args)

    return Handler


def _left(connection: socket.socket) -> bool:
    """Whether the other side has closed: there is something to read, and it is the end."""
    try:
        readable, _, _ = select.select([connection], [], [], 0)
        return bool(readable) and connection.recv(1, socket.MSG_PEEK) == b""
    except OSError:
        return True
