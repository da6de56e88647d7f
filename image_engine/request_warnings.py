"""Warnings about requests that can be drawn but will probably disappoint, each with its reason.

Knows: what the people who ran the model found. Does not know: how to draw.
"""

from __future__ import annotations

import re

from image_engine import sizes
from image_engine.config import Family
from image_engine.presets import DEV_TIMESTEPS
from image_engine.references import Scene
from image_engine.request import TRAINED_MIN_SIDE, ImageRequest

GUIDANCE_LIMIT = 6.0
HIGH_SHIFT = 2.5
HIGH_GUIDANCE = 5.0
POSE_REFERENCE = re.compile(r"\b(skeletons?|openpose|pose (map|reference|image))\b", re.IGNORECASE)
POSE_WORDS = re.compile(
    r"\b(standing|stands?|sitting|sits?|seated|kneeling|kneels?|crouching|crouches|lying|lies|"
    r"running|runs?|walking|walks?|jumping|jumps?|dancing|leaning|leans?|"
    r"arms? (raised|crossed|outstretched)|hands? (up|raised|on))\b",
    re.IGNORECASE,
)


def request_warnings(
    request: ImageRequest, scene: Scene, family: Family | None = None
) -> tuple[str, ...]:
    """What is worth saying about a request before it is drawn; `family` is the checkpoint's."""
    found = [
        *scene.notes,
        _references(scene),
        _guidance(request),
        _aspect(request, scene),
        _small(scene, family),
        _pose(request, scene),
        _recipe(request, family),
    ]
    return tuple(warning for warning in found if warning)


def _references(scene: Scene) -> str | None:
    count = len(scene.references)
    if count <= 4:
        return None
    side = sizes.reference_side(max(scene.width, scene.height), count)
    return (
        f"{count} references (a layout canvas counts): each falls to about {side}×{side} px, and "
        "its copy for the vision tower to a smaller one; up to 4 keep "
        f"{sizes.reference_side(max(scene.width, scene.height), 4)}. Leave out what the prompt "
        "can say."
    )


def _guidance(request: ImageRequest) -> str | None:
    guidance, shift = request.guidance_scale, request.shift
    if guidance > GUIDANCE_LIMIT:
        worse = f", and a shift of {shift:g} makes it worse" if shift >= HIGH_SHIFT else ""
        return f"guidance {guidance:g} is above {GUIDANCE_LIMIT:g}: expect artefacts{worse}"
    if len(request.references) > 1 and guidance > HIGH_GUIDANCE and shift >= HIGH_SHIFT:
        return (
            f"shift {shift:g} with guidance {guidance:g}: high shift frees the picture from its "
            "references while high guidance hardens it; lower one of them"
        )
    return None


def _aspect(request: ImageRequest, scene: Scene) -> str | None:
    width, height = request.width, request.height
    if request.keep_original_aspect:
        width, height = scene.width, scene.height
    if sizes.distance_to_buckets(width, height) <= sizes.FAR_FROM_BUCKETS:
        return None
    bucket = sizes.closest_bucket(width, height)
    if (scene.width, scene.height) == bucket:
        return (
            f"{width}×{height} is far from every trained ratio; {bucket[0]}×{bucket[1]} is drawn, "
            "so crop afterwards, or set snap_resolution=false"
        )
    return (
        f"the ratio of {width}×{height} is far from every trained one (closest "
        f"{bucket[0]}×{bucket[1]}): expect repeated or stretched subjects"
    )


def _small(scene: Scene, family: Family | None) -> str | None:
    if family == "nano" or min(scene.width, scene.height) >= TRAINED_MIN_SIDE:
        return None
    return (
        f"{scene.width}×{scene.height}: the model draws nothing useful below {TRAINED_MIN_SIDE} px"
    )


def _pose(request: ImageRequest, scene: Scene) -> str | None:
    if len(scene.references) < 2 or not POSE_REFERENCE.search(request.prompt):
        return None
    words = POSE_WORDS.search(request.prompt)
    if words is None:
        return None
    return (
        f"the prompt names a pose ({words.group(0)!r}) and a pose reference: the words win; "
        "leave them out if the reference is to decide"
    )


def _recipe(request: ImageRequest, family: Family | None) -> str | None:
    """A Dev checkpoint knows 28 noise levels without guidance; the Full one wants the opposite."""
    if family == "dev" and (request.sampler == "unipc" or request.guidance_scale > 1):
        return (
            f"this is a Dev checkpoint, the recipe ({request.sampler}, {request.steps} steps, "
            f"guidance {request.guidance_scale:g}) is for the Full one: expect burnt or broken "
            "pictures; use preset dev (or dev-2604)"
        )
    if family in ("full", "nano") and request.timesteps == DEV_TIMESTEPS:
        return (
            f"this is the {family.capitalize()} checkpoint, the recipe is for a Dev one (28 fixed noise levels, no "
            "guidance): expect soft, unfinished pictures; use preset standard, high or official"
        )
    if request.sampler == "unipc" or request.timesteps is not None:
        return None
    return (
        f"sampler {request.sampler!r} without timesteps: the Dev checkpoints know only their own "
        "28 noise levels (preset dev)"
    )
