"""Making a film with its review: what `run`, `video`, `review` and a batch call.

Knows: when a film is to be made, continued or taken back. Does not know: rounds (`loop`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from storyboard import events
from storyboard.errors import PlanError
from storyboard.files import disk_errors, write_text
from storyboard.folder import RunFolder
from storyboard.lock import exclusive
from storyboard.order import Order
from storyboard.pipeline import Film, locate, make_film
from storyboard.plan import dump_plan, load_plan
from storyboard.profile import load_profile
from storyboard.review.bounds import Bounds
from storyboard.review.look import Panel
from storyboard.review.loop import Loop, Reviewed, plan_of
from storyboard.review.patch import plan_digest
from storyboard.review.story import Story, load_story, save_story

if TYPE_CHECKING:
    from storyboard.vram.broker import Broker


def make_reviewed(
    order: Order,
    display: Any,
    bounds: Bounds,
    command: str = "",
    *,
    again: bool = False,
    thorough: bool = False,
    broker: Broker | None = None,
) -> Reviewed:
    """Make, continue or mend a film, and review it. `again` looks anew at a reviewed film,
    `thorough` at every frame even of one that was only drawn and checked.

    Raises:
        StoryboardError, RendererError: as `make_film`; a film that cannot be *mended* is none.
    """
    make: Callable[[Order], Film] = lambda wanted: make_film(  # noqa: E731
        wanted, display, command, broker=broker
    )
    folder = locate(order)
    if (story := _on_trial(folder)) is not None and not _continues(order):
        take_back(folder)
        story = None
    film = make(order) if story is None else None
    if film is not None and (order.stages or not film.complete):
        return Reviewed(film, None)
    with exclusive(folder.path):
        log = events.EventLog(folder.events, display)
        profile = load_profile(order.profile, order.overrides)
        panel = Panel(profile, log, broker, thorough=thorough)
        loop = Loop(folder, order, bounds, make, panel, log)
        return loop.run(film, again=again)


def make_unreviewed(order: Order, display: Any, command: str = "") -> Film:
    """`make_film`, after a cut that a killed review left on trial is taken back."""
    take_back(locate(order))
    return make_film(order, display, command)


def take_back(folder: RunFolder) -> None:
    """Put the last good plan back where a review was killed with a cut on trial."""
    story = _on_trial(folder)
    if story is None:
        return
    with exclusive(folder.path), disk_errors("taking back a cut on trial"):
        write_text(folder.plan, dump_plan(plan_of(folder, story.film)))
        story.trial = None
        save_story(folder.path, story)


def _on_trial(folder: RunFolder) -> Story | None:
    """The story of a folder whose plan is that of an unfinished trial."""
    story = load_story(folder.path)
    if story is None or story.trial is None:
        return None
    try:
        own = plan_digest(load_plan(folder.plan))
    except PlanError:
        return None
    return story if own == story.trial.plan else None


def _continues(order: Order) -> bool:
    return order.regen.beats == "none" and not order.stages and not order.image_options
