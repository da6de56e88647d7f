"""The limits of a night's batch: kept by whoever works, however often it is started again."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

pytest.importorskip("dbos", reason="needs dbos: pip install 'storyboard[batch]'")

from batches import Worker, rendered, tiny_entry

from storyboard.batch.account import Account
from storyboard.batch.budget import Budget
from storyboard.batch.gate import Night
from storyboard.batch.queue import QueuedFilm, open_queue
from storyboard.core.errors import LimitReached, Stopped
from storyboard.core.events import EventLog, StepStarted
from storyboard.graph.scheduler import Scheduler
from storyboard.plan.stages import CHECKPOINTS
from storyboard.profile.metering import Call

EVENING = datetime(2026, 11, 21, 23, 0).astimezone()


def account(root: Path, now: datetime = EVENING, *, afresh: bool = False) -> Account:
    """As a run of the batch opens it."""
    opened = Account(root)
    opened.open(now, afresh=afresh)
    return opened


def used(root: Path) -> tuple[float, float]:
    spent = Account(root).spent()
    return spent.gpu_seconds, spent.cost


def test_what_was_spent_counts_after_a_restart(tmp_path: Path) -> None:
    first = account(tmp_path)
    first.begin("a", "plan")
    first.end("a", "plan", 12.0)
    first.pay("a", 0.25)
    account(tmp_path, EVENING + timedelta(hours=3))
    assert used(tmp_path) == (12.0, 0.25)


def test_what_a_killed_worker_had_under_way_counts_up_to_its_last_sign_of_life(
    tmp_path: Path,
) -> None:
    account(tmp_path).begin("a", "images")
    log = EventLog(tmp_path / "a" / "events.jsonl")
    log.emit(Call(cost=0.5, step="judge"))
    log.emit(StepStarted("images/hook", "images", "new"))
    account(tmp_path)
    seconds, cost = used(tmp_path)
    assert 0.0 <= seconds < 600.0
    assert cost == 0.5
    # Once, not at every start.
    account(tmp_path)
    assert used(tmp_path) == (seconds, cost)


def test_a_stage_begun_again_settles_the_one_that_died(tmp_path: Path) -> None:
    night = account(tmp_path)
    night.begin("a", "images")
    night.begin("a", "images")
    night.end("a", "images", 5.0)
    night.begin("b", "images")
    account(tmp_path)
    assert used(tmp_path) == (5.0, 0.0), "neither left a film, nor a sign of life"


@pytest.mark.parametrize(
    ("later", "afresh", "seconds"),
    [
        pytest.param(timedelta(hours=12, minutes=59), False, 60.0, id="the same night"),
        pytest.param(timedelta(hours=13), False, 0.0, id="from noon on"),
        pytest.param(timedelta(hours=24), False, 0.0, id="the next night"),
        pytest.param(timedelta(hours=1), True, 0.0, id="afresh"),
    ],
)
def test_a_night_ends_at_noon(
    tmp_path: Path, later: timedelta, afresh: bool, seconds: float
) -> None:
    account(tmp_path).end("a", "plan", 60.0)
    account(tmp_path, EVENING + later, afresh=afresh)
    assert used(tmp_path) == (seconds, 0.0)


def test_a_batch_is_the_same_over_noon_and_until_it_went_through(tmp_path: Path) -> None:
    first = account(tmp_path)
    began = first.began()
    assert began == EVENING.timestamp()
    assert account(tmp_path, EVENING + timedelta(hours=1), afresh=True).began() == began
    later = account(tmp_path, EVENING + timedelta(hours=24))
    assert later.began() == began
    later.close()
    assert account(tmp_path, EVENING + timedelta(hours=25)).began() > began


def test_a_batch_that_went_through_leaves_the_next_all_of_its_limits(tmp_path: Path) -> None:
    night = account(tmp_path)
    night.end("a", "plan", 60.0)
    night.close()
    account(tmp_path)
    assert used(tmp_path) == (0.0, 0.0)


def test_half_a_line_of_a_killed_worker_is_no_line(tmp_path: Path) -> None:
    account(tmp_path).end("a", "plan", 60.0)
    with (tmp_path / ".batch" / "night.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"what": "ended", "gpu_sec')
    account(tmp_path).end("b", "plan", 1.0)
    assert used(tmp_path) == (61.0, 0.0)


def test_started_again_after_its_hour_it_does_not_go_on_until_tomorrow(tmp_path: Path) -> None:
    seven = EVENING + timedelta(hours=8)
    night = account(tmp_path)
    assert night.same_night(Budget(until=seven)).until == seven
    # At 07:05 `--until 07:00` reads as tomorrow's; meant is today's.
    again = account(tmp_path, seven + timedelta(minutes=5))
    assert again.same_night(Budget(until=seven + timedelta(days=1))).until == seven
    assert again.same_night(Budget(until=seven + timedelta(hours=2))).until == seven + timedelta(
        hours=2
    )
    tomorrow = account(tmp_path, EVENING + timedelta(days=1))
    assert tomorrow.same_night(Budget(until=seven + timedelta(days=1))).until == seven + timedelta(
        days=1
    )


def test_one_limit_holds_for_the_workers_of_all_cards(tmp_path: Path) -> None:
    account(tmp_path)
    budget = Budget(gpu_minutes=1.0, max_cost=1.0, min_free=0)
    one, other = (Scheduler(Night(tmp_path, budget, now=lambda: EVENING)) for _ in ("one", "other"))
    one.arrive("a")
    other.arrive("b")
    with other.slot("b", "plan"):
        pass
    Account(tmp_path).end("c", "plan", 59.0)
    with one.slot("a", "plan"):
        pass
    Account(tmp_path).end("c", "images", 2.0)
    for worker, film in ((one, "a"), (other, "b")):
        with pytest.raises(Stopped, match=r"1\.0 of 1 GPU minutes"), worker.slot(film, "images"):
            pass
    # Nothing of a card is needed to put a film together.
    with one.slot("a", "finish"):
        pass


def test_money_spent_by_one_stage_stops_the_next(tmp_path: Path) -> None:
    night = Night(tmp_path, Budget(max_cost=1.0, min_free=0), now=lambda: EVENING)
    scheduler = Scheduler(night)
    scheduler.arrive("a")
    with scheduler.slot("a", "plan"):
        pass
    night.charge("a", 1.5)
    with (
        pytest.raises(Stopped, match=r"\$1\.5000 of \$1 are spent \(--max-cost\)"),
        scheduler.slot("a", "images"),
    ):
        pass


def test_what_goes_back_may_do_so_when_the_night_is_over(tmp_path: Path) -> None:
    """A film that is mended when a limit is reached is put together again as it was."""
    clock = [EVENING]
    night = Night(tmp_path, Budget(until=EVENING, min_free=0), now=lambda: clock[0])
    scheduler = Scheduler(night)
    scheduler.arrive("a")
    for stage in ("plan", "finish"):
        with pytest.raises(LimitReached), scheduler.slot("a", stage):
            raise AssertionError("nobody is let in")
    clock[0] -= timedelta(hours=1)
    later = Night(tmp_path, Budget(until=EVENING, min_free=0), now=lambda: clock[0])
    scheduler = Scheduler(later)
    scheduler.arrive("a")
    with scheduler.slot("a", "finish"):
        clock[0] += timedelta(hours=1)
        with (
            pytest.raises(LimitReached),
            scheduler.again("a"),
            scheduler.slot("a", "plan"),
        ):
            raise AssertionError("nobody is let in")
        assert scheduler.working, "it has its slot again"
    assert not scheduler.working
    later.stop("it was told to stop")
    with pytest.raises(Stopped) as told, scheduler.slot("a", "finish"):
        raise AssertionError("nobody is let in")
    assert not isinstance(told.value, LimitReached)


@pytest.mark.slow
def test_a_limit_outlives_a_killed_worker_and_says_what_is_left(tmp_path: Path) -> None:
    with open_queue(tmp_path) as queue:
        entries = [tiny_entry(f"A baker who counts to {n}", seed=n) for n in range(2)]
        ids, _ = queue.add(entries, tmp_path)
    code, told = Worker.start(tmp_path, "--gpu-minutes", "0.001").end()
    assert code == 5, told
    assert "of 0.001 GPU minutes are used (--gpu-minutes). 2 films left" in told
    assert "Tonight" in told
    held = {stage for film in _films(tmp_path) for stage in film.made}
    assert "plan" in held, "what is under way when the limit is reached is finished"
    # The same limit, started again: nothing more is made, and no film is tried.
    before = {film.id: film.made for film in _films(tmp_path)}
    assert Worker.start(tmp_path, "--gpu-minutes", "0.001").end()[0] == 5
    assert {film.id: film.made for film in _films(tmp_path)} == before
    code, told = Worker.start(tmp_path, "--gpu-minutes", "60", "--afresh").end()
    assert code == 0, told
    for film in _films(tmp_path):
        assert film.made == CHECKPOINTS
        assert set(rendered(film.folder).values()) == {1}
    assert not (tmp_path / ".batch" / "night.jsonl").exists()
    assert sorted(film.id for film in _films(tmp_path)) == sorted(ids)


def _films(root: Path) -> list[QueuedFilm]:
    with open_queue(root) as queue:
        return queue.films()
