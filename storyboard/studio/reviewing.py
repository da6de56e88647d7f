"""What a review holds against a film: looked at, mended after a preview, or dismissed.

Knows: findings by number. Does not know: how one came about, how it is mended (`edit.findings`).
"""

from __future__ import annotations

from typing import Annotated

from fastapi import FastAPI, Form, Request
from starlette.responses import Response

from storyboard.batch import jobs
from storyboard.edit import findings, preview
from storyboard.stages.going_on import request_to_go_on
from storyboard.studio import job_requests, pages
from storyboard.studio.desk import Studio, page_changed


def add_routes(app: FastAPI, studio: Studio) -> None:
    @app.get("/films/{name}/findings/{number}/mend")
    def mend(request: Request, name: str, number: int) -> Response:
        folder = studio.place.film(name)
        return pages.page(
            request,
            "_proposal",
            where=f"/films/{folder.path.name}/findings/{number}/mend",
            proposal=findings.propose_mending(request_to_go_on(folder), number, studio.session),
            title="finding",
            patch="",
            working=jobs.working(folder.path),
        )

    @app.post("/films/{name}/findings/{number}/mend")
    def mended(name: str, number: int, make: Annotated[bool, Form()] = False) -> Response:
        folder = studio.place.film(name)
        asked = request_to_go_on(folder)
        preview.keep(asked, findings.propose_mending(asked, number, studio.session))
        if make:
            job_requests.go_on(folder, here=True)
        return page_changed("close-sheet")

    @app.post("/films/{name}/findings/{number}/dismiss")
    def dismiss(name: str, number: int) -> Response:
        findings.dismiss(studio.place.film(name), number, "dismissed in the studio")
        return page_changed()
