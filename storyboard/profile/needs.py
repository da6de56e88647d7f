"""What work needs of the card: which services awake, and in which of its stages.

Work says which sections of the profile do it (`image`, `speech.clone transcription`); the
profile says by which service each of these works. This is settled once, when a graph is built
(`Step.requires`); whoever leases, forecasts or draws reads it there.

Knows: sections, services. Does not know: steps, leases, memory.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from storyboard.plan.stages import CARD_STAGES, CardStage, card_stages

if TYPE_CHECKING:
    from storyboard.profile.profile import Profile, Section


@dataclass(frozen=True, slots=True)
class Need:
    """Services that must be awake together, in one of these stages of the card."""

    stages: frozenset[CardStage]
    services: tuple[str, ...]


def need_of(profile: Profile, uses: str, whose: str = "") -> Need | None:
    """What work by these sections (their paths, parted by spaces) needs; None: no card.

    Raises:
        ValueError: the profile has no such section, or no stage in which all of them work.
    """
    stages, services = frozenset(CARD_STAGES), list[str]()
    for path in uses.split():
        service = _section(profile, path, whose).service
        if service is not None:
            stages &= card_stages(path) & frozenset(profile.services[service].serves)
            services.append(service)
    if not services:
        return None
    if not stages:
        raise ValueError(f"{whose or uses}: no stage is served by all of {', '.join(services)}")
    return Need(stages, tuple(dict.fromkeys(services)))


def _section(profile: Profile, path: str, whose: str) -> Section:
    if path == "judge":
        return profile.judging
    found = dict(profile.sections()).get(path)
    if found is None:
        raise ValueError(
            f"{whose or 'work'} uses {path}, which profile {profile.name} does not have"
        )
    return found


def needs_of(profile: Profile) -> tuple[Need, ...]:
    """All that films of this profile may need, in the order in which they do."""
    sections = {**dict(profile.sections()), "judge": profile.judging}
    paths = dict.fromkeys(["chat", "image", "judge", *sections])
    working = (path for path in paths if sections[path].backend != "none")
    return tuple(need for path in working if (need := need_of(profile, path)))


def services_in(stage: CardStage, needs: Iterable[Need]) -> tuple[str, ...]:
    """The services that work in a stage of the card, in the order in which they are needed."""
    return tuple(
        dict.fromkeys(name for need in needs if stage in need.stages for name in need.services)
    )


def stage_of(first: Need, others: Iterable[Need]) -> CardStage:
    """The stage of the card in which a need is met while the others wait."""
    # Pictures can be drawn in two stages: with those who judge them while anybody still does,
    # otherwise as finals.
    waiting = tuple(others)
    return max(
        first.stages, key=lambda s: (sum(s in n.stages for n in waiting), CARD_STAGES.index(s))
    )


def review_need(profile: Profile) -> Need | None:
    """What whoever reviews a film needs, which is no step of it."""
    return need_of(profile, "review") if profile.reviewing else None
