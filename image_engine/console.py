"""What the engine's commands share: one-line failures, loading with a spinner.

Knows: the terminal. Does not know: requests, HTTP.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer
from rich.console import Console
from rich.markup import escape

if TYPE_CHECKING:
    from image_engine.engine import ImageEngine

console = Console(stderr=True, highlight=False)
"""Talk goes to stderr; stdout is for results."""


def fail(message: str, *, code: int = 1) -> NoReturn:
    """Say why in one line and leave. Code 2: the command is wrong; 1: it could not be done."""
    console.print(f"[bold red]error[/] {escape(message)}", soft_wrap=True)
    raise typer.Exit(code)


def check_checkpoint(folder: Path | None, variable: str = "IMAGE_ENGINE_CHECKPOINT") -> Path:
    """The folder, once it looks like a checkpoint; says so at once, before torch is imported."""
    if folder is None:
        fail(f"no checkpoint: give --checkpoint FOLDER (or set {variable})", code=2)
    folder = folder.expanduser()
    if not folder.is_dir():
        fail(
            f"no checkpoint folder at {folder}: download one, for example with "
            f"`hf download HiDream-ai/HiDream-O1-Image --local-dir {folder}`"
        )
    for pattern in ("config.json", "*.safetensors", "tokenizer.json"):
        if not any(folder.glob(pattern)):
            fail(f"{folder} is not a whole HiDream-O1 checkpoint: it has no {pattern}")
    return folder


def load_engine(folder: Path, device: str | None, dtype: str | None) -> ImageEngine:
    """Load a checkpoint; by default bfloat16 on the first GPU, or float32 on the CPU.

    Raises what `ImageEngine.load` raises.
    """
    try:
        import torch

        from image_engine.engine import ImageEngine
    except ImportError as error:
        fail(f"{error.name or error} is not installed: pip install 'storyboard[engine]'")
    device = device or ("cuda" if torch.cuda.is_available() else "cpu")
    if device.startswith("cuda") and not torch.cuda.is_available():
        fail(f"--device {device}: torch sees no CUDA device here; use --device cpu", code=2)
    dtype = dtype or ("float32" if device == "cpu" else "bfloat16")
    with console.status(f"loading {folder} to {device} as {dtype} …"):
        return ImageEngine.load(folder, device=device, dtype=dtype)
