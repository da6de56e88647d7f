"""What a file really holds, whatever its name or header claims."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from renderers.audio_file import AudioError, decode_mono
from renderers.errors import BadOutput
from renderers.ffmpeg import run_ffmpeg
from renderers.probe import (
    decode_frames,
    decode_gray,
    is_faststart,
    measure_loudness,
    packets_digest,
    probe,
)

PICTURE = ["-f", "lavfi", "-i", "testsrc=s=64x48:r=25:d=2"]
SOUND = ["-f", "lavfi", "-i", "sine=frequency=1000:sample_rate=44100:duration=1.5"]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("probe") / "film.mp4"
    run_ffmpeg([*PICTURE, *SOUND, "-pix_fmt", "yuv420p", "-c:a", "aac", out])
    return out


def test_a_film_is_measured(film: Path) -> None:
    media = probe(film)
    assert (media.width, media.height, media.fps, media.frames) == (64, 48, 25.0, 50)
    assert (media.video_codec, media.pixel_format) == ("h264", "yuv420p")
    assert (media.audio_codec, media.sample_rate, media.channels) == ("aac", 44_100, 1)
    assert media.constant_rate
    assert media.video_seconds == pytest.approx(2.0)
    assert media.audio_seconds == pytest.approx(1.5, abs=0.03)
    assert media.seconds == media.video_seconds


def test_a_varying_rate_is_seen(tmp_path: Path) -> None:
    out = tmp_path / "vfr.mp4"
    select = "select='not(eq(mod(n,5),2))'"
    run_ffmpeg([*PICTURE, "-vf", select, "-fps_mode", "vfr", "-pix_fmt", "yuv420p", out])
    media = probe(out)
    assert not media.constant_rate
    assert media.frames == 40


def test_a_wav_has_sound_only(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, np.zeros((24_000, 2), np.float32), 48_000)
    media = probe(path)
    assert (media.sample_rate, media.channels, media.frames, media.width) == (48_000, 2, 0, 0)
    assert media.seconds == pytest.approx(0.5)


@pytest.mark.parametrize("content", [b"", b"no film", b"\x00\x00\x00\x18ftypmp42" + bytes(40)])
def test_what_is_no_media_is_refused_by_name(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "broken.mp4"
    path.write_bytes(content)
    with pytest.raises(BadOutput, match=r"broken\.mp4|neither picture nor sound"):
        probe(path)


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(BadOutput, match=r"gone\.mp4"):
        probe(tmp_path / "gone.mp4")


def test_loudness_of_a_known_tone(tmp_path: Path) -> None:
    # EBU R128: a 1 kHz sine at −23 dBFS in both channels reads −23 LUFS.
    wave = 10 ** (-23 / 20) * np.sin(2 * np.pi * 1000 * np.arange(5 * 48_000) / 48_000)
    soundfile.write(tmp_path / "tone.wav", np.stack([wave, wave], axis=1), 48_000)
    loudness = measure_loudness(tmp_path / "tone.wav")
    assert loudness.integrated == pytest.approx(-23.0, abs=0.15)
    assert loudness.true_peak == pytest.approx(-23.0, abs=0.15)


def test_true_peaks_lie_between_samples(tmp_path: Path) -> None:
    # A quarter of the sample rate, sampled off its crests: samples stay 3 dB under the peak.
    wave = 0.9 * np.sin(2 * np.pi * 12_000 * np.arange(96_000) / 48_000 + np.pi / 4)
    soundfile.write(tmp_path / "t.wav", np.stack([wave, wave], axis=1), 48_000, subtype="FLOAT")
    peak = measure_loudness(tmp_path / "t.wav").true_peak
    assert peak > 20 * np.log10(np.abs(wave).max()) + 2


def test_a_file_without_sound_cannot_be_loud(tmp_path: Path) -> None:
    run_ffmpeg([*PICTURE, "-pix_fmt", "yuv420p", tmp_path / "mute.mp4"])
    with pytest.raises(BadOutput):
        measure_loudness(tmp_path / "mute.mp4")


def test_where_the_index_stands_is_seen(film: Path, tmp_path: Path) -> None:
    assert not is_faststart(film)
    run_ffmpeg(["-i", film, "-c", "copy", "-movflags", "+faststart", tmp_path / "fast.mp4"])
    assert is_faststart(tmp_path / "fast.mp4")


def test_sound_copied_into_another_file_is_the_same_sound(film: Path, tmp_path: Path) -> None:
    run_ffmpeg(["-i", film, "-vn", "-c", "copy", tmp_path / "copy.m4a"])
    run_ffmpeg(["-i", film, "-vn", "-c:a", "aac", "-b:a", "64k", tmp_path / "again.m4a"])
    assert packets_digest("audio", tmp_path / "copy.m4a") == packets_digest("audio", film)
    assert packets_digest("audio", tmp_path / "again.m4a") != packets_digest("audio", film)


def test_still_and_black_pictures_measure_as_such(tmp_path: Path) -> None:
    source = "color=black:s=64x48:r=10:d=1[a];nullsrc=s=64x48:r=10:d=1,geq=lum=random(1)*255:cb=128:cr=128[b];[a][b]concat"
    run_ffmpeg(["-filter_complex", source, "-pix_fmt", "yuv420p", tmp_path / "a.mp4"])
    luma, change = decode_gray(tmp_path / "a.mp4")
    assert 17 <= len(luma) <= 20
    assert luma[:8].max() < 18 < luma[12:].min()
    assert change[1:8].max() < 0.02
    assert change[12:].min() > 0.1


def test_frames_and_samples_come_out_whole(film: Path) -> None:
    frames = list(decode_frames(film))
    assert len(frames) == 50
    assert frames[0].shape == (48, 64, 3)
    sound = decode_mono(film, 8000)
    assert len(sound) == pytest.approx(1.5 * 8000, abs=300)
    assert np.abs(np.fft.rfft(sound)).argmax() / (len(sound) / 8000) == pytest.approx(1000, abs=5)


def test_a_list_of_other_files_is_no_film(tmp_path: Path) -> None:
    run_ffmpeg([*PICTURE, *SOUND, "-pix_fmt", "yuv420p", "-c:a", "aac", tmp_path / "secret.mp4"])
    lists = {
        "film.mp4": "ffconcat version 1.0\nfile secret.mp4\n",
        "film.m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:1,\nsecret.mp4\n#EXT-X-ENDLIST\n",
    }
    for name, text in lists.items():
        (tmp_path / name).write_text(text)
        with pytest.raises(BadOutput, match="cannot be read as media"):
            probe(tmp_path / name)
        with pytest.raises(AudioError, match="holds no audio"):
            decode_mono(tmp_path / name, 16_000)
