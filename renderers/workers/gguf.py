"""llama.cpp's own server for one GGUF file, in the environment `llama-cpp`.

    storyboard worker run llama-cpp --model FILE.gguf --name NAME --port 8894

Knows: the options of xllamacpp's server. Does not know: prompts, who asks.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from importlib import import_module
from pathlib import Path
from typing import Any

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def parser() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(
        prog="storyboard worker run llama-cpp", description="Serve one GGUF model over HTTP."
    )
    options.add_argument("--model", required=True, help="the .gguf file")
    options.add_argument("--name", default="", help="what it is called in requests")
    options.add_argument("--host", default="127.0.0.1", choices=_LOOPBACK, help="loopback only")
    options.add_argument("--port", type=int, default=8894)
    options.add_argument("--context", type=int, default=16384, help="tokens at most")
    options.add_argument("--threads", type=int, default=0, help="default: the cores")
    return options


def main(arguments: list[str]) -> None:
    """Serve until SIGTERM or Ctrl-C."""
    given = parser().parse_args(arguments)
    model = Path(given.model).expanduser()
    if not model.is_file():
        raise SystemExit(f"llama-cpp lacks weights: no file {model}")
    try:
        package = import_module("xllamacpp")
    except ImportError as error:
        raise SystemExit(
            f"llama-cpp lacks packages ({error}): storyboard worker install llama-cpp"
        ) from None
    server = _server(package, model, given)
    over = threading.Event()

    def end(number: int, frame: object) -> None:
        over.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    sys.stderr.write(f"{model.name} at {server.listening_address}\n")
    over.wait()
    # Its threads do not end while a request is worked on.
    os._exit(0)


def _server(package: Any, model: Path, given: argparse.Namespace) -> Any:
    params = package.CommonParams()
    params.model.path = str(model)
    if given.name:
        params.model_alias = {given.name}
    params.hostnames = [given.host]
    params.port = given.port
    params.n_ctx = given.context
    params.n_parallel = 1
    params.cpuparams.n_threads = given.threads or len(os.sched_getaffinity(0))
    return package.Server(params)
