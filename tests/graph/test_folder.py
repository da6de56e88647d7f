"""Run folders: whose is whose, names that cannot escape, one process at a time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from storyboard.core.errors import Busy, StoryboardError, UsageError
from storyboard.core.files import disk_errors, slugify, write_text
from storyboard.core.lock import exclusive
from storyboard.graph.folder import (
    RunFolder,
    existing,
    folder_for_out,
    for_request,
    remember_request,
)


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("A barista who can only speak in haiku", "a-barista-who-can-only-speak-in-haiku"),
        ("../../etc/passwd", "etc-passwd"),
        ("..", "film-"),
        ("☕️🔥", "film-"),
        ("俳句しか話せないバリスタ", "俳句しか話せないバリスタ"),
        ("a/b\\c:d*e?f", "a-b-c-d-e-f"),
        ("CON\x00\n-rf ~", "con-rf"),
        ("x" * 500, "x" * 40),
    ],
)
def test_any_text_becomes_one_safe_name(text: str, slug: str) -> None:
    made = slugify(text)
    assert made.startswith(slug)
    assert Path(made).name == made
    assert made not in (".", "..")
    assert len(made.encode()) <= 120


def test_the_same_request_continues_its_folder_and_another_gets_its_own(tmp_path: Path) -> None:
    request = {"idea": "A cat", "seed": None}
    first = for_request(request, tmp_path)
    first.open()
    remember_request(first, request)
    assert for_request(request, tmp_path) == first
    other = for_request({"idea": "A cat", "seed": 7}, tmp_path)
    assert other.path.name == "a-cat-2"


def test_dir_must_be_a_run(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not a folder"):
        existing(tmp_path / "nowhere")
    with pytest.raises(UsageError, match=r"holds no plan\.json"):
        existing(tmp_path)


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("")
    with pytest.raises(UsageError, match="is a file"):
        RunFolder(tmp_path / "x").open()


def test_a_film_is_not_strewn_among_other_things(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("x")
    with pytest.raises(UsageError, match=r"not empty \(it holds thesis.tex\): name a new folder"):
        folder_for_out(tmp_path)
    # One killed before its first line was written, and one whose plan was put there by hand.
    (tmp_path / "killed").mkdir()
    (tmp_path / "killed" / ".lock").touch()
    (tmp_path / "by_hand").mkdir()
    (tmp_path / "by_hand" / "notes.txt").touch()
    (tmp_path / "by_hand" / "plan.json").touch()
    for name in ("new", "killed", "by_hand"):
        assert folder_for_out(tmp_path / name).path == tmp_path / name


def test_the_second_process_is_refused_and_told_who_is_there(tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from storyboard.core.lock import exclusive\n"
    code += "with exclusive(Path(sys.argv[1])): print('in', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"in\n"
        with pytest.raises(Busy, match=f"process {holder.pid}"), exclusive(tmp_path):
            pass
        holder.kill()
        holder.wait()
    with exclusive(tmp_path):
        pass


def test_a_full_disk_and_a_locked_folder_say_what_to_do() -> None:
    with pytest.raises(StoryboardError, match="disk is full"), disk_errors("saving"):
        Path("/dev/full").write_text("x" * 100_000)
    with pytest.raises(StoryboardError, match="no permission"), disk_errors("saving"):
        raise PermissionError(13, "Permission denied", "/x")


def test_a_failed_write_leaves_the_old_file_and_no_litter(tmp_path: Path) -> None:
    target = tmp_path / "plan.json"
    write_text(target, "old")
    with pytest.raises(UnicodeEncodeError):
        write_text(target, "new \udcff")
    assert target.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["plan.json"]
