"""`python -m image_engine nano`: draw examples, train, look at samples.

Knows: options. Does not know: how anything is learned.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from image_engine.console import console, fail
from image_engine.errors import EngineError
from image_engine.nano.checkpoint import SHAPES
from image_engine.nano.examples import draw_examples
from image_engine.nano.train import TrainingPlan
from image_engine.nano.train import train as run

app = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__)


@app.command()
def data(
    out: Annotated[Path, typer.Option(help="Folder of the examples; what is there is kept.")],
    count: Annotated[int, typer.Option(min=8, help="Examples in the end.")] = 20_000,
    side: Annotated[int, typer.Option(min=128, max=512, help="Pixels.")] = 256,
    seed: Annotated[int, typer.Option(help="Another seed draws other examples.")] = 0,
    text: Annotated[
        float,
        typer.Option(min=0, max=1, help="Part without references, which learns six times as fast."),
    ] = 0.5,
) -> None:
    """Draw examples with the animatic: pictures, their words, edits, portraits."""
    drawn = draw_examples(out, count, side, seed, text)
    console.print(f"[green]drew[/] {drawn} examples into {escape(str(out))}")


@app.command()
def train(
    data: Annotated[Path, typer.Option(help="Folder that `data` drew, or one of its form.")],
    out: Annotated[Path, typer.Option(help="Folder of the run; goes on where it was stopped.")],
    size: Annotated[
        str, typer.Option(help="nano (20 M parameters), pico (8 M) or femto (4 M).")
    ] = "nano",
    side: Annotated[int, typer.Option(min=128, max=512, help="Pixels.")] = 256,
    steps: Annotated[int, typer.Option(min=1)] = 20_000,
    batch: Annotated[int, typer.Option(min=1)] = 16,
    rate: Annotated[float, typer.Option(help="Highest learning rate.")] = 4e-4,
    every: Annotated[int, typer.Option(min=1, help="Steps between notes and samples.")] = 500,
    minutes: Annotated[float, typer.Option(help="Stop after them, to be resumed.")] = math.inf,
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    seed: Annotated[int, typer.Option()] = 0,
) -> None:
    """Train a checkpoint; `OUT/checkpoint` is one that the engine loads, from the first note on."""
    if size not in SHAPES:
        fail(f"--size {size}: none of {', '.join(SHAPES)}", code=2)
    plan = TrainingPlan(
        data=data,
        out=out,
        shape=SHAPES[size],
        side=side,
        steps=steps,
        batch=batch,
        rate=rate,
        warmup=min(200, max(1, steps // 20)),
        every=every,
        minutes=minutes,
        device=device,
        seed=seed,
    )
    try:
        folder = run(plan, lambda line: console.print(escape(line), soft_wrap=True))
    except EngineError as error:
        fail(str(error), code=2)
    except KeyboardInterrupt:
        fail("stopped; the same command goes on from the last note", code=130)
    console.print(f"[green]wrote[/] {escape(str(folder))}")


if __name__ == "__main__":
    app()
