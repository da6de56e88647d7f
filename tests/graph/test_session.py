"""What is expensive is opened once: models over films and cuts, workers until one dies."""

from __future__ import annotations

import os
import signal
from concurrent.futures import BrokenExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from scripted_reviewer import by, held, put, reviewer, verdict
from tiny_films import TONES, tiny_plan, tiny_run
from weighty_voices import loads, weighty

from storyboard.cli.display import ConsoleDisplay
from storyboard.core import events
from storyboard.graph.session import Session
from storyboard.plan import Plan
from storyboard.profile import load_profile
from storyboard.review.bounds import Bounds
from storyboard.review.reviewed_film import make
from storyboard.stages.film import make_film
from storyboard.stages.render_request import RenderRequest


def quiet() -> ConsoleDisplay:
    return ConsoleDisplay(Console(quiet=True), quiet=True)


def test_three_cuts_of_a_review_load_each_model_once(tmp_path: Path) -> None:
    folder = tiny_run(tmp_path / "film", tiny_plan("A barista who can only speak in haiku", 1))
    lines = ["One more word.", "Two more words."]

    def opinion(plan: Plan, look: int) -> dict[str, Any]:
        return verdict(
            50 + 10 * look, *(held(put("/hook/line", line)) for line in lines[look:][:1])
        )

    with reviewer(folder, opinion) as server:
        profile = str(weighty(tmp_path, TONES))
        request = RenderRequest(directory=folder, profile=profile, overrides=by(server), jobs=1)
        done = make(request, quiet(), Bounds(max_rounds=3))
    assert done.history is not None
    assert [cut.number for cut in done.history.rounds] == [1, 2, 3]
    log = list(events.events_in(folder / "events.jsonl"))
    spoken = [e.step for e in log if isinstance(e, events.StepFinished) and not e.cached]
    assert spoken.count("speech/hook") == 3, spoken
    assert sorted(loads(tmp_path / "loads.txt")) == ["ear", "voice"]


def test_films_of_one_session_share_models_and_count_calls_apart(tmp_path: Path) -> None:
    profile = str(weighty(tmp_path, TONES))
    with Session() as session:
        for name in ("one", "two"):
            folder = tiny_run(tmp_path / name, tiny_plan(f"A cat called {name}", 1))
            request = RenderRequest(directory=folder, profile=profile, stages=("speech",), jobs=1)
            make_film(request, quiet(), session=session)
        loaded = load_profile(profile)
        with session.backends(loaded) as one, session.backends(loaded) as two:
            assert one.speech is two.speech
            assert one.meter is not two.meter
    assert sorted(loads(tmp_path / "loads.txt")) == ["ear", "voice"]


def test_of_many_profiles_only_the_last_two_stay_loaded(tmp_path: Path) -> None:
    profiles = [load_profile("embedded", [f"limits.max_calls={n}"]) for n in range(3)]
    with Session() as session, ExitStack() as held:
        first = held.enter_context(session.backends(profiles[0])).speech
        for profile in profiles[1:]:
            with session.backends(profile):
                pass
        with session.backends(profiles[0]) as used:
            assert used.speech is first, "a film still uses it"
        held.close()
        for profile in profiles[1:]:
            with session.backends(profile):
                pass
        with session.backends(profiles[0]) as again:
            assert again.speech is not first


def test_workers_are_kept_until_a_run_of_theirs_fails() -> None:
    profile = load_profile("embedded")
    with Session() as session:
        with session.workers(profile, 2) as pool:
            assert pool is not None
            pid = pool.submit(os.getpid).result(60)
            with session.workers(profile, 2) as beside:
                assert beside is not pool, "two runs at once have workers of their own"
        with session.workers(profile, 2) as again:
            assert again is pool
        with pytest.raises(BrokenExecutor), session.workers(profile, 2) as broken:
            assert broken is pool
            os.kill(pid, signal.SIGKILL)
            broken.submit(os.getpid).result(60)
        with session.workers(profile, 2) as fresh:
            assert fresh is not pool
