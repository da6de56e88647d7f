"""A change is shown with what it redoes, then done, and only that; and it can be taken back."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

import pytest
from studio_pages import Browser, when

from storyboard.batch import jobs
from storyboard.plan import load_plan
from storyboard.plan.format_files import list_formats
from storyboard.studio import job_requests, pages
from storyboard.studio.editing import CHOICES


def plan_of(studio: Browser) -> Any:
    return load_plan(studio.runs / "bank" / "plan.json")


def patch_in(page: str) -> str:
    found = re.search(r'name="patch" value="([^"]*)"', page)
    assert found is not None, page
    return html.unescape(found[1])


def fields_of(page: str) -> dict[str, str]:
    """What the form of a beat sends when nothing is changed."""
    found: dict[str, str] = {}
    for name, text in re.findall(
        r'<textarea id="f-[^"]*" name="([^"]+)"[^>]*>(.*?)</textarea>', page, re.S
    ):
        found[name] = html.unescape(text)
    for name, text in re.findall(r'<input id="f-[^"]*" name="([^"]+)"[^>]* value="([^"]*)"', page):
        found[name] = html.unescape(text)
    for name, inner in re.findall(
        r'<select id="f-[^"]*" name="([^"]+)">(.*?)</select>', page, re.S
    ):
        options = re.findall(r"<option([^>]*)>([^<]*)</option>", inner)
        chosen = next((o for o in options if "selected" in o[0]), options[0])
        value = re.search(r'value="([^"]*)"', chosen[0])
        found[name] = html.unescape(value[1] if value else chosen[1])
    return found


def finished(studio: Browser) -> None:
    when(lambda: not jobs.working(studio.runs / "bank"), 120)


def test_a_form_that_changes_nothing_asks_for_nothing(bank: Browser) -> None:
    for index in (0, 1, 2):
        page = bank.get(f"/films/bank/beats/{index}/edit").text
        given = fields_of(page)
        assert "line" in given and "shot/scale" in given
        assert bank.post(f"/films/bank/beats/{index}/preview", data=given).text == ""


def test_a_line_is_changed_and_only_its_beat_made_anew(bank: Browser) -> None:
    given = fields_of(bank.get("/films/bank/beats/1/edit").text)
    given["line"] = 'A "new" line & <b>more</b>.'
    page = bank.post("/films/bank/beats/1/preview", data=given).text
    assert "speech/beat_01" in page and "speech/beat_02" not in page
    assert "images/beat_01" not in page
    assert "<b>more</b>" not in page and "&lt;b&gt;more&lt;/b&gt;" in page
    assert plan_of(bank).beat(1).line != given["line"], "a look changes nothing"
    picture = (bank.runs / "bank" / "clips" / "clip_02_payoff.mp4").stat().st_mtime_ns
    answer = bank.post("/films/bank/apply", data={"patch": patch_in(page), "make": "true"})
    assert answer.status_code == 204 and "changed" in answer.headers["HX-Trigger"]
    finished(bank)
    assert plan_of(bank).beat(1).line == given["line"]
    heard = json.loads((bank.runs / "bank" / "audio" / "beat_01_reversal.json").read_text())
    assert "new" in heard["heard"].lower()
    assert (bank.runs / "bank" / "clips" / "clip_02_payoff.mp4").stat().st_mtime_ns == picture


def test_an_edit_is_taken_back_and_done_again(bank: Browser) -> None:
    before = plan_of(bank)
    page = bank.get("/films/bank/beats/1/delete").text
    bank.post("/films/bank/apply", data={"patch": patch_in(page)})
    assert [beat.index for beat in plan_of(bank).beats] == [2]
    assert "steps to make" in bank.get("/films/bank/pending").text
    assert bank.post("/films/bank/undo").status_code == 204
    assert plan_of(bank) == before
    assert "made already" in bank.get("/films/bank/pending").text
    assert bank.post("/films/bank/undo", data={"again": "true"}).status_code == 204
    assert [beat.index for beat in plan_of(bank).beats] == [2]


@pytest.mark.parametrize("act", ["split", "mute", "insert", "lock", "redo"])
def test_what_is_done_to_a_beat_is_shown_before(bank: Browser, act: str) -> None:
    before = plan_of(bank)
    page = bank.get(f"/films/bank/beats/1/{act}").text
    assert plan_of(bank) == before
    answer = bank.post("/films/bank/apply", data={"patch": patch_in(page)})
    assert answer.status_code == 204, answer.text
    after = plan_of(bank)
    match act:
        case "split" | "insert":
            assert [beat.index for beat in after.beats] == [1, 3, 2]
        case "mute":
            assert after.beat(1).line == "" and after.beat(1).speaker is None
        case "lock":
            assert after.beat(1).locked and "up to date" in page
            assert bank.post("/films/bank/undo").status_code == 204
        case _:
            assert after.beat(1).seed != before.beat(1).seed


def test_beats_are_put_in_another_order(bank: Browser) -> None:
    page = bank.get("/films/bank/move/2?before=1").text
    # The last line is the clear one, so lines are spoken anew; a picture knows no place.
    assert not re.findall(r"<code>images/", page)
    bank.post("/films/bank/apply", data={"patch": patch_in(page)})
    assert [beat.index for beat in plan_of(bank).beats] == [2, 1]
    board = bank.get("/films/bank").text
    assert board.index('id="beat-2"') < board.index('id="beat-1"')


def test_takes_are_made_beside_each_other_and_one_is_kept(bank: Browser) -> None:
    before = plan_of(bank)
    assert bank.post("/films/bank/beats/2/takes/picture").status_code == 204
    finished(bank)
    page = bank.get("/films/bank/beats/2/takes/picture").text
    seeds = re.findall(r"/takes/picture/(\d+)", page)
    assert len(seeds) == 3 and page.count("<img") == 4
    assert plan_of(bank) == before, "none is kept unasked"
    shown = bank.get(f"/films/bank/beats/2/takes/picture/{seeds[0]}").text
    assert "images/beat_02" in shown or "clips/clip_02" in shown
    bank.post("/films/bank/apply", data={"patch": patch_in(shown)})
    assert plan_of(bank).beat(2).seeds == {"picture": int(seeds[0])}


@pytest.mark.parametrize(
    ("patch", "told"),
    [
        ("no json", "no JSON"),
        ('[{"op": "replace", "path": "/beats/7/line", "value": "x"}]', "no 7"),
        ('[{"op": "replace", "path": "/beats/1/speaker", "value": "nobody"}]', "nobody"),
        ('[{"op": "add", "path": "/cast/-", "value": {"references": ["/etc/passwd"]}}]', "cast"),
    ],
)
def test_a_patch_that_does_not_hold_changes_nothing(bank: Browser, patch: str, told: str) -> None:
    before = plan_of(bank)
    answer = bank.post("/films/bank/apply", data={"patch": patch})
    assert answer.status_code == 422 and told in answer.text
    assert plan_of(bank) == before


def test_what_is_no_number_is_said(bank: Browser) -> None:
    given = fields_of(bank.get("/films/bank/beats/1/edit").text)
    answer = bank.post("/films/bank/beats/1/preview", data=given | {"pause": "long"})
    assert answer.status_code == 422 and "pause: 'long' is no number" in answer.text
    answer = bank.post("/films/bank/beats/1/preview", data=given | {"pause": "99"})
    assert answer.status_code == 422 and "pause" in answer.text


def test_the_words_of_a_plan_have_a_name_in_japanese(bank: Browser) -> None:
    for name in CHOICES:
        for word in CHOICES[name]:
            assert pages.term("ja", word) != word == pages.term("en", word)
    for format in list_formats():
        for beat in format.beats:
            assert not pages.term("ja", beat.type).isascii(), beat.type
    japanese = {"Accept-Language": "ja"}
    page = bank.get("/films/bank/beats/1/edit", headers=japanese).text
    assert '<option value="close-up">アップ</option>' in page.replace(" selected", "")


def test_texts_are_there_in_every_language() -> None:
    from storyboard.studio.pages import LANGUAGES, texts

    own = {name: set(texts(name)) for name in LANGUAGES}
    extra = {key for key in own["ja"] - own["en"] if key.startswith(("format_", "about_", "look_"))}
    assert own["ja"] - extra == own["en"]
    used = set[str]()
    for page in (Path(job_requests.__file__).parent / "templates").glob("*.j2"):
        used |= set(re.findall(r"\bt\.([a-z_]+)", page.read_text(encoding="utf-8")))
    assert used <= own["en"]
    assert not own["en"] & set(dir(dict))


def test_what_a_page_loads_anew_lends_its_buttons_nothing() -> None:
    # htmx hands hx-select and hx-swap down: a button's answer would be searched for the page.
    for page in (Path(job_requests.__file__).parent / "templates").glob("*.j2"):
        for tag in re.findall(r"<(?:article|section)[^>]*hx-select=[^>]*", page.read_text("utf-8")):
            assert 'hx-disinherit="*"' in tag, (page.name, tag)
