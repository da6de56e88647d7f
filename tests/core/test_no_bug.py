"""Whatever a file holds and however a thing is called, it is never told to be our bug.

Exit 70 is for bugs alone: what people, models and disks give us is refused by name.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from tiny_films import TONES, tiny_plan, tiny_run
from typer.testing import CliRunner, Result

from storyboard.cli.main import app
from storyboard.core.files import parse_json
from storyboard.gpu.peaks import PeakBook
from storyboard.gpu.services.process_records import RecordBook
from storyboard.plan import dump_plan
from storyboard.profile.profile import load_profile

NESTED, DIGITS = "[" * 100_000, "9" * 5000
TEXTS = {
    "nothing": "",
    "nan": '{"idea": NaN}',
    "endless": '{"seed": 1e999}',
    "nested": NESTED,
    "nested objects": '{"a":' * 100_000,
    "nested whole": "[" * 5000 + "]" * 5000,
    "digits": f'{{"seed": {DIGITS}}}',
    "a list": "[]",
    "half a character": '{"idea": "\\ud800"}',
    "a number": "7",
    "null": "null",
    "binary": "\0\x01",
}


def called(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def refused(done: Result, *said: str) -> None:
    assert done.exit_code in (1, 2), (done.exit_code, done.output[:2000], done.exception)
    assert "bug" not in done.output
    assert len(done.output) < 4000
    for words in said:
        assert words in " ".join(done.output.split())


@pytest.mark.parametrize("kind", TEXTS)
def test_a_plan_of_any_text_is_refused(tmp_path: Path, kind: str) -> None:
    (tmp_path / "plan.json").write_text(TEXTS[kind])
    for command in (["run", "--dir"], ["video", "--dir"], ["report"], ["prompt", "--dir"]):
        refused(called(*command, str(tmp_path)), "plan.json")
    refused(called("visual", "--plan", str(tmp_path / "plan.json")), "plan.json")


@pytest.mark.parametrize("kind", TEXTS)
def test_a_request_of_any_text_is_refused(tmp_path: Path, kind: str) -> None:
    (tmp_path / "request.json").write_text(TEXTS[kind])
    refused(called("run", "--dir", str(tmp_path)), "request.json")


@pytest.mark.parametrize("kind", TEXTS)
def test_a_state_of_any_text_is_none(tmp_path: Path, kind: str) -> None:
    run = tiny_run(tmp_path / "film", tiny_plan("A cat"))
    (run / ".steps.json").write_text(TEXTS[kind])
    done = called("run", "--dir", str(run), "--explain", "--profile", str(TONES))
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize(
    "document",
    [5, "x", [], {"params": 5, "inputs": 5}, {"inputs": ["a"]}, {"params": {"x" * 10_000_000: 1}}],
)
def test_a_state_of_any_shape_is_told_in_a_line(tmp_path: Path, document: Any) -> None:
    run = tiny_run(tmp_path / "film", tiny_plan("A cat"))
    (run / ".steps.json").write_text(json.dumps({"images/hook": document}))
    words = ["run", "--dir", str(run), "--explain", "--json", "--profile", str(TONES)]
    done = called(*words)
    assert done.exit_code == 0, done.output
    assert max(len(step["reason"]) for step in json.loads(done.output)["steps"]) <= 600


@pytest.mark.parametrize("kind", TEXTS)
@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".txt", ".json"])
def test_a_batch_of_any_text_is_refused(tmp_path: Path, kind: str, suffix: str) -> None:
    pytest.importorskip("dbos")
    source = tmp_path / f"ideas{suffix}"
    source.write_text(TEXTS[kind])
    if suffix == ".txt" and kind != "nothing":
        return  # It is an idea as any other, or too long for one.
    refused(called("batch", "add", "--from", str(source), "--runs", str(tmp_path)), "ideas")


@pytest.mark.parametrize("kind", TEXTS)
def test_a_format_and_a_profile_of_any_text_are_refused(tmp_path: Path, kind: str) -> None:
    for name in ("f.yaml", "p.toml"):
        (tmp_path / name).write_text(TEXTS[kind])
    out = str(tmp_path / "out")
    words = ["run", "--idea", "A cat", "--out", out]
    refused(called(*words, "--format", str(tmp_path / "f.yaml")), "f.yaml")
    refused(called(*words, "--profile", str(tmp_path / "p.toml")))
    assert not Path(out).exists()


@pytest.mark.parametrize(
    "text",
    [
        f"{'.'.join(['a'] * 9000)} = 1",
        f"[{'.'.join(['a'] * 9000)}]",
        "a = " + "{a = " * 300 + "1" + "}" * 300,
        "a = 1\n" * 20_000,
        f"[image]\nsteps = 0x{'f' * 5000}",
    ],
    ids=["dots", "tables", "braces", "length", "digits"],
)
def test_a_profile_without_an_end_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "own.toml").write_text(text)
    refused(called("doctor", "--profile", str(tmp_path / "own.toml")), "own.toml")


def test_a_value_of_a_profile_has_a_place_that_ends() -> None:
    refused(called("doctor", "--set", f"{'.'.join(['a'] * 9000)}=1"), "section.field=value")


@pytest.mark.parametrize("kind", TEXTS)
def test_a_service_s_record_of_any_text_is_none(tmp_path: Path, kind: str) -> None:
    (tmp_path / "chat.json").write_text(TEXTS[kind])
    assert RecordBook(tmp_path).all() == []
    assert PeakBook(tmp_path / "chat.json", "card").scale(load_profile("embedded"))


def test_a_record_of_another_shape_is_none(tmp_path: Path) -> None:
    record = {"service": "chat", "ident": {"pid": "all", "ticks": 1, "boot": "b"}, "owner": 3}
    (tmp_path / "chat.json").write_text(json.dumps({**record, "variant": "", "launch": ""}))
    assert RecordBook(tmp_path).all() == []


@pytest.mark.parametrize("name", ["a" * 300, "a/" * 3000])
def test_a_name_that_is_too_long_is_refused(tmp_path: Path, name: str) -> None:
    place = str(tmp_path / name)
    for words in (
        ["run", "--idea", "A cat", "--out", place],
        ["run", "--dir", place],
        ["run", "--idea-file", place],
        ["run", "--idea", "A cat", "--out", str(tmp_path / "x"), "--format", f"{place}.yaml"],
        ["run", "--idea", "A cat", "--out", str(tmp_path / "x"), "--profile", f"{place}.toml"],
        ["visual", "--plan", f"{place}/plan.json"],
        ["report", place],
        ["upload", place],
    ):
        refused(called(*words))


@pytest.mark.parametrize("idea", ["\udcff", "A cat \udcff", "\0", "A\x07 cat", "\u202e \u200b", ""])
def test_an_idea_that_is_no_text_is_refused(tmp_path: Path, idea: str) -> None:
    refused(called("run", "--idea", idea, "--out", str(tmp_path / "out"), "--only", "plan"))
    assert not (tmp_path / "out").exists()


def test_a_folder_whose_name_is_no_text_is_refused(tmp_path: Path) -> None:
    refused(called("run", "--idea", "A cat", "--out", f"{tmp_path}/\udcff", "--only", "plan"))
    tiny_run(tmp_path / "\udcff", tiny_plan("A cat"))
    refused(called("run", "--dir", f"{tmp_path}/\udcff", "--only", "plan"))


def test_an_unknown_field_of_ten_megabytes_is_not_echoed(tmp_path: Path) -> None:
    plan = json.loads(dump_plan(tiny_plan("A cat")))
    (tmp_path / "plan.json").write_text(json.dumps({**plan, "x" * 10_000_000: 1}))
    refused(called("run", "--dir", str(tmp_path)), "unknown field")
    many = {f"x{i}": i for i in range(10_000)}
    (tmp_path / "plan.json").write_text(json.dumps({**plan, **many}))
    refused(called("run", "--dir", str(tmp_path)), "and 9900 more")


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("voice", {"preset": "nobody"}, "voice.preset: 'nobody' is no voice of"),
        ("avatar", {"head": "nobody"}, "cast[0].avatar.head: 'nobody' is none of"),
        ("avatar", {"head": "bun", "facial_hair": "x"}, "avatar.facial_hair: 'x' is none of"),
        ("avatar", {"head": "bun", "accessory": "x"}, "avatar.accessory: 'x' is none of"),
    ],
)
def test_a_voice_or_a_look_that_nobody_has_is_refused_with_the_plan(
    tmp_path: Path, field: str, value: dict[str, str], said: str
) -> None:
    plan = json.loads(dump_plan(tiny_plan("A cat")))
    if field == "avatar":
        colours = dict.fromkeys(("skin", "hair", "top", "bottom", "accent"), "#102030")
        value = {**colours, **value}
    for one in plan["cast"]:
        one[field] = value
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    refused(called("run", "--dir", str(tmp_path)), said)
    assert not (tmp_path / "images").exists()


@pytest.mark.parametrize("text", [*TEXTS.values(), '{"web": {}}', '{"installed": 7}'])
def test_a_client_secret_of_any_text_is_refused(tmp_path: Path, text: str) -> None:
    pytest.importorskip("google_auth_oauthlib")
    (tmp_path / "secret.json").write_text(text)
    words = ["publish-login", "--client-secret", str(tmp_path / "secret.json")]
    refused(called(*words, "--out", str(tmp_path / "login.json")), "secret.json")


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", "-Infinity", "1e999", "[-1e999]", DIGITS])
def test_a_number_that_is_none_is_no_json(text: str) -> None:
    with pytest.raises(ValueError, match=r"no number|thousands of digits"):
        parse_json(text)


def test_levels_are_counted(tmp_path: Path) -> None:
    assert parse_json("[" * 100 + "]" * 100)
    with pytest.raises(ValueError, match="deeper than 100"):
        parse_json("[" * 101 + "]" * 101)


HOMELESS = """
    from renderers.tts.voices import Catalogue
    from storyboard.media.text.fonts import font_files
    print(len(Catalogue().list("en")) > 3, len(font_files()) > 3)
