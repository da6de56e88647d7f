"""The OpenAI-compatible image adapter against the dialects and their traps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_images import Dialect, FakeImageServer

from renderers.base import ImageBackend, ImageRequest, Reference
from renderers.errors import BadOutput, BadRequest, OutOfMemory, Refused, Unavailable
from renderers.image.openai import OpenAIImages
from renderers.image.png import decode

REQUEST = ImageRequest("a cat on a wall", 720, 1280, seed=7)


def size_of(path: Path) -> tuple[int, int]:
    image = decode(path.read_bytes())
    return image.width(), image.height()


@pytest.fixture
def reference(tmp_path: Path) -> Iterator[Path]:
    # Blobs of the store have no suffix: nothing may depend on one.
    path = tmp_path / "blob"
    with FakeImageServer("vllm-omni") as server:
        OpenAIImages(server.url, "fake-image", dialect="vllm-omni").render(REQUEST, path)
    yield path


@pytest.mark.parametrize("dialect", ["openai", "vllm-omni", "sglang"])
def test_every_dialect_gives_a_picture_in_the_canvas_s_shape(
    dialect: Dialect, tmp_path: Path
) -> None:
    with FakeImageServer(dialect) as server:
        backend: ImageBackend = OpenAIImages(server.url, "fake-image", dialect=dialect)
        result = backend.render(REQUEST, tmp_path / "x.png")
        backend.close()
    assert size_of(result.path) == (result.width, result.height)
    assert result.width / result.height == pytest.approx(9 / 16, abs=0.001)
    assert result.height >= 1280
    assert list(tmp_path.iterdir()) == [result.path]


@pytest.mark.parametrize("dialect", ["openai", "vllm-omni", "sglang"])
def test_references_go_to_edits_in_their_order(
    dialect: Dialect, tmp_path: Path, reference: Path
) -> None:
    second = tmp_path / "second"
    with FakeImageServer(dialect) as server:
        backend = OpenAIImages(server.url, "fake-image", dialect=dialect)
        backend.render(REQUEST, second)
        both = ImageRequest("x", 640, 640, 1, (Reference(reference), Reference(second)))
        backend.render(both, tmp_path / "both.png")
    asked = server.requests[-1]
    assert asked.path == "/v1/images/edits"
    assert asked.files == (reference.read_bytes(), second.read_bytes())
    assert asked.fields["size"] == "1024x1024"


def test_knobs_travel_under_the_dialect_s_own_names(tmp_path: Path) -> None:
    options = {"steps": 12, "guidance_scale": 4.0, "shift": 2.0, "resolution": 640, "preset": "x"}
    request = ImageRequest("x", 720, 1280, 7, options=options)  # pyright: ignore[reportArgumentType]
    with FakeImageServer("vllm-omni") as server:
        result = OpenAIImages(server.url, "fake-image", dialect="vllm-omni").render(
            request, tmp_path / "x.png"
        )
    fields = server.requests[0].fields
    assert (fields["num_inference_steps"], fields["flow_shift"], fields["seed"]) == (12, 2.0, 7)
    assert fields["size"] == "384x640" and (result.width, result.height) == (360, 640)
    assert result.info["dropped"] == ["preset"]


def test_an_edit_is_sent_no_shift_that_it_would_lose_in_silence(
    tmp_path: Path, reference: Path
) -> None:
    options: dict[str, Any] = {"steps": 12, "shift": 2.0}
    request = ImageRequest("x", 640, 640, 7, (Reference(reference),), options=options)
    with FakeImageServer("vllm-omni") as server:
        backend = OpenAIImages(server.url, "fake-image", dialect="vllm-omni")
        result = backend.render(request, tmp_path / "x.png")
    assert "flow_shift" not in server.requests[0].fields
    assert server.requests[0].fields["num_inference_steps"] == "12"
    assert result.info["dropped"] == ["shift"]


def test_what_a_cloud_cannot_honour_is_noted(tmp_path: Path) -> None:
    request = ImageRequest("x", 1280, 720, 7, options={"shift": 2.0})
    with FakeImageServer("openai") as server:
        result = OpenAIImages(server.url, "fake-image").render(request, tmp_path / "x.png")
    assert (
        "seed" not in server.requests[0].fields and server.requests[0].fields["size"] == "1536x1024"
    )
    assert result.info["dropped"] == ["shift", "seed"]


def test_an_unknown_option_is_refused_by_name(tmp_path: Path) -> None:
    backend = OpenAIImages("http://127.0.0.1:9/v1", "m", dialect="sglang")
    with pytest.raises(BadRequest, match=r"lora: unknown to dialect sglang; it takes .*steps"):
        backend.render(ImageRequest("x", 64, 64, 1, options={"lora": "x"}), tmp_path / "x.png")
    with pytest.raises(BadRequest, match="dialect: 'foo' is none of"):
        OpenAIImages("http://127.0.0.1:9/v1", "m", dialect="foo")


def test_a_wrong_model_says_what_to_set(tmp_path: Path) -> None:
    with (
        FakeImageServer("vllm-omni", model="qwen-image") as server,
        pytest.raises(Unavailable, match=r"does not serve 'flux'.*image\.model"),
    ):
        OpenAIImages(server.url, "flux", dialect="vllm-omni").render(REQUEST, tmp_path / "x.png")


def test_a_server_without_edits_is_told_apart(tmp_path: Path, reference: Path) -> None:
    request = ImageRequest("x", 64, 64, 1, (Reference(reference),))
    with FakeImageServer("vllm-omni", edits=False) as server:
        backend = OpenAIImages(server.url, "fake-image", dialect="vllm-omni")
        with pytest.raises(BadRequest, match="max_references to 0"):
            backend.render(request, tmp_path / "x.png")
        bare = OpenAIImages(server.url, "fake-image", dialect="vllm-omni", max_references=0)
        with pytest.raises(BadRequest, match="1 references; this backend takes 0"):
            bare.render(request, tmp_path / "x.png")


@pytest.mark.parametrize(
    ("status", "message", "error", "says"),
    [
        (401, "bad key", Unavailable, "api_key_env"),
        (400, "size must be a multiple of 16", BadRequest, "multiple of 16"),
        (500, "CUDA out of memory", OutOfMemory, "smaller image resolution"),
        (503, "loading", Unavailable, "503"),
        (429, "busy", Unavailable, "429"),
    ],
)
def test_errors_say_what_to_do(
    status: int, message: str, error: type[Exception], says: str, tmp_path: Path
) -> None:
    with (
        FakeImageServer("sglang", fails=[(status, message)] * 3) as server,
        pytest.raises(error, match=says),
    ):
        backend = OpenAIImages(server.url, "fake-image", dialect="sglang", retries=0)
        backend.render(REQUEST, tmp_path / "x.png")
    assert list(tmp_path.iterdir()) == []


def test_a_safety_filter_is_a_refusal(tmp_path: Path) -> None:
    with (
        FakeImageServer(fails=[(400, "moderation_blocked")], code="moderation_blocked") as server,
        pytest.raises(Refused, match="declined"),
    ):
        OpenAIImages(server.url, "fake-image").render(REQUEST, tmp_path / "x.png")


def test_a_passing_fault_is_retried(tmp_path: Path) -> None:
    with FakeImageServer(fails=[(503, "warming up")]) as server:
        backend = OpenAIImages(server.url, "fake-image", dialect="vllm-omni", retries=1)
        assert backend.render(REQUEST, tmp_path / "x.png").height >= 1280
    assert len(server.requests) == 2


def test_no_server_and_no_picture(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="is the server up"):
        OpenAIImages("http://127.0.0.1:9/v1", "m", retries=0).render(REQUEST, tmp_path / "x.png")
    for junk in (b"", b"<html>", b"\x89PNG\r\n\x1a\n" + b"x" * 40):
        with pytest.raises(BadOutput):
            decode(junk)
