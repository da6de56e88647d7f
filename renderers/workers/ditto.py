"""Ditto talking heads: the face of one picture speaks a sound, at 25 frames a second.

Ditto is a checkout, not a package, and its own script joins sound and picture through a
shell; so its pipeline is driven here step by step, and only its silent film is taken. The
PyTorch configuration is used wherever it lies with the weights: the TensorRT engines that
are shipped do not run on Blackwell.

Runs in the child alone. Knows: that code. Does not know: HTTP, plans.
"""

from __future__ import annotations

import math
import os
import shutil
import sys
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from renderers.errors import BadOutput, Unavailable
from renderers.workers.catalog import Settings, WorkerEntry, folder
from renderers.workers.child import Maker, ModelRequest, known

KNOBS = frozenset({"emotion", "crop_scale", "sampling_timesteps"})
_NAMES = {"emotion": "emo", "crop_scale": "crop_scale", "sampling_timesteps": "sampling_timesteps"}
_MODELS = (
    ("ditto_cfg/v0.4_hubert_cfg_pytorch.pkl", "ditto_pytorch"),
    ("ditto_cfg/v0.4_hubert_cfg_trt.pkl", "ditto_trt_Ampere_Plus"),
)
RATE = 16_000
FPS = 25


def prepare(entry: WorkerEntry, settings: Settings) -> Maker:
    """Load Ditto.

    Raises:
        Unavailable: the weights' folder has no configuration with its models.
    """
    root = folder(settings.weights or entry.weights).resolve()
    config, models = configuration(root)
    source = folder(settings.source or entry.source).resolve()
    # It imports its own modules by their bare names and reads files by relative paths.
    sys.path.insert(0, str(source))
    os.chdir(source)
    _share_libraries()
    kind = import_module("stream_pipeline_offline").StreamSDK
    return partial(_make, kind(str(config), str(models)))


def _share_libraries() -> None:
    """Let ONNX Runtime find the CUDA libraries that come with torch; else it hears on the CPU."""
    import_module("torch")
    preload = getattr(import_module("onnxruntime"), "preload_dlls", None)
    if preload is not None:
        preload()


def configuration(root: Path) -> tuple[Path, Path]:
    """The configuration to use and the folder of its models, PyTorch before TensorRT."""
    for config, models in _MODELS:
        if (root / config).is_file() and (root / models).is_dir():
            return root / config, root / models
    wanted = " or ".join(" with ".join(pair) for pair in _MODELS)
    raise Unavailable(f"{root} holds neither {wanted}")


def _make(sdk: Any, request: ModelRequest, out: Path) -> None:
    assert request.audio is not None
    import_module("torch").manual_seed(request.seed)
    setup = {_NAMES[name]: value for name, value in known(request, KNOBS).items()}
    sound, _ = import_module("librosa").core.load(str(request.audio), sr=RATE)
    sdk.setup(str(request.image), str(out.with_name("ditto.mp4")), **setup)
    sdk.setup_Nd(N_d=math.ceil(len(sound) / RATE * FPS), fade_in=-1, fade_out=-1, ctrl_info={})
    sdk.audio2motion_queue.put(sdk.wav2feat.wav2feat(sound))
    sdk.close()
    film = Path(sdk.tmp_output_path)
    if not film.is_file():
        raise BadOutput("Ditto wrote no film: is there a face in the picture?")
    shutil.move(film, out)
