"""Which step of which film goes next: the choice alone, then with films, a card and threads."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from test_leases import Stage as Simulated
from test_leases import loop

from storyboard.graph.leases import Leases
from storyboard.graph.policy import Awake, Pair, choose
from storyboard.graph.runner import RunContext, run_graph
from storyboard.graph.scheduler import Open, Scheduler
from storyboard.graph.steps import Graph, Step
from storyboard.graph.store import Store
from storyboard.plan.stages import CHECKPOINTS, Checkpoint
from storyboard.profile import load_profile
from storyboard.profile.needs import Need, need_of

DRAW = Need(frozenset({"images", "finals"}), ("images",))
JUDGE = Need(frozenset({"images"}), ("planner",))
SPEAK = Need(frozenset({"speech"}), ("speech",))
PLAN, IMAGES, SPEECH, FINISH = (
    CHECKPOINTS.index(stage) for stage in ("plan", "images", "speech", "finish")
)


def awake(*services: str) -> Awake:
    return Awake("", frozenset(services))


# --- the choice ---------------------------------------------------------------------


def test_whoever_finds_its_model_awake_goes_first() -> None:
    old, young = Pair("a", 0, stage=IMAGES, need=JUDGE), Pair("b", 1, stage=IMAGES, need=DRAW)
    assert choose([old, young], awake("images")) is young
    assert choose([old, young], awake("planner")) is old
    assert choose([old, young], awake("images", "planner")) is old


def test_else_the_earliest_stage_goes_first_then_the_oldest_film() -> None:
    old, young = Pair("a", 0, stage=SPEECH, need=SPEAK), Pair("b", 1, stage=IMAGES, need=DRAW)
    assert choose([old, young], awake()) is young
    assert choose([old, replace(young, stage=SPEECH)], awake()) is old
    assert choose([], awake()) is None


def test_services_of_another_profile_are_not_awake_for_it() -> None:
    other = Pair("b", 1, stage=IMAGES, need=DRAW, profile="q", order=1)
    assert not awake("images").serves(other)
    assert choose([other, Pair("a", 0, stage=SPEECH, need=SPEAK)], awake("images")).film == "a"  # type: ignore[union-attr]


def test_nobody_changes_models_while_a_film_on_its_way_may_still_use_them() -> None:
    done = Pair("a", 0, stage=SPEECH, need=SPEAK)
    coming = Pair("b", 1, stage=IMAGES, ready=False)
    assert choose([done, coming], awake("images")) is None
    # Neither before whoever has only said that it comes.
    entering = replace(coming, ready=True)
    waiting = Pair("a", 0, stage=IMAGES, need=JUDGE)
    assert choose([waiting, entering], awake("images")) is entering
    # Who finds its model awake waits for nobody.
    drawing = Pair("c", 2, stage=IMAGES, need=DRAW)
    assert choose([waiting, coming, drawing], awake("images")) is drawing


def test_a_wave_waits_for_films_under_review_and_they_wait_for_nobody() -> None:
    mended = Pair("a", 0, stage=PLAN, wave=1)
    reviewed = Pair("b", 1, stage=FINISH, ready=False)
    assert choose([mended, reviewed], awake()) is None
    asking = replace(reviewed, ready=True, need=JUDGE)
    other = Pair("c", 2, stage=FINISH, ready=False)
    assert choose([mended, asking, other], awake()) is asking
    # Its reviewer would drive out who is awake for others, unless it is awake as well.
    drawing = Pair("d", 3, stage=IMAGES, need=DRAW)
    assert choose([asking, drawing], awake("images")) is drawing
    assert choose([asking, drawing], awake("planner")) is asking


# --- films of a queue ---------------------------------------------------------------


def went(
    scheduler: Scheduler, films: dict[str, int], profiles: dict[str, str] | None = None
) -> list[str]:
    """Everything in order, where each film is mended so many times."""
    order = list[str]()

    def through(film: str, wave: int) -> None:
        for stage in CHECKPOINTS[:-1]:
            with scheduler.slot(film, stage):
                order.append(f"{wave} {stage} {film}")
            scheduler.behind(film, stage)

    def go(film: str, waves: int) -> None:
        try:
            through(film, 0)
            with scheduler.slot(film, "finish"):
                order.append(f"0 finish {film}")
                for wave in range(1, 1 + waves):
                    with scheduler.again(film):
                        through(film, wave)
                    order.append(f"{wave} finish {film}")
        finally:
            scheduler.leave(film)

    for film in films:
        scheduler.arrive(film, (profiles or {}).get(film, "p"))
    together([lambda each=each: go(*each) for each in films.items()])
    return order


def together(works: Iterable[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=work, daemon=True) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()


@pytest.mark.parametrize("group", [None, 1])
def test_a_wave_begins_when_all_are_reviewed_and_goes_stage_by_stage(group: int | None) -> None:
    order = went(Scheduler(group=group), {"a": 2, "b": 0, "c": 1})
    models = [entry for entry in order if "finish" not in entry]
    first = models[: -3 * len(CHECKPOINTS[:-1])]
    assert {entry[0] for entry in first} == {"0"}
    assert models[len(first) :] == [
        *(f"1 {stage} {film}" for stage in CHECKPOINTS[:-1] for film in "ac"),
        *(f"2 {stage} a" for stage in CHECKPOINTS[:-1]),
    ]
    last = max(n for n, entry in enumerate(order) if entry.startswith("0 finish"))
    assert last < order.index("1 plan a"), "whoever is still under review may have to be mended"


def test_a_stage_waits_for_the_films_of_the_profile_before() -> None:
    order = went(Scheduler(), {"a": 0, "x": 0, "b": 0}, {"x": "q"})
    assert [entry for entry in order if "finish" not in entry] == [
        *(f"0 {stage} {film}" for stage in CHECKPOINTS[:-1] for film in ("a", "b")),
        *(f"0 {stage} x" for stage in CHECKPOINTS[:-1]),
    ]


def test_a_film_is_put_together_while_the_next_works_with_models() -> None:
    scheduler, inside, finished = Scheduler(), threading.Event(), threading.Event()
    for film in "ab":
        scheduler.arrive(film, "p")
    for stage in CHECKPOINTS[:-1]:
        scheduler.behind("a", stage)

    def put_together() -> None:
        with scheduler.slot("a", "finish"):
            inside.set()
            finished.wait(60)

    beside = threading.Thread(target=put_together)
    beside.start()
    try:
        assert inside.wait(60)
        for stage in CHECKPOINTS[:-1]:
            with scheduler.slot("b", stage):
                assert scheduler.working
            scheduler.behind("b", stage)
    finally:
        finished.set()
        beside.join()


def test_who_waits_sleeps_until_something_changes_and_hears_when_the_gate_closes() -> None:
    class Closed(Exception): ...

    class Door(Open):
        asked, closed = 0, False

        def check(self, *, models: bool, limits: bool, chosen: bool) -> None:
            self.asked += 1
            if self.closed:
                raise Closed

    door, ended = Door(), threading.Event()
    scheduler = Scheduler(door)
    for film in "ab":
        scheduler.arrive(film)

    def wait() -> None:
        with pytest.raises(Closed), scheduler.slot("b", "plan"):
            raise AssertionError("nobody is let in")
        ended.set()

    with scheduler.slot("a", "plan"):
        beside = threading.Thread(target=wait)
        beside.start()
        assert not ended.wait(1.0)
        assert door.asked <= 8, "it asks when something happens, not ten times a second"
        door.closed = True
        scheduler.recheck()
        assert ended.wait(60)
    beside.join()


# --- films on a simulated card ------------------------------------------------------


class Batch:
    """Films of one queue on one simulated card."""

    def __init__(self, card: Simulated, steps: dict[Checkpoint, Callable[[], list[Step]]]) -> None:
        self.card, self.steps, self.scheduler = card, steps, Scheduler()
        self.passed: list[tuple[str, str]] = []

    def make(self, films: int) -> None:
        names = [f"film {n:02}" for n in range(films)]
        for name in names:
            self.scheduler.arrive(name, "p")
        together([lambda name=name: self._film(name) for name in names])

    def _film(self, name: str) -> None:
        with ExitStack() as taking_part:
            taking_part.callback(self.scheduler.leave, name)
            for stage, steps in self.steps.items():
                with self.scheduler.slot(name, stage):
                    self.scheduler.expect(name, self._needs())
                    self._run(name, steps())
                self.scheduler.behind(name, stage)
                self.passed.append((stage, name))

    def _needs(self) -> dict[Checkpoint, list[Need]]:
        return {
            stage: [step.requires for step in steps() if step.requires]
            for stage, steps in self.steps.items()
        }

    def _run(self, name: str, steps: list[Step]) -> None:
        card, folder = self.card, self.card.root / name
        leases = Leases(card.profile, lambda: card.broker, self.scheduler, name)
        store = Store(folder / ".store")
        run_graph(Graph(tuple(steps)), RunContext(folder, store, card.log, card, leases=leases))

    @property
    def loads(self) -> Counter[str]:
        """How often each service was started or woken."""
        log = (entry.split(" ", 1) for entry in self.card.services.log)
        return Counter(name for what, name in log if what in ("start", "wake"))

    @property
    def turns(self) -> list[list[str]]:
        """Who was leased, without repeats."""
        leases = [list(lease["services"]) for lease in self.card.told("granted")]
        return [own for n, own in enumerate(leases) if not n or leases[n - 1] != own]


def whole(card: Simulated) -> dict[Checkpoint, Callable[[], list[Step]]]:
    """Every kind of work that a film has for a card."""
    return {
        "plan": lambda: [card.step("words", "chat", stage="plan")],
        "images": lambda: loop(card),
        "speech": lambda: [card.step(f"line {n}", "speech", stage="speech") for n in range(2)],
        "dialogue": lambda: [card.step("head", "video.ditto", stage="clips")],
        "clips": lambda: [card.step(k, f"video.{k}", stage="clips") for k in ("a2v", "i2v")],
        "finish": lambda: [card.step("film", "", stage="assemble")],
    }


def test_twenty_films_load_each_model_once_on_a_big_card(tmp_path: Path) -> None:
    card = Simulated(tmp_path, load_profile("rtx6000-96gb"), 96.0)
    batch = Batch(card, whole(card))
    batch.make(20)
    services = {"planner", "images", "speech", "ditto", "a2v", "i2v"}
    assert batch.loads == dict.fromkeys(services, 1)
    stages = [stage for stage, _ in batch.passed if stage != "finish"]
    assert stages == [stage for stage in CHECKPOINTS[:-1] for _ in range(20)]
    assert card.card.highest <= 96


def test_the_next_group_finds_asleep_what_it_will_wake(tmp_path: Path) -> None:
    card = Simulated(tmp_path, load_profile("rtx6000-96gb"), 96.0)
    batch = Batch(card, whole(card))
    batch.scheduler.group = 2
    batch.make(3)
    assert batch.loads == dict.fromkeys(("planner", "images", "speech", "ditto", "a2v", "i2v"), 2)
    assert card.services.log.count("wake planner") == 1


def test_a_film_that_is_planned_twice_finds_its_planner_awake(tmp_path: Path) -> None:
    card = Simulated(tmp_path, load_profile("rtx6000-96gb"), 96.0)
    scheduler = Scheduler()
    scheduler.arrive("film", "p")
    leases = Leases(card.profile, lambda: card.broker, scheduler, "film")
    with scheduler.slot("film", "plan"):
        plans = need_of(card.profile, "chat")
        assert plans is not None
        for _ in range(2):
            # Its steps of that stage are not all made.
            with leases.hold(plans, lambda: [plans]):
                card.use(["planner"])
    scheduler.behind("film", "plan")
    need = need_of(card.profile, "image")
    assert need is not None
    with scheduler.slot("film", "images"), leases.hold(need):
        pass
    assert card.services.log == [
        "start planner",
        "sleep planner",
        "start images",
        "sleep images",
    ], "and it sleeps before the next model comes"


def test_on_a_small_card_twenty_films_share_the_waves_of_one(tmp_path: Path) -> None:
    """Before, each of the twenty had its own three waves: sixty loads and wakes."""
    card = Simulated(tmp_path, load_profile("rtx4090-24gb"), 24.0)
    batch = Batch(card, {"images": lambda: loop(card)})
    batch.make(20)
    assert batch.turns == [["images"], ["planner"], ["images"]]
    assert batch.loads == {"images": 2, "planner": 1}
    assert card.card.highest <= 24
    drawn = [name.partition(" ")[0] for name in card.ran]
    assert drawn == ["draw"] * 60 + ["judge"] * 60 + ["mend"] * 60


def test_a_limit_that_is_reached_in_a_stage_ends_it_between_two_waves(tmp_path: Path) -> None:
    card = Simulated(tmp_path, load_profile("rtx4090-24gb"), 24.0)
    batch = Batch(card, {"images": lambda: loop(card)})
    reached = threading.Event()

    class Over(Exception): ...

    class Limit:
        seconds = 0.0

        def check(self, *, models: bool, limits: bool, chosen: bool) -> None:
            if chosen and limits and any("judge" in step for step in card.ran):
                reached.set()
                raise Over

        def began(self, film: str, stage: Checkpoint, *, again: bool) -> None: ...

        def ended(self, film: str, stage: Checkpoint, seconds: float, *, waits: bool) -> None:
            self.seconds += seconds

    batch.scheduler.gate = Limit()
    names = ["a", "b"]
    ended = list[str]()
    for name in names:
        batch.scheduler.arrive(name, "p")

    def go(name: str) -> None:
        try:
            with batch.scheduler.slot(name, "images"):
                batch._run(name, loop(card))  # pyright: ignore[reportPrivateUsage]
        except Over:
            ended.append(name)
        finally:
            batch.scheduler.leave(name)

    together([lambda name=name: go(name) for name in names])
    assert reached.is_set()
    assert sorted(ended) == names
    assert not batch.scheduler.working
    assert not any("mend" in step for step in card.ran)


def test_films_of_nobodys_queue_keep_awake_what_the_other_waits_for(tmp_path: Path) -> None:
    card = Simulated(tmp_path, load_profile("rtx4090-24gb"), 24.0)
    scheduler, first = Scheduler(), threading.Event()
    need = need_of(card.profile, "image")
    assert need is not None

    def one() -> None:
        leases = Leases(card.profile, lambda: card.broker, scheduler, "one")
        with leases.hold(need):
            first.set()
            while not any(each.offer for each in scheduler._films.values()):  # pyright: ignore[reportPrivateUsage]
                threading.Event().wait(0.01)

    def other() -> None:
        assert first.wait(60)
        with Leases(card.profile, lambda: card.broker, scheduler, "other").hold(need):
            pass

    together([one, other])
    assert card.services.log == ["start images", "sleep images"]
    assert not scheduler.busy
