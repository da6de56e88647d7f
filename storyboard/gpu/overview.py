"""The card of a profile as a person looks at it: what is forecast, what was measured, who is awake.

Knows: forecast, records, services. Does not know: who looks, films.
"""

from __future__ import annotations

from dataclasses import dataclass

from renderers.errors import Unavailable
from storyboard.core.errors import Busy, UsageError
from storyboard.core.files import state_directory
from storyboard.gpu.card import Sample
from storyboard.gpu.card_session import budget_of, card_of, needs_card
from storyboard.gpu.forecast import CardForecast, Scale, card_forecast
from storyboard.gpu.peaks import PeakBook
from storyboard.gpu.services import operations
from storyboard.gpu.services.manager import ServiceManager
from storyboard.gpu.services.operations import Status
from storyboard.profile import Profile


@dataclass(frozen=True, slots=True)
class Overview:
    """The card of one profile now."""

    needed: bool
    """Whether anything of the profile works on a card."""
    forecast: CardForecast | None
    card: str
    sample: Sample | None
    why: str
    """Why there is no forecast, or no measure."""
    services: list[Status]


def overview(profile: Profile) -> Overview:
    """Look at the card and at its services; nothing is started or stopped."""
    if not needs_card(profile):
        return Overview(False, None, "", None, "", [])
    seen, sample, name, why = None, None, "", ""
    try:
        card = card_of(profile)
        name, sample = card.name, card.sample()
    except Unavailable as error:
        why = str(error)
    try:
        seen = card_forecast(profile, budget_gib=budget_of(profile), scale=recorded(profile))
    except UsageError as error:
        why = str(error)
    with ServiceManager(profile, orphans="leave") as manager:
        return Overview(True, seen, name, sample, why, operations.status(manager))


def recorded(profile: Profile) -> Scale | None:
    """Weights as measured on this machine's card; None without one, or without records."""
    if not profile.services:
        return None
    try:
        card = card_of(profile)
    except Unavailable:
        return None
    return PeakBook(state_directory() / "peaks.json", card.name).scale(profile)


def release_all(profile: Profile) -> list[str]:
    """Stop the servers that were started for a profile; returns their names.

    Raises:
        Busy: one is in use by a run that goes on, or does not end.
    """
    told: list[str] = []
    with ServiceManager(profile, orphans="leave") as manager:
        stopped, left = operations.down(manager, lambda name, what: told.append(f"{name} {what}"))
    if left:
        raise Busy("; ".join(told))
    return stopped
