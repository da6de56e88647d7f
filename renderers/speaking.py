"""Speech: who speaks, what is said, the take that comes of it, and what a backend can tell beforehand.

Knows: voices, lines, times of words. Does not know: how a voice is made, how a take is judged.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

from renderers.backend import Backend
from renderers.scene import AgeGroup, Expression, Presentation


@dataclass(frozen=True, slots=True)
class Word:
    """One word, heard or known, with its time in seconds from the start of the file."""

    text: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class VoiceInfo:
    """One preset voice as a user sees it. `f0` is its median pitch in Hz, 0 if unknown."""

    name: str
    languages: tuple[str, ...]
    presentation: Presentation = "neutral"
    origin: str = ""
    age: AgeGroup = "adult"
    f0: int = 0


VoiceKind = Literal["preset", "clone", "design"]


@dataclass(frozen=True, slots=True)
class VoiceSpec:
    """Who speaks: a preset by name, a clone of a recording, or a described voice."""

    kind: VoiceKind = "preset"
    preset: str = ""
    description: str = ""
    reference_audio: Path | None = None
    reference_text: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a line in one language."""

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class SpeechRequest:
    """One line. `text` is what the audience reads, `reading` how it is pronounced."""

    text: str
    language: str
    voice: VoiceSpec
    reading: str = ""
    speed: float = 1.0
    expression: Expression = "neutral"
    seed: int = 0
    spans: tuple[Span, ...] = ()
    """What is said, by language, where it is of several; empty: all of it in `language`."""


@dataclass(frozen=True, slots=True)
class SpeechResult:
    """The measured take: 48 kHz stereo WAV, silence trimmed at both ends."""

    path: Path
    seconds: float
    sample_rate: int
    channels: int
    dropped: tuple[str, ...] = ()
    """Parts of the request that this backend cannot honour ("expression")."""
    words: tuple[Word, ...] = ()
    """When each word of the text is said, where the voice itself tells; empty where it does not."""


@runtime_checkable
class SpeechBackend(Backend, Protocol):
    def voices(self, language: str) -> tuple[VoiceInfo, ...]:
        """Preset voices usable for `language` (`en`, `ja`), best first."""
        ...

    def render(self, request: SpeechRequest, out: Path) -> SpeechResult:
        """Speak the line to `out` (WAV)."""
        ...


@runtime_checkable
class KnowsKinds(Protocol):
    """A speech backend that can say beforehand which kinds of voice it speaks with."""

    @property
    def kinds(self) -> tuple[VoiceKind, ...]: ...


@runtime_checkable
class FetchesVoices(Protocol):
    """A speech backend that has better voices for a language, and can fetch them once."""

    def fetch_voices(self, language: str, tell: Callable[[str], None]) -> None:
        """Fetch them if they are not here; `tell` hears of it. Where it fails, nothing is lost."""
        ...


@runtime_checkable
class KnowsScripts(Protocol):
    """A speech backend that can say beforehand which scripts it reads."""

    def unreadable(self, text: str, language: str) -> str:
        """Why `text` cannot be said, in words that go on from "the line …"; "" if it can."""
        ...

    def approximated(self, text: str) -> tuple[str, ...]:
        """Words that are said as their letters sound in another script, with that spelling."""
        ...


@runtime_checkable
class KnowsLanguages(Protocol):
    """A speech backend that can say beforehand which languages it speaks."""

    @property
    def languages(self) -> tuple[str, ...]: ...

    @property
    def mixes(self) -> bool:
        """Whether it says each span of a line in the span's own language."""
        ...


@runtime_checkable
class KnowsVoices(Protocol):
    """A speech backend that has just the voices that it says it has: no server may have more."""

    def has_voice(self, name: str) -> bool: ...
