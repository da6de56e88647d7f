"""A run makes exactly what is needed, whatever happened to the run before."""

from __future__ import annotations

import errno
import multiprocessing
import os
import platform
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Generator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from importlib import metadata
from pathlib import Path

import httpx
import pytest

from renderers.errors import BadOutput
from storyboard.core import events
from storyboard.core.errors import StepFailed, StoryboardError
from storyboard.graph.explain import StepForecast, load_state, step_forecasts
from storyboard.graph.runner import RunContext, run_graph
from storyboard.graph.steps import From, Graph, Step, StepContext, key_of
from storyboard.graph.store import Store


def shout(context: StepContext) -> None:
    """Write all inputs and the parameter `text`, in capitals."""
    read = [path.read_text() for _, path in sorted(context.inputs.items())]
    context.outputs["out"].write_text("+".join([*read, context.params["text"].upper()]))


def break_down(context: StepContext) -> None:
    raise BadOutput(context.params["text"])


def forget(context: StepContext) -> None:
    context.warn("nothing was written")


def stumble(context: StepContext) -> None:
    httpx.get("gopher://127.0.0.1/")


def fill_the_disk(context: StepContext) -> None:
    raise OSError(errno.ENOSPC, "No space left on device", "clip.mp4")


def step(name: str, text: str = "", *inputs: str, **changes: object) -> Step:
    base = Step(
        name=name,
        stage="images",
        kind="test.shout",
        action=shout,
        version=1,
        params={"text": text or name},
        inputs={source: From(source, "out") for source in inputs},
        outputs={"out": f"{name}.txt"},
    )
    return replace(base, **changes)  # type: ignore[arg-type]


@dataclass
class Bench:
    """A run folder with a log that is kept in memory as well."""

    root: Path
    seen: list[events.Event] = field(default_factory=list[events.Event])

    @property
    def run(self) -> Path:
        return self.root / "run"

    @property
    def store(self) -> Store:
        return Store(self.root / ".store")

    def make(self, *steps: Step, **site: object) -> list[str]:
        """Run the steps; names of those that really ran."""
        self.seen.clear()
        log = events.EventLog(self.run / "events.jsonl", self.seen.append)
        place = RunContext(self.run, self.store, log, backends=object())
        run_graph(Graph(tuple(steps)), replace(place, **site))  # type: ignore[arg-type]
        return self.ran

    @property
    def ran(self) -> list[str]:
        return [e.step for e in self.seen if isinstance(e, events.StepStarted)]

    def reasons(self) -> dict[str, str]:
        return {e.step: e.reason for e in self.seen if isinstance(e, events.StepStarted)}

    def forecast(self, *steps: Step) -> list[StepForecast]:
        graph = Graph(tuple(steps))
        return step_forecasts(graph, self.store, load_state(self.run), self.store.timings())

    def text(self, name: str) -> str:
        return (self.run / f"{name}.txt").read_text()


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_steps_run_once_and_feed_each_other(bench: Bench) -> None:
    steps = [step("a"), step("b", "", "a")]
    assert bench.make(*steps) == ["a", "b"]
    assert bench.text("b") == "A+B"
    assert bench.make(*steps) == []
    assert all(isinstance(e, events.StepFinished) and e.cached for e in bench.seen)


def test_a_changed_parameter_remakes_what_depends_on_it_only(bench: Bench) -> None:
    bench.make(step("a"), step("b", "", "a"), step("c"))
    assert bench.make(step("a", "x"), step("b", "", "a"), step("c")) == ["a", "b"]
    assert bench.reasons()["a"] == "text: 'a' → 'x'"
    assert bench.reasons()["b"] == "input changed: a"


def test_a_line_is_quoted_in_one_way_whatever_it_holds(bench: Bench) -> None:
    bench.make(step("a", "It's a very long line, longer than is shown of it"))
    bench.make(step("a", "x"))
    assert bench.reasons()["a"] == "text: 'It's a very long line, longer than is…' → 'x'"


def test_an_input_that_comes_out_the_same_stops_the_change(bench: Bench) -> None:
    bench.make(step("a", "hi"), step("b", "", "a"))
    assert bench.make(step("a", "HI"), step("b", "", "a")) == ["a"]


