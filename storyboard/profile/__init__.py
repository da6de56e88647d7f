"""Which models make a film: profiles, where they come from, backends, routing."""

from storyboard.profile.profile import (
    IN_PROCESS,
    STAGES,
    BeatKind,
    Limits,
    Profile,
    ProfileError,
    ReleaseLevel,
    Section,
    Service,
    Stage,
    Together,
    Variant,
    load_profile,
)

__all__ = [
    "IN_PROCESS",
    "STAGES",
    "BeatKind",
    "Limits",
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
