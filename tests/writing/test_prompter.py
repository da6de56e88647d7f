"""The prompt agent against models that are good, careless, looping and gone."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from drafts import drafted
from fake_chat import FakeChatServer, Reply
from PIL import Image
from rich.console import Console
from tiny_films import tiny_run
from typer.testing import CliRunner

from renderers.chat.openai import OpenAIChat
from renderers.errors import Unavailable
from storyboard.cli import app
from storyboard.cli.display import ConsoleDisplay
from storyboard.core.events import RunStarted, StepFinished, events_in
from storyboard.plan import Beat, Plan, dump_plan, load_plan
from storyboard.stages.film import make_film
from storyboard.stages.render_request import RenderRequest
from storyboard.writing.prompting.checks import prompt_faults
from storyboard.writing.prompting.prompter import (
    is_stale,
    pictures,
    prompt_of,
    rewrite,
    template,
)

# The draft chooses people by the idea; these stay whoever it would choose.
PEOPLE = {
    "a": ("マイ", "feminine", "a woman in her thirties with curly blond hair", "a navy jumper"),
    "b": ("カイト", "masculine", "a man in his thirties with dimples", "a cream knitted jumper"),
    "judge": ("サクラ", "feminine", "a woman in her seventies with grey hair", "a black robe"),
}
FIELDS = ("name", "presentation", "appearance", "wardrobe")


def peopled(plan: Plan) -> Plan:
    cast = [c.model_copy(update=dict(zip(FIELDS, PEOPLE[c.id], strict=True))) for c in plan.cast]
    return plan.model_copy(update={"cast": cast})


PLAN = peopled(drafted("consent_dilemma", "ja"))
COURT = PLAN.beat(8)


def reworded(draft: str) -> str:
    """What a good model makes of a draft of the rest: the same, in other words and order."""
    head = draft.rstrip(".").split(". ")[:-1]
    there = "Soft light comes from behind, the foreground is in shadow"
    return ". ".join([*head[:4], there, "A slow breath hangs in the air"])


def asked(body: dict[str, Any]) -> str:
    """The draft of the part that the model words."""
    return body["messages"][1]["content"].partition("Draft of the rest\n")[2].partition("\n")[0]


def good(body: dict[str, Any]) -> Reply:
    return {"text": reworded(asked(body))}


def run(script: Any, plan: Plan = PLAN, beat: Beat = COURT) -> tuple[Any, FakeChatServer]:
    with FakeChatServer(script) as server:
        chat = OpenAIChat(server.url, "fake", retries=0, attempts=1)
        return rewrite(plan, beat, chat), server


def test_a_sound_answer_is_kept_with_the_references_and_shift_of_the_rules() -> None:
    written, server = run(good)
    assert written.prompt.text.endswith("in the air") and not written.note
    assert written.prompt.references == ["setting:court", "character:judge"]
    assert written.prompt.shift == 3.0 and "worded by fake" in written.prompt.reason
    (body,) = server.requests
    assert "response_format" not in body
    assert body["messages"][0]["content"].startswith("You write prompts for an image model")


def test_what_must_be_right_is_never_the_model_s() -> None:
    written, server = run(lambda body: {"text": f"{reworded(asked(body))}"})
    told = server.requests[0]["messages"][1]["content"]
    kept = told.partition("Fixed sentences\n")[2].partition("\n")[0]
    assert written.prompt.text.startswith(kept)
    for fact in ("image 2 is Sakura", "a black robe", "her mouth open", '"開廷中"', "Only Sakura"):
        assert fact in kept and fact not in asked(server.requests[0])


def test_a_model_that_repeats_the_fixed_sentences_is_understood() -> None:
    def repeats(body: dict[str, Any]) -> Reply:
        kept = body["messages"][1]["content"].partition("Fixed sentences\n")[2].partition("\n")[0]
        return {"text": f"{kept} {reworded(asked(body))}"}

    written, _ = run(repeats)
    assert not written.note and written.prompt.text.count("Image 1 is") == 1


def test_faults_go_back_to_the_model_by_name() -> None:
    def careless_once(body: dict[str, Any]) -> Reply:
        if len(body["messages"]) == 2:
            return {"text": f"{reworded(asked(body))}. Sakura keeps her lips pressed together"}
        return good(body)

    written, server = run(careless_once)
    assert not written.note and len(server.requests) == 2
    complaint = server.requests[1]["messages"][3]["content"]
    assert "Sakura speaks here: the mouth is open" in complaint


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda t: "A judge in a courtroom.", "5 words"),
        (lambda t: f"{t}. {t}. {t}. {t}", "are allowed"),
        (lambda t: f"medium shot, low angle, front view. {t}", "the fixed sentences again"),
        (lambda t: f"{t}. Behind her stands Kaito.", "Kaito is not in this picture"),
        (lambda t: f"{t}. Behind her stands a bailiff.", "bailiff: only Sakura can be seen"),
        (lambda t: f"{t}. Her robe is scarlet.", "robe is black, and not red"),
        (lambda t: f"{t}. The hall comes from image 2.", "image 2 is Sakura, and not a place"),
        (lambda t: f'{t}. She says "guilty".', '"guilty" stands in double quotes'),
        (lambda t: f"{t}. **Bold**", "Markdown"),
        (lambda t: f"{t}. There is no clock.", "names what is not there"),
        (lambda t: re.sub(r"(?i)light|shadow", "air", t),
         "says nothing of the light"),
    ],
)  # fmt: skip
def test_an_answer_that_would_draw_another_picture_is_not_used(
    spoil: Callable[[str], str], fault: str
) -> None:
    written, server = run(lambda body: {"text": spoil(reworded(asked(body)))})
    assert fault in written.note and len(server.requests) == 3
    assert written.prompt.text == template(PLAN, COURT).text
    assert "template stands in" in written.prompt.reason


@pytest.mark.parametrize(
    "reply",
    [
        {"text": "the judge points down at him " * 40},
        {"text": "cut off in the mid", "finish_reason": "length"},
        {"text": ""},
        {"text": "no", "refusal": "I cannot."},
    ],
)
def test_a_model_that_loops_or_declines_leaves_the_template_and_a_note(reply: Reply) -> None:
    written, _ = run([reply])
    assert written.prompt.text == template(PLAN, COURT).text and written.note


def test_no_server_is_an_error_and_no_template() -> None:
    with pytest.raises(Unavailable):
        rewrite(PLAN, COURT, OpenAIChat("http://127.0.0.1:9/v1", "fake", retries=0, attempts=1))


@pytest.mark.parametrize("index", [4, 7])
def test_silence_and_the_kiss_must_be_said(index: int) -> None:
    beat = PLAN.beat(index)
    text = template(PLAN, beat).text
    assert prompt_faults(PLAN, beat, text, template(PLAN, beat).references) == []
    for word in ("closed", "lips together", "lips meet", "lips"):
        text = text.replace(word, "")
    assert any("mouth is closed" in fault or "lips meet" in fault
               for fault in prompt_faults(PLAN, beat, text))  # fmt: skip


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("format", ["comedy_5", "consent_dilemma", "explainer", "language_mishap"])
def test_the_template_passes_its_own_checks(format: str, language: str) -> None:
    plan = drafted(format, language)
    for called, picture in pictures(plan):
        draft = template(plan, picture)
        assert prompt_faults(plan, picture, draft.text, draft.references) == [], called


def words(plan: Plan, folder: Path, script: Any = good) -> tuple[Plan, FakeChatServer]:
    """The plan as it is once a run has worded its pictures, and who was asked."""
    profile = folder.parent / "worded.toml"
    with FakeChatServer(script) as server:
        chat = f'backend = "openai"\nbase_url = "{server.url}"\nmodel = '
        profile.write_text(
            f'extends = "embedded"\n[chat]\n{chat}"fake"\n[image]\n{chat}"painter"\n', "utf-8"
        )
        request = RenderRequest(
            directory=tiny_run(folder, plan), profile=str(profile), stages=("plan",)
        )
        make_film(request, ConsoleDisplay(Console(quiet=True), quiet=True))
    return load_plan(folder / "plan.json"), server


@pytest.fixture(scope="module")
def worded(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """With a prompt for every picture."""
    plan, server = words(PLAN, tmp_path_factory.mktemp("worded") / "run")
    assert len(server.requests) == len(list(pictures(plan)))
    assert all(picture.prompt is not None for _, picture in pictures(plan))
    return plan


def steps_of(folder: Path) -> dict[str, bool]:
    """By step of the last run, whether it was there already."""
    log = list(events_in(folder / "events.jsonl"))
    begun = max(n for n, event in enumerate(log) if isinstance(event, RunStarted))
    return {e.step: e.cached for e in log[begun:] if isinstance(e, StepFinished)}


def test_only_what_an_edit_touches_is_written_again(worded: Plan, tmp_path: Path) -> None:
    cast = [
        c.model_copy(update={"wardrobe": "a red raincoat"}) if c.id == "b" else c
        for c in worded.cast
    ]
    edited = worded.model_copy(update={"cast": cast})
    stale = [beat.index for beat in edited.beats if is_stale(edited, beat)]
    assert stale == [b.index for b in worded.beats if "b" in b.cast] == [1, 3, 5, 7]
    assert "red raincoat" in prompt_of(edited, edited.beat(3)).text
    assert next(called for called, p in pictures(edited) if is_stale(edited, p)).startswith("the s")
    plan, server = words(edited, tmp_path / "run")
    assert len(server.requests) == 5  # four beats and the sheet
    made = steps_of(tmp_path / "run")
    assert made.pop("plan"), "it was there"
    beats = [name for name in sorted(made) if name.startswith("prompts/beat")]
    assert [n for n, name in enumerate(beats, 1) if not made[name]] == stale
    # The same again asks nobody: what was written is in the plan, and in the store without it.
    _, server = words(plan, tmp_path / "run")
    assert all(steps_of(tmp_path / "run").values()) and not server.requests
    again, server = words(edited, tmp_path / "run")
    assert all(steps_of(tmp_path / "run").values()) and not server.requests
    assert again == plan


def test_a_line_or_a_pause_is_no_part_of_a_picture(worded: Plan) -> None:
    plan = worded
    spoken = plan.beat(2).model_copy(update={"line": "えっと。", "pause": 1.5, "seed": 7})
    assert not is_stale(plan, spoken)


def test_a_prompt_written_by_hand_is_never_touched(worded: Plan, tmp_path: Path) -> None:
    plan = worded
    own = plan.beat(1).prompt
    assert own is not None
    own = own.model_copy(update={"text": "My words.", "edited": True, "basis": "long ago"})
    beats = [b.model_copy(update={"prompt": own}) if b.index == 1 else b for b in plan.beats]
    kept, server = words(plan.model_copy(update={"beats": beats}), tmp_path / "run")
    assert prompt_of(kept, kept.beat(1)).text == "My words." and not server.requests


def test_places_and_sheets_of_the_user_s_own_are_not_worded(tmp_path: Path) -> None:
    cast = [c.model_copy(update={"references": ["mai.png"]}) for c in PLAN.cast]
    own = PLAN.model_copy(update={"cast": cast, "beats": PLAN.beats[:1]})
    (tmp_path / "run").mkdir()
    Image.new("RGB", (512, 512)).save(tmp_path / "run" / "mai.png")
    plan, server = words(own, tmp_path / "run")
    assert all(character.prompt is None for character in plan.cast)
    assert len(server.requests) == len(plan.settings) + 2  # the hook and the beat


def test_a_backend_without_references_gets_words_that_need_none(worded: Plan) -> None:
    bare = prompt_of(worded, worded.beat(1), limit=0)
    assert bare.references == [] and "image 1" not in bare.text.lower()


# --- the command ------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "plan.json").write_text(dump_plan(PLAN), encoding="utf-8")
    return tmp_path


def command(folder: Path, *arguments: str, stdin: str = "") -> Any:
    return CliRunner().invoke(app, ["prompt", "--dir", str(folder), *arguments], input=stdin)


def test_the_command_shows_prompt_references_and_shift(folder: Path) -> None:
    shown = command(folder, "--beat", "8")
    assert shown.exit_code == 0
    assert "Sakura, a woman in her seventies" in shown.stdout
    assert "image 2  character:judge" in shown.stdout and "shift 3 " in shown.stdout
    assert command(folder).stdout.count("shift ") == 10


def test_a_text_set_by_hand_is_kept_and_its_gaps_are_named(folder: Path) -> None:
    result = command(folder, "--beat", "8", "--set-text", "-", stdin="Only\n my words")
    assert "your own" in result.stdout and "Sakura is not named" in result.stderr
    stored = load_plan(folder / "plan.json").beat(8).prompt
    assert stored is not None and stored.edited and stored.text == "Only my words"
    refused = command(folder, "--beat", "8", "--rewrite")
    assert refused.exit_code == 2 and "--reset" in refused.stderr
    assert "template" in command(folder, "--beat", "8", "--reset").stdout
    assert load_plan(folder / "plan.json") == PLAN


def test_the_command_shows_and_sets_hook_places_and_sheets(folder: Path) -> None:
    assert "ready for a title" in command(folder, "--beat", "0").stdout
    assert "studio wall" in command(folder, "--of", "judge").stdout
    assert "your own" in command(folder, "--of", "court", "--set-text", "-", stdin="Mine").stdout
    stored = load_plan(folder / "plan.json").setting("court").prompt
    assert stored is not None and stored.text == "Mine"
    unknown = command(folder, "--of", "moon")
    assert unknown.exit_code == 2 and "court" in unknown.stderr


def test_the_command_rewrites_through_the_profile_s_model(folder: Path) -> None:
    with FakeChatServer(good) as server:
        chat = ["chat.backend=openai", f"chat.base_url={server.url}", "chat.model=fake"]
        result = command(
            folder, "--beat", "8", "--rewrite", *(part for c in chat for part in ("--set", c))
        )
    assert "reworded" in result.stdout and "in the air" in result.stdout
    offline = command(folder, "--beat", "1", "--rewrite")
    assert offline.exit_code == 2 and "needs a language model" in offline.stderr
