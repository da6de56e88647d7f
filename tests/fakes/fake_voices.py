"""Backends for tests: they keep the protocols of `renderers.base` and make real files.

Knows: the protocols. Does not know: models, or what a test wants to prove.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from renderers.base import JSON, SpeechRequest, SpeechResult, Transcript, VoiceInfo, Word
from renderers.errors import BadRequest
from renderers.tts import waveform

SECONDS_PER_CHARACTER = {"en": 0.065, "ja": 0.14}


class ToneSpeech:
    """Speaks every line as a wavering tone about as long as the words would take.

    The pitch depends on the voice, the length on text and speed: two requests that differ
    give files that differ. `holes[i]` is a silence (seconds) in the middle of the i-th take.
    """

    name = "tone"

    def __init__(self, holes: Sequence[float] = ()) -> None:
        self.requests: list[SpeechRequest] = []
        self._holes = holes

    def fingerprint(self) -> Mapping[str, JSON]:
        return {"adapter": 1}

    def voices(self, language: str) -> tuple[VoiceInfo, ...]:
        names = ("tone_a", "tone_b", "tone_c", "tone_d")
        return tuple(VoiceInfo(name, ("en", "ja"), origin="synthetic") for name in names)

    def render(self, request: SpeechRequest, out: Path) -> SpeechResult:
        text = request.reading or request.text
        if not text.strip():
            raise BadRequest("there is nothing to say")
        hole = self._holes[len(self.requests)] if len(self.requests) < len(self._holes) else 0.0
        self.requests.append(request)
        rate = waveform.OUTPUT_RATE
        seconds = max(0.3, len(text) * SECONDS_PER_CHARACTER.get(request.language, 0.08))
        time = np.arange(int(seconds / request.speed * rate)) / rate
        pitch = 140.0 + 20.0 * (sum(map(ord, request.voice.preset)) % 9)
        # Four "syllables" a second that never fall quite silent, as in speech.
        tone = np.sin(2 * np.pi * pitch * time) * (0.6 + 0.4 * np.sin(2 * np.pi * 4.0 * time))
        if hole:
            middle = len(tone) // 2
            tone = np.concatenate([tone[:middle], np.zeros(int(hole * rate)), tone[middle:]])
        line = waveform.fade(waveform.level(tone.astype(np.float32), rate), rate)
        waveform.write_stereo(line, out)
        return SpeechResult(out, len(line) / rate, rate, 2)

    def close(self) -> None:
        pass


class ScriptedTranscription:
    """Hears the texts it was given, one a call; the last one for ever."""

    name = "scripted"

    def __init__(self, *texts: str) -> None:
        self.heard: list[Path] = []
        self._texts = texts or ("",)

    def fingerprint(self) -> Mapping[str, JSON]:
        return {"texts": list(self._texts)}

    def transcribe(self, audio: Path, language: str) -> Transcript:
        text = self._texts[min(len(self.heard), len(self._texts) - 1)]
        self.heard.append(audio)
        samples, rate = waveform.read_mono(audio)
        parts = list(text) if language == "ja" else text.split()
        step = len(samples) / rate / max(1, len(parts))
        words = tuple(Word(part, i * step, (i + 1) * step) for i, part in enumerate(parts))
        return Transcript(text, words, language)

    def close(self) -> None:
        pass
