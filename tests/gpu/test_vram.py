"""The broker: nothing is granted that is not measured to be there, and no step is lost."""

from __future__ import annotations

import fcntl
import json
import os
import random
import threading
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path

import pytest
from fake_videos import FakeVideoServer
from fake_worker import fake_worker, runner_of
from simulated_card import SimulatedCard, SimulatedServices, VirtualClock, stranger
from typer.testing import CliRunner

from renderers.base import JSON
from renderers.errors import OutOfMemory, RendererError, Unavailable
from storyboard.cli.vram import app
from storyboard.core.errors import Busy
from storyboard.core.events import (
    EventLog,
    Noted,
    RunStarted,
    Warned,
    events_in,
    standing,
)
from storyboard.gpu import control
from storyboard.gpu.broker import Broker, DoesNotFit, EvictionTerms, Lease
from storyboard.gpu.card import Sample, SystemClock
from storyboard.gpu.card_lock import CardLock
from storyboard.gpu.events import CardEvent, Released, Restarted, Started
from storyboard.gpu.forecast import profile_scale
from storyboard.gpu.log import log_to, told
from storyboard.gpu.peaks import PeakBook, Reported
from storyboard.gpu.services.controls import State
from storyboard.profile import CardStage, Profile, ReleaseLevel, load_profile


class Bench:
    """A profile on a simulated card, with everything the broker said."""

    def __init__(self, profile: Profile, total: float, book: PeakBook | None = None) -> None:
        self.profile, self.clock = profile, VirtualClock()
        self.card = SimulatedCard(total, self.clock)
        self.services = SimulatedServices(profile, self.card, profile_scale(profile))
        self.events: list[CardEvent] = []
        self.terms = EvictionTerms(clock=self.clock, sample_every_s=0.0)
        self.broker = Broker(
            profile,
            self.card,
            self.services,
            terms=self.terms,
            emit=self.events.append,
            book=book,
        )

    def kinds(self) -> list[str]:
        return [event.kind.removeprefix("vram.") for event in self.events]

    def everything_up(self) -> None:
        """As after `storyboard up`."""
        for name in ("planner", "images", "speech", "ditto", "a2v", "i2v"):
            self.services.start(name, "")


@pytest.fixture
def big() -> Bench:
    return Bench(load_profile("rtx6000-96gb"), 96.0)


def test_the_measured_card_reaches_the_known_sums(big: Bench) -> None:
    big.everything_up()
    assert big.card.sample().used == 62
    with big.broker.lease("plan"):
        big.services.work("planner")
    with big.broker.lease("images") as lease:
        big.services.work("images")
        lease.sample()
        assert lease.predicted_gib == 73
    with big.broker.lease("finals") as lease:
        assert lease.predicted_gib == 33
    with big.broker.lease("clips") as lease:
        assert lease.predicted_gib == 32
    assert big.card.highest <= 73
    assert big.card.sample().used == 0


def test_services_are_let_go_when_their_stage_ends_and_the_judge_is_woken(big: Bench) -> None:
    with big.broker.lease("plan"):
        assert big.services.state("planner") == "awake"
    assert big.services.state("planner") == "asleep"
    with big.broker.lease("images"):
        assert big.services.state("planner") == "awake"
        assert big.services.log == [
            "start planner",
            "sleep planner",
            "start images",
            "wake planner",
        ]
    assert big.services.state("images") == "asleep"


def test_an_interrupted_lease_waits_for_no_server(big: Bench) -> None:
    with pytest.raises(KeyboardInterrupt), big.broker.lease("plan"):
        raise KeyboardInterrupt
    assert big.services.log == ["start planner"]
    with pytest.raises(ValueError, match="a fault"), big.broker.lease("plan"):
        raise ValueError("a fault")
    assert big.services.log == ["start planner", "sleep planner"]


def test_what_is_kept_stays_awake_until_it_is_kept_no_more(big: Bench) -> None:
    big.broker.keep({"images"})
    for _ in range(2):
        with big.broker.lease("finals"):
            pass
    assert big.services.log == ["start images"]
    # There is room beside it: a lease of others leaves it where it is.
    with big.broker.lease("speech", ("speech",)) as lease:
        assert lease.predicted_gib == 16 + 3
    big.broker.keep({"planner"})
    assert big.services.log[1:] == ["start speech", "stop speech", "sleep images"]


