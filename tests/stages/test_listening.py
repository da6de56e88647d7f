"""What is heard where nobody speaks: an ear makes words up of a door, and is asked twice."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import soundfile

from renderers.base import Transcript, Word
from storyboard.core.files import read_json, write_json
from storyboard.stages.checking import HeardFiles, ListenInputs, ListenParams, listen


class Ear:
    """Hears one thing after the other, whatever is said."""

    def __init__(self, heard: Sequence[Sequence[Word]]) -> None:
        self.heard = list(heard)
        self.lengths: list[float] = []

    def transcribe(self, audio: Path, language: str) -> Transcript:
        self.lengths.append(soundfile.info(audio).duration)
        words = tuple(self.heard.pop(0))
        return Transcript(" ".join(word.text for word in words), words, language)


def heard(folder: Path, ear: Ear, line: str = "") -> list[str]:
    soundfile.write(folder / "mix.wav", np.random.default_rng(1).normal(0, 0.1, 48_000), 16_000)
    write_json(folder / "timeline.json", {"segments": [{"index": 4, "start": 1.0, "seconds": 1.5}]})
    twice = None if line else True
    context: Any = SimpleNamespace(
        params=ListenParams(
            language="en",
            twice=twice,
            index=4,
            line=line,
            effect=None,
            music=-20.0,
            mix=1,
            backend={},
        ),
        inputs=ListenInputs(sound=folder / "mix.wav", timeline=folder / "timeline.json"),
        outputs=HeardFiles(heard=folder / "heard.json"),
        backends=SimpleNamespace(transcription=ear),
    )
    listen(context)
    return [word["text"] for word in read_json(folder / "heard.json")["words"]]


SORRY = [Word("sorry,", 0.4, 0.9), Word("I'm", 0.9, 1.1), Word("sorry.", 1.1, 1.4)]


@pytest.mark.parametrize(
    "again",
    [[Word("What", 0.9, 1.2), Word("now?", 1.2, 1.4)], []],
    ids=["another thing", "nothing"],
)
def test_words_that_are_not_heard_again_were_not_said(tmp_path: Path, again: list[Word]) -> None:
    ear = Ear([SORRY, again])
    assert heard(tmp_path, ear) == []
    assert ear.lengths == [1.5, 2.0], "the same stretch, half a second later"


def test_words_that_take_no_time_were_not_said(tmp_path: Path) -> None:
    made_up = [Word("sorry,", 0.9, 0.9), Word("I'm", 0.9, 0.9), Word("sorry.", 1.4, 1.4)]
    assert heard(tmp_path, Ear([made_up, made_up])) == []


def test_somebody_who_speaks_where_nobody_should_is_heard(tmp_path: Path) -> None:
    later = [Word(word.text.title(), word.start + 0.5, word.end + 0.5) for word in SORRY]
    assert heard(tmp_path, Ear([SORRY, later])) == ["sorry,", "I'm", "sorry."]


def test_a_line_is_heard_once(tmp_path: Path) -> None:
    ear = Ear([SORRY])
    assert heard(tmp_path, ear, "Sorry, I'm sorry.") == ["sorry,", "I'm", "sorry."]
    assert not ear.heard
