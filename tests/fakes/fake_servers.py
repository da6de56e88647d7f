"""Tiny servers that release a card in the dialects of the real ones, defaults included.

As a program: python fake_servers.py DIALECT PORT [--nonsense-after-wake] [--die-after N]
In a test: `with serving("vllm") as fake: … fake.url … fake.calls …`

True to the servers in what bites: vLLM's sleep exists in development mode only, its level
defaults to 1, and level 2 without reloading the weights answers nonsense; vLLM-Omni's level
defaults to 2, a model has several stages of which each is put to sleep by its number, and
releases differ in whether a stage that fails is a status of 500 or a word in the answer, and
woken stages stay paused until `/resume`, which exists in development mode only; SGLang
wants a JSON body; Ollama loads by itself on the first request and lists a model without a tag as
`:latest`; a server that sleeps refuses to work.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Fake:
    """One server's state and what it was asked."""

    dialect: str
    dev_mode: bool = True
    nonsense_after_wake: bool = False
    loaded: bool = True
    weights: bool = True
    cache: bool = True
    sensible: bool = True
    level: int = 0
    stages: int = 1
    """Of vLLM-Omni's pipeline: it is asleep when all of them are."""
    failing_acks: bool = False
    """A stage that does not sleep is told as vLLM-Omni's older releases do: with status 200."""
    thinks: bool = False
    """The model thinks before it answers, as some do whatever they are asked."""
    lacking: str = ""
    """What our workers say that they lack: weights, packages."""
    paused: bool = False
    """Of vLLM-Omni: woken, and not yet told to go on."""
    asleep_stages: set[int] = field(default_factory=set[int])
    url: str = ""
    calls: list[str] = field(default_factory=list[str])

    @property
    def awake(self) -> bool:
        return self.loaded and self.weights and self.cache

    def get(self, path: str) -> tuple[int, Any]:
        if path in ("/health", "/api/version"):
            state = "awake" if self.awake else "asleep"
            if self.lacking:
                return 200, {"status": "not ready", "ready": False, "missing": self.lacking}
            return 200, {"state": state} if self.dialect == "storyboard" else {}
        if path == "/is_sleeping" and self.dialect == "vllm" and self.dev_mode:
            return 200, {"is_sleeping": not self.awake}
        if path == "/api/ps" and self.dialect == "ollama":
            return 200, {"models": [{"name": "tiny:latest"}] if self.loaded else []}
        if path == "/calls":
            return 200, self.calls
        return 404, {"error": "not found"}

    def post(self, path: str, query: dict[str, str], body: Any) -> tuple[int, Any]:
        if path == "/v1/chat/completions":
            return self._chat()
        handler = getattr(self, "_" + self.dialect.replace("-", "_"), None)
        answer = handler(path, query, body) if handler else None
        return answer or (404, {"error": "not found"})

    def _chat(self) -> tuple[int, Any]:
        if self.dialect == "ollama":
            self.loaded = True
        if not self.awake or self.paused:
            return 500, {"error": "the engine sleeps"}
        text = "Ready." if self.sensible else "!!!!!!!!!!!!!!!!"
        message: dict[str, Any] = {"content": text}
        if self.thinks:
            # Sixteen tokens are not enough for it to come to the answer.
            message = {"content": None, "reasoning": f"The user wants one word: {text}"}
        return 200, {"choices": [{"message": message, "finish_reason": "stop"}]}

    def _sleep(self, level: int) -> None:
        self.weights = self.cache = False
        self.level = level

    def _woken(self) -> None:
        self.weights = self.cache = True
        self.sensible = not self.nonsense_after_wake

    def _vllm(self, path: str, query: dict[str, str], body: Any) -> tuple[int, Any] | None:
        if not self.dev_mode:
            return None
        if path == "/sleep":
            self._sleep(int(query.get("level", "1")))
            return 200, None
        if path == "/wake_up":
            tags = query.get("tags")
            if self.level == 2:
                # The memory is there again, the weights in it are not.
                self.sensible = self.sensible and not self.awake and tags is not None
            self.weights = self.weights or tags in (None, "weights")
            self.cache = self.cache or tags in (None, "kv_cache")
            if self.nonsense_after_wake and self.awake:
                self.sensible = False
            return 200, None
        if path == "/collective_rpc" and body == {"method": "reload_weights"}:
            self.sensible = self.weights
            self.level = 0
            return 200, {"results": [None]}
        return None

    def _vllm_omni(self, path: str, query: dict[str, str], body: Any) -> tuple[int, Any] | None:
        if path == "/resume" and self.dev_mode:
            self.paused = False
            return 200, {"status": "resumed"}
        if not path.startswith("/v1/omni/"):
            return None
        asked = set(body.get("stage_ids", ()))
        if not asked:
            return 422, {"detail": "stage_ids is required"}
        sleeps = path == "/v1/omni/sleep"
        if self.failing_acks and sleeps:
            acks = [
                {"stage_id": n, "status": "ERROR", "error_msg": "sleep mode is off"} for n in asked
            ]
            return 200, {"status": "SUCCESS", "acks": acks}
        if not sleeps and not asked & self.asleep_stages:
            return 200, {"status": "SKIPPED", "message": "No requested stages are sleeping"}
        self.asleep_stages = self.asleep_stages | asked if sleeps else self.asleep_stages - asked
        if len(self.asleep_stages) >= self.stages:
            self._sleep(int(body.get("level", 2)))
        elif not self.asleep_stages:
            self._woken()
            self.paused = True
        acks = [{"stage_id": n, "status": "SUCCESS"} for n in asked]
        return 200, {"status": "SUCCESS", "acks": acks}

    def _sglang(self, path: str, query: dict[str, str], body: Any) -> tuple[int, Any] | None:
        if body is None:
            return 422, {"error": "a JSON body is required"}
        if path == "/release_memory_occupation":
            self._sleep(1)
            return 200, None
        if path == "/resume_memory_occupation":
            self._woken()
            return 200, None
        return None

    def _storyboard(self, path: str, query: dict[str, str], body: Any) -> tuple[int, Any] | None:
        if path == "/sleep":
            self._sleep(1)
            return 200, {"state": "asleep"}
        if path == "/wake":
            self._woken()
            return 200, {"state": "awake"}
        return None

    def _ollama(self, path: str, query: dict[str, str], body: Any) -> tuple[int, Any] | None:
        if path != "/api/generate":
            return None
        if body.get("model") != "tiny":
            return 404, {"error": f"model '{body.get('model')}' not found"}
        self.loaded = body.get("keep_alive") != 0
        return 200, {"done": True}

    def _llama_server(self, path: str, query: dict[str, str], body: Any) -> tuple[int, Any] | None:
        if path in ("/models/load", "/models/unload"):
            self.loaded = path.endswith("/load")
            return 200, {"success": True}
        return None

    def _comfyui(self, path: str, query: dict[str, str], body: Any) -> tuple[int, Any] | None:
        if path == "/free" and body == {"unload_models": True, "free_memory": True}:
            self.loaded = False
            return 200, None
        return None


