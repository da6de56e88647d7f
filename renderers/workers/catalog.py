"""The workers there are: what each serves, needs and is told.

Knows: names, ports, packages, weights, options. Does not know: HTTP, how a model is run.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

UNFINISHED = "unfinished"
"""File beside a worker's environment while that is being made."""
QUANTIZATIONS = ("none", "fp8-cast", "fp8-scaled-mm", "nvfp4-cast", "nvfp4-prequant")
OFFLOADS = ("none", "cpu", "disk")


@dataclass(frozen=True, slots=True)
class Settings:
    """How a worker is run. Empty paths take the entry's own."""

    weights: str = ""
    text_encoder: str = ""
    source: str = ""
    """A checkout of the model's code, for those that are no package."""
    quantization: str = "none"
    offload: str = "none"
    persistent: bool = False
    device: str = ""
    """`cuda`, `cuda:1`, `cpu`; empty: the first GPU, else the CPU."""
    dtype: str = ""
    """`bfloat16` or `float32`; empty: bfloat16 on a GPU, float32 on the CPU."""


@dataclass(frozen=True, slots=True)
class WorkerEntry:
    """One worker."""

    name: str
    about: str
    port: int
    module: str
    """Module with `prepare(entry, settings)`, which loads the model; in the child alone."""
    environment: str
    """Name of the environment that it runs in."""
    packages: tuple[str, ...]
    """Modules that must be importable."""
    weights: str
    """Folder (or repository, where `downloads`) of the weights, unless another is given."""
    fetch: str
    """Command that fetches the weights."""
    text_encoder: str = ""
    source: str = ""
    source_fetch: str = ""
    limits: str = ""
    """Name of its limits; empty: they follow from the weights' name."""
    needed: Mapping[str, str] = field(default_factory=dict[str, str])
    """What must lie in the weights' folder: a name for it → a glob."""
    split: Mapping[str, str] = field(default_factory=dict[str, str])
    """The same where the model comes in parts (LTX-2.5), its text encoder among them."""
    split_fetch: str = ""


_LTX_WEIGHTS = "~/models/LTX-2"
# File by file: the whole repository has every checkpoint in three precisions.
_LTX_FETCH = "hf download Lightricks/LTX-2.3 {} ltx-2.3-spatial-upscaler-x2-1.1.safetensors"
_LTX_UPSCALER = {"spatial upscaler": "*spatial-upscaler-x2*.safetensors"}
_LTX_TWO_STAGE = {
    "checkpoint": "*dev*.safetensors",
    "distilled LoRA": "*distilled-lora*.safetensors",
    **_LTX_UPSCALER,
}
_LTX_DISTILLED = {"checkpoint": "*distilled*.safetensors", **_LTX_UPSCALER}
_LTX_SPLIT = {
    "text encoder": "**/*gemma*.safetensors",
    "video VAE": "**/*video-vae*.safetensors",
    "audio VAE": "**/*audio-vae*.safetensors",
    "spatial upscaler": "**/*spatial-upscaler-x2*.safetensors",
}
_LTX_SPLIT_FETCH = (
    "hf download Lightricks/LTX-2.5 {} "
    "text_encoders/gemma4-12b-with-proj-ltx-2.5-bf16.safetensors "
    "vae/ltx-2.5-video-vae-bf16.safetensors vae/ltx-2.5-audio-vae-bf16.safetensors "
    "latent_upscale_models/ltx-2.5-latent-spatial-upscaler-x2-bf16-1.0.safetensors"
)


def _ltx(name: str, about: str, port: int) -> WorkerEntry:
    """LTX-2.3 in one file unless another folder is named; LTX-2.5 comes in parts."""
    if name == "ltx2-distilled":
        needed, split = _LTX_DISTILLED, {"transformer": "**/*distilled-transformer*.safetensors"}
        fetch = _LTX_FETCH.format("ltx-2.3-22b-distilled-1.1.safetensors")
        parts = "diffusion_models/ltx-2.5-22b-distilled-transformer-bf16.safetensors"
    else:
        needed = _LTX_TWO_STAGE
        split = {
            "transformer": "**/*dev-transformer*.safetensors",
            "distilled LoRA": "**/*distilled-lora*.safetensors",
        }
        fetch = _LTX_FETCH.format(
            "ltx-2.3-22b-dev.safetensors ltx-2.3-22b-distilled-lora-384-1.1.safetensors"
        )
        parts = (
            "diffusion_models/ltx-2.5-22b-dev-transformer-bf16.safetensors "
            "loras/ltx-2.5-22b-distilled-lora-450-bf16.safetensors"
        )
    return WorkerEntry(
        name=name,
        about=about,
        port=port,
        module="renderers.workers.ltx2",
        environment="ltx2",
        packages=("torch", "av", "ltx_core", "ltx_pipelines"),
        weights=_LTX_WEIGHTS,
        fetch=f"{fetch} --local-dir {_LTX_WEIGHTS}",
        text_encoder="~/models/gemma-3-12b-it",
        limits=name,
        needed=needed,
        split={**split, **_LTX_SPLIT},
        split_fetch=_LTX_SPLIT_FETCH.format(parts),
    )


