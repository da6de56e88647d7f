"""Pictures by ComfyUI, with a shipped workflow or a file of the user's own.

Kinds of places: prompt, negative_prompt, image 1, image 2 … (references, in their order), mask
(white where image 1 may change), seed, steps, guidance_scale, shift, width, height. What a picture
has none of is taken out of the workflow. Before its first picture the server is asked what it has:
nodes and files that it lacks are named, with where they come from.

Knows: what of a picture goes to which place. Does not know: workflows, that server's routes.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import skia

from renderers.base import JSON, ImageRequest, ImageResult, Region
from renderers.comfyui.backend import ComfyBackend
from renderers.comfyui.workflow import PREFIX, Known, Workflow
from renderers.errors import BadRequest
from renderers.image.incoming import incoming
from renderers.image.png import write_shaped
from renderers.image.size import at_most, drawn_size
from renderers.jobs import Patience
from renderers.options import given, refuse_others

VERSION = 1
_FILE = ("image", "file", "value")
INPUTS: Known = {
    "prompt": ("text", "prompt", "string", "value"),
    "negative_prompt": ("text", "negative_prompt", "prompt", "string", "value"),
    "image #": _FILE,
    "mask": _FILE,
    "seed": ("seed", "noise_seed", "value"),
    "steps": ("steps", "value"),
    "guidance_scale": ("cfg", "guidance", "guidance_scale", "value"),
    "shift": ("shift", "value"),
    "width": ("width", "value"),
    "height": ("height", "value"),
}
KNOBS = ("steps", "guidance_scale", "shift", "negative_prompt")
OURS = frozenset({"preset", "resolution", *KNOBS})
"""Options that the pipeline sets for every backend: not an error where one has no use for it."""
_ENDINGS = (".png", ".jpg", ".jpeg", ".webp")


class ComfyImages(ComfyBackend):
    """An `ImageBackend` over `base_url` and a `workflow`: a file in API format, or the name of a
    shipped one (hidream-o1, flux2-klein, qwen-image, qwen-image-edit).

    `side` is the side of the square whose area is drawn, `steps`, `guidance_scale`, `shift` and
    `negative_prompt` are defaults; without them the workflow's own hold. `files` puts other
    weights into the workflow: {"qwen_image_vae.safetensors": "mine.safetensors"}. `free`
    releases the server's memory after every picture; so do a service's release levels.
    """

    uses_references = True

    def __init__(
        self,
        workflow: str,
        base_url: str = "http://127.0.0.1:8188",
        places: Mapping[str, str] | None = None,
        files: Mapping[str, str] | None = None,
        timeout_s: float = 900.0,
        poll_s: float = 0.5,
        side: int | None = None,
        resolution: int | None = None,
        steps: int | None = None,
        guidance_scale: float | None = None,
        shift: float | None = None,
        negative_prompt: str = "",
        free: bool = False,
    ) -> None:
        read = Workflow.read(workflow, INPUTS, places, "image options.workflow")
        super().__init__(read, base_url, Patience(timeout_s, poll_s), free)
        self._exchange(files or {})
        if "prompt" not in read.places:
            raise BadRequest(
                f"{workflow}: no node is titled '{PREFIX} prompt', so it would draw the same "
                "picture for ever; name one, or set image options.places"
            )
        self.max_references = read.count("image")
        self._side = side or int(read.note("width", "side", 1024))
        self._multiple = int(read.note("width", "multiple", 32))
        self._defaults = given(
            steps=steps,
            guidance_scale=guidance_scale,
            shift=shift,
            negative_prompt=negative_prompt or None,
            resolution=resolution,
        )
        self._demanded = False

    def _exchange(self, files: Mapping[str, str]) -> None:
        """Put other files where the workflow names some.

        Raises:
            BadRequest: it names no such file.
        """
        left = dict(files)
        for node in self._workflow.nodes.values():
            for name, value in node["inputs"].items():
                if isinstance(value, str) and value in files:
                    node["inputs"][name] = files[value]
                    node.get("_meta", {}).pop("fetch", None)
                    left.pop(value, None)
        if left:
            raise BadRequest(f"image options.files: the workflow names no {', '.join(left)}")

    def fingerprint(self) -> Mapping[str, JSON]:
        return {
            "adapter": f"comfyui-image/{VERSION}",
            **self._identity(),
            "side": self._side,
            **self._defaults,
        }

    def render(self, request: ImageRequest, out: Path) -> ImageResult:
        """Run the workflow, and cut its picture to the shape of `width`:`height`.

        Raises:
            BadRequest: ComfyUI refuses the workflow, or it cannot draw what is asked for.
            OutOfMemory: the card is full; its models have been unloaded.
            Unavailable: no server, it takes too long, or lacks nodes or files.
            BadOutput: the workflow made no picture.
        """
        at_most(request, self.max_references)
        refuse_others(request.options, OURS, "image comfyui")
        if self._workflow.note("image 1", "needed", False) and not request.references:
            raise BadRequest(
                "this workflow draws from a picture only: name who draws without one in [image], "
                "and this one in [image.edit]"
            )
        if not self._demanded:
            self._server.demand(self._workflow.nodes)
            self._demanded = True
        values, warnings = self._values(request)
        absent = [kind for kind in self._workflow.places if _may_be_absent(kind, values)]
        data = self._made(values, absent, _ENDINGS, "picture")
        width, height = write_shaped(data, request.width, request.height, out)
        used: dict[str, JSON] = {name: values[name] for name in KNOBS if name in values}
        dropped: list[JSON] = [*sorted(set(used) - set(self._workflow.places))]
        size = f"{values['width']}x{values['height']}"
        info: dict[str, JSON] = {"size": size, "used": used, "dropped": dropped}
        return ImageResult(out, width, height, request.seed, warnings, info)

    def _values(self, request: ImageRequest) -> tuple[dict[str, Any], tuple[str, ...]]:
        options = {**self._defaults, **request.options}
        sized = ImageRequest("", request.width, request.height, 0, options=options)
        width, height = drawn_size(sized, self._side, self._multiple)
        values: dict[str, Any] = {
            "prompt": request.prompt,
            "seed": request.seed,
            "width": width,
            "height": height,
            **{name: options[name] for name in KNOBS if name in options},
        }
        warnings: list[str] = []
        for number, reference in enumerate(request.references, 1):
            picture = incoming(reference.path)
            values[f"image {number}"] = self._server.upload(picture.data, picture.kind)
            warnings += [picture.warning] if picture.warning else []
        if request.region is not None and "mask" in self._workflow.places:
            values["mask"] = self._server.upload(mask_of(request.region, width, height), "png")
        return values, tuple(warnings)


def _may_be_absent(kind: str, values: Mapping[str, Any]) -> bool:
    return kind not in values and (kind == "mask" or kind.startswith("image "))


def mask_of(region: Region, width: int, height: int) -> bytes:
    """A PNG that is white inside the region and black around it, with a soft edge."""
    left, top, right, bottom = region
    across, down = width / 1000, height / 1000
    surface = skia.Surface(width, height)
    canvas = surface.getCanvas()
    canvas.clear(skia.ColorBLACK)
    soft = skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, min(width, height) / 100)
    paint = skia.Paint(Color=skia.ColorWHITE, AntiAlias=True, MaskFilter=soft)
    box = skia.Rect.MakeLTRB(left * across, top * down, right * across, bottom * down)
    canvas.drawRect(box, paint)
    whole = surface.makeImageSnapshot()
    return bytes(whole.encodeToData(skia.EncodedImageFormat.kPNG, 100))