def test_a_new_version_remakes_the_step(bench: Bench) -> None:
    bench.make(step("a"))
    assert bench.make(step("a", version=2)) == ["a"]
    assert bench.reasons() == {"a": "step version 1 → 2"}


def test_going_back_to_an_older_plan_costs_nothing(bench: Bench) -> None:
    bench.make(step("a", "one"))
    bench.make(step("a", "two"))
    assert bench.make(step("a", "one")) == []
    assert bench.text("a") == "ONE"


def test_a_file_input_counts_by_its_content(bench: Bench) -> None:
    source = bench.root / "mine.txt"
    source.write_text("one")
    bench.make(step("a", inputs={"mine": source}))
    os.utime(source, (0, 0))
    assert bench.make(step("a", inputs={"mine": source})) == []
    source.write_text("two")
    assert bench.make(step("a", inputs={"mine": source})) == ["a"]


def test_deleted_results_come_back_without_work(bench: Bench) -> None:
    bench.make(step("a"))
    (bench.run / "a.txt").unlink()
    assert bench.make(step("a")) == []
    assert bench.text("a") == "A"


@pytest.mark.parametrize("what", ["blobs", "steps"])
def test_damage_in_the_store_costs_just_that_step(bench: Bench, what: str) -> None:
    steps = [step("a"), step("b", "", "a"), step("c")]
    bench.make(*steps)
    victim = bench.store.get(_key(bench, "a"))
    assert victim is not None
    path = bench.store.blob(victim.outputs["out"])
    if what == "steps":
        path = next(bench.store.root.glob(f"steps/*/{_key(bench, 'a')}.json"))
    path.write_bytes(b"damaged")
    assert bench.make(*steps) == ["a"]
    assert bench.text("b") == "A+B"


def _key(bench: Bench, name: str) -> str:
    return key_of(load_state(bench.run)[name])


def test_a_failure_keeps_what_did_not_need_it_and_is_named(bench: Bench) -> None:
    bad = step("bad", "the file is silent", action=break_down)
    with pytest.raises(StepFailed, match="step bad failed: the file is silent"):
        bench.make(bad, step("after", "", "bad"), step("other"))
    assert bench.text("other") == "OTHER"
    assert not (bench.run / "after.txt").exists()
    assert bench.make(step("bad"), step("after", "", "bad"), step("other")) == ["bad", "after"]


def test_a_step_that_writes_nothing_is_a_failure(bench: Bench) -> None:
    with pytest.raises(StepFailed, match=r"wrote no lazy\.txt"):
        bench.make(step("lazy", action=forget))


@pytest.mark.parametrize("pool", [None, ProcessPoolExecutor])
def test_an_unexpected_failure_names_the_packages_and_the_way_on(
    bench: Bench, pool: type[ProcessPoolExecutor] | None
) -> None:
    broken = step("a", action=stumble, parallel=True)
    with ExitStack() as stack:
        away = {} if pool is None else {"mp_context": multiprocessing.get_context("spawn")}
        workers = stack.enter_context(pool(1, **away)) if pool else None
        with pytest.raises(StepFailed) as failure:
            bench.make(broken, workers=lambda: nullcontext(workers))
    told = str(failure.value)
    assert "UnsupportedProtocol" in told
    assert f"httpx {metadata.version('httpx')}" in told
    assert f"httpcore {metadata.version('httpcore')}" in told, "what it requires may have changed"
    assert f"Python {platform.python_version()}" in told
    assert "pip install -c constraints.txt" in told


def test_a_full_disk_stops_at_once_and_says_so(bench: Bench) -> None:
    with pytest.raises(StoryboardError, match=r"disk is full.*run the same command again") as told:
        bench.make(step("full", action=fill_the_disk), step("next"))
    assert told.value.exit_code == 1, "no step did it"
    assert bench.ran == ["full"]


@pytest.mark.parametrize(("beats", "lent"), [((3, 3), 0), ((3, 4), 1), ((None, None), 1)])
def test_for_what_follows_each_other_in_one_beat_no_process_is_started(
    bench: Bench, beats: tuple[int | None, int | None], lent: int
) -> None:
    borrowed: list[str] = []

    @contextmanager
    def workers() -> Generator[ThreadPoolExecutor]:
        borrowed.append("pool")
        with ThreadPoolExecutor(2) as pool:
            yield pool

    clip = step("clip", parallel=True, beat=beats[0])
    segment = step("segment", "", "clip", parallel=True, beat=beats[1])
    assert bench.make(clip, segment, workers=workers) == ["clip", "segment"]
    assert len(borrowed) == lent


