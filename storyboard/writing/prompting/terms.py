"""The wording of image prompts, read from `prompts/prompter/terms.yaml`.

Knows: the tables, and that each covers its vocabulary. Does not know: sentences.
"""

from __future__ import annotations

from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict

from renderers.scene import (
    Expression,
    Place,
    ShotAngle,
    ShotOrientation,
    ShotScale,
    TimeOfDay,
)
from storyboard.core.prompt_files import prompt_data


class Terms(BaseModel):
    """How each term of a plan is said to a picture model."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    expressions: dict[Expression, str]
    at_the_viewer: dict[Expression, str]
    """Of those that look elsewhere: the same with the eyes on the viewer."""
    scales: dict[ShotScale, str]
    under_a_title: str
    lenses: dict[ShotScale, str]
    depths: dict[ShotScale, str]
    render: dict[Literal["photograph", "drawing"], str]
    signs: dict[Place, tuple[str, str, str]]
    """Where lettering is in a place, on what, in which hand."""
    angles: dict[ShotAngle, str]
    orientations: dict[ShotOrientation, str]
    places: dict[Place, str]
    light: dict[TimeOfDay, str]
    default_style: str


@cache
def terms() -> Terms:
    return Terms.model_validate(prompt_data("prompter/terms.yaml"))
