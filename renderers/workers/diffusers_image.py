"""Pictures by way of diffusers: any pipeline that draws from words, or edits pictures by words.

The weights' `model_index.json` names the pipeline; what it takes is read from its own signature.
One that diffusers does not have comes from a checkout of the model's own code (`--source`), in
whose `pipeline_*.py` its class stands: HiDream-E1. HiDream's pipelines read prompts with a
Llama 3.1 8B that their repositories leave out (`--text-encoder`).

Runs in the child alone. Knows: that library's pipelines. Does not know: HTTP, plans.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Mapping
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from renderers.errors import BadOutput, BadRequest, Unavailable
from renderers.workers.catalog import Settings, WorkerEntry, folder
from renderers.workers.child import Maker, ModelRequest, known
from renderers.workers.diffusers_loading import index_of, load, place_of

KNOBS = frozenset({"steps", "guidance_scale", "image_guidance_scale"})
LLAMA = "meta-llama/Llama-3.1-8B-Instruct"
E1_CODE = "git clone https://github.com/HiDream-ai/HiDream-E1"


def prepare(entry: WorkerEntry, settings: Settings) -> Maker:
    """Load the pipeline that the weights name.

    Raises:
        Unavailable: nobody here has that pipeline, or it lacks its text encoder.
    """
    root = folder(settings.weights or entry.weights)
    index = index_of(root)
    kind = _class(str(index.get("_class_name", "")), settings.source)
    takes = inspect.signature(kind.__call__).parameters
    if "prompt" not in takes or "num_frames" in takes:
        raise Unavailable(f"{root} holds a {kind.__name__}, which draws no pictures from words")
    pipe = load(root, kind, settings, **_parts(index, settings))
    return partial(_make, pipe)


def _class(name: str, source: str) -> Any:
    """The class of that name: of diffusers, else of a checkout."""
    found = getattr(import_module("diffusers"), name, None)
    if found is not None:
        return found
    checkout = folder(source) if source else None
    for file in sorted(checkout.glob("pipeline_*.py")) if checkout is not None else ():
        if re.search(rf"^class {re.escape(name)}\b", file.read_text(encoding="utf-8"), re.M):
            sys.path.insert(0, str(checkout))
            return getattr(import_module(file.stem), name)
    how = f" ({E1_CODE}; --source FOLDER)" if name == "HiDreamImageEditingPipeline" else ""
    where = f"nor a pipeline_*.py in {checkout}" if checkout else "and no --source is given"
    raise Unavailable(f"diffusers has no pipeline {name!r}, {where}{how}")


def _parts(index: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """What the folder leaves out and the pipeline needs: HiDream's fourth text encoder."""
    if "text_encoder_4" not in index or index["text_encoder_4"][0] is not None:
        return {}
    encoder = settings.text_encoder
    if not encoder or not folder(encoder).is_dir():
        raise Unavailable(
            f"{index['_class_name']} reads prompts with {LLAMA}, which its weights leave out: "
            f"hf download {LLAMA} --local-dir ~/models/Llama-3.1-8B-Instruct (its licence is "
            "accepted on its page), and --text-encoder ~/models/Llama-3.1-8B-Instruct"
        )
    transformers = import_module("transformers")
    _, dtype = place_of(settings)
    path = str(folder(encoder))
    return {
        "tokenizer_4": transformers.AutoTokenizer.from_pretrained(path),
        "text_encoder_4": transformers.AutoModelForCausalLM.from_pretrained(
            path, dtype=dtype, output_hidden_states=True, output_attentions=True
        ),
    }


def _make(pipe: Any, request: ModelRequest, out: Path) -> None:
    torch = import_module("torch")
    with torch.inference_mode():
        result = pipe(**_arguments(pipe, request))
    if not result.images:
        raise BadOutput(f"{type(pipe).__name__} drew nothing")
    result.images[0].convert("RGB").save(out, "PNG")


def _arguments(pipe: Any, request: ModelRequest) -> dict[str, Any]:
    """The call's arguments, by the names that this pipeline has for them.

    Raises:
        BadRequest: it takes no pictures, or not so many, or does nothing without one.
    """
    torch, name = import_module("torch"), type(pipe).__name__
    takes, options = inspect.signature(pipe.__call__).parameters, known(request, KNOBS)
    given: dict[str, Any] = {
        "prompt": request.prompt,
        "width": request.width,
        "height": request.height,
        "generator": torch.Generator("cpu").manual_seed(request.seed),
        "output_type": "pil",
        **_pictures(name, takes, request),
    }
    # Qwen's guidance needs something to lead away from; its other scale is for distilled models.
    guidance = "true_cfg_scale" if "true_cfg_scale" in takes else "guidance_scale"
    if request.negative_prompt or guidance == "true_cfg_scale":
        given["negative_prompt"] = request.negative_prompt or " "
    for option, argument in (
        ("steps", "num_inference_steps"),
        ("guidance_scale", guidance),
        ("image_guidance_scale", "image_guidance_scale"),
    ):
        if option in options:
            given[argument] = options[option]
    return {argument: value for argument, value in given.items() if argument in takes}


def _pictures(name: str, takes: Mapping[str, Any], request: ModelRequest) -> dict[str, Any]:
    if not request.references:
        if "Edit" in name:
            raise BadRequest(
                f"{name} draws from a picture only: name who draws without one in [image], and "
                "this one in [image.edit]"
            )
        return {}
    if "image" not in takes:
        raise BadRequest(f"references: {name} draws from words alone")
    load_image = import_module("diffusers.utils").load_image
    pictures = [load_image(str(path)) for path in request.references]
    if "list" not in str(takes["image"].annotation).lower() or name == "QwenImageEditPipeline":
        if len(pictures) > 1:
            raise BadRequest(f"references: {len(pictures)}; {name} edits one picture")
        return {"image": pictures[0]}
    return {"image": pictures}