def _server(fake: Fake, port: int) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._reply(*fake.get(self.path))

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            text = self.rfile.read(length).decode()
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            fake.calls.append(f"{self.path} {text}".strip())
            self._reply(*fake.post(parts.path, query, json.loads(text) if text else None))

        def _reply(self, status: int, data: Any) -> None:
            content = b"" if data is None else json.dumps(data).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    fake.url = f"http://127.0.0.1:{server.server_address[1]}"
    return server


@contextmanager
def serving(dialect: str, **state: Any) -> Generator[Fake]:
    """A fake in a thread of this process."""
    fake = Fake(dialect, **state)
    server = _server(fake, 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("dialect")
    parser.add_argument("port", type=int)
    parser.add_argument("--nonsense-after-wake", action="store_true")
    parser.add_argument("--die-at-once", action="store_true")
    parser.add_argument("--with-child", action="store_true", help="spawn a worker, as vLLM does")
    parser.add_argument("--with-daemon", action="store_true", help="one that leaves the session")
    parser.add_argument("--lacking", default="", help="what it lacks to work, as our workers tell")
    options = parser.parse_args()
    if options.with_daemon and os.fork() == 0:
        # Twice, in a session of its own, and deaf to SIGTERM: as far away as a child can go.
        os.setsid()
        if os.fork():
            os._exit(0)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        threading.Event().wait()
    if options.die_at_once:
        raise SystemExit("CUDA driver is too old")
    if options.with_child and os.fork() == 0:
        # The worker of a server: it does not end by itself when its parent does.
        threading.Event().wait()
    fake = Fake(
        options.dialect,
        dev_mode=os.environ.get("VLLM_SERVER_DEV_MODE") == "1",
        nonsense_after_wake=options.nonsense_after_wake,
        loaded=options.dialect != "ollama",
        lacking=options.lacking,
    )
    _server(fake, options.port).serve_forever()


if __name__ == "__main__":
    main()
