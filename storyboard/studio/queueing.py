"""Tonight's queue: which films wait, in which order, what begins by itself, what came of last night.

Knows: the batch's queue from outside. Does not know: how a batch is made.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import FastAPI, Form, Request
from starlette.responses import Response

from storyboard.batch import duty
from storyboard.core.directory import Directory
from storyboard.core.errors import UsageError
from storyboard.studio import job_requests, pages
from storyboard.studio.desk import Studio, page_changed
from storyboard.studio.gallery import Tile

if TYPE_CHECKING:
    from storyboard.batch.queue import QueuedFilm
    from storyboard.batch.schedule import Schedules

Act = Literal["pause", "resume", "cancel", "retry"]
ACTS: dict[str, tuple[Act, ...]] = {
    "waiting": ("pause", "cancel"),
    "working": ("pause", "cancel"),
    "held": ("resume", "cancel"),
    "paused": ("resume", "cancel"),
    "cancelled": ("resume",),
    "parked": ("retry",),
    "done": (),
}
"""What can be done about a film of the queue."""
_SHOWN = ("films", "asked", "schedules", "sheet")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


def add_routes(app: FastAPI, studio: Studio) -> None:
    _looking(app, studio)
    _films(app, studio)
    _night(app, studio)
    _schedules(app, studio)


def _looking(app: FastAPI, studio: Studio) -> None:
    @app.get("/queue")
    def queue(request: Request) -> Response:
        root = studio.place.root
        worker = duty.on_duty(root)
        seen = _seen(studio) if _is_begun(studio) else dict[str, Any](dict.fromkeys(_SHOWN, ()))
        return pages.page(
            request,
            "queue",
            **seen,
            acts=ACTS,
            folders=set(studio.place.names()),
            worker=worker,
            night=worker is not None and not worker.by_hand,
            last_words=duty.last_words(root),
        )


def _seen(studio: Studio) -> dict[str, Any]:
    """What the page shows of the queue."""
    from storyboard.batch import job_queue
    from storyboard.batch.account import Account

    now = datetime.now().astimezone()
    with job_requests.opened(studio.place.root) as queue, _opened_schedules(queue.url) as schedules:
        films = queue.films()
        listed = [(each, each.next(now)) for each in schedules.all()]
        asked = job_queue.asked(queue)
    # Of the night whose account is open, or of the last half day.
    since = min(Account(studio.place.root).began(), now.timestamp() - 12 * 3600)
    over = [film for film in films if film.state in ("done", "parked") and film.ended >= since]
    sheet = [(film, _tile(studio, film)) for film in over]
    return dict(zip(_SHOWN, (films, asked, listed, sheet), strict=True))


def _tile(studio: Studio, film: QueuedFilm) -> Tile | None:
    name = film.folder.name
    return studio.gallery.tile(name) if name in set(studio.place.names()) else None


def _films(app: FastAPI, studio: Studio) -> None:
    root = studio.place.root

    @app.post("/queue/order")
    def order(
        film: Annotated[str, Form(max_length=120)],
        before: Annotated[str, Form(max_length=120)] = "",
    ) -> Response:
        from storyboard.batch.queue_order import move

        with job_requests.opened(root) as opened:
            move(opened, opened.film(film), opened.film(before) if before else None)
        return page_changed()

    @app.post("/queue/films/{film}/{act}")
    def act(film: str, act: Act) -> Response:
        with job_requests.opened(root) as opened:
            found = opened.film(film)
            {
                "pause": opened.pause,
                "resume": opened.resume,
                "cancel": opened.cancel,
                "retry": opened.retry,
            }[act](found)
        return page_changed()


def _night(app: FastAPI, studio: Studio) -> None:
    root = studio.place.root

    @app.post("/queue")
    def run(
        until: Annotated[str, Form(pattern=r"^(\d\d:\d\d)?$")] = "",
        gpu_minutes: Annotated[str, Form(pattern=r"^\d{0,5}$")] = "",
        max_cost: Annotated[str, Form(pattern=r"^(\d{1,5}(\.\d{1,4})?)?$")] = "",
    ) -> Response:
        given = {"until": until, "gpu-minutes": gpu_minutes, "max-cost": max_cost}
        words = [f"--{name}={value}" for name, value in given.items() if value]
        duty.start(root, "run", "--once", *words)
        return page_changed()

    @app.post("/queue/stay")
    def stay() -> Response:
        """Be there for schedules, and for whatever is queued."""
        duty.start(root, "serve")
        return page_changed()

    @app.post("/queue/stop")
    def stop() -> Response:
        worker = duty.on_duty(root)
        if worker is not None:
            worker.end()
        return page_changed()


def _schedules(app: FastAPI, studio: Studio) -> None:
    root = studio.place.root

    @app.post("/queue/schedules")
    def add(
        name: Annotated[str, Form(max_length=40)],
        at: Annotated[str, Form(pattern=r"^\d\d:\d\d$")],
        ideas: Annotated[str, Form(max_length=100_000)],
        zone: Annotated[str, Form(max_length=64)] = "UTC",
        take: Annotated[int, Form(ge=1, le=99)] = 1,
    ) -> Response:
        from storyboard.batch.schedule import new_schedule

        if not _NAME.fullmatch(name):
            raise UsageError("a schedule's name is of small letters, digits and hyphens")
        hour, minute = at.split(":")
        home = Directory(root, (".batch",))
        file = f"ideas-{name}.txt"
        with job_requests.opened(root) as queue, _opened_schedules(queue.url) as schedules:
            if name in [each.name for each in schedules.all()]:
                raise UsageError(f"a schedule '{name}' is there: remove it first")
            home.write(file, ideas)
            now = datetime.now().astimezone()
            cron = f"{int(minute)} {int(hour)} * * *"
            schedules.add(
                new_schedule(
                    name, cron, home.at(file), take=take, tz=zone, missed="catch-up", now=now
                )
            )
        return page_changed()

    @app.post("/queue/schedules/{name}/remove")
    def remove(name: str) -> Response:
        with job_requests.opened(root) as queue, _opened_schedules(queue.url) as schedules:
            schedules.remove(name)
        return page_changed()


@contextmanager
def _opened_schedules(url: str) -> Generator[Schedules]:
    from storyboard.batch.schedule import Schedules

    with Schedules(url) as schedules:
        yield schedules


def _is_begun(studio: Studio) -> bool:
    """Whether there is a queue: to look at a page must not make one."""
    if find_spec("dbos") is None:
        return False
    from storyboard.batch.database import default_url

    place = default_url(studio.place.root).partition("///")[2]
    return studio.place.root.joinpath(place).is_file()
