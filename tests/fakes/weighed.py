"""A server in front of another one that books what it would hold on a ledger card.

    python weighed.py 8895 planner --ledger DIR --total 96 --idle 38 --peak 38 -- PROGRAM … {port}

Starts PROGRAM as its child with a port of its own and passes everything on. It holds `idle`
GiB from its start, `peak` while it works, and nothing asleep; where the ledger has not that
much it answers as a server whose card is full. Killed, it leaves its child behind, as servers
with workers do. The ledger has a folder a card, and it books on the one it was shown.

Knows: which addresses put servers to sleep. Does not know: what they do when awake.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from ledger_books import LedgerBooks
from ports import free_port

from renderers.errors import OutOfMemory

TO_SLEEP = {"/sleep", "/v1/omni/sleep", "/release_memory_occupation"}
TO_WAKE = {"/wake", "/wake_up", "/v1/omni/wakeup", "/resume_memory_occupation"}


class Weight:
    """What this server holds now. Several requests at once hold one peak."""

    def __init__(
        self, card: LedgerBooks, name: str, idle: float, peak: float, seconds: float
    ) -> None:
        self.card, self.name, self.idle, self.peak = card, name, idle, peak
        self._seconds = seconds
        self._busy, self._lock = 0, threading.Lock()

    def rest(self, gib: float) -> None:
        with self._lock:
            self.card.hold(gib, self.name)

    @contextmanager
    def work(self) -> Generator[None]:
        with self._lock:
            self.card.hold(self.peak, self.name)
            self._busy += 1
        time.sleep(self._seconds)
        try:
            yield
        finally:
            with self._lock:
                self._busy -= 1
                if not self._busy:
                    self.card.hold(self.idle, self.name)


def handler(weight: Weight, inner: int) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._pass_on(b"")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path = self.path.partition("?")[0]
            try:
                if path in TO_SLEEP:
                    self._pass_on(body)
                    weight.rest(0.0)
                elif path in TO_WAKE:
                    weight.rest(weight.idle)
                    self._pass_on(body)
                else:
                    with weight.work():
                        self._pass_on(body)
            except OutOfMemory as error:
                fault = {"code": "out_of_memory", "message": f"CUDA out of memory: {error}"}
                self._send(507, {"Content-Type": "application/json"}, json.dumps({"error": fault}))

        def _pass_on(self, body: bytes) -> None:
            connection = http.client.HTTPConnection("127.0.0.1", inner, timeout=60)
            try:
                connection.request(self.command, self.path, body, dict(self.headers))
                reply = connection.getresponse()
                told = {k: v for k, v in reply.getheaders() if k.lower() in KEPT or k[:2] == "X-"}
                self._send(reply.status, told, reply.read())
            except (OSError, http.client.HTTPException) as error:
                self._send(503, {}, f"not up yet: {error}")
            finally:
                connection.close()

        def _send(self, status: int, headers: dict[str, str], content: bytes | str) -> None:
            data = content.encode() if isinstance(content, str) else content
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            return

    return Handler


KEPT = {"content-type", "retry-after"}


def end_with(child: subprocess.Popen[bytes]) -> None:
    """A server whose model is gone is gone."""
    code = child.wait()
    time.sleep(0.05)
    os._exit(code or 1)


def main() -> None:
    parser = argparse.ArgumentParser(description="A server with a weight.")
    parser.add_argument("port", type=int)
    parser.add_argument("name")
    parser.add_argument("--ledger", type=Path, required=True)
    for figure in ("total", "idle", "peak"):
        parser.add_argument(f"--{figure}", type=float, required=True, help="GiB")
    parser.add_argument("--seconds", type=float, default=0.0, help="that its work takes more")
    parser.add_argument("program", nargs="+")
    options = parser.parse_args()
    inner = free_port()
    # As CUDA does: whatever is not shown cannot be used.
    card = LedgerBooks(
        options.ledger / os.environ.get("CUDA_VISIBLE_DEVICES", "all"), options.total
    )
    weight = Weight(card, options.name, options.idle, options.peak, options.seconds)
    weight.rest(options.idle)
    program = [sys.executable, *(part.replace("{port}", str(inner)) for part in options.program)]
    child = subprocess.Popen(program)
    threading.Thread(target=end_with, args=(child,), daemon=True).start()
    server = ThreadingHTTPServer(("127.0.0.1", options.port), handler(weight, inner))
    server.daemon_threads = True
    server.serve_forever()


if __name__ == "__main__":
    main()
