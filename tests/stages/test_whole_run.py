"""A whole film on the measured layout: every server a fake in a process of its own, the card
a ledger, the command the user's. What is asserted is what the card and the log saw."""

from __future__ import annotations

import json
import os
import signal
from itertools import pairwise
from pathlib import Path

import pytest
from faked_card import FakedCard
from tiny_films import tiny_plan, tiny_run
from typer.testing import CliRunner
from waiting import soon

from storyboard.cli import app
from storyboard.gpu.events import Evicted, Started, Woken

IDEA = "A barista who can only speak in haiku"


def made(card: FakedCard, beats: int = 2) -> FakedCard:
    card.write()
    tiny_run(card.run, tiny_plan(IDEA, beats))
    return card


def failed_checks(card: FakedCard) -> list[str]:
    checks = json.loads((card.run / "checks.json").read_text())["checks"]
    return [check["message"] for check in checks if not check["ok"]]


def let_go(card: FakedCard) -> dict[str, list[str]]:
    """What became of each service, in order: `+` it came up or woke, `-` it slept or stopped."""
    lives: dict[str, list[str]] = {}
    for _, event in card.events():
        if isinstance(event, Started | Woken | Evicted):
            lives.setdefault(event.service, []).append("-" if isinstance(event, Evicted) else "+")
    return lives


def test_a_film_on_every_server_in_turn(tmp_path: Path) -> None:
    card = made(FakedCard(tmp_path, slow=("images", "a2v")))
    code, said = card.finish("--judge", "--max-retries", "1")
    assert code == 0, said
    assert failed_checks(card) == []
    # Never above the budget: by the card's own books, and by what the log saw.
    history = card.ledger.history()
    assert {"planner", "images", "a2v", "ditto"} <= {booking.name for booking in history}
    assert max(booking.total for booking in history) <= card.total
    granted, released = card.told("granted"), card.told("released")
    assert [lease["stage"] for lease in granted] == [lease["stage"] for lease in released]
    assert all(lease["used_gib"] <= card.total for lease in granted)
    assert all(lease["measured_gib"] <= lease["predicted_gib"] for lease in released)
    # Peaks were seen, not only predicted: 33 is what the image server really reached.
    pictures = next(
        lease for lease in released if "images" in lease["stage"] or "finals" in lease["stage"]
    )
    assert pictures["measured_gib"] >= 33
    # The planner slept after its stage and was woken for the judge, who had a picture mended.
    assert let_go(card)["planner"] == ["+", "-", "+", "-"]
    assert "planner" in [told["service"] for told in card.told("woken")]
    assert sum(step.endswith("/try-2") for step in card.ran()) > 0
    # Whoever came up was released, and nobody is left, on the card or beside it.
    assert all(life == ["+", "-"] * (len(life) // 2) for life in let_go(card).values())
    assert card.ledger.sample().used == 0
    assert card.servers() == []
    assert_trace(card)
    # Made already: no server, no lease.
    before = len(card.ledger.history())
    assert card.finish()[0] == 0
    assert len(card.ledger.history()) == before
    assert len(card.told("granted")) == len(granted)


@pytest.mark.slow
def test_where_engine_and_judge_do_not_fit_together_they_work_in_waves(tmp_path: Path) -> None:
    card = made(FakedCard(tmp_path, total=48.0))
    code, said = card.finish("--judge", "--max-retries", "1", "--only", "images")
    assert code == 0, said
    waves = [lease["services"] for lease in card.told("granted") if lease["stage"][:6] == "images"]
    # Draw all, judge all, mend the one that failed, judge that.
    assert waves[0] == ["images"]
    assert waves[1] == ["planner"]
    assert all(a != b for a, b in pairwise(waves))
    assert max(booking.total for booking in card.ledger.history()) <= 48
    assert card.servers() == []


def assert_trace(card: FakedCard) -> None:
    """`storyboard vram trace` tells what the ledger knows."""
    chart = card.folder / "trace.png"
    result = CliRunner().invoke(
        app, ["vram", "trace", str(card.run), "--json", "--out", str(chart)]
    )
    leases = json.loads(result.stdout)
    highest = max(lease["measured_gib"] for lease in leases)
    assert highest == pytest.approx(max(b.total for b in card.ledger.history()), abs=0.1)
    assert chart.read_bytes().startswith(b"\x89PNG")


def test_a_killed_server_is_started_again_and_the_film_goes_on(tmp_path: Path) -> None:
    card = made(FakedCard(tmp_path, slow=("images",)))
    with card.running("--only", "images") as process:
        soon(lambda: any(step.startswith("images/hook") for step in card.ran()))
        card.kill("images")
        said, _ = process.communicate(timeout=180)
    assert process.returncode == 0, said
    assert {"service": "images"} in card.told("restarted")
    # When it happened, and once more where the run says what came of it.
    assert said.count("images died and was started again") == 2
    assert len({b.pid for b in card.ledger.history() if b.name == "images"}) == 2
    assert sorted(card.finished()) == sorted(set(card.ran()))
    assert card.servers() == []


@pytest.mark.parametrize(
    "watchdog_too",
    [
        pytest.param(False, id="kill -9"),
        pytest.param(True, id="and its watchdog", marks=pytest.mark.slow),
    ],
)
def test_a_killed_run_leaves_no_server_and_goes_on(tmp_path: Path, watchdog_too: bool) -> None:
    card = made(FakedCard(tmp_path, slow=("a2v",)))
    with card.running() as process:
        soon(lambda: any(step.startswith("clips/takes/") for step in card.ran()))
        kept = card.finished()
        assert card.servers()
        if watchdog_too:
            os.kill(watchdog_of(process.pid), signal.SIGKILL)
        process.kill()
    if watchdog_too:
        assert card.servers()
    else:
        soon(lambda: not card.servers(), 30)
    code, said = card.finish()
    assert code == 0, said
    assert failed_checks(card) == []
    assert card.servers() == []
    # What was finished is not made again.
    assert len(kept) > 5
    assert all(card.finished().count(step) == 1 for step in kept)
    assert max(booking.total for booking in card.ledger.history()) <= card.total


def watchdog_of(run: int) -> int:
    children = Path(f"/proc/{run}/task/{run}/children").read_text().split()
    command = {pid: Path(f"/proc/{pid}/cmdline").read_bytes() for pid in map(int, children)}
    return next(
        pid for pid, line in command.items() if b"storyboard.gpu.services.process_watchdog" in line
    )


def test_an_interrupted_run_stops_its_servers_itself(tmp_path: Path) -> None:
    card = made(FakedCard(tmp_path, slow=("images",)))
    with card.running("--only", "images") as process:
        soon(lambda: any(step.startswith("images/") for step in card.ran()))
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "the same command goes on from here" in said
    assert card.servers() == []


@pytest.mark.slow
def test_a_card_too_small_for_the_plan_is_refused_with_its_sum(tmp_path: Path) -> None:
    card = made(FakedCard(tmp_path, total=24.0))
    code, said = card.finish()
    assert code != 0
    assert "planner 38 = 38 GiB, over the 23.5" in said
    assert card.ledger.history() == []
