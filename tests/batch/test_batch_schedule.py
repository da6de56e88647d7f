"""Schedules by a clock of the test's own: they fire, are missed, know their zone, take in turn."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

pytest.importorskip("dbos", reason="needs dbos: pip install 'storyboard[batch]'")

from batches import tiny_entry
from typer.testing import CliRunner

from storyboard.batch.batch_run import Options, run_batch
from storyboard.batch.budget import Budget
from storyboard.batch.database import database_url
from storyboard.batch.entry import EntryError
from storyboard.batch.queue import FilmQueue
from storyboard.batch.schedule import Firing, Missed, Schedules, new_schedule, polling
from storyboard.cli.batch import app
from storyboard.core.errors import UsageError

BEGIN = datetime(2026, 11, 20, 12, tzinfo=UTC)


@dataclass
class Desk:
    root: Path
    source: Path
    queue: FilmQueue
    schedules: Schedules
    now: datetime = BEGIN

    def add(self, cron: str, tz: str = "UTC", missed: Missed = "skip", take: int = 2) -> None:
        self.schedules.add(
            new_schedule("night", cron, self.source, take=take, tz=tz, missed=missed, now=self.now)
        )

    def fire(self, moment: datetime) -> list[tuple[datetime, int, bool]]:
        fired = self.schedules.fire(self.queue, self.root, moment)
        return [(f.at.astimezone(UTC), len(f.films), f.late) for f in fired]

    def queued(self) -> list[str]:
        return sorted(film.entry.idea for film in self.queue.films())


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    source = tmp_path / "ideas.txt"
    source.write_text("one\ntwo\nthree\nfour\nfive\n", encoding="utf-8")
    url = database_url(tmp_path / "runs")
    with FilmQueue(url) as queue, Schedules(url) as schedules:
        yield Desk(tmp_path / "runs", source, queue, schedules)


def test_it_fires_once_at_its_time_and_takes_the_next_ideas(desk: Desk) -> None:
    desk.add("0 2 * * *")
    two = datetime(2026, 11, 21, 2, tzinfo=UTC)
    assert desk.fire(two - timedelta(seconds=1)) == []
    assert desk.fire(two + timedelta(minutes=1)) == [(two, 2, False)]
    assert desk.fire(two + timedelta(minutes=2)) == []
    assert desk.queued() == ["one", "two"]
    assert desk.fire(two + timedelta(days=1)) == [(two + timedelta(days=1), 2, False)]
    assert desk.queued() == ["four", "one", "three", "two"]


def test_what_was_missed_is_skipped_or_caught_up_by_choice(desk: Desk) -> None:
    desk.add("0 2 * * *", missed="skip")
    later = datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert desk.fire(later) == []
    assert desk.schedules.all()[0].note == "3 missed times were skipped"
    desk.schedules.remove("night")
    desk.add("0 2 * * *", missed="catch-up")
    fired = desk.fire(later)
    assert [(at.day, count, late) for at, count, late in fired] == [
        (21, 2, True),
        (22, 2, True),
        (23, 1, True),
    ]
    assert "has no more ideas" in desk.schedules.all()[0].note


def test_its_clock_is_that_of_its_zone(desk: Desk) -> None:
    desk.add("0 2 * * *", tz="Asia/Tokyo")
    tokyo = datetime(2026, 11, 20, 17, tzinfo=UTC)
    assert desk.fire(tokyo - timedelta(minutes=1)) == []
    assert desk.fire(tokyo) == [(tokyo, 2, False)]


def test_two_at_night_stays_two_at_night_when_clocks_change(desk: Desk) -> None:
    desk.now = datetime(2026, 3, 27, 12, tzinfo=UTC)
    desk.add("30 6 * * *", tz="Europe/Berlin", missed="catch-up", take=1)
    fired = desk.fire(datetime(2026, 3, 30, 12, tzinfo=UTC))
    # From 29 March on it is summer there.
    assert [at.strftime("%d %H:%M") for at, _, _ in fired] == ["28 05:30", "29 04:30", "30 04:30"]


@pytest.mark.parametrize(
    ("cron", "begin", "fired"),
    [
        # On 25 October, the clock shows 02:30 twice; on 29 March, not at all.
        ("30 2 * * *", "2026-10-24", ["25 00:30", "26 01:30"]),
        ("30 2 * * *", "2026-03-28", ["29 01:00", "30 00:30"]),
        ("30 */2 * * *", "2026-10-24", ["24 22:30", "25 00:30", "25 01:30", "25 03:30"]),
    ],
)
def test_the_hour_that_is_skipped_or_shown_twice_fires_once(
    desk: Desk, cron: str, begin: str, fired: list[str]
) -> None:
    desk.now = datetime.fromisoformat(f"{begin}T21:00+00:00")
    desk.add(cron, tz="Europe/Berlin", take=1)
    found: list[str] = []
    while len(found) < len(fired):
        found += [f"{at:%d %H:%M}" for at, _, _ in desk.fire(desk.now)]
        desk.now += timedelta(minutes=10)
        assert desk.now < datetime.fromisoformat(f"{begin}T21:00+00:00") + timedelta(days=3)
    assert found == fired


@pytest.mark.slow
def test_a_schedule_that_fires_while_a_batch_runs_joins_it(desk: Desk) -> None:
    (film,) = [tiny_entry("A baker who is there before")]
    desk.source = desk.source.with_suffix(".jsonl")
    late = tiny_entry("A baker who joins").model_dump(mode="json", exclude_defaults=True)
    desk.source.write_text(json.dumps(late) + "\n", encoding="utf-8")
    desk.add("0 2 * * *", take=1)
    desk.queue.add([film], desk.root)
    look = polling(desk.schedules, desk.queue, desk.root, lambda: desk.now)
    fired: list[Firing] = []

    def poll() -> None:
        # The night comes as soon as the first film is under way.
        if desk.queue.film(film.id).made:
            desk.now = BEGIN + timedelta(hours=14)
        fired.extend(look())

    told: list[str] = []
    options = Options(desk.root, desk.queue.url, Budget(min_free=0), jobs=1)
    report = run_batch(
        options, desk.queue, lambda film, text, style="": told.append(text), None, poll
    )
    assert [len(firing.films) for firing in fired] == [1]
    assert {made.state for made in report.films} == {"done"}, told
    assert len(report.films) == 2, "one sheet for both"
    assert report.sheet is not None


def test_one_bad_line_does_not_keep_back_the_rest(desk: Desk) -> None:
    desk.add("0 2 * * *", take=9)
    desk.source.write_text("idea,seed\none,x\nsix,1\n", encoding="utf-8")
    csv = desk.source.rename(desk.source.with_suffix(".csv"))
    desk.schedules.remove("night")
    with pytest.raises(EntryError, match="csv:2: seed"):
        desk.schedules.add(
            new_schedule("x", "0 2 * * *", csv, take=1, tz="UTC", missed="skip", now=BEGIN)
        )
    csv.write_text("idea,seed\none,1\n", encoding="utf-8")
    desk.schedules.add(
        new_schedule("x", "0 2 * * *", csv, take=9, tz="UTC", missed="skip", now=BEGIN)
    )
    csv.write_text("idea,seed\none,x\nsix,1\n", encoding="utf-8")
    desk.fire(datetime(2026, 11, 21, 2, tzinfo=UTC))
    assert desk.queued() == ["six"]
    assert "seed" in desk.schedules.all()[0].note


def test_a_film_that_was_made_and_forgotten_is_not_taken_again(desk: Desk) -> None:
    desk.add("0 * * * *")
    desk.fire(datetime(2026, 11, 20, 13, tzinfo=UTC))
    for film in desk.queue.films():
        desk.queue.cancel(film)
    desk.queue.prune(desk.queue.films())
    desk.fire(datetime(2026, 11, 20, 14, tzinfo=UTC))
    assert desk.queued() == ["four", "three"]


@pytest.mark.parametrize(
    ("cron", "tz", "fault"),
    [("at two", "UTC", "no time of cron"), ("0 2 * * *", "Mars/Base", "no time zone")],
)
def test_what_a_clock_cannot_show_is_refused(desk: Desk, cron: str, tz: str, fault: str) -> None:
    with pytest.raises(UsageError, match=fault):
        desk.add(cron, tz=tz)


def test_ticking_looks_only_when_something_is_due(desk: Desk) -> None:
    desk.add("0 2 * * *")
    poll = polling(desk.schedules, desk.queue, desk.root, lambda: desk.now)
    fired = 0
    for minute in range(0, 24 * 60, 5):
        desk.now = BEGIN + timedelta(minutes=minute)
        fired += len(poll())
    assert fired == 1


@pytest.mark.parametrize("cron", ["0 2 30 2 *", "0 2 31 4,6,9,11 *"])
def test_a_day_that_never_comes_is_refused_and_not_kept(desk: Desk, cron: str) -> None:
    with pytest.raises(UsageError, match="a time that never comes"):
        desk.add(cron)
    assert desk.schedules.all() == desk.schedules.broken() == []


@pytest.mark.parametrize(
    "change",
    [
        {"cron": "0 2 30 2 *"},
        {"cron": 3},
        {"tz": "Mars/Olympus"},
        {"since": "yesterday"},
        {"since": "2026-11-20T12:00:00"},
        {"taken": 5},
        {"take": "many"},
        "not JSON",
        "[" * 100_000,
    ],
)
def test_a_bad_row_is_a_line_in_the_list_and_not_the_end_of_the_night(
    desk: Desk, change: dict[str, object] | str
) -> None:
    desk.add("0 2 * * *")
    (good,) = desk.schedules.all()
    text = change if isinstance(change, str) else json.dumps({**asdict(good), **change})
    url = database_url(desk.root)
    with sqlite3.connect(url.removeprefix("sqlite:///")) as base:
        base.execute("INSERT INTO storyboard_schedules VALUES (?, ?)", ("a bad one", text))
    base.close()
    assert [row.name for row in desk.schedules.broken()] == ["a bad one"]
    assert desk.fire(datetime(2026, 11, 21, 2, tzinfo=UTC))
    assert desk.schedules.next(desk.now) is not None
    listed = CliRunner().invoke(app, ["schedule", "list", "--runs", str(desk.root)])
    assert listed.exit_code == 0, listed.output
    assert "a bad one: does not hold and is passed over" in " ".join(listed.output.split())
    assert "night" in listed.output
    desk.schedules.remove("a bad one")
    assert desk.schedules.broken() == []