ENTRIES: Mapping[str, WorkerEntry] = {
    entry.name: entry
    for entry in (
        _ltx("ltx2-a2v", "LTX-2 audio-to-video, two stages", 8892),
        _ltx("ltx2-i2v", "LTX-2 image-to-video, two stages, with sound", 8891),
        _ltx("ltx2-distilled", "LTX-2 image-to-video, distilled: 8 + 3 steps", 8891),
        WorkerEntry(
            name="diffusers",
            about="LTX-2 or Wan 2.2 image-to-video by way of diffusers",
            port=8893,
            module="renderers.workers.diffusers_video",
            environment="diffusers",
            packages=("torch", "av", "diffusers", "transformers"),
            weights="~/models/Wan2.2-TI2V-5B-Diffusers",
            fetch=(
                "hf download Wan-AI/Wan2.2-TI2V-5B-Diffusers "
                "--local-dir ~/models/Wan2.2-TI2V-5B-Diffusers"
            ),
            needed={"model_index.json": "model_index.json"},
        ),
        WorkerEntry(
            name="diffusers-image",
            about="pictures by diffusers: HiDream-I1, Qwen-Image(-Edit), FLUX.2 klein and others",
            port=8900,
            module="renderers.workers.diffusers_image",
            environment="diffusers",
            packages=("torch", "diffusers", "transformers", "PIL"),
            weights="~/models/FLUX.2-klein-4B",
            fetch=(
                "hf download black-forest-labs/FLUX.2-klein-4B --local-dir ~/models/FLUX.2-klein-4B"
            ),
            limits="pictures",
            needed={"model_index.json": "model_index.json"},
        ),
        WorkerEntry(
            name="ditto",
            about="Ditto talking heads, 25 fps",
            port=8881,
            module="renderers.workers.ditto",
            environment="ditto",
            packages=("torch", "librosa", "cv2", "onnxruntime", "mediapipe"),
            weights="~/models/ditto-talkinghead",
            fetch=(
                "hf download digital-avatar/ditto-talkinghead "
                "--local-dir ~/models/ditto-talkinghead"
            ),
            source="~/apps/ditto-talkinghead",
            source_fetch=(
                "git clone https://github.com/antgroup/ditto-talkinghead ~/apps/ditto-talkinghead"
            ),
            limits="ditto",
        ),
    )
}


def folder(path: str) -> Path:
    return Path(path).expanduser()


def is_split(entry: WorkerEntry, root: Path) -> bool:
    """Whether the folder holds the model in parts: at least one that no other layout has."""
    own = [pattern for name, pattern in entry.split.items() if name not in entry.needed]
    return any(True for pattern in own for _ in root.glob(pattern))


def weights_of(entry: WorkerEntry, settings: Settings) -> dict[str, Path | None]:
    """The files that a worker reads, by their names in `needed` or `split`; None: not there.

    Of several precisions of one file, the one that the quantization asks for: what is cast
    while it is read must not have been quantized before.
    """
    root = folder(settings.weights or entry.weights)
    wanted = entry.split if is_split(entry, root) else entry.needed
    prequantized = _PREQUANTIZED.get(settings.quantization, "")
    found: dict[str, Path | None] = {}
    for name, pattern in wanted.items():
        own = prequantized if name in ("checkpoint", "transformer") else ""
        files = [p for p in sorted(root.glob(pattern)) if _precision(p.name) == own]
        if name == "checkpoint" and "dev" not in pattern:
            files = [p for p in files if "lora" not in p.name]
        found[name] = files[0] if files else None
    return found


_PREQUANTIZED = {"fp8-scaled-mm": "fp8", "nvfp4-prequant": "fp4"}


def _precision(name: str) -> str:
    return next((kind for kind in ("fp8", "fp4", "int8") if kind in name), "")


def missing(entry: WorkerEntry, settings: Settings) -> str:
    """In one line, what the worker lacks and how to get it; "" when it lacks nothing.

    Nothing is imported: only whether the packages could be is asked.
    """
    lacks: list[str] = []
    command = f"storyboard worker install {entry.environment}"
    if (Path(sys.prefix).parent / UNFINISHED).is_file():
        lacks.append(f"the rest of its packages: installing them was cut off ({command})")
    elif absent := [name for name in entry.packages if find_spec(name) is None]:
        lacks.append(f"packages {', '.join(absent)} ({command})")
    if entry.source and not folder(settings.source or entry.source).is_dir():
        lacks.append(f"its code in {settings.source or entry.source} ({entry.source_fetch})")
    lacks += _missing_weights(entry, settings)
    return f"{entry.name} lacks {'; '.join(lacks)}" if lacks else ""


def _missing_weights(entry: WorkerEntry, settings: Settings) -> Iterator[str]:
    weights = settings.weights or entry.weights
    root = folder(weights)
    split = is_split(entry, root)
    wanted, fetch = entry.needed, entry.fetch
    if split or (entry.split and "2.5" in root.name):
        wanted, fetch = entry.split, f"{entry.split_fetch} --local-dir {weights}"
    if not root.is_dir():
        yield f"weights in {weights} ({fetch})"
    elif absent := [
        f"{name} ({wanted[name]})"
        for name, file in weights_of(entry, settings).items()
        if file is None
    ]:
        kind = (
            f" for --quantization {settings.quantization}"
            if settings.quantization in _PREQUANTIZED
            else ""
        )
        yield f"{', '.join(absent)} in {weights}{kind} ({fetch})"
    encoder = settings.text_encoder or entry.text_encoder
    if encoder and not split and not folder(encoder).is_dir():
        repository = "google/gemma-3-12b-it-qat-q4_0-unquantized"
        yield f"the text encoder in {encoder} (hf download {repository} --local-dir {encoder})"
