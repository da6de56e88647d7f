"""How far a review may go: its options, once for every command that has them.

Knows: options and their defaults. Does not know: what a review does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import typer

Mend = Literal["severe", "minor"]


@dataclass(frozen=True, slots=True)
class Bounds:
    """The most that may be spent on mending a film. `cost` is in US dollars; None: no cap."""

    max_rounds: int = 2
    minutes: float = 30.0
    cost: float | None = None
    mend: Mend = "severe"


SkipReview = Annotated[
    bool, typer.Option("--skip-review", help="Keep the film as it is made; review nothing.")
]
MaxRounds = Annotated[
    int, typer.Option(min=0, max=20, help="Cuts that the review may try; 0: only look.")
]
ReviewMinutes = Annotated[
    float, typer.Option(min=0.0, max=10_000.0, help="Begin no further cut after so long.")
]
ReviewCost = Annotated[
    float | None,
    typer.Option(
        min=0.0, help="Begin no further cut after so many US dollars.", show_default=False
    ),
]
MendOption = Annotated[Mend, typer.Option("--mend", help="Which findings are worth another cut.")]
