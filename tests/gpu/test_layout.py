"""The whole measured layout: every server a fake of its dialect, the card simulated."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
from ports import free_port
from simulated_card import Shadowed, SimulatedCard

from storyboard.core.events import EventLog
from storyboard.gpu.broker import Broker, EvictionTerms
from storyboard.gpu.card_session import open_broker
from storyboard.gpu.forecast import profile_scale
from storyboard.gpu.log import log_to, trace
from storyboard.gpu.services import operations
from storyboard.gpu.services.manager import ServiceManager
from storyboard.profile import CardStage, Profile, load_profile

FAKES = Path(__file__).parents[1] / "fakes"
VOICES = {"voices-clone": "Base", "voices-design": "VoiceDesign"}
"""Checkpoints of the speech servers, which are asked for a word when they wake."""
USED = (
    "planner",
    "images",
    "speech",
    "voices-clone",
    "voices-design",
    "ditto",
    "a2v",
    "i2v",
)


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    """`rtx6000-96gb` with every server replaced by a fake on a free port."""
    original = load_profile("rtx6000-96gb")
    text = ['extends = "rtx6000-96gb"']
    for name in USED:
        service = original.services[name]
        port = free_port()
        launch = ["python", str(FAKES / "fake_servers.py"), service.dialect, str(port)]
        if name in VOICES:
            speaks = str(FAKES / "serve_voices.py")
            launch = ["python", speaks, service.dialect, str(port), VOICES[name]]
        text += [
            f"[services.{name}]",
            f"launch = {launch!r}",
            f'health = "http://127.0.0.1:{port}/health"',
            'cwd = ""',
            # Fakes sleep in no memory, and the machine may have little.
            "ram_gib = 0",
        ]
    path = tmp_path / "faked.toml"
    path.write_text("\n".join(text), encoding="utf-8")
    return load_profile(str(path))


def test_a_run_through_all_stages_never_exceeds_the_card(profile: Profile, tmp_path: Path) -> None:
    card, scale = SimulatedCard(96.0), profile_scale(profile)
    log = EventLog(tmp_path / "events.jsonl")
    stages: tuple[CardStage, ...] = ("plan", "images", "finals", "speech", "dialogue", "clips")
    with ServiceManager(profile, tmp_path / "state", backoff_s=0.01) as manager:
        services = Shadowed(manager, card, scale)
        broker = Broker(
            profile, card, services, terms=EvictionTerms(sample_every_s=0.0), emit=log_to(log)
        )
        states: list[dict[str, str]] = []
        for stage in stages:
            for residency in broker.residencies(stage):
                with broker.lease(stage, residency.working) as lease:
                    if stage == "finals":
                        os.kill(min(services.owners()["images"]), signal.SIGKILL)
                        while manager.state("images") == "awake":
                            time.sleep(0.01)
                        lease.ensure("images")
                    for name in lease.services:
                        assert manager.state(name) == "awake"
                        services.work(name)
                        lease.sample()
                states.append({name: manager.state(name) for name in lease.services})
    # Slept or stopped when its stage ended, and all gone with the run.
    assert all(state in ("asleep", "stopped") for end in states for state in end.values())
    assert states[0] == {"planner": "asleep"}
    assert card.highest <= 96
    leases = trace(tmp_path)
    assert [lease.stage for lease in leases] == [
        "plan",
        "images",
        "finals",
        "speech (1 of 2)",
        "speech (2 of 2)",
        "dialogue",
        "clips",
    ]
    assert all(lease.measured_gib <= lease.predicted_gib for lease in leases)
    assert [(state.name, state.state) for state in operations.status(manager) if state.pid] == []


def test_a_profile_without_services_opens_a_broker_that_costs_nothing(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "events.jsonl")
    with (
        open_broker(load_profile("embedded"), log, state=tmp_path / "state") as broker,
        broker.lease("images") as lease,
    ):
        assert lease.services == ()
    assert not (tmp_path / "state").exists()
