"""What the broker did, as a person is told: while it waits, and where it departed from the plan.

Knows: sentences. Does not know: leases, services, why.
"""

from __future__ import annotations

from storyboard.core.events import CARD, Event, Noted, Warned
from storyboard.gpu import events
from storyboard.gpu.events import CardEvent

_FOREIGN_GIB = 0.5
"""Less than this of others' memory is a desktop's, and not worth a word."""


def told(event: CardEvent) -> Event | None:
    """What to say of one of the broker's events; None for those that only the log keeps."""
    if message := _warning(event):
        return Warned(CARD, message)
    if message := _note(event):
        return Noted(CARD, message)
    return None


def _warning(event: CardEvent) -> str:
    match event:
        case events.Restarted(service=name):
            return f"{name} died and was started again"
        case events.Recycled(service=name, held_gib=held, idle_gib=idle):
            return f"{name} held {held:g} GiB, {idle:g} when idle are stated: it was started anew"
        case events.WakeFailed(service=name, error=error):
            return f"{name} did not come up ({error}): it is started anew"
        case events.RanOut(service=name, error=error):
            return f"{name} ran out of memory: {error}"
        case events.Lighter(service=name, variant=form):
            return f"{name} ran out of memory and goes on as {form}"
        case events.Started(service=name, variant=form) if form:
            return f"{name} runs as {form}: its usual form found no room"
        case _:
            return ""


def _note(event: CardEvent) -> str:
    match event:
        case events.Waiting(stage=stage, reason=reason) if reason:
            return f"{stage} waits: {reason} holds the card"
        case events.Waiting(stage=stage, missing_gib=missing, held=held):
            return f"{stage} waits for {missing:g} GiB more" + (
                f"; on the card: {held}" if held else ""
            )
        case events.Granted(stage=stage, foreign_gib=gib, foreign=who) if gib >= _FOREIGN_GIB:
            return f"{stage}: {gib:g} GiB of the card are held by {', '.join(who) or 'others'}"
        case events.Starting(service=name):
            return f"{name} starts"
        case events.NotEvicted(service=name, rung=level, error=error):
            return f"{name} did not {level}: {error}"
        case _:
            return ""
