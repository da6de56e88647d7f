"""A studio over a folder with one planned film."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason='needs FastAPI: pip install "storyboard[studio]"')

from studio_pages import Browser, film_of_two, off_duty, opened
from tiny_films import tiny_plan, tiny_run


@pytest.fixture
def studio(tmp_path: Path) -> Browser:
    """Its film is called `cats`."""
    runs = tmp_path / "runs"
    tiny_run(runs / "cats", tiny_plan("Cats & <b>dogs</b> open a bank", 2))
    return opened(runs)


@pytest.fixture(scope="session")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film_of_two(tmp_path_factory.mktemp("made") / "bank").parent


@pytest.fixture
def bank(_made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    """A studio with one finished film, `bank`, which jobs can go on with."""
    fakes = Path(__file__).parent.parent / "fakes"
    monkeypatch.setenv("PYTHONPATH", f"{fakes}")
    runs = tmp_path / "runs"
    shutil.copytree(_made, runs)
    yield opened(runs)
    off_duty(runs)
