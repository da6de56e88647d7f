"""`python -m storyboard.studio.taking FOLDER BEAT PART`: further takes of a beat, as a job.

Knows: the words of the job. Does not know: how a take is made.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from storyboard.core import console, events
from storyboard.core.options import Overrides, ProfileName
from storyboard.edit.takes import make_takes
from storyboard.graph.steps import Graph
from storyboard.plan import Part
from storyboard.stages.order import Order


class _Silent:
    """The display of a job that nobody watches."""

    def expect(self, graph: Graph) -> None:
        """Nobody waits for them to be counted."""

    @contextmanager
    def showing(self) -> Generator[None]:
        yield

    def __call__(self, event: events.Event) -> None:
        """The log has it."""


def taking(
    folder: Annotated[Path, typer.Argument()],
    beat: Annotated[int, typer.Argument(min=0)],
    part: Annotated[Part, typer.Argument()],
    count: Annotated[int, typer.Option(min=1, max=8)] = 3,
    profile: ProfileName = "embedded",
    overrides: Overrides = None,
) -> None:
    with console.border():
        order = Order(directory=folder, profile=profile, overrides=tuple(overrides or ()))
        make_takes(order, beat, part, count, display=_Silent())


if __name__ == "__main__":
    typer.run(taking)
