"""Steps and their graph: pure descriptions of what a run makes from what.

A step names its version, its parameters and its inputs, and one function that writes
files. Its key digests all of that, with the contents of its inputs, so equal keys mean
equal results wherever and whenever they were made.

Knows: steps, keys, order, why a key changed. Does not know: films, backends, disks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Generic, Protocol, cast

from typing_extensions import TypeVar

from renderers.loose import record_of
from storyboard.core.events import Measured
from storyboard.core.files import digest_file, digest_json
from storyboard.core.text import shortened
from storyboard.graph.contract import Files, From, Params, labelled
from storyboard.graph.store import Output
from storyboard.plan.stages import Stage
from storyboard.profile import Profile
from storyboard.profile.backends import Backends
from storyboard.profile.needs import Need, need_of

Source = From | Path
"""Where an input comes from: another step, or a file that is there already."""
P = TypeVar("P", default=Any)
I = TypeVar("I", default=Any)  # noqa: E741
O = TypeVar("O", default=Any)  # noqa: E741
Given = TypeVar("Given", default=Any, covariant=True)
Read = TypeVar("Read", default=Any, covariant=True)
Written = TypeVar("Written", default=Any, covariant=True)


class StepContext(Protocol[Given, Read, Written]):
    """What a step's function is handed: its records, with paths for inputs and outputs. It reads
    nothing else and writes only `outputs`."""

    @property
    def params(self) -> Given: ...
    @property
    def inputs(self) -> Read: ...
    @property
    def outputs(self) -> Written: ...
    @property
    def backends(self) -> Backends: ...
    def warn(self, message: str) -> None: ...
    def note(self, message: str) -> None:
        """Tell at once what is being done, where it takes long."""
        ...

    def measured(self, event: Measured) -> None:
        """Keep a figure in the log, under the step's name."""
        ...


@dataclass(frozen=True)
class Step(Generic[P, I, O]):
    """One unit of work. `action` is a module-level function, so that any process can run it; its
    annotation names the records that it is handed."""

    name: str
    stage: Stage
    kind: str
    """Steps of one kind do the same work on other material: timings are kept by it, and it is in
    the key. It names the work, not the function, so that moving or renaming code never throws
    away what was paid for: it is not changed any more once a release has had it."""
    action: Callable[[StepContext[P]], None]
    version: int
    """Raised when the same inputs make another result. In the key."""
    outputs: O
    """Where each file appears in the run folder."""
    params: P = cast("Any", Params())  # noqa: RUF009
    inputs: I = cast("Any", Files[Source]())  # noqa: RUF009
    beat: int | None = None
    """Index of the beat (0: the hook) this step belongs to."""
    parallel: bool = False
    """Runs in a worker process, beside others: it needs CPU and no shared model."""
    uses: str = ""
    """Path of the profile's section whose backend does the work (`image`, `judge`, `speech`,
    `speech.clone`, `video.a2v`). Several are parted by spaces. Empty: the step works without a
    model. Not in the key."""
    requires: Need | None = None
    """What must be awake on the card while it works, as `Graph.of` settles it from `uses`; None:
    nothing. Not in the key."""
    skip_resources_if: Callable[[Any], bool] | None = None
    """Asked when its inputs are made: whether the step can do without what it `uses` (there is
    nothing to mend), so that nothing is woken for it. None: it never can. Not in the key."""
    fallback: bool = False
    """Of use only where what an earlier step made is not good enough: no forecast of times and
    loads counts on it. Not in the key."""
    intermediate: bool = False
    """A step on the way to a result: what it makes stays in the store. Not in the key."""
    unread: frozenset[str] = frozenset()
    """Paths in the parameters (`scene.figures.*.name`) of what is in the key and makes no
    difference: where only that has changed since the last run, its result is still right."""
    locked: bool = False
    """What the last run had of it is kept, whatever has changed since. Not in the key."""
    given: bool = False
    """Its result lies in the run folder, whoever put it there: it is never made, and no other
    step may take it as an input."""

    @cached_property
    def sources(self) -> Mapping[str, Source]:
        """Where each input comes from, by its label."""
        return labelled(cast("Any", self.inputs))

    @cached_property
    def targets(self) -> Mapping[str, str]:
        """Where each output appears, by its label."""
        return labelled(cast("Any", self.outputs))

    @cached_property
    def optional(self) -> frozenset[str]:
        """Labels of outputs that may be left unwritten."""
        return self.outputs.optional if isinstance(self.outputs, Files) else frozenset[str]()

    @cached_property
    def upstream(self) -> frozenset[str]:
        sources = self.sources.values()
        return frozenset(source.step for source in sources if isinstance(source, From))

    def as_read(self, document: Mapping[str, Any]) -> str:
        """Digest of a key document without what makes no difference."""
        read: Any = {**document}
        for path in self.unread:
            read = _without(read, ["params", *path.split(".")])
        return digest_json(read)

    def document(self, digests: Mapping[str, str]) -> dict[str, Any]:
        """What the key digests. `digests` has the SHA-256 of every input, by its label."""
        unkeyed = self.inputs.unkeyed if isinstance(self.inputs, Files) else frozenset[str]()
        keyed = self.sources.keys() - unkeyed
        return {
            "kind": self.kind,
            "version": self.version,
            "params": self.params.document()
            if isinstance(self.params, Params)
            else dict(cast("Any", self.params)),
            "inputs": {label: digests[label] for label in sorted(keyed)},
        }


