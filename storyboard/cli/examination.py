"""What of a profile is on this machine: everything that a film with it needs, looked at in turn.

Nothing is changed and nothing is loaded onto a card.

Knows: where to look. Does not know: how to run any of it, who is told.
"""

from __future__ import annotations

import os
import shlex
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import httpx

from renderers import http
from renderers.errors import RendererError
from renderers.ffmpeg import ffmpeg_path, ffmpeg_version
from renderers.image.comfyui import ComfyImages
from renderers.processors import cores
from renderers.video.comfyui import ComfyClips
from renderers.weights import PACKAGED
from storyboard import __version__
from storyboard.core.errors import StoryboardError, UsageError
from storyboard.core.files import free_bytes
from storyboard.gpu.control import healthy
from storyboard.gpu.services.processes import HostMemory
from storyboard.graph.folder import DEFAULT_ROOT
from storyboard.profile import IN_PROCESS, Profile, Section
from storyboard.profile.backends import Backends, Modality, adapters
from storyboard.profile.faults import sections_astray
from storyboard.profile.installed import made
from storyboard.profile.provision import is_path
from storyboard.setup.machine import DRIVER_FIX, card_seen
from storyboard.setup.readiness import lacking_weights, lacks
from storyboard.setup.survey import sections_of, services_of
from storyboard.writing.offline import match

