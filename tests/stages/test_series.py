"""A series: what its episodes share, and what none of them tells again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import scripted_model
from fake_chat import FakeChatServer, Reply
from tiny_films import tiny_plan, tiny_run
from typer.testing import CliRunner

from storyboard.core.errors import UsageError
from storyboard.plan import Plan, Voice, load_plan
from storyboard.plan.casting import with_looks
from storyboard.plan.format_files import load_format
from storyboard.plan.series import bible_in, series_of
from storyboard.stages.render_request import RenderRequest

BIBLE = """
title: Tram 12
people:
  - name: Mia
    appearance: silver hair in a long braid
    voice: {kind: preset, preset: af_heart}
gags: [the tram is never on time]
format: comedy_5
style: ink
captions: boxed
"""


@pytest.fixture
def series(tmp_path: Path) -> Path:
    folder = tmp_path / "tram12"
    folder.mkdir()
    (folder / "series.yaml").write_text(BIBLE, encoding="utf-8")
    return folder


class Model:
    """Writes a sound script, at first with a line of the episode before."""

    def __init__(self, copied: str) -> None:
        self.copied = copied
        self.asked: list[str] = []

    def __call__(self, body: dict[str, Any]) -> Reply:
        name = (body.get("response_format") or {}).get("json_schema", {}).get("name", "")
        self.asked.append("\n".join(str(m["content"]) for m in body["messages"]))
        if name != "script":
            return scripted_model.answer(body)
        script = scripted_model.sound_script(load_format("comedy_5"))
        if sum("is said in another episode" in asked for asked in self.asked) == 0:
            script["beats"]["2_reaction"]["line"] = self.copied
        return {"text": json.dumps(scripted_model.parts_asked(body, script))}


@pytest.fixture
def model() -> Iterator[Model]:
    yield Model("Nobody on this tram has ever paid in coins.")


def first_episode(series: Path, copied: str) -> Plan:
    plan = tiny_plan("A whistle is lost on the night tram", 2)
    beats = [plan.beats[0].model_copy(update={"line": copied}), plan.beats[1]]
    leo = plan.cast[0].model_copy(
        update={"name": "Leo", "voice": Voice(preset="am_fenrir"), "presentation": "masculine"}
    )
    plan = plan.model_copy(update={"beats": beats, "cast": [leo, *plan.cast[1:]]})
    tiny_run(series / "a-whistle", plan)
    return plan


def run(*words: str) -> Any:
    from storyboard.cli import app

    return CliRunner().invoke(app, ["run", *words, "--only", "plan", "--quiet"])


def test_an_episode_knows_its_people_and_what_was_told(series: Path, model: Model) -> None:
    first_episode(series, model.copied)
    with FakeChatServer(model) as server:
        profile = series / "planned.toml"
        profile.write_text(
            f'extends = "embedded"\n[chat]\nbackend = "openai"\nbase_url = "{server.url}"\n'
            'model = "tiny"\nstrength = "script"\n[judge]\nbackend = "none"\n',
            encoding="utf-8",
        )
        idea = "A passenger who never gets off"
        done = run("--series", str(series), "--idea", idea, "--profile", str(profile))
    assert done.exit_code == 0, done.output
    plan = load_plan(series / "a-passenger-who-never-gets-off" / "plan.json")
    told = model.asked[0]
    assert "Series: Tram 12" in told and "the tram is never on time" in told
    assert "A whistle is lost on the night tram" in told and "silver hair" in told
    assert model.copied not in [beat.line for beat in plan.beats]
    mia = next(person for person in plan.cast if person.name == "Mia")
    assert mia.appearance == "silver hair in a long braid"
    assert mia.voice is not None and mia.voice.preset == "af_heart"
    leo = next(person for person in plan.cast if person.name == "Leo")
    assert leo.voice is not None and leo.voice.preset == "am_fenrir", "as the last time"
    assert plan.style.look == "ink" and plan.caption_look is not None


def test_a_face_comes_back_with_the_same_words(series: Path) -> None:
    before = first_episode(series, "Mind the gap, please.")
    later = series_of(series / "next")
    assert later is not None
    again = later.people_of(before, ["am_fenrir"]).cast[0]
    assert again.avatar == with_looks(before).cast[0].avatar
    coat = before.cast[0].model_copy(update={"wardrobe": "a yellow raincoat", "voice": None})
    dressed = before.model_copy(update={"cast": [coat, *before.cast[1:]]})
    changed = later.people_of(dressed, ["am_fenrir"]).cast[0]
    assert changed.avatar is None and changed.voice == before.cast[0].voice
    assert later.people_of(dressed, ["af_heart"]).cast[0].voice is None, "nobody here has it"


def test_a_dub_or_another_hook_is_no_episode_of_its_own(series: Path) -> None:
    before = first_episode(series, "Mind the gap, please.")
    tiny_run(series / "a-whistle-hook2", before)
    found = series_of(series / "next")
    assert found is not None and len(found.earlier) == 1


def test_whichever_door_makes_an_episode_takes_its_faces(series: Path, tmp_path: Path) -> None:
    episode = RenderRequest(directory=series / "a-whistle")
    assert episode.overrides == (f"image.cast_library={series / 'cast'}",)
    own = RenderRequest(
        directory=series / "a-whistle", overrides=("image.cast_library=/elsewhere",)
    )
    assert own.overrides == ("image.cast_library=/elsewhere",)
    assert RenderRequest(directory=tmp_path / "film").overrides == ()


def test_whichever_door_makes_an_episode_takes_its_shape(series: Path) -> None:
    pytest.importorskip("dbos")
    from storyboard.batch.queue import open_queue
    from storyboard.cli import app

    shape = "aspect: '1:1'\nlanguage: ja\n"
    (series / "series.yaml").write_text(BIBLE + shape, encoding="utf-8")
    asked = RenderRequest(idea="Why is the sky blue?", out=series / "sky", language="en")
    assert (asked.format, asked.language, asked.aspect) == ("comedy_5", "en", "1:1")
    added = CliRunner().invoke(app, ["batch", "add", "Why is it so?", "--runs", str(series)])
    assert added.exit_code == 0, added.output
    with open_queue(series, "") as queue:
        (film,) = queue.films()
    assert (film.entry.format, film.entry.language, film.entry.aspect) == ("comedy_5", "ja", "1:1")


def test_what_does_not_hold_is_told(series: Path, tmp_path: Path) -> None:
    none = run("--series", str(tmp_path), "--idea", "A cat")
    assert none.exit_code == 2 and "holds no series.yaml" in " ".join(none.output.split())
    without = run("--series", str(series))
    assert without.exit_code == 2 and "give the idea" in " ".join(without.output.split())
    (series / "series.yaml").write_text("title: T\npeople: [{nam: Mia}]\nstyle: ink\n", "utf-8")
    with pytest.raises(UsageError, match=r"people\[0\]\.nam"):
        bible_in(series)
    (series / "series.yaml").write_text("title: T\nstyle: oil\n", "utf-8")
    with pytest.raises(UsageError, match="oil"):
        bible_in(series)
