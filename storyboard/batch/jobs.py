"""A job: what somebody asks for by hand and waits for. A film to be made or gone on with, up to the
next gate or the end, further takes of a beat, a sheet of the lab, a voice to be heard.

    runs/.batch/queue.sqlite   the job, durable, before all films of the night
    runs/FILM/.job.json        that FILM has one: whoever looks at the folder sees it without the queue
    runs/FILM/.job.log         why the last one ended

Knows: what a job asks for, its mark. Does not know: the queue, who makes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import Field

from storyboard.core.directory import Directory
from storyboard.core.files import canonical, disk_errors, dump_json, read_record
from storyboard.core.lock import holder
from storyboard.core.strict_records import Record
from storyboard.graph.folder import RunFolder
from storyboard.plan import Aspect, Language, Part
from storyboard.profile.source import name_and_speed, shipped_profiles
from storyboard.stages.gates import Gate, read_gates
from storyboard.stages.going_on import request_to_go_on
from storyboard.stages.render_request import RenderRequest
from storyboard.stages.seal import is_ours, seal
from storyboard.writing.script import Source

MARK, WORDS = ".job.json", ".job.log"
LAB, VOICES = ".lab", ".voices"
"""Folders beside the films."""


class Takes(Record):
    """Further takes of one part of a beat."""

    beat: int = Field(ge=0)
    part: Part
    count: int = Field(default=3, ge=1, le=8)


class Drawn(Record):
    """A sheet of the lab, drawn by the engine's server at `engine`; empty: the profile's own."""

    engine: str = ""


class Said(Record):
    """A voice, heard in a language."""

    voice: str
    language: str


class Job(Record):
    """What is asked for. With an idea or a script it is a new film, else one that is there."""

    film: str
    """The name of its folder among the films."""
    drawn: Drawn | None = None
    said: Said | None = None
    idea: str | None = None
    format: str = ""
    """Empty: what fits the idea."""
    language: Language | None = None
    aspect: Aspect | None = None
    captions: str | None = None
    style: str | None = None
    script: Source | None = None
    hooks: int = 0
    """First seconds in all."""
    gates: tuple[Gate, ...] = ()
    profile: str = "embedded"
    overrides: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    upto: Gate | None = None
    """No further than to this stage."""
    review: bool = False
    takes: Takes | None = None
    seal: str = ""
    """Says that this user has asked for it: a folder of films may have come with its queue."""

    def sealed(self) -> Job:
        return self.model_copy(update={"seal": seal(self._said())})

    def lies_at(self, folder: Path, root: Path) -> bool:
        """Whether that folder, below `root`, is where its film lies."""
        named = not Path(self.film).is_absolute() and ".." not in Path(self.film).parts
        return named and folder.resolve() == (root / self.film).resolve()

    @property
    def own(self) -> bool:
        """Whether this user has asked for it, or it names nothing but what comes with Storyboard."""
        means = self.overrides or self.allow or (self.drawn and self.drawn.engine)
        harmless = not means and name_and_speed(self.profile)[0] in shipped_profiles()
        return harmless or is_ours(self._said(), self.seal)

    def _said(self) -> str:
        return canonical(self.model_dump(mode="json", exclude={"seal"}))

    def request(self, folder: Path, more: tuple[str, ...] = ()) -> RenderRequest:
        """The request for its film; `more` are overrides of whoever makes it."""
        overrides, allow = (*self.overrides, *more), tuple(map(Path, self.allow))
        if self.idea is None and self.script is None:
            stages = (self.upto,) if self.upto else ()
            return RenderRequest(
                directory=folder,
                profile=self.profile,
                overrides=overrides,
                allow=allow,
                stages=stages,
            )
        return RenderRequest(
            idea=self.idea,
            out=folder,
            format=self.format,
            language=self.language,
            aspect=self.aspect,
            captions=self.captions,
            style=self.style,
            script=self.script,
            hooks=self.hooks,
            gates=self.gates,
            profile=self.profile,
            overrides=overrides,
            allow=allow,
        )


def job_to_go_on(
    folder: RunFolder, *, review: bool = False, here: bool = False, takes: Takes | None = None
) -> Job:
    """Go on with a film, with the models that it was made with. `here`: no further than to the gate
    at which it waits."""
    request = request_to_go_on(folder)
    return Job(
        film=folder.path.name,
        profile=request.profile,
        overrides=request.overrides,
        allow=tuple(map(str, request.allow)),
        upto=read_gates(folder).waits if here else None,
        review=review,
        takes=takes,
    )


def mark(folder: Path, name: str) -> None:
    """Leave the mark of a job in its film's folder, which need not be there yet."""
    with disk_errors("asking for the film"):
        home = Directory(folder)
        home.make()
        home.write(MARK, dump_json({"job": name}))


def marked(folder: Path) -> str:
    """The job whose mark is in a film's folder; "" where there is none."""
    record: dict[str, Any] = read_record(folder / MARK)
    return str(record.get("job", ""))


def unmark(folder: Path) -> None:
    Directory(folder).remove(MARK)


def places(root: Path) -> Iterator[Path]:
    """The folders beside each other that may have a job: films, sheets of the lab, voices."""
    names = Directory(root).names()
    yield from (root / name for name in names if name == VOICES or not name.startswith("."))
    yield from (root / LAB / name for name in Directory(root, (LAB,)).names())


def waits(folder: Path) -> bool:
    """Whether a job of this film waits for its turn."""
    return (folder / MARK).is_file() and holder(folder) is None


def working(folder: Path) -> bool:
    """Whether anybody, here or on a console, works on a film or is about to."""
    return (folder / MARK).is_file() or holder(folder) is not None


def last_words(folder: Path, most: int = 600) -> str:
    """Why the last job ended, where the film's log does not say."""
    try:
        return Directory(folder).read(WORDS).decode(errors="replace").strip()[-most:]
    except OSError:
        return ""
