"""The image lab's page: a request, its sheet as it fills, and where a picture goes from there.

Knows: the form. Does not know: how a picture is asked for or drawn (`storyboard.edit.lab`).
"""

from __future__ import annotations

import json
import re
from typing import Annotated

from fastapi import FastAPI, Form, Request, UploadFile
from pydantic import BaseModel, Field, ValidationError
from starlette.responses import FileResponse, Response

from image_engine.client import ServerError, Unreachable
from image_engine.presets import PRESETS
from storyboard.batch import jobs
from storyboard.batch.jobs import LAB, Drawn, Job
from storyboard.core.errors import Busy, UsageError
from storyboard.core.strict_records import describe_errors
from storyboard.edit import own
from storyboard.edit.lab import KINDS, WAYS, Sheet, SheetRequest, engine_client
from storyboard.plan import load_plan
from storyboard.profile import load_profile
from storyboard.profile.needs import need_of
from storyboard.studio import job_requests, pages
from storyboard.studio.desk import Studio, page_changed
from storyboard.studio.place import NotThere
from storyboard.studio.proposing import propose

_MOST, WAITING = 11, 4
"""Pictures that go in, and sheets that may wait."""


class Wanted(BaseModel):
    """The form, as it is typed."""

    prompt: str = Field(max_length=8000)
    kind: str = Field("text", max_length=20)
    preset: str = Field("preview", max_length=40)
    steps: str = Field("", max_length=60)
    guidance: str = Field("", max_length=60)
    sizes: str = Field("", max_length=80)
    seed: int = Field(42, ge=0, le=2**31 - 1)
    boxes: str = Field("", max_length=4000)
    again: str = Field("", max_length=400)
    """Pictures of earlier sheets that go in."""
    pictures: list[UploadFile] = []
    """In the form itself: before 0.137 FastAPI takes a form beside files for a field of its name."""

    def request(self) -> SheetRequest:
        try:
            return SheetRequest.model_validate(
                {
                    "kind": self.kind,
                    "prompt": self.prompt.strip(),
                    "preset": self.preset,
                    "steps": [int(each) for each in _split(self.steps)],
                    "guidance": [float(each) for each in _split(self.guidance)],
                    "sizes": [
                        tuple(map(int, re.split(r"[x×*]", each))) for each in _split(self.sizes)
                    ],
                    "seed": self.seed,
                    "boxes": json.loads(self.boxes) if self.boxes.strip() else [],
                }
            )
        except ValidationError as error:
            raise UsageError("; ".join(describe_errors(error, "the request")[:3])) from None
        except ValueError:
            raise UsageError(
                "steps and guidance are numbers, sizes as 1024x1024, with commas between"
            ) from None


def add_routes(app: FastAPI, studio: Studio) -> None:
    _drawing(app, studio)
    _looking(app, studio)
    _sending(app, studio)


def _drawing(app: FastAPI, studio: Studio) -> None:
    root = studio.place.root

    def ask(sheet: Sheet) -> Response:
        drawn = Drawn(engine=studio.engine)
        job_requests.ask(root, Job(film=f"{LAB}/{sheet.id}", drawn=drawn, profile=studio.profile))
        return page_changed()

    @app.get("/lab")
    def lab(request: Request) -> Response:
        return pages.page(
            request,
            "lab",
            kinds=KINDS,
            ways=WAYS,
            presets=PRESETS,
            sheets=[(sheet, *_state(sheet)) for sheet in studio.lab.sheets()],
        )

    @app.post("/lab")
    def draw(form: Annotated[Wanted, Form()]) -> Response:
        given = [file.file.read() for file in form.pictures if file.filename]
        given = [*_kept(studio, form.again), *given][: _MOST + 1]
        if sum(jobs.working(each.folder) for each in studio.lab.sheets()) >= WAITING:
            raise Busy(f"{WAITING} sheets wait already: let one be drawn first")
        return ask(studio.lab.begin(form.request(), given))

    @app.post("/lab/sheets/{sheet}/again")
    def go_on(sheet: str) -> Response:
        return ask(studio.lab.sheet(sheet))

    @app.post("/lab/sheets/{sheet}/stop")
    def stop(sheet: str) -> Response:
        job_requests.stop(root, studio.lab.sheet(sheet).folder)
        return page_changed()

    @app.post("/lab/sheets/{sheet}/remove")
    def remove(sheet: str) -> Response:
        if jobs.working(studio.lab.sheet(sheet).folder):
            raise Busy("this sheet is being drawn: stop it first")
        studio.lab.remove(sheet)
        return page_changed()


