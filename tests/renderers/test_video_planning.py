"""What is asked of a video model: sizes, lengths and sound that it can make, never too little."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import skia
import soundfile

from renderers.errors import BadRequest
from renderers.video.inputs import audio_seconds, prepare_audio, prepare_picture
from renderers.video.planning import (
    LIMITS,
    ClipPlan,
    Wanted,
    family_of,
    fault_of,
    legal_frames,
    plan_clip,
)

RATE = 48_000


def plan(model: str, wanted: Wanted, longest: int | None = None) -> ClipPlan:
    return plan_clip(wanted, LIMITS[model], longest)


@pytest.mark.parametrize(
    ("at_least", "rule", "frames"),
    [
        (1, (8, 1), 1),
        (2, (8, 1), 9),
        (97, (8, 1), 97),
        (98, (8, 1), 105),
        (80, (4, 1), 81),
        (7, (1, 0), 7),
    ],
)
def test_legal_frame_counts(at_least: int, rule: tuple[int, int], frames: int) -> None:
    assert legal_frames(at_least, rule) == frames


@pytest.mark.parametrize(
    ("model", "size", "rendered"),
    [
        ("ltx2-a2v", (1920, 1080), (1920, 1088)),
        ("ltx2-i2v", (1080, 1920), (1088, 1920)),
        ("ltx2-i2v", (720, 1280), (768, 1280)),
        ("ltx2", (720, 1280), (736, 1280)),
        ("wan2.2-a14b", (720, 1280), (720, 1280)),
        ("wan2.2-a14b", (1920, 1080), (1920, 1088)),
        ("ditto", (720, 1280), (720, 1280)),
    ],
)
def test_a_size_is_rounded_up_never_down(
    model: str, size: tuple[int, int], rendered: tuple[int, int]
) -> None:
    made = plan(model, Wanted(*size, 24, 97, 4.0))
    assert (made.width, made.height) == rendered
    assert (made.content_width, made.content_height) == size


def test_a_model_may_render_smaller_in_the_same_shape() -> None:
    made = plan("ltx2-i2v", Wanted(1080, 1920, 24, 97), longest=768)
    assert (made.content_width, made.content_height) == (432, 768)
    assert (made.width, made.height) == (448, 768)
    ditto = plan("ditto", Wanted(2160, 3840, 24, 97, 1.0))
    assert max(ditto.width, ditto.height) == 1920


@pytest.mark.parametrize("model", sorted(LIMITS))
@pytest.mark.parametrize("fps", [24, 25, 30])
@pytest.mark.parametrize("seconds", [0.5, 1.0, 4.04, 7.3, 19.9])
def test_every_plan_is_legal_and_long_enough(model: str, fps: int, seconds: float) -> None:
    limits = LIMITS[model]
    frames = round(seconds * fps)
    heard = seconds if limits.audio_rate else None
    wanted = Wanted(720, 1280, fps, frames, heard)
    if limits.max_seconds is not None and seconds > limits.max_seconds:
        with pytest.raises(BadRequest, match="at most"):
            plan_clip(wanted, limits)
        return
    made = plan_clip(wanted, limits)
    assert made.frames / made.fps >= max(frames / fps, heard or 0) - 1e-6
    # The smallest of that kind: one legal step less would be too short.
    assert (made.frames - limits.frame_rule[0]) / made.fps < wanted.seconds + 3 / made.fps
    length = made.audio_samples / made.audio_rate if made.audio_rate else None
    assert not fault_of(
        limits,
        width=made.width,
        height=made.height,
        frames=made.frames,
        fps=made.fps,
        audio_seconds=length,
    )


def test_the_measured_sound_decides_where_it_is_longer_than_the_picture() -> None:
    assert plan("ltx2-a2v", Wanted(512, 768, 24, 96, 4.0)).frames == 97
    assert plan("ltx2-a2v", Wanted(512, 768, 24, 96, 4.5)).frames == 113


def test_what_no_model_can_make_is_refused_with_the_reason() -> None:
    with pytest.raises(BadRequest, match=r"21\.0 s; this model makes at most 20 s"):
        plan("ltx2-a2v", Wanted(720, 1280, 24, 504))
    with pytest.raises(BadRequest, match="0 frames"):
        plan("ditto", Wanted(720, 1280, 24, 0))


@pytest.mark.parametrize(
    ("model", "family"),
    [
        ("Wan-AI/Wan2.2-I2V-A14B-Diffusers", "wan2.2-a14b"),
        ("Wan-AI/Wan2.2-TI2V-5B-Diffusers", "wan2.2-5b"),
        ("Wan-AI/Wan2.2-S2V-14B", "wan2.2-s2v"),
        ("Lightricks/LTX-2.3", "ltx2"),
    ],
)
def test_a_models_name_tells_what_it_can(model: str, family: str) -> None:
    assert family_of(model) == family


# --- the picture and the sound ----------------------------------------------


def picture(folder: Path, width: int, height: int) -> Path:
    """Red on the left, blue on the right, a white line in the middle."""
    surface = skia.Surface(width, height)
    canvas = surface.getCanvas()
    canvas.clear(skia.ColorRED)
    half = skia.Rect.MakeXYWH(width / 2, 0, width / 2, height)
    canvas.drawRect(half, skia.Paint(Color=skia.ColorBLUE))
    line = skia.Rect.MakeXYWH(width / 2 - 4, 0, 8, height)
    canvas.drawRect(line, skia.Paint(Color=skia.ColorWHITE))
    out = folder / "picture.png"
    surface.makeImageSnapshot().save(str(out))
    return out


def pixels(data: bytes) -> np.ndarray:
    image = skia.Image.MakeFromEncoded(skia.Data.MakeWithCopy(data))
    return np.asarray(image.toarray(colorType=skia.kRGBA_8888_ColorType))


def test_the_picture_keeps_its_framing_and_its_colours(tmp_path: Path) -> None:
    made = plan("ltx2-i2v", Wanted(720, 1280, 24, 97))
    frame = pixels(prepare_picture(picture(tmp_path, 1440, 2560), made))
    assert frame.shape == (1280, 768, 4)
    # 24 pixels of margin on either side show the edge again; the line stays in the middle.
    assert tuple(frame[600, 0, :3]) == (255, 0, 0) and tuple(frame[600, -1, :3]) == (0, 0, 255)
    assert tuple(frame[600, 384, :3]) == (255, 255, 255)
    assert tuple(frame[600, 384 - 6, :3]) == (255, 0, 0)


def test_a_picture_of_another_shape_is_cut_from_its_middle(tmp_path: Path) -> None:
    made = plan("wan2.2-a14b", Wanted(720, 1280, 24, 97))
    frame = pixels(prepare_picture(picture(tmp_path, 2048, 2048), made))
    assert frame.shape == (1280, 720, 4)
    assert tuple(frame[600, 360, :3]) == (255, 255, 255)


def sound(folder: Path, seconds: float, channels: int) -> Path:
    time = np.arange(round(seconds * RATE)) / RATE
    wave = (0.5 * np.sin(2 * np.pi * 220 * time)).astype(np.float32)
    out = folder / f"sound_{channels}.wav"
    soundfile.write(out, np.stack([wave] * channels, axis=1), RATE)
    return out


@pytest.mark.parametrize("channels", [1, 2])
def test_sound_for_ltx_is_stereo_and_as_long_as_all_frames(tmp_path: Path, channels: int) -> None:
    line = sound(tmp_path, 4.0, channels)
    made = plan("ltx2-a2v", Wanted(512, 768, 24, 96, audio_seconds(line)))
    data, rate = soundfile.read(io.BytesIO(prepare_audio(line, made)), always_2d=True)
    assert (rate, data.shape[1]) == (16_000, 2)
    assert len(data) / rate >= made.frames / made.fps
    # Upmixed, not halved; padded with silence, not stretched.
    assert np.abs(data[:63_000]).max() == pytest.approx(0.5, abs=0.02)
    assert np.array_equal(data[:, 0], data[:, 1])
    assert not data[64_100:].any()


def test_sound_is_never_cut(tmp_path: Path) -> None:
    line = sound(tmp_path, 3.0, 2)
    made = plan("ditto", Wanted(512, 768, 24, 24, 1.0))
    data, rate = soundfile.read(io.BytesIO(prepare_audio(line, made)))
    assert len(data) / rate == pytest.approx(3.0, abs=0.001)
    assert data.ndim == 1


def test_noise_lies_under_the_sound_and_in_its_silence(tmp_path: Path) -> None:
    made = plan("ltx2-a2v", Wanted(512, 768, 24, 97, 2.0))
    noisy, _ = soundfile.read(io.BytesIO(prepare_audio(None, made, noise_db=-50.0, seed=3)))
    assert 20 * np.log10(np.sqrt(np.mean(noisy**2))) == pytest.approx(-50.0, abs=0.5)
    again = prepare_audio(None, made, noise_db=-50.0, seed=3)
    assert again == prepare_audio(None, made, noise_db=-50.0, seed=3)


def test_inputs_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    made = plan("ltx2-a2v", Wanted(512, 768, 24, 97, 2.0))
    with pytest.raises(BadRequest, match=r"broken\.png"):
        prepare_picture(broken, made)
    with pytest.raises(BadRequest, match=r"broken\.png"):
        audio_seconds(broken)
