"""What may happen to a running command, from outside, and what it leaves: real processes.

A film is made of little but by everything: real pictures, clips, mixing, checks.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tiny_films import TONES, tiny_plan, tiny_run

from storyboard.core import events
from storyboard.core.files import read_json
from storyboard.plan import load_plan

FAKES = Path(__file__).parents[1] / "fakes"
_PR_CAPBSET_DROP, _CAP_DAC_OVERRIDE = 24, 1


def start(folder: Path, *options: str, **how: Any) -> subprocess.Popen[str]:
    """`storyboard run` on a folder, as a user starts it."""
    command = [sys.executable, "-m", "storyboard.run", "--dir", str(folder), *options]
    if "--profile" not in options:
        command += ["--profile", str(TONES)]
    return subprocess.Popen(
        command,
        env={**os.environ, "PYTHONPATH": str(FAKES)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **how,
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Exit code, and everything that was said."""
    out, err = process.communicate(timeout=120)
    return process.returncode, out + err


def told(folder: Path) -> Iterator[events.Event]:
    return events.events_in(folder / "events.jsonl")


def wait_for(process: subprocess.Popen[str], folder: Path, stage: str, since: int) -> bool:
    """Wait until a step of `stage` has begun; False if the command ended before."""
    while process.poll() is None:
        seen = list(told(folder))[since:]
        if any(isinstance(e, events.StepStarted) and e.stage == stage for e in seen):
            return True
        time.sleep(0.02)
    return False


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return tiny_run(tmp_path / "it's 100%: a run", tiny_plan("A cat misses the last train"))


def test_killed_in_every_stage_it_goes_on_where_it_was(run: Path) -> None:
    for stage in ("images", "speech", "clips", "assemble", "checks"):
        since = len(list(told(run)))
        process = start(run, "--skip-review")
        assert wait_for(process, run, stage, since), f"no step of {stage} began"
        process.send_signal(signal.SIGKILL)
        process.communicate()
        load_plan(run / "plan.json")
    code, said = ended(start(run, "--skip-review"))
    assert code == 0, said
    made = Counter(e.step for e in told(run) if isinstance(e, events.StepFinished) and not e.cached)
    assert {step: times for step, times in made.items() if times > 1} == {}
    assert all(check["ok"] for check in read_json(run / "checks.json")["checks"])


def test_an_interrupt_leaves_a_run_that_can_go_on(run: Path) -> None:
    process = start(run, start_new_session=True)
    assert wait_for(process, run, "clips", 0)
    os.killpg(process.pid, signal.SIGINT)
    code, said = ended(process)
    assert code == 130, said
    assert "the same command goes on from here" in said
    assert "Traceback" not in said
    assert ended(start(run))[0] == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_who_is_told_to_end_writes_its_last_word(run: Path, number: signal.Signals) -> None:
    # Under `nohup` the suite ignores SIGHUP, and so would what it starts.
    heard = partial(signal.signal, number, signal.SIG_DFL)
    process = start(run, "--only", "images", preexec_fn=heard)
    assert wait_for(process, run, "images", 0)
    process.send_signal(number)
    code, said = ended(process)
    assert (code, "Traceback" in said) == (130, False)
    *_, last = told(run)
    assert isinstance(last, events.RunFinished)
    assert last.status == "interrupted"


def test_a_second_command_on_the_folder_is_refused(run: Path) -> None:
    first = start(run)
    assert wait_for(first, run, "images", 0)
    code, said = ended(start(run))
    assert code == 4
    assert f"being worked on by process {first.pid}" in said
    assert ended(first)[0] == 0


def test_a_film_whose_lines_are_not_heard_fails_its_checks_by_beat_and_step(
    run: Path, tmp_path: Path
) -> None:
    profile = tmp_path / "deaf.toml"
    profile.write_text(f'extends = "{TONES}"\n[transcription]\nbackend = "deaf"\n')
    code, said = ended(start(run, "--skip-review", "--profile", str(profile)))
    assert code == 3
    assert "beat 1" in said
    assert "assemble/sound" in said
    assert (run / "final.mp4").is_file()


def without_override() -> None:
    """Root may write anywhere; without this capability it is held to a folder's mode."""
    ctypes.CDLL(None).prctl(_PR_CAPBSET_DROP, _CAP_DAC_OVERRIDE)


def test_a_folder_that_cannot_be_written_is_said_and_left_alone(run: Path) -> None:
    before = sorted(path.name for path in run.iterdir())
    run.chmod(0o555)
    try:
        code, said = ended(start(run, preexec_fn=without_override))
    finally:
        run.chmod(0o755)
    assert code not in (0, 70)
    assert "no permission to write" in said
    assert "Traceback" not in said
    assert sorted(path.name for path in run.iterdir()) == before
