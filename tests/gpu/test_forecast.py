"""The forecast: the known sums of the measured card, and what changes on a smaller one."""

from __future__ import annotations

import json
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skia
import soundfile
from typer.testing import CliRunner

from storyboard.cli.vram import app
from storyboard.core.events import EventLog
from storyboard.gpu.events import Granted, Released, Sampled
from storyboard.gpu.forecast import card_forecast, forecast_changes, workers
from storyboard.gpu.log import log_to, trace
from storyboard.plan import Plan, dump_plan, parse_plan
from storyboard.profile import CardStage, load_profile
from storyboard.profile.backends import Backends
from storyboard.stages.film_graph import graph_of

BIG = load_profile("rtx6000-96gb")


def peaks(**options: Any) -> dict[str, float]:
    seen = card_forecast(BIG, **options)
    return {residency.name: residency.peak_gib for residency in (*seen.residencies, *seen.together)}


def a_plan(*beats: dict[str, object], voice: dict[str, object] | None = None) -> Plan:
    return parse_plan(
        {
            "idea": "A barista who can only speak in haiku",
            "format": "comedy_5",
            "title": "Haiku",
            "cast": [{"id": "kenta", "name": "Kenta", "voice": voice}],
            "settings": [{"id": "cafe", "name": "Café"}],
            "beats": [
                {"index": i, "type": "beat", "setting": "cafe", **beat}
                for i, beat in enumerate(beats, start=1)
            ],
        }
    )


def needed(stage: CardStage, plan: Plan) -> set[str]:
    """Services that a plan's steps need in a stage of the card."""
    with Backends(BIG) as backends:
        return set(workers(BIG, stage, graph_of(plan, Path(), backends).needs))


SILENT: dict[str, object] = {"speaker": None}
SPOKEN: dict[str, object] = {"speaker": "kenta", "line": "Steam.", "cast": ["kenta"]}


def test_the_known_sums_of_the_measured_card() -> None:
    known = {"plan": 62, "images": 73, "finals": 33, "clips": 32}
    refused = {"everything": 109, "local-review": 106}
    found = peaks()
    assert {name: found[name] for name in (*known, *refused)} == {**known, **refused}
    seen = card_forecast(BIG)
    assert seen.fits
    assert all(not residency.fits for residency in seen.together)


def test_the_judge_gone_leaves_the_engine_alone() -> None:
    profile = load_profile("rtx6000-96gb", ["judge.backend=none"])
    images = next(t for t in card_forecast(profile).residencies if t.stage == "images")
    assert images.working == ("images",)


def test_on_48_gib_the_loop_takes_turns_and_idlers_go() -> None:
    seen = card_forecast(BIG, budget_gib=48)
    assert seen.fits
    assert forecast_changes(seen, card_forecast(BIG, budget_gib=inf)) == (
        "plan: released although it might stay: images",
        "images: in turns: images, then planner",
    )


def test_on_24_gib_it_is_refused_with_the_sum() -> None:
    seen = card_forecast(BIG, budget_gib=24)
    assert not seen.fits
    assert (
        seen.refusals()[0] == "plan: planner 38 = 38 GiB, over the 23.5 GiB that may be used of 24"
    )
    assert "clips: a2v runs as cpu-offload" in forecast_changes(
        seen, card_forecast(BIG, budget_gib=inf)
    )


def test_the_small_profile_fits_its_card() -> None:
    seen = card_forecast(load_profile("rtx4090-24gb"))
    assert seen.fits
    assert max(residency.peak_gib for residency in seen.residencies) <= 23.5


@pytest.mark.parametrize("name", ["embedded", "openai"])
def test_profiles_without_services_need_nothing(name: str) -> None:
    seen = card_forecast(load_profile(name))
    assert seen.fits
    assert {residency.peak_gib for residency in seen.residencies} == {0}


def test_a_plan_counts_only_what_it_needs() -> None:
    silent = a_plan(SILENT)
    assert needed("clips", silent) == {"i2v"}
    assert needed("clips", a_plan({**SILENT, "cast": ["kenta"], "type": "reaction"})) == {"a2v"}
    assert needed("dialogue", silent) == set()
    assert needed("speech", silent) == set()
    spoken = a_plan(SPOKEN)
    # A talking head, and who is asked next where its lips stand still.
    assert needed("dialogue", spoken) == {"ditto"}
    assert needed("clips", spoken) == {"a2v"}
    assert "i2v" in needed("clips", a_plan({**SPOKEN, "renderer": "i2v"}))


def test_a_cloned_voice_brings_its_model(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "k.wav", np.zeros(48_000), 48_000)
    voice: dict[str, object] = {
        "kind": "clone",
        "reference_audio": "k.wav",
        "consent": "Kenta, by letter",
    }
    with Backends(BIG) as backends:
        graph = graph_of(a_plan(SPOKEN, voice=voice), tmp_path, backends)
    assert workers(BIG, "speech", graph.needs) == ("voices-clone",)


def test_what_sleepers_still_hold_is_counted_once_known() -> None:
    profile = load_profile("rtx6000-96gb", ["services.planner.asleep_gib=1.5"])
    finals = next(t for t in card_forecast(profile).residencies if t.stage == "finals")
    assert finals.sum() == "images 33 + planner asleep 1.5 = 34.5 GiB"


def test_a_preset_and_a_clone_of_one_family_never_share_a_turn() -> None:
    residencies = [
        t for t in card_forecast(BIG, budget_gib=1000).residencies if t.stage == "speech"
    ]
    assert [set(t.working) & {"voices-clone", "voices-design"} for t in residencies] == [
        {"voices-clone"},
        {"voices-design"},
    ]


