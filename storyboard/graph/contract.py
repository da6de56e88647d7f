"""What a step is given and what it leaves, as frozen records: its parameters, inputs, outputs.

Code reads fields; keys, manifests and logs have JSON and labels. What a field is called there is
said once, where it is declared, so that renaming code never changes the key of what was paid for.

Knows: records, labels, JSON. Does not know: steps, films, disks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, replace
from typing import Any, Generic, NamedTuple, TypeVar, cast, dataclass_transform, get_origin

from pydantic_core import to_jsonable_python

F = TypeVar("F")
"""What stands for a file: where it comes from, where it goes, or its path."""
G = TypeVar("G")
R = TypeVar("R", bound="Files[Any]")

_NAME, _IF_SET, _UNKEYED, _OPTIONAL = "name", "if set", "unkeyed", "optional"


def named(name: str, default: Any = MISSING) -> Any:
    """A field that is called otherwise in keys and manifests (`in`, "before take")."""
    return field(default=default, metadata={_NAME: name})


def if_set() -> Any:
    """A parameter that is in the key only where it is not None."""
    return field(default=None, metadata={_IF_SET: True})


def many(name: str) -> Any:
    """Files, or records of them, by what takes the place of `{}` in their labels' name."""
    return field(default_factory=dict[Any, Any], metadata={_NAME: name})


def unkeyed(default: Any = MISSING) -> Any:
    """An input that is not in the key: what else it holds may change for all that the step
    takes from it."""
    return field(default=default, metadata={_UNKEYED: True})


def optional(name: str) -> Any:
    """Outputs as `many` that may be left unwritten; no other step may take them as inputs."""
    return field(default_factory=dict[Any, Any], metadata={_NAME: name, _OPTIONAL: True})


@dataclass_transform(frozen_default=True, kw_only_default=True)
@dataclass(frozen=True)
class Params:
    """Base of parameters: JSON values and records of them; all of them are in the key. Its heirs
    are frozen dataclasses without saying so."""

    def __init_subclass__(cls) -> None:
        dataclass(frozen=True, kw_only=True)(cls)

    def document(self) -> dict[str, Any]:
        """The parameters as they are in the key."""
        return {
            _name(each): to_jsonable_python(value)
            for each in fields(self)
            if (value := getattr(self, each.name)) is not None or _IF_SET not in each.metadata
        }


@dataclass_transform(frozen_default=True, kw_only_default=True)
@dataclass(frozen=True)
class Files(Generic[F]):
    """Base of inputs and outputs: files, such as there may be, and mappings of them (`many`). Its
    heirs are frozen dataclasses without saying so."""

    def __init_subclass__(cls) -> None:
        dataclass(frozen=True, kw_only=True)(cls)

    def labelled(self) -> dict[str, F]:
        """Every file that there is, by its label."""
        return {
            label: each
            for one in fields(self)
            for label, each in _walk(_name(one), getattr(self, one.name))
        }

    def map(self, change: Callable[[str, F], G]) -> Any:
        """The same record of what `change` makes of each label and file."""
        changed = {f.name: _mapped(_name(f), getattr(self, f.name), change) for f in fields(self)}
        return replace(cast("Any", self), **changed)

    @property
    def unkeyed(self) -> frozenset[str]:
        return self._marked(_UNKEYED)

    @property
    def optional(self) -> frozenset[str]:
        return self._marked(_OPTIONAL)

    def _marked(self, mark: str) -> frozenset[str]:
        marked = [one for one in fields(self) if mark in one.metadata]
        return frozenset(
            label for one in marked for label, _ in _walk(_name(one), getattr(self, one.name))
        )


class Numbered(NamedTuple):
    """The place and the name of one of several files: `2 (character:ann)`."""

    number: int
    name: str

    def __str__(self) -> str:
        return f"{self.number} ({self.name})"


@dataclass(frozen=True, slots=True)
class From:
    """An input made by another step: one of its outputs, by label."""

    step: str
    label: str


def outputs_of(outputs: type[R], step: str) -> R:
    """The outputs of a step of that name, as inputs of others: `outputs_of(Take[From], name).audio`."""
    record = cast("type[R]", get_origin(outputs) or outputs)
    known = [one for one in fields(record) if "{}" not in _name(one)]
    return record(**{one.name: From(step, _name(one)) for one in known})


def labelled(files: Files[F] | Mapping[str, F]) -> Mapping[str, F]:
    return files.labelled() if isinstance(files, Files) else files


def with_files(files: Files[F] | Mapping[str, F], change: Callable[[str, F], G]) -> Any:
    if isinstance(files, Files):
        return files.map(change)
    return {label: change(label, each) for label, each in files.items()}


def _name(one: Field[Any]) -> str:
    return one.metadata.get(_NAME, one.name)


def _walk(label: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, each in cast("Mapping[object, Any]", value).items():
            yield from _walk(label.format(key), each)
    elif isinstance(value, Files):
        for inner, each in cast("Files[Any]", value).labelled().items():
            yield f"{label} {inner}", each
    elif value is not None:
        yield label, value


def _mapped(label: str, value: Any, change: Callable[[str, Any], Any]) -> Any:
    if isinstance(value, Mapping):
        found = cast("Mapping[object, Any]", value)
        return {key: _mapped(label.format(key), each, change) for key, each in found.items()}
    if isinstance(value, Files):
        inner = cast("Files[Any]", value)
        return inner.map(lambda name, each: change(f"{label} {name}", each))
    return None if value is None else change(label, value)
