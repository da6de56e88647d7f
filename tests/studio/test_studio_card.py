"""The studio with the measured layout of a 96 GB card: every server a fake with its real dialect."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from faked_card import FakedCard
from studio_pages import off_duty, opened, when
from test_studio_editing import patch_in
from tiny_films import tiny_plan, tiny_run

from storyboard.batch import jobs
from storyboard.core import events
from storyboard.edit.board import open_board
from storyboard.gpu.log import trace
from storyboard.stages.seal import seal


@pytest.fixture
def card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakedCard]:
    """With a planned film of two beats, `run`, that is made with it."""
    card = FakedCard(tmp_path)
    card.write()
    tiny_run(card.run, tiny_plan("A barista who can only speak in haiku", 2))
    command = f"storyboard run --dir x --profile {card.profile}"
    for name in ("XDG_STATE_HOME", "PYTHONPATH"):
        monkeypatch.setenv(name, card.environment[name])
    begun = events.RunStarted(str(card.run), command, 0, seal(command))
    events.EventLog(card.run / "events.jsonl").emit(begun)
    yield card
    off_duty(tmp_path)
    when(lambda: not card.servers())


def held(card: FakedCard, before: int = 0) -> set[str]:
    """The services of all leases that were granted to the worker, after so many."""
    leases = trace(card.folder / ".batch")[before:]
    return {service for lease in leases for service in lease.services}


def over(folder: Path) -> None:
    when(lambda: not jobs.working(folder), 240)
    assert jobs.last_words(folder) == ""


@pytest.mark.slow
def test_a_film_is_made_and_redone_on_the_card(card: FakedCard) -> None:
    studio = opened(card.folder, profile=str(card.profile))
    assert "GiB" in studio.get("/films/run/pending").text
    assert studio.post("/films/run/run").status_code == 204
    over(card.run)
    board = open_board(card.run)
    assert board.film and {"images", "speech", "a2v"} <= held(card)

    # One picture is drawn anew, with what the card will hold told before.
    page = studio.get("/films/run/beats/1/redo").text
    assert "/96 GiB" in page
    drawn = (card.run / board.card(1).picture).read_bytes()
    studio.post("/films/run/apply", data={"patch": patch_in(page), "make": "true"})
    over(card.run)
    assert (card.run / open_board(card.run).card(1).picture).read_bytes() != drawn

    page = studio.get("/card").text
    assert "<td>images</td>" in page and page.count('<a href="/queue">') >= 3, "what was measured"
    assert card.servers(), "kept for the next redo, asleep at least"
    assert studio.post("/card/release", data={"profile": str(card.profile)}).status_code == 204
    when(lambda: not card.servers())


def test_the_lab_and_its_voices_hold_the_card(card: FakedCard) -> None:
    studio = opened(card.folder, profile=str(card.profile))
    shown = studio.get("/lab/engine").text
    assert "It is started for the first picture" in shown and "/lab/engine/wake" not in shown
    wish = {"prompt": "a fox", "steps": "2", "sizes": "256x256"}
    assert studio.post("/lab", data=wish).status_code == 204
    (sheet,) = (card.folder / ".lab").iterdir()
    over(sheet)
    assert (sheet / "01.png").is_file() and held(card) == {"images"}
    granted = len(trace(card.folder / ".batch"))

    page = studio.get("/films/run/cast").text
    voice = re.findall(r'<option value="([^"]+)"[^>]*>[^<]+ · ', page)[0]
    said = studio.post("/films/run/voices", data={"preset": voice})
    assert said.status_code == 204, said.text
    assert studio.get(f"/films/run/voices/{voice}").content[:4] == b"RIFF"
    assert held(card, granted) == {"speech"}
    assert '<a href="/queue">' in studio.get("/card").text, "what was measured"
    assert studio.post("/card/release", data={"profile": str(card.profile)}).status_code == 204
    when(lambda: not card.servers())


def test_whoever_waits_for_a_picture_of_the_lab_sees_why_there_is_none(card: FakedCard) -> None:
    card.write(images=["-c", "raise SystemExit('no weights here')"])
    studio = opened(card.folder, profile=str(card.profile))
    assert studio.post("/lab", data={"prompt": "a fox", "sizes": "256x256"}).status_code == 204
    when(lambda: ">failed<" in studio.get("/lab").text, 120)
    assert "no weights here" in studio.get("/lab").text
    (sheet,) = (card.folder / ".lab").iterdir()
    assert studio.post(f"/lab/sheets/{sheet.name}/remove").status_code == 204
    assert not sheet.exists()
