"""Gemini by the google-genai library: its client, what bounds its thoughts and what it refuses,
its errors in our words. The planner and the reviewer share it.

Thinking and safety thresholds are the user's: without a bound its thoughts eat the answer, and
its usual thresholds block comedies. What it writes is read as it comes, and stopped at
repetition, at the deadline and on Ctrl-C.

Knows: the library, its errors, what an empty answer means. Does not know: what is asked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

from image_engine.nearby import is_here
from renderers.chat.connections import Connections
from renderers.chat.patience import BrokenAnswer, Deadline, Late, send
from renderers.chat.refusals import Declined
from renderers.chat.stream import Watch
from renderers.errors import BadOutput, BadRequest, RendererError, Unavailable
from renderers.usage import Usage

if TYPE_CHECKING:
    from google.genai import types

T = TypeVar("T")
SAFETY = ("harassment", "hate_speech", "sexually_explicit", "dangerous_content")
THRESHOLDS = (
    "off",
    "block_none",
    "block_only_high",
    "block_medium_and_above",
    "block_low_and_above",
)
LEVELS = ("", "minimal", "low", "medium", "high")
MOST_THOUGHTS = 32_768
_BLOCKED = {
    "SAFETY",
    "BLOCKLIST",
    "PROHIBITED_CONTENT",
    "SPII",
    "RECITATION",
    "LANGUAGE",
    "MODEL_ARMOR",
}
# What no threshold lets through: only another wording does.
_FIXED = {"PROHIBITED_CONTENT", "BLOCKLIST", "SPII", "RECITATION", "MODEL_ARMOR"}


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much it may think, and which thresholds block; `section` is told in errors.

    `tokens` bounds its thoughts (-1 or null leaves that to the model), `level` takes its place
    for models from Gemini 3 on (the service refuses both at once).
    """

    section: str
    tokens: int | None = None
    level: str = ""
    safety: Mapping[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        if self.level not in LEVELS:
            known = ", ".join(LEVELS[1:])
            raise BadRequest(f"{self.section} options.thinking_level: {self.level!r} is no {known}")
        if self.tokens is not None and not -1 <= self.tokens <= MOST_THOUGHTS:
            raise BadRequest(
                f"{self.section} options.thinking_tokens: {self.tokens} is not between 0 and "
                f"{MOST_THOUGHTS} (-1: as many as it likes)"
            )
        for category, threshold in self.safety.items():
            if category not in SAFETY or threshold not in THRESHOLDS:
                raise BadRequest(
                    f"{self.section} options.safety: {category} = {threshold!r} is unknown: any of "
                    f"{', '.join(SAFETY)} may be {', '.join(THRESHOLDS)}"
                )

    def most(self, answer: int) -> int | None:
        """Most tokens to ask for: the service counts thoughts and answer together."""
        tokens = None if self.level else self.tokens
        return answer + tokens if tokens is not None and tokens >= 0 else None

    def thoughts(self) -> types.ThinkingConfig | None:
        """How much it may think: by level or by tokens, never both."""
        from google.genai import types

        if self.level:
            return types.ThinkingConfig(thinking_level=types.ThinkingLevel(self.level.upper()))
        return None if self.tokens is None else types.ThinkingConfig(thinking_budget=self.tokens)

    def thresholds(self) -> list[types.SafetySetting] | None:
        from google.genai import types

        settings = [
            types.SafetySetting(
                category=types.HarmCategory(f"HARM_CATEGORY_{category.upper()}"),
                threshold=types.HarmBlockThreshold(threshold.upper()),
            )
            for category, threshold in self.safety.items()
        ]
        return settings or None


@dataclass(frozen=True, slots=True)
class Said:
    """What came back: text, or why there is none."""

    outcome: Literal["answered", "empty", "blocked", "cut"]
    text: str
    reason: str
    model: str
    usage: Usage
    thoughts: str = ""


class Gemini:
    """The service with a key; `section` names the profile's, for errors."""

    def __init__(
        self,
        section: str,
        key: str | None,
        base_url: str,
        timeout_s: float,
        tries: tuple[int, float],
    ) -> None:
        if not key:
            raise Unavailable(
                "Gemini wants a key: name the environment variable that holds it in "
                f"{section}.api_key_env (GEMINI_API_KEY)"
            )
        self._section, self._key, self._tries = section, key, tries
        self._connections = Connections()
        self.client = _client(key, base_url, timeout_s, tries, self._connections)

    def close(self) -> None:
        self.client.close()

    def call(self, action: Callable[[], T], model: str) -> T:
        """What `action` returns, its errors in our words."""
        from google.genai import errors

        try:
            return action()
        except errors.APIError as error:
            raise self._translated(int(error.code or 0), str(error.message), model) from None
        except Declined as refusal:
            raise self._translated(refusal.status, refusal.said, model) from None
        except transport_errors() as error:
            kind = type(error).__name__
            raise Unavailable(f"no answer from Gemini ({kind}); is the network up?") from None

    def _translated(self, code: int, message: str, model: str) -> RendererError:
        said = self.without_key(message)
        if code in (401, 403) or "api key" in said.lower():
            return Unavailable(
                f"Gemini refuses the key: set the variable that {self._section}.api_key_env names"
            )
        if code == 404:
            return Unavailable(f"Gemini has no model {model!r}: {said}")
        if code == 429 or code >= 500:
            return Unavailable(f"Gemini keeps answering {code}; try again later: {said}")
        return BadRequest(f"Gemini refuses the request: {said}")

    def without_key(self, text: str) -> str:
        return text.replace(self._key, "***")

    def written(
        self, model: str, contents: Any, config: types.GenerateContentConfig, deadline: Deadline
    ) -> Said:
        """What a model writes, or why it says nothing.

        Raises:
            BadRequest: the service refuses the request itself.
            BadOutput: the answer broke off, repeats itself, or is no answer.
            Unavailable: no service, no such model, no valid key, it stays busy, or is too slow.
        """
        tries, pause = self._tries
        try:
            return send(
                lambda: self._read(model, contents, config, deadline), deadline, tries - 1, pause
            )
        except Late:
            raise Unavailable(f"{model} gave no whole answer in time (timeout_s)") from None
        except BrokenAnswer as error:
            raise Unavailable(f"no answer from Gemini ({error}); is the network up?") from None
        except Declined as refusal:
            raise self._translated(refusal.status, refusal.said, model) from None

    def _read(
        self, model: str, contents: Any, config: types.GenerateContentConfig, deadline: Deadline
    ) -> Said:
        """One try."""
        from google.genai import errors, types

        if not deadline.left():
            raise Late
        options = types.HttpOptions(
            timeout=max(1000, round(1000 * deadline.left())),
            retry_options=types.HttpRetryOptions(attempts=1),
        )
        asked = config.model_copy(update={"http_options": options})
        written = _Written(self._section, model)
        try:
            with self._connections.cut_at(deadline):
                for piece in self.client.models.generate_content_stream(
                    model=model, contents=contents, config=asked
                ):
                    if not deadline.left():
                        raise Late
                    written.take(piece)
        except errors.APIError as error:
            said = str(error.message or error)
            raise Declined(int(error.code or 0), said, _retry_after(error)) from None
        except transport_errors() as error:
            raise (BrokenAnswer(type(error).__name__) if deadline.left() else Late()) from None
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            # The library reads what is no answer as if it were one.
            raise written.useless(f"a piece of it is no answer ({type(error).__name__})") from None
        if not deadline.left():
            raise Late
        said = written.whole()
        return replace(said, reason=self.without_key(said.reason))


class _Written:
    """What has come of an answer: text and thoughts in pieces, counts that grow, one end."""

    def __init__(self, section: str, model: str) -> None:
        self._section, self._model = section, model
        self._watch = Watch()
        self._usage = Usage(1)
        self._blocked = self._finish = ""
        self._begun = False

    def take(self, piece: types.GenerateContentResponse) -> None:
        """
        Raises:
            BadOutput: it repeats itself.
        """
        self._model = piece.model_version or self._model
        if piece.usage_metadata is not None:
            self._usage = usage_of(piece)
        feedback = piece.prompt_feedback
        if feedback is not None and feedback.block_reason is not None:
            detail = f": {feedback.block_reason_message}" if feedback.block_reason_message else ""
            told = f"what was asked was blocked ({feedback.block_reason.value}{detail})"
            self._blocked = told + _way_on(feedback.block_reason.value, self._section)
        for candidate in (piece.candidates or [])[:1]:
            self._begun = True
            if candidate.finish_reason:
                self._finish = candidate.finish_reason.value
            for part in (candidate.content.parts if candidate.content else None) or []:
                if part.text:
                    try:
                        self._watch.hear("thought" if part.thought else "text", part.text)
                    except BadOutput as error:
                        raise self.useless(str(error)) from None

    def useless(self, fault: str) -> BadOutput:
        written = max(self._usage.completion_tokens, self._watch.tokens)
        return BadOutput(fault).costing(Usage(1, self._usage.prompt_tokens, written))

    def whole(self) -> Said:
        """
        Raises:
            BadOutput: it broke off.
        """
        text, thoughts = self._watch.said("text"), self._watch.said("thought")
        outcome, reason = self._ended(text)
        if outcome != "answered":
            text = ""
        return Said(outcome, text, reason, self._model, self._usage, thoughts)

    def _ended(self, text: str) -> tuple[Literal["answered", "empty", "blocked", "cut"], str]:
        if self._blocked:
            return "blocked", self._blocked
        if not self._begun:
            return "empty", "no candidate came back"
        if self._finish in _BLOCKED:
            told = f"the answer was blocked ({self._finish})"
            return "blocked", told + _way_on(self._finish, self._section)
        if self._finish == "MAX_TOKENS":
            told = "the answer was cut (MAX_TOKENS): raise max_tokens, or let it think less "
            return "cut", f"{told}({self._section} options.thinking_level, thinking_tokens)"
        if not self._finish:
            raise self.useless("the stream broke off")
        if not text.strip():
            return "empty", f"the answer has no text (finish reason {self._finish})"
        if self._finish != "STOP":
            return "cut", f"the answer ended before its end ({self._finish})"
        return "answered", ""


def _retry_after(error: Any) -> str:
    """Seconds that the service asks to wait for: in a header, or within what it says."""
    headers: Any = getattr(error.response, "headers", None)
    if headers is not None and (after := headers.get("retry-after")):
        return str(after)
    told = re.search(r'"retryDelay": "([\d.]+)s"', json.dumps(error.details, default=str))
    return told[1] if told else ""


def usage_of(answer: types.GenerateContentResponse) -> Usage:
    told = answer.usage_metadata
    count: Callable[[str], int] = lambda name: int(getattr(told, name, None) or 0)  # noqa: E731
    # Thoughts are paid for as output.
    written = count("candidates_token_count") + count("thoughts_token_count")
    return Usage(1, count("prompt_token_count"), written)


def transport_errors() -> tuple[type[Exception], ...]:
    """What the library lets through when a connection fails: its HTTP client changed in 3.x."""
    import httpx

    try:
        import httpx2
    except ImportError:
        return (httpx.HTTPError, OSError)
    return (httpx.HTTPError, cast("type[Exception]", httpx2.HTTPError), OSError)


def _client(
    key: str, base_url: str, timeout_s: float, tries: tuple[int, float], connections: Connections
) -> Any:
    try:
        from google import genai
        from google.genai import types
    except ImportError:
        raise Unavailable(
            "Gemini needs the google-genai package: pip install 'storyboard[review]'"
        ) from None
    attempts, pause = tries
    options = types.HttpOptions(
        base_url=base_url or None,
        # Named, since the library's own default moved to v1 in 3.x: schemas in JSON Schema,
        # sampling of videos and bounds on thoughts were published for this one.
        api_version="v1beta",
        timeout=round(timeout_s * 1000),
        client_args={
            "event_hooks": connections.hooks,
            # A server on this machine is no proxy's.
            **({"trust_env": not is_here(base_url)} if base_url else {}),
        },
        # None is used again: see `Connections`.
        headers={"Connection": "close"},
        retry_options=types.HttpRetryOptions(attempts=attempts, initial_delay=pause),
    )
    return genai.Client(api_key=key, vertexai=False, http_options=options)


def _way_on(reason: str, section: str) -> str:
    if reason in _FIXED:
        return "; no threshold lets this through: word it otherwise, or ask another model"
    return f"; {section} options.safety relaxes it"
