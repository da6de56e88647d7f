"""A format learned from a video has its cuts, lengths and speech, and none of its words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from fake_chat import FakeChatServer, Reply
from scripted_reviewer import by
from tiny_films import TONES
from tones import RATE, TonesSpeech, TonesTranscription
from typer.testing import CliRunner, Result

from renderers.audio_file import read_audio
from renderers.base import SpeechRequest
from renderers.ffmpeg import run_ffmpeg
from storyboard.cli.main import app
from storyboard.core.errors import UsageError
from storyboard.plan import Voice
from storyboard.plan.format_files import load_format
from storyboard.review.learned_format import measured, words_of

SHOTS = (1.5, 2.5, 3.0, 2.0)
"""Seconds: a hook, two that speak, one that is silent."""
LINES = ("Look here.", "My aunt sold the moon today.", "She wants it back by Friday.", "")
FPS = 24


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four shots, the third of which moves all the time; a voice in three of them."""
    folder = tmp_path_factory.mktemp("video")
    track = np.zeros((round(sum(SHOTS) * RATE), 2), np.float32)
    voice = TonesSpeech()
    start = 0.0
    for n, (seconds, line) in enumerate(zip(SHOTS, LINES, strict=True)):
        if line:
            request = SpeechRequest(line, "en", Voice(preset="tone_a"))
            samples, _ = read_audio(voice.render(request, folder / f"{n}.wav").path)
            samples = samples[: round((seconds - 0.1) * RATE)]
            at = round((start + 0.05) * RATE)
            track[at : at + len(samples)] += samples
        start += seconds
    soundfile.write(folder / "track.wav", track, RATE)
    size = "s=90x160"
    sources = [
        f"color=red:{size}:r={FPS}:d={SHOTS[0]}",
        f"color=blue:{size}:r={FPS}:d={SHOTS[1]}",
        f"testsrc2={size}:r={FPS}:d={SHOTS[2]}",
        f"color=white:{size}:r={FPS}:d={SHOTS[3]}",
    ]
    inputs = [word for source in sources for word in ("-f", "lavfi", "-i", source)]
    run_ffmpeg(
        [
            *inputs,
            *("-i", folder / "track.wav"),
            *("-filter_complex", "[0:v][1:v][2:v][3:v]concat=n=4:v=1:a=0[v]"),
            *("-map", "[v]", "-map", "4:a", "-c:v", "libx264", "-c:a", "aac", "-b:a", "192k"),
            folder / "moon.mp4",
        ]
    )
    return folder / "moon.mp4"


def answer(**changes: Any) -> dict[str, Any]:
    beat = {"expression": "smug", "scale": "close-up"}
    said = {
        "title": "The impossible sale",
        "summary": "Somebody reports a deal that cannot be.",
        "roles": [{"id": "Teller", "who": "a dry witness", "wardrobe": "a grey coat"}],
        "hook": "Demands attention in two words.",
        "beats": [
            {"type": "claim", "speaker": "Teller", "direction": "Claims it calmly.", **beat},
            {"type": "regret", "speaker": "Teller", "direction": "Turns it round.", **beat},
            {"type": "silence", "speaker": "", "direction": "Lets it sink in.", **beat},
        ],
        "rules": ["Nobody laughs."],
        "style": "plain colours",
        "mood": "calm",
    }
    return {**said, **changes}


def learn(video: Path, *options: str) -> Result:
    command = ["formats", "learn", str(video), "--profile", str(TONES), *options]
    return CliRunner().invoke(app, command)


def test_shots_and_words_are_found_where_they_are(video: Path) -> None:
    watched = measured(video, "en", words_of(video, "en", TonesTranscription()))
    edges = np.cumsum(SHOTS)
    assert [s.end for s in watched.stretches] == pytest.approx(list(edges), abs=1.5 / FPS)
    assert [s.text for s in watched.stretches] == list(LINES)
    assert watched.aspect == "9:16"
    assert not watched.music


def test_a_reviewer_says_what_it_is_for(
    video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    quoting = answer(hook="Somebody says that my aunt sold the moon today, of all things.")
    replies: list[Reply] = [{"text": json.dumps(quoting)}, {"text": json.dumps(answer())}]
    with FakeChatServer(replies) as server:
        values = [word for value in by(server) for word in ("--set", value)]
        done = learn(video, *values)
    assert done.exit_code == 0, done.output
    asked = json.dumps(server.requests[1]["messages"], ensure_ascii=False)
    assert "is said in the video" in asked
    text = Path("moon.yaml").read_text(encoding="utf-8")
    assert not any(line and line in text for line in LINES)
    format = load_format(tmp_path / "moon.yaml")
    assert format.hook is not None and format.hook.seconds == 1.5
    assert [beat.type for beat in format.beats] == ["claim", "regret", "silence"]
    assert [beat.speaker for beat in format.beats] == ["teller", "teller", None]
    for beat, seconds in zip(format.beats, SHOTS[1:], strict=True):
        least, most = beat.seconds
        assert least < seconds < most
    assert format.beats[0].most("en") == pytest.approx(1.15 * len(LINES[1]), abs=1)
    assert format.music.mood == "none"
    again = learn(video)
    assert again.exit_code == 2 and "is there already" in again.output


def test_without_a_reviewer_the_places_are_marked(video: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    assert learn(video, "--out", str(file)).exit_code == 0
    format = load_format(file)
    assert len(format.beats) == 3
    assert all("WRITE HERE" in beat.direction for beat in format.beats)
    assert CliRunner().invoke(app, ["formats", "check", str(file)]).exit_code == 0


def test_what_is_no_short_video_is_refused(tmp_path: Path) -> None:
    assert learn(tmp_path / "none.mp4").exit_code == 2
    sound = tmp_path / "a.wav"
    soundfile.write(sound, np.zeros(8000), 8000)
    refused = learn(sound, "--out", str(tmp_path / "a.yaml"))
    assert refused.exit_code == 2 and "has no picture" in refused.output
    long = tmp_path / "long.mp4"
    run_ffmpeg(["-f", "lavfi", "-i", "color=red:s=16x16:r=1:d=200", long])
    with pytest.raises(UsageError, match="lasts 200 s"):
        measured(long, "en", ())


def test_an_answer_that_is_no_format_ends_in_what_is_wrong(video: Path, tmp_path: Path) -> None:
    wrong = answer(beats=[{**answer()["beats"][0], "speaker": "Nobody"}])
    with FakeChatServer([{"text": json.dumps(wrong)}]) as server:
        values = [word for value in by(server) for word in ("--set", value)]
        done = learn(video, "--out", str(tmp_path / "x.yaml"), *values)
    said = " ".join(done.output.split())
    assert done.exit_code == 2 and "does not hold up" in said, said
    assert not (tmp_path / "x.yaml").exists()
