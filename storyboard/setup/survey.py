"""What a profile needs of weights, environments and disk, and what of it is here already.

Knows: which service uses what, how much is missing, what stands in the way. Does not know: how
any of it is fetched or made, tables.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from renderers.errors import RendererError
from storyboard.core.errors import UsageError
from storyboard.core.files import free_bytes
from storyboard.profile import Profile, Section, Service
from storyboard.profile.installed import (
    State,
    data_directory,
    environment_of,
    made,
    place_of,
    receipt_of,
    state_of,
)
from storyboard.profile.provision import Environment, Weights, is_path
from storyboard.setup import hub, machine, ollama
from storyboard.setup.hub import Listing, Offline
from storyboard.setup.machine import CardSeen
from storyboard.setup.weights import measured_rate, targets

GIB = float(2**30)


@dataclass(frozen=True, slots=True)
class WeightsNeed:
    """One set of weights."""

    name: str
    weights: Weights
    users: tuple[str, ...]
    """Services, or sections of the profile, that read them."""
    state: State
    folder: Path
    found: Listing | None = None
    """What the hub says; None: it was not asked, or did not say."""
    fault: str = ""
    """Why it cannot be fetched."""

    @property
    def whole(self) -> bool:
        return self.state == "whole"

    @property
    def size(self) -> float:
        """Bytes of all of it; the table's figure where the hub did not say."""
        return float(self.found.size) if self.found else self.weights.gib * GIB

    @property
    def here(self) -> float:
        """Bytes on the disk; of files that are being fetched as well."""
        if self.state in ("whole", "unchecked"):
            return self.size
        found = self.folder.rglob("*") if self.folder.is_dir() else ()
        return min(self.size, float(sum(path.stat().st_size for path in found if path.is_file())))

    @property
    def missing(self) -> float:
        """Bytes that are to be fetched."""
        if self.whole:
            return 0.0
        if self.found is None:
            return 0.0 if self.state == "unchecked" else self.size
        wanted = targets(self.name, self.weights, self.found)
        return float(sum(t.remote.size - t.here for t in wanted))


@dataclass(frozen=True, slots=True)
class EnvironmentNeed:
    """One environment."""

    name: str
    environment: Environment
    users: tuple[str, ...]
    state: State
    place: Path

    @property
    def missing(self) -> float:
        """Bytes that it will take."""
        whole = self.state in ("whole", "changed")
        return 0.0 if whole or not self.environment.ours else self.environment.gib * GIB


@dataclass(frozen=True, slots=True)
class Disk:
    """One disk that something goes onto, in bytes."""

    place: Path
    free: float
    needed: float

    @property
    def fits(self) -> bool:
        return self.needed <= self.free


@dataclass(frozen=True, slots=True)
class Survey:
    """All that is to be known before anything is fetched."""

    profile: str
    services: tuple[str, ...]
    card: CardSeen
    memory_gib: float
    memory_needed_gib: float
    weights: tuple[WeightsNeed, ...]
    environments: tuple[EnvironmentNeed, ...]
    lacking: tuple[str, ...]
    """Packages of the system."""
    disks: tuple[Disk, ...]
    token: bool
    pulls: tuple[str, ...] = ()
    """Services whose model Ollama is to fetch."""
    rate: float | None = None
    """Bytes a second, as measured just now."""
    hub: str = ""
    faults: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def missing(self) -> float:
        """Bytes to fetch; those of environments as they will lie on the disk."""
        needs = (*self.weights, *self.environments)
        return sum(need.missing for need in needs)

    @property
    def minutes(self) -> float | None:
        return self.missing / self.rate / 60 if self.rate and self.missing else None

    @property
    def whole(self) -> bool:
        """Whether there is nothing left to fetch or make."""
        parts = all(w.whole for w in self.weights) and not self.pulls
        return parts and all(e.state == "whole" for e in self.environments)

    def blockers(self) -> Iterator[str]:
        """What has to be mended by hand first, each with how."""
        if self.lacking:
            yield f"packages of the system are missing: {machine.apt_line(self.lacking)}"
        for disk in self.disks:
            if not disk.fits:
                yield (
                    f"{disk.needed / GIB:.1f} GiB are needed on the disk of {disk.place}, and "
                    f"{disk.free / GIB:.1f} are free: make room, or put weights on another disk "
                    "with --cache DIR"
                )
        for need in self.environments:
            if not need.environment.ours and need.state != "whole":
                yield f"{need.name}: {_by_hand(need.environment)}"
        # A hub that does not answer is one fault, not one for each that it has.
        yield from dict.fromkeys(w.fault for w in self.weights if w.fault)


def _by_hand(environment: Environment) -> str:
    if environment.extra:
        return f"pip install 'storyboard[{environment.extra}]'"
    return f"{environment.program} is not here: {environment.program_fetch} ({environment.page})"


def sections_of(profile: Profile) -> Iterator[tuple[str, Section]]:
    """The sections that a film may come to: a video backend that no kind of beat goes to is none."""
    routed = {f"video.{name}" for name in profile.video.routes.values()}
    for path, section in profile.sections():
        if section.backend != "none" and (not path.startswith("video.") or path in routed):
            yield path, section


