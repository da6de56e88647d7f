"""The card of a profile for one piece of work, if it needs one at all.

Knows: when nothing of the card has to be loaded. Does not know: leases, services, memory.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import TYPE_CHECKING

from storyboard.core.events import EventLog
from storyboard.profile import Profile

if TYPE_CHECKING:
    from storyboard.gpu.broker import Broker
    from storyboard.graph.leases import Leases


@contextmanager
def card_of(
    profile: Profile, log: EventLog, broker: Broker | None = None
) -> Generator[Leases | None]:
    """The right to lease the profile's card; None where nothing of it works on one.

    `broker` is one that is open already; else the profile's own is opened, but not before the
    first lease: a film that is made already needs no card.
    """
    if not any(section.service for _, section in profile.sections()):
        yield None
        return
    # What only a card needs is not loaded for a film made without one.
    from storyboard.gpu.session import open_broker
    from storyboard.graph.leases import Leases

    with ExitStack() as opened:

        @cache
        def ask() -> Broker:
            return broker or opened.enter_context(open_broker(profile, log))

        yield Leases(profile, ask)
