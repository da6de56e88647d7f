"""Which packages, of which versions, an unexpected error has to do with.

Knows: tracebacks, installed distributions. Does not know: what failed.
"""

from __future__ import annotations

import platform
import re
from collections.abc import Iterable, Iterator
from importlib import metadata
from traceback import walk_tb
from types import FrameType, ModuleType

from renderers.packages import version_of

MOST = 8
"""Packages that are named: who wants more reads the traceback."""
OURS = "storyboard"


def involved(error: BaseException) -> tuple[str, ...]:
    """Names and versions ("av 19.0.2") of the packages that an error may come from.

    Those whose lines are in its traceback, innermost first; what the innermost of them requires,
    since a library whose own dependency has changed fails in its own lines; and what the module
    that failed has imported, since compiled code leaves no line.
    """
    frames = [frame for frame, _ in walk_tb(error.__traceback__)][::-1]
    through = list(_distributions(str(frame.f_globals.get("__name__", "")) for frame in frames))
    required = [name for one in through[:1] for name in _requirements(one)]
    imported = _distributions(_imports(frames[0])) if frames else ()
    named = dict.fromkeys((*through, *required, *imported))
    return tuple(f"{name} {version_of(name)}" for name in named)[:MOST]


def way_on(error: BaseException) -> str:
    """Two sentences: the versions at hand, and how to have those that were tested."""
    versions = ", ".join((f"Python {platform.python_version()}", *involved(error)))
    return (
        f"This is {versions}. If a new release of one of them is the cause, go back to the tested "
        "ones, in a copy of the project: pip install -c constraints.txt ."
    )


def _distributions(modules: Iterable[str]) -> Iterator[str]:
    """The installed packages, but ours, that modules belong to; each once."""
    owners = metadata.packages_distributions()
    found = (
        _normal(name) for module in modules for name in owners.get(module.partition(".")[0], ())
    )
    return (name for name in dict.fromkeys(found) if name != OURS)


def _imports(frame: FrameType) -> Iterator[str]:
    for value in frame.f_globals.values():
        if isinstance(value, ModuleType):
            yield value.__name__


def _requirements(distribution: str) -> Iterator[str]:
    """Installed packages that a distribution requires, whatever extras are asked for."""
    for line in metadata.requires(distribution) or ():
        name = re.match(r"[\w.-]+", line)
        if name is not None and "extra ==" not in line and version_of(name[0]):
            yield _normal(name[0])


def _normal(distribution: str) -> str:
    """As package indexes compare names: huggingface_hub is huggingface-hub."""
    return re.sub(r"[-_.]+", "-", distribution).lower()
