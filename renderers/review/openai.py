"""Any OpenAI-compatible vision model as a reviewer: frames, words and levels for a film.

Most such models take no video. They are shown sheets of frames with time codes, read what a
transcriber heard in the final file, and its loudness in time; they cannot judge motion.

Knows: how a film is shown without being played. Does not know: what is asked, the dialects
(`renderers.chat.openai`).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from renderers.base import JSON, ChatRequest, Message, ReviewOutcome, ReviewRequest, ReviewResult
from renderers.chat.openai import OpenAIChat
from renderers.errors import BadOutput, BadRequest, CutShort, Empty, Refused, RendererError
from renderers.probe import probe
from renderers.review.frames import grab, levels, sheets, sound_in_words, spread
from renderers.scratch import temporary_folder

VERSION = 1


class OpenAIReview:
    """A `ReviewBackend`. `frames` is how many frames are shown, eight to a sheet."""

    name = "openai"

    def __init__(
        self,
        base_url: str,
        model: str,
        api_key: str | None = None,
        dialect: str = "",
        timeout_s: float = 600.0,
        frames: int = 24,
        attempts: int = 2,
        retries: int = 4,
    ) -> None:
        if not 1 <= frames <= 96:
            raise BadRequest(f"review options.frames: {frames!r} is not between 1 and 96")
        self.model, self._frames = model, frames
        self._chat = OpenAIChat(
            base_url, model, api_key, dialect, timeout_s, attempts=attempts, retries=retries
        )

    def fingerprint(self) -> Mapping[str, JSON]:
        return {"adapter": f"openai-review/{VERSION}", "model": self.model, "frames": self._frames}

    def close(self) -> None:
        self._chat.close()

    def watch(self, request: ReviewRequest) -> ReviewResult:
        """Show the sheets, ask, and say what came of it.

        Raises:
            BadRequest: the server refuses the request itself, or sees no images.
            Unavailable: no server, no such model, no valid key, or it stays busy.
        """
        times = spread(request.moments, probe(request.film).video_seconds, self._frames)
        with temporary_folder("review") as folder:
            frames = grab(request.film, times)
            pages = tuple(sheets(frames, folder))
            saw = f"{len(frames)} frames, the transcript and the sound's levels"
            sound = sound_in_words(request.words, levels(request.film))
            shown = (
                f"You are shown {len(frames)} frames of the film on {len(pages)} sheets, in order, "
                "each under its time. You cannot see motion between them: do not judge it."
            )
            question = f"{request.question}\n\n{shown}\n\n{sound}"
            return self._ask(request, question, pages, saw)

    def _ask(
        self, request: ReviewRequest, question: str, pages: tuple[Path, ...], saw: str
    ) -> ReviewResult:
        asked = ChatRequest(
            (Message("system", request.instructions), Message("user", question, pages)),
            schema=request.schema,
            schema_name="review",
            purpose="review",
            max_tokens=request.max_tokens,
            temperature=0.2,
            admit=request.admit,
        )
        try:
            answer = self._chat.ask(asked)
        except Refused as error:
            return self._nothing("blocked", error, saw)
        except BadOutput as error:
            return self._nothing(_kind(error), error, saw)
        return ReviewResult(
            "answered",
            answer.data,
            "",
            saw,
            answer.model,
            answer.prompt_tokens,
            answer.completion_tokens,
            answer.seconds,
            answer.calls,
        )

    def _nothing(self, outcome: ReviewOutcome, error: RendererError, saw: str) -> ReviewResult:
        spent = error.usage
        return ReviewResult(
            outcome,
            None,
            str(error),
            saw,
            self.model,
            spent.prompt_tokens,
            spent.completion_tokens,
            calls=spent.calls,
        )


def _kind(error: BadOutput) -> ReviewOutcome:
    if isinstance(error, CutShort):
        return "cut"
    return "empty" if isinstance(error, Empty) else "unreadable"
