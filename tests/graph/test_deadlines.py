"""A step that hangs is ended, said by name, and costs nothing that was made."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from renderers.ffmpeg import run_ffmpeg, time_limit
from storyboard.core import events
from storyboard.core.errors import UsageError
from storyboard.graph.steps import Step, StepContext
from storyboard.graph.watchdog import BEAT_S, Watchdog, mark
from storyboard.profile import load_profile
from storyboard.profile.deadlines import OTHERS, STEP_SECONDS, step_deadline

HERE = Path(__file__).parent
Action = Callable[[StepContext], None]
FILM = [sys.executable, "-m", "storyboard.run"]


def write_name(context: StepContext) -> None:
    time.sleep(context.params.get("seconds", 0.0))
    context.outputs["out"].write_text("made")


def hang(context: StepContext) -> None:
    """In native code that holds the interpreter: nothing inside of the process can end it."""
    re.match(r"(a+)+$", "a" * 60 + "b")


def wait_for_ever(context: StepContext) -> None:
    time.sleep(1e6)


def encode_for_ever(context: StepContext) -> None:
    run_ffmpeg(["-re", "-f", "lavfi", "-i", "anullsrc", "-t", "900", context.outputs["out"]])


def step(name: str, action: Action = write_name, **params: object) -> Step:
    return Step(
        name, "images", "test.work", action, 1, {"out": f"{name}.wav"}, {"name": name, **params}
    )


RUN = """
    import sys
    from functools import partial
    from pathlib import Path
    sys.path.insert(0, {here!r})
    import typer
    import test_deadlines as t
    from storyboard.core import console, events
    from storyboard.graph.runner import RunContext, run_graph
    from storyboard.graph.steps import Graph
    from storyboard.graph.store import Store
    from storyboard.graph.workers import worker_pool
    from storyboard.profile import load_profile

    if __name__ == "__main__":
        run, log = Path("run"), None
        run.mkdir(exist_ok=True)
        try:
            with console.border():
                workers = partial(worker_pool, load_profile("embedded"), {jobs})
                run = RunContext(run, Store(Path(".store")), events.EventLog(run / "events.jsonl"),
                            object(), workers, allowed=lambda step: {limit})
                run_graph(Graph(({steps},)), run)
        except typer.Exit as end:
            sys.exit(end.exit_code)
