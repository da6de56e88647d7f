"""Where steps run: worker processes, or a real Ray cluster of two nodes on this machine."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest
from rich.console import Console
from tiny_films import TONES, tiny_plan, tiny_run, tones

from storyboard.cli.display import ConsoleDisplay
from storyboard.core import events
from storyboard.graph.executor import may_leave, open_executor
from storyboard.graph.failures import how_it_broke
from storyboard.graph.steps import Step
from storyboard.plan import Canvas
from storyboard.profile import ProfileError, load_profile
from storyboard.stages.film import make_film

FAKES = TONES.parent
CANVAS = Canvas(width=360, height=640, fps=24)
"""Large enough that a step lasts long enough to be killed in its middle."""


# --- the table ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("override", "fault"),
    [
        ("executor.kind=slurm", "executor.kind"),
        ("executor.address=10.0.0.1:6379", 'address and stages are for kind = "ray"'),
        ("executor.adress=10.0.0.1:6379", "executor.adress: unknown field"),
        ("executor.stages.clip.gpus=1", "executor.stages.clip"),
        ("executor.retries=-1", "executor.retries"),
    ],
)
def test_a_wrong_table_is_refused_by_its_path(override: str, fault: str) -> None:
    with pytest.raises(ProfileError) as refusal:
        load_profile("embedded", [override])
    assert fault in str(refusal.value)


def _nothing(context: object) -> None:
    del context


def _step(stage: str, uses: str = "", *, parallel: bool = False) -> Step:
    return Step(f"{stage}/x", stage, "test.nothing", _nothing, 1, {}, uses=uses, parallel=parallel)  # pyright: ignore[reportArgumentType]


def test_steps_that_share_a_model_leave_only_for_a_card_of_their_own() -> None:
    ray = ("executor.kind=ray", "executor.stages.images.gpus=1")
    local, cluster = load_profile().executor, load_profile("embedded", ray).executor
    draw, look = _step("images", "image"), _step("images", "judge")
    speak, cut = _step("speech", "speech"), _step("assemble", parallel=True)
    assert [may_leave(local, s) for s in (draw, look, speak, cut)] == [False, False, False, True]
    # Questions to language models are counted against the run's caps, in one process.
    assert [may_leave(cluster, s) for s in (draw, look, speak, cut)] == [True, False, False, True]


def test_local_is_a_pool_of_processes_and_one_job_needs_none() -> None:
    with open_executor(load_profile(), 1) as pool:
        assert pool is None
    with open_executor(load_profile(), 2) as pool:
        assert isinstance(pool, Executor)
        assert pool.submit(os.getpid).result() != os.getpid()
        failure = pool.submit(load_profile, "nowhere")
        with pytest.raises(ProfileError, match="no such profile"):
            failure.result()
        assert pool.submit(abs, -1).result() == 1, "an error of many parts broke the pool"


def _end(number: int) -> None:
    os._exit(3) if not number else os.kill(os.getpid(), number)


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (signal.SIGKILL, "most often because memory ran out"),
        (signal.SIGSEGV, "was ended by SIGSEGV. Run the same command with --jobs 1"),
        (0, "ended with exit code 3; what it said stands above"),
    ],
)
def test_how_a_worker_ended_is_told(number: int, told: str) -> None:
    """A worker that cannot even be imported ends with an exit code, and of no want of memory."""
    with open_executor(load_profile(), 2) as pool:
        assert pool is not None
        with pytest.raises(BrokenExecutor):
            pool.submit(_end, number).result()
        assert told in how_it_broke(pool)


def test_a_cluster_that_does_not_answer_is_refused_with_the_command_that_starts_one() -> None:
    if find_spec("ray") is None:
        pytest.skip("needs ray: pip install 'storyboard[ray]'")
    code = (
        "from storyboard.graph.executor import may_leave, open_executor\n"
        "from storyboard.profile import load_profile\n"
        "nowhere = ('executor.kind=ray', 'executor.address=127.0.0.1:9')\n"
        "with open_executor(load_profile('embedded', nowhere), 1): pass"
    )
    # In a process of its own: Ray warns of much, and pytest makes errors of warnings.
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert "UsageError: executor.address: no Ray cluster answers at 127.0.0.1:9" in done.stderr
    assert "ray start --head" in done.stderr


# --- a real cluster ----------------------------------------------------------


@dataclass
class Nodes:
    """The cluster's process (`ray_nodes.py`), and the second node's id."""

    process: subprocess.Popen[str]
    address: str
    second: str

    def tell(self, command: str) -> None:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        self.second = self.process.stdout.readline().strip()


ENVIRONMENT = {**os.environ, "PYTHONPATH": str(FAKES)}


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    if find_spec("ray") is None:
        pytest.skip("needs ray: pip install 'storyboard[ray]'")
    log = tmp_path_factory.mktemp("ray") / "ray.log"
    with (
        log.open("wb") as told,
        subprocess.Popen(
            [sys.executable, str(FAKES / "ray_nodes.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=told,
            text=True,
            env=ENVIRONMENT,
        ) as process,
    ):
        assert process.stdout is not None
        words = process.stdout.readline().split()
        assert len(words) == 2, log.read_text(encoding="utf-8", errors="replace")[-4000:]
        yield Nodes(process, *words)


def _profile(folder: Path, nodes: Nodes) -> Path:
    path = folder / "cluster.toml"
    path.write_text(
        f'extends = "{TONES}"\n[executor]\nkind = "ray"\naddress = "{nodes.address}"\n'
        "[executor.stages.speech]\ngpus = 1\n",
        encoding="utf-8",
    )
    return path


def _start(folder: Path, profile: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "storyboard.run", "--dir", str(folder), "--skip-review"]
    return subprocess.Popen([*command, "--profile", str(profile), "-q"], env=ENVIRONMENT)


def _digests(run: Path) -> dict[str, str]:
    """Of everything that the film's steps made, by its name in the run folder."""
    return {
        str(path.relative_to(run)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(run.rglob("*"))
        if path.is_file() and path.suffix in {".png", ".wav", ".mp4", ".ass", ".srt", ".jpg"}
    }


def _keys(run: Path) -> set[str]:
    return {path.stem for path in (run.parent / ".store" / "steps").glob("*/*.json")}


def _log(run: Path) -> list[events.Event]:
    return list(events.events_in(run / "events.jsonl"))


def _until(seen: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while not seen():
        assert process.poll() is None, "the film ended before that"
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The film as this machine makes it alone."""
    plan = tiny_plan("A barista who can only speak in haiku").model_copy(update={"canvas": CANVAS})
    run = tiny_run(tmp_path_factory.mktemp("local") / "runs" / "haiku", plan)
    make_film(tones(run, jobs=1), ConsoleDisplay(Console(quiet=True), quiet=True))
    return run


def _copy(local: Path, folder: Path) -> Path:
    run = folder / "runs" / "haiku"
    run.mkdir(parents=True)
    (run / "plan.json").write_bytes((local / "plan.json").read_bytes())
    return run


@pytest.mark.slow
def test_a_node_killed_in_mid_step_leaves_the_same_film(
    nodes: Nodes, local: Path, tmp_path: Path
) -> None:
    run = _copy(local, tmp_path)
    staging = run.parent / ".store" / "staging"
    film = _start(run, _profile(tmp_path, nodes))
    _until(lambda: any(staging.glob(f"*/{nodes.second[:8]}-*")), film)
    nodes.tell("kill")
    assert film.wait(240) == 0
    assert _digests(run) == _digests(local)
    assert _keys(run) == _keys(local)
    log = _log(run)
    ended = [event.step for event in log if isinstance(event, events.StepFinished)]
    assert len(ended) == len(set(ended)), "a step's result was kept twice"
    again = [e for e in log if isinstance(e, events.Warned) and "was lost" in e.message]
    assert again, "no step was in its middle when the node died"
    assert not any(staging.iterdir()), "half-made files are left in the store"
    nodes.tell("add")


@pytest.mark.slow
def test_what_a_cluster_began_any_machine_ends(nodes: Nodes, local: Path, tmp_path: Path) -> None:
    run = _copy(local, tmp_path)
    film = _start(run, _profile(tmp_path, nodes))
    _until(lambda: any(isinstance(e, events.StepFinished) for e in _log(run)), film)
    os.kill(film.pid, signal.SIGKILL)
    film.wait()
    done = {e.step for e in _log(run) if isinstance(e, events.StepFinished)}
    before = len(_log(run))
    make_film(tones(run, jobs=1), ConsoleDisplay(Console(quiet=True), quiet=True))
    begun = {e.step for e in _log(run)[before:] if isinstance(e, events.StepStarted)}
    assert done and not done & begun
    assert _digests(run) == _digests(local)


@pytest.mark.slow
def test_a_step_that_no_node_can_take_is_refused_at_once(
    nodes: Nodes, local: Path, tmp_path: Path
) -> None:
    run, profile = _copy(local, tmp_path), _profile(tmp_path, nodes)
    command = [sys.executable, "-m", "storyboard.run", "--dir", str(run), "--skip-review"]
    command += ["--profile", str(profile), "--set", "executor.stages.clips.gpus=8"]
    refused = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, timeout=120)
    assert refused.returncode == 2
    assert "executor.stages.clips: no node of the Ray cluster has" in refused.stderr