def services_of(profile: Profile, only: Sequence[str] = ()) -> tuple[str, ...]:
    """The services that a film of the profile uses, in the order of its sections; or just `only`.

    Raises:
        UsageError: one of `only` is none of its services or sections.
    """
    used = [s.service for _, s in sections_of(profile) if s.service in profile.services]
    if not only:
        return tuple(dict.fromkeys(name for name in used if name))
    sections = dict(profile.sections())
    for name in only:
        if name not in profile.services and name not in sections:
            known = ", ".join([*profile.services, *(n for n, s in sections.items() if s.weights)])
            raise UsageError(
                f"--only {name}: is not a service of {profile.name}: {known or 'it has none'}"
            )
    return tuple(name for name in only if name in profile.services)


def users_of(profile: Profile, only: Sequence[str] = ()) -> Iterator[tuple[str, list[str], str]]:
    """Who uses which weights and which environment."""
    for name in services_of(profile, only):
        service = profile.services[name]
        yield name, [w for w in service.weights if not is_path(w)], service.environment or ""
    for path, section in sections_of(profile):
        if section.weights and (not only or path in only):
            yield path, list(section.weights), ""


def survey(profile: Profile, only: Sequence[str] = (), *, ask: bool = True) -> Survey:
    """Look at the machine, and with `ask` at the hub."""
    by_weights, by_environment = dict[str, list[str]](), dict[str, list[str]]()
    for user, weights, environment in users_of(profile, only):
        for name in weights:
            by_weights.setdefault(name, []).append(user)
        if environment:
            by_environment.setdefault(environment, []).append(user)
    environments = tuple(
        _environment(name, profile.environments[name], users)
        for name, users in by_environment.items()
    )
    with ThreadPoolExecutor(8) as pool:
        jobs = [
            pool.submit(_weights, name, profile.weights[name], users, ask)
            for name, users in by_weights.items()
        ]
        wanted = tuple(job.result() for job in jobs)
    unmade = [e for e in environments if e.state in ("absent", "cut off")]
    system = [package for e in unmade for package in e.environment.system]
    if any(e.environment.ours for e in unmade):
        system.insert(0, "python3-venv")
    services = services_of(profile, only)
    heaviest = max((profile.services[name].peak_gib for name in services), default=0.0)
    return Survey(
        profile.name,
        services,
        machine.card_seen(profile, (e.environment.cuda for e in environments), heaviest),
        machine.memory_gib(),
        max((profile.services[name].ram_gib for name in services), default=0.0),
        wanted,
        environments,
        tuple(machine.lacking(system)),
        tuple(_disks(wanted, environments)),
        hub.token() is not None,
        tuple(name for name in services if _pulled(profile.services[name])),
        _rate(wanted) if ask else None,
        hub.endpoint(),
    )


def _pulled(service: Service) -> bool:
    return service.dialect == "ollama" and bool(service.launch) and not ollama.has(service)


def _environment(name: str, environment: Environment, users: Sequence[str]) -> EnvironmentNeed:
    place = environment_of(name)
    if environment.program:
        place = Path(shutil.which(environment.program) or environment.program)
    return EnvironmentNeed(name, environment, tuple(users), made(name, environment), place)


def _weights(name: str, weights: Weights, users: Sequence[str], ask: bool) -> WeightsNeed:
    state, folder = state_of(name, weights), place_of(name, weights)
    found, fault = None, ""
    if ask and state != "whole":
        try:
            found = hub.listing(name, weights)
        except Offline as error:
            fault = str(error) if state != "unchecked" else ""
        except RendererError as error:
            fault = str(error)
    return WeightsNeed(name, weights, tuple(users), state, folder, found, fault)


def _rate(wanted: Sequence[WeightsNeed]) -> float | None:
    asked = [need for need in wanted if need.found is not None and need.missing > 0]
    if not asked:
        return None
    largest = max(asked, key=lambda need: need.missing)
    assert largest.found is not None
    return measured_rate(largest.weights, largest.found)


def _disks(
    wanted: Sequence[WeightsNeed], environments: Sequence[EnvironmentNeed]
) -> Iterator[Disk]:
    """What is needed on each disk; two folders of one disk are one."""
    needed: dict[int, list[tuple[Path, float]]] = {}
    for need in wanted:
        own = Path(need.weights.folder).expanduser()
        place = need.folder if receipt_of(need.name) else own
        needed.setdefault(_device(place), []).append((place, need.missing))
    for environment in environments:
        if environment.environment.ours:
            place = data_directory()
            needed.setdefault(_device(place), []).append((place, environment.missing))
    for parts in needed.values():
        place = _existing(parts[0][0])
        yield Disk(place, float(free_bytes(place)), sum(size for _, size in parts))


def _existing(path: Path) -> Path:
    """The folder, or the nearest above it that is there."""
    path = path.absolute()
    while not path.exists():
        path = path.parent
    return path


def _device(path: Path) -> int:
    return _existing(path).stat().st_dev
