"""Any server that speaks OpenAI's `/audio/speech`: vLLM-Omni, Irodori, Kokoro-FastAPI, coqui.

What is asked follows the server's dialect (`renderers.tts.dialects`); what comes back is
decoded whatever it claims to be, trimmed, levelled and measured like every other take.

Knows: requests, answers. Does not know: which server calls what how.
"""

from __future__ import annotations

import base64
import hashlib
import json
import mimetypes
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import openai

from renderers import http
from renderers.audio_file import AudioError, decode_mono
from renderers.base import JSON, SpeechRequest, SpeechResult, VoiceInfo, VoiceKind, Word
from renderers.endpoint import client, refused, translated
from renderers.errors import BadOutput, BadRequest, Unavailable
from renderers.options import one_of
from renderers.tts import waveform
from renderers.tts.acting import EMOJI, INSTRUCTIONS
from renderers.tts.dialects import DIALECTS, Dialect

VERSION = 1
FORMAT = "wav"
TIMES_HEADER = "x-word-timestamps"


class OpenAISpeech:
    """A `SpeechBackend` over `base_url`.

    `voices` replaces the dialect's names by those that this server has; `fields` is sent with
    every request (Irodori's `{irodori = {num_steps = 40}}`). `word_times` asks when each word is
    said, of a vLLM-Omni that was started with `--forced-aligner`.
    """

    name = "openai"

    def __init__(
        self,
        base_url: str,
        model: str = "",
        api_key: str | None = None,
        dialect: str = "openai",
        timeout_s: float = 600.0,
        retries: int = 4,
        voices: Sequence[str] = (),
        fields: Mapping[str, JSON] | None = None,
        word_times: bool = False,
    ) -> None:
        one_of("speech.dialect", dialect, DIALECTS)
        if word_times and not DIALECTS[dialect].word_times:
            able = ", ".join(name for name, terms in DIALECTS.items() if terms.word_times)
            raise BadRequest(f"speech.options.word_times: only {able} tells them, not {dialect}")
        self._word_times = word_times
        self.dialect, self.model = dialect, model or DIALECTS[dialect].model
        self._base_url, self._timeout = base_url, timeout_s
        self._voices, self._fields = tuple(voices), dict(fields or {})
        self._key = api_key
        self._client = client(base_url, api_key, timeout_s, retries)
        self._uploaded: dict[str, str] = {}

    @property
    def terms(self) -> Dialect:
        return DIALECTS[self.dialect]

    @property
    def kinds(self) -> tuple[VoiceKind, ...]:
        """Kinds of voice that it speaks with: fewer where the checkpoint's name tells which."""
        for kind, task in self.terms.tasks.items():
            if self.model.endswith(f"-{task}"):
                return (kind,)
        return self.terms.kinds

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(self.terms.languages)

    @property
    def mixes(self) -> bool:
        return self.terms.mixes

    def fingerprint(self) -> Mapping[str, JSON]:
        return {
            "adapter": f"openai-speech/{VERSION}",
            "dialect": self.dialect,
            "model": self.model,
            "voices": list(self._voices),
            "fields": dict(self._fields),
            **({"word_times": True} if self._word_times else {}),
        }

    def voices(self, language: str) -> tuple[VoiceInfo, ...]:
        if self._voices:
            known = {voice.name: voice for voice in self.terms.voices}
            languages = tuple(self.terms.languages)
            listed = (known.get(name, VoiceInfo(name, languages)) for name in self._voices)
        else:
            listed = iter(self.terms.voices)
        return tuple(voice for voice in listed if language in voice.languages)

    def close(self) -> None:
        self._client.close()

    def render(self, request: SpeechRequest, out: Path) -> SpeechResult:
        """Speak the line to `out`: 48 kHz stereo WAV, trimmed, levelled, faded.

        Raises:
            BadRequest: a kind of voice or language that this server does not do, or its refusal.
            Unavailable: no server, no such model, no valid key, or it stays busy.
            OutOfMemory: its card is full.
            BadOutput: what came back is no sound, or silence.
        """
        body, dropped = self._body(request)
        data, times = self._ask(body)
        words = times_told(times)
        if self._word_times and not words:
            dropped.append("word_times")
        return finished(data, request.text, out, dropped, words)

    # --- asking -------------------------------------------------------------

    def _body(self, request: SpeechRequest) -> tuple[dict[str, Any], list[str]]:
        """The request in the server's terms, and what of it has no place there."""
        terms = self.terms
        if request.voice.kind not in self.kinds:
            raise BadRequest(
                f"speech dialect {self.dialect} has no {request.voice.kind} voices, only "
                f"{', '.join(self.kinds)}: give the profile a [speech.{request.voice.kind}]"
            )
        if request.language not in terms.languages:
            raise BadRequest(
                f"speech dialect {self.dialect} does not speak {request.language!r}: "
                f"{', '.join(terms.languages)}"
            )
        text, acting, dropped = self._acted(request)
        body: dict[str, Any] = {
            "model": self.model,
            "input": text,
            "voice": self._voice(request),
            "response_format": FORMAT,
            "speed": round(min(4.0, max(0.25, request.speed)), 3),
            **terms.fixed,
            **acting,
        }
        if terms.language:
            own = terms.languages[request.language]
            body[terms.language] = (request.spans and terms.any_language) or own
        if terms.task:
            body[terms.task] = terms.tasks[request.voice.kind]
        if self._word_times:
            body[terms.word_times] = True
        for name, value in self._fields.items():
            body[name] = {**value} if isinstance(value, dict) else value
        if terms.seed:
            table, _, name = terms.seed.rpartition(".")
            (body.setdefault(table, {}) if table else body)[name] = request.seed
        if request.voice.kind == "clone" and terms.clones_by == "request":
            assert request.voice.reference_audio is not None
            body["ref_audio"] = _data_url(request.voice.reference_audio)
            if request.voice.reference_text:
                body["ref_text"] = request.voice.reference_text
            else:
                # Without the words of the recording only its timbre can be taken.
                body["x_vector_only_mode"] = True
        return body, dropped

    def _acted(self, request: SpeechRequest) -> tuple[str, dict[str, JSON], list[str]]:
        """The text to send, the fields that carry the acting, and what is dropped of it."""
        text, voice = request.reading or request.text, request.voice
        expression = request.expression
        said = INSTRUCTIONS.get(expression, "")
        if voice.kind == "design":
            return text, {"instructions": f"{voice.description} {said}".strip()}, []
        if expression == "neutral":
            return text, {}, []
        # A clone sounds as its recording does; instructions would be ignored or refused.
        able = voice.kind != "clone" and not any(n in self.model for n in self.terms.unmoved)
        match self.terms.acts_by:
            case "instructions" if able and said:
                return text, {"instructions": said}, []
            case "emoji" if expression in EMOJI:
                return EMOJI[expression] + text, {}, []
            case _:
                return text, {}, ["expression"]

    def _voice(self, request: SpeechRequest) -> str:
        voice = request.voice
        match voice.kind:
            case "preset":
                listed = self.voices(request.language)
                name = voice.preset or (listed[0].name if listed else "")
                return name.lower() if self.terms.lower_case else name
            case "clone" if self.terms.clones_by == "upload":
                assert voice.reference_audio is not None
                return self._upload(voice.reference_audio)
            case "clone" if self.terms.clones_by == "path":
                return str(_there(voice.reference_audio))
            case _:
                return "default"

    def _upload(self, audio: Path) -> str:
        """Leave a recording with the server, once; returns the name it has there."""
        data = _read(audio)
        digest = hashlib.sha256(data).hexdigest()[:16]
        if digest not in self._uploaded:
            where = f"{self._base_url.rstrip('/')}/audio/voices"
            name = f"storyboard-{digest}"
            headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
            try:
                answer = http.post(
                    where,
                    data={"voice_id": name},
                    files={"file": (f"{name}{audio.suffix}", data)},
                    headers=headers,
                    timeout=self._timeout,
                )
            except httpx.HTTPError as error:
                raise Unavailable(f"no answer from {where} ({type(error).__name__})") from error
            # A voice that is there from an earlier run is no fault.
            if answer.status_code >= 400 and answer.status_code != 409:
                raise refused(answer.status_code, answer.text, where)
            self._uploaded[digest] = name
        return self._uploaded[digest]

    def _ask(self, body: dict[str, Any]) -> tuple[bytes, str]:
        """The sound, and what the server tells of its words."""
        standard = {k: body.pop(k) for k in ("model", "input", "voice", "response_format", "speed")}
        where = f"{self._base_url.rstrip('/')}/audio/speech"
        try:
            answer = self._client.audio.speech.create(**standard, extra_body=body)
            kind = answer.response.headers.get("content-type", "")
            times = answer.response.headers.get(TIMES_HEADER, "")
            data = answer.content
        except openai.OpenAIError as error:
            raise translated(error, where, self.model) from error
        except httpx.HTTPError as error:
            raise BadOutput(f"the sound from {where} broke off ({type(error).__name__})") from error
        if "json" in kind or data[:1] == b"{":
            raise BadOutput(f"{where} sent a message instead of sound: {data[:300]!r}")
        return data, times


