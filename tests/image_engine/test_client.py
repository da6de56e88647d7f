"""The client, sync and async, against a real server over loopback."""

from __future__ import annotations

import asyncio
import io
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from waiting import soon

pytest.importorskip("torch")

from fake_engine import FakeEngine, make_app, png, serving
from PIL import Image

from image_engine.client import (
    AsyncImageClient,
    BadRequest,
    Busy,
    ImageClient,
    NotReady,
    ServerError,
    Step,
    Unreachable,
    task_for,
)
from image_engine.metadata import read_png
from image_engine.server import Rules

SMALL = {"width": 256, "height": 256, "snap_resolution": False, "steps": 4}


def test_draws_and_follows(tmp_path: Path) -> None:
    steps: list[Step] = []
    with serving(make_app(FakeEngine())) as url, ImageClient(url) as client:
        drawn = client.generate("a café", on_step=steps.append, previews=1, seed=7, **SMALL)
    assert Image.open(io.BytesIO(drawn.png)).size == (drawn.width, drawn.height) == (256, 256)
    assert [step.step for step in steps] == [1, 2, 3, 4]
    previews = [step.preview for step in steps if step.preview is not None]
    assert len(previews) == 1
    assert Image.open(io.BytesIO(previews[0])).size == (256, 256)
    file = tmp_path / "x.png"
    file.write_bytes(drawn.png)
    assert read_png(file).request().prompt == "a café"
    assert read_png(file).request().seed == drawn.seed == 7


def test_references_go_out_as_files_or_bytes_in_order(tmp_path: Path) -> None:
    engine = FakeEngine()
    file = tmp_path / "a.png"
    file.write_bytes(png(color="red"))
    boxes = [[0, 0.5, 0, 1], [0.5, 1, 0, 1]]
    with serving(make_app(engine)) as url, ImageClient(url) as client:
        client.generate("edit", [file], **SMALL)
        client.generate("ip", [file, png(color="blue")], timesteps=[900, 8], **SMALL)
        client.generate("layout", [png(color="blue"), file], layout_bboxes=boxes, **SMALL)
        client.generate("pose", [file, file], task="skeleton", **SMALL)
    colors = [
        [item.getpixel((0, 0)) for item in request.references if isinstance(item, Image.Image)]
        for request in engine.drawn
    ]
    red, blue = (255, 0, 0), (0, 0, 255)
    assert colors == [[red], [red, blue], [blue, red], [red, red]]
    assert engine.drawn[1].timesteps == (900, 8)
    assert engine.drawn[2].boxes() == ((0, 0.5, 0, 1), (0.5, 1, 0, 1))


def test_the_route_follows_from_the_references() -> None:
    assert [task_for(count, {}) for count in (0, 1, 2, 6)] == ["t2i", "edit", "ip", "ip"]
    assert task_for(2, {"layout_bboxes": [[0, 1, 0, 1]]}) == "layout"


def test_several_pictures() -> None:
    with serving(make_app(FakeEngine())) as url, ImageClient(url) as client:
        drawn = client.generate_many("x", n=3, seed=1, **SMALL)
    assert [item.seed for item in drawn] == [1, 2, 3]


def test_states_and_health() -> None:
    with serving(make_app(FakeEngine())) as url, ImageClient(url) as client:
        assert client.models() == ["tiny"]
        assert client.health()["state"] == "awake"
        assert client.sleep()["state"] == "asleep"
        with pytest.raises(NotReady, match="POST /wake") as refused:
            client.generate("x")
        assert refused.value.code == "asleep"
        assert client.wake()["state"] == "awake"
        assert client.release(mode="abort")["state"] == "released"
        with pytest.raises(BadRequest) as conflict:
            client.sleep()
        assert conflict.value.status == 409


def test_errors_say_what_to_do() -> None:
    engine = FakeEngine(fails=RuntimeError("internal detail"))
    rules = Rules(body_bytes=10**6, api_key="ключ")
    with serving(make_app(engine, capacity=0, rules=rules)) as url:
        with ImageClient(url, api_key="ключ") as client:
            with pytest.raises(BadRequest) as wrong:
                client.generate("x", steps=0)
            assert (wrong.value.param, wrong.value.status) == ("steps", 400)
            with pytest.raises(ServerError, match="RuntimeError") as failed:
                client.generate("x", **SMALL)
            assert failed.value.code == "engine_failure"
        with ImageClient(url) as stranger, pytest.raises(BadRequest, match="wants its key"):
            stranger.generate("x")
    with ImageClient(url) as client, pytest.raises(Unreachable, match=r"image_engine\.server"):
        client.health()
    with ImageClient(url) as client, pytest.raises(Unreachable):
        client.generate("x")


def test_a_full_queue_is_busy_and_says_for_how_long() -> None:
    engine = FakeEngine(held=True)

    async def run(url: str) -> None:
        async with AsyncImageClient(url) as client:
            first = asyncio.create_task(client.generate("first", **SMALL))
            await asyncio.to_thread(engine.at_step.acquire, timeout=60)
            with pytest.raises(Busy) as busy:
                await client.generate("second", **SMALL)
            assert busy.value.retry_after >= 1
            engine.held = False
            engine.go.release()
            assert (await first).width == 256

    with serving(make_app(engine, capacity=0)) as url:
        asyncio.run(run(url))


def test_cancelling_the_task_stops_the_drawing() -> None:
    engine = FakeEngine(held=True)

    async def run(url: str) -> None:
        async with AsyncImageClient(url) as client:
            task = asyncio.create_task(client.generate("x", **SMALL))
            await asyncio.to_thread(engine.at_step.acquire, timeout=60)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await asyncio.to_thread(soon, lambda: engine.is_cancelled)
            engine.go.release()
            while (await client.health())["drawing"]:
                await asyncio.sleep(0.01)

    with serving(make_app(engine)) as url:
        asyncio.run(run(url))
    assert engine.drawn == []


def test_async_does_what_sync_does() -> None:
    async def run(url: str) -> None:
        async with AsyncImageClient(url) as client:
            steps: list[Step] = []
            drawn = await client.generate("x", [png()], on_step=steps.append, seed=3, **SMALL)
            assert (drawn.seed, len(steps)) == (3, 4)
            assert await client.models() == ["tiny"]
            assert (await client.sleep())["state"] == "asleep"
            with pytest.raises(NotReady):
                await client.generate("x")
            assert (await client.wake())["state"] == "awake"
            assert (await client.release())["state"] == "released"

    with serving(make_app(FakeEngine())) as url:
        asyncio.run(run(url))


def test_a_broken_stream_is_no_picture() -> None:
    half = 'event: step\ndata: {"step": 1, "steps": 4, "seconds_left": 1.0}\n\n'
    transport = httpx.MockTransport(lambda request: httpx.Response(200, text=half))
    with ImageClient(transport=transport) as client, pytest.raises(Unreachable, match="broke off"):
        client.generate("x")


def test_an_answer_of_something_else_is_a_server_error() -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(502, text="<html>proxy</html>"))
    with ImageClient(transport=transport) as client, pytest.raises(ServerError, match="HTTP 502"):
        client.generate("x")


def test_the_client_needs_neither_torch_nor_pillow() -> None:
    code = "import sys, image_engine.client; print(sorted({'torch', 'PIL', 'numpy'} & set(sys.modules)))"
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("body", [b"", b"<html>hello", b"[]"])
def test_another_program_at_the_address_is_told_from_an_image_server(body: bytes) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=body))
    with ImageClient(transport=transport) as client, pytest.raises(Unreachable, match="no image"):
        client.health()
