"""The judge from the command line: kept in the plan, taken over, with the real engine."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scripted_judge import Findings, fault
from small_plans import one_thread, uncast
from test_judge_loop import BEAT, court, film
from typer.testing import CliRunner

from storyboard.cli import app
from storyboard.plan import load_plan


def test_the_judge_stays_with_the_plan_and_takes_over_what_is_drawn(tmp_path: Path) -> None:
    with court(tmp_path, {"pours tea": [{"hands": fault()}]}) as (room, judge):
        room.folder.mkdir()
        plan = room.folder / "plan.json"
        plan.write_text(uncast(film()), encoding="utf-8")
        given = [part for value in room.sets for part in ("--set", value)]

        def visual(*options: str) -> Any:
            return CliRunner().invoke(app, ["visual", "--plan", str(plan), "-q", *given, *options])

        assert visual().exit_code == 0 and judge.asked == []
        drawn = len(room.images.requests)
        judged = visual("--judge", "--max-retries", "1")
        assert judged.exit_code == 0, judged.stderr
        assert len(room.images.requests) == drawn + 1, "the first pictures are used again"
        assert "kept although hands failed" in judged.stderr
        assert "try-1" not in judged.stdout and "beat_01_beat.png" in judged.stdout
        judging = load_plan(plan).judging
        assert judging is not None and judging.retries == 1
        later = visual()
        assert later.exit_code == 0 and len(room.images.requests) == drawn + 1
        assert "kept although hands failed" in later.stderr, "it is listed as long as it is open"
        assert visual("--no-judge").exit_code == 0 and load_plan(plan).judging is None
        assert len(room.images.requests) == drawn + 1
        assert visual("--no-judge", "--best-of", "2").exit_code == 2


def test_the_engine_mends_its_own_pictures(tmp_path: Path) -> None:
    script: dict[str, Sequence[Findings | str]] = {
        "pours tea": [{"mouth_closed": fault("edit", "Close her mouth")}, {}]
    }
    with one_thread(), court(tmp_path, script) as (room, _):
        from golden_cases import CHECKPOINT

        room.folder.mkdir()
        plan = room.folder / "plan.json"
        plan.write_text(uncast(film()), encoding="utf-8")
        sets = ["image.backend=hidream", f"image.checkpoint={CHECKPOINT}"]
        sets += ["image.options.device=cpu", "image.options.resolution=256"]
        sets += ["image.options.steps=2", *room.sets[5:]]
        given = [part for value in sets for part in ("--set", value)]
        done = CliRunner().invoke(app, ["visual", "--plan", str(plan), "-q", "--judge", *given])
        assert done.exit_code == 0, done.stderr
        first, second = room.attempts()
        assert second["kept"] and second["mending"]["text"] == "Close her mouth"
        info = json.loads((room.folder / f"{BEAT}.json").read_text())
        assert info["edited"] and len(info["reference_sizes"]) == 1
        assert "pours tea" in info["drawn_from"]["prompt"]
        assert (room.folder / first["picture"]).is_file()
