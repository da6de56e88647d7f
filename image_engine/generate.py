"""`python -m image_engine.generate`: one request, one PNG, from the command line.

Knows: options, and how they make an `ImageRequest`, anew or out of an earlier picture.
Does not know: how a picture is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from image_engine.console import (
    AttentionOption,
    BudgetOption,
    CalibrationOption,
    CheckpointOption,
    DeviceOption,
    DtypeOption,
    Machine,
    WeightsOption,
    check_checkpoint,
    console,
    fail,
    load_engine,
    maker_of,
)
from image_engine.errors import BadRequest, EngineError
from image_engine.metadata import (
    MetadataError,
    Recorded,
    encode_png,
    read_png,
    recipe,
    reference_name,
    write_whole,
)
from image_engine.presets import PRESETS, preset_request
from image_engine.request import ImageRequest
from image_engine.result import Progress as StepDone

app = typer.Typer(add_completion=False, rich_markup_mode="rich")

EPILOG = """
[bold]Text to image[/]: --prompt "medium shot, eye-level, front view. A barista …" --preset standard

[bold]Edit[/]: --prompt "replace the screen with a dark wall" --reference scene.png

[bold]Several references[/]: --prompt "image 1 hands image 2 a cup" --reference a.png --reference b.png

[bold]The same again[/], bit for bit on the same kind of machine: --from barista.png --out again.png

[bold]The same but for one thing[/]: --from barista.png --seed 7 --out other.png

[bold]Presets[/]

