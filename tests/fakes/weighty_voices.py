"""A voice and an ear that load weights, as those in this process do, and write down each time.

Knows: when they load and are released. Does not know: sounds (`tones`).
"""

from __future__ import annotations

import json
from pathlib import Path

from tones import TonesSpeech, TonesTranscription

from renderers.base import SpeechRequest, SpeechResult, Transcript


def loads(ledger: Path) -> list[str]:
    """Which models were loaded, in order."""
    return ledger.read_text(encoding="utf-8").split() if ledger.exists() else []


def weighty(folder: Path, extends: Path) -> Path:
    """A profile whose voice and ear write their loads to `folder/loads.txt`."""
    ledger = json.dumps(str(folder / "loads.txt"))
    path = folder / "weighty.toml"
    parts = [f"extends = {json.dumps(str(extends))}"]
    for section in ("speech", "transcription"):
        parts.append(f'[{section}]\nbackend = "weighty"\noptions = {{ ledger = {ledger} }}')
    path.write_text("\n".join(parts), encoding="utf-8")
    return path


class _Weights:
    def __init__(self, name: str, ledger: str) -> None:
        self._name, self._ledger, self._there = name, Path(ledger), False

    def load(self) -> None:
        if not self._there:
            with self._ledger.open("a", encoding="utf-8") as file:
                file.write(f"{self._name}\n")
            self._there = True

    def drop(self) -> None:
        self._there = False


class WeightySpeech(TonesSpeech):
    def __init__(self, ledger: str) -> None:
        self._weights = _Weights("voice", ledger)

    def render(self, request: SpeechRequest, out: Path) -> SpeechResult:
        self._weights.load()
        return super().render(request, out)

    def close(self) -> None:
        self._weights.drop()


class WeightyTranscription(TonesTranscription):
    def __init__(self, ledger: str) -> None:
        self._weights = _Weights("ear", ledger)

    def transcribe(self, audio: Path, language: str) -> Transcript:
        self._weights.load()
        return super().transcribe(audio, language)

    def close(self) -> None:
        self._weights.drop()
