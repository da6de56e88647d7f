"""Any server that speaks OpenAI's `/audio/transcriptions`: OpenAI, vLLM with Qwen3-ASR.

OpenAI's Whisper tells when each word is said; vLLM's models answer with the text alone, whose
words are then spread over the sound by their length, and the transcript says so.

Knows: requests, answers. Does not know: what should have been said.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import openai

from renderers.audio_file import requested_mono
from renderers.base import JSON, Transcript, Word
from renderers.endpoint import client, translated
from renderers.errors import BadOutput, BadRequest
from renderers.options import one_of
from renderers.timing import possible
from renderers.tts.waveform import speech_span

VERSION = 1
DIALECTS = ("openai", "vllm")
_RATE = 16_000


class OpenAITranscription:
    """A `TranscriptionBackend` over `base_url`."""

    name = "openai"

    def __init__(
        self,
        base_url: str,
        model: str = "whisper-1",
        api_key: str | None = None,
        dialect: str = "openai",
        timeout_s: float = 600.0,
        retries: int = 4,
    ) -> None:
        one_of("transcription.dialect", dialect, DIALECTS)
        self.dialect, self.model = dialect, model
        self._where = f"{base_url.rstrip('/')}/audio/transcriptions"
        self._client = client(base_url, api_key, timeout_s, retries)

    def fingerprint(self) -> Mapping[str, JSON]:
        return {
            "adapter": f"openai-transcription/{VERSION}",
            "dialect": self.dialect,
            "model": self.model,
        }

    def close(self) -> None:
        self._client.close()

    def transcribe(self, audio: Path, language: str) -> Transcript:
        """Write down what is said in `audio`.

        Raises:
            BadRequest: the file cannot be read, or the server refuses it.
            Unavailable: no server, no such model, no valid key, or it stays busy.
            OutOfMemory: its card is full.
            BadOutput: the answer holds no text.
        """
        asked: dict[str, Any] = {"model": self.model, "language": language}
        if self.dialect == "openai":
            asked |= {"response_format": "verbose_json", "timestamp_granularities": ["word"]}
        else:
            asked["response_format"] = "json"
        try:
            with audio.open("rb") as file:
                endpoint = cast(Any, self._client.audio.transcriptions)
                answer: Any = endpoint.create(file=(audio.name, file), **asked)
        except OSError as error:
            raise BadRequest(f"{audio} cannot be read: {error}") from error
        except openai.OpenAIError as error:
            raise translated(error, self._where, self.model) from error
        text = cast(object, getattr(answer, "text", None))
        if not isinstance(text, str):
            raise BadOutput(f"{self._where} answered without a text")
        text = text.strip()
        told = _told(getattr(answer, "words", None) or [], audio)
        return Transcript(text, told or tuple(spread(text, audio, language)), language, bool(told))


def _told(words: list[Any], audio: Path) -> tuple[Word, ...]:
    """The words of an answer; none where it does not say when they are said, or says nonsense."""
    try:
        read = [Word(str(w.word).strip(), float(w.start), float(w.end)) for w in words]
        return possible(read, len(requested_mono(audio, _RATE)) / _RATE) if read else ()
    except (AttributeError, TypeError, ValueError, BadOutput):
        return ()


def spread(text: str, audio: Path, language: str) -> list[Word]:
    """Words with the times they would have if every letter took as long as every other."""
    parts = [c for c in text if not c.isspace()] if language in ("ja", "zh") else text.split()
    if not parts:
        return []
    samples = requested_mono(audio, _RATE)
    first, last = speech_span(samples, _RATE)
    step = (last - first) / _RATE / sum(map(len, parts))
    words: list[Word] = []
    at = first / _RATE
    for part in parts:
        words.append(Word(part, at, at + step * len(part)))
        at += step * len(part)
    return words
