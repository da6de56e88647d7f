"""Image-to-video models by way of diffusers: LTX-2 (with sound) and Wan 2.2.

Runs in the child alone. Knows: that library's pipelines. Does not know: HTTP, plans.
"""

from __future__ import annotations

from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from renderers.errors import BadRequest, Unavailable
from renderers.workers.catalog import Settings, WorkerEntry, folder
from renderers.workers.child import Maker, ModelRequest, known
from renderers.workers.diffusers_loading import index_of, load

KNOBS = frozenset({"steps", "guidance_scale"})
CLASSES = {
    # What a repository names may be the text-to-video pipeline: the parts are the same.
    "LTX2Pipeline": "LTX2ImageToVideoPipeline",
    "LTX2ImageToVideoPipeline": "LTX2ImageToVideoPipeline",
    "WanPipeline": "WanImageToVideoPipeline",
    "WanImageToVideoPipeline": "WanImageToVideoPipeline",
}


def prepare(entry: WorkerEntry, settings: Settings) -> Maker:
    """Load the pipeline that the weights' `model_index.json` names.

    Raises:
        Unavailable: it names none that is known here, or the settings ask what it cannot.
    """
    root = folder(settings.weights or entry.weights)
    named = index_of(root).get("_class_name", "")
    if named not in CLASSES:
        raise Unavailable(f"{root} holds a {named}; served are {', '.join(sorted(CLASSES))}")
    pipe = load(root, getattr(import_module("diffusers"), CLASSES[named]), settings)
    return partial(_make, pipe)


def _make(pipe: Any, request: ModelRequest, out: Path) -> None:
    if request.audio is not None:
        raise BadRequest("audio: diffusers has no public pipeline that follows a sound")
    torch = import_module("torch")
    options = known(request, KNOBS)
    image = import_module("diffusers.utils").load_image(str(request.image))
    arguments: dict[str, Any] = {
        "image": image,
        "prompt": request.prompt,
        "negative_prompt": request.negative_prompt or None,
        "width": request.width,
        "height": request.height,
        "num_frames": request.frames,
        "generator": torch.Generator("cpu").manual_seed(request.seed),
        "output_type": "np",
        "return_dict": True,
    }
    if "steps" in options:
        arguments["num_inference_steps"] = int(options["steps"])
    if "guidance_scale" in options:
        arguments["guidance_scale"] = float(options["guidance_scale"])
    sounds = type(pipe).__name__.startswith("LTX2")
    if sounds:
        arguments["frame_rate"] = float(request.fps)
    with torch.inference_mode():
        result = pipe(**arguments)
    audio = result.audio[0].float().cpu() if sounds else None
    rate = pipe.vocoder.config.output_sampling_rate if sounds else None
    import_module("diffusers.utils").encode_video(
        result.frames[0], fps=request.fps, output_path=str(out), audio=audio, audio_sample_rate=rate
    )
