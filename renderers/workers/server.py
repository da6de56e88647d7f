"""The HTTP server of a worker: one model, one clip at a time, nothing held in this process.

`Runner` makes the clips: in a child process (`renderers.workers.runner`), or, in tests, as
a fake. This process never imports a model's packages.

Knows: routes, states, errors. Does not know: models, processes.
"""

from __future__ import annotations

import io
import json
import logging
import select
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Protocol, Self

from renderers.errors import RendererError, Unavailable
from renderers.guard import CHUNK, CHUNK_S, PatientReader, fault_of, is_loopback
from renderers.scratch import temporary_folder
from renderers.video.planning import Limits
from renderers.workers.protocol import ERRORS, MAX_BODY, Job, code_of, from_wire

log = logging.getLogger("storyboard.worker")
_CONNECTIONS, _BODIES = 256, 4
"""Most clients at once, and most whose body is held in memory."""
_ANSWER_S = 60.0
"""A client that takes nothing of its answer for so long has left."""


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
        self._http = _Http((host, port), _handler(worker, local=is_loopback(host)))
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


class _Http(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(address, handler)
        self._room = threading.BoundedSemaphore(_CONNECTIONS)

    def process_request(self, request: Any, client_address: Any) -> None:
        if not self._room.acquire(blocking=False):
            # Every one of them is answered or given up in seconds.
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        # A client that left, or took too long: nothing is wrong here.
        log.debug("a client left", exc_info=True)


def _handler(worker: Worker, *, local: bool) -> type[BaseHTTPRequestHandler]:
    bodies = threading.BoundedSemaphore(_BODIES)
    work, kind, name = ("/clips", "video/mp4", "clip.mp4")
    if worker.limits.draws:
        work, kind, name = ("/pictures", "image/png", "picture.png")

    class Handler(BaseHTTPRequestHandler):
        def setup(self) -> None:
            super().setup()
            self._patience = PatientReader(self.connection)
            self.rfile = io.BufferedReader(self._patience)

        def _refused(self, *, body: bool) -> bool:
            status, why = fault_of(self.headers, MAX_BODY, local=local, body=body)
            if status:
                self.close_connection = True
                self._fault(status, "bad_request", why)
            return bool(status)

        def do_GET(self) -> None:
            if self._refused(body=False):
                return
            if self.path == "/health":
                self._json(200, worker.health())
            else:
                self._fault(404, "not_found", f"{self.path}: there are /health and {work}")

        def do_POST(self) -> None:
            if self._refused(body=True):
                return
            route = {work: self._make, "/sleep": self._sleep, "/wake": self._wake}.get(self.path)
            if route is None:
                self._fault(404, "not_found", f"{self.path}: there are {work}, /sleep, /wake")
                return
            try:
                route()
            except (ClientGone, ConnectionError, TimeoutError):
                log.debug("the client left, or took too long; its clip was stopped")
            except RendererError as error:
                code = code_of(error)
                self._fault(ERRORS[code][0], code, str(error))
            except Exception as error:
                # The border: a bug must not look like a dropped connection.
                log.exception("a clip failed")
                self._fault(500, "unavailable", f"{type(error).__name__}: {error}")

        def _make(self) -> None:
            # Read first: a refusal before that would break the connection it goes through.
            with bodies:
                body = self._body()
            if body is None:
                return
            if worker.asleep:
                self._fault(503, "asleep", "the worker sleeps: POST /wake first")
                return
            job = from_wire(body)
            with temporary_folder("worker") as folder:
                out = folder / name
                made = worker.make(job, out, lambda: _left(self.connection))
                self._send(200, kind, out.read_bytes(), {"X-Clip": json.dumps(dict(made))})

        def _sleep(self) -> None:
            self._body()
            worker.sleep()
            self._json(200, worker.health())

        def _wake(self) -> None:
            self._body()
            worker.wake()
            self._json(200, worker.health())

        def _body(self) -> Any:
            left, data = int(self.headers["Content-Length"]), bytearray()
            while left > 0:
                self._patience.extend(CHUNK_S)
                part = self.rfile.read(min(left, CHUNK))
                if not part:
                    raise ClientGone
                data += part
                left -= len(part)
            # While it works, the socket is asked whether the other side has left.
            self.connection.settimeout(_ANSWER_S)
            try:
                return json.loads(data or b"{}")
            except (ValueError, RecursionError):
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
