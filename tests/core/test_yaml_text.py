"""YAML of anybody's: plain data within limits, or refused in a line, never our bug."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tiny_films import tiny_plan, tiny_run
from typer.testing import CliRunner

from storyboard.cli.main import app
from storyboard.core.files import read_written
from storyboard.core.yaml_text import parse_yaml
from storyboard.plan.format_files import FORMATS_FOLDER, FormatError, load_format
from storyboard.plan.series import plans_beside

LAUGHS = "a0: &a0 [x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 30)
)
MERGES = "m0: &m0 {a: 1}\n" + "".join(
    f"m{n}: &m{n}\n  <<: [{', '.join([f'*m{n - 1}'] * 9)}]\n" for n in range(1, 12)
)
TEXTS = {
    "nested": "[" * 100_000,
    "nested whole": "[" * 1000 + "]" * 1000,
    "nested blocks": "".join("  " * level + "a:\n" for level in range(1500)),
    "a billion laughs": LAUGHS + "title: *a29\nname: *a29\n",
    "merged a billion times": MERGES,
    "itself": "&a {title: *a, name: *a}",
    "itself as a key": "&a\n<<: *a\nname: b",
    "digits": "name: " + "9" * 5000,
    "a day that is none": "name: 2024-13-45",
    "an integer that is none": 'name: !!int ""',
    "a truth that is none": "name: !!bool x",
    "a time that is none": "name: !!timestamp x",
    "a number without an end": "name: 1:" + ":".join(["59"] * 3000) + ".5",
    "an integer without an end": "name: 1:" + ":".join(["59"] * 3000),
    "an integer of letters without an end": "name: 0x" + "f" * 5000,
    "a call": '!!python/object/apply:os.system ["true"]',
    "a list as a key": "{[1, 2]: 3}",
    "a number as a key": "1: 2",
    "two documents": "a: 1\n---\nb: 2\n",
    "nobody's name": "title: *b",
    "binary": "a: \0",
    "half a character": 'title: "\\ud800"\nname: "\\ud800"',
}
COMMANDS = {
    "format": ["formats", "check"],
    "style": ["styles", "show"],
    "captions": ["captions", "show"],
    "series": ["run", "--idea", "A cat", "--only", "plan", "--series"],
}


@pytest.mark.parametrize("kind", TEXTS)
@pytest.mark.parametrize("what", COMMANDS)
def test_yaml_of_any_text_is_refused(tmp_path: Path, what: str, kind: str) -> None:
    path = tmp_path / ("series.yaml" if what == "series" else "own.yaml")
    path.write_text(TEXTS[kind], encoding="utf-8")
    given = path.parent if what == "series" else path
    done = CliRunner().invoke(app, [*COMMANDS[what], str(given)])
    assert done.exit_code == 2, (done.exit_code, done.output[:2000], done.exception)
    assert path.name in done.output and len(done.output) < 4000


def test_a_way_through_our_own_formats_makes_no_file_ours(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(TEXTS["nested whole"])
    way = FORMATS_FOLDER / ("../" * 30) / tmp_path.relative_to("/") / "own.yaml"
    with pytest.raises(FormatError, match="nested deeper"):
        load_format(str(way))


def test_names_within_reason_stand_for_their_values() -> None:
    text = "base: &b {a: [1, 2], c: x}\nmore: {<<: *b, c: y}\nagain: [*b, *b]\n"
    both = {"a": [1, 2], "c": "x"}
    assert parse_yaml(text) == {
        "base": both,
        "more": {"a": [1, 2], "c": "y"},
        "again": [both, both],
    }


def test_a_text_without_an_end_is_not_read_to_it() -> None:
    with pytest.raises(OSError, match="64 MiB"):
        read_written(Path("/dev/zero"))


def test_a_film_beside_that_is_a_pipe_or_a_link_is_nobody_s_concern(tmp_path: Path) -> None:
    here, other = (tmp_path / name for name in ("here", "other"))
    tiny_run(other, tiny_plan("A cat"))
    for name in ("here", "pipe", "link"):
        (tmp_path / name).mkdir()
    os.mkfifo(tmp_path / "pipe" / "plan.json")
    (tmp_path / "link" / "plan.json").symlink_to("/dev/zero")
    assert [plan.idea for plan in plans_beside(here)] == ["A cat"]
