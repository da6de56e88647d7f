"""Ways to block a beat: who stands, sits, comes in, turns away, and what the others do.

A way is chosen by what the beat does (its type, its action, how many are in frame) and by what
was used before in the film. A film's number (`style.staging`) shifts the choice, so that films
beside each other are staged differently.

Knows: the catalogue, which way suits which beat. Does not know: drawing, cameras.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from renderers.scene import Arrangement, Manner


@dataclass(frozen=True, slots=True)
class Way:
    """One way. `manner` and `pose` are the focus's; `other` and `others` are the listeners'.

    `types` are beats it suits best, `people` how many it takes (0: any), `asked` the words of an
    action that ask for it outright.
    """

    people: int
    types: str = ""
    manner: Manner = ""
    pose: str = ""
    other: Manner = ""
    others: str = ""
    arrangement: Arrangement = ""
    asked: str = ""
    takes_prop: bool = False


WAYS: dict[str, Way] = {
    # alone
    "faces us": Way(1, "reaction payoff"),
    "walks in": Way(1, "setup opening arrival", "enters", asked=r"walks? in|enters?|arrives?|comes? in|入って|現れ"),
    "walks off": Way(1, "payoff ending", "leaves", asked=r"walks? (?:off|out|away)|leaves?|exits?|立ち去|出て行"),
    "turns to us": Way(1, "reversal reveal", "turns round", asked=r"turns? (?:round|around|to us)|振り返|振り向"),
    "pops up": Way(1, "hook reveal reversal escalation", "rises", asked=r"pops? up|jumps? up|rises|飛び出"),
    "paces": Way(1, "escalation complication explanation", "paces", asked=r"paces|walks? (?:up and down|to and fro)|うろうろ"),
    "sits alone": Way(1, "setup payoff confession", "sits", asked=r"\bsits?\b|seated|座"),
    "kneels": Way(1, "plea proposal reversal", "kneels", "kneels", asked=r"kneels?|on one knee|ひざまず|跪|土下座"),
    "hands in pockets": Way(1, "reaction deadpan payoff", pose="hands in pockets"),
    "counts on fingers": Way(1, "explanation escalation", pose="counts on fingers"),
    "hands on hips": Way(1, "escalation refusal", pose="hands on hips"),
    "looks up": Way(1, "question wonder payoff", pose="looks up"),
    # two
    "side by side": Way(2, "setup payoff"),
    "closer": Way(2, "escalation confession", arrangement="close", others="leans"),
    "apart": Way(2, "reaction refusal standoff", arrangement="apart", others="arms crossed"),
    "back to back": Way(2, "payoff refusal quarrel", arrangement="back to back", pose="arms crossed", others="arms crossed"),
    "one comes in": Way(2, "setup arrival reversal", "enters", asked=r"walks? in|enters?|arrives?|comes? in|入って|現れ"),
    "a visitor": Way(2, "setup reaction", other="enters", others="waves"),
    "one walks out": Way(2, "reversal ending payoff", "leaves", asked=r"walks? (?:off|out|away)|leaves?|exits?|storms? out|立ち去|出て行"),
    "the other leaves": Way(2, "payoff ending refusal", other="leaves", others="shakes head"),
    "one sits": Way(2, "setup question interview", other="sits", others="sits"),
    "seated before a judge": Way(2, "escalation verdict", "sits", "sits", others="hands on hips", asked=r"\bsits?\b|seated|座"),
    "on one knee": Way(2, "plea proposal reversal", "kneels", "kneels", others="covers mouth", asked=r"kneels?|on one knee|ひざまず|跪|土下座|propos"),
    "turned away": Way(2, "refusal quarrel reaction", other="turned away", asked=r"behind (?:his|her|their) back|背を向け"),
    "looms": Way(2, "escalation threat accusation", arrangement="looming", others="trembles"),
    "points": Way(2, "accusation reversal escalation", pose="points", others="recoils", asked=r"\bpoints? at|accus|指差"),
    "whispers": Way(2, "confession secret setup", pose="whispers", arrangement="close", others="hand to chin"),
    "hands over": Way(2, "offer setup payoff", "gives", "hands over", other="takes", others="takes it", arrangement="close", asked=r"hands? (?:over|him|her|them)|gives?|offers?|passes|渡|差し出", takes_prop=True),
    "turns round": Way(2, "reversal reveal", "turns round", others="gasps"),
    "mirror": Way(2, "standoff payoff", pose="arms crossed", others="arms crossed"),
    "facepalm": Way(2, "payoff reversal", others="facepalm"),
    "applause": Way(2, "payoff triumph", others="claps"),
    "pleads": Way(2, "plea escalation", pose="pleads", others="looks away"),
    "restless": Way(2, "escalation explanation", "paces", others="scratches head"),
    "hug": Way(2, "reconciliation", pose="hugs", others="hugs", arrangement="hug", asked=r"\bhugs?\b|embrac|抱き(?:しめ|合)|ハグ|抱擁"),
    "kiss": Way(2, "", pose="kiss", others="kiss", arrangement="kiss", asked=r"\bkiss|キス|口づけ"),
    # any number
    "all stare": Way(0, "reaction payoff", others="arms crossed"),
    "all at once": Way(0, "reversal triumph", others="hands up"),
    "one rises": Way(0, "reveal escalation", "rises", others="recoils"),
}  # fmt: skip
_CALM = frozenset({"faces us", "side by side", "all stare"})
_GENTLE = frozenset({"hug", "kiss"})
"""Only where the plan asks for it."""


@dataclass(frozen=True, slots=True)
class Task:
    """What the choice goes by: a beat's type and action, who is in frame, what is at hand."""

    index: int
    type: str
    action: str
    people: int
    prop: bool
    grave: bool = False
    named: str = ""
    """The way that the plan names, "" to have one chosen."""


