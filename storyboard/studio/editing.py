"""Changes of a film: shown with what they redo, then done, and taken back.

Each is a patch of the plan (`storyboard.edit`). A page is shown what a patch would redo, and hands
the same patch back to have it done.

Knows: the forms of a beat. Does not know: what a patch is, what follows from one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, cast, get_args

from fastapi import Depends, FastAPI, Form, Request
from starlette.responses import Response

from renderers.base import JSON
from renderers.scene import CameraMove, Expression, ShotAngle, ShotOrientation, ShotScale
from storyboard.batch import jobs
from storyboard.batch.jobs import Takes
from storyboard.core.errors import UsageError
from storyboard.edit import beat_patches, preview, takes
from storyboard.edit.board import open_board
from storyboard.edit.patch import Patch, read_patch
from storyboard.graph.folder import RunFolder
from storyboard.plan import NARRATOR, Part, Plan, Transition, load_plan
from storyboard.stages.going_on import request_to_go_on
from storyboard.studio import job_requests, pages
from storyboard.studio.board_page import link
from storyboard.studio.desk import Studio, page_changed
from storyboard.studio.proposing import propose, shown

CHOICES: dict[str, tuple[str, ...]] = {
    "expression": get_args(Expression),
    "shot/scale": get_args(ShotScale),
    "shot/angle": get_args(ShotAngle),
    "shot/orientation": get_args(ShotOrientation),
    "shot/move": get_args(CameraMove),
    "transition": get_args(Transition),
}
_NUMBERS = {"duration", "pause", "speed"}
_FIELDS = (
    *("line", "reading", "speaker", "expression", "action", "setting", "duration", "pause"),
    *("speed", "transition", "seed", "prompt/text", "title", "image_prompt"),
    *("shot/scale", "shot/angle", "shot/orientation", "shot/move"),
)
"""What the form of a beat may hold; of these, what differs from the plan is the change."""
Act = Literal["delete", "split", "mute", "insert", "lock", "unlock", "redo"]


def add_routes(app: FastAPI, studio: Studio) -> None:
    _beats(app, studio)
    _changes(app, studio)
    _takes(app, studio)


def _beats(app: FastAPI, studio: Studio) -> None:
    @app.get("/films/{name}/beats/{index}/edit")
    def edit(request: Request, name: str, index: int) -> Response:
        plan = load_plan(studio.place.film(name).plan)
        record = beat_patches.part_of(plan, index)
        values = {field: _value(record.model_dump(mode="json"), field) for field in _FIELDS}
        return pages.page(
            request,
            "_edit",
            name=name,
            plan=plan,
            index=index,
            record=record,
            values={field: value for field, value in values.items() if value is not _NONE},
            choices=CHOICES,
            narrator=NARRATOR,
        )

    @app.post("/films/{name}/beats/{index}/preview")
    def look(
        request: Request, name: str, index: int, given: Annotated[dict[str, str], Depends(_given)]
    ) -> Response:
        folder = studio.place.film(name)
        patch = _differences(load_plan(folder.plan), index, given)
        return propose(request, studio, folder, patch) if patch else Response("")

    @app.get("/films/{name}/beats/{index}/{act}")
    def act_on(
        request: Request, name: str, index: int, act: Act, part: Part | None = None
    ) -> Response:
        folder = studio.place.film(name)
        patch = _act(load_plan(folder.plan), index, act, part)
        return propose(request, studio, folder, patch, title=act)

    @app.get("/films/{name}/move/{index}")
    def move(request: Request, name: str, index: int, before: int | None = None) -> Response:
        folder = studio.place.film(name)
        return propose(request, studio, folder, beat_patches.move(index, before), title="move")


def _changes(app: FastAPI, studio: Studio) -> None:
    @app.post("/films/{name}/apply")
    def apply(
        name: str,
        patch: Annotated[str, Form(max_length=200_000)],
        make: Annotated[bool, Form()] = False,
    ) -> Response:
        folder = studio.place.film(name)
        preview.apply(request_to_go_on(folder), read_patch(patch), studio.session)
        if make:
            job_requests.go_on(folder, here=True)
        return page_changed("close-sheet")

    @app.post("/films/{name}/undo")
    def undo(name: str, again: Annotated[bool, Form()] = False) -> Response:
        preview.undo(request_to_go_on(studio.place.film(name)), again=again, session=studio.session)
        return page_changed()

    @app.get("/films/{name}/pending")
    def pending(request: Request, name: str) -> Response:
        folder = studio.place.film(name)
        proposal = preview.explain(request_to_go_on(folder), studio.session)
        return pages.page(request, "_pending", proposal=proposal, edited=_edited(folder))


def _takes(app: FastAPI, studio: Studio) -> None:
    @app.get("/films/{name}/beats/{index}/takes/{part}")
    def beside(request: Request, name: str, index: int, part: Part) -> Response:
        folder = studio.place.film(name)
        card = open_board(folder.path).card(index)
        found = [
            (take, link(folder, take.file))
            for take in takes.takes_of(folder, index)
            if take.part == part
        ]
        return pages.page(
            request,
            "_many",
            name=name,
            index=index,
            part=part,
            parts=get_args(Part),
            card=card,
            takes=found,
            working=jobs.working(folder.path),
        )

    @app.post("/films/{name}/beats/{index}/takes/{part}")
    def make(name: str, index: int, part: Part) -> Response:
        folder = studio.place.film(name)
        beat_patches.part_of(load_plan(folder.plan), index)
        asked = Takes(beat=index, part=part)
        job_requests.ask(studio.place.root, jobs.job_to_go_on(folder, takes=asked))
        return page_changed("close-sheet")

    @app.get("/films/{name}/beats/{index}/takes/{part}/{seed}")
    def choose(request: Request, name: str, index: int, part: Part, seed: int) -> Response:
        folder = studio.place.film(name)
        asked = request_to_go_on(folder)
        patch, proposal = takes.choose(
            asked, takes.take_of(folder, index, part, seed), studio.session
        )
        return shown(request, folder, patch, proposal, "choose")


def _edited(folder: RunFolder) -> bool:
    """Whether the plan is younger than the last run: what lies in the folder is not of it."""
    try:
        return folder.plan.stat().st_mtime > folder.manifest.stat().st_mtime
    except OSError:
        return False


def _act(plan: Plan, index: int, act: Act, part: Part | None) -> Patch:
    match act:
        case "delete":
            return beat_patches.delete(index)
        case "split":
            return beat_patches.split(plan, index)
        case "mute":
            return beat_patches.mute(plan, index)
        case "insert":
            fields: dict[str, JSON] = {"speaker": NARRATOR, "line": plan.title}
            asked = [beat.index for beat in plan.beats]
            after = asked[asked.index(index) + 1 :] if index in asked else asked
            return beat_patches.insert(plan, after[0] if after else None, fields)
        case "lock" | "unlock":
            return beat_patches.lock(index, locked=act == "lock")
        case "redo":
            return beat_patches.redo(plan, index, part)


_NONE = object()


def _value(record: Any, field: str) -> Any:
    """The value at a path of a record; `_NONE` where it has no such field."""
    found = record
    for key in field.split("/"):
        if not isinstance(found, dict) or key not in found:
            return _NONE
        found = cast("dict[str, Any]", found)[key]
    return found


def _differences(plan: Plan, index: int, given: Mapping[str, str]) -> Patch:
    """The patch that has a beat hold what a form says."""
    record = beat_patches.part_of(plan, index).model_dump(mode="json")
    fields: dict[str, JSON] = {}
    for field, text in given.items():
        before = _value(record, field)
        if before is _NONE:
            continue
        after = _typed(field, text)
        if after != before and not (field == "line" and after == str(before).strip()):
            fields[field] = after
    if fields.get("prompt/text"):
        fields["prompt/edited"] = True
    if "line" in fields and "reading" not in fields and record.get("reading"):
        # The old reading would go on being spoken in place of the new words.
        fields["reading"] = ""
    return beat_patches.set_fields(index, fields) if fields else []


def _typed(field: str, text: str) -> JSON:
    text = text.replace("\r\n", "\n").strip()
    try:
        if field == "seed":
            return int(text) if text else None
        if field in _NUMBERS:
            return float(text)
    except ValueError:
        raise UsageError(f"{field}: '{text[:20]}' is no number") from None
    return (text or None) if field == "speaker" else text


async def _given(request: Request) -> dict[str, str]:
    """What the form of a beat says."""
    form = await request.form()
    return {field: str(form[field]) for field in _FIELDS if field in form}
