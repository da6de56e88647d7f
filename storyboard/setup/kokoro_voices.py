"""Kokoro's official voices, kept where its adapter looks for them, from weights that were fetched.

Knows: which section speaks, where its weights lie. Does not know: what a voice file is.
"""

from __future__ import annotations

from storyboard.profile import Profile
from storyboard.profile.installed import place_of


def keep_voices(profile: Profile) -> int:
    """Install the voices that came with the weights of the profile's voice. Returns how many.

    Raises:
        BadRequest: one of them is not the official one. Unavailable: they cannot be written.
    """
    if profile.speech.backend != "kokoro":
        return 0
    from renderers.tts.install import install

    folders = (place_of(name, profile.weights[name]) / "voices" for name in profile.speech.weights)
    return sum(len(install(folder)) for folder in folders if folder.is_dir())
