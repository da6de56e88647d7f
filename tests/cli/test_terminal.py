"""Terminals that lack letters, and folders that are gone: told or worked around, never a bug."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

IDEA = "俳句しか話せないバリスタ"


def storyboard(
    *words: str, folder: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "storyboard", *words],
        env={**os.environ, **environment},
        cwd=folder,
        capture_output=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHONIOENCODING": "ascii", "LC_ALL": "C"},
        {"PYTHONIOENCODING": "latin-1", "LC_ALL": "C"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
    ids=["ascii", "latin-1", "ascii arguments"],
)
def test_a_terminal_without_the_letters_shows_their_code_points(
    environment: dict[str, str], tmp_path: Path
) -> None:
    done = storyboard("run", "--dir", str(tmp_path / IDEA), "--explain", **environment)
    said = done.stdout + done.stderr
    assert done.returncode == 2, said
    shown = IDEA.encode() if "PYTHONIOENCODING" not in environment else b"\\u4ff3\\u53e5"
    assert shown in said.replace(b"\n", b"")


def test_a_deleted_working_directory_is_told(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    script = f"import os; os.rmdir({str(gone)!r}); from storyboard.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", script, "formats", "list"],
        cwd=gone,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert done.returncode == 2, done.stderr
    assert "has been deleted" in done.stderr and "bug" not in done.stderr
