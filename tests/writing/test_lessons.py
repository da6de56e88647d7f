"""A film about somebody who learns Japanese has Japanese in it, and says which word was wrong."""

from __future__ import annotations

import re

import pytest

from storyboard.plan.format_files import load_format
from storyboard.plan.languages import plain, spans_of
from storyboard.plan.records import Plan
from storyboard.writing.offline.commands import taught
from storyboard.writing.offline.draft import write_plan
from storyboard.writing.offline.fitting import fitting_format

MISHAP = load_format("language_mishap")
LESSONS = (
    "A tourist practises Japanese in Kyoto",
    "My first Japanese lesson goes wrong",
    "An accountant learns to speak Japanese for his boss",
    "She tries to order sushi in Japanese",
    "英会話教室に通うおばあさん",
    "父が英語の勉強を始めた",
)
NONE = (
    "A Japanese exchange student moves in with a ghost",
    "A robot that only speaks Japanese joins a book club",
    "My Japanese knife is afraid of onions",
    "英語の歌しか歌わない猫",
)


def languages(line: str, plan: Plan) -> set[str]:
    return {span.language for span in spans_of(line, plan.language)}


@pytest.mark.parametrize("idea", LESSONS)
def test_who_learns_a_language_speaks_it(idea: str) -> None:
    assert fitting_format(idea) == "language_mishap"
    plan = write_plan(idea, MISHAP)
    learned = "en" if plan.language == "ja" else "ja"
    for beat in plan.beats:
        if beat.speaker == "learner":
            assert learned in languages(beat.line, plan), beat.line
        elif beat.speaker == "tutor":
            assert languages(beat.line, plan) == {plan.language}, beat.line


@pytest.mark.parametrize("idea", NONE)
def test_a_language_that_nobody_learns_makes_no_lesson(idea: str) -> None:
    assert fitting_format(idea) != "language_mishap"
    assert not any(taught(idea, language) for language in ("en", "ja"))


def test_another_seed_is_another_lesson() -> None:
    plans = [write_plan(LESSONS[0], MISHAP, seed=seed) for seed in range(8)]
    assert len({plan.beats[0].setting + plan.beats[1].line for plan in plans}) == 8


def test_the_word_that_was_meant_is_said_at_the_end_and_only_there() -> None:
    lessons = [thread for thread in MISHAP.threads if "lesson" in thread.suits]
    assert {thread.language for thread in lessons} == {"en", "ja"}
    for thread in lessons:
        learned = "en" if thread.language == "ja" else "ja"
        said = [[_words(line.text, learned) for line in beat.lines] for beat in thread.beats]
        meant: set[str] = set.intersection(*said[-1])
        assert meant, thread.id
        earlier = {word for beat in said[:-1] for line in beat for word in line}
        assert not meant & earlier, thread.id


def _words(line: str, learned: str) -> set[str]:
    other = "ja" if learned == "en" else "en"
    spans = (span for span in spans_of(line, other) if span.language == learned)
    return {word for span in spans for word in re.split(r"[。！!…、,.\s]+", span.text) if word}


def test_a_lesson_fits_the_lines_of_its_format() -> None:
    for thread in MISHAP.threads:
        if "lesson" in thread.suits:
            for beat, spec in zip(thread.beats, MISHAP.beats, strict=True):
                for line in beat.lines:
                    said = plain(line.text.replace("{name}", "Francesca"))
                    assert len(said) <= spec.most(thread.language), line.text
