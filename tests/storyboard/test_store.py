"""The store gives back exactly what was put in, or nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from storyboard.store import Manifest, Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / ".store")


def put(store: Store, key: str, text: str) -> Manifest:
    source = store.staging() / "line.txt"
    source.write_text(text)
    return store.put(key, {"text": source}, 1.5, {"kind": "test", "version": 1})


def test_put_then_get_returns_outputs_and_document(store: Store, tmp_path: Path) -> None:
    put(store, "aa" * 32, "hello")
    found = store.get("aa" * 32)
    assert found is not None
    assert found.document == {"kind": "test", "version": 1}
    store.materialise(found.outputs["text"], tmp_path / "run" / "line.txt")
    assert (tmp_path / "run" / "line.txt").read_text() == "hello"


def test_a_store_in_a_relative_folder_hands_out_absolute_paths(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    store = Store(Path("runs/.store"))
    assert store.blob(put(store, "aa" * 32, "x").outputs["text"]).is_absolute()
    assert store.staging().is_absolute()


def test_unknown_key_is_none(store: Store) -> None:
    assert store.get("bb" * 32) is None


@pytest.mark.parametrize("damage", ["delete", "truncate", "flip"])
def test_a_damaged_blob_is_a_miss(store: Store, damage: str) -> None:
    blob = store.blob(put(store, "aa" * 32, "hello").outputs["text"])
    if damage == "delete":
        blob.unlink()
    else:
        blob.write_text("hell" if damage == "truncate" else "jello")
    assert store.get("aa" * 32) is None
    put(store, "aa" * 32, "hello")
    assert store.get("aa" * 32) is not None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"outputs": {"text": 3}}', "null"])
def test_a_damaged_manifest_is_a_miss(store: Store, text: str) -> None:
    put(store, "aa" * 32, "hello")
    next(store.root.glob("steps/*/*.json")).write_text(text)
    assert store.get("aa" * 32) is None


def test_equal_content_is_stored_once(store: Store) -> None:
    put(store, "aa" * 32, "same")
    put(store, "bb" * 32, "same")
    assert len(list(store.root.glob("blobs/*/*"))) == 1


def test_a_file_edited_by_hand_is_kept_aside(store: Store, tmp_path: Path) -> None:
    output = put(store, "aa" * 32, "ours").outputs["text"]
    target = tmp_path / "line.txt"
    target.write_text("mine")
    aside = store.materialise(output, target)
    assert aside is not None
    assert aside.read_text() == "mine"
    assert target.read_text() == "ours"


def test_an_older_version_of_ours_is_replaced_silently(store: Store, tmp_path: Path) -> None:
    old = put(store, "aa" * 32, "old").outputs["text"]
    new = put(store, "bb" * 32, "new").outputs["text"]
    target = tmp_path / "line.txt"
    store.materialise(old, target)
    assert store.materialise(new, target) is None
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
        put(store, f"{number}" * 64, str(number))
    assert store.timings() == {"test": 1.5}


def test_sweep_leaves_what_another_machine_may_be_making(store: Store) -> None:
    theirs = [store.root / "staging" / f"1-elsewhere-{name}" for name in ("now", "long_ago")]
    for folder in theirs:
        folder.mkdir(parents=True)
    os.utime(theirs[1], (0, 0))
    store.sweep()
    assert [folder.exists() for folder in theirs] == [True, False]
