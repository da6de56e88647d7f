"""To go on with a film: the models that it was made with, as its log has them.

Knows: the commands in a film's log. Does not know: how a film is made.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from storyboard.core import events
from storyboard.graph.folder import RunFolder
from storyboard.profile.source import at_speed
from storyboard.stages.render_request import RenderRequest

_MEANS = ("--profile", "--set", "--speed", "--allow", "--cast-library")


def made_with(log: Sequence[events.Event]) -> list[str]:
    """The options of the last command that say with which models and files a film is made."""
    commands = [e.command for e in log if isinstance(e, events.RunStarted) and e.command]
    try:
        words = shlex.split(commands[-1]) if commands else []
    except ValueError:
        return []
    return [word for pair in _given(words) for word in pair]


def request_to_go_on(folder: RunFolder) -> RenderRequest:
    """The request for a film that is there, with what it was made with."""
    words = made_with([event for _, event in events.read_events(folder.events)])
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
