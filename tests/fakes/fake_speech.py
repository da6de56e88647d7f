"""A server of voices and ears for tests: real HTTP on loopback, real dialects, their traps.

    with FakeAudioServer("kokoro-fastapi") as server:
        OpenAISpeech(server.url, "kokoro", dialect="kokoro-fastapi")

It speaks in the tones of `tones`, and hears them: what is in a file can be read back.
Left to its defaults it does what the real ones do: streams, sends MP3, states a wrong length.
What it says is faint and has silence around it, as a model's is.

    python -m fake_speech kokoro-fastapi 8880
    python -m fake_speech vllm-omni 8882 Base

Knows: what these servers take, refuse and send. Does not know: models.
"""

from __future__ import annotations

import base64
import binascii
import json
import struct
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from loopback import Answer, Call, LoopbackServer
from tones import TonesSpeech, TonesTranscription

from renderers.base import JSON, SpeechRequest, VoiceSpec, Word
from renderers.ffmpeg import run_ffmpeg
from renderers.tts.acting import EMOJI
from renderers.tts.dialects import DIALECTS

Dialect = Literal["openai", "vllm-omni", "kokoro-fastapi", "irodori", "coqui", "xtts"]
Times = Literal["whole", "cut", "lost", "falling", "late", "unnamed"]
"""What becomes of the times of words: cut by a proxy, lost, in no order, beyond the sound, or
without the word in each."""
_MOST_TIMES = 4096
"""Characters of times that vLLM-Omni puts into a header; longer ones it leaves out."""
_WRONG_LENGTH = 0xFFFFFFFF
_SERVED_RATE = 24_000


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it arrived."""

    path: str
    fields: Mapping[str, Any]


@dataclass
class FakeAudioServer(LoopbackServer):
    """Answers like `dialect`. `task`: what a Qwen3-TTS checkpoint was trained for.

    `key`, where given, is asked of every request. `fails` scripts errors, `(status, message)`,
    that are answered first; `mumbles` is how many answers come out as silence. `aligner`: vLLM-Omni
    was started with one, and tells when words are said; `times` is what becomes of that on its way.
    """

    dialect: Dialect = "kokoro-fastapi"
    task: str = "CustomVoice"
    model: str = ""
    key: str = ""
    port: int = 0
    fails: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    mumbles: int = 0
    requests: list[Asked] = field(default_factory=list[Asked])
    uploaded: set[str] = field(default_factory=set[str])
    aligner: bool = False
    times: Times = "whole"

    root_path = "/v1"

    def __post_init__(self) -> None:
        self.listen(self.port)

    def respond(self, call: Call) -> Answer:
        if call.method == "GET":
            return Answer.json(200, {"status": "ok"})
        if self.key and call.headers.get("authorization") != f"Bearer {self.key}":
            return _message(401, "Incorrect API key provided.")
        if call.is_form:
            fields, files = call.form()
        else:
            fields, files = call.json(), []
        return self.answer(call.path, fields, files[0].data if files else b"")

    # --- what is answered ---------------------------------------------------

    def answer(self, path: str, fields: dict[str, Any], file: bytes) -> Answer:
        self.requests.append(Asked(path, fields))
        if self.fails:
            return _message(*self.fails.pop(0))
        if self.model and fields.get("model", self.model) != self.model:
            return _message(404, f"The model `{fields['model']}` does not exist.")
        if path.endswith("/audio/voices"):
            return self._left(fields["voice_id"])
        if path.endswith("/audio/transcriptions"):
            return self._heard(fields, file)
        if refused := self._refusal(fields):
            # Coqui raises where others refuse.
            return _message(500 if self.dialect in ("coqui", "xtts") else 400, refused)
        return self._spoken(fields)

    def _left(self, name: str) -> Answer:
        """Answer to a recording that is left with the server: a name is taken once."""
        if name in self.uploaded:
            return _message(409, f"Voice '{name}' already exists.")
        self.uploaded.add(name)
        return Answer.json(201, {"id": name})

    def _refusal(self, asked: Mapping[str, Any]) -> str:
        voice = str(asked.get("voice", ""))
        match self.dialect:
            case "vllm-omni":
                known = [v.name.lower() for v in DIALECTS["vllm-omni"].voices]
                if asked.get("task_type", "CustomVoice") != self.task:
                    return f"task_type must be {self.task} for this checkpoint"
                if asked.get("word_timestamps") and not self.aligner:
                    return "word_timestamps=true requires the server to be launched with --forced-aligner."
                if asked.get("word_timestamps") and asked.get("stream"):
                    return "word_timestamps=true is currently supported by the WebSocket"
                if asked.get("ref_text") and self.task != "Base":
                    return "ref_text is only valid for Base"
                if self.task == "Base":
                    return _clone_refused(asked)
                if self.task == "VoiceDesign" and not asked.get("instructions"):
                    return "VoiceDesign requires instructions"
                if self.task == "CustomVoice" and voice not in known:
                    return f"unknown voice '{voice}'"
                if asked.get("language", "Auto") not in ("Auto", "English", "Japanese"):
                    return f"unsupported language '{asked['language']}'"
            case "irodori" if asked["model"] != "irodori-tts":
                return f"Unsupported model '{asked['model']}'. Use 'irodori-tts'."
            case "irodori" if voice != "none" and voice not in self.uploaded:
                return f"Unknown voice='{voice}'."
            case "kokoro-fastapi" if asked.get("model", "kokoro") not in (
                "kokoro",
                "tts-1",
                "tts-1-hd",
            ):
                return f"Unsupported model: {asked['model']}"
            case "kokoro-fastapi" | "coqui" if not _known(self.dialect, voice):
                return f"Speaker {voice!r} is not a speaker of this model"
            case "xtts" if not _known("xtts", str(asked["speaker_wav"])):
                return "Speaker file not found"
            case "xtts" if asked.get("language") not in ("en", "ja"):
                return "Language code sent is not in the list of supported languages"
            case "openai" if extra := sorted(set(asked) - _OPENAI):
                return f"Unknown parameter: '{extra[0]}'."
            case _:
                pass
        return ""

    def _spoken(self, asked: Mapping[str, Any]) -> Answer:
        streams = self.dialect == "kokoro-fastapi" and asked.get("stream", True)
        default = "mp3" if self.dialect in ("kokoro-fastapi", "openai", "coqui") else "wav"
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
            sounds = "volume=0" if silent else _FAINT
            run_ffmpeg(["-i", line, "-af", sounds, "-ar", str(_SERVED_RATE), "-ac", "1", out])
            sound = out.read_bytes()
            headers = self._times(line) if asked.get("word_timestamps") else {}
        if kind == "wav" and (streams or self.dialect == "vllm-omni"):
            # Written before its length was known.
            sound = sound[:4] + struct.pack("<I", _WRONG_LENGTH) + sound[8:]
            at = sound.index(b"data") + 4
            sound = sound[:at] + struct.pack("<I", _WRONG_LENGTH) + sound[at + 4 :]
        if streams:
            # Whoever does not read a stream to its end has the first of its pieces.
            sound = sound[: len(sound) // 2]
        return Answer(200, sound, f"audio/{kind}", headers)

    def _times(self, line: Path) -> dict[str, str]:
        """When each word is said in the answer, as a header: words without marks, in ASCII."""
        told = [
            {
                "word": "".join(c for c in word.text if c.isalnum()),
                "start_ms": round(word.start * 1000) + _BEFORE_MS,
                "end_ms": round(word.end * 1000) + _BEFORE_MS,
            }
            for word in TonesTranscription().transcribe(line, "en").words
        ]
        if self.times == "unnamed":
            told = [{"start_ms": t["start_ms"]} for t in told]
        if self.times == "falling":
            told = [{**t, "start_ms": 900 - 300 * n, "end_ms": 0} for n, t in enumerate(told)]
        if self.times == "late":
            told = [{**t, "start_ms": 90_000, "end_ms": 91_000} for t in told]
        text = json.dumps(told)
        if self.times == "lost":
            return {}
        if len(text) > _MOST_TIMES:
            return {"X-Word-Timestamps-Omitted": f"oversize; bytes={len(text)}; limit=4096"}
        return {"X-Word-Timestamps": text[: len(text) // 2] if self.times == "cut" else text}

    def _heard(self, asked: Mapping[str, Any], file: bytes) -> Answer:
        with TemporaryDirectory(prefix="storyboard-fake-") as scratch:
            path = Path(scratch) / "heard"
            path.write_bytes(file)
            heard = TonesTranscription().transcribe(path, str(asked.get("language", "en")))
        said: dict[str, Any] = {"text": heard.text}
        if self.dialect == "openai" and asked.get("response_format") == "verbose_json":
            said |= {"task": "transcribe", "language": heard.language, "duration": 1.0}
            said["words"] = [self._heard_word(word) for word in heard.words]
            if self.times == "lost":
                del said["words"]
        return Answer.json(200, said)

    def _heard_word(self, word: Word) -> dict[str, JSON]:
        if self.times == "unnamed":
            return {"word": word.text}
        start = 9 - word.start if self.times == "falling" else word.start
        return {"word": word.text, "start": start, "end": word.end}


def _clone_refused(asked: Mapping[str, Any]) -> str:
    """Why a checkpoint that clones does not take the request; "" if it does."""
    kind, _, data = str(asked.get("ref_audio", "")).partition(";base64,")
    try:
        sound = base64.b64decode(data, validate=True)
    except binascii.Error:
        sound = b""
    if not kind.startswith("data:audio/") or not sound:
        return "Base requires ref_audio: a URL, a base64 data URL or a file URI"
    if not asked.get("ref_text") and not asked.get("x_vector_only_mode"):
        return "Base requires ref_text, or x_vector_only_mode"
    return "Base takes no instructions" if asked.get("instructions") else ""


def _known(dialect: str, voice: str) -> bool:
    """Whether the server has a voice of that name; coqui's also read a file of that path."""
    if dialect == "kokoro-fastapi":
        return voice[:1] in ("a", "b", "j") and voice[1:3] in ("f_", "m_")
    if dialect == "coqui" and voice in _SPEAKERS:
        return True
    return Path(voice).is_file() or (dialect == "xtts" and voice in ("female", "male"))


_BEFORE_MS = 300
_FAINT = f"volume=0.25,adelay={_BEFORE_MS}:all=1,apad=pad_dur=0.4"
_SPEAKERS = (
    *("Claribel Dervla", "Daisy Studious", "Gracie Wise", "Ana Florence"),
    *("Andrew Chipper", "Damien Black", "Viktor Eka", "Craig Gutsy"),
)
"""Some of XTTS-v2's, as they are called there."""
_OPENAI = {"model", "input", "voice", "response_format", "speed", "instructions", "stream_format"}


def _message(status: int, text: str) -> Answer:
    return Answer.json(status, {"error": {"message": text, "code": None}})


def main() -> None:
    """Serve `DIALECT PORT [TASK]` until interrupted."""
    dialect, port, *task = sys.argv[1:]
    FakeAudioServer(dialect, *task, port=int(port)).serve_forever()  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
