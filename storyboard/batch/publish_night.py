"""What a batch sends out once its films are done: those against which nothing is held, to a place
that their profile lets films go to unasked.

Knows: which films may go. Does not know: how a film is sent.
"""

from __future__ import annotations

from collections.abc import Iterable

from renderers.errors import RendererError
from storyboard.batch.film_stage import Teller
from storyboard.batch.queue import QueuedFilm
from storyboard.core.errors import StoryboardError, UsageError
from storyboard.graph.folder import RunFolder
from storyboard.profile import load_profile
from storyboard.profile.publish_targets import Publishing
from storyboard.publish.sending import Sending, place_of, send


def unasked(profile: str, to: str) -> Publishing:
    """The place of that name in a profile, if films may go there without being asked for each.

    Raises:
        UsageError: there is none, or they may not.
    """
    place = place_of(load_profile(profile), to)
    if not place.confirmed:
        raise UsageError(
            f"--publish {to}: [publish.{to}] of the profile '{profile}' does not let films go "
            "unasked: write confirmed = true there, or send each with storyboard publish --confirm"
        )
    return place


def publish_done(films: Iterable[QueuedFilm], to: str, tell: Teller) -> None:
    """Send every film that is done and holds up; what cannot be sent is told, and sent by the
    next run."""
    for film in films:
        if film.state != "done":
            continue
        if film.reason:
            tell(film.id, f"not published, as a check does not hold: {film.reason}", "yellow")
            continue
        try:
            sent = send(RunFolder(film.folder), Sending(to, unasked(film.entry.profile, to)))
        except (StoryboardError, RendererError) as error:
            tell(film.id, f"not published: {error}", "red")
            continue
        if not sent.before:
            tell(film.id, f"published: {sent.receipt.where}")
        for warning in sent.receipt.warnings:
            tell(film.id, warning, "yellow")