""" + "\n\n".join(f"[bold]{name}[/]: {preset.summary}" for name, preset in PRESETS.items())

_recipe = partial(typer.Option, rich_help_panel="Recipe")


@app.command(epilog=EPILOG)
def generate(
    checkpoint: CheckpointOption = None,
    prompt: Annotated[
        str | None,
        typer.Option(help="What to draw, or how to change the reference. 'image 1' is the first."),
    ] = None,
    reference: Annotated[
        list[Path] | None,
        typer.Option(help="Reference picture; once for each, in order, at most 11."),
    ] = None,
    out: Annotated[
        Path, typer.Option(help="PNG to write (replaced if it exists); carries its request.")
    ] = Path("out.png"),
    source: Annotated[
        Path | None,
        typer.Option(
            "--from",
            metavar="PNG",
            help="Repeat the request inside this picture. Options given besides change it.",
        ),
    ] = None,
    preset: Annotated[str | None, _recipe(help=f"{', '.join(PRESETS)}; see below.")] = None,
    width: Annotated[int | None, _recipe(help="Pixels.")] = None,
    height: Annotated[int | None, _recipe(help="Pixels.")] = None,
    snap_resolution: Annotated[
        bool | None,
        _recipe(
            "--snap/--no-snap",
            help="Draw the trained size of the closest ratio, or the size as given.",
        ),
    ] = None,
    steps: Annotated[int | None, _recipe(help="Sampling steps.")] = None,
    guidance_scale: Annotated[
        float | None, _recipe("--guidance-scale", "--guidance", help="1: off.")
    ] = None,
    shift: Annotated[float | None, _recipe(help="1 keeps references strictly, 3 is free.")] = None,
    sampler: Annotated[str | None, _recipe(help="unipc, flash or flow_match.")] = None,
    seed: Annotated[int | None, _recipe(help="Whole number.")] = None,
    layout_bboxes: Annotated[
        str | None,
        _recipe(
            "--layout",
            metavar="JSON",
            help="A box for each reference: '\\[\\[x1, x2, y1, y2], …]', each 0 to 1.",
        ),
    ] = None,
    keep_original_aspect: Annotated[
        bool | None, _recipe("--keep-aspect", help="Take the reference's ratio.")
    ] = None,
    seam_smoothing: Annotated[
        float | None, _recipe(help="0 to 1, against the 32-px grid in dark areas.")
    ] = None,
    residual_dtype: Annotated[
        str | None,
        _recipe(help="float32, or weights: of the residual stream. \\[default: float32]"),
    ] = None,
    noise_device: Annotated[
        str | None,
        _recipe(help="cpu, or device: where Dev recipes draw fresh noise. \\[default: cpu]"),
    ] = None,
    acceleration: Annotated[
        str | None, _recipe(help="exact, calibrated, or terms like ref_kv=4.")
    ] = None,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
    weights: WeightsOption = "full",
    attention: AttentionOption = "auto",
    budget_gib: BudgetOption = None,
    calibration: CalibrationOption = None,
) -> None:
    """Draw one picture with a HiDream-O1 checkpoint, or repeat one from its own metadata."""
    given = {
        "prompt": prompt,
        "width": width,
        "height": height,
        "snap_resolution": snap_resolution,
        "steps": steps,
        "guidance_scale": guidance_scale,
        "shift": shift,
        "sampler": sampler,
        "seed": seed,
        "layout_bboxes": layout_bboxes,
        "keep_original_aspect": keep_original_aspect,
        "seam_smoothing": seam_smoothing,
        "residual_dtype": residual_dtype,
        "noise_device": noise_device,
        "acceleration": acceleration,
    }
    given = {name: value for name, value in given.items() if value is not None}
    recorded: Recorded | None = None
    try:
        if source is None:
            request = new_request(preset, given, reference or [])
        elif preset is not None:
            fail("--preset and --from exclude each other: the picture has its recipe", code=2)
        else:
            recorded = read_png(source)
            same = recorded.request(near=source.parent, references=reference)
            request = changed(same, given)
    except (BadRequest, MetadataError) as error:
        fail(str(error), code=2)
    folder = check_checkpoint(checkpoint)
    machine = Machine(device, dtype, weights, budget_gib, calibration, attention)
    if recorded is not None:
        was = recorded.maker
        machine = replace(machine, dtype=dtype or was.dtype, weights=weights or was.weights)
    try:
        draw(request, folder, machine, out, recorded)
    except EngineError as error:
        fail(str(error))
    except OSError as error:
        fail(f"cannot write {out}: {error.strerror or error}")
    except KeyboardInterrupt:
        fail("stopped; nothing was written", code=130)


def new_request(
    preset: str | None, given: Mapping[str, Any], references: Sequence[Path]
) -> ImageRequest:
    """A request from options alone. Raises `BadRequest`."""
    fields: dict[str, Any] = {**given, "references": references}
    prompt = fields.pop("prompt", None)
    if prompt is None:
        raise BadRequest("prompt", "give --prompt TEXT, or --from PNG to repeat a picture")
    if preset is None:
        return ImageRequest(prompt=prompt, **fields)
    return preset_request(preset, prompt, **fields)


def changed(request: ImageRequest, given: Mapping[str, Any]) -> ImageRequest:
    """The request with the given fields replaced. Raises `BadRequest`."""
    if "steps" in given and request.timesteps is not None:
        return replace(request, **given, timesteps=None)
    return replace(request, **given)


def draw(
    request: ImageRequest, folder: Path, machine: Machine, out: Path, recorded: Recorded | None
) -> None:
    """Load, draw with a progress bar, write, and say what came of it."""
    with load_engine(folder, machine) as engine:
        maker = maker_of(engine, folder)
        if recorded is not None:
            for difference in recorded.maker.differences(maker):
                warn(f"not the same bit for bit: {difference}")
        with Progress(
            TextColumn("drawing"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("steps"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
        ) as bar:
            task = bar.add_task("drawing", total=request.steps)

            def on_step(done: StepDone) -> None:
                bar.update(task, completed=done.step, total=done.steps)

            result = engine.generate(request, on_step=on_step)
    names = [reference_name(reference) for reference in request.references]
    drawn = replace(request, acceleration=result.info.acceleration)
    write_whole(out, encode_png(result.image, drawn, maker, names))
    for warning in result.info.warnings:
        warn(warning)
    total = result.info.seconds["total"]
    size = f"{result.info.width}×{result.info.height}"
    line = f"{size}, seed {request.seed}, {recipe(request)}, {total:.1f} s"
    console.print(f"[green]wrote[/] {escape(str(out))}  [dim]{escape(line)}[/]", soft_wrap=True)


def warn(message: str) -> None:
    console.print(f"[yellow]note[/] {escape(message)}", soft_wrap=True)


if __name__ == "__main__":
    app()
