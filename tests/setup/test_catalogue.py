"""The catalogue of weights and environments, and what a profile makes of it."""

from __future__ import annotations

import re
import shlex
from importlib.metadata import metadata
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from renderers.workers.catalog import ENTRIES
from storyboard.cli import app
from storyboard.profile import ProfileError, load_profile
from storyboard.profile.installed import Receipt, keep_receipt
from storyboard.profile.provision import Weights, catalogue, environments
from storyboard.profile.source import shipped_profiles
from storyboard.setup.machine import LOOKED_FOR, apt_line
from storyboard.setup.survey import services_of

WEIGHTS = {n: Weights.model_validate(t) for n, t in catalogue()["weights"].items()}


@pytest.fixture(autouse=True)
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    for name in ("HF_HOME", "HF_HUB_CACHE", "GEMINI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def profile(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(f'extends = "rtx6000-96gb"\n{text}', encoding="utf-8")
    return path


def test_every_entry_says_its_licence_and_where_it_is_read() -> None:
    for name, weights in WEIGHTS.items():
        assert weights.licence and weights.page.endswith(weights.repository), name
        assert weights.gib > 0
    # Two sets in one folder would be taken for each other.
    folders = [weights.folder for weights in WEIGHTS.values()]
    assert len(folders) == len(set(folders))
    for name, environment in environments().items():
        assert environment.about and environment.licence and environment.page, name
        assert set(environment.system) <= LOOKED_FOR.keys()


def test_vllm_and_vllm_omni_are_kept_apart() -> None:
    for name in shipped_profiles():
        services = load_profile(name).services.values()
        of = {s.environment for s in services if "--omni" in s.launch}
        assert of <= {"vllm-omni"}
        assert "vllm-omni" not in {s.environment for s in services if "--omni" not in s.launch}


def test_workers_tell_the_repositories_and_files_of_the_catalogue() -> None:
    """The commands that a worker names are for people without `storyboard setup`: no other facts."""
    listed: dict[str, set[str]] = {}
    for weights in WEIGHTS.values():
        listed.setdefault(weights.repository, set()).update(weights.files)
    for entry in ENTRIES.values():
        words = shlex.split(entry.fetch)
        assert words[:2] == ["hf", "download"] and words[2] in listed, entry.name
        files = words[3 : words.index("--local-dir")]
        assert set(files) <= listed[words[2]]
        assert entry.environment in environments()


def test_places_are_filled_in_and_follow_what_was_fetched(bare: Path) -> None:
    launch = load_profile("rtx6000-96gb").services["images"].launch
    assert str(bare / "models" / "HiDream-O1-Image") in launch
    elsewhere = bare / "large" / "O1"
    elsewhere.mkdir(parents=True)
    repository = WEIGHTS["hidream-o1"].repository
    keep_receipt("hidream-o1", Receipt(repository, "main", "c", str(elsewhere), {}))
    assert str(elsewhere) in load_profile("rtx6000-96gb").services["images"].launch
    # JSON in a command is no place.
    assert '{"image":8}' in load_profile("rtx6000-96gb").services["planner"].launch


def test_a_table_of_the_profiles_own_goes_before_the_catalogues(bare: Path) -> None:
    path = profile(
        bare,
        """
[weights.hidream-o1]
repository = "me/finetune"
folder = "~/mine"
gib = 16
licence = "MIT"
page = "https://example.org"
""",
    )
    loaded = load_profile(str(path))
    assert loaded.weights["hidream-o1"].repository == "me/finetune"
    assert str(bare / "mine") in loaded.services["images"].launch


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[services.images]\nweights = ["hidraem"]', "services.images.weights: 'hidraem' is no"),
        ('[services.images]\nenvironment = "vlm"', "services.images.environment: 'vlm' is no"),
        ('[weights.mine]\nrepository = "a"', "weights.mine.repository"),
        ('[environments.mine]\nabout = "x"', "is made of requirements, or is an extra"),
    ],
)
def test_what_nobody_describes_is_told(bare: Path, text: str, said: str) -> None:
    with pytest.raises(ProfileError, match=re.escape(said)):
        load_profile(str(profile(bare, text)))


def test_paths_of_weights_still_do(bare: Path) -> None:
    path = profile(bare, '[services.images]\nweights = ["~/models/mine"]')
    said = CliRunner().invoke(app, ["doctor", "--profile", str(path)]).output
    assert "weights at ~/models/mine" in said


@pytest.mark.parametrize("name", ["first-film", "rtx4090-24gb", "rtx6000-96gb", "laptop"])
def test_doctor_is_short_on_a_bare_machine_and_each_fault_has_a_command(name: str) -> None:
    done = CliRunner().invoke(app, ["doctor", "--profile", name], env={"COLUMNS": "80"})
    lines = done.output.strip().splitlines()
    assert done.exit_code == 1
    assert len(lines) <= 12, done.output
    assert "card" in lines[0]
    assert lines[-1] == f"To mend the most: storyboard setup --profile {name}"
    faults = [line for line in lines if line.startswith("✗")]
    assert len([line for line in faults if "services." in line]) <= len(
        services_of(load_profile(name))
    )
    for line in faults:
        _, arrow, command = line.partition(" → ")
        assert arrow, line
        _works(command)


def _works(command: str) -> None:
    """That a shell would take the command: ours are run, as far as that changes nothing."""
    words: list[Any] = shlex.split(command)
    if words[0] == "storyboard":
        done = CliRunner().invoke(
            app,
            [*words[1:], "--dry-run", "--json"],
            env={"HF_ENDPOINT": "http://127.0.0.1:9"},
        )
        assert done.exit_code == 0, done.output
    elif words[0] == "pip":
        extra = re.search(r"\[(\w+)\]", command)
        assert extra and extra[1] in (metadata("storyboard").get_all("Provides-Extra") or [])
    else:
        assert words[0] in ("export", "sudo", "curl"), command


def test_what_the_system_lacks_is_one_line() -> None:
    line = apt_line(["git", "libgl1"])
    assert line.count("apt-get install") == 1 and line.endswith("git libgl1")


def test_the_stand_in_of_an_offline_film_names_a_profile_that_is_there() -> None:
    assert "laptop" in shipped_profiles()
    assert load_profile("laptop").services["planner"].peak_gib == 0
