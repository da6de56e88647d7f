"""Whether a service could be started now, asked as the launcher would, and what it lacks if not.

Knows: environments, weights, programs, what a worker says of itself. Does not know: how any of it
is mended, what a film needs.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from renderers.workers.catalog import ENTRIES, WorkerEntry
from renderers.workers.runner import LAUNCH
from storyboard.gpu.services.program import found_program
from storyboard.profile import IN_PROCESS, Profile, Service
from storyboard.profile.installed import State, environment_of, made, python_of, state_of
from storyboard.profile.provision import is_path
from storyboard.setup import ollama

_CHECK_S = 60
_WEIGHTS: dict[State, str] = {
    "absent": "weights {}",
    "cut off": "the rest of weights {}",
    "changed": "weights {} as they were fetched: they have changed",
}
_ENVIRONMENTS: dict[State, str] = {
    "absent": "environment {}",
    "cut off": "the rest of environment {}",
}


def lacks(profile: Profile, name: str) -> list[str]:
    """What keeps the service from being started, nearest cause first; empty: nothing."""
    service = profile.services[name]
    found = [*_environment(profile, service), *_weights(profile, service)]
    if not found and service.launch and found_program(service, service.launch[0]) is None:
        found.append(f"its command {service.launch[0]}")
    if not found and service.dialect == "ollama" and service.launch and not ollama.has(service):
        found.append(f"the model {service.model}, which Ollama fetches")
    return found or list(_worker(service))


def _environment(profile: Profile, service: Service) -> Iterator[str]:
    name = service.environment
    if name is None:
        return
    environment = profile.environments[name]
    state = made(name, environment)
    if state not in _ENVIRONMENTS:
        return
    # A user's own installation of the same program on PATH will do.
    program = service.launch[0] if service.launch else ""
    if (
        environment.ours
        and state == "absent"
        and program not in ("", "storyboard", "python")
        and found_program(service, program) is not None
    ):
        return
    yield _ENVIRONMENTS[state].format(name) if environment.ours else name


def _weights(profile: Profile, service: Service) -> Iterator[str]:
    paths = [name for name in service.weights if is_path(name)]
    yield from (f"weights at {p}" for p in paths if not Path(p).expanduser().exists())
    yield from lacking_weights(profile, [name for name in service.weights if name not in paths])


def lacking_weights(profile: Profile, names: Sequence[str]) -> Iterator[str]:
    """Those of them that are not here whole."""
    for name in names:
        if (state := state_of(name, profile.weights[name])) in _WEIGHTS:
            yield _WEIGHTS[state].format(name)


def _worker(service: Service) -> Iterator[str]:
    """What the worker says that it lacks, with the options that it would be started with."""
    if service.launch[:3] != ["storyboard", "worker", "run"] or service.dialect == IN_PROCESS:
        return
    name, options = service.launch[3], service.launch[4:]
    if name not in ENTRIES:
        return
    said = state_of_worker(ENTRIES[name], options)
    if said != "ready":
        yield said.removeprefix(f"{name} lacks ")


# --- workers ----------------------------------------------------------------


def interpreter_of(entry: WorkerEntry) -> Path:
    """The Python that runs the worker: its environment's, else this one."""
    inside = python_of(environment_of(entry.environment))
    return inside if inside.is_file() else Path(sys.executable)


def serving(entry: WorkerEntry, options: Sequence[str] = ()) -> list[str]:
    """The command that serves a worker."""
    return [str(interpreter_of(entry)), str(LAUNCH), "serve", entry.name, *options]


def state_of_worker(entry: WorkerEntry, options: Sequence[str] = ()) -> str:
    """`ready`, or in one line what the worker lacks in the environment that would run it."""
    command = serving(entry, [*options, "--check"])
    try:
        asked = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=_CHECK_S
        )
    except subprocess.TimeoutExpired:
        return f"an answer: {command[0]} said nothing within a minute"
    if asked.returncode == 0:
        return "ready"
    return ((asked.stdout or asked.stderr).strip().splitlines() or ["it said nothing"])[-1]
