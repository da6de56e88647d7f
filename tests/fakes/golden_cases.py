"""The golden cases: requests, and what the reference drew for them with a tiny random checkpoint."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from image_engine import ImageRequest

GOLDEN = Path(__file__).parents[1] / "image_engine" / "golden"
CHECKPOINT = GOLDEN / "checkpoint"
CASES: list[dict[str, Any]] = json.loads((GOLDEN / "cases" / "cases.json").read_text())


def golden_request(case: dict[str, Any], **changes: Any) -> ImageRequest:
    """The request that a golden case records."""
    from image_engine import ImageRequest

    names = {
        "num_inference_steps": "steps",
        "scheduler_name": "sampler",
        "timesteps_list": "timesteps",
    }
    foreign = ("name", "expected", "ref_files")
    fields = {names.get(key, key): value for key, value in case.items() if key not in foreign}
    fields["sampler"] = {"default": "unipc"}.get(fields["sampler"], fields["sampler"])
    references = [GOLDEN / "cases" / name for name in case["ref_files"]]
    return ImageRequest(
        **({**fields, "references": references, "snap_resolution": False} | changes)
    )


def golden_case(name: str) -> dict[str, Any]:
    """The golden case of that name."""
    return next(case for case in CASES if case["name"] == name)
