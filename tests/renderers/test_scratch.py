"""Temporary folders: gone when they are done with, and swept when their process was killed."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from renderers.scratch import sweep, temporary_folder

KILLED = """
import os, signal
from renderers.scratch import temporary_folder
with temporary_folder("review") as folder:
    (folder / "frame.png").write_bytes(b"x")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_process_left_is_swept_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    own = {**os.environ, "TMPDIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", KILLED], env=own, timeout=60, check=False)
    (left,) = tmp_path.iterdir()
    assert left.name.startswith("storyboard-scratch-review-")
    (tmp_path / "storyboard-of-mine").mkdir()
    (tmp_path / "storyboard-scratch-link").symlink_to(tmp_path / "storyboard-of-mine")
    with temporary_folder("judge") as used:
        assert not left.exists()
        sweep()
        assert used.is_dir()
    kept = {path.name for path in tmp_path.iterdir()}
    assert kept == {"storyboard-of-mine", "storyboard-scratch-link"}


def test_it_goes_whatever_happens_in_it() -> None:
    with pytest.raises(ValueError, match="amiss"), temporary_folder("voices") as folder:
        raise ValueError("amiss")
    assert not folder.exists()