@dataclass(frozen=True, slots=True)
class Graph:
    """Steps in an order in which each comes after all it needs."""

    steps: tuple[Step, ...]

    @classmethod
    def of(cls, steps: Iterable[Step], profile: Profile) -> Graph:
        """The graph of these steps, each with what it requires of the profile's card.

        Raises:
            ValueError: a step uses a section that the profile does not have.
        """
        return cls(tuple(replace(s, requires=need_of(profile, s.uses, s.name)) for s in steps))

    @property
    def needs(self) -> tuple[Need, ...]:
        """What its steps require of the card, in their order."""
        return tuple(step.requires for step in self.steps if step.requires)

    def __post_init__(self) -> None:
        seen: set[str] = set()
        targets: dict[str, str] = {}
        for step in self.steps:
            if step.name in seen:
                raise ValueError(f"two steps are named {step.name}")
            if missing := step.upstream - seen:
                raise ValueError(f"step {step.name} comes before {', '.join(sorted(missing))}")
            for target in step.targets.values():
                if target in targets:
                    raise ValueError(f"{step.name} and {targets[target]} both write {target}")
                targets[target] = step.name
            seen.add(step.name)

    def ancestors(self) -> dict[str, frozenset[str]]:
        """By step, all steps that it is made from, at any remove."""
        found: dict[str, frozenset[str]] = {}
        for step in self.steps:
            found[step.name] = frozenset[str]().union(
                step.upstream, *(found[name] for name in step.upstream)
            )
        return found

    def needed_for(self, names: Sequence[str]) -> Graph:
        """The named steps and everything they are made from."""
        wanted = set(names)
        for step in reversed(self.steps):
            if step.name in wanted:
                wanted |= step.upstream
        return Graph(tuple(s for s in self.steps if s.name in wanted))


def input_digests(step: Step, made: Mapping[str, Mapping[str, Output]]) -> dict[str, str]:
    """SHA-256 of each input of `step`; `made` has the outputs of finished steps, by label."""
    return {
        label: made[source.step][source.label].digest
        if isinstance(source, From)
        else digest_file(source)
        for label, source in step.sources.items()
    }


def _without(value: Any, path: Sequence[str]) -> Any:
    """A JSON value without what lies at the path; `*` is each of a list."""
    name, *rest = path
    if name == "*" and isinstance(value, list | tuple):
        return [_without(each, rest) for each in cast("list[Any]", value)]
    if not isinstance(value, dict) or name not in value:
        return cast(Any, value)
    inside = cast("dict[str, Any]", value)
    kept = {key: each for key, each in inside.items() if key != name}
    return {**kept, name: _without(inside[name], rest)} if rest else kept


def key_of(document: Mapping[str, Any]) -> str:
    return digest_json(document)


LOST = "result missing or damaged"
"""Why a step is made again of which nothing has changed."""


def why(old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> str:
    """In a few words, what makes `new` another key than `old`."""
    if old is None:
        return "new"
    reasons: list[str] = []
    if old.get("version") != new["version"]:
        reasons.append(f"step version {old.get('version')} → {new['version']}")
    reasons += _differences("", old.get("params", {}), new["params"])
    # The state of a run is a file as any other: it may hold anything.
    before = record_of(old.get("inputs"))
    after: Mapping[str, object] = new["inputs"]
    changed = [k for k in sorted({*before, *after}) if before.get(k) != after.get(k)]
    if changed:
        reasons.append("input changed: " + ", ".join(changed))
    return shortened("; ".join(reasons), 600) or LOST


def _differences(path: str, old: Any, new: Any) -> list[str]:
    if old == new:
        return []
    if isinstance(old, dict) and isinstance(new, dict):
        found: list[str] = []
        for name in sorted({*old, *new}):  # pyright: ignore[reportUnknownArgumentType,reportUnknownVariableType]
            found += _differences(f"{path}.{name}".lstrip("."), old.get(name), new.get(name))  # pyright: ignore[reportUnknownMemberType,reportUnknownArgumentType]
        return found
    if isinstance(old, str | int | float | None) and isinstance(new, str | int | float | None):
        return [f"{path}: {_short(old)} → {_short(new)}"]
    return [f"{path} changed"]


def _short(value: object) -> str:
    text = " ".join(value.split()) if isinstance(value, str) else repr(value)
    text = shortened(text, 38)
    return f"'{text}'" if isinstance(value, str) else text
