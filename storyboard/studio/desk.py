"""What all routes of the studio share, and how an answer has a page do something.

Knows: the place of the films, one session for all dry runs. Does not know: routes.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from starlette.responses import Response

from renderers.errors import RendererError
from storyboard.core.errors import StoryboardError, UsageError
from storyboard.edit.lab import Lab
from storyboard.edit.voice_samples import Samples
from storyboard.graph.session import Session
from storyboard.profile import load_profile
from storyboard.profile.source import shipped_profiles
from storyboard.studio.gallery import Gallery
from storyboard.studio.live import Streams
from storyboard.studio.place import Place
from storyboard.studio.safety import Secrets


@dataclass(frozen=True, slots=True)
class Studio:
    """What the routes share."""

    place: Place
    own: Secrets
    gallery: Gallery
    streams: Streams
    session: Session
    profile: str
    """Which models a new film is offered first."""
    samples: Samples
    lab: Lab
    engine: str
    """The address of the engine's server, on which the lab draws; empty: the profile's own."""

    @property
    def profiles(self) -> tuple[str, ...]:
        """Those that a new film may be made with: a page names no other file of this machine."""
        return tuple(dict.fromkeys((self.profile, *shipped_profiles())))

    def known(self, profile: str) -> str:
        """
        Raises:
            UsageError: a page may not name it.
        """
        if profile not in self.profiles:
            raise UsageError(f"there is no profile '{profile[:40]}'")
        return profile

    def warm(self) -> None:
        """Have at hand what each dry run asks first: the voices."""
        with suppress(StoryboardError, RendererError):
            profile = load_profile(self.profile)
            with self.session.backends(profile) as backends:
                backends.speech.voices("en")


def redirect(path: str) -> Response:
    """Have the browser go to another page."""
    return Response(status_code=204, headers={"HX-Redirect": path})


def page_changed(*also: str) -> Response:
    """Have the page look again at what it shows; `also` are further events that it hears."""
    return Response(status_code=204, headers={"HX-Trigger": ", ".join(("changed", *also))})
