"""The card's page: what each stage will need, what was measured, who is awake, and releasing it; what
of a profile's weights and environments is on the disk by now.

Knows: the page. Does not know: how a forecast comes about, how a service is stopped.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

from fastapi import FastAPI, Form, Request
from starlette.responses import Response

from storyboard.batch import duty, jobs
from storyboard.core.errors import Busy, UsageError
from storyboard.gpu.log import LeaseTrace, trace
from storyboard.gpu.overview import overview, release_all
from storyboard.profile import load_profile
from storyboard.setup.survey import survey
from storyboard.setup.survey_report import size_in_words
from storyboard.studio import pages
from storyboard.studio.desk import Studio, page_changed

_PATIENCE_S = 30.0
"""A worker that only stays for the next redo stops its servers meanwhile."""
_FILMS, _LEASES = 8, 12
"""The newest films in whose logs it is looked what was measured, and how many leases of each."""


def add_routes(app: FastAPI, studio: Studio) -> None:
    @app.get("/card")
    def card(request: Request, profile: str = "") -> Response:
        name = studio.known(profile or studio.profile)
        loaded = load_profile(name)
        worker = duty.on_duty(studio.place.root)
        return pages.page(
            request,
            "card",
            profile=name,
            profiles=studio.profiles,
            seen=overview(loaded),
            setup=survey(loaded, ask=False),
            size=size_in_words,
            measured=list(_measured(studio)),
            worker=worker,
        )

    @app.post("/card/release")
    def release(profile: Annotated[str, Form(max_length=400)]) -> Response:
        root, named = studio.place.root, studio.known(profile)
        worker = duty.on_duty(root)
        if any(map(jobs.working, jobs.places(root))):
            raise Busy("a film is being made: wait for it, or stop it first")
        if worker is not None and worker.by_hand:
            # It stays only so that the next redo is quick.
            worker.end(_PATIENCE_S)
        release_all(load_profile(named))
        return page_changed()


def _measured(studio: Studio) -> list[tuple[str, list[LeaseTrace]]]:
    """Leases of the newest films that held the card; under no name, the last ones of the queue,
    whose films share them."""
    found: list[tuple[str, list[LeaseTrace]]] = []
    root, names = studio.place.root, [tile.name for tile in studio.gallery.tiles()[:_FILMS]]
    for name, folder in [("", root / ".batch"), *((name, root / name) for name in names)]:
        with suppress(UsageError):
            found.append((name, trace(folder)[-_LEASES:]))
    return found
