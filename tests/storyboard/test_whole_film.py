"""A whole film, from a plan to the checked file, with a voice and an ear that cost nothing."""

from __future__ import annotations

import pytest
from rich.console import Console
from tiny_films import tiny_plan, tiny_run, tones

from storyboard import events
from storyboard.display import Display
from storyboard.files import read_json
from storyboard.pipeline import Film, Order, make_film


def made(order: Order) -> Film:
    return make_film(order, Display(Console(quiet=True), quiet=True))


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Film:
    folder = tmp_path_factory.mktemp("it's a: film, 100%") / "barista"
    plan = tiny_plan("A barista who can only speak in haiku")
    return made(tones(tiny_run(folder, plan)))


def test_the_film_passes_every_check(film: Film) -> None:
    assert film.complete
    failed = [check["message"] for check in film.checks["checks"] if not check["ok"]]
    assert failed == []


def test_every_line_is_heard_in_the_final_file(film: Film) -> None:
    heard = " ".join(w["text"] for w in read_json(film.folder.path / "audio/heard.json")["words"])
    for beat in film.plan.beats:
        if beat.line:
            assert beat.line.split()[-1] in heard


def test_nothing_is_made_twice(film: Film) -> None:
    again = made(tones(film.folder.path))
    log = list(events.read_events(again.folder.events))
    start = max(i for i, (_, e) in enumerate(log) if isinstance(e, events.RunStarted))
    made_now = [e.step for _, e in log[start:] if isinstance(e, events.StepStarted)]
    assert made_now == []
