"""The cast of a film: who they are, how they look and sound, and how that is changed.

Knows: characters, samples of voices. Does not know: how a sheet is drawn, a voice made or cloned.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI, File, Form, Request, UploadFile
from pydantic import BaseModel, Field
from starlette.responses import FileResponse, Response

from storyboard.batch import jobs
from storyboard.batch.jobs import VOICES, Job, Said
from storyboard.core.errors import UsageError
from storyboard.edit import own
from storyboard.edit.patch import Operation, Patch
from storyboard.graph.folder import RunFolder
from storyboard.plan import NARRATOR, Character, Plan, Voice, load_plan
from storyboard.profile import load_profile
from storyboard.profile.needs import need_of
from storyboard.stages.going_on import request_to_go_on
from storyboard.stages.render_request import RenderRequest
from storyboard.studio import job_requests, pages
from storyboard.studio.board_page import link
from storyboard.studio.desk import Studio
from storyboard.studio.place import NotThere
from storyboard.studio.proposing import propose

_LOOKS = ("name", "appearance", "wardrobe", "personality")


class Looks(BaseModel):
    """The form of somebody's looks; what is not in it stays."""

    name: str | None = Field(None, max_length=60)
    appearance: str | None = Field(None, max_length=2000)
    wardrobe: str | None = Field(None, max_length=2000)
    personality: str | None = Field(None, max_length=2000)


@dataclass(frozen=True, slots=True)
class Member:
    """One who speaks in the film."""

    id: str
    character: Character | None
    """None: the narrator."""
    voice: Voice | None
    sheet: str
    references: tuple[str, ...]
    recording: str
    """Of a cloned voice."""


def add_routes(app: FastAPI, studio: Studio) -> None:
    _looking(app, studio)
    _changing(app, studio)


def _looking(app: FastAPI, studio: Studio) -> None:
    @app.get("/films/{name}/cast")
    def cast(request: Request, name: str) -> Response:
        folder = studio.place.film(name)
        plan, means = load_plan(folder.plan), request_to_go_on(folder)
        voices = studio.samples.voices(means.profile, means.overrides, plan.language)
        members = [_member(folder, each.id, each, each.voice) for each in plan.cast]
        members.append(_member(folder, NARRATOR, None, plan.narrator))
        return pages.page(
            request,
            "cast",
            name=name,
            plan=plan,
            members=members,
            voices=voices,
            looks=_LOOKS,
            profile=means.profile,
        )

    @app.post("/films/{name}/voices")
    def speak(name: str, preset: Annotated[str, Form(max_length=80)]) -> Response:
        plan, means, file = sample(name, preset)
        if file.is_file():
            return Response(status_code=204)
        if need_of(load_profile(means.profile, means.overrides), "speech") is None:
            studio.samples.said(means.profile, means.overrides, plan.language, preset)
            return Response(status_code=204)
        # Whoever speaks has to be woken, and others may have the card.
        said, root = Said(voice=preset, language=plan.language), studio.place.root
        job = Job(film=VOICES, said=said, profile=means.profile, overrides=means.overrides)
        job_requests.ask(root, job)
        while jobs.working(root / VOICES):
            time.sleep(0.2)
        if not file.is_file():
            raise UsageError(jobs.last_words(root / VOICES))
        return Response(status_code=204)

    @app.get("/films/{name}/voices/{voice}")
    def hear(name: str, voice: str) -> Response:
        _, _, file = sample(name, voice)
        if not file.is_file():
            raise NotThere("this voice was not asked for yet")
        return FileResponse(file, media_type="audio/wav")

    def sample(name: str, voice: str) -> tuple[Plan, RenderRequest, Path]:
        folder = studio.place.film(name)
        plan, means = load_plan(folder.plan), request_to_go_on(folder)
        return (
            plan,
            means,
            studio.samples.file(means.profile, means.overrides, plan.language, voice),
        )


def _changing(app: FastAPI, studio: Studio) -> None:
    @app.post("/films/{name}/cast/{who}/looks")
    def looks(request: Request, name: str, who: str, given: Annotated[Looks, Form()]) -> Response:
        folder = studio.place.film(name)
        patch = _differences(load_plan(folder.plan), who, given)
        return propose(request, studio, folder, patch) if patch else Response("")

    @app.post("/films/{name}/cast/{who}/voice")
    def voice(
        request: Request, name: str, who: str, preset: Annotated[str, Form(max_length=80)]
    ) -> Response:
        folder = studio.place.film(name)
        patch = own.speak_as(_plan(folder, who), who, preset)
        return propose(request, studio, folder, patch, "voice")

    @app.post("/films/{name}/cast/{who}/clone")
    def clone(
        request: Request,
        name: str,
        who: str,
        file: Annotated[UploadFile, File()],
        consent: Annotated[str, Form(max_length=600)] = "",
    ) -> Response:
        folder = studio.place.film(name)
        plan = _plan(folder, who)
        # Without consent not even the recording is kept.
        own.clone(plan, who, "x", consent)
        taken = own.bring(folder, file.file, file.filename or "", "recording")
        patch = own.clone(plan, who, taken, consent)
        return propose(request, studio, folder, patch, "clone")

    @app.post("/films/{name}/cast/{who}/sheet")
    def sheet(
        request: Request, name: str, who: str, file: Annotated[UploadFile, File()]
    ) -> Response:
        folder = studio.place.film(name)
        if who == NARRATOR:
            raise UsageError("the narrator is not seen")
        _plan(folder, who)
        taken = own.bring(folder, file.file, file.filename or "", "picture")
        return propose(request, studio, folder, own.refer(who, taken), "sheet")


def _plan(folder: RunFolder, who: str) -> Plan:
    """The plan of a film that has somebody.

    Raises:
        UsageError: nobody is called that.
    """
    plan = load_plan(folder.plan)
    if who != NARRATOR and who not in [each.id for each in plan.cast]:
        raise UsageError(f"nobody in this film is '{who[:40]}'")
    return plan


def _member(
    folder: RunFolder, who: str, character: Character | None, voice: Voice | None
) -> Member:
    references = character.references if character else []
    return Member(
        who,
        character,
        voice,
        link(folder, f"images/cast_{who}.png"),
        tuple(filter(None, (link(folder, each) for each in references))),
        link(folder, voice.reference_audio) if voice and voice.reference_audio else "",
    )


def _differences(plan: Plan, who: str, given: Looks) -> Patch:
    character = next((each for each in plan.cast if each.id == who), None)
    if character is None:
        raise UsageError(f"nobody in this film is '{who[:40]}'")
    said = {field: text.strip() for field, text in given.model_dump(exclude_none=True).items()}
    return [
        Operation(op="add", path=f"/cast/{who}/{field}", value=text)
        for field, text in said.items()
        if text != getattr(character, field)
    ]
