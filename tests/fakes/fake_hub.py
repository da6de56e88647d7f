"""A hub of models and an index of packages on loopback, with the manners and faults of real ones.

Large files are handed out by another host (as a content network does), under a redirect; ranges are
known unless told otherwise. Each fault is one attribute: gated repositories, changed bytes, a
connection that breaks off, one that only trickles, a server that is down.

Knows: the hub's routes and headers, the simple index, wheels. Does not know: what asks.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import threading
import time
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import unquote, urlsplit

COMMIT = "c0ffee" + "0" * 34
LARGE = 64 << 10
"""Files from this size on are in LFS, as weights are."""
TOKEN = "hf_" + "t" * 20


@dataclass
class Repository:
    files: dict[str, bytes]
    gated: bool = False
    commit: str = COMMIT


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    host: str
    headers: Mapping[str, str]


@dataclass
class FakeHub:
    """Serves while it is entered."""

    repositories: dict[str, Repository] = field(default_factory=dict)
    accepted: set[str] = field(default_factory=set)
    """Gated repositories whose licence the owner of `TOKEN` has accepted."""
    changed: set[str] = field(default_factory=set)
    """Names of files that a mirror hands out with other bytes."""
    breaks_after: int | None = None
    """Bytes of a large file after which each connection breaks off."""
    breaks: int = 1 << 30
    """How often it does."""
    bytes_a_second: int | None = None
    ranges: bool = True
    down: bool = False
    wheels: dict[str, bytes] = field(default_factory=dict)
    log: list[Asked] = field(default_factory=list)
    served: int = 0

    def __enter__(self) -> Self:
        hub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                hub.answer(self)

            do_HEAD = do_GET  # noqa: N815

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def index(self) -> str:
        return f"{self.url}/simple/"

    def asked(self, path: str) -> list[Asked]:
        return [asked for asked in self.log if path in asked.path]

    def add_wheel(
        self, name: str, scripts: Mapping[str, str], modules: tuple[str, ...] = ()
    ) -> None:
        """A package of version 1.0 with programs of its own."""
        filename, data = wheel(name, scripts, modules)
        self.wheels[filename] = data

    # --- answers ---

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        path = unquote(urlsplit(request.path).path)
        headers = {k.lower(): v for k, v in request.headers.items()}
        host = headers.get("host", "")
        self.log.append(Asked(request.command, path, host, headers))
        if self.down:
            request.connection.close()
            return
        parts = path.strip("/").split("/")
        if parts[0] == "simple":
            self._index(request, parts)
        elif parts[0] == "api":
            self._info(request, "/".join(parts[2:4]), headers)
        elif parts[0] == "content":
            self._bytes(request, "/".join(parts[1:3]), "/".join(parts[3:]), headers)
        elif "resolve" in parts:
            self._resolve(request, "/".join(parts[:2]), "/".join(parts[4:]), headers)
        else:
            self._say(request, 404, {"error": "not found"})

    def _refused(
        self, request: BaseHTTPRequestHandler, name: str, headers: Mapping[str, str]
    ) -> bool:
        known = self.repositories.get(name)
        token = headers.get("authorization", "").removeprefix("Bearer ")
        if known is None:
            # The real one does not tell strangers what it has not.
            code = 404 if token == TOKEN else 401
            self._say(request, code, {"error": "Repository not found"}, code="RepoNotFound")
            return True
        if (known.gated and name not in self.accepted) or (known.gated and token != TOKEN):
            code = 403 if token == TOKEN else 401
            self._say(request, code, {"error": "Access is restricted"}, code="GatedRepo")
            return True
        return False

    def _info(self, request: BaseHTTPRequestHandler, name: str, headers: Mapping[str, str]) -> None:
        if self._refused(request, name, headers):
            return
        known = self.repositories[name]
        revision = urlsplit(request.path).path.partition("/revision/")[2] or "main"
        if unquote(revision) not in ("main", known.commit):
            self._say(request, 404, {"error": "Invalid rev"}, code="RevisionNotFound")
            return
        siblings = []
        for filename, data in known.files.items():
            sibling: dict[str, Any] = {"rfilename": filename, "size": len(data)}
            sibling["blobId"] = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
            if len(data) >= LARGE:
                digest = hashlib.sha256(data).hexdigest()
                sibling["lfs"] = {"sha256": digest, "size": len(data), "pointerSize": 134}
            siblings.append(sibling)
        gated = "manual" if known.gated else False
        info = {"_id": "1", "id": name, "modelId": name, "sha": known.commit, "gated": gated}
        self._say(request, 200, {**info, "private": False, "siblings": siblings})

    def _resolve(
        self,
        request: BaseHTTPRequestHandler,
        name: str,
        filename: str,
        headers: Mapping[str, str],
    ) -> None:
        if self._refused(request, name, headers):
            return
        data = self.repositories[name].files.get(filename)
        if data is None:
            self._say(request, 404, {"error": "Entry not found"}, code="EntryNotFound")
        elif len(data) >= LARGE:
            request.send_response(302)
            # Another host, to which no token goes.
            request.send_header(
                "Location", f"http://localhost:{self.port}/content/{name}/{filename}"
            )
            request.send_header("Content-Length", "0")
            request.end_headers()
        else:
            self._bytes(request, name, filename, headers)

    def _bytes(
        self,
        request: BaseHTTPRequestHandler,
        name: str,
        filename: str,
        headers: Mapping[str, str],
    ) -> None:
        data = self.repositories[name].files[filename]
        if filename in self.changed:
            data = bytes(255 - b for b in data[:64]) + data[64:]
        start, end = 0, len(data)
        wanted = headers.get("range", "") if self.ranges else ""
        if wanted:
            first, _, last = wanted.removeprefix("bytes=").partition("-")
            start, end = int(first), min(int(last) + 1 if last else end, end)
            request.send_response(206)
            request.send_header("Content-Range", f"bytes {start}-{end - 1}/{len(data)}")
        else:
            request.send_response(200)
        request.send_header("Content-Length", str(end - start))
        request.end_headers()
        if request.command == "HEAD":
            return
        stop = None
        if self.breaks_after is not None and self.breaks > 0 and end - start >= LARGE:
            self.breaks -= 1
            stop = start + self.breaks_after
        self._pour(request, data[start:end], None if stop is None else stop - start)

    def _pour(self, request: BaseHTTPRequestHandler, data: bytes, stop: int | None) -> None:
        block = 4096 if self.bytes_a_second else 1 << 16
        for at in range(0, len(data), block):
            if stop is not None and at >= stop:
                request.close_connection = True
                request.connection.close()
                return
            try:
                request.wfile.write(data[at : at + block])
            except OSError:
                return
            self.served += len(data[at : at + block])
            if self.bytes_a_second:
                time.sleep(block / self.bytes_a_second)

    def _index(self, request: BaseHTTPRequestHandler, parts: list[str]) -> None:
        name = parts[1] if len(parts) > 1 else ""
        if name.endswith(".whl"):
            self._send(request, 200, self.wheels[name], "application/octet-stream")
            return
        own = [f for f in self.wheels if f.split("-")[0].replace("_", "-") == name]
        if not own:
            self._say(request, 404, {"error": "no such package"})
            return
        links = "".join(f'<a href="/simple/{f}">{f}</a>' for f in own)
        self._send(request, 200, f"<html><body>{links}</body></html>".encode(), "text/html")

    def _say(
        self, request: BaseHTTPRequestHandler, status: int, data: object, code: str = ""
    ) -> None:
        extra = {"X-Error-Code": code, "X-Error-Message": code} if code else {}
        self._send(request, status, json.dumps(data).encode(), "application/json", extra)

    def _send(
        self,
        request: BaseHTTPRequestHandler,
        status: int,
        data: bytes,
        kind: str,
        extra: Mapping[str, str] | None = None,
    ) -> None:
        request.send_response(status)
        request.send_header("Content-Type", kind)
        request.send_header("Content-Length", str(len(data)))
        for name, value in (extra or {}).items():
            request.send_header(name, value)
        request.end_headers()
        if request.command != "HEAD":
            request.wfile.write(data)


def wheel(
    name: str, scripts: Mapping[str, str], modules: tuple[str, ...] = ()
) -> tuple[str, bytes]:
    """A wheel of version 1.0: empty modules, and scripts as they are."""
    dist = f"{name.replace('-', '_')}-1.0"
    entries = {f"{module}.py": "" for module in modules}
    entries |= {f"{dist}.data/scripts/{script}": text for script, text in scripts.items()}
    entries[f"{dist}.dist-info/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
    entries[f"{dist}.dist-info/WHEEL"] = (
        "Wheel-Version: 1.0\nGenerator: fake\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    rows = []
    for path, text in entries.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=")
        rows.append(f"{path},sha256={digest.decode()},{len(text.encode())}")
    record = f"{dist}.dist-info/RECORD"
    entries[record] = "\n".join([*rows, f"{record},,", ""])
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, text in entries.items():
            info = zipfile.ZipInfo(path)
            info.external_attr = 0o100755 << 16
            archive.writestr(info, text)
    return f"{dist}-py3-none-any.whl", buffer.getvalue()
