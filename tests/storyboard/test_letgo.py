"""The let-go dialects, against fakes that are true to the servers' defaults."""

from __future__ import annotations

import pytest
from fake_servers import Fake, serving

from renderers.errors import BadOutput, Unavailable
from storyboard.profile import Rung, Service
from storyboard.vram import letgo


def service(fake: Fake, **fields: object) -> Service:
    rung: Rung = "unload" if fake.dialect in ("ollama", "llama-server", "comfyui") else "sleep"
    return Service.model_validate(
        {
            "health": f"{fake.url}/health",
            "peak_gib": 1.0,
            "release": [rung],
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
        letgo.canary(record)
        letgo.sleep(record)
        assert not fake.awake
        with pytest.raises(Unavailable, match="500"):
            letgo.canary(record)
        letgo.wake(record)
        letgo.canary(record)
        assert fake.awake


@pytest.mark.parametrize("dialect", ["ollama", "llama-server", "comfyui"])
def test_unloading_servers_load_again(dialect: str) -> None:
    with serving(dialect) as fake:
        record = service(fake)
        letgo.unload(record)
        assert not fake.awake
        letgo.wake(record)
        letgo.canary(record)


def test_level_two_reloads_the_weights_between_room_and_cache() -> None:
    with serving("vllm") as fake:
        record = service(fake, sleep_level=2)
        letgo.sleep(record)
        letgo.wake(record)
        assert fake.calls == [
            "/sleep?level=2",
            "/wake_up?tags=weights",
            '/collective_rpc {"method":"reload_weights"}',
            "/wake_up?tags=kv_cache",
        ]


def test_level_two_woken_as_level_one_is_caught_by_the_canary() -> None:
    with serving("vllm") as fake:
        letgo.sleep(service(fake, sleep_level=2))
        letgo.wake(service(fake, sleep_level=1))
        with pytest.raises(BadOutput, match="answered '!!!"):
            letgo.canary(service(fake))


def test_the_omni_level_is_always_stated() -> None:
    with serving("vllm-omni") as fake:
        letgo.sleep(service(fake, sleep_level=1))
        assert fake.level == 1


def test_a_server_out_of_development_mode_cannot_sleep() -> None:
    with serving("vllm", dev_mode=False) as fake, pytest.raises(Unavailable, match="404"):
        letgo.sleep(service(fake))


def test_nonsense_after_waking_is_bad_output() -> None:
    with serving("storyboard", nonsense_after_wake=True) as fake:
        record = service(fake)
        letgo.sleep(record)
        letgo.wake(record)
        with pytest.raises(BadOutput, match="ready"):
            letgo.canary(record)


@pytest.mark.parametrize("dialect", ["vllm", "ollama", "storyboard"])
def test_servers_tell_whether_they_sleep(dialect: str) -> None:
    with serving(dialect) as fake:
        record = service(fake)
        assert letgo.asleep(record) is False
        (letgo.unload if dialect == "ollama" else letgo.sleep)(record)
        assert letgo.asleep(record) is True


def test_a_dead_server_is_unavailable() -> None:
    with serving("vllm") as fake:
        record = service(fake)
    assert not letgo.healthy(record)
    for ask in (letgo.sleep, letgo.wake, letgo.canary):
        with pytest.raises(Unavailable, match="does not answer"):
            ask(record)
