"""Where a model drew the pictures, another shape of the film has them edited, not drawn anew."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fake_chat import FakeChatServer
from fake_images import FakeImageServer
from scripted_judge import ScriptedJudge, fault
from small_plans import a_plan, one_thread, uncast
from tiny_films import TINY, TONES, made, tiny_plan, tiny_run
from typer.testing import CliRunner

from renderers.image.png import decode
from storyboard.cli import app
from storyboard.core.events import StepFinished, events_in
from storyboard.plan import Canvas, Judging, Plan, load_plan
from storyboard.stages.render_request import RenderRequest
from storyboard.stages.reshape import begin, written

SMALL = Canvas(width=144, height=256, fps=12)


def drawing(folder: Path, server: FakeImageServer, *lines: str, most: int = 4) -> Path:
    """A profile whose pictures the server draws."""
    profile = folder / "drawn.toml"
    options = f"options = {{ max_references = {most} }}"
    image = ["[image]", 'backend = "openai"', f'base_url = "{server.url}"', 'model = "fake-image"']
    whole = [f'extends = "{TONES}"', *image, 'dialect = "vllm-omni"', options, *lines]
    profile.write_text("\n".join(whole), encoding="utf-8")
    return profile


def film_of(folder: Path, plan: Plan, profile: Path, *stages: Any) -> Path:
    run = tiny_run(folder / "film", plan)
    request = RenderRequest(directory=run, profile=str(profile), stages=stages)
    made(request, f"storyboard run --dir x --profile {profile}")
    return run


def reshape(film: Path, to: str, *more: str) -> str:
    done = CliRunner().invoke(app, ["reshape", str(film), "--to", to, "--quiet", *more])
    assert done.exit_code in (0, 3), done.output
    return " ".join(done.output.split())


def picture(film: Path, name: str) -> bytes:
    return (film / "images" / f"{name}.png").read_bytes()


def edits(server: FakeImageServer) -> Mapping[bytes, Any]:
    """By its first picture, what was asked of the server to draw from pictures."""
    return {r.files[0]: r for r in server.requests if r.path.endswith("/edits")}


def test_each_picture_is_edited_for_the_new_frame(tmp_path: Path) -> None:
    with FakeImageServer() as server:
        profile = drawing(tmp_path, server)
        film = film_of(tmp_path, tiny_plan("A cat misses the last train", 2), profile)
        names = [path.stem for path in sorted((film / "images").glob("*.png"))]
        beats = [name for name in names if name == "hook" or name.startswith("beat_")]
        assert len(beats) == 3
        server.requests.clear()
        assert "drawn anew" not in reshape(film, "16:9")
        asked, wide = edits(server), film.with_name("film-16x9")
        assert len(server.requests) == len(asked) == len(beats), "nothing else is drawn"
        for name in beats:
            request = asked[picture(film, name)]
            width, height = (int(side) for side in request.fields["size"].split("x"))
            assert width > 1.7 * height
            text = str(request.fields["prompt"])
            assert text.startswith("Image 1 is this very picture in another shape, 9:16.")
            assert (
                "for a frame of 16:9: what is new is the space to the left and to the right" in text
            )
            shape = decode(picture(wide, name))
            assert shape.width() / shape.height() == pytest.approx(16 / 9, rel=0.02)
        plan = load_plan(wide / "plan.json")
        assert plan.hook is not None
        for record, name in [(plan.hook, "hook"), *zip(plan.beats, beats, strict=False)]:
            faces = asked[picture(film, name)].files[1:]
            sheets = [(film / "images" / f"cast_{id}.png").read_bytes() for id in record.cast]
            assert list(faces) == sheets, "who they are is seen on their sheets"
        assert (wide / "final.mp4").is_file()
        server.requests.clear()
        assert reshape(film, "16:9")
        assert not server.requests, "the same command makes nothing twice"


def test_a_shape_follows_its_pictures_and_a_changed_beat_is_drawn_from_its_words(
    tmp_path: Path,
) -> None:
    with FakeImageServer() as server:
        profile = drawing(tmp_path, server)
        film = film_of(tmp_path, tiny_plan("A cat misses the last train", 2), profile, "images")
        reshape(film, "1:1")
        _, second = sorted(path.stem for path in (film / "images").glob("beat_*.png"))
        redo = RenderRequest(directory=film, profile=str(profile), stages=("images",))
        plan = load_plan(film / "plan.json")
        changed = plan.beats[1].model_copy(update={"seed": 99})
        plan = plan.model_copy(update={"beats": [plan.beats[0], changed]})
        tiny_run(film, plan)
        told = reshape(film, "1:1")
        assert "1 of 3 pictures are drawn anew" in told, "its picture is not made yet"
        made(redo)
        server.requests.clear()
        reshape(film, "1:1")
        assert list(edits(server)) == [picture(film, second)]
        square = film.with_name("film-1x1")
        own = load_plan(square / "plan.json")
        acts = own.beats[0].model_copy(update={"action": "opens a red umbrella"})
        tiny_run(square, own.model_copy(update={"beats": [acts, own.beats[1]]}))
        server.requests.clear()
        made(RenderRequest(directory=square, profile=str(profile), stages=("images",)))
        drawn = [str(r.fields["prompt"]) for r in server.requests]
        assert any("red umbrella" in prompt for prompt in drawn)
        assert not any("this very picture" in prompt for prompt in drawn)


def test_who_cannot_edit_draws_anew_and_it_is_told(tmp_path: Path) -> None:
    with FakeImageServer(edits=False) as server:
        profile = drawing(tmp_path, server, most=0)
        film = film_of(tmp_path, tiny_plan("A cat misses the last train", 2), profile, "images")
        server.requests.clear()
        assert "16:9: whoever draws here cannot edit a picture: each is drawn anew" in reshape(
            film, "16:9"
        )
        assert {r.path for r in server.requests} == {"/v1/images/generations"}
        assert len(server.requests) == 3


def test_a_picture_alone_is_edited_where_no_more_is_taken(tmp_path: Path) -> None:
    with FakeImageServer() as server:
        profile = drawing(tmp_path, server, most=1)
        film = film_of(tmp_path, tiny_plan("A cat misses the last train", 1), profile, "images")
        server.requests.clear()
        reshape(film, "16:9")
        assert [len(asked.files) for asked in edits(server).values()] == [1, 1]


def test_an_edited_picture_is_judged_and_mended_as_any_other(tmp_path: Path) -> None:
    plan = tiny_plan("A cat misses the last train", 1, judging=Judging(retries=1))
    judge = ScriptedJudge()
    with FakeImageServer() as server, FakeChatServer(judge) as chat:
        lines = ["[judge]", 'backend = "openai"', f'base_url = "{chat.url}"', 'model = "fake"']
        profile = drawing(tmp_path, server, *lines)
        film = film_of(tmp_path, plan, profile, "images")
        before = len(judge.asked)
        action = plan.beats[0].action[:30]
        judge.script = {action: [{"people_count": fault("reroll")}, {}]}
        server.requests.clear()
        reshape(film, "16:9")
        assert len(judge.asked) > before
        (name,) = (path.stem for path in (film / "images").glob("beat_??_*.png"))
        mine = [r for r in server.requests if r.files[:1] == (picture(film, name),)]
        assert len(mine) == 2, "drawn, refused, and edited again from the same picture"
        wide = film.with_name("film-16x9")
        verdicts = json.loads((wide / "images" / f"{name}.verdicts.json").read_text())
        assert len(verdicts["attempts"]) == 2


def test_the_engine_edits_with_a_tiny_checkpoint(tmp_path: Path) -> None:
    with one_thread():
        from golden_cases import CHECKPOINT

        film = tmp_path / "film"
        film.mkdir()
        plan = a_plan(hook=None, canvas=SMALL.model_dump())
        (film / "plan.json").write_text(uncast(plan), encoding="utf-8")
        sets = ["image.backend=hidream", f"image.checkpoint={CHECKPOINT}"]
        sets += [
            "image.options.device=cpu",
            "image.options.resolution=256",
            "image.options.steps=2",
        ]
        images = RenderRequest(directory=film, overrides=tuple(sets), stages=("images",))
        made(images)
        before = {path.name: path.read_bytes() for path in (film / "images").glob("*.png")}
        shape = begin(film, "1:1", RenderRequest(overrides=tuple(sets)))
        made(replace(written(shape), stages=("images",)))
    square = film.with_name("film-1x1")
    assert sorted(path.stem for path in (square / "images").glob("*.png")) == [
        f"beat_0{number}_beat" for number in (1, 2, 3)
    ]
    for name in ("beat_01_beat.png", "cast_ann.png"):
        assert (square / "own" / name).read_bytes() == before[name]
    info = json.loads((square / "images/beat_02_beat.json").read_text())
    own, *sheets = info["reference_sizes"]
    assert own[0] / own[1] == pytest.approx(9 / 16, rel=0.1) and len(sheets) == 2
    assert info["drawn"][0] == info["drawn"][1]
    assert "another shape, 9:16" in info["prompt"]


def cached(run: Path) -> dict[str, bool]:
    events = events_in(run / "events.jsonl")
    return {e.step: e.cached for e in events if isinstance(e, StepFinished)}


def test_voices_stay_and_animatics_draw_each_scene_anew(tmp_path: Path) -> None:
    film = film_of(tmp_path, tiny_plan("A cat misses the last train", 1, canvas=TINY), TONES)
    reshape(film, "16:9")
    took = cached(film.with_name("film-16x9"))
    assert all(there for step, there in took.items() if step.startswith("speech/"))
    assert not any(there for step, there in took.items() if step.startswith("images/beat"))
    assert not (film.with_name("film-16x9") / "own").exists()
