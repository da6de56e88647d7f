"""Findings of a review are shown, mended after a preview, or dismissed; the queue is steered."""

from __future__ import annotations

import re

import pytest
from studio_pages import Browser, off_duty

from storyboard.batch import job_queue
from storyboard.batch.queue import open_queue
from storyboard.plan import load_plan
from storyboard.review.finding import Finding
from storyboard.review.review_history import (
    Judged,
    Look,
    ReviewHistory,
    Round,
    load_history,
    save_history,
)

EVIL = "<script>alert(1)</script>"


def reviewed(studio: Browser) -> None:
    patch = ({"op": "replace", "path": "/beats/1/pause", "value": 1.5},)
    found = (
        Judged(
            Finding("gemini", "pacing", "severe", f"too fast {EVIL}", 1, 1.25, patch=patch),
            "confirmed",
        ),
        Judged(Finding("gemini", "pacing", "minor", "a bit loud", 2, 2.5), "unknown"),
    )
    looks = (Look("gemini", "answered", score=70.0),)
    save_history(
        studio.runs / "bank",
        ReviewHistory(0.0, {}, rounds=[Round(1, "p", "f", looks=looks, findings=found)]),
    )


def test_a_finding_is_mended_after_a_look(bank: Browser) -> None:
    reviewed(bank)
    page = bank.get("/films/bank").text
    assert "too fast &lt;script&gt;" in page and EVIL not in page
    assert 'data-at="1.25"' in page
    shown = bank.get("/films/bank/findings/0/mend").text
    assert "/beats/1/pause" in shown and "1.5" in shown
    plan = bank.runs / "bank" / "plan.json"
    assert load_plan(plan).beat(1).pause != 1.5
    assert bank.post("/films/bank/findings/0/mend", data={"make": "false"}).status_code == 204
    assert load_plan(plan).beat(1).pause == 1.5
    answer = bank.post("/films/bank/findings/1/mend")
    assert answer.status_code == 422 and "asks for no edit" in answer.text


def test_a_finding_is_dismissed(bank: Browser) -> None:
    reviewed(bank)
    assert "2 open" in bank.get("/").text
    assert bank.post("/films/bank/findings/1/dismiss").status_code == 204
    assert "a bit loud" not in bank.get("/films/bank").text
    assert "1 open" in bank.get("/").text
    story = load_history(bank.runs / "bank")
    assert story is not None and story.film.findings[1].fate == "dismissed"
    assert bank.post("/films/bank/findings/9/dismiss").status_code == 422


def test_a_night_is_queued_and_steered(studio: Browser) -> None:
    pytest.importorskip("dbos", reason='needs DBOS: pip install "storyboard[batch]"')
    assert "Nothing waits" in studio.get("/queue").text
    assert not (studio.runs / ".batch").exists(), "a look makes no queue"
    ideas = "A cat opens a bank\n\nA robot that is afraid of rain"
    answer = studio.post("/new", data={"idea": ideas, "when": "queue", "style": "ink"})
    assert answer.status_code == 204 and answer.headers["HX-Redirect"] == "/queue"
    page = studio.get("/queue").text
    cat, robot = re.findall(r'data-film="([^"]+)"', page)
    assert "robot" in robot and "afraid of rain" in page
    moved = studio.post("/queue/order", data={"film": robot, "before": cat})
    assert moved.status_code == 204 and "changed" in moved.headers["HX-Trigger"]
    assert re.findall(r'data-film="([^"]+)"', studio.get("/queue").text) == [robot, cat]
    for act, told in (("pause", "paused"), ("resume", "waiting"), ("cancel", "cancelled")):
        assert studio.post(f"/queue/films/{robot}/{act}").status_code == 204
        assert f">{told}<" in studio.get("/queue").text
    assert studio.post(f"/queue/films/{robot}/retry").status_code == 422
    assert studio.post("/queue", data={"until": "7; rm -rf /"}).status_code == 422


