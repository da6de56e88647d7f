"""`storyboard styles`, `--style`: three looks, each in words and as a picture."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
import skia
from typer.testing import CliRunner

from renderers.animatic.looks import look_for
from renderers.animatic.motion import still
from renderers.scene import Figure, Look, Scene
from storyboard.cli.styles import app
from storyboard.core.errors import UsageError
from storyboard.plan import Language, Plan, dump_plan, parse_plan
from storyboard.plan.casting import with_looks
from storyboard.plan.format_files import load_format
from storyboard.plan.styles import STYLES, in_style
from storyboard.stages.neighbours import told_unlike_neighbours, unlike_neighbours
from storyboard.stages.render_request import RenderRequest
from storyboard.writing.offline import write_plan


def plan(idea: str = "two people at a station", seed: int = 1) -> Plan:
    beats = [
        {"index": i + 1, "type": t, "setting": "here", "cast": ["one", "two"]}
        for i, t in enumerate(("setup", "escalation", "reversal", "payoff"))
    ]
    return parse_plan(
        {
            "idea": idea, "format": "comedy_5", "title": "T", "seed": seed, "beats": beats,
            "cast": [{"id": "one", "name": "One"}, {"id": "two", "name": "Two"}],
            "settings": [{"id": "here", "name": "Here", "place": "station"}],
        }
    )  # fmt: skip


def test_every_style_has_words_a_look_and_a_picture() -> None:
    assert [style.name for style in STYLES.shipped] == ["flat", "ink", "paper"]
    assert len({style.look for style in STYLES.shipped}) == 3
    for style in STYLES.shipped:
        assert len(style.words.split()) > 8
        picture = files("prompts").joinpath("styles", f"{style.name}.jpg")
        assert len(picture.read_bytes()) > 20_000


def test_the_command_lists_shows_and_draws(tmp_path: Path) -> None:
    run = CliRunner().invoke
    assert "ink" in run(app, []).output
    assert "cross-hatching" in run(app, ["show", "ink"]).output
    drawn = run(app, ["draw", "ink", "--out", str(tmp_path)])
    assert drawn.exit_code == 0, drawn.output
    assert skia.Image.open(str(tmp_path / "ink.png")).width() == 540


def test_an_unknown_style_is_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError, match="flat, ink, paper"):
        STYLES.load("oil")


def test_a_file_of_ones_own_is_a_style(tmp_path: Path) -> None:
    file = tmp_path / "noir.yaml"
    file.write_text("name: noir\ntitle: Noir\nlook: ink\nwords: film noir, hard shadows\n")
    ordered = RenderRequest(style=str(file)).applied(plan())
    assert (ordered.style.look, ordered.style.description) == ("ink", "film noir, hard shadows")
    file.write_text("name: noir\ntitle: Noir\nlook: oil\nwords: x\n")
    with pytest.raises(UsageError, match="look"):
        STYLES.load(str(file))


def pixels(look: Look) -> np.ndarray:
    top = look_for("red hoodie", "adult", "feminine", 3, ())
    shown = Scene(place="park", figures=(Figure("a", "A", top, "happy"),), focus="a", look=look)
    image = still(shown, 270, 480)[0]
    return image.toarray(colorType=skia.ColorType.kRGBA_8888_ColorType)[:, :, :3].astype(int)


def test_ink_has_one_colour_and_the_looks_differ() -> None:
    flat, ink, paper = pixels("flat"), pixels("ink"), pixels("paper")
    for one, other in ((flat, ink), (ink, paper), (flat, paper)):
        assert (np.abs(one - other).max(axis=2) > 40).mean() > 0.03
    coloured = ink[np.ptp(ink, axis=2) > 70]
    assert len(coloured) > 500
    assert (coloured.argmax(axis=1) == 0).mean() > 0.97
    assert in_style(plan(), STYLES.load("ink")).style.look == "ink"


def test_films_beside_each_other_differ_and_the_same_film_stays_the_same(tmp_path: Path) -> None:
    made: list[Plan] = []
    for i in range(3):
        film = unlike_neighbours(plan(f"idea {i}"), tmp_path / f"film{i}")
        (tmp_path / f"film{i}").mkdir()
        (tmp_path / f"film{i}" / "plan.json").write_text(dump_plan(film), encoding="utf-8")
        made.append(film)
    assert len({film.style.palette for film in made}) == 3
    again = unlike_neighbours(plan("idea 1"), tmp_path / "again")
    assert again.style == made[1].style


@pytest.mark.parametrize("language", ["en", "ja"])
def test_films_of_a_folder_are_told_in_other_frames_and_the_same_film_in_the_same(
    tmp_path: Path, language: Language
) -> None:
    words = {
        "en": ("My cat", "My dog", "My boss", "A plumber", "A pirate", "A ghost", "A nurse"),
        "ja": ("猫", "犬", "上司", "配管工", "海賊", "幽霊", "看護師"),
    }[language]
    says = "{} lost a shoe" if language == "en" else "{}が靴をなくした"
    made: list[Plan] = []
    for i, who in enumerate(words):
        drafted = write_plan(says.format(who), load_format("comedy_5"), language)
        film = told_unlike_neighbours(drafted, tmp_path / f"film{i}", "comedy_5")
        (tmp_path / f"film{i}").mkdir()
        (tmp_path / f"film{i}" / "plan.json").write_text(dump_plan(film), encoding="utf-8")
        made.append(film)
    told = [(film.settings[0].name, *(c.role for c in film.cast[1:])) for film in made]
    assert len(set(told)) == len(words)
    lines = [beat.line for film in made for beat in film.beats]
    assert len(set(lines)) == len(lines)
    # The same idea with the same seed, in another folder beside.
    drafted = write_plan(made[3].idea, load_format("comedy_5"), language)
    assert told_unlike_neighbours(drafted, tmp_path / "again", "comedy_5") == made[3]


def test_neighbours_wear_other_clothes_and_the_same_film_the_same(tmp_path: Path) -> None:
    written = write_plan("A tourist orders a tie", load_format("language_mishap"))
    made: list[Plan] = []
    for i in range(4):
        film = unlike_neighbours(
            written.model_copy(update={"idea": f"idea {i}"}), tmp_path / f"film{i}"
        )
        (tmp_path / f"film{i}").mkdir()
        (tmp_path / f"film{i}" / "plan.json").write_text(dump_plan(film), encoding="utf-8")
        made.append(film)
    assert len({film.character("learner").wardrobe for film in made}) == 4
    heads = [c.avatar.head for film in made for c in with_looks(film).cast if c.avatar]
    assert len(set(heads)) >= 3
    again = unlike_neighbours(written.model_copy(update={"idea": "idea 2"}), tmp_path / "again")
    assert again.cast == made[2].cast
