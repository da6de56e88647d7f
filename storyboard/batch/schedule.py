"""Schedules: at which times which ideas go into the queue by themselves.

Times are cron's, in a time zone. DBOS has schedules too, but fires them from the clock of a
process that stays, each one missed or none at all by its own record; here a timer's
`run --once` fires them as well, and a missed one is caught up or skipped by choice. So the
few facts of a schedule lie in a table of our own in the same database.

Knows: times, what was taken already. Does not know: who calls, how films are made.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from pathlib import Path
from typing import Any, Literal, Self, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa
from croniter import CroniterError, croniter
from pydantic import TypeAdapter

from storyboard.batch.database import database_errors, open_engine
from storyboard.batch.entry import Entry, EntryError, check_entries
from storyboard.batch.idea_list import read_rows
from storyboard.batch.queue import FilmQueue
from storyboard.core.errors import UsageError

Missed = Literal["catch-up", "skip"]
ON_TIME = timedelta(minutes=15)
"""Later than this, a time is missed: timers and machines wake late."""
_MOST_CAUGHT_UP = 31
"""Times that are caught up at most: after half a year away nobody wants all of them."""

_schedules = sa.Table(
    "storyboard_schedules",
    sa.MetaData(),
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("record", sa.Text, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Schedule:
    """At `cron`, in `tz`, the next `take` ideas of `source` are queued."""

    name: str
    cron: str
    source: str
    take: int
    tz: str
    missed: Missed
    since: str
    """ISO time up to which it is dealt with."""
    defaults: dict[str, Any] = field(default_factory=dict[str, Any])
    """Fields of entries where the source says nothing."""
    taken: tuple[str, ...] = ()
    """Ids of the films that came of it: no idea is taken twice."""
    note: str = ""
    """What was wrong the last time."""

    def times(self, until: datetime) -> Iterator[datetime]:
        """The times after `since` up to `until`, in the schedule's zone."""
        since = datetime.fromisoformat(self.since)
        yield from takewhile(lambda moment: moment <= until, self._from(since))

    def next(self, now: datetime) -> datetime:
        """The first time after `now`."""
        return next(self._from(now))

    def _from(self, moment: datetime) -> Iterator[datetime]:
        """All times after `moment`: as cron has it, an hour that the clock skips in spring is
        made up for when it is over, and one that it shows twice in autumn counts once, except
        to what happens every hour."""
        clock = croniter(self.cron, moment.astimezone(ZoneInfo(self.tz)))
        hourly = self.cron.split()[1].startswith("*")
        while True:
            found = clock.get_next(datetime)
            if hourly or found.utcoffset() == found.replace(fold=0).utcoffset():
                yield found


_SCHEDULE = TypeAdapter(Schedule)


