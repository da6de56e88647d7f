"""Any plan, however it was mangled, is taken whole or refused by its fields; never a traceback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("hypothesis", reason="needs hypothesis: pip install -e '.[dev]'")
from hypothesis import given, settings
from hypothesis import strategies as st
from small_plans import a_plan
from split_captions import split_captions

from renderers.errors import RendererError
from storyboard.core.errors import StoryboardError
from storyboard.media.text.captions import lacking
from storyboard.plan import dump_plan, load_plan, parse_plan
from storyboard.profile import load_profile
from storyboard.profile.backends import Backends
from storyboard.stages.film_graph import graph_of

WHOLE = json.loads(dump_plan(a_plan()))
ODD = ("", "ann", "bob", "bar", "beat", "-1", "clone", "push in", "Hello, it is 3-5km.", "3～5人")
ODD += ("../../etc/passwd", "<ja>母</ja>", "x" * 700, "W" * 300, "\u202e", "a\x00b", "Привет")
TEXTS = st.text(max_size=40) | st.sampled_from(ODD)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)


def paths(value: Any, here: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place in a document."""
    match value:
        case dict():
            inner = value.items()
        case list():
            inner = enumerate(value)
        case _:
            return
    for key, within in inner:
        yield (*here, key)
        yield from paths(within, (*here, key))


PATHS = sorted(paths(WHOLE), key=repr)
WORDS = [
    path for path in PATHS if path[-1] in ("line", "reading", "title", "action", "name", "text")
]


@st.composite
def plans(draw: st.DrawFn) -> Any:
    """A plan in which some values are others, are gone, or stand beside unknown ones."""
    document = json.loads(json.dumps(WHOLE))
    for path in draw(st.lists(st.sampled_from(PATHS) | st.sampled_from(WORDS), max_size=4)):
        place = document
        try:
            for key in path[:-1]:
                place = place[key]
            match draw(st.integers(0, 5)):
                case 0:
                    del place[path[-1]]
                case 1 if isinstance(place, dict):
                    place[draw(TEXTS)] = draw(VALUES)
                case 2:
                    place[path[-1]] = draw(VALUES)
                case _:
                    place[path[-1]] = draw(TEXTS)
        except (KeyError, IndexError, TypeError):
            continue
    return document


@pytest.fixture(scope="module")
def backends() -> Iterator[Backends]:
    with Backends(load_profile("embedded")) as opened:
        yield opened


@pytest.mark.slow
@settings(max_examples=10_000, deadline=None)
@given(document=plans())
def test_a_plan_is_taken_whole_or_refused(
    backends: Backends, tmp_path_factory: pytest.TempPathFactory, document: Any
) -> None:
    folder = tmp_path_factory.getbasetemp() / "film"
    folder.mkdir(exist_ok=True)
    try:
        plan = parse_plan(document)
        (folder / "plan.json").write_text(dump_plan(plan), encoding="utf-8")
        assert load_plan(folder / "plan.json") == plan
        for beat in plan.beats:
            assert lacking(beat.line, split_captions(beat.line)) == ""
        assert graph_of(plan, folder, backends).steps
    except (StoryboardError, RendererError) as refused:
        told = str(refused)
        assert 0 < len(told) < 4000
        assert "unexpected" not in told
