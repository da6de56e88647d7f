"""Gemini watches the film itself, picture and sound, by the google-genai library.

A film that fits goes along with the question; a larger one is uploaded first and waited for.
Frames per second, thinking and safety thresholds are the user's: at the service's own single
frame a second lips cannot be judged.

Knows: how a film is shown. Does not know: the service's errors, what is asked.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from renderers.base import JSON, ReviewOutcome, ReviewRequest, ReviewResult
from renderers.chat.answer import parse_json
from renderers.chat.patience import Deadline
from renderers.errors import BadOutput, BadRequest, Unavailable
from renderers.gemini import Bounds, Gemini, Said, transport_errors

if TYPE_CHECKING:
    from google.genai import types

VERSION = 1
INLINE_BYTES = 14_000_000
"""Largest film that goes along inline: a request may have 20 MB, and base64 adds a third."""
RESOLUTIONS = ("", "low", "medium", "high")


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
        bounds = Bounds("review", thinking_tokens, thinking_level, dict(safety or {}))
        self.model, self._bounds = model, bounds
        self.fps, self.resolution = fps, resolution
        self.thinking_tokens = None if thinking_level else thinking_tokens
        self.thinking_level = thinking_level
        self._inline_bytes, self._timeout_s, self._poll_s = inline_bytes, timeout_s, poll_s
        self._service = Gemini("review", api_key, base_url, timeout_s, (attempts, retry_s))
        self._client = self._service.client

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
        self._service.close()

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
        data: JSON = None
        try:
            said = self._ask(request, upload)
        except BadOutput as error:
            said = Said("cut", "", str(error), self.model, error.usage)
        finally:
            if upload is not None and upload.name:
                self._forget(upload.name)
        outcome: ReviewOutcome = said.outcome
        reason = said.reason
        if said.outcome == "answered":
            try:
                data = parse_json(said.text)
            except BadOutput as error:
                outcome, reason = "unreadable", self._service.without_key(str(error))
        return ReviewResult(
            outcome,
            data,
            reason,
            f"the film at {self.fps:g} frames a second, with its sound",
            said.model,
            said.usage.prompt_tokens,
            said.usage.completion_tokens,
            time.perf_counter() - started,
        )

    def _ask(self, request: ReviewRequest, upload: Any) -> Said:
        from google.genai import types

        look = types.VideoMetadata(fps=self.fps)
        if upload is None:
            blob = types.Blob(data=request.film.read_bytes(), mime_type="video/mp4")
            video = types.Part(inline_data=blob, video_metadata=look)
        else:
            file = types.FileData(file_uri=upload.uri, mime_type="video/mp4")
            video = types.Part(file_data=file, video_metadata=look)
        content = types.Content(role="user", parts=[video, types.Part(text=request.question)])
        config = types.GenerateContentConfig(
            system_instruction=request.instructions,
            response_mime_type="application/json",
            response_json_schema=dict(request.schema),
            max_output_tokens=self._bounds.most(request.max_tokens),
            thinking_config=self._bounds.thoughts(),
            safety_settings=self._bounds.thresholds(),
            media_resolution=types.MediaResolution(f"MEDIA_RESOLUTION_{self.resolution.upper()}")
            if self.resolution
            else None,
        )
        return self._service.written(self.model, content, config, Deadline.after(self._timeout_s))

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
        except (errors.APIError, *transport_errors()):
            return

    def _call(self, action: Callable[[], Any]) -> Any:
        return self._service.call(action, self.model)
