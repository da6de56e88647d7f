"""The server around the real engine and the tiny checkpoint, and its command line."""

from __future__ import annotations

import base64
import io
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from waiting import soon

pytest.importorskip("torch")

from fake_engine import make_app, serving
from golden_cases import CHECKPOINT, golden_case, golden_request
from PIL import Image
from typer.testing import CliRunner

from image_engine import ImageEngine
from image_engine.client import ImageClient
from image_engine.metadata import read_png
from image_engine.request import ImageRequest
from image_engine.result import ImageResult, Progress
from image_engine.server.__main__ import app as command

openai = pytest.importorskip("openai")

REPOSITORY = Path(__file__).parents[2]
LIMIT = httpx.Timeout(60)
SMALL: dict[str, Any] = {"width": 256, "height": 256, "snap_resolution": False, "steps": 2}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    loaded = ImageEngine.load(CHECKPOINT)
    with serving(make_app(loaded, load=lambda: ImageEngine.load(CHECKPOINT))) as url:
        yield url


def fields_of(case: str) -> dict[str, Any]:
    """A golden request in the fields of the wire."""
    request = golden_request(golden_case(case))
    names = ("width", "height", "steps", "guidance_scale", "shift", "sampler", "timesteps", "seed")
    names += ("noise_scale_start", "noise_scale_end", "noise_clip_std", "layout_bboxes")
    return {"snap_resolution": False} | {name: getattr(request, name) for name in names}


@pytest.mark.parametrize("case", ["pub_t2i_cfg", "pub_dev_flow_edit", "pub_ip_3ref_shift2"])
def test_a_picture_is_the_engine_s_own(url: str, engine: ImageEngine, case: str) -> None:
    request = golden_request(golden_case(case))
    references = [Path(str(item)) for item in request.references]
    with ImageClient(url) as client:
        drawn = client.generate(request.prompt, references, **fields_of(case))
    picture = Image.open(io.BytesIO(drawn.png))
    assert picture.tobytes() == engine.generate(request).image.tobytes()


def test_openai_s_client_draws_the_same(url: str, engine: ImageEngine) -> None:
    request = golden_request(golden_case("pub_edit_1ref"))
    fields = fields_of("pub_edit_1ref")
    size = f"{fields.pop('width')}x{fields.pop('height')}"
    fields = {name: value for name, value in fields.items() if value is not None}
    with (
        openai.OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0) as client,
        Path(str(request.references[0])).open("rb") as file,
    ):
        answer = client.images.edit(image=file, prompt=request.prompt, size=size, extra_body=fields)
    picture = Image.open(io.BytesIO(base64.b64decode(answer.data[0].b64_json)))
    assert picture.tobytes() == engine.generate(request).image.tobytes()


def test_sleep_wake_and_release_change_no_picture(url: str) -> None:
    with ImageClient(url) as client:
        before = client.generate("x", seed=3, **SMALL).png
        assert client.sleep()["state"] == "asleep"
        client.wake()
        assert client.generate("x", seed=3, **SMALL).png == before
        assert client.release()["state"] == "released"
        client.wake()
        assert client.generate("x", seed=3, **SMALL).png == before


class Slow:
    """The engine, taking a tenth of a second a step on any machine, and counting its steps."""

    def __init__(self, engine: ImageEngine) -> None:
        self._engine = engine
        self.made = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def generate(self, request: ImageRequest, on_step: Any = None, **options: Any) -> ImageResult:
        def step(progress: Progress) -> None:
            self.made += 1
            time.sleep(0.1)
            on_step(progress)

        return self._engine.generate(request, step, **options)


def test_a_client_that_leaves_stops_the_engine() -> None:
    slow = Slow(ImageEngine.load(CHECKPOINT))
    with (
        serving(make_app(slow, load=lambda: slow)) as url,
        httpx.Client(base_url=url, timeout=LIMIT) as http,
    ):
        with pytest.raises(httpx.ReadTimeout):
            http.post("/generate/t2i", json={"prompt": "x"} | SMALL | {"steps": 200}, timeout=1)
        soon(lambda: not http.get("/health").json()["drawing"])
    assert 0 < slow.made < 100


@pytest.mark.slow
def test_the_command_serves_stops_and_lets_go_of_its_port(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = os.environ | {"SERVE_KEY": "k3y", "OMP_NUM_THREADS": "1"}
    arguments = ["--checkpoint", CHECKPOINT, "--port", port, "--device", "cpu", "--name", "tiny"]
    arguments += ["--root", tmp_path, "--api-key-env", "SERVE_KEY"]
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "image_engine.server", *map(str, arguments)],
            cwd=REPOSITORY,
            env=environment,
            stdout=log,
            stderr=log,
        )
    try:
        with ImageClient(f"http://127.0.0.1:{port}", api_key="k3y", timeout=60) as client:
            soon(lambda: _is_up(port), seconds=180)
            assert client.models() == ["tiny"]
            (tmp_path / "x.png").write_bytes(client.generate("x", **SMALL).png)
            client.generate("again", task="edit", ref_image_paths=["x.png"], **SMALL)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=30)
    assert read_png(tmp_path / "x.png").maker.device == "cpu"
    said = (tmp_path / "log").read_text()
    assert "tiny on cpu (float32) at" in said
    assert "k3y" not in said
    assert "Traceback" not in said
    socket.create_server(("127.0.0.1", port)).close()


def _is_up(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health").is_success
    except httpx.TransportError:
        return False


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        ([], 2, "no checkpoint: give --checkpoint FOLDER"),
        (["--checkpoint", "/nothing/here"], 1, "no checkpoint folder at /nothing/here"),
        (["--checkpoint", str(REPOSITORY)], 1, "it has no config.json"),
        (["--checkpoint", str(CHECKPOINT), "--host", "0.0.0.0"], 2, "--host 0.0.0.0 lets other"),
        (["--checkpoint", str(CHECKPOINT), "--api-key-env", "UNSET"], 2, "UNSET: that variable"),
        (["--checkpoint", str(CHECKPOINT), "--root", "/nothing"], 2, "--root /nothing: no such"),
        (["--checkpoint", str(CHECKPOINT), "--preset", "best"], 2, "--preset best: none of"),
        (["--checkpoint", str(CHECKPOINT), "--dtype", "int8", "--port", "0"], 1, "dtype: 'int8'"),
    ],
)
def test_a_wrong_start_is_told_in_one_line(options: list[str], code: int, says: str) -> None:
    environment = {"IMAGE_ENGINE_API_KEY": None, "IMAGE_ENGINE_CHECKPOINT": None}
    result = CliRunner().invoke(command, options, env=environment, catch_exceptions=False)
    (line,) = result.stderr.strip().splitlines()
    assert says in line
    assert result.exit_code == code


def test_a_taken_port_is_told_before_anything_is_loaded() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        options = ["--checkpoint", str(CHECKPOINT), "--port", str(port)]
        result = CliRunner().invoke(command, options, catch_exceptions=False)
    assert result.exit_code == 1
    assert f"cannot listen on 127.0.0.1:{port}" in result.stderr
