"""A chapter of prose becomes a script in which every word that is said stands as it was written."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from fake_chat import FakeChatServer, Reply
from typer.testing import CliRunner, Result

from renderers.base import ChatRequest, ChatResult
from storyboard.cli.main import app
from storyboard.core.errors import UsageError
from storyboard.plan import load_plan
from storyboard.writing.script import Source, parse
from storyboard.writing.script.prose import AT_ONCE, pieces, script_of

CHAPTER = """The kitchen was cold. Anna put the kettle on and looked at the clock.

“You are late,” said Bob, “and you know it.” He did not look up.

“Mr. Finch kept me,” whispered Anna. Nobody believed her, least of all the cat. *It* had seen him.

That night she stood on the roof. "Tomorrow," she told the moon, "I leave."
"""
SAID = ("You are late, and you know it.", "Mr. Finch kept me,", "Tomorrow, I leave.")
KAI = """台所は寒かった。母は時計を見た。
「遅いね」と父が言った。「また猫か」
「猫のせいじゃない」と母は小さく答えた。"""


def sound_answer(request: str) -> dict[str, Any]:
    """What a good model says of these chapters, by what is asked."""
    found: dict[str, Any] = {}
    for line in request.splitlines():
        number, _, rest = line.partition(" (")
        if not number.isdigit():
            continue
        kind, _, text = rest.partition("): ")
        if kind == "said":
            anna = any(word in text for word in ("Finch", "Tomorrow", "leave"))
            who = "母" if "せい" in text else "父" if not text.isascii() else ""
            who = "Anna" if anna else who or "Bob"
            found[number] = {"who": who, "how": "whispering" if "Finch" in text else ""}
        else:
            left = text.startswith(("said", "whispered", "she told", "と"))
            told = "believed" in text
            found[number] = {"as": "left" if left else "told" if told else "shown"}
    scenes = [{"before": 1, "place": "kitchen", "time": "MORNING", "outside": False}]
    for line in request.splitlines():
        if "That night" in line:
            at = int(line.split(" ")[0])
            scenes.append({"before": at, "place": "roof", "time": "NIGHT", "outside": True})
    return {"title": "The kettle", "pieces": found, "scenes": scenes}


class Reader:
    """Answers as `say` does to the text of each question."""

    def __init__(self, say: Callable[[str, int], Mapping[str, Any]]) -> None:
        self.say, self.asked = say, list[ChatRequest]()

    def ask(self, request: ChatRequest) -> ChatResult:
        self.asked.append(request)
        data: Any = dict(self.say(request.messages[1].text, len(self.asked)))
        return ChatResult(json.dumps(data), data, "", "scripted", 1, 1, 0.1)


def read(text: str, reader: Reader, language: Any = "en", told: list[str] | None = None) -> str:
    notes = told if told is not None else []
    return script_of(text, "chapter", language, reader, notes.append)  # pyright: ignore[reportArgumentType]


def test_pieces_hold_every_word() -> None:
    for chapter in (CHAPTER, KAI):
        words = [c for c in chapter if c.isalnum()]
        assert [c for piece in pieces(chapter) for c in piece.text if c.isalnum()] == words
    assert [p.text for p in pieces(CHAPTER) if p.quoted] == [
        "You are late,",
        "and you know it.",
        "Mr. Finch kept me,",
        "Tomorrow,",
        "I leave.",
    ]


def test_a_chapter_becomes_a_script_word_for_word() -> None:
    script = parse(
        Source(name="a.fountain", text=read(CHAPTER, Reader(lambda t, _: sound_answer(t))))
    )
    assert script.title == "The kettle"
    lines = [(line.who, line.text, line.how) for line in script.lines]
    assert lines == [
        ("Bob", SAID[0], ""),
        ("Anna", SAID[1], "whispering"),
        ("NARRATOR", "Nobody believed her, least of all the cat.", ""),
        ("Anna", SAID[2], ""),
    ]
    assert [e.text for e in script.elements if e.kind == "scene"] == [
        "INT. kitchen - MORNING",
        "EXT. roof - NIGHT",
    ]
    shown = [e.text for e in script.elements if e.kind == "action"]
    assert "*It* had seen him." in shown and not any("said Bob" in text for text in shown)


def test_japanese_quotations_are_lines_too() -> None:
    text = read(KAI, Reader(lambda t, _: sound_answer(t)), "ja")
    lines = parse(Source(name="a.fountain", text=text)).lines
    assert [(line.who, line.text) for line in lines] == [
        ("父", "遅いね"),
        ("父", "また猫か"),
        ("母", "猫のせいじゃない"),
    ]


def test_a_line_that_nobody_says_goes_back() -> None:
    def say(text: str, number: int) -> Mapping[str, Any]:
        answer = sound_answer(text)
        if number == 1:
            answer["pieces"].pop("3")
        return answer

    told: list[str] = []
    reader = Reader(say)
    read(CHAPTER, reader, told=told)
    assert len(reader.asked) == 2 and "3 names nobody" in told[0]
    assert "names nobody" in reader.asked[1].messages[1].text
    with pytest.raises(UsageError, match="take a stronger one"):
        read(CHAPTER, Reader(lambda t, n: {"pieces": "none", "scenes": [3]} if n else {}))


def test_a_long_chapter_is_asked_about_in_parts_that_know_the_people() -> None:
    long = "\n\n".join(f"“It is {n},” said Bob." for n in range(AT_ONCE))
    reader = Reader(lambda t, _: sound_answer(t))
    lines = parse(Source(name="a.fountain", text=read(long, reader))).lines
    assert [line.text for line in lines] == [f"It is {n}," for n in range(AT_ONCE)]
    assert len(reader.asked) == 2
    assert "People so far: Bob" in reader.asked[1].messages[1].text
    schemas: list[Any] = [request.schema for request in reader.asked]
    assert ["title" in schema["properties"] for schema in schemas] == [True, False]


def command(*options: str) -> Result:
    return CliRunner().invoke(app, ["script", "chapter.txt", *options])


def test_the_command_writes_a_script_that_is_filmed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("chapter.txt").write_text(CHAPTER, encoding="utf-8")
    refused = command()
    assert refused.exit_code == 2 and "choose a --profile with a" in " ".join(
        refused.output.split()
    )

    def reply(body: dict[str, Any]) -> Reply:
        return {"text": json.dumps(sound_answer(body["messages"][-1]["content"]))}

    with FakeChatServer(reply) as server:
        Path("mine.toml").write_text(
            'extends = "embedded"\n[chat]\nbackend = "openai"\nmodel = "fake"\n'
            f'base_url = "{server.url}"\n',
            encoding="utf-8",
        )
        done = command("--profile", "mine.toml")
    assert done.exit_code == 0, done.output
    again = command("--profile", "mine.toml")
    assert again.exit_code == 2 and "is there already" in again.output
    plan = ["run", "--script", "chapter.fountain", "--only", "plan", "--out", "film"]
    assert CliRunner().invoke(app, plan).exit_code == 0
    beats = load_plan(tmp_path / "film" / "plan.json").beats
    assert [beat.line for beat in beats if beat.speaker not in (None, "narrator")] == list(SAID)
