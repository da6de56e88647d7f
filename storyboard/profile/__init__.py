"""Which models make a film: profiles, where they come from, backends, routing."""

from storyboard.plan.stages import CARD_STAGES, CardStage
from storyboard.profile.profile import Profile, Section, Together, load_profile
from storyboard.profile.service import IN_PROCESS, ReleaseLevel, Service, Variant
from storyboard.profile.source import ProfileError

__all__ = [
    "CARD_STAGES",
    "IN_PROCESS",
    "CardStage",
    "Profile",
    "ProfileError",
    "ReleaseLevel",
    "Section",
    "Service",
    "Together",
    "Variant",
    "load_profile",
]
