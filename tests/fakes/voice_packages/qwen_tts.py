"""Stands in for the `qwen_tts` package: its calls by their names, speech in tones."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import soundfile
from tones import TonesSpeech

from renderers.base import SpeechRequest, VoiceSpec

CALLS: list[tuple[str, dict[str, Any]]] = []


class Qwen3TTSModel:
    @classmethod
    def from_pretrained(
        cls, repo: str, device_map: str = "", dtype: Any = None, attn_implementation: str = ""
    ) -> Qwen3TTSModel:
        CALLS.append(("load", {"repo": repo, "device_map": device_map}))
        return cls()

    def generate_custom_voice(
        self, text: str, speaker: str, language: str | None = None, instruct: str | None = None
    ) -> tuple[list[np.ndarray], int]:
        CALLS.append(("custom", {"speaker": speaker, "language": language, "instruct": instruct}))
        return [spoken(text)], 24_000

    def generate_voice_design(
        self, text: str, instruct: str, language: str
    ) -> tuple[list[np.ndarray], int]:
        CALLS.append(("design", {"instruct": instruct}))
        return [spoken(text)], 24_000

    def generate_voice_clone(
        self,
        text: str,
        language: str,
        ref_audio: str,
        ref_text: str | None,
        x_vector_only_mode: bool = False,
        voice_clone_prompt: Any = None,
    ) -> tuple[list[np.ndarray], int]:
        if not x_vector_only_mode and not ref_text:
            raise ValueError("ref_text is required")
        CALLS.append(("clone", {"ref_audio": ref_audio, "ref_text": ref_text}))
        return [spoken(text)], 24_000


def spoken(text: str, rate: int = 24_000) -> np.ndarray:
    with TemporaryDirectory() as folder:
        out = TonesSpeech().render(
            SpeechRequest(text, "en", VoiceSpec()), Path(folder) / "line.wav"
        )
        samples, _ = soundfile.read(out.path, dtype="float32")
    # Half the samples of the left channel: its tones lie far below the new limit.
    return samples[:: 48_000 // rate, 0]
