"""The offline writer: an idea and a format become a plan, without a language model.

What is asked for here is loaded then: telling a language takes no dictionary.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from storyboard.writing.offline.checked import (
        Asked,
        asked_of,
        carries,
        said_in,
        share_said,
        stand_in,
    )
    from storyboard.writing.offline.draft import write_plan
    from storyboard.writing.offline.fitting import fitting_format
    from storyboard.writing.offline.idea import detect_language
    from storyboard.writing.offline.meaning import language_note
    from storyboard.writing.offline.taste import IdeaRefused, admit, judge, written_amiss

__all__ = [
    "Asked",
    "IdeaRefused",
    "admit",
    "asked_of",
    "carries",
    "detect_language",
    "fitting_format",
    "judge",
    "language_note",
    "said_in",
    "share_said",
    "stand_in",
    "write_plan",
    "written_amiss",
]
_HOMES = {
    "checked": ("Asked", "asked_of", "carries", "said_in", "share_said", "stand_in"),
    "draft": ("write_plan",),
    "fitting": ("fitting_format",),
    "idea": ("detect_language",),
    "meaning": ("language_note",),
    "taste": ("IdeaRefused", "admit", "judge", "written_amiss"),
}


def __getattr__(name: str) -> Any:
    home = next((module for module, names in _HOMES.items() if name in names), None)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)
