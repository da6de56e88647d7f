"""Words that no font can show are told before anything is rendered."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console
from tiny_films import tiny_plan, tiny_run, tones

from storyboard.cli.display import ConsoleDisplay
from storyboard.core import events
from storyboard.media.text.glyphs import font_advice, unshowable
from storyboard.stages.film import make_film


def test_a_missing_glyph_is_told_by_path_before_the_first_step(tmp_path: Path) -> None:
    plan = tiny_plan("A cat misses the last train", 1)
    assert list(unshowable(plan)) == []
    assert plan.hook is not None
    hook = plan.hook.model_copy(update={"title": "𒀀 🦖 GO"})
    plan = plan.model_copy(update={"hook": hook})
    (told,) = unshowable(plan)
    assert told.startswith("hook.title: no font here has 𒀀, shown as □: put one that has")
    folder = tiny_run(tmp_path / "film", plan)
    display = ConsoleDisplay(Console(quiet=True), quiet=True)
    make_film(tones(folder, stages=("images",)), display, "test")
    seen = list(events.events_in(folder / "events.jsonl"))
    warned = next(i for i, e in enumerate(seen) if isinstance(e, events.Warned))
    begun = next(i for i, e in enumerate(seen) if isinstance(e, events.StepStarted))
    assert warned < begun


@pytest.mark.parametrize(
    ("lacking", "told"),
    [
        (["한"], "pip install 'storyboard[ko]'"),
        (["们", "글"], "pip install 'storyboard[ko,zh]'"),
        (["한", "𒀀"], "put one that has"),
    ],
)
def test_what_brings_a_font_is_told(lacking: list[str], told: str) -> None:
    assert told in font_advice(lacking)
