"""What a step will take is told by steps like it: of the same backend, done in the same way."""

from __future__ import annotations

from typing import Any

from storyboard.graph.timings import Timings


def drawn(preset: str, references: int = 0, **options: Any) -> dict[str, Any]:
    return {
        "kind": "images.draw",
        "params": {"backend": {"adapter": "hidream/1", "preset": preset}, "options": options},
        "inputs": {f"image {i} (character:{i})": "…" for i in range(references)},
    }


def test_a_draft_says_nothing_of_a_final() -> None:
    past = Timings.of([(drawn("official"), 33.0), (drawn("official", 1), 76.0)])
    assert past.expect(drawn("official")) == 33.0
    assert past.expect(drawn("official", 1)) == 76.0
    assert past.expect(drawn("dev-preview")) is None
    assert past.expect(drawn("official", steps=20)) is None


def test_another_number_of_references_is_the_next_best() -> None:
    past = Timings.of([(drawn("official", n), s) for n, s in ((1, 76.0), (6, 84.0))])
    assert past.expect(drawn("official", 3)) == 80.0


def test_what_no_backend_does_goes_by_its_kind() -> None:
    past = Timings.of([({"kind": "finish.mix", "params": {"level": n}}, n) for n in (1.0, 3.0)])
    assert past.expect({"kind": "finish.mix", "params": {"level": 9}, "inputs": {}}) == 2.0
    assert past.expect({"kind": "finish.cut", "params": {}, "inputs": {}}) is None
