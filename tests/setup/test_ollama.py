"""A profile whose writer is Ollama: setup has it fetch its model, and says so when it cannot."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

import pytest
from faked_card import HERE
from ports import ports_in_a_row
from typer.testing import CliRunner

from storyboard.cli import app


@pytest.fixture
def profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.delenv("OLLAMA_MODELS", raising=False)
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    (port,) = ports_in_a_row(1)
    path = tmp_path / "mine.toml"
    path.write_text(
        f"""
extends = "embedded"
[chat]
backend = "openai"
dialect = "ollama"
base_url = "http://127.0.0.1:{port}/v1"
model = "gemma3:12b"
service = "planner"
[services.planner]
launch = ["ollama", "serve"]
environment = "ollama"
env = {{ OLLAMA_HOST = "127.0.0.1:{port}" }}
health = "http://127.0.0.1:{port}/api/version"
model = "gemma3:12b"
peak_gib = 0
serves = ["plan", "images"]
release = ["unload", "stop"]
dialect = "ollama"
canary = "chat"
""",
        encoding="utf-8",
    )
    return path


def install(folder: Path) -> None:
    program = folder / "bin" / "ollama"
    python, fake = shlex.quote(sys.executable), shlex.quote(str(HERE / "fake_ollama.py"))
    program.write_text(f'#!/bin/sh\nexec {python} {fake} "$@"\n')
    program.chmod(0o755)


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(words))
    return done.exit_code, done.output


def test_its_model_is_fetched_by_itself_and_then_it_is_tried(profile: Path, tmp_path: Path) -> None:
    given = ["--profile", str(profile)]
    assert "→ curl -fsSL https://ollama.com/install.sh | sh" in run("doctor", *given)[1]
    code, said = run("setup", *given, "--yes")
    assert code == 1 and "ollama is not here: curl -fsSL" in said
    install(tmp_path)
    assert "lacks the model gemma3:12b, which Ollama fetches" in run("doctor", *given)[1]
    code, said = run("setup", *given)
    assert code == 2 and "add --yes" in said and "Ollama fetches the rest." in said
    code, said = run("setup", *given, "--yes")
    assert code == 0, said
    assert "✓ planner: started, answered, stopped" in said
    code, said = run("doctor", *given)
    assert code == 0 and "Nothing is missing" in said
    assert "Nothing is to be fetched." in run("setup", *given)[1]


def test_a_registry_that_fails_is_told(
    profile: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path)
    monkeypatch.setenv("OLLAMA_FAKE_FAIL", "1")
    code, said = run("setup", "--profile", str(profile), "--yes")
    assert code == 1
    assert "Ollama cannot get gemma3:12b (pull model manifest: dial tcp: no route to host)" in said
    assert "planner: not tried" in said
