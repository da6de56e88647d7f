"""Installing workers: what stops it is told with its cure, and it can always be run again."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from renderers.errors import Unavailable
from renderers.workers.catalog import ENTRIES, REQUIREMENTS, UNFINISHED, Entry
from storyboard.cli.workers import interpreter_of, state_of
from storyboard.core.errors import Busy, UsageError
from storyboard.gpu.install import Choices, check_git, environment_of, install

AWAY = "https://127.0.0.1:9/LTX-2"
"""A host that cannot be reached."""


@pytest.fixture
def listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Entry:
    """A worker whose list, in `list.txt`, asks for nothing yet."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "list.txt").touch()
    return replace(ENTRIES["ltx2-i2v"], requirements=str(tmp_path / "list.txt"))


def test_a_worker_runs_in_an_environment_that_has_nothing(listed: Entry, tmp_path: Path) -> None:
    assert interpreter_of(listed) == Path(sys.executable)
    place = install(listed)
    assert place == environment_of(listed) == tmp_path / "storyboard/workers/ltx2-i2v/venv"
    assert interpreter_of(listed) == place / "bin" / "python"
    # Not even this project's own packages are there: the server needs the standard library.
    assert "lacks packages torch, av, ltx_core, ltx_pipelines" in state_of(listed)


@pytest.mark.slow
def test_an_installation_that_was_cut_off_is_told_and_made_anew(
    listed: Entry, tmp_path: Path
) -> None:
    place = install(listed)
    # As `kill -9` leaves it: half a package that looks like a whole one.
    half = next(place.glob("lib/python*/site-packages")) / "half.dist-info"
    half.mkdir()
    (place.parent / UNFINISHED).touch()
    assert "installing them was cut off (storyboard worker install" in state_of(listed)
    assert install(listed) == place
    assert not half.exists()
    assert "cut off" not in state_of(listed)


@pytest.mark.slow
def test_what_cannot_be_had_leaves_it_unfinished_and_the_next_time_goes_on(
    listed: Entry, tmp_path: Path
) -> None:
    wanted = tmp_path / "list.txt"
    wanted.write_text(f"{tmp_path}/nothing-1.0-py3-none-any.whl\n")
    with pytest.raises(Unavailable, match="says why above") as caught:
        install(listed)
    assert "storyboard worker install ltx2-i2v goes on with it" in str(caught.value)
    assert "cut off" in state_of(listed)
    wanted.write_text("")
    install(listed)
    assert "cut off" not in state_of(listed)


def test_a_second_installation_waits_its_turn(listed: Entry) -> None:
    place = environment_of(listed)
    place.parent.mkdir(parents=True)
    with (place.parent / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(Busy, match="ltx2-i2v is being installed already"):
            install(listed)
    assert not place.exists()


def test_a_git_host_that_is_away_is_told_before_anything_is_fetched(
    listed: Entry, tmp_path: Path
) -> None:
    (tmp_path / "list.txt").write_text(f"ltx-core @ git+{AWAY}@v1.2.0#subdirectory=core\n")
    with pytest.raises(Unavailable) as caught:
        install(listed)
    said = str(caught.value)
    assert "\n" not in said and f"ltx-core is published at {AWAY} alone" in said
    assert f"git clone --branch v1.2.0 {AWAY}" in said
    assert f'url."file:///PATH/TO/LTX-2".insteadOf {AWAY}' in said
    assert not environment_of(listed).exists()


def test_a_folder_stands_in_for_a_git_host_as_the_message_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "LTX-2"
    own = {"NAME": "a", "EMAIL": "a@b"}
    for who in ("AUTHOR", "COMMITTER"):
        for name, value in own.items():
            monkeypatch.setenv(f"GIT_{who}_{name}", value)
    for command in (
        ["init", "-q"],
        ["commit", "-q", "--allow-empty", "-m", "x"],
        ["tag", "v1.2.0"],
    ):
        folder.mkdir(exist_ok=True)
        subprocess.run(["git", "-C", str(folder), *command], check=True)
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.file://{folder}.insteadOf")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", AWAY)
    check_git("ltx2-a2v", f"ltx-core @ git+{AWAY}@v1.2.0#subdirectory=core\nav>=14\n")
    with pytest.raises(Unavailable, match=r"the tag v9 from there \(it has no such tag"):
        check_git("ltx2-a2v", f"ltx-core @ git+{AWAY}@v9#subdirectory=core")


def test_a_build_of_torch_is_named_or_refused() -> None:
    assert Choices("cpu").options(uv=True) == ["--torch-backend", "cpu"]
    assert Choices("cu130").options(uv=False)[1].endswith("/whl/cu130")
    assert Choices("2.13.0", "/wheels").options(uv=True) == [
        "--find-links", "/wheels", "torch==2.13.0",
    ]  # fmt: skip
    with pytest.raises(UsageError, match="--torch nightly: is neither a build"):
        Choices("nightly")


@pytest.mark.parametrize("name", sorted({entry.requirements for entry in ENTRIES.values()}))
def test_a_list_has_every_module_that_its_worker_asks_for(name: str) -> None:
    text = (REQUIREMENTS / name).read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    own = {"ltx_core": "ltx-core", "ltx_pipelines": "ltx-pipelines", "cv2": "opencv-contrib-python"}
    for entry in ENTRIES.values():
        if entry.requirements == name:
            for module in entry.packages:
                wanted = own.get(module, module)
                assert any(line.startswith(wanted) for line in lines), module


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("uv") is None, reason="needs uv: pip install uv")
def test_every_list_resolves_for_linux() -> None:
    for name in ("diffusers.txt", "ditto.txt"):
        for python in ("3.11", "3.12", "3.13"):
            command = [
                "uv",
                "pip",
                "compile",
                "--quiet",
                "--no-sources",
                "--python-version",
                python,
            ]
            command += ["--python-platform", "x86_64-manylinux_2_28", str(REQUIREMENTS / name)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
            assert "torch==" in done.stdout
