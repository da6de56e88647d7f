"""OpenAI-style video servers and ComfyUI, against servers that bite like the real ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import soundfile
from fake_comfyui import FakeComfyUI
from fake_videos import FakeVideoServer
from tiny_films import line
from video_inputs import first_frame, striped_picture

from renderers.base import ClipRequest, Reference
from renderers.errors import BadOutput, BadRequest, OutOfMemory, Refused, Unavailable
from renderers.probe import probe
from renderers.video.comfyui import ComfyClips
from renderers.video.openai import OpenAIVideos

WIDTH, HEIGHT = 180, 320


@pytest.fixture
def request_for(tmp_path: Path) -> Callable[..., ClipRequest]:
    def build(frames: int = 20, fps: int = 24, spoken: bool = False, **more: Any) -> ClipRequest:
        image = striped_picture(tmp_path / "picture.png", 2 * WIDTH, 2 * HEIGHT)
        audio = None
        if spoken:
            audio = tmp_path / "line.wav"
            soundfile.write(audio, line(frames / fps, 3), 48_000)
        more = {"prompt": "a cat walks", **more}
        return ClipRequest(image, WIDTH, HEIGHT, fps, frames, audio=audio, **more)

    return build


def backend_for(server: FakeVideoServer, **more: Any) -> OpenAIVideos:
    given = {"dialect": server.dialect, "family": server.family, "poll_s": 0.01, **more}
    return OpenAIVideos(server.url, server.model, **given)


@pytest.mark.parametrize("dialect", ["vllm-omni", "sglang"])
@pytest.mark.parametrize(
    ("family", "size", "fps", "frames"),
    [
        ("ltx2", "192x320", 24, 25),
        ("wan2.2-a14b", "192x320", 16, 17),
        ("wan2.2-5b", "192x320", 24, 21),
    ],
)
def test_a_clip_comes_back_exactly_as_asked(
    tmp_path: Path,
    request_for: Callable[..., ClipRequest],
    dialect: Any,
    family: str,
    size: str,
    fps: int,
    frames: int,
) -> None:
    with FakeVideoServer(dialect, family=family) as server:
        result = backend_for(server).render(request_for(), tmp_path / "clip.mp4")
        (job,) = server.jobs
    assert (job.fields["size"], job.fields["fps"]) == (size, str(fps))
    assert job.fields["num_frames"] == str(frames)
    media = probe(result.path)
    assert (media.width, media.height, media.frames, media.fps) == (WIDTH, HEIGHT, 20, 24.0)
    assert first_frame(result.path)[160, 90].min() > 180
    # The file is not left lying on the server.
    assert job.deleted
    assert not media.channels


def test_the_server_waits_and_is_waited_for(
    tmp_path: Path, request_for: Callable[..., ClipRequest]
) -> None:
    with FakeVideoServer(polls=5) as server:
        backend_for(server).render(request_for(), tmp_path / "clip.mp4")
        assert server.jobs[0].asked == 6
    with FakeVideoServer(polls=10_000) as server:
        with pytest.raises(Unavailable, match="raise timeout_s"):
            backend_for(server, timeout_s=0.05).render(request_for(), tmp_path / "clip.mp4")
        # Nor does it work on for nobody.
        assert server.jobs[0].deleted


def test_a_broken_connection_does_not_cost_the_job(
    tmp_path: Path, request_for: Callable[..., ClipRequest]
) -> None:
    with FakeVideoServer(hangs_up=3) as server:
        clip = backend_for(server).render(request_for(), tmp_path / "clip.mp4")
        assert clip.frames == 20
        assert len(server.jobs) == 1


def test_a_speaking_model_gets_the_sound_as_a_reference(
    tmp_path: Path, request_for: Callable[..., ClipRequest]
) -> None:
    with FakeVideoServer(family="wan2.2-s2v") as server:
        backend = backend_for(server)
        assert backend.caps().lip_sync
        result = backend.render(request_for(spoken=True), tmp_path / "clip.mp4")
        (job,) = server.jobs
    assert "audio_reference" in job.fields and "input_reference" not in job.files
    assert result.has_audio and result.frames == 20


def test_sglang_takes_no_sound_and_so_moves_no_lips() -> None:
    backend = OpenAIVideos("http://127.0.0.1:9/v1", dialect="sglang", family="wan2.2-s2v")
    assert not backend.caps().lip_sync


@pytest.mark.parametrize(("keep", "asked"), [(True, "true"), (False, "false")])
def test_sound_is_asked_for_only_where_it_is_kept(
    tmp_path: Path, request_for: Callable[..., ClipRequest], keep: bool, asked: str
) -> None:
    with FakeVideoServer() as server:
        result = backend_for(server).render(request_for(keep_audio=keep), tmp_path / "clip.mp4")
        assert server.jobs[0].fields["generate_sound"] == asked
    assert result.has_audio is keep


@pytest.mark.parametrize(
    ("status", "message", "error"),
    [
        (0, "CUDA out of memory. Tried to allocate 2 GiB", OutOfMemory),
        (500, "CUDA out of memory", OutOfMemory),
        (400, "flagged by the content policy", Refused),
        (422, "num_frames must be positive", BadRequest),
        (401, "no key", Unavailable),
        (503, "busy", Unavailable),
        (0, "the worker died", Unavailable),
    ],
)
def test_errors_mean_what_the_caller_can_do(
    tmp_path: Path,
    request_for: Callable[..., ClipRequest],
    status: int,
    message: str,
    error: type[Exception],
) -> None:
    with FakeVideoServer(fails=[(status, message)]) as server, pytest.raises(error):
        backend_for(server).render(request_for(), tmp_path / "clip.mp4")


def test_another_models_name_is_told_as_that(
    tmp_path: Path, request_for: Callable[..., ClipRequest]
) -> None:
    with FakeVideoServer(model="served") as server:
        backend = OpenAIVideos(server.url, "other", family="ltx2", poll_s=0.01)
        with pytest.raises(Unavailable, match="set video model"):
            backend.render(request_for(), tmp_path / "clip.mp4")


def test_wrong_options_are_refused_by_name() -> None:
    with pytest.raises(BadRequest, match="video dialect: 'sora' is none of"):
        OpenAIVideos("http://x/v1", dialect="sora")
    with pytest.raises(BadRequest, match=r"options\.family"):
        OpenAIVideos("http://x/v1", family="huge")
    with pytest.raises(BadRequest, match="flow_shift: unknown to dialect sglang"):
        OpenAIVideos("http://x/v1", dialect="sglang", flow_shift=3.0)


# --- ComfyUI ----------------------------------------------------------------


def workflow(folder: Path, *, titled: bool = True, spoken: bool = False) -> Path:
    def node(kind: str, title: str, **inputs: Any) -> dict[str, Any]:
        return {"class_type": kind, "inputs": inputs, "_meta": {"title": title if titled else kind}}

    nodes = {
        "5": node("LoadImage", "storyboard: image", image="example.png"),
        "6": node("CLIPTextEncode", "storyboard: prompt", text="…", clip=["1", 0]),
        "7": node("EmptyLTXVLatentVideo", "Storyboard: width, height, frames", width=768)
        | {"inputs": {"width": 768, "height": 512, "length": 97, "batch_size": 1}},
        "8": node("RandomNoise", "storyboard: seed", noise_seed=0),
        "9": node("CreateVideo", "storyboard: fps", fps=24, images=["8", 0]),
    }
    if spoken:
        nodes["10"] = node("LoadAudio", "storyboard: audio", audio="example.wav")
    path = folder / "workflow.json"
    path.write_text(json.dumps(nodes))
    return path


def test_a_workflow_is_filled_at_the_places_its_titles_name(
    tmp_path: Path, request_for: Callable[..., ClipRequest]
) -> None:
    with FakeComfyUI() as server:
        backend = ComfyClips(str(workflow(tmp_path)), server.url, poll_s=0.01)
        result = backend.render(request_for(seed=11), tmp_path / "clip.mp4")
        (sent,) = server.prompts
    assert sent["6"]["inputs"] == {"text": "a cat walks", "clip": ["1", 0]}
    assert sent["7"]["inputs"] == {"width": 192, "height": 320, "length": 25, "batch_size": 1}
    assert sent["8"]["inputs"]["noise_seed"] == 11
    assert sent["5"]["inputs"]["image"] in server.uploads
    media = probe(result.path)
    assert (media.width, media.height, media.frames, media.fps) == (WIDTH, HEIGHT, 20, 24.0)
    assert first_frame(result.path)[160, 90].min() > 180


def test_a_workflow_without_titles_is_filled_by_a_map(
    tmp_path: Path, request_for: Callable[..., ClipRequest]
) -> None:
    places = {"image": "5.image", "prompt": "6.text", "seed": "8.noise_seed", "fps": "9.fps"}
    places |= {"width": "7.width", "height": "7.height", "frames": "7.length"}
    path = str(workflow(tmp_path, titled=False))
    with FakeComfyUI() as server:
        backend = ComfyClips(path, server.url, places=places, poll_s=0.01)
        assert backend.render(request_for(), tmp_path / "clip.mp4").frames == 20
    with pytest.raises(BadRequest, match="the same clip for ever"):
        ComfyClips(path)
    with pytest.raises(BadRequest, match=r"places\.seed: the workflow has no input 99\.seed"):
        ComfyClips(path, places={**places, "seed": "99.seed"})


def test_a_workflow_that_hears_can_move_lips(
    tmp_path: Path, request_for: Callable[..., ClipRequest]
) -> None:
    with FakeComfyUI() as server:
        mute = ComfyClips(str(workflow(tmp_path)), server.url, family="ltx2-a2v")
        assert not mute.caps().lip_sync
        path = str(workflow(tmp_path, spoken=True))
        backend = ComfyClips(path, server.url, family="ltx2-a2v", poll_s=0.01)
        assert backend.caps().lip_sync
        result = backend.render(request_for(spoken=True), tmp_path / "clip.mp4")
        assert any(name.endswith(".wav") for name in server.uploads)
    assert result.has_audio


def test_memory_is_let_go_when_the_card_is_full_or_when_told(
    tmp_path: Path, request_for: Callable[..., ClipRequest]
) -> None:
    with FakeComfyUI(breaks="Allocation on device: CUDA out of memory") as server:
        backend = ComfyClips(str(workflow(tmp_path)), server.url, poll_s=0.01)
        with pytest.raises(OutOfMemory, match="KSampler"):
            backend.render(request_for(), tmp_path / "clip.mp4")
        assert not server.loaded
        backend.render(request_for(seed=2), tmp_path / "clip.mp4")
        assert server.loaded
        tidy = ComfyClips(str(workflow(tmp_path)), server.url, poll_s=0.01, free=True)
        tidy.render(request_for(seed=3), tmp_path / "clip.mp4")
        assert not server.loaded


def test_what_comfyui_refuses_or_leaves_out_is_told(
    tmp_path: Path, request_for: Callable[..., ClipRequest]
) -> None:
    with FakeComfyUI() as server:
        path = workflow(tmp_path, spoken=True)
        nodes = json.loads(path.read_text())
        nodes["10"]["_meta"]["title"] = "a sound that is nowhere"
        path.write_text(json.dumps(nodes))
        backend = ComfyClips(str(path), server.url, poll_s=0.01)
        with pytest.raises(BadRequest, match=r"node 10 \(LoadAudio\): Value not in list"):
            backend.render(request_for(), tmp_path / "clip.mp4")
        backend = ComfyClips(str(workflow(tmp_path)), server.url, poll_s=0.01)
        backend.render(request_for(), tmp_path / "clip.mp4")
        with pytest.raises(BadOutput, match="from its cache"):
            backend.render(request_for(), tmp_path / "clip.mp4")
        server.breaks = "shapes do not fit"
        with pytest.raises(BadOutput, match="KSampler: shapes do not fit"):
            backend.render(request_for(seed=5), tmp_path / "clip.mp4")


def test_a_clip_that_comfyui_made_before_is_saved_once_more(
    tmp_path: Path, request_for: Callable[..., ClipRequest]
) -> None:
    path = workflow(tmp_path)
    nodes = json.loads(path.read_text())
    nodes["11"] = {"class_type": "SaveVideo", "inputs": {"filename_prefix": "video/film"}}
    path.write_text(json.dumps(nodes))
    with FakeComfyUI() as server:
        backend = ComfyClips(str(path), server.url, poll_s=0.01)
        for _ in range(2):
            assert backend.render(request_for(), tmp_path / "clip.mp4").frames == 20
    first, again, renamed = (p["11"]["inputs"]["filename_prefix"] for p in server.prompts)
    assert first == again == "video/film"
    assert renamed.startswith("video/film_")


def test_a_job_is_asked_after_again_when_nobody_answered(
    tmp_path: Path, request_for: Callable[..., ClipRequest]
) -> None:
    with FakeComfyUI(hangs_up=3) as server:
        backend = ComfyClips(str(workflow(tmp_path)), server.url, poll_s=0.01)
        assert backend.render(request_for(), tmp_path / "clip.mp4").frames == 20
        server.hangs_up = 1000
        with pytest.raises(Unavailable, match="no answer"):
            backend.render(request_for(seed=2), tmp_path / "clip.mp4")
        assert server.hangs_up > 900


def test_a_job_that_comfyui_lost_is_not_waited_for(
    tmp_path: Path, request_for: Callable[..., ClipRequest]
) -> None:
    with FakeComfyUI(forgets=True) as server:
        backend = ComfyClips(str(workflow(tmp_path)), server.url, poll_s=0.01)
        with pytest.raises(Unavailable, match="lost the job"):
            backend.render(request_for(), tmp_path / "clip.mp4")


def test_giving_up_stops_nobody_elses_work(
    tmp_path: Path, request_for: Callable[..., ClipRequest]
) -> None:
    with FakeComfyUI(waiting=True) as server:
        backend = ComfyClips(str(workflow(tmp_path)), server.url, poll_s=0.01, timeout_s=0.05)
        with pytest.raises(Unavailable, match="raise timeout_s"):
            backend.render(request_for(), tmp_path / "clip.mp4")
        assert server.dropped == ["job-0"]  # from the queue; what runs is somebody's
        server.waiting, server.polls = False, 10**9
        with pytest.raises(Unavailable, match="raise timeout_s"):
            backend.render(request_for(seed=2), tmp_path / "clip.mp4")
        assert server.dropped == ["job-0", "job-1"]


def test_a_workflow_of_the_wrong_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "graph.json"
    path.write_text(json.dumps({"nodes": [], "links": []}))
    with pytest.raises(BadRequest, match=r"Export \(API\)"):
        ComfyClips(str(path))
    with pytest.raises(BadRequest, match="No such file"):
        ComfyClips(str(tmp_path / "none.json"))
    path.write_text(
        json.dumps({"1": {"class_type": "X", "inputs": {}, "_meta": {"title": "storyboard: mood"}}})
    )
    with pytest.raises(BadRequest, match="asks for mood"):
        ComfyClips(str(path))


# --- references ------------------------------------------------------------------


@pytest.fixture
def sheets(tmp_path: Path) -> tuple[Reference, ...]:
    return tuple(
        Reference(striped_picture(tmp_path / f"{name}.png", 40, 60), name)
        for name in ("Ann", "Bob")
    )


def test_sheets_go_along_where_the_model_takes_them_and_the_prompt_counts_them(
    tmp_path: Path, request_for: Callable[..., ClipRequest], sheets: tuple[Reference, ...]
) -> None:
    with FakeVideoServer("vllm-omni", family="minimax-h3") as server:
        backend = backend_for(server, licence_confirmed=True)
        assert backend.caps().references == 8
        request = request_for(references=sheets)
        assert backend.render(request, tmp_path / "clip.mp4").frames == 20
        backend.render(request_for(), tmp_path / "clip.mp4")
    first, lone = server.jobs
    assert first.sheets == tuple(sheet.path.read_bytes() for sheet in sheets)
    assert first.fields["prompt"] == (
        "<Picture 1> is the first frame. <Picture 2> is Ann. <Picture 3> is Bob. a cat walks"
    )
    assert (int(first.fields["num_frames"]) - 5) % 17 == 0
    assert (lone.sheets, lone.fields["prompt"]) == ((), "a cat walks")


def test_a_licence_that_excludes_places_is_confirmed_first(tmp_path: Path) -> None:
    told = r"excludes the EU, the UK, Korea and the USA \(https://\S+\).*licence_confirmed = true"
    with pytest.raises(BadRequest, match=told):
        OpenAIVideos("http://127.0.0.1:9/v1", "MiniMaxAI/MiniMax-H3")
    with pytest.raises(BadRequest, match=told):
        ComfyClips(str(workflow(tmp_path)), family="minimax-h3")
    OpenAIVideos("http://127.0.0.1:9/v1", "MiniMaxAI/MiniMax-H3", licence_confirmed=True).close()


def test_a_workflow_takes_as_many_sheets_as_it_has_places(
    tmp_path: Path, request_for: Callable[..., ClipRequest], sheets: tuple[Reference, ...]
) -> None:
    path = workflow(tmp_path)
    nodes = json.loads(path.read_text())
    for number in (1, 2):
        title = {"title": f"storyboard: reference {number}"}
        load = {"class_type": "LoadImage", "inputs": {"image": ""}, "_meta": title}
        nodes[f"2{number}"] = load
        nodes["6"]["inputs"][f"image{number}"] = [f"2{number}", 0]
    path.write_text(json.dumps(nodes))
    declared = {"input": {"required": {}, "optional": {"image1": ["IMAGE"], "image2": ["IMAGE"]}}}
    info = {"CLIPTextEncode": declared, "LoadImage": {"input": {}, "output": ["IMAGE"]}}
    with FakeComfyUI(nodes=info) as server:
        backend = ComfyClips(str(path), server.url, poll_s=0.01)
        assert backend.caps().references == 2
        backend.render(request_for(references=sheets), tmp_path / "clip.mp4")
        backend.render(request_for(references=sheets[:1], seed=2), tmp_path / "clip.mp4")
    both, one = server.prompts
    assert {both["21"]["inputs"]["image"], both["22"]["inputs"]["image"]} <= server.uploads.keys()
    assert "22" not in one and "image2" not in one["6"]["inputs"]
