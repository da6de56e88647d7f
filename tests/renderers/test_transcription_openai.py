"""Transcription by servers: with the time of every word, or with the text alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from fake_speech import FakeAudioServer
from tones import TonesSpeech

from renderers.asr.openai import OpenAITranscription
from renderers.base import SpeechRequest, VoiceSpec
from renderers.errors import BadRequest, Unavailable

LINE = "Two coffees, please."


@pytest.fixture
def line(tmp_path: Path) -> Path:
    return TonesSpeech().render(SpeechRequest(LINE, "en", VoiceSpec()), tmp_path / "a.wav").path


def test_words_come_with_their_times_where_the_server_tells_them(line: Path) -> None:
    with FakeAudioServer("openai") as server:
        heard = OpenAITranscription(server.url).transcribe(line, "en")
        assert server.requests[-1].fields["language"] == "en"
    assert heard.text == LINE
    assert [word.text for word in heard.words] == LINE.split()
    assert all(a.end <= b.start for a, b in zip(heard.words, heard.words[1:], strict=False))
    assert heard.timed


@pytest.mark.parametrize("times", ["lost", "falling", "unnamed"])
def test_times_that_cannot_be_are_reckoned_and_said_to_be(line: Path, times: str) -> None:
    with FakeAudioServer("openai", times=times) as server:  # pyright: ignore[reportArgumentType]
        heard = OpenAITranscription(server.url).transcribe(line, "en")
    assert [word.text for word in heard.words] == LINE.split()
    assert all(a.end <= b.start for a, b in zip(heard.words, heard.words[1:], strict=False))
    assert not heard.timed


def test_words_are_spread_over_the_sound_where_it_does_not(line: Path) -> None:
    with FakeAudioServer("vllm-omni") as server:
        backend = OpenAITranscription(server.url, "Qwen/Qwen3-ASR-1.7B", dialect="vllm")
        heard = backend.transcribe(line, "en")
    assert [word.text for word in heard.words] == LINE.split()
    assert not heard.timed
    assert heard.words[0].start == pytest.approx(0.0, abs=0.1)
    assert heard.words[-1].end == pytest.approx(len(LINE) * 0.05 + 0.18, abs=0.25)


def test_a_missing_file_and_a_missing_server_are_two_faults(line: Path, tmp_path: Path) -> None:
    with FakeAudioServer("openai") as server:
        backend = OpenAITranscription(server.url, retries=0)
        with pytest.raises(BadRequest, match=r"none\.wav"):
            backend.transcribe(tmp_path / "none.wav", "en")
    with pytest.raises(Unavailable, match="is the server up"):
        backend.transcribe(line, "en")
