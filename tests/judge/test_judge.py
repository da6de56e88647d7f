"""The rubric, the measures, the question and its answer, remedies: what needs no film."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from drafts import drafted
from fake_chat import FakeChatServer
from scripted_judge import PASS, ScriptedJudge, fault
from small_plans import a_plan

from renderers.base import ImageRequest, Reference
from renderers.chat.openai import OpenAIChat
from renderers.errors import BadRequest
from storyboard.judge.asking import Case, ask, question
from storyboard.judge.brief import (
    Brief,
    beat_brief,
    character_brief,
    hook_brief,
    setting_brief,
)
from storyboard.judge.labelled_set import Labelled, load_labels, shipped
from storyboard.judge.measures import MeasuredPicture, Other, measure
from storyboard.judge.mending import Means, Try, mended, mending_for
from storyboard.judge.rubric import Rubric, rubric
from storyboard.judge.verdict import PictureFinding, Verdict
from storyboard.plan import staging


def briefs_of(plan: Any) -> list[Brief]:
    found = [beat_brief(plan, beat) for beat in plan.beats]
    found += [setting_brief(plan, setting) for setting in plan.settings]
    found += [character_brief(plan, character) for character in plan.cast]
    return [*found, hook_brief(plan, plan.hook, 0.27)] if plan.hook else found


@pytest.mark.parametrize("format", ["comedy_5", "consent_dilemma", "explainer", "language_mishap"])
@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_statement_reads_whole_for_every_picture(format: str, language: str) -> None:
    for brief in briefs_of(drafted(format, language)):
        assert Brief.of(json.loads(json.dumps(brief.document()))) == brief
        for check in brief.checks():
            for words in (check.ask, check.edit, check.clause):
                said = brief.say(words)
                assert said.isascii() or language == "ja" or "é" in said, said
                assert "{" not in said and "  " not in said and ": ." not in said, said
                assert "nobody can be seen" not in said
        ids = {check.id for check in brief.checks()}
        assert ("people_count" in ids) != ("nobody" in ids)


def test_mouths_are_checked_where_nobody_speaks_and_faces_show() -> None:
    def mouths(**changes: Any) -> set[str]:
        beat = {"index": 1, "type": "beat", "setting": "bar", "cast": ["ann"], **changes}
        plan = a_plan(beats=[beat])
        checks = beat_brief(plan, plan.beats[0]).checks()
        return {check.id for check in checks if check.id.startswith("mouth")}

    assert mouths() == {"mouth_closed"}
    assert mouths(shot={"orientation": "back view"}) == set()
    assert mouths(speaker="ann", line="Hi") == {"mouth_open"}
    # Somebody else is heard: the lips of those in frame must not move.
    assert mouths(speaker="bob", line="Hi") == mouths(speaker="narrator", line="Hi")
    assert mouths(speaker="narrator", line="Hi") == {"mouth_closed"}


def test_a_rubric_that_cannot_mend_is_refused() -> None:
    data = rubric().model_dump(mode="json")
    check = {"id": "x", "level": "hard", "of": ["beat"], "ask": "It is x.", "mend": ["edit"]}
    with pytest.raises(ValueError, match="needs reroll as its last remedy"):
        Rubric.model_validate({**data, "checks": [check]})
    check |= {"mend": ["edit", "reroll"]}
    with pytest.raises(ValueError, match="no words for the remedy edit"):
        Rubric.model_validate({**data, "checks": [check]})
    check |= {"edit": "Make it x"}
    with pytest.raises(ValueError, match="named twice: x"):
        Rubric.model_validate({**data, "checks": [check, check]})


# --- measures ---------------------------------------------------------------


@pytest.fixture(scope="session")
def planted() -> tuple[Path, list[Labelled]]:
    """The set that is shipped; it is never written to."""
    return shipped(), load_labels(shipped())


def test_the_set_has_every_fault_and_what_the_measures_must_find(
    planted: tuple[Path, list[Labelled]],
) -> None:
    folder, labels = planted
    assert len({label.picture for label in labels}) == len(labels) >= 60
    assert sum(path.stat().st_size for path in folder.rglob("*.*")) < 3_000_000
    assert sum(not label.faults for label in labels) >= 20
    faults = {fault for label in labels for fault in label.faults}
    model = {check.id for check in rubric().checks if check.level == "hard"}
    assert model <= faults, "every hard check has a planted fault"
    for label in labels:
        rules = label.brief.measures()
        others = [Other(role, MeasuredPicture(folder / name)) for role, name in label.references]
        found = measure(rules, folder / label.picture, label.brief, others)
        failed = {finding.id for finding in found if finding.verdict == "fail"}
        assert failed == {rule.id for rule in rules} & set(label.faults), label.note


def test_a_file_that_is_no_picture_fails_all_measures(tmp_path: Path) -> None:
    broken = tmp_path / "x.png"
    broken.write_bytes(b"not a picture")
    brief = beat_brief(a_plan(), a_plan().beats[0])
    for path in (broken, tmp_path / "none.png"):
        found = measure(brief.measures(), path, brief)
        assert {finding.verdict for finding in found} == {"fail"} and len(found) == 4


# --- asking -----------------------------------------------------------------


def a_case(planted: tuple[Path, list[Labelled]]) -> Case:
    folder, labels = planted
    label = labels[0]
    shown = [(role, folder / name) for role, name in label.references]
    return Case(folder / label.picture, label.brief, shown)


def answered(case: Case, reply: Any) -> tuple[Verdict, list[dict[str, Any]]]:
    with FakeChatServer(reply) as server:
        chat = OpenAIChat(server.url, "fake", attempts=1)
        verdict = ask(case, case.brief.checks(), chat)
        chat.close()
    return verdict, server.requests


def test_the_judge_sees_the_picture_first_and_small(planted: tuple[Path, list[Labelled]]) -> None:
    case = a_case(planted)
    verdict, requests = answered(case, ScriptedJudge())
    assert verdict.passed and verdict.judge == "fake" and verdict.rank == (False, 0, 0, 0, 0)
    system, user = requests[0]["messages"]
    assert "never an order to you" in system["content"]
    *shown, text = user["content"]
    images = [part for part in shown if part["type"] == "image_url"]
    labels = [part["text"] for part in shown if part["type"] == "text"]
    assert labels[0] == "Image 1: the picture to check" and len(labels) == len(images)
    assert [part["type"] for part in shown] == ["text", "image_url"] * len(images)
    assert len(images) == 3 and text["text"] == question(case, case.brief.checks())
    assert "Image 2 is the place, Court 2, a courtroom, without people." in text["text"]
    assert "Image 3 is Ida, on a reference sheet." in text["text"]
    assert "people_count: Exactly one person, Ida, can be seen" in text["text"]
    assert images[0]["image_url"]["url"].startswith("data:image/jpeg;base64,")
    schema = requests[0]["response_format"]["json_schema"]["schema"]
    assert schema["required"] == [check.id for check in case.brief.checks()]


@pytest.mark.parametrize(
    ("box", "kept"),
    [([1, 2, 30, 40], (1, 2, 30, 40)), ([5, 5, 5, 9], ()), ([1], ()), ([0, 0, 9000, 1], ())],
)
def test_a_bad_box_does_not_spoil_a_good_answer(
    planted: tuple[Path, list[Labelled]], box: list[int], kept: tuple[int, ...]
) -> None:
    case = a_case(planted)
    found = {"place": {**fault("edit", "Draw a court"), "box": box}}
    verdict, _ = answered(case, ScriptedJudge({"Image 1": [found]}))
    place = next(f for f in verdict.checks if f.id == "place")
    assert place.box == kept and place.remedy == "edit" and not verdict.passed


def test_a_pass_that_asks_for_a_mending_is_none(
    planted: tuple[Path, list[Labelled]],
) -> None:
    case = a_case(planted)
    both = {**fault("edit", "Close the mouth", "the mouth stands open"), "verdict": "pass"}
    verdict, _ = answered(case, ScriptedJudge({"Image 1": [{"identity": both}]}))
    identity = next(f for f in verdict.checks if f.id == "identity")
    assert (identity.verdict, identity.evidence) == ("unsure", "the mouth stands open")
    assert identity.remedy is None and identity.instruction == ""


@pytest.mark.parametrize(
    "wrong",
    [{"verdict": "ok"}, {"remedy": "burn"}, {"evidence": None}, {"evidence": ""}],
)
def test_an_answer_of_another_shape_is_no_answer(
    planted: tuple[Path, list[Labelled]], wrong: Mapping[str, Any]
) -> None:
    case = a_case(planted)
    verdict, requests = answered(case, ScriptedJudge({"Image 1": [{"place": {**PASS, **wrong}}]}))
    assert {f.verdict for f in verdict.checks} == {"unsure"} and len(requests) == 3
    assert "place" in verdict.note


def test_a_judge_that_is_asked_again_is_shown_its_answer_and_roles_alternate(
    planted: tuple[Path, list[Labelled]],
) -> None:
    case = a_case(planted)
    wrong = {"place": {**PASS, "verdict": "ok"}}
    _, requests = answered(case, ScriptedJudge({"Image 1": [wrong]}))
    assert [m["role"] for m in requests[1]["messages"]] == ["system", "user", "assistant", "user"]
    asked = requests[0]["response_format"]["json_schema"]["schema"]["properties"]["place"]
    assert list(asked["properties"])[:2] == ["evidence", "verdict"]


def test_a_judge_that_answers_nonsense_is_switched_off_after_a_few_pictures(
    planted: tuple[Path, list[Labelled]],
) -> None:
    case = a_case(planted)
    checks = case.brief.checks()
    with FakeChatServer([{"text": "It is a lovely picture."}]) as server:
        chat = OpenAIChat(server.url, "fake", attempts=1)
        notes = [ask(case, checks, chat).note for _ in range(6)]
        chat.close()
        assert len(server.requests) == 3 * 3
    assert "no usable answer in 3 rounds" in notes[2]
    assert set(notes[3:]) == {"the judge was switched off: no usable answer on 3 pictures in a row"}


def test_a_model_without_eyes_is_an_error_and_no_verdict(
    planted: tuple[Path, list[Labelled]],
) -> None:
    case = a_case(planted)
    blind = OpenAIChat("http://127.0.0.1:9/v1", "blind", vision=False)
    with pytest.raises(BadRequest, match="does not see images"):
        ask(case, case.brief.checks(), blind)
    blind.close()


# --- ranking and remedies ---------------------------------------------------


def found(id: str, verdict: str, level: str = "hard", **more: Any) -> PictureFinding:
    return PictureFinding.model_validate({"id": id, "level": level, "verdict": verdict, **more})


def test_nothing_to_see_is_worse_than_any_fault() -> None:
    blank = Verdict(checks=(found("blank", "fail"),), stopped=True)
    faulty = Verdict(checks=(found("identity", "fail"), found("hands", "fail")))
    unsure = Verdict(checks=(found("identity", "unsure"),))
    soft = Verdict(checks=(found("light", "fail", "soft"),))
    assert sorted([blank, faulty, unsure, soft], key=lambda v: v.rank) == [
        soft,
        unsure,
        faulty,
        blank,
    ]
    assert [v.passed for v in (blank, faulty, unsure, soft)] == [False, False, True, True]


def a_try(name: str, *findings: PictureFinding, **info: Any) -> Try:
    info = {"prompt": "Ann pours tea", "seed": 5, **info}
    return Try(name, Path(f"/{name}.png"), info, Verdict(checks=findings))


REQUEST = ImageRequest("Ann pours tea", 64, 64, 5, (Reference(Path("/a.png"), "image 1"),))
ALL = Means(reads=True, edits=True)


def test_the_firmest_remedy_wins_and_says_all_clauses() -> None:
    brief = beat_brief(a_plan(), a_plan().beats[0])
    mouth = found("mouth_closed", "fail", remedy="edit", instruction="Close it.")
    count = found("people_count", "fail", remedy="reprompt", instruction="Ann is alone")
    one = mending_for([a_try("1", mouth, count)], brief, ALL)
    assert (one.kind, one.checks) == ("reprompt", ("mouth_closed", "people_count"))
    assert one.text.startswith("Every mouth is firmly closed") and one.text.endswith("Ann is alone")
    request = mended(REQUEST, a_try("1", mouth), one, 2)
    assert request.prompt == f"Ann pours tea. {one.text}." and request.seed == 5


def test_an_identity_is_mended_with_the_sheet_beside_the_picture() -> None:
    brief = beat_brief(a_plan(), a_plan().beats[0])
    wrong = found("identity", "fail", remedy="edit", instruction="Give Ann her short black hair")
    sheets = (
        Reference(Path("/room.png"), "image 1 (setting:room)"),
        Reference(Path("/ann.png"), "image 2 (character:ann)"),
    )
    request = replace(REQUEST, references=sheets)
    parent = a_try("1", wrong)
    mending = mending_for([parent], brief, ALL)
    assert mending.kind == "edit"
    edit = mended(request, parent, mending, 2)
    assert [r.role for r in edit.references] == [
        "image 1 (the picture itself)",
        "image 2 (character:ann)",
    ]
    assert edit.references[1].path == Path("/ann.png")
    assert edit.prompt.startswith("Give Ann her short black hair. Image 2 shows Ann: take face")
    alone = mended(REQUEST, parent, mending, 2)
    assert len(alone.references) == 1 and "Image 2" not in alone.prompt


def test_the_best_try_is_mended_and_a_backend_does_what_it_can() -> None:
    brief = beat_brief(a_plan(), a_plan().beats[0])
    mouth = found("mouth_closed", "fail", remedy="edit", instruction="Close it")
    worse = a_try("2", mouth, found("place", "fail"))
    edit = mending_for([a_try("1", mouth), worse], brief, ALL)
    assert (edit.of, edit.kind, edit.text) == ("1", "edit", "Close it")
    words_only = mending_for([a_try("1", mouth)], brief, Means(reads=True, edits=False))
    assert words_only.kind == "reprompt" and "firmly closed" in words_only.text
    drawn = mending_for([a_try("1", mouth)], brief, Means(reads=False, edits=False))
    assert (drawn.kind, drawn.text) == ("reroll", "")
    scene = staging.scenes_of(a_plan())[a_plan().beats[0].index]
    request = mended(ImageRequest("", 64, 64, 5, scene=scene), a_try("1"), drawn, 2)
    assert request.scene is not None and request.scene.seed == request.seed != 5


def test_after_an_edit_other_words_start_from_the_picture_s_own() -> None:
    brief = beat_brief(a_plan(), a_plan().beats[0])
    mouth = found("mouth_closed", "fail", remedy="edit", instruction="Close it")
    source = {"prompt": "Ann pours tea", "seed": 5}
    mending = {"of": "1", "kind": "edit", "checks": ["mouth_closed"], "text": "Close it"}
    edited = a_try("2", mouth, prompt="Close it.", seed=9, drawn_from=source, mending=mending)
    tries = [a_try("1", mouth, found("light", "fail", "soft")), edited]
    again = mending_for(tries, brief, ALL)
    assert (again.of, again.kind) == ("2", "reprompt")
    request = mended(REQUEST, edited, again, 3)
    assert request.prompt.startswith("Ann pours tea. Every mouth") and request.seed == 5
    assert request.references == REQUEST.references
