"""The machine as a setup has to know it: card and driver, memory, disks, packages of the system.

Knows: NVML, Debian's packages and how each is looked for. Does not know: profiles' services.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import sysconfig
from collections.abc import Callable, Iterable, Mapping
from ctypes.util import find_library
from dataclasses import dataclass
from pathlib import Path

from renderers.errors import Unavailable
from storyboard.gpu.card import NoCard, NvmlCard
from storyboard.gpu.card_session import card_of
from storyboard.gpu.services.processes import HostMemory
from storyboard.profile import Profile


@dataclass(frozen=True, slots=True)
class CardSeen:
    """The card that a profile names. `fault` says what keeps it from being used."""

    name: str
    total_gib: float = 0.0
    driver: str = ""
    cuda: tuple[int, int] = (0, 0)
    fault: str = ""


DRIVER_FIX = "sudo ubuntu-drivers install"


def card_seen(profile: Profile, cuda: Iterable[str] = (), peak_gib: float = 0.0) -> CardSeen:
    """The profile's card, and whether its driver runs wheels of those CUDA releases and the
    heaviest service fits."""
    try:
        card = card_of(profile)
        total = card.sample().total
    except Unavailable as error:
        return CardSeen("", fault=str(error))
    if isinstance(card, NoCard):
        return CardSeen("none: this profile works on the CPU")
    if not isinstance(card, NvmlCard):
        return CardSeen(card.name, total)
    try:
        driver, runs = card.driver()
    except Unavailable as error:
        return CardSeen(card.name, total, fault=str(error))
    newest = max((_release(c) for c in cuda if c), default=(0, 0))
    fault = ""
    if newest[0] > runs[0]:
        fault = (
            f"driver {driver} runs CUDA {runs[0]}.{runs[1]}, and the wheels need {newest[0]}."
            f"{newest[1]}: {DRIVER_FIX}, then restart"
        )
    elif peak_gib > total:
        fault = f"it has {total:.1f} GiB, and a service of this profile takes {peak_gib:g}"
    return CardSeen(card.name, total, driver, runs, fault)


def _release(text: str) -> tuple[int, int]:
    major, _, minor = text.partition(".")
    return int(major), int(minor)


def memory_gib() -> float:
    return HostMemory.now().total


# --- packages of the system -------------------------------------------------


def _command(*names: str) -> Callable[[], bool]:
    return lambda: any(shutil.which(name) is not None for name in names)


def _library(name: str) -> Callable[[], bool]:
    return lambda: find_library(name) is not None


def _has_venv() -> bool:
    # uv needs none; without it, Debian takes `ensurepip` out of Python.
    return shutil.which("uv") is not None or importlib.util.find_spec("ensurepip") is not None


def _has_headers() -> bool:
    return Path(sysconfig.get_path("include"), "Python.h").is_file()


LOOKED_FOR: Mapping[str, Callable[[], bool]] = {
    "git": _command("git"),
    "python3-venv": _has_venv,
    "python3-dev": _has_headers,
    "gcc": _command("gcc", "cc"),
    "build-essential": _command("g++", "c++"),
    "libgl1": _library("GL"),
    "libglib2.0-0": _library("glib-2.0"),
    "ffmpeg": _command("ffmpeg"),
}
"""By Debian's name of a package, whether what it brings is here."""


def lacking(packages: Iterable[str]) -> list[str]:
    """Those that are not here."""
    return [name for name in dict.fromkeys(packages) if not LOOKED_FOR[name]()]


def apt_line(packages: Iterable[str]) -> str:
    """The one command that brings them."""
    sudo = "" if os.geteuid() == 0 else "sudo "
    return f"{sudo}apt-get update && {sudo}apt-get install -y {' '.join(packages)}"
