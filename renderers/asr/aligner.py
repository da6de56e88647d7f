"""Forced alignment in this process: when each word of a known text is said, by Qwen3-ForcedAligner.

One pass of a 0.6B model a line, on the CPU by default. On the card it counts as the service that
the profile names for it, and is released with it; the next line loads it again. Its package (`qwen-asr`) pins its own
transformers and is not installed with ours; it is imported with the first line.

Knows: the package's calls. Does not know: why somebody wants the times.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import Any

from renderers.audio_file import requested_mono
from renderers.base import JSON, Word
from renderers.errors import BadOutput, BadRequest
from renderers.packages import called, free_memory, installed, package, pretrained
from renderers.timing import possible
from renderers.tts.dialects import QWEN_LANGUAGES

VERSION = 1
MODEL = "Qwen/Qwen3-ForcedAligner-0.6B"
LONGEST = 300.0
"""Seconds of sound that the model takes."""
_RATE = 16_000
_FIX = "pip install qwen-asr, in an environment without [engine]: they pin different transformers"


class QwenAligner:
    """An `AlignmentBackend`. `model`: a repository, or a folder of its weights."""

    name = "qwen-aligner"

    def __init__(self, model: str = MODEL, device: str = "cpu", dtype: str = "") -> None:
        """`dtype`: "" is float32 on the CPU and bfloat16 on a card."""
        self.model, self.device = model, device
        self.dtype = dtype or ("float32" if device == "cpu" else "bfloat16")
        self._lock = Lock()
        self._aligner: Any = None

    def fingerprint(self) -> Mapping[str, JSON]:
        return {"adapter": f"qwen-aligner/{VERSION}", "model": self.model, "dtype": self.dtype}

    def lacking(self) -> str:
        if not installed("qwen_asr"):
            return f"qwen_asr is not installed here: {_FIX}"
        folder = Path(self.model).expanduser()
        if self.model.startswith(("/", "~", ".")) and not folder.is_dir():
            return f"alignment.model: there is no folder {folder}"
        return ""

    def close(self) -> None:
        with self._lock:
            self._aligner = None
            free_memory()

    def align(self, audio: Path, text: str, language: str) -> tuple[Word, ...]:
        """Say when each word of `text` is said in `audio`.

        Raises:
            BadRequest: another language, a file that is too long or cannot be read.
            Unavailable: the package or the weights are not there.
            OutOfMemory: the card is full.
            BadOutput: no words, or times that cannot be.
        """
        if language not in QWEN_LANGUAGES:
            raise BadRequest(
                f"{self.name} is asked for {' or '.join(QWEN_LANGUAGES)}, not {language!r}"
            )
        samples = requested_mono(audio, _RATE)
        seconds = len(samples) / _RATE
        if seconds > LONGEST:
            raise BadRequest(f"{audio} is {seconds:.0f} s long: {self.name} takes {LONGEST:.0f} s")
        with self._lock:
            told: Any = called(
                "alignment",
                self._ready().align,
                audio=(samples, _RATE),
                text=text,
                language=QWEN_LANGUAGES[language],
            )
        words = [Word(str(i.text), float(i.start_time), float(i.end_time)) for i in told[0]]
        if not words:
            raise BadOutput(f"{self.name} finds no words in {text[:60]!r}")
        return possible(words, seconds)

    def _ready(self) -> Any:
        if self._aligner is None:
            qwen_asr = package("qwen_asr", _FIX)
            kind = qwen_asr.Qwen3ForcedAligner
            self._aligner = pretrained(kind, self.model, self.device, self.dtype)
        return self._aligner
