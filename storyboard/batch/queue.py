"""The queue of films, as DBOS keeps it: in SQLite by default, in PostgreSQL by URL.

A film is one durable workflow. Its entry is the workflow's input, its steps are the stages
that are behind it, its end is the workflow's output; nothing about a film is kept twice.

    ENQUEUED    waiting       CANCELLED   held, paused or cancelled (attribute `hold`)
    PENDING     working       SUCCESS     done or parked (the output says which, and why)

Knows: DBOS from outside, by its client. Does not know: how a film is made, who works.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal, Self, cast

import sqlalchemy as sa
from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer, EnqueueOptions, _serialization  # pyright: ignore[reportPrivateUsage]

from storyboard.batch.database import database_errors, database_url, default_url
from storyboard.batch.entry import Entry
from storyboard.core.errors import UsageError
from storyboard.core.files import canonical
from storyboard.review.review_history import load_history
from storyboard.stages.seal import seal

QUEUE = "films"
NOW = "now"
"""The queue of jobs: what somebody waits for."""
WORKFLOW, JOB = "film", "job"
VERSION = "1"
"""Of the workflow: raised when its steps change, so that no old film is replayed by new code."""
SERIALIZER = DBOSPortableJSONSerializer()
"""JSON: nothing in the queue is a pickle."""


def _no_pickle(serialized_data: str) -> Any:
    raise ValueError(
        f"a pickle is none of ours, and runs whatever it likes: {serialized_data[:20]}"
    )


# A row says itself what it is written in, and DBOS believes it: a folder of films may be a stranger's.
_serialization.DBOSDefaultSerializer.deserialize = _no_pickle

State = Literal["waiting", "working", "held", "paused", "cancelled", "parked", "done"]
LEFT: frozenset[State] = frozenset({"waiting", "working", "held"})
_UNREADABLE = "its record in the queue cannot be read: `storyboard batch prune --all` forgets it"
_NO_DUE = 99_999_999
_NAMED = 5
"""Films that a message names at most."""
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)


PERMANENT: Final = "hopeless"
"""What a queue says of a permanent failure: trying again cannot help."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one try at one stage; a step of the workflow, so it is JSON."""

    stage: str
    state: Literal["made", "failed", "hopeless", "held"]
    """`hopeless`: `PERMANENT`. `held`: not tried, the batch stopped before it."""
    reason: str = ""
    seconds: float = 0.0
    cost: float = 0.0
    """US dollars that the try spent on language models."""
    cut: int = 0
    """Of older versions: the number of a cut whose stages follow, each as a step."""

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Self:
        """As it was taken down, by this version or an older one."""
        names = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in record.items() if name in names})


@dataclass(frozen=True, slots=True)
class QueuedFilm:
    """A film of the queue."""

    id: str
    entry: Entry
    folder: Path
    state: State
    reason: str = ""
    """Why it is held or parked; what does not hold up about one that is done."""
    worker: str = ""
    """Who works on it, or did last."""
    created: float = 0.0
    """Unix time."""
    ended: float = 0.0
    """Unix time at which it was over, paused or held; 0: it waits or is worked on."""
    tries: tuple[Outcome, ...] = field(default=(), repr=False)
    place: float = 0.0
    """Where in line: by priority and due date, or where somebody has put it."""
    where: str = ""
    """Options with which commands find its queue, from the folder where one stands."""

    @property
    def made(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(t.stage for t in self.tries if t.state == "made"))

    @property
    def mending(self) -> int:
        """Number of the cut of it that is made; 0: none is."""
        history = None if self.state in ("done", "parked") else load_history(self.folder)
        return history.trial.number if history and history.trial else 0

    @property
    def way_on(self) -> str:
        """The command with which it goes on; empty where nothing is left to do."""
        run = f"storyboard batch run --once{self.where}"
        match self.state:
            case "parked":
                return f"storyboard batch retry {self.id}{self.where} && {run}"
            case "paused" | "cancelled":
                return f"storyboard batch resume {self.id}{self.where} && {run}"
            case "waiting" | "working" | "held":
                return run
            case "done":
                return ""

    @property
    def failures(self) -> int:
        return sum(t.state in ("failed", PERMANENT) for t in self.tries)

    @property
    def seconds(self) -> float:
        return sum(t.seconds for t in self.tries)

    @property
    def cost(self) -> float:
        return sum(t.cost for t in self.tries)


