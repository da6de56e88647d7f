"""Pictures by the project's own worker `diffusers-image`: one model a worker, over HTTP.

`model` (a repository's or folder's name) says which recipe holds and how many references it takes.

Knows: recipes, requests to a worker. Does not know: how the model is run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from renderers.base import JSON, ImageRequest, ImageResult
from renderers.image.incoming import incoming
from renderers.image.png import write_shaped
from renderers.image.size import at_most, drawn_size
from renderers.options import refuse_others
from renderers.workers.client import WorkerClient
from renderers.workers.protocol import Job

VERSION = 1
OURS = frozenset({"preset", "resolution", "shift"})
"""Options that the pipeline sets for every backend and these models have no use for, or a name."""
KNOBS = ("steps", "guidance_scale", "image_guidance_scale")


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a model is asked, by its makers."""

    steps: int
    guidance_scale: float
    references: int = 0
    image_guidance_scale: float | None = None


RECIPES: Mapping[str, Recipe] = {
    "hidream-i1-full": Recipe(50, 5.0),
    "hidream-i1-dev": Recipe(28, 0.0),
    "hidream-i1-fast": Recipe(16, 0.0),
    "hidream-e1": Recipe(28, 5.0, 1, 4.0),
    "qwen-image-edit-2": Recipe(40, 4.0, 3),
    "qwen-image-edit": Recipe(50, 4.0, 1),
    "qwen-image": Recipe(50, 4.0),
    "flux.2-klein-base": Recipe(50, 4.0, 4),
    "flux.2-klein": Recipe(4, 1.0, 4),
}
"""By the beginning of a model's name; the first that fits holds."""


class DiffusersImages:
    """An `ImageBackend` over a worker's `base_url`.

    `steps`, `guidance_scale` and `image_guidance_scale` win over the recipe; `max_references` is
    for models that no recipe knows. `side` is the side of the square whose area is drawn.
    """

    name = "diffusers"
    uses_references = True

    def __init__(
        self,
        base_url: str = "http://127.0.0.1:8900",
        model: str = "FLUX.2-klein-4B",
        timeout_s: float = 900.0,
        side: int = 1024,
        resolution: int | None = None,
        steps: int | None = None,
        guidance_scale: float | None = None,
        image_guidance_scale: float | None = None,
        negative_prompt: str = "",
        max_references: int | None = None,
    ) -> None:
        name = model.rpartition("/")[2].lower()
        recipe = next((r for start, r in RECIPES.items() if name.startswith(start)), None)
        known = 0 if recipe is None else recipe.references
        self.max_references = known if max_references is None else max_references
        given: dict[str, JSON] = {
            "steps": steps,
            "guidance_scale": guidance_scale,
            "image_guidance_scale": image_guidance_scale,
        }
        self._options: dict[str, JSON] = {}
        for option, value in given.items():
            usual = getattr(recipe, option, None)
            if value is not None or usual is not None:
                self._options[option] = usual if value is None else value
        self._model, self._side, self._resolution = model, side, resolution
        self._negative = negative_prompt
        self._worker = WorkerClient("diffusers-image", base_url, timeout_s, "/pictures")

    def fingerprint(self) -> Mapping[str, JSON]:
        return {
            "adapter": f"diffusers-image/{VERSION}",
            "model": self._model,
            "side": self._side,
            "resolution": self._resolution,
            "negative_prompt": self._negative,
            **self._options,
        }

    def close(self) -> None:
        self._worker.close()

    def render(self, request: ImageRequest, out: Path) -> ImageResult:
        """Have the worker draw, and cut to the shape of `width`:`height`.

        Raises:
            BadRequest: an unknown option, more references than the model takes, or none.
            OutOfMemory: it does not fit the card.
            Unavailable: no worker, or it lacks weights or packages; the message has the fix.
            BadOutput: what came back is no picture.
        """
        at_most(request, self.max_references)
        ours = {*KNOBS, "negative_prompt"}
        refuse_others(request.options, OURS | ours, "image diffusers", {*ours, "resolution"})
        asked = dict(request.options)
        longest = asked.get("resolution", self._resolution)
        sized = ImageRequest(
            "", request.width, request.height, 0, options={"resolution": longest} if longest else {}
        )
        width, height = drawn_size(sized, self._side)
        pictures = [incoming(reference.path) for reference in request.references]
        options = {**self._options, **{name: asked[name] for name in KNOBS if name in asked}}
        job = Job(
            prompt=request.prompt,
            width=width,
            height=height,
            frames=1,
            fps=1,
            seed=request.seed,
            references=tuple(picture.data for picture in pictures),
            negative_prompt=str(asked.get("negative_prompt", self._negative)),
            options=options,
        )
        data = self._worker.ask(job)
        made = write_shaped(data, request.width, request.height, out)
        warnings = tuple(picture.warning for picture in pictures if picture.warning)
        info: dict[str, JSON] = {"model": self._model, "size": f"{width}x{height}", **options}
        return ImageResult(out, *made, request.seed, warnings, info)
