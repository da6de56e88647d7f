"""One telling of an idea: in which format and language, beside which other films of the folder.

Knows: the idea, the order of frames, what whoever hears of it may say of his own. Does not know:
casts, plans.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from storyboard.plan import Language
from storyboard.plan.format_files import DEFAULT_FORMAT
from storyboard.plan.formats import Format, Line, Thread
from storyboard.writing.offline.asides import asides
from storyboard.writing.offline.choose import times_told, weight
from storyboard.writing.offline.frames import in_turn, read, retold
from storyboard.writing.offline.idea import Idea, detect_language
from storyboard.writing.offline.meaning import foreign
from storyboard.writing.offline.persons import playable
from storyboard.writing.offline.reading import Reading
from storyboard.writing.offline.sorts import Sort, gesture_in, sort_of, two_meet
from storyboard.writing.offline.soundalikes import MIXED, Mixup, mixed_up
from storyboard.writing.offline.taste import Verdict, told_quietly


@dataclass(frozen=True, slots=True)
class Telling:
    """What is to be told, in which format and language, and beside which other films."""

    text: str
    format: Format
    language: Language
    seed: int
    verdict: Verdict
    elsewhere: Mapping[str, int]

    def digest(self, with_seed: bool = True) -> int:
        seed = self.seed if with_seed else ""
        told = f"{seed}/{self.format.name}/{self.language}/{self.text.strip()}"
        return int.from_bytes(hashlib.sha256(told.encode()).digest()[:8], "big")

    def in_turn(self, frames: Sequence[Thread]) -> list[Thread]:
        """The frames in this film's order: those that other films told come last."""
        ordered = in_turn(frames, self.digest(with_seed=False), self.seed)
        return sorted(ordered, key=lambda frame: times_told(frame, self.elsewhere))

    def reading(self, idea: Idea) -> Reading:
        """The idea in the language of the film; where it is in another, whatever was met in it."""
        other = detect_language(self.text) != self.language or foreign(idea.text, self.language)
        return (
            retold(idea.role, idea.thing, self.language)
            if other
            else read(self.text, self.language)
        )

    @property
    def quiet(self) -> bool:
        """Whether a grave idea is told itself, in a frame that moves: where somebody is in it."""
        if not told_quietly(self.verdict, self.text) or self.format.name != DEFAULT_FORMAT:
            return False
        reading = read(self.text, self.language)
        told_of = reading.who is not None or playable(reading, self.language)
        return reading.form in ("clause", "noun") and told_of

    def sort(self, reading: Reading) -> Sort:
        """The sort of the idea, as far as this format has frames for it."""
        if self.quiet:
            return "tender"
        sort = sort_of(self.text, reading, self.language)
        mixup = self.mixup(reading)
        if mixup is not None and (sort != "lesson" or mixup.kind == "words"):
            return mixup.kind
        return "couple" if self._has("couple") and two_meet(self.text, self.language) else sort

    def _has(self, *sorts: str) -> bool:
        """Whether the format has frames for ideas of one of these sorts."""
        told = self.format.threads_in(self.language)
        return any(not set(sorts).isdisjoint(thread.suits) for thread in told)

    def mixup(self, reading: Reading) -> Mixup | None:
        """The word that goes wrong, in a format whose films are about one; None where the idea
        names none."""
        return mixed_up(self.text, reading, self.language) if self._has(*MIXED) else None

    def slots(self, reading: Reading) -> dict[str, str]:
        """What lines of this format may take of the idea besides its sentence."""
        mixup = self.mixup(reading)
        taken = mixup.slots(self.language) if mixup else {}
        return taken | {"gesture": gesture_in(self.text, self.language)}

    def asides(self, reading: Reading, thread: Thread) -> tuple[str, ...]:
        """What is said of what the idea names by somebody who has met it too, the first of each before
        the second of any; nothing of the one who is spoken to, nor where nobody jokes."""
        if (
            self.verdict.kind == "sober"
            or self.verdict.sad
            or set(thread.suits) & {"tender", "lesson"}
        ):
            return ()
        who = reading.who.phrase if thread.protagonist and reading.who else ""
        found = [list(lines) for lines in asides(reading.text, self.language, who)]
        rng = random.Random(self.digest(with_seed=False))
        for lines in [found, *found]:
            rng.shuffle(lines)
        pool = [line for each in zip_longest(*found) for line in each if line]
        # Two of them in a film: the next film takes the next two.
        first = 2 * self.seed % max(1, len(pool))
        pool = pool[first:] + pool[:first]
        # No line is said in two films of one folder, and the same film says its own again.
        kept = min(0, *self.elsewhere.values()) if self.elsewhere else 0
        return tuple(line for line in pool if weight(Line(text=line), self.elsewhere) == kept)