def test_parallel_steps_use_the_pool_and_give_the_same_files(bench: Bench) -> None:
    steps = [step(f"s{i}", parallel=True) for i in range(5)]
    steps.append(step("sum", "", *(s.name for s in steps)))
    with ThreadPoolExecutor(3) as pool:
        bench.make(*steps, workers=lambda: nullcontext(pool))
    together = bench.text("sum")
    assert together.startswith("S0+S1+S2")
    assert bench.make(*steps) == []


def test_explain_says_what_the_run_then_does(bench: Bench) -> None:
    old = [step("a"), step("b", "", "a"), step("c")]
    assert [f.status for f in bench.forecast(*old)] == ["new", "new", "new"]
    bench.make(*old)
    new = [step("a", "x"), step("b", "", "a"), step("c"), step("d")]
    said = bench.forecast(*new)
    assert [(f.step, f.status) for f in said] == [
        ("a", "stale"),
        ("b", "stale"),
        ("c", "cached"),
        ("d", "new"),
    ]
    assert said[0].reason == "text: 'a' → 'x'"
    assert said[1].reason == "because a will be made again"
    assert bench.make(*new) == [f.step for f in said if not f.cached]


def test_explain_runs_and_writes_nothing(bench: Bench) -> None:
    bench.forecast(step("a", action=break_down))
    assert list(bench.root.iterdir()) == []


def test_a_graph_refuses_disorder() -> None:
    with pytest.raises(ValueError, match="b comes before a"):
        Graph((step("b", "", "a"), step("a")))
    with pytest.raises(ValueError, match="two steps are named a"):
        Graph((step("a"), step("a")))
    with pytest.raises(ValueError, match=r"both write a\.txt"):
        Graph((step("a"), step("b", outputs={"out": "a.txt"})))


KILLED_RUN = """
    import sys, time
    from pathlib import Path
    sys.path.insert(0, sys.argv[2])
    from test_runner import Bench, step, shout
    import test_runner

    def slowly(context):
        time.sleep(0.25)
        shout(context)

    slowly.__module__, slowly.__name__ = "test_runner", "shout"
    Bench(Path(sys.argv[1])).make(*[step(f"s{i}", action=slowly) for i in range(8)])
"""


def test_kill_nine_loses_at_most_the_step_under_way(bench: Bench) -> None:
    script = bench.root / "killed.py"
    script.write_text(textwrap.dedent(KILLED_RUN))
    here = str(Path(__file__).parent)
    process = subprocess.Popen([sys.executable, str(script), str(bench.root), here])
    log = bench.run / "events.jsonl"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and finished(log) < 3:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    kept = finished(log)
    assert kept >= 3
    names = [f"s{i}" for i in range(8)]
    ran = bench.make(*[step(name) for name in names])
    assert len(ran) <= 8 - kept
    assert [bench.text(name) for name in names] == [name.upper() for name in names]


def finished(log: Path) -> int:
    return sum(isinstance(e, events.StepFinished) for _, e in _read(log))


def _read(log: Path) -> Sequence[tuple[float, events.Event]]:
    return list(events.read_events(log))


def test_what_a_step_does_not_read_makes_nothing_anew(bench: Bench) -> None:
    def drawn(name: str, hair: str = "black") -> Step:
        figures = [{"name": name, "hair": hair}, {"name": "Mio", "hair": "red"}]
        return step("a", params={"text": "x", "scene": {"figures": figures}}, unread=unread)

    unread = frozenset({"scene.figures.*.name"})
    assert bench.make(drawn("Kenta")) == ["a"]
    assert [s.status for s in bench.forecast(drawn("Zoe"))] == ["cached"]
    assert bench.make(drawn("Zoe")) == []
    assert bench.make(drawn("Zoe")) == []
    assert [s.status for s in bench.forecast(drawn("Zoe", "grey"))] == ["stale"]
    assert bench.make(drawn("Zoe", "grey")) == ["a"]
    # What was stored before is found by the key that it always had.
    assert bench.make(drawn("Kenta")) == []
