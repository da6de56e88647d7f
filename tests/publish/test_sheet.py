"""The morning sheet: what it says of each film, as a page and as a picture.

A real browser opens the page where one is installed.
"""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import numpy as np
import pytest
import skia
from tiny_films import moving_clip, tiny_plan, tiny_run
from typer.testing import CliRunner

from storyboard.cli import app
from storyboard.core import events
from storyboard.plan import dump_plan
from storyboard.profile.metering import Call
from storyboard.publish.sheet import FailedFilm, write_sheet
from storyboard.review.finding import Finding
from storyboard.review.review_history import Judged, Look, ReviewHistory, Round, save_history
from storyboard.stages.seal import seal

if TYPE_CHECKING:
    from playwright.sync_api import Browser

IDEA = "Two <b>rivals</b> & one umbrella"
EVIL = "<script>document.title='hacked'</script>"


def film(folder: Path, idea: str = IDEA, **plan: Any) -> Path:
    """A run folder with all that a finished film leaves in it."""
    run = tiny_run(folder, tiny_plan(idea, 1, **plan))
    moving_clip(run / "final.mp4", 24)
    (run / "images").mkdir()
    _picture(run / "images" / "hook.png", 0xFF3060A0)
    _picture(run / "poster.jpg", 0xFFC04020)
    log = events.EventLog(run / "events.jsonl")
    command = "storyboard run --profile my.toml --idea x"
    log.emit(events.RunStarted(str(run), command, 9, seal(command)))
    log.emit(Call(calls=3, cost=0.0125, step="plan"))
    log.emit(Call(cost=0.0125, step="plan"))
    log.emit(events.RunFinished("failed", 30.0, "step x failed"))
    log.emit(events.RunFinished("done", 60.0))
    checks(run, ("length", True, None), ("loudness", True, None))
    return run


def checks(run: Path, *found: tuple[str, bool, int | None]) -> None:
    told = [
        {"name": name, "ok": ok, "message": f"{name} {EVIL}", "beat": beat, "step": "assemble/film"}
        for name, ok, beat in found
    ]
    (run / "checks.json").write_text(json.dumps({"checks": told}), encoding="utf-8")


def reviewed(run: Path, *findings: Finding, score: float | None = None) -> None:
    look = Look("gemini", "answered", score=score)
    judged = tuple(Judged(finding, "confirmed") for finding in findings)
    story = ReviewHistory(0.0, {}, rounds=[Round(1, "p", "f", looks=(look,), findings=judged)])
    save_history(run, story)


def _picture(path: Path, colour: int) -> None:
    surface = skia.Surface(90, 160)
    surface.getCanvas().clear(colour)
    surface.makeImageSnapshot().save(str(path), skia.kPNG)


@dataclass
class Page(HTMLParser):
    """What a reader of the page gets: its words, its tags and what they point to."""

    text: str = ""
    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += f" {data}"

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def read(path: Path) -> Page:
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    page.text = " ".join(page.text.split())
    return page


def test_a_film_is_shown_with_all_that_one_asks_at_breakfast(tmp_path: Path) -> None:
    run = film(tmp_path / "my runs 100%" / "umbrella")
    reviewed(run, score=82.0)
    (run / "upload").mkdir()
    (run / "upload" / "metadata.json").write_text("{}", encoding="utf-8")
    page = read(write_sheet([run], tmp_path / "sheets" / "today", "Night 1"))
    for said in (
        IDEA,
        "Night 1",
        "0:02",
        "score 82, no open findings",
        "2 of 2",
        "$0.0250, 4 calls",
        "1.5 min",
        "1 ready",
    ):
        assert said in page.text, said
    redo = f"storyboard run --dir '{run}' --regen-beats all --profile my.toml"
    assert redo in page.text
    (video,) = page.all("video")
    assert "controls" in video and video["preload"] == "none"
    links = [video["src"], video["poster"], *(image["src"] for image in page.all("img"))]
    links += [anchor["href"] for anchor in page.all("a")]
    assert any(link and link.endswith("/upload/") for link in links)
    for link in links:
        assert link and not link.startswith(("/", "file:")), "the page must move with its folder"
        assert (tmp_path / "sheets" / unquote(link)).exists()


def test_what_is_held_against_a_film_is_written_out_and_the_command_redoes_it(
    tmp_path: Path,
) -> None:
    run = film(tmp_path / "umbrella")
    checks(run, ("length", True, None), ("speech", False, 1))
    reviewed(
        run,
        Finding("technical", "frozen", "severe", "a still of 2 s", beat=0, start=1.5),
        Finding("gemini", "taste", "note", "not to my taste"),
    )
    page = read(write_sheet([run], tmp_path / "sheet.html", "Night"))
    assert "look at it" in page.text and "1 to look at" in page.text
    assert "severe, hook at 1.5 s: a still of 2 s (technical)" in page.text
    assert f"speech {EVIL}" in page.text
    assert "1 open finding" in page.text
    assert "to my taste" not in page.text, "a note is not a finding to act on"
    assert "--regen-beats hook,1" in page.text


