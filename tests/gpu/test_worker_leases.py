"""Which video workers a film wakes, and what it learns of their weight: on the faked card."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from faked_card import FakedCard
from tiny_films import tiny_plan, tiny_run

IDEA = "A barista who can only speak in haiku"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("expression", "worker", "stage", "peak"),
    [
        ("neutral", "ditto", "dialogue", 3),
        ("angry", "a2v", "clips", 24),
    ],
)
def test_a_film_wakes_only_the_worker_that_its_beats_go_to(
    tmp_path: Path, expression: str, worker: str, stage: str, peak: float
) -> None:
    card = FakedCard(tmp_path)
    card.write()
    plan = tiny_plan(IDEA, 1, hook=None)
    who = plan.cast[0].id
    said = {"speaker": who, "cast": [who], "line": "Oat milk?", "expression": expression}
    said |= {"sound_effect": None, "transition": "cut", "reactions": {}, "index": 1}
    beats = [plan.beats[0].model_copy(update=said)]
    tiny_run(card.run, plan.model_copy(update={"beats": beats}))
    code, output = card.finish()
    assert code == 0, output
    leases = {lease["stage"]: lease["services"] for lease in card.told("granted")}
    # The step that would ask the other worker is in the graph, and spared.
    assert leases[stage] == [worker]
    assert {"dialogue", "clips"} & leases.keys() == {stage}
    booked = {booking.name for booking in card.ledger.history()}
    assert booked & {"ditto", "a2v", "i2v"} == {worker}
    # What the card saw of it is in the book, and in the next forecast.
    book = json.loads((tmp_path / "state" / "storyboard" / "peaks.json").read_text())
    (figures,) = (f for card in book.values() for n, f in card.items() if n.startswith(worker))
    assert max(figures["peak"]) >= peak and figures["idle"]
    told = forecast(card)
    assert {r["measured"] for r in told if r["service"] == worker and r["doing"] == "idle"} == {
        True
    }


def forecast(card: FakedCard) -> list[dict[str, object]]:
    """Residents of all stages, as `storyboard vram --json` tells them."""
    command = [sys.executable, "-m", "storyboard.cli", "vram", "--profile", str(card.profile)]
    told = subprocess.run(
        [*command, "--json"], env=card.environment, capture_output=True, text=True, check=True
    )
    return [r for stage in json.loads(told.stdout)["stages"] for r in stage["residents"]]