def test_what_is_kept_gives_way_to_a_turn_that_needs_its_room(big: Bench) -> None:
    small = Bench(big.profile, 48.0)
    small.broker.keep({"planner"})
    with small.broker.lease("plan"):
        pass
    assert small.services.state("planner") == "awake"
    with small.broker.lease("finals"):
        assert small.services.state("planner") == "asleep"
    assert small.card.highest <= 48.0


def test_a_card_on_which_something_is_kept_is_not_lent_to_another_run(
    big: Bench, tmp_path: Path
) -> None:
    path = tmp_path / "lock"
    terms = EvictionTerms(big.clock, sample_every_s=0.0, lock=path)
    mine = Broker(big.profile, big.card, big.services, terms=terms)
    other = CardLock(path, SystemClock(), 0.01)
    mine.keep({"images"})
    with mine.lease("finals"), pytest.raises(TimeoutError):
        other.acquire(_impatient)
    with pytest.raises(TimeoutError):
        other.acquire(_impatient)
    mine.keep(())
    other.acquire(_impatient)
    other.release()


def _impatient() -> None:
    raise TimeoutError


def test_a_service_that_keeps_its_memory_asleep_is_stopped(big: Bench) -> None:
    small = Bench(big.profile, 48.0)
    small.services.temper("planner").clings_gib = 30.0
    with small.broker.lease("plan"):
        pass
    with small.broker.lease("finals"):
        assert small.services.state("images") == "awake"
    assert "stop planner" in small.services.log


def test_memory_is_awaited_until_it_is_measured_free(big: Bench) -> None:
    small = Bench(big.profile, 48.0)
    small.services.temper("planner").release_s = 12.0
    with small.broker.lease("plan"):
        pass
    ended = small.clock.now()
    with small.broker.lease("finals"):
        assert small.clock.now() - ended >= 12.0
    assert "stop planner" not in small.services.log


def test_a_failed_canary_is_followed_by_a_fresh_start(big: Bench) -> None:
    with big.broker.lease("plan"):
        pass
    big.services.temper("planner").failing_wakes = 1
    with big.broker.lease("plan"):
        big.services.work("planner")
    assert big.services.log == [
        "start planner",
        "sleep planner",
        "stop planner",
        "start planner",
        "sleep planner",
    ]
    assert "wake_failed" in big.kinds()


def test_a_foreign_process_is_counted_named_and_waited_for(big: Bench) -> None:
    big.card.hold(4242, 70.0, "blender -b scene")
    with (
        pytest.raises(DoesNotFit, match=r"blender -b scene \(pid 4242, not ours\) 70\.0"),
        big.broker.lease("plan"),
    ):
        pass
    assert big.clock.now() >= big.terms.patience_s
    big.card.at(big.clock.now() + 60, lambda: big.card.hold(4242, 0.0))
    with big.broker.lease("plan"):
        big.services.work("planner")


def test_who_waits_for_the_card_is_told_why_and_for_what(tmp_path: Path) -> None:
    bench, path = Bench(load_profile("rtx6000-96gb"), 96.0), tmp_path / "events.jsonl"
    bench.broker = Broker(
        bench.profile, bench.card, bench.services, terms=bench.terms, emit=log_to(EventLog(path))
    )
    bench.card.hold(4242, 80.0, "blender -b")
    bench.card.at(30.0, lambda: bench.card.hold(4242, 1.0, "blender -b"))
    with bench.broker.lease("plan") as lease:
        bench.services.kill("planner")
        lease.ensure("planner")
    with bench.broker.lease("plan"):
        pass
    events = list(events_in(path))
    notes = [e.message for e in events if isinstance(e, Noted)]
    assert notes[0].startswith("plan waits for 22.5 GiB more; on the card: blender -b (pid ")
    assert "planner starts" in notes
    # Said once, though true of both leases.
    assert notes.count("plan: 1 GiB of the card are held by blender -b") == 1
    assert [w.message for w in standing(events)] == ["planner died and was started again"]
    # The next run has a card of its own to speak of.
    assert standing([*events, RunStarted("", "", 0)]) == []


def test_a_lighter_form_is_told() -> None:
    event = told(Started("a2v", "cpu-offload"))
    assert event == Warned("card", "a2v runs as cpu-offload: its usual form found no room")
    assert told(Started("a2v")) is None
    assert told(Released("clips")) is None


def test_a_killed_service_comes_back_within_the_lease(big: Bench) -> None:
    with big.broker.lease("images") as lease:
        big.services.kill("images")
        with pytest.raises(Unavailable):
            big.services.work("images")
        lease.ensure("images")
        big.services.work("images")
    assert Restarted("images") in big.events


