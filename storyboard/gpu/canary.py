"""A request whose answer is known, put to a server that says that it is up or awake.

vLLM has had releases that answer nonsense after waking, and health addresses that answer while
the engine is dead. So a planner is asked for a word, a voice for a line.

Knows: questions and their answers. Does not know: who was woken, what follows.
"""

from __future__ import annotations

import math
import wave
from array import array
from pathlib import Path
from typing import Any, cast

from renderers.errors import BadOutput, BadRequest, Unavailable
from renderers.scratch import temporary_folder
from storyboard.gpu.control import healthy, post
from storyboard.profile import Service

ASK_S = 60.0
_WORD = "ready"
_QUESTION = f"Answer with this one word and nothing else: {_WORD}"
# A model that thinks before it answers comes to the word in its thoughts.
_TOKENS = 64


def ask(service: Service, timeout_s: float = ASK_S) -> None:
    """Ask what `service.canary` says.

    Raises:
        Unavailable: no answer. BadOutput: an answer that makes no sense.
    """
    match service.canary:
        case "health":
            if not healthy(service, timeout_s):
                raise Unavailable(f"{service.health} does not answer")
        case "chat":
            _chat(service, timeout_s)
        case "speech":
            _speech(service, timeout_s)


def _chat(service: Service, timeout_s: float) -> None:
    body: dict[str, Any] = {
        "model": service.model,
        "messages": [{"role": "user", "content": _QUESTION}],
        "max_tokens": _TOKENS,
        "temperature": 0,
    }
    reply = post(f"{service.root_url}/v1/chat/completions", json=body, timeout=timeout_s)
    try:
        message = cast("dict[str, Any]", reply["choices"][0]["message"])
        told = [message.get(name) for name in ("content", "reasoning", "reasoning_content")]
    except (KeyError, IndexError, TypeError, AttributeError):
        raise BadOutput(f"{service.root_url} answered without a message") from None
    answer = " ".join(str(part) for part in told if part)
    if _WORD not in answer.lower():
        raise BadOutput(f"{service.root_url} was asked for '{_WORD}' and answered {answer[:60]!r}")


def _speech(service: Service, timeout_s: float) -> None:
    """A word spoken by a Qwen3-TTS of vLLM-Omni, in the kind of voice that its checkpoint has."""
    # What speaks and decodes is loaded only where somebody speaks.
    from renderers.base import SpeechRequest, VoiceSpec
    from renderers.tts.openai import OpenAISpeech

    url = f"{service.root_url}/v1"
    voice = OpenAISpeech(
        url, service.model, dialect=service.dialect, timeout_s=timeout_s, retries=0
    )
    with temporary_folder("canary") as folder:
        sample = folder / "sample.wav"
        _hum(sample)
        kind = voice.kinds[0]
        spec = VoiceSpec(
            kind=kind,
            description="A calm voice." if kind == "design" else "",
            reference_audio=sample if kind == "clone" else None,
        )
        try:
            voice.render(SpeechRequest(_WORD, "en", spec), folder / "answer.wav")
        except BadRequest as error:
            raise Unavailable(f"{url} does not speak a word: {error}") from None
        finally:
            voice.close()


def _hum(out: Path) -> None:
    """1.5 s of something with a timbre, for a checkpoint that speaks as a recording does."""
    rate = 24_000
    wave_of = (
        sum(math.sin(2 * math.pi * 120 * k * n / rate) / k for k in (1, 2, 3, 4)) / 4
        for n in range(round(1.5 * rate))
    )
    with wave.open(str(out), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(array("h", (round(v * 20_000) for v in wave_of)).tobytes())
