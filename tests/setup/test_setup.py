"""`storyboard setup` as a user runs it: from an empty home to a film, whatever breaks in between."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fake_hub import TOKEN, FakeHub, Repository
from faked_card import HERE, SERVERS, FakedCard
from tiny_films import TONES, tiny_plan, tiny_run
from typer.testing import CliRunner

from storyboard.cli import app
from storyboard.profile import load_profile
from storyboard.setup.smoke_test import try_voice
from storyboard.setup.survey import services_of

IDEA = "A barista who can only speak in haiku"
WEIGHTS = bytes(range(256)) * 800
"""200 kB: in LFS, and half a second on a slow line."""
STORES = {
    "planner": "gemma-4-31b",
    "images": "hidream-o1",
    "speech": "kokoro",
    "voices-clone": "qwen3-tts-base",
    "voices-design": "qwen3-tts-design",
    "ditto": "ditto-talkinghead",
    "a2v": "ltx-2-3",
    "i2v": "gemma-3-12b",
}


class Bare:
    """A machine with an empty home, a hub, an index, and the large profile made of fakes."""

    def __init__(self, folder: Path, hub: FakeHub) -> None:
        self.folder, self.hub = folder, hub
        self.card = FakedCard(folder)
        (folder / "home").mkdir()
        self._write()

    @property
    def environment(self) -> dict[str, str]:
        given = {
            **self.card.environment,
            "HOME": str(self.folder / "home"),
            "XDG_DATA_HOME": str(self.folder / "home" / "data"),
            "HF_ENDPOINT": self.hub.url,
            "PIP_INDEX_URL": self.hub.index,
            "UV_DEFAULT_INDEX": self.hub.index,
            "PIP_CONFIG_FILE": os.devnull,
            "UV_NO_CONFIG": "1",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            # A company's proxy knows no way to this machine.
            "http_proxy": "http://127.0.0.1:9",
        }
        for name in ("PIP_FIND_LINKS", "UV_FIND_LINKS", "UV_INDEX_URL", "HF_HOME", "no_proxy"):
            given.pop(name, None)
        return given

    def _write(self) -> None:
        """The profile: each service with an environment and weights of its own, all of them tiny."""
        self.card.write()
        base = self.folder / "base.toml"
        self.card.profile.rename(base)
        launches = load_profile(str(base)).services
        text = ['extends = "./base.toml"']
        for name, weights in STORES.items():
            environment = "kokoro-fastapi" if name == "speech" else "vllm"
            # The program of the environment, where the profile of fakes has this Python.
            launch = ["fake-server", *launches[name].launch[1:]]
            text += [
                f"[services.{name}]",
                f"launch = {json.dumps(launch)}",
                f'environment = "{environment}"',
                f'weights = ["{weights}"]',
            ]
            repository = f"org/{weights}"
            self.hub.repositories[repository] = Repository({"w.bin": WEIGHTS, "c.json": b"{}"})
            text += [
                f"[weights.{weights}]",
                f'repository = "{repository}"',
                f'folder = "~/models/{weights}"',
                "gib = 0.001",
                'licence = "MIT"',
                f'page = "https://example.org/{weights}"',
            ]
        for environment in ("vllm", "kokoro-fastapi"):
            text += [f"[environments.{environment}]", 'requirements = ["fake-server==1.0"]']
        self.card.profile.write_text("\n".join(text), encoding="utf-8")
        script = f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n'
        self.hub.add_wheel("fake-server", {"fake-server": script})

    def begin(self, *words: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "storyboard.cli", *words]
        return subprocess.Popen(
            [*command, "--profile", str(self.card.profile)],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def end(self, *words: str) -> tuple[int, str]:
        with self.begin(*words) as process:
            said, _ = process.communicate(timeout=240)
        return process.returncode, said

    def is_in_the_middle_of_a_file(self) -> bool:
        halves = (self.folder / "home" / "models").rglob("*.incomplete")
        return any(half.stat().st_size > len(WEIGHTS) // 4 for half in halves if half.is_file())

    def killed_when(self, there: Callable[[], bool]) -> None:
        """A setup that `kill -9` ends, installer and all, as soon as `there` says so."""
        with self.begin("setup", "--yes") as process:
            end = time.monotonic() + 90
            while not there() and process.poll() is None and time.monotonic() < end:
                time.sleep(0.02)
            assert process.poll() is None, process.communicate()[0]
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Bare]:
    with FakeHub() as hub:
        yield Bare(tmp_path, hub)


@pytest.mark.slow
def test_from_an_empty_home_over_two_kills_to_a_green_doctor_and_a_film(bare: Bare) -> None:
    code, said = bare.end("doctor")
    assert code == 1 and "lacks environment vllm, weights gemma-4-31b" in said
    hub = bare.hub
    bare.killed_when(lambda: bool(hub.asked("/simple/fake-server")))
    assert "the rest of environment" in bare.end("doctor")[1]
    hub.bytes_a_second = 100_000
    bare.killed_when(bare.is_in_the_middle_of_a_file)
    assert "the rest of weights" in bare.end("doctor")[1]
    hub.bytes_a_second = None
    code, said = bare.end("setup", "--yes")
    assert code == 0, said
    ranges = [a.headers["range"] for a in hub.asked("/content/") if "range" in a.headers]
    assert any(not r.startswith("bytes=0-") for r in ranges), "nothing was gone on with"
    for name in SERVERS:
        assert f"✓ {name}: started, answered, stopped" in said
    # Measured on the simulated card while it was awake.
    assert re.search(r"✓ planner: started, answered, stopped in \d+ s, 38\.0 GiB of the card", said)
    assert f"ready: python -m storyboard.run --profile {bare.card.profile}" in said
    assert not bare.card.servers()
    code, said = bare.end("doctor")
    assert code == 0, said
    assert "✗" not in said and "Nothing is missing" in said
    # Once more: nothing is fetched, made or asked of the hub.
    hub.log.clear()
    code, said = bare.end("setup", "--yes", "--only", "speech")
    assert code == 0 and "Nothing is to be fetched." in said and not hub.log
    tiny_run(bare.card.run, tiny_plan(IDEA, 1, hook=None))
    done = subprocess.run(
        bare.card.command(), env=bare.environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert list(bare.card.run.glob("*.mp4")) or list(bare.card.run.rglob("film*.mp4"))
    assert {b.name for b in bare.card.ledger.history()} >= {"images", "speech"}


def test_a_dry_run_says_everything_and_touches_nothing(bare: Bare) -> None:
    gated = bare.hub.repositories["org/gemma-3-12b"]
    gated.gated = True
    code, said = bare.end("setup", "--dry-run", "--json")
    assert code == 0, said
    told = json.loads(said)
    assert told["services"] == list(SERVERS)
    assert {w["bytes"] for w in told["weights"] if w["exact"]} == {len(WEIGHTS) + 2}
    (refused,) = (w for w in told["weights"] if w["fault"])
    assert refused["name"] == "gemma-3-12b" and "hf auth login" in refused["fault"]
    assert {e["name"]: e["state"] for e in told["environments"]} == {
        "vllm": "absent",
        "kokoro-fastapi": "absent",
    }
    assert told["rate"] > 0 and told["disks"][0]["fits"]
    assert not list((bare.folder / "home").iterdir())
    code, said = bare.end("setup", "--dry-run")
    for what in ("planner", "gemma-4-31b", "https://example.org/kokoro", "To fetch:", "free at"):
        assert what in said


def test_only_one_service_is_set_up_and_a_gated_one_is_told_at_the_end(bare: Bare) -> None:
    bare.hub.repositories["org/kokoro"].gated = True
    code, said = bare.end("setup", "--yes", "--only", "speech")
    assert code == 1
    assert "org/kokoro is handed only to who has accepted its licence" in said
    assert "speech: not tried" in said
    assert f"To go on: storyboard setup --profile {bare.card.profile} --only speech" in said
    assert not bare.hub.asked("/gemma")
    assert TOKEN not in said


def test_without_anybody_to_say_yes_nothing_is_fetched(bare: Bare) -> None:
    command = [sys.executable, "-m", "storyboard.cli", "setup", "--profile", str(bare.card.profile)]
    done = subprocess.run(
        command,
        env=bare.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2 and "add --yes" in done.stderr
    assert not bare.hub.asked("/content/w.bin")


def test_a_cache_elsewhere_is_remembered(bare: Bare) -> None:
    elsewhere = bare.folder / "large disk"
    code, said = bare.end("setup", "--yes", "--only", "speech", "--cache", str(elsewhere))
    assert code == 0, said
    assert (elsewhere / "kokoro" / "w.bin").read_bytes() == WEIGHTS
    assert not (bare.folder / "home" / "models").exists()
    assert "lacks" not in next(
        line for line in bare.end("doctor")[1].splitlines() if "services.speech" in line
    )


def test_a_service_that_does_not_answer_is_told_by_its_last_words(bare: Bare) -> None:
    text = bare.card.profile.read_text()
    broken = json.dumps(["fake-server", "-c", "raise SystemExit('no kernel image for this card')"])
    text = re.sub(r"(\[services\.speech\]\n)launch = .*", rf"\1launch = {broken}", text)
    bare.card.profile.write_text(text)
    code, said = bare.end("setup", "--yes", "--only", "speech")
    assert code == 1
    assert "✗ speech:" in said and "no kernel image for this card" in said


@pytest.mark.parametrize("card", [False, True])
def test_voice_and_ear_are_tried_together_where_neither_is_a_service(card: bool) -> None:
    """A service was stopped again after its own trial; what loads on the card needs a lease."""
    ear = ["transcription.backend=deaf", "transcription.service=ear"]
    ear += ["services.ear.dialect=in-process", 'services.ear.serves=["speech"]']
    ear += ["services.ear.peak_gib=1", 'services.ear.release=["unload"]']
    tried = try_voice(load_profile(str(TONES), ear if card else []))
    assert not tried.fault
    assert ("spoke" in tried.what) is not card


def test_profiles_are_listed_with_their_sizes() -> None:
    said = CliRunner().invoke(app, ["setup", "--list"], env={"COLUMNS": "200"})
    assert said.exit_code == 0
    for name in ("first-film", "laptop", "rtx4090-24gb", "rtx6000-96gb"):
        assert re.search(rf"{name} +~\d+\.\d GB", said.output)
    assert CliRunner().invoke(app, ["setup"]).exit_code == 2


def test_the_first_film_takes_the_least_of_the_large_ones() -> None:
    first = services_of(load_profile("first-film"))
    assert first == ("planner", "images", "a2v", "i2v")
    assert set(first) < set(services_of(load_profile("rtx6000-96gb")))


def test_the_fakes_are_those_of_the_large_profile() -> None:
    assert services_of(load_profile("rtx6000-96gb")) == tuple(SERVERS)
    assert HERE.is_dir()


@pytest.mark.slow
def test_a_film_of_the_first_profile_needs_no_service_that_it_leaves_out(tmp_path: Path) -> None:
    card = FakedCard(tmp_path)
    card.write()
    text = card.profile.read_text().replace('extends = "rtx6000-96gb"', 'extends = "first-film"')
    # Its voices and its ear are the packaged ones.
    for section in ("speech", "speech.clone", "speech.design", "video.ditto", "transcription"):
        text = re.sub(rf"\[{re.escape(section)}\]\n.*\n", "", text)
    card.profile.write_text(text)
    plan = tiny_plan(IDEA, 1, hook=None)
    said = {"speaker": plan.cast[0].id, "cast": [plan.cast[0].id], "line": "Oat milk for you?"}
    said |= {"expression": "neutral", "reactions": {}, "sound_effect": None, "transition": "cut"}
    tiny_run(card.run, plan.model_copy(update={"beats": [plan.beats[0].model_copy(update=said)]}))
    code, output = card.finish()
    assert code == 0, output
    booked = {booking.name for booking in card.ledger.history()}
    assert booked <= {"planner", "images", "a2v", "i2v"} and {"images", "a2v"} <= booked
