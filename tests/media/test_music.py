"""Music: the right track, as long as the film, with no seam to be heard."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import soundfile

from storyboard.core.errors import UsageError
from storyboard.media.audio.music import FOLDERS, RATE, find_track, loop, read_audio
from storyboard.plan import Music

MOODS = get_args(Music.model_fields["mood"].annotation)


@pytest.mark.parametrize("mood", MOODS)
def test_every_mood_has_a_track_of_its_kind(mood: str) -> None:
    track = find_track(Music.model_validate({"mood": mood}), seed=3)
    if mood == "none":
        assert track is None
    else:
        assert track is not None
        assert track.parent.name in FOLDERS[mood]
        assert track == find_track(Music.model_validate({"mood": mood}), seed=3)


def test_other_seeds_choose_other_tracks() -> None:
    assert len({find_track(Music(mood="calm"), seed) for seed in range(20)}) > 3


def test_a_track_may_be_named_or_be_a_file_of_ones_own(tmp_path: Path) -> None:
    packaged = find_track(Music(mood="calm"), 0)
    assert packaged is not None
    assert find_track(Music(track=packaged.stem, mood="tense"), 0) == packaged
    own = tmp_path / "mine: 100% [loud].wav"
    soundfile.write(own, np.zeros((4410, 1), np.float32), 44_100)
    assert find_track(Music(track=str(own)), 0) == own


def test_of_a_long_track_only_what_is_heard_is_decoded(tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    soundfile.write(path, np.linspace(-0.5, 0.5, 60 * 44_100), 44_100)
    whole, start = read_audio(path), read_audio(path, 2.5)
    assert start.shape == (120_000, 2)
    assert np.array_equal(start, whole[:120_000])


def test_any_audio_becomes_48_khz_stereo(tmp_path: Path) -> None:
    path = tmp_path / "mono.wav"
    soundfile.write(path, 0.5 * np.sin(2 * np.pi * 440 * np.arange(44_100) / 44_100), 44_100)
    samples = read_audio(path)
    assert samples.shape == (pytest.approx(RATE, abs=64), 2)
    # One channel spread over two keeps its power: 3 dB less in each.
    assert np.abs(samples).max() == pytest.approx(0.5 / np.sqrt(2), abs=0.02)


def test_a_file_that_is_no_audio_is_refused(tmp_path: Path) -> None:
    fake = tmp_path / "song.mp3"
    fake.write_text("not music at all")
    with pytest.raises(UsageError, match=r"music\.track: .*song\.mp3"):
        read_audio(fake)


def click_track(seconds: float) -> np.ndarray:
    """Two clicks a second over a soft noise, fading out at its end as songs do."""
    count = round(seconds * RATE)
    noise = 0.02 * np.random.default_rng(1).standard_normal(count)
    for start in range(0, count - 2400, RATE // 2):
        noise[start : start + 2400] += np.sin(np.arange(2400) / 6) * np.exp(-np.arange(2400) / 400)
    fade = round(1.5 * RATE)
    noise[-fade:] *= np.linspace(1, 0, fade) ** 2
    return np.repeat(noise[:, None], 2, axis=1).astype(np.float32)


def test_a_loop_is_as_long_as_asked_and_begins_as_the_track() -> None:
    track = click_track(9.3)
    assert np.array_equal(loop(track, 3 * RATE), track[: 3 * RATE])
    long = loop(track, 31 * RATE + 7)
    assert long.shape == (31 * RATE + 7, 2)
    assert np.array_equal(long[:RATE], track[:RATE])


def test_a_loop_keeps_the_beat_and_the_loudness() -> None:
    played = loop(click_track(9.3), 30 * RATE)[:, 0]
    windows = played.reshape(-1, RATE // 2)
    level = np.sqrt((windows**2).mean(axis=1))
    assert level.min() > 0.6 * np.median(level)
    # Every click falls on the half second (the loop's grid is 10 ms).
    peaks = np.abs(played).reshape(-1, RATE // 100).max(axis=1)
    clicks = np.flatnonzero(peaks > 0.5) * 0.01
    off = np.abs((clicks + 0.25) % 0.5 - 0.25)
    assert off.max() <= 0.031


def test_a_very_short_track_still_fills_the_film() -> None:
    assert len(loop(click_track(9.3)[: RATE // 3], 5 * RATE)) == 5 * RATE
