"""A film begins with an event, not always with a face, and its title lies over no head."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import skia

from renderers.animatic.compose import Tableau
from renderers.animatic.motion import Shooting, shoot, still
from renderers.scene import Event, Inset, Scene
from storyboard.media.poster import compose
from storyboard.plan import InsetPlan, Plan, parse_plan, staging
from storyboard.plan.casting import cast_plan
from storyboard.plan.format_files import load_format
from storyboard.plan.opening import THINGS
from storyboard.writing.offline import write_plan


class Voice:
    name, presentation, age, f0 = "any", "neutral", "adult", 0


def plan(idea: str, staging_number: int = 0, **hook: object) -> Plan:
    data = {
        "idea": idea, "format": "comedy_5", "title": "T", "style": {"staging": staging_number},
        "cast": [{"id": "one", "name": "One", "appearance": "big afro"}],
        "settings": [{"id": "here", "name": "Here", "place": "cafe"}],
        "hook": {"title": "A Title", "setting": "here", "cast": ["one"]} | hook,
        "beats": [{"index": 1, "type": "setup", "setting": "here", "cast": ["one"]}],
    }  # fmt: skip
    return cast_plan(parse_plan(data), [Voice()])  # pyright: ignore[reportArgumentType]


def opening(film: Plan) -> Scene:
    assert film.hook is not None
    return staging.stage_hook(film, film.hook)


def test_there_are_eight_kinds_of_beginnings_and_half_show_no_face() -> None:
    scenes = [
        opening(plan("A penguin applies for a job", n, inset={"kind": "phone", "who": "penguin"}))
        for n in range(80)
    ]
    kinds = {(s.event, s.figures[0].manner if s.figures else s.inset is not None) for s in scenes}
    assert len(kinds) >= 8
    faceless = sum(not s.figures for s in scenes)
    assert 20 <= faceless <= 70


def test_an_idea_that_names_no_thing_begins_with_people_and_a_grave_one_calmly() -> None:
    assert all(opening(plan("They met again", n)).figures for n in range(12))
    grave = plan("A penguin dies").model_copy(
        update={"music": plan("x").music.model_copy(update={"mood": "melancholy"})}
    )
    assert not opening(grave).event
    assert opening(grave).figures[0].manner == ""


@pytest.mark.parametrize("number", range(12))
@pytest.mark.parametrize("size", [(360, 640), (640, 360)])
def test_no_head_lies_under_the_title(number: int, size: tuple[int, int]) -> None:
    scene = opening(plan("A penguin applies for a job", number))
    for placement in Tableau(scene, *size).placements:
        assert placement.head.top >= (staging.HOOK_HEADROOM - 0.005) * size[1]


@pytest.mark.parametrize("event", THINGS)
def test_an_event_happens_in_the_first_second(event: Event) -> None:
    scene = Scene(place="cafe", event=event, subject="penguin", headroom=0.27)
    drawn = [
        np.frombuffer(f, dtype=np.uint8).reshape(320, 180, 4).astype(int)
        for f in shoot(scene, Shooting(180, 320, 24, 30, None, "static", 1))
    ]
    moved = [(np.abs(a - drawn[0]).max(axis=2) > 40).mean() for a in drawn[:24]]
    assert max(moved) > 0.01


def test_the_poster_is_the_picture_with_its_title_and_no_caption(tmp_path: Path) -> None:
    image, _ = still(Scene(place="cafe", event="falls", subject="pizza", headroom=0.27), 360, 640)
    # A folder's name may look like that of a series of pictures.
    folder = tmp_path / "%03d 100%"
    folder.mkdir()
    picture = folder / "hook.png"
    picture.write_bytes(bytes(image.encodeToData(skia.EncodedImageFormat.kPNG, 100)))
    compose(picture, "Pizza at Last", folder / "poster.jpg")
    made = skia.Image.open(str(folder / "poster.jpg"))
    assert (made.width(), made.height()) == (360, 640)
    before, after = (i.toarray()[:, :, :3].astype(int) for i in (image, made))
    changed = np.abs(before - after).max(axis=2) > 60
    assert changed[: int(0.26 * 640)].mean() > 0.05
    assert changed[int(0.5 * 640) :].mean() < 0.002


@pytest.mark.parametrize("idea", ["A dentist who is afraid of mouths", "観光客が道に迷う"])
def test_nobody_cut_off_at_the_chest_flies_into_a_film(idea: str) -> None:
    who = "dentist" if idea.isascii() else "観光客"
    scenes = [opening(plan(idea, n, inset={"kind": "phone", "who": who})) for n in range(24)]
    assert not any(scene.event for scene in scenes)


def test_what_a_film_begins_with_is_a_thing_and_no_sign_for_something_else() -> None:
    inset = {"kind": "thought", "thing": "人生相談"}
    scenes = [opening(plan("銀行でロボットに人生相談をする", n, inset=inset)) for n in range(24)]
    assert "ロボット" in {scene.subject for scene in scenes}
    assert "人生相談" not in {scene.subject for scene in scenes}


def test_one_of_the_film_s_own_people_looks_the_same_in_an_inset() -> None:
    drafted = write_plan(
        "Two astronauts argue about who forgot the snacks", load_format("comedy_5"), "en"
    )
    shown = {"inset": InsetPlan(kind="thought", who="astronauts")}
    assert drafted.hook is not None
    hook = drafted.hook.model_copy(update=shown)
    plan = cast_plan(drafted.model_copy(update={"hook": hook}), [Voice()])  # pyright: ignore[reportArgumentType]
    lead = plan.character("lead")
    inset = opening(plan).inset
    assert lead.role == "astronaut" and inset is not None
    assert inset.avatar == staging.avatar_of(lead)

    def painted(inset: Inset) -> np.ndarray:
        return still(Scene(inset=inset), 360, 640)[0].toarray().astype(int)

    other = replace(staging.avatar_of(lead), skin="#102030")
    assert np.abs(painted(inset) - painted(replace(inset, avatar=other))).max() > 40
