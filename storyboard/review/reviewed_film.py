"""Making a film, with its review or without: the one way that every door takes.

Knows: when a film is to be made, continued or taken back. Does not know: rounds (`loop`).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from storyboard.core import events
from storyboard.core.errors import LimitReached, PlanError
from storyboard.core.files import disk_errors
from storyboard.core.lock import exclusive
from storyboard.graph.display import Display
from storyboard.graph.folder import RunFolder
from storyboard.graph.session import Session, in_session
from storyboard.plan import Plan, load_plan
from storyboard.profile import load_profile
from storyboard.review.bounds import Bounds
from storyboard.review.look import ReviewerSet
from storyboard.review.loop import UNMADE, Loop, Reviewed, plan_of
from storyboard.review.plan_patch import plan_digest
from storyboard.review.review_history import ReviewHistory, load_history, save_history
from storyboard.stages import hooks
from storyboard.stages.film import Film, make_film
from storyboard.stages.locate import locate
from storyboard.stages.render_request import RenderRequest


def make(
    request: RenderRequest,
    display: Display,
    bounds: Bounds | None,
    command: str = "",
    *,
    session: Session | None = None,
    again: bool = False,
    thorough: bool = False,
) -> Reviewed:
    """Make, continue or mend a film, and review it within these bounds; None: nobody reviews it,
    and a cut that a killed review left on trial is taken back. `again` looks anew at a reviewed
    film, `thorough` at every frame even of one that was only drawn and checked.

    Raises:
        StoryboardError, RendererError: as `make_film`; a film that cannot be *mended* is none.
    """
    if bounds is None:
        take_back(locate(request))
        return Reviewed(make_film(request, display, command, session=session), None)
    with in_session(session) as opened:
        review = Review(request, display, bounds, command, opened, thorough)
        return review.run(again=again)


@dataclass(frozen=True, slots=True)
class Review:
    """A film to be made and reviewed, by itself or in a batch."""

    request: RenderRequest
    display: Display
    bounds: Bounds
    command: str = ""
    session: Session | None = None
    """In which all its cuts are made, and a batch's other films."""
    thorough: bool = False
    parts: Callable[[], None] = lambda: None
    """Makes the parts of the cut that lies in the folder, each when it is its turn among those of
    other films; a film by itself has them made as it is put together."""

    def run(self, *, again: bool = False, unmade: str = "") -> Reviewed:
        """All of it, as `make`. `unmade`: why nothing of a cut on trial can be made."""
        request, folder = self.request, locate(self.request)
        if on_trial(folder) is not None and not _continues(request):
            take_back(folder)
        history = on_trial(folder)
        film = self._make(request) if history is None else None
        if film is not None and (request.partial or not film.complete):
            return Reviewed(film, None)
        ready = history.trial.number if unmade and history and history.trial else 0
        try:
            while True:
                with self._loop(folder) as loop:
                    trial = loop.go_on(film, ready=ready, unmade=unmade, again=again)
                    if trial is None:
                        return loop.reviewed
                film, ready, again = loop.film, trial.number, False
                unmade = self._parted()
        except LimitReached as limit:
            if on_trial(folder) is None:
                raise
            return self._give_up(f"the budget was reached: {limit}")

    def _parted(self) -> str:
        """Make the parts of a cut; why that cannot be, if it cannot."""
        try:
            self.parts()
        except UNMADE as error:
            return str(error)
        return ""

    def _give_up(self, why: str) -> Reviewed:
        """End the review with the best film so far; a cut on trial counts for nothing."""
        folder = locate(self.request)
        take_back(folder)
        film = self._make(self.request)
        with self._loop(folder) as loop:
            loop.end(film, why)
            return loop.reviewed

    def _make(self, request: RenderRequest) -> Film:
        return make_film(request, self.display, self.command, session=self.session)

    @contextmanager
    def _loop(self, folder: RunFolder) -> Generator[Loop]:
        """The loop of the film, whose folder is held meanwhile."""
        request = self.request
        with exclusive(folder.path):
            log = events.EventLog(folder.events, self.display)
            profile = load_profile(request.profile, request.overrides)
            reviewers = ReviewerSet(profile, log, self.session, thorough=self.thorough)
            yield Loop(folder, request, self.bounds, self._make, reviewers, log)


def make_beside(
    request: RenderRequest, display: Display, command: str = "", *, session: Session | None = None
) -> Iterator[Film]:
    """The films that begin otherwise than a request's own, which is made, each as it is made.

    Raises:
        UsageError: nobody writes so many hooks. Else as `make_film`, of each.
    """
    versions = hooks.beside(request, display, session=session)
    return (make(v, display, None, command, session=session).film for v in versions)


def judged_plan(folder: RunFolder) -> Plan:
    """The film's plan; while a cut is on trial, that of the best one so far. Nothing is written."""
    history = on_trial(folder)
    return load_plan(folder.plan) if history is None else plan_of(folder, history.film)


def take_back(folder: RunFolder) -> None:
    """Put the last good plan back where a review was killed with a cut on trial: before anybody
    else changes the plan, lest what nobody has judged stays in it.

    Raises:
        Busy: the review goes on, or somebody makes the film.
    """
    history = on_trial(folder)
    if history is None:
        return
    with exclusive(folder.path), disk_errors("taking back a cut on trial"):
        folder.save_plan(plan_of(folder, history.film))
        history.trial = None
        save_history(folder.path, history)


def on_trial(folder: RunFolder) -> ReviewHistory | None:
    """The history of a folder whose plan is that of an unfinished trial."""
    history = load_history(folder.path)
    if history is None or history.trial is None:
        return None
    try:
        own = plan_digest(load_plan(folder.plan))
    except PlanError:
        return None
    return history if own == history.trial.plan else None


def _continues(request: RenderRequest) -> bool:
    return request.regen.beats == "none" and not request.partial and not request.image_options
