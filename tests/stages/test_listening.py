"""What is heard where nobody speaks: an ear makes words up of a door, and is asked twice. A line
is as it was heard alone, where nothing covers it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import soundfile
from fake_voices import ScriptedTranscription

from renderers.base import Transcript, Word
from storyboard.core.files import read_json, write_json
from storyboard.graph.contract import From
from storyboard.plan import Plan, load_plan
from storyboard.plan.shots import shots_of
from storyboard.stages.checking import (
    HeardFiles,
    ListenInputs,
    ListenParams,
    check_steps,
    listen,
)


class Ear:
    """Hears one thing after the other, whatever is said."""

    def __init__(self, heard: Sequence[Sequence[Word]]) -> None:
        self.heard = list(heard)
        self.lengths: list[float] = []

    def transcribe(self, audio: Path, language: str) -> Transcript:
        self.lengths.append(soundfile.info(audio).duration)
        words = tuple(self.heard.pop(0))
        return Transcript(" ".join(word.text for word in words), words, language)


RATE = 16_000
RECORDED = Path(__file__).parents[1] / "graph" / "recorded"


def noise(level: float, seconds: float = 3.0) -> npt.NDArray[np.float32]:
    sound = np.random.default_rng(1).normal(0, level, round(seconds * RATE))
    return sound.astype(np.float32)


def heard(folder: Path, ear: Ear, line: str = "", **given: Path) -> list[str]:
    if not (folder / "mix.wav").exists():
        soundfile.write(folder / "mix.wav", noise(0.1), RATE)
    segment = {"index": 4, "start": 1.0, "seconds": 1.5, "speech_start": 1.2}
    write_json(folder / "timeline.json", {"segments": [segment]})
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
        inputs=ListenInputs(sound=folder / "mix.wav", timeline=folder / "timeline.json", **given),
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


def spoken(folder: Path, *, over: float, at: float = 1.2, whole: bool = True) -> dict[str, Path]:
    """A line as it was recorded, and a film's sound in which it lies at `at`, over noise."""
    take = noise(0.3, 1.0) * np.repeat([1, 0.1, 1, 0.4], RATE // 4).astype(np.float32)
    sound = noise(0.3 / over)[::-1].copy()
    there = take if whole else np.concatenate([take[: RATE // 2], np.zeros(RATE // 2, np.float32)])
    sound[round(at * RATE) : round(at * RATE) + RATE] += there
    soundfile.write(folder / "take.wav", take, RATE)
    soundfile.write(folder / "mix.wav", 0.5 * sound, RATE)
    words = [{"text": word.text, "start": word.start, "end": word.end} for word in SORRY]
    write_json(folder / "take.json", {"words": words})
    return {"take": folder / "take.json", "audio": folder / "take.wav"}


def test_a_line_that_nothing_covers_is_as_it_was_heard_alone(tmp_path: Path) -> None:
    given = spoken(tmp_path, over=20, at=1.3)
    assert heard(tmp_path, Ear([]), "Sorry, I'm sorry.", **given) == ["sorry,", "I'm", "sorry."]
    # Where it lies in the film, not where it ought to: the segment begins at 1.0.
    words = read_json(tmp_path / "heard.json")["words"]
    assert words[0]["start"] == pytest.approx(0.3 + SORRY[0].start, abs=0.001)


@pytest.mark.parametrize(
    "covered",
    [{"over": 1.0}, {"over": 20, "whole": False}, {"over": 20, "at": 0.1}],
    ids=["under noise", "cut off", "elsewhere"],
)
def test_a_line_that_is_not_there_as_it_was_recorded_is_listened_to(
    tmp_path: Path, covered: dict[str, Any]
) -> None:
    ear = Ear([[Word("What?", 0.1, 0.4)]])
    assert heard(tmp_path, ear, "Sorry, I'm sorry.", **spoken(tmp_path, **covered)) == ["What?"]


@pytest.mark.parametrize(
    ("brought", "alone"),
    [
        ({}, {1, 2}),
        ({"music": {"track": "song.mp3"}}, set[int]()),
        ({"beats": {"media": {"music": "song.mp3"}}}, {2}),
        ({"beats": {"media": {"clip": "street.mp4"}}}, {2}),
    ],
    ids=["nothing", "music", "music of a beat", "footage"],
)
def test_where_a_user_brings_music_or_footage_the_film_is_listened_to(
    brought: dict[str, Any], alone: set[int]
) -> None:
    plan = load_plan(RECORDED / "plan.json").model_dump()
    for beat in plan["beats"]:
        beat |= {"speaker": "narrator", "line": "Tea, please."}
    plan["beats"][0] |= brought.get("beats", {})
    given = Plan.model_validate(plan | {k: v for k, v in brought.items() if k != "beats"})
    lines = {shot.index: From("speech", str(shot.index)) for shot in shots_of(given)}
    steps = check_steps(given, shots_of(given), lines, lines, ScriptedTranscription())
    listening = [step for step in steps if step.kind == "checking.listen"]
    assert {s.beat for s in listening if s.inputs.audio is not None} - {0, 3} == alone
