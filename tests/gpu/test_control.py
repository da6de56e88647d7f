"""The dialects of release, against fakes that are true to the servers' defaults."""

from __future__ import annotations

import pytest
from fake_servers import Fake, serving
from fake_speech import FakeAudioServer

from renderers.errors import BadOutput, Unavailable
from storyboard.gpu import canary, control
from storyboard.profile import ReleaseLevel, Service


def service(fake: Fake, **fields: object) -> Service:
    level: ReleaseLevel = (
        "unload" if fake.dialect in ("ollama", "llama-server", "comfyui") else "sleep"
    )
    return Service.model_validate(
        {
            "health": f"{fake.url}/health",
            "peak_gib": 1.0,
            "release": [level],
            "dialect": fake.dialect,
            "model": "tiny",
            "canary": "health" if fake.dialect == "comfyui" else "chat",
            **fields,
        }
    )


@pytest.mark.parametrize("dialect", ["vllm", "vllm-omni", "sglang", "storyboard"])
@pytest.mark.parametrize("level", [1, 2])
def test_sleeping_servers_wake_and_answer_sensibly(dialect: str, level: int) -> None:
    with serving(dialect) as fake:
        record = service(fake, sleep_level=level)
        canary.ask(record)
        control.sleep(record)
        assert not fake.awake
        with pytest.raises(Unavailable, match="500"):
            canary.ask(record)
        control.wake(record)
        canary.ask(record)
        assert fake.awake


@pytest.mark.parametrize("dialect", ["ollama", "llama-server", "comfyui"])
def test_unloading_servers_load_again(dialect: str) -> None:
    with serving(dialect) as fake:
        record = service(fake)
        control.unload(record)
        assert not fake.awake
        control.wake(record)
        canary.ask(record)


def test_level_two_reloads_the_weights_between_room_and_cache() -> None:
    with serving("vllm") as fake:
        record = service(fake, sleep_level=2)
        control.sleep(record)
        control.wake(record)
        assert fake.calls == [
            "/sleep?level=2",
            "/wake_up?tags=weights",
            '/collective_rpc {"method":"reload_weights"}',
            "/wake_up?tags=kv_cache",
        ]


def test_level_two_woken_as_level_one_is_caught_by_the_canary() -> None:
    with serving("vllm") as fake:
        control.sleep(service(fake, sleep_level=2))
        control.wake(service(fake, sleep_level=1))
        with pytest.raises(BadOutput, match="answered '!!!"):
            canary.ask(service(fake))


def test_the_omni_level_is_always_stated() -> None:
    with serving("vllm-omni") as fake:
        control.sleep(service(fake, sleep_level=1))
        assert fake.level == 1


def test_every_stage_of_an_omni_pipeline_sleeps_and_wakes() -> None:
    with serving("vllm-omni", stages=2) as fake:
        control.sleep(service(fake))
        assert fake.awake  # its talker sleeps, its vocoder holds on
        control.wake(service(fake))
        record = service(fake, stage_ids=[0, 1])
        control.sleep(record)
        assert not fake.awake
        control.wake(record)
        assert fake.awake


def test_the_stages_of_an_omni_pipeline_go_on_after_they_woke() -> None:
    with serving("vllm-omni", stages=2) as fake:
        record = service(fake, stage_ids=[0, 1])
        control.sleep(record)
        control.wake(record)
        canary.ask(record)
    with (
        serving("vllm-omni", dev_mode=False) as fake,
        pytest.raises(Unavailable, match=r"resume.*VLLM_SERVER_DEV_MODE=1"),
    ):
        control.sleep(service(fake))
        control.wake(service(fake))


def test_a_stage_that_does_not_follow_is_a_refusal_whatever_the_status() -> None:
    with (
        serving("vllm-omni", failing_acks=True) as fake,
        pytest.raises(Unavailable, match="stage 0 did not follow: sleep mode is off"),
    ):
        control.sleep(service(fake))


def test_a_model_without_a_tag_is_found_among_ollamas() -> None:
    with serving("ollama") as fake:
        assert control.asleep(service(fake, model="tiny")) is False
        assert control.asleep(service(fake, model="tiny:latest")) is False
        assert control.asleep(service(fake, model="registry:5000/tiny")) is True


def test_a_model_that_thinks_first_is_heard_in_its_thoughts() -> None:
    with serving("vllm", thinks=True) as fake:
        canary.ask(service(fake))
        fake.sensible = False
        with pytest.raises(BadOutput, match="answered 'The user"):
            canary.ask(service(fake))


@pytest.mark.parametrize("task", ["CustomVoice", "Base", "VoiceDesign"])
def test_a_voice_is_asked_for_a_word_in_its_own_kind(task: str) -> None:
    with FakeAudioServer("vllm-omni", task) as server:
        record = Service.model_validate(
            {
                "health": server.url.removesuffix("/v1") + "/health",
                "peak_gib": 7,
                "release": ["sleep"],
                "dialect": "vllm-omni",
                "canary": "speech",
                "model": f"Qwen/Qwen3-TTS-12Hz-1.7B-{task}",
            }
        )
        canary.ask(record)
        server.mumbles = 1
        with pytest.raises(BadOutput, match="silen"):
            canary.ask(record)
        server.task = "none of them"
        with pytest.raises(Unavailable, match="does not speak a word"):
            canary.ask(record)


def test_a_server_out_of_development_mode_cannot_sleep() -> None:
    with serving("vllm", dev_mode=False) as fake, pytest.raises(Unavailable, match="404"):
        control.sleep(service(fake))


def test_nonsense_after_waking_is_bad_output() -> None:
    with serving("storyboard", nonsense_after_wake=True) as fake:
        record = service(fake)
        control.sleep(record)
        control.wake(record)
        with pytest.raises(BadOutput, match="ready"):
            canary.ask(record)


@pytest.mark.parametrize("dialect", ["vllm", "ollama", "storyboard"])
def test_servers_tell_whether_they_sleep(dialect: str) -> None:
    with serving(dialect) as fake:
        record = service(fake)
        assert control.asleep(record) is False
        (control.unload if dialect == "ollama" else control.sleep)(record)
        assert control.asleep(record) is True


def test_a_dead_server_is_unavailable() -> None:
    with serving("vllm") as fake:
        record = service(fake)
    assert not control.healthy(record)
    for ask in (control.sleep, control.wake, canary.ask):
        with pytest.raises(Unavailable, match="does not answer"):
            ask(record)
