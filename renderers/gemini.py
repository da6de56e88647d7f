"""Gemini by the google-genai library: its client, what bounds its thoughts and what it refuses,
its errors in our words. The planner and the reviewer share it.

Thinking and safety thresholds are the user's: without a bound its thoughts eat the answer, and
its usual thresholds block comedies.

Knows: the library, its errors, what an empty answer means. Does not know: what is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

from image_engine.nearby import is_here
from renderers.errors import BadRequest, RendererError, Unavailable
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
        self._section, self._key = section, key
        self.client = _client(key, base_url, timeout_s, tries)

    def close(self) -> None:
        self.client.close()

    def call(self, action: Callable[[], T], model: str) -> T:
        """What `action` returns, its errors in our words."""
        from google.genai import errors

        try:
            return action()
        except errors.APIError as error:
            raise self._translated(int(error.code or 0), str(error.message), model) from None
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

    def said(self, answer: types.GenerateContentResponse, model: str) -> Said:
        """What an answer says, or why it says nothing."""
        usage = usage_of(answer)
        name = answer.model_version or model
        outcome, text, reason, thoughts = _read(answer, self._section)
        return Said(outcome, text, self.without_key(reason), name, usage, thoughts)


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


def _client(key: str, base_url: str, timeout_s: float, tries: tuple[int, float]) -> Any:
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
        # A server on this machine is no proxy's.
        client_args={"trust_env": not is_here(base_url)} if base_url else None,
        retry_options=types.HttpRetryOptions(attempts=attempts, initial_delay=pause),
    )
    return genai.Client(api_key=key, vertexai=False, http_options=options)


def _read(
    answer: types.GenerateContentResponse, section: str
) -> tuple[Literal["answered", "empty", "blocked", "cut"], str, str, str]:
    """(outcome, text, reason, thoughts) of whatever came back."""
    feedback = answer.prompt_feedback
    if feedback is not None and feedback.block_reason is not None:
        detail = f": {feedback.block_reason_message}" if feedback.block_reason_message else ""
        told = f"what was asked was blocked ({feedback.block_reason.value}{detail})"
        return "blocked", "", f"{told}{_way_on(feedback.block_reason.value, section)}", ""
    if not answer.candidates:
        return "empty", "", "no candidate came back", ""
    candidate = answer.candidates[0]
    finish = candidate.finish_reason.value if candidate.finish_reason else ""
    parts = (candidate.content.parts if candidate.content else None) or []
    text = "".join(part.text for part in parts if part.text and not part.thought)
    thoughts = "".join(part.text for part in parts if part.text and part.thought)
    if finish in _BLOCKED:
        told = f"the answer was blocked ({finish})"
        return "blocked", "", f"{told}{_way_on(finish, section)}", thoughts
    if finish == "MAX_TOKENS":
        told = "the answer was cut (MAX_TOKENS): raise max_tokens, or let it think less "
        return "cut", "", f"{told}({section} options.thinking_level, thinking_tokens)", thoughts
    if not text.strip():
        return "empty", "", f"the answer has no text (finish reason {finish or 'none'})", thoughts
    return "answered", text, "", thoughts


def _way_on(reason: str, section: str) -> str:
    if reason in _FIXED:
        return "; no threshold lets this through: word it otherwise, or ask another model"
    return f"; {section} options.safety relaxes it"
