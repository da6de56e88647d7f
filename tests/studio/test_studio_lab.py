"""The image lab: every kind of picture, grids, and where a picture goes from there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="needs the engine: pip install 'storyboard[engine]'")

from fake_engine import make_app, serving
from golden_cases import CHECKPOINT
from studio_pages import Browser, opened, when
from test_studio_editing import patch_in, plan_of
from test_studio_own import picture

from image_engine import ImageEngine
from image_engine.client import ImageClient
from storyboard.batch.jobs import LAB
from storyboard.edit.lab import WAYS, Kind, Lab, SheetRequest

SMALL = {"sizes": "256x256", "steps": "2"}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The engine's own server, on the tiny checkpoint."""
    loaded = ImageEngine.load(CHECKPOINT)
    with serving(make_app(loaded, load=lambda: ImageEngine.load(CHECKPOINT))) as url:
        yield url


@pytest.fixture
def lab(bank: Browser, url: str) -> Browser:
    """The studio with the film `bank` and a server that draws."""
    return opened(bank.runs, engine=url)


def sheets(lab: Browser) -> list[str]:
    return sorted(path.parent.name for path in (lab.runs / ".lab").glob("*/wish.json"))


def drawn(lab: Browser, sheet: str, many: int = 1) -> list[Path]:
    folder = lab.runs / ".lab" / sheet
    when(lambda: len(list(folder.glob("[0-9][0-9].png"))) == many)
    return sorted(folder.glob("[0-9][0-9].png"))


@pytest.mark.parametrize("kind", list(WAYS))
def test_every_kind_is_asked_for_as_the_server_takes_it(lab: Browser, kind: Kind) -> None:
    many = WAYS[kind].least
    files = [("pictures", (f"{n}.png", picture())) for n in range(many)]
    boxes = json.dumps([[0.1, 0.4, 0.2, 0.9]] * many) if kind == "layout" else ""
    form = {"kind": kind, "prompt": "a fox in a coat", "boxes": boxes, **SMALL}
    answer = lab.post("/lab", data=form, files=files or None)
    assert answer.status_code == 204, answer.text
    (sheet,) = sheets(lab)
    (made,) = drawn(lab, sheet)
    assert made.read_bytes()[:4] == b"\x89PNG"
    assert lab.get(f"/lab/sheets/{sheet}/01.png").status_code == 200
    wrong = [("pictures", ("x.png", picture()))] * (WAYS[kind].most + 1)
    refused = lab.post("/lab", data=form, files=wrong)
    assert refused.status_code == 422 and sheets(lab) == [sheet], refused.text


def test_a_grid_is_drawn_picture_by_picture_and_sent_on(lab: Browser) -> None:
    grid = {"prompt": "a fox", "steps": "2, 3", "guidance": "1 4.5", "sizes": "256x256"}
    assert lab.post("/lab", data=grid).status_code == 204
    (sheet,) = sheets(lab)
    assert len({file.read_bytes() for file in drawn(lab, sheet, 4)}) == 4
    when(lambda: ">done<" in lab.get("/lab").text)
    page = lab.get("/lab").text
    assert "2 steps · guidance 1 · 256×256" in re.sub(r"\s+", " ", page)
    where = f"/lab/sheets/{sheet}/02.png/send"
    assert "Beat 1" in lab.get(f"{where}?film=bank").text
    page = lab.post(where, data={"film": "bank", "to": "beat:1"}).text
    lab.post("/films/bank/apply", data={"patch": patch_in(page)})
    media = plan_of(lab).beat(1).media
    made = lab.runs / ".lab" / sheet / "02.png"
    assert (lab.runs / "bank" / media.image).read_bytes() == made.read_bytes()
    who = plan_of(lab).cast[0].id
    page = lab.post(where, data={"film": "bank", "to": f"cast:{who}"}).text
    lab.post("/films/bank/apply", data={"patch": patch_in(page)})
    assert plan_of(lab).cast[0].references == [media.image]
    # One that was drawn goes in again.
    edit = {"kind": "edit", "prompt": "at night", "again": f"{sheet}/02.png", **SMALL}
    assert lab.post("/lab", data=edit).status_code == 204
    other = next(name for name in sheets(lab) if name != sheet)
    assert (lab.runs / ".lab" / other / "ref_01.png").read_bytes() == made.read_bytes()
    drawn(lab, other)
    when(lambda: lab.post(f"/lab/sheets/{sheet}/remove").status_code == 204)
    assert sheets(lab) == [other]


def test_a_server_that_sleeps_or_is_away_is_said_and_gone_on_with(lab: Browser, url: str) -> None:
    with ImageClient(url) as client:
        client.sleep()
    assert lab.post("/lab", data={"prompt": "a fox", **SMALL}).status_code == 204
    (sheet,) = sheets(lab)
    when(lambda: ">failed<" in lab.get("/lab").text)
    assert "the image server is not awake" in lab.get("/lab").text
    assert "asleep" in lab.get("/lab/engine").text
    assert lab.post("/lab/engine/wake").status_code == 204
    assert lab.post(f"/lab/sheets/{sheet}/again").status_code == 204
    drawn(lab, sheet)
    away = opened(lab.runs, engine="http://127.0.0.1:9")
    assert "no answer from http://127.0.0.1:9" in away.get("/lab/engine").text


def test_a_wish_of_nothing_but_words_is_shown(studio: Browser) -> None:
    sheet = Lab(studio.runs / LAB).begin(SheetRequest(prompt="a fox & <b>a hen</b>"), [])
    page = studio.get("/lab")
    assert page.status_code == 200 and "a fox &amp; &lt;b&gt;a hen" in page.text
    assert "left undone" in page.text and sheet.id in page.text


@pytest.mark.parametrize(
    "form",
    [
        {"prompt": ""},
        {"prompt": "x", "preset": "nothing"},
        {"prompt": "x", "steps": "many"},
        {"prompt": "x", "sizes": "1024"},
        {"prompt": "x", "kind": "layout", "boxes": "[[1,2"},
        {"prompt": "x", "steps": ",".join(map(str, range(1, 18)))},
        {"prompt": "x", "kind": "edit", "again": "../bank/poster.jpg"},
    ],
)
def test_a_wish_that_does_not_hold_is_said(lab: Browser, form: dict[str, str]) -> None:
    assert lab.post("/lab", data=form).status_code == 422
    assert lab.get("/lab/sheets/../wish.json").status_code == 404
    assert not (lab.runs / ".lab").exists()
