"""Modules that are loaded when first used: by any thread, once, and as if imported at once."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType

import pytest

from renderers.deferred import defer


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    name = "put_off"
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").write_text("loaded = ['package']\n")
    (tmp_path / name / "part.py").write_text(
        "import time\n"
        "from put_off import loaded\n"
        "loaded.append('part')\n"
        "time.sleep(0.05)\n"
        "def told():\n    return len(loaded)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    yield name
    for each in (name, f"{name}.part"):
        sys.modules.pop(each, None)


def executed(name: str) -> bool:
    return type(sys.modules[name]) is ModuleType


def test_a_module_is_executed_when_something_of_it_is_used(package: str) -> None:
    defer(package)
    module = importlib.import_module(package)
    assert not executed(package)
    assert module.loaded == ["package"]
    assert executed(package)
    assert importlib.import_module(package) is module


def test_a_package_is_executed_before_what_is_in_it(package: str) -> None:
    defer(package, f"{package}.part")
    part = importlib.import_module(f"{package}.part")
    assert not executed(package)
    assert part.told() == 2
    assert executed(package)


def test_threads_share_a_module_that_is_executed_once_and_see_all_of_it(package: str) -> None:
    defer(package, f"{package}.part")
    part = importlib.import_module(f"{package}.part")
    with ThreadPoolExecutor(8) as pool:
        told = [pool.submit(lambda: part.told()) for _ in range(8)]
        assert {each.result() for each in told} == {2}


def test_what_is_patched_in_a_module_its_own_functions_see(
    package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    defer(package, f"{package}.part")
    part = importlib.import_module(f"{package}.part")
    monkeypatch.setattr(part, "loaded", [])
    assert part.told() == 0


def test_a_module_that_is_not_installed_is_told_by_its_import() -> None:
    defer("no_such_module_here")
    with pytest.raises(ModuleNotFoundError, match="no_such_module_here"):
        importlib.import_module("no_such_module_here")


OURS = """
import sys
import storyboard
from renderers.deferred import _Deferred
for name, module in sys.modules.items():
    if type(module) is _Deferred and name.startswith(("storyboard.", "renderers.")):
        print(name, module.__spec__.submodule_search_locations is not None)
"""


def test_no_package_of_this_project_is_put_off() -> None:
    # Whoever imported a part of it first would have the package execute it, and then once more.
    done = subprocess.run(
        [sys.executable, "-c", OURS], capture_output=True, text=True, check=True, timeout=60
    )
    packages = dict(line.split() for line in done.stdout.splitlines())
    assert "storyboard.review.technical.reviewer" in packages
    assert set(packages.values()) == {"False"}
