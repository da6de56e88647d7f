"""Formats as files: which there are, and one of them read with all that belongs to it.

Knows: YAML, folders, faults told by path. Does not know: what a format's fields mean.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from storyboard.core.errors import Faulty, UsageError
from storyboard.core.files import read_told
from storyboard.core.prompt_files import PROMPTS
from storyboard.core.strict_records import Record, describe_errors
from storyboard.core.yaml_text import parse_packaged, parse_yaml
from storyboard.plan.formats import Format, ThreadFile, faults

DEFAULT_FORMAT = "comedy_5"
EXPLAINER = "explainer"
FORMATS_FOLDER = PROMPTS / "formats"

_R = TypeVar("_R", bound=Record)


class FormatError(Faulty):
    """A format that does not hold."""

    def __init__(self, source: str, faults: list[str]) -> None:
        super().__init__(f"{source} is not a valid format", faults)


def list_formats() -> list[Format]:
    """All shipped formats, the default first."""
    names = sorted(path.stem for path in FORMATS_FOLDER.glob("*.yaml"))
    names.sort(key=lambda name: name != DEFAULT_FORMAT)
    return [load_format(name) for name in names]


def load_format(name_or_path: str | Path) -> Format:
    """A shipped format by name, or any format file by path.

    Raises:
        UsageError: there is no such format.
        FormatError: the file does not hold; every fault by its path.
    """
    path = format_path(name_or_path)
    return _shipped(path) if _ships(path) else _read(path)


@cache
def _shipped(path: Path) -> Format:
    """It is asked for a dozen times a film, and stays what it is."""
    return _read(path)


def _read(path: Path) -> Format:
    return parse_format(_read_yaml(path), str(path), path.parent)


def format_path(name_or_path: str | Path) -> Path:
    """The file of a format.

    Raises:
        UsageError: there is none of that name.
    """
    path = Path(name_or_path).expanduser()
    if path.suffix not in (".yaml", ".yml") and len(path.parts) == 1:
        path = FORMATS_FOLDER / f"{name_or_path}.yaml"
        if not path.is_file():
            known = ", ".join(sorted(p.stem for p in FORMATS_FOLDER.glob("*.yaml")))
            raise UsageError(
                f"there is no format '{name_or_path}': use one of {known}, "
                "or the path of a .yaml file of your own"
            )
    return path


def parse_format(data: object, source: str, folder: Path) -> Format:
    """Validate `data` as a format; `folder` is where its thread files lie."""
    format = _validated(Format, data, source)
    threads = list(format.threads)
    for name in format.thread_files:
        path = folder / name
        if Path(name).is_absolute() or ".." in Path(name).parts:
            raise FormatError(source, [f"thread_files: '{name}' must lie beside the format"])
        threads += _validated(ThreadFile, _read_yaml(path), str(path)).threads
    format = format.model_copy(update={"threads": threads})
    if found := faults(format):
        raise FormatError(source, found)
    return format


def _validated(record: type[_R], data: object, source: str) -> _R:
    if not isinstance(data, dict):
        raise FormatError(source, ["holds no fields: write `field: value` lines"])
    try:
        return record.model_validate(data)
    except ValidationError as error:
        raise FormatError(source, describe_errors(error, "format")) from None


def _ships(path: Path) -> bool:
    return path.is_relative_to(FORMATS_FOLDER) and ".." not in path.parts


def _read_yaml(path: Path) -> object:
    text = read_told(path, lambda told: FormatError(str(path), [told]))
    if _ships(path):
        return parse_packaged(text)
    try:
        return parse_yaml(text)
    except ValueError as error:
        raise FormatError(str(path), [str(error)]) from None
