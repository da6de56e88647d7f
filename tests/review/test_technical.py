"""The technical reviewer: silent about a good film, and names what was planted, with its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from reviewed_films import good_film
from tones import TonesSpeech, TonesTranscription

from benchmarks.review_set import KINDS, plant
from benchmarks.review_set.calibration import judge
from storyboard.review.finding import Finding
from storyboard.review.finished_cut import Cut
from storyboard.review.technical import reviewer
from storyboard.review.verify import borne_out

EAR = TonesTranscription()


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return good_film(tmp_path_factory.getbasetemp())


def held(found: list[Finding]) -> list[tuple[int | None, str]]:
    return [(finding.beat, finding.defect) for finding in found]


def test_a_good_film_has_no_findings(good: Path) -> None:
    found = reviewer.review(Cut.of(good), EAR)
    assert [finding.evidence for finding in found] == []


QUICK = (
    "truncated last word",
    "frozen clip",
    "burnt caption late by 1 s",
    "caption lacks a word",
    "a number left out",
    "a number said wrong",
    "caption over a face",
    "title over a face",
    "wrong speaker's voice",
    "duplicated beat",
    "mouth moves in silence",
)


def _review(kind: str, good: Path, folder: Path) -> None:
    label = plant(kind, good, folder / "spoilt", TonesSpeech())
    found = reviewer.review(Cut.of(folder / "spoilt"), EAR)
    verdict = judge(folder / "spoilt", label, found)
    assert verdict.found, held(found)
    assert verdict.imagined == ()
    assert all(finding.evidence and finding.reviewer == "technical" for finding in found)


@pytest.mark.parametrize("kind", QUICK)
def test_a_planted_defect_is_named_in_its_place(kind: str, good: Path, tmp_path: Path) -> None:
    _review(kind, good, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(set(KINDS) - set(QUICK)))
def test_every_other_kind_is_named_too(kind: str, good: Path, tmp_path: Path) -> None:
    _review(kind, good, tmp_path)


def test_without_an_ear_nothing_is_said_of_words(good: Path, tmp_path: Path) -> None:
    """Another sound than the one that was listened to, and nobody to listen anew."""
    plant("click at a cut", good, tmp_path / "spoilt")
    found = reviewer.review(Cut.of(tmp_path / "spoilt"), None)
    assert {finding.defect for finding in found} == {"click"}


def said(defect: str, beat: int | None, start: float | None = None) -> Finding:
    return Finding("a viewer", defect, "severe", "as it seemed", beat, start)


def test_what_others_say_is_looked_up_in_the_film(good: Path, tmp_path: Path) -> None:
    label = plant("truncated last word", good, tmp_path / "spoilt")
    cut, beat = Cut.of(tmp_path / "spoilt"), label.beats[0]
    other = next(s for s in cut.timeline.segments if s.line and s.index not in (0, beat))
    assert borne_out(said("last_word_cut", beat), cut, EAR) == "confirmed"
    assert borne_out(said("last_word_cut", None, label.start), cut, EAR) == "confirmed"
    assert borne_out(said("last_word_cut", other.index), cut, EAR) == "refuted"
    assert borne_out(said("frozen", other.index), cut, EAR) == "refuted"
    assert borne_out(said("too_quiet", None), cut, EAR) == "refuted"
    assert borne_out(said("bad_acting", beat), cut, EAR) == "unknown"
    assert borne_out(said("wrong_voice", beat), cut, EAR) == "unknown"
