"""Speech models that run in this process, on the user's card: Qwen3-TTS and Irodori-TTS.

Their packages are not installed with ours: one pins its own transformers, the other is not on
a package index. Each is imported with the first line; until then nothing of it is touched.

Knows: the two packages' calls. Does not know: servers (`renderers.tts.openai`).
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from renderers.base import JSON, SpeechRequest, SpeechResult, VoiceInfo, VoiceKind
from renderers.errors import BadRequest, Unavailable
from renderers.packages import called, free_memory, package, pretrained
from renderers.tts import waveform
from renderers.tts.acting import EMOJI, INSTRUCTIONS
from renderers.tts.dialects import DIALECTS

VERSION = 1
_WORK = "speech"
_QWEN_KINDS: Mapping[str, VoiceKind] = {
    "CustomVoice": "preset",
    "Base": "clone",
    "VoiceDesign": "design",
}


class QwenSpeech:
    """Qwen3-TTS; what a checkpoint was trained for says which kind of voice it speaks with."""

    name = "qwen-tts"

    def __init__(
        self,
        model: str = "Qwen/Qwen3-TTS-12Hz-1.7B-CustomVoice",
        device: str = "cuda:0",
        dtype: str = "bfloat16",
    ) -> None:
        self.model, self.device, self.dtype = model, device, dtype
        task = next((task for task in _QWEN_KINDS if task.lower() in model.lower()), "")
        if not task:
            raise BadRequest(f"speech.model: {model!r} is none of {', '.join(_QWEN_KINDS)}")
        self.kind = _QWEN_KINDS[task]
        self.kinds: tuple[VoiceKind, ...] = (self.kind,)
        self._lock = Lock()
        self._model: Any = None

    def fingerprint(self) -> Mapping[str, JSON]:
        return {"adapter": f"qwen-tts/{VERSION}", "model": self.model, "dtype": self.dtype}

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(DIALECTS["vllm-omni"].languages)

    @property
    def mixes(self) -> bool:
        return True

    def voices(self, language: str) -> tuple[VoiceInfo, ...]:
        if self.kind != "preset":
            return ()
        return tuple(v for v in DIALECTS["vllm-omni"].voices if language in v.languages)

    def close(self) -> None:
        with self._lock:
            self._model = None
            free_memory()

    def render(self, request: SpeechRequest, out: Path) -> SpeechResult:
        """Speak the line to `out`: 48 kHz stereo WAV. It has no knob for speed.

        Raises:
            BadRequest: another kind of voice than the checkpoint's, or a language it lacks.
            Unavailable: the package or the weights are not there.
            OutOfMemory: the card is full.
            BadOutput: silence.
        """
        voice = request.voice
        languages = DIALECTS["vllm-omni"].languages
        if voice.kind != self.kind:
            raise BadRequest(
                f"{self.model} speaks with {self.kind} voices only: give the profile a "
                f"[speech.{voice.kind}]"
            )
        if request.language not in languages:
            raise BadRequest(f"Qwen3-TTS: no {request.language!r} here: {', '.join(languages)}")
        text, language = request.reading or request.text, languages[request.language]
        if request.spans:
            language = DIALECTS["vllm-omni"].any_language
        acting = INSTRUCTIONS.get(request.expression, "")
        dropped = ["speed"] if request.speed != 1.0 else []
        with self._lock:
            model = self._ready()
            _seed(request.seed)
            match voice.kind:
                case "design":
                    instruct = f"{voice.description} {acting}".strip()
                    made = called(_WORK, model.generate_voice_design, text=text, instruct=instruct, language=language)  # fmt: skip
                case "clone":
                    dropped += ["expression"] if acting else []
                    made = called(
                        _WORK,
                        model.generate_voice_clone,
                        text=text,
                        language=language,
                        ref_audio=str(voice.reference_audio),
                        ref_text=voice.reference_text or None,
                        x_vector_only_mode=not voice.reference_text,
                    )
                case _:
                    acts = "0.6B" not in self.model
                    dropped += ["expression"] if acting and not acts else []
                    speaker = voice.preset or self.voices(request.language)[0].name
                    made = called(
                        _WORK,
                        model.generate_custom_voice,
                        text=text,
                        speaker=speaker,
                        language=language,
                        instruct=acting if acts and acting else None,
                    )
        waves, rate = made
        return waveform.take(_mono(waves[0], int(rate)), text, out, dropped)

    def _ready(self) -> Any:
        if self._model is None:
            qwen = package("qwen_tts", "pip install qwen-tts")
            self._model = pretrained(qwen.Qwen3TTSModel, self.model, self.device, self.dtype)
        return self._model


class IrodoriSpeech:
    """Irodori-TTS: Japanese, acted by emoji in the text, cloned from a recording or its own voice."""

    name = "irodori"
    kinds: tuple[VoiceKind, ...] = ("preset", "clone")
    languages: tuple[str, ...] = ("ja",)
    mixes = False

    def __init__(self, model: str = "", device: str = "cuda", num_steps: int = 40) -> None:
        """`model`: the checkpoint's `model.safetensors`."""
        self.model, self.device, self.num_steps = model, device, num_steps
        self._lock = Lock()
        self._runtime: Any = None

    def fingerprint(self) -> Mapping[str, JSON]:
        return {"adapter": f"irodori/{VERSION}", "model": self.model, "num_steps": self.num_steps}

    def voices(self, language: str) -> tuple[VoiceInfo, ...]:
        return tuple(v for v in DIALECTS["irodori"].voices if language in v.languages)

    def close(self) -> None:
        with self._lock:
            self._runtime = None
            free_memory()

    def render(self, request: SpeechRequest, out: Path) -> SpeechResult:
        """Speak the line to `out`: 48 kHz stereo WAV. It has no knob for speed.

        Raises:
            BadRequest: a designed voice, or another language than Japanese.
            Unavailable: the package or the weights are not there.
            OutOfMemory: the card is full.
            BadOutput: silence.
        """
        if request.language != "ja":
            raise BadRequest(f"Irodori speaks Japanese only, not {request.language!r}")
        if request.voice.kind == "design":
            raise BadRequest("Irodori has no designed voices: give the profile a [speech.design]")
        text = request.reading or request.text
        dropped = ["speed"] if request.speed != 1.0 else []
        if request.expression in EMOJI:
            text = EMOJI[request.expression] + text
        elif request.expression != "neutral":
            dropped.append("expression")
        recording = request.voice.reference_audio
        with self._lock:
            irodori, runtime = self._ready()
            made = called(
                _WORK,
                runtime.synthesize,
                irodori.SamplingRequest(
                    text=text,
                    ref_wav=str(recording) if recording else None,
                    no_ref=recording is None,
                    num_steps=self.num_steps,
                    seed=request.seed,
                ),
            )
        return waveform.take(_mono(made.audio, int(made.sample_rate)), text, out, dropped)

    def _ready(self) -> tuple[Any, Any]:
        irodori = package("irodori_tts.inference_runtime", "install it from its repository")
        if self._runtime is None:
            path = Path(self.model).expanduser()
            if not self.model or not path.is_file():
                raise Unavailable(
                    f"speech.model: {self.model or 'is not set'}: give the path of Irodori's "
                    "model.safetensors"
                )
            key = irodori.RuntimeKey(
                checkpoint=str(path), model_device=self.device, codec_device=self.device
            )
            self._runtime = irodori.InferenceRuntime.from_key(key)
        return irodori, self._runtime


def _seed(seed: int) -> None:
    torch: Any = import_module("torch")
    torch.manual_seed(seed)


def _mono(audio: Any, rate: int) -> waveform.Samples:
    """A tensor or array of any shape (…, n) as mono samples at the output rate."""
    for step in ("detach", "float", "cpu", "numpy"):
        audio = getattr(audio, step)() if hasattr(audio, step) else audio
    samples = np.asarray(audio, dtype=np.float32)
    samples = samples.reshape(-1, samples.shape[-1]).mean(axis=0)
    return waveform.resample(samples, round(len(samples) * waveform.OUTPUT_RATE / rate))
