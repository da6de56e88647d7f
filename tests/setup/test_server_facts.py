"""Every command, variable and address of the shipped profiles, held against what was read."""

from __future__ import annotations

import argparse
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from renderers.workers import gguf, serve
from renderers.workers.catalog import ENTRIES
from storyboard.profile import Service, load_profile
from storyboard.profile.provision import environments
from storyboard.profile.source import shipped_profiles

FACTS: dict[str, dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("server_facts.toml").read_text(encoding="utf-8")
)
OURS = {"ltx2", "ditto", "diffusers", "llama-cpp", "engine"}
ANYBODYS = {"PYTORCH_CUDA_ALLOC_CONF"}
SERVED = [
    (name, service)
    for name in shipped_profiles()
    for service in load_profile(name).services
    if load_profile(name).services[service].launch
]


def commands(service: Service) -> Iterator[tuple[list[str], dict[str, str]]]:
    yield service.launch, service.env
    for variant in service.variants:
        yield variant.launch or service.launch, {**service.env, **variant.env}


@pytest.mark.parametrize(("profile", "name"), SERVED)
def test_a_service_is_started_and_asked_as_its_program_takes_it(profile: str, name: str) -> None:
    loaded = load_profile(profile)
    service = loaded.services[name]
    assert service.environment is not None, "which packages does it run with?"
    path = re.sub(r"^https?://[^/]+", "", service.health)
    if service.environment in OURS:
        assert path == "/health"
    else:
        assert path == FACTS[service.environment]["health"]
    for launch, variables in commands(service):
        if service.environment in OURS:
            assert set(variables) <= ANYBODYS
            _ours(launch)
        else:
            _theirs(FACTS[service.environment], launch, variables)
    port = re.search(r":(\d+)/", service.health)
    assert port is not None
    words = [*service.launch, *service.env.values()]
    assert any(re.search(rf"(^|:){port[1]}$", word) for word in words)


def _theirs(fact: dict[str, Any], launch: list[str], variables: dict[str, str]) -> None:
    program, *rest = launch
    assert program == fact["program"]
    assert rest[: len(fact["words"])] == fact["words"]
    assert {word for word in rest if word.startswith("--")} <= set(fact["flags"])
    for flag, allowed in fact.get("values", {}).items():
        if flag in rest:
            assert rest[rest.index(flag) + 1] in allowed
    assert set(variables) <= {*fact["variables"], *ANYBODYS}


def _ours(launch: list[str]) -> None:
    """Our own programs are asked themselves."""
    if launch[:3] == ["storyboard", "worker", "run"]:
        name, *options = launch[3:]
        parser: argparse.ArgumentParser = gguf.parser() if name == "llama-cpp" else serve.parser()
        assert name == "llama-cpp" or name in ENTRIES
        parser.parse_args(options if name == "llama-cpp" else [name, *options])
    else:
        assert launch[:3] == ["python", "-m", "image_engine.server"]
        main = pytest.importorskip("image_engine.server.__main__", exc_type=ImportError)
        command: Any = typer.main.get_command(main.app)
        known = {option for param in command.params for option in param.opts}
        assert {word for word in launch if word.startswith("--")} <= known


@pytest.mark.parametrize("profile", shipped_profiles())
def test_a_section_asks_where_its_server_answers(profile: str) -> None:
    loaded = load_profile(profile)
    for path, section in loaded.sections():
        service = loaded.services.get(section.service or "")
        if service is None or not section.base_url:
            continue
        base = section.base_url.removeprefix(service.root_url)
        environment = service.environment or ""
        wanted = FACTS[environment]["base"] if environment in FACTS else ""
        assert base == ("/v1" if environment == "llama-cpp" else wanted), path
        if service.model and section.model:
            assert service.model == section.model, path
        if "--served-model-name" in service.launch:
            named = service.launch[service.launch.index("--served-model-name") + 1]
            assert section.model == named, path


def test_the_release_that_was_read_is_the_one_that_is_installed() -> None:
    for name, fact in FACTS.items():
        package = fact["package"]
        requirements = environments()[name].requirements
        assert not package or any(line.startswith(package) for line in requirements), name
    assert environments()["kokoro-fastapi"].checkout is not None
    assert environments()["kokoro-fastapi"].checkout.revision[:7] in FACTS["kokoro-fastapi"]["read"]
