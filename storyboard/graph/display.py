"""Who is told of a film while it is made.

Knows: events, graphs. Does not know: terminals, pages.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from storyboard.core.events import Event
from storyboard.graph.steps import Graph


class Display:
    """Shows nothing: the film's log has all of it. Heirs tell what somebody waits for."""

    def expect(self, graph: Graph) -> None:
        """The steps that are known so far; asked again when more become known."""

    @contextmanager
    def showing(self) -> Generator[None]:
        """While steps are made."""
        yield

    def __call__(self, event: Event) -> None:
        """What happens."""
