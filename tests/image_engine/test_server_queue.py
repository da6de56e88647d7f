"""The queue, cancellation and the engine's states, on a real uvicorn server over loopback."""

from __future__ import annotations

import asyncio

import pytest
from waiting import soon

pytest.importorskip("torch")

import gc
import socket
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import httpx
from fake_engine import FakeEngine, make_app, png, serving

from image_engine.errors import CheckpointError
from image_engine.request import ImageRequest
from image_engine.server import JobQueue, Rules

SMALL = {"width": 256, "height": 256, "snap_resolution": False, "steps": 3}
LIMIT = httpx.Timeout(20)


def body(prompt: str, **more: Any) -> dict[str, Any]:
    return {"prompt": prompt} | SMALL | more


def later(call: Callable[..., httpx.Response], *args: Any, **kwargs: Any) -> Future[httpx.Response]:
    """Run a blocking request in a thread of its own."""
    future: Future[httpx.Response] = Future()

    def run() -> None:
        try:
            future.set_result(call(*args, **kwargs))
        except httpx.HTTPError as error:
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future


def test_past_its_bound_the_queue_says_when_to_come_again() -> None:
    engine = FakeEngine(held=True)
    with (
        serving(make_app(engine, capacity=2)) as url,
        httpx.Client(base_url=url, timeout=LIMIT) as http,
    ):
        calls = [later(http.post, "/generate/t2i", json=body("0"))]
        assert engine.at_step.acquire(timeout=60)
        for index in (1, 2):
            calls.append(later(http.post, "/generate/t2i", json=body(str(index))))
            soon(lambda: http.get("/health").json()["queue_length"] == index)  # noqa: B023
        refused = http.post("/generate/t2i", json=body("3"))
        assert refused.status_code == 429
        assert refused.json()["error"]["code"] == "queue_full"
        assert int(refused.headers["retry-after"]) >= 1
        assert http.get("/health").json()["drawing"]
        engine.held = False
        engine.go.release()
        assert [call.result(20).status_code for call in calls] == [200] * 3
        assert [request.prompt for request in engine.drawn] == ["0", "1", "2"]


@pytest.mark.parametrize("stream", [False, True])
def test_a_client_that_leaves_takes_its_picture_along(stream: bool) -> None:
    engine = FakeEngine(held=True)
    with serving(make_app(engine)) as url, httpx.Client(base_url=url, timeout=LIMIT) as http:
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(f"{url}/generate/t2i", json=body("x", stream=stream), timeout=0.5)
        soon(lambda: engine.is_cancelled)
        engine.go.release()
        soon(lambda: not http.get("/health").json()["drawing"])
    assert engine.log == ["x 1", "release"]  # the step it was at was its last
    assert engine.drawn == []


def test_a_waiting_picture_is_dropped_when_its_client_leaves() -> None:
    engine = FakeEngine(held=True)
    with serving(make_app(engine)) as url, httpx.Client(base_url=url, timeout=LIMIT) as http:
        first = later(http.post, "/generate/t2i", json=body("first"))
        assert engine.at_step.acquire(timeout=60)
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(f"{url}/generate/t2i", json=body("second"), timeout=0.5)
        soon(lambda: http.get("/health").json()["queue_length"] == 0)
        engine.held = False
        engine.go.release()
        assert first.result(20).status_code == 200
    assert [request.prompt for request in engine.drawn] == ["first"]


def test_asleep_it_refuses_and_never_wakes_by_itself() -> None:
    engine = FakeEngine()
    with serving(make_app(engine)) as url, httpx.Client(base_url=url, timeout=LIMIT) as http:
        assert http.post("/sleep").json()["state"] == "asleep"
        for path in ("/generate/t2i", "/v1/images/generations"):
            refused = http.post(path, json={"prompt": "x"})
            assert refused.status_code == 503
            assert refused.json()["error"]["code"] == "asleep"
            assert "POST /wake" in refused.json()["error"]["message"]
            assert refused.headers["x-should-retry"] == "false"
        assert http.get("/health").json()["state"] == "asleep"
        assert http.post("/sleep").json()["state"] == "asleep"  # asking twice is no error
        assert engine.log == ["offload"]
        assert http.post("/wake").json()["state"] == "awake"
        assert http.post("/generate/t2i", json=body("x")).status_code == 200
    assert engine.log[:2] == ["offload", "restore"]


def test_released_it_loads_again_on_wake() -> None:
    first, second = FakeEngine(), FakeEngine()
    with (
        serving(make_app(first, load=lambda: second)) as url,
        httpx.Client(base_url=url, timeout=LIMIT) as http,
    ):
        assert http.post("/release").json()["state"] == "released"
        assert first.log == ["release"]
        assert http.post("/generate/t2i", json=body("x")).json()["error"]["code"] == "released"
        conflict = http.post("/sleep")
        assert (conflict.status_code, conflict.json()["error"]["code"]) == (409, "bad_transition")
        assert http.post("/wake").json()["state"] == "awake"
        assert http.post("/generate/t2i", json=body("x")).status_code == 200
    assert len(second.drawn) == 1


