"""Chooses among hand-written variants: the thread of a film, and every line in it.

A thread is chosen by meaning (embeddings of the idea and of what each thread is about) and
by keywords; a line by what of the idea it uses, then by meaning, then by the seed.

Knows: ideas, threads, lines, slots. Does not know: plans.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from storyboard.plan import Language
from storyboard.plan.formats import SLOT, Format, Line, Thread
from storyboard.plan.languages import plain
from storyboard.writing.offline.idea import Idea
from storyboard.writing.offline.lexicon import position
from storyboard.writing.offline.match import Nearness
from storyboard.writing.offline.phrases import plural_of
from storyboard.writing.offline.reading import Reading

KEYWORD_WORTH = 0.06
"""Cosine points a keyword adds: about the distance between a related text and another."""
FITS = 0.86
"""Below this no thread is really about the idea, and one that fits any idea is taken."""
ABOUT: Mapping[Language, float] = {"en": 0.85, "ja": 0.85}
"""Cosine above which a story with a keyword of the idea is about it: between right and wrong
pairs of the labelled ones (benchmarks/results/ideas.md). A wrong story is worse than a frame."""
COVERED = 0.7
"""Share of the idea's words that a story about it speaks of. "Why is the sea blue" is not "why the
sea is salty", however near they are."""
JITTER = 0.03
ENOUGH_LINES = 3
"""Lines of a thread that tell it: one short line may fit anything."""


def story_about(idea: Idea, reading: Reading, format: Format, nearness: Nearness) -> Thread | None:
    """The hand-written story that is about this very idea; None where there is none.

    It has a keyword of the idea, speaks of most of its words, and is near in meaning.
    """
    stories = [
        thread
        for thread in format.threads_in(idea.language)
        if not (thread.frame or thread.grave or thread.fits_any)
        and _keyword_worth(idea, thread)
        and covered(thread, idea, reading) >= COVERED
    ]
    scores = [float(max(nearness(reading.text, thread.about))) for thread in stories]
    best = max(scores, default=0.0)
    return stories[scores.index(best)] if best >= ABOUT[idea.language] else None


def covered(thread: Thread, idea: Idea, reading: Reading) -> float:
    """The share of the idea's content words that a story speaks of, or is meant for."""
    lines = [*thread.titles, *thread.hooks, *(line for beat in thread.beats for line in beat.lines)]
    text = " ".join([*thread.about, *thread.keywords, *(line.text for line in lines)])
    text = text.replace("{role}", idea.role).replace("{a_role}", idea.role).lower()
    words = [word for word in reading.content if word not in _ANYBODY]
    if not words:
        return 0.0
    said = (
        stem(word, idea.language).lower() in text or _plural(word, idea) in text for word in words
    )
    return sum(said) / len(words)


_ANYBODY = frozenset(["man", "woman", "person", "people", "guy", "somebody", "男", "女", "人"])


def _plural(word: str, idea: Idea) -> str:
    return plural_of(word) if idea.language == "en" else word


def stem(word: str, language: Language) -> str:
    """What of a word stays when it is inflected, roughly."""
    if language == "ja":
        return word[:-1] if len(word) > 1 and word[-1] in "うくすつぬむるぐぶい" else word
    return word[:-1] if len(word) > 4 and word[-1] in "ey" else word


def choose_thread(idea: Idea, format: Format, nearness: Nearness, rng: random.Random) -> Thread:
    """The story of a format without frames (somebody's own): the nearest, or one that fits any."""
    threads = format.threads_in(idea.language)
    near = nearness(idea.text, ["; ".join(thread.about) for thread in threads]).tolist()
    scores = [score + _keyword_worth(idea, t) for t, score in zip(threads, near, strict=True)]
    best = max(scores)
    fits_any = [i for i, thread in enumerate(threads) if thread.fits_any]
    if best >= FITS or not fits_any:
        return threads[scores.index(best)]
    # Who an idea is about says more of it than what else is named.
    about = "role" if idea.role else "topic" if idea.topic else None
    taken = [i for i in fits_any if threads[i].takes == about] or fits_any
    return threads[max(taken, key=lambda i: scores[i] + rng.uniform(0, JITTER))]


def _keyword_worth(idea: Idea, thread: Thread) -> float:
    hits = sum(1 for word in thread.keywords if _says(idea, word))
    return KEYWORD_WORTH * min(hits, 3)


def _says(idea: Idea, word: str) -> bool:
    return (
        word in idea.facts
        or position(word, idea.text, "en" if word.isascii() else "ja") is not None
    )


