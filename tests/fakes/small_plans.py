"""Plans of three beats, written by hand, and the tiny engine on one thread."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from storyboard.plan import Plan, dump_plan, parse_plan

LOOK = {"head": "short1", "skin": "#ffffff", "hair": "#000000"}
LOOK |= {"top": "#111111", "bottom": "#222222", "accent": "#333333"}


def a_plan(**changes: Any) -> Plan:
    """Three beats: ann alone, ann and bob, bob alone; a hook with ann."""
    people = [
        {"id": id, "name": id.title(), "appearance": looks, "wardrobe": wardrobe, "avatar": LOOK}
        for id, looks, wardrobe in (
            ("ann", "a woman with red hair", "a green coat"),
            ("bob", "a man with a beard", "a blue suit"),
        )
    ]
    document: dict[str, Any] = {
        "idea": "x",
        "format": "comedy_5",
        "title": "x",
        "cast": people,
        "settings": [{"id": "bar", "name": "bar", "place": "cafe"}],
        "hook": {"title": "Now", "setting": "bar", "cast": ["ann"]},
        "beats": [
            {"index": i, "type": "beat", "setting": "bar", "cast": cast, "action": "waits"}
            for i, cast in enumerate((["ann"], ["ann", "bob"], ["bob"]), 1)
        ],
    }
    return parse_plan({**document, **changes})


def uncast(plan: Plan) -> str:
    """The plan as people write it: who has which drawn look is settled when it is run."""
    cast = [character.model_copy(update={"avatar": None}) for character in plan.cast]
    return dump_plan(plan.model_copy(update={"cast": cast}))


def dressed(plan: Plan, id: str, wardrobe: str) -> Plan:
    cast = [c.model_copy(update={"wardrobe": wardrobe}) if c.id == id else c for c in plan.cast]
    return plan.model_copy(update={"cast": cast})


@contextmanager
def one_thread() -> Iterator[None]:
    torch = pytest.importorskip("torch")
    pytest.importorskip("transformers")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
