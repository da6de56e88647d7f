"""A hook's title lies over no face, no hair and no inset, in any shape, wherever the camera goes."""

from __future__ import annotations

from typing import get_args

import pytest

from renderers.animatic.camera import camera_for
from renderers.animatic.compose import Tableau
from renderers.animatic.framing import Box as Pixels
from renderers.animatic.framing import Frame
from renderers.scene import CameraMove, InsetKind, ShotScale
from storyboard.media.text.title import Box, TitleLayout, lay_title
from storyboard.plan import Canvas, parse_plan, staging
from storyboard.plan.casting import cast_plan

IDEAS = (
    "Love",
    "My neighbour's dog keeps ordering pizza online",
    "A love letter delivered to the wrong apartment",
    "Two mountain climbers and one sandwich",
    "The intern who accidentally became CEO of an umbrella factory",
    "占い師が自分の未来を見てしまう",
    "エレベーターで元カノと二人きりになってしまった夜のこと",
)
HEADS = ("big afro", "bald", "high top", "a tall hat", "long curly hair")
CANVASES = {
    "9:16": Canvas(aspect="9:16", width=432, height=768),
    "1:1": Canvas(aspect="1:1", width=640, height=640),
    "16:9": Canvas(aspect="16:9", width=768, height=432),
}


class Voice:
    name, presentation, age, f0 = "any", "neutral", "adult", 0


def hook(idea: str, number: int, aspect: str, people: int, **changes: object) -> Tableau:
    """A hook in which people and an inset are to be seen, and nothing else happens."""
    cast = [
        {"id": f"p{i}", "name": f"P{i}", "appearance": HEADS[(number + i) % len(HEADS)]}
        for i in range(people)
    ]
    data = {
        "idea": idea, "format": "comedy_5", "title": "T", "seed": number, "cast": cast,
        "settings": [{"id": "here", "name": "Here", "place": "office"}],
        "hook": {"title": idea, "setting": "here", "cast": [c["id"] for c in cast]} | changes,
        "beats": [{"index": 1, "type": "setup", "setting": "here", "cast": ["p0"]}],
    }  # fmt: skip
    plan = cast_plan(parse_plan(data), [Voice()])  # pyright: ignore[reportArgumentType]
    assert plan.hook is not None
    grave = plan.music.model_copy(update={"mood": "melancholy"})
    scene = staging.stage_hook(plan.model_copy(update={"music": grave}), plan.hook)
    canvas = CANVASES[aspect]
    return Tableau(scene, canvas.width, canvas.height)


def titled(tableau: Tableau, title: str, aspect: str) -> TitleLayout:
    boxes = [*tableau.faces().values(), *tableau.clear_of_title().values()]
    return lay_title(title, CANVASES[aspect], [_plain(box) for box in boxes])


def _plain(box: Pixels) -> Box:
    return Box(box.left, box.top, box.right - box.left, box.bottom - box.top)


@pytest.mark.parametrize("aspect", list(CANVASES))
@pytest.mark.parametrize("kind", get_args(InsetKind))
@pytest.mark.parametrize("scale", ["extreme close-up", "medium shot"])
def test_no_title_lies_over_hair_or_inset(aspect: str, kind: InsetKind, scale: ShotScale) -> None:
    for number, idea in enumerate(IDEAS):
        inset = {"kind": kind, "who": "penguin", "thing": "pizza", "words": "It is back"}
        people = 1 + number % 2
        tableau = hook(idea, number, aspect, people, inset=inset, shot={"scale": scale})
        assert tableau.inset is not None and len(tableau.placements) == people
        layout = titled(tableau, idea, aspect)
        clear = tableau.clear_of_title()
        assert {"inset", "head of p0"} <= clear.keys()
        assert not layout.warnings
        for name, box in [*clear.items(), *tableau.faces().items()]:
            assert not _plain(box).overlaps(layout.box), f"{idea}: {name}"
        # It is no small title either, and what it leaves room for is to be seen.
        canvas = CANVASES[aspect]
        assert layout.em >= 0.93 * lay_title(idea, canvas).em
        box = clear["inset"]
        assert box.bottom - box.top >= 0.2 * canvas.height
        assert all(f.bottom - f.top >= 0.1 * canvas.height for f in tableau.faces().values())
        assert not any(box.meets(face) for face in tableau.faces().values())


@pytest.mark.parametrize("aspect", list(CANVASES))
@pytest.mark.parametrize("move", get_args(CameraMove))
def test_no_camera_brings_hair_or_an_inset_under_the_title(aspect: str, move: CameraMove) -> None:
    idea = IDEAS[4]
    tableau = hook(idea, 3, aspect, 1, inset={"kind": "poster", "who": "penguin"})
    frame = Frame.of(tableau.width, tableau.height, tableau.scene.headroom)
    below = tuple(tableau.clear_of_title().values())
    camera = camera_for(
        move, tableau.placements, frame, 3.0, focus="p0", crop=True, seed=5, below=below
    )
    title = titled(tableau, idea, aspect).box
    for t in (0.0, 0.05, 0.3, 1.0, 1.6, 2.4, 3.0):
        state = camera.at(t)
        for box in below:
            left, right = (
                camera.pivot[0] + state.x + (x - camera.pivot[0]) * state.zoom
                for x in (box.left, box.right)
            )
            top, bottom = (
                camera.pivot[1] + state.y + (y - camera.pivot[1]) * state.zoom
                for y in (box.top, box.bottom)
            )
            moved = Box(left, top, right - left, bottom - top)
            assert not moved.overlaps(title), f"{move} at {t}"


def test_an_actor_who_jumps_keeps_the_hair_off_the_title() -> None:
    tableau = hook("Love", 0, "9:16", 1)
    placement = tableau.placements[0]
    room = tableau._room_above(placement)  # pyright: ignore[reportPrivateUsage]
    jumped = placement.head.top - room * placement.view.scale
    assert jumped >= tableau.scene.headroom * tableau.height - 1
