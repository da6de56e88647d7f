"""The nodes that the shipped workflows use, as ComfyUI's own `/object_info` declares them.

Read in its source: the HiDream-O1 nodes in comfy_extras/nodes_hidream_o1.py (Comfy-Org/ComfyUI
39e2b05), Qwen's in nodes_qwen.py (00827a8), the others where they have been for years. Both forms
of a choice occur: a list of values, and COMBO with its options.
"""

from __future__ import annotations

from typing import Any

FILES = {
    "checkpoints": ["hidream_o1_image_bf16.safetensors"],
    "diffusion_models": [
        "flux-2-klein-4b-fp8.safetensors",
        "qwen_image_2512_fp8_e4m3fn.safetensors",
        "qwen_image_edit_2511_bf16.safetensors",
    ],
    "text_encoders": ["qwen_3_4b.safetensors", "qwen_2.5_vl_7b_fp8_scaled.safetensors"],
    "vae": ["flux2-vae.safetensors", "qwen_image_vae.safetensors"],
    "input": ["example.png"],
}
_INT, _FLOAT, _TEXT, _YES = ["INT", {}], ["FLOAT", {}], ["STRING", {"multiline": True}], ["BOOLEAN"]
_SAMPLERS = ["euler", "dpmpp_2m_sde_gpu", "lcm"]
_SCHEDULERS = ["normal", "simple"]
_SCALING = ["nearest-exact", "bilinear", "area", "bicubic", "lanczos"]


def _node(
    output: list[str], required: dict[str, Any], optional: dict[str, Any] | None = None
) -> dict[str, Any]:
    inputs = {"required": required, **({"optional": optional} if optional else {})}
    return {"input": inputs, "output": output, "output_node": False}


def _wires(*kinds: str, **named: str) -> dict[str, Any]:
    return {**{kind.lower(): [kind] for kind in kinds}, **{k: [v] for k, v in named.items()}}


_SIZE = {"width": _INT, "height": _INT, "batch_size": _INT}
_PAIR = _wires(positive="CONDITIONING", negative="CONDITIONING")
_AUTOGROW = ["COMFY_AUTOGROW_V3", {"template": {"input": {"required": {"image": ["IMAGE", {}]}}}}]
_QWEN = {"vae": ["VAE"], **{f"image{i}": ["IMAGE"] for i in (1, 2, 3)}}

