"""Speech by servers in their own dialects, whose defaults bite; what is said is listened to."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from renderers.base import SpeechRequest, VoiceSpec
from renderers.errors import BadOutput, BadRequest, OutOfMemory, Unavailable
from renderers.tones import TonesSpeech, TonesTranscription
from renderers.tts.acting import INSTRUCTIONS
from renderers.tts.dialects import DIALECTS
from renderers.tts.fake_server import FakeAudioServer
from renderers.tts.openai import OpenAISpeech
from renderers.tts.xtts import XttsSpeech

LINE = "Two coffees, please."


def speaking(server: FakeAudioServer, **options: object) -> OpenAISpeech:
    return OpenAISpeech(server.url, dialect=server.dialect, retries=0, **options)  # pyright: ignore[reportArgumentType]


def asked(**changes: object) -> SpeechRequest:
    given: dict[str, object] = {"text": LINE, "language": "en", "voice": VoiceSpec()} | changes
    return SpeechRequest(**given)  # pyright: ignore[reportArgumentType]


def heard(path: Path) -> str:
    return TonesTranscription().transcribe(path, "en").text


@pytest.mark.parametrize("dialect", ["openai", "vllm-omni", "kokoro-fastapi", "coqui"])
def test_every_dialect_gives_the_whole_line_as_a_levelled_take(
    dialect: str, tmp_path: Path
) -> None:
    with FakeAudioServer(dialect) as server:  # pyright: ignore[reportArgumentType]
        result = speaking(server).render(asked(), tmp_path / "line.wav")
    assert heard(result.path) == LINE
    samples, rate = soundfile.read(result.path)
    assert (rate, samples.shape[1]) == (48_000, 2)
    assert result.seconds == pytest.approx(len(samples) / rate)
    assert np.abs(samples[: rate // 1000]).max() < 0.05, "it begins with a click"


def test_a_client_that_leaves_a_default_alone_gets_half_a_line_or_an_mp3(tmp_path: Path) -> None:
    with FakeAudioServer("kokoro-fastapi") as server:
        _, kind, streamed = server.answer("/v1/audio/speech", {"input": LINE, "voice": "x"}, b"")
        _, _, whole = server.answer(
            "/v1/audio/speech", {"input": LINE, "voice": "x", "stream": False}, b""
        )
    assert kind == "audio/mp3"
    assert len(streamed) < len(whole) * 0.6


def test_a_voice_is_what_its_kind_asks_of_the_server(tmp_path: Path) -> None:
    recording = TonesSpeech().render(asked(), tmp_path / "ann.wav").path
    clone = VoiceSpec("clone", reference_audio=recording, reference_text="Hello.")
    design = VoiceSpec("design", description="An old sailor.")
    for task, voice in (("Base", clone), ("VoiceDesign", design), ("CustomVoice", VoiceSpec())):
        with FakeAudioServer("vllm-omni", task=task) as server:
            line = asked(voice=voice, expression="angry")
            result = speaking(server).render(line, tmp_path / f"{task}.wav")
            fields = server.requests[-1].fields
        assert fields["task_type"] == task
        assert heard(result.path) == LINE
        assert result.dropped == (("expression",) if task == "Base" else ())
    assert fields["voice"] == "ryan"
    assert fields["instructions"] == INSTRUCTIONS["angry"]


def test_the_wrong_checkpoint_says_so(tmp_path: Path) -> None:
    with (
        FakeAudioServer("vllm-omni", task="Base") as server,
        pytest.raises(BadRequest, match="task_type must be Base"),
    ):
        speaking(server).render(asked(), tmp_path / "line.wav")


def test_irodori_acts_by_emoji_and_is_given_a_recording_once(tmp_path: Path) -> None:
    recording = TonesSpeech().render(asked(), tmp_path / "ann.wav").path
    voice = VoiceSpec("clone", reference_audio=recording)
    with FakeAudioServer("irodori") as server:
        backend = speaking(server, fields={"irodori": {"num_steps": 20}})
        for seed in (3, 4):
            line = asked(
                text="もう、行こう", language="ja", voice=voice, expression="crying", seed=seed
            )
            backend.render(line, tmp_path / f"{seed}.wav")
        assert len(server.uploaded) == 1
        paths = [request.path for request in server.requests]
        last = server.requests[-1].fields
    assert paths.count("/v1/audio/voices") == 1
    assert last["input"].startswith("😭")
    assert last["irodori"] == {"num_steps": 20, "seed": 4}


def test_what_a_model_cannot_act_is_reported(tmp_path: Path) -> None:
    with FakeAudioServer("kokoro-fastapi") as server:
        result = speaking(server).render(asked(expression="furious"), tmp_path / "line.wav")
    assert result.dropped == ("expression",)


def test_a_kind_or_language_that_a_server_lacks_is_refused_with_the_fix(tmp_path: Path) -> None:
    with FakeAudioServer("kokoro-fastapi") as server:
        backend = speaking(server)
        with pytest.raises(BadRequest, match=r"\[speech.design\]"):
            backend.render(asked(voice=VoiceSpec("design", description="x")), tmp_path / "a.wav")
        with pytest.raises(BadRequest, match="does not speak 'fr'"):
            backend.render(asked(language="fr"), tmp_path / "b.wav")
        assert server.requests == []


@pytest.mark.parametrize(
    ("status", "message", "error"),
    [
        (404, "The model `x` does not exist.", Unavailable),
        (401, "bad key", Unavailable),
        (503, "loading", Unavailable),
        (500, "CUDA out of memory", OutOfMemory),
        (400, "input too long", BadRequest),
        (200, "in words", BadOutput),
    ],
)
def test_a_refusal_is_told_by_what_to_do_about_it(
    status: int, message: str, error: type[Exception], tmp_path: Path
) -> None:
    with (
        FakeAudioServer("kokoro-fastapi", fails=[(status, message)]) as server,
        pytest.raises(error),
    ):
        speaking(server).render(asked(), tmp_path / "line.wav")
    assert not (tmp_path / "line.wav").exists()


def test_silence_is_no_take(tmp_path: Path) -> None:
    with (
        FakeAudioServer("kokoro-fastapi", mumbles=1) as server,
        pytest.raises(BadOutput, match="silence"),
    ):
        speaking(server).render(asked(), tmp_path / "line.wav")


def test_nobody_at_the_address_is_said(tmp_path: Path) -> None:
    with FakeAudioServer() as server:
        backend = speaking(server)
    with pytest.raises(Unavailable, match="is the server up"):
        backend.render(asked(), tmp_path / "line.wav")


def test_xtts_is_named_a_speaker_and_reports_what_it_ignores(tmp_path: Path) -> None:
    with FakeAudioServer("xtts") as server:
        backend = XttsSpeech(server.root)
        result = backend.render(asked(expression="sad", speed=1.1), tmp_path / "line.wav")
        backend.close()
        assert server.requests[-1].fields["speaker_wav"] == "female"
    assert heard(result.path) == LINE
    assert result.dropped == ("expression", "speed")


def test_every_dialect_has_a_voice_for_what_it_speaks() -> None:
    for name, terms in DIALECTS.items():
        backend = OpenAISpeech("http://127.0.0.1:9/v1", dialect=name)
        for language in terms.languages:
            assert backend.voices(language), f"{name} has no voice for {language}"
        backend.close()


def test_a_profile_may_name_the_voices_of_its_server() -> None:
    backend = OpenAISpeech("http://127.0.0.1:9/v1", dialect="irodori", voices=["kana", "none"])
    assert [voice.name for voice in backend.voices("ja")] == ["kana", "none"]
    assert backend.voices("en") == ()
    backend.close()
