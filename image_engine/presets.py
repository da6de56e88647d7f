"""Named recipes: size, steps, guidance, sampler, as measured by the people who ran the model.

Knows: the recipes, and how to fill a request from one. Does not know: how they are drawn, nor
which checkpoint is loaded (`dev` recipes want a Dev checkpoint, the others the Full one).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from image_engine.errors import BadRequest
from image_engine.request import ImageRequest, Sampler

DEV_TIMESTEPS = (
    999, 987, 974, 960, 945, 929, 913, 895, 877, 857, 836, 814, 790, 764,
    737, 707, 675, 640, 602, 560, 515, 464, 409, 347, 278, 199, 110, 8,
)  # fmt: skip
"""The distilled checkpoints know these noise levels and no others."""


@dataclass(frozen=True, slots=True)
class Preset:
    """One recipe. Fields are those of `ImageRequest`."""

    summary: str
    width: int
    height: int
    snap_resolution: bool
    steps: int
    guidance_scale: float
    shift: float = 3.0
    sampler: Sampler = "unipc"
    timesteps: tuple[int, ...] | None = None
    noise_scale_start: float = 8.0
    noise_scale_end: float = 8.0
    noise_clip_std: float = 0.0


PRESETS: dict[str, Preset] = {
    "preview": Preset(
        "1024², 20 steps, guidance 3: to choose a seed and a composition. Guidance 1 halves the "
        "time. Faces in the distance, hands and small text are not to be judged here.",
        1024, 1024, False, steps=20, guidance_scale=3.0,
    ),
    "standard": Preset(
        "1536², 28 steps, guidance 4: most pictures of a video.",
        1536, 1536, False, steps=28, guidance_scale=4.0,
    ),
    "high": Preset(
        "2048², 36 steps, guidance 5: older faces, hands, fabric, text, crowds.",
        2048, 2048, False, steps=36, guidance_scale=5.0,
    ),
    "official": Preset(
        "The trained size of the closest ratio, 50 steps, guidance 5.",
        2048, 2048, True, steps=50, guidance_scale=5.0,
    ),
    "dev": Preset(
        "Dev checkpoints: 28 fixed noise levels, no guidance. With exactly one reference: "
        "flow-match Euler with noise 8.",
        2048, 2048, True, steps=28, guidance_scale=0.0, shift=1.0, sampler="flash",
        timesteps=DEV_TIMESTEPS, noise_scale_start=7.5, noise_scale_end=7.5, noise_clip_std=2.5,
    ),
    "dev-preview": Preset(
        "Dev checkpoints at 1024²: a draft of a film.",
        1024, 1024, False, steps=28, guidance_scale=0.0, shift=1.0, sampler="flash",
        timesteps=DEV_TIMESTEPS, noise_scale_start=7.5, noise_scale_end=7.5, noise_clip_std=2.5,
    ),
    "dev-standard": Preset(
        "Dev checkpoints at 1536²: most pictures of a video, in half the time of the full checkpoint.",
        1536, 1536, False, steps=28, guidance_scale=0.0, shift=1.0, sampler="flash",
        timesteps=DEV_TIMESTEPS, noise_scale_start=7.5, noise_scale_end=7.5, noise_clip_std=2.5,
    ),
    "dev-2604": Preset(
        "The Dev-2604 checkpoint: as dev, with noise 8 cut at 8 standard deviations.",
        2048, 2048, True, steps=28, guidance_scale=0.0, shift=1.0, sampler="flash",
        timesteps=DEV_TIMESTEPS, noise_scale_start=8.0, noise_scale_end=8.0, noise_clip_std=8.0,
    ),
}  # fmt: skip

DEV_EDIT: dict[str, Any] = {
    "sampler": "flow_match",
    "noise_scale_start": 8.0,
    "noise_scale_end": 8.0,
    "noise_clip_std": 0.0,
}
"""What a dev recipe changes when there is exactly one reference."""


def preset_request(preset: str, prompt: str, **fields: Any) -> ImageRequest:
    """A request made from a preset; `fields` are fields of `ImageRequest` and win over it.

    A width and height of the caller's keep the preset's area only if the caller chose them so:
    they are taken as they are. Raises `BadRequest`.
    """
    if preset not in PRESETS:
        raise BadRequest("preset", f"{preset!r} is none of {', '.join(PRESETS)}")
    recipe = asdict(PRESETS[preset])
    del recipe["summary"]
    if preset.startswith("dev") and len(fields.get("references", ())) == 1:
        recipe |= DEV_EDIT
    if "steps" in fields and "timesteps" not in fields:
        recipe["timesteps"] = None
    return ImageRequest(prompt=prompt, **(recipe | fields))
