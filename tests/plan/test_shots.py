"""The hook and every beat as shots of one kind."""

from __future__ import annotations

from typing import Any

from small_plans import a_plan

from storyboard.plan.shots import file_name, said_name, shot_of, shots_of

BEATS: list[dict[str, Any]] = [
    {"index": 2, "type": "setup", "setting": "bar", "cast": ["ann"], "action": "pours"},
    {"index": 1, "type": "payoff", "setting": "bar", "media": {"clip": "own/a.mp4"}},
    {"index": 3, "type": "payoff", "setting": "bar", "keep_audio": True, "speaker": "narrator",
     "line": "The end."},
]  # fmt: skip


def test_the_hook_is_the_first_of_the_shots() -> None:
    hook, *beats = shots_of(a_plan(beats=BEATS))
    assert (hook.index, hook.path, hook.type) == (0, "hook", "hook")
    assert hook.title and not any(beat.title for beat in beats)
    assert [beat.path for beat in beats] == ["beats[0]", "beats[1]", "beats[2]"]
    assert [beat.index for beat in beats] == [2, 1, 3]
    assert len(shots_of(a_plan(beats=BEATS, hook=None))) == 3


def test_a_spoken_line_is_never_doubled_by_the_clips_own_sound() -> None:
    plan = a_plan(beats=BEATS)
    assert [shot_of(plan, index).keeps_sound for index in (0, 2, 1, 3)] == [
        False,
        False,
        True,
        False,
    ]
    assert [shot.shows_own for shot in shots_of(plan)] == [False, False, True, False]


def test_a_shot_is_called_by_its_place_and_slug() -> None:
    assert file_name(0, "00_hook", "beat_") == "hook"
    assert file_name(3, "03_payoff", "beat_") == "beat_03_payoff"
    assert (said_name(0), said_name(3)) == ("hook", "beat 3")
