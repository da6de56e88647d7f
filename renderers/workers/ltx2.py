"""LTX-2 by way of ltx-pipelines: audio-to-video, image-to-video, distilled.

The library changed its interface between 1.0 (`checkpoint_path`, `QuantizationPolicy.fp8_cast()`,
pairs returned) and 1.2 (`ModelPaths`, `fp8_cast.build_policy`, longer tuples), and releases in
between mix them. So nothing is decided by a version: each call gets the arguments that the
installed signature has, and each result is taken apart by what is in it.

Runs in the child alone. Knows: that library. Does not know: HTTP, plans.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from renderers.errors import Unavailable
from renderers.workers.catalog import Settings, WorkerEntry, folder, weights_of
from renderers.workers.child import Maker, ModelRequest, known

log = logging.getLogger("storyboard.worker")
PIPELINES = {
    "ltx2-a2v": ("ltx_pipelines.a2vid_two_stage", "A2VidPipelineTwoStage"),
    "ltx2-i2v": ("ltx_pipelines.ti2vid_two_stages", "TI2VidTwoStagesPipeline"),
    "ltx2-distilled": ("ltx_pipelines.distilled", "DistilledPipeline"),
}
_PARTS = {
    "transformer_path": "transformer",
    "text_encoder_path": "text encoder",
    "video_vae_path": "video VAE",
    "audio_vae_path": "audio VAE",
}
"""Argument of `ModelPaths.from_split` → name in the catalogue. Its duration head is left out: the
length is always given."""
KNOBS = frozenset({"steps", "guidance_scale"})
NEGATIVE = "blurry, low quality, still picture, subtitles, watermark, distorted face, extra limbs"
# The library's own defaults for the full models.
_VIDEO_GUIDANCE = {"cfg_scale": 3.0, "stg_scale": 1.0, "rescale_scale": 0.7, "modality_scale": 3.0}
_AUDIO_GUIDANCE = {**_VIDEO_GUIDANCE, "cfg_scale": 7.0}


def prepare(entry: WorkerEntry, settings: Settings) -> Maker:
    """Build the pipeline; its weights are read when the first clip is made.

    Raises:
        Unavailable: the installed release cannot do what the settings ask.
    """
    module, name = PIPELINES[entry.name]
    kind = getattr(import_module(module), name)
    files = {name: str(path) for name, path in weights_of(entry, settings).items()}
    encoder = folder(settings.text_encoder or entry.text_encoder)
    checkpoint = Path(files.get("checkpoint") or files["transformer"])
    if "transformer" in files and entry.name == "ltx2-a2v":
        log.warning("LTX-2.5 is reported not to follow a given sound well; 2.3 does better")
    pipeline = kind(**construction(kind, files, encoder, settings))
    return partial(_make, pipeline, checkpoint)


def construction(
    kind: Callable[..., Any], files: Mapping[str, str], encoder: Path, settings: Settings
) -> dict[str, Any]:
    """Arguments for the constructor that is installed.

    `files` by their names in the catalogue: with `checkpoint` the model is one file and its
    text encoder the folder `encoder`, with `transformer` it comes in parts.

    Raises:
        Unavailable: the installed release cannot do what files and settings ask.
    """
    taken = inspect.signature(kind).parameters
    checkpoint = files.get("checkpoint") or files["transformer"]
    given: dict[str, Any] = {"loras": []}
    if "model_paths" in taken:
        paths = import_module("ltx_pipelines.utils.model_paths").ModelPaths
        if "transformer" in files:
            given["model_paths"] = paths.from_split(**{of: files[n] for of, n in _PARTS.items()})
        else:
            given["model_paths"] = paths.from_monolith(checkpoint, str(encoder))
    elif "transformer" in files:
        raise Unavailable(
            f"{checkpoint}: weights in parts need ltx-pipelines 1.2; storyboard worker install "
            "brings it"
        )
    else:
        own = "distilled_checkpoint_path"
        given[own if own in taken else "checkpoint_path"] = checkpoint
        given["gemma_root"] = str(encoder)
    given["spatial_upsampler_path"] = files["spatial upscaler"]
    if "distilled_lora" in taken:
        loader = import_module("ltx_core.loader")
        given["distilled_lora"] = [
            loader.LoraPathStrengthAndSDOps(
                files["distilled LoRA"], 1.0, loader.LTXV_LORA_COMFY_RENAMING_MAP
            )
        ]
    if settings.quantization != "none":
        given["quantization"] = quantization(settings.quantization, checkpoint)
    if settings.offload != "none":
        if "offload_mode" not in taken:
            raise Unavailable(
                f"--offload {settings.offload}: the installed ltx-pipelines cannot offload; "
                "storyboard worker install brings a release that can"
            )
        modes = import_module("ltx_pipelines.utils.types").OffloadMode
        given["offload_mode"] = modes(settings.offload)
    if settings.device:
        given["device"] = import_module("torch").device(settings.device)
    return given


def quantization(name: str, checkpoint: str) -> Any:
    """The policy of that name (`fp8-cast`), by whichever way this release builds it.

    Raises:
        Unavailable: this release has none.
    """
    own = name.replace("-", "_")
    package = import_module("ltx_core.quantization")
    classic = getattr(getattr(package, "QuantizationPolicy", None), own, None)
    if classic is not None:
        return classic()
    part, builder = (
        ("nvfp4", f"build_{own}_policy") if own.startswith("nvfp4") else (own, "build_policy")
    )
    try:
        build = getattr(import_module(f"ltx_core.quantization.{part}"), builder)
    except (ImportError, AttributeError):
        raise Unavailable(
            f"--quantization {name}: the installed ltx-core has no such policy"
        ) from None
    # The casting policy of 1.2 takes no checkpoint: it casts whatever is loaded.
    taken = "checkpoint_path" in inspect.signature(build).parameters
    try:
        return build(checkpoint) if taken else build()
    except RuntimeError as error:
        # NVFP4 needs ltx-kernels, which is compiled on a machine with CUDA.
        raise Unavailable(f"--quantization {name}: {error}; fp8-cast needs nothing more") from None


def _make(pipeline: Callable[..., Any], checkpoint: Path, request: ModelRequest, out: Path) -> None:
    with import_module("torch").inference_mode():
        result = pipeline(**call(pipeline, checkpoint, request))
        media = import_module("ltx_pipelines.utils.media_io")
        media.encode_video(
            video=result[0],
            fps=float(request.fps),
            audio=result[1],
            output_path=str(out),
            video_chunks_number=_chunks(result, request.frames),
        )


def call(pipeline: Callable[..., Any], checkpoint: Path, request: ModelRequest) -> dict[str, Any]:
    """Arguments of one clip for the pipeline that is installed."""
    taken = inspect.signature(pipeline).parameters
    options = known(request, KNOBS if "num_inference_steps" in taken else frozenset())
    older = checkpoint.name.startswith("ltx-2-")
    offered: dict[str, Any] = {
        "prompt": request.prompt,
        "negative_prompt": request.negative_prompt or NEGATIVE,
        "seed": request.seed,
        "height": request.height,
        "width": request.width,
        "num_frames": request.frames,
        "frame_rate": float(request.fps),
        "num_inference_steps": int(options.get("steps", 40 if older else 30)),
        "images": [_first_frame(request.image)],
    }
    blocks = [29] if older else [28]
    for name, guidance in (("video", _VIDEO_GUIDANCE), ("audio", _AUDIO_GUIDANCE)):
        if f"{name}_guider_params" in taken:
            guiders = import_module("ltx_core.components.guiders")
            strengths = dict(guidance)
            if name == "video" and "guidance_scale" in options:
                strengths["cfg_scale"] = float(options["guidance_scale"])
            offered[f"{name}_guider_params"] = guiders.MultiModalGuiderParams(
                **strengths, skip_step=0, stg_blocks=blocks
            )
    if request.audio is not None:
        offered["audio_path"] = str(request.audio)
        offered["audio_max_duration"] = request.frames / request.fps
    tiling = taken.get("tiling_config")
    if tiling is not None and tiling.default in (None, inspect.Parameter.empty):
        # Later releases choose it by the free memory.
        offered["tiling_config"] = _default_tiling()
    return {name: value for name, value in offered.items() if name in taken}


def _first_frame(image: Path) -> Any:
    arguments = import_module("ltx_pipelines.utils.args")
    kind = getattr(arguments, "ImageConditioningInput", None)
    # Early releases take a bare triple: path, frame, strength.
    return (str(image), 0, 1.0) if kind is None else kind(str(image), 0, 1.0)


def _chunks(result: Any, frames: int) -> int:
    """How many pieces the decoder yields: the encoder shows its progress by it."""
    tilings = _tilings()
    tiling = next((part for part in result[2:] if isinstance(part, tilings.TilingConfig)), None)
    return tilings.get_video_chunks_number(frames, tiling or _default_tiling())


def _default_tiling() -> Any:
    """From 1.2 on `TilingConfig` is a union of two kinds, of which the sizes have a default."""
    tilings = _tilings()
    return getattr(tilings, "TileSizeConfig", tilings.TilingConfig).default()


def _tilings() -> Any:
    return import_module("ltx_core.model.video_vae")
