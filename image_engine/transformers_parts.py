"""Every name that the engine takes from inside Transformers, in one place.

Knows: which minor releases were tested. Does not know: what the parts are for. These modules are
no public interface of Transformers and move between minor releases, so what fails to import here
says which release is installed and which are known to work.
"""

from __future__ import annotations

from image_engine.errors import EngineError

TESTED = ("5.23", "5.24")
"""Minor releases that draw the golden pictures; `pyproject.toml` allows no others."""

try:
    from transformers import __version__ as TRANSFORMERS
    from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import (
        Qwen2VLImageProcessorPil,
        smart_resize,
    )
    from transformers.models.qwen3_vl.configuration_qwen3_vl import (
        Qwen3VLTextConfig,
        Qwen3VLVisionConfig,
    )
    from transformers.models.qwen3_vl.modeling_qwen3_vl import (
        Qwen3VLTextRotaryEmbedding,
        Qwen3VLVisionModel,
    )
except ImportError as error:
    from importlib import metadata

    if error.name is None or not error.name.startswith("transformers."):
        raise  # not installed at all, or something of its own is missing
    raise EngineError(
        f"transformers {metadata.version('transformers')} lacks a part that this engine needs "
        f"({error}); it was tested with {', '.join(TESTED)}: pip install 'transformers~={TESTED[-1]}.0'"
    ) from error

__all__ = [
    "TESTED",
    "TRANSFORMERS",
    "Qwen2VLImageProcessorPil",
    "Qwen3VLTextConfig",
    "Qwen3VLTextRotaryEmbedding",
    "Qwen3VLVisionConfig",
    "Qwen3VLVisionModel",
    "smart_resize",
]
