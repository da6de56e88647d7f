"""What the engine's commands share: options, one-line failures, loading with a spinner.

Knows: the terminal. Does not know: requests, HTTP.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, cast

import typer
from rich.console import Console
from rich.markup import escape

from image_engine import __version__
from image_engine.metadata import Maker, checkpoint_fingerprint

if TYPE_CHECKING:
    from image_engine.engine import ImageEngine, Weights

GIB = 2**30

_machine = partial(typer.Option, rich_help_panel="Machine")
CheckpointOption = Annotated[
    Path | None,
    typer.Option(
        envvar="IMAGE_ENGINE_CHECKPOINT",
        help="Checkpoint folder: config.json, tokenizer.json, *.safetensors.",
    ),
]
DeviceOption = Annotated[
    str | None, _machine(help="cuda, cuda:1, cpu. \\[default: the first GPU, else cpu]")
]
DtypeOption = Annotated[
    str | None, _machine(help="bfloat16 or float32. \\[default: bfloat16 on GPUs, float32 on cpu]")
]
WeightsOption = Annotated[
    str, _machine(help="full, fp8 or fp8-rowwise: how they are held, with --acceleration fp8.")
]
AttentionOption = Annotated[
    str, _machine(help="auto, fa3, fa2, cudnn, flash or sdpa; see `bench --attention`.")
]
BudgetOption = Annotated[
    float | None, _machine(help="Refuse what is estimated to need more device memory than this.")
]
CalibrationOption = Annotated[
    Path | None, _machine(help="File for requests with acceleration 'calibrated'.")
]

console = Console(stderr=True, highlight=False)
"""Talk goes to stderr; stdout is for results."""


def fail(message: str, *, code: int = 1) -> NoReturn:
    """Say why in one line and leave. Code 2: the command is wrong; 1: it could not be done."""
    console.print(f"[bold red]error[/] {escape(message)}", soft_wrap=True)
    raise typer.Exit(code)


def check_checkpoint(folder: Path | None) -> Path:
    """The folder, once it looks like a checkpoint; says so at once, before torch is imported."""
    if folder is None:
        fail("no checkpoint: give --checkpoint FOLDER (or set IMAGE_ENGINE_CHECKPOINT)", code=2)
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


@dataclass(frozen=True, slots=True)
class Machine:
    """Where and how weights are held, as options spell it; None leaves the choice to us."""

    device: str | None = None
    dtype: str | None = None
    weights: str = "full"
    budget_gib: float | None = None
    calibration: Path | None = None
    attention: str = "auto"


def load_engine(folder: Path, machine: Machine) -> ImageEngine:
    """Load a checkpoint; by default as bfloat16 on the first GPU, or float32 on the CPU.

    Raises what `ImageEngine.load` raises.
    """
    try:
        import torch

        from image_engine.engine import EngineOptions, ImageEngine
    except ImportError as error:
        fail(f"{error.name or error} is not installed: pip install 'storyboard[engine]'")
    device = machine.device or ("cuda" if torch.cuda.is_available() else "cpu")
    dtype = machine.dtype or ("float32" if device == "cpu" else "bfloat16")
    options = EngineOptions(
        weights=cast("Weights", machine.weights),  # `load` checks it
        budget_bytes=None if machine.budget_gib is None else int(machine.budget_gib * GIB),
        calibration=machine.calibration,
        attention=machine.attention,
    )
    with console.status(f"loading {escape(str(folder))} to {device} as {dtype} …"):
        return ImageEngine.load(folder, device, dtype, options)


def maker_of(engine: ImageEngine, folder: Path) -> Maker:
    """What pictures of this engine depend on besides their requests."""
    return Maker(
        engine_version=__version__,
        model=checkpoint_fingerprint(folder),
        device=engine.device.type,
        dtype=str(engine.dtype).removeprefix("torch."),
        weights=engine.options.weights,
    )
