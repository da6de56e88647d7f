"""Any OpenAI-compatible image endpoint: vLLM-Omni, SGLang, OpenAI itself.

`POST /images/generations` draws from words, `/images/edits` from words and pictures. The
dialects differ where it bites: who takes `response_format` and with which default, how a
seed is named, which sizes exist, what happens to a model name that is not served.

Knows: the dialects' fields and traps. Does not know: what is drawn.
"""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import httpx
import openai
from openai.types import ImagesResponse

from renderers import http
from renderers.base import JSON, ImageRequest, ImageResult
from renderers.endpoint import client, translated
from renderers.errors import BadOutput, BadRequest, OutOfMemory, Refused, Unavailable
from renderers.image.incoming import Incoming, incoming
from renderers.image.png import write_shaped
from renderers.image.size import at_most, drawn_size
from renderers.options import one_of, refuse_others

VERSION = 1
DIALECTS = ("openai", "vllm-omni", "sglang")
KNOBS: Mapping[str, Mapping[str, str]] = {
    "openai": {"quality": "quality", "background": "background"},
    "vllm-omni": {
        "steps": "num_inference_steps",
        "guidance_scale": "guidance_scale",
        "shift": "flow_shift",
        "negative_prompt": "negative_prompt",
    },
    "sglang": {
        "steps": "num_inference_steps",
        "guidance_scale": "guidance_scale",
        "negative_prompt": "negative_prompt",
    },
}
"""Our options by the names that each dialect has for them; others are left out and noted."""
NOT_OF_EDITS = {"vllm-omni": frozenset({"shift"})}
"""Those that a server takes for a picture from words alone: beside pictures it would drop them
without a word."""
OURS = frozenset({"preset", "resolution", "shift", "steps", "guidance_scale"})
"""Options that the pipeline sets for every backend: not an error where one has no use for it."""
CLOUD_SIZES = ((1024, 1024), (1024, 1536), (1536, 1024))


