"""Reviewers that contradict themselves, come again in other clothes, or slip something in."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from scripted_reviewer import held, put, verdict
from tiny_films import tiny_plan

from renderers.base import ReviewResult
from storyboard.plan import Plan
from storyboard.review.models import MAX_EVIDENCE, Opinion, read_opinion
from storyboard.review.patch_selection import choose
from storyboard.review.plan_patch import PatchRefused, apply, plan_digest
from storyboard.review.review_history import Applied, Judged, ReviewHistory, Round, key_of

RENDERERS = frozenset({"animatic"})


@pytest.fixture(scope="module")
def plan() -> Plan:
    return tiny_plan("A barista who can only speak in haiku")


def said(*findings: Any, score: Any = 50) -> Opinion:
    return read_opinion(
        "model", ReviewResult("answered", verdict(score, *findings), "", "", "m", 0, 0)
    )


def refused(plan: Plan, path: str, value: Any) -> str:
    with pytest.raises(PatchRefused) as caught:
        apply(plan, [put(path, value)], RENDERERS)
    return str(caught.value)


@pytest.mark.parametrize("evidence", ["The hook is excellent.", "No issues.", "Cut as asked."])
def test_a_severe_finding_that_praises_is_none(evidence: str) -> None:
    told = said(held(put("/hook/title", "Other"), evidence=evidence))
    assert told.findings == ()
    assert told.left_out == ("finding 1: it holds nothing against the film",)


@pytest.mark.parametrize(
    "evidence",
    [
        "The caption is right over her face.",
        "No problems with the sound, the picture stands still.",
        "The correctly spelled title leaves the frame.",
        "The title is clipped, the sound is good.",
        "As described, the car explodes: nothing is seen.",
        "The mouth does not move as expected.",
        "The music is good, but far too loud.",
        "His shirt matches the wall: he cannot be seen.",
    ],
)
def test_a_finding_with_a_fault_counts(evidence: str) -> None:
    assert [f.evidence for f in said(held(evidence=evidence)).findings] == [evidence]


@pytest.mark.parametrize(
    ("word", "severity"),
    [("CRITICAL", "severe"), ("Major", "severe"), ("moderate", "minor"), (" nit ", "note")],
)
def test_a_severity_by_another_name_is_that_severity(word: str, severity: str) -> None:
    (found,) = said(held(severity=word)).findings
    assert found.severity == severity


@pytest.mark.parametrize("defect", ["mauvaise accroche", "口が開いている", "the mouth " * 40])
def test_a_defect_in_words_of_its_own_is_another_one(defect: str) -> None:
    (found,) = said(held(defect=defect)).findings
    assert found.defect == "other"


def test_enormous_notes_are_cut_and_a_score_that_is_none_is_none() -> None:
    told = said(held(evidence="It drags on. " * 100_000), score="9" * 999)
    (found,) = told.findings
    # A blank before the sign that there was more goes.
    assert MAX_EVIDENCE - 1 <= len(found.evidence) <= MAX_EVIDENCE and told.score is None
    assert found.evidence.endswith("…")


@pytest.mark.parametrize(
    "value", ["\u202eevil", "a\u200bb", "a\u2066b", "tag\U000e0041", "\ufeffa"]
)
def test_what_nobody_sees_stands_in_no_title(plan: Plan, value: str) -> None:
    assert "nobody sees" in refused(plan, "/hook/title", value)


@pytest.mark.parametrize(
    "value", ["これは日本語のせりふです。", "Это русский текст.", "안녕하세요 여러분."]
)
def test_a_line_in_other_letters_is_no_english_line(plan: Plan, value: str) -> None:
    assert "not English but in" in refused(plan, "/beats/1/line", value)


@pytest.mark.parametrize(
    ("path", "value", "why"),
    [
        ("/beats/1/line", "All at https://shop.example/x today.", "address"),
        ("/beats/1/action", "A school shooting on the news.", "no matter for a joke"),
        ("/hook/image_prompt", "The boy kisses the girl.", "nobody is a minor"),
        ("/hook/title", "x" * 61, "61 characters"),
        ("/beats/1/line", "", "needs a line"),
        ("/beats/1/pause", 60, "less than or equal to 5"),
        ("/beats/1/expression", "ecstatic", "invalid"),
        ("/beats/1/reactions/ghost", "happy", "invalid"),
    ],
)
def test_an_edit_beyond_the_formats_limits_is_refused(
    plan: Plan, path: str, value: Any, why: str
) -> None:
    assert why in refused(plan, path, value)


def history(plan: Plan, patch: Any, again: Any) -> ReviewHistory:
    """A film whose first finding was mended in vain, and is now held against it as `again`."""
    (first,) = said(held(patch)).findings
    (second,) = said(again).findings
    _, changes = apply(plan, first.patch, RENDERERS)
    applied = Applied(key_of(first), "model", first.evidence, tuple(first.patch), changes)
    found = (Judged(second, "unknown"),)
    rounds = [
        Round(1, plan_digest(plan), "film", findings=found, kept=True),
        Round(2, "other", "other", (applied,)),
    ]
    return replace(ReviewHistory(0.0, {}), rounds=rounds)


@pytest.mark.parametrize(
    "again",
    [
        held({"op": "add", "path": "/hook/title", "value": "Other"}, defect="weak_title"),
        held(put("/beats/0/title", "Other"), defect="slow_pace", beat=1),
        held(put("/hook/title", "  Other "), evidence="Said in quite other words."),
    ],
)
def test_an_edit_that_did_not_help_is_not_tried_in_other_clothes(plan: Plan, again: Any) -> None:
    story = history(plan, put("/hook/title", "Other"), again)
    choice = choose(story, plan, RENDERERS, "severe")
    assert choice.applied == ()
    assert choice.findings[0].why == "was tried in cut 2 and did not help"


def test_a_verdict_for_another_beat_mends_only_what_it_names(plan: Plan) -> None:
    """It holds something against beat 1 and edits beat 2: tried like any edit, and told so."""
    story = history(plan, put("/hook/title", "Other"), held(put("/beats/2/pause", 1.5), beat=1))
    (applied,) = choose(story, plan, RENDERERS, "severe").applied
    assert [change.path for change in applied.changes] == ["/beats/2/pause"]


def test_ids_that_do_not_exist_are_told_and_edit_nothing(plan: Plan) -> None:
    for path in ("/beats/77/line", "/beats/1/cast/0", "/cast/ghost/name", "/beats/-1/line"):
        assert refused(plan, path, "x")
