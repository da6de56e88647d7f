"""What once cost days, each looked for in the final file and nowhere else.

Numbers are those of the list of pitfalls that this project grew from.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from fake_worker import FakeRunner, fake_worker, runner_of
from faked_card import HERE, FakedCard
from ports import free_port
from rich.console import Console
from tiny_films import TONES, tiny_plan, tiny_run
from tones import TonesTranscription

from renderers.audio_file import decode_mono
from renderers.base import Word
from renderers.probe import probe
from storyboard.cli.display import ConsoleDisplay
from storyboard.core.files import read_json
from storyboard.plan import NARRATOR, Plan, Voice
from storyboard.plan.timeline import Segment, Timeline, lay_out, segment_plans
from storyboard.stages.film import Film, make_film
from storyboard.stages.render_request import RenderRequest
from storyboard.stages.speech import speech_name

IDEA = "A barista who can only speak in haiku"
RATE = 16_000
LONG = (
    "She counted every single syllable on her fingers while the queue behind me grew and grew "
    "until it reached the street, and then she smiled and whispered: we are out of oat milk."
)
"""More than eight seconds, with its point at the very end."""
EFFECT_HZ = 420.0
"""What the fake image-to-video model hums into every clip."""


@dataclass(frozen=True)
class Seen:
    """A finished film, by its final file."""

    film: Film
    sound: np.ndarray[Any, np.dtype[np.float32]]
    words: tuple[Word, ...]
    workers: dict[str, FakeRunner]

    @property
    def path(self) -> Path:
        return self.film.folder.film

    @property
    def timeline(self) -> Timeline:
        folder, parts = self.film.folder.path, segment_plans(self.film.plan)
        spoken = {
            part.index: read_json(
                folder / "audio" / f"{speech_name(part.index, part.slug).partition('/')[2]}.json"
            )["seconds"]
            for part in parts
            if part.line
        }
        return lay_out(parts, spoken)

    def segment(self, index: int) -> Segment:
        return self.timeline.segment(index)

    def heard(self, index: int) -> list[Word]:
        """The words that sound while a beat is seen."""
        segment = self.segment(index)
        end = segment.start + segment.seconds
        return [w for w in self.words if segment.start - 0.05 <= w.start and w.end <= end + 0.05]

    def said(self, index: int) -> str:
        return " ".join(word.text for word in self.heard(index))

    def hum(self, index: int) -> float:
        """Loudness of the model's own sound in a beat: power at its pitch, 0 when silent."""
        segment = self.segment(index)
        first, last = (round(t * RATE) for t in (segment.start, segment.start + segment.seconds))
        piece = self.sound[first:last] * np.hanning(last - first)
        power = np.abs(np.fft.rfft(piece)) ** 2 / len(piece)
        pitch = np.fft.rfftfreq(len(piece), 1 / RATE)
        return float(power[np.abs(pitch - EFFECT_HZ) < 15].sum())


def see(film: Film, workers: dict[str, FakeRunner] | None = None) -> Seen:
    path = film.folder.film
    words = TonesTranscription().transcribe(path, "en").words
    return Seen(film, decode_mono(path, RATE), words, workers or {})


def make(request: RenderRequest) -> Film:
    return make_film(request, ConsoleDisplay(Console(quiet=True), quiet=True))


def plan_of(*beats: dict[str, Any], **changes: Any) -> Plan:
    """A tiny plan whose beats are changed as told; no music, so that all that sounds is meant."""
    plan = tiny_plan(IDEA, len(beats))
    cast = {"lead": plan.cast[0].id, "narrator": NARRATOR}
    changed = []
    for beat, told in zip(plan.beats, beats, strict=True):
        silent: dict[str, Any] = {
            "speaker": None,
            "line": "",
            "reading": "",
            "sound_effect": None,
            "reactions": {},
        }
        given = {**silent, **told, "speaker": cast.get(told.get("speaker", ""))}
        changed.append(beat.model_copy(update={"cast": [plan.cast[0].id], **given}))
    music = plan.music.model_copy(update={"mood": "none"})
    return plan.model_copy(update={"beats": changed, "hook": None, "music": music, **changes})