State = Literal["ok", "note", "missing"]
NEEDED_FREE = 2 << 30
"""Bytes below which a run is likely to fill the disk: a film with all its clips and a margin."""
NEEDED_SCRATCH = 400 << 20
"""Bytes of the temporary folder: the packaged Whisper twice, and a film's scratch."""
LISTENING = {8894: "vLLM", 8000: "vLLM", 11434: "Ollama", 8080: "llama-server"}
"""Ports on which language model servers usually listen."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    area: str
    state: State
    what: str
    fix: str = ""


def examine(profile: Profile, given: str = "", whole: bool = False) -> list[Diagnosis]:
    """Everything the profile needs, in the order in which a film needs it. `given` is what the
    user calls it by; `whole`: the services that no film uses too."""
    given = shlex.quote(given or profile.name)
    return [
        *_card(profile),
        *_services(profile, given, whole),
        *_machine(),
        *_ffmpeg(),
        *_weights(profile),
        *_writer(profile),
        *_adapters(profile),
        *_endpoints(profile),
        *_offers(profile),
    ]


def _card(profile: Profile) -> Iterator[Diagnosis]:
    if not profile.services:
        return
    used = [profile.services[name] for name in services_of(profile)]
    cuda = [profile.environments[s.environment].cuda for s in used if s.environment]
    seen = card_seen(profile, cuda, max((s.peak_gib for s in used), default=0.0))
    if not seen.fault:
        gib = f", {seen.total_gib:.0f} GiB" if seen.total_gib else ""
        driver = f", driver {seen.driver}" if seen.driver else ""
        yield Diagnosis("card", "ok", f"{seen.name}{gib}{driver}")
    elif "nvidia-ml-py" in seen.fault:
        what, _, fix = seen.fault.partition(": ")
        yield Diagnosis("card", "missing", what, fix)
    else:
        what, _, fix = seen.fault.partition(": sudo ")
        yield Diagnosis("card", "missing", what, f"sudo {fix}" if fix else DRIVER_FIX)


def _services(profile: Profile, given: str, whole: bool) -> Iterator[Diagnosis]:
    """Each service that a film would use, looked for as the launcher looks for it."""
    names = list(profile.services) if whole else services_of(profile)
    with ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(_service, profile, name, given) for name in names]
        yield from (job.result() for job in jobs)
    for path, section in sections_of(profile):
        if lacking := list(lacking_weights(profile, section.weights)):
            fix = f"storyboard setup --profile {given} --only {path}"
            yield Diagnosis(path, "missing", f"lacks {', '.join(lacking)}", fix)


def _service(profile: Profile, name: str, given: str) -> Diagnosis:
    service, area = profile.services[name], f"services.{name}"
    if service.health and healthy(service, 2.0):
        return Diagnosis(area, "ok", f"is up at {service.root_url}")
    if not service.launch and service.dialect != IN_PROCESS:
        return Diagnosis(
            area,
            "missing",
            f"{service.health} does not answer, and the profile says no launch for it",
            "start it yourself, or write its command into launch",
        )
    if lacking := lacks(profile, name):
        fix = f"storyboard setup --profile {given} --only {name}"
        needed = profile.environments.get(service.environment or "")
        if (
            needed is not None
            and needed.program
            and made(service.environment or "", needed) != "whole"
        ):
            fix = needed.program_fetch
        elif not service.environment and not any(not is_path(w) for w in service.weights):
            fix = "install it, and give the full path in launch"
        return Diagnosis(area, "missing", f"lacks {', '.join(lacking)}", fix)
    if service.ram_gib > (total := HostMemory.now().total):
        return Diagnosis(
            area,
            "note",
            f"it takes {service.ram_gib:g} GiB of host memory to sleep or offload, and this "
            f"machine has {total:.0f}: it will be stopped where it should sleep",
        )
    return Diagnosis(area, "ok", "is all there; a run starts it")


def _machine() -> Iterator[Diagnosis]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Diagnosis("machine", "ok", f"storyboard {__version__}, Python {version}, {cores()} cores")
    free = free_bytes(DEFAULT_ROOT)
    enough = free >= NEEDED_FREE
    yield Diagnosis(
        "machine",
        "ok" if enough else "missing",
        f"{free / 2**30:.1f} GiB free for {DEFAULT_ROOT.absolute()}",
        "" if enough else f"free at least {NEEDED_FREE >> 30} GiB, or choose a disk with --out",
    )
    scratch = Path(tempfile.gettempdir())
    if (left := free_bytes(scratch)) < NEEDED_SCRATCH:
        yield Diagnosis(
            "machine",
            "missing",
            f"{left >> 20} MiB free for {scratch}, where the packaged Whisper is unpacked",
            f"free at least {NEEDED_SCRATCH >> 20} MiB, or name another folder in TMPDIR",
        )
    for folder in (DEFAULT_ROOT, DEFAULT_ROOT.absolute().parent):
        if folder.exists():
            if not os.access(folder, os.W_OK):
                yield Diagnosis(
                    "machine", "missing", f"{folder} is read-only", "choose another with --out"
                )
            break


def _ffmpeg() -> Iterator[Diagnosis]:
    try:
        path = ffmpeg_path()
    except RendererError as error:
        yield Diagnosis("ffmpeg", "missing", str(error), "pip install imageio-ffmpeg")
    else:
        yield Diagnosis("ffmpeg", "ok", f"{ffmpeg_version()} at {path}")


def _weights(profile: Profile) -> Iterator[Diagnosis]:
    wanted = {section.backend for _, section in profile.sections()}
    for weights in PACKAGED:
        if weights.backend not in wanted:
            continue
        try:
            weights.verify()
        except RendererError as error:
            yield Diagnosis("weights", "missing", f"{weights.name}: {error}")
        else:
            yield Diagnosis("weights", "ok", f"{weights.name} ({weights.licence}), checked")


def _writer(profile: Profile) -> Iterator[Diagnosis]:
    """The model by which the offline draft understands an idea."""
    if profile.chat.backend not in ("offline", "none"):
        return
    try:
        match.verify()
    except StoryboardError as error:
        yield Diagnosis("weights", "missing", str(error))
    else:
        yield Diagnosis("weights", "ok", "multilingual-e5-small (MIT), checked")


def _adapters(profile: Profile) -> Iterator[Diagnosis]:
    kinds: dict[str, Modality] = {
        "image": "image",
        "speech": "speech",
        "transcription": "transcription",
        "alignment": "alignment",
        "video": "clip",
        "review": "review",
    }
    for path, section in profile.sections():
        kind = kinds.get(path.partition(".")[0])
        if kind is None or section.backend == "none":
            continue
        if section.backend not in adapters(kind):
            yield Diagnosis(
                path,
                "missing",
                f"no adapter '{section.backend}' is installed",
                f"choose one of {', '.join(sorted(adapters(kind)))}, or install its package",
            )
    with Backends(profile) as backends:
        try:
            voices = backends.speech.voices("en"), backends.speech.voices("ja")
        except (UsageError, RendererError) as error:
            yield Diagnosis("speech", "missing", str(error))
        else:
            yield Diagnosis(
                "speech", "ok", f"{len(voices[0])} English, {len(voices[1])} Japanese voices"
            )
        yield from _alignment(backends)
        yield from _made(profile, backends)


def _made(profile: Profile, backends: Backends) -> Iterator[Diagnosis]:
    """Faults of the sections that only show when their backend is made."""
    for name, section in profile.video.backends.items():
        if section.backend not in adapters("clip"):
            continue
        try:
            backend = backends.clip(name)
        except (UsageError, RendererError) as error:
            yield Diagnosis(f"video.{name}", "missing", str(error))
        else:
            yield from _workflow(f"video.{name}", section, backend)
    for path, section in (("image", profile.image), ("image.edit", profile.image.edit)):
        if section is None or section.backend != "comfyui":
            continue
        try:
            backend = backends.image if path == "image" else backends.editor
        except (UsageError, RendererError) as error:
            yield Diagnosis(path, "missing", str(error))
        else:
            yield from _workflow(path, section, backend)
    for kind in ("clone", "design"):
        try:
            backends.voice(kind)
        except (UsageError, RendererError) as error:
            yield Diagnosis(f"speech.{kind}", "missing", str(error))


def _workflow(path: str, section: Section, backend: object) -> Iterator[Diagnosis]:
    """What the server of a workflow lacks for it."""
    if not isinstance(backend, ComfyImages | ComfyClips):
        return
    try:
        lacking = backend.lacking()
    except RendererError as error:
        # A server that the profile names is asked for an answer with the other endpoints.
        if not section.base_url:
            yield Diagnosis(path, "missing", str(error))
        return
    if lacking:
        yield Diagnosis(path, "missing", f"ComfyUI lacks {lacking}")
    else:
        yield Diagnosis(path, "ok", "ComfyUI has every node and file of the workflow")


def _alignment(backends: Backends) -> Iterator[Diagnosis]:
    """Who times the words of captions; an aligner's package is looked for, not imported."""
    try:
        aligner = backends.alignment
    except (UsageError, RendererError) as error:
        yield Diagnosis("alignment", "missing", str(error))
        return
    if aligner is None:
        return
    what, _, fix = aligner.lacking().partition(": ")
    if what:
        yield Diagnosis("alignment", "missing", what, fix)
    else:
        yield Diagnosis("alignment", "ok", f"{aligner.name} times every word")


