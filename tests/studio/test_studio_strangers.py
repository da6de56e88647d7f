"""Films of strangers beside one's own: whatever their records hold, the pages show the others."""

from __future__ import annotations

import os
from pathlib import Path

from studio_pages import Browser
from tiny_films import finished_run, tiny_plan
from typer.testing import CliRunner

from storyboard.cli.main import app

NESTED, DIGITS = "[" * 100_000, "9" * 5000
ODD = '{"checks": {"ok": 1}, "steps": 5, "rounds": 7, "models": [1], "idea": {}, "waits": {}, "cost": "x"}'
EVENTS = [
    NESTED,
    "null",
    "[]",
    '{"t": 1, "kind": "step_finished", "step": 5, "stage": [], "cached": "?", "seconds": "x"}',
    '{"t": 1, "kind": "run_finished", "status": [], "seconds": {}}',
    '{"t": 1, "kind": "graph_grew", "steps": "many"}',
    '{"t": 1, "kind": "call", "calls": "x", "cost": []}',
    '{"t": 1, "kind": []}',
    f'{{"t": {"9" * 400}, "kind": "stage_started", "stage": "plan"}}',
    f'{{"t": {DIGITS}, "kind": "stage_started", "stage": "plan"}}',
]
TEXTS = {"nested": NESTED, "list": "[]", "number": "7", "odd": ODD, "binary": "\udcff\udcfe"}
NAMES = ("run.json", "review.json", "gates.json", "request.json", "checks.json", ".steps.json")


def _film(runs: Path, name: str) -> Path:
    return finished_run(runs / name, tiny_plan("A cat"))


def strangers(runs: Path) -> list[str]:
    for kind, text in TEXTS.items():
        folder = _film(runs, f"odd-{kind}")
        for name in NAMES:
            (folder / name).write_text(text, errors="surrogateescape")
        (folder / "audio").mkdir()
        (folder / "audio" / "01_payoff.json").write_text(text, errors="surrogateescape")
    (_film(runs, "odd-log") / "events.jsonl").write_text("\n".join(EVENTS))
    for name in ("events.jsonl", "run.json", "checks.json", "review.json", ".job"):
        os.mkfifo(_film(runs, f"pipe-{name.strip('.').partition('.')[0]}") / name)
    return sorted(path.name for path in runs.iterdir() if path.name.startswith(("odd", "pipe")))


def test_one_odd_film_costs_no_page_but_its_own(studio: Browser) -> None:
    names = strangers(studio.runs)
    assert studio.get("/").status_code == 200
    assert "/films/cats" in studio.get("/").text
    for name in names:
        for page in ("", "/cast", "/beats/1"):
            answer = studio.get(f"/films/{name}{page}")
            assert answer.status_code in (200, 404, 409, 422), (name, page, answer.text[:300])


def test_one_odd_film_ends_no_sheet(tmp_path: Path) -> None:
    runs, out = tmp_path / "runs", str(tmp_path / "sheet.html")
    names = strangers(runs)
    done = CliRunner().invoke(app, ["sheet", "--out", out, *(str(runs / name) for name in names)])
    assert done.exit_code in (0, 2), (done.output, done.exception)
    for name in names:
        done = CliRunner().invoke(app, ["report", str(runs / name)])
        assert done.exit_code in (0, 1, 2), (name, done.output, done.exception)