def test_a_stage_that_cannot_fit_is_refused_with_its_sum_before_anything_starts() -> None:
    small = Bench(load_profile("rtx6000-96gb"), 24.0)
    with (
        pytest.raises(DoesNotFit, match=r"planner 38 = 38 GiB, over the 23\.5"),
        small.broker.lease("plan"),
    ):
        pass
    assert small.services.log == []


def test_a_loop_that_does_not_fit_takes_turns() -> None:
    small = Bench(load_profile("rtx4090-24gb"), 24.0)
    with pytest.raises(DoesNotFit, match="one after the other"), small.broker.lease("images"):
        pass
    for residency in small.broker.residencies("images"):
        with small.broker.lease("images", residency.working):
            for name in residency.working:
                small.services.work(name)
    assert small.card.highest <= 24


def test_the_lighter_variant_is_started_where_the_plain_one_does_not_fit() -> None:
    small = Bench(load_profile("rtx6000-96gb"), 24.0)
    with small.broker.lease("clips"):
        assert small.services.variant("a2v") == "cpu-offload"
        small.services.work("a2v")
    assert small.card.highest <= 24


def test_two_models_of_one_family_are_never_resident_together(big: Bench) -> None:
    first, second = big.broker.residencies("speech")
    for residency in (first, second, first):
        with big.broker.lease("speech", residency.working):
            resident = set(big.services.owners())
            assert not {"voices-clone", "voices-design"} <= resident


def test_out_of_memory_releases_then_refuses(big: Bench) -> None:
    tried: list[tuple[int, frozenset[str]]] = []

    def draw(request: Mapping[str, object]) -> str:
        side = request["side"]
        assert isinstance(side, int)
        tried.append((side, frozenset(big.services.owners())))
        if side > 1024:
            raise OutOfMemory("no room for the activations")
        return f"{side} px"

    big.everything_up()
    with big.broker.lease("images") as lease:
        large: dict[str, JSON] = {"side": 2048}
        with pytest.raises(DoesNotFit, match="nothing is left to release"):
            lease.attempt("images", large, lambda: draw(large))
        # Each time with fewer neighbours; never twice the same.
        assert len(tried) == len(set(tried)) == 3
        assert tried[-1] == (2048, frozenset({"planner", "images"}))
        with pytest.raises(DoesNotFit, match="nothing is left to release"):
            lease.attempt("images", large, lambda: draw(large))
        assert len(tried) == 3
        assert lease.attempt("images", {"side": 1024}, lambda: draw({"side": 1024})) == "1024 px"


def test_a_recorded_peak_is_used_for_the_next_prediction(tmp_path: Path) -> None:
    book = PeakBook(tmp_path / "peaks.json", "simulated card")
    bench = Bench(load_profile("rtx6000-96gb"), 96.0, book)
    bench.services.temper("images").peak_factor = 1.2
    assert bench.broker.residencies("finals")[0].peak_gib == 33

    def heavy(card: SimulatedCard, lease: Lease) -> None:
        pid = next(iter(bench.services.owners()["images"]))
        card.hold(pid, 39.6, "images")
        lease.sample()
        card.hold(pid, 16.0, "images")

    with bench.broker.lease("finals") as lease:
        heavy(bench.card, lease)
        assert lease.measured_gib == pytest.approx(39.6)
    assert bench.broker.residencies("finals")[0].peak_gib == pytest.approx(39.6)
    released = [asdict(event) for event in bench.events if isinstance(event, Released)][-1]
    assert (released["predicted_gib"], released["measured_gib"]) == (33, 39.6)
    # Another model under the same name knows nothing of it.
    other = load_profile("rtx6000-96gb", ["services.images.model=other"])
    assert book.scale(other)("images", "").peak == 33


def test_a_peak_is_corrected_downwards_only_after_three_uses(tmp_path: Path) -> None:
    book = PeakBook(tmp_path / "peaks.json", "card")
    profile = load_profile("rtx4090-24gb")
    seen: list[float] = []
    for gib in (18.0, 18.5, 18.2):
        book.record(profile, "images", "", "peak", gib)
        seen.append(book.scale(profile)("images", "").peak)
    assert seen == [20.6, 20.6, 18.5]
    (tmp_path / "peaks.json").write_text("{torn")
    assert book.scale(profile)("images", "").peak == 20.6


