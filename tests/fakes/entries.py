"""Entries of a file, read as `storyboard batch add` reads them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from storyboard.batch.entry import Entry, check_entries
from storyboard.batch.idea_list import read_rows


def read_entries(source: Path, defaults: Mapping[str, Any]) -> list[Entry]:
    return check_entries(read_rows(source), defaults, str(source))
