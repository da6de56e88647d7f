"""A labelled set of pictures: what each must show, and by which checks it should fail.

Knows: labels, where the shipped set lies. Does not know: how a fault is injected or found.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from pydantic import TypeAdapter

from storyboard.core.files import read_json
from storyboard.judge.brief import Brief

LABELS = "labels.json"


@dataclass(frozen=True, slots=True)
class Labelled:
    """One picture of a set: what it must show, and by which checks it should fail."""

    picture: str
    brief: Brief
    faults: tuple[str, ...] = ()
    either: tuple[str, ...] = ()
    """Checks on which a fault leaves room for two opinions; they are not counted."""
    references: tuple[tuple[str, str], ...] = ()
    """(role, file) in the order in which a judge is shown them."""
    note: str = ""


LABELLED = TypeAdapter(list[Labelled])


def load_labels(folder: Path) -> list[Labelled]:
    """The set in `folder`. Raises OSError or ValueError if there is none, or a broken one."""
    return LABELLED.validate_python(read_json(folder / LABELS)["pictures"])


def shipped() -> Path:
    """The set that comes with the package, as `benchmarks/judge_set.py` drew it, in small files."""
    return Path(str(files("storyboard.judge"))) / "labelled"