def test_a_film_is_asked_for_with_several_first_seconds_now_or_tonight(studio: Browser) -> None:
    pytest.importorskip("dbos", reason='needs DBOS: pip install "storyboard[batch]"')
    assert 'name="hooks"' in studio.get("/new").text
    form = {"idea": "A cat misses the last train", "hooks": "3"}
    one, three = (
        int(re.findall(r"(\d+) steps to make", studio.post("/new/takes", data=f).text)[0])
        for f in (form | {"hooks": "0"}, form)
    )
    assert one < three < 3 * one
    assert studio.post("/new", data=form | {"when": "queue"}).status_code == 204
    assert studio.post("/new", data=form).status_code == 204
    with open_queue(studio.runs) as queue:
        (film,) = queue.films()
        (asked,) = job_queue.asked(queue)
    assert film.entry.hooks == asked.job.hooks == 3
    assert studio.post("/new", data=form | {"hooks": "99"}).status_code == 422


def test_ideas_are_queued_by_the_clock(studio: Browser) -> None:
    pytest.importorskip("dbos", reason='needs DBOS: pip install "storyboard[batch]"')
    wish = {"name": "daily", "at": "02:30", "take": "2", "zone": "Asia/Tokyo"}
    ideas = {"ideas": "A cat opens a bank\nA dog votes"}
    assert studio.post("/queue/schedules", data=wish | ideas).status_code == 204
    page = studio.get("/queue").text
    assert "<b>daily</b>" in page and "02:30 JST" in page
    for wrong in ({"name": "../x"}, {"zone": "Nowhere"}, {"ideas": "##"}, {"name": "daily"}):
        other = wish | ideas | {"name": "other"} | wrong
        assert studio.post("/queue/schedules", data=other).status_code == 422, wrong
    assert studio.post("/queue/schedules/daily/remove").status_code == 204
    assert "<b>daily</b>" not in studio.get("/queue").text


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"idea": " "}, "what the film is about"),
        ({"idea": "x", "format": "../etc"}, "format"),
        ({"idea": "x", "profile": "/etc/passwd"}, "no profile"),
        ({"idea": "x", "format": "nothing"}, "no format"),
        ({"idea": "x", "surprise": "1"}, "surprise"),
        ({"idea": "x" * 5000}, "4000"),
        ({"idea": "no script at all", "word_for_word": "true"}, "neither said by somebody"),
    ],
)
def test_a_form_that_does_not_hold_begins_nothing(
    studio: Browser, form: dict[str, str], told: str
) -> None:
    before = sorted(studio.runs.iterdir())
    answer = studio.post("/new", data=form)
    assert answer.status_code == 422 and told in answer.text
    assert sorted(studio.runs.iterdir()) == before


def test_a_script_is_filmed_word_for_word_now_or_tonight(studio: Browser) -> None:
    pytest.importorskip("dbos", reason='needs DBOS: pip install "storyboard[batch]"')
    script = "Title: The Rent\n\nMIA: It is due.\nTOM: It was due on Monday.\n"
    form = {"idea": script, "word_for_word": "true"}
    assert "2 Beats" in studio.post("/new/takes", data=form).text
    assert studio.post("/new", data=form | {"when": "queue"}).status_code == 204
    assert "The Rent" in studio.get("/queue").text
    assert studio.post("/new", data=form).headers["HX-Redirect"] == "/films/the-rent"
    with open_queue(studio.runs) as queue:
        (film,) = queue.films()
        (asked,) = job_queue.asked(queue)
    assert film.entry.script is not None and film.entry.script.text.strip() == script.strip()
    assert asked.job.script == film.entry.script and asked.job.idea == "The Rent"
    off_duty(studio.runs)


def test_what_a_new_film_takes_is_said_before(studio: Browser) -> None:
    assert "here stands what it takes" in studio.post("/new/takes", data={"idea": ""}).text
    before = sorted(studio.runs.iterdir())
    assert "steps to make" in studio.post("/new/takes", data={"idea": "A cat opens a bank"}).text
    assert sorted(studio.runs.iterdir()) == before
