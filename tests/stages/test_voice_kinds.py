"""Characters with voices of every kind: each spoken by the backend that can, or refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_speech import FakeAudioServer
from tiny_films import TONES, made, tiny_plan, tiny_run
from tones import TonesSpeech, TonesTranscription

from renderers.base import SpeechRequest, VoiceSpec
from storyboard.core import events
from storyboard.core.errors import UsageError
from storyboard.plan import Plan, Voice
from storyboard.stages.render_request import RenderRequest

PROFILE = """
extends = "{base}"
[speech.clone]
backend = "openai"
dialect = "vllm-omni"
base_url = "{clone}"
[speech.design]
backend = "openai"
dialect = "vllm-omni"
base_url = "{design}"
"""


@pytest.fixture
def servers() -> Iterator[tuple[FakeAudioServer, FakeAudioServer]]:
    with (
        FakeAudioServer("vllm-omni", task="Base") as clone,
        FakeAudioServer("vllm-omni", task="VoiceDesign") as design,
    ):
        yield clone, design


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    line = SpeechRequest("Hello there.", "en", VoiceSpec(preset="tone_d"))
    return TonesSpeech().render(line, tmp_path / "ann's voice.wav").path


def voiced(plan: Plan, *voices: Voice) -> Plan:
    """The plan with these voices for its speakers, in order."""
    speakers = dict.fromkeys(beat.speaker for beat in plan.beats if beat.speaker)
    chosen = dict(zip(speakers, voices, strict=False))
    cast = [c.model_copy(update={"voice": chosen.get(c.id, c.voice)}) for c in plan.cast]
    return plan.model_copy(update={"cast": cast})


def profile_of(servers: tuple[FakeAudioServer, FakeAudioServer], folder: Path) -> Path:
    """A profile whose cloned and designed voices these servers have."""
    clone, design = servers
    path = folder / "voices.toml"
    path.write_text(PROFILE.format(base=TONES, clone=clone.url, design=design.url))
    return path


def request(folder: Path, profile: Path) -> RenderRequest:
    return RenderRequest(
        directory=folder, profile=str(profile), stages=("speech",), allow=(folder.parent,)
    )


def test_a_clone_and_a_design_go_to_their_own_servers(
    servers: tuple[FakeAudioServer, FakeAudioServer], recording: Path, tmp_path: Path
) -> None:
    profile = profile_of(servers, tmp_path)
    plan = voiced(
        tiny_plan("A cat misses the last train", beats=5),
        Voice(kind="clone", reference_audio=str(recording), consent="Ann, by letter of 3 May"),
        Voice(kind="design", description="A very old sailor."),
    )
    film = made(request(tiny_run(tmp_path / "run", plan), profile))
    assert {a.fields["task_type"] for a in servers[0].requests} == {"Base"}
    assert {a.fields["task_type"] for a in servers[1].requests} == {"VoiceDesign"}
    for beat in film.plan.beats:
        if beat.line:
            audio = film.folder.path / f"audio/beat_{beat.slug}.wav"
            assert TonesTranscription().transcribe(audio, "en").text == beat.line
    uses = {step.name: step.uses for step in film.graph.steps if step.stage == "speech"}
    assert {"speech.clone transcription", "speech.design transcription"} <= set(uses.values())


def test_a_new_recording_makes_the_lines_anew(
    servers: tuple[FakeAudioServer, FakeAudioServer], recording: Path, tmp_path: Path
) -> None:
    profile = profile_of(servers, tmp_path)
    voice = Voice(kind="clone", reference_audio=str(recording), consent="Ann")
    folder = tiny_run(tmp_path / "run", voiced(tiny_plan("A cat", beats=1), voice))
    made(request(folder, profile))
    asked = len(servers[0].requests)
    made(request(folder, profile))
    assert len(servers[0].requests) == asked
    line = SpeechRequest("Hello, hello.", "en", VoiceSpec(preset="tone_a"))
    TonesSpeech().render(line, recording)
    made(request(folder, profile))
    assert len(servers[0].requests) > asked


def test_a_recording_that_is_not_there_is_said_before_anything_is_made(tmp_path: Path) -> None:
    voice = Voice(kind="clone", reference_audio=str(tmp_path / "gone.wav"), consent="Ann")
    folder = tiny_run(tmp_path / "run", voiced(tiny_plan("A cat", beats=1), voice))
    with pytest.raises(UsageError, match=r"reference_audio: there is no file .*gone\.wav"):
        made(request(folder, TONES))


@pytest.mark.parametrize("asks", ["clone", "design"])
def test_a_voice_that_nobody_has_is_refused_before_anything_is_made(
    asks: str, recording: Path, tmp_path: Path
) -> None:
    voices = {
        "clone": Voice(kind="clone", reference_audio=str(recording), consent="Ann"),
        "design": Voice(kind="design", description="A very old sailor."),
    }
    profile = tmp_path / "voices.toml"
    profile.write_text('extends = "embedded"\n')
    folder = tiny_run(tmp_path / "run", voiced(tiny_plan("A cat", beats=1), voices[asks]))
    with pytest.raises(UsageError, match=rf"kokoro.* has no {asks} voices.*\[speech\.{asks}\]"):
        made(RenderRequest(directory=folder, profile=str(profile), allow=(tmp_path,)))
    assert not list(folder.glob("images/*"))


def test_what_a_voice_cannot_act_is_told(
    servers: tuple[FakeAudioServer, FakeAudioServer], recording: Path, tmp_path: Path
) -> None:
    profile = profile_of(servers, tmp_path)
    voice = Voice(kind="clone", reference_audio=str(recording), consent="Ann")
    plan = voiced(tiny_plan("A cat", beats=1), voice)
    beats = [beat.model_copy(update={"expression": "furious"}) for beat in plan.beats]
    film = made(
        request(tiny_run(tmp_path / "run", plan.model_copy(update={"beats": beats})), profile)
    )
    told = [e.message for e in events.events_in(film.folder.events) if isinstance(e, events.Warned)]
    assert any("expression" in message for message in told)
