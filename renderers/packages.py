"""Model packages that are not installed with ours: imported when first used, their faults named.

Knows: imports, what a full card says. Does not know: any package.
"""

from __future__ import annotations

import gc
import sys
from functools import cache
from importlib import import_module, metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from renderers.errors import OutOfMemory, Unavailable


@cache
def version_of(distribution: str) -> str:
    """The release that is installed, "" for none; read once: each step of a film asks for it."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return ""


def package(name: str, fix: str) -> Any:
    """The module of that name.

    Raises:
        Unavailable: it, or something that it needs, is not installed.
    """
    try:
        return import_module(name)
    except ImportError as error:
        raise Unavailable(
            f"{name.partition('.')[0]} is not installed here ({error}): {fix}"
        ) from error


def pretrained(kind: Any, model: str, device: str, dtype: str) -> Any:
    """A model of torch's, loaded to a device: from a repository, or a folder of its weights.

    Raises:
        Unavailable: it cannot be loaded.
    """
    torch: Any = import_module("torch")
    place = str(Path(model).expanduser()) if model[:1] == "~" else model
    try:
        return kind.from_pretrained(place, device_map=device, dtype=getattr(torch, dtype))
    except (OSError, ValueError) as error:
        raise Unavailable(f"{model} cannot be loaded: {error}") from error


def installed(name: str) -> bool:
    """Whether a package is there; it is not imported."""
    return find_spec(name.partition(".")[0]) is not None


def free_memory() -> None:
    """Give back to the card what a model held that nobody holds any more.

    torch keeps what was freed for its own next use, which no other process can have.
    """
    torch: Any = sys.modules.get("torch")
    if torch is not None:
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()


def called(what: str, call: Any, *given: Any, **named: Any) -> Any:
    """What `call` returns. `what` names the work in the message of a fault.

    Raises:
        OutOfMemory: the card is full.
    """
    try:
        return call(*given, **named)
    except RuntimeError as error:
        # torch's own class for a full card is one of these.
        if "out of memory" in str(error).lower():
            raise OutOfMemory(f"{what}: {error}") from error
        raise
