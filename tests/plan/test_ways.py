"""Beats are blocked by what they do, and not twice alike."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from renderers.animatic.compose import Tableau
from renderers.animatic.looks import look_for
from renderers.animatic.motion import Shooting, shoot, still
from renderers.scene import Figure, Scene, Shot
from storyboard.core.errors import PlanError
from storyboard.plan import Plan, parse_plan, staging
from storyboard.plan.casting import cast_plan
from storyboard.plan.ways import WAYS, Task, Way, chosen, number_apart

TASKS = [
    Task(1, "setup", "", 2, True), Task(2, "reaction", "", 1, False),
    Task(3, "escalation", "", 2, False), Task(4, "reversal", "", 2, False),
    Task(5, "payoff", "", 2, False),
]  # fmt: skip


class Voice:
    name, presentation, age, f0 = "any", "neutral", "adult", 0


def plan(**changes: object) -> Plan:
    beat: dict[str, object] = {
        "index": 1, "type": "setup", "setting": "platform", "cast": ["kenta", "misaki"],
    }  # fmt: skip
    data = {
        "idea": "two people at a station",
        "format": "comedy_5",
        "title": "The Last Train",
        "cast": [{"id": "kenta", "name": "Kenta"}, {"id": "misaki", "name": "Misaki"}],
        "settings": [{"id": "platform", "name": "Platform 2", "place": "station"}],
        "beats": [beat | changes],
    }
    return cast_plan(parse_plan(data), [Voice()])  # pyright: ignore[reportArgumentType]


def scene(way: Way, people: int) -> Scene:
    looks = [look_for("red hoodie", "adult", "feminine", 3, ())]
    looks.append(look_for("blue suit", "adult", "masculine", 5, looks))
    prop = "letter" if way.takes_prop else ""
    figures = [Figure("a", "A", looks[0], "happy", False, way.pose, prop, way.manner)]
    if people > 1:
        figures.append(Figure("b", "B", looks[1], "happy", False, way.others, prop, way.other))
    return Scene(
        place="park", figures=tuple(figures), focus="a", shot=Shot("medium full shot"),
        arrangement=way.arrangement,
    )  # fmt: skip


def test_there_are_many_ways_and_no_film_repeats_one_it_need_not() -> None:
    assert len(WAYS) >= 24
    for number in range(40):
        ways = Counter(chosen(TASKS, number).values())
        assert max(ways.values()) == 1
    assert len({way for n in range(40) for way in chosen(TASKS, n).values()}) >= 24


def test_films_beside_each_other_are_staged_apart() -> None:
    films: list[list[str]] = []
    for _ in range(6):
        number = number_apart(range(60), TASKS, films)
        ways = list(chosen(TASKS, number).values())
        assert all(sum(a == b for a, b in zip(ways, film, strict=True)) <= 2 for film in films)
        films.append(ways)


@pytest.mark.parametrize(
    ("action", "way"),
    [
        ("hands her the letter", "hands over"),
        ("they hug", "hug"),
        ("kisses her", "kiss"),
        ("kneels before him", "on one knee"),
        ("storms out", "one walks out"),
        ("彼女を抱きしめる", "hug"),
    ],
)
def test_an_action_that_asks_for_a_way_gets_it(action: str, way: str) -> None:
    task = Task(1, "setup", action, 2, True)
    assert chosen([task], 7) == {1: way}


def test_nothing_is_played_for_laughs_in_a_grave_film() -> None:
    grave = [Task(t.index, t.type, t.action, t.people, t.prop, True) for t in TASKS]
    assert set(chosen(grave, 3).values()) <= {"faces us", "side by side", "all stare"}


def test_a_plan_may_name_a_way_and_only_one_that_there_is() -> None:
    named = plan(staging="back to back")
    assert staging.scenes_of(named)[named.beats[0].index].arrangement == "back to back"
    with pytest.raises(PlanError) as refused:
        plan(staging="upside down")
    (fault,) = refused.value.faults
    assert fault.startswith("beats[0].staging") and "hands over" in fault


def test_no_two_ways_look_alike() -> None:
    for people in (1, 2):
        ways = {n: w for n, w in WAYS.items() if w.people == people and n not in ("walks off",)}
        seen = {}
        for name, way in ways.items():
            if way.manner in ("enters", "leaves", "turns round", "rises", "paces") or way.other in (
                "enters", "leaves",
            ):  # fmt: skip
                continue
            seen[name] = still(scene(way, people), 180, 320)[0].toarray().astype(int)
        names = list(seen)
        for i, one in enumerate(names):
            for other in names[:i]:
                changed = (np.abs(seen[one] - seen[other]).max(axis=2) > 40).mean()
                assert changed > 0.004, (one, other)


def frames(way: Way, people: int) -> list[np.ndarray]:
    shooting = Shooting(180, 320, 24, 60, None, "static", 1)
    return [
        np.frombuffer(f, dtype=np.uint8).reshape(320, 180, 4).astype(int)
        for f in shoot(scene(way, people), shooting)
    ]


@pytest.mark.parametrize("name", ["one comes in", "pops up", "the other leaves", "hands over"])
def test_who_comes_and_goes_is_seen_coming_and_going(name: str) -> None:
    way = WAYS[name]
    seen = frames(way, way.people)
    assert (np.abs(seen[1] - seen[-1]).max(axis=2) > 40).mean() > 0.02


def test_in_a_kiss_two_faces_meet() -> None:
    placed = Tableau(scene(WAYS["kiss"], 2), 360, 640).placements
    left, right = sorted((p.face for p in placed if p.face), key=lambda face: face.left)
    assert abs(left.right - right.left) < 0.15 * (left.right - left.left)
    assert [p.view.flip for p in sorted(placed, key=lambda p: p.x)] == [False, True]
