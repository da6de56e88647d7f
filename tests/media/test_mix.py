"""The mix: on its place to the sample, never cut, ducked, and at −14 LUFS once encoded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tiny_films import line

from renderers.audio_file import decode_mono
from renderers.errors import BadOutput
from renderers.probe import measure_loudness, probe
from storyboard.media.audio.mix import PEAK_DBTP, RATE, TARGET_LUFS, Cue, limit, master, mix


def tone(seconds: float, level: float, hertz: float = 220.0) -> np.ndarray:
    wave = level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)
    return np.repeat(wave[:, None], 2, axis=1).astype(np.float32)


def rms(track: np.ndarray, begin: float, end: float) -> float:
    return float(np.sqrt((track[round(begin * RATE) : round(end * RATE)] ** 2).mean()))


def decibels(ratio: float) -> float:
    return float(20 * np.log10(ratio))


def test_speech_stands_on_its_place_to_the_sample() -> None:
    spoken = line(1.0, 1)
    track = mix(3.0, [Cue(spoken, 1.25)], [], None, -18.0)
    assert track.shape == (3 * RATE, 2)
    begin = round(1.25 * RATE)
    assert np.array_equal(track[begin : begin + len(spoken)], spoken)
    assert not track[:begin].any()
    assert not track[begin + len(spoken) :].any()


def test_speech_that_would_be_cut_is_refused() -> None:
    with pytest.raises(BadOutput, match=r"line at 2\.50 s reaches beyond the film's 3\.00 s"):
        mix(3.0, [Cue(line(1.0, 1), 2.5)], [], None, -18.0)


def test_an_effect_at_the_very_end_fades_instead_of_being_cut() -> None:
    track = mix(2.0, [], [Cue(tone(1.0, 0.5), 1.5)], None, -18.0)
    assert rms(track, 1.6, 1.8) > 0.3
    assert np.abs(track[-20:]).max() < 0.01
    assert not mix(2.0, [], [Cue(tone(1.0, 0.5), 5.0)], None, -18.0).any()


def test_music_lies_under_speech_at_its_level_and_ducks_while_one_speaks() -> None:
    spoken = Cue(line(2.0, 1), 4.0)
    music = tone(12.0, 0.5)
    with_music = mix(12.0, [spoken], [], music, -18.0)
    alone = with_music - mix(12.0, [spoken], [], None, -18.0)
    free, under = rms(alone, 1.0, 3.0), rms(alone, 4.5, 5.8)
    assert decibels(free / rms(spoken.samples, 0, 2)) == pytest.approx(-18, abs=1.0)
    assert -10 < decibels(under / free) < -8
    # Already down at the first syllable, back up after the pause, without a leap.
    assert decibels(rms(alone, 4.0, 4.1) / free) < -7
    assert decibels(rms(alone, 8.5, 9.5) / free) > -1
    steps = np.abs(np.diff([rms(alone, t / 50, t / 50 + 0.02) for t in range(100, 500)]))
    assert steps.max() < 0.25 * free


def test_music_fades_in_and_out() -> None:
    track = mix(8.0, [], [], tone(8.0, 0.5), -18.0)
    assert rms(track, 0.0, 0.05) < 0.1 * rms(track, 3, 4)
    assert rms(track, 7.9, 8.0) < 0.1 * rms(track, 3, 4)


@pytest.mark.parametrize("level", [0.003, 0.2, 1.0])
def test_the_encoded_sound_has_its_loudness_and_true_peak(level: float, tmp_path: Path) -> None:
    spoken = [Cue(level * line(1.6, n), 0.2 + 2 * n) for n in range(3)]
    track = mix(6.5, spoken, [Cue(level * tone(0.2, 0.9), 5.0)], tone(6.5, 0.4), -18.0)
    told = master(track, tmp_path / "mix.m4a")
    measured = measure_loudness(tmp_path / "mix.m4a")
    assert measured == told
    assert measured.integrated == pytest.approx(TARGET_LUFS, abs=0.7)
    assert measured.true_peak <= PEAK_DBTP


def test_a_loud_click_does_not_pull_the_speech_down(tmp_path: Path) -> None:
    track = mix(5.0, [Cue(line(4.0, 1), 0.5)], [], None, -18.0)
    track[RATE : RATE + 30] = 0.99
    measured = master(track, tmp_path / "mix.m4a")
    assert measured.integrated == pytest.approx(TARGET_LUFS, abs=1.0)
    assert measured.true_peak <= PEAK_DBTP


def test_encoding_keeps_length_format_and_place(tmp_path: Path) -> None:
    spoken = line(1.0, 5)
    track = mix(3.125, [Cue(spoken, 1.0)], [], None, -18.0)
    master(track, tmp_path / "mix.m4a")
    media = probe(tmp_path / "mix.m4a")
    assert (media.audio_codec, media.sample_rate, media.channels) == ("aac", 48_000, 2)
    assert media.audio_seconds == pytest.approx(3.125, abs=0.022)
    heard = decode_mono(tmp_path / "mix.m4a", RATE)
    scores = np.correlate(heard[: 3 * RATE : 4], spoken[::4, 0], mode="valid")
    assert abs(int(scores.argmax()) * 4 - RATE) <= 8


def test_a_film_of_silence_stays_silent(tmp_path: Path) -> None:
    measured = master(np.zeros((2 * RATE, 2), np.float32), tmp_path / "mix.m4a")
    assert measured.integrated <= -69
    assert probe(tmp_path / "mix.m4a").audio_seconds == pytest.approx(2.0, abs=0.03)


def test_the_limiter_holds_its_ceiling_without_a_step() -> None:
    rng = np.random.default_rng(2)
    loud = (rng.standard_normal((RATE, 2)) * 0.5).astype(np.float32)
    assert np.abs(limit(loud, -6.0)).max() <= 10 ** (-6 / 20) * 1.0001
    steady = tone(1.0, 0.5)
    steady[RATE // 2] = 3.0
    gain = limit(steady, -3.0)[:, 0] / np.where(steady[:, 0] == 0, 1, steady[:, 0])
    gain = gain[np.abs(steady[:, 0]) > 0.05]
    assert gain.min() == pytest.approx(10 ** (-3 / 20) / 3.0, rel=0.01)
    assert np.abs(np.diff(gain)).max() < 0.02


def test_what_is_quiet_enough_is_left_alone() -> None:
    quiet = tone(0.5, 0.1)
    assert limit(quiet, -1.0) is quiet


def test_music_is_at_its_level_in_a_pause_of_half_a_second() -> None:
    first, second = Cue(line(2.0, 1), 1.0), Cue(line(2.0, 2), 3.6)
    with_music = mix(7.0, [first, second], [], tone(7.0, 0.5), -18.0)
    alone = with_music - mix(7.0, [first, second], [], None, -18.0)
    spoken = rms(first.samples, 0, 2)
    assert decibels(rms(alone, 3.3, 3.45) / spoken) > -21


def test_a_track_that_begins_softly_is_evened_out() -> None:
    music = np.concatenate([tone(6.0, 0.05), tone(6.0, 0.5)])
    track = mix(12.0, [], [], music, -18.0)
    assert decibels(rms(track, 2, 4) / rms(track, 8, 10)) > -9
