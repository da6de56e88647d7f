"""When each word of a line is said, by whoever knows best, and who that was.

First the profile's aligner, which is given the words and the sound; then the voice itself, if
it tells; then the ear that checked the take; last the length of each word.

Knows: the order of who is believed, captions by it. Does not know: how anybody finds out.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from renderers.base import Word
from storyboard.core.events import Measured
from storyboard.core.files import read_json, write_json
from storyboard.media.audio.take_quality import Take
from storyboard.media.text.captions import Caption, time_captions
from storyboard.media.text.karaoke import by_word, follows

By = Literal["aligner", "voice", "ear", "length", "nobody"]


class WordsTimed(Measured, kind="word times"):
    """Who told the times of a line's words, and of how many."""

    by: By
    words: int = 0


@dataclass(frozen=True, slots=True)
class WordTimes:
    """A line's words in seconds from its start, and who told them."""

    by: By
    words: tuple[Word, ...]

    @classmethod
    def of_take(cls, take: Take) -> WordTimes:
        """What voice and ear told of a take; the voice knows what it said."""
        if take.speech.words:
            return cls("voice", take.speech.words)
        if not take.report.words:
            return cls("nobody", ())
        return cls("ear" if take.report.timed else "length", take.report.words)

    @classmethod
    def load(cls, path: Path) -> WordTimes:
        data = read_json(path)
        return cls(data["by"], tuple(Word(**word) for word in data["words"]))

    @property
    def told(self) -> WordsTimed:
        return WordsTimed(self.by, len(self.words))

    def save(self, path: Path) -> None:
        words = [
            {"text": w.text, "start": round(w.start, 3), "end": round(w.end, 3)} for w in self.words
        ]
        write_json(path, {"by": self.by, "words": words})

    @property
    def known(self) -> bool:
        """Whether they are the script's own words; an ear may have heard others."""
        return self.by in ("aligner", "voice")

    def captions(self, line: str, start: float, seconds: float) -> list[Caption]:
        """The captions of the line, whose speech begins at `start`, each with its first word."""
        leeway = seconds if self.known else 1.0
        return time_captions(line, start, seconds, self.words, leeway)

    def turning(self, line: str, start: float, seconds: float) -> list[Caption]:
        """The captions of the line, turning word by word."""
        return by_word(self.captions(line, start, seconds), self.words, start)

    def fault(self, line: str) -> str:
        """Why words cannot turn as they are said; "" if they can."""
        if self.by == "length":
            return "its words turn by their length: the ear does not tell when it hears them"
        if not follows(self.captions(line, 0.0, 1.0), self.words):
            return f"its words turn evenly: nothing of them was told ({self.by})"
        return ""
