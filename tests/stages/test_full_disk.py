"""A film on a disk that is too small, for each size at which another step finds it full."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tiny_films import TONES, tiny_plan, tiny_run

FAKES = Path(__file__).parents[1] / "fakes"
pytestmark = pytest.mark.slow


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own size; a folder whose name has a `%d`, as any may have."""
    root = tmp_path / "50%d off"
    root.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(root)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("needs root: a small disk is mounted")
    try:
        yield root
    finally:
        subprocess.run(["umount", "-l", str(root)], check=True)


def made(run: Path) -> tuple[int, str]:
    command = [sys.executable, "-m", "storyboard.run", "--dir", str(run), "--skip-review"]
    done = subprocess.run(
        [*command, "--profile", str(TONES), "--jobs", "1"],
        env={**os.environ, "PYTHONPATH": str(FAKES)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_a_full_disk_is_told_as_one_at_every_size(small: Path) -> None:
    run = None
    for size in ("24k", "64k", "160k", "320k", "640k", "1m", "1500k", "2m"):
        subprocess.run(["mount", "-o", f"remount,size={size}", str(small)], check=True)
        if run is None:
            run = tiny_run(small / "runs" / "film", tiny_plan("A cat"))
        code, told = made(run)
        assert code == 1, (size, told)
        assert "the disk is full" in " ".join(told.split()), (size, told)
        assert "bug" not in told, (size, told)
    assert run is not None
    subprocess.run(["mount", "-o", "remount,size=200m", str(small)], check=True)
    code, told = made(run)
    assert code == 0, told