WORKERS = {"a2v": "ltx2-a2v", "i2v": "ltx2-i2v", "ditto": "ditto"}
ROUTES = {"dialogue": "ditto", "drama": "a2v", "reaction": "a2v", "narration": "i2v",
          "silent": "i2v", "effect": "i2v"}  # fmt: skip


def profile_of(folder: Path, urls: dict[str, str]) -> str:
    text = [f'extends = "{TONES}"', "[video.routes]"]
    text += [f'{kind} = "{name}"' for kind, name in ROUTES.items()]
    for name, backend in WORKERS.items():
        text += [f"[video.{name}]", f'backend = "{backend}"', f'base_url = "{urls[name]}"']
    path = folder / "workers.toml"
    path.write_text("\n".join(text), encoding="utf-8")
    return str(path)


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    """A film by video workers in which every pitfall has its chance."""
    folder = tmp_path_factory.mktemp("film")
    plan = plan_of(
        {"speaker": "narrator", "line": "Nobody ever ordered a second espresso.", "duration": 0.5},
        {"speaker": "lead", "line": LONG, "expression": "angry", "duration": 0.5},
        {"speaker": "lead", "line": "Next.", "expression": "neutral", "duration": 0.5},
        {"duration": 1.5},
        {"duration": 1.5, "keep_audio": True},
    )
    with ExitStack() as running:
        servers = {k: running.enter_context(fake_worker(name)) for k, name in WORKERS.items()}
        profile = profile_of(folder, {k: server.url for k, server in servers.items()})
        film = make(
            RenderRequest(directory=tiny_run(folder / "run", plan), profile=profile, jobs=1)
        )
        yield see(film, {name: runner_of(server) for name, server in servers.items()})


def test_the_film_holds_up(seen: Seen) -> None:
    assert [c["message"] for c in seen.film.checks["checks"] if not c["ok"]] == []


def test_1_the_narrators_last_syllable_is_not_cut(seen: Seen) -> None:
    beat, segment = seen.film.plan.beat(1), seen.segment(1)
    assert seen.said(1) == beat.line
    # The clip is as long as the measured line and its pause, not as long as planned.
    silence = segment.start + segment.seconds - seen.heard(1)[-1].end
    assert beat.pause == 0.6
    assert 0.6 - 0.05 <= silence <= 0.6 + 2 / 12 + 0.05


def test_2_no_cap_cuts_the_punchline(seen: Seen) -> None:
    segment, last = seen.segment(2), seen.heard(2)[-1]
    assert segment.seconds > 8
    assert last.end - segment.start > 8
    assert seen.said(2) == LONG
    # And the picture goes on as long as the sound does.
    streams = probe(seen.path)
    assert streams.seconds == pytest.approx(seen.timeline.seconds, abs=1 / 12)
    assert len(seen.sound) / RATE == pytest.approx(seen.timeline.seconds, abs=1 / 12)


def test_5_a_models_own_sound_is_heard_only_where_it_is_wanted(seen: Seen) -> None:
    # It is in the clips of all three, or dropping it would prove nothing.
    i2v = seen.workers["i2v"]
    assert (i2v.sound, len(i2v.jobs)) == ("hum", 3)
    wanted = seen.hum(5)
    assert wanted > 0.01
    assert seen.hum(4) < wanted / 1000
    assert seen.said(1) == seen.film.plan.beat(1).line


def test_6_models_that_listen_get_stereo_as_long_as_their_frames(seen: Seen) -> None:
    # The fakes refuse mono and short sound as the models do; none was sent.
    assert {name: runner.refused for name, runner in seen.workers.items()} == {
        "a2v": [],
        "i2v": [],
        "ditto": [],
    }
    assert seen.workers["a2v"].jobs
    assert seen.workers["ditto"].jobs
    # What is heard is the clean take: word for word, in its place.
    for index in (2, 3):
        assert seen.said(index) == seen.film.plan.beat(index).line


