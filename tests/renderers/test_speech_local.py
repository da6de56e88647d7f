"""Speech models in this process, by packages that stand in for them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tones import TonesTranscription

from renderers.base import SpeechRequest, VoiceSpec
from renderers.errors import BadRequest, Unavailable
from renderers.tts.local import IrodoriSpeech, QwenSpeech

PACKAGES = Path(__file__).parents[1] / "fakes/voice_packages"
LINE = "Two coffees, please."
pytest.importorskip("torch")


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    monkeypatch.syspath_prepend(str(PACKAGES))
    import qwen_tts

    yield qwen_tts.CALLS
    for name in [n for n in sys.modules if n.startswith(("qwen_tts", "irodori_tts"))]:
        del sys.modules[name]


def ask(**changes: Any) -> SpeechRequest:
    return SpeechRequest(**({"text": LINE, "language": "en", "voice": VoiceSpec()} | changes))


def test_a_checkpoint_speaks_with_its_own_kind_of_voice(calls: list[Any], tmp_path: Path) -> None:
    recording = tmp_path / "ann.wav"
    recording.touch()
    voices = {
        "CustomVoice": VoiceSpec(),
        "Base": VoiceSpec("clone", reference_audio=recording),
        "VoiceDesign": VoiceSpec("design", description="An old sailor."),
    }
    for task, voice in voices.items():
        backend = QwenSpeech(f"Qwen/Qwen3-TTS-12Hz-1.7B-{task}", device="cpu")
        line = ask(voice=voice, expression="angry", speed=1.1)
        result = backend.render(line, tmp_path / f"{task}.wav")
        assert TonesTranscription().transcribe(result.path, "en").text == LINE
        assert "speed" in result.dropped
        assert ("expression" in result.dropped) == (task == "Base")
    made = [call for call in calls if call[0] != "load"]
    assert made[0] == (
        "custom",
        {"speaker": "Ryan", "language": "English", "instruct": "Speak angrily."},
    )
    assert made[1][1]["ref_audio"] == str(recording)
    assert made[2][1]["instruct"] == "An old sailor. Speak angrily."


def test_another_kind_is_refused_before_anything_is_loaded(
    calls: list[Any], tmp_path: Path
) -> None:
    before = list(calls)
    with pytest.raises(BadRequest, match=r"\[speech.design\]"):
        QwenSpeech().render(ask(voice=VoiceSpec("design", description="x")), tmp_path / "a.wav")
    assert calls == before


def test_irodori_acts_by_an_emoji_in_front(calls: list[Any], tmp_path: Path) -> None:
    weights = tmp_path / "model.safetensors"
    weights.touch()
    backend = IrodoriSpeech(str(weights), device="cpu")
    line = ask(text="もう、行こう", language="ja", expression="sad", seed=9)
    result = backend.render(line, tmp_path / "a.wav")
    assert TonesTranscription().transcribe(result.path, "ja").text == "もう、行こう"
    import irodori_tts.inference_runtime as package

    assert (package.CALLS[-1].text[0], package.CALLS[-1].seed) == ("🥺", 9)
    assert package.CALLS[-1].no_ref


def test_a_package_that_is_missing_is_said_with_the_fix(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="pip install qwen-tts"):
        QwenSpeech(device="cpu").render(ask(), tmp_path / "a.wav")
    with pytest.raises(Unavailable, match="irodori_tts is not installed"):
        IrodoriSpeech("x").render(ask(language="ja"), tmp_path / "a.wav")


def test_a_checkpoint_of_no_known_kind_is_refused() -> None:
    with pytest.raises(BadRequest, match="CustomVoice, Base, VoiceDesign"):
        QwenSpeech("Qwen/Qwen3-8B")
