"""The native routes as a client sees them, over ASGI transport, around a fake engine."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import httpx
import pytest

pytest.importorskip("torch")

from fake_engine import FakeEngine, make_app, png
from PIL import Image

from image_engine.errors import BudgetExceeded, OutOfMemory
from image_engine.metadata import read_png
from image_engine.request import ImageRequest
from image_engine.server import Rules
from image_engine.server.wire import REQUEST_FIELDS, Params

SMALL = {"width": 256, "height": 256, "snap_resolution": False, "steps": 2}


@asynccontextmanager
async def client(app: Any = None, **headers: str) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app or make_app(FakeEngine()))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://127.0.0.1", headers=headers
    ) as http:
        yield http


def error_of(response: httpx.Response) -> tuple[int, str]:
    error = response.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    return response.status_code, error["code"]


def post(app: Any, path: str, **arguments: Any) -> httpx.Response:
    async def run() -> httpx.Response:
        async with client(app) as http:
            return await http.post(path, **arguments)

    return asyncio.run(run())


def image_of(response: httpx.Response, index: int = 0) -> Image.Image:
    assert response.status_code == 200, response.text
    data = base64.b64decode(response.json()["images"][index]["b64_json"])
    return Image.open(io.BytesIO(data))


# --- drawing ----------------------------------------------------------------


def test_every_field_of_a_request_can_be_sent() -> None:
    known = {item.name for item in fields(ImageRequest)}
    assert set(Params.model_fields) & known == known - {"references"}
    assert known - {"prompt", "references"} == REQUEST_FIELDS


def test_fields_reach_the_engine_as_sent() -> None:
    engine = FakeEngine()
    sent = SMALL | {"seed": 7, "shift": 1.5, "sampler": "flash", "timesteps": [900, 500, 8]}
    response = post(make_app(engine), "/generate/t2i", json={"prompt": "a lighthouse"} | sent)
    assert image_of(response).size == (256, 256)
    drawn = engine.drawn[0]
    assert (drawn.prompt, drawn.seed, drawn.shift) == ("a lighthouse", 7, 1.5)
    assert (drawn.sampler, drawn.timesteps) == ("flash", (900, 500, 8))


def test_a_preset_fills_what_is_not_sent() -> None:
    engine = FakeEngine()
    body = {"prompt": "x", "preset": "preview", "steps": 3, "width": 256, "height": 256}
    assert post(make_app(engine), "/generate/t2i", json=body).status_code == 200
    assert (engine.drawn[0].steps, engine.drawn[0].guidance_scale) == (3, 3.0)


def test_several_pictures_have_seeds_that_count_up() -> None:
    response = post(None, "/generate/t2i", json={"prompt": "x", "seed": 5, "n": 3} | SMALL)
    images = response.json()["images"]
    assert [item["seed"] for item in images] == [5, 6, 7]
    assert len({item["b64_json"] for item in images}) == 3


def test_warnings_of_the_engine_come_back() -> None:
    response = post(None, "/generate/t2i", json={"prompt": "x", "guidance_scale": 9} | SMALL)
    assert response.json()["warnings"] == ["guidance 9 is above 6"]


def test_a_bare_png_carries_its_request(tmp_path: Path) -> None:
    body = {"prompt": "café 写真", "seed": 3, "response_format": "png"} | SMALL
    response = post(None, "/generate/t2i", json=body)
    assert response.headers["content-type"] == "image/png"
    assert response.headers["x-seed"] == "3"
    file = tmp_path / "x.png"
    file.write_bytes(response.content)
    again = read_png(file).request()
    assert (again.prompt, again.seed, again.steps) == ("café 写真", 3, 2)


def test_a_stream_tells_steps_previews_and_pictures() -> None:
    body = {"prompt": "x", "stream": True, "previews": 1} | SMALL | {"steps": 4}
    response = post(None, "/generate/t2i", json=body)
    assert response.headers["content-type"].startswith("text/event-stream")
    events = [
        (event.split("\n")[0].removeprefix("event: "), json.loads(event.split("data: ")[1]))
        for event in response.text.strip().split("\n\n")
    ]
    assert [name for name, _ in events] == ["queued", *["step"] * 4, "image", "done"]
    steps = [data for name, data in events if name == "step"]
    assert [data["step"] for data in steps] == [1, 2, 3, 4]
    assert [data["step"] for data in steps if "preview_b64_json" in data] == [2]
    preview = Image.open(io.BytesIO(base64.b64decode(steps[1]["preview_b64_json"])))
    assert preview.size == (256, 256)
    assert events[5][1]["seed"] == 42


def test_a_fault_in_mid_stream_is_the_last_event() -> None:
    app = make_app(FakeEngine(fails=OutOfMemory("12 GiB are missing")))
    response = post(app, "/generate/t2i", json={"prompt": "x", "stream": True} | SMALL)
    last = response.text.strip().split("\n\n")[-1]
    assert last.startswith("event: error\n")
    assert json.loads(last.split("data: ")[1])["error"]["code"] == "out_of_memory"


def test_a_stream_that_nobody_began_to_read_is_cancelled() -> None:
    """The client is gone before the first event: told to the server right after the body."""
    engine = FakeEngine(held=True)
    app = make_app(engine)
    body = json.dumps({"prompt": "x", "stream": True} | SMALL).encode()
    messages = [{"type": "http.request", "body": body}]

    async def receive() -> dict[str, Any]:
        return messages.pop() if messages else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        await asyncio.sleep(0)

    async def run() -> None:
        headers = [(b"host", b"localhost"), (b"content-type", b"application/json")]
        scope = {"type": "http", "method": "POST", "path": "/generate/t2i", "headers": headers}
        scope |= {"query_string": b"", "http_version": "1.1", "scheme": "http"}
        await app(scope, receive, send)
        engine.held = False
        engine.go.release()
        async with client(app) as http:
            while (await http.get("/health")).json()["drawing"]:
                await asyncio.sleep(0.01)

    asyncio.run(asyncio.wait_for(run(), 10))
    assert engine.drawn == []


# --- limits -----------------------------------------------------------------


def test_a_body_has_a_limit_whatever_it_declares() -> None:
    app = make_app(FakeEngine(), rules=Rules(body_bytes=1000))
    body = json.dumps({"prompt": "x" * 2000}).encode()

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 100):
            yield body[start : start + 100]

    kind = {"content-type": "application/json"}
    declared = post(app, "/generate/t2i", content=body, headers=kind)
    assert error_of(declared) == (413, "body_too_large")
    assert error_of(post(app, "/generate/t2i", content=chunks(), headers=kind)) == (
        413,
        "body_too_large",
    )


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"n": 5}, "n"),
        ({"steps": 201}, "steps"),
        ({"steps": 0}, "steps"),
        ({"width": 250}, "width"),
        ({"width": 4096, "height": 4096}, "width"),
        ({"seed": -1}, "seed"),
        ({"sampler": "euler"}, "sampler"),
        ({"preset": "fastest"}, "preset"),
        ({"steps": "many"}, "steps"),
        ({"nagative_prompt": "x"}, "nagative_prompt"),
        ({"layout_bboxes": [[0, 1, 0]], "ref_images_base64": []}, "layout_bboxes[0]"),
        ({"prompt": " "}, "prompt"),
        ({"width": 10**400}, "width"),
        ({"layout_bboxes": [[0, 10**400, 0, 1]]}, "layout_bboxes[0]"),
    ],
)
def test_a_wrong_field_is_named(body: dict[str, Any], param: str) -> None:
    response = post(None, "/generate/t2i", json={"prompt": "x"} | SMALL | body)
    assert response.status_code == 400
    assert response.json()["error"]["param"] == param
    assert param in response.json()["error"]["message"]


def test_the_area_drawn_has_a_limit_also_when_it_snaps() -> None:
    app = make_app(FakeEngine())
    wide = {"prompt": "x", "width": 3840, "height": 2160, "steps": 1}  # snaps to 2560×1440
    assert post(app, "/generate/t2i", json=wide).status_code == 200


@pytest.mark.parametrize(
    ("arguments", "status", "code"),
    [
        ({"content": b"{", "headers": {"content-type": "application/json"}}, 400, "invalid_json"),
        ({"json": ["x"]}, 400, "invalid_json"),
        ({"content": b"x", "headers": {"content-type": "text/plain"}}, 415, "unsupported_media_type"),
        ({"content": b"[" * 100_000, "headers": {"content-type": "application/json"}}, 400, "invalid_json"),
        ({"data": {"prompt": "x"}, "files": {"image": b"GIF89a"}}, 400, "invalid_image"),
        ({"data": {"prompt": "x"}, "files": {"image": png()[:60]}}, 400, "invalid_image"),
        ({"data": {"prompt": "x"}, "files": {"mask": png()}}, 400, "unknown_field"),
        ({"json": {"prompt": "x", "ref_images_base64": ["@@"]}}, 400, "invalid_image"),
    ],
)  # fmt: skip
def test_broken_bodies_are_refused(arguments: dict[str, Any], status: int, code: str) -> None:
    assert error_of(post(None, "/generate/edit", **arguments)) == (status, code)


def test_errors_of_the_engine_have_their_status() -> None:
    over = BudgetExceeded("16.40 + 20.00 = 36.40 GiB, 24 allowed", needed=36, budget=24)
    for fails, status, code in [
        (over, 422, "exceeds_budget"),
        (OutOfMemory("none left"), 503, "out_of_memory"),
        (RuntimeError("internal detail"), 500, "engine_failure"),
    ]:
        response = post(make_app(FakeEngine(fails=fails)), "/generate/t2i", json={"prompt": "x"})
        assert error_of(response) == (status, code)
        assert response.headers["x-should-retry"] == "false"
        assert "internal detail" not in response.text


def test_unknown_routes_answer_in_the_same_form() -> None:
    assert error_of(post(None, "/generate/inpaint", json={})) == (404, "not_found")
    assert error_of(post(None, "/nothing")) == (404, "not_found")


# --- who may ask ------------------------------------------------------------


def test_a_key_is_wanted_everywhere_but_on_health() -> None:
    app = make_app(FakeEngine(), rules=Rules(body_bytes=10_000, api_key="s3cret-ключ"))

    async def run() -> None:
        async with client(app) as http:
            assert (await http.get("/health")).status_code == 200
            for path in ("/generate/t2i", "/v1/images/generations", "/sleep", "/release"):
                response = await http.post(path, json={"prompt": "x"} | SMALL)
                assert error_of(response) == (401, "invalid_api_key")
                assert response.headers["www-authenticate"] == "Bearer"
            assert (await http.get("/v1/models")).status_code == 401
            for wrong in (
                "Bearer s3cret",
                "s3cret-ключ",
                "Basic s3cret-ключ",
                "Bearer",
                "Bearer é",
            ):
                header = {b"authorization": wrong.encode()}
                assert (await http.get("/v1/models", headers=header)).status_code == 401
            right = {b"authorization": "Bearer s3cret-ключ".encode()}
            assert (await http.get("/v1/models", headers=right)).status_code == 200

    asyncio.run(run())


def test_web_pages_of_other_origins_are_refused() -> None:
    async def run() -> None:
        async with client() as http:
            page = {"origin": "https://example.com"}
            assert error_of(await http.post("/sleep", headers=page)) == (403, "cross_origin")
            own = {"origin": "http://127.0.0.1"}
            assert (await http.get("/health", headers=own)).status_code == 200
            # DNS rebinding: the page's own name, pointed at this machine.
            rebound = {"host": "evil.example:8895", "origin": "http://evil.example:8895"}
            assert error_of(await http.post("/sleep", headers=rebound)) == (403, "cross_origin")
            assert (await http.get("/health", headers={"host": "localhost:8895"})).is_success
            assert (await http.get("/health", headers={"host": "[::1]:8895"})).is_success
            broken = {"host": "[::1"}
            assert error_of(await http.get("/health", headers=broken)) == (403, "cross_origin")

    asyncio.run(run())
