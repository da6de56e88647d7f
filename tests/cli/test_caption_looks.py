"""`storyboard captions`, `--captions`: looks of captions, as they stand in the picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from storyboard.cli import app as whole
from storyboard.cli.captions import app
from storyboard.core.errors import UsageError
from storyboard.media.text.captions import Caption
from storyboard.media.text.subtitles import ass
from storyboard.plan import Canvas, dump_plan, load_plan
from storyboard.plan.caption_look import CAPTIONS, CaptionLook

OWN = """
name: mine
title: Mine
turn: words
look: {size: 0.8, colour: "#ff0000", bottom: 0.4}
"""


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> dict[str, np.ndarray]:
    """Each shipped look as the command draws it, as (height, width, 3)."""
    folder = tmp_path_factory.mktemp("captions")
    done = CliRunner().invoke(app, ["draw", "--out", str(folder)])
    assert done.exit_code == 0, done.output
    return {
        path.stem: np.asarray(Image.open(path).convert("RGB")).astype(int)
        for path in folder.glob("*.png")
    }


def ink(picture: np.ndarray, other: np.ndarray) -> np.ndarray:
    return (np.abs(picture - other).max(axis=2) > 60).nonzero()[0]


def test_every_look_shows_its_line_otherwise(drawn: dict[str, np.ndarray]) -> None:
    assert list(drawn) and set(drawn) == {file.name for file in CAPTIONS.shipped}
    usual = drawn["lines"]
    for name, picture in drawn.items():
        assert name == "lines" or len(ink(picture, usual)) > 300, name
    # Against another place, the rows in which a look stands come out.
    rows = {name: np.unique(ink(drawn[name], drawn["raised"])) for name in ("lines", "boxed")}
    height = len(usual)
    assert rows["lines"].max() > 0.85 * height, "at the foot"
    raised = np.unique(ink(drawn["raised"], usual)).min()
    assert raised < rows["lines"].max() - 0.12 * height, "and higher"


def test_words_that_were_said_have_their_colour(drawn: dict[str, np.ndarray]) -> None:
    foot = {name: picture[int(0.7 * len(picture)) :] for name, picture in drawn.items()}

    # Not exactly: the letters were laid over a picture in YUV.
    def yellow(picture: np.ndarray) -> int:
        return int((np.abs(picture - (255, 208, 79)).max(axis=2) < 45).sum())

    assert yellow(foot["words"]) > 3 * max(1, yellow(foot["lines"]))


def test_a_look_of_ones_own_goes_into_the_plan_and_back(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(OWN, encoding="utf-8")
    asked = ["--idea", "A cat opens a bank", "--only", "plan", "--offline", "--quiet"]
    out = tmp_path / "film"
    done = CliRunner().invoke(whole, ["run", *asked, "--out", str(out), "--captions", str(file)])
    assert done.exit_code == 0, done.output
    plan = load_plan(out / "plan.json")
    assert plan.captions == "words"
    assert plan.caption_look == CaptionLook(size=0.8, colour="#ff0000", bottom=0.4)
    again = CliRunner().invoke(whole, ["run", "--dir", str(out), "--only", "plan", "--quiet"])
    assert again.exit_code == 0 and load_plan(out / "plan.json") == plan
    usual = plan.model_copy(update={"captions": "lines", "caption_look": None})
    assert "caption_look" not in dump_plan(usual), "plans of before stay as they are"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (OWN.replace("0.4", "0.9"), "look.bottom"),
        (OWN.replace("#ff0000", "red"), "look.colour"),
        (OWN + "shout: true\n", "shout: unknown field"),
        ("name: [", "is not YAML"),
    ],
)
def test_a_look_that_does_not_hold_is_refused_by_name(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="--captions: ") as refused:
        CAPTIONS.load(str(file))
    assert told in str(refused.value)


def test_an_unknown_look_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    out = tmp_path / "film"
    asked = ["--idea", "A cat", "--out", str(out), "--captions", "neon"]
    done = CliRunner().invoke(whole, ["run", *asked])
    assert done.exit_code == 2 and "boxed" in done.output.replace("\n", " ")
    assert not (out / "plan.json").exists()


def test_capitals_are_drawn_and_the_file_keeps_the_line() -> None:
    script = ass([Caption(0, 1, "straße {x}")], Canvas(), None, CaptionLook(capitals=True))
    assert "STRASSE \\{X\\}" in script
