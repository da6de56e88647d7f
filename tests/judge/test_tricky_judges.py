"""Judges that contradict themselves, answer another question, or answer with mischief."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fake_chat import FakeChatServer
from scripted_judge import PASS, fault

from renderers.chat.openai import OpenAIChat
from storyboard.judge.asking import INSTRUCTION, Case, ask
from storyboard.judge.labelled_set import load_labels, shipped
from storyboard.judge.verdict import EVIDENCE, Verdict, is_praise


@pytest.fixture(scope="module")
def case() -> Case:
    label = load_labels(shipped())[0]
    return Case(shipped() / label.picture, label.brief)


def judged(case: Case, **answers: Any) -> Verdict:
    """The verdict of a judge that passes all but these checks."""
    checks = case.brief.checks()
    told = {check.id: PASS for check in checks} | answers
    with FakeChatServer([{"text": json.dumps(told)}]) as server:
        chat = OpenAIChat(server.url, "fake", attempts=1)
        verdict = ask(case, checks, chat)
        chat.close()
    assert [found.id for found in verdict.checks] == [check.id for check in checks]
    return verdict


@pytest.mark.parametrize(
    "evidence",
    [
        "Her mouth is closed, as asked.",
        "One woman, who matches the reference.",
        "No problems.",
        "It looks fine.",
        "問題ありません。",
        "fail",
        "N/A",
    ],
)
def test_a_fail_of_what_is_well_is_no_verdict(case: Case, evidence: str) -> None:
    (found,) = judged(case, identity=fault("edit", "Redraw her", evidence)).of("hard", "unsure")
    assert (found.id, found.remedy, found.instruction) == ("identity", None, "")


@pytest.mark.parametrize(
    "evidence",
    [
        "Her mouth is not closed as asked.",
        "She matches the sheet, but wears a hat.",
        "Two women instead of one, as described.",
        "It isn't the woman of the reference.",
        "Her hair is brown where the sheet has grey.",
    ],
)
def test_a_fail_with_a_fault_stays_one(case: Case, evidence: str) -> None:
    (found,) = judged(case, identity=fault("reroll", "", evidence)).of("hard", "fail")
    assert found.id == "identity" and not is_praise(found.evidence)


def test_checks_that_nobody_asked_for_are_not_counted(case: Case) -> None:
    verdict = judged(case, nipples=fault(), people=fault(), IDENTITY_2=fault())
    assert verdict.passed and len(verdict.checks) == len(case.brief.checks())


def test_a_novel_is_cut_and_steers_no_terminal(case: Case) -> None:
    novel = "\x1b[2J\u202eHer mouth is open. " + " ".join(f"word{i}" for i in range(20_000))
    (found,) = judged(case, mouth_closed=fault("edit", novel, novel)).of("hard", "fail")
    assert len(found.evidence) <= EVIDENCE and len(found.instruction) <= INSTRUCTION
    assert found.evidence.isprintable() and found.instruction.isprintable()


@pytest.mark.parametrize("box", [[900, 10, 100, 20], [0, 0, 1], [-5, 0, 2000, 9], [0, 0, 0, 0]])
def test_a_box_that_is_none_spoils_no_verdict(case: Case, box: list[int]) -> None:
    (found,) = judged(case, identity=fault("reroll") | {"box": box}).of("hard", "fail")
    assert found.box == ()


def test_verdicts_for_the_wrong_picture_leave_every_check_unsure(case: Case) -> None:
    """It answers for beat 3, check by check, but not what was asked."""
    told = {f"beat_3_{check.id}": fault() for check in case.brief.checks()}
    with FakeChatServer([{"text": json.dumps(told)}]) as server:
        chat = OpenAIChat(server.url, "fake", attempts=1)
        verdict = ask(case, case.brief.checks(), chat)
        chat.close()
    assert {found.verdict for found in verdict.checks} == {"unsure"}
    assert verdict.note and verdict.passed


def test_verdicts_in_a_wrapper_and_in_capitals_are_read(case: Case) -> None:
    answers = {check.id: PASS | {"verdict": "PASS"} for check in case.brief.checks()}
    with FakeChatServer([{"text": json.dumps({"checks": answers})}]) as server:
        chat = OpenAIChat(server.url, "fake", attempts=1)
        verdict = ask(case, case.brief.checks(), chat)
        chat.close()
    assert {found.verdict for found in verdict.checks} == {"pass"}
