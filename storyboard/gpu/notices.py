"""What the broker did, as a person is told: while it waits, and where it departed from the plan.

Knows: sentences. Does not know: leases, services, why.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from storyboard.core.events import CARD, Event, Noted, Warned

_FOREIGN_GIB = 0.5
"""Less than this of others' memory is a desktop's, and not worth a word."""
Values = Mapping[str, Any]


def told(kind: str, values: Values) -> Event | None:
    """What to say of one of the broker's events; None for those that only the log keeps."""
    if kind in _WARNED:
        message = _WARNED[kind](values)
        return Warned(CARD, message) if message else None
    if kind in _NOTED:
        message = _NOTED[kind](values)
        return Noted(CARD, message) if message else None
    return None


def _wait(values: Values) -> str:
    if values.get("reason"):
        return f"{values['stage']} waits: {values['reason']} holds the card"
    held = f"; on the card: {values['held']}" if values.get("held") else ""
    return f"{values['stage']} waits for {values['missing_gib']:g} GiB more{held}"


def _granted(values: Values) -> str:
    if values.get("foreign_gib", 0.0) < _FOREIGN_GIB:
        return ""
    who = ", ".join(values.get("foreign", ())) or "others"
    return f"{values['stage']}: {values['foreign_gib']:g} GiB of the card are held by {who}"


def _as_variant(values: Values) -> str:
    if not values.get("variant"):
        return ""
    return f"{values['service']} runs as {values['variant']}: its usual form found no room"


def _lighter(values: Values) -> str:
    form = values["variant"]
    return f"{values['service']} ran out of memory and goes on as {form}"


_WARNED: Mapping[str, Callable[[Values], str]] = {
    "restarted": lambda v: f"{v['service']} died and was started again",
    "recycled": lambda v: (
        f"{v['service']} held {v['held_gib']:g} GiB, {v['idle_gib']:g} when idle are stated: it "
        "was started anew"
    ),
    "wake_failed": lambda v: f"{v['service']} did not come up ({v['error']}): it is started anew",
    "out_of_memory": lambda v: f"{v['service']} ran out of memory: {v['error']}",
    "lighter": _lighter,
    "started": _as_variant,
}
_NOTED: Mapping[str, Callable[[Values], str]] = {
    "wait": _wait,
    "granted": _granted,
    "starting": lambda v: f"{v['service']} starts",
    "let_go_failed": lambda v: f"{v['service']} did not {v['rung']}: {v['error']}",
}