def times_told(header: str) -> list[Word]:
    """The words of vLLM-Omni's `X-Word-Timestamps`, in seconds; none if they cannot be read.

    The header is a JSON list of `{word, start_ms, end_ms}` in ASCII. Past 4 KB the server sends
    `X-Word-Timestamps-Omitted` in its stead, and proxies cut what they find too long.
    """
    try:
        told: list[Any] = json.loads(header)
        return [Word(str(t["word"]), t["start_ms"] / 1000, t["end_ms"] / 1000) for t in told]
    except (ValueError, TypeError, KeyError):
        return []


def finished(
    data: bytes, text: str, out: Path, dropped: Sequence[str], words: Sequence[Word] = ()
) -> SpeechResult:
    """A server's answer as a take at `out`, measured.

    Raises:
        BadOutput: it is no sound, or silence.
    """
    return waveform.take(_decoded(data, out.parent), text, out, dropped, words)


def _decoded(data: bytes, folder: Path) -> waveform.Samples:
    """Mono samples at the output rate, from whatever sound `data` is.

    A streamed WAV states a wrong length, and some servers send MP3 whatever was asked for:
    the decoder looks at what is there.
    """
    if not data:
        raise BadOutput("the server sent nothing")
    with TemporaryDirectory(dir=folder, prefix=".speech.") as scratch:
        path = Path(scratch) / "answer"
        path.write_bytes(data)
        try:
            return decode_mono(path, waveform.OUTPUT_RATE)
        except AudioError as error:
            raise BadOutput(f"the answer is no sound that can be decoded: {error}") from error


def _there(path: Path | None) -> Path:
    """The recording, by a path that means the same everywhere on this disk."""
    if path is None or not path.is_file():
        raise BadRequest(f"the voice's reference_audio cannot be read: there is no file {path}")
    return path.absolute()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadRequest(f"the voice's reference_audio cannot be read: {error}") from error


def _data_url(path: Path) -> str:
    kind = mimetypes.guess_type(path.name)[0] or "audio/wav"
    return f"data:{kind};base64,{base64.b64encode(_read(path)).decode()}"
