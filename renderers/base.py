"""The protocols of every backend, one a modality, with their requests and results.

A backend turns one frozen request into one file (or one answer) and reports what was
*measured* on that file, never what was asked for. It raises the errors of
`renderers.errors` and nothing else on purpose.

Knows: requests, results, protocols. Does not know: beats, plans, profiles, caches.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

from typing_extensions import TypeAliasType

from renderers.scene import AgeGroup, CameraMove, Expression, Presentation, Scene
from renderers.usage import Admit

# A named alias, because Pydantic cannot follow an implicit recursive one.
JSON = TypeAliasType("JSON", "bool | int | float | str | list[JSON] | dict[str, JSON] | None")


class Backend(Protocol):
    """What all backends share."""

    @property
    def name(self) -> str:
        """Short stable name, as in a profile (`kokoro`, `animatic`, `openai`)."""
        ...

    def fingerprint(self) -> Mapping[str, JSON]:
        """What a result depends on besides the request: adapter version, model, revision.

        Part of the cache key, so it must be cheap and must not touch a GPU.
        """
        ...

    def close(self) -> None:
        """Let go of everything held (models, processes, sockets). May be called twice."""
        ...


@runtime_checkable
class Warms(Protocol):
    """A backend that takes long to load, and may do so before it is asked."""

    def warm(self) -> None:
        """Begin to load in the background; what goes wrong is told to the first request."""
        ...


# --- chat -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Message:
    """One turn. `images` are shown to a model that sees; others refuse them."""

    role: Literal["system", "user", "assistant"]
    text: str
    images: tuple[Path, ...] = ()
    labels: tuple[str, ...] = ()
    """What is said right before each image ("Image 2: Ann, on a reference sheet")."""


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A question. With `schema` (JSON Schema) the answer is parsed and valid by it."""

    messages: tuple[Message, ...]
    schema: Mapping[str, JSON] | None = None
    schema_name: str = "answer"
    thinking: bool = False
    """Let the model reason first; never together with `schema` on servers that mix them up."""
    thinking_tokens: int | None = None
    max_tokens: int = 2048
    temperature: float = 1.0
    seed: int | None = None
    purpose: str = ""
    """What it is asked for, in a word; for the log alone."""
    seconds: float | None = None
    """Most that it may take with all its retries; None: as the backend is set up."""
    attempts: int | None = None
    """Most answers that may be asked for; None: as the backend is set up."""
    admit: Admit | None = None
    """Called before each answer that is asked for; what it raises ends the question."""


@dataclass(frozen=True, slots=True)
class ChatResult:
    """The answer; `data` is set when a schema was asked for. Reasoning is kept apart.

    Tokens and seconds are those of every answer it took, the useless ones included.
    """

    text: str
    data: JSON
    reasoning: str
    model: str
    prompt_tokens: int
    completion_tokens: int
    seconds: float
    calls: int = 1
    """Answers it took."""


@runtime_checkable
class ChatBackend(Backend, Protocol):
    def ask(self, request: ChatRequest) -> ChatResult:
        """Ask and wait for a whole answer; a cut or runaway answer is a BadOutput."""
        ...


@runtime_checkable
class Thinks(Protocol):
    """A chat backend whose thoughts are paid for beside the tokens that a question bounds."""

    def thoughts(self, request: ChatRequest) -> int:
        """The most that they can take for one answer, in tokens."""
        ...


# --- images -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference picture and the role it plays ("image 1 is Kenta")."""

    path: Path
    role: str = ""


Region = tuple[int, int, int, int]
"""Left, top, right and bottom in thousandths of a picture."""


@dataclass(frozen=True, slots=True)
class ImageRequest:
    """One picture. `scene` is the structured twin of `prompt`; a backend uses either."""

    prompt: str
    width: int
    height: int
    seed: int
    references: tuple[Reference, ...] = ()
    scene: Scene | None = None
    options: Mapping[str, JSON] = field(default_factory=dict[str, JSON])
    """Backend knobs by their usual names (steps, guidance_scale, shift, preset)."""
    region: Region | None = None
    """The only part of the first reference that is to change; of use to a backend with masks."""


@dataclass(frozen=True, slots=True)
class ImageResult:
    path: Path
    width: int
    height: int
    seed: int
    warnings: tuple[str, ...] = ()
    info: Mapping[str, JSON] = field(default_factory=dict[str, JSON])


