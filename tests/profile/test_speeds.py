"""`--speed`: a profile's own differences, laid on it where they are asked for and nowhere else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmarks import speeds
from storyboard.cli.main import app
from storyboard.core.errors import UsageError
from storyboard.gpu.forecast import card_forecast
from storyboard.profile import ProfileError, load_profile
from storyboard.profile.source import at_speed

SHIPPED = "rtx6000-96gb"


def test_without_a_speed_the_profile_is_as_it_was() -> None:
    plain = load_profile(SHIPPED)
    assert plain.speed == ""
    assert (plain.image.preset, plain.image.service) == ("standard", "images")
    assert set(plain.video.backends) == {"animatic", "ditto", "a2v", "i2v"}
    assert plain.services["planner"].stays == []


@pytest.mark.parametrize("speed", speeds.SPEEDS)
def test_each_shipped_speed_holds_and_fits_its_card(speed: str) -> None:
    profile = load_profile(f"{SHIPPED}@{speed}")
    assert (profile.name, profile.speed) == (SHIPPED, speed)
    assert card_forecast(profile).refusals() == ()


def test_an_override_wins_over_a_speed() -> None:
    profile = load_profile(f"{SHIPPED}@draft", ["image.preset=dev"])
    assert (profile.image.preset, profile.image.service) == ("dev", "images-dev")


def test_a_profile_inherits_speeds_and_has_its_own(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text(
        f'extends = "{SHIPPED}"\n[speeds.night.image]\npreset = "high"\n'
        '[speeds.draft.image]\npreset = "dev"\n'
    )
    assert load_profile(f"{mine}@night").image.preset == "high"
    draft = load_profile(f"{mine}@draft")
    assert (draft.image.preset, draft.image.service) == ("dev", "images-dev")


def test_an_unknown_speed_is_told_with_those_there_are() -> None:
    with pytest.raises(ProfileError, match="it has draft, standard, best"):
        load_profile(f"{SHIPPED}@fast")
    with pytest.raises(
        ProfileError, match=r"speeds.draft: is no speed of this profile: it has none"
    ):
        load_profile("embedded@draft")


def test_two_speeds_at_once_are_refused() -> None:
    assert at_speed(SHIPPED, "draft") == at_speed(f"{SHIPPED}@draft", "draft")
    with pytest.raises(UsageError, match="say one"):
        at_speed(f"{SHIPPED}@draft", "best")


def test_a_folder_with_an_at_sign_is_no_speed(tmp_path: Path) -> None:
    folder = tmp_path / "me@home"
    folder.mkdir()
    (folder / "mine.toml").write_text('extends = "embedded"\n')
    assert load_profile(str(folder / "mine.toml")).speed == ""


def test_a_run_is_forecast_at_its_speed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    told = ["run", "--idea", "A cat who reads", "--profile", SHIPPED, "--explain", "--json"]
    for speed, clips in (("draft", "distilled"), ("best", "a2v")):
        ended = CliRunner().invoke(app, [*told, "--speed", speed])
        assert ended.exit_code == 0
        shown = ended.stdout
        assert "images/cast" in shown
        assert ("_a2v" in shown) == (clips == "a2v") or speed == "draft"
        card = json.loads(shown)["card"]
        assert {"planner", "speech"} <= card["loads"].keys()
        assert set(card["loads"].values()) == {1}, "a film loads each model once"
        assert 0 < card["peak_gib"] <= 96


def test_a_batch_keeps_the_speed_of_each_film(tmp_path: Path) -> None:
    runner = CliRunner()
    command = ["batch", "add", "A cat who reads", "--profile", SHIPPED, "--speed", "draft"]
    assert runner.invoke(app, [*command, "--runs", str(tmp_path)]).exit_code == 0
    shown = runner.invoke(app, ["batch", "list", "--runs", str(tmp_path)])
    film = shown.output.split("a-cat-who-reads-")[1][:8]
    found = runner.invoke(
        app, ["batch", "show", f"a-cat-who-reads-{film}", "--runs", str(tmp_path)]
    )
    assert f"{SHIPPED}@draft" in found.output
    refused = runner.invoke(
        app, ["batch", "add", "A dog", "--speed", "draft", "--runs", str(tmp_path)]
    )
    assert refused.exit_code == 2
    assert "speeds.draft" in refused.output


def test_the_sums_are_those_that_are_published(tmp_path: Path) -> None:
    rows = {speed: speeds.measure(speed, tmp_path) for speed in speeds.SPEEDS}
    published = (speeds.RESULTS / "speeds.md").read_text("utf-8")
    for walks in ({s: row.walk for s, row in rows.items()}, {s: row.up for s, row in rows.items()}):
        minutes = {speed: walk.seconds / 60 for speed, walk in walks.items()}
        assert minutes["draft"] <= 4 < minutes["standard"] <= 10 < minutes["best"]
        assert " | ".join(f"**{minutes[speed]:.1f}**" for speed in speeds.SPEEDS) in published
    assert all(row.work.unknown == 0 for row in rows.values())
