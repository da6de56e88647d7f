"""Who times the words of a caption: the aligner, the voice, the ear, or their lengths."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tiny_films import TONES, tiny_plan, tiny_run
from tones import TonesSpeech
from typer.testing import CliRunner

from renderers.base import SpeechRequest, SpeechResult, VoiceSpec, Word
from storyboard.cli import app
from storyboard.core.events import Measured
from storyboard.media.audio.take_quality import Take, TakeReport
from storyboard.media.text.word_times import WordsTimed, WordTimes
from storyboard.profile import load_profile
from storyboard.profile.backends import Backends
from storyboard.stages.alignment import WordsFiles, WordsInputs, WordsParams, align_words
from storyboard.stages.render_request import RenderRequest

PACKAGES = Path(__file__).parents[1] / "fakes/voice_packages"
LINE = "Two coffees, please."
HEARD = (Word("two", 0.0, 0.3), Word("coffee", 0.5, 0.9), Word("pleas", 1.0, 1.4))
SAID = (Word("Two", 0.1, 0.3), Word("coffees,", 0.5, 0.9), Word("please.", 1.1, 1.4))


def take(
    said: tuple[Word, ...] = (), heard: tuple[Word, ...] = HEARD, timed: bool = True
) -> WordTimes:
    speech = SpeechResult(Path("a.wav"), 1.5, 48_000, 2, words=said)
    return WordTimes.of_take(Take(speech, TakeReport(1.0, 0.0, LINE, (), heard, timed), ()))


def test_the_voice_is_believed_before_the_ear_and_the_ear_before_lengths() -> None:
    assert take(said=SAID) == WordTimes("voice", SAID)
    assert take() == WordTimes("ear", HEARD)
    assert take(timed=False) == WordTimes("length", HEARD)
    assert take(heard=()) == WordTimes("nobody", ())


def test_words_that_turn_otherwise_than_they_are_said_are_reported() -> None:
    assert take(said=SAID).fault(LINE) == take().fault(LINE) == ""
    assert "by their length" in take(timed=False).fault(LINE)
    assert "evenly" in take(heard=()).fault(LINE)
    assert "evenly" in take(heard=(Word("zz", 0.0, 1.0),)).fault(LINE)


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    take(said=SAID).save(tmp_path / "words.json")
    assert WordTimes.load(tmp_path / "words.json") == take(said=SAID)


def test_a_caption_begins_with_its_first_word_however_slowly_it_comes() -> None:
    line = "Wait, I will tell you all about it in a moment. Here it is, the whole long story."
    said = tuple(
        Word(word, n * 0.2 + (9.0 if n > 10 else 0.0), n * 0.2 + 0.2 + (9.0 if n > 10 else 0.0))
        for n, word in enumerate(line.split())
    )
    captions = WordTimes("voice", said).turning(line, 1.0, 15.0)
    second = next(caption for caption in captions if caption.text.startswith("Here"))
    assert second.start == pytest.approx(1.0 + 11.2)
    assert all(c.start <= t.start <= c.end for c in captions for t in c.turns)


@pytest.fixture
def qwen(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    pytest.importorskip("torch")
    monkeypatch.syspath_prepend(str(PACKAGES))
    import qwen_asr

    yield qwen_asr
    del sys.modules["qwen_asr"]


def test_a_film_whose_lines_are_aligned_turns_by_the_aligners_times(
    qwen: Any, tmp_path: Path
) -> None:
    from tiny_films import made

    plan = tiny_plan("A cat misses the last train", beats=1, hook=None)
    profile = tmp_path / "aligned.toml"
    profile.write_text(
        f'extends = {json.dumps(str(TONES))}\n[alignment]\nbackend = "qwen-aligner"\n',
        encoding="utf-8",
    )
    folder = tiny_run(tmp_path / "run", plan)
    film = made(RenderRequest(directory=folder, profile=str(profile), captions="words"))
    assert [check["message"] for check in film.checks["checks"] if not check["ok"]] == []
    (told,) = (folder / "audio/words").glob("*_words.json")
    (aligned,) = (folder / "audio/words").glob("*_aligned.json")
    assert (WordTimes.load(told).by, WordTimes.load(aligned).by) == ("ear", "aligner")
    given = next(given for name, given in qwen.CALLS if name == "align")
    assert given["text"] == film.plan.beats[0].line
    # Its clock ticks every 80 ms: nothing else here does.
    starts = [word.start for word in WordTimes.load(aligned).words[1:]]
    assert starts and all(abs(s / qwen.STEP - round(s / qwen.STEP)) < 0.02 for s in starts)
    assert "\\kf" in (folder / "subs.ass").read_text(encoding="utf-8")


@dataclass
class Context:
    """What a step's function is handed, and what it says."""

    backends: Any
    params: WordsParams
    inputs: WordsInputs[Path]
    outputs: WordsFiles[Path]
    warnings: list[str] = field(default_factory=list[str])
    measures: list[Any] = field(default_factory=list[Any])

    def warn(self, message: str) -> None:
        self.warnings.append(message)

    def measured(self, event: Measured) -> None:
        self.measures.append(event)


@pytest.mark.parametrize(("trap", "by"), [("falling", "ear"), ("", "aligner")])
def test_an_aligner_that_cannot_is_warned_of_and_the_ear_believed(
    qwen: Any, tmp_path: Path, trap: str, by: str
) -> None:
    qwen.TRAPS.append(trap)
    audio = TonesSpeech().render(SpeechRequest(LINE, "en", VoiceSpec()), tmp_path / "a.wav").path
    take().save(tmp_path / "told.json")
    profile = load_profile(str(TONES), ("alignment.backend=qwen-aligner",))
    with Backends(profile) as backends:
        context = Context(
            backends,
            WordsParams(text=LINE, language="en", backend={}),
            WordsInputs(audio=audio, words=tmp_path / "told.json"),
            WordsFiles(words=tmp_path / "aligned.json"),
        )
        align_words(context)
    assert WordTimes.load(tmp_path / "aligned.json").by == by
    assert context.measures == [WordsTimed(by, 3)]
    if by == "ear":
        (warning,) = context.warnings
        assert "qwen-aligner" in warning and "words are timed by: ear" in warning
    else:
        assert context.warnings == []


def test_doctor_says_what_an_aligner_lacks(tmp_path: Path) -> None:
    found = CliRunner().invoke(
        app,
        ["doctor", "--profile", str(TONES), "--json", "--set", "alignment.backend=qwen-aligner"],
    )
    (finding,) = (f for f in json.loads(found.stdout) if f["area"] == "alignment")
    assert finding["state"] == "missing"
    assert "pip install qwen-asr" in finding["fix"]
