"""Telephone calls: two places in one picture, from the story to the drawing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from renderers.animatic.framing import caption_share
from renderers.animatic.looks import look_for
from renderers.animatic.motion import Shooting, shoot, still
from renderers.animatic.split import Split
from renderers.scene import Figure, Place, Scene, Shot
from storyboard.core.errors import PlanError
from storyboard.plan import Plan, parse_plan, staging
from storyboard.plan.casting import with_looks
from storyboard.plan.format_files import load_format
from storyboard.writing.offline import write_plan

SIZES = [(216, 384), (384, 216), (288, 288)]


def call(place: Place = "call centre") -> Scene:
    ann = Figure("ann", "Ann", look_for("short black hair", "adult", "feminine", 1, []))
    bob = Figure("bob", "Bob", look_for("short red hair", "adult", "masculine", 2, []), at=place)
    return Scene("living room", shot=Shot("medium shot"), figures=(ann, bob), focus="ann", seed=3)


def pixels(scene: Scene, size: tuple[int, int]) -> npt.NDArray[np.int16]:
    return still(scene, *size)[0].toarray()[:, :, :3].astype(np.int16)


@pytest.mark.parametrize("size", SIZES)
def test_each_end_of_the_line_is_its_own_place(size: tuple[int, int]) -> None:
    changed = np.abs(pixels(call(), size) - pixels(call("kitchen"), size)).max(axis=2) > 40
    across = changed.any(axis=1) if size[1] > size[0] else changed.any(axis=0)
    assert not across[: int(0.42 * across.size)].any()
    assert across[int(0.6 * across.size) :].mean() > 0.9


@pytest.mark.parametrize("size", SIZES)
def test_both_faces_are_whole_and_each_in_its_half(size: tuple[int, int]) -> None:
    image, tableau = still(call(), *size)
    assert isinstance(tableau, Split)
    ann, bob = (tableau.faces()[id] for id in ("ann", "bob"))
    across = size[0] <= size[1] * 1.1 and size[1] > 1.1 * size[0]
    assert (ann.bottom < bob.top) if across else (ann.right < bob.left)
    assert min(ann.left, ann.top) >= 0
    assert bob.bottom <= (1 - caption_share(*size)) * size[1]
    assert bob.right <= image.width() and bob.bottom <= image.height()


def test_a_call_is_animated_at_both_ends() -> None:
    talks = replace(call(), figures=tuple(replace(f, speaking=True) for f in call().figures))
    shooting = Shooting(216, 384, 24, 48, None, "push in", 1)
    frames = [
        np.frombuffer(frame, np.uint8).reshape(384, 216, 4).astype(np.int16)
        for frame in shoot(talks, shooting)
    ]
    moved = np.max([np.abs(frame - frames[0]) for frame in frames[6::6]], axis=0).max(axis=2) > 30
    assert moved[:150].any() and moved[240:].any()


def test_who_is_elsewhere_must_be_in_the_beat_and_in_a_setting_of_the_film() -> None:
    plan = write_plan("A penguin orders pizza", load_format("comedy_5"), "en").model_dump()
    plan["beats"][0]["elsewhere"] = {"nobody": "moon"}
    with pytest.raises(PlanError) as raised:
        parse_plan(plan)
    assert "beats[0].elsewhere.nobody: is not in this beat's cast: lead, foil" in str(raised.value)
    assert "beats[0].elsewhere.nobody: 'moon' is not in settings: main" in str(raised.value)


@pytest.mark.parametrize(
    ("language", "idea", "thread"),
    [
        ("en", "A penguin orders pizza", "hotline"),
        ("en", "A penguin orders pizza", "please_hold"),
        ("ja", "ピザばかり注文するペンギン", "please_hold"),
    ],
)
def test_stories_of_calls_play_at_both_ends(language: str, idea: str, thread: str) -> None:
    format = load_format("comedy_5")
    told = [t for t in format.threads if t.id == thread and t.language == language]
    plan = write_plan(idea, format.model_copy(update={"threads": told}), language)  # type: ignore[arg-type]
    plan = with_looks(plan)
    both, alone = staged(plan, 1), staged(plan, 2)
    assert both.place == "living room"
    (away,) = [figure.at for figure in both.figures if figure.at]
    assert away != both.place
    assert (alone.place, [f.at for f in alone.figures]) == (away, [""])
    listener = both.cutaway.shown if both.cutaway else None
    assert listener is None or not any(figure.at for figure in listener.figures)


def staged(plan: Plan, beat: int) -> Scene:
    return staging.scenes_of(plan)[beat]
