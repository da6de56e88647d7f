"""Power cuts and failing disks at every single call of a run: nothing lost, nothing wrong.

The disk is a shim under the C library (`tests/fakes/disk_shim.c`): it fails when it is told to,
and it says what was never synced, so that a test can take just that away.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

FAKES = Path(__file__).parents[1] / "fakes"
pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("cc") is None, reason="needs Linux and a C compiler"
)


@pytest.fixture(scope="session")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("shim") / "shim.so"
    command = ["cc", "-shared", "-fPIC", "-O1", "-o", str(out), str(FAKES / "disk_shim.c"), "-ldl"]
    subprocess.run(command, check=True, capture_output=True)
    return out


def attempts(
    shim: Path, place: Path, error: int, lost: str = "both", stride: int = 1
) -> list[dict[str, Any]]:
    """What became of a run for each call at which its disk failed."""
    told = subprocess.run(
        [sys.executable, str(FAKES / "disk_faults.py"), str(place), str(error), lost, str(stride)],
        env={**os.environ, "LD_PRELOAD": str(shim)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    return [json.loads(line) for line in told.stdout.splitlines()]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: what the disk keeps is for the shim to say."""
    memory = Path("/dev/shm")
    if not memory.is_dir() or not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with TemporaryDirectory(dir=memory, prefix="storyboard-test-") as folder:
        yield Path(folder)


SOME, EVERY = 6, pytest.param(1, marks=pytest.mark.slow)


@pytest.mark.parametrize("stride", [SOME, EVERY])
@pytest.mark.parametrize("lost", ["data", "half", "names", "both"])
def test_a_power_cut_at_any_call_loses_a_step_at_most(
    shim: Path, place: Path, lost: str, stride: int
) -> None:
    tried = attempts(shim, place, 0, lost, stride)
    assert len(tried) > 60 // stride
    assert {found["code"] for found in tried} == {9}
    assert [f for f in tried if not f["kept"]] == [], "what is told to be done is on the disk"
    assert [f for f in tried if f["again"] or not f["whole"]] == []


@pytest.mark.parametrize("stride", [SOME, EVERY])
@pytest.mark.parametrize("name", ["ENOSPC", "EIO", "EDQUOT", "EROFS"])
def test_a_disk_that_fails_at_any_call_is_told_and_costs_a_step_at_most(
    shim: Path, place: Path, name: str, stride: int
) -> None:
    tried = attempts(shim, place, getattr(errno, name), stride=stride)
    assert [f for f in tried if f["again"] or not f["whole"] or not f["kept"]] == []
    assert [f for f in tried if f["code"] not in (0, 1)] == [], "a failing disk is never a bug"
    said = {"ENOSPC": "the disk is full", "EDQUOT": "the disk is full", "EIO": "the disk fails"}
    told = Counter(said.get(name, "no permission") in f["told"] for f in tried if f["code"])
    assert set(told) == {True}, [f for f in tried if f["code"]]


@pytest.mark.slow
def test_an_interrupted_call_is_made_again(shim: Path, place: Path) -> None:
    tried = attempts(shim, place, errno.EINTR)
    assert [f for f in tried if f["code"] or not f["whole"]] == []
