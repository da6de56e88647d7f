"""A step that draws a picture: its parameters, what it is drawn from, the files that it leaves.

Knows: fields and labels. Does not know: how a picture is drawn, which pictures a film needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from renderers.base import JSON
from renderers.scene import Scene
from storyboard.graph.contract import F, Files, Numbered, Params, many
from storyboard.graph.steps import Source, Step

REFERENCE = "image {}"
"""The label of a reference picture: `image 2 (character:ann)`. Prompts call it by that."""


class SceneParams(Params):
    """What draws a scene, or films one."""

    scene: Scene | None

    def document(self) -> dict[str, Any]:
        found = Params.document(self)
        # Scenes had none of these when the first were paid for.
        for late in ("things", "cutaway"):
            if self.scene is not None and not getattr(self.scene, late):
                del found["scene"][late]
        return found


class DrawParams(SceneParams):
    prompt: str
    width: int
    height: int
    seed: int
    options: Mapping[str, JSON]
    backend: Mapping[str, JSON]


class DrawInputs(Files[F]):
    references: Mapping[Numbered, F] = many(REFERENCE)
    settled: F | None = None
    """What the draft of this final settled on."""
    draft: F | None = None


class PictureFiles(Files[F]):
    image: F
    info: F
    """What it was drawn from, and where the faces are."""
    settled: F | None = None


Drawing = Step[DrawParams, DrawInputs[Source], PictureFiles[str]]