def test_a_failed_wake_says_why_and_can_be_repeated() -> None:
    answers: list[FakeEngine | CheckpointError] = [CheckpointError("model.safetensors: gone")]

    def load() -> FakeEngine:
        answer = answers.pop()
        if isinstance(answer, CheckpointError):
            raise answer
        return answer

    with (
        serving(make_app(FakeEngine(), load=load)) as url,
        httpx.Client(base_url=url, timeout=LIMIT) as http,
    ):
        http.post("/release")
        failed = http.post("/wake")
        assert failed.status_code == 500
        assert failed.json()["error"]["message"] == "model.safetensors: gone"
        health = http.get("/health").json()
        assert (health["state"], health["changing_to"]) == ("released", None)
        answers.append(FakeEngine())
        assert http.post("/wake").json()["state"] == "awake"


def test_sleep_waits_for_accepted_work_and_refuses_new_work_at_once() -> None:
    engine = FakeEngine(held=True)
    with serving(make_app(engine)) as url, httpx.Client(base_url=url, timeout=LIMIT) as http:
        drawing = later(http.post, "/generate/t2i", json=body("x"))
        assert engine.at_step.acquire(timeout=60)
        sleeping = later(http.post, "/sleep")
        soon(lambda: http.get("/health").json()["changing_to"] == "asleep")
        assert http.get("/health").json()["state"] == "awake"
        assert http.post("/generate/t2i", json=body("y")).json()["error"]["code"] == "asleep"
        engine.held = False
        engine.go.release()
        assert drawing.result(20).status_code == 200
        assert sleeping.result(20).json()["state"] == "asleep"
    assert engine.log == ["x 1", "x 2", "x 3", "offload", "release"]


def test_sleep_with_abort_cancels_accepted_work() -> None:
    engine = FakeEngine(held=True)
    with serving(make_app(engine)) as url, httpx.Client(base_url=url, timeout=LIMIT) as http:
        calls = [later(http.post, "/generate/t2i", json=body("x"))]
        assert engine.at_step.acquire(timeout=60)
        calls.append(later(http.post, "/generate/t2i", json=body("y")))
        soon(lambda: http.get("/health").json()["queue_length"] == 1)
        sleeping = later(http.post, "/sleep?mode=abort")
        soon(lambda: engine.is_cancelled)
        engine.go.release()
        for call in calls:
            assert call.result(20).json()["error"]["code"] == "cancelled"
        assert sleeping.result(20).json()["state"] == "asleep"
    assert engine.log == ["x 1", "offload", "release"]


def test_requests_behind_a_wake_wait_for_it() -> None:
    engine = FakeEngine()
    engine.may_restore.clear()
    with serving(make_app(engine)) as url, httpx.Client(base_url=url, timeout=LIMIT) as http:
        http.post("/sleep")
        waking = later(http.post, "/wake")
        soon(lambda: http.get("/health").json()["changing_to"] == "awake")
        drawing = later(http.post, "/generate/t2i", json=body("x"))
        soon(lambda: http.get("/health").json()["queue_length"] == 1)
        assert http.get("/health").json()["state"] == "asleep"
        engine.may_restore.set()
        assert waking.result(20).json()["state"] == "awake"
        assert drawing.result(20).status_code == 200


def test_a_body_that_never_ends_loses_its_place() -> None:
    app = make_app(FakeEngine(), capacity=0, body_seconds=0.3)
    with serving(app) as url, httpx.Client(base_url=url, timeout=LIMIT) as http:
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as slow:
            head = f"POST /generate/t2i HTTP/1.1\r\nhost: {host}\r\ncontent-length: 100\r\n"
            slow.sendall((head + "content-type: application/json\r\n\r\n{").encode())
            slow.settimeout(10)
            assert b" 408 " in slow.recv(1000).split(b"\r\n")[0]
        assert http.post("/generate/t2i", json=body("x")).status_code == 200


def test_uploads_over_a_real_connection() -> None:
    engine = FakeEngine()
    with serving(make_app(engine)) as url:
        data = {"prompt": "x", "width": "256", "height": "256", "snap_resolution": "false"}
        files = [("image[]", (f"{i}.png", png(1000, 700))) for i in range(11)]
        answer = httpx.post(f"{url}/generate/ip", data=data, files=files, timeout=LIMIT)
        assert answer.status_code == 200, answer.text
        assert len(engine.drawn[0].references) == 11


def test_the_key_is_in_no_log(capfd: pytest.CaptureFixture[str]) -> None:
    rules = Rules(body_bytes=1000, api_key="the-secret-key")
    with serving(make_app(FakeEngine(), rules=rules), log_level="debug") as url:
        for key in ("the-secret-key", "another-key"):
            header = {"authorization": f"Bearer {key}"}
            httpx.get(f"{url}/v1/models", headers=header)
    log = "".join(capfd.readouterr())
    assert "GET /v1/models" in log
    assert "-key" not in log


def test_after_release_the_queue_holds_nothing_of_the_engine() -> None:
    async def run() -> None:
        engine = FakeEngine()
        watched = weakref.ref(engine)
        jobs = JobQueue(engine, FakeEngine)
        del engine
        with jobs.place():
            job = jobs.submit([ImageRequest(prompt="x", width=256, height=256, steps=1)])
        await job.finished
        assert await jobs.change("released") == "released"
        gc.collect()
        assert watched() is None
        await jobs.close()

    asyncio.run(run())
