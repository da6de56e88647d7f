"""A whole film, from a plan to the checked file, with a voice and an ear that cost nothing."""

from __future__ import annotations

from shutil import copytree

import pytest
from tiny_films import made, tiny_plan, tiny_run, tones

from storyboard.core import events
from storyboard.core.files import read_json, write_text
from storyboard.plan import dump_plan, load_plan
from storyboard.stages.film import Film


def steps_of_last_run(film: Film) -> list[str]:
    """The steps that were made, not taken from the store."""
    log = list(events.read_events(film.folder.events))
    start = max(i for i, (_, e) in enumerate(log) if isinstance(e, events.RunStarted))
    return [e.step for _, e in log[start:] if isinstance(e, events.StepStarted)]


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
    assert steps_of_last_run(made(tones(film.folder.path))) == []


def test_a_new_line_in_one_beat_is_looked_at_and_heard_alone(film: Film) -> None:
    plan = load_plan(film.folder.plan)
    beats = [plan.beats[0].model_copy(update={"line": "So it goes."}), *plan.beats[1:]]
    # Beside the film, whose store it shares, and which other tests look at.
    changed = film.folder.path.with_name("changed")
    copytree(film.folder.path, changed)
    write_text(changed / "plan.json", dump_plan(plan.model_copy(update={"beats": beats})))
    again = made(tones(changed))
    assert [check["message"] for check in again.checks["checks"] if not check["ok"]] == []
    beat, name = beats[0], beats[0].slug
    assert set(steps_of_last_run(again)) == {
        f"speech/beat_{name}",
        f"clips/clip_{name}",
        f"assemble/{name}",
        "assemble/sound",
        "assemble/captions",
        "assemble/film",
        "assemble/contact_sheet",
        f"checks/look_{name}",
        f"checks/listen_{name}",
        "checks/film",
    }
    heard = " ".join(w["text"] for w in read_json(changed / "audio/heard.json")["words"])
    assert beat.line in heard