OBJECT_INFO: dict[str, Any] = {
    "CheckpointLoaderSimple": _node(
        ["MODEL", "CLIP", "VAE"], {"ckpt_name": [FILES["checkpoints"], {}]}
    ),
    "UNETLoader": _node(
        ["MODEL"],
        {"unet_name": [FILES["diffusion_models"]], "weight_dtype": [["default", "fp8_e4m3fn"]]},
    ),
    "CLIPLoader": _node(
        ["CLIP"],
        {"clip_name": [FILES["text_encoders"]], "type": [["qwen_image", "flux2"]]},
        {"device": [["default", "cpu"]]},
    ),
    "VAELoader": _node(["VAE"], {"vae_name": [FILES["vae"]]}),
    "CLIPTextEncode": _node(["CONDITIONING"], {"text": _TEXT, "clip": ["CLIP"]}),
    "ConditioningZeroOut": _node(["CONDITIONING"], _wires("CONDITIONING")),
    "TextEncodeQwenImageEditPlus": _node(
        ["CONDITIONING"], {"clip": ["CLIP"], "prompt": _TEXT}, _QWEN
    ),
    "EmptyHiDreamO1LatentImage": _node(["LATENT"], _SIZE),
    "EmptyFlux2LatentImage": _node(["LATENT"], _SIZE),
    "EmptySD3LatentImage": _node(["LATENT"], _SIZE),
    "HiDreamO1ReferenceImages": _node(
        ["CONDITIONING", "CONDITIONING"], _PAIR, {"images": _AUTOGROW}
    ),
    "HiDreamO1PatchSeamSmoothing": _node(
        ["MODEL"],
        {
            "model": ["MODEL"],
            "start_percent": _FLOAT,
            "end_percent": _FLOAT,
            "pattern": ["COMBO", {"options": ["single_shift", "symmetric"]}],
            "passes": ["COMBO", {"options": ["2", "4", "ramp_2_4", "ramp_2_4_8"]}],
            "blend": ["COMBO", {"options": ["average", "window", "median"]}],
            "strength": _FLOAT,
        },
    ),
    "ModelNoiseScale": _node(["MODEL"], {"model": ["MODEL"], "noise_scale": _FLOAT}),
    "ModelSamplingAuraFlow": _node(["MODEL"], {"model": ["MODEL"], "shift": _FLOAT}),
    "CFGNorm": _node(["MODEL"], {"model": ["MODEL"], "strength": _FLOAT}),
    "BasicScheduler": _node(
        ["SIGMAS"],
        {"model": ["MODEL"], "scheduler": [_SCHEDULERS], "steps": _INT, "denoise": _FLOAT},
    ),
    "Flux2Scheduler": _node(["SIGMAS"], {"steps": _INT, "width": _INT, "height": _INT}),
    "KSamplerSelect": _node(["SAMPLER"], {"sampler_name": [_SAMPLERS]}),
    "RandomNoise": _node(["NOISE"], {"noise_seed": _INT}),
    "CFGGuider": _node(["GUIDER"], {"model": ["MODEL"], **_PAIR, "cfg": _FLOAT}),
    "SamplerCustom": _node(
        ["LATENT", "LATENT"],
        {
            "model": ["MODEL"],
            "add_noise": _YES,
            "noise_seed": _INT,
            "cfg": _FLOAT,
            **_PAIR,
            **_wires("SAMPLER", "SIGMAS", latent_image="LATENT"),
        },
    ),
    "SamplerCustomAdvanced": _node(
        ["LATENT", "LATENT"],
        _wires("NOISE", "GUIDER", "SAMPLER", "SIGMAS", latent_image="LATENT"),
    ),
    "KSampler": _node(
        ["LATENT"],
        {
            "model": ["MODEL"],
            "seed": _INT,
            "steps": _INT,
            "cfg": _FLOAT,
            "sampler_name": [_SAMPLERS],
            "scheduler": [_SCHEDULERS],
            **_PAIR,
            "latent_image": ["LATENT"],
            "denoise": _FLOAT,
        },
    ),
    "ReferenceLatent": _node(["CONDITIONING"], _wires("CONDITIONING"), _wires("LATENT")),
    "LoadImage": _node(["IMAGE", "MASK"], {"image": [FILES["input"]]}),
    "LoadImageMask": _node(
        ["MASK"], {"image": [FILES["input"]], "channel": [["alpha", "red", "green", "blue"]]}
    ),
    "ImageScale": _node(
        ["IMAGE"],
        {
            "image": ["IMAGE"],
            "upscale_method": [_SCALING],
            "width": _INT,
            "height": _INT,
            "crop": [["disabled", "center"]],
        },
    ),
    "ImageScaleToTotalPixels": _node(
        ["IMAGE"],
        {
            "image": ["IMAGE"],
            "upscale_method": [_SCALING],
            "megapixels": _FLOAT,
            "resolution_steps": _INT,
        },
    ),
    "ImageCompositeMasked": _node(
        ["IMAGE"],
        {
            "destination": ["IMAGE"],
            "source": ["IMAGE"],
            "x": _INT,
            "y": _INT,
            "resize_source": _YES,
        },
        _wires("MASK"),
    ),
    "VAEEncode": _node(["LATENT"], {"pixels": ["IMAGE"], "vae": ["VAE"]}),
    "VAEDecode": _node(["IMAGE"], {"samples": ["LATENT"], "vae": ["VAE"]}),
    "SaveImage": {
        **_node([], {"images": ["IMAGE"], "filename_prefix": ["STRING", {}]}),
        "output_node": True,
    },
}
