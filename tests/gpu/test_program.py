"""What a service is started with: whose program, of which environment."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from storyboard.cli import app
from storyboard.gpu.services.program import found_program
from storyboard.profile import Service, load_profile
from storyboard.profile.installed import environment_of


def service(**fields: object) -> Service:
    return Service.model_validate(
        {
            "health": "http://127.0.0.1:1/health",
            "peak_gib": 1.0,
            "release": ["stop"],
            "launch": ["uvicorn"],
            **fields,
        }
    )


def test_a_servers_own_uvicorn_is_found_before_the_one_beside_us(tmp_path: Path) -> None:
    theirs = tmp_path / "uvicorn"
    theirs.write_text("#!/bin/sh\n", encoding="utf-8")
    theirs.chmod(0o755)
    assert found_program(service(env={"PATH": str(tmp_path)}), "uvicorn") == str(theirs)
    assert found_program(service(), "python") == sys.executable
    assert found_program(service(env={"PATH": str(tmp_path)}), "no-such-program-9") is None


def test_a_program_of_the_services_own_environment_is_found_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    theirs = environment_of("vllm") / "bin" / "vllm"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("#!/bin/sh\n", encoding="utf-8")
    theirs.chmod(0o755)
    assert found_program(service(environment="vllm"), "vllm") == str(theirs)
    assert found_program(service(environment="vllm-omni"), "vllm") != str(theirs)
    # `python` stays ours: what an environment runs is a program of its own.
    assert found_program(service(environment="vllm"), "python") == sys.executable


def test_the_voices_of_the_large_profile_run_in_their_own_environment() -> None:
    profile = load_profile("rtx6000-96gb")
    speech = profile.services["speech"]
    assert speech.launch[0] == "uvicorn" and speech.environment == "kokoro-fastapi"
    assert {"MODEL_DIR", "VOICES_DIR"} <= speech.env.keys()
    for name in ("voices-clone", "voices-design"):
        voices = profile.services[name]
        share = float(voices.launch[voices.launch.index("--gpu-memory-utilization") + 1])
        # Each stage takes the share that is given, of 95.6 GiB.
        assert share * 95.6 * len(voices.stage_ids) <= voices.peak_gib
        assert voices.env["VLLM_SERVER_DEV_MODE"] == "1"


@pytest.mark.parametrize("words", [["up"], ["up", "--profile", "embedded"]])
def test_up_without_servers_names_profiles_that_have_some(words: list[str]) -> None:
    said = CliRunner().invoke(app, words)
    assert said.exit_code == 2
    assert "rtx6000-96gb" in said.output and "embedded has no servers" in said.output