def chosen(tasks: Sequence[Task], number: int) -> dict[int, str]:
    """A way for every beat, none twice while there is another that suits."""
    return dict(_chosen(tuple(tasks), number))


@lru_cache(maxsize=64)
def _chosen(tasks: tuple[Task, ...], number: int) -> dict[int, str]:
    # Each beat of a film asks anew: forty of them took longer than all else of a dry run.
    used: Counter[str] = Counter()
    found: dict[int, str] = {}
    last = ""
    for task in tasks:
        if not task.people:
            continue
        name = (
            task.named
            or _asked(task)
            or max(_open(task), key=lambda n: _rank(task, n, used, last, number))
        )
        used[name] += 1
        last = found[task.index] = name
    return found


def number_apart(
    candidates: Iterable[int],
    tasks: Sequence[Task],
    others: Sequence[Sequence[str]],
    also: Callable[[int], int] = lambda _: 0,
) -> int:
    """The number whose film is staged least like the films beside it; `also` counts what else is
    shared with them."""

    def shared(number: int) -> int:
        ways = list(chosen(tasks, number).values())
        same = (1 for film in others for one, two in zip(ways, film, strict=False) if one == two)
        return sum(same) + also(number)

    return min(candidates, key=shared)


def _asked(task: Task) -> str | None:
    action = task.action.lower()
    for name, way in WAYS.items():
        fits = way.people in (0, task.people) and (task.prop or not way.takes_prop)
        if way.asked and fits and re.search(way.asked, action):
            return name
    return None


def _open(task: Task) -> list[str]:
    names = [
        name
        for name, way in WAYS.items()
        if way.people in (0, task.people)
        and name not in _GENTLE
        and (task.prop or not way.takes_prop)
    ]
    return [n for n in names if n in _CALM] if task.grave else names


def _rank(
    task: Task, name: str, used: Counter[str], last: str, number: int
) -> tuple[int, int, int, float]:
    way = WAYS[name]
    digest = hashlib.sha256(f"{number}/{task.index}/{name}".encode()).digest()
    chance = digest[0] / 255
    suits = 2 * (task.type in way.types.split())
    busy = way.manner in ("enters", "leaves", "rises", "paces") or way.other in ("enters", "leaves")
    # A film in which somebody comes or goes in every shot is a farce by accident.
    moving = sum(
        count for n, count in used.items() if WAYS[n].manner in ("enters", "leaves", "rises")
    )
    tired = 2 if busy and moving >= 2 else 0
    return (-used[name], int(name != last), suits - tired + round(2 * chance), chance)