@dataclass(frozen=True, slots=True)
class BrokenSchedule:
    """A row that is no schedule (any more): what it is called, and why it is none."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Firing:
    """One time of a schedule that was dealt with."""

    schedule: str
    at: datetime
    films: tuple[str, ...]
    late: bool
    note: str


class Schedules:
    """The schedules in the database of a queue. Use as a context manager."""

    def __init__(self, url: str) -> None:
        self._engine = open_engine(url)
        with database_errors(url):
            _schedules.create(self._engine, checkfirst=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._engine.dispose()

    def add(self, schedule: Schedule) -> None:
        """Keep a schedule.

        Raises:
            UsageError: a field does not hold, or the name is taken.
            EntryError: its source does not, by line and field.
        """
        _check(schedule)
        if schedule.name in self._names():
            raise UsageError(
                f"a schedule '{schedule.name}' is there: remove it, or choose another --name"
            )
        with self._engine.begin() as connection:
            connection.execute(sa.insert(_schedules).values(**_row(schedule)))

    def all(self) -> list[Schedule]:
        """Every schedule that holds; the night goes on without those that do not."""
        return [row for row in self._rows() if isinstance(row, Schedule)]

    def broken(self) -> list[BrokenSchedule]:
        """Every row that does not hold."""
        return [row for row in self._rows() if isinstance(row, BrokenSchedule)]

    def _rows(self) -> list[Schedule | BrokenSchedule]:
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(_schedules).order_by(_schedules.c.name)).all()
        return [_read(str(name), str(record)) for name, record in rows]

    def _names(self) -> list[str]:
        return [row.name for row in self._rows()]

    def remove(self, name: str) -> None:
        """Forget a schedule; what it queued stays.

        Raises:
            UsageError: there is none of that name.
        """
        with self._engine.begin() as connection:
            gone = connection.execute(sa.delete(_schedules).where(_schedules.c.name == name))
        if not gone.rowcount:
            names = ", ".join(self._names()) or "none"
            raise UsageError(f"there is no schedule '{name}': {names}")

    def fire(self, queue: FilmQueue, root: Path, now: datetime) -> list[Firing]:
        """Queue what is due at `now`, and what was missed where that is caught up.

        A kill in between does no harm: equal ideas are the same film.
        """
        fired: list[Firing] = []
        for schedule in self.all():
            times = list(schedule.times(now))
            if not times:
                continue
            on_time = [moment for moment in times if now - moment <= ON_TIME][-1:]
            made_up = times[-_MOST_CAUGHT_UP:] if schedule.missed == "catch-up" else on_time
            taken, note = list(schedule.taken), ""
            for moment in made_up:
                films, note = _take(schedule, taken, queue, root)
                taken += films
                late = moment not in on_time
                fired.append(Firing(schedule.name, moment, tuple(films), late, note))
            skipped = len(times) - len(made_up)
            if skipped:
                note = "; ".join(filter(None, [note, f"{skipped} missed times were skipped"]))
            self._keep(replace(schedule, since=_iso(times[-1]), taken=tuple(taken), note=note))
        return fired

    def next(self, now: datetime) -> datetime | None:
        """When the next schedule is due."""
        return min((schedule.next(now) for schedule in self.all()), default=None)

    def _keep(self, schedule: Schedule) -> None:
        with self._engine.begin() as connection:
            connection.execute(
                sa.update(_schedules)
                .where(_schedules.c.name == schedule.name)
                .values(**_row(schedule))
            )


def new_schedule(
    name: str, cron: str, source: Path, *, take: int, tz: str, missed: Missed, now: datetime
) -> Schedule:
    """A schedule that begins now."""
    return Schedule(name, cron, str(source.absolute()), take, tz, missed, _iso(now))


def polling(
    schedules: Schedules, queue: FilmQueue, root: Path, now: Callable[[], datetime]
) -> Callable[[], list[Firing]]:
    """`fire`, to be called as often as one likes: it looks only when something is due."""
    due: datetime | None = None

    def poll() -> list[Firing]:
        nonlocal due
        moment = now()
        if due is not None and moment < due:
            return []
        fired = schedules.fire(queue, root, moment)
        # A schedule may be added at any time: look again in a minute.
        soon = moment + timedelta(minutes=1)
        due = min(soon, schedules.next(moment) or soon)
        return fired

    return poll


def _row(schedule: Schedule) -> dict[str, str]:
    return {"name": schedule.name, "record": json.dumps(asdict(schedule), ensure_ascii=False)}


def _read(name: str, text: str) -> Schedule | BrokenSchedule:
    """What a row holds, whoever wrote it."""
    try:
        schedule = _SCHEDULE.validate_json(text)
        _check_time(schedule)
        if datetime.fromisoformat(schedule.since).tzinfo is None:
            raise ValueError("since: has no time zone")
    except (UsageError, ValueError) as error:
        return BrokenSchedule(name, " ".join(str(error).split())[:200])
    return schedule


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _check(schedule: Schedule) -> None:
    _check_time(schedule)
    check_entries(read_rows(Path(schedule.source)), schedule.defaults, schedule.source)


def _check_time(schedule: Schedule) -> None:
    """
    Raises:
        UsageError: no time of cron, no time zone, or a time that never comes.
    """
    if not croniter.is_valid(schedule.cron) or len(schedule.cron.split()) != 5:
        raise UsageError(
            f"'{schedule.cron}' is no time of cron: minute hour day month weekday, "
            'as "0 2 * * *" for two at night'
        )
    try:
        ZoneInfo(schedule.tz)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(
            f"--tz: '{schedule.tz}' is no time zone: a name such as Europe/Berlin or UTC"
        ) from None
    if schedule.missed not in get_args(Missed):
        raise UsageError(f"--missed: '{schedule.missed}' is none of catch-up, skip")
    try:
        schedule.next(datetime.now(UTC))
    except CroniterError:
        raise UsageError(
            f"'{schedule.cron}' is a time that never comes: is there such a day in that month?"
        ) from None


def _take(
    schedule: Schedule, taken: list[str], queue: FilmQueue, root: Path
) -> tuple[list[str], str]:
    """Queue the next ideas that were not taken; what was wrong with others. One bad line of
    a file that was edited since does not keep back the rest."""
    try:
        rows = read_rows(Path(schedule.source))
    except UsageError as error:
        return [], str(error)
    chosen: list[Entry] = []
    faults: list[str] = []
    for row in rows:
        try:
            (entry,) = check_entries([row], schedule.defaults)
        except EntryError as error:
            faults += error.faults
            continue
        if entry.id not in taken and all(entry.id != other.id for other in chosen):
            chosen.append(entry)
        if len(chosen) == schedule.take:
            break
    queue.add(chosen, root)
    if len(chosen) < schedule.take:
        faults.append(f"{schedule.source} has no more ideas: {len(chosen)} were left")
    return [entry.id for entry in chosen], "; ".join(faults)
