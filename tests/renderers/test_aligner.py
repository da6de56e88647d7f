"""Forced alignment by a package that stands in for Qwen's: real sound, its calls and its traps."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tones import TonesSpeech, TonesTranscription

from renderers.asr.aligner import QwenAligner
from renderers.base import AlignmentBackend, SpeechRequest, VoiceSpec
from renderers.errors import BadOutput, BadRequest, OutOfMemory, Unavailable

PACKAGES = Path(__file__).parents[1] / "fakes/voice_packages"
LINE = "Two coffees, please, don't spill."
pytest.importorskip("torch")


@pytest.fixture
def qwen(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.syspath_prepend(str(PACKAGES))
    import qwen_asr

    yield qwen_asr
    del sys.modules["qwen_asr"]


@pytest.fixture
def line(tmp_path: Path) -> Path:
    return TonesSpeech().render(SpeechRequest(LINE, "en", VoiceSpec()), tmp_path / "a.wav").path


def test_each_word_of_the_script_has_the_time_at_which_it_sounds(qwen: Any, line: Path) -> None:
    aligner = QwenAligner()
    assert isinstance(aligner, AlignmentBackend)
    words = aligner.align(line, LINE, "en")
    true = TonesTranscription().transcribe(line, "en").words
    assert [word.text for word in words] == ["Two", "coffees", "please", "don't", "spill"]
    for word, heard in zip(words, true, strict=True):
        assert word.start == pytest.approx(heard.start, abs=qwen.STEP)
        assert word.end == pytest.approx(heard.end, abs=qwen.STEP)
    assert qwen.CALLS[0][1]["device_map"] == "cpu"
    assert str(qwen.CALLS[0][1]["dtype"]) == "torch.float32"
    assert qwen.CALLS[-1][1] == {"text": LINE, "language": "English", "rate": 16_000}


def test_the_model_is_loaded_once_and_let_go(qwen: Any, line: Path) -> None:
    aligner = QwenAligner(device="cuda:0")
    for _ in range(2):
        aligner.align(line, LINE, "en")
    assert [name for name, _ in qwen.CALLS] == ["load", "align", "align"]
    assert str(qwen.CALLS[0][1]["dtype"]) == "torch.bfloat16"
    aligner.close()
    aligner.close()
    aligner.align(line, LINE, "en")
    assert [name for name, _ in qwen.CALLS][-2:] == ["load", "align"]


def test_words_that_it_takes_for_one_come_as_one(qwen: Any, line: Path) -> None:
    qwen.TRAPS.append("merged")
    assert [w.text for w in QwenAligner().align(line, LINE, "en")][:2] == ["Twocoffees", "please"]


@pytest.mark.parametrize("trap", ["falling", "late", "heap", "nothing"])
def test_times_that_cannot_be_are_a_bad_output(qwen: Any, line: Path, trap: str) -> None:
    qwen.TRAPS.append(trap)
    with pytest.raises(BadOutput):
        QwenAligner().align(line, LINE, "en")


def test_a_full_card_missing_weights_and_a_strange_language_are_three_faults(
    qwen: Any, line: Path, tmp_path: Path
) -> None:
    with pytest.raises(BadRequest, match="'nl'"):
        QwenAligner().align(line, LINE, "nl")
    with pytest.raises(BadRequest, match=r"none\.wav"):
        QwenAligner().align(tmp_path / "none.wav", LINE, "en")
    qwen.TRAPS.append("full")
    with pytest.raises(OutOfMemory, match="alignment: CUDA out of memory"):
        QwenAligner().align(line, LINE, "en")
    qwen.TRAPS.append("unloadable")
    with pytest.raises(Unavailable, match="cannot be loaded"):
        QwenAligner().align(line, LINE, "en")


def test_what_is_lacking_is_said_without_loading(qwen: Any, tmp_path: Path) -> None:
    assert QwenAligner().lacking() == ""
    assert "there is no folder" in QwenAligner(str(tmp_path / "weights")).lacking()
    assert qwen.CALLS == []


def test_a_package_that_is_missing_is_said_with_the_fix(line: Path) -> None:
    assert "pip install qwen-asr" in QwenAligner().lacking()
    with pytest.raises(Unavailable, match="pip install qwen-asr"):
        QwenAligner().align(line, LINE, "en")
