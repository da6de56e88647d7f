"""Stands in for the `qwen_asr` package: its aligner's calls by their names, over tones.

As the real one it drops marks, wants languages by their English names, counts in steps of
80 ms and answers one result a sound. `TRAPS` says what else happens to an answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import soundfile
from tones import TonesTranscription

CALLS: list[tuple[str, dict[str, Any]]] = []
TRAPS: list[str] = []
STEP = 0.08


@dataclass(frozen=True)
class ForcedAlignItem:
    text: str
    start_time: float
    end_time: float


@dataclass(frozen=True)
class ForcedAlignResult:
    items: list[ForcedAlignItem]

    def __iter__(self) -> Iterator[ForcedAlignItem]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


class Qwen3ForcedAligner:
    @classmethod
    def from_pretrained(
        cls, pretrained_model_name_or_path: str, **kwargs: Any
    ) -> Qwen3ForcedAligner:
        if "unloadable" in TRAPS:
            raise OSError(f"{pretrained_model_name_or_path} is not a local folder or a repository")
        CALLS.append(("load", {"repo": pretrained_model_name_or_path, **kwargs}))
        return cls()

    def align(self, audio: Any, text: Any, language: Any) -> list[ForcedAlignResult]:
        if language not in ("English", "Japanese"):
            raise ValueError(f"Unsupported language: {language}")
        if "full" in TRAPS:
            raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB")
        samples, rate = audio
        CALLS.append(("align", {"text": text, "language": language, "rate": rate}))
        words = ["".join(c for c in word if c.isalnum() or c == "'") for word in text.split()]
        spans = said(np.asarray(samples), rate)
        return [ForcedAlignResult(self._items([w for w in words if w], spans))]

    def _items(self, words: list[str], spans: list[tuple[float, float]]) -> list[ForcedAlignItem]:
        items = [
            ForcedAlignItem(word, *(round(round(at / STEP) * STEP, 3) for at in span))
            for word, span in zip(words, spans, strict=False)
        ]
        if "merged" in TRAPS:
            joined = ForcedAlignItem(items[0].text + items[1].text, *spans[0])
            items = [joined, *items[2:]]
        if "falling" in TRAPS:
            items = [ForcedAlignItem(i.text, 2.0 - i.start_time, i.end_time) for i in items]
        if "late" in TRAPS:
            items = [ForcedAlignItem(i.text, 99.0, 99.5) for i in items]
        if "heap" in TRAPS:
            items = [ForcedAlignItem(i.text, 0.0, 0.0) for i in items]
        return [] if "nothing" in TRAPS else items


def said(samples: np.ndarray, rate: int) -> list[tuple[float, float]]:
    """When each word is spelt in the sound, in seconds."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "line.wav"
        soundfile.write(path, samples, rate)
        return [(w.start, w.end) for w in TonesTranscription().transcribe(path, "en").words]
