"""Clips by workers: what goes there is legal, what comes back is exactly what was asked."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from fake_videos import FakeVideoServer
from fake_worker import fake_worker, runner_of
from tiny_films import line
from video_inputs import first_frame, sound_in, striped_picture

from renderers.audio_file import decode_mono
from renderers.base import ClipBackend, ClipRequest
from renderers.errors import BadOutput, BadRequest, OutOfMemory, Unavailable
from renderers.probe import decode_frames, probe
from renderers.video.worker import (
    DiffusersClips,
    DittoClips,
    LtxAudioClips,
    LtxDistilledClips,
    LtxImageClips,
)

WIDTH, HEIGHT = 180, 320


@pytest.fixture
def request_for(tmp_path: Path) -> Callable[..., ClipRequest]:
    def build(frames: int = 20, fps: int = 24, spoken: bool = False, **more: object) -> ClipRequest:
        image = striped_picture(tmp_path / "picture.png", 2 * WIDTH, 2 * HEIGHT)
        audio = None
        if spoken:
            audio = tmp_path / "line.wav"
            soundfile.write(audio, line(frames / fps, 3), 48_000)
        return ClipRequest(image, WIDTH, HEIGHT, fps, frames, audio=audio, **more)  # type: ignore[arg-type]

    return build


@pytest.mark.parametrize(
    ("name", "adapter", "spoken"),
    [
        ("ltx2-a2v", LtxAudioClips, True),
        ("ltx2-i2v", LtxImageClips, False),
        ("ltx2-distilled", LtxDistilledClips, False),
        ("ditto", DittoClips, True),
        ("diffusers", DiffusersClips, False),
    ],
)
@pytest.mark.parametrize(("frames", "fps"), [(20, 24), (13, 12), (31, 30)])
def test_the_clip_has_the_size_the_rate_and_the_frames_that_were_asked(
    tmp_path: Path,
    request_for: Callable[..., ClipRequest],
    name: str,
    adapter: type,
    spoken: bool,
    frames: int,
    fps: int,
) -> None:
    with fake_worker(name) as server:
        backend: ClipBackend = adapter(base_url=server.url)
        result = backend.render(request_for(frames, fps, spoken), tmp_path / "clip.mp4")
        backend.close()
        assert not runner_of(server).refused
    media = probe(result.path)
    assert (media.width, media.height, media.frames, media.fps) == (WIDTH, HEIGHT, frames, fps)
    assert media.constant_rate and media.video_codec == "h264"
    assert result.frames == frames and result.has_audio is spoken


def test_ditto_gives_25_frames_a_second_and_the_film_gets_its_own(
    tmp_path: Path, request_for: Callable[..., ClipRequest]
) -> None:
    with fake_worker("ditto") as server:
        result = DittoClips(server.url).render(request_for(48, 24, True), tmp_path / "clip.mp4")
        (job,) = runner_of(server).jobs
    assert job.fps == 25
    assert (result.fps, result.frames) == (24.0, 48)
    # Speech that ends the clip is still there: nothing was slowed down or cut.
    assert np.abs(decode_mono(result.path, 16_000)[-1600:]).max() > 0.05


def test_the_margin_of_a_legal_size_is_cut_off_again(
    tmp_path: Path, request_for: Callable[..., ClipRequest]
) -> None:
    with fake_worker("ltx2-i2v") as server:
        result = LtxImageClips(server.url).render(request_for(), tmp_path / "clip.mp4")
        (job,) = runner_of(server).jobs
    assert (job.width, job.height) == (192, 320)
    frame = first_frame(result.path)
    # The picture is red, blue, and white in the middle: where it was, in the same colours.
    assert frame[160, 10, 0] > 200 and frame[160, 10, 2] < 60
    assert frame[160, -10, 2] > 200 and frame[160, -10, 0] < 60
    assert frame[160, 90].min() > 200


def test_the_clean_take_is_heard_whatever_the_model_returned(
    tmp_path: Path, request_for: Callable[..., ClipRequest]
) -> None:
    with fake_worker("ltx2-a2v") as server:
        backend = LtxAudioClips(server.url, noise_db=-20.0)
        asked = request_for(48, 24, True)
        result = backend.render(asked, tmp_path / "clip.mp4")
        (job,) = runner_of(server).jobs
    assert job.audio is not None and asked.audio is not None
    sent, rate = soundfile.read(io.BytesIO(job.audio))
    assert rate == 16_000 and sent.shape[1] == 2
    assert len(sent) / rate >= job.frames / job.fps
    clean, heard = decode_mono(asked.audio, 16_000), decode_mono(result.path, 16_000)
    assert sound_in(heard, clean) > 0.98
    assert sound_in(sent.mean(axis=1), clean) < 0.9
    assert probe(result.path).channels == 2


@pytest.mark.parametrize(("keep", "channels"), [(True, 2), (False, 0)])
def test_a_models_own_sound_is_kept_only_on_purpose(
    tmp_path: Path, request_for: Callable[..., ClipRequest], keep: bool, channels: int
) -> None:
    with fake_worker("ltx2-i2v") as server:
        result = LtxImageClips(server.url).render(request_for(keep_audio=keep), tmp_path / "c.mp4")
    assert probe(result.path).channels == channels


def test_a_clip_without_the_sound_that_was_wanted_says_so(
    tmp_path: Path, request_for: Callable[..., ClipRequest]
) -> None:
    with fake_worker("ltx2-i2v", sound="none") as server:
        result = LtxImageClips(server.url).render(request_for(keep_audio=True), tmp_path / "c.mp4")
    assert result.warnings == ("the model made no sound",)


def test_a_smaller_rendering_is_scaled_to_the_canvas(
    tmp_path: Path, request_for: Callable[..., ClipRequest]
) -> None:
    with fake_worker("ltx2-i2v") as server:
        backend = LtxImageClips(server.url, resolution=128)
        result = backend.render(request_for(), tmp_path / "clip.mp4")
        (job,) = runner_of(server).jobs
    assert (job.width, job.height) == (128, 128)
    frame = first_frame(result.path)
    assert frame.shape == (HEIGHT, WIDTH, 3) and frame[160, 90].min() > 180


def test_a_worker_that_is_not_ready_says_what_it_lacks(
    tmp_path: Path, request_for: Callable[..., ClipRequest]
) -> None:
    fix = "ltx2-i2v lacks weights in ~/models/LTX-2 (hf download Lightricks/LTX-2)"
    with fake_worker("ltx2-i2v", lacks=fix) as server, pytest.raises(Unavailable, match=r"hf down"):
        LtxImageClips(server.url).render(request_for(), tmp_path / "clip.mp4")


def test_a_full_card_is_told_from_a_bad_request(
    tmp_path: Path, request_for: Callable[..., ClipRequest]
) -> None:
    with fake_worker("ltx2-a2v", no_memory=1) as server:
        backend = LtxAudioClips(server.url)
        with pytest.raises(OutOfMemory, match=r"Tried to allocate 2\.50 GiB"):
            backend.render(request_for(20, 24, True), tmp_path / "clip.mp4")
        assert backend.render(request_for(20, 24, True), tmp_path / "clip.mp4").frames == 20


def test_no_worker_and_another_server_are_told_apart(
    tmp_path: Path, request_for: Callable[..., ClipRequest]
) -> None:
    with pytest.raises(Unavailable, match="storyboard worker run ltx2-i2v"):
        LtxImageClips("http://127.0.0.1:9").render(request_for(), tmp_path / "clip.mp4")
    with (
        FakeVideoServer() as server,
        pytest.raises(Unavailable, match="is that a storyboard worker"),
    ):
        LtxImageClips(server.url).render(request_for(), tmp_path / "clip.mp4")


def test_a_clip_that_is_too_long_is_refused_before_anything_is_sent(
    tmp_path: Path, request_for: Callable[..., ClipRequest]
) -> None:
    with fake_worker("ltx2-a2v") as server:
        with pytest.raises(BadRequest, match="at most 20 s"):
            LtxAudioClips(server.url).render(request_for(500, 24), tmp_path / "clip.mp4")
        assert not runner_of(server).jobs


def test_an_answer_that_is_too_short_is_refused(
    tmp_path: Path, request_for: Callable[..., ClipRequest]
) -> None:
    from renderers.video.finishing import finish
    from renderers.video.planning import LIMITS, Wanted, plan_clip

    with fake_worker("diffusers") as server:
        short = DiffusersClips(server.url).render(request_for(9), tmp_path / "short.mp4")
    plan = plan_clip(Wanted(WIDTH, HEIGHT, 24, 20), LIMITS["ltx2"])
    with pytest.raises(BadOutput, match=r"9 frames at 24 fps\), 0\.83 s are needed"):
        finish(short.path, plan, request_for(20), tmp_path / "clip.mp4")
    assert not (tmp_path / "clip.mp4").exists()


def test_options_nobody_knows_are_refused_by_name() -> None:
    with pytest.raises(BadRequest, match="steps: unknown to ltx2-distilled"):
        LtxDistilledClips(steps=8)
    assert LtxAudioClips(steps=20).fingerprint()["steps"] == 20


def test_what_changes_the_picture_changes_the_fingerprint() -> None:
    plain = LtxAudioClips().fingerprint()
    assert LtxAudioClips(quantization="fp8-cast").fingerprint() != plain
    assert LtxAudioClips(resolution=768).fingerprint() != plain
    # Where it runs and how it is kept does not.
    assert LtxAudioClips(base_url="http://127.0.0.1:1", persistent=True).fingerprint() == plain


def test_the_first_frame_is_the_picture(
    tmp_path: Path, request_for: Callable[..., ClipRequest]
) -> None:
    with fake_worker("ditto") as server:
        result = DittoClips(server.url).render(request_for(20, 24, True), tmp_path / "clip.mp4")
    frames = list(decode_frames(result.path))
    assert len(frames) == 20
    assert frames[0][160, 90].min() > 180
