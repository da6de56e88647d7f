"""Small files that users choose by name: those that come with Storyboard, or one of their own.

Knows: YAML, folders of `prompts/`. Does not know: what such a file is good for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Annotated, Generic, TypeVar

from pydantic import Field, StringConstraints, ValidationError

from storyboard.core.errors import UsageError
from storyboard.core.files import read_given
from storyboard.core.prompt_files import PROMPTS, prompt_data
from storyboard.core.strict_records import Record, describe_errors
from storyboard.core.yaml_text import parse_yaml

_Stripped = Annotated[str, StringConstraints(strip_whitespace=True)]


class Entry(Record):
    """What every such file says of itself."""

    name: _Stripped = Field(min_length=1, max_length=32)
    title: _Stripped = Field(min_length=1, max_length=60)
    summary: _Stripped = Field(default="", max_length=2000)


E = TypeVar("E", bound=Entry)


class Catalogue(Generic[E]):
    """The files of one kind: those in `prompts/<folder>`, the one named `first` at the head.

    `option` is the command's that chooses one, with dashes.
    """

    def __init__(self, record: type[E], folder: str, option: str, first: str) -> None:
        self._record, self._folder, self._option, self._first = record, folder, option, first

    @cached_property
    def shipped(self) -> tuple[E, ...]:
        """Those that come with Storyboard."""
        found = [
            self._record.model_validate(prompt_data(f"{self._folder}/{path.name}"))
            for path in (PROMPTS / self._folder).glob("*.yaml")
        ]
        return tuple(sorted(found, key=lambda each: (each.name != self._first, each.name)))

    def load(self, name: str) -> E:
        """A shipped one by its name, or a YAML file.

        Raises:
            UsageError: there is none, or it does not hold; with what is allowed.
        """
        known = {each.name: each for each in self.shipped}
        if name in known:
            return known[name]
        path = Path(name).expanduser()
        if path.suffix not in (".yaml", ".yml"):
            raise UsageError(
                f"{self._option}: there is no '{name[:60]}': {', '.join(known)}, "
                "or a YAML file of yours"
            )
        return self._read(read_given(path, self._option), str(path))

    def drawn(self, names: Iterable[str], folder: Path) -> Iterator[tuple[E, Path]]:
        """Each of them, or of all that are shipped, with the picture of it that goes into a folder.

        Raises:
            UsageError: there is no such entry, or the folder cannot be made.
        """
        chosen = [self.load(name) for name in names] or list(self.shipped)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"--out: {folder} cannot be made: {error.strerror}") from None
        for entry in chosen:
            yield entry, folder / f"{entry.name}.png"

    def _read(self, text: str, source: str) -> E:
        try:
            return self._record.model_validate(parse_yaml(text))
        except ValidationError as error:
            told = "; ".join(describe_errors(error))
            raise UsageError(f"{self._option}: {source}: {told}") from None
        except ValueError as error:
            raise UsageError(f"{self._option}: {source} {error}") from None
