"""Finding ffmpeg and running it: argument lists only, errors as one readable line.

That of the imageio-ffmpeg package is taken, else the one on PATH if it can do all that a film needs.

Knows: where ffmpeg is, what it must be able to do, how it fails. Does not know: films.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

import imageio_ffmpeg

from renderers.errors import BadOutput, OutOfMemory, Unavailable
from renderers.typefaces import packaged_only

_PACKAGE = Path(imageio_ffmpeg.__file__).parent
NEEDED_FILTERS = ("ass", "loudnorm", "ebur128", "xfade")
NEEDED_ENCODERS = ("libx264", "aac")
BT709 = ("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709")


@cache
def ffmpeg_path() -> Path:
    """The ffmpeg to use: the package's, so that a film is the same on every machine; else PATH's.

    Whoever wants one of his own names it in IMAGEIO_FFMPEG_EXE, which the package heeds.

    Raises:
        Unavailable: neither the package nor PATH has one that can make a film.
    """
    tried: list[str] = []
    undecided: Unavailable | None = None
    for found in (_packaged(), shutil.which("ffmpeg")):
        if found is None:
            continue
        if Path(found).is_relative_to(_PACKAGE):
            # Built with all of it: to ask would take as long as a short film's joining.
            return Path(found)
        try:
            missing = _missing(found)
        except Unavailable as error:
            undecided = error
            continue
        if not missing:
            return Path(found)
        tried.append(f"{found} lacks {', '.join(missing)}")
    if undecided is not None:
        raise undecided
    raise Unavailable(
        f"no usable ffmpeg ({'; '.join(tried) or 'none found'}): "
        "run `pip install --force-reinstall imageio-ffmpeg`"
    )


@cache
def ffmpeg_version() -> str:
    """The first line of `ffmpeg -version`, shortened."""
    line = _ask(str(ffmpeg_path()), "-version").partition("\n")[0]
    match = re.match(r"ffmpeg version (\S+)", line)
    return f"ffmpeg {match[1]}" if match else line


def run_ffmpeg(arguments: Iterable[str | Path], folder: Path | None = None) -> str:
    """Run ffmpeg over existing files to its end; returns what it wrote to standard error.

    In `folder`, if given: a name inside a filter then needs no path, and so no escaping.
    An interrupt ends ffmpeg too.

    Raises:
        OutOfMemory: it was killed for memory.
        BadOutput: it failed; the message is its last word on why.
        TimeoutError: the time of the work it is done for is up (`time_limit`).
    """
    command = command_line(arguments)
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=packaged_only(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=_seconds_left(),
        )
    except subprocess.TimeoutExpired:
        raise TimeoutError("ffmpeg was ended: its time was up") from None
    said = done.stderr.decode(errors="replace")
    raise_for(done.returncode, said)
    return said


_until: ContextVar[float | None] = ContextVar("until", default=None)
"""When the work of this thread has to be done, by the monotonic clock."""


@contextmanager
def time_limit(seconds: float) -> Generator[None]:
    """Whatever of ffmpeg runs inside, for this thread, is ended when the time is up."""
    token = _until.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _until.reset(token)


def _seconds_left() -> float | None:
    until = _until.get()
    # Beyond a year the system's own clocks refuse; there is no such work.
    return None if until is None or until > 1e9 else max(0.0, until - time.monotonic())


class FrameWriter:
    """A pipe into ffmpeg: raw frames in, an encoded file out.

    A `with` closes it and waits for the file; an error inside ends ffmpeg at once.
    """

    def __init__(self, arguments: Iterable[str | Path]) -> None:
        self._process = subprocess.Popen(
            command_line(arguments),
            env=packaged_only(),
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def __enter__(self) -> FrameWriter:
        return self

    def write(self, frame: bytes | memoryview) -> None:
        """One frame's bytes, in the pixel format that the arguments name."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(frame)
        except BrokenPipeError:
            self._finish()
            raise BadOutput("ffmpeg ended before the last frame") from None

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if error is not None:
            self._process.kill()
            self._process.communicate()
            return
        self._finish()

    def _finish(self) -> None:
        try:
            _, said = self._process.communicate(timeout=_seconds_left())
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
            raise TimeoutError("ffmpeg was ended: its time was up") from None
        raise_for(self._process.returncode, said.decode(errors="replace"))


def command_line(arguments: Iterable[str | Path]) -> list[str]:
    """The full argument list: never asks, never reads the terminal, prints errors only."""
    quiet = ["-hide_banner", "-nostdin", "-loglevel", "error", "-y"]
    return [str(ffmpeg_path()), *quiet, *map(str, arguments)]


def raise_for(code: int, said: str) -> None:
    """Raise what an exit code and its last words mean; nothing for success."""
    if code == 0:
        return
    if code in (-9, 137) or "Cannot allocate memory" in said:
        raise OutOfMemory("ffmpeg was stopped for lack of memory; close programs or use --jobs 1")
    if "No space left on device" in said:
        raise OSError(28, "No space left on device", "ffmpeg's output")
    lines = [re.sub(r"^\[[^]]*\] ", "", line.strip()) for line in said.splitlines() if line.strip()]
    # The first line is the cause, the last ones name the file and what came of it.
    reason = " / ".join(dict.fromkeys(lines[:1] + lines[-2:])) or f"exit code {code}"
    raise BadOutput(f"ffmpeg failed: {reason}")


def _packaged() -> str | None:
    try:
        return imageio_ffmpeg.get_ffmpeg_exe()
    except RuntimeError:
        return None


def _missing(path: str) -> list[str]:
    lists = {"-filters": NEEDED_FILTERS, "-encoders": NEEDED_ENCODERS}
    missing: list[str] = []
    for question, names in lists.items():
        answer = _ask(path, question)
        missing += [name for name in names if not re.search(rf"^\s\S+\s+{name}\s", answer, re.M)]
    return missing


def _ask(path: str, *question: str) -> str:
    command: Sequence[str] = [path, "-hide_banner", *question]
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=30)
    except OSError:
        return ""
    except subprocess.TimeoutExpired:
        done = None
    if done is None or done.returncode < 0:
        # It says nothing of what the program can do, so nothing need be installed anew.
        what = "took too long" if done is None else f"was ended by signal {-done.returncode}"
        raise Unavailable(
            f"{path} {what} when it was asked what it can do: is the machine out of memory? "
            "Run the same command again"
        )
    return done.stdout.decode(errors="replace")
