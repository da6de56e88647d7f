"""Gemini watches the film itself, picture and sound, by the google-genai library.

A film that fits goes along with the question; a larger one is uploaded first and waited for.
Frames per second, thinking and safety thresholds are the user's: at the service's own single
frame a second lips cannot be judged, without a bound its thoughts eat the answer, and its
usual thresholds block comedies.

Knows: the library, its errors, what an empty answer means. Does not know: what is asked.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from image_engine.nearby import is_here
from renderers.base import JSON, ReviewOutcome, ReviewRequest, ReviewResult
from renderers.chat.answer import parse_json
from renderers.errors import BadOutput, BadRequest, Unavailable

if TYPE_CHECKING:
    from google.genai import types

VERSION = 1
INLINE_BYTES = 14_000_000
"""Largest film that goes along inline: a request may have 20 MB, and base64 adds a third."""
SAFETY = ("harassment", "hate_speech", "sexually_explicit", "dangerous_content")
THRESHOLDS = (
    "off",
    "block_none",
    "block_only_high",
    "block_medium_and_above",
    "block_low_and_above",
)
RESOLUTIONS = ("", "low", "medium", "high")
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


class GeminiReview:
    """A `ReviewBackend`. Its options stand in the profile under `[review.options]`.

    `fps` is how often a second it looks, `thinking_tokens` bounds its thoughts (-1 or null
    leaves that to the model), `thinking_level` takes its place for models from Gemini 3 on
    (minimal, low, medium, high; the service refuses both at once), `safety` maps categories
    to thresholds, `resolution` is low, medium or high. `retry_s` and `poll_s` are the first
    waits for a busy service and for an upload.
    """

    name = "gemini"

    def __init__(
        self,
        model: str,
        api_key: str | None = None,
        base_url: str = "",
        timeout_s: float = 600.0,
        fps: float = 4.0,
        thinking_tokens: int | None = 2048,
        thinking_level: str = "",
        safety: Mapping[str, str] | None = None,
        resolution: str = "",
        inline_bytes: int = INLINE_BYTES,
        attempts: int = 5,
        retry_s: float = 1.0,
        poll_s: float = 2.0,
    ) -> None:
        if not 0.1 <= fps <= 24:
            raise BadRequest(f"review options.fps: {fps!r} is not between 0.1 and 24")
        if resolution not in RESOLUTIONS:
            raise BadRequest(f"review options.resolution: {resolution!r} is no low, medium or high")
        if thinking_level not in LEVELS:
            known = ", ".join(LEVELS[1:])
            raise BadRequest(f"review options.thinking_level: {thinking_level!r} is no {known}")
        if thinking_tokens is not None and not -1 <= thinking_tokens <= MOST_THOUGHTS:
            raise BadRequest(
                f"review options.thinking_tokens: {thinking_tokens} is not between 0 and "
                f"{MOST_THOUGHTS} (-1: as many as it likes)"
            )
        for category, threshold in (safety or {}).items():
            if category not in SAFETY or threshold not in THRESHOLDS:
                raise BadRequest(
                    f"review options.safety: {category} = {threshold!r} is unknown: any of "
                    f"{', '.join(SAFETY)} may be {', '.join(THRESHOLDS)}"
                )
        if not api_key:
            raise Unavailable(
                "Gemini wants a key: name the environment variable that holds it in "
                "review.api_key_env (GEMINI_API_KEY)"
            )
        self.model = model
        self.fps, self.resolution = fps, resolution
        self.thinking_tokens = None if thinking_level else thinking_tokens
        self.thinking_level, self.safety = thinking_level, dict(safety or {})
        self._inline_bytes, self._timeout_s, self._poll_s = inline_bytes, timeout_s, poll_s
        self._key = api_key
        self._client = _client(api_key, base_url, timeout_s, attempts, retry_s)

    def fingerprint(self) -> Mapping[str, JSON]:
        return {
            "adapter": f"gemini-review/{VERSION}",
            "model": self.model,
            "fps": self.fps,
            "thinking_tokens": self.thinking_tokens,
            "thinking_level": self.thinking_level,
            "resolution": self.resolution,
        }

    def close(self) -> None:
        self._client.close()

    def watch(self, request: ReviewRequest) -> ReviewResult:
        """Show the film, ask, and say what came of it.

        Raises:
            BadRequest: the service refuses the request itself.
            BadOutput: it cannot read the film.
            Unavailable: no service, no such model, no valid key, or it stays busy.
        """
        started = time.perf_counter()
        large = request.film.stat().st_size > self._inline_bytes
        upload = self._call(lambda: self._upload(request.film)) if large else None
        try:
            answer = self._call(lambda: self._ask(request, upload))
        finally:
            if upload is not None and upload.name:
                self._forget(upload.name)
        outcome, data, reason = _read(answer)
        usage = answer.usage_metadata
        count: Callable[[str], int] = lambda name: int(getattr(usage, name, None) or 0)  # noqa: E731
        return ReviewResult(
            outcome,
            data,
            self._without_key(reason),
            f"the film at {self.fps:g} frames a second, with its sound",
            answer.model_version or self.model,
            count("prompt_token_count"),
            # Thoughts are paid for as output.
            count("candidates_token_count") + count("thoughts_token_count"),
            time.perf_counter() - started,
        )

    def _ask(self, request: ReviewRequest, upload: Any) -> types.GenerateContentResponse:
        from google.genai import types

        look = types.VideoMetadata(fps=self.fps)
        if upload is None:
            blob = types.Blob(data=request.film.read_bytes(), mime_type="video/mp4")
            video = types.Part(inline_data=blob, video_metadata=look)
        else:
            file = types.FileData(file_uri=upload.uri, mime_type="video/mp4")
            video = types.Part(file_data=file, video_metadata=look)
        content = types.Content(role="user", parts=[video, types.Part(text=request.question)])
        budget = self.thinking_tokens
        config = types.GenerateContentConfig(
            system_instruction=request.instructions,
            response_mime_type="application/json",
            response_json_schema=dict(request.schema),
            # The bound counts thoughts and answer together: thoughts without one would eat it.
            max_output_tokens=request.max_tokens + budget
            if budget is not None and budget >= 0
            else None,
            thinking_config=self._thoughts(),
            safety_settings=[
                types.SafetySetting(
                    category=types.HarmCategory(f"HARM_CATEGORY_{category.upper()}"),
                    threshold=types.HarmBlockThreshold(threshold.upper()),
                )
                for category, threshold in self.safety.items()
            ]
            or None,
            media_resolution=types.MediaResolution(f"MEDIA_RESOLUTION_{self.resolution.upper()}")
            if self.resolution
            else None,
        )
        return self._client.models.generate_content(
            model=self.model, contents=content, config=config
        )

    def _thoughts(self) -> types.ThinkingConfig | None:
        """How much it may think: by tokens or by level, never both."""
        from google.genai import types

        if self.thinking_level:
            level = types.ThinkingLevel(self.thinking_level.upper())
            return types.ThinkingConfig(thinking_level=level)
        if self.thinking_tokens is None:
            return None
        return types.ThinkingConfig(thinking_budget=self.thinking_tokens)

    def _upload(self, film: Path) -> types.File:
        """Send the film, and wait until the service has taken it in."""
        from google.genai import types

        # Opened here: by its path the library would put the file's name into a header.
        with film.open("rb") as stream:
            file = self._client.files.upload(
                file=stream, config=types.UploadFileConfig(mime_type="video/mp4")
            )
        until = time.monotonic() + self._timeout_s
        while file.state == types.FileState.PROCESSING and file.name:
            if time.monotonic() > until:
                raise Unavailable(f"Gemini still processes the film after {self._timeout_s:g} s")
            time.sleep(self._poll_s)
            file = self._client.files.get(name=file.name)
        if file.state != types.FileState.ACTIVE:
            said = file.error.message if file.error else ""
            raise BadOutput(f"Gemini cannot read the film: {said or file.state}")
        return file

    def _forget(self, name: str) -> None:
        """Take the upload back; left alone it is deleted after two days, so failing is no harm."""
        from google.genai import errors

        try:
            self._client.files.delete(name=name)
        except (errors.APIError, *_transport_errors()):
            return

    def _call(self, action: Callable[[], Any]) -> Any:
        from google.genai import errors

        try:
            return action()
        except errors.APIError as error:
            raise self._translated(int(error.code or 0), str(error.message)) from None
        except _transport_errors() as error:
            kind = type(error).__name__
            raise Unavailable(f"no answer from Gemini ({kind}); is the network up?") from None

    def _translated(self, code: int, message: str) -> Exception:
        said = self._without_key(message)
        if code in (401, 403) or "api key" in said.lower():
            return Unavailable(
                "Gemini refuses the key: set the variable that review.api_key_env names"
            )
        if code == 404:
            return Unavailable(f"Gemini has no model {self.model!r}: {said}")
        if code == 429 or code >= 500:
            return Unavailable(f"Gemini keeps answering {code}; try again later: {said}")
        return BadRequest(f"Gemini refuses the request: {said}")

    def _without_key(self, text: str) -> str:
        return text.replace(self._key, "***")


def _client(key: str, base_url: str, timeout_s: float, attempts: int, retry_s: float) -> Any:
    try:
        from google import genai
        from google.genai import types
    except ImportError:
        raise Unavailable(
            "the Gemini reviewer needs the google-genai package: pip install 'storyboard[review]'"
        ) from None
    options = types.HttpOptions(
        base_url=base_url or None,
        # Named, since the library's own default moved to v1 in 3.x: schemas in JSON Schema,
        # sampling of videos and bounds on thoughts were published for this one.
        api_version="v1beta",
        timeout=round(timeout_s * 1000),
        # A server on this machine is no proxy's.
        client_args={"trust_env": not is_here(base_url)} if base_url else None,
        retry_options=types.HttpRetryOptions(attempts=attempts, initial_delay=retry_s),
    )
    return genai.Client(api_key=key, vertexai=False, http_options=options)


def _transport_errors() -> tuple[type[Exception], ...]:
    """What the library lets through when a connection fails: its HTTP client changed in 3.x."""
    import httpx

    try:
        import httpx2
    except ImportError:
        return (httpx.HTTPError, OSError)
    return (httpx.HTTPError, cast("type[Exception]", httpx2.HTTPError), OSError)


def _read(answer: types.GenerateContentResponse) -> tuple[ReviewOutcome, JSON, str]:
    """(outcome, data, reason) of whatever came back."""
    feedback = answer.prompt_feedback
    if feedback is not None and feedback.block_reason is not None:
        detail = f": {feedback.block_reason_message}" if feedback.block_reason_message else ""
        name = feedback.block_reason.value
        return "blocked", None, f"the film or the question was blocked ({name}{detail})"
    if not answer.candidates:
        return "empty", None, "no candidate came back"
    candidate = answer.candidates[0]
    finish = candidate.finish_reason.value if candidate.finish_reason else ""
    parts = (candidate.content.parts if candidate.content else None) or []
    text = "".join(part.text for part in parts if part.text and not part.thought)
    if finish in _BLOCKED:
        return (
            "blocked",
            None,
            f"the answer was blocked ({finish}); review options.safety relaxes it",
        )
    if finish == "MAX_TOKENS":
        return "cut", None, "the answer was cut: raise max_tokens or lower thinking_tokens"
    if not text.strip():
        return "empty", None, f"the answer has no text (finish reason {finish or 'none'})"
    try:
        return "answered", parse_json(text), ""
    except BadOutput as error:
        return "unreadable", None, str(error)
