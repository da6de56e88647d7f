"""Each service once: started, asked something whose answer is known, measured, stopped.

Knows: service managers, the card. Does not know: how to mend anything.
"""

from __future__ import annotations

import difflib
import time
from dataclasses import dataclass

from renderers.base import SpeechRequest, VoiceSpec
from renderers.errors import RendererError, Unavailable
from renderers.scratch import temporary_folder
from storyboard.core.errors import StoryboardError
from storyboard.gpu.card_session import card_of
from storyboard.gpu.services.manager import ServiceManager
from storyboard.profile import IN_PROCESS, Profile
from storyboard.profile.backends import Backends

SENTENCE = "The quick brown fox jumps over the lazy dog."
_ALIKE = 0.6
"""How much of the sentence the ear has to hear for voice and ear to be in order."""


@dataclass(frozen=True, slots=True)
class Tried:
    """How a trial ended. `fault` says what is wrong; "" for nothing."""

    name: str
    seconds: float = 0.0
    gib: float | None = None
    """Of the card, while it was awake; None where it cannot be measured."""
    what: str = ""
    fault: str = ""


def try_service(profile: Profile, name: str) -> Tried:
    """Start it, ask its canary, measure, and stop what was started."""
    service = profile.services[name]
    if service.dialect == IN_PROCESS:
        return Tried(name, what="loads in the run that needs it")
    began = time.monotonic()
    try:
        before = _used(profile)
        with ServiceManager(profile, orphans="leave") as manager:
            if name in manager.records():
                return Tried(name, what="runs already, and was left alone")
            manager.start(name)
            held = _used(profile)
    except (RendererError, StoryboardError) as error:
        return Tried(name, time.monotonic() - began, fault=str(error))
    gib = None if before is None or held is None else max(0.0, held - before)
    return Tried(name, time.monotonic() - began, gib, "started, answered, stopped")


def _used(profile: Profile) -> float | None:
    try:
        return card_of(profile).sample().used
    except Unavailable:
        return None


def try_voice(profile: Profile) -> Tried:
    """A sentence spoken and heard by what this process does itself, without the card."""
    if served := [s.service for s in (profile.speech, profile.transcription) if s.service]:
        return Tried("voice and ear", what=f"not tried: {' and '.join(served)} work on the card")
    began = time.monotonic()
    with temporary_folder("trial") as folder:
        spoken = folder / "said.wav"
        try:
            with Backends(profile) as backends:
                voice = VoiceSpec(kind="preset", preset=backends.speech.voices("en")[0].name)
                backends.speech.render(SpeechRequest(SENTENCE, "en", voice), spoken)
                heard = backends.transcription.transcribe(spoken, "en").text
        except (RendererError, StoryboardError) as error:
            return Tried("voice and ear", time.monotonic() - began, fault=str(error))
    alike = difflib.SequenceMatcher(None, SENTENCE.lower(), heard.lower()).ratio()
    fault = "" if alike >= _ALIKE else f"{SENTENCE!r} was said, and {heard[:60]!r} was heard"
    return Tried("voice and ear", time.monotonic() - began, None, "spoke, and was heard", fault)
