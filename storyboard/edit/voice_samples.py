"""How voices sound: a line said by each, made once.

Knows: what they say, in each language. Does not know: how a voice is made.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Lock

from renderers.base import SpeechRequest, VoiceInfo, VoiceSpec
from storyboard.core.directory import Directory
from storyboard.core.errors import UsageError
from storyboard.core.events import EventLog
from storyboard.graph.session import Session
from storyboard.profile import load_profile

SAMPLES = {
    "en": "Hello. I will tell your story, one beat at a time. Shall we begin?",
    "ja": "こんにちは。あなたの物語を、一場面ずつ語ります。始めましょうか？",
    "es": "Hola. Voy a contar tu historia, escena por escena. ¿Empezamos?",
    "fr": "Bonjour. Je vais raconter ton histoire, scène par scène. On commence ?",
    "it": "Ciao. Racconterò la tua storia, scena per scena. Cominciamo?",
    "pt": "Olá. Vou contar a sua história, cena por cena. Vamos começar?",
    "zh": "你好。我来讲你的故事，一幕一幕地讲。我们开始吧？",
}


@dataclass
class Samples:
    """Samples of profiles' voices in `folder`, each made once. Threads may share it: one is made at a time."""

    folder: Path
    session: Session
    means: tuple[str, ...] = ()
    """Overrides of whoever makes them, as which card it sees."""
    _lock: Lock = field(default_factory=Lock)

    def voices(self, profile: str, overrides: tuple[str, ...], language: str) -> list[VoiceInfo]:
        """Those that speak a language, best first."""
        with self.session.backends(load_profile(profile, overrides)) as backends:
            return list(backends.speech.voices(language))

    def file(self, profile: str, overrides: tuple[str, ...], language: str, voice: str) -> Path:
        """Where a voice says its line, once it has."""
        means = hashlib.sha256(repr((profile, overrides)).encode()).hexdigest()[:8]
        known = re.sub(r"[^\w-]", "_", voice)[:60]
        return self.folder / f"{means}-{language[:12]}-{known}.wav"

    def said(self, profile: str, overrides: tuple[str, ...], language: str, voice: str) -> Path:
        """As `file`, made if need be.

        Raises:
            UsageError: there is no such voice, or no line in that language.
            RendererError: it cannot be made.
        """
        line = SAMPLES.get(language)
        if line is None:
            raise UsageError(f"there is no sample in {language[:12]!r}: {', '.join(SAMPLES)}")
        made, asked = self.file(profile, overrides, language, voice), (*overrides, *self.means)
        with self._lock:
            if made.is_file():
                return made
            if voice not in [each.name for each in self.voices(profile, asked, language)]:
                raise UsageError(f"there is no voice '{voice[:60]}' for {language}")
            request = SpeechRequest(line, language, VoiceSpec(preset=voice))
            used, log = load_profile(profile, asked), EventLog(self.folder / "events.jsonl")
            with (
                self.session.backends(used) as backends,
                Directory(self.folder).replacing(made.name) as part,
            ):
                speak = partial(backends.speech.render, request, part)
                self.session.perform(used, "speech", log, speak)
        return made