def test_what_a_worker_measured_of_itself_replaces_the_profiles_guess(tmp_path: Path) -> None:
    book = PeakBook(tmp_path / "peaks.json", "simulated card")
    bench = Bench(load_profile("rtx6000-96gb"), 96.0, book)
    # The driver is asked twice a second and saw the worker at rest only; it knows its own peaks.
    a2v = Reported(0.0, clips=2, peaks_gib=(21.5, 22.25))
    with bench.broker.lease("clips", ("a2v",)) as lease:
        assert lease.predicted_gib == 24
        bench.services.reports["a2v"] = a2v
    # Two clips say too little to go below the profile; with the next lease's, each is a use.
    assert bench.broker.scale("a2v", "").peak == 24
    with bench.broker.lease("clips", ("a2v",)):
        bench.services.reports["a2v"] = Reported(0.0, clips=3, peaks_gib=(21.5, 22.25, 22.0))
    weight = bench.broker.scale("a2v", "")
    assert (weight.idle, weight.peak) == (1.0, 22.25)
    assert weight.measured == {"idle", "peak"}
    kept = json.loads((tmp_path / "peaks.json").read_text())["simulated card"]
    (figures,) = (entry for name, entry in kept.items() if name.startswith("a2v@"))
    assert figures["peak"] == [21.5, 22.25, 22.0]
    with bench.broker.lease("clips", ("a2v",)) as lease:
        assert lease.predicted_gib == 22.25
    # Nothing was made: nothing was learned.
    assert json.loads((tmp_path / "peaks.json").read_text())["simulated card"] == kept


def test_a_worker_that_needs_more_than_the_profile_says_is_believed_at_once(
    tmp_path: Path,
) -> None:
    bench = Bench(load_profile("rtx6000-96gb"), 96.0, PeakBook(tmp_path / "p", "simulated card"))
    with bench.broker.lease("clips", ("a2v",)):
        bench.services.reports["a2v"] = Reported(0.0, clips=1, peaks_gib=(31.0,))
    assert bench.broker.residencies("clips")[0].peak_gib == 31 + 8


def test_a_server_is_asked_for_its_own_figures_at_its_health_address() -> None:
    profile = load_profile("rtx6000-96gb")
    with fake_worker("ltx2-a2v", peak_gib=22.5) as server:
        service = profile.services["a2v"].model_copy(update={"health": f"{server.url}/health"})
        assert control.reported(service) == Reported(0.0, 0, ())
        runner_of(server).clips = 2
        assert control.reported(service) == Reported(0.0, 2, (22.5, 22.5))
    assert control.reported(service) is None
    with FakeVideoServer() as other:
        service = service.model_copy(update={"health": f"{other.url}/health"})
        assert control.reported(service) is None


def test_the_forecast_names_what_was_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    asked = ["--profile", "rtx6000-96gb", "--set", f"gpu.ledger={tmp_path}/ledger"]
    profile = load_profile("rtx6000-96gb")
    book = PeakBook(tmp_path / "storyboard" / "peaks.json", "ledger")
    book.record(profile, "a2v", "", "peak", 26.5)
    plain = CliRunner().invoke(app, asked, env={"COLUMNS": "160"})
    assert "a2v 26.5 measured" in plain.output and "i2v 8 measured" not in plain.output
    data = json.loads(CliRunner().invoke(app, [*asked, "--json"]).output)
    told = {r["service"]: r["measured"] for s in data["stages"] for r in s["residents"]}
    assert told["a2v"] is True and told["i2v"] is False


def test_a_thread_may_not_nest_leases_of_different_stages(big: Bench) -> None:
    with big.broker.lease("plan"):
        with big.broker.lease("plan"):
            pass
        assert big.services.state("planner") == "awake"
        with pytest.raises(RuntimeError, match="leave the first"), big.broker.lease("clips"):
            pass


def test_a_part_of_a_stage_may_be_leased(big: Bench) -> None:
    with big.broker.lease("images", ("images",)) as draw:
        assert draw.predicted_gib == 33
        assert big.services.state("planner") == "stopped"
    with big.broker.lease("images"), big.broker.lease("images", ("planner",)) as judge:
        assert judge.services == ("images", "planner")
        big.services.work("planner")


def test_the_default_profile_leases_without_a_card() -> None:
    profile = load_profile("embedded")
    card = SimulatedCard(0.0)
    broker = Broker(profile, None, SimulatedServices(profile, card, profile_scale(profile)))
    for stage in ("plan", "images", "clips"):
        with broker.lease(stage) as lease:
            assert lease.services == ()
            assert lease.sample() is None