def _endpoints(profile: Profile) -> Iterator[Diagnosis]:
    """Whether what the profile does not start itself answers, and its keys are set."""
    started = {name for name, service in profile.services.items() if service.health}
    asked = [
        (path, section)
        for path, section in sections_of(profile)
        if (section.base_url or section.api_key_env) and section.service not in started
    ]
    with ThreadPoolExecutor(8) as pool:
        jobs = [pool.submit(_endpoint, path, section) for path, section in asked]
        yield from (job.result() for job in jobs)
    for path, what in sections_astray(profile):
        yield Diagnosis(path, "missing", what, "make them the same, unless something passes it on")


def _endpoint(path: str, section: Section) -> Diagnosis:
    if section.api_key_env and not os.environ.get(section.api_key_env):
        name = section.api_key_env
        return Diagnosis(path, "missing", f"{name} is not set", f"export {name}=…")
    if not section.base_url:
        return Diagnosis(path, "ok", f"{section.api_key_env} is set")
    return _answers(path, section.base_url, "start the server, or change base_url")


def _answers(path: str, url: str, fix: str) -> Diagnosis:
    try:
        response = http.get(url, timeout=3.0, follow_redirects=True)
    except (httpx.HTTPError, httpx.InvalidURL, RendererError) as error:
        return Diagnosis(path, "missing", f"{url} does not answer ({type(error).__name__})", fix)
    return Diagnosis(path, "ok", f"{url} answers ({response.status_code})")


def _offers(profile: Profile) -> Iterator[Diagnosis]:
    """Language model servers that run here and are not in use: offered, never taken silently."""
    if profile.chat.backend not in ("offline", "none"):
        return
    for port, server in LISTENING.items():
        url = f"http://127.0.0.1:{port}/v1"
        try:
            models = http.get(f"{url}/models", timeout=0.5).json()["data"]
            model = str(models[0]["id"])
        except (httpx.HTTPError, RendererError, ValueError, LookupError, TypeError):
            continue
        yield Diagnosis(
            "chat",
            "note",
            f"a language model is served at {url} ({server}?): {model}",
            f"use it with --set chat.backend=openai --set chat.base_url={url} "
            f"--set chat.model={model}",
        )