@runtime_checkable
class ImageBackend(Backend, Protocol):
    @property
    def uses_references(self) -> bool:
        """True: draws from prompt and reference pictures; False: draws the scene itself."""
        ...

    @property
    def max_references(self) -> int:
        """How many reference pictures it takes; 0: it draws from the prompt alone."""
        ...

    def render(self, request: ImageRequest, out: Path) -> ImageResult:
        """Draw the picture to `out` (PNG)."""
        ...


# --- speech -----------------------------------------------------------------


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


# --- transcription ----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Word:
    """One word, heard or known, with its time in seconds from the start of the file."""

    text: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Transcript:
    text: str
    words: tuple[Word, ...]
    language: str
    timed: bool = True
    """False: when words are said was not told, and is reckoned from their lengths."""


@runtime_checkable
class TranscriptionBackend(Backend, Protocol):
    def transcribe(self, audio: Path, language: str, hint: str = "") -> Transcript:
        """Write down what is said in `audio`. `hint` may hold the expected names."""
        ...


# --- alignment --------------------------------------------------------------


@runtime_checkable
class AlignmentBackend(Backend, Protocol):
    def align(self, audio: Path, text: str, language: str) -> tuple[Word, ...]:
        """Say when each word of `text` is said in `audio`. Times rise and lie inside the file.

        Words are as the model splits the text, marks left out; one that it cannot place is
        missing. A text that is not what is said there, or times that cannot be, are a BadOutput.
        """
        ...

    def lacking(self) -> str:
        """What it lacks to work here, with the fix; "" for nothing. Loads nothing."""
        ...


# --- clips ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ClipRequest:
    """One clip of exactly `frames` frames; a backend snaps to what its model makes and cuts back.

    `audio` is what somebody in the picture is heard to say, 48 kHz stereo, padded to the clip's
    length; None where nobody's lips are to move.
    """

    image: Path
    width: int
    height: int
    fps: int
    frames: int
    audio: Path | None = None
    scene: Scene | None = None
    prompt: str = ""
    camera: CameraMove = "push in"
    keep_audio: bool = False
    """Keep the sound the model itself generates (an effect beat)."""
    seed: int = 0
    options: Mapping[str, JSON] = field(default_factory=dict[str, JSON])


@dataclass(frozen=True, slots=True)
class ClipResult:
    path: Path
    width: int
    height: int
    fps: float
    frames: int
    has_audio: bool
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClipCaps:
    """What a clip backend can do; static, known without a GPU."""

    needs_gpu: bool = True
    """False: pure CPU work that may run in several worker processes at once."""
    needs_audio: bool = False
    lip_sync: bool = False
    draws: bool = False
    """Draws the scene itself, so that lips follow by construction; False: films the picture."""
    makes_sound: bool = False
    size_multiple: int = 2
    frame_rule: tuple[int, int] = (1, 0)
    """(a, b): legal frame counts are a·k + b (LTX: (8, 1); Wan: (4, 1))."""
    fixed_fps: int | None = None
    max_seconds: float | None = None


@runtime_checkable
class ClipBackend(Backend, Protocol):
    def caps(self) -> ClipCaps: ...

    def render(self, request: ClipRequest, out: Path) -> ClipResult:
        """Make the clip at `out` (MP4)."""
        ...


# --- review -----------------------------------------------------------------

ReviewOutcome = Literal["answered", "empty", "blocked", "cut", "unreadable"]
"""`cut`: it stopped in the middle (its tokens ran out); `unreadable`: no JSON."""


@dataclass(frozen=True, slots=True)
class ReviewRequest:
    """A film to be watched, and what is asked about it; the answer is JSON by `schema`.

    `words` and `moments` (seconds, most telling first) are for those who cannot watch a
    video: they read what is said and look at single frames.
    """

    film: Path
    instructions: str
    question: str
    schema: Mapping[str, JSON]
    words: tuple[Word, ...] = ()
    moments: tuple[float, ...] = ()
    max_tokens: int = 8192
    admit: Admit | None = None
    """Called before each answer that is asked for; what it raises ends the question."""


@dataclass(frozen=True, slots=True)
class ReviewResult:
    """What came of watching. Only an answer has `data`; any other outcome has its reason.

    `saw` says in words what the model was shown, since one that saw 24 frames cannot judge
    motion. Tokens and seconds are those of every answer it took.
    """

    outcome: ReviewOutcome
    data: JSON
    reason: str
    saw: str
    model: str
    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0
    calls: int = 1


@runtime_checkable
class ReviewBackend(Backend, Protocol):
    def watch(self, request: ReviewRequest) -> ReviewResult:
        """Watch the film and answer. A model that declines or says nothing is no error."""
        ...
