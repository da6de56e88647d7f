"""The workers' servers and processes, with fake packages that copy the real ones' signatures."""

from __future__ import annotations

import http.client
import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import soundfile
from ports import free_port
from video_inputs import striped_picture
from waiting import soon

from renderers.base import ClipRequest
from renderers.errors import BadRequest, OutOfMemory, RendererError, Unavailable
from renderers.probe import probe
from renderers.video.worker import DiffusersClips
from renderers.workers.catalog import ENTRIES, Settings, missing, weights_of
from renderers.workers.ditto import configuration
from renderers.workers.protocol import Job, error_of, from_wire, to_wire
from renderers.workers.runner import LAUNCH, ChildRunner
from renderers.workers.server import Worker, WorkerServer

FAKES = Path(__file__).parents[1] / "fakes" / "ltx"
WEIGHTS = ("ltx-2.3-22b-dev", "ltx-2.3-22b-distilled", "ltx-2.3-22b-distilled-lora-384")


def wav(seconds: float, channels: int = 2) -> bytes:
    buffer = io.BytesIO()
    tone = 0.2 * np.sin(np.arange(round(seconds * 16_000)) / 12)
    soundfile.write(buffer, np.stack([tone] * channels, axis=1), 16_000, format="WAV")
    return buffer.getvalue()


def a_job(folder: Path, **changes: Any) -> Job:
    picture = striped_picture(folder / "picture.png", 64, 128).read_bytes()
    job = Job("she speaks", 64, 128, 25, 24, 7, picture, wav(25 / 24))
    return replace(job, **changes)


@pytest.fixture
def ltx(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Callable[..., ChildRunner]]:
    """Builds a runner over fake packages of one release, with empty weights of the real names."""
    weights, encoder = tmp_path / "LTX-2", tmp_path / "gemma"
    weights.mkdir()
    encoder.mkdir()
    for name in (*WEIGHTS, "ltx-2.3-spatial-upscaler-x2-1.0"):
        (weights / f"{name}.safetensors").touch()
    monkeypatch.setenv("LTX_RECORD", str(tmp_path / "record.json"))
    with ExitStack() as stack:

        def build(release: str, name: str = "ltx2-a2v", **settings: Any) -> ChildRunner:
            paths = os.pathsep.join(str(FAKES / part) for part in (release, "common"))
            monkeypatch.setenv("PYTHONPATH", paths)
            # The server, here in this process, asks whether the packages could be imported.
            monkeypatch.syspath_prepend(str(FAKES / release))
            given = {"weights": str(weights), "text_encoder": str(encoder), **settings}
            runner = ChildRunner(ENTRIES[name], Settings(**given))
            stack.callback(runner.release)
            return runner

        yield build


def record(tmp_path: Path) -> dict[str, dict[str, Any]]:
    """What was noted last, by what it is."""
    return {entry["what"]: entry for entry in json.loads((tmp_path / "record.json").read_text())}


def never() -> bool:
    return False


# --- LTX-2, by whichever interface is installed ------------------------------


def test_the_interface_of_1_0(tmp_path: Path, ltx: Callable[..., ChildRunner]) -> None:
    runner = ltx("v1_0", quantization="fp8-cast")
    runner.make(a_job(tmp_path), tmp_path / "clip.mp4", never)
    noted = record(tmp_path)
    built, called = noted["built"], noted["called"]
    assert built["checkpoint_path"].endswith("ltx-2.3-22b-dev.safetensors")
    assert built["gemma_root"] == str(tmp_path / "gemma")
    assert built["spatial_upsampler_path"].endswith("upscaler-x2-1.0.safetensors")
    assert built["distilled_lora"][0][1:] == [1.0, "renaming"]
    assert built["quantization"]["name"] == "classic fp8-cast"
    assert called["images"] == [[called["images"][0][0], 0, 1.0]]
    assert (called["num_frames"], called["frame_rate"], called["seed"]) == (25, 24.0, 7)
    assert called["tiling_config"]["type"] == "TilingConfig"
    assert called["audio_max_duration"] == pytest.approx(25 / 24)
    assert noted["encode"]["chunks"] == 4 and noted["encode"]["stereo"] == 2
    media = probe(tmp_path / "clip.mp4")
    assert (media.width, media.height, media.frames) == (64, 128, 25)


