"""What is said where the libraries that sign are not installed: they are no part of the default."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tiny_films import finished_run, tiny_plan

WITHOUT = "import sys; sys.modules['c2pa'] = sys.modules['cryptography'] = None; "


@pytest.mark.parametrize("command", [["verify", "final.mp4"], ["upload", ".", "--sign", "local"]])
def test_whoever_lacks_the_extra_is_told_how_to_get_it(tmp_path: Path, command: list[str]) -> None:
    run = finished_run(tmp_path / "run", tiny_plan("A barista who can only speak in haiku"))
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT + "from storyboard.cli import main; main()", *command],
        cwd=run,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert "storyboard[sign]" in done.stderr and "Traceback" not in done.stderr
