"""Scripts that people bring: read as they are written, and told word for word.

What is asked for here is loaded then: a request knows its script without reading it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from storyboard.writing.script.source import Source

if TYPE_CHECKING:
    from storyboard.writing.script.films import FORMAT, Cut, company, cut_script, write_plan
    from storyboard.writing.script.reading import parse, read_source, source_of

__all__ = [
    "FORMAT",
    "Cut",
    "Source",
    "company",
    "cut_script",
    "parse",
    "read_source",
    "source_of",
    "write_plan",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = "reading" if name in ("parse", "read_source", "source_of") else "films"
    return getattr(import_module(f"{__name__}.{home}"), name)