def test_the_interface_of_1_2(tmp_path: Path, ltx: Callable[..., ChildRunner]) -> None:
    runner = ltx("v1_2", quantization="fp8-cast", offload="cpu")
    runner.make(a_job(tmp_path), tmp_path / "clip.mp4", never)
    noted = record(tmp_path)
    built, called = noted["built"], noted["called"]
    assert built["model_paths"]["checkpoint_path"].endswith("ltx-2.3-22b-dev.safetensors")
    assert built["model_paths"]["gemma_root"] == str(tmp_path / "gemma")
    assert built["quantization"]["name"] == "built fp8-cast"
    assert built["quantization"]["checkpoint"].endswith("dev.safetensors")
    assert built["offload_mode"] == "cpu"
    # It chooses its own tiles, and returns which.
    assert called["tiling_config"]["type"] == "AutoTiling"
    assert called["images"][0][1:] == [0, 1.0, None]
    assert called["video_guider_params"]["cfg_scale"] == 3.0
    assert called["video_guider_params"]["stg_blocks"] == [28]
    assert probe(tmp_path / "clip.mp4").frames == 25


def test_image_to_video_gets_guidance_for_its_sound(
    tmp_path: Path, ltx: Callable[..., ChildRunner], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LTX_KERNELS", "built")
    runner = ltx("v1_2", "ltx2-i2v", quantization="nvfp4-cast")
    job = a_job(tmp_path, audio=None, options={"steps": 12, "guidance_scale": 4.5})
    runner.make(job, tmp_path / "clip.mp4", never)
    noted = record(tmp_path)
    called = noted["called"]
    assert noted["built"]["quantization"]["name"] == "built nvfp4-cast"
    assert called["audio_guider_params"]["cfg_scale"] == 7.0
    assert called["video_guider_params"]["cfg_scale"] == 4.5
    assert called["num_inference_steps"] == 12


def test_the_distilled_model_is_not_its_lora(
    tmp_path: Path, ltx: Callable[..., ChildRunner]
) -> None:
    runner = ltx("v1_0", "ltx2-distilled")
    runner.make(a_job(tmp_path, audio=None), tmp_path / "clip.mp4", never)
    built = record(tmp_path)["built"]
    assert built["distilled_checkpoint_path"].endswith("22b-distilled.safetensors")
    with pytest.raises(BadRequest, match="options: steps"):
        job = a_job(tmp_path, audio=None, options={"steps": 3})
        runner.make(job, tmp_path / "clip.mp4", never)


PARTS = (
    "diffusion_models/ltx-2.5-22b-dev-transformer-bf16",
    "diffusion_models/ltx-2.5-22b-dev-transformer-nvfp4",
    "diffusion_models/ltx-2.5-22b-distilled-transformer-bf16",
    "text_encoders/gemma4-12b-with-proj-ltx-2.5-bf16",
    "vae/ltx-2.5-video-vae-bf16",
    "vae/ltx-2.5-video-vae-conv-bf16",
    "vae/ltx-2.5-audio-vae-bf16",
    "latent_upscale_models/ltx-2.5-latent-spatial-upscaler-x2-bf16-1.0",
    "loras/ltx-2.5-22b-distilled-lora-450-bf16",
)


def in_parts(folder: Path) -> Path:
    """Empty weights of LTX-2.5 under the names of their repository."""
    for name in PARTS:
        path = folder / f"{name}.safetensors"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return folder


def test_weights_in_parts_go_to_from_split(tmp_path: Path, ltx: Callable[..., ChildRunner]) -> None:
    weights = in_parts(tmp_path / "LTX-2.5")
    # Its text encoder is one of the parts: no folder of its own is asked for.
    settings = {"weights": str(weights), "text_encoder": str(tmp_path / "none")}
    runner = ltx("v1_2", quantization="fp8-cast", **settings)
    assert "encoder" not in missing(runner.entry, runner.settings)
    runner.make(a_job(tmp_path), tmp_path / "clip.mp4", never)
    built = record(tmp_path)["built"]
    assert {
        k: Path(v).name for k, v in built["model_paths"].items() if k.endswith("path") and v
    } == {
        "transformer_path": "ltx-2.5-22b-dev-transformer-bf16.safetensors",
        "text_encoder_path": "gemma4-12b-with-proj-ltx-2.5-bf16.safetensors",
        "video_vae_path": "ltx-2.5-video-vae-bf16.safetensors",
        "audio_vae_path": "ltx-2.5-audio-vae-bf16.safetensors",
    }
    assert built["spatial_upsampler_path"].endswith("upscaler-x2-bf16-1.0.safetensors")
    assert built["distilled_lora"][0][0].endswith("lora-450-bf16.safetensors")
    assert built["quantization"]["checkpoint"].endswith("dev-transformer-bf16.safetensors")
    assert probe(tmp_path / "clip.mp4").frames == 25
    with pytest.raises(Unavailable, match=r"need ltx-pipelines 1\.2"):
        ltx("v1_0", **settings).make(a_job(tmp_path), tmp_path / "clip.mp4", never)


def test_the_parts_that_lack_are_named_with_their_files(
    tmp_path: Path, ltx: Callable[..., ChildRunner]
) -> None:
    weights = in_parts(tmp_path / "LTX-2.5")
    runner = ltx("v1_2", "ltx2-distilled", weights=str(weights))
    assert "weights" not in missing(runner.entry, runner.settings)
    (weights / f"{PARTS[6]}.safetensors").unlink()
    said = missing(runner.entry, runner.settings)
    assert "audio VAE (**/*audio-vae*.safetensors)" in said
    assert "vae/ltx-2.5-audio-vae-bf16.safetensors" in said and "LTX-2.5-Pre" not in said


@pytest.mark.parametrize(
    ("quantization", "checkpoint"),
    [
        ("none", "dev"),
        ("fp8-cast", "dev"),
        ("fp8-scaled-mm", "dev-fp8"),
        ("nvfp4-prequant", "dev-fp4"),
    ],
)
def test_of_several_precisions_the_one_that_the_quantization_reads_is_taken(
    tmp_path: Path, ltx: Callable[..., ChildRunner], quantization: str, checkpoint: str
) -> None:
    for kind in ("fp4", "fp8"):
        runner = ltx("v1_2", quantization=quantization)
        (tmp_path / "LTX-2" / f"ltx-2.3-22b-dev-{kind}.safetensors").touch()
    found = weights_of(runner.entry, runner.settings)["checkpoint"]
    assert found is not None and found.name == f"ltx-2.3-22b-{checkpoint}.safetensors"


def test_a_quantization_without_its_checkpoint_is_told(
    tmp_path: Path, ltx: Callable[..., ChildRunner]
) -> None:
    runner = ltx("v1_2", quantization="fp8-scaled-mm")
    said = missing(runner.entry, runner.settings)
    assert "checkpoint (*dev*.safetensors)" in said and "for --quantization fp8-scaled-mm" in said


def test_what_a_release_cannot_do_is_refused_not_left_out(
    tmp_path: Path, ltx: Callable[..., ChildRunner]
) -> None:
    with pytest.raises(Unavailable, match="cannot offload"):
        ltx("v1_0", offload="cpu").make(a_job(tmp_path), tmp_path / "clip.mp4", never)
    with pytest.raises(Unavailable, match="no such policy"):
        runner = ltx("v1_0", quantization="nvfp4-cast")
        runner.make(a_job(tmp_path), tmp_path / "clip.mp4", never)
    with pytest.raises(Unavailable, match=r"nvfp4-cast: ltx-kernels not built.*fp8-cast needs"):
        runner = ltx("v1_2", quantization="nvfp4-cast")
        runner.make(a_job(tmp_path), tmp_path / "clip.mp4", never)


# --- the process --------------------------------------------------------------


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_cold_start_leaves_no_process_behind(
    tmp_path: Path, ltx: Callable[..., ChildRunner]
) -> None:
    runner = ltx("v1_2")
    nothing = {"resident": False, "idle_gib": 0.0, "peak_gib": None, "clips": 0, "peaks_gib": []}
    assert runner.holds() == nothing
    made = runner.make(a_job(tmp_path), tmp_path / "clip.mp4", never)
    assert made["seconds"] > 0 and made["ram_gib"] > 0
    assert not alive(record(tmp_path)["called"]["pid"])
    assert runner.holds()["resident"] is False


def test_a_persistent_worker_keeps_its_model_until_it_sleeps(
    tmp_path: Path, ltx: Callable[..., ChildRunner]
) -> None:
    pytest.importorskip("torch")
    runner = ltx("v1_2", persistent=True)
    worker = Worker("ltx2-a2v", runner, runner.limits, persistent=True)
    with WorkerServer(worker) as server:
        for _ in range(2):
            answer = httpx.post(f"{server.url}/clips", json=to_wire(a_job(tmp_path)), timeout=60)
            assert answer.headers["content-type"] == "video/mp4", answer.text
        entries = json.loads((tmp_path / "record.json").read_text())
        assert [e["what"] for e in entries].count("built") == 1
        pid = entries[0]["pid"]
        health = httpx.get(f"{server.url}/health").json()
        assert health["mode"] == "persistent" and health["memory"]["resident"] and alive(pid)
        assert httpx.post(f"{server.url}/sleep").json()["state"] == "asleep"
        assert not alive(pid)
        refused = httpx.post(f"{server.url}/clips", json=to_wire(a_job(tmp_path)))
        assert refused.status_code == 503 and refused.json()["error"]["code"] == "asleep"
        assert httpx.post(f"{server.url}/wake").json()["state"] == "awake"


@pytest.mark.parametrize(
    ("trouble", "error", "message"),
    [
        ("oom", OutOfMemory, "Tried to allocate 3.00 GiB"),
        ("killed", OutOfMemory, "host memory ran out"),
    ],
)
def test_a_child_that_fails_tells_why_and_is_not_kept(
    tmp_path: Path,
    ltx: Callable[..., ChildRunner],
    monkeypatch: pytest.MonkeyPatch,
    trouble: str,
    error: type[RendererError],
    message: str,
) -> None:
    runner = ltx("v1_2", persistent=True)
    monkeypatch.setenv("LTX_TROUBLE", trouble)
    with pytest.raises(error, match=message):
        runner.make(a_job(tmp_path), tmp_path / "clip.mp4", never)
    assert runner.holds()["resident"] is False
    monkeypatch.delenv("LTX_TROUBLE")
    runner.make(a_job(tmp_path), tmp_path / "clip.mp4", never)


def test_nothing_goes_on_for_a_client_that_left(
    tmp_path: Path, ltx: Callable[..., ChildRunner], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch")
    monkeypatch.setenv("LTX_TROUBLE", "slow")
    runner = ltx("v1_2")
    with WorkerServer(Worker("ltx2-a2v", runner, runner.limits)) as server:
        url = httpx.URL(server.url)
        client = http.client.HTTPConnection(url.host, url.port)
        body = json.dumps(to_wire(a_job(tmp_path)))
        client.request("POST", "/clips", body, {"Content-Type": "application/json"})
        soon(lambda: (tmp_path / "record.json").exists())
        client.close()
        soon(lambda: not runner.holds()["resident"])
        assert not alive(record(tmp_path)["built"]["pid"])


# --- the server without its model ----------------------------------------------


@pytest.mark.parametrize("name", sorted(ENTRIES))
def test_a_server_starts_without_its_weights_and_says_what_is_missing(
    tmp_path: Path, name: str
) -> None:
    port = free_port()
    command = [sys.executable, str(LAUNCH), "serve", name, "--port", str(port)]
    if name == "ltx2-a2v":
        # As a profile launches it; the command becomes the server, and so takes its signals.
        command = [sys.executable, "-m", "storyboard.cli", "worker", "run", *command[3:]]
    environment = {**os.environ, "HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    url = f"http://127.0.0.1:{port}"
    log = tmp_path / "log"
    with log.open("wb") as out, subprocess.Popen(command, env=environment, stderr=out) as server:
        try:
            health = _health(url)
            assert health["status"] == "not ready" and health["worker"] == name
            line = health["missing"]
            assert "\n" not in line and "hf download" in line
            job = a_job(tmp_path, audio=None)
            work = "pictures" if ENTRIES[name].limits == "pictures" else "clips"
            answer = httpx.post(f"{url}/{work}", json=to_wire(job))
            assert answer.status_code == 503
            assert answer.json()["error"] == {"code": "unavailable", "message": line}
            # It holds a port, and nothing of the model's.
            loaded = Path(f"/proc/{server.pid}/maps").read_text()
            assert "torch" not in loaded and "cuda" not in loaded
        finally:
            server.terminate()
            assert server.wait(10) == 0
    assert f"not ready: {line}" in log.read_text()


def _health(url: str) -> dict[str, Any]:
    for _ in range(600):
        try:
            return httpx.get(f"{url}/health").json()
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("the server did not start")


def test_a_taken_port_is_told_in_one_line(tmp_path: Path) -> None:
    import socket

    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        port = str(held.getsockname()[1])
        command = [sys.executable, str(LAUNCH), "serve", "ditto", "--port", port]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(f"cannot listen on 127.0.0.1:{port}")


def test_ready_is_ready(tmp_path: Path, ltx: Callable[..., ChildRunner]) -> None:
    runner = ltx("v1_2")
    lacking = missing(runner.entry, runner.settings)
    assert "weights" not in lacking and "text encoder" not in lacking
    (tmp_path / "LTX-2" / "ltx-2.3-spatial-upscaler-x2-1.0.safetensors").unlink()
    assert "spatial upscaler" in missing(runner.entry, runner.settings)


def test_ditto_takes_its_pytorch_configuration_first(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="pytorch"):
        configuration(tmp_path)
    (tmp_path / "ditto_cfg").mkdir()
    for name, models in (("trt", "ditto_trt_Ampere_Plus"), ("pytorch", "ditto_pytorch")):
        (tmp_path / "ditto_cfg" / f"v0.4_hubert_cfg_{name}.pkl").touch()
        (tmp_path / models).mkdir()
    assert configuration(tmp_path)[1].name == "ditto_pytorch"


def test_ditto_speaks_a_line_at_25_frames_a_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fakes = FAKES.parent / "ditto"
    monkeypatch.setenv("PYTHONPATH", str(fakes / "packages"))
    # The server, here in this process, asks whether the packages could be imported.
    monkeypatch.syspath_prepend(str(fakes / "packages"))
    weights = tmp_path / "weights"
    for name in ("ditto_pytorch", "ditto_trt_Ampere_Plus", "ditto_cfg"):
        (weights / name).mkdir(parents=True)
    for name in ("pytorch", "trt"):
        (weights / "ditto_cfg" / f"v0.4_hubert_cfg_{name}.pkl").touch()
    settings = Settings(weights=str(weights), source=str(fakes / "source"))
    runner = ChildRunner(ENTRIES["ditto"], settings)
    assert runner.missing() == ""
    sound = wav(31 / 25, channels=1)
    job = a_job(tmp_path, frames=31, fps=25, audio=sound, options={"emotion": 6})
    runner.make(job, tmp_path / "clip.mp4", never)
    media = probe(tmp_path / "clip.mp4")
    assert (media.frames, media.fps, media.channels) == (31, 25.0, 0)
    noted = json.loads((weights / "ditto_cfg" / "noted.json").read_text())
    # The TensorRT engines lie beside it, and do not run on every card.
    assert noted["cfg"].endswith("cfg_pytorch.pkl") and noted["models"].endswith("ditto_pytorch")
    assert (noted["emo"], noted["seed"], noted["frames"], noted["features"]) == (6, 7, 31, 31)
    assert noted["preloaded"] is True
    with pytest.raises(BadRequest, match="options: steps"):
        runner.make(replace(job, options={"steps": 4}), tmp_path / "clip.mp4", never)


# --- the wire -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"width": 65}, "65×128: both sides must be multiples of 64"),
        ({"frames": 24}, "frames: 24 is not 8·k \\+ 1"),
        ({"audio": wav(0.5)}, "audio: 0.500 s is shorter than the clip's 1.042 s"),
        ({"audio": wav(2.0, channels=1)}, "audio: has 1 channels; it takes 2"),
        ({"audio": None}, "audio: is missing"),
        ({"audio": b"noise"}, "audio: is no PCM WAV"),
    ],
)
def test_a_job_that_the_model_would_spoil_starts_no_process(
    tmp_path: Path, ltx: Callable[..., ChildRunner], changes: dict[str, Any], message: str
) -> None:
    runner = ltx("v1_2")
    with pytest.raises(BadRequest, match=message):
        runner.make(a_job(tmp_path, **changes), tmp_path / "clip.mp4", never)
    assert not (tmp_path / "record.json").exists()


def test_a_job_survives_the_wire_and_faults_are_named(tmp_path: Path) -> None:
    job = a_job(tmp_path, options={"steps": 4})
    assert from_wire(json.loads(json.dumps(to_wire(job)))) == job
    wire = to_wire(job)
    for change, message in (
        ({"width": "64"}, "width: '64' is no positive integer"),
        ({"frames": 0}, "frames: 0 is no positive integer"),
        ({"references": "x"}, "references: is no list"),
        ({"image": "???"}, "image: is no base64 text"),
        ({"size": 1}, "size: unknown"),
        ({"options": []}, "options: is no JSON object"),
    ):
        with pytest.raises(BadRequest, match=message):
            from_wire({**wire, **change})
    with pytest.raises(BadRequest, match="no JSON object"):
        from_wire([])
    assert isinstance(error_of("out_of_memory", "full"), OutOfMemory)
    assert isinstance(error_of("anything new", "?"), Unavailable)


# --- real models, tiny ------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "name", "sound"), [("wan", "wan2.2-i2v-a14b-tiny", 0), ("ltx2", "ltx-2-tiny", 2)]
)
def test_diffusers_makes_a_playable_clip_with_a_tiny_random_model(
    tmp_path: Path, model: str, name: str, sound: int
) -> None:
    for package in ("diffusers", "accelerate", "ftfy"):
        pytest.importorskip(package, reason=f"needs {package}: pip install 'storyboard[video]'")
    import tiny_video_models

    make = f"import sys, tiny_video_models as t; t.{model}(__import__('pathlib').Path(sys.argv[1]))"
    path = {**os.environ, "PYTHONPATH": str(Path(tiny_video_models.__file__).parent)}
    subprocess.run([sys.executable, "-c", make, str(tmp_path / name)], check=True, env=path)
    runner = ChildRunner(ENTRIES["diffusers"], Settings(weights=str(tmp_path / name)))
    picture = striped_picture(tmp_path / "picture.png", 40, 48)
    request = ClipRequest(picture, 40, 48, 12, 6, prompt="a cat walks", seed=3, keep_audio=True)
    with WorkerServer(Worker("diffusers", runner, runner.limits)) as server:
        backend = DiffusersClips(server.url, model=name, steps=2, guidance_scale=1.0)
        result = backend.render(request, tmp_path / "clip.mp4")
        assert httpx.get(f"{server.url}/health").json()["status"] == "ok"
    media = probe(result.path)
    assert (media.width, media.height, media.frames, media.fps) == (40, 48, 6, 12.0)
    assert media.channels == sound
