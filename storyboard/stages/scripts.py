"""From a script to orders: one film, or an episode each, in folders beside each other.

Knows: orders, folders. Does not know: dialects, how a film is made.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from storyboard.core.files import slugify
from storyboard.graph.folder import DEFAULT_ROOT
from storyboard.stages.order import Order
from storyboard.writing.script import FORMAT, Source, cut_script, read_source


def scripted(order: Order, file: Path, *, episodes: bool) -> list[Order]:
    """The orders for the films of a script: NAME, or NAME-1, NAME-2 and so on.

    Raises:
        UsageError: it cannot be read, or is too long and no `episodes` are asked for.
    """
    return of_source(order, read_source(file), episodes=episodes)


def of_source(order: Order, source: Source, *, episodes: bool) -> list[Order]:
    """The orders for the films of a script whose words are there.

    Raises:
        UsageError: it is too long, and no `episodes` are asked for.
    """
    cuts = cut_script(source, order.language, episodes=episodes)
    made = [replace(order, idea=c.title, format=FORMAT, script=c.source) for c in cuts]
    if len(made) == 1:
        return made
    base = order.out or DEFAULT_ROOT / slugify(cuts[0].series)
    return [replace(o, out=base.with_name(f"{base.name}-{n}")) for n, o in enumerate(made, 1)]
