"""A new film beside others: told, staged, cast, dressed and coloured unlike the newest of them.

The same idea with the same seed stays the same film, wherever it is made.

Knows: the plans in the folders beside. Does not know: how a plan is written or drawn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import partial
from itertools import islice
from pathlib import Path

from renderers.animatic import palette as palettes
from storyboard.core.errors import StoryboardError
from storyboard.plan import Character, Plan, casting, staging
from storyboard.plan.format_files import load_format
from storyboard.plan.series import plans_beside
from storyboard.plan.ways import number_apart
from storyboard.writing import authors, offline

BESIDE = 12
"""Films of a folder that a new one is told apart from."""
_TRIED = 40
"""Numbers of a staging that are compared."""


def told_unlike_neighbours(plan: Plan, folder: Path, format: str) -> Plan:
    """An offline draft in a frame, and with a title and a hook, that no film beside `folder` has,
    as long as others fit its idea."""
    beside = [p for p in _plans_beside(folder) if p.author == authors.OFFLINE]
    if plan.author != authors.OFFLINE or not beside:
        return plan
    told = Counter(line for other in beside for line in offline.said_in(other).splitlines())
    if twin := next((p for p in beside if _same_film(p, plan)), None):
        told = Counter(dict.fromkeys(offline.said_in(twin).splitlines(), -1))
    return offline.write_plan(
        plan.idea, load_format(format), plan.language, plan.canvas.aspect, plan.seed, told=told
    )


def unlike_neighbours(plan: Plan, folder: Path) -> Plan:
    """The plan with a staging, clothes, faces and a palette that the films beside `folder` do not
    have, as far as its words leave them free."""
    beside = _plans_beside(folder)
    twin = next((p for p in beside if _same_film(p, plan)), None)
    plan = _dressed(plan, beside, twin)
    if twin is not None:
        number, palette = twin.style.staging, twin.style.palette
    else:
        films = [list(staging.ways_of(other).values()) for other in beside]
        numbers = ((plan.seed + i) % 1000 for i in range(_TRIED))
        number = number_apart(
            numbers, staging.tasks_of(plan), films, partial(_faces_shared, plan, _seen(beside))
        )
        palette = _other_palette(plan.style.palette, beside)
    style = plan.style.model_copy(update={"staging": number, "palette": palette})
    return plan.model_copy(update={"style": style})


def _dressed(plan: Plan, beside: Sequence[Plan], twin: Plan | None) -> Plan:
    """Clothes out of the format's own list are those that fewest neighbours wear, or a twin's."""
    worn = Counter(c.wardrobe for other in beside for c in other.cast)
    if twin is not None:
        worn = Counter({c.wardrobe: -1 for c in twin.cast})
    try:
        lists = {role.id: role.wardrobe for role in load_format(plan.format).roles}
    except StoryboardError:
        # A format of somebody's own, which is found by its file alone.
        return plan

    def dressed(character: Character) -> Character:
        choice = lists.get(character.id, [])
        # Whose look is settled comes back from elsewhere, in these clothes.
        if character.avatar is not None or character.wardrobe not in choice:
            return character
        start = choice.index(character.wardrobe)
        best = min([*choice[start:], *choice[:start]], key=lambda words: worn[words])
        return character.model_copy(update={"wardrobe": best})

    return plan.model_copy(update={"cast": [dressed(c) for c in plan.cast]})


def _seen(beside: Sequence[Plan]) -> Counter[str]:
    """Heads, and tops, by how many neighbours have them."""
    found: Counter[str] = Counter()
    for other in beside:
        with suppress(StoryboardError):
            looks = [c.avatar for c in casting.with_looks(other).cast if c.avatar is not None]
            found.update(part for look in looks for part in (look.head, look.top))
    return found


def _faces_shared(plan: Plan, seen: Counter[str], number: int) -> int:
    """How often heads and tops of a film with this number are met beside it."""
    if not seen:
        return 0
    style = plan.style.model_copy(update={"staging": number})
    cast = casting.with_looks(plan.model_copy(update={"style": style})).cast
    return sum(seen[c.avatar.head] + seen[c.avatar.top] for c in cast if c.avatar is not None)


def _same_film(one: Plan, other: Plan) -> bool:
    return (one.idea, one.seed, one.format, one.language) == (
        other.idea,
        other.seed,
        other.format,
        other.language,
    )


def _other_palette(wanted: int, beside: Iterable[Plan]) -> int:
    """The palette wanted, or the next that no neighbour has."""
    worn = {other.style.palette % palettes.COUNT for other in beside}
    free = (n for n in range(wanted, wanted + palettes.COUNT) if n % palettes.COUNT not in worn)
    return next(free, wanted) % 1000


def _plans_beside(folder: Path) -> list[Plan]:
    """The plans of the newest films beside."""
    return list(islice(plans_beside(folder), BESIDE))