def test_many_films_are_seen_at_a_glance_and_what_needs_a_look_comes_first(tmp_path: Path) -> None:
    runs = [film(tmp_path / "night 0", title="Film 0")]
    for number in range(1, 8):
        runs.append(tmp_path / f"night {number}")
        shutil.copytree(runs[0], runs[number])
        plan = tiny_plan(IDEA, 1, title=f"Film {number}")
        (runs[number] / "plan.json").write_text(dump_plan(plan), encoding="utf-8")
    checks(runs[5], ("speech", False, 1))
    page = read(write_sheet(runs, tmp_path / "sheet.html", "Night"))
    shown = re.findall(r"Film \d", page.text)
    assert shown[:8] == shown[8:] == [f"Film {n}" for n in (5, 0, 1, 2, 3, 4, 6, 7)]
    jumps = [str(a["href"]) for a in page.all("a") if str(a["href"]).startswith("#film-")]
    targets = [f"#{article['id']}" for article in page.all("article")]
    assert jumps == targets
    few = read(write_sheet(runs[:2], tmp_path / "few.html", "Night"))
    assert not few.all("nav")


def test_films_that_were_not_made_say_why_and_how_to_go_on(tmp_path: Path) -> None:
    failed = tiny_run(tmp_path / "failed", tiny_plan("A lamp that lies", 1))
    log = events.EventLog(failed / "events.jsonl")
    log.emit(events.RunFinished("failed", 5.0, "step speech/hook failed: the server sleeps"))
    killed = tiny_run(tmp_path / "killed", tiny_plan("A cat that votes", 1))
    events.EventLog(killed / "events.jsonl").emit(events.RunStarted(str(killed), "x", 3))
    damaged = film(tmp_path / "damaged", "A door that sings")
    (damaged / "final.mp4").write_bytes(b"half a film")
    empty = tmp_path / "empty"
    empty.mkdir()
    parked = FailedFilm(EVIL, "refused three times", "storyboard batch retry 7")
    folders = [failed, killed, damaged, empty]
    page = read(write_sheet(folders, tmp_path / "sheet", "Night", [parked]))
    assert "0 ready · 5 not made" in page.text
    for said in (
        "A lamp that lies step speech/hook failed: the server sleeps",
        "the last run was killed before its end",
        "A door that sings",
        "nothing has been made yet",
        f"storyboard run --dir {failed}",
        f"{EVIL} refused three times",
        "storyboard batch retry 7",
    ):
        assert said in page.text, said
    assert not page.all("video")


def test_words_of_people_and_models_are_words_only(tmp_path: Path) -> None:
    run = film(tmp_path / "evil", EVIL, title=EVIL)
    reviewed(run, Finding("gemini", "x", "severe", EVIL))
    page = read(write_sheet([run], tmp_path / "sheet", EVIL, [FailedFilm(EVIL, EVIL, EVIL)]))
    assert not page.all("script")
    assert page.text.count(EVIL) >= 6


def test_the_picture_shows_the_same_films(tmp_path: Path) -> None:
    runs = [film(tmp_path / name) for name in ("one", "two")]
    shutil.copyfile(runs[1] / "events.jsonl", runs[1] / "images" / "hook.png")  # no picture at all
    failed = FailedFilm("猫が電車に乗る", "no voice", "storyboard batch retry 7")
    write_sheet(runs, tmp_path / "sheet", "朝のシート", [failed])
    image = np.asarray(skia.Image.open(str(tmp_path / "sheet.png")).toarray(), dtype=int)
    assert image.shape[1] == 1600

    def rows(blue: int, green: int, red: int) -> int:
        """How often the colour begins, going down the page."""
        near = np.abs(image[:, :, :3] - (blue, green, red)).max(axis=2) < 6
        lines = near.sum(axis=1) > 100
        return int(np.count_nonzero(lines[1:] & ~lines[:-1]))

    assert rows(0x20, 0x40, 0xC0) == 2, "each film has its poster"
    assert rows(0xA0, 0x60, 0x30) == 1, "a damaged hook frame is left out"


def test_the_command_writes_the_sheet_of_every_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film(tmp_path / "runs" / "one")
    film(tmp_path / "runs" / "two")
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["sheet", "--all"])
    assert done.exit_code == 0
    assert len(read(tmp_path / "runs" / "sheet.html").all("video")) == 2
    assert CliRunner().invoke(app, ["sheet"]).exit_code == 2
    assert CliRunner().invoke(app, ["sheet", "runs/none"]).exit_code == 2


# --- in a browser ------------------------------------------------------------

_MEASURE = """() => ({
  inner: innerWidth,
  scroll: document.documentElement.scrollWidth,
  seconds: document.querySelector("video").duration,
  pictures: [...document.images].filter(image => image.naturalWidth > 0).length,
})"""


@pytest.mark.browser
def test_a_browser_shows_the_page_without_sideways_scrolling(
    tmp_path: Path, browser: Browser
) -> None:
    run = film(tmp_path / ("a-run-folder-with-a-name-that-goes-on-and-on" * 3))
    reviewed(run, Finding("technical", "frozen", "severe", "x" * 300), score=40.0)
    page = write_sheet([run], tmp_path / "sheet", "Night", [FailedFilm("y" * 300, "why", "z")])
    # Emulated: a window of a browser is never as narrow as a telephone.
    for width, mobile in ((1280, False), (390, True)):
        shown = browser.new_page(viewport={"width": width, "height": 844}, is_mobile=mobile)
        shown.goto(page.as_uri())
        # Loaded at once, so that what is to be seen is there when it is measured.
        shown.evaluate("for (const image of document.images) image.loading = 'eager'")
        shown.evaluate("document.querySelector('video').preload = 'metadata'")
        shown.wait_for_function("document.querySelector('video').readyState > 0")
        shown.wait_for_function("[...document.images].every(image => image.complete)")
        seen = shown.evaluate(_MEASURE)
        assert seen["inner"] == width
        assert seen["scroll"] <= width, "the page scrolls sideways"
        assert seen["seconds"] == pytest.approx(2.0, abs=0.1), "the film does not play"
        assert seen["pictures"] == 1
