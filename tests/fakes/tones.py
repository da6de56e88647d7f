"""A voice that spells its line in tones, and an ear that reads the tones back.

For tests of whole films: no model is loaded, and yet the ear writes down what is truly in
the sound. A line cut short, moved, doubled or buried is heard so, through mixing and AAC.

Every UTF-8 byte is one slot of two tones (one a nibble) over a hum at the voice's pitch;
words are parted by silence.

Knows: the protocols, the code. Does not know: models, films.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from renderers.audio_file import decode_mono
from renderers.base import JSON, SpeechRequest, SpeechResult, Transcript, VoiceInfo, Word
from renderers.errors import BadRequest
from renderers.tts import waveform

RATE = 48_000
SLOT = round(0.05 * RATE)
"""Samples of one byte: about as fast as speech, in English and in kana."""
GAP = 0.09
"""Silence between words, seconds."""
EAR_RATE = 16_000
FAINTEST = 3.0
"""Least power of a word in both bands: a line as it is spoken has 30, in a film 150; music
alone stays near 0.1."""
_BANDS = (np.linspace(2000.0, 3500.0, 16), np.linspace(4000.0, 5500.0, 16))
"""Frequencies of the low and of the high nibble, Hz."""
_PITCHES = {"tone_a": 118.0, "tone_b": 205.0, "tone_c": 150.0, "tone_d": 240.0}


class TonesSpeech:
    """Spells every line. Text, voice and speed all change the file."""

    name = "tones"

    def fingerprint(self) -> Mapping[str, JSON]:
        return {"adapter": 1}

    def voices(self, language: str) -> tuple[VoiceInfo, ...]:
        return tuple(
            VoiceInfo(name, ("en", "ja"), "masculine" if f0 < 160 else "feminine", "tones", f0=f0)
            for name, f0 in ((name, round(pitch)) for name, pitch in _PITCHES.items())
        )

    def render(self, request: SpeechRequest, out: Path) -> SpeechResult:
        words = request.text.split()
        if not words:
            raise BadRequest("there is nothing to say")
        gap = np.zeros(round(GAP / request.speed * RATE), dtype=np.float32)
        pitch = _PITCHES.get(request.voice.preset, 170.0)
        parts = [part for word in words for part in (gap, _spell(word, pitch))]
        line = waveform.fade(waveform.level(np.concatenate(parts[1:]), RATE), RATE, 0.002)
        waveform.write_stereo(line, out)
        return SpeechResult(out, len(line) / RATE, RATE, 2)

    def close(self) -> None:
        pass


class TonesTranscription:
    """Writes down what is spelt in a sound, and when; other sounds are no words."""

    name = "tones"

    def fingerprint(self) -> Mapping[str, JSON]:
        return {"adapter": 1}

    def transcribe(self, audio: Path, language: str) -> Transcript:
        sound = decode_mono(audio, EAR_RATE)
        words = list(_words(sound, one_by_one=language == "ja"))
        text = ("" if language == "ja" else " ").join(word.text for word in words)
        return Transcript(text, tuple(words), language)

    def close(self) -> None:
        pass


def _spell(word: str, pitch: float) -> NDArray[np.float32]:
    data = word.encode()
    time = np.arange(len(data) * SLOT) / RATE
    sound = 0.5 * np.sin(2 * np.pi * pitch * time) + 0.2 * np.sin(4 * np.pi * pitch * time)
    for band, shift in zip(_BANDS, (0, 4), strict=True):
        tones = band[[byte >> shift & 15 for byte in data]].repeat(SLOT)
        sound += 0.4 * np.sin(2 * np.pi * np.cumsum(tones) / RATE)
    return waveform.fade(sound.astype(np.float32), RATE, 0.002)


def _words(sound: NDArray[np.float32], *, one_by_one: bool) -> Iterator[Word]:
    slot = SLOT * EAR_RATE // RATE
    for begin, end in _runs(sound):
        data = bytearray()
        for start in range(begin, end - slot // 2, slot):
            heard = [_loudest(sound[start : start + slot], band) for band in _BANDS]
            data.append(heard[1] << 4 | heard[0])
        text = bytes(data).decode(errors="replace")
        if not one_by_one:
            yield Word(text, begin / EAR_RATE, end / EAR_RATE)
            continue
        at = begin
        for letter in text:
            length = slot * len(letter.encode()) if letter != "�" else slot
            yield Word(letter, at / EAR_RATE, min(end, at + length) / EAR_RATE)
            at += length


def _loudest(piece: NDArray[np.float32], band: NDArray[np.float64]) -> int:
    # The edges belong half to the neighbours, where a codec smears them.
    edge = len(piece) // 6
    window = np.hanning(len(piece) - 2 * edge)
    time = np.arange(len(window)) / EAR_RATE
    waves = np.exp(-2j * np.pi * band[:, None] * time)
    return int(np.abs(waves @ (piece[edge : len(piece) - edge] * window)).argmax())


def _runs(sound: NDArray[np.float32]) -> Iterator[tuple[int, int]]:
    """Where tones of the code sound without a break: first and last sample of each word."""
    hop, size = EAR_RATE // 200, EAR_RATE // 50
    count = max(0, (len(sound) - size) // hop + 1)
    if not count:
        return
    frames = np.lib.stride_tricks.sliding_window_view(sound, size)[::hop] * np.hanning(size)
    power = np.abs(np.fft.rfft(frames, axis=1)) ** 2
    frequency = np.fft.rfftfreq(size, 1 / EAR_RATE)
    low, high = (
        power[:, (frequency > band[0] - 60) & (frequency < band[-1] + 60)].max(axis=1)
        for band in _BANDS
    )
    # Music and effects have little in the upper band; a word has as much in both.
    both = np.minimum(low, high)
    loud = np.concatenate([[False], both > max(float(both.max()) * 0.02, FAINTEST), [False]])
    edges = np.flatnonzero(loud[1:] != loud[:-1])
    # A frame is loud when about half of it lies in the word.
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        begin, end = first * hop + size // 2 - hop, (last - 1) * hop + size // 2 + hop
        if end - begin > SLOT * EAR_RATE // RATE // 2:
            yield int(begin), int(end)
