"""Effects that sound like the thing: where their energy lies, when it comes, how it goes."""

from __future__ import annotations

from typing import get_args

import numpy as np
import numpy.typing as npt
import pytest

from storyboard.media.audio.effects import (
    LOUDNESS,
    PEAK,
    RATE,
    StingName,
    effect,
    loudest,
    room_tone,
    sting,
)
from storyboard.plan import SoundName

Wave = npt.NDArray[np.float32]
NAMES = get_args(SoundName)


def share(wave: Wave, low: float, high: float) -> float:
    """Part of the energy between two frequencies in Hz."""
    power = np.abs(np.fft.rfft(wave)) ** 2
    bins = np.fft.rfftfreq(len(wave), 1 / RATE)
    return float(power[(bins >= low) & (bins < high)].sum() / power.sum())


def strongest(wave: Wave) -> float:
    """Frequency in Hz of the highest line in the spectrum."""
    return float(np.abs(np.fft.rfft(wave)).argmax() * RATE / len(wave))


def envelope(wave: Wave, step: float = 0.02) -> npt.NDArray[np.float64]:
    """Peak of every 20 ms."""
    size = round(step * RATE)
    return np.abs(wave[: len(wave) // size * size]).reshape(-1, size).max(axis=1)


def blows(wave: Wave) -> list[float]:
    """Seconds at which something strikes: the envelope leaps, 100 ms apart at least."""
    level = np.concatenate([[0.0, 0.0], envelope(wave)])
    found: list[float] = []
    for i in range(2, len(level)):
        leaps = level[i] > 0.2 and level[i] > 2.5 * min(level[i - 1], level[i - 2])
        if leaps and (not found or (i - 2) * 0.02 - found[-1] > 0.1):
            found.append((i - 2) * 0.02)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_every_effect_is_there_clean_and_the_same_each_time(name: SoundName) -> None:
    wave = effect(name)
    assert wave.dtype == np.float32
    assert np.isfinite(wave).all()
    assert 0.1 < len(wave) / RATE < 3.0
    assert abs(float(wave[-1])) < 1e-3
    assert abs(float(wave.mean())) < 0.01
    assert np.array_equal(wave, effect(name))


@pytest.mark.parametrize("name", NAMES)
def test_effects_are_alike_in_loudness_and_never_clip(name: SoundName) -> None:
    wave = effect(name)
    level, peak = loudest(wave), float(np.abs(wave).max())
    assert peak <= PEAK + 1e-6
    assert level == pytest.approx(LOUDNESS, rel=0.01) or peak == pytest.approx(PEAK)
    assert level > LOUDNESS / 4


@pytest.mark.parametrize("name", NAMES)
def test_a_phone_that_plays_no_bass_still_plays_every_effect(name: SoundName) -> None:
    assert share(effect(name), 140, 8000) > 0.02


def test_a_gavel_knocks_twice_on_wood() -> None:
    wave = effect("gavel")
    first, second = blows(wave)
    assert first == pytest.approx(0.0, abs=0.03)
    assert second == pytest.approx(0.32, abs=0.04)
    assert share(wave, 100, 2000) > 0.8
    # Wood is dead at once.
    assert envelope(wave)[round(0.25 / 0.02)] < 0.05


def test_a_door_is_a_latch_and_then_a_low_blow() -> None:
    wave = effect("door")
    assert share(wave[: round(0.06 * RATE)], 1000, 10000) > 0.5
    assert share(wave[round(0.08 * RATE) :], 40, 400) > 0.8


def test_a_beep_is_one_kilohertz_and_short() -> None:
    wave = effect("beep")
    assert strongest(wave) == pytest.approx(1000, abs=5)
    assert share(wave, 950, 1050) > 0.98
    assert len(wave) / RATE < 0.4


def test_a_notification_rises_by_a_fifth() -> None:
    wave = effect("notification")
    low, high = strongest(wave[: round(0.12 * RATE)]), strongest(wave[round(0.5 * RATE) :])
    assert high / low == pytest.approx(1.5, rel=0.03)


def test_applause_is_many_claps_that_swell_and_die_away() -> None:
    wave = effect("applause")
    assert len(wave) / RATE > 2
    assert share(wave, 500, 6000) > 0.8
    level = envelope(wave, 0.2)
    assert level[0] < level[4] > level[-1] * 3
    # Crackling, not steady noise: peaks stand far above the average.
    middle = wave[RATE : round(1.6 * RATE)]
    assert np.abs(middle).max() > 4 * np.sqrt((middle**2).mean())


def test_a_thud_is_low_and_gone() -> None:
    wave = effect("thud")
    assert share(wave, 20, 300) > 0.85
    assert envelope(wave)[round(0.3 / 0.02)] < 0.15 * envelope(wave).max()


def test_a_whoosh_rises_and_falls_with_no_attack() -> None:
    wave = effect("whoosh")
    level = envelope(wave, 0.05)
    assert 0.3 < level.argmax() / len(level) < 0.8
    assert level[0] < 0.15 * level.max()
    assert level[-1] < 0.2 * level.max()


def test_a_cell_door_rolls_then_clangs_and_rings() -> None:
    wave = effect("cell door")
    assert blows(wave)[-1] == pytest.approx(0.45, abs=0.05)
    # Steel rings on for a second, wood does not.
    ringing = float(np.abs(wave[round(1.2 * RATE) : round(1.4 * RATE)]).max())
    assert ringing > 0.04
    assert share(wave[round(0.6 * RATE) :], 180, 2500) > 0.8


def test_a_heart_beats_twice_in_pairs() -> None:
    wave = effect("heartbeat")
    lub, dub, again, _ = blows(wave)
    assert dub - lub == pytest.approx(0.24, abs=0.04)
    assert again - lub == pytest.approx(0.9, abs=0.04)
    assert share(wave, 30, 250) > 0.9


@pytest.mark.parametrize("kind", ["reversal", "payoff"])
def test_a_sting_begins_without_a_click_and_dies_away(kind: StingName) -> None:
    wave = sting(kind)
    assert abs(float(wave[0])) < 1e-3 and np.abs(wave[-20:]).max() < 1e-3
    assert loudest(wave) <= LOUDNESS * 1.01
    assert 1.0 < len(wave) / RATE < 2.0


def test_the_air_of_a_place_is_steady_and_other_outside() -> None:
    inside, outside = (room_tone(2.0, outside=out, seed=3) for out in (False, True))
    assert share(inside, 0, 600) > 0.8 > share(outside, 0, 600)
    levels = np.sqrt(np.square(inside).reshape(20, -1).mean(axis=1))
    assert levels.min() > 0.4 * levels.max()
