"""From a profile to working backends, each made when it is first asked for.

Adapters register as entry points (`storyboard.chat`, `.image`, `.speech`,
`.transcription`, `.alignment`, `.clip`, `.review`), so an installed package of the user's can add one. A section's fields become
keyword arguments of the adapter, checked against its signature.

Knows: profiles, entry points, construction. Does not know: what a backend does.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextlib import ExitStack
from functools import cached_property
from importlib.metadata import entry_points
from threading import Lock
from typing import Any, Literal

from renderers.base import (
    AlignmentBackend,
    Backend,
    ChatBackend,
    ClipBackend,
    ImageBackend,
    ImageRequest,
    ReviewBackend,
    SpeechBackend,
    TranscriptionBackend,
    VoiceKind,
)
from storyboard.core.errors import UsageError
from storyboard.core.events import EventLog
from storyboard.profile.metering import Meter, MeteredChat, MeteredReview, SharedChat
from storyboard.profile.profile import Limits, Profile, Section
from storyboard.profile.service import IN_PROCESS

Modality = Literal["chat", "image", "speech", "transcription", "alignment", "clip", "review"]
OFFLINE = "offline"
SECOND = "second opinion"
"""Purpose of the calls of `[judge.escalation]`."""
_NOBODY = {OFFLINE, "none"}
_OWN_FIELDS = {
    "backend",
    "service",
    "api_key_env",
    "options",
    "clone",
    "design",
    "edit",
    "escalation",
} | {
    "strength",
    "weights",
    "input_price",
    "output_price",
    "threshold",
    "max_cost",
    "cast_library",
    "draft",
    "grid",
}


def adapters(modality: Modality) -> dict[str, Callable[[], Callable[..., Any]]]:
    """Name → loader of every adapter installed for `modality`."""
    return {point.name: point.load for point in entry_points(group=f"storyboard.{modality}")}


class Models:
    """The adapters of one profile, each made once, with the models that they have loaded.
    Threads may share it, and adapters: a film is put together beside the next one's pictures."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self._made: dict[str, Backend] = {}
        self._closing = ExitStack()
        self._lock = Lock()

    def close(self) -> None:
        self._closing.close()

    def get(self, modality: Modality, path: str, section: Section) -> Any:
        """The adapter of the section at `path`.

        Raises:
            UsageError: it is not installed, or does not take what the section says.
        """
        with self._lock:
            if path not in self._made:
                self._made[path] = self._make(modality, path, section)
            return self._made[path]

    def _make(self, modality: Modality, path: str, section: Section) -> Backend:
        known = adapters(modality)
        if section.backend not in known:
            raise UsageError(
                f"{path}.backend: '{section.backend}' is not an installed {modality} adapter: "
                f"{', '.join(sorted(known)) or 'none; reinstall storyboard'}"
            )
        factory = known[section.backend]()
        backend: Backend = factory(**_on_its_card(_arguments(factory, path, section), self.profile))
        self._closing.callback(backend.close)
        service = self.profile.services.get(section.service or "")
        if service is not None and service.dialect == IN_PROCESS:
            # What only a card needs is not loaded for a film made without one.
            from storyboard.profile.in_process import holding

            counted = holding(self.profile.instance_name, section.service or "", backend.close)
            self._closing.enter_context(counted)
        return backend


