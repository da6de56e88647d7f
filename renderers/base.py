"""The protocols of every backend, one a modality, with their requests and results.

A backend turns one frozen request into one file (or one answer) and reports what was
*measured* on that file, never what was asked for. It raises the errors of
`renderers.errors` and nothing else on purpose.

Knows: requests, results, protocols. Does not know: beats, plans, profiles, caches.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

from renderers.backend import JSON as JSON
from renderers.backend import Backend as Backend
from renderers.backend import Warms as Warms
from renderers.scene import CameraMove, Scene
from renderers.speaking import FetchesVoices as FetchesVoices
from renderers.speaking import KnowsKinds as KnowsKinds
from renderers.speaking import KnowsLanguages as KnowsLanguages
from renderers.speaking import KnowsScripts as KnowsScripts
from renderers.speaking import KnowsVoices as KnowsVoices
from renderers.speaking import Span as Span
from renderers.speaking import SpeechBackend as SpeechBackend
from renderers.speaking import SpeechRequest as SpeechRequest
from renderers.speaking import SpeechResult as SpeechResult
from renderers.speaking import VoiceInfo as VoiceInfo
from renderers.speaking import VoiceKind as VoiceKind
from renderers.speaking import VoiceSpec as VoiceSpec
from renderers.speaking import Word as Word
from renderers.usage import Admit

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


# --- transcription ----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Transcript:
    text: str
    words: tuple[Word, ...]
    language: str
    timed: bool = True
    """False: when words are said was not told, and is reckoned from their lengths."""


@runtime_checkable
class TranscriptionBackend(Backend, Protocol):
    def transcribe(self, audio: Path, language: str) -> Transcript:
        """Write down what is said in `audio`."""
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
    references: tuple[Reference, ...] = ()
    """Sheets of who is in the picture, by name, for a model that takes them."""
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
    max_seconds: float | None = None
    references: int = 0
    """Sheets of who is in the picture that it takes beside it."""


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
