"""The store gives back exactly what was put in, or nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from storyboard.core.directory import Directory
from storyboard.core.files import digest_json
from storyboard.graph.store import Manifest, Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / ".store")


def key(name: str) -> str:
    return digest_json(document(name))


def document(name: str) -> dict[str, object]:
    return {"kind": "test", "version": 1, "params": {"name": name}}


def put(store: Store, name: str, text: str) -> Manifest:
    source = store.staging() / "line.txt"
    source.write_text(text)
    return store.put(key(name), {"text": source}, 1.5, document(name))


def test_put_then_get_returns_outputs_and_document(store: Store, tmp_path: Path) -> None:
    put(store, "aa", "hello")
    found = store.get(key("aa"))
    assert found is not None
    assert found.document == document("aa")
    store.materialise(found.outputs["text"], Directory(tmp_path / "run"), "line.txt")
    assert (tmp_path / "run" / "line.txt").read_text() == "hello"


def test_a_store_in_a_relative_folder_hands_out_absolute_paths(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    store = Store(Path("runs/.store"))
    assert store.blob(put(store, "aa", "x").outputs["text"]).is_absolute()
    assert store.staging().is_absolute()


def test_unknown_key_is_none(store: Store) -> None:
    assert store.get(key("bb")) is None


@pytest.mark.parametrize("damage", ["delete", "truncate", "flip"])
def test_a_damaged_blob_is_a_miss(store: Store, damage: str) -> None:
    blob = store.blob(put(store, "aa", "hello").outputs["text"])
    if damage == "delete":
        blob.unlink()
    else:
        blob.write_text("hell" if damage == "truncate" else "jello")
    assert store.get(key("aa")) is None
    put(store, "aa", "hello")
    assert store.get(key("aa")) is not None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"outputs": {"text": 3}}', "null"])
def test_a_damaged_manifest_is_a_miss(store: Store, text: str) -> None:
    put(store, "aa", "hello")
    next(store.root.glob("steps/*/*.json")).write_text(text)
    assert store.get(key("aa")) is None


def test_exchanged_manifests_are_a_miss(store: Store) -> None:
    put(store, "aa", "the first line")
    put(store, "bb", "the second line")
    first, second = sorted(store.root.glob("steps/*/*.json"))
    one, other = first.read_text(), second.read_text()
    first.write_text(other)
    second.write_text(one)
    assert store.get(key("aa")) is None
    assert store.get(key("bb")) is None


def test_equal_content_is_stored_once(store: Store) -> None:
    put(store, "aa", "same")
    put(store, "bb", "same")
    assert len(list(store.root.glob("blobs/*/*"))) == 1


def test_a_file_edited_by_hand_is_kept_aside(store: Store, tmp_path: Path) -> None:
    output = put(store, "aa", "ours").outputs["text"]
    target = tmp_path / "line.txt"
    target.write_text("mine")
    aside = store.materialise(output, Directory(tmp_path), target.name)
    assert aside is not None
    assert aside.read_text() == "mine"
    assert target.read_text() == "ours"


def test_an_older_version_of_ours_is_replaced_silently(store: Store, tmp_path: Path) -> None:
    old = put(store, "aa", "old").outputs["text"]
    new = put(store, "bb", "new").outputs["text"]
    target = tmp_path / "line.txt"
    store.materialise(old, Directory(tmp_path), target.name)
    assert store.materialise(new, Directory(tmp_path), target.name) is None
    assert target.read_text() == "new"
    assert not (tmp_path / "replaced").exists()


def test_sweep_removes_what_the_dead_left_and_nothing_else(store: Store) -> None:
    mine = store.staging()
    dead = mine.with_name("999999999-abc")
    dead.mkdir()
    store.sweep()
    assert mine.exists()
    assert not dead.exists()
    assert mine.name.startswith(str(os.getpid()))


def test_timings_are_medians_by_kind(store: Store) -> None:
    for number in range(3):
        put(store, f"{number}", str(number))
    assert store.timings().seconds == {"test": 1.5}


def test_sweep_leaves_what_another_machine_may_be_making(store: Store) -> None:
    theirs = [store.root / "staging" / f"1-elsewhere-{name}" for name in ("now", "long_ago")]
    for folder in theirs:
        folder.mkdir(parents=True)
    os.utime(theirs[1], (0, 0))
    store.sweep()
    assert [folder.exists() for folder in theirs] == [True, False]
