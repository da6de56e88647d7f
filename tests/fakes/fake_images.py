"""An image server for tests: real HTTP on loopback in the dialects of vLLM-Omni and SGLang.

    with FakeImageServer("vllm-omni", model="qwen-image") as server:
        OpenAIImages(server.url, "qwen-image", dialect="vllm-omni")

It draws panes of colour under an even sky that depend on everything asked, so that two requests
that differ give pictures that differ.

Knows: what these servers take, refuse and send. Does not know: models.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import skia
from loopback import Answer, Call, LoopbackServer

Dialect = Literal["openai", "vllm-omni", "sglang"]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it arrived."""

    path: str
    fields: Mapping[str, Any]
    files: tuple[bytes, ...] = ()


@dataclass
class FakeImageServer(LoopbackServer):
    """Answers like `dialect`, for `model` alone; `edits=False` has no edit path.

    `fails` scripts errors: (status, message) pairs that are answered first, in order.
    """

    dialect: Dialect = "vllm-omni"
    model: str = "fake-image"
    edits: bool = True
    fails: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    code: str | None = None
    """The error code that goes with `fails`."""
    blanks: int = 0
    """How many pictures come out as one even colour, before the others."""
    requests: list[Asked] = field(default_factory=list[Asked])

    root_path = "/v1"

    def __post_init__(self) -> None:
        self._drawn: dict[str, bytes] = {}
        self.listen()

    def respond(self, call: Call) -> Answer:
        if call.method == "GET":
            drawn = self._drawn.get(call.path.rpartition("/")[2].removesuffix(".png"))
            return Answer(200 if drawn else 404, drawn or b"", "image/png")
        if call.is_form:
            fields, files = call.form()
            return self._answer(Asked(call.path, fields, tuple(file.data for file in files)))
        return self._answer(Asked(call.path, call.json()))

    def _answer(self, asked: Asked) -> Answer:
        self.requests.append(asked)
        if self.fails:
            status, message = self.fails.pop(0)
            return Answer.json(status, {"error": {"message": message, "code": self.code}})
        if asked.path.endswith("/edits") and not self.edits:
            return Answer.json(404, {"detail": "Not Found"})
        if asked.fields.get("model", self.model) != self.model:
            message = f"Model mismatch: request specifies '{asked.fields['model']}'"
            return Answer.json(400, {"error": {"message": message, "code": None}})
        form = asked.fields.get("response_format")
        if refused := self._refusal(form):
            return Answer.json(400, {"error": {"message": refused, "code": None}})
        self.blanks, blank = max(0, self.blanks - 1), self.blanks > 0
        picture = _picture(asked, blank)
        if self.dialect == "sglang" and form != "b64_json":
            name = hashlib.sha256(picture).hexdigest()[:12]
            self._drawn[name] = picture
            return Answer.json(200, {"created": 1, "data": [{"url": f"/files/{name}.png"}]})
        return Answer.json(
            200, {"created": 1, "data": [{"b64_json": base64.b64encode(picture).decode()}]}
        )

    def _refusal(self, form: Any) -> str:
        if self.dialect == "vllm-omni" and form not in (None, "b64_json", "file"):
            return f"response_format '{form}' is not one of b64_json, file"
        if self.dialect == "openai" and form is not None:
            return "Unknown parameter: 'response_format'."
        return ""


def _picture(asked: Asked, blank: bool) -> bytes:
    said = json.dumps([asked.path, dict(asked.fields)], sort_keys=True).encode()
    digest = hashlib.sha256(said)
    for each in asked.files:
        digest.update(each)
    red, green, blue, *panes = digest.digest()
    width, height = (int(side) for side in str(asked.fields["size"]).split("x"))
    surface = skia.Surface(width, height)
    canvas = surface.getCanvas()
    canvas.clear(skia.Color(red, green, blue))
    # Three by nine panes below a third of sky, each black or white or something between.
    for i, level in enumerate([] if blank else panes[:27]):
        left, top = i % 3 * width / 3, (3 + i // 3 * 2 / 3) * height / 9
        paint = skia.Paint(Color=skia.Color(level, 255 - level, level * 7 % 256))
        canvas.drawRect(skia.Rect.MakeXYWH(left, top, width / 3, height * 2 / 27), paint)
    image = surface.makeImageSnapshot()
    return bytes(image.encodeToData(skia.EncodedImageFormat.kPNG, 100))
