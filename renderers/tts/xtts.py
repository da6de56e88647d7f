"""XTTS-v2 by xtts-api-server: `POST /tts_to_audio/`, one recording a voice.

Its weights are under a licence that forbids commercial use; the adapter is for those who may.

Knows: that server. Does not know: other dialects (`renderers.tts.openai`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import httpx

from renderers import http
from renderers.base import JSON, SpeechRequest, SpeechResult, VoiceInfo, VoiceKind
from renderers.endpoint import refused
from renderers.errors import BadOutput, BadRequest, Unavailable
from renderers.tts.openai import finished

VERSION = 1
LANGUAGES = {
    **{code: code for code in ("en", "ja", "ko", "de", "fr", "ru", "pt", "es", "it")},
    "zh": "zh-cn",
}


class XttsSpeech:
    """A `SpeechBackend` over `base_url`; `voices` are names of its speaker files, best first.

    A clone's recording is named by its path, so the server must see the same disk.
    """

    name = "xtts"
    kinds: tuple[VoiceKind, ...] = ("preset", "clone")
    languages: tuple[str, ...] = tuple(LANGUAGES)
    mixes = False

    def __init__(
        self, base_url: str, timeout_s: float = 600.0, voices: Sequence[str] = ("female", "male")
    ) -> None:
        self._base_url, self._voices = base_url.rstrip("/"), tuple(voices)
        self._client = http.client(self._base_url, timeout=timeout_s)

    def fingerprint(self) -> Mapping[str, JSON]:
        return {"adapter": f"xtts/{VERSION}", "voices": list(self._voices)}

    def voices(self, language: str) -> tuple[VoiceInfo, ...]:
        return tuple(
            VoiceInfo(
                name,
                tuple(LANGUAGES),
                "feminine" if name == "female" else "masculine" if name == "male" else "neutral",
                "XTTS-v2",
            )
            for name in self._voices
        )

    def close(self) -> None:
        self._client.close()

    def render(self, request: SpeechRequest, out: Path) -> SpeechResult:
        """Speak the line to `out`: 48 kHz stereo WAV. Seed, speed and acting are not its.

        Raises:
            BadRequest: a designed voice, a language it lacks, or its refusal.
            Unavailable: no server, or it stays in error.
            OutOfMemory: its card is full.
            BadOutput: what came back is no sound, or silence.
        """
        if request.language not in LANGUAGES:
            raise BadRequest(f"XTTS does not speak {request.language!r}: {', '.join(LANGUAGES)}")
        where = f"{self._base_url}/tts_to_audio/"
        body = {
            "text": request.reading or request.text,
            "speaker_wav": self._speaker(request),
            "language": LANGUAGES[request.language],
        }
        try:
            answer = self._client.post(where, json=body)
        except httpx.HTTPError as error:
            raise Unavailable(
                f"no answer from {where} ({type(error).__name__}); is the server up?"
            ) from error
        if answer.status_code >= 400:
            raise refused(answer.status_code, answer.text, where)
        if "json" in answer.headers.get("content-type", ""):
            raise BadOutput(f"{where} sent a message instead of sound: {answer.text[:300]}")
        dropped = [name for name, asked in _asks(request).items() if asked]
        return finished(answer.content, request.text, out, dropped)

    def _speaker(self, request: SpeechRequest) -> str:
        match request.voice.kind:
            case "preset":
                return request.voice.preset or self._voices[0]
            case "clone":
                assert request.voice.reference_audio is not None
                return str(request.voice.reference_audio.absolute())
            case "design":
                raise BadRequest("XTTS has no designed voices: give the profile a [speech.design]")


def _asks(request: SpeechRequest) -> Mapping[str, bool]:
    return {"expression": request.expression != "neutral", "speed": request.speed != 1.0}
