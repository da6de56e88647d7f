"""Own files into a beat, the cast with its voices, what was tried, the card."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skia
import soundfile
from studio_pages import Browser
from test_studio_editing import patch_in, plan_of
from tiny_films import moving_clip

from storyboard.profile import load_profile
from storyboard.review.finding import Finding
from storyboard.review.review_history import Judged, Look, ReviewHistory, Round, save_history


def picture(colour: int = skia.ColorBLUE) -> bytes:
    surface = skia.Surface(90, 160)
    surface.getCanvas().clear(colour)
    return bytes(surface.makeImageSnapshot().encodeToData(skia.kPNG, 100))


def recording(seconds: float = 1.0) -> bytes:
    held = io.BytesIO()
    tone = 0.3 * np.sin(np.linspace(0, 440 * 2 * np.pi * seconds, int(16_000 * seconds)))
    soundfile.write(held, tone, 16_000, format="WAV")
    return held.getvalue()


def bring(bank: Browser, part: str, data: bytes, name: str, beat: int = 1) -> Any:
    return bank.post(f"/films/bank/beats/{beat}/own/{part}", files={"file": (name, data)})


def test_own_files_are_taken_in_by_content_and_shown_before(bank: Browser, tmp_path: Path) -> None:
    clip = moving_clip(tmp_path / "clip.mp4", 24).read_bytes()
    for part, data, name in (
        ("image", picture(), "holiday.PNG"),
        ("clip", clip, "../../etc/x.mp4"),
        ("audio", recording(), "me.wav"),
    ):
        before = plan_of(bank)
        page = bring(bank, part, data, name)
        assert page.status_code == 200, page.text
        assert plan_of(bank) == before, "a look changes nothing"
        assert "clips/clip_01" in page.text and "clips/clip_02" not in page.text
        answer = bank.post("/films/bank/apply", data={"patch": patch_in(page.text)})
        assert answer.status_code == 204, answer.text
        media = plan_of(bank).beat(1).media
        own = bank.runs / "bank" / getattr(media, part)
        assert own.parent.name == "own" and own.read_bytes() == data
    # A clip takes the picture's place; the recording stands beside it.
    assert (media.image, bool(media.clip), bool(media.audio)) == ("", True, True)
    shown = bank.get("/films/bank/beats/1/own").text
    assert "<video" in shown and "<audio" in shown and "<img" not in shown
    page = bank.get("/films/bank/beats/1/own/clip/none").text
    bank.post("/films/bank/apply", data={"patch": patch_in(page)})
    assert plan_of(bank).beat(1).media.clip == ""
    page = bank.get("/films/bank/beats/1/own/audio/none").text
    bank.post("/films/bank/apply", data={"patch": patch_in(page)})
    assert plan_of(bank).beat(1).media is None


def test_what_is_none_of_its_kind_is_refused_and_not_kept(bank: Browser) -> None:
    own = bank.runs / "bank" / "own"
    for part, data, told in (
        ("image", b"<svg onload=alert(1)>", "is no picture"),
        ("image", b"", "is empty"),
        ("clip", picture(), "is not a video"),
        ("audio", b"#EXTM3U\nfile:///etc/passwd", "is not sound"),
        ("audio", recording(125), "lasts 12"),
    ):
        answer = bring(bank, part, data, "x.png")
        assert answer.status_code == 422 and told in answer.text, (part, answer.text)
    assert bring(bank, "image", picture(), "x.png", beat=0).status_code == 422
    assert bring(bank, "image", picture(), "x.png", beat=9).status_code == 422
    assert not own.exists() or not list(own.iterdir())


def test_the_cast_looks_and_sounds_as_it_is_told(bank: Browser) -> None:
    plan = plan_of(bank)
    who = plan.cast[0].id
    page = bank.get("/films/bank/cast").text
    assert plan.cast[0].name in page and "Narrator" in page
    voice = re.findall(r'<option value="([^"]+)"[^>]*>[^<]+ · ', page)[0]
    assert bank.get(f"/films/bank/voices/{voice}").status_code == 404, "nobody asked for it"
    asked = bank.post("/films/bank/voices", data={"preset": voice})
    assert asked.status_code == 204, asked.text
    sound = bank.get(f"/films/bank/voices/{voice}")
    assert sound.status_code == 200, sound.text
    assert sound.content[:4] == b"RIFF"
    assert bank.post("/films/bank/voices", data={"preset": "nobody"}).status_code == 422
    looks = {"name": plan.cast[0].name, "wardrobe": "a red raincoat & boots"}
    page = bank.post(f"/films/bank/cast/{who}/looks", data=looks).text
    assert f"/cast/{who}/wardrobe" in page and "images/" in page
    bank.post("/films/bank/apply", data={"patch": patch_in(page)})
    assert plan_of(bank).cast[0].wardrobe == "a red raincoat & boots"
    page = bank.post(f"/films/bank/cast/{who}/sheet", files={"file": ("me.png", picture())}).text
    bank.post("/films/bank/apply", data={"patch": patch_in(page)})
    assert plan_of(bank).cast[0].references[0].startswith("own/")
    assert bank.post("/films/bank/cast/nobody/looks", data=looks).status_code == 422


def test_a_voice_is_cloned_with_consent_only(bank: Browser) -> None:
    who = plan_of(bank).cast[0].id
    form = {"file": ("me.wav", recording(3))}
    refused = bank.post(f"/films/bank/cast/{who}/clone", files=form, data={"consent": " "})
    assert refused.status_code == 422 and "who allowed the clone" in refused.text
    assert not (bank.runs / "bank" / "own").exists(), "nothing of it is kept"
    answer = bank.post(f"/films/bank/cast/{who}/clone", files=form, data={"consent": "Mia, 3 Nov"})
    assert "speech/" in answer.text, answer.text
    bank.post("/films/bank/apply", data={"patch": patch_in(answer.text)})
    voice = plan_of(bank).cast[0].voice
    assert (voice.kind, voice.consent) == ("clone", "Mia, 3 Nov")
    page = bank.get("/films/bank/cast").text
    assert "Mia, 3 Nov" in page and voice.reference_audio in page


def test_rejected_pictures_are_shown_with_why(bank: Browser) -> None:
    film = bank.runs / "bank"
    kept = next((film / "images").glob("beat_01*.png"))
    (film / "images" / "beat_01_try.png").write_bytes(picture())
    check = {"id": "hands", "level": "hard", "verdict": "fail", "evidence": "six <fingers>"}
    rest = {"judge": "gemma", "note": "", "stopped": False}
    tries = [
        {"picture": "images/beat_01_try.png", "kept": False, "checks": [check], **rest},
        {"picture": f"images/{kept.name}", "kept": True, "checks": [], **rest},
    ]
    kept.with_suffix("").with_suffix(".verdicts.json").write_text(json.dumps({"attempts": tries}))
    assert "2 tried" in bank.get("/films/bank").text
    page = bank.get("/films/bank/beats/1/tried").text
    assert "six &lt;fingers&gt;" in page and "beat_01_try.png" in page and "rejected" in page


def test_cuts_stand_side_by_side(bank: Browser) -> None:
    film = bank.runs / "bank"
    assert bank.get("/films/bank/cuts").status_code == 404
    (film / "cuts").mkdir()
    (film / "cuts" / "cut_01.mp4").write_bytes((film / "final.mp4").read_bytes())
    found = (Judged(Finding("gemini", "pacing", "severe", "too fast", 1, 1.25), "confirmed"),)
    rounds = [
        Round(1, "a", "b", looks=(Look("gemini", "answered", score=60.0),), findings=found),
        Round(2, "c", "d", looks=(Look("gemini", "answered", score=80.0),), kept=True),
    ]
    save_history(film, ReviewHistory(1.0, {}, rounds=rounds, best=2))
    assert ">Cuts<" in bank.get("/films/bank").text
    page = bank.get("/films/bank/cuts").text
    assert page.count("<video") == 2 and "cut_01.mp4" in page and "final.mp4" in page
    assert "score 60" in page and "score 80" in page and "too fast" in page


def test_the_card_says_what_each_stage_takes(bank: Browser) -> None:
    assert "work without a card" in bank.get("/card").text
    page = bank.get("/card?profile=rtx6000-96gb").text
    assert "hidream" in page.lower() or "images" in page
    assert page.count("<meter") >= 4 and "stopped" in page
    assert bank.get("/card?profile=/etc/passwd").status_code == 422
    assert bank.post("/card/release", data={"profile": "rtx6000-96gb"}).status_code == 204


@pytest.mark.parametrize("path", ["/films/bank/cast", "/card", "/lab", "/queue"])
@pytest.mark.parametrize("language", ["en", "ja"])
def test_pages_are_there_in_both_languages(bank: Browser, path: str, language: str) -> None:
    page = bank.get(path, headers={"Accept-Language": language})
    assert page.status_code == 200 and f'<html lang="{language}">' in page.text
    assert "<script>" not in page.text and " style=" not in page.text


def test_the_card_says_how_far_a_setup_is(
    bank: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert "on the way" not in bank.get("/card?profile=rtx6000-96gb").text
    name, weights = next(iter(load_profile("rtx6000-96gb").weights.items()))
    half = Path(weights.folder).expanduser() / "model.safetensors.incomplete"
    half.parent.mkdir(parents=True)
    with half.open("wb") as file:
        file.truncate(3_000_000_000)
    page = bank.get("/card?profile=rtx6000-96gb").text
    assert "every 5s" in page and "storyboard setup --profile rtx6000-96gb" in page
    row = next(row for row in page.split("<tr>") if f">{name}<" in row)
    assert "on the way" in row and "3.0 GB / " in row and 'value="3000000000' in row
