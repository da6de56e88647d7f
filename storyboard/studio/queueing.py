"""Tonight's queue: which films wait, in which order, and what is to be done about each.

Knows: the batch's queue from outside. Does not know: how a batch is made.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import FastAPI, Form, Request
from starlette.responses import Response

from storyboard.core.errors import UsageError
from storyboard.studio import jobs, pages
from storyboard.studio.desk import Studio, changed

if TYPE_CHECKING:
    from storyboard.batch.queue import FilmQueue

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


def add_routes(app: FastAPI, studio: Studio) -> None:
    root = studio.place.root

    @app.get("/queue")
    def queue(request: Request) -> Response:
        if _is_begun(studio):
            with _opened(studio) as opened:
                films = opened.films()
        else:
            films = []
        folders = set(studio.place.names())
        return pages.page(
            request,
            "queue",
            films=films,
            acts=ACTS,
            folders=folders,
            working=jobs.working(root),
            last_words=jobs.last_words(root),
        )

    @app.post("/queue/{film}/{act}")
    def act(film: str, act: Act) -> Response:
        with _opened(studio) as opened:
            found = opened.film(film)
            {
                "pause": opened.pause,
                "resume": opened.resume,
                "cancel": opened.cancel,
                "retry": opened.retry,
            }[act](found)
        return changed()

    @app.post("/queue")
    def run(
        until: Annotated[str, Form(pattern=r"^(\d\d:\d\d)?$")] = "",
        gpu_minutes: Annotated[str, Form(pattern=r"^\d{0,5}$")] = "",
        max_cost: Annotated[str, Form(pattern=r"^(\d{1,5}(\.\d{1,4})?)?$")] = "",
    ) -> Response:
        words = ["batch", "run", "--once", f"--runs={root}"]
        given = {"until": until, "gpu-minutes": gpu_minutes, "max-cost": max_cost}
        words += [f"--{name}={value}" for name, value in given.items() if value]
        jobs.start(root, words, "storyboard")
        return changed()

    @app.post("/queue/stop")
    def stop() -> Response:
        jobs.stop(root)
        return changed()


def _is_begun(studio: Studio) -> bool:
    """Whether there is a queue: to look at a page must not make one."""
    from storyboard.batch.database import default_url

    place = default_url(studio.place.root).partition("///")[2]
    return find_spec("dbos") is not None and studio.place.root.joinpath(place).is_file()


@contextmanager
def _opened(studio: Studio) -> Generator[FilmQueue]:
    if find_spec("dbos") is None:
        raise UsageError('the queue is kept in DBOS: pip install "storyboard[batch]"')
    from storyboard.batch.queue import open_queue

    with open_queue(studio.place.root) as queue:
        yield queue
