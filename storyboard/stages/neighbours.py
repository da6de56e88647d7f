"""A new film beside others: staged and coloured unlike the newest of them.

The same idea with the same seed stays the same film, wherever it is made.

Knows: the plans in the folders beside. Does not know: how a plan is written or drawn.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from renderers.animatic.palette import COUNT
from storyboard.core.errors import StoryboardError
from storyboard.plan import Plan, load_plan, staging
from storyboard.plan.ways import number_apart

BESIDE = 12
"""Films of a folder that a new one is told apart from."""
_TRIED = 40
"""Numbers of a staging that are compared."""


def unlike_neighbours(plan: Plan, folder: Path) -> Plan:
    """The plan with a staging and a palette that the films beside `folder` do not have."""
    beside = _plans_beside(folder)
    twin = next((p for p in beside if _same_film(p, plan)), None)
    if twin is not None:
        number, palette = twin.style.staging, twin.style.palette
    else:
        films = [list(staging.ways_of(other).values()) for other in beside]
        numbers = ((plan.seed + i) % 1000 for i in range(_TRIED))
        number = number_apart(numbers, staging.tasks_of(plan), films)
        palette = _other_palette(plan.style.palette, beside)
    style = plan.style.model_copy(update={"staging": number, "palette": palette})
    return plan.model_copy(update={"style": style})


def _same_film(one: Plan, other: Plan) -> bool:
    return (one.idea, one.seed, one.format, one.language) == (
        other.idea,
        other.seed,
        other.format,
        other.language,
    )


def _other_palette(wanted: int, beside: Iterable[Plan]) -> int:
    """The palette wanted, or the next that no neighbour has."""
    worn = {other.style.palette % COUNT for other in beside}
    free = (n for n in range(wanted, wanted + COUNT) if n % COUNT not in worn)
    return next(free, wanted) % 1000


def _plans_beside(folder: Path) -> list[Plan]:
    """The plans of the newest films beside; one that does not hold is nobody's concern here."""
    dated: list[tuple[float, Path]] = []
    for path in folder.parent.glob("*/plan.json"):
        with suppress(OSError):
            if path.parent != folder:
                dated.append((path.stat().st_mtime, path))
    plans: list[Plan] = []
    for _, path in sorted(dated, reverse=True)[:BESIDE]:
        with suppress(StoryboardError):
            plans.append(load_plan(path))
    return plans
