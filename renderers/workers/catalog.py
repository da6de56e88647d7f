"""The workers there are: what each serves, needs and is told.

Knows: names, ports, packages, weights, options. Does not know: HTTP, how a model is run.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

REQUIREMENTS = Path(__file__).with_name("requirements")
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
class Entry:
    """One worker."""

    name: str
    about: str
    port: int
    module: str
    """Module with `prepare(entry, settings)`, which loads the model; in the child alone."""
    requirements: str
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


_LTX_FETCH = "hf download Lightricks/LTX-2 --local-dir ~/models/LTX-2"
_LTX_TWO_STAGE = {
    "checkpoint": "*dev*.safetensors",
    "distilled LoRA": "*distilled-lora*.safetensors",
    "spatial upscaler": "*spatial-upscaler-x2*.safetensors",
}


def _ltx(name: str, about: str, port: int, needed: Mapping[str, str]) -> Entry:
    return Entry(
        name=name,
        about=about,
        port=port,
        module="renderers.workers.ltx2",
        requirements="ltx2.txt",
        packages=("torch", "av", "ltx_core", "ltx_pipelines"),
        weights="~/models/LTX-2",
        fetch=_LTX_FETCH,
        text_encoder="~/models/gemma-3-12b-it",
        limits=name,
        needed=needed,
    )


ENTRIES: Mapping[str, Entry] = {
    entry.name: entry
    for entry in (
        _ltx("ltx2-a2v", "LTX-2 audio-to-video, two stages", 8892, _LTX_TWO_STAGE),
        _ltx("ltx2-i2v", "LTX-2 image-to-video, two stages, with sound", 8891, _LTX_TWO_STAGE),
        _ltx(
            "ltx2-distilled",
            "LTX-2 image-to-video, distilled: 8 + 3 steps",
            8891,
            {
                "checkpoint": "*distilled*.safetensors",
                "spatial upscaler": "*spatial-upscaler-x2*.safetensors",
            },
        ),
        Entry(
            name="diffusers",
            about="LTX-2 or Wan 2.2 image-to-video by way of diffusers",
            port=8893,
            module="renderers.workers.diffusers_video",
            requirements="diffusers.txt",
            packages=("torch", "av", "diffusers", "transformers"),
            weights="~/models/Wan2.2-TI2V-5B-Diffusers",
            fetch=(
                "hf download Wan-AI/Wan2.2-TI2V-5B-Diffusers "
                "--local-dir ~/models/Wan2.2-TI2V-5B-Diffusers"
            ),
            needed={"model_index.json": "model_index.json"},
        ),
        Entry(
            name="ditto",
            about="Ditto talking heads, 25 fps",
            port=8881,
            module="renderers.workers.ditto",
            requirements="ditto.txt",
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


def find_file(root: Path, pattern: str, *, without: str = "") -> Path | None:
    """The first file of that pattern, by name; names with `without` in them do not count."""
    found = sorted(p for p in root.glob(pattern) if not (without and without in p.name))
    return found[0] if found else None


def missing(entry: Entry, settings: Settings) -> str:
    """In one line, what the worker lacks and how to get it; "" when it lacks nothing.

    Nothing is imported: only whether the packages could be is asked.
    """
    lacks: list[str] = []
    command = f"storyboard worker install {entry.name}"
    if (Path(sys.prefix).parent / UNFINISHED).is_file():
        lacks.append(f"the rest of its packages: installing them was cut off ({command})")
    elif absent := [name for name in entry.packages if find_spec(name) is None]:
        lacks.append(f"packages {', '.join(absent)} ({command})")
    if entry.source and not folder(settings.source or entry.source).is_dir():
        lacks.append(f"its code in {settings.source or entry.source} ({entry.source_fetch})")
    weights = settings.weights or entry.weights
    root = folder(weights)
    if not root.is_dir():
        lacks.append(f"weights in {weights} ({entry.fetch})")
    else:
        skip = "lora" if entry.name == "ltx2-distilled" else ""
        absent = [
            f"{name} ({pattern})"
            for name, pattern in entry.needed.items()
            if find_file(root, pattern, without=skip) is None
        ]
        if absent:
            lacks.append(f"{', '.join(absent)} in {weights} ({entry.fetch})")
    encoder = settings.text_encoder or entry.text_encoder
    if encoder and not folder(encoder).is_dir():
        fetch = f"hf download google/gemma-3-12b-it --local-dir {encoder}"
        lacks.append(f"the text encoder in {encoder} ({fetch})")
    return f"{entry.name} lacks {'; '.join(lacks)}" if lacks else ""
