"""The animatic as an image backend: draws the scene, needs no model and no GPU.

Knows: requests, PNG files. Does not know: drawing (see `renderers.animatic`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path

from renderers.animatic import creature_kinds, framing, motion, things
from renderers.base import JSON, ImageRequest, ImageResult
from renderers.errors import BadRequest
from renderers.image.png import packed
from renderers.packages import version_of
from renderers.scene import Scene

VERSION = 20
_KEYWORD = b"animatic-scene"
_PNG_HEADER = 33  # signature and IHDR


class AnimaticImages:
    """Draws `request.scene`; the prompt and references are not read."""

    name = "animatic"
    uses_references = False
    max_references = 0

    def fingerprint(self) -> Mapping[str, JSON]:
        return {
            "adapter": VERSION,
            "art": version_of("dicebear-styles"),
            "skia": version_of("skia-python"),
        }

    def render(self, request: ImageRequest, out: Path) -> ImageResult:
        """Draw the scene to `out` (PNG).

        `info["faces"]` holds the box (x, y, width, height in pixels) of every visible face by
        figure id, `info["things"]` every prop that is to be seen, with its state and place,
        `info["people"]` what everybody in it is drawn as ("person", "ghost");
        where a title will stand, `info["clear"]` holds the boxes of hair and insets.

        Raises:
            BadRequest: there is no scene, or its figures do not fit the frame.
        """
        if request.scene is None:
            raise BadRequest("the animatic draws scenes: the request has only a prompt")
        image, tableau = motion.still(request.scene, request.width, request.height)
        digest = scene_digest(request.scene, request.width, request.height)
        temporary = out.with_name(out.name + ".tmp")
        temporary.write_bytes(packed(image, {_KEYWORD: digest.encode()}))
        temporary.replace(out)
        info: dict[str, JSON] = {"faces": _boxes(tableau.faces())}
        info["things"] = things.records(tableau.seen())
        info["people"] = [creature_kinds.drawn_as(p.figure.avatar.head) for p in tableau.placements]
        if request.scene.headroom:
            info["clear"] = _boxes(tableau.clear_of_title())
        return ImageResult(out, image.width(), image.height(), request.seed, info=info)

    def close(self) -> None:
        pass


def _boxes(boxes: Mapping[str, framing.Box]) -> dict[str, JSON]:
    """Boxes as x, y, width, height in whole pixels."""
    return {
        name: [round(b.left), round(b.top), round(b.right - b.left), round(b.bottom - b.top)]
        for name, b in boxes.items()
    }


def scene_digest(scene: Scene, width: int, height: int) -> str:
    """Names a drawing: equal for equal scenes at equal sizes. A still has no cutaway."""
    known = asdict(replace(scene, cutaway=None))
    text = json.dumps([VERSION, known, width, height], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def drawn_from(image: Path, scene: Scene, width: int, height: int) -> bool:
    """Whether `image` is this animatic's own drawing of `scene`, by the label inside it."""
    label = _KEYWORD + b"\0" + scene_digest(scene, width, height).encode()
    try:
        with image.open("rb") as file:
            return label in file.read(_PNG_HEADER + 12 + len(label))
    except OSError as error:
        raise BadRequest(f"the picture {image.name} cannot be read: {error.strerror}") from None