class FilmQueue:
    """The queue behind a URL. Use as a context manager."""

    def __init__(self, url: str) -> None:
        self.url = url
        with database_errors(url):
            DBOS.migrate(url)
            # A command says that the database is away; only a worker has reason to wait.
            self.client = DBOSClient(
                system_database_url=url, serializer=SERIALIZER, retry_connection_errors=False
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.destroy()

    # --- putting in -----------------------------------------------------------

    def add(self, entries: Iterable[Entry], root: Path) -> tuple[list[str], list[str]]:
        """Queue films that go to folders in `root`: ids of the new, and of those there before."""
        known = {film.id for film in self.films()}
        new, old = list[str](), list[str]()
        for entry in entries:
            if entry.id in known:
                old.append(entry.id)
                continue
            options = EnqueueOptions(
                workflow_name=WORKFLOW,
                queue_name=QUEUE,
                workflow_id=entry.id,
                app_version=VERSION,
                priority=_place(entry),
            )
            folder = root.absolute() / entry.id
            # The id makes a second call, after a kill, the same film.
            given = entry.model_dump(mode="json")
            self.client.enqueue(options, given, str(folder), seal(canonical(given)))
            known.add(entry.id)
            new.append(entry.id)
        return new, old

    # --- looking --------------------------------------------------------------

    def films(self, ids: Sequence[str] | None = None) -> list[QueuedFilm]:
        """All films, or those named, in the order in which they are made."""
        found = self.client.list_workflows(
            name=WORKFLOW, workflow_ids=None if ids is None else list(ids)
        )
        films = [self._film(status) for status in found]
        return sorted(films, key=lambda film: (film.place, film.created, film.id))

    def under_way(self, worker: str, *, films: bool = True) -> bool:
        """Whether anything waits, or this worker has something; without `films`, of jobs."""
        found = self.client.list_workflows(
            name=[WORKFLOW, JOB] if films else JOB,
            status=["ENQUEUED", "PENDING"],
            load_input=False,
            load_output=False,
        )
        return any(s.status == "ENQUEUED" or s.executor_id == worker for s in found)

    def waiting(self) -> bool:
        """Whether anything waits for a worker."""
        return bool(
            self.client.list_workflows(
                name=[WORKFLOW, JOB],
                status="ENQUEUED",
                limit=1,
                load_input=False,
                load_output=False,
            )
        )

    def film(self, name: str) -> QueuedFilm:
        """The film of an id, or of its unique beginning.

        Raises:
            UsageError: there is none, or several.
        """
        every = self.films()
        exact = [film for film in every if film.id == name]
        found = exact or [film for film in every if name and film.id.startswith(name)]
        if len(found) == 1:
            return found[0]
        if found:
            some = ", ".join(film.id for film in found[:_NAMED])
            more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
            raise UsageError(f"'{name}' is the beginning of {some}{more}")
        raise UsageError(f"the queue has no film '{name}'; `storyboard batch list` shows all")

    def _film(self, status: Any) -> QueuedFilm:
        try:
            return self._read(status)
        except (TypeError, LookupError, ValueError, AttributeError):
            nothing = Entry.model_construct(idea=status.workflow_id, format="")
            folder = Path(status.workflow_id)
            return QueuedFilm(status.workflow_id, nothing, folder, "parked", _UNREADABLE)

    def _read(self, status: Any) -> QueuedFilm:
        given = cast("Sequence[Any]", status.input["args"])
        entry = Entry.model_validate(given[0])
        tries = tuple(
            Outcome.of(step["output"])
            for step in self.client.list_workflow_steps(status.workflow_id)
            if step["function_name"] == "make_stage" and step["output"] is not None
        )
        state, reason = _state(status, tries)
        return QueuedFilm(
            status.workflow_id,
            entry,
            Path(given[1]),
            state,
            reason,
            status.executor_id or "",
            (status.created_at or 0) / 1000,
            0.0 if state in ("waiting", "working") else (status.updated_at or 0) / 1000,
            tries,
            float(cast("Mapping[str, Any]", status.attributes or {}).get("place") or _place(entry)),
            _where(self.url, Path(given[1]).parent),
        )

    # --- changing -------------------------------------------------------------

    def pause(self, film: QueuedFilm) -> None:
        """Let nothing more be done about it after the stage under way, until `resume`.

        Raises:
            UsageError: it is over.
        """
        self._stop(film, "paused")

    def cancel(self, film: QueuedFilm) -> None:
        """As `pause`, for good; what is made stays in its folder."""
        self._stop(film, "cancelled")

    def _stop(self, film: QueuedFilm, hold: str) -> None:
        if film.state in ("done", "parked"):
            raise UsageError(f"{film.id} is {film.state} already")
        self.client.update_workflow_attributes(film.id, {"hold": hold}, merge=True)
        self.client.cancel_workflow(film.id)

    def resume(self, film: QueuedFilm) -> None:
        """Let a film that was paused, held or cancelled go on where it was.

        Raises:
            UsageError: it is neither.
        """
        if film.state not in ("paused", "held", "cancelled"):
            hint = f": `storyboard batch retry {film.id}`" if film.state == "parked" else ""
            raise UsageError(f"{film.id} is {film.state}, not paused{hint}")
        self.go_on(film.id)

    def retry(self, film: QueuedFilm) -> None:
        """Try a parked film again, with all its tries; what is made is used.

        Raises:
            UsageError: it is not parked.
        """
        if film.state != "parked":
            raise UsageError(f"{film.id} is {film.state}, not parked: there is nothing to retry")
        self.client.rewind_workflow(film.id, queue_name=QUEUE, application_version=VERSION)

    def prune(self, films: Iterable[QueuedFilm]) -> None:
        """Forget films; their folders stay."""
        self.client.delete_workflows([film.id for film in films])

    def reclaim(self) -> list[str]:
        """Queue again what a dead or stopped worker left; only while no worker lives.

        Whatever a film has behind it, stays behind it.
        """
        left = [film.id for film in self.films() if film.state in ("working", "held")]
        for name in left:
            self.go_on(name)
        return left

    def reclaim_from(self, executor: str) -> list[str]:
        """As `reclaim`, of one worker that died."""
        found = self.client.list_workflows(
            name=[WORKFLOW, JOB], status="PENDING", executor_id=executor, load_input=False
        )
        for status in found:
            self.go_on(status.workflow_id, NOW if status.name == JOB else QUEUE)
        return [status.workflow_id for status in found]

    def go_on(self, name: str, queue: str = QUEUE) -> None:
        """Queue again what was held, paused or left by a dead worker."""
        self.client.update_workflow_attributes(name, {"hold": None}, merge=True)
        held = self._held(name)
        if held:
            # Replayed, it would be held again: it goes back to before that.
            self.client.cancel_workflow(name)
            self.client.rewind_workflow(
                name, start_step=held[0], queue_name=queue, application_version=VERSION
            )
        else:
            self.client.resume_workflow(name, queue_name=queue)

    def is_held(self, name: str) -> bool:
        """Whether it was told to stop in the midst of a step that it did not make."""
        return bool(self._held(name))

    def _held(self, name: str) -> list[int]:
        steps = self.client.list_workflow_steps(name)
        return [s["function_id"] for s in steps if _stands_for(s, "held")]


def _where(url: str, root: Path) -> str:
    """The options of commands that are not what they are by default; never a password."""
    words: list[str] = []
    if root != Path("runs").absolute():
        words += ["--runs", str(root)]
    if url != default_url(root) and url != os.environ.get("STORYBOARD_BATCH_DB"):
        words += ["--db", sa.make_url(url).render_as_string(hide_password=True)]
    return "".join(f" {shlex.quote(word)}" for word in words)


def _stands_for(step: Any, state: str) -> bool:
    output = step["output"] if step["function_name"] in ("make_stage", "do_job") else None
    return output is not None and output["state"] == state


def _place(entry: Entry) -> int:
    """Where in line: by priority, then by due date. The queue's own clock settles the rest."""
    minutes = _NO_DUE
    if entry.due is not None:
        minutes = int((entry.due - _EPOCH).total_seconds() // 60)
    return entry.priority * 100_000_000 + min(max(minutes, 0), _NO_DUE)


def _state(status: Any, tries: tuple[Outcome, ...]) -> tuple[State, str]:
    match status.status:
        case "ENQUEUED" | "DELAYED":
            return "waiting", ""
        case "PENDING":
            return "working", ""
        case "CANCELLED":
            hold = str(cast("Mapping[str, Any]", status.attributes or {}).get("hold") or "held")
            reason = tries[-1].reason if hold == "held" and tries else ""
            return cast("State", hold), reason
        case "SUCCESS":
            return cast("State", status.output["state"]), str(status.output["reason"])
        case other:
            return "parked", f"{other}: {status.error}"


@contextmanager
def open_queue(root: Path, url: str = "") -> Generator[FilmQueue]:
    """The queue for a command; errors of its database are told as one paragraph."""
    address = database_url(root, url)
    with FilmQueue(address) as queue, database_errors(address):
        yield queue
