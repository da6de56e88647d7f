"""Pictures by the diffusers worker: recipes, the wire, and real pipelines with random weights."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import skia

from renderers.base import ImageBackend, ImageRequest, Reference
from renderers.errors import BadRequest, OutOfMemory, Unavailable
from renderers.image.diffusers import DiffusersImages
from renderers.image.png import decode
from renderers.video.planning import LIMITS, Limits
from renderers.workers.catalog import ENTRIES, Settings
from renderers.workers.protocol import Job, to_wire
from renderers.workers.rules import check
from renderers.workers.runner import ChildRunner
from renderers.workers.server import Worker, WorkerServer


def png(width: int, height: int, colour: int = skia.ColorRED) -> bytes:
    surface = skia.Surface(width, height)
    surface.getCanvas().clear(colour)
    return bytes(surface.makeImageSnapshot().encodeToData(skia.EncodedImageFormat.kPNG, 100))


@dataclass
class Painter:
    """A runner that paints the size it is asked for, by the real rules."""

    limits: Limits = LIMITS["pictures"]
    jobs: list[Job] = field(default_factory=list[Job])
    full: bool = False

    def missing(self) -> str:
        return ""

    def make(self, job: Job, out: Path, gone: Callable[[], bool]) -> Mapping[str, Any]:
        check(job, self.limits)
        if self.full:
            raise OutOfMemory("CUDA out of memory")
        self.jobs.append(job)
        out.write_bytes(png(job.width, job.height))
        return {"seconds": 0.1}

    def release(self) -> None: ...

    def holds(self) -> Mapping[str, Any]:
        return {"resident": False, "idle_gib": 0.0, "peak_gib": None, "clips": 0, "peaks_gib": []}


@pytest.mark.parametrize(
    ("model", "steps", "guidance", "references"),
    [
        ("HiDream-ai/HiDream-I1-Full", 50, 5.0, 0),
        ("HiDream-ai/HiDream-I1-Dev", 28, 0.0, 0),
        ("~/models/HiDream-I1-Fast", 16, 0.0, 0),
        ("HiDream-ai/HiDream-E1-1", 28, 5.0, 1),
        ("Qwen/Qwen-Image-Edit-2511", 40, 4.0, 3),
        ("black-forest-labs/FLUX.2-klein-4B", 4, 1.0, 4),
    ],
)
def test_a_model_is_asked_by_its_makers_recipe(
    model: str, steps: int, guidance: float, references: int, tmp_path: Path
) -> None:
    runner = Painter()
    with WorkerServer(Worker("diffusers-image", runner, runner.limits)) as server:
        backend: ImageBackend = DiffusersImages(server.url, model)
        assert backend.max_references == references
        result = backend.render(ImageRequest("a cat", 720, 1280, 7), tmp_path / "x.png")
        own = DiffusersImages(server.url, model, steps=3)
        own.render(ImageRequest("a", 64, 64, 1, options={"steps": 2}), tmp_path / "x.png")
    asked, other = runner.jobs
    assert (asked.options["steps"], asked.options["guidance_scale"]) == (steps, guidance)
    assert (asked.seed, asked.prompt, asked.image) == (7, "a cat", None)
    assert (asked.width % 32, asked.height % 32) == (0, 0)
    assert result.width / result.height == pytest.approx(9 / 16, abs=0.002)
    assert other.options["steps"] == 2
    assert own.fingerprint() != backend.fingerprint()


def test_references_go_over_in_their_order(tmp_path: Path) -> None:
    paths = [tmp_path / f"{i}.png" for i in range(3)]
    for number, path in enumerate(paths):
        path.write_bytes(png(8, 8, skia.Color(number, 0, 0)))
    runner = Painter()
    with WorkerServer(Worker("diffusers-image", runner, runner.limits)) as server:
        backend = DiffusersImages(server.url)
        sheets = tuple(Reference(path) for path in paths)
        backend.render(ImageRequest("a", 64, 64, 1, sheets), tmp_path / "x.png")
        with pytest.raises(BadRequest, match="3 references; this backend takes 1"):
            one = DiffusersImages(server.url, "HiDream-E1-Full")
            one.render(ImageRequest("a", 64, 64, 1, sheets), tmp_path / "x.png")
        with pytest.raises(BadRequest, match="options fast: unknown"):
            backend.render(ImageRequest("a", 64, 64, 1, options={"fast": 1}), tmp_path / "x.png")
        runner.full = True
        with pytest.raises(OutOfMemory):
            backend.render(ImageRequest("a", 64, 64, 2), tmp_path / "x.png")
        # A clip is no picture, and the other way round.
        job = Job("a", 64, 64, 1, 1, 1, png(64, 64))
        answer = httpx.post(f"{server.url}/pictures", json=to_wire(job))
        assert (answer.status_code, "no first frame" in answer.text) == (400, True)
        assert httpx.post(f"{server.url}/clips", json=to_wire(job)).status_code == 404
    assert runner.jobs[0].references == tuple(path.read_bytes() for path in paths)
    with pytest.raises(Unavailable, match="storyboard worker run diffusers-image"):
        backend.render(ImageRequest("a", 64, 64, 2), tmp_path / "x.png")


# --- real pipelines, tiny ---------------------------------------------------


def tiny(model: str, root: Path) -> Path:
    for package in ("diffusers", "accelerate"):
        pytest.importorskip(package, reason=f"needs {package}: pip install 'storyboard[video]'")
    import tiny_image_models

    make = f"import sys, tiny_image_models as t; t.{model}(__import__('pathlib').Path(sys.argv[1]))"
    path = {**os.environ, "PYTHONPATH": str(Path(tiny_image_models.__file__).parent)}
    subprocess.run([sys.executable, "-c", make, str(root)], check=True, env=path)
    return root


@pytest.mark.slow
def test_flux2_klein_draws_and_edits_with_a_tiny_random_model(tmp_path: Path) -> None:
    root = tiny("klein", tmp_path / "FLUX.2-klein-tiny")
    sheet = tmp_path / "sheet.png"
    sheet.write_bytes(png(64, 64))
    runner = ChildRunner(ENTRIES["diffusers-image"], Settings(weights=str(root), persistent=True))
    with WorkerServer(Worker("diffusers-image", runner, runner.limits, True)) as server:
        backend = DiffusersImages(server.url, root.name, side=64, steps=1)
        drawn: list[bytes] = []
        for seed, references in ((7, ()), (7, ()), (8, ()), (7, (Reference(sheet),) * 2)):
            request = ImageRequest("a cat walks", 64, 96, seed, references)
            result = backend.render(request, tmp_path / "x.png")
            assert result.width / result.height == pytest.approx(2 / 3, abs=0.02)
            drawn.append(decode((tmp_path / "x.png").read_bytes()).tobytes())
    assert drawn[0] == drawn[1]
    assert len(set(drawn)) == 3, "another seed and other pictures draw another one"


@pytest.mark.slow
def test_hidream_i1_reads_prompts_with_the_encoder_that_is_named(tmp_path: Path) -> None:
    root = tiny("hidream", tmp_path / "HiDream-I1-Dev")
    request = ImageRequest("a cat walks", 64, 64, 7)
    lone = ChildRunner(ENTRIES["diffusers-image"], Settings(weights=str(root)))
    told = r"Llama-3\.1-8B-Instruct.*--text-encoder"
    worker = Worker("diffusers-image", lone, lone.limits)
    with WorkerServer(worker) as server, pytest.raises(Unavailable, match=told):
        DiffusersImages(server.url, root.name).render(request, tmp_path / "x.png")
    settings = Settings(weights=str(root), text_encoder=str(tmp_path / "llama"))
    runner = ChildRunner(ENTRIES["diffusers-image"], settings)
    with WorkerServer(Worker("diffusers-image", runner, runner.limits)) as server:
        backend = DiffusersImages(server.url, root.name, steps=1, max_references=1)
        result = backend.render(request, tmp_path / "x.png")
        assert result.width == result.height > 32
        sheet = Reference(tmp_path / "x.png")
        with pytest.raises(BadRequest, match="HiDreamImagePipeline draws from words alone"):
            backend.render(ImageRequest("a", 64, 64, 1, (sheet,)), tmp_path / "y.png")


@pytest.mark.slow
def test_a_pipeline_of_the_models_own_code_is_taken_from_its_checkout(tmp_path: Path) -> None:
    """HiDream-E1 as its repository has it: a class that diffusers lacks, in a file beside it."""
    root = tiny("klein", tmp_path / "HiDream-E1-tiny")
    index = json.loads((root / "model_index.json").read_text())
    index["_class_name"] = "HiDreamImageEditingPipeline"
    (root / "model_index.json").write_text(json.dumps(index))
    request = ImageRequest("a cat", 64, 64, 1, (Reference(tmp_path / "sheet.png"),))
    (tmp_path / "sheet.png").write_bytes(png(64, 64))
    lone = ChildRunner(ENTRIES["diffusers-image"], Settings(weights=str(root)))
    told, worker = r"git clone https://\S+/HiDream-E1", Worker("diffusers-image", lone, lone.limits)
    with WorkerServer(worker) as server, pytest.raises(Unavailable, match=told):
        DiffusersImages(server.url, root.name).render(request, tmp_path / "x.png")
    checkout = tmp_path / "HiDream-E1"
    checkout.mkdir()
    (checkout / "pipeline_hidream_image_editing.py").write_text(
        "import diffusers\n\n\n"
        "class HiDreamImageEditingPipeline(diffusers.Flux2KleinPipeline):\n"
        "    def __call__(self, prompt, image=None, num_inference_steps=28, guidance_scale=5.0,\n"
        "                 image_guidance_scale=2.0, generator=None, output_type='pil'):\n"
        "        assert image_guidance_scale == 4.0 and not isinstance(image, list)\n"
        "        return super().__call__(image=image, prompt=prompt, generator=generator,\n"
        "            num_inference_steps=num_inference_steps, guidance_scale=1.0)\n"
    )
    runner = ChildRunner(
        ENTRIES["diffusers-image"], Settings(weights=str(root), source=str(checkout))
    )
    with WorkerServer(Worker("diffusers-image", runner, runner.limits)) as server:
        backend = DiffusersImages(server.url, root.name, steps=1)
        assert backend.render(request, tmp_path / "x.png").width
        with pytest.raises(BadRequest, match=r"draws from a picture only.*\[image.edit\]"):
            backend.render(ImageRequest("a", 64, 64, 1), tmp_path / "x.png")
