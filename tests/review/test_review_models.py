"""What is asked of a model about a cut, what is made of its answer, which cut is better."""

from __future__ import annotations

from typing import Any

import pytest
from scripted_reviewer import held, put, verdict

from renderers.base import JSON, ReviewResult
from storyboard.review.finding import Finding
from storyboard.review.models import MAX_EVIDENCE, Opinion, read_opinion, schema, vocabulary
from storyboard.review.plan_patch import allowed_paths
from storyboard.review.review_history import Judged, Look, Round, better


def read(data: JSON) -> Opinion:
    return read_opinion("model", ReviewResult("answered", data, "", "", "fake"))


def test_an_answer_becomes_findings_with_their_edits() -> None:
    told = read(verdict(72, held(put("/hook/title", "New"), beat=2, start=1.5)))
    assert (told.score, told.summary, told.left_out) == (72.0, "As scripted.", ())
    (finding,) = told.findings
    assert (finding.reviewer, finding.beat, finding.start) == ("model", 2, 1.5)
    assert finding.patch == (put("/hook/title", "New"),)


@pytest.mark.parametrize(
    ("item", "why"),
    [
        (held(beat="two"), "finding 1: beat"),
        (held(severity="purple"), "finding 1: severity"),
        (held(start=-1), "finding 1: start"),
        (held(evidence="\x00 "), "finding 1: evidence"),
        (held(patch="rm -rf"), "finding 1: patch"),
        (7, "finding 1: "),
    ],
)
def test_a_misshapen_finding_is_left_out_alone(item: Any, why: str) -> None:
    told = read(verdict(50, item, held()))
    assert len(told.findings) == 1
    assert told.left_out[0].startswith(why)


@pytest.mark.parametrize(
    "patch",
    [[put("/hook/title", "x" * 20_000)], [put("/hook/title", "\ud800")]],
    ids=["huge", "not text"],
)
def test_edits_that_cannot_be_written_down_are_left_out_and_the_finding_stays(
    patch: list[Any],
) -> None:
    told = read(verdict(50, held(*patch)))
    assert told.findings[0].patch == ()
    assert told.left_out[0].startswith("the edits of finding 1: they are")


def test_words_of_a_model_are_made_plain() -> None:
    told = read(verdict(50, held(evidence=f"a\u202e\x07b\n{'c' * 9_000}", defect="nonsense")))
    (finding,) = told.findings
    assert finding.evidence.startswith("a b c")
    assert len(finding.evidence) == MAX_EVIDENCE
    assert finding.defect == "other"


@pytest.mark.parametrize("data", [None, [], {}, {"findings": "none"}, {"score": "high"}])
def test_an_answer_of_another_shape_says_so(data: JSON) -> None:
    told = read(data)
    assert (told.score, told.findings) == (None, ())
    assert told.left_out == ("the answer has no list of findings",)


@pytest.mark.parametrize("score", [-1, 101, True, "80", None])
def test_a_score_off_the_scale_is_none(score: Any) -> None:
    assert read({**verdict(50), "score": score}).score is None


def test_the_schema_names_every_kind_and_the_paths_are_told() -> None:
    finding: Any = schema()["properties"]
    kinds = finding["findings"]["items"]["properties"]["defect"]["enum"]
    assert {"last_word_cut", "broken_anatomy", "other"} <= set(kinds) == set(vocabulary())
    assert "/beats/{beat}/line" in allowed_paths()


# --- which cut is better ------------------------------------------------------


def cut(
    *severities: str, measured: tuple[str, ...] = (), score: float | None = None, asked: bool = True
) -> Round:
    said = [Judged(Finding("model", "other", s, "x"), "unknown") for s in severities]  # type: ignore[arg-type]
    found = [Judged(Finding("technical", "frozen", s, "x"), "measured") for s in measured]  # type: ignore[arg-type]
    looks = (
        Look("technical", "answered"),
        Look("model", "answered" if asked else "blocked", score=score),
    )
    return Round(1, "", "", looks=looks, findings=(*found, *said))


@pytest.mark.parametrize(
    ("old", "new", "wins", "why"),
    [
        (cut("severe"), cut(), True, "0 severe findings instead of 1"),
        (cut("severe"), cut("minor", "minor"), True, "0 severe findings instead of 1"),
        (cut("minor"), cut("severe"), False, "1 severe finding instead of 0"),
        (cut("minor"), cut(), True, "0 minor findings instead of 1"),
        (cut("note"), cut(), False, "nothing is better"),
        (cut("severe"), cut("severe"), False, "nothing is better"),
        (cut(score=60), cut(score=70), True, "a score of 70 instead of 60"),
        (cut(score=60), cut(score=62), False, "a score of 62 instead of 60"),
        (cut(score=60), cut(score=50), False, "a score of 50 instead of 60"),
        (cut(score=60), cut(), False, "nothing is better"),
        (cut("severe"), cut(asked=False), False, "nothing is better"),
        (
            cut("severe", "severe"),
            cut(measured=("severe",)),
            False,
            "1 severe fault measured instead of 0",
        ),
        (cut("severe", measured=("severe",)), cut("severe"), True, "1 severe finding instead of 2"),
    ],
)
def test_a_cut_is_better_by_what_is_held_against_it(
    old: Round, new: Round, wins: bool, why: str
) -> None:
    assert better(new, old) == (wins, why)
