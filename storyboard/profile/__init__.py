"""Which models make a film: profiles, where they come from, backends, routing."""

from storyboard.plan.stages import CARD_STAGES as STAGES
from storyboard.plan.stages import CardStage as Stage
from storyboard.profile.profile import Profile, Section, Together, load_profile
from storyboard.profile.service import IN_PROCESS, ReleaseLevel, Service, Variant
from storyboard.profile.source import ProfileError

__all__ = [
    "IN_PROCESS",
    "STAGES",
    "Profile",
    "ProfileError",
    "ReleaseLevel",
    "Section",
    "Service",
    "Stage",
    "Together",
    "Variant",
    "load_profile",
]
