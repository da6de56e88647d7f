"""Transcription on the CPU by Whisper base, through faster-whisper and CTranslate2.

The packaged multilingual weights are used unless the user names a folder of CTranslate2
weights. Music and noise can send Whisper into loops of many seconds; so audio without
speech never reaches it, tokens are capped by the audio's length, and a deadline ends it.

Knows: audio to words with times. Does not know: what should have been said.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from threading import Lock, Thread
from typing import Any

import numpy as np

from renderers import weights
from renderers.audio_file import requested_mono
from renderers.base import JSON, Transcript, Word
from renderers.errors import BadRequest, Unavailable
from renderers.openmp import passive_threads
from renderers.packages import version_of
from renderers.processors import threads_of_a_model

VERSION = 2
RATE = 16_000
ENV = "STORYBOARD_WHISPER"
LEAST_FRAMES, MARGIN_FRAMES = 800, 300
"""Least window, and silence kept after the sound, in frames of 10 ms: with less Whisper
base begins to repeat itself."""
SILENCE = 10 ** (-60 / 20)
"""Peak under which audio counts as silent, full scale 1."""
TOKENS_PER_SECOND = 14
"""Twice the densest speech measured: Japanese at 7 tokens a second."""


class WhisperTranscription:
    """The embedded transcription backend. Safe to call from several threads."""

    name = "whisper"

    def __init__(
        self,
        model: str | Path | None = None,
        *,
        vad: bool = True,
        threads: int | None = None,
        patience: float = 3.0,
    ) -> None:
        """`model`: a folder of CTranslate2 Whisper weights to use instead of the packaged ones.

        `vad` leaves stretches without speech out. `patience` is the time limit as a multiple of
        the audio's length (at least 20 s); what was written down until then is returned.
        """
        given = model or os.environ.get(ENV)
        self._folder = Path(given).expanduser() if given else None
        self._vad = vad
        self._threads = threads or threads_of_a_model()
        self._patience = patience
        self._lock = Lock()
        self._model: Any = None

    def fingerprint(self) -> Mapping[str, JSON]:
        model: JSON = weights.WHISPER.digest
        if self._folder is not None:
            binary = self._folder / "model.bin"
            model = [str(self._folder), binary.stat().st_size if binary.is_file() else 0]
        return {
            "adapter": VERSION,
            "model": model,
            "runtime": version_of("faster-whisper"),
            "vad": self._vad,
        }

    def transcribe(self, audio: Path, language: str) -> Transcript:
        """Write down what is said in `audio`; an empty transcript where nobody speaks.

        Raises:
            BadRequest: the file cannot be decoded, or the language is unknown to the model.
            Unavailable: the weights are missing, or damaged, or cannot be unpacked.
        """
        samples = requested_mono(audio, RATE)
        if not len(samples) or float(np.abs(samples).max()) < SILENCE:
            return Transcript("", (), language)
        if self._vad and not _speech(samples):
            return Transcript("", (), language)
        seconds = len(samples) / RATE
        with self._lock:
            self._load()
            if language not in self._model.supported_languages:
                raise BadRequest(f"language '{language}' is not one that Whisper knows")
            segments, _ = self._model.transcribe(
                samples,
                language=language,
                beam_size=2,
                # No fallback to higher temperatures: on noise it retries six times.
                temperature=0.0,
                condition_on_previous_text=False,
                word_timestamps=True,
                vad_filter=self._vad,
                max_new_tokens=int(min(220, 24 + TOKENS_PER_SECOND * min(seconds, 30.0))),
            )
            return _collect(segments, language, max(20.0, self._patience * seconds))

    def warm(self) -> None:
        if self._model is None:
            Thread(target=self._begin, name="whisper", daemon=True).start()

    def _begin(self) -> None:
        # Whoever asks for the first words is told what is wrong; here nobody listens.
        with self._lock, suppress(Exception):
            self._load()

    def _load(self) -> None:
        if self._model is None:
            self._model = self._loaded()

    def _loaded(self) -> Any:
        return _load(self._folder, self._threads)

    def close(self) -> None:
        with self._lock:
            self._model = None


def _collect(segments: Iterable[Any], language: str, limit: float) -> Transcript:
    """Drain the lazy segments until the deadline, dropping what Whisper itself doubts."""
    deadline = time.monotonic() + limit
    texts: list[str] = []
    words: list[Word] = []
    for segment in segments:
        if segment.no_speech_prob < 0.8 or segment.avg_logprob > -1.0:
            texts.append(str(segment.text))
            words += [
                Word(str(w.word).strip(), float(w.start), float(w.end)) for w in segment.words or ()
            ]
        if time.monotonic() > deadline:
            break
    return Transcript("".join(texts).strip(), tuple(words), language)


def _speech(samples: Any) -> bool:
    return bool(package("vad").get_speech_timestamps(samples))


def _short_windowed(base: Any) -> Any:
    """`WhisperModel` that encodes only as much of its 30 s window as holds sound.

    The window is padded with zeros to 3000 frames, and the encoder's cost is the window's;
    it reads shorter ones as well (whisper.cpp calls that `audio_ctx`).
    """

    class ShortWindow(base):
        def encode(self, features: Any) -> Any:
            filled = np.flatnonzero(np.any(features != 0, axis=tuple(range(features.ndim - 1))))
            used = int(filled[-1]) + 1 if len(filled) else 0
            keep = max(LEAST_FRAMES, used + MARGIN_FRAMES)
            window = np.ascontiguousarray(features[..., : keep + keep % 2])
            return super().encode(window)  # pyright: ignore[reportUnknownVariableType]

    return ShortWindow


def _load(folder: Path | None, threads: int) -> Any:
    base = package("transcribe").WhisperModel
    if folder is None:
        with weights.unpacked(weights.WHISPER) as unpacked:
            return _model(base, unpacked, threads)
    for file in ("model.bin", "tokenizer.json"):
        # Without its tokenizer the library would ask a hub for one.
        if not (folder / file).is_file():
            raise Unavailable(f"{folder} holds no {file}: mend the path or unset {ENV}")
    return _model(base, folder, threads)


def package(module: str) -> Any:
    """A module of faster-whisper, whose runtime is loaded with the first of them."""
    with passive_threads():
        return import_module(f"faster_whisper.{module}")


def _model(base: Any, folder: Path, threads: int) -> Any:
    try:
        return _short_windowed(base)(
            str(folder),
            device="cpu",
            compute_type="int8",
            cpu_threads=threads,
            num_workers=1,
            local_files_only=True,
        )
    except (RuntimeError, ValueError) as error:
        raise Unavailable(f"{folder} is not a Whisper model that can be run: {error}") from error
