"""A server of voices and ears for tests: real HTTP on loopback, real dialects, their traps.

    with FakeAudioServer("kokoro-fastapi") as server:
        OpenAISpeech(server.url, "kokoro", dialect="kokoro-fastapi")

It speaks in the tones of `renderers.tones`, and hears them: what is in a file can be read back.
Left to its defaults it does what the real ones do: streams, sends MP3, states a wrong length.

Knows: what these servers take, refuse and send. Does not know: models.
"""

from __future__ import annotations

import json
import struct
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, Self

from renderers.base import SpeechRequest, VoiceSpec
from renderers.ffmpeg import run_ffmpeg
from renderers.image.fake_server import form
from renderers.tones import TonesSpeech, TonesTranscription
from renderers.tts.acting import EMOJI
from renderers.tts.dialects import DIALECTS

Dialect = Literal["openai", "vllm-omni", "kokoro-fastapi", "irodori", "coqui", "xtts"]
_WRONG_LENGTH = 0xFFFFFFFF
_SERVED_RATE = 24_000


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it arrived."""

    path: str
    fields: Mapping[str, Any]


@dataclass
class FakeAudioServer:
    """Answers like `dialect`. `task`: what a Qwen3-TTS checkpoint was trained for.

    `fails` scripts errors, `(status, message)`, that are answered first; `mumbles` is how many
    answers come out as silence.
    """

    dialect: Dialect = "kokoro-fastapi"
    task: str = "CustomVoice"
    model: str = ""
    port: int = 0
    fails: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    mumbles: int = 0
    requests: list[Asked] = field(default_factory=list[Asked])
    uploaded: set[str] = field(default_factory=set[str])

    def __post_init__(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self.serve)

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        return f"{self.root}/v1"

    def serve(self) -> None:
        self._server.serve_forever(0.05)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    # --- what is answered ---------------------------------------------------

    def answer(self, path: str, fields: dict[str, Any], file: bytes) -> tuple[int, str, bytes]:
        """Status, content type and body."""
        self.requests.append(Asked(path, fields))
        if self.fails:
            return _message(*self.fails.pop(0))
        if self.model and fields.get("model", self.model) != self.model:
            return _message(404, f"The model `{fields['model']}` does not exist.")
        if path.endswith("/audio/voices"):
            self.uploaded.add(fields["voice_id"])
            return 200, "application/json", b'{"status": "ok"}'
        if path.endswith("/audio/transcriptions"):
            return self._heard(fields, file)
        if refused := self._refusal(fields):
            return _message(400, refused)
        return self._spoken(fields)

    def _refusal(self, asked: Mapping[str, Any]) -> str:
        voice = str(asked.get("voice", ""))
        match self.dialect:
            case "vllm-omni":
                known = [v.name.lower() for v in DIALECTS["vllm-omni"].voices]
                if asked.get("task_type", "CustomVoice") != self.task:
                    return f"task_type must be {self.task} for this checkpoint"
                if asked.get("ref_text") and self.task != "Base":
                    return "ref_text is only valid for Base"
                if self.task == "Base" and not (
                    asked.get("ref_text") or asked.get("x_vector_only_mode")
                ):
                    return "Base needs ref_text, or x_vector_only_mode"
                if self.task == "VoiceDesign" and not asked.get("instructions"):
                    return "VoiceDesign requires instructions"
                if self.task == "CustomVoice" and voice not in known:
                    return f"unknown voice '{voice}'"
                if asked.get("language", "Auto") not in ("Auto", "English", "Japanese"):
                    return f"unsupported language '{asked['language']}'"
            case "irodori" if voice != "none" and voice not in self.uploaded:
                return f"voice '{voice}' not found"
            case "openai" if extra := sorted(set(asked) - _OPENAI):
                return f"Unknown parameter: '{extra[0]}'."
            case _:
                pass
        return ""

    def _spoken(self, asked: Mapping[str, Any]) -> tuple[int, str, bytes]:
        streams = self.dialect == "kokoro-fastapi" and asked.get("stream", True)
        default = "mp3" if self.dialect in ("kokoro-fastapi", "openai") else "wav"
        kind = "wav" if self.dialect == "xtts" else asked.get("response_format", default)
        voice = str(asked.get("voice") or asked.get("speaker_wav"))
        text = str(asked.get("input") or asked.get("text"))
        for emoji in EMOJI.values():
            text = text.replace(emoji, "")
        with TemporaryDirectory(prefix="storyboard-fake-") as scratch:
            line, out = Path(scratch) / "line.wav", Path(scratch) / f"out.{kind}"
            names = ("tone_a", "tone_b", "tone_c", "tone_d")
            preset = names[sum(map(ord, voice)) % len(names)]
            speed = float(asked.get("speed", 1.0))
            request = SpeechRequest(text, "en", VoiceSpec(preset=preset), speed=speed)
            TonesSpeech().render(request, line)
            self.mumbles, silent = max(0, self.mumbles - 1), self.mumbles > 0
            volume = ["-af", "volume=0"] if silent else []
            run_ffmpeg(["-i", line, *volume, "-ar", str(_SERVED_RATE), "-ac", "1", out])
            sound = out.read_bytes()
        if kind == "wav" and (streams or self.dialect == "vllm-omni"):
            # Written before its length was known.
            sound = sound[:4] + struct.pack("<I", _WRONG_LENGTH) + sound[8:]
            at = sound.index(b"data") + 4
            sound = sound[:at] + struct.pack("<I", _WRONG_LENGTH) + sound[at + 4 :]
        if streams:
            # Whoever does not read a stream to its end has the first of its pieces.
            sound = sound[: len(sound) // 2]
        return 200, f"audio/{kind}", sound

    def _heard(self, asked: Mapping[str, Any], file: bytes) -> tuple[int, str, bytes]:
        with TemporaryDirectory(prefix="storyboard-fake-") as scratch:
            path = Path(scratch) / "heard"
            path.write_bytes(file)
            heard = TonesTranscription().transcribe(path, str(asked.get("language", "en")))
        said: dict[str, Any] = {"text": heard.text}
        if self.dialect == "openai" and asked.get("response_format") == "verbose_json":
            said |= {"task": "transcribe", "language": heard.language, "duration": 1.0}
            said["words"] = [{"word": w.text, "start": w.start, "end": w.end} for w in heard.words]
        return 200, "application/json", json.dumps(said).encode()


_OPENAI = {"model", "input", "voice", "response_format", "speed", "instructions", "stream_format"}


def _message(status: int, text: str) -> tuple[int, str, bytes]:
    said = {"error": {"message": text, "code": None}}
    return status, "application/json", json.dumps(said).encode()


def _handler(fake: FakeAudioServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send(200, "application/json", b'{"status": "ok"}')

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kind = self.headers["Content-Type"]
            if kind.startswith("multipart/"):
                fields, files = form(kind, body)
            else:
                fields, files = json.loads(body), ()
            self._send(*fake.answer(self.path, fields, files[0] if files else b""))

        def _send(self, status: int, kind: str, payload: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler
