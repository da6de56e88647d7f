"""A picture that contradicts its line is planted, drawn by the animatic itself, and found."""

from __future__ import annotations

from pathlib import Path

import pytest
from tiny_films import made, tiny_plan, tiny_run, tones

from benchmarks.review_set import NotHere, plant
from storyboard.core.files import read_json
from storyboard.review.finished_cut import Cut
from storyboard.review.technical.reviewer import review


def film(folder: Path, line: str, props: list[str], being: str = "") -> Path:
    plan = tiny_plan("A barista who can only speak in haiku")
    cast = [c.model_copy(update={"being": being}) for c in plan.cast]
    plan = plan.model_copy(update={"cast": cast})
    first = plan.beats[0].model_copy(
        update={"line": line, "props": props, "speaker": plan.beats[0].cast[0], "inset": None}
    )
    made(
        tones(tiny_run(folder, plan.model_copy(update={"beats": [first, *plan.beats[1:]]})), jobs=1)
    )
    return folder


@pytest.mark.parametrize(
    ("line", "said"),
    [("Why is the cup empty?", "the cup is empty"), ("Read the letter.", "the letter")],
)
def test_a_picture_that_contradicts_its_line_is_found(tmp_path: Path, line: str, said: str) -> None:
    good = film(tmp_path / "good", line, ["letter"] if "letter" in line else ["cup"])
    checks = {c["name"]: c["ok"] for c in read_json(good / "checks.json")["checks"]}
    assert checks["agreement"]
    assert not [f for f in review(Cut.of(good), None) if f.defect == "picture_contradicts_line"]
    label = plant("picture contradicts its line", good, tmp_path / "bad")
    found = review(Cut.of(tmp_path / "bad"), None)
    named = [f for f in found if f.defect in label.expects]
    assert [f.beat for f in named] == list(label.beats) == [1]
    assert said in named[0].evidence


def test_a_vampire_drawn_as_a_person_is_found(tmp_path: Path) -> None:
    good = film(tmp_path / "good", "I see. Very well then.", [], "vampire dentist")
    checks = {c["name"]: c["ok"] for c in read_json(good / "checks.json")["checks"]}
    assert checks["agreement"]
    label = plant("picture contradicts its line", good, tmp_path / "bad")
    found = review(Cut.of(tmp_path / "bad"), None)
    named = [f for f in found if f.defect in label.expects]
    assert [f.beat for f in named] == list(label.beats)
    assert "vampire dentist" in named[0].evidence


def test_a_film_whose_lines_name_nothing_has_no_place_for_it(tmp_path: Path) -> None:
    good = film(tmp_path / "good", "I see. Very well then.", [])
    with pytest.raises(NotHere, match="no line names a thing"):
        plant("picture contradicts its line", good, tmp_path / "bad")
