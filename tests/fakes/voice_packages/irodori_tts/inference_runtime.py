"""Its runtime: a request in, samples out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import qwen_tts

CALLS: list[Any] = []


@dataclass
class RuntimeKey:
    checkpoint: str
    model_device: str
    codec_device: str = ""


@dataclass
class SamplingRequest:
    text: str
    caption: str | None = None
    ref_wav: str | None = None
    no_ref: bool = False
    num_steps: int = 40
    seed: int | None = None


@dataclass
class SamplingResult:
    audio: Any
    sample_rate: int
    used_seed: int | None


class InferenceRuntime:
    @classmethod
    def from_key(cls, key: RuntimeKey) -> InferenceRuntime:
        return cls()

    def synthesize(self, request: SamplingRequest, log_fn: Any = None) -> SamplingResult:
        CALLS.append(request)
        # One emoji in front steers, and is not said.
        audio = qwen_tts.spoken(request.text[1:], 48_000)
        return SamplingResult(audio[None, None], 48_000, request.seed)
