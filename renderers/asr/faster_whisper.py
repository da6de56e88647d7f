"""Transcription by a Whisper of the user's choice, on the CPU or a card, through faster-whisper.

Knows: which weights, on what. Does not know: decoding (`renderers.asr.whisper`).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from renderers.asr.whisper import VERSION, WhisperTranscription, package
from renderers.base import JSON
from renderers.errors import Unavailable
from renderers.packages import version_of


class FasterWhisper(WhisperTranscription):
    """`model`: a size ("large-v3", fetched once from its hub) or a folder of CTranslate2 weights."""

    name = "faster-whisper"

    def __init__(
        self,
        model: str = "large-v3",
        device: str = "auto",
        compute_type: str = "default",
        threads: int = 4,
    ) -> None:
        super().__init__(threads=threads)
        self.model, self.device, self.compute_type = model, device, compute_type

    def fingerprint(self) -> Mapping[str, JSON]:
        return {
            "adapter": VERSION,
            "model": self.model,
            "runtime": version_of("faster-whisper"),
            "compute_type": self.compute_type,
        }

    def _loaded(self) -> Any:
        base = package("transcribe").WhisperModel
        folder = Path(self.model).expanduser()
        try:
            return base(
                str(folder) if folder.is_dir() else self.model,
                device=self.device,
                compute_type=self.compute_type,
                cpu_threads=self._threads,
            )
        except (RuntimeError, ValueError, OSError) as error:
            raise Unavailable(
                f"Whisper {self.model!r} cannot be loaded: {error}; name a size or a folder of "
                "CTranslate2 weights as transcription.model"
            ) from error
