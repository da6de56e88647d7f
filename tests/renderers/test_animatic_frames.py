"""Stills: the rules of the frame in every shot, and one look per character."""

from __future__ import annotations

import io
from dataclasses import replace
from itertools import combinations, product
from pathlib import Path
from typing import get_args

import av
import numpy as np
import numpy.typing as npt
import pytest
import skia

from renderers.animatic.acting import held_name
from renderers.animatic.blocking import block
from renderers.animatic.compose import Tableau
from renderers.animatic.framing import Box, Frame
from renderers.animatic.held import HeldProp
from renderers.animatic.looks import look_for
from renderers.animatic.marks import ONE_SIDED, REACH, keep_in_frame
from renderers.animatic.motion import still
from renderers.animatic.pose import IDLE, recognise
from renderers.base import ImageRequest
from renderers.errors import BadRequest
from renderers.image.animatic import AnimaticImages, drawn_from
from renderers.scene import (
    EXPRESSIONS,
    Avatar,
    Expression,
    Figure,
    Scene,
    Shot,
    ShotAngle,
    ShotOrientation,
    ShotScale,
)

SIZES = {"9:16": (720, 1280), "16:9": (1280, 720), "1:1": (960, 960)}
WORDS = ("black bob, red apron", "big beard, grey suit", "huge afro, blue dress", "green hoodie")


def cast_of(count: int) -> tuple[Figure, ...]:
    looks: list[Avatar] = []
    for i, words in enumerate(WORDS):
        looks.append(look_for(words, "child" if i == 3 else "adult", "neutral", i, looks))
    return tuple(Figure(f"f{i}", f"F{i}", looks[i]) for i in range(count))


def pixels(path: Path) -> npt.NDArray[np.uint8]:
    with av.open(io.BytesIO(path.read_bytes())) as container:
        return next(container.decode(video=0)).to_ndarray(format="rgb24")


