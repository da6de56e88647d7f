"""Reading sound: the same samples from any file, and one kind of error."""

from __future__ import annotations

import ast
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from renderers.audio_file import (
    AudioError,
    audio_seconds,
    decode_audio,
    decode_mono,
    read_audio,
)
from renderers.ffmpeg import run_ffmpeg

RATE = 48_000
ROOT = Path(__file__).parents[2]


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    """A second of 440 Hz left, 220 Hz right, full scale 0.5."""
    clock = np.arange(RATE) / RATE
    both = np.stack([0.5 * np.sin(2 * np.pi * hertz * clock) for hertz in (440, 220)], axis=1)
    path = tmp_path / "日本語 100%.wav"
    soundfile.write(path, both, RATE, subtype="FLOAT")
    return path


def test_a_wave_file_is_read_as_it_is(tone: Path) -> None:
    samples, rate = read_audio(tone)
    assert samples.shape == (RATE, 2) and rate == RATE and samples.dtype == np.float32
    assert np.abs(samples).max() == pytest.approx(0.5, abs=1e-3)
    assert audio_seconds(tone) == 1.0
    np.testing.assert_array_equal(decode_audio(tone, RATE), samples)


@pytest.mark.parametrize("kind", ["mp3", "m4a", "opus", "flac", "mp4"])
def test_any_container_gives_the_same_sound(tone: Path, kind: str) -> None:
    other = tone.with_suffix(f".{kind}")
    run_ffmpeg(["-i", tone, other])
    left, right = decode_audio(other, 16_000).T
    assert abs(len(left) - 16_000) < 2000
    for side, hertz in ((left, 440), (right, 220)):
        middle = side[4000:12_000]
        loudest = int(np.argmax(np.abs(np.fft.rfft(middle)))) * 16_000 / len(middle)
        assert loudest == pytest.approx(hertz, abs=3)
        assert np.abs(middle).max() == pytest.approx(0.5, abs=0.06)


def test_of_an_hour_no_more_is_held_than_is_wanted(tmp_path: Path) -> None:
    hour = tmp_path / "hour.wav"
    soundfile.write(hour, np.zeros(3600 * 8000, np.int16), 8000, subtype="PCM_16")
    read = f"""
        import resource
        from pathlib import Path
        from renderers.audio_file import decode_audio
        used = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        decode_audio(Path({str(hour)!r}), 48_000, 2, 0.1)
        before = used()
        assert len(decode_audio(Path({str(hour)!r}), 48_000, 2, 60.0)) == 60 * 48_000
        print(used() - before)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(read)], capture_output=True, text=True, check=True
    )
    # A minute at 48 kHz in stereo has 23 MB, and there are two copies for a moment; an hour of
    # frames would be 1.4 GB.
    assert float(done.stdout) < 80


def test_channels_are_as_asked_for(tone: Path, tmp_path: Path) -> None:
    assert decode_audio(tone, RATE, 2).shape == (RATE, 2)
    assert decode_audio(tone, RATE, 1).shape == (RATE, 1)
    assert decode_mono(tone, 16_000).shape == (16_000,)
    mono = tmp_path / "mono.wav"
    soundfile.write(mono, np.zeros(RATE), RATE)
    assert decode_audio(mono, RATE).shape == (RATE, 1)


def test_what_is_no_sound_is_told_by_name(tmp_path: Path) -> None:
    text = tmp_path / "text.wav"
    text.write_text("not audio")
    silent = tmp_path / "silent.mp4"
    run_ffmpeg(["-f", "lavfi", "-i", "color=s=64x64:d=0.2", silent])
    for path, said in (
        (tmp_path / "none.wav", "no audio file"),
        (text, "no audio that can be decoded"),
        (silent, "no sound|no audio"),
    ):
        with pytest.raises(AudioError, match=said) as told:
            decode_audio(path, RATE)
        assert path.name in str(told.value)
        with pytest.raises(AudioError):
            read_audio(path)
        with pytest.raises(AudioError):
            audio_seconds(path)


def modules() -> Iterator[tuple[Path, ast.Module]]:
    for package in ("storyboard", "renderers", "image_engine"):
        for path in sorted((ROOT / package).rglob("*.py")):
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def test_nobody_else_opens_sound() -> None:
    """A library that opens a path in its own way broke films once PyAV dropped an argument."""
    openers = {"decode_audio", "load_audio", "AudioResampler"}
    for path, tree in modules():
        if path.name == "audio_file.py":
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in openers:
                pytest.fail(f"{path}:{node.lineno} opens sound by {node.attr}")


def test_one_channel_is_as_loud_as_the_two_it_is_of(tmp_path: Path) -> None:
    clock = np.arange(RATE) / RATE
    one = 0.9 * np.sin(2 * np.pi * 440 * clock)
    path = tmp_path / "both.wav"
    soundfile.write(path, np.stack([one, one], axis=1), RATE, subtype="FLOAT")
    assert np.abs(decode_mono(path, 16_000)).max() == pytest.approx(0.9, abs=0.01)
