"""Who is no person has a head of its own, and acts all the same."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from renderers.animatic.creature import bounds
from renderers.animatic.creature_kinds import CREATURES, PREFIX, THING, creature_of
from renderers.animatic.looks import look_for
from renderers.animatic.motion import still
from renderers.animatic.thing_head import thing_of
from renderers.scene import Figure, Scene, Shot


def picture(head: str, expression: str = "happy", speaking: bool = False) -> np.ndarray:
    look = replace(look_for("blue suit", "adult", "masculine", 3, ()), head=head, facial_hair="")
    figure = Figure("a", "A", look, expression, speaking)
    shown = Scene(figures=(figure,), focus="a", shot=Shot("close-up"))
    return still(shown, 200, 200)[0].toarray().astype(int)


@pytest.mark.parametrize(
    ("role", "creature"),
    [
        ("penguin", "penguin"),
        ("the dog", "dog"),
        ("a ghost who cannot refuse overtime", "ghost"),
        ("pirate's parrot", "parrot"),
        ("幽霊", "ghost"),
        ("残業を断れない幽霊", "ghost"),
        ("dog walker", None),
        ("owner of the cat", None),
        ("vampire dentist", "vampire"),
        ("robot waiter at a wedding", "robot"),
        ("pirate captain", "pirate"),
        ("mermaid", "mermaid"),
        ("幽霊の会社員", "ghost"),
        ("忍者の店員", "ninja"),
        ("河童", "kappa"),
        ("robot engineer", None),
        ("ghost hunter", None),
        ("computer scientist", None),
        ("幽霊屋敷の管理人", None),
        ("fish monger", None),
        ("clerk at the counter", None),
        ("", None),
    ],
)
def test_a_role_that_is_a_creature_gets_its_head(role: str, creature: str | None) -> None:
    assert creature_of(role) == creature
    head = look_for("grey suit", "adult", "neutral", 1, (), role).head
    assert head == PREFIX + creature if creature else not head.startswith(PREFIX)


@pytest.mark.parametrize("name", CREATURES)
def test_every_creature_speaks_and_shows_what_it_feels(name: str) -> None:
    head = PREFIX + name
    left, top, right, bottom = bounds(head)
    assert left < -100 and top < -420 and right > 180 and bottom > -60
    calm = picture(head)
    assert (np.abs(calm - picture(head, speaking=True)).max(axis=2) > 60).sum() > 30
    assert (np.abs(calm - picture(head, "furious")).max(axis=2) > 60).sum() > 60


def test_no_two_creatures_look_alike() -> None:
    pictures = {name: picture(PREFIX + name) for name in list(CREATURES)[::3]}
    names = list(pictures)
    for one, other in pairwise(names):
        assert (np.abs(pictures[one] - pictures[other]).max(axis=2) > 40).mean() > 0.02


def test_a_ghost_is_seen_through_and_a_mermaid_has_no_legs() -> None:
    def body(head: str) -> np.ndarray:
        look = replace(look_for("blue suit", "adult", "feminine", 3, ()), head=head)
        figure = Figure("a", "A", look)
        shown = Scene("office", figures=(figure,), focus="a", shot=Shot("full shot"))
        return still(shown, 200, 356)[0].toarray()[:, :, :3].astype(int)

    person, ghost, mermaid = (body(h) for h in ("short2", PREFIX + "ghost", PREFIX + "mermaid"))
    below = slice(230, 330)
    assert (np.abs(person - mermaid).max(axis=2)[below] > 60).sum() > 800
    assert (person.max(axis=2)[below] < 70).sum() > 4 * (ghost.max(axis=2)[below] < 70).sum()


@pytest.mark.parametrize("thing", ["traffic light", "smart fridge", "elevator", "おにぎり"])
def test_a_thing_with_a_face_speaks_and_shows_what_it_feels(thing: str) -> None:
    head = look_for("", "adult", "neutral", 1, (), "star of the film", thing).head
    assert head.startswith(PREFIX + THING)
    left, top, right, bottom = bounds(head)
    assert left < -100 and top < -420 and right > 180 and bottom > -80
    calm = picture(head)
    assert (np.abs(calm - picture(head, speaking=True)).max(axis=2) > 60).sum() > 30
    assert (np.abs(calm - picture(head, "furious")).max(axis=2) > 60).sum() > 60


@pytest.mark.parametrize("words", ["smart fridge owner", "officer", "lighthouse keeper", "silence"])
def test_no_person_becomes_a_thing(words: str) -> None:
    assert thing_of(words) is None
