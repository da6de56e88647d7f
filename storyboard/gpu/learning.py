"""What a lease taught about its services, put down in the book of peaks.

The driver tells what a process holds, when it is asked; a worker that measures itself tells
what each of its clips took, between two looks too. The higher of the two is believed.

Knows: what was seen and told. Does not know: how it is kept, who used the services.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from storyboard.gpu.peaks import PeakBook, Reported
from storyboard.gpu.services.controls import Controls
from storyboard.profile import Profile


class Learning:
    """Records the services of one profile."""

    def __init__(self, profile: Profile, controls: Controls, book: PeakBook) -> None:
        self._profile, self._controls, self._book = profile, controls, book
        self._heard: dict[str, int] = {}
        """Clips of each server whose peaks are in the book."""

    def record(
        self, services: Sequence[str], peaks: Mapping[str, float], last: Mapping[str, float]
    ) -> None:
        """Put down what `services` held: at most (`peaks`) and when last looked at, in GiB."""
        scale = self._book.scale(self._profile)
        for name in services:
            variant, seen = self._controls.variant(name), peaks.get(name, 0.0)
            told = self._controls.reported(name)
            # Each clip is a use. Which of them reached what the driver saw is not known.
            uses = [max(seen, peak) for peak in self._unheard(name, told)]
            # A service that only sat there says nothing about its peak.
            if not uses and seen > scale(name, variant).idle + 0.25:
                uses = [seen]
            if uses and told is not None and told.idle_gib is not None:
                idle = max(told.idle_gib, last.get(name, 0.0))
                self._book.record(self._profile, name, variant, "idle", idle)
            for peak in uses:
                self._book.record(self._profile, name, variant, "peak", peak)

    def _unheard(self, name: str, told: Reported | None) -> Sequence[float]:
        """The peaks that a server told of clips made since it was last asked."""
        if told is None:
            return ()
        before = self._heard.get(name, 0)
        # Fewer than before: it has been started anew.
        new = told.clips - before if told.clips >= before else told.clips
        self._heard[name] = told.clips
        return told.peaks_gib[-new:] if new else ()
