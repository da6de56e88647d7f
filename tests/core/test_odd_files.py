"""Files as people's programs write them: marks at the beginning, lists, a full disk."""

from __future__ import annotations

import codecs
import errno
from pathlib import Path

import pytest
from entries import read_entries
from tiny_films import tiny_plan, tiny_run
from typer.testing import CliRunner

from storyboard.cli import app
from storyboard.core.errors import StoryboardError
from storyboard.core.files import disk_errors, read_written
from storyboard.plan import load_plan
from storyboard.profile import load_profile

MARKS = [codecs.BOM_UTF8, b""]
IDEA = "A dentist afraid of mint"


@pytest.mark.parametrize("mark", MARKS)
def test_a_mark_at_the_beginning_is_no_letter(mark: bytes, tmp_path: Path) -> None:
    run = tiny_run(tmp_path / "run", tiny_plan(IDEA))
    (run / "plan.json").write_bytes(mark + (run / "plan.json").read_bytes())
    assert load_plan(run / "plan.json").idea == IDEA
    profile = tmp_path / "own.toml"
    profile.write_bytes(mark + b'extends = "embedded"\r\n[chat]\r\nbackend = "none"\r\n')
    assert load_profile(str(profile)).chat.backend == "none"


def test_utf_16_is_read_by_its_mark(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("\ufeffまる\r\n".encode("utf-16-le"))
    assert read_written(tmp_path / "a.txt").strip() == "まる"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "idea,language,\nA dentist afraid of mint,en,\n"),
        ("b.csv", "\ufeffsep=;\nidea;language\nA dentist afraid of mint;en\n"),
        ("c.tsv", "idea\tlanguage\nA dentist afraid of mint\ten\n"),
        ("d.csv", '"sep=\t"\nidea\tlanguage\nA dentist afraid of mint\ten\n'),
        ("e.csv", "idea;language;;\r\nA dentist afraid of mint;en;;\r\n"),
        ("f.csv", "idea|language\nA dentist afraid of mint|en\n"),
    ],
)
def test_lists_of_spreadsheets_hold_their_ideas(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8", newline="")
    (entry,) = read_entries(tmp_path / name, {})
    assert (entry.idea, entry.language) == (IDEA, "en")


def test_a_cell_without_a_heading_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("idea,\nA dentist, afraid of mint\n", encoding="utf-8")
    with pytest.raises(StoryboardError, match="2 cells under 1 headings"):
        read_entries(tmp_path / "a.csv", {})


def test_items_of_markdown_lists_are_their_words(tmp_path: Path) -> None:
    items = [
        "- {}",
        "* {}",
        "1. {}",
        "2) {}",
        "[ ] {}",
        "- [x] {}",
        "  + {}",
        "> {}",
        "• {}",
        "☐ {}",
        "- **{}**",
        "- `{}`",
    ]
    ideas = [f"A dentist afraid of mint {n}" for n in range(len(items))]
    lines = ["# Ideas", "", "---", "```", *(i.format(w) for i, w in zip(items, ideas, strict=True))]
    (tmp_path / "a.md").write_text("\n".join(lines), encoding="utf-8")
    assert [entry.idea for entry in read_entries(tmp_path / "a.md", {})] == ideas
    (tmp_path / "b.txt").write_text("3 cats in a boat\n1984 again\n-5 degrees\n", encoding="utf-8")
    assert [entry.idea for entry in read_entries(tmp_path / "b.txt", {})] == [
        "3 cats in a boat",
        "1984 again",
        "-5 degrees",
    ]


def test_a_file_given_as_an_idea_is_no_film_about_its_name(tmp_path: Path) -> None:
    (tmp_path / "ideas.csv").write_text("idea\nA dentist\n", encoding="utf-8")
    done = CliRunner().invoke(app, ["run", "--idea", str(tmp_path / "ideas.csv"), "--only", "plan"])
    assert done.exit_code == 2
    assert "--idea-file" in done.output


def test_a_full_disk_is_told_by_the_folder_that_is_full(tmp_path: Path) -> None:
    font = "/usr/lib/fonts/some.otf"
    with (
        pytest.raises(StoryboardError, match="the disk is full") as told,
        disk_errors("step x", tmp_path),
    ):
        raise OSError(errno.ENOSPC, "No space left on device", font)
    assert str(tmp_path) in str(told.value) and font not in str(told.value)
