"""A user's photo, footage and recording in three beats: seen, heard, and there after every redo."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skia
import soundfile
from rich.console import Console
from tiny_films import made, tiny_plan, tiny_run, tones
from tones import TonesSpeech

from renderers.audio_file import decode_mono
from renderers.base import SpeechRequest, VoiceSpec
from renderers.ffmpeg import run_ffmpeg
from renderers.probe import decode_frames
from storyboard.cli.display import ConsoleDisplay
from storyboard.core import events
from storyboard.core.errors import PlanError
from storyboard.core.files import digest_file
from storyboard.plan import load_plan, parse_plan
from storyboard.plan.regen import Regen
from storyboard.stages.film import Film, make_film

SAID = "mine own voice"
BROUGHT = (
    "images/beat_01_photo", "images/beat_02_footage",
    "clips/clip_02_footage", "speech/beat_03_said",
)  # fmt: skip


@pytest.fixture(scope="module")
def brought(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A green photo, red footage with a 900 Hz tone, and a recording, in a folder of the user's."""
    folder = tmp_path_factory.mktemp("brought")
    surface = skia.Surface(400, 300)
    surface.getCanvas().clear(skia.Color(0, 150, 0))
    paint = skia.Paint(Color=skia.Color(0, 190, 30))
    for place in range(0, 400, 40):
        surface.getCanvas().drawRect(skia.Rect.MakeXYWH(place, 0, 20, 300), paint)
        surface.getCanvas().drawRect(skia.Rect.MakeXYWH(0, place, 400, 20), paint)
    (folder / "photo.jpg").write_bytes(
        bytes(surface.makeImageSnapshot().encodeToData(skia.EncodedImageFormat.kJPEG, 95))
    )
    red = "color=c=0xc00000:s=320x180:r=25"
    loud = "sine=frequency=900:sample_rate=48000"
    run_ffmpeg(
        ["-f", "lavfi", "-i", red, "-f", "lavfi", "-i", loud, "-t", "3", "-pix_fmt", "yuv420p",
         folder / "footage.mp4"]
    )  # fmt: skip
    TonesSpeech().render(
        SpeechRequest(SAID, "en", VoiceSpec(preset="tone_d")), folder / "plain.wav"
    )
    samples, rate = soundfile.read(folder / "plain.wav")
    silence = np.zeros((rate // 2, 2))
    soundfile.write(folder / "said.wav", np.concatenate([silence, samples, silence]), rate)
    return folder


def a_film(folder: Path, brought: Path, **first: Any) -> Path:
    data = tiny_plan("A cat misses the last train", 3).model_dump(mode="json")
    data["hook"] = None
    media: list[dict[str, Any]] = [
        {"image": str(brought / "photo.jpg"), **first},
        {"clip": str(brought / "footage.mp4"), "in": 0.5, "fit": "contain"},
        {"audio": str(brought / "said.wav")},
    ]
    kinds = ("photo", "footage", "said")
    for beat, own, kind in zip(data["beats"], media, kinds, strict=True):
        beat |= {"type": kind, "media": own, "reading": "", "duration": 1.2, "transition": "cut"}
    data["beats"][1] |= {"speaker": None, "line": ""}
    data["beats"][2] |= {"line": SAID, "speaker": data["cast"][0]["id"]}
    return tiny_run(folder, parse_plan(data))


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory, brought: Path) -> Film:
    folder = a_film(tmp_path_factory.mktemp("film") / "film", brought)
    return made(tones(folder, allow=(brought,)))


def shown(film: Film, beat: int) -> Any:
    """The middle of the middle frame of a beat, as it is in the finished segment."""
    found = next((film.folder.path / "segments").glob(f"{beat:02d}_*.mp4"))
    frames = list(decode_frames(found))
    frame = frames[len(frames) // 2]
    height, width = frame.shape[:2]
    return frame[height // 2 - 4 : height // 2 + 4, width // 2 - 4 : width // 2 + 4].mean((0, 1))


def cached(film: Film) -> dict[str, bool]:
    """Of each step of the last run, whether it was used again."""
    steps: dict[str, bool] = {}
    for event in events.events_in(film.folder.events):
        if isinstance(event, events.RunStarted):
            steps = {}
        elif isinstance(event, events.StepFinished):
            steps[event.step] = event.cached
    return steps


def loud_at(samples: Any, hertz: float) -> float:
    """The share of one frequency in a sound."""
    power = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
    at = round(hertz * len(samples) / 16_000)
    return float(power[at - 6 : at + 7].sum() / power.sum())


def test_each_is_in_the_film_as_it_is(film: Film) -> None:
    green, red = shown(film, 1), shown(film, 2)
    assert green[1] > 120 and green[0] < 60 and red[0] > 140 and red[1] < 60
    recorded = film.folder.path / "audio/beat_03_said.wav"
    # Silence around it is cut; the words are what was recorded.
    assert abs(len(decode_mono(recorded, 16_000)) / 16_000 - _seconds_of(SAID)) < 0.1
    words = [check for check in film.checks["checks"] if check["name"] == "words"]
    assert next(c for c in words if c["beat"] == 3)["ok"], words
    assert film.checks["checks"] and all(check["ok"] for check in film.checks["checks"]), [
        check["message"] for check in film.checks["checks"] if not check["ok"]
    ]


def _seconds_of(text: str) -> float:
    letters = sum(len(word) for word in text.split())
    return letters * 0.05 + (len(text.split()) - 1) * 0.09


def test_footage_keeps_its_sound(film: Film) -> None:
    sound = decode_mono(film.folder.film, 16_000)
    timeline = (film.folder.path / "audio/timeline.json").read_text("utf-8")
    segments = {s["index"]: s for s in json.loads(timeline)["segments"]}
    begin, end = segments[2]["start"], segments[2]["start"] + segments[2]["seconds"]
    inside = sound[round(begin * 16_000) + 800 : round(end * 16_000) - 800]
    assert loud_at(inside, 900) > 0.2
    before = sound[: round(segments[2]["start"] * 16_000) - 1600]
    assert loud_at(before, 900) < 0.05


def test_they_are_in_the_folder_by_their_contents(film: Film, brought: Path) -> None:
    plan = load_plan(film.folder.plan)
    media = [beat.media for beat in plan.beats]
    names = [m and (m.image or m.clip or m.audio) for m in media]
    for name, file in zip(names, ("photo.jpg", "footage.mp4", "said.wav"), strict=True):
        assert name == f"own/{digest_file(brought / file)[:16]}{Path(file).suffix}"
        assert digest_file(film.folder.path / name) == digest_file(brought / file)
    text = film.folder.plan.read_text("utf-8")
    assert '"in": 0.5' in text and '"begin"' not in text


@pytest.fixture
def redone(film: Film, tmp_path: Path) -> Iterator[Film]:
    """A copy of the film, where the user's files are no longer, redone from end to end."""
    shutil.copytree(film.folder.path.parent, tmp_path / "copy")
    order = tones(tmp_path / "copy" / "film", regen=Regen("all", 99))
    yield make_film(order, ConsoleDisplay(Console(quiet=True), quiet=True))


def test_they_survive_a_redo_of_all_beats(redone: Film, film: Film) -> None:
    steps = cached(redone)
    # The camera goes over the photo for as long as its line is said now.
    assert {name: steps[name] for name in BROUGHT} == dict.fromkeys(BROUGHT, True)
    # What is not the user's is made anew.
    assert not steps["images/beat_03_said"] and not steps["speech/beat_01_photo"]
    for beat in (1, 2):
        np.testing.assert_allclose(shown(redone, beat), shown(film, beat), atol=12)
    same = "audio/beat_03_said.wav"
    assert digest_file(redone.folder.path / same) == digest_file(film.folder.path / same)


def test_taken_out_of_the_plan_it_is_made_again(film: Film, tmp_path: Path) -> None:
    shutil.copytree(film.folder.path.parent, tmp_path / "copy")
    folder = tmp_path / "copy" / "film"
    plan = load_plan(folder / "plan.json")
    beats = [beat.model_copy(update={"media": None}) for beat in plan.beats]
    tiny_run(folder, plan.model_copy(update={"beats": beats}))
    assert '"media"' not in (folder / "plan.json").read_text("utf-8")
    done = make_film(
        tones(folder, stages=("images",)), ConsoleDisplay(Console(quiet=True), quiet=True)
    )
    assert not cached(done)["images/beat_01_photo"]


@pytest.mark.parametrize(
    ("media", "told"),
    [
        ({"image": "a.png", "clip": "b.mp4"}, "not both"),
        ({"fit": "cover"}, "needs one of image, clip, audio"),
        ({"clip": "b.mp4", "in": 3, "out": 2}, r"out \(2 s\) must come after in \(3 s\)"),
        ({"image": "a.png", "crop": 1}, "unknown field"),
    ],
)
def test_media_that_cannot_be_are_refused_by_path(media: dict[str, Any], told: str) -> None:
    data = tiny_plan("A cat misses the last train", 1).model_dump(mode="json")
    data["beats"][0]["media"] = media
    with pytest.raises(PlanError, match=told) as error:
        parse_plan(data)
    assert "beats[0].media" in str(error.value)


def test_a_file_from_elsewhere_or_of_another_kind_is_refused(tmp_path: Path, brought: Path) -> None:
    folder = a_film(tmp_path / "film", brought)
    with pytest.raises(PlanError, match=r"beats\[0\]\.media\.image: .*lies outside"):
        made(tones(folder))
    wrong = a_film(tmp_path / "wrong", brought, image=str(brought / "said.wav"))
    with pytest.raises(PlanError, match=r"beats\[0\]\.media\.image: .*is no picture"):
        made(tones(wrong, allow=(brought,)))
