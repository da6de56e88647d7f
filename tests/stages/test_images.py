"""The picture stage: real graphs, real files, the tiny engine and fake servers."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from fake_images import FakeImageServer
from small_plans import a_plan, dressed, one_thread, uncast
from typer.testing import CliRunner

from renderers.image.openai import OpenAIImages
from renderers.image.png import decode
from storyboard.cli import app
from storyboard.core import events
from storyboard.core.errors import PlanError, UsageError
from storyboard.graph.explain import load_state, step_forecasts
from storyboard.graph.runner import RunContext, run_graph
from storyboard.graph.steps import Graph
from storyboard.graph.store import Store
from storyboard.plan import Plan, parse_plan
from storyboard.plan.cast_library import CastLibrary
from storyboard.plan.staging import scenes_of
from storyboard.profile import load_profile
from storyboard.profile.backends import Backends
from storyboard.stages import grid
from storyboard.stages.film_graph import build_graph
from storyboard.stages.images import PictureOptions, image_steps

USUAL = PictureOptions()


class Studio:
    """A run folder and an image server."""

    def __init__(self, folder: Path, server: FakeImageServer, references: int = 4) -> None:
        self.folder = folder
        self.server = server
        self.profile = load_profile(
            "embedded",
            [
                "image.backend=openai",
                f"image.base_url={server.url}",
                "image.model=fake-image",
                "image.dialect=sglang",
                f"image.options.max_references={references}",
            ],
        )

    def graph(self, plan: Plan, options: PictureOptions = USUAL) -> Graph:
        with Backends(self.profile) as backends:
            return Graph(tuple(image_steps(plan, backends.image, options, scenes_of(plan))))

    def draw(self, plan: Plan, options: PictureOptions = USUAL) -> list[str]:
        """Make all pictures; the steps that really ran."""
        ran: list[str] = []

        def listen(event: events.Event) -> None:
            if isinstance(event, events.StepFinished) and not event.cached:
                ran.append(event.step.removeprefix("images/"))

        self.folder.mkdir(exist_ok=True)
        log = events.EventLog(self.folder / "events.jsonl", listen)
        store = Store(self.folder.parent / ".store")
        with Backends(self.profile) as backends:
            graph = Graph(tuple(image_steps(plan, backends.image, options, scenes_of(plan))))
            run_graph(graph, RunContext(self.folder, store, log, backends))
        return ran

    def stale(self, plan: Plan, options: PictureOptions = USUAL) -> list[str]:
        found = step_forecasts(
            self.graph(plan, options), Store(self.folder.parent / ".store"), load_state(self.folder)
        )
        return [f.step.removeprefix("images/") for f in found if not f.cached]

    def info(self, name: str) -> Mapping[str, Any]:
        return json.loads((self.folder / "images" / f"{name}.json").read_text())


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    with FakeImageServer("sglang") as server:
        yield Studio(tmp_path / "film", server)


def test_beats_are_drawn_from_the_place_and_the_sheets_by_number(studio: Studio) -> None:
    ran = studio.draw(a_plan())
    assert ran == ["set_bar", "cast_ann", "cast_bob", "hook"] + [
        f"beat_0{i}_beat" for i in (1, 2, 3)
    ]
    images = studio.folder / "images"
    request = studio.server.requests[5]
    assert request.path.endswith("/edits")
    assert request.files == tuple(
        (images / f"{name}.png").read_bytes() for name in ("set_bar", "cast_ann", "cast_bob")
    )
    assert "image 2 is Ann and image 3 is Bob" in request.fields["prompt"]
    info = studio.info("beat_02_beat")
    assert info["references"][2] == "image 3 (character:bob)" and info["options"]["shift"] == 3.0
    assert info["width"] / info["height"] == pytest.approx(9 / 16, abs=0.001)
    assert studio.draw(a_plan()) == []


def test_a_model_that_reads_prompts_draws_the_speakers_end_of_a_call(studio: Studio) -> None:
    plan = a_plan().model_dump(mode="json")
    plan["settings"].append({**plan["settings"][0], "id": "far", "name": "Far", "place": "kitchen"})
    call, answer = plan["beats"][1:]
    for beat, speaker in ((call, "ann"), (answer, "bob")):
        beat |= {
            "cast": ["ann", "bob"],
            "speaker": speaker,
            "line": "Hello?",
            "elsewhere": {"bob": "far"},
        }
    with Backends(studio.profile) as backends:
        graph = build_graph(parse_plan(plan), backends)
    here, there = (
        step for step in graph.steps if step.name in ("images/beat_02_beat", "images/beat_03_beat")
    )
    assert list(here.sources) == ["image 1 (beat:1)", "image 2 (character:ann)"]
    assert list(there.sources) == ["image 1 (setting:far)", "image 2 (character:bob)"]
    assert "Bob" not in here.params.prompt and "Ann" not in there.params.prompt


def test_another_wardrobe_redraws_just_the_pictures_that_show_it(studio: Studio) -> None:
    studio.draw(a_plan())
    edited = dressed(a_plan(), "bob", "a yellow raincoat")
    foretold = studio.stale(edited)
    assert foretold == ["cast_bob", "beat_02_beat", "beat_03_beat"]
    assert studio.draw(edited) == foretold
    assert studio.draw(a_plan()) == []


def test_a_shot_that_goes_on_is_drawn_from_the_picture_before(studio: Studio) -> None:
    beats = [
        {"index": i, "type": "beat", "setting": "bar", "cast": ["ann"], "expression": face}
        for i, face in enumerate(("happy", "sad"), 1)
    ]
    studio.draw(a_plan(beats=beats, hook=None))
    info = studio.info("beat_02_beat")
    assert info["references"] == ["image 1 (beat:1)", "image 2 (character:ann)"]
    assert info["options"]["shift"] == 1.0


def test_a_backend_that_takes_no_pictures_draws_from_words_alone(tmp_path: Path) -> None:
    with FakeImageServer("sglang", edits=False) as server:
        ran = Studio(tmp_path / "film", server, references=0).draw(a_plan())
    assert ran == ["hook", "beat_01_beat", "beat_02_beat", "beat_03_beat"]
    assert all("image 1" not in r.fields["prompt"].lower() for r in server.requests)
    assert "a man with a beard" in server.requests[2].fields["prompt"]


def test_a_prompt_and_references_set_by_hand_are_used(studio: Studio, tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    OpenAIImages(studio.server.url, "fake-image", dialect="sglang").render(_request(), photo)
    plan = a_plan()
    prompt = {"text": "My words.", "references": [str(photo), "beat:1"], "edited": True}
    beats = [b.model_dump() for b in plan.beats]
    beats[1]["prompt"] = {**prompt, "shift": 2.0}
    studio.draw(a_plan(beats=beats))
    assert studio.server.requests[-2].files[0] == photo.read_bytes()
    assert studio.info("beat_02_beat")["prompt"] == "My words."
    beats[0]["prompt"] = prompt
    with pytest.raises(PlanError, match=r"beats\[0\]\.prompt\.references\[1\]"):
        studio.graph(a_plan(beats=beats))


def _request() -> Any:
    from renderers.base import ImageRequest

    return ImageRequest("a face", 512, 512, 1)


def test_pictures_of_a_character_replace_the_sheet_or_are_drawn_into_one(
    studio: Studio, tmp_path: Path
) -> None:
    photos = [tmp_path / f"{i}.png" for i in range(2)]
    for photo in photos:
        OpenAIImages(studio.server.url, "fake-image", dialect="sglang").render(_request(), photo)
    people = [c.model_dump() for c in a_plan().cast]
    people[0]["references"] = [str(photos[0])]
    people[1]["references"] = [str(photo) for photo in photos]
    assert "cast_ann" not in studio.draw(a_plan(cast=people))
    sheet = next(r for r in studio.server.requests if r.path.endswith("edits"))
    assert "Image 1 is Bob and image 2 is Bob" in sheet.fields["prompt"] and len(sheet.files) == 2


# --- drafts, grids, libraries -----------------------------------------------


def test_finals_follow_what_the_drafts_settled(studio: Studio) -> None:
    ran = studio.draw(a_plan(), PictureOptions(draft=True))
    assert ran.index("drafts/beat_01_beat") < ran.index("beat_01_beat")
    drafts = studio.folder / "images" / "drafts"
    settled = json.loads((drafts / "beat_01_beat.settled.json").read_text())
    final = studio.info("beat_01_beat")
    assert settled == {"prompt": final["prompt"], "seed": final["seed"]}
    assert json.loads((drafts / "beat_01_beat.json").read_text())["options"]["preset"] == "preview"
    # The drafts change nothing about a final that is already drawn from the same words.
    assert studio.draw(a_plan(), PictureOptions(draft=True)) == []


def test_a_grid_lends_each_beat_its_panel_and_outlives_another_wardrobe(studio: Studio) -> None:
    options = PictureOptions(grid=True)
    ran = studio.draw(a_plan(), options)
    assert "grid_1" in ran
    panel = decode((studio.folder / "images/drafts/panel_02_beat.png").read_bytes())
    assert panel.width() / panel.height() == pytest.approx(9 / 16, abs=0.01)
    info = studio.info("beat_02_beat")
    assert info["references"][-1] == "image 4 (layout)"
    assert "Image 4 is a rough layout" in info["prompt"]
    edited = dressed(a_plan(), "bob", "a yellow raincoat")
    assert studio.stale(edited, options) == ["cast_bob", "beat_02_beat", "beat_03_beat"]


@pytest.mark.parametrize("panels", [1, 2, 5, 6, 10, 12])
@pytest.mark.parametrize("ratio", [9 / 16, 16 / 9, 1.0])
def test_panels_keep_the_canvas_s_shape(panels: int, ratio: float) -> None:
    shape = grid.layout(panels, ratio)
    assert panels <= shape.columns * shape.rows < panels + max(shape.columns, shape.rows)
    cell = shape.width / shape.columns / (shape.height / shape.rows)
    assert cell == pytest.approx(ratio, rel=0.01)
    assert max(shape.width, shape.height) == 2048


def test_a_series_keeps_its_faces(studio: Studio, tmp_path: Path) -> None:
    library = CastLibrary(tmp_path / "cast")
    options = PictureOptions(library)
    studio.draw(a_plan(), options)
    assert library.keep(a_plan(), studio.folder / "images") == ["Ann", "Bob"]
    # The same film finds its own sheets there, and nothing is drawn again.
    assert studio.stale(a_plan(), options) == ["cast_ann", "cast_bob"]
    assert studio.draw(a_plan(), options) == ["cast_ann", "cast_bob"]
    assert studio.draw(a_plan(), options) == []
    calls = len(studio.server.requests)
    # The next film has other settings, another coat, and the same Ann and Bob.
    following = dressed(a_plan(seed=7), "bob", "a yellow raincoat")
    other = Studio(tmp_path / "next", studio.server)
    other.draw(following, options)
    kept = (library.folder / "ann" / "sheet.png").read_bytes()
    assert (tmp_path / "next/images/cast_ann.png").read_bytes() == kept
    bob = next(r for r in studio.server.requests[calls:] if r.files)
    assert bob.files == ((library.folder / "bob" / "sheet.png").read_bytes(),)
    assert "a yellow raincoat" in bob.fields["prompt"] and "Image 1 is Bob" in bob.fields["prompt"]
    assert library.keep(following, tmp_path / "next" / "images") == []


def test_a_broken_library_entry_is_named(studio: Studio, tmp_path: Path) -> None:
    home = tmp_path / "cast" / "ann"
    home.mkdir(parents=True)
    (home / "sheet.png").write_bytes(b"")
    with pytest.raises(UsageError, match=r"ann/character\.json cannot be read"):
        studio.graph(a_plan(), PictureOptions(CastLibrary(tmp_path / "cast")))


# --- the commands -----------------------------------------------------------


def test_the_engine_draws_the_stage_with_a_tiny_checkpoint(tmp_path: Path) -> None:
    with one_thread():
        from golden_cases import CHECKPOINT

        film = tmp_path / "film"
        film.mkdir()
        plan = film / "plan.json"
        plan.write_text(uncast(a_plan(hook=None)), encoding="utf-8")
        sets = ["image.backend=hidream", f"image.checkpoint={CHECKPOINT}"]
        sets += [
            "image.options.device=cpu",
            "image.options.resolution=256",
            "image.options.steps=2",
        ]
        given = [part for value in sets for part in ("--set", value)]
        drawn = CliRunner().invoke(app, ["visual", "--plan", str(plan), "-q", *given])
        assert drawn.exit_code == 0, drawn.stderr
        sizes = {
            (picture.width(), picture.height())
            for path in (film / "images").glob("*.png")
            for picture in [decode(path.read_bytes())]
        }
        assert sizes == {(144, 256)} and len(list((film / "images").glob("*.png"))) == 6
        info = json.loads((film / "images/beat_02_beat.json").read_text())
        assert info["steps"] == 2 and len(info["reference_sizes"]) == 3
        edited = dressed(a_plan(hook=None), "ann", "a black robe")
        plan.write_text(uncast(edited), encoding="utf-8")
        told = CliRunner().invoke(
            app, ["run", "--dir", str(film), "--only", "images", "--explain", "--json", *given]
        )
    steps = json.loads(told.stdout)["steps"]
    stale = [step["step"] for step in steps if step["status"] != "cached"]
    assert stale == ["images/cast_ann", "images/beat_01_beat", "images/beat_02_beat"]


def test_storyboard_imports_no_torch() -> None:
    import subprocess

    code = (
        "import sys, storyboard, storyboard.cli, storyboard.stages.images, storyboard.writing.prompting.prompter;"
        "assert not {'torch', 'transformers'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
