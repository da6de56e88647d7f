"""A new film: what the form asks, what making it takes, and its beginning.

Knows: the form's fields, the command that they come to. Does not know: how a film is made.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Form, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from storyboard.batch.entry import Row, check_entries
from storyboard.batch.idea_list import script_rows
from storyboard.batch.jobs import Job
from storyboard.core.errors import UsageError
from storyboard.core.files import slugify
from storyboard.edit.preview import explain
from storyboard.plan import Aspect, Language
from storyboard.plan.format_files import list_formats
from storyboard.plan.series import shared
from storyboard.plan.styles import STYLES
from storyboard.stages.gates import GATES, Gate
from storyboard.stages.render_request import RenderRequest
from storyboard.stages.scripts import of_source
from storyboard.studio import job_requests, pages
from storyboard.studio.desk import Studio, redirect
from storyboard.writing.script import Source, source_of

ASPECTS: tuple[Aspect, ...] = ("9:16", "16:9", "1:1")


LONGEST = 4000
"""Characters of an idea; a script may have more."""


class NewFilmForm(BaseModel):
    """The form. Empty: as the idea or the format has it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    idea: str = Field(default="", max_length=200_000)
    word_for_word: bool = False
    """It is a script."""
    format: str = Field(default="", max_length=64, pattern=r"^[a-z0-9_]*$")
    style: str = Field(default="", max_length=64, pattern=r"^[a-z0-9_]*$")
    language: Language | Literal[""] = ""
    aspect: Aspect | Literal[""] = ""
    profile: str = "embedded"
    hooks: int = Field(default=0, ge=0, le=9)
    """First seconds in all."""
    gate: list[Gate] = Field(default_factory=list[Gate])
    review: bool = False
    when: Literal["now", "queue"] = "now"

    def request(self, out: Path) -> RenderRequest:
        """What the dry run is asked.

        Raises:
            UsageError: nothing is said, or it is no script.
        """
        asked = RenderRequest(
            idea=None if self.word_for_word else self.said(),
            out=out,
            format=self.format,
            language=self.language or None,
            aspect=self.aspect or None,
            style=self.style or None,
            profile=self.profile,
            hooks=self.hooks,
        )
        if not self.word_for_word:
            return asked
        (scripted,) = of_source(asked, self.source(), episodes=False)
        return scripted

    def source(self) -> Source:
        return source_of("script", self.said(), "the script")

    def job(self, film: str) -> Job:
        """What is asked for."""
        asked = self.request(Path(film))
        return Job(
            film=film,
            idea=asked.idea,
            script=asked.script,
            format=asked.format,
            language=self.language or None,
            aspect=self.aspect or None,
            style=self.style or None,
            hooks=asked.hooks,
            gates=tuple(self.gate),
            profile=self.profile,
            review=self.review,
        )

    def said(self) -> str:
        """
        Raises:
            UsageError: nothing is said, or more than an idea.
        """
        if not self.idea.strip():
            raise UsageError("say in a few words what the film is about")
        if not self.word_for_word and len(self.idea) > LONGEST:
            raise UsageError(f"an idea has at most {LONGEST} characters; is it a script?")
        return self.idea.strip()


def add_routes(app: FastAPI, studio: Studio) -> None:
    @app.get("/new")
    def form(request: Request) -> Response:
        return pages.page(
            request,
            "new",
            formats=list_formats(),
            styles=STYLES.shipped,
            aspects=ASPECTS,
            profiles=studio.profiles,
            gates=GATES,
            form=NewFilmForm(profile=studio.profile),
        )

    @app.post("/new/takes")
    def takes(request: Request, form: Annotated[NewFilmForm, Form()]) -> Response:
        if not form.idea.strip():
            return pages.page(request, "_takes", proposal=None)
        studio.known(form.profile)
        asked = form.request(studio.place.free(slugify(form.idea)))
        return pages.page(request, "_takes", proposal=explain(asked, studio.session))

    @app.post("/new")
    def begin(form: Annotated[NewFilmForm, Form()]) -> Response:
        studio.known(form.profile)
        if form.when == "queue":
            _queue(studio, form)
            return redirect("/queue")
        titled = form.request(studio.place.root)
        out = studio.place.free(slugify(titled.idea or ""))
        # What is wrong with it is said here, not in a log of a film that is not there.
        explain(form.request(out), studio.session)
        job_requests.ask(studio.place.root, form.job(out.name))
        return redirect(f"/films/{out.name}")


def _queue(studio: Studio, form: NewFilmForm) -> None:
    """Each line of it as a film of tonight."""
    from storyboard.batch.queue import open_queue

    if form.word_for_word:
        rows = script_rows(form.source(), episodes=True)
    else:
        lines = enumerate(form.said().splitlines(), 1)
        rows = [Row(f"line {number}", {"idea": line}) for number, line in lines if line.strip()]
    given = form.model_dump(include={"format", "language", "aspect", "profile", "hooks"})
    defaults: dict[str, Any] = {
        **shared(studio.place.root),
        **{name: value for name, value in given.items() if value},
    }
    if form.style:
        style = STYLES.load(form.style)
        defaults["plan"] = {"style": {"look": style.look, "description": style.words}}
    entries = check_entries(rows, defaults, "the ideas")
    with open_queue(studio.place.root) as queue:
        queue.add(entries, studio.place.root)
