"""What is wrong with a profile though each of its records holds.

Knows: how records name each other, who works on the card. Does not know: files, Pydantic.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, get_args

from storyboard.plan.stages import card_stages
from storyboard.profile.provision import catalogue, is_path
from storyboard.profile.service import IN_PROCESS, BeatKind, names_in_words

if TYPE_CHECKING:
    from storyboard.profile.profile import Profile

ON_CARD: frozenset[str] = frozenset({"qwen-tts", "irodori"})
"""Backends that work on the card in this process unless their options say another device."""


def faults(profile: Profile) -> list[str]:
    """Every fault that spans records, each as `path: what is wrong: what is allowed`."""
    found: list[str] = []
    services, backends = profile.services, profile.video.backends
    for path, section in profile.sections():
        if section.service is not None and section.service not in services:
            found.append(
                f"{path}.service: '{section.service}' is not in services: {names_in_words(services)}"
            )
        elif section.service is not None:
            stages = card_stages(path)
            if not stages & set(services[section.service].serves):
                found.append(
                    f"services.{section.service}.serves: {path} works in "
                    f"{' or '.join(sorted(stages))}, which is not among its stages"
                )
    found += _uncounted(profile)
    found += _unstocked(profile)
    if profile.image.edit is not None and profile.image.backend == "animatic":
        found.append(
            "image.edit: the animatic draws scenes and no pictures that could be edited: name a "
            "backend that reads prompts in image.backend"
        )
    judge = services.get(profile.chat.service or "") if profile.judge is None else None
    if judge is not None and "images" not in judge.serves:
        found.append(
            f"services.{profile.chat.service}.serves: chat also judges the images: add 'images', "
            'name another [judge], or set judge.backend = "none"'
        )
    for kind, name in profile.video.routes.items():
        if name not in backends:
            found.append(
                f"video.routes.{kind}: '{name}' is not a video backend: {names_in_words(backends)}"
            )
    for kind in get_args(BeatKind):
        if kind not in profile.video.routes:
            found.append(f"video.routes.{kind}: is missing: one of {names_in_words(backends)}")
    for name, group in profile.together.items():
        found += [
            f"together.{name}: '{member}' is not in services: {names_in_words(services)}"
            for member in (*group.peak, *group.idle)
            if member not in services
        ]
    return found


def _unstocked(profile: Profile) -> Iterator[str]:
    """Names of weights and environments that nobody describes."""
    users = [(f"services.{n}", s.weights, s.environment) for n, s in profile.services.items()]
    users += [(path, section.weights, None) for path, section in profile.sections()]
    for path, weights, environment in users:
        for name in weights:
            if not is_path(name) and name not in profile.weights:
                yield (
                    f"{path}.weights: '{name}' is no [weights.{name}] of the profile, none that "
                    f"comes with the package ({names_in_words(catalogue()['weights'])}), and no path"
                )
        if environment is not None and environment not in profile.environments:
            yield (
                f"{path}.environment: '{environment}' is no [environments.{environment}] of the "
                f"profile, and none that comes with the package: "
                f"{names_in_words(catalogue()['environments'])}"
            )


def _uncounted(profile: Profile) -> Iterator[str]:
    """Faults of what works on the card in this process without being counted there."""
    for path, section in profile.sections():
        device = section.options.get("device", "cuda" if section.backend in ON_CARD else "")
        service = profile.services.get(section.service or "")
        inside = service is not None and service.dialect == IN_PROCESS
        if inside and section.base_url:
            yield f"{path}.service: '{section.service}' is in-process, and {path} has a base_url"
        if not isinstance(device, str) or not device.startswith("cuda") or not profile.services:
            continue
        if not inside:
            yield (
                f"{path}.service: on the card ({device}) it must be counted: name a [services.…] of "
                'dialect "in-process" with its peak_gib, or set options.device = "cpu"'
            )
        elif device not in ("cuda", f"cuda:{profile.gpu.device}"):
            yield (
                f"{path}.options.device: is {device}, and the profile's card is gpu.device = "
                f'{profile.gpu.device}: write "cuda"'
            )


def _unbounded(profile: Profile) -> Iterator[tuple[str, str]]:
    """vLLMs that take no bound on thinking: it is asked for again without one, and runs on."""
    for path, section in profile.sections():
        service = profile.services.get(section.service or "")
        if service is None or section.dialect != "vllm" or not service.launch:
            continue
        if "vllm" in service.launch[0] and "--reasoning-parser" not in service.launch:
            yield (
                f"services.{section.service}.launch",
                f"has no --reasoning-parser, so vLLM refuses a bound on the thoughts of {path}, "
                "which is asked again without one: add it (--reasoning-parser gemma4)",
            )


def sections_astray(profile: Profile) -> Iterator[tuple[str, str]]:
    """Sections that ask elsewhere than where their service answers, each with what is wrong.

    It may be meant so (a proxy between them), so it refuses nothing.
    """
    yield from _unbounded(profile)
    for path, section in profile.sections():
        service = profile.services.get(section.service or "")
        if service is None or not service.health or not section.base_url:
            continue
        if "/".join(section.base_url.split("/")[:3]) != service.root_url:
            yield (
                f"{path}.base_url",
                f"asks at {section.base_url}, and services.{section.service} answers at "
                f"{service.root_url}",
            )
