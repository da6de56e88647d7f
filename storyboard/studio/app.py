"""The application: its routes, the guards before them, and how an error is answered.

Knows: HTTP. Does not know: how anything is found or made.
"""

from __future__ import annotations

import threading
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI, Form, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import (
    FileResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)

from image_engine.guard import Guard, Rules
from renderers.errors import RendererError
from storyboard.batch import jobs
from storyboard.batch.jobs import LAB, VOICES
from storyboard.core.errors import Busy, StoryboardError
from storyboard.edit.lab import ENGINE, Lab
from storyboard.edit.voice_samples import Samples
from storyboard.graph.session import Session
from storyboard.profile import load_profile
from storyboard.studio import (
    bringing,
    card_page,
    cast_page,
    editing,
    job_requests,
    lab_page,
    live,
    newfilm,
    pages,
    queueing,
    reviewing,
    trying,
)
from storyboard.studio.board_page import page_of
from storyboard.studio.desk import Studio, page_changed
from storyboard.studio.gallery import SORTS, Gallery, Sort
from storyboard.studio.place import NotThere, Place, shown_file
from storyboard.studio.safety import Safety, Secrets, cookie_of

BODY = 64 << 20
"""Bytes of a request at most."""
_FOR_EVER = {"Cache-Control": "private, max-age=31536000, immutable"}


def create_app(runs: Path, own: Secrets, profile: str = "embedded", engine: str = "") -> FastAPI:
    """The studio of the films in `runs`; its lab draws at `engine`, or else where the profile does."""
    place = Place(runs)
    session = Session()
    image = load_profile(profile).image
    if image.backend != "hidream" or not image.base_url:
        engine = engine or ENGINE
    studio = Studio(
        place,
        own,
        Gallery(place),
        live.Streams(),
        session,
        profile,
        Samples(runs / VOICES, session),
        Lab(runs / LAB),
        engine,
    )

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        with studio.session, job_requests.WorkerWatchdog(place.root):
            # The first dry run would wait for what all of them need.
            threading.Thread(target=studio.warm, daemon=True).start()
            yield

    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, lifespan=lifespan)
    app.state.streams = studio.streams
    own_routes = (_looking, _running, _files, _door)
    rooms = (
        newfilm,
        bringing,
        trying,
        editing,
        cast_page,
        reviewing,
        queueing,
        card_page,
        lab_page,
    )
    for routes in (*own_routes, *(room.add_routes for room in rooms)):
        routes(app, studio)
    app.add_exception_handler(HTTPException, _answer_http)
    app.add_exception_handler(RequestValidationError, _answer_invalid)
    for kind in (StoryboardError, RendererError):
        app.add_exception_handler(kind, _answer)
    # The last one added is asked first.
    app.add_middleware(Safety, own=own)
    app.add_middleware(Guard, rules=Rules(BODY, loopback=own.loopback), answer=_refusal)
    return app


def _looking(app: FastAPI, studio: Studio) -> None:
    @app.get("/")
    def gallery(request: Request, q: str = "", sort: Sort = "newest") -> Response:
        tiles = studio.gallery.tiles(q, sort)
        return pages.page(request, "gallery", tiles=tiles, q=q, sort=sort, sorts=SORTS)

    @app.get("/films/{name}")
    def film(request: Request, name: str) -> Response:
        folder = studio.place.film(name)
        said = jobs.last_words(folder.path)
        return pages.page(request, "film", film=page_of(folder), last_words=said)

    @app.get("/films/{name}/beats/{index}")
    def beat(request: Request, name: str, index: int) -> Response:
        film = page_of(studio.place.film(name))
        card = next((card for card in film.cards if card.own.number == index), None)
        if card is None:
            raise NotThere("the film has no such beat")
        return pages.page(request, "_card", film=film, card=card)

    @app.get("/films/{name}/live")
    async def listen(request: Request, name: str) -> Response:
        folder = studio.place.film(name)
        if studio.streams.full:
            return PlainTextResponse("Too many pages listen.", 503, {"Retry-After": "5"})
        stream = live.follow(folder, studio.streams, studio.own.boot)
        return StreamingResponse(stream, media_type="text/event-stream")


def _running(app: FastAPI, studio: Studio) -> None:
    @app.post("/films/{name}/run")
    def run(name: str, review: Annotated[bool, Form()] = False) -> Response:
        job_requests.go_on(studio.place.film(name), review=review)
        return page_changed()

    @app.post("/films/{name}/stop")
    def stop(name: str) -> Response:
        job_requests.stop(studio.place.root, studio.place.film(name).path)
        return page_changed()


def _files(app: FastAPI, studio: Studio) -> None:
    @app.get("/films/{name}/files/{path:path}")
    def file(name: str, path: str, v: str = "") -> Response:
        found, kind = shown_file(studio.place.film(name), path)
        # With the time of the file in its address it never changes.
        return FileResponse(found, headers=_FOR_EVER if v else None, media_type=kind)

    @app.get("/static/{name}")
    def static(name: str) -> Response:
        found = pages.static_file(name)
        if found is None:
            raise NotThere("there is no such file")
        return Response(found[0].read_bytes(), media_type=found[1], headers=_FOR_EVER)


def _door(app: FastAPI, studio: Studio) -> None:
    def let_in(token: str, request: Request) -> Response:
        if not studio.own.knows(token):
            return pages.page(request, "login", 401, wrong=bool(token))
        return RedirectResponse("/", 303, {"Set-Cookie": cookie_of(studio.own, "browser")})

    @app.get("/login")
    def login(request: Request, token: str = "") -> Response:
        return let_in(token, request)

    @app.post("/login")
    def log_in(request: Request, token: Annotated[str, Form(max_length=200)] = "") -> Response:
        return let_in(token, request)


def _refusal(status: int, code: str, message: str) -> Response:
    return PlainTextResponse(f"{message[:1].upper()}{message[1:]}.", status)


def _answer(request: Request, error: Exception) -> Response:
    status = 404 if isinstance(error, NotThere) else 409 if isinstance(error, Busy) else 422
    return _told(request, str(error), status)


def _answer_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _told(request, str(error.detail), error.status_code)


def _answer_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    told = "; ".join(f"{each['loc'][-1]}: {each['msg']}" for each in error.errors()[:3])
    return _told(request, told, 422)


def _told(request: Request, message: str, status: int) -> Response:
    """An error: a page for whoever came by a link, a paragraph for a page that asked."""
    if request.method == "GET" and "hx-request" not in request.headers:
        return pages.page(request, "error", status, message=message)
    return PlainTextResponse(message, status)