@dataclass(frozen=True, slots=True)
class Slots:
    """What the slots of this film's lines stand for."""

    values: Mapping[str, str]
    language: Language
    mass: frozenset[str] = frozenset()

    def has(self, text: str) -> bool:
        return all(self.values.get(_base(slot)) for slot in SLOT.findall(text))

    def uses(self, text: str) -> int:
        """How much of the idea itself a line says."""
        used = {_base(slot) for slot in SLOT.findall(text)}
        return len(used & {"role", "thing", "topic", "quirk"})

    def fill(self, text: str, titled: bool = False) -> str:
        return SLOT.sub(lambda match: self._value(match[1], titled), text)

    def _value(self, slot: str, titled: bool) -> str:
        value = self.values[_base(slot)]
        if titled and self.language == "en":
            value = " ".join(word[:1].upper() + word[1:] for word in value.split())
        if slot.lower().startswith("a_") and value.lower() not in self.mass:
            value = f"{_article(value)} {value}"
        return value[:1].upper() + value[1:] if slot[0].isupper() else value


def _base(slot: str) -> str:
    return slot.lower().removeprefix("a_")


def _article(noun: str) -> str:
    low = noun.lower()
    spoken_u = low.startswith(("uni", "use", "uku", "eu", "one"))
    return "an" if low[0] in "aeiou" and not spoken_u else "a"


@dataclass(frozen=True, slots=True)
class Chooser:
    """Chooses lines for one film, all of one strand."""

    idea: Idea
    slots: Slots
    nearness: Nearness
    rng: random.Random
    strand: str = ""
    told: Mapping[str, int] = field(default_factory=dict[str, int])
    """What other films say, by weight: of the variants that fit, those that weigh least are drawn."""

    def choose(
        self,
        lines: Sequence[Line],
        most: int,
        *,
        titled: bool = False,
        place: int = 0,
        keen: bool = False,
        owed: bool = False,
        again: bool = False,
    ) -> Line:
        """The best variant, filled in. The format's rules guarantee that one always fits.

        `place`, `keen`, `owed` and `again` are a frame's (`frames.FrameChooser`): a story draws by meaning.
        """
        fitting = [line for line in lines if self._fits(line)]
        length = {line.text: len(plain(self.slots.fill(line.text, titled))) for line in fitting}
        short = [line for line in fitting if length[line.text] <= most]
        fitting = short or [min(fitting, key=lambda line: length[line.text])]
        least = min(weight(line, self.told) for line in fitting)
        fitting = [line for line in fitting if weight(line, self.told) == least]
        most = max(self._own(line) for line in fitting)
        best = [line for line in fitting if self._own(line) == most]
        chosen = best[0] if len(best) == 1 else self._draw(best)
        return Line(
            text=self.slots.fill(chosen.text, titled), reading=self.slots.fill(chosen.reading)
        )

    def _draw(self, lines: Sequence[Line]) -> Line:
        near = self.nearness(self.idea.text, [line.text for line in lines]).tolist()
        drawn = [score + self.rng.uniform(0, JITTER) for score in near]
        return lines[drawn.index(max(drawn))]

    def _fits(self, line: Line) -> bool:
        return (
            line.strand in ("", self.strand)
            and set(line.needs) <= self.idea.facts
            and self.slots.has(line.text)
        )

    def _own(self, line: Line) -> int:
        return self.slots.uses(line.text) + 2 * len(line.needs)


@cache
def _pattern(text: str) -> re.Pattern[str]:
    if not re.search(r"\w", SLOT.sub("", text)):
        # Whatever its slots stand for is somebody else's line: it is like no other.
        return re.compile(r"(?!)")
    return re.compile(re.sub(r"\\\{\w*\\\}", ".+", re.escape(text)), re.IGNORECASE)


def weight(line: Line, told: Mapping[str, int]) -> int:
    """How much those of `told` weigh that are this line, whatever its slots stand for."""
    return sum(count for said, count in told.items() if _pattern(line.text).fullmatch(said))


def times_told(thread: Thread, told: Mapping[str, int]) -> int:
    """How often a thread is among what was told: a line or two alone are chance."""
    groups = [thread.titles, thread.hooks, *(beat.lines for beat in thread.beats)]
    return int(sum(weight(line, told) for group in groups for line in group) / ENOUGH_LINES)


def strands(thread: Thread) -> list[str]:
    groups = [thread.titles, thread.hooks, *(beat.lines for beat in thread.beats)]
    return sorted({line.strand for group in groups for line in group if line.strand})
