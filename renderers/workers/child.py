"""The process that holds a model: reads requests from its input, answers on its output.

One JSON line a request, one an answer. What libraries print goes to the log, not between the
answers. When the server ends, this process does too.

Knows: requests, answers, measuring memory. Does not know: any one model.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import resource
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from renderers.errors import BadRequest, RendererError
from renderers.workers.catalog import ENTRIES, Settings
from renderers.workers.protocol import code_of

log = logging.getLogger("storyboard.worker")
GIB = 2**30


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One clip or picture to make. `audio` is None for a model that listens to nothing."""

    prompt: str
    negative_prompt: str
    width: int
    height: int
    frames: int
    fps: int
    seed: int
    image: Path
    audio: Path | None
    options: Mapping[str, Any]
    references: tuple[Path, ...] = ()


Maker = Callable[[ModelRequest, Path], None]
"""Writes the clip as MP4, or the picture as PNG."""


def main(arguments: list[str]) -> None:
    """Serve requests until the input ends. `arguments`: the worker's name, its settings as JSON."""
    name, options = arguments
    answers = _own_output()
    requests: queue.Queue[bytes] = queue.Queue()
    threading.Thread(target=_read, args=(requests,), daemon=True).start()
    entry, settings = ENTRIES[name], Settings(**json.loads(options))
    maker: Maker | None = None
    while True:
        request = json.loads(requests.get())
        try:
            if maker is None:
                maker = import_module(entry.module).prepare(entry, settings)
            assert maker is not None
            maker(_request(Path(request["job"])), Path(request["out"]))
            answer: dict[str, Any] = _measured()
        except Exception as error:
            # The border: the server tells the client, and ends this process.
            log.exception("%s could not make the clip", name)
            answer = {"error": _fault(error)}
        os.write(answers, json.dumps(answer).encode() + b"\n")


def _own_output() -> int:
    """A copy of standard output for answers; what is printed from now on goes to the log."""
    answers = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return answers


def _read(requests: queue.Queue[bytes]) -> None:
    for line in sys.stdin.buffer:
        requests.put(line)
    # The server is gone, or wants no more: whatever is under way is for nobody.
    os._exit(0)


def _request(path: Path) -> ModelRequest:
    data = json.loads(path.read_text(encoding="utf-8"))
    audio = path.with_name("audio.wav") if data.pop("has_audio") else None
    sheets = tuple(path.with_name(f"reference_{i + 1}.png") for i in range(data.pop("references")))
    return ModelRequest(**data, image=path.with_name("image.png"), audio=audio, references=sheets)


def _fault(error: Exception) -> dict[str, str]:
    text = str(error).strip() or type(error).__name__
    if isinstance(error, RendererError):
        return {"code": code_of(error), "message": text}
    if "OutOfMemory" in type(error).__name__ or "out of memory" in text.lower():
        return {"code": "out_of_memory", "message": text.splitlines()[0]}
    if isinstance(error, ImportError):
        return {"code": "unavailable", "message": f"its packages cannot be imported: {text}"}
    return {"code": "unavailable", "message": f"{type(error).__name__}: {text.splitlines()[0]}"}


def _measured() -> dict[str, Any]:
    """Memory of the card as its allocator counts it, and this process's most host memory."""
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    unit = 1 if sys.platform == "darwin" else 1024
    found: dict[str, Any] = {"ram_gib": round(rss * unit / GIB, 2)}
    torch: Any = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        found["peak_gib"] = round(torch.cuda.max_memory_reserved() / GIB, 2)
        torch.cuda.empty_cache()
        found["idle_gib"] = round(torch.cuda.memory_reserved() / GIB, 2)
        torch.cuda.reset_peak_memory_stats()
    return found


def known(request: ModelRequest, names: frozenset[str]) -> Mapping[str, Any]:
    """The request's options. Raises `BadRequest` for one that the model has no use for."""
    if unknown := sorted(set(request.options) - names):
        raise BadRequest(f"options: {', '.join(unknown)}; it takes {', '.join(sorted(names))}")
    return request.options
