"""Installing workers: what stops it is told with its cure, and it can always be run again."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from renderers.errors import Unavailable
from renderers.workers.catalog import ENTRIES, UNFINISHED
from storyboard.core.errors import Busy, UsageError
from storyboard.profile.installed import environment_of, made
from storyboard.profile.provision import Environment, environments
from storyboard.setup.environments import Choices, check_git, make_environment
from storyboard.setup.readiness import interpreter_of, state_of_worker

AWAY = "https://127.0.0.1:9/LTX-2"
"""A host that cannot be reached."""


NAME = "ltx2"
WORKER = ENTRIES["ltx2-i2v"]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))


def of(*lines: str) -> Environment:
    """The environment of LTX-2, with another list."""
    return environments()[NAME].model_copy(update={"requirements": list(lines)})


EMPTY = of("")


def test_a_worker_runs_in_an_environment_that_has_nothing(tmp_path: Path) -> None:
    assert interpreter_of(WORKER) == Path(sys.executable)
    place = make_environment(NAME, EMPTY)
    assert place == environment_of(NAME) == tmp_path / "storyboard/workers/ltx2/venv"
    assert interpreter_of(WORKER) == place / "bin" / "python"
    assert made(NAME, EMPTY) == "whole"
    # A later release of this package names other versions.
    assert made(NAME, of("# newer")) == "changed"
    # Not even this project's own packages are there: the server needs the standard library.
    assert "lacks packages torch, av, ltx_core, ltx_pipelines" in state_of_worker(WORKER)


@pytest.mark.slow
def test_an_installation_that_was_cut_off_is_told_and_made_anew() -> None:
    place = make_environment(NAME, EMPTY)
    # As `kill -9` leaves it: half a package that looks like a whole one.
    half = next(place.glob("lib/python*/site-packages")) / "half.dist-info"
    half.mkdir()
    (place.parent / UNFINISHED).touch()
    assert "installing them was cut off (storyboard worker install" in state_of_worker(WORKER)
    assert make_environment(NAME, EMPTY) == place
    assert not half.exists()
    assert "cut off" not in state_of_worker(WORKER)


@pytest.mark.slow
def test_what_cannot_be_had_leaves_it_unfinished_and_the_next_time_goes_on(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="says why above") as caught:
        make_environment(NAME, of(f"{tmp_path}/nothing-1.0-py3-none-any.whl"))
    assert "storyboard worker install ltx2 goes on with it" in str(caught.value)
    assert "cut off" in state_of_worker(WORKER)
    make_environment(NAME, EMPTY)
    assert "cut off" not in state_of_worker(WORKER)


def test_a_second_installation_waits_its_turn() -> None:
    place = environment_of(NAME)
    place.parent.mkdir(parents=True)
    with (place.parent / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(Busy, match="ltx2 is being installed already"):
            make_environment(NAME, EMPTY)
    assert not place.exists()


def test_a_git_host_that_is_away_is_told_before_anything_is_fetched() -> None:
    with pytest.raises(Unavailable) as caught:
        make_environment(NAME, of(f"ltx-core @ git+{AWAY}@v1.2.0#subdirectory=core"))
    said = str(caught.value)
    assert "\n" not in said and f"ltx-core is published at {AWAY} alone" in said
    assert f"git clone --branch v1.2.0 {AWAY}" in said
    assert f'url."file:///PATH/TO/LTX-2".insteadOf {AWAY}' in said
    assert not environment_of(NAME).exists()


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


def test_a_list_has_every_module_that_its_worker_asks_for() -> None:
    own = {"ltx_core": "ltx-core", "ltx_pipelines": "ltx-pipelines", "PIL": "pillow"}
    own |= {"cv2": "opencv-contrib-python"}
    for entry in ENTRIES.values():
        lines = environments()[entry.environment].requirements
        for module in entry.packages:
            wanted = own.get(module, module)
            assert any(line.startswith(wanted) for line in lines), module


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("uv") is None, reason="needs uv: pip install uv")
@pytest.mark.parametrize("name", ["diffusers", "ditto", "llama-cpp", "vllm", "vllm-omni"])
@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_every_list_resolves_for_linux(name: str, python: str) -> None:
    done = resolved(environments()[name].requirements, python)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("uv") is None, reason="needs uv: pip install uv")
def test_vllm_and_vllm_omni_fit_into_no_one_environment() -> None:
    known = environments()
    done = resolved([*known["vllm"].requirements, "vllm-omni==0.30.0"], "3.12")
    assert done.returncode != 0 and "transformers" in done.stderr


def resolved(requirements: list[str], python: str) -> subprocess.CompletedProcess[str]:
    command = ["uv", "pip", "compile", "--quiet", "--no-sources", "--python-version", python]
    command += ["--python-platform", "x86_64-manylinux_2_28", "-"]
    listed = "\n".join(requirements)
    return subprocess.run(command, input=listed, capture_output=True, text=True, check=False)
