"""What `dub`, `reshape` and `hooks` share: a film in other versions, in folders beside it.

Knows: options, the table of what would run. Does not know: what sets a version apart.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from storyboard.cli.display import ConsoleDisplay
from storyboard.cli.forecast import print_forecast
from storyboard.cli.result import finish_each
from storyboard.graph.folder import existing
from storyboard.graph.session import Session
from storyboard.review.reviewed_film import make, take_back
from storyboard.stages.another_version import Foreseen
from storyboard.stages.going_on import request_to_go_on
from storyboard.stages.render_request import RenderRequest


def means_of(
    run: Path,
    profile: str | None,
    overrides: Sequence[str] | None,
    allow: Sequence[Path] | None,
    jobs: int | None,
) -> RenderRequest:
    """With what versions of a film are made: with what it was made with itself, unless another
    profile is named."""
    film = existing(run, "RUN")
    with_it = RenderRequest(profile=profile) if profile else request_to_go_on(film)
    return replace(
        with_it,
        directory=None,
        overrides=(*with_it.overrides, *(overrides or ())),
        allow=(*with_it.allow, *(allow or ())),
        jobs=jobs,
    )


def explain_each(versions: Iterable[Foreseen]) -> None:
    for folder, _, steps in versions:
        print_forecast(folder, steps, as_json=False)


@contextmanager
def session_for(run: Path) -> Generator[Session]:
    """The session in which versions of a film are made: of what was judged, not of a cut on trial."""
    take_back(existing(run, "RUN"))
    with Session() as session:
        yield session


def make_each(versions: Iterable[RenderRequest], display: ConsoleDisplay, session: Session) -> None:
    """
    Raises:
        ChecksFailed: of those whose checks do not hold, each by its folder.
    """
    # With its options, since whoever goes on with a version looks there for the models.
    command = shlex.join(sys.argv)
    films = (make(v, display, None, command, session=session).film for v in versions)
    finish_each(films, display)
