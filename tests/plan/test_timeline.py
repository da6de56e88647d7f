"""Audio is the master clock: no line is cut, no frame is lost, neighbours stay untouched."""

from __future__ import annotations

import pytest

from storyboard.plan import Plan, parse_plan
from storyboard.plan.timeline import LEAD_IN, TAIL_SECONDS, lay_out, segment_plans


def film(*beats: dict[str, object], hook: bool = True) -> Plan:
    return parse_plan(
        {
            "idea": "A cat",
            "format": "test",
            "title": "Cat",
            "cast": [{"id": "cat", "name": "Cat"}],
            "settings": [{"id": "home", "name": "Home"}],
            "hook": {"title": "Cat!", "setting": "home", "line": "Look."} if hook else None,
            "beats": [
                {"index": i, "type": "sit", "setting": "home", "duration": 2.0, **beat}
                for i, beat in enumerate(beats, 1)
            ],
        }
    )


SPOKEN = {"speaker": "cat", "line": "Meow, meow, meow."}


def test_a_long_line_makes_its_beat_longer_and_is_never_cut() -> None:
    plan = film(SPOKEN, {})
    laid = lay_out(segment_plans(plan), {1: 7.31})
    segment = laid.segment(1)
    assert segment.seconds >= LEAD_IN + 7.31 + 0.6
    assert segment.speech_end <= segment.end - 0.6 + 1e-9
    assert laid.segment(2).start == segment.end


def test_a_short_line_leaves_the_planned_length() -> None:
    assert lay_out(segment_plans(film(SPOKEN, {})), {1: 0.4}).segment(1).frames == 48


def test_every_start_is_on_the_frame_grid_and_lengths_add_up() -> None:
    plan = film(SPOKEN, {"transition": "crossfade"}, SPOKEN, {"transition": "fade from black"})
    laid = lay_out(segment_plans(plan), {0: 1.234, 1: 3.21, 3: 0.777})
    for segment in laid.segments:
        assert segment.start * laid.fps == pytest.approx(round(segment.start * laid.fps), abs=1e-6)
    assert laid.seconds == pytest.approx(laid.segments[-1].end)
    assert laid.frames == round(laid.seconds * laid.fps)


def test_a_crossfade_overlaps_the_clip_before_and_never_its_line() -> None:
    plan = film(SPOKEN, {**SPOKEN, "transition": "crossfade"}, hook=False)
    laid = lay_out(segment_plans(plan), {1: 3.0, 2: 3.0})
    first, second = laid.segments
    assert second.overlap > 0
    assert second.start == pytest.approx(first.end - second.overlap / laid.fps)
    assert second.speech_start >= first.end
    assert first.speech_end <= second.start


def test_one_new_take_changes_no_other_clip() -> None:
    plan = film(SPOKEN, {**SPOKEN, "transition": "crossfade"}, SPOKEN)
    before = [part.frames({1: 1.0, 2: 5.0, 3: 2.0}.get(part.index)) for part in segment_plans(plan)]
    after = [part.frames({1: 1.0, 2: 9.0, 3: 2.0}.get(part.index)) for part in segment_plans(plan)]
    assert [a == b for a, b in zip(before, after, strict=True)] == [True, True, False, True]


def test_the_film_does_not_end_on_a_syllable() -> None:
    laid = lay_out(segment_plans(film({}, SPOKEN)), {2: 4.0})
    last = laid.segments[-1]
    assert last.end - last.speech_end >= 0.6 + TAIL_SECONDS - 1e-9
