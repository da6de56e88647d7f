"""A studio over a folder with one planned film."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason='needs FastAPI: pip install "storyboard[studio]"')

from studio_pages import Browser, opened
from tiny_films import tiny_plan, tiny_run


@pytest.fixture
def studio(tmp_path: Path) -> Browser:
    """Its film is called `cats`."""
    runs = tmp_path / "runs"
    tiny_run(runs / "cats", tiny_plan("Cats & <b>dogs</b> open a bank", 2))
    return opened(runs)