"""


def run(
    place: Path, steps: str, *, jobs: int = 1, limit: float = 1.0
) -> subprocess.CompletedProcess[str]:
    script = place / "script.py"
    script.write_text(
        textwrap.dedent(RUN.format(here=str(HERE), steps=steps, jobs=jobs, limit=limit))
    )
    return subprocess.run(
        [sys.executable, script], cwd=place, capture_output=True, text=True, timeout=60
    )


def started(place: Path) -> list[str]:
    log = events.read_events(place / "run/events.jsonl")
    return [event.step for _, event in log if isinstance(event, events.StepStarted)]


def test_a_worker_that_hangs_in_native_code_is_ended_with_the_run(tmp_path: Path) -> None:
    steps = "t.step('a'), t.step('h', t.hang), t.step('b')"
    steps = steps.replace("t.step(", "t.parallel(")
    done = run(tmp_path, steps, jobs=2, limit=1.5)
    assert done.returncode == 5, done.stderr
    assert "step h failed: it was ended after 1.5 s" in done.stderr
    assert "--set limits.step_seconds.test.work=6" in done.stderr
    assert "Traceback" not in done.stderr
    assert not processes_under(tmp_path), "the worker lives on"
    assert not list((tmp_path / ".store").glob("*/.begun")), "a folder is left"
    again = run(tmp_path, steps.replace("t.hang", "t.write_name"), jobs=2, limit=60)
    assert again.returncode == 0, again.stderr
    assert started(tmp_path).count("h") == 2
    assert started(tmp_path).count("a") == 1


def parallel(name: str, action: Action = write_name, **params: object) -> Step:
    return replace(step(name, action, **params), parallel=True)


def test_a_thread_that_hangs_does_not_hold_up_the_end(tmp_path: Path) -> None:
    began = time.monotonic()
    done = run(tmp_path, "t.step('a'), t.step('h', t.wait_for_ever), t.step('b')")
    assert done.returncode == 5, done.stderr
    assert "step h failed: it was ended after 1 s, the most that test.work may take" in done.stderr
    assert time.monotonic() - began < 30
    assert (tmp_path / "run/a.wav").read_text() == "made"


def test_a_program_that_hangs_ends_with_its_step_and_the_others_go_on(tmp_path: Path) -> None:
    done = run(tmp_path, "t.step('h', t.encode_for_ever), t.step('b')", limit=1)
    assert done.returncode == 5, done.stderr
    assert "step h failed: it was ended after 1 s" in done.stderr
    assert (tmp_path / "run/b.wav").read_text() == "made"
    assert not processes_under(tmp_path), "ffmpeg lives on"


def test_ffmpeg_is_ended_when_the_time_of_its_work_is_up() -> None:
    with time_limit(0.3), pytest.raises(TimeoutError):
        run_ffmpeg(["-re", "-f", "lavfi", "-i", "anullsrc", "-t", "60", "-f", "null", "-"])


def test_waiting_for_a_worker_is_not_counted(tmp_path: Path) -> None:
    steps = ", ".join(f"t.parallel('s{n}', seconds=1.2)" for n in range(6))
    done = run(tmp_path, steps, jobs=2, limit=2.2)
    assert done.returncode == 0, done.stderr


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_step_that_takes_long_gives_signs_of_life_until_its_limit(tmp_path: Path) -> None:
    seen: list[events.Event] = []
    clock = Clock()
    log = events.EventLog(tmp_path / "events.jsonl", seen.append)
    watchdog = Watchdog(log, lambda step: 100.0, clock)
    mine = {tmp_path: step("slow")}
    assert watchdog.overdue(mine) is None
    clock.now = 1000.0
    assert watchdog.overdue(mine) is None, "it waits for a worker: no time passes for it"
    mark(tmp_path)
    found = None
    while found is None:
        found = watchdog.overdue(mine)
        clock.now += 1.0
    assert found == tmp_path
    assert 1100.0 < clock.now < 1110.0
    beats = [event.seconds for event in seen if isinstance(event, events.StepGoesOn)]
    assert beats == [BEAT_S, 2 * BEAT_S, 3 * BEAT_S]
    assert [type(e) for e in events.events_in(tmp_path / "events.jsonl")] == [events.StepGoesOn] * 3


def test_every_kind_of_step_has_its_limit() -> None:
    recorded = json.loads((HERE / "recorded/steps.json").read_text("utf-8"))
    kinds = {s["kind"] for steps in recorded.values() for s in steps.values()}
    assert kinds <= STEP_SECONDS.keys()
    assert step_deadline("own.step") == OTHERS


def test_the_profile_may_give_a_kind_longer() -> None:
    own = load_profile("embedded", ["limits.step_seconds.speech.speak=7"])
    assert step_deadline("speech.speak", own.limits) == 7
    assert step_deadline("sound.mix_sound", own.limits) == STEP_SECONDS["sound.mix_sound"]
    with pytest.raises(UsageError, match=r"'speech\.sing' is no kind of step"):
        load_profile("embedded", ["limits.step_seconds.speech.sing=7"])
    with pytest.raises(UsageError, match="outside of 1 s to a week"):
        load_profile("embedded", ["limits.step_seconds.speech.speak=0"])


@contextmanager
def silent_server() -> Generator[int]:
    """It takes every connection, reads, and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        taken: list[socket.socket] = []

        def accept() -> None:
            while True:
                try:
                    taken.append(listening.accept()[0])
                except OSError:
                    return

        threading.Thread(target=accept, daemon=True).start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
        for connection in taken:
            connection.close()


def test_a_film_whose_voice_never_answers_ends_in_one_paragraph(tmp_path: Path) -> None:
    with silent_server() as port:
        done = subprocess.run(
            [
                *[*FILM, "--idea", "A baker finds a talking cake", "--out", "film", "--jobs", "2"],
                *["--set", "speech.backend=openai", "--set", f"speech.base_url=http://127.0.0.1:{port}/v1"],
                *["--set", "speech.model=x", "--set", "limits.step_seconds.speech.speak=3"],
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=600,
        )  # fmt: skip
    assert done.returncode == 5, done.stderr
    assert "failed: it was ended after 3 s, the most that speech.speak may take" in done.stderr
    last = list(events.events_in(tmp_path / "film/events.jsonl"))[-1]
    assert isinstance(last, events.RunFinished)
    assert last.status == "failed"
    assert not processes_under(tmp_path)


def processes_under(place: Path) -> list[str]:
    """Command lines of processes that work in a folder."""
    found: list[str] = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            where = (entry / "cwd").readlink()
            words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if where.is_relative_to(place):
            found.append(words)
    return found
