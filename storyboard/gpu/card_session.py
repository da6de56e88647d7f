"""The card of a profile, ready for a run: service manager, measurement, records and broker in one.

Knows: how the parts are put together. Does not know: what any of them does.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from renderers.errors import Unavailable
from storyboard.core.errors import UsageError
from storyboard.core.events import EventLog
from storyboard.core.files import state_directory
from storyboard.gpu.broker import Broker
from storyboard.gpu.card import Card, NoCard, NvmlCard
from storyboard.gpu.cards import card_name
from storyboard.gpu.evictor import EvictionTerms
from storyboard.gpu.forecast import workers
from storyboard.gpu.ledger import LedgerCard
from storyboard.gpu.log import log_to
from storyboard.gpu.peaks import PeakBook
from storyboard.gpu.services.manager import ServiceManager
from storyboard.profile import CARD_STAGES, Profile


def needs_card(profile: Profile) -> bool:
    """Whether any backend of the profile works through a service on the card."""
    return any(workers(profile, stage) for stage in CARD_STAGES)


def card_of(profile: Profile) -> Card:
    """The card that the profile names: a real one, the ledger that stands for it, or none.

    Raises:
        Unavailable: it cannot be measured.
    """
    if profile.gpu.ledger:
        folder = Path(profile.gpu.ledger).expanduser() / card_name(profile.gpu.device)
        return LedgerCard(folder, profile.gpu.budget_gib or 0.0)
    if not any(service.peak_gib for service in profile.services.values()):
        return NoCard()
    return NvmlCard(card_name(profile.gpu.device))


def budget_of(profile: Profile) -> float:
    """GiB that the profile may use of its card: what it states, else what the card has; 0 for a
    profile that uses none.

    Raises:
        UsageError: it states nothing, and there is no card to measure.
    """
    if profile.gpu.budget_gib or not needs_card(profile):
        return profile.gpu.budget_gib or 0.0
    try:
        return card_of(profile).sample().total
    except Unavailable as error:
        raise UsageError(
            f"{profile.name}: gpu.budget_gib says nothing, and no card can be measured here "
            f"({error}): --gpu 24 reckons with one of 24 GiB"
        ) from None


@contextmanager
def open_broker(
    profile: Profile, log: EventLog, *, card: Card | None = None, state: Path | None = None
) -> Generator[Broker]:
    """A broker for the length of a run; at its end the servers it started are stopped.

    `card` replaces the measured one, `state` the directory of records. A profile that uses
    no service gets a broker whose leases cost nothing.

    Raises:
        Unavailable: the profile uses services, and the card cannot be measured.
    """
    emit, directory = log_to(log), state or state_directory()
    with ServiceManager(profile, directory / "services") as manager:
        if not needs_card(profile):
            yield Broker(profile, None, manager, emit=emit)
            return
        measured = card or card_of(profile)
        yield Broker(
            profile,
            measured,
            manager,
            terms=EvictionTerms(lock=directory / f"gpu-{card_name(profile.gpu.device)}.lock"),
            emit=emit,
            book=PeakBook(directory / "peaks.json", measured.name),
        )
