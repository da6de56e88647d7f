"""Scripts that people bring: read as they are written, and told word for word."""

from storyboard.writing.script.films import AUTHOR, FORMAT, Cut, company, cut_script, write_plan
from storyboard.writing.script.reading import Source, parse, read_source, source_of

__all__ = [
    "AUTHOR",
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
