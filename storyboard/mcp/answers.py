"""What an agent is told: data with a line for people, pictures small enough to look at, and of an
error the paragraph that the console shows, with the exit code of the command.

Knows: the protocol's contents, errors. Does not know: films, what a tool does.
"""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Awaitable, Callable
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, cast

import anyio.to_thread
import skia
from mcp.types import CallToolResult, ContentBlock, ImageContent, TextContent

from renderers.errors import RendererError
from storyboard.core import console
from storyboard.core.errors import StoryboardError
from storyboard.core.files import finite, os_refusal
from storyboard.core.versions import way_on

P = ParamSpec("P")
LONGEST_SIDE = 896
"""Of a picture that an agent looks at, in pixels."""
_log = logging.getLogger(__name__)


def answer(data: dict[str, Any], *pictures: bytes) -> CallToolResult:
    """Data, and pictures as JPEG, as the result of a tool."""
    plain = cast("dict[str, Any]", json.loads(json.dumps(finite(data), default=str)))
    text = json.dumps(plain, ensure_ascii=False, indent=1)
    content: list[ContentBlock] = [TextContent(type="text", text=text)]
    content += [
        ImageContent(type="image", data=base64.b64encode(picture).decode(), mime_type="image/jpeg")
        for picture in pictures
    ]
    return CallToolResult(content=content, structured_content=plain)


def small_picture(path: Path, longest: int = LONGEST_SIDE) -> bytes:
    """A picture as JPEG, no larger than an agent needs it."""
    image = skia.Image.MakeFromEncoded(skia.Data.MakeFromFileName(str(path)))
    if image is None:
        raise StoryboardError(f"{path} is no picture that can be read")
    scale = min(1.0, longest / max(image.width(), image.height()))
    size = (max(1, round(image.width() * scale)), max(1, round(image.height() * scale)))
    sampling = skia.SamplingOptions(skia.FilterMode.kLinear, skia.MipmapMode.kLinear)
    resized = image.resize(*size, sampling) if scale < 1 else image
    return bytes(resized.encodeToData(skia.kJPEG, 85))


def refused(error: Exception) -> CallToolResult:
    """An error as the console tells it."""
    match error:
        case StoryboardError() | RendererError():
            told, code = str(error), getattr(error, "exit_code", 1)
        case OSError() | MemoryError() if (paragraph := os_refusal(error)) is not None:
            told, code = paragraph, 1
        case _:
            _log.error("unexpected", exc_info=error)
            told, code = (
                f"Unexpected {type(error).__name__}: {error}. This is a bug in storyboard. "
                f"Everything finished is kept. {way_on(error)}",
                console.UNEXPECTED,
            )
    text = TextContent(type="text", text=f"{told}\n(exit code {code})")
    return CallToolResult(
        content=[text], structured_content={"error": told, "exit_code": code}, is_error=True
    )


def tool(work: Callable[P, CallToolResult]) -> Callable[P, Awaitable[CallToolResult]]:
    """A tool that looks or changes: done in a thread, its errors told."""

    @wraps(work)
    async def told(*args: P.args, **kwargs: P.kwargs) -> CallToolResult:
        def tried() -> CallToolResult:
            try:
                return work(*args, **kwargs)
            except Exception as error:  # noqa: BLE001 - the border to any tool
                return refused(error)

        return await anyio.to_thread.run_sync(tried)

    return told


def working(work: Callable[P, Awaitable[CallToolResult]]) -> Callable[P, Awaitable[CallToolResult]]:
    """A tool that makes something: its errors told."""

    @wraps(work)
    async def told(*args: P.args, **kwargs: P.kwargs) -> CallToolResult:
        try:
            return await work(*args, **kwargs)
        except Exception as error:  # noqa: BLE001 - the border to any tool
            return refused(error)

    return told
