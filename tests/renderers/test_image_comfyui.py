"""Pictures by ComfyUI: shipped workflows and users' own, against a server that knows its nodes."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skia
from comfyui_nodes import OBJECT_INFO
from fake_comfyui import FakeComfyUI

from renderers.base import ImageBackend, ImageRequest, Reference
from renderers.comfyui.workflow import SHIPPED
from renderers.errors import BadOutput, BadRequest, OutOfMemory, Unavailable
from renderers.image.comfyui import ComfyImages
from renderers.image.png import decode

NAMES = sorted(path.stem for path in SHIPPED.glob("*.json"))
MOST = {"hidream-o1": 6, "flux2-klein": 4, "qwen-image": 0, "qwen-image-edit": 3}


def sheets(folder: Path, count: int) -> tuple[Reference, ...]:
    found: list[Reference] = []
    for number in range(1, count + 1):
        surface = skia.Surface(72, 128)
        surface.getCanvas().clear(skia.Color(40 * number, 0, 200))
        path = folder / f"sheet_{number}.png"
        surface.makeImageSnapshot().save(str(path))
        found.append(Reference(path, f"image {number}"))
    return tuple(found)


def images(server: FakeComfyUI, workflow: str, **options: Any) -> ComfyImages:
    return ComfyImages(workflow, server.url, poll_s=0.01, **options)


@pytest.mark.parametrize("name", NAMES)
def test_each_shipped_workflow_takes_any_number_of_references(name: str, tmp_path: Path) -> None:
    with FakeComfyUI() as server:
        backend: ImageBackend = images(server, name)
        assert backend.max_references == MOST[name]
        for count in range(name == "qwen-image-edit", MOST[name] + 1):
            request = ImageRequest("a cat", 720, 1280, count, sheets(tmp_path, count))
            result = backend.render(request, tmp_path / "x.png")
            assert result.width / result.height == pytest.approx(9 / 16, abs=0.002)
            loaded = [n for n in server.prompts[-1].values() if n["class_type"] == "LoadImage"]
            assert [n["inputs"]["image"] in server.uploads for n in loaded] == [True] * count
        with pytest.raises(BadRequest, match="references; this backend takes"):
            many = ImageRequest("a cat", 64, 64, 1, sheets(tmp_path, MOST[name] + 1))
            backend.render(many, tmp_path / "x.png")


def test_words_seed_size_and_knobs_reach_their_nodes(tmp_path: Path) -> None:
    with FakeComfyUI() as server:
        backend = images(server, "hidream-o1", steps=28)
        request = ImageRequest(
            "a cat", 720, 1280, 7, options={"guidance_scale": 3.0, "shift": 2.0, "resolution": 1024}
        )
        result = backend.render(request, tmp_path / "x.png")
    nodes = {node["class_type"]: node["inputs"] for node in server.prompts[-1].values()}
    assert (nodes["SamplerCustom"]["noise_seed"], nodes["SamplerCustom"]["cfg"]) == (7, 3.0)
    assert nodes["BasicScheduler"]["steps"] == 28
    assert (nodes["EmptyHiDreamO1LatentImage"]["width"], result.width) == (576, 576)
    assert nodes["EmptyHiDreamO1LatentImage"]["height"] == 1024
    assert server.prompts[-1]["2"]["inputs"]["text"] == "a cat"
    assert result.info["dropped"] == ["shift"]


def test_what_the_workflow_leaves_alone_keeps_the_files_own_value(tmp_path: Path) -> None:
    with FakeComfyUI() as server:
        images(server, "flux2-klein").render(ImageRequest("a cat", 64, 64, 1), tmp_path / "x.png")
    nodes = {node["class_type"]: node["inputs"] for node in server.prompts[-1].values()}
    assert (nodes["Flux2Scheduler"]["steps"], nodes["CFGGuider"]["cfg"]) == (4, 1.0)
    assert "VAEEncode" not in nodes
    assert "latent" not in nodes["ReferenceLatent"], "without a picture it hands its words on"


@pytest.mark.parametrize("name", ["hidream-o1", "flux2-klein", "qwen-image-edit"])
def test_a_region_alone_changes(name: str, tmp_path: Path) -> None:
    with FakeComfyUI() as server:
        request = ImageRequest(
            "another hand", 720, 1280, 1, sheets(tmp_path, 1), region=(400, 400, 600, 600)
        )
        images(server, name).render(request, tmp_path / "x.png")
    pixels = np.asarray(decode((tmp_path / "x.png").read_bytes()).toarray())
    middle, corner = pixels[len(pixels) // 2, pixels.shape[1] // 2], pixels[5, 5]
    assert tuple(corner[:3]) == (200, 0, 40), "the corner is the reference's"
    assert tuple(middle) != tuple(corner)


def test_what_the_server_lacks_is_told_with_where_it_comes_from(tmp_path: Path) -> None:
    nodes = copy.deepcopy(OBJECT_INFO)
    nodes["VAELoader"]["input"]["required"]["vae_name"] = [["ae.safetensors"]]
    del nodes["Flux2Scheduler"]
    with FakeComfyUI(nodes=nodes) as server:
        backend = images(server, "flux2-klein")
        told = (
            r"lacks flux2-vae.safetensors for VAELoader.vae_name \(node 3\): https://huggingface.co/"
            r"\S+ goes into models/vae; the node Flux2Scheduler \(node 7\): update ComfyUI"
        )
        with pytest.raises(Unavailable, match=told):
            backend.render(ImageRequest("a cat", 64, 64, 1), tmp_path / "x.png")
        assert "Flux2Scheduler" in backend.lacking()
        assert server.prompts == []
        server.nodes = None
        backend.render(ImageRequest("a cat", 64, 64, 1), tmp_path / "x.png")
        assert backend.lacking() == ""
    with pytest.raises(Unavailable, match="no answer"):
        backend.lacking()


def test_other_weights_take_the_place_of_those_named(tmp_path: Path) -> None:
    nodes = copy.deepcopy(OBJECT_INFO)
    nodes["VAELoader"]["input"]["required"]["vae_name"] = [["mine.safetensors"]]
    with FakeComfyUI(nodes=nodes) as server:
        mine = {"flux2-vae.safetensors": "mine.safetensors"}
        backend = images(server, "flux2-klein", files=mine)
        backend.render(ImageRequest("a cat", 64, 64, 1), tmp_path / "x.png")
        assert backend.fingerprint() != images(server, "flux2-klein").fingerprint()
    with pytest.raises(BadRequest, match=r"names no other\.safetensors"):
        ComfyImages("flux2-klein", files={"other.safetensors": "x"})


def test_an_editor_without_a_picture_says_who_should_draw(tmp_path: Path) -> None:
    with FakeComfyUI() as server, pytest.raises(BadRequest, match=r"\[image.edit\]"):
        images(server, "qwen-image-edit").render(
            ImageRequest("a cat", 64, 64, 1), tmp_path / "x.png"
        )


def test_a_workflow_that_needs_its_picture_is_not_sent_without(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text(
        json.dumps(
            {
                "1": {
                    "class_type": "LoadImage",
                    "inputs": {"image": ""},
                    "_meta": {"title": "storyboard: image 1"},
                },
                "2": {
                    "class_type": "SaveImage",
                    "inputs": {"images": ["1", 0], "filename_prefix": "x"},
                },
                "3": {
                    "class_type": "CLIPTextEncode",
                    "inputs": {"text": "", "clip": ["4", 1]},
                    "_meta": {"title": "storyboard: prompt"},
                },
                "4": {
                    "class_type": "CheckpointLoaderSimple",
                    "inputs": {"ckpt_name": "hidream_o1_image_bf16.safetensors"},
                },
            }
        )
    )
    with FakeComfyUI() as server, pytest.raises(BadRequest, match="cannot do without"):
        images(server, str(path)).render(ImageRequest("a cat", 64, 64, 1), tmp_path / "x.png")


def test_faults_of_the_file_and_of_the_job_are_told(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="no shipped workflow"):
        ComfyImages("hidream-o2")
    path = tmp_path / "mute.json"
    path.write_text(json.dumps({"1": {"class_type": "SaveImage", "inputs": {}}}))
    with pytest.raises(BadRequest, match="storyboard: prompt"):
        ComfyImages(str(path))
    request = ImageRequest("a cat", 64, 64, 1)
    with FakeComfyUI(breaks="CUDA out of memory") as server:
        backend = images(server, "hidream-o1")
        with pytest.raises(OutOfMemory, match="KSampler"):
            backend.render(request, tmp_path / "x.png")
        assert not server.loaded
        server.breaks = "shapes do not fit"
        with pytest.raises(BadOutput, match="shapes do not fit"):
            backend.render(ImageRequest("a cat", 64, 64, 2), tmp_path / "x.png")
        with pytest.raises(BadRequest, match="options fast: unknown"):
            backend.render(ImageRequest("a", 64, 64, 1, options={"fast": True}), tmp_path / "x.png")
        # The same again comes from its cache: it is saved under another name, and found.
        for _ in range(2):
            backend.render(request, tmp_path / "x.png")