@pytest.mark.parametrize("aspect", list(SIZES))
@pytest.mark.parametrize("headroom", [0.0, 0.27])
def test_faces_keep_clear_of_title_captions_edges_and_each_other(
    aspect: str, headroom: float
) -> None:
    width, height = SIZES[aspect]
    caption = 0.22 if height > width else 0.20
    for scale, angle, orientation, count in product(
        get_args(ShotScale), get_args(ShotAngle), get_args(ShotOrientation), (1, 2, 4)
    ):
        figures = cast_of(count)
        scene = Scene(
            shot=Shot(scale, angle, orientation),
            figures=figures,
            focus=figures[count // 2].id,
            headroom=headroom,
        )
        placed = block(scene, width, height)
        assert len(placed) == count
        faces = [p.face for p in placed if p.face is not None]
        assert len(faces) >= count - 1
        where = f"{scale}, {angle}, {orientation}, {count}"
        for face in faces:
            assert face.top >= headroom * height, where
            assert face.bottom <= (1 - caption) * height, where
            assert face.left >= 0, where
            assert face.right <= width, where
        for one, other in combinations(faces, 2):
            assert not one.meets(other), where
        for i, near in enumerate(placed):
            for far in placed[:i]:
                assert far.face is None or not near.head.meets(far.face), where
        if scale != "extreme close-up":
            for p in placed:
                head = p.head
                assert head.left >= -1, where
                assert head.right <= width + 1, where
                assert head.top >= -1 or p.view.back, where


def test_closer_shots_show_larger_faces() -> None:
    figures = cast_of(1)
    sizes = []
    for scale in get_args(ShotScale):
        (placed,) = block(Scene(shot=Shot(scale), figures=figures, focus="f0"), 720, 1280)
        assert placed.face is not None
        sizes.append(placed.face.bottom - placed.face.top)
    assert sizes == sorted(sizes)
    assert sizes[-1] > 5 * sizes[0]


def test_the_focus_is_the_nearest() -> None:
    figures = cast_of(2)
    for focus in ("f0", "f1"):
        placed = block(Scene(shot=Shot("medium shot"), figures=figures, focus=focus), 720, 1280)
        assert placed[-1].figure.id == focus
        assert placed[-1].view.scale > placed[0].view.scale


def test_two_in_a_three_quarter_view_are_shot_over_the_shoulder() -> None:
    figures = cast_of(2)
    scene = Scene(
        shot=Shot("medium close-up", "eye-level", "three-quarter view"), figures=figures, focus="f1"
    )
    far, near = block(scene, 720, 1280)
    assert far.figure.id == "f1"
    assert far.face is not None
    assert near.view.back
    assert near.view.scale > far.view.scale


def test_a_head_that_leaves_no_room_is_refused_with_a_way_out() -> None:
    figures = cast_of(4)
    scene = Scene(shot=Shot("medium shot"), figures=figures, focus="f0", headroom=0.79)
    with pytest.raises(BadRequest, match="headroom"):
        block(scene, 720, 1280)


def test_the_image_backend_draws_a_png_and_reports_its_faces(tmp_path: Path) -> None:
    figures = cast_of(2)
    scene = Scene(place="cafe", shot=Shot("medium shot"), figures=figures, focus="f0", seed=3)
    out = tmp_path / "a.png"
    result = AnimaticImages().render(ImageRequest("", 360, 640, 3, scene=scene), out)
    picture = pixels(out)
    assert picture.shape == (640, 360, 3)
    faces = result.info["faces"]
    assert isinstance(faces, dict)
    assert set(faces) == {"f0", "f1"}
    for figure in figures:
        x, y, w, h = faces[figure.id]
        skin = np.array([int(figure.avatar.skin[i : i + 2], 16) for i in (1, 3, 5)])
        crop = picture[y : y + h, x : x + w].reshape(-1, 3).astype(int)
        # A dimmed listener keeps its hue; the box is mostly face.
        near = np.abs(crop - skin).max(axis=1) < 75
        assert near.mean() > 0.3
    assert drawn_from(out, scene, 360, 640)
    assert not drawn_from(out, replace(scene, seed=4), 360, 640)
    assert list(tmp_path.iterdir()) == [out]


def test_a_scene_is_drawn_the_same_twice_and_a_prompt_alone_is_refused(tmp_path: Path) -> None:
    scene = Scene(shot=Shot("close-up"), figures=cast_of(1), focus="f0")
    backend = AnimaticImages()
    for name in ("a.png", "b.png"):
        backend.render(ImageRequest("", 180, 320, 1, scene=scene), tmp_path / name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    with pytest.raises(BadRequest, match="scene"):
        backend.render(ImageRequest("a cat", 180, 320, 1), tmp_path / "c.png")


def test_every_expression_is_another_face_on_the_same_head(tmp_path: Path) -> None:
    backend = AnimaticImages()
    figure = cast_of(1)[0]
    crops: dict[Expression, npt.NDArray[np.uint8]] = {}
    for expression in EXPRESSIONS:
        scene = Scene(
            shot=Shot("close-up"), figures=(replace(figure, expression=expression),), focus="f0"
        )
        out = tmp_path / "x.png"
        info = backend.render(ImageRequest("", 216, 384, 1, scene=scene), out).info
        assert isinstance(info["faces"], dict)
        x, y, w, h = info["faces"]["f0"]
        crops[expression] = pixels(out)[y : y + h, x : x + w]
    for one, other in combinations(EXPRESSIONS, 2):
        changed = np.abs(crops[one].astype(int) - crops[other]).max(axis=2) > 60
        assert 0.004 < changed.mean() < 0.4, f"{one} and {other}"


@pytest.mark.parametrize(
    ("words", "act"),
    [
        ("She points at the cup", "jab"),
        ("カップを指さす", "jab"),
        ("waves to the crowd", "wave"),
        ("手を振る", "wave"),
        ("shrugs", "shrug"),
        ("肩をすくめる", "shrug"),
        ("slams the gavel", "slam"),
        ("木槌を打つ", "slam"),
        ("bows deeply", "bow"),
        ("深くお辞儀をする", "bow"),
        ("leans in", "lean"),
        ("nods slowly", "nod"),
    ],
)
def test_poses_are_recognised_in_both_languages(words: str, act: str) -> None:
    pose = recognise(words)
    assert pose is not None
    assert pose.act == act


def test_unknown_words_strike_no_pose_and_props_are_always_held() -> None:
    assert recognise("ponders nothing at all") != IDLE
    assert recognise("xyzzy") is None
    for words in ("", "shrugs", "points at the door", "sips", "電話に出る"):
        pose = recognise(words, holding=True)
        assert pose is not None
        held = pose.left if pose.grip == "left" else pose.right
        assert held.hand == "grip", words


def test_frames_leave_room_for_captions_by_aspect() -> None:
    assert Frame.of(720, 1280, 0).low <= 0.78 * 1280
    assert Frame.of(1280, 720, 0).low <= 0.80 * 720
    assert Frame.of(720, 1280, 0.27).top >= 0.27 * 1280


def test_what_is_held_is_in_the_picture_and_before_no_other_face() -> None:
    for (width, height), scale, words, count in product(
        SIZES.values(),
        ("full shot", "medium shot", "close-up"),
        ("coffee", "laptop", "popcorn", "手紙"),
        (1, 2),
    ):
        figures = cast_of(count)
        figures = (replace(figures[0], holds=words), *figures[1:])
        scene = Scene(shot=Shot(scale), figures=figures, focus="f0")
        tableau = Tableau(scene, width, height)
        place = next(p for p in tableau.placements if p.figure.id == "f0")
        pose = tableau.poses["f0"]
        puppet = tableau.puppets[tableau.placements.index(place)]
        assert isinstance(puppet.holds, HeldProp)
        arm = pose.left if pose.grip == "left" else pose.right
        assert arm.hand == "grip"
        zoom, sign = place.view.scale, -1 if place.view.flip else 1
        x, y = place.x + sign * arm.x * zoom, place.y + arm.y * zoom
        where = f"{width}×{height}, {scale}, {words}, {count}"
        assert 0 < x < width, where
        assert 0 < y < height, where
        left, top, right, bottom = (edge * zoom for edge in puppet.holds.reach())
        prop = Box(x + left, y + top, x + right, y + bottom)
        for other in tableau.placements:
            if other is not place and other.face is not None:
                assert not prop.meets(other.face), where


def test_an_action_brings_the_prop_it_handles() -> None:
    figure = cast_of(1)[0]
    for action, name in (
        ("offers the cup", "coffee cup"),
        ("slams the gavel", "gavel"),
        ("手紙を読む", "letter"),
        ("points at the cup", None),
    ):
        assert held_name(replace(figure, pose=action)) == name
    assert held_name(replace(figure, holds="umbrella", pose="waves")) == "umbrella"


def test_props_of_the_place_are_drawn_where_there_is_room() -> None:
    plain = Scene(place="office", shot=Shot("full shot"), figures=cast_of(1), focus="f0")
    for props in (("cake",), ("suitcase",), ("cake", "book", "dog")):
        bare, _ = still(plain, 360, 640)
        dressed, _ = still(replace(plain, props=props), 360, 640)
        changed = (np.abs(bare.toarray().astype(int) - dressed.toarray()).max(axis=2) > 30).mean()
        assert 0.002 < changed < 0.35, props
    same, _ = still(replace(plain, props=("nothing that has a drawing",)), 360, 640)
    assert np.array_equal(same.toarray(), still(plain, 360, 640)[0].toarray())


@pytest.mark.parametrize(("x", "y"), [(-250, 280), (150, 420), (400, 280), (150, 900)])
def test_a_comic_mark_is_moved_in_from_the_edge_that_would_cut_it(x: int, y: int) -> None:
    for mark, top in ONE_SIDED.items():
        canvas = skia.Surface(500, 700).getCanvas()
        canvas.translate(x, y)
        keep_in_frame(canvas, top)
        left, right = (canvas.getTotalMatrix().mapXY(end, top) for end in REACH)
        assert left.fY >= 0 and left.fX >= 0 and right.fX <= 500, mark


def test_a_head_out_of_the_picture_takes_its_mark_along() -> None:
    canvas = skia.Surface(500, 700).getCanvas()
    canvas.translate(900, 600)
    keep_in_frame(canvas, ONE_SIDED["question"])
    assert canvas.getTotalMatrix().mapXY(0, 0) == skia.Point(900, 600)


def test_the_gavel_is_beside_the_head_and_not_behind_it() -> None:
    figure = replace(cast_of(1)[0], pose="strikes the bench with the gavel", holds="gavel")
    shot = Shot("medium full shot", "low angle", "front view")
    scene = Scene(place="courtroom", shot=shot, figures=(figure,), focus="f0")
    tableau = Tableau(scene, 720, 1280)
    place, arm = tableau.placements[0], tableau.poses["f0"].right
    prop = tableau.puppets[0].holds
    assert isinstance(prop, HeldProp)
    face = place.face
    assert face is not None
    zoom, sign = place.view.scale, -1 if place.view.flip else 1
    x, y = place.x + sign * arm.x * zoom, place.y + arm.y * zoom
    left, top, right, _ = (edge * zoom for edge in prop.reach())
    assert not Box(x + left / 2, y + top, x + right / 2, y).meets(face)
    assert 0 < x < 720
    assert y + top > 0


def test_from_below_a_room_still_has_its_things_behind_the_actor() -> None:
    def busy(angle: ShotAngle) -> float:
        """How much of the picture beside the actor is inked."""
        scene = Scene(
            place="office",
            shot=Shot("medium shot", angle, "front view"),
            figures=cast_of(1),
            focus="f0",
        )
        grey = still(scene, 720, 1280)[0].toarray()[:, :, :3].mean(axis=2)
        edges = np.abs(np.diff(grey[:900], axis=0))
        return float((np.hstack([edges[:, :120], edges[:, -120:]]) > 25).mean())

    assert busy("low angle") > 0.4 * busy("eye-level")


def test_a_mark_that_there_is_no_room_for_is_not_drawn_on_the_face() -> None:
    canvas = skia.Surface(720, 1280).getCanvas()
    canvas.translate(300, 900)
    canvas.scale(2.0, 2.0)
    assert not keep_in_frame(canvas, ONE_SIDED["question"])
    canvas.translate(-100, 100)
    assert keep_in_frame(canvas, ONE_SIDED["question"])


@pytest.mark.parametrize("aspect", list(SIZES))
@pytest.mark.parametrize("scale", get_args(ShotScale))
def test_who_kneels_or_sits_does_not_go_down_behind_a_back(aspect: str, scale: ShotScale) -> None:
    one, other = cast_of(2)
    shot = Shot(scale, "eye-level", "three-quarter view")
    for low in (replace(one, manner="kneels"), replace(one, manner="sits")):
        scene = Scene("office", figures=(low, other), focus="f0", shot=shot)
        placed = Tableau(scene, *SIZES[aspect]).placements
        for p, q in product(placed, placed):
            if p is not q and p.face is not None:
                assert not (q.view.back and q.head.meets(p.face))


def _marked(pose: str) -> tuple[int, int]:
    """Pixels of a question mark to the left and to the right of a head."""
    look = look_for("bald, grey shirt", "adult", "masculine", 1, [])
    drawn: list[npt.NDArray[np.int16]] = []
    for expression in ("confused", "neutral"):
        ann = Figure("ann", "Ann", look, expression, pose=pose)
        scene = Scene("office", shot=Shot("medium shot"), figures=(ann,), focus="ann", seed=2)
        image, tableau = still(scene, 360, 640)
        drawn.append(image.toarray()[:, :, :3].astype(np.int16))
    changed = (np.abs(drawn[0] - drawn[1]).max(axis=2) > 60)[:300]
    face = tableau.faces()["ann"]
    return int(changed[:, : round(face.left)].sum()), int(changed[:, round(face.right) :].sum())


def test_a_mark_hangs_where_no_hand_is_raised() -> None:
    usual, raised = _marked(""), _marked("scratches the head")
    side = usual.index(max(usual))
    assert usual[side] > 30 > usual[1 - side]
    assert raised[1 - side] > 30 > raised[side]
