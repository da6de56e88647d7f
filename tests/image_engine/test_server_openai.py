"""The OpenAI images API, called by OpenAI's own client over loopback."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator

import httpx
import pytest

pytest.importorskip("torch")

from fake_engine import FakeEngine, make_app, png, serving
from PIL import Image

from image_engine.errors import BudgetExceeded
from image_engine.server import Rules

openai = pytest.importorskip("openai")

FEW = {"steps": 2}


@pytest.fixture(scope="module")
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture(scope="module")
def client(engine: FakeEngine) -> Iterator[openai.OpenAI]:
    rules = Rules(body_bytes=32 * 2**20, api_key="k")
    with (
        serving(make_app(engine, rules=rules)) as url,
        openai.OpenAI(base_url=f"{url}/v1", api_key="k", max_retries=0) as client,
    ):
        yield client


def picture(b64: str | None) -> Image.Image:
    assert b64 is not None
    return Image.open(io.BytesIO(base64.b64decode(b64)))


def test_generations(client: openai.OpenAI, engine: FakeEngine) -> None:
    answer = client.images.generate(
        model="tiny",
        prompt="a lighthouse",
        size="512x256",
        n=2,
        response_format="b64_json",
        quality="low",
        user="someone",
        extra_body=FEW | {"seed": 9, "shift": 1.5, "timesteps": [900, 8]},
    )
    assert answer.data is not None
    assert [picture(item.b64_json).size for item in answer.data] == [(512, 256)] * 2
    assert answer.size == "512x256"
    first, second = engine.drawn[-2:]
    assert (first.seed, second.seed, first.shift) == (9, 10, 1.5)
    assert first.timesteps == (900, 8)
    assert first.guidance_scale == 3.0  # the preview preset's, which is what low quality means
    assert first.snap_resolution is False


def test_size_auto_leaves_the_size_to_the_recipe(client: openai.OpenAI, engine: FakeEngine) -> None:
    client.images.generate(prompt="x", size="auto", quality="low", extra_body=FEW)
    assert (engine.drawn[-1].width, engine.drawn[-1].height) == (1024, 1024)


def test_one_edit(client: openai.OpenAI, engine: FakeEngine) -> None:
    answer = client.images.edit(
        image=("scene.png", png(color="lime")),
        prompt="replace the screen",
        size="256x256",
        extra_body=FEW,
    )
    assert answer.data is not None
    drawn = picture(answer.data[0].b64_json)
    assert json.loads(drawn.info["image_engine"])["references"][0]["name"] == "scene.png"
    (reference,) = engine.drawn[-1].references
    assert isinstance(reference, Image.Image)
    assert reference.getpixel((0, 0)) == (0, 255, 0)


def test_an_edit_of_several_pictures_keeps_their_order(
    client: openai.OpenAI, engine: FakeEngine
) -> None:
    boxes = json.dumps([[0, 0.5, 0, 1], [0.5, 1, 0, 1]])
    client.images.edit(
        image=[png(color="red"), png(color="blue")],
        prompt="image 1 beside image 2",
        size="256x256",
        extra_body=FEW | {"timesteps": [900, 8], "layout_bboxes": boxes, "seed": 3},
    )
    drawn = engine.drawn[-1]
    colors = [item.getpixel((0, 0)) for item in drawn.references if isinstance(item, Image.Image)]
    assert colors == [(255, 0, 0), (0, 0, 255)]
    assert (drawn.timesteps, drawn.seed, len(drawn.boxes())) == ((900, 8), 3, 2)


def test_nested_lists_in_a_form_are_refused_with_the_way_out(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match=r"layout_bboxes.*JSON text"):
        client.images.edit(image=png(), prompt="x", extra_body={"layout_bboxes": [[0, 0.5, 0, 1]]})


def test_streams_of_partial_pictures(client: openai.OpenAI) -> None:
    with client.images.generate(
        prompt="x", size="256x256", stream=True, partial_images=2, extra_body={"steps": 6}
    ) as stream:
        events = list(stream)
    assert [event.type for event in events] == [
        "image_generation.partial_image",
        "image_generation.partial_image",
        "image_generation.completed",
    ]
    assert picture(events[-1].b64_json).size == (256, 256)
    with client.images.edit(
        image=png(), prompt="x", size="256x256", stream=True, extra_body=FEW
    ) as stream:
        assert [event.type for event in stream] == ["image_edit.completed"]


def test_models(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["tiny"]
    assert client.models.retrieve("tiny").id == "tiny"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("gpt-image-1")


def test_refusals_are_openai_errors(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as wrong:
        client.images.generate(prompt="x", size="720x1280")
    assert (wrong.value.param, wrong.value.code) == ("width", "invalid_request")
    assert "704 or 736" in wrong.value.message
    for refused in (
        {"response_format": "url"},
        {"background": "transparent"},
        {"output_format": "webp"},
        {"quality": "ultra"},
        {"size": "big"},
        {"n": 9},
    ):
        with pytest.raises(openai.BadRequestError) as wrong:
            client.images.generate(prompt="x", extra_body=refused)
        assert wrong.value.param == next(iter(refused))
    with pytest.raises(openai.BadRequestError, match="mask"):
        client.images.edit(image=png(), mask=png(), prompt="x")
    with pytest.raises(openai.BadRequestError, match="image"):
        client.images.edit(image=[], prompt="x")


def test_a_wrong_key_is_an_authentication_error(client: openai.OpenAI) -> None:
    with pytest.raises(openai.AuthenticationError, match="wants its key"):
        client.with_options(api_key="wrong").images.generate(prompt="x")


def test_asleep_its_retries_do_not_wake_it(client: openai.OpenAI, engine: FakeEngine) -> None:
    server = str(client.base_url).removesuffix("/v1/")
    header = {"authorization": "Bearer k"}
    assert httpx.post(f"{server}/sleep", headers=header).json()["state"] == "asleep"
    with pytest.raises(openai.InternalServerError, match="POST /wake"):
        client.with_options(max_retries=5).images.generate(prompt="x")
    assert httpx.post(f"{server}/wake", headers=header).json()["state"] == "awake"
    client.images.generate(prompt="x", size="256x256", extra_body=FEW)


def test_what_never_fits_is_unprocessable() -> None:
    over = BudgetExceeded("16.40 + 20.00 = 36.40 GiB, 24 allowed", needed=36, budget=24)
    with (
        serving(make_app(FakeEngine(fails=over))) as url,
        openai.OpenAI(base_url=f"{url}/v1", api_key="any", max_retries=0) as client,
    ):
        with pytest.raises(openai.UnprocessableEntityError, match=r"36\.40 GiB"):
            client.images.generate(prompt="x")
        with (
            pytest.raises(openai.APIError, match=r"36\.40 GiB"),
            client.images.generate(prompt="x", stream=True) as stream,
        ):
            list(stream)