def test_another_run_on_the_machine_is_waited_for(tmp_path: Path) -> None:
    bench = Bench(load_profile("rtx6000-96gb"), 96.0)
    lock, other = tmp_path / "gpu-0.lock", os.open(tmp_path / "gpu-0.lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(other, fcntl.LOCK_EX)
    broker = Broker(
        bench.profile,
        bench.card,
        bench.services,
        terms=EvictionTerms(clock=bench.clock, poll_s=60.0, sample_every_s=0.0, lock=lock),
    )
    with pytest.raises(Busy, match="another run holds the card"), broker.lease("plan"):
        pass
    assert bench.services.log == []
    # Its process ends, however it does: the kernel frees the lock.
    os.close(other)
    with broker.lease("plan"):
        assert bench.services.state("planner") == "awake"


# --- two hundred runs in which things go wrong ------------------------------

STAGES: tuple[CardStage, ...] = ("plan", "images", "finals", "speech", "clips")


class Killed(BaseException):
    """The run was killed here; nothing of it may act any more."""


class Mortal:
    """Controls of a run that dies, at a call of its choosing, without any cleaning up."""

    def __init__(self, services: SimulatedServices, calls: int) -> None:
        self._services, self._left = services, calls

    def _live(self) -> SimulatedServices:
        self._left -= 1
        if self._left < 0:
            raise Killed
        return self._services

    def state(self, service: str) -> State:
        return self._live().state(service)

    def variant(self, service: str) -> str:
        return self._live().variant(service)

    def owners(self) -> Mapping[str, frozenset[int]]:
        return self._live().owners()

    def start(self, service: str, variant: str) -> None:
        self._live().start(service, variant)

    def wake(self, service: str) -> None:
        self._live().wake(service)

    def release(self, service: str, level: ReleaseLevel) -> None:
        self._live().release(service, level)

    def tend(self) -> tuple[str, ...]:
        return self._live().tend()


def random_profile(rng: random.Random) -> Profile:
    """Sizes, ladders and stays drawn at random around one 48 GiB card."""
    sets = ["gpu.budget_gib=48"]
    for name in ("planner", "images", "speech", "a2v", "i2v"):
        idle = rng.choice([0.0, 1.0, 3.0, rng.uniform(4, 38)])
        sets += [
            f"services.{name}.idle_gib={idle:.2f}",
            f"services.{name}.peak_gib={idle + rng.choice([0.0, rng.uniform(0, 20)]):.2f}",
            f"services.{name}.asleep_gib={rng.choice([0.0, 0.0, min(idle, 1.5)])}",
        ]
    ladders = ('["sleep", "stop"]', '["stop"]')
    sets += [f"services.{name}.release={rng.choice(ladders)}" for name in ("planner", "images")]
    return load_profile("rtx6000-96gb", sets)


class RandomRun:
    """One run of several steps, with faults; it ends with every step done or rightly refused."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.bench = Bench(random_profile(self.rng), 48.0)
        self.steps = [(i, self.rng.choice(STAGES)) for i in range(self.rng.randint(4, 8))]
        self.done: list[int] = []
        self.refused: list[int] = []
        self._temper()

    def _temper(self) -> None:
        rng = self.rng
        for name in self.bench.profile.services:
            temper = self.bench.services.temper(name)
            temper.release_s = rng.choice([0.0, 2.0, rng.uniform(0, 40)])
            temper.leak_gib = rng.choice([0.0, 0.0, rng.uniform(0, 2)])
            temper.clings_gib = rng.choice([0.0, 0.0, rng.uniform(0, 10)])
            temper.failing_wakes = rng.choice([0, 0, 1])
            temper.failing_starts = rng.choice([0, 0, 1])
            temper.peak_factor = rng.choice([1.0, 1.0, 0.8, 1.3])

    def check_grant(self, lease: Lease) -> None:
        """The lease is covered by what the card itself says, now."""
        sample: Sample = self.bench.card.sample()
        owners = self.bench.services.owners()
        growth = sum(
            max(0.0, r.gib - (sample.held_by(owners[r.service]) or 0.0))
            for r in lease.residency.residents
            if r.doing == "working"
        )
        assert sample.used + growth <= 48.0
        assert all(self.bench.services.state(name) == "awake" for name in lease.services)

    def work(self, lease: Lease) -> None:
        rng, services = self.rng, self.bench.services
        for name in lease.services:
            if rng.random() < 0.15:
                services.kill(name)
            if rng.random() < 0.2:
                stranger(self.bench.card, rng.uniform(1, 30), rng.uniform(5, 400), rng)

            def use(share: float, name: str = name) -> float:
                try:
                    return services.work(name, share)
                except Unavailable:
                    lease.ensure(name)
                    return services.work(name, share)

            for share in (1.0, 0.5, 0.25, 0.125):
                try:
                    lease.attempt(name, {"share": share}, partial(use, share))
                    break
                except DoesNotFit:
                    # A model that needs more than its profile says; smaller work may do.
                    if share == 0.125:
                        raise
            lease.sample()

    def live(self, calls: int) -> None:
        """One process of the run; it may be killed after some calls."""
        bench = self.bench
        broker = Broker(bench.profile, bench.card, Mortal(bench.services, calls), terms=bench.terms)
        for index, stage in self.steps:
            if index in self.done or index in self.refused:
                continue
            residencies = broker.residencies(stage)
            if not all(residency.fits for residency in residencies):
                with pytest.raises(DoesNotFit, match="GiB"):
                    for residency in residencies:
                        with broker.lease(stage, residency.working):
                            pass
                self.refused.append(index)
                continue
            for residency in residencies:
                with broker.lease(stage, residency.working) as lease:
                    self.check_grant(lease)
                    self.work(lease)
            self.done.append(index)

    def finish(self) -> None:
        for life in range(60):
            try:
                self.live(self.rng.randint(20, 400) if life < 5 else 10**9)
            except (Killed, DoesNotFit, RendererError):
                # Killed, or a stranger stayed: as a user would, run the same command again.
                self.bench.clock.sleep(120.0)
                continue
            return
        raise AssertionError("the run never ended")


@pytest.mark.parametrize("block", range(10))
def test_two_hundred_runs_with_faults_lose_no_step(block: int) -> None:
    for seed in range(block * 20, block * 20 + 20):
        run = RandomRun(seed)
        run.finish()
        assert sorted(run.done + run.refused) == [i for i, _ in run.steps], f"seed {seed}"
        assert run.bench.card.highest <= 48.0 + 1e-6, f"seed {seed}"


def test_many_threads_share_one_card_without_deadlock() -> None:
    bench = Bench(load_profile("rtx6000-96gb", ["gpu.budget_gib=48"]), 48.0)
    done: list[str] = []
    together: list[set[str]] = []
    inside: set[str] = set()
    guard = threading.Lock()

    def worker(seed: int) -> None:
        rng = random.Random(seed)
        for _ in range(6):
            stage: CardStage = rng.choice(STAGES)
            for residency in bench.broker.residencies(stage):
                with bench.broker.lease(stage, residency.working):
                    with guard:
                        inside.add(",".join(residency.working))
                        together.append(set(inside))
                    for name in residency.working:
                        bench.services.work(name)
                    with guard:
                        inside.discard(",".join(residency.working))
            done.append(stage)

    threads = [threading.Thread(target=worker, args=(seed,), daemon=True) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(done) == 24
    assert all(len(residencies) == 1 for residencies in together)
    assert bench.card.highest <= 48.0


def test_who_waits_is_not_starved_by_leases_that_overlap() -> None:
    """Two who hand one lease to each other would keep a third out for as long as they like."""
    bench = Bench(load_profile("rtx6000-96gb", ["gpu.budget_gib=48"]), 48.0)
    served, over = threading.Event(), threading.Event()
    turns, entered = [0, 0], threading.Condition()

    def draw(mine: int) -> None:
        other = 1 - mine
        while not over.is_set():
            with bench.broker.lease("finals"), entered:
                turns[mine] += 1
                before = turns[other]
                entered.notify_all()
                # Out only when the other is in, unless that one has to wait in line.
                entered.wait_for(lambda before=before: turns[other] > before, 0.2)

    def plan() -> None:
        with bench.broker.lease("plan"):
            served.set()

    drawing = [threading.Thread(target=draw, args=(n,), daemon=True) for n in (0, 1)]
    for thread in drawing:
        thread.start()
    with entered:
        entered.wait_for(lambda: sum(turns) > 3, 20.0)
        before = sum(turns)
    planning = threading.Thread(target=plan, daemon=True)
    planning.start()
    assert served.wait(5.0), f"{sum(turns) - before} turns of the others, and none of its own"
    over.set()
    for thread in (*drawing, planning):
        thread.join(20.0)
    assert before > 3
