"""The command line of a worker: options in, a server until it is told to end.

Knows: options. Does not know: HTTP, models.
"""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import threading
from dataclasses import fields

from renderers.workers.catalog import ENTRIES, OFFLOADS, QUANTIZATIONS, Settings, missing
from renderers.workers.runner import ChildRunner
from renderers.workers.server import Worker, WorkerServer

log = logging.getLogger("storyboard.worker")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def parser() -> argparse.ArgumentParser:
    """The options of `storyboard worker run`."""
    options = argparse.ArgumentParser(
        prog="storyboard worker run", description="Serve one video model over HTTP."
    )
    options.add_argument("name", choices=sorted(ENTRIES), metavar="NAME")
    options.add_argument("--host", default="127.0.0.1", choices=_LOOPBACK, help="loopback only")
    options.add_argument("--port", type=int, help="default: the worker's own")
    options.add_argument("--quantization", default="none", choices=QUANTIZATIONS)
    options.add_argument("--offload", default="none", choices=OFFLOADS)
    options.add_argument(
        "--persistent", action="store_true", help="keep the weights on the card between clips"
    )
    options.add_argument("--weights", default="", help="folder of the weights")
    options.add_argument("--text-encoder", default="", help="folder of the text encoder")
    options.add_argument("--source", default="", help="checkout of the model's code (Ditto)")
    options.add_argument("--device", default="", help="cuda, cuda:1, cpu")
    options.add_argument("--dtype", default="", choices=("", "bfloat16", "float32"))
    options.add_argument(
        "--check", action="store_true", help="say in one line what is missing, and end"
    )
    return options


def main(arguments: list[str]) -> None:
    """Serve until SIGTERM or Ctrl-C; with --check, end at once: 0 ready, 1 not."""
    options = vars(parser().parse_args(arguments))
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    entry = ENTRIES[options.pop("name")]
    host, port = options.pop("host"), options.pop("port") or entry.port
    settings = Settings(**{f.name: options[f.name] for f in fields(Settings)})
    if options["check"]:
        lacking = missing(entry, settings)
        sys.stdout.write((lacking or f"{entry.name} is ready") + "\n")
        raise SystemExit(1 if lacking else 0)
    runner = ChildRunner(entry, settings)
    worker = Worker(entry.name, runner, runner.limits, settings.persistent)
    try:
        server = WorkerServer(worker, host, port)
    except OSError as error:
        raise SystemExit(
            f"cannot listen on {host}:{port}: {error.strerror}; --port picks another"
        ) from None

    def end(number: int, frame: object) -> None:
        # From another thread: `stop` waits for the loop that this one runs.
        threading.Thread(target=server.stop).start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    mode = "persistent" if settings.persistent else "cold start"
    log.info("%s (%s) at %s", entry.name, mode, server.url)
    if lacking := runner.missing():
        log.warning("not ready: %s", lacking)
    server.serve_forever()
