"""The studio in a real browser, from an empty folder to a finished film, over a studio that is
killed on the way; what a page of somebody else can do; whether all can use it."""

from __future__ import annotations

import http.server
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from studio_pages import film_of_two, furnished, off_duty, when
from tiny_films import TINY, TONES

from renderers.audio_file import decode_mono
from storyboard.batch import jobs
from storyboard.plan import dump_plan, load_plan

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
FAKES = Path(__file__).parent.parent / "fakes"
AXE = Path.home() / ".cache" / "storyboard-tests" / "axe.min.js"
IDEA = "A cat opens a bank"


@dataclass
class Server:
    """`storyboard studio` as a user starts it, on one port, as often as need be."""

    runs: Path
    port: int = 0
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        if not self.port:
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                self.port = free.getsockname()[1]
        words = ["studio", "--runs", str(self.runs), "--port", str(self.port)]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "storyboard", *words, "--profile", str(TONES)],
            env=os.environ | {"PYTHONPATH": str(FAKES)},
            stdout=subprocess.DEVNULL,
        )
        when(self._answers, 60)

    def kill(self, how: int = signal.SIGKILL) -> None:
        assert self.process is not None
        self.process.send_signal(how)
        self.process.wait(20)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _answers(self) -> bool:
        try:
            return httpx.get(self.url).status_code == 200
        except httpx.TransportError:
            return False


