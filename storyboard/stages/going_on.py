"""To go on with a film: the models that it was made with, as its log has them.

Knows: the commands in a film's log. Does not know: how a film is made.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from storyboard.core import events
from storyboard.core.errors import UsageError
from storyboard.graph.folder import RunFolder
from storyboard.profile.source import at_speed, name_and_speed, shipped_profiles
from storyboard.stages.render_request import RenderRequest
from storyboard.stages.seal import is_ours

_MEANS = ("--profile", "--set", "--speed", "--allow", "--cast-library")


class NobodysWord(UsageError):
    """What a log says a film was made with, this user has never said."""


def made_with(log: Sequence[events.Event]) -> list[str]:
    """The options of the last command that say with which models and files a film is made.

    Raises:
        NobodysWord: they name more than what comes with Storyboard, and are not this user's own.
    """
    begun = next((e for e in reversed(log) if isinstance(e, events.RunStarted) and e.command), None)
    try:
        given = list(_given(shlex.split(begun.command))) if begun else []
    except ValueError:
        return []
    if begun and not _harmless(given) and not is_ours(begun.command, begun.seal):
        told = " ".join(f"{name} {value[:80]}" for name, value in given)[:300]
        raise NobodysWord(
            f"by its log this film was made with {told}, which nobody has said here: the folder "
            "may be a stranger's, and a profile names programs and servers. If it is yours, run "
            "it once from the console: storyboard run --dir RUN --profile …"
        )
    return [word for pair in given for word in pair]


def _harmless(given: Sequence[tuple[str, str]]) -> bool:
    return all(
        name == "--speed"
        or (name == "--profile" and name_and_speed(value)[0] in shipped_profiles())
        for name, value in given
    )


def request_to_go_on(folder: RunFolder) -> RenderRequest:
    """The request for a film that is there, with what it was made with.

    Raises:
        NobodysWord: as `made_with`.
    """
    words = made_with(list(events.events_in(folder.events)))
    means: dict[str, list[str]] = {name: [] for name in _MEANS}
    for name, value in zip(words[::2], words[1::2], strict=True):
        means[name].append(value)
    profile = (means["--profile"] or ["embedded"])[-1]
    speed = (means["--speed"] or [None])[-1]
    return RenderRequest(
        directory=folder.path,
        profile=at_speed(profile, speed),
        overrides=(*means["--set"], *(f"image.cast_library={d}" for d in means["--cast-library"])),
        allow=tuple(map(Path, means["--allow"])),
    )


def _given(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Options with their values, whether written `--profile NAME` or `--profile=NAME`."""
    for word, value in pairwise([*words, ""]):
        name, mark, own = word.partition("=")
        if name in _MEANS and (mark or value):
            yield name, own if mark else value
