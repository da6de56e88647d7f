"""One's own picture, clip or recording, brought into a beat: taken in, then shown as any edit is.

Knows: uploads. Does not know: what is taken, what follows from it (`storyboard.edit.own`).
"""

from __future__ import annotations

from typing import Annotated

from fastapi import FastAPI, File, Request, UploadFile
from starlette.responses import Response

from storyboard.edit import beat_patches, own
from storyboard.plan import load_plan
from storyboard.stages.own_media import PARTS, OwnPart
from storyboard.studio import pages
from storyboard.studio.board_page import link
from storyboard.studio.desk import Studio
from storyboard.studio.proposing import propose


def add_routes(app: FastAPI, studio: Studio) -> None:
    @app.get("/films/{name}/beats/{index}/own")
    def brings(request: Request, name: str, index: int) -> Response:
        folder = studio.place.film(name)
        record = beat_patches.part_of(load_plan(folder.plan), index)
        media = getattr(record, "media", None)
        files = {part: getattr(media, part, "") for part in PARTS}
        links = {part: link(folder, file) for part, file in files.items() if file}
        return pages.page(
            request, "_own", name=name, index=index, files=files, links=links, parts=list(PARTS)
        )

    @app.post("/films/{name}/beats/{index}/own/{part}")
    def bring(
        request: Request, name: str, index: int, part: OwnPart, file: Annotated[UploadFile, File()]
    ) -> Response:
        folder = studio.place.film(name)
        plan = load_plan(folder.plan)
        # What has no place for it takes nothing in.
        own.show(plan, index, part, "x")
        taken = own.bring(folder, file.file, file.filename or "", PARTS[part])
        return propose(request, studio, folder, own.show(plan, index, part, taken), f"own_{part}")

    @app.get("/films/{name}/beats/{index}/own/{part}/none")
    def leave(request: Request, name: str, index: int, part: OwnPart) -> Response:
        folder = studio.place.film(name)
        patch = own.show(load_plan(folder.plan), index, part, "")
        return propose(request, studio, folder, patch, "own_none")
