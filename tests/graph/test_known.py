"""What was worked out before is not worked out again, as long as nothing of it is in doubt."""

from __future__ import annotations

from pathlib import Path

import pytest

from storyboard.graph import known as module
from storyboard.graph.known import Known


def asked_of(known: Known, asked: str, answer: str) -> str:
    return str(known.value("letters", asked, lambda: answer))


def test_a_value_is_worked_out_once_for_what_is_asked(tmp_path: Path) -> None:
    known = Known(tmp_path / ".store", keeps=True)
    assert asked_of(known, "a", "first") == "first"
    assert asked_of(Known(tmp_path / ".store"), "a", "again") == "first"
    assert asked_of(known, "b", "other") == "other"


def test_who_only_looks_writes_nothing(tmp_path: Path) -> None:
    assert asked_of(Known(tmp_path / ".store"), "a", "first") == "first"
    assert not (tmp_path / ".store").exists()


@pytest.mark.parametrize("damage", ["", "{", '{"value": "forged", "digest": ""}', "[]"])
def test_a_damaged_value_is_worked_out_again(tmp_path: Path, damage: str) -> None:
    known = Known(tmp_path / ".store", keeps=True)
    asked_of(known, "a", "first")
    (kept,) = (tmp_path / ".store").rglob("*.json")
    kept.write_text(damage)
    assert asked_of(known, "a", "again") == "again"


def test_another_package_beside_it_works_it_out_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = Known(tmp_path / ".store", keeps=True)
    asked_of(known, "a", "first")
    (tmp_path / "site/newer-2.0.dist-info").mkdir(parents=True)
    monkeypatch.syspath_prepend(tmp_path / "site")
    module.code_digest.cache_clear()
    assert asked_of(known, "a", "again") == "again"
    module.code_digest.cache_clear()