class Backends:
    """The backends of one profile for one film. A `with` closes whatever was made for it; what
    `models` hold stays with them."""

    def __init__(self, profile: Profile, models: Models | None = None) -> None:
        self.profile = profile
        self.meter = Meter(profile.limits)
        """Counts every call of a language model; the pipeline attaches the run's log."""
        escalation = profile.escalating
        self.share = Meter(Limits(max_cost=escalation.max_cost if escalation else None), SECOND)
        """Counts what the second judge costs, within a cap of its own."""
        self._models = models or Models(profile)
        self._owned = models is None

    def attach(self, log: EventLog) -> None:
        """Write the calls of language models to `log`, and count those that are in it already."""
        self.meter.attach(log)
        self.share.attach(log)

    def __enter__(self) -> Backends:
        return self

    def __exit__(self, *exc: object) -> None:
        if self._owned:
            self._models.close()

    @cached_property
    def chat(self) -> ChatBackend | None:
        """The language model; None for the `offline` writer, which needs none."""
        section = self.profile.chat
        return None if section.backend in _NOBODY else self._make("chat", "chat", section)

    @cached_property
    def prompter(self) -> ChatBackend | None:
        """Who words the image prompts: `prompter`, else `chat`; None where the template does."""
        section = self.profile.prompting
        if section.backend in _NOBODY:
            return None
        if self.profile.prompter is None:
            return self.chat
        return self._make("chat", "prompter", section)

    @cached_property
    def judge(self) -> ChatBackend | None:
        """Who looks at the pictures: `judge`, else `chat`; None where nobody can."""
        section = self.profile.judging
        if section.backend in _NOBODY:
            return None
        return self.chat if self.profile.judge is None else self._make("chat", "judge", section)

    @cached_property
    def second_judge(self) -> ChatBackend | None:
        """Who looks at what the judge doubts after its last try; None where nobody does."""
        section = self.profile.escalating
        if section is None:
            return None
        metered = self._make("chat", "judge.escalation", section)
        return SharedChat(metered, self.share, section, SECOND)

    @cached_property
    def image(self) -> ImageBackend:
        return self._make("image", "image", self.profile.image)

    @cached_property
    def editor(self) -> ImageBackend | None:
        """Who draws from other pictures: `[image.edit]`; None where `image` does that too."""
        section = self.profile.image.edit
        return None if section is None else self._make("image", "image.edit", section)

    def drawing(self, request: ImageRequest) -> ImageBackend:
        """Who draws this request."""
        return self.editor if request.references and self.editor is not None else self.image

    @cached_property
    def speech(self) -> SpeechBackend:
        return self._make("speech", "speech", self.profile.speech)

    def voice(self, kind: VoiceKind) -> SpeechBackend:
        """Who speaks with voices of that kind: `[speech.clone]`, `[speech.design]`, or `[speech]`."""
        path = self.voice_path(kind)
        return self._make("speech", path, dict(self.profile.sections())[path])

    def voice_path(self, kind: VoiceKind) -> str:
        """The section of the profile that `voice` is made from."""
        sections = dict(self.profile.sections())
        return f"speech.{kind}" if f"speech.{kind}" in sections else "speech"

    @cached_property
    def transcription(self) -> TranscriptionBackend:
        return self._make("transcription", "transcription", self.profile.transcription)

    @cached_property
    def alignment(self) -> AlignmentBackend | None:
        """Who says when each word of a line is said; None where the profile names nobody."""
        section = self.profile.aligning
        return None if section is None else self._make("alignment", "alignment", section)

    @cached_property
    def review(self) -> ReviewBackend | None:
        """Who watches the finished film; None when only measuring is asked for."""
        section = self.profile.reviewing
        return None if section is None else self._make("review", "review", section)

    def clip(self, name: str) -> ClipBackend:
        """The clip backend of that name in the profile's `[video.NAME]`."""
        known = self.profile.video.backends
        if name not in known:
            raise UsageError(
                f"renderer: '{name}' is not a video backend of profile "
                f"{self.profile.name}: {', '.join(sorted(known))}"
            )
        return self._make("clip", f"video.{name}", known[name])

    def _make(self, modality: Modality, path: str, section: Section) -> Any:
        backend: Any = self._models.get(modality, path, section)
        match modality:
            case "chat":
                return MeteredChat(backend, self.meter, section)
            case "review":
                return MeteredReview(backend, self.meter, section)
            case _:
                return backend


def _on_its_card(given: dict[str, Any], profile: Profile) -> dict[str, Any]:
    """`device = "cuda"` is the profile's card, not the first of the machine."""
    return (
        {**given, "device": f"cuda:{profile.gpu.device}"}
        if given.get("device") == "cuda"
        else given
    )


def _arguments(factory: Callable[..., Any], path: str, section: Section) -> dict[str, Any]:
    """The section as keyword arguments, or a fault for each one the adapter does not take."""
    given: dict[str, Any] = {
        name: value
        for name in section.model_fields_set - _OWN_FIELDS
        if (value := getattr(section, name)) not in ("", None)
    }
    if section.api_key_env:
        given["api_key"] = section.api_key()
    taken = inspect.signature(factory).parameters
    if "section" in taken:
        # Told in its errors: one adapter plans, words prompts and judges.
        given["section"] = path
    wrong = [f"{path}.{name}" for name in given if name not in taken]
    wrong += [f"{path}.options.{name}" for name in section.options if name not in taken]
    if wrong:
        raise UsageError(
            f"{', '.join(wrong)}: unknown to backend '{section.backend}'; "
            f"it takes {', '.join(sorted(taken)) or 'no options'}"
        )
    return {**given, **section.options}
