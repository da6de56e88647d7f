"""Pictures tried on the engine's own server, beside all films: each wish a sheet of its own.

    runs/.lab/20261129-1200-1f0c/wish.json   what was wished
                                 ref_01.png  with which pictures
                                 01.png …    what came of it, each with its own request within

A sheet may be a grid: every number of steps with every guidance and size. One picture is drawn at
a time; a sheet that a kill left undone says so, and goes on where it is asked to.

Knows: the engine's client, its presets. Does not know: films, how a picture is drawn.
"""

from __future__ import annotations

import queue
import secrets
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import Field, ValidationError, field_validator

from image_engine.client import ImageClient, ServerError, Task, Unreachable
from image_engine.presets import PRESETS
from storyboard.core.directory import Directory
from storyboard.core.errors import Busy, UsageError
from storyboard.core.files import dump_json
from storyboard.core.strict_records import Record
from storyboard.media.intake import Intake, Refused

Kind = Literal["text", "edit", "character", "tryon", "group", "skeleton", "layout"]
KINDS: tuple[Kind, ...] = get_args(Kind)
MOST, WAITING = 16, 4
"""Pictures of a sheet, and sheets that may wait."""


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


class Wish(Record):
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
    wish: Wish
    cells: tuple[Cell, ...]
    references: tuple[str, ...]
    state: Literal["waiting", "drawing", "done", "failed", "left"]
    """`left`: a kill left it undone."""
    step: str
    """How far the picture is that is drawn now."""
    error: str


class Lab:
    """The sheets in `folder`, drawn by the server that `connect` reaches. Threads may share it."""

    def __init__(self, folder: Path, connect: Callable[[], ImageClient]) -> None:
        self._files, self._connect = Directory(folder), connect
        self._line: queue.Queue[str] = queue.Queue(WAITING)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._now, self._step = "", ""
        self._waiting: set[str] = set()
        self._errors: dict[str, str] = {}

    def begin(self, wish: Wish, references: Sequence[bytes]) -> str:
        """Have a sheet drawn; returns its id.

        Raises:
            UsageError: it cannot be asked for. Busy: too many wait already.
        """
        wish.refuse(len(references))
        name = f"{datetime.now():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
        self._refuse_full()
        home = self._files.sub(name)
        for number, picture in enumerate(references, 1):
            home.write(f"ref_{number:02d}.png", picture)
        try:
            for file in home.names():
                Intake(home.at()).take(file, "picture")
        except Refused as error:
            self._files.remove_tree(name)
            raise UsageError(str(error)) from None
        home.write("wish.json", dump_json(wish.model_dump(mode="json")))
        self.again(name)
        return name

    def again(self, name: str) -> None:
        """Draw what of a sheet is not there.

        Raises:
            UsageError: there is no such sheet. Busy: too many wait already.
        """
        self.sheet(name)
        self._refuse_full()
        with self._lock:
            if name == self._now or name in self._waiting:
                return
            self._errors.pop(name, None)
            self._waiting.add(name)
            self._line.put_nowait(name)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, daemon=True, name="lab")
                self._thread.start()

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
        home = self._home(name)
        try:
            wish = Wish.model_validate_json(home.read("wish.json"))
        except (OSError, ValidationError):
            raise UsageError(f"there is no sheet '{name[:40]}'") from None
        there = set(home.names())
        files = (f"{number:02d}.png" for number in range(1, len(wish.cells()) + 1))
        cells = [
            Cell(fields, file if file in there else "")
            for fields, file in zip(wish.cells(), files, strict=True)
        ]
        error = self._errors.get(name, "")
        done = all(cell.file for cell in cells)
        state = "done" if done else "failed" if error else "left"
        if name == self._now:
            state = "drawing"
        elif name in self._waiting:
            state = "waiting"
        references = tuple(sorted(each for each in there if each.startswith("ref_")))
        step = self._step if state == "drawing" else ""
        return Sheet(name, wish, tuple(cells), references, state, step, error)

    def file(self, name: str, file: str) -> Path:
        """
        Raises:
            UsageError: the sheet has no such picture.
        """
        sheet = self.sheet(name)
        if file not in (*sheet.references, *(cell.file for cell in sheet.cells if cell.file)):
            raise UsageError("the sheet has no such picture")
        home = self._home(name)
        home.check(file)
        return home.at(file)

    def remove(self, name: str) -> None:
        self.sheet(name)
        self._files.remove_tree(name)

    def _home(self, name: str) -> Directory:
        if not name or name.startswith(".") or set(name) & {"/", "\\", "\0"}:
            raise UsageError("there is no such sheet")
        return self._files.sub(name)

    def _refuse_full(self) -> None:
        if self._line.full():
            raise Busy(f"{WAITING} sheets wait already: let one be drawn first")

    def _work(self) -> None:
        while True:
            name = self._line.get()
            with self._lock:
                self._now, self._step = name, ""
                self._waiting.discard(name)
            try:
                self._draw(name)
            except (ServerError, Unreachable, UsageError, OSError) as error:
                self._errors[name] = str(error)
            finally:
                self._now = ""

    def _draw(self, name: str) -> None:
        sheet, home = self.sheet(name), self._home(name)
        pictures = [home.read(file) for file in sheet.references]
        task = WAYS[sheet.wish.kind].task
        with self._connect() as client:
            for number, cell in enumerate(sheet.cells, 1):
                if cell.file:
                    continue
                drawn = client.generate(
                    sheet.wish.prompt,
                    pictures,
                    task=task,
                    on_step=lambda at, n=number: self._told(f"{n}: {at.step}/{at.steps}"),
                    **cell.fields,
                )
                home.write(f"{number:02d}.png", drawn.png)

    def _told(self, step: str) -> None:
        self._step = step
