"""`python -m image_engine.server`: load a checkpoint and serve it.

Knows: options, what they mean, and which combinations are unsafe. Does not know: HTTP.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from image_engine.console import Machine, check_checkpoint, console, fail, load_engine, maker_of
from image_engine.errors import EngineError
from image_engine.presets import PRESETS
from image_engine.request import MAX_PIXELS
from image_engine.server import Border, JobQueue, Rules, Service, create_app
from image_engine.server.guard import is_loopback
from image_engine.server.uploads import ReferenceRoot, UploadLimits

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
    checkpoint: Annotated[
        Path | None,
        typer.Option(
            envvar="IMAGE_ENGINE_CHECKPOINT",
            help="Checkpoint folder: config.json, tokenizer.json, *.safetensors.",
        ),
    ] = None,
    host: Annotated[
        str, typer.Option(help="Address to bind. Any but a loopback one wants an API key.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 picks a free one.")] = 8895,
    device: Annotated[
        str | None, typer.Option(help="cuda, cuda:1, cpu. \\[default: the first GPU, else cpu]")
    ] = None,
    dtype: Annotated[
        str | None,
        typer.Option(help="bfloat16 or float32. \\[default: bfloat16 on GPUs, float32 on cpu]"),
    ] = None,
    weights: Annotated[
        str, typer.Option(help="full, fp8 or fp8-rowwise: how the weights are held.")
    ] = "full",
    budget_gib: Annotated[
        float | None,
        typer.Option(help="Refuse (422) what is estimated to need more device memory than this."),
    ] = None,
    calibration: Annotated[
        Path | None, typer.Option(help="File for requests with acceleration 'calibrated'.")
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="Model name in /v1/models. \\[default: the folder's name]")
    ] = None,
    preset: Annotated[
        str | None,
        typer.Option(help=f"Recipe of requests that name none: {', '.join(PRESETS)}."),
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
    max_upload_mib: Annotated[int, typer.Option(min=1, help="Largest request body, MiB.")] = 128,
    api_key_env: Annotated[
        str, typer.Option(help="Name of the variable that holds the API key, never the key.")
    ] = KEY_VARIABLE,
    allow_anonymous: Annotated[
        bool, typer.Option("--allow-anonymous", help="Bind publicly without a key, knowingly.")
    ] = False,
) -> None:
    folder = check_checkpoint(checkpoint)
    if preset is not None and preset not in PRESETS:
        fail(f"--preset {preset}: none of {', '.join(PRESETS)}", code=2)
    rules = Rules(
        body_bytes=max_upload_mib * MIB,
        api_key=_read_key(api_key_env),
        loopback=is_loopback(host),
    )
    if not rules.loopback and rules.api_key is None and not allow_anonymous:
        fail(
            f"--host {host} lets other machines in, and there is no API key: put one into "
            f"{api_key_env}, or say --allow-anonymous if a firewall or proxy guards it",
            code=2,
        )
    if root is not None and not root.expanduser().is_dir():
        fail(f"--root {root}: no such folder", code=2)
    border = Border(
        root=ReferenceRoot(root),
        uploads=UploadLimits(),
        images=max_images,
        pixels=max_pixels,
        steps=max_steps,
        preset=preset,
    )
    listener = _bind(host, port)  # before the weights: a taken port should not cost a minute
    machine = Machine(device, dtype, weights, budget_gib, calibration)
    try:
        engine = load_engine(folder, machine)
    except EngineError as error:
        fail(str(error))
    service = Service(
        jobs=JobQueue(engine, lambda: load_engine(folder, machine), capacity=queue),
        border=border,
        maker=maker_of(engine, folder),
        model=name or folder.name,
        device=str(engine.device),
    )
    del engine  # the queue alone holds it, so that /release really lets go
    where = f"http://{host}:{listener.getsockname()[1]}"
    console.print(
        f"[bold]{service.model}[/] on {service.device} ({service.maker.dtype}) at {where}/docs"
    )
    config = uvicorn.Config(
        create_app(service, rules), log_level="info", timeout_graceful_shutdown=5
    )
    uvicorn.Server(config).run(sockets=[listener])


def _read_key(variable: str) -> str | None:
    key = os.environ.get(variable, "").strip()
    if not key and variable != KEY_VARIABLE:
        fail(f"--api-key-env {variable}: that variable is not set or empty", code=2)
    return key or None


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        fail(f"cannot listen on {host}:{port}: {error.strerror}; choose another --port")


if __name__ == "__main__":
    app()
