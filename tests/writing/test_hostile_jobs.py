"""Planner, judge and reviewer before servers that break HTTP, their stream or their JSON.

Each job ends in something whole or in an error of ours that says something, tells no key, and
comes in time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hostile_answers import BROKEN, KEY, SOUND
from raw_server import RawServer
from test_misbehaving import SECONDS, plan_by
from tiny_films import colour_clip

from renderers.base import ReviewRequest
from renderers.chat.openai import OpenAIChat
from renderers.errors import RendererError
from renderers.review.openai import OpenAIReview
from storyboard.core.errors import StoryboardError
from storyboard.judge.asking import Case, ask
from storyboard.judge.labelled_set import load_labels, shipped
from storyboard.review.models import read_opinion

pytestmark = pytest.mark.slow
ANSWERS: dict[str, Callable[[], Iterable[bytes]]] = {
    **{name: pieces for name, (pieces, _, _) in BROKEN.items()},
    **{name: (lambda told=told: told) for name, told in SOUND.items()},
}


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return colour_clip(tmp_path_factory.mktemp("film") / "red.mp4", "red", 12)


def judge(chat: OpenAIChat) -> None:
    label = load_labels(shipped())[0]
    case = Case(shipped() / label.picture, label.brief)
    verdict = ask(case, case.brief.checks(), chat)
    assert all(found.verdict == "unsure" for found in verdict.checks), "a line is no verdict"
    assert verdict.note and KEY not in verdict.note


JOBS = {"script": plan_by("script"), "lines": plan_by("lines"), "judge": judge}


@pytest.mark.parametrize("job", JOBS)
@pytest.mark.parametrize("answer", ANSWERS)
def test_a_job_ends_whole_or_in_an_error_that_says_why(answer: str, job: str) -> None:
    started = time.monotonic()
    with RawServer(ANSWERS[answer]) as server:
        chat = OpenAIChat(server.url, "fake", api_key=KEY, retries=0, attempts=1, timeout_s=3)
        try:
            JOBS[job](chat)
        except (StoryboardError, RendererError) as error:
            assert str(error).strip() and KEY not in str(error)
        finally:
            chat.close()
    assert time.monotonic() - started < SECONDS


@pytest.mark.parametrize("answer", ANSWERS)
def test_a_review_ends_in_an_outcome_or_in_an_error_that_says_why(answer: str, film: Path) -> None:
    started = time.monotonic()
    request = ReviewRequest(film, "You review.", "What is wrong?", {"type": "object"})
    with RawServer(ANSWERS[answer]) as server:
        backend = OpenAIReview(
            server.url, "fake", KEY, timeout_s=3, frames=1, attempts=1, retries=0
        )
        try:
            result = backend.watch(request)
            said = read_opinion("model", result)
            assert said.findings == () and said.score is None, "a line is no review"
            assert KEY not in f"{result.reason} {said}"
        except RendererError as error:
            assert str(error).strip() and KEY not in str(error)
        finally:
            backend.close()
    assert time.monotonic() - started < SECONDS
