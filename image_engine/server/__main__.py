"""`python -m image_engine.server`: load a checkpoint and serve it.

Knows: options, what they mean, and which combinations are unsafe. Does not know: HTTP.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
import uvicorn
from rich.markup import escape

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
from image_engine.errors import EngineError
from image_engine.guard import PatientProtocol, is_loopback
from image_engine.nearby import address_of, bound
from image_engine.presets import PRESETS
from image_engine.request import MAX_PIXELS
from image_engine.server import Border, JobQueue, Rules, Service, create_app
from image_engine.server.uploads import ReferenceRoot
from image_engine.server.wire import CLIENT_ACCELERATIONS

if TYPE_CHECKING:
    from image_engine.engine import ImageEngine

KEY_VARIABLE = "IMAGE_ENGINE_API_KEY"
MIB = 2**20

app = typer.Typer(add_completion=False, rich_markup_mode="rich")

EPILOG = """
[bold]Routes[/]  POST /generate/{t2i,edit,ip,skeleton,layout} · POST /v1/images/{generations,edits} · GET /health · /v1/models · POST /sleep · /wake · /release · GET /docs

[bold]Try[/]  curl 127.0.0.1:8895/generate/t2i -H 'content-type: application/json'
-d '{"prompt": "a lighthouse at dusk", "preset": "preview", "response_format": "png"}' -o x.png
"""


@app.command(epilog=EPILOG, help="Serve a HiDream-O1 checkpoint over HTTP.")
def serve(
    checkpoint: CheckpointOption = None,
    host: Annotated[
        str, typer.Option(help="Address to bind. Any but a loopback one wants an API key.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 picks a free one.")] = 8895,
    device: DeviceOption = None,
    dtype: DtypeOption = None,
    weights: WeightsOption = "full",
    attention: AttentionOption = "auto",
    budget_gib: BudgetOption = None,
    calibration: CalibrationOption = None,
    name: Annotated[
        str | None, typer.Option(help="Model name in /v1/models. \\[default: the folder's name]")
    ] = None,
    preset: Annotated[
        str | None, typer.Option(help=f"Recipe of requests that name none: {', '.join(PRESETS)}.")
    ] = None,
    root: Annotated[
        Path | None,
        typer.Option(help="Folder that ref_image_paths may name. \\[default: paths are refused]"),
    ] = None,
    queue: Annotated[
        int, typer.Option(min=0, help="Requests that may wait; more get 429 and Retry-After.")
    ] = 8,
    max_images: Annotated[int, typer.Option(min=1, help="Most pictures a request.")] = 4,
    max_pixels: Annotated[
        int, typer.Option(min=16_384, help="Largest area of a picture drawn.")
    ] = MAX_PIXELS,
    max_steps: Annotated[int, typer.Option(min=1, help="Most sampling steps.")] = 200,
    allow_acceleration: Annotated[
        list[str] | None,
        typer.Option(help="Approximation that clients may ask for besides the usual: compile."),
    ] = None,
    max_upload_mib: Annotated[int, typer.Option(min=1, help="Largest request body, MiB.")] = 128,
    api_key_env: Annotated[
        str, typer.Option(help="Name of the variable that holds the API key, never the key.")
    ] = KEY_VARIABLE,
    allow_anonymous: Annotated[
        bool, typer.Option("--allow-anonymous", help="Bind publicly without a key, knowingly.")
    ] = False,
) -> None:
    folder = check_checkpoint(checkpoint)
    rules = _rules(host, max_upload_mib, api_key_env, allow_anonymous)
    if preset is not None and preset not in PRESETS:
        fail(f"--preset {preset}: none of {', '.join(PRESETS)}", code=2)
    if root is not None and not root.expanduser().is_dir():
        fail(f"--root {root}: no such folder", code=2)
    border = Border(
        root=ReferenceRoot(root),
        images=max_images,
        pixels=max_pixels,
        steps=max_steps,
        preset=preset,
        accelerations=CLIENT_ACCELERATIONS | set(allow_acceleration or ()),
    )
    machine = Machine(device, dtype, weights, budget_gib, calibration, attention)
    # Bound before the weights are read: a taken port should not cost a minute. Not listened at
    # yet, so that clients are refused until all is ready.
    try:
        listener = bound(host, port)
    except OSError as error:
        fail(f"cannot listen on {host}:{port}: {error.strerror}; choose another --port")
    with listener:
        service = _service(folder, machine, border, queue, name)
        where = f"{address_of(listener, host)}/docs"
        line = f"{service.model} on {service.device} ({service.maker.dtype}) at {where}"
        console.print(escape(line), soft_wrap=True)
        console.print(f"[dim]attention: {escape(service.attention)}[/]", soft_wrap=True)
        config = uvicorn.Config(
            create_app(service, rules), http=PatientProtocol, timeout_graceful_shutdown=5
        )
        uvicorn.Server(config).run(sockets=[listener])


def _rules(host: str, max_upload_mib: int, variable: str, allow_anonymous: bool) -> Rules:
    """Who may come in; leaves where the options would open the door by accident."""
    key = os.environ.get(variable, "").strip() or None
    if key is None and variable != KEY_VARIABLE:
        fail(f"--api-key-env {variable}: that variable is not set or empty", code=2)
    local = is_loopback(host)
    if not local and key is None and not allow_anonymous:
        fail(
            f"--host {host} lets other machines in, and there is no API key: put one into "
            f"{variable}, or say --allow-anonymous if a firewall or proxy guards it",
            code=2,
        )
    instead = ", or name files in the server's reference folder with ref_image_paths"
    return Rules(max_upload_mib * MIB, api_key=key, loopback=local, instead=instead)


def _service(
    folder: Path, machine: Machine, border: Border, capacity: int, name: str | None
) -> Service:
    """Load the engine and put the queue in front of it, which alone holds it from then on: what
    /release gives back is really gone."""

    def load() -> ImageEngine:
        return load_engine(folder, machine)

    try:
        engine = load()
    except EngineError as error:
        fail(str(error))
    return Service(
        jobs=JobQueue(engine, load, capacity=capacity),
        border=border,
        maker=maker_of(engine, folder),
        check_prompt=engine.check_prompt,
        attention=f"{engine.attention.name} ({engine.attention.reason})",
        model=name or folder.resolve().name,
        device=str(engine.device),
    )


if __name__ == "__main__":
    app()
