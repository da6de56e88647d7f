"""Which findings of two looks are the same one."""

from __future__ import annotations

import pytest

from storyboard.review.finding import Finding
from storyboard.review.review_history import same_finding


def finding(evidence: str, value: str = "", beat: int = 2) -> Finding:
    patch = ({"op": "replace", "path": f"/beats/{beat}/line", "value": value},) if value else ()
    return Finding(
        reviewer="openai",
        defect="unnatural_line",
        severity="minor",
        evidence=evidence,
        beat=beat,
        patch=patch,
    )


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (finding("The line is stiff."), finding("The line is rather stiff."), True),
        (finding("The line is stiff.", "Hi."), finding("Nobody talks so.", "Hi."), True),
        (finding("The line is stiff.", "Hi."), finding("A name is said wrongly.", "Ho."), False),
        (finding("The line is stiff."), finding("The line is stiff.", beat=3), False),
    ],
)
def test_a_parked_finding_parks_only_itself(one: Finding, other: Finding, same: bool) -> None:
    assert same_finding(one, other) is same
