"""The request inside the picture: PNG text that says how it was made, and reads back exactly.

Knows: the PNG text chunks written with every picture and how to turn them into the same request
again. Does not know: the engine, HTTP, the command line.

Chunks, all UTF-8: `prompt`, `seed` and `recipe` for people and picture viewers, `Software` with
the engine's version, and `image_engine`, one JSON record that alone is read back. References are
recorded by name and by the SHA-256 of their pixels, never embedded: a picture made from uploads
can be repeated by whoever has the same references, in whatever file or format they are now.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import struct
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from image_engine.pictures import ORIGIN, Origin, normal_picture, origin_of, pixel_digest
from image_engine.request import ImageRequest, Reference

KEY = "image_engine"
SCHEMA = 1
BEFORE: Mapping[str, Any] = {"residual_dtype": "weights", "noise_device": "cpu"}
"""How pictures were drawn that do not record these fields yet."""
SMALL_FILE = 64 * 2**20
"""Files up to so many bytes are digested whole."""
MAX_HEADER = 100 * 2**20


class MetadataError(Exception):
    """A picture carries no request, or one that cannot be repeated here; says why and what helps."""


@dataclass(frozen=True, slots=True)
class Maker:
    """What a picture depends on besides its request."""

    engine_version: str
    model: str
    """Fingerprint of the checkpoint, see `checkpoint_fingerprint`."""
    device: str
    """Kind of device: `cpu`, `cuda`."""
    dtype: str
    weights: str
    """How the weights are held, see `engine.EngineOptions`."""

    def differences(self, other: Maker) -> list[str]:
        """What of `other` makes a repeat come out differently, in words."""
        return [
            f"{name.replace('_', ' ')} was {getattr(self, name)}, is {getattr(other, name)}"
            for name in ("engine_version", "model", "device", "dtype", "weights")
            if getattr(self, name) != getattr(other, name)
        ]


@dataclass(frozen=True, slots=True)
class RecordedReference:
    """One reference as the picture remembers it."""

    name: str
    sha256: str
    """Of the RGB pixels, so re-saving without loss changes nothing."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a picture says of its own making."""

    fields: Mapping[str, Any]
    """Every field of `ImageRequest` except `references`, as JSON values."""
    references: tuple[RecordedReference, ...]
    maker: Maker

    def request(
        self, *, near: Path | None = None, references: Sequence[Path] | None = None
    ) -> ImageRequest:
        """The same request again, with every reference found and proved unchanged.

        References are looked for under their recorded names, as they are and beside the picture
        (`near`), unless `references` names files for them, in order. Raises `MetadataError`.
        """
        if references is not None and len(references) != len(self.references):
            raise MetadataError(
                f"the picture was made with {len(self.references)} references "
                f"({', '.join(item.name for item in self.references) or 'none'}), "
                f"{len(references)} are given; give the same ones in the same order"
            )
        found = [
            _same(item, [references[index]] if references else _places(item.name, near))
            for index, item in enumerate(self.references)
        ]
        try:
            return ImageRequest(**self.fields, references=tuple(found))
        except TypeError as error:
            raise MetadataError(
                f"the picture was made by version {self.maker.engine_version}, whose request has fields "
                f"that this version does not know ({error}); use that version"
            ) from error


def reference_name(reference: Reference) -> str:
    """The name that a picture's record gives a reference."""
    if isinstance(reference, Image.Image):
        origin = origin_of(reference)
        return (origin.file if origin else None) or "picture"
    return str(reference)


def picture_digest(reference: Path | str | Image.Image) -> str:
    """SHA-256 of size and RGB pixels, which is what the engine sees of a reference."""
    if isinstance(reference, Image.Image):
        return pixel_digest(normal_picture(reference))
    with Image.open(reference) as picture:
        return pixel_digest(normal_picture(picture))


def _places(name: str, near: Path | None) -> list[Path]:
    return [Path(name), *([near / name, near / Path(name).name] if near is not None else [])]


def _same(recorded: RecordedReference, candidates: Sequence[Path]) -> Path | Image.Image:
    """The file that still holds a recorded reference.

    Pictures drawn before references were turned upright, scaled and put on white record what was
    seen then; where only that matches, the reference comes back as it was seen then.
    """
    existing = [path for path in candidates if path.is_file()]
    if not existing:
        raise MetadataError(
            f"reference {recorded.name!r} is not there any more; name the file that holds it now "
            "with --reference, once for each reference in the original order"
        )
    for path in existing:
        try:
            if picture_digest(path) == recorded.sha256:
                return path
            with Image.open(path) as picture:
                plain = picture.convert("RGB")
            plain.info = {ORIGIN: Origin(file=str(path))}
            if pixel_digest(plain) == recorded.sha256:
                return plain
        except (OSError, SyntaxError, ValueError):  # no picture at all (any more)
            continue
    raise MetadataError(
        f"reference {existing[0]} is not the picture that was used then (its pixels differ); "
        "restore it, or draw a new picture instead of repeating this one"
    )


