"""Speech by servers in their own dialects, whose defaults bite; what is said is listened to."""

from __future__ import annotations

import base64
from pathlib import Path

import numpy as np
import pytest
import soundfile
from fake_speech import FakeAudioServer
from tones import TonesSpeech, TonesTranscription

from renderers.base import SpeechRequest, VoiceSpec
from renderers.errors import BadOutput, BadRequest, OutOfMemory, Unavailable
from renderers.tts.acting import INSTRUCTIONS
from renderers.tts.dialects import DIALECTS
from renderers.tts.openai import OpenAISpeech
from renderers.tts.waveform import LEVEL_DB
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
    mono = np.abs(samples.mean(axis=1))
    assert mono[: rate // 20].max() > 0.01, "silence was left before it"
    assert mono[-rate // 20 :].max() > 0.01, "silence was left after it"
    spoken = mono[mono > 0.01]
    assert 20 * np.log10(np.sqrt(np.mean(spoken**2))) == pytest.approx(LEVEL_DB, abs=1.5)


def test_a_client_that_leaves_a_default_alone_gets_half_a_line_or_an_mp3(tmp_path: Path) -> None:
    with FakeAudioServer("kokoro-fastapi") as server:
        said = {"input": LINE, "voice": "af_heart"}
        streamed = server.answer("/v1/audio/speech", said, b"")
        whole = server.answer("/v1/audio/speech", {**said, "stream": False}, b"")
    assert streamed.kind == "audio/mp3"
    assert len(streamed.body) < len(whole.body) * 0.6


SENT = {
    "openai": {"model": "gpt-4o-mini-tts", "voice": "nova", "instructions": INSTRUCTIONS["sad"]},
    "vllm-omni": {
        "model": "Qwen/Qwen3-TTS-12Hz-1.7B-CustomVoice",
        "voice": "ono_anna",
        "task_type": "CustomVoice",
        "language": "Japanese",
        "instructions": INSTRUCTIONS["sad"],
        "seed": 7,
        "stream": False,
    },
    "kokoro-fastapi": {
        "model": "kokoro",
        "voice": "jf_alpha",
        "lang_code": "j",
        "stream": False,
    },
    "irodori": {
        "model": "irodori-tts",
        "voice": "none",
        "input": "🥺イクツ",
        "irodori": {"seed": 7},
    },
    "coqui": {"model": "tts-1", "voice": "Claribel Dervla"},
}


@pytest.mark.parametrize("dialect", SENT)
def test_a_line_is_put_in_the_servers_own_fields_and_no_others(
    dialect: str, tmp_path: Path
) -> None:
    line = asked(text="幾つ", reading="イクツ", language="ja", expression="sad", speed=1.25, seed=7)
    expected = {"input": "イクツ", "response_format": "wav", "speed": 1.25} | SENT[dialect]
    with FakeAudioServer(dialect) as server:  # pyright: ignore[reportArgumentType]
        # Servers of one model have it by a name of their own; those of many are told.
        named = {"model": expected["model"]} if dialect == "vllm-omni" else {}
        result = speaking(server, **named).render(line, tmp_path / "line.wav")
        assert server.requests[-1].fields == expected
    assert heard(result.path) == "イクツ"


def test_a_line_is_as_fast_as_was_asked(tmp_path: Path) -> None:
    with FakeAudioServer("kokoro-fastapi") as server:
        plain = speaking(server).render(asked(), tmp_path / "plain.wav")
        quick = speaking(server).render(asked(speed=1.3), tmp_path / "quick.wav")
    assert quick.seconds < plain.seconds - 0.02


def test_a_clone_is_a_recording_with_its_words_or_without(tmp_path: Path) -> None:
    recording = TonesSpeech().render(asked(), tmp_path / "ann.wav").path
    with FakeAudioServer("vllm-omni", task="Base") as server:
        for words in ("Hello.", ""):
            voice = VoiceSpec("clone", reference_audio=recording, reference_text=words)
            speaking(server).render(asked(voice=voice), tmp_path / "line.wav")
            fields = server.requests[-1].fields
            sent = base64.b64decode(str(fields["ref_audio"]).partition(",")[2])
            assert sent == recording.read_bytes()
            assert fields.get("ref_text", "") == words
            assert fields.get("x_vector_only_mode", False) == (not words)


def test_a_described_voice_is_sent_its_description(tmp_path: Path) -> None:
    voice = VoiceSpec("design", description="An old sailor.")
    with FakeAudioServer("vllm-omni", task="VoiceDesign") as server:
        speaking(server).render(asked(voice=voice, expression="angry"), tmp_path / "line.wav")
        said = server.requests[-1].fields["instructions"]
    assert said == f"An old sailor. {INSTRUCTIONS['angry']}"


@pytest.mark.parametrize(
    ("dialect", "model"),
    [("vllm-omni", "Qwen/Qwen3-TTS-12Hz-0.6B-CustomVoice"), ("openai", "tts-1-hd")],
)
def test_a_model_that_takes_no_instructions_is_given_none(
    dialect: str, model: str, tmp_path: Path
) -> None:
    with FakeAudioServer(dialect) as server:  # pyright: ignore[reportArgumentType]
        line = asked(expression="furious")
        result = speaking(server, model=model).render(line, tmp_path / "line.wav")
        assert "instructions" not in server.requests[-1].fields
    assert result.dropped == ("expression",)


@pytest.mark.parametrize("dialect", ["coqui", "xtts"])
def test_a_server_on_the_same_disk_is_told_where_the_recording_is(
    dialect: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    TonesSpeech().render(asked(), tmp_path / "ann.wav")
    monkeypatch.chdir(tmp_path)
    voice = VoiceSpec("clone", reference_audio=Path("ann.wav"))
    with FakeAudioServer(dialect) as server:  # pyright: ignore[reportArgumentType]
        backend = XttsSpeech(server.root) if dialect == "xtts" else speaking(server)
        backend.render(asked(text="はい", language="ja", voice=voice), tmp_path / "line.wav")
        backend.close()
        fields = server.requests[-1].fields
    assert fields.get("speaker_wav", fields.get("voice")) == str(tmp_path / "ann.wav")
    assert fields.get("language", "ja") == "ja"


def test_a_checkpoints_name_says_which_voices_it_has() -> None:
    for name, kind in (("CustomVoice", "preset"), ("Base", "clone"), ("VoiceDesign", "design")):
        backend = OpenAISpeech("http://127.0.0.1:9/v1", f"a/b-{name}", dialect="vllm-omni")
        assert backend.kinds == (kind,)
        backend.close()


def test_another_list_of_voices_is_another_backend() -> None:
    one, two = (OpenAISpeech("http://127.0.0.1:9/v1", voices=[name]) for name in ("a", "b"))
    assert one.fingerprint() != two.fingerprint()
    assert XttsSpeech("x", voices=("a",)).fingerprint() != XttsSpeech("x").fingerprint()
    one.close()
    two.close()


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
    with FakeAudioServer("irodori", key="hush") as server:
        backend = speaking(server, fields={"irodori": {"num_steps": 20}}, api_key="hush")
        for seed in (3, 4):
            line = asked(
                text="もう、行こう", language="ja", voice=voice, expression="crying", seed=seed
            )
            backend.render(line, tmp_path / f"{seed}.wav")
        assert len(server.uploaded) == 1
        # In another run it is there already.
        speaking(server, api_key="hush").render(line, tmp_path / "again.wav")
        last = server.requests[-3].fields
        paths = [request.path for request in server.requests]
    assert paths.count("/v1/audio/voices") == 2
    assert last["input"].startswith("😭")
    assert last["irodori"] == {"num_steps": 20, "seed": 4}


@pytest.mark.parametrize(
    ("status", "message", "error"),
    [
        (503, "loading", Unavailable),
        (500, "CUDA out of memory", OutOfMemory),
        (400, "?", BadRequest),
    ],
)
def test_a_server_that_does_not_take_a_recording_says_whose_fault_it_is(
    status: int, message: str, error: type[Exception], tmp_path: Path
) -> None:
    recording = TonesSpeech().render(asked(), tmp_path / "ann.wav").path
    line = asked(text="はい", language="ja", voice=VoiceSpec("clone", reference_audio=recording))
    with (
        FakeAudioServer("irodori", fails=[(status, message)]) as server,
        pytest.raises(error),
    ):
        speaking(server).render(line, tmp_path / "line.wav")


def test_what_a_model_cannot_act_is_reported(tmp_path: Path) -> None:
    with FakeAudioServer("kokoro-fastapi") as server:
        result = speaking(server).render(asked(expression="furious"), tmp_path / "line.wav")
    assert result.dropped == ("expression",)


def test_a_kind_or_language_that_a_server_lacks_is_refused_with_the_fix(tmp_path: Path) -> None:
    with FakeAudioServer("kokoro-fastapi") as server:
        backend = speaking(server)
        with pytest.raises(BadRequest, match=r"\[speech.design\]"):
            backend.render(asked(voice=VoiceSpec("design", description="x")), tmp_path / "a.wav")
        with pytest.raises(BadRequest, match="does not speak 'de'"):
            backend.render(asked(language="de"), tmp_path / "b.wav")
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


def test_a_message_that_is_sent_as_sound_is_passed_on(tmp_path: Path) -> None:
    with (
        FakeAudioServer("kokoro-fastapi", fails=[(200, "no such voice pack")]) as server,
        pytest.raises(BadOutput, match="no such voice pack"),
    ):
        speaking(server).render(asked(), tmp_path / "line.wav")


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


def test_a_server_with_an_aligner_tells_when_each_word_of_the_take_is_said(tmp_path: Path) -> None:
    with FakeAudioServer("vllm-omni", aligner=True) as server:
        result = speaking(server, word_times=True).render(asked(), tmp_path / "line.wav")
        assert server.requests[-1].fields["word_timestamps"] is True
    true = TonesTranscription().transcribe(result.path, "en").words
    assert [word.text for word in result.words] == ["Two", "coffees", "please"]
    # The silence that the server left before the line is gone from the take, and from its times.
    assert [w.start for w in result.words] == pytest.approx([w.start for w in true], abs=0.02)
    assert result.words[-1].end <= result.seconds
    assert result.dropped == ()


@pytest.mark.parametrize("times", ["cut", "lost", "falling", "late", "unnamed"])
def test_times_that_do_not_arrive_whole_are_reported_and_the_take_is_kept(
    times: str, tmp_path: Path
) -> None:
    with FakeAudioServer("vllm-omni", aligner=True, times=times) as server:  # pyright: ignore[reportArgumentType]
        result = speaking(server, word_times=True).render(asked(), tmp_path / "line.wav")
    assert heard(result.path) == LINE
    assert (result.words, result.dropped) == ((), ("word_times",))


def test_a_header_that_would_be_too_long_is_left_out_by_the_server(tmp_path: Path) -> None:
    with FakeAudioServer("vllm-omni", aligner=True) as server:
        line = asked(text=" ".join(["a"] * 120))
        result = speaking(server, word_times=True).render(line, tmp_path / "line.wav")
    assert (result.words, result.dropped) == ((), ("word_times",))


def test_a_server_without_an_aligner_refuses_and_others_are_not_asked(tmp_path: Path) -> None:
    with FakeAudioServer("vllm-omni") as server:
        with pytest.raises(BadRequest, match="--forced-aligner"):
            speaking(server, word_times=True).render(asked(), tmp_path / "line.wav")
        assert speaking(server).render(asked(), tmp_path / "line.wav").words == ()
        assert "word_timestamps" not in server.requests[-1].fields
    with pytest.raises(BadRequest, match=r"word_times: only vllm-omni .* not coqui"):
        OpenAISpeech("http://127.0.0.1:1", dialect="coqui", word_times=True)
