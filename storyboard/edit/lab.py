"""Pictures tried on the engine's own server, beside all films: each request a sheet of its own.

    runs/.lab/20261129-1200-1f0c/wish.json   what was asked for
                                 ref_01.png  with which pictures
                                 01.png …    what came of it, each with its own request within
                             step        how far the picture is that is drawn now

A sheet may be a grid: every number of steps with every guidance and size. What is drawn of it stays:
who is asked again goes on where the last one was ended.

Knows: the engine's client, its presets. Does not know: films, how a picture is drawn, who asks when.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import Field, ValidationError, field_validator

from image_engine.client import ImageClient, Step, Task
from image_engine.presets import PRESETS
from renderers.image.hidream import server_errors
from storyboard.core import stopping
from storyboard.core.directory import Directory
from storyboard.core.errors import UsageError
from storyboard.core.files import dump_json
from storyboard.core.strict_records import Record
from storyboard.media.intake import Intake, IntakeRefused
from storyboard.profile import Profile

Kind = Literal["text", "edit", "character", "tryon", "group", "skeleton", "layout"]
KINDS: tuple[Kind, ...] = get_args(Kind)
ENGINE, ENGINE_KEY = "http://127.0.0.1:8895", "STORYBOARD_ENGINE_KEY"
"""Of a server that no profile names: where it is looked for, and what has its key."""
MOST = 16
"""Pictures of a sheet."""


@dataclass(frozen=True, slots=True)
class Way:
    """How the server is asked for a kind of picture."""

    task: Task
    least: int
    most: int
    """Pictures that go in."""


WAYS: dict[Kind, Way] = {
    "text": Way("t2i", 0, 0),
    "edit": Way("edit", 1, 1),
    "character": Way("ip", 1, 11),
    "tryon": Way("ip", 2, 6),
    "group": Way("ip", 2, 11),
    "skeleton": Way("skeleton", 2, 11),
    "layout": Way("layout", 1, 11),
}


class SheetRequest(Record):
    """What is to be drawn. Several steps, guidances or sizes make a grid."""

    kind: Kind = "text"
    prompt: str = Field(min_length=1, max_length=8000)
    preset: str = "preview"
    steps: tuple[int, ...] = ()
    guidance: tuple[float, ...] = ()
    sizes: tuple[tuple[int, int], ...] = ()
    seed: int = Field(default=42, ge=0, le=2**31 - 1)
    boxes: tuple[tuple[float, float, float, float], ...] = ()
    """Of a layout, one a picture: left, right, top, bottom, 0 to 1."""

    @field_validator("preset")
    @classmethod
    def _known(cls, preset: str) -> str:
        if preset not in PRESETS:
            raise ValueError(f"is none of {', '.join(PRESETS)}")
        return preset

    def cells(self) -> list[dict[str, Any]]:
        """The fields of each picture's request."""
        found: list[dict[str, Any]] = []
        for steps, guidance, size in product(
            self.steps or (None,), self.guidance or (None,), self.sizes or (None,)
        ):
            fields: dict[str, Any] = {"preset": self.preset, "seed": self.seed}
            fields |= {"steps": steps} if steps is not None else {}
            fields |= {"guidance_scale": guidance} if guidance is not None else {}
            if size is not None:
                fields |= {"width": size[0], "height": size[1], "snap_resolution": False}
            if self.kind == "layout":
                fields["layout_bboxes"] = [list(box) for box in self.boxes]
            found.append(fields)
        return found

    def refuse(self, references: int) -> None:
        """
        Raises:
            UsageError: it cannot be asked for with so many pictures.
        """
        way, many = WAYS[self.kind], len(self.cells())
        if not way.least <= references <= way.most:
            wanted = str(way.least) if way.least == way.most else f"{way.least} to {way.most}"
            raise UsageError(f"{self.kind} takes {wanted} pictures; {references} were given")
        if self.kind == "layout" and len(self.boxes) != references:
            raise UsageError(f"draw a box for each of the {references} pictures")
        if many > MOST:
            raise UsageError(f"this grid has {many} pictures: {MOST} at most")


@dataclass(frozen=True, slots=True)
class Cell:
    """One picture of a sheet. `file` is "" while it is not there."""

    fields: dict[str, Any]
    file: str