"""


@pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("setpriv") is None, reason="needs root, to become less"
)
def test_a_home_that_cannot_be_read_costs_nothing_but_what_lies_there(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / ".local/share/storyboard/voices").mkdir(parents=True)
    home.chmod(0o700)
    os.chown(home, 1234, 1234)
    done = subprocess.run(
        [
            *["setpriv", "--bounding-set=-all", "--inh-caps=-all"],
            *[sys.executable, "-c", textwrap.dedent(HOMELESS)],
        ],
        env={**os.environ, "HOME": str(home)},
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == "True True", done.stderr


@pytest.mark.parametrize(
    "text", ["key,es\n" + "1," + "x" * 200_000, '"' * 200_001, "key,es\n\0,\0\n"]
)
def test_a_table_of_any_text_is_refused(tmp_path: Path, text: str) -> None:
    run = tiny_run(tmp_path / "film", tiny_plan("A cat"))
    (tmp_path / "lines.csv").write_text(text)
    words = ["dub", str(run), "--to", "es", "--table", str(tmp_path / "lines.csv")]
    refused(called(*words, "--out", str(tmp_path / "out")), "lines.csv")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "heading", ["a," * 50_000, "idea," + "x" * 100_000, "idea,plan." + "a." * 5000]
)
def test_a_list_with_headings_without_an_end_is_told_in_short(tmp_path: Path, heading: str) -> None:
    pytest.importorskip("dbos")
    (tmp_path / "ideas.csv").write_text(f"{heading}\nA cat,1\n")
    done = called("batch", "add", "--from", str(tmp_path / "ideas.csv"), "--runs", str(tmp_path))
    assert done.exit_code == 2, (done.output[:500], done.exception)
    assert "ideas.csv" in done.output and len(done.output) < 30_000
