"""Ctrl-C while worker processes are being started: real processes, at several moments."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMMAND = """
    import time
    import typer
    from storyboard.core import console
    from storyboard.graph.workers import worker_pool
    from storyboard.profile import load_profile

    def main() -> None:
        with console.border(), worker_pool(load_profile("embedded"), 3) as pool:
            for _ in range(3):
                pool.submit(time.sleep, 60)
            time.sleep(60)

    if __name__ == "__main__":
        typer.run(main)
"""


def starting(pid: int) -> bool:
    """Whether a process has a worker, however young."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    for child in children:
        try:
            if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                return True
        except OSError:
            continue
    return False


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux: processes are watched in /proc")
def test_ctrl_c_while_workers_start_prints_no_traceback(tmp_path: Path) -> None:
    script = tmp_path / "command.py"
    script.write_text(textwrap.dedent(COMMAND))
    commands: list[tuple[float, subprocess.Popen[str]]] = []
    for delay in (0.0, 0.01, 0.05, 0.2):
        process = subprocess.Popen(
            [sys.executable, script],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        commands.append((delay, process))
    try:
        for delay, process in commands:
            while process.poll() is None and not starting(process.pid):
                time.sleep(0.002)
            time.sleep(delay)
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGINT)
        for _, process in commands:
            out, err = process.communicate(timeout=60)
            assert process.returncode == 130, out + err
            assert "the same command goes on from here" in err
            assert "Traceback" not in err, err
    finally:
        for _, process in commands:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()


ASKING = """
    import sys
    from concurrent.futures import ThreadPoolExecutor
    from storyboard.graph.workers import worker_pool
    from storyboard.profile import load_profile

    print("imported", __name__, flush=True)

    def started(_: int) -> None:
        with worker_pool(load_profile("embedded"), 2) as pool:
            assert pool.submit(int, "7").result() == 7

    if __name__ == "__main__":
        with ThreadPoolExecutor(3) as threads:
            list(threads.map(started, range(3)))
        assert sys.modules["__main__"].started is started
"""


def test_a_worker_does_not_import_the_command_that_started_it(tmp_path: Path) -> None:
    script = tmp_path / "command.py"
    script.write_text(textwrap.dedent(ASKING))
    done = subprocess.run(
        [sys.executable, script],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout == "imported __main__\n"
