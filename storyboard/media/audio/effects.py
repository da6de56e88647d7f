"""Sound effects, synthesised: no file to license, the same every time.

Each is 48 kHz mono, made of a few physical parts (strikes, filtered noise, resonances), and
all are equally loud as a phone plays them.

Knows: how things sound. Does not know: when they sound.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from storyboard.plan import SoundName

RATE = 48_000
StingName = Literal["reversal", "payoff"]
Wave: TypeAlias = "npt.NDArray[np.float64]"
Partials = Sequence[tuple[float, float, float]]
"""(frequency in Hz, amplitude, decay time in seconds) each."""


LOUDNESS = 0.2
"""RMS of an effect's loudest 100 ms, without the bass that a phone cannot play."""
PEAK = 0.95


def effect(name: SoundName) -> npt.NDArray[np.float32]:
    """The effect as samples."""
    wave = _MAKERS[name](np.random.default_rng(7))
    tail = min(len(wave), RATE // 50)
    wave[-tail:] *= np.linspace(1.0, 0.0, tail)
    gain = min(LOUDNESS / loudest(wave), PEAK / float(np.abs(wave).max()))
    return (gain * wave).astype(np.float32)


def loudest(wave: npt.NDArray[Any]) -> float:
    """RMS of the loudest 100 ms above about 150 Hz."""
    spectrum = np.fft.rfft(wave)
    spectrum *= 1 / (1 + (150 / np.maximum(np.fft.rfftfreq(len(wave), 1 / RATE), 1)) ** 2)
    power = np.cumsum(np.concatenate([[0.0], np.fft.irfft(spectrum, len(wave)) ** 2]))
    window = min(RATE // 10, len(wave))
    return float(np.sqrt((power[window:] - power[:-window]).max() / window))


def _time(seconds: float) -> Wave:
    return np.arange(round(seconds * RATE)) / RATE


def _noise(rng: np.random.Generator, seconds: float, low: float, high: float) -> Wave:
    """Noise between two frequencies in Hz."""
    count = round(seconds * RATE)
    spectrum = np.fft.rfft(rng.standard_normal(count))
    bins = np.fft.rfftfreq(count, 1 / RATE)
    # Soft shoulders: a hard edge in the spectrum rings.
    spectrum *= 1 / (1 + (low / np.maximum(bins, 1)) ** 4) / (1 + (bins / high) ** 4)
    return np.fft.irfft(spectrum, count)


def _ring(seconds: float, partials: Partials) -> Wave:
    """Decaying sines."""
    t = _time(seconds)
    parts = [a * np.sin(2 * np.pi * f * t) * np.exp(-t / d) for f, a, d in partials]
    return np.sum(parts, axis=0)


def _at(length: float, *events: tuple[float, Wave]) -> Wave:
    out = np.zeros(round(length * RATE))
    for start, wave in events:
        begin = round(start * RATE)
        part = wave[: len(out) - begin]
        out[begin : begin + len(part)] += part
    return out


def _strike(rng: np.random.Generator, partials: Partials) -> Wave:
    """A hard hit: a click of noise, then what was hit rings."""
    body = _ring(0.5, partials)
    click = _noise(rng, 0.5, 800, 6000) * np.exp(-_time(0.5) / 0.004)
    return body + 0.6 * click / np.abs(click).max()


def _gavel(rng: np.random.Generator) -> Wave:
    wood = [(420, 1.0, 0.035), (910, 0.7, 0.025), (1630, 0.4, 0.015), (130, 0.6, 0.06)]
    return _at(1.2, (0.0, _strike(rng, wood)), (0.32, 0.8 * _strike(rng, wood)))


def _door(rng: np.random.Generator) -> Wave:
    panel = [(85, 1.0, 0.09), (170, 0.5, 0.06), (310, 0.25, 0.04)]
    latch = _noise(rng, 0.06, 1500, 7000) * np.exp(-_time(0.06) / 0.01)
    return _at(0.9, (0.0, 0.3 * latch / np.abs(latch).max()), (0.07, _strike(rng, panel)))


def _beep(rng: np.random.Generator) -> Wave:
    t = _time(0.22)
    return np.sin(2 * np.pi * 1000 * t) * np.minimum(1, np.minimum(t, t[::-1]) / 0.008)


def _notification(rng: np.random.Generator) -> Wave:
    low = _ring(0.7, [(880, 1.0, 0.16), (1760, 0.25, 0.08)])
    high = _ring(0.9, [(1318.5, 1.0, 0.22), (2637, 0.25, 0.1)])
    return _at(1.1, (0.0, low), (0.13, high))


def _applause(rng: np.random.Generator) -> Wave:
    length = 2.6
    claps: list[tuple[float, Wave]] = []
    for _ in range(420):
        when = rng.uniform(0, length - 0.1)
        clap = _noise(rng, 0.03, 700, rng.uniform(2500, 5000)) * np.exp(-_time(0.03) / 0.006)
        claps.append((when, rng.uniform(0.3, 1.0) * clap))
    t = _time(length)
    return _at(length, *claps) * np.minimum(1, t / 0.3) * np.minimum(1, (length - t) / 1.2)


def _thud(rng: np.random.Generator) -> Wave:
    t = _time(0.5)
    drop = np.sin(2 * np.pi * np.cumsum(90 * np.exp(-t / 0.08) + 38) / RATE) * np.exp(-t / 0.12)
    # A small speaker plays no 50 Hz: the body of the blow is heard an octave or two above.
    body = _ring(0.5, [(150, 0.5, 0.05), (230, 0.3, 0.04)])
    return drop + body + 1.2 * _noise(rng, 0.5, 100, 900) * np.exp(-t / 0.02)


def _whoosh(rng: np.random.Generator) -> Wave:
    t = _time(0.7)
    low, high = _noise(rng, 0.7, 250, 900), _noise(rng, 0.7, 1200, 5000)
    rise = np.sin(np.pi * t / 0.7) ** 2
    return (low / np.abs(low).max() * (1 - rise * 0.5) + high / np.abs(high).max() * rise) * rise


def _cell_door(rng: np.random.Generator) -> Wave:
    steel = [(196, 1.0, 0.5), (523, 0.7, 0.4), (1187, 0.5, 0.3), (2210, 0.35, 0.2), (70, 0.9, 0.15)]
    roll = _noise(rng, 0.45, 150, 1400) * (1 + 0.5 * np.sin(2 * np.pi * 22 * _time(0.45)))
    clang = _ring(1.6, steel)
    click = _noise(rng, 1.6, 900, 7000) * np.exp(-_time(1.6) / 0.008)
    hit = clang + 0.7 * click / np.abs(click).max()
    return _at(2.1, (0.0, 0.25 * roll / np.abs(roll).max()), (0.45, hit / np.abs(hit).max()))


def _heartbeat(rng: np.random.Generator) -> Wave:
    # Overtones let a small speaker, which plays no 52 Hz, suggest them.
    beat = _ring(0.25, [(52, 1.0, 0.06), (104, 0.6, 0.05), (156, 0.35, 0.04), (208, 0.15, 0.03)])
    pair = _at(0.9, (0.0, beat), (0.24, 0.7 * beat))
    return _at(1.8, (0.0, pair), (0.9, pair))


def _footsteps(rng: np.random.Generator) -> Wave:
    def step(weight: float) -> Wave:
        heel = _ring(0.18, [(110, 0.8, 0.03), (210, 0.5, 0.02), (420, 0.25, 0.012)])
        sole = _noise(rng, 0.18, 400, 3200) * np.exp(-_time(0.18) / 0.018)
        return weight * (heel + 0.7 * sole / np.abs(sole).max())

    pace = 0.46
    return _at(4 * pace, *((n * pace, step(1.0 if n % 2 == 0 else 0.8)) for n in range(4)))


def _cup(rng: np.random.Generator) -> Wave:
    china = [(2350, 0.8, 0.07), (3720, 0.6, 0.05), (5480, 0.35, 0.035), (900, 0.4, 0.02)]
    table = _ring(0.5, [(190, 0.5, 0.03), (330, 0.3, 0.02)])
    touch = _strike(rng, china)
    return _at(0.7, (0.0, touch + table), (0.085, 0.35 * _strike(rng, china)))


def _crowd(rng: np.random.Generator) -> Wave:
    """Many who talk at once: noise in the vowels' bands, each swelling in its own time."""
    length = 2.6
    t = _time(length)
    murmur = np.zeros_like(t)
    for _ in range(24):
        centre = rng.uniform(260, 1100)
        voice = _noise(rng, length, centre * 0.8, centre * 1.25)
        syllables = np.sin(2 * np.pi * rng.uniform(2.2, 4.5) * t + rng.uniform(0, 6.3))
        murmur += voice / np.abs(voice).max() * (0.55 + 0.45 * syllables)
    return murmur * np.minimum(1, t / 0.35) * np.minimum(1, (length - t) / 0.9)


def sting(kind: StingName) -> npt.NDArray[np.float32]:
    """A short accent of music under a turn of the story, as loud as an effect."""
    if kind == "reversal":
        # A low strike with a dissonant second above it, that dies away.
        low = _ring(1.6, [(73.4, 1.0, 0.5), (110, 0.7, 0.45), (155.6, 0.6, 0.5), (311, 0.3, 0.4)])
        rng = np.random.default_rng(11)
        wave = low + 0.5 * _noise(rng, 1.6, 60, 900) * np.exp(-_time(1.6) / 0.05)
    else:
        # Three rising notes of a major chord.
        notes = [(0.0, 523.25), (0.09, 659.25), (0.18, 783.99)]
        wave = _at(1.3, *((at, _ring(1.1, [(f, 1.0, 0.3), (2 * f, 0.3, 0.15)])) for at, f in notes))
    tail = RATE // 20
    wave[-tail:] *= np.linspace(1.0, 0.0, tail)
    # No click where it begins: it stands on a cut.
    wave[: RATE // 100] *= np.linspace(0.0, 1.0, RATE // 100)
    gain = min(LOUDNESS / loudest(wave), PEAK / float(np.abs(wave).max()))
    return (gain * wave).astype(np.float32)


def room_tone(seconds: float, *, outside: bool, seed: int) -> npt.NDArray[np.float32]:
    """The sound of a place in which nobody speaks: air indoors, wind and distance outside.

    RMS 1; whoever mixes it says how soft it is.
    """
    rng = np.random.default_rng(seed)
    low, high = (120, 1400) if outside else (70, 420)
    air = _noise(rng, seconds, low, high)
    if outside:
        air *= 0.7 + 0.3 * np.sin(2 * np.pi * 0.23 * _time(seconds) + rng.uniform(0, 6.3))
    return (air / max(float(np.sqrt(np.square(air).mean())), 1e-9)).astype(np.float32)


_MAKERS: Mapping[SoundName, Callable[[np.random.Generator], Wave]] = {
    "gavel": _gavel,
    "door": _door,
    "beep": _beep,
    "notification": _notification,
    "applause": _applause,
    "thud": _thud,
    "whoosh": _whoosh,
    "cell door": _cell_door,
    "heartbeat": _heartbeat,
    "footsteps": _footsteps,
    "cup": _cup,
    "crowd": _crowd,
}
