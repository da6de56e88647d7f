"""`storyboard batch …` as it is typed, short of making films."""

from __future__ import annotations

import shlex
import threading
from pathlib import Path

import pytest

pytest.importorskip("dbos", reason="needs dbos: pip install 'storyboard[batch]'")

from typer.testing import CliRunner, Result

from storyboard.batch.batch_run import alone
from storyboard.batch.database import database_url
from storyboard.batch.queue import open_queue
from storyboard.cli.batch import app


def _say(root: Path, *words: str) -> Result:
    return CliRunner().invoke(app, [*words, "--runs", str(root)])


def test_ideas_are_queued_listed_and_shown(tmp_path: Path) -> None:
    assert _say(tmp_path, "add", "A cat", "A dog", "--priority", "2").exit_code == 0
    listed = _say(tmp_path, "list").stdout
    assert listed.index("a-cat-") < listed.index("a-dog-")
    shown = _say(tmp_path, "show", "a-cat").stdout
    assert "waiting" in shown
    assert "A cat" in shown
    assert "storyboard batch run --once" in shown
    assert _say(tmp_path, "pause", "a-cat").exit_code == 0
    assert "paused" in _say(tmp_path, "list").stdout


def test_the_way_on_is_a_command_that_works_from_here(tmp_path: Path) -> None:
    runs = tmp_path / "my runs"
    assert _say(runs, "add", "A cat").exit_code == 0
    assert _say(runs, "pause", "a-cat").exit_code == 0
    with open_queue(runs) as queue:
        (film,) = queue.films()
    resume, run = film.way_on.split(" && ")
    for command in (resume, f"{run} --until 2000-01-01T00:00"):
        words = shlex.split(command)
        assert words[:2] == ["storyboard", "batch"] and str(runs) in words
        done = CliRunner().invoke(app, words[2:])
        assert done.exit_code == 0 or "--until" in done.stderr
    assert "waiting" in _say(runs, "list").stdout


def test_a_beginning_of_many_films_names_a_few(tmp_path: Path) -> None:
    ideas = [f"A cat who counts to {number}" for number in range(8)]
    assert _say(tmp_path, "add", *ideas).exit_code == 0
    unclear = _say(tmp_path, "show", "a-cat")
    assert unclear.exit_code == 2
    assert unclear.stderr.count("a-cat-who-counts-to-") == 5
    assert "and 3 more" in unclear.stderr


def test_one_fault_and_nothing_is_queued(tmp_path: Path) -> None:
    source = tmp_path / "ideas.jsonl"
    source.write_text('{"idea": "fine"}\n{"idea": "x", "seed": -1}\n', encoding="utf-8")
    refused = _say(tmp_path, "add", "--from", str(source))
    assert refused.exit_code == 2
    assert f"{source}:2: seed: " in refused.stderr
    assert "empty" in _say(tmp_path, "list").stdout


def test_a_schedule_is_added_listed_and_removed(tmp_path: Path) -> None:
    source = tmp_path / "ideas.txt"
    source.write_text("A cat\n", encoding="utf-8")
    words = ["schedule", "add", "0 2 * * *", "--from", str(source), "--tz", "Asia/Tokyo"]
    added = _say(tmp_path, *words, "--missed", "catch-up")
    assert added.exit_code == 0, added.stderr
    assert "02:00 JST" in added.stdout
    assert _say(tmp_path, *words).exit_code == 2
    assert "Asia/Tokyo" in _say(tmp_path, "schedule", "list").stdout.replace("\n", "")
    assert _say(tmp_path, "schedule", "remove", "ideas").exit_code == 0
    assert _say(tmp_path, "schedule", "remove", "ideas").exit_code == 2


def test_a_second_batch_is_refused_while_one_runs(tmp_path: Path) -> None:
    (tmp_path / ".batch").mkdir()
    held, over = threading.Event(), threading.Event()

    def run() -> None:
        with alone(tmp_path, database_url(tmp_path)):
            held.set()
            over.wait(60)

    running = threading.Thread(target=run)
    running.start()
    try:
        assert held.wait(10)
        refused = _say(tmp_path, "run", "--once")
        # Ideas may be added all the same: the batch that runs takes them.
        assert _say(tmp_path, "add", "A cat").exit_code == 0
    finally:
        over.set()
        running.join()
    assert refused.exit_code == 4
    assert "a batch is running already" in refused.stderr


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (["run"], "say --once"),
        (["run", "--once", "--until", "soon"], "--until"),
        (["run", "--once", "--min-free", "much"], "--min-free"),
        (["run", "--once", "--gpus", "0,0"], "--gpus"),
        (["list", "--db", "mysql://x"], "no address of a queue"),
        (["retry", "nothing"], "no film 'nothing'"),
    ],
)
def test_wrong_words_are_named(tmp_path: Path, words: list[str], fault: str) -> None:
    refused = _say(tmp_path, *words)
    assert refused.exit_code == 2
    assert fault in refused.stderr


def test_explain_compares_both_orders(tmp_path: Path) -> None:
    assert _say(tmp_path, "add", "A cat", "A dog", "--profile", "embedded").exit_code == 0
    told = _say(tmp_path, "explain").stdout
    assert "stage by stage" in told
    assert "film by film" in told