def test_12_of_takes_that_vary_the_whole_one_is_in_the_film(tmp_path: Path) -> None:
    plan = plan_of({"speaker": "lead", "line": "We are all out of oat milk today."})
    film = make(speaking(tmp_path, plan, "stammering"))
    take = read_json(next((film.folder.path / "audio").glob("beat_01*.json")))
    first, second, third = take["attempts"]
    assert first["similarity"] < 0.5
    assert second["longest_gap"] > 0.9
    assert third["faults"] == []
    seen = see(film)
    assert seen.said(1) == plan.beats[0].line
    assert max(b.start - a.end for a, b in pairwise(seen.words)) < 0.9
    assert [c["message"] for c in film.checks["checks"] if not c["ok"]] == []


def test_12_when_no_take_is_whole_the_final_file_is_found_wanting(tmp_path: Path) -> None:
    plan = plan_of({"speaker": "lead", "line": "We are all out of oat milk"})
    film = make(speaking(tmp_path, plan, "swallowing"))
    failed = [check for check in film.checks["checks"] if not check["ok"]]
    assert {check["beat"] for check in failed} == {1}
    assert any("last words of its line are not heard" in check["message"] for check in failed)


def speaking(folder: Path, plan: Plan, voice: str) -> RenderRequest:
    run = tiny_run(folder / "run", plan)
    return RenderRequest(
        directory=run, profile=str(TONES), overrides=(f"speech.backend={voice}",), jobs=1
    )


def test_13_only_our_own_servers_are_ended(tmp_path: Path) -> None:
    """A neighbour with the very command line of ours, but for its port, lives through it all."""
    card = FakedCard(tmp_path)
    card.write()
    tiny_run(card.run, plan_of({"duration": 0.5}))
    launch = [sys.executable, str(HERE / "weighed.py"), str(free_port()), "images"]
    launch += ["--ledger", str(tmp_path / "other"), "--total", "96", "--idle", "16"]
    launch += ["--peak", "33", "--", str(HERE / "serve_engine.py"), "{port}"]
    neighbour = subprocess.Popen(launch, env=card.environment, start_new_session=True)
    try:
        code, said = card.finish()
        assert code == 0, said
        assert probe(card.run / "final.mp4").seconds > 0.5
        assert "images" in {booking.name for booking in card.ledger.history()}
        assert card.servers() == []
        assert neighbour.poll() is None
    finally:
        # With the server that it started itself.
        os.killpg(neighbour.pid, signal.SIGKILL)
        neighbour.wait(timeout=60)


def test_15_voices_of_one_family_are_never_resident_together(tmp_path: Path) -> None:
    """A preset, a clone and a design, three checkpoints of one family, in one film."""
    card = FakedCard(tmp_path)
    card.write(speech=[str(HERE / "serve_voices.py"), "vllm-omni", "{port}", "CustomVoice"])
    card.run.mkdir(parents=True, exist_ok=True)
    recording = card.run / "ida.wav"
    soundfile.write(recording, np.zeros(24_000, dtype=np.float32), 24_000)
    plan = plan_of(
        {"speaker": "lead", "line": "I ordered tea.", "duration": 0.5},
        {"speaker": "narrator", "line": "He never ordered tea.", "duration": 0.5},
        {"speaker": "lead", "line": "I did.", "duration": 0.5},
    )
    clone = {"kind": "clone", "reference_audio": str(recording), "reference_text": "Good morning."}
    first, second = plan.cast[:2]
    cast = [first, second.model_copy(update={"voice": Voice(**clone, consent="Ida, by letter")})]
    beats = [*plan.beats]
    beats[2] = beats[2].model_copy(update={"speaker": second.id, "cast": [second.id]})
    narrator = Voice(kind="design", description="an old, warm, amused voice")
    plan = plan.model_copy(update={"cast": cast, "beats": beats, "narrator": narrator})
    tiny_run(card.run, plan)
    family = {"speech", "voices-clone", "voices-design"}
    sets = ["speech.dialect=vllm-omni", "services.speech.family=qwen3-tts"]
    code, said = card.finish(*(word for value in sets for word in ("--set", value)))
    assert code == 0, said
    history = card.ledger.history()
    assert family <= {booking.name for booking in history}
    assert all(len(family & set(booking.residents)) <= 1 for booking in history)
    words = " ".join(
        w.text for w in TonesTranscription().transcribe(card.run / "final.mp4", "en").words
    )
    assert words == "I ordered tea. He never ordered tea. I did."