@contextmanager
def serving(runs: Path) -> Iterator[Server]:
    server = Server(runs)
    server.start()
    try:
        yield server
    finally:
        server.kill(signal.SIGTERM)
        off_duty(runs)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page on which nothing may go wrong unseen."""
    opened = browser.new_page(viewport={"width": 1280, "height": 900}, locale="en")
    amiss: list[str] = []
    opened.on("pageerror", lambda error: amiss.append(str(error)))
    opened.on("console", lambda told: amiss.append(told.text) if told.type == "error" else None)
    yield opened
    # A studio that is killed is meant to be away.
    assert not [each for each in amiss if "net::ERR" not in each], amiss


def until(page: Page, true: str) -> None:
    """Wait for an expression in the page. (The page's own policy forbids Playwright's way.)"""
    when(lambda: page.evaluate(true), 60)


@pytest.mark.slow
def test_from_an_empty_folder_to_a_film(page: Page, tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        page.set_default_timeout(60_000)
        page.goto(server.url)
        page.get_by_text("No films yet").wait_for()
        page.locator("main").get_by_role("link", name="New film").click()
        page.get_by_role("textbox", name="Idea").fill(IDEA)
        page.locator("#takes", has_text="steps to make").wait_for()
        page.get_by_label("the plan", exact=True).check()
        page.get_by_label("the pictures", exact=True).check()
        page.get_by_role("button", name="Make the film").click()
        page.wait_for_url("**/films/a-cat-opens-a-bank")

        # It waits after the plan: it is shortened by hand, as people do.
        page.locator("#state", has_text="waiting").wait_for()
        film = tmp_path / "a-cat-opens-a-bank"
        plan = load_plan(film / "plan.json")
        kept = [beat.model_copy(update={"duration": 0.5}) for beat in plan.beats[:3]]
        short = plan.model_copy(update={"canvas": TINY, "beats": kept})
        (film / "plan.json").write_text(dump_plan(short))
        page.reload()
        assert page.locator(".card").count() == 4

        # A line is changed with the keyboard, and its preview read.
        page.keyboard.press("ArrowRight")
        page.keyboard.press("e")
        page.get_by_label("Line", exact=True).fill("We open at nine.")
        page.locator("#proposal", has_text="/beats/1/line").wait_for()
        page.get_by_role("button", name="Note it only").click()
        page.locator("#beat-1 .line", has_text="We open at nine.").wait_for()

        # The third beat is dragged before the first.
        page.locator("#beat-3").drag_to(page.locator("#beat-1"))
        page.locator("#sheet", has_text="Move the beat").wait_for()
        page.get_by_role("button", name="Note it only").click()
        until(page, "document.querySelectorAll('.card')[1].id == 'beat-3'")
        assert [b.index for b in load_plan(film / "plan.json").beats] == [3, 1, 2]

        # On to the pictures, which come in by themselves.
        page.get_by_role("button", name="Looks good, go on").click()
        page.locator(".note", has_text="pictures are drawn").wait_for()
        until(
            page,
            "[...document.querySelectorAll('.card img')].filter(i => i.naturalWidth).length == 4",
        )
        assert not (film / "audio").exists()

        # One is drawn anew; the film still waits.
        before = (film / "images").glob("beat_02*.png").__next__().read_bytes()
        page.locator("#beat-2 [data-redo]").click()
        page.get_by_role("button", name="Do it").click()
        when(lambda: next((film / "images").glob("beat_02*.png")).read_bytes() != before)
        page.locator(".note", has_text="pictures are drawn").wait_for()

        # The studio is killed while it makes the rest, and goes on being made.
        page.get_by_role("button", name="Looks good, go on").click()
        page.locator("#state", has_text="working").wait_for()
        server.kill()
        assert jobs.working(film)
        server.start()
        # The page finds the new studio by itself.
        page.locator("#state", has_text="finished").wait_for(timeout=120_000)
        page.locator("#pending", has_text="up to date").wait_for()

        # It plays, and the strip goes along.
        until(page, "document.querySelector('#player').duration > 1")
        page.locator(".tick").nth(2).click()
        until(page, "document.querySelector('#player').currentTime > 0.5")
        assert "now" in (page.locator("#beat-1").get_attribute("class") or "")
        page.locator("h1").click()
        page.keyboard.press(" ")
        until(page, "!document.querySelector('#player').paused")
        page.keyboard.press("k")
        until(page, "document.querySelector('#player').paused")
        assert load_plan(film / "plan.json").beat(1).line == "We open at nine."


def test_a_run_is_stopped_and_goes_on(page: Page, tmp_path: Path) -> None:
    film = film_of_two(tmp_path / "bank")
    with serving(tmp_path) as server:
        page.set_default_timeout(60_000)
        page.goto(f"{server.url}/films/bank")
        page.locator("#beat-1 [data-redo]").click()
        page.get_by_role("button", name="Do it").click()
        with page.expect_response("**/stop"):
            page.get_by_role("button", name="Stop").click()
        when(lambda: not jobs.working(film))
        page.reload()
        page.locator("#state", has_text=re.compile("stopped|finished")).wait_for()
        with page.expect_response("**/run"):
            page.locator("#make").click()
        when(lambda: not jobs.working(film), 120)
        page.reload()
        page.locator("#state", has_text="finished").wait_for()
        # Taken back, it is made of what is there.
        page.get_by_role("button", name="Undo").click()
        page.locator("#pending", has_text="made already").wait_for()
        with page.expect_response("**/run"):
            page.locator("#make").click()
        when(lambda: not jobs.working(film), 120)
        page.locator("#pending", has_text="up to date").wait_for()


def test_a_page_of_somebody_else_can_do_nothing(
    page: Page, browser: Browser, tmp_path: Path
) -> None:
    film = film_of_two(tmp_path / "bank")
    before = (film / "plan.json").read_bytes()
    with serving(tmp_path) as server, hostile(server.url) as evil:
        page.goto(server.url)
        page.close()
        # In the same browser, with the studio's cookie at hand.
        with browser.new_context() as context:
            own = context.new_page()
            own.goto(server.url)
            other = context.new_page()
            other.goto(evil)
            until(other, "window.done")
            told = other.evaluate("window.told")
        assert told == {
            "read": "refused",
            "post": "refused",
            "picture": "refused",
            "framed": "refused",
            "live": "refused",
        }
        assert (film / "plan.json").read_bytes() == before
        assert not (film / ".job.json").exists() and not (film / "history").exists()


@contextmanager
def hostile(url: str) -> Iterator[str]:
    """A site of another origin whose page tries what it can."""
    body = (FAKES / "hostile.html").read_bytes()

    class Evil(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Evil) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        yield f"http://localhost:{site.server_address[1]}/?studio={url}"
        site.shutdown()


def test_a_line_is_spoken_into_the_microphone(page: Page, tmp_path: Path) -> None:
    film = film_of_two(tmp_path / "bank")
    with serving(tmp_path) as server:
        page.set_default_timeout(60_000)
        page.goto(f"{server.url}/films/bank")
        page.locator("#beat-1 .does").get_by_role("button", name="Own file").click()
        record = page.locator("[data-record=own-audio]")
        record.click()
        record.get_by_text("Stop").wait_for()
        page.wait_for_timeout(1500)
        record.click()
        page.locator("#proposal", has_text="/beats/1/media").wait_for()
        page.get_by_role("button", name="Note it only").click()
        media = when(lambda: load_plan(film / "plan.json").beat(1).media)
    own = film / str(media.audio)
    samples = decode_mono(own, 16_000)
    assert len(samples) > 16_000 and abs(samples).max() > 0.01, "it beeps"


def test_the_mouse_sorts_the_night_and_draws_boxes(page: Page, tmp_path: Path) -> None:
    film_of_two(tmp_path / "bank")
    furnished(tmp_path / "bank")
    with serving(tmp_path) as server:
        page.set_default_timeout(60_000)
        page.goto(f"{server.url}/queue")
        films = page.locator("[data-film]")
        before = [each.get_attribute("data-film") for each in films.all()]
        assert len(before) == 2
        films.nth(1).drag_to(films.nth(0))
        until(page, f"document.querySelector('[data-film]').dataset.film == '{before[1]}'")
        page.reload()
        assert films.nth(0).get_attribute("data-film") == before[1]

        page.goto(f"{server.url}/lab")
        page.get_by_label("Layout").check()
        page.locator("#frame").scroll_into_view_if_needed()
        frame = page.locator("#frame").bounding_box()
        assert frame is not None
        page.mouse.move(frame["x"] + 0.1 * frame["width"], frame["y"] + 0.2 * frame["height"])
        page.mouse.down()
        page.mouse.move(frame["x"] + 0.6 * frame["width"], frame["y"] + 0.9 * frame["height"])
        page.mouse.up()
        drawn = json.loads(page.locator("#boxes").input_value())
        assert drawn == [pytest.approx([0.1, 0.6, 0.2, 0.9], abs=0.02)]


PAGES = {
    "/": (),
    "/new": (),
    "/queue": (),
    "/card": (),
    "/card?profile=rtx6000-96gb": (),
    "/lab": (".drawn [hx-get]",),
    "/films/bank/cast": (),
    "/films/nobody": (),
    "/films/bank": (
        "#beat-1 [data-edit]",
        "#beat-1 [data-redo]",
        "#beat-1 [hx-get$='/takes/picture']",
        "#beat-1 [hx-get$='/own']",
        "#beat-1 [hx-get$='/tried']",
        "[hx-get$='/cuts']",
        "[hx-get$='/mend']",
    ),
}
"""Every page, and what opens each of its dialogs."""


@pytest.mark.parametrize(
    ("width", "scheme", "language"),
    [(390, "dark", "en"), (390, "light", "ja"), (1280, "dark", "ja"), (1280, "light", "en")],
)
def test_all_can_use_it(
    browser: Browser, tmp_path: Path, width: int, scheme: Any, language: str
) -> None:
    if not AXE.is_file():
        pytest.skip(f"needs axe-core: npm pack axe-core, and its axe.min.js as {AXE}")
    furnished(film_of_two(tmp_path / "bank"))
    amiss: list[str] = []
    with serving(tmp_path) as server:
        size = {"width": width, "height": 800}
        page = browser.new_page(viewport=size, color_scheme=scheme, locale=language)
        page.set_default_timeout(60_000)
        for path, dialogs in PAGES.items():
            page.goto(server.url + path)
            for click in ("", *dialogs):
                if click:
                    page.locator(click).first.click()
                    page.locator("#sheet[open]").wait_for()
                page.wait_for_timeout(300)
                amiss += [f"{path} {click}: {fault}" for fault in faults_of(page, width)]
                if click:
                    page.keyboard.press("Escape")
                    page.locator("#sheet[open]").wait_for(state="hidden")
    assert not amiss


def faults_of(page: Page, width: int) -> Iterator[str]:
    """What keeps somebody from using a page as it is now."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    for each in page.evaluate("axe.run()")["violations"]:
        if each["impact"] in ("serious", "critical"):
            yield f"{each['id']}: {each['nodes'][0]['html'][:200]}"
    if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
        yield f"it is {wide} wide"
