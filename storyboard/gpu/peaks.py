"""What services really held on this machine: recorded after each use, used before the next.

A recorded figure replaces the profile's once it is known well enough: upwards at once,
downwards only after three uses, because a light use says nothing about a heavy one. A server
that measures itself (`Reported`: our workers) tells what each clip took, and each is a use.

Knows: a JSON file of figures by card and service. Does not know: how they were measured.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Literal

from pydantic import TypeAdapter

from storyboard.core.directory import Directory
from storyboard.gpu.forecast import Scale, Weight, profile_scale
from storyboard.profile import Profile

Figure = Literal["idle", "peak", "asleep"]
_KEPT, _TRUSTED = 10, 3


@dataclass(frozen=True, slots=True)
class Reported:
    """What a server says of its own memory since it was started, in GiB."""

    idle_gib: float | None
    """Held between requests; None: it does not know."""
    clips: int
    """Requests it has served."""
    peaks_gib: tuple[float, ...]
    """Of the last of these, each one's peak; none where there is no card to measure."""


_BOOK = TypeAdapter(dict[str, dict[str, dict[str, list[float]]]])
"""By card, service and figure, what was measured."""


class PeakBook:
    """The figures of one card. A damaged file counts as empty: it only holds measurements."""

    def __init__(self, path: Path, card: str) -> None:
        self._path, self._card = path, card
        self._lock = Lock()

    def record(
        self, profile: Profile, service: str, variant: str, figure: Figure, gib: float
    ) -> None:
        """Add one measurement, keeping the last ten."""
        with self._lock:
            book = self._read()
            entry = book.setdefault(self._card, {}).setdefault(_key(profile, service, variant), {})
            entry[figure] = [*entry.get(figure, []), round(gib, 3)][-_KEPT:]
            Directory(self._path.parent).write(self._path.name, json.dumps(book, indent=1))

    def scale(self, profile: Profile) -> Scale:
        """The profile's weights, corrected by what was measured here."""
        stated = profile_scale(profile)
        figures = self._read().get(self._card, {})

        def weigh(name: str, variant: str) -> Weight:
            base = stated(name, variant)
            entry = figures.get(_key(profile, name, variant), {})
            if not entry:
                return base
            peak = _learned(base.peak, entry.get("peak", []))
            idle = max(entry.get("idle", []), default=base.idle)
            # Asleep is not stated by most profiles, so one measurement is already better.
            asleep = max(entry.get("asleep", []), default=base.asleep)
            measured = {figure for figure in ("idle", "asleep") if entry.get(figure)}
            if _trusted(base.peak, entry.get("peak", [])):
                measured.add("peak")
            return Weight(min(idle, peak), peak, asleep, frozenset(measured))

        return weigh

    def _read(self) -> dict[str, dict[str, dict[str, list[float]]]]:
        try:
            return _BOOK.validate_json(self._path.read_bytes())
        except (OSError, ValueError):
            return {}


def _learned(stated: float, seen: list[float]) -> float:
    return max(seen) if _trusted(stated, seen) else stated


def _trusted(stated: float, seen: list[float]) -> bool:
    return len(seen) >= _TRUSTED or max(seen, default=stated) > stated


def _key(profile: Profile, service: str, variant: str) -> str:
    """Name, variant, and a digest of the launch: another model is another entry."""
    record = profile.services[service]
    launch = next((v.launch for v in record.variants if v.name == variant and v.launch), None)
    digest = hashlib.sha256(
        "\0".join([*(launch or record.launch), record.model]).encode()
    ).hexdigest()[:12]
    return f"{service}@{variant}#{digest}"
