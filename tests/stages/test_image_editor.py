"""`[image.edit]`: one backend draws the base scenes and sheets, another what is drawn from them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fake_comfyui import FakeComfyUI
from fake_images import FakeImageServer
from small_plans import a_plan

from storyboard.core import events
from storyboard.graph.explain import load_state, step_forecasts
from storyboard.graph.runner import RunContext, run_graph
from storyboard.graph.steps import From, Graph
from storyboard.graph.store import Store
from storyboard.judge.judge_loop import JudgeConfig
from storyboard.plan.staging import scenes_of
from storyboard.profile import Profile, ProfileError, load_profile
from storyboard.profile.backends import Backends
from storyboard.stages.clips import clip_steps
from storyboard.stages.images import PictureOptions, image_steps


def profile_of(folder: Path, scenes: FakeImageServer, edits: FakeComfyUI) -> Profile:
    path = folder / "two.toml"
    path.write_text(
        f"""extends = "embedded"
[image]
backend = "openai"
base_url = "{scenes.url}"
model = "fake-image"
dialect = "sglang"
options = {{ max_references = 0 }}
service = "scenes"
[image.edit]
backend = "comfyui"
base_url = "{edits.url}"
service = "edits"
options = {{ workflow = "qwen-image-edit", poll_s = 0.01 }}
[services.scenes]
health = "{scenes.root}/health"
peak_gib = 20
serves = ["images", "finals"]
release = ["unload"]
dialect = "comfyui"
[services.edits]
health = "{edits.url}/system_stats"
peak_gib = 20
serves = ["images", "finals"]
release = ["unload"]
dialect = "comfyui"
"""
    )
    return load_profile(str(path))


def graph_of(backends: Backends, judging: JudgeConfig | None = None) -> Graph:
    options = PictureOptions(judging=judging, editor=backends.editor)
    return Graph.of(
        image_steps(a_plan(), backends.image, options, scenes_of(a_plan())), backends.profile
    )


def test_scenes_come_from_one_and_beats_from_the_other(tmp_path: Path) -> None:
    with FakeImageServer("sglang") as scenes, FakeComfyUI() as edits:
        profile = profile_of(tmp_path, scenes, edits)
        log = events.EventLog(tmp_path / "events.jsonl")
        store = Store(tmp_path / ".store")
        (tmp_path / "film").mkdir()
        with Backends(profile) as backends:
            graph = graph_of(backends)
            run_graph(graph, RunContext(tmp_path / "film", store, log, backends))
            again = step_forecasts(graph, store, load_state(tmp_path / "film"))
    assert all(step.cached for step in again)
    assert [r.path for r in scenes.requests] == ["/v1/images/generations"] * 3
    assert len(edits.prompts) == 4
    loaded = [n for n in edits.prompts[2].values() if n["class_type"] == "LoadImage"]
    assert len(loaded) == 3, "the place and two people"
    info = json.loads((tmp_path / "film/images/beat_02_beat.json").read_text())
    assert info["references"][1] == "image 2 (character:ann)"


def test_each_needs_the_service_that_draws_it(tmp_path: Path) -> None:
    with FakeImageServer("sglang") as scenes, FakeComfyUI() as edits:
        profile = profile_of(tmp_path, scenes, edits)
        with Backends(profile) as backends:
            graph = graph_of(backends, JudgeConfig(1, 1, None))
    needs = {step.name: step.requires.services for step in graph.steps if step.requires}
    assert needs["images/set_bar/try-1"] == ("scenes",)
    assert needs["images/beat_01_beat/try-1"] == ("edits",)
    # How it is mended is known when it has been judged.
    assert needs["images/set_bar/try-2"] == ("scenes", "edits")


def test_the_animatic_has_nothing_to_edit(tmp_path: Path) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text('extends = "embedded"\n[image.edit]\nbackend = "comfyui"\n')
    with pytest.raises(ProfileError, match=r"image\.edit: the animatic draws scenes"):
        load_profile(str(path))


def test_sheets_go_to_a_video_model_that_takes_them(tmp_path: Path) -> None:
    with FakeImageServer("sglang") as scenes, FakeComfyUI() as edits:
        path = profile_of(tmp_path, scenes, edits)
        sets = ["video.h3.backend=openai", "video.h3.base_url=http://127.0.0.1:9/v1"]
        sets += ["video.h3.model=MiniMaxAI/MiniMax-H3", "video.h3.dialect=vllm-omni"]
        sets += ["video.h3.options.licence_confirmed=true", "video.routes.silent=h3"]
        profile = load_profile(str(tmp_path / "two.toml"), sets)
        assert path.name == profile.name
        with Backends(profile) as backends:
            clips = {
                step.name: step for step in clip_steps(a_plan(), backends, scenes_of(a_plan()))
            }
        with Backends(load_profile("embedded")) as backends:
            drawn = {
                step.name: step for step in clip_steps(a_plan(), backends, scenes_of(a_plan()))
            }
    shown = clips["clips/clip_02_beat"].sources
    assert shown["sheet 1 (Ann)"] == From("images/cast_ann", "image")
    assert shown["sheet 2 (Bob)"] == From("images/cast_bob", "image")
    assert not [label for label in drawn["clips/clip_02_beat"].sources if "sheet" in label]