def checkpoint_fingerprint(folder: Path, small_file: int = SMALL_FILE) -> str:
    """16 hex digits that tell checkpoints apart without reading all of their weights.

    Taken from names, sizes and samples of every safetensors file (of a small one, all of it): 64
    evenly spread, and the beginning and the middle of each tensor. So two fine-tunes of one model
    differ although their headers are equal, also where only a few tensors were trained.
    """
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.safetensors")):
        size = path.stat().st_size
        digest.update(f"{path.name}:{size}:".encode())
        with path.open("rb") as file:
            if size <= small_file:
                digest.update(file.read())
                continue
            for place in sorted({size * index // 64 for index in range(64)} | _in_tensors(file)):
                file.seek(place)
                digest.update(file.read(4096))
    return digest.hexdigest()[:16]


def _in_tensors(file: BinaryIO) -> set[int]:
    """Where to look into each tensor of a safetensors file; nowhere if its header is damaged, which
    whoever reads the weights will say."""
    try:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(min(length, MAX_HEADER)))
        spans = [entry["data_offsets"] for key, entry in header.items() if key != "__metadata__"]
        return {8 + length + place for a, b in spans for place in (a, (a + b) // 2)}
    except (struct.error, ValueError, KeyError, TypeError, AttributeError):
        return set()


def encode_png(
    image: Image.Image, request: ImageRequest, maker: Maker, reference_names: Sequence[str]
) -> bytes:
    """The picture as PNG bytes that carry their request; one name for each reference."""
    record = {
        "schema": SCHEMA,
        "maker": dataclasses.asdict(maker),
        "request": _json_fields(request),
        "references": [
            {"name": name, "sha256": picture_digest(reference)}
            for name, reference in zip(reference_names, request.references, strict=True)
        ],
    }
    text = PngInfo()
    text.add_itxt("prompt", request.prompt)
    text.add_itxt("seed", str(request.seed))
    text.add_itxt("recipe", recipe(request))
    text.add_itxt("Software", f"image_engine {maker.engine_version}")
    text.add_itxt(KEY, json.dumps(record, ensure_ascii=False))
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", pnginfo=text)
    return buffer.getvalue()


def recipe(request: ImageRequest) -> str:
    """The recipe in one line for people: `unipc, 50 steps, guidance 5, shift 3`."""
    parts = [
        request.sampler,
        f"{request.steps} steps",
        f"guidance {request.guidance_scale:g}",
        f"shift {request.shift:g}",
    ]
    if request.residual_dtype != "float32":
        parts.append(f"residual in {request.residual_dtype}")
    if request.noise_device != "cpu":
        parts.append("noise of the device")
    if request.acceleration != "exact":
        parts.append(request.acceleration)
    return ", ".join(parts)


def read_png(path: Path) -> Recorded:
    """What the picture says of its making. Raises `MetadataError` naming the file."""
    try:
        with Image.open(path, formats=("PNG",)) as picture:
            picture.load()  # text may follow the pixels
            text = cast("dict[str, str]", getattr(picture, "text", {})).get(KEY)
    except (OSError, SyntaxError, ValueError) as error:
        raise MetadataError(f"{path} is not a readable PNG: {error}") from error
    if text is None:
        raise MetadataError(
            f"{path} carries no request; only PNGs drawn by image_engine do, "
            "and programs that re-save pictures often drop it"
        )
    try:
        record = json.loads(text)
        if record["schema"] != SCHEMA:
            raise MetadataError(
                f"{path}: record schema {record['schema']!r} is not known here (only {SCHEMA}); "
                "it was drawn by another version of image_engine"
            )
        return Recorded(
            fields={**BEFORE} | {str(name): value for name, value in record["request"].items()},
            references=tuple(
                RecordedReference(str(item["name"]), str(item["sha256"]))
                for item in record["references"]
            ),
            maker=Maker(**{str(name): str(value) for name, value in record["maker"].items()}),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise MetadataError(f"{path}: its record is damaged ({error!r})") from error


def write_whole(path: Path, data: bytes) -> None:
    """Write under a temporary name and rename, so `path` is never half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _json_fields(request: ImageRequest) -> dict[str, Any]:
    return {
        field.name: getattr(request, field.name)
        for field in dataclasses.fields(request)
        if field.name != "references"
    }
