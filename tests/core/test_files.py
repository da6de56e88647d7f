"""Records as files: what JSON has no word for, written and read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from storyboard.core.files import parse_json, read_json, write_json


def test_the_loudness_of_silence_is_null(tmp_path: Path) -> None:
    record = tmp_path / "checks.json"
    write_json(record, {"measured": float("-inf"), "all": [1.5, float("nan")]})
    assert json.loads(record.read_text(encoding="utf-8")) == {"measured": None, "all": [1.5, None]}


def test_a_record_of_an_earlier_release_is_read_and_a_strangers_is_refused(tmp_path: Path) -> None:
    record = tmp_path / "checks.json"
    record.write_text('{"measured": -Infinity}', encoding="utf-8")
    assert read_json(record) == {"measured": None}
    with pytest.raises(ValueError, match="holds -Infinity, which is no number"):
        parse_json(record.read_bytes())
