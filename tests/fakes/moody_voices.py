"""Voices whose takes vary, as those that sample do. What they say is spelt in tones.

They know an attempt by its speed: the first is the one asked for, retries differ a little.
"""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile
from tones import TonesSpeech

from renderers.base import SpeechRequest, SpeechResult

HOLE = 1.4
"""Seconds of silence in a take that stalls."""


class StammeringSpeech(TonesSpeech):
    """First it drops all but a word, then it stalls in the middle, then it speaks well."""

    name = "stammering"

    def render(self, request: SpeechRequest, out: Path) -> SpeechResult:
        if request.speed == 1.0:
            return super().render(replace(request, text=request.text.split()[0]), out)
        result = super().render(request, out)
        return _stalled(result) if request.speed < 1.0 else result


class SwallowingSpeech(TonesSpeech):
    """It never speaks the last three words."""

    name = "swallowing"

    def render(self, request: SpeechRequest, out: Path) -> SpeechResult:
        said = " ".join(request.text.split()[:-3]) or request.text
        return super().render(replace(request, text=said), out)


def _stalled(result: SpeechResult) -> SpeechResult:
    samples, rate = soundfile.read(result.path, dtype="float32", always_2d=True)
    middle = len(samples) // 2
    hole = np.zeros((round(HOLE * rate), samples.shape[1]), dtype=np.float32)
    samples = np.concatenate([samples[:middle], hole, samples[middle:]])
    soundfile.write(result.path, samples, rate)
    return replace(result, seconds=len(samples) / rate)


class DeadlySpeech(TonesSpeech):
    """It takes its process with it, as the kernel does when memory runs out."""

    name = "deadly"

    def render(self, request: SpeechRequest, out: Path) -> SpeechResult:
        os.kill(os.getpid(), signal.SIGKILL)
        return super().render(request, out)


class LoudSpeech(TonesSpeech):
    """Prints what it does, as many libraries do, and past Python as compiled ones do."""

    def render(self, request: SpeechRequest, out: Path) -> SpeechResult:
        sys.stdout.write("loading the voice …\n")
        os.write(1, b"100% done\n")
        return super().render(request, out)