@dataclass(frozen=True, slots=True)
class Sheet:
    id: str
    folder: Path
    request: SheetRequest
    cells: tuple[Cell, ...]
    references: tuple[str, ...]
    step: str
    """How far the picture is that is drawn now."""

    @property
    def done(self) -> bool:
        return all(cell.file for cell in self.cells)


class Lab:
    """The sheets in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._files = Directory(folder)

    def begin(self, request: SheetRequest, references: Sequence[bytes]) -> Sheet:
        """A new sheet, nothing of which is drawn.

        Raises:
            UsageError: it cannot be asked for.
        """
        request.refuse(len(references))
        name = f"{datetime.now():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
        home = self._files.sub(name)
        for number, picture in enumerate(references, 1):
            home.write(f"ref_{number:02d}.png", picture)
        try:
            for file in home.names():
                Intake(home.at()).take(file, "picture")
        except IntakeRefused as error:
            self._files.remove_tree(name)
            raise UsageError(str(error)) from None
        home.write("wish.json", dump_json(request.model_dump(mode="json")))
        return self.sheet(name)

    def sheets(self, most: int = 24) -> list[Sheet]:
        """The newest first."""
        found: list[Sheet] = []
        for name in reversed(self._files.names()):
            if len(found) >= most:
                break
            with suppress(UsageError):
                found.append(self.sheet(name))
        return found

    def sheet(self, name: str) -> Sheet:
        """
        Raises:
            UsageError: there is none of that name.
        """
        if not name or name.startswith(".") or set(name) & {"/", "\\", "\0"}:
            raise UsageError("there is no such sheet")
        return read_sheet(self._files.sub(name))

    def file(self, name: str, file: str) -> Path:
        """
        Raises:
            UsageError: the sheet has no such picture.
        """
        sheet = self.sheet(name)
        if file not in (*sheet.references, *(cell.file for cell in sheet.cells if cell.file)):
            raise UsageError("the sheet has no such picture")
        self._files.sub(name).check(file)
        return sheet.folder / file

    def remove(self, name: str) -> None:
        self.sheet(name)
        self._files.remove_tree(name)


def read_sheet(home: Directory) -> Sheet:
    """
    Raises:
        UsageError: there is none.
    """
    name = home.at().name
    try:
        request = SheetRequest.model_validate_json(home.read("wish.json"))
    except (OSError, ValidationError):
        raise UsageError(f"there is no sheet '{name[:40]}'") from None
    there = set(home.names())
    files = (f"{number:02d}.png" for number in range(1, len(request.cells()) + 1))
    cells = [
        Cell(fields, file if file in there else "")
        for fields, file in zip(request.cells(), files, strict=True)
    ]
    references = tuple(sorted(each for each in there if each.startswith("ref_")))
    step = home.read("step").decode(errors="replace")[:40] if "step" in there else ""
    return Sheet(name, home.at(), request, tuple(cells), references, step)


def engine_client(profile: Profile, engine: str) -> ImageClient:
    """The client of the server at `engine`, or else of the profile's own."""
    if engine:
        return ImageClient(engine, api_key=os.environ.get(ENGINE_KEY))
    return ImageClient(profile.image.base_url, api_key=profile.image.api_key())


def draw(folder: Path, client: ImageClient) -> None:
    """Draw what of a sheet is not there, picture by picture.

    Raises:
        UsageError: there is no such sheet. RendererError: it cannot be drawn.
        Stopped: it was told to stop.
    """
    home = Directory(folder)
    sheet = read_sheet(home)
    pictures = [home.read(file) for file in sheet.references]

    def told(number: int, step: Step) -> None:
        stopping.check()
        home.write("step", f"{number}: {step.step}/{step.steps}")

    try:
        for number, cell in enumerate(sheet.cells, 1):
            if cell.file:
                continue
            with server_errors():
                drawn = client.generate(
                    sheet.request.prompt,
                    pictures,
                    task=WAYS[sheet.request.kind].task,
                    on_step=partial(told, number),
                    **cell.fields,
                )
            home.write(f"{number:02d}.png", drawn.png)
    finally:
        home.remove("step")
