"""HiDream-O1-Image: text to image, editing and multi-reference drawing in one pixel model.

    from image_engine import ImageEngine, ImageRequest
    with ImageEngine.load("~/models/HiDream-O1-Image", device="cuda", dtype="bfloat16") as engine:
        engine.generate(ImageRequest(prompt="…")).image.save("x.png")

Requests, results and errors import without torch; the engine itself is imported when first named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from image_engine.errors import (
    BadRequest,
    BudgetExceeded,
    Cancelled,
    CheckpointError,
    EngineError,
    NotFinite,
    NotLoaded,
    OutOfMemory,
    PromptTooLong,
)
from image_engine.presets import PRESETS, Preset, preset_request
from image_engine.request import ImageRequest
from image_engine.result import ImageResult, MemoryEstimate, Progress, ResultInfo

if TYPE_CHECKING:
    from image_engine.engine import ImageEngine

__version__ = "0.1.0"

__all__ = [
    "PRESETS",
    "BadRequest",
    "BudgetExceeded",
    "Cancelled",
    "CheckpointError",
    "EngineError",
    "ImageEngine",
    "ImageRequest",
    "ImageResult",
    "MemoryEstimate",
    "NotFinite",
    "NotLoaded",
    "OutOfMemory",
    "Preset",
    "Progress",
    "PromptTooLong",
    "ResultInfo",
    "__version__",
    "preset_request",
]


def __getattr__(name: str) -> Any:
    if name == "ImageEngine":
        from image_engine.engine import ImageEngine

        return ImageEngine
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
