"""From a script to requests: one film, or an episode each, in folders beside each other.

Knows: requests, folders. Does not know: dialects, how a film is made.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from storyboard.core.files import slugify
from storyboard.graph.folder import DEFAULT_ROOT
from storyboard.stages.render_request import RenderRequest
from storyboard.writing import script
from storyboard.writing.script import Source


def scripted(request: RenderRequest, file: Path, *, episodes: bool) -> list[RenderRequest]:
    """The requests for the films of a script: NAME, or NAME-1, NAME-2 and so on.

    Raises:
        UsageError: it cannot be read, or is too long and no `episodes` are asked for.
    """
    return of_source(request, script.read_source(file), episodes=episodes)


def of_source(request: RenderRequest, source: Source, *, episodes: bool) -> list[RenderRequest]:
    """The requests for the films of a script whose words are there.

    Raises:
        UsageError: it is too long, and no `episodes` are asked for.
    """
    cuts = script.cut_script(source, request.language, episodes=episodes)
    made = [replace(request, idea=c.title, format=script.FORMAT, script=c.source) for c in cuts]
    if len(made) == 1:
        return made
    base = request.out or DEFAULT_ROOT / slugify(cuts[0].series)
    return [replace(o, out=base.with_name(f"{base.name}-{n}")) for n, o in enumerate(made, 1)]