class OpenAIImages:
    """An `ImageBackend` over `base_url`. `max_references=0` for servers without edits."""

    name = "openai"
    uses_references = True

    def __init__(
        self,
        base_url: str,
        model: str = "",
        api_key: str | None = None,
        dialect: str = "openai",
        timeout_s: float = 600.0,
        retries: int = 4,
        max_references: int = 4,
    ) -> None:
        one_of("image.dialect", dialect, DIALECTS)
        self.dialect = dialect
        self.model = model
        self.max_references = max_references
        self._base_url = base_url
        self._timeout = timeout_s
        self._client = client(base_url, api_key, timeout_s, retries)

    def fingerprint(self) -> Mapping[str, JSON]:
        return {
            "adapter": f"openai-image/{VERSION}",
            "dialect": self.dialect,
            "model": self.model,
            "max_references": self.max_references,
        }

    def close(self) -> None:
        self._client.close()

    def render(self, request: ImageRequest, out: Path) -> ImageResult:
        """Draw, and cut to the shape of `width`:`height`.

        Raises:
            BadRequest: the server refuses the request, or it has more references than it takes.
            OutOfMemory: the server's card is full.
            Refused: its safety filter said no.
            Unavailable: no server, no such model, no valid key, or it stays busy.
            BadOutput: what came back is no picture.
        """
        at_most(request, self.max_references)
        arguments, dropped = self._arguments(request)
        pictures = [incoming(reference.path) for reference in request.references]
        data = self._picture(self._ask(request, arguments, pictures))
        width, height = write_shaped(data, request.width, request.height, out)
        info: dict[str, JSON] = {"model": self.model, "size": arguments["size"]}
        info["dropped"] = list(dropped)
        warnings = tuple(picture.warning for picture in pictures if picture.warning)
        return ImageResult(out, width, height, request.seed, warnings, info)

    # --- asking -------------------------------------------------------------

    def _arguments(self, request: ImageRequest) -> tuple[dict[str, Any], list[str]]:
        """The call's arguments, and what of the request this dialect cannot honour."""
        known = KNOBS[self.dialect]
        options = dict(request.options)
        refuse_others(
            options, {*known, *OURS}, f"image dialect {self.dialect}", {*known, "resolution"}
        )
        width, height = self._size(request)
        arguments: dict[str, Any] = {"prompt": request.prompt, "size": f"{width}x{height}", "n": 1}
        if self.model:
            arguments["model"] = self.model
        unheard = NOT_OF_EDITS.get(self.dialect, frozenset[str]()) if request.references else ()
        taken = set(known).difference(unheard)
        extra = {known[name]: options[name] for name in options if name in taken}
        dropped = sorted(set(options) - taken - {"resolution"})
        if self.dialect == "openai":
            dropped.append("seed")
        else:
            extra["seed"] = request.seed
        if self.dialect != "openai" or self.model.startswith("dall-e"):
            # SGLang and DALL·E answer with a URL unless told; GPT Image refuses the field.
            arguments["response_format"] = "b64_json"
        return {**arguments, "extra_body": extra}, dropped

    def _size(self, request: ImageRequest) -> tuple[int, int]:
        if self.dialect == "openai":
            shape = request.width / request.height
            return min(CLOUD_SIZES, key=lambda size: abs(math.log(size[0] / size[1] / shape)))
        return drawn_size(request)

    def _ask(
        self, request: ImageRequest, arguments: dict[str, Any], pictures: Sequence[Incoming]
    ) -> ImagesResponse:
        try:
            if not pictures:
                return cast(ImagesResponse, self._client.images.generate(**arguments))
            files = [
                (f"image_{i}.{picture.kind}", picture.data, picture.mime)
                for i, picture in enumerate(pictures, 1)
            ]
            if self.dialect == "openai" and self.model.startswith("gpt-image-1"):
                # Otherwise faces of the references are only vaguely kept.
                arguments["extra_body"] = {"input_fidelity": "high", **arguments["extra_body"]}
            return cast(ImagesResponse, self._client.images.edit(image=files, **arguments))
        except openai.OpenAIError as error:
            raise self._translated(error, bool(request.references)) from error

    def _translated(self, error: openai.OpenAIError, edits: bool) -> Exception:
        text = str(error)
        where = f"{self._base_url}/images/{'edits' if edits else 'generations'}"
        match error:
            case openai.NotFoundError() | openai.APIStatusError(status_code=405 | 501) if edits:
                return BadRequest(
                    f"{where} is not there: this server draws from words only; "
                    "set image.options.max_references to 0"
                )
            case openai.BadRequestError() | openai.NotFoundError() if _about_model(text):
                return Unavailable(
                    f"{where} does not serve {self.model!r}: set image.model to what it serves "
                    f"({text})"
                )
            case openai.APIStatusError(code="moderation_blocked" | "content_policy_violation"):
                return Refused(f"{where} declined the prompt: {text}")
            case openai.APIStatusError() if "out of memory" in text.lower():
                return OutOfMemory(f"{where}: {text}; use a smaller image resolution")
            case _:
                return translated(error, where, self.model)

    # --- the answer ---------------------------------------------------------

    def _picture(self, response: ImagesResponse) -> bytes:
        """The bytes of the first picture, sent along or to be fetched."""
        if not response.data:
            raise BadOutput("the server returned no picture")
        first = response.data[0]
        if first.b64_json:
            try:
                return base64.b64decode(first.b64_json, validate=True)
            except binascii.Error as error:
                raise BadOutput(f"the picture is not base64: {error}") from error
        if not first.url:
            raise BadOutput("the answer holds neither b64_json nor a URL")
        if first.url.startswith("data:"):
            return base64.b64decode(first.url.partition(",")[2])
        return self._fetched(first.url)

    def _fetched(self, url: str) -> bytes:
        # A server behind a proxy or on another host may answer with a path alone.
        whole = httpx.URL(self._base_url).join(url)
        if whole.scheme not in ("http", "https"):
            raise BadOutput(f"the picture's address is no web address: {url[:100]}")
        try:
            answer = http.get(str(whole), timeout=self._timeout, follow_redirects=True)
            answer.raise_for_status()
        except httpx.HTTPError as error:
            raise Unavailable(f"the picture could not be fetched from {whole}: {error}") from error
        return answer.content


def _about_model(text: str) -> bool:
    lower = text.lower()
    return "model" in lower and any(
        word in lower
        for word in ("mismatch", "not found", "does not exist", "not served", "unknown")
    )