def _looking(app: FastAPI, studio: Studio) -> None:
    @app.get("/lab/sheets/{sheet}/{file}")
    def picture(sheet: str, file: str) -> Response:
        try:
            return FileResponse(studio.lab.file(sheet, file), media_type="image/png")
        except UsageError as error:
            raise NotThere(str(error)) from None

    @app.get("/lab/engine")
    def engine(request: Request) -> Response:
        profile, served = load_profile(studio.profile), _served(studio)
        try:
            with engine_client(profile, studio.engine) as client:
                health, fault = client.health(), ""
        except (ServerError, Unreachable) as error:
            # One that is ours to start is started for the first picture.
            health, fault = {"state": "stopped"}, "" if served else str(error)
        where = studio.engine or profile.image.base_url
        return pages.page(
            request, "_engine", health=health, fault=fault, engine=where, served=served
        )

    @app.post("/lab/engine/wake")
    def wake() -> Response:
        if _served(studio):
            raise UsageError("this server is woken by whoever has the card: draw something")
        try:
            with engine_client(load_profile(studio.profile), studio.engine) as client:
                client.wake()
        except (ServerError, Unreachable) as error:
            raise UsageError(str(error)) from None
        return page_changed()


def _sending(app: FastAPI, studio: Studio) -> None:
    @app.get("/lab/sheets/{sheet}/{file}/send")
    def where(request: Request, sheet: str, file: str, film: str = "") -> Response:
        studio.lab.file(sheet, file)
        plan = load_plan(studio.place.film(film).plan) if film else None
        names = [name for name in studio.place.names() if studio.place.film(name).plan.is_file()]
        return pages.page(
            request, "_send", sheet=sheet, file=file, film=film, plan=plan, films=names
        )

    @app.post("/lab/sheets/{sheet}/{file}/send")
    def send(
        request: Request,
        sheet: str,
        file: str,
        film: Annotated[str, Form(max_length=200)],
        to: Annotated[str, Form(max_length=80, pattern=r"^(beat|cast):[\w-]+$")],
    ) -> Response:
        folder = studio.place.film(film)
        plan = load_plan(folder.plan)
        with studio.lab.file(sheet, file).open("rb") as stream:
            taken = own.bring(folder, stream, file, "picture")
        what, _, which = to.partition(":")
        if what == "beat":
            if not which.isdecimal():
                raise UsageError(f"there is no beat {which[:20]}")
            patch = own.show(plan, int(which), "image", taken)
        else:
            patch = own.refer(which, taken)
        return propose(request, studio, folder, patch, "own_image" if what == "beat" else "sheet")


def _state(sheet: Sheet) -> tuple[str, str]:
    """How far a sheet is, and why no further."""
    if sheet.done:
        return "done", ""
    if jobs.working(sheet.folder):
        return "drawing" if sheet.step else "waiting", ""
    words = jobs.last_words(sheet.folder)
    return "failed" if words else "left", words


def _served(studio: Studio) -> bool:
    """Whether the lab's server is one that is started and woken with a lease of the card."""
    return not studio.engine and need_of(load_profile(studio.profile), "image") is not None


def _kept(studio: Studio, names: str) -> list[bytes]:
    """Pictures of earlier sheets that go in again: `SHEET/FILE`, with spaces between."""
    found: list[bytes] = []
    for name in names.split()[:_MOST]:
        sheet, _, file = name.partition("/")
        found.append(studio.lab.file(sheet, file).read_bytes())
    return found


def _split(text: str) -> list[str]:
    return [part for part in re.split(r"[,\s]+", text.strip()) if part]
