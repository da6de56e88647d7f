"""The reviewer for models that take no video: what they are shown, and what comes of it."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from fake_chat import FakeChatServer, Reply
from tiny_films import colour_clip, line

from renderers.base import ReviewRequest, ReviewResult, Word
from renderers.errors import BadRequest
from renderers.ffmpeg import run_ffmpeg
from renderers.probe import decode_frames
from renderers.review.frames import grab, levels, spread
from renderers.review.openai import OpenAIReview

SCHEMA = {"type": "object", "properties": {"score": {"type": "integer"}}}
WORDS = (Word("Hello", 0.2, 0.6), Word("there.", 0.7, 1.0))


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second of red with sound, then a second of blue without."""
    folder = tmp_path_factory.mktemp("film")
    red = colour_clip(folder / "red.mp4", "red", 12)
    blue = colour_clip(folder / "blue.mp4", "blue", 12)
    sound = np.concatenate([line(1.0, 1), np.zeros((48_000, 2), dtype=np.float32)])
    soundfile.write(folder / "sound.wav", sound, 48_000)
    joined = ["-filter_complex", "[0:v][1:v]concat=n=2:v=1[v]", "-map", "[v]", "-map", "2:a"]
    out = folder / "film.mp4"
    run_ffmpeg(["-i", red, "-i", blue, "-i", folder / "sound.wav", *joined, "-shortest", out])
    return out


def watch(reply: Reply, film: Path, **options: int) -> tuple[ReviewResult, FakeChatServer]:
    request = ReviewRequest(film, "You review.", "What is wrong?", SCHEMA, WORDS, (0.5, 1.5))
    with FakeChatServer([reply]) as server:
        backend = OpenAIReview(server.url, "fake", **options)
        result = backend.watch(request)
        backend.close()
    return result, server


def test_sheets_of_frames_words_and_levels_are_shown(film: Path) -> None:
    result, server = watch({"text": '{"score": 70}'}, film, frames=10)
    assert (result.outcome, result.data) == ("answered", {"score": 70})
    assert result.saw.startswith("10 frames")
    asked = server.requests[0]
    assert asked["response_format"]["json_schema"]["schema"] == SCHEMA
    *pictures, text = asked["messages"][1]["content"]
    assert len(pictures) == 2
    said = text["text"]
    assert said.startswith("What is wrong?")
    assert "0.20-0.60 Hello; 0.70-1.00 there." in said
    quiet = said.split("is silence):\n")[1].split("; ")
    assert float(quiet[0].split(": ")[1]) > -40
    assert float(quiet[-1].split(": ")[1]) <= -60


def test_a_sheet_shows_the_frames_in_order_each_under_its_time(film: Path) -> None:
    _, server = watch({"text": "{}"}, film, frames=2)
    url = server.requests[0]["messages"][1]["content"][0]["image_url"]["url"]
    with av.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))) as page:
        picture = next(page.decode(video=0)).to_ndarray(format="rgb24").astype(int)
    middle = picture[picture.shape[0] // 2]
    first, second = middle[40], middle[picture.shape[1] // 4 + 40]
    assert first[0] > 150 > 100 > first[2]
    assert second[2] > 150 > 100 > second[0]
    # The time stands in white above each frame.
    assert (picture[:26, : picture.shape[1] // 4].min(axis=2) > 200).sum() > 30


def test_frames_are_those_nearest_to_their_times(film: Path) -> None:
    shown = grab(film, [0.0, 0.94, 1.02])
    assert [round(at, 2) for at, _ in shown] == [0.0, 0.92, 1.0]
    assert [frame[40, 40, 0] > 150 for _, frame in shown] == [True, True, False]
    assert len(list(decode_frames(film))) == 24


def test_times_are_the_telling_ones_then_the_widest_gaps() -> None:
    assert spread([5.0, 1.0, 99.0, -1.0], 10.0, 2) == [1.0, 5.0]
    assert spread([5.0], 10.0, 3) == [2.5, 5.0, 7.5]
    assert len(spread([], 0.5, 96)) < 10


def test_a_film_without_sound_has_no_levels(tmp_path: Path) -> None:
    assert levels(colour_clip(tmp_path / "mute.mp4", "red", 6)) == []


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        ({"text": ""}, "empty"),
        ({"no_choice": True}, "empty"),
        ({"text": '{"sc', "finish_reason": "length"}, "cut"),
        ({"text": "Nice film!"}, "unreadable"),
        ({"text": "no", "finish_reason": "content_filter"}, "blocked"),
    ],
)
def test_no_answer_is_an_outcome_with_its_reason(film: Path, reply: Reply, outcome: str) -> None:
    result, _ = watch(reply, film, frames=2)
    assert (result.outcome, result.data) == (outcome, None)
    assert result.reason


def test_a_wrong_number_of_frames_is_refused() -> None:
    with pytest.raises(BadRequest, match=r"options\.frames"):
        OpenAIReview("http://127.0.0.1:1/v1", "fake", frames=0)