# --- the command ------------------------------------------------------------


def call(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(arguments), env={"COLUMNS": "120"})
    return result.exit_code, result.output


def test_json_has_budget_stages_and_verdict() -> None:
    code, output = call("--profile", "rtx6000-96gb", "--json")
    data = json.loads(output)
    assert code == 0
    assert (data["budget_gib"], data["fits"]) == (96, True)
    assert [s["peak_gib"] for s in data["stages"] if s["name"] in ("plan", "images")] == [62, 73]
    assert data["stages"][0]["residents"][0] == {
        "service": "planner",
        "doing": "working",
        "gib": 38,
        "variant": "",
        "measured": False,
    }


def test_a_smaller_card_is_refused_by_exit_code_with_sum_and_advice() -> None:
    code, output = call("--profile", "rtx6000-96gb", "--gpu", "24")
    assert code == 1
    assert "plan: planner 38 = 38 GiB, over the 23.5 GiB" in output
    assert "the profile rtx4090-24gb, which fits" in output


@pytest.mark.parametrize(
    ("group", "total"),
    [("everything", 109), ("local-review", 106), ("planner,a2v,i2v,reviewer,images", 123)],
)
def test_holding_too_much_at_once_is_refused(group: str, total: int) -> None:
    code, output = call("--profile", "rtx6000-96gb", "--together", group)
    assert code == 1
    assert f"= {total} GiB, over the 95.5 GiB" in output


@pytest.mark.parametrize("name", ["embedded", "openai"])
def test_a_profile_without_a_card_is_said_to_need_none(name: str) -> None:
    assert call("--profile", name) == (
        0,
        f"Profile {name} works without a card: nothing is held there.\n",
    )


def test_without_a_stated_budget_the_card_is_measured_or_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        """
extends = "embedded"
[chat]
backend = "openai"
base_url = "http://127.0.0.1:1/v1"
service = "planner"
[judge]
backend = "none"
[services.planner]
health = "http://127.0.0.1:1/health"
peak_gib = 20
serves = ["plan"]
dialect = "ollama"
release = ["unload"]
""",
        encoding="utf-8",
    )
    code, said = call("--profile", str(path), "--set", "gpu.device=63")
    assert code == 2
    assert "--gpu 24 reckons with one of 24 GiB" in " ".join(said.split())
    assert call("--profile", str(path), "--gpu", "24")[0] == 0
    ledger = f"gpu.ledger={json.dumps(str(tmp_path / 'ledger'))}"
    code, said = call("--profile", str(path), "--set", "gpu.budget_gib=12", "--set", ledger)
    assert code == 1
    assert "mine: 12 GiB" in said


def test_an_unknown_service_is_told() -> None:
    code, output = call("--profile", "rtx6000-96gb", "--together", "plannr")
    assert code == 2
    assert "'plannr' is neither in" in output


def test_a_plan_narrows_the_forecast(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text(dump_plan(a_plan(SPOKEN)), encoding="utf-8")
    _, output = call("--profile", "rtx6000-96gb", "--plan", str(path), "--json")
    stages = {s["name"]: s["peak_gib"] for s in json.loads(output)["stages"]}
    # As a run has it: what comes next is loaded beside, and nobody judges.
    assert (stages["clips"], stages["dialogue"], stages["speech"]) == (24, 3 + 1, 3 + 3)
    assert (stages["plan"], stages["finals"]) == (38 + 16, 33 + 3)
    assert "images" not in stages


def colours(path: Path) -> set[tuple[int, int, int]]:
    pixels = skia.Image.open(str(path)).toarray(colorType=skia.kRGBA_8888_ColorType)
    return {(int(r), int(g), int(b)) for r, g, b, _ in pixels[::3, ::3].reshape(-1, 4)}


def test_the_chart_shows_services_and_budget(tmp_path: Path) -> None:
    out = tmp_path / "charts" / "vram.png"
    assert call("--profile", "rtx6000-96gb", "--out", str(out))[0] == 0
    image = skia.Image.open(str(out))
    assert (image.width(), image.height()) == (1600, 900)
    # Planner's blue, engine's orange, the red of the budget line.
    assert {(0, 0x72, 0xB2), (0xE6, 0x9F, 0), (0xC6, 0x28, 0x28)} <= colours(out)
    assert [p.name for p in out.parent.iterdir()] == ["vram.png"]


def test_a_trace_compares_predicted_with_measured(tmp_path: Path) -> None:
    emit = log_to(EventLog(tmp_path / "events.jsonl"))
    emit(Granted("images", ["images"], predicted_gib=73.0, external_gib=1.0))
    emit(Sampled("images", ours_gib=75.4))
    emit(Released("images", predicted_gib=73.0, measured_gib=75.0))
    emit(Granted("clips", ["a2v"], predicted_gib=32.0))
    first, second = trace(tmp_path)
    assert (first.predicted_gib, first.measured_gib, first.external_gib) == (73, 75.4, 1)
    assert second.ended is None
    code, output = call("trace", str(tmp_path), "--out", str(tmp_path / "t.png"))
    assert code == 0
    assert "75.4" in output
    assert "unfinished" in output
    # Over the prediction: its outline is red; no budget is known, so nothing else is.
    assert (0xC6, 0x28, 0x28) in colours(tmp_path / "t.png")


def test_a_run_without_a_card_has_no_trace(tmp_path: Path) -> None:
    code, output = call("trace", str(tmp_path))
    assert code == 2
    assert "has no events of a card" in output
