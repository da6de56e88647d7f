"""What one client can do to all others, and what used to be taken for something it was not."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import logging
from typing import Any

import httpx
import pytest

pytest.importorskip("torch")

from fake_engine import FakeEngine, make_app, png
from PIL import Image
from test_server import SMALL, error_of, post

from image_engine.metadata import picture_digest
from image_engine.protocol import generate_call
from image_engine.server import JobQueue


def test_compiling_for_one_client_is_the_operators_to_allow() -> None:
    body = {"prompt": "x", "acceleration": "step_cache=0.05,compile"} | SMALL
    refused = post(None, "/generate/t2i", json=body)
    assert error_of(refused) == (400, "invalid_request")
    message = refused.json()["error"]["message"]
    assert "'compile' is not allowed on this server" in message
    assert "--allow-acceleration compile" in message
    engine = FakeEngine()
    app = make_app(engine, accelerations=frozenset({"exact", "step_cache", "compile"}))
    assert post(app, "/generate/t2i", json=body).status_code == 200
    assert engine.drawn[0].acceleration == "step_cache=0.05,compile"


@pytest.mark.parametrize(
    "field",
    [
        {"steps": "20"},
        {"steps": True},
        {"guidance_scale": "5"},
        {"guidance_scale": True},
        {"seed": 1.5},
        {"n": "2"},
        {"snap_resolution": "false"},
        {"timesteps": ["900"]},
    ],
)
def test_in_json_a_number_is_a_number(field: dict[str, Any]) -> None:
    refused = post(None, "/generate/t2i", json={"prompt": "x"} | SMALL | field)
    assert error_of(refused) == (400, "invalid_request")
    assert refused.json()["error"]["param"].startswith(next(iter(field)))
    assert post(None, "/generate/t2i", json={"prompt": "x", "shift": 2} | SMALL).is_success


def test_a_form_still_spells_its_numbers() -> None:
    data = {"prompt": "x"} | {name: json.dumps(value) for name, value in SMALL.items()}
    assert post(None, "/generate/t2i", data=data).is_success


def test_a_prompt_too_long_is_refused_before_it_waits() -> None:
    from image_engine import PromptTooLong

    def check(prompt: str) -> None:
        if len(prompt) > 100:
            raise PromptTooLong("30,000 tokens; at most 2,048")

    engine = FakeEngine(held=True)  # would never answer
    refused = post(
        make_app(engine, check_prompt=check), "/generate/t2i", json={"prompt": "x" * 200} | SMALL
    )
    assert error_of(refused) == (413, "prompt_too_long")
    assert refused.json()["error"]["param"] == "prompt"


def test_a_client_that_leaves_in_mid_body_is_no_fault(caplog: pytest.LogCaptureFixture) -> None:
    app = make_app(FakeEngine())
    messages = [
        {"type": "http.request", "body": b'{"prompt": "x', "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent: list[Any] = []

    async def receive() -> Any:
        return messages.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    async def run(kind: bytes) -> None:
        headers = [(b"host", b"localhost"), (b"content-type", kind)]
        scope = {"type": "http", "method": "POST", "path": "/generate/t2i", "headers": headers}
        await app(
            scope | {"query_string": b"", "http_version": "1.1", "scheme": "http"}, receive, send
        )

    with caplog.at_level(logging.INFO):
        asyncio.run(run(b"application/json"))
        messages += [
            {"type": "http.request", "body": b"--b\r\n", "more_body": True},
            {"type": "http.disconnect"},
        ]
        asyncio.run(run(b"multipart/form-data; boundary=b"))
    assert [message["status"] for message in sent if "status" in message] == [499, 499]
    assert all(record.exc_info is None for record in caplog.records)


def test_when_to_come_again_follows_the_usual_pace() -> None:
    """One slow picture among quick ones, and a queue behind it, do not send a client away for
    minutes: a place is free as soon as one usual picture is done."""
    queue = JobQueue(FakeEngine(), FakeEngine, capacity=8)
    queue.remember(120.0)
    for _ in range(6):
        queue.remember(1.5)
    assert queue.retry_after(9) == 2


def test_references_that_wait_are_as_small_as_they_are_drawn() -> None:
    engine = FakeEngine()
    large = Image.effect_noise((2400, 1800), 50).convert("RGB")
    buffer = io.BytesIO()
    large.save(buffer, "PNG", compress_level=1)
    body = {"prompt": "x", "ref_images_base64": [base64.b64encode(buffer.getvalue()).decode()]}
    response = post(make_app(engine), "/generate/edit", json=body | SMALL)
    assert response.is_success, response.text
    kept = engine.drawn[0].references[0]
    assert isinstance(kept, Image.Image)
    assert kept.width * kept.height <= 256 * 256
    # The record is that of the picture that was sent, so that it can be found again.
    assert picture_digest(kept) == picture_digest(large)


def test_uploads_keep_their_real_type() -> None:
    jpeg = io.BytesIO()
    Image.new("RGB", (32, 32), "teal").save(jpeg, "JPEG")
    webp = io.BytesIO()
    Image.new("RGB", (32, 32), "teal").save(webp, "WEBP")
    call = generate_call("x", [png(), jpeg.getvalue(), webp.getvalue()], None, {})
    request = httpx.Request("POST", "http://x", **call.arguments)
    body = request.read()
    for index, kind, extension in [(1, "png", "png"), (2, "jpeg", "jpg"), (3, "webp", "webp")]:
        part = f'filename="image_{index}.{extension}"\r\nContent-Type: image/{kind}\r\n'
        assert part.encode() in body
