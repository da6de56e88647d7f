"""How much a batch may use: until when, GPU minutes, money, disk.

Asked before each stage; what is under way is never cut short.

Knows: the limits, and what is spent. Does not know: stages, films.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from storyboard.core.errors import UsageError
from storyboard.core.files import free_bytes

_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(I?)B?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Spent:
    """What a batch has used so far."""

    gpu_seconds: float = 0.0
    """Seconds of the stages that use models, on all cards."""
    cost: float = 0.0
    """US dollars."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits of a night's batch; None: no limit."""

    until: datetime | None = None
    gpu_minutes: float | None = None
    max_cost: float | None = None
    """US dollars."""
    min_free: int = 500_000_000
    """Bytes that must be free on the disk of the films."""

    def reached(self, spent: Spent, now: datetime, root: Path, *, model: bool) -> str | None:
        """Why no further stage may begin, or None. `model`: whether the stage uses models;
        a film that only has to be put together may still be, when the card's time is up."""
        if self.until is not None and now >= self.until:
            return f"it is past {self.until:%H:%M} (--until)"
        free = free_bytes(root)
        if free < self.min_free:
            return (
                f"{free / 1e9:.1f} GB are free where the films go, "
                f"and {self.min_free / 1e9:.1f} must be (--min-free)"
            )
        if not model:
            return None
        if self.gpu_minutes is not None and spent.gpu_seconds >= self.gpu_minutes * 60:
            used = spent.gpu_seconds / 60
            return f"{used:.1f} of {self.gpu_minutes:g} GPU minutes are used (--gpu-minutes)"
        if self.max_cost is not None and spent.cost >= self.max_cost:
            return f"${spent.cost:.4f} of ${self.max_cost:g} are spent (--max-cost)"
        return None


def parse_until(text: str, now: datetime) -> datetime:
    """The next moment the clock shows `07:00`, or a whole date and time. `now` has the zone.

    Raises:
        UsageError: it is neither, or it is past.
    """
    if match := re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", text.strip()):
        hour, minute = map(int, match.groups())
        moment = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
        return moment if moment > now else moment + timedelta(days=1)
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(f"--until: '{text}' is no time: 07:00 or 2026-11-22T07:00") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=now.tzinfo)
    if moment <= now:
        raise UsageError(f"--until: {text} is past")
    return moment


def parse_size(text: str) -> int:
    """Bytes of `5GB`, `500 MB`, `2GiB`.

    Raises:
        UsageError: it is no size.
    """
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise UsageError(f"--min-free: '{text}' is no size: 5GB, 500MB, 2GiB")
    number, unit, binary = match.groups()
    factor = _UNITS[unit.upper()]
    if binary:
        factor = 1024 ** (list(_UNITS).index(unit.upper()))
    return int(float(number) * factor)
