"""Models that work in the run itself: counted on the card, leased and released like a server."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from simulated_card import SimulatedCard, VirtualClock
from tones import TonesSpeech

from renderers.base import SpeechRequest, VoiceSpec
from storyboard.gpu.broker import Broker, DoesNotFit, EvictionTerms
from storyboard.gpu.events import CardEvent, Granted
from storyboard.gpu.forecast import card_forecast, workers
from storyboard.gpu.peaks import PeakBook
from storyboard.gpu.services.manager import ServiceManager
from storyboard.profile import Profile, ProfileError, in_process, load_profile
from storyboard.profile.backends import Backends

PACKAGES = Path(__file__).parents[1] / "fakes/voice_packages"
TEXT = """
extends = "embedded"
gpu.budget_gib = 8
[alignment]
backend = "qwen-aligner"
service = "aligner"
options = {{ device = "{device}" }}
[services.aligner]
dialect = "in-process"
idle_gib = 2
peak_gib = 3
serves = ["speech"]
release = ["unload"]
"""


def profile_on(folder: Path, device: str = "cuda", more: str = "") -> Profile:
    path = folder / "aligned.toml"
    path.write_text(TEXT.format(device=device) + more, encoding="utf-8")
    return load_profile(str(path))


@pytest.fixture
def qwen(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    pytest.importorskip("torch")
    monkeypatch.syspath_prepend(str(PACKAGES))
    import qwen_asr

    yield qwen_asr
    del sys.modules["qwen_asr"]


def test_an_aligner_on_the_card_is_forecast_with_the_voices(tmp_path: Path) -> None:
    profile = profile_on(tmp_path)
    assert workers(profile, "speech") == ("aligner",)
    (speech,) = (
        residency for residency in card_forecast(profile).residencies if residency.residents
    )
    assert speech.sum() == "aligner 3 = 3 GiB"
    assert not card_forecast(profile, budget_gib=3).fits
    big = load_profile(
        "rtx6000-96gb",
        [
            "alignment.backend=qwen-aligner",
            "alignment.service=aligner",
            "alignment.options.device=cuda",
        ],
    )
    assert "aligner" in workers(big, "speech")


def test_it_is_leased_let_go_and_loaded_again(tmp_path: Path, qwen: Any) -> None:
    profile, clock = profile_on(tmp_path), VirtualClock()
    card, me = SimulatedCard(24.0, clock), os.getpid()
    book, said = PeakBook(tmp_path / "peaks.json", "simulated card"), list[CardEvent]()
    line = TonesSpeech().render(SpeechRequest("Two coffees", "en", VoiceSpec()), tmp_path / "a.wav")
    with ServiceManager(profile, tmp_path / "state") as manager, Backends(profile) as backends:
        broker = Broker(
            profile,
            card,
            manager,
            terms=EvictionTerms(clock=clock, sample_every_s=0),
            emit=said.append,
            book=book,
        )
        # What CUDA keeps for a process outlives the model.
        freed = in_process.holding(profile.instance_name, "aligner", lambda: card.hold(me, 0.4))
        with freed:
            for _ in range(3):
                with broker.lease("speech", ("aligner",)) as lease:
                    assert manager.state("aligner") == "awake"
                    assert backends.alignment is not None
                    backends.alignment.align(line.path, "Two coffees", "en")
                    card.hold(me, 3.5, "python")
                    lease.sample()
                    card.hold(me, 2.0, "python")
                assert manager.state("aligner") == "asleep"
    # One load a lease, on the profile's card: each lease ended with the model dropped.
    loads = [given for name, given in qwen.CALLS if name == "load"]
    assert [given["device_map"] for given in loads] == ["cuda:0"] * 3
    granted = [event for event in said if isinstance(event, Granted)]
    assert [(g.external_gib, g.external) for g in granted] == [(0.0, [])] * 3
    assert book.scale(profile)("aligner", "").peak == 3.5


def test_it_waits_for_its_room_like_a_server(tmp_path: Path) -> None:
    profile, clock = profile_on(tmp_path), VirtualClock()
    card = SimulatedCard(8.0, clock)
    card.hold(4242, 6.0, "blender")
    with ServiceManager(profile, tmp_path / "state") as manager:
        broker = Broker(
            profile, card, manager, terms=EvictionTerms(clock=clock, patience_s=5, sample_every_s=0)
        )
        refused = pytest.raises(DoesNotFit, match=r"aligner 3 = 3 GiB.*blender")
        with refused, broker.lease("speech", ("aligner",)):
            raise AssertionError


def test_two_models_of_one_process_are_counted_once(tmp_path: Path) -> None:
    more = """
[transcription]
backend = "faster-whisper"
service = "ear"
[services.ear]
dialect = "in-process"
peak_gib = 3
serves = ["speech"]
release = ["unload"]
"""
    profile, clock = profile_on(tmp_path, more=more), VirtualClock()
    card = SimulatedCard(8.0, clock)
    with ServiceManager(profile, tmp_path / "state") as manager:
        broker = Broker(profile, card, manager, terms=EvictionTerms(clock=clock, sample_every_s=0))
        with broker.lease("speech") as lease:
            card.hold(os.getpid(), 5.0, "python")
            lease.sample()
        assert lease.measured_gib == 5.0


@pytest.mark.parametrize(
    ("device", "more", "message"),
    [
        ("cuda:1", "", 'the profile\'s card is gpu.device = 0: write "cuda"'),
        ("cuda", '[speech]\nbackend = "qwen-tts"', r"speech.service: on the card \(cuda\)"),
        ("cuda", '[chat]\nbackend="openai"\nbase_url="http://h/v1"\nservice="aligner"', "base_url"),
    ],
)
def test_what_would_not_be_counted_is_refused(
    tmp_path: Path, device: str, more: str, message: str
) -> None:
    with pytest.raises(ProfileError, match=message):
        profile_on(tmp_path, device, more)


def test_a_model_of_the_run_has_no_address_and_a_server_needs_one(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match=r"services.aligner: health is missing"):
        load_profile(str(rewritten(profile_on, tmp_path, '"in-process"', '"ollama"')))
    with pytest.raises(ProfileError, match="no launch, no health"):
        load_profile(str(rewritten(profile_on, tmp_path, "idle_gib = 2", 'launch = ["a"]')))


def rewritten(write: Any, folder: Path, old: str, new: str) -> Path:
    write(folder)
    path = folder / "aligned.toml"
    path.write_text(path.read_text().replace(old, new))
    return path
