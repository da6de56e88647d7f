"""The nodes of a graph by what they make: finding a pattern among them, putting others there.

A rule looks at one node and gives those that make the same values for less. Nothing that is still
read elsewhere is taken away: only what nobody reads any more.

Knows: which value comes from which node. Does not know: what a rule is about.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from renderers.onnx_file import Weight, constant

Pattern = str | tuple[Any, ...]
"""A value of any kind, by the name it is found under; or a node: its kind, with a name before it if
it is to be found (`mean:ReduceMean`), and each input's pattern."""
Found = Mapping[str, str]
_EITHER_WAY = ("Add", "Mul")
_SMALL = 1 << 20
"""Bytes of a constant that a rule may look into."""


class Node(NamedTuple):
    """A node as a rule sees it; its record takes long to look into."""

    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    record: Any


Rule = Callable[["Wiring", Node], Iterable[Any]]


class Wiring:
    """A graph that is being rewritten."""

    def __init__(self, graph: Any, weights: Mapping[str, Weight]) -> None:
        self.nodes = [_seen(each) for each in graph.node]
        self.made = {value: each for each in self.nodes for value in each.outputs}
        """The node that makes each value."""
        self.added: dict[str, Any] = {}
        """Constants that are new, by name."""
        self.shifts: set[str] = set()
        """Values that are one number a channel, the same all the time."""
        self._results = [each.name for each in graph.output]
        # Who runs a graph may give its inputs otherwise than it says.
        self._given = {each.name for each in graph.input}
        self._weights = {name: each for name, each in weights.items() if name not in self._given}

    def constant(self, name: str) -> npt.NDArray[Any] | None:
        """The numbers of a value that is the same for every line; None if it is not, or large."""
        found = self._weights.get(name)
        return found.array() if found and len(found.raw) < _SMALL else None

    def number(self, name: str) -> float | None:
        """A constant that is a single number."""
        values = self.constant(name)
        return float(values.ravel()[0]) if values is not None and values.size == 1 else None

    def put(self, name: str, values: npt.ArrayLike) -> str:
        """A new constant; its name."""
        if name not in self.added:
            self.added[name] = constant(name, values)
        return name

    def kind(self, value: str) -> str:
        """Of the node that makes a value; empty if none does."""
        return self.made[value].kind if value in self.made else ""

    def match(self, pattern: Pattern, value: str, found: Found | None = None) -> Found | None:
        """What the names in `pattern` stand for, if it is how `value` comes about.

        A name that comes twice is the same value twice. Sums and products match either way round.
        """
        found = found or {}
        if isinstance(pattern, str):
            return {**found, pattern: value} if found.get(pattern, value) == value else None
        title, *inputs = pattern
        name, _, kind = title.rpartition(":")
        if name:
            met = self.match(name, value, found)
            return None if met is None else self.match((kind, *inputs), value, met)
        if self.kind(value) != kind or len(self.made[value].inputs) != len(inputs):
            return None
        given = self.made[value].inputs
        for order in (given, given[::-1]) if kind in _EITHER_WAY else (given,):
            met: Found | None = found
            for part, name in zip(inputs, order, strict=True):
                met = None if met is None else self.match(part, name, met)
            if met is not None:
                return met
        return None

    def without_shift(self, value: str) -> tuple[str, str]:
        """A value without what is added to each of its channels, and that; empty if nothing is."""
        found = self.match(("Add", "rest", "shift"), value)
        if found is None or self.shifts.isdisjoint(found.values()):
            return value, ""
        rest, shift = found["rest"], found["shift"]
        return (rest, shift) if shift in self.shifts else (shift, rest)

    def behind(self, kind: str) -> set[str]:
        """All values that nodes of one kind depend on."""
        read: set[str] = set()
        for node in reversed(self.nodes):
            if node.kind == kind or not read.isdisjoint(node.outputs):
                read.update(node.inputs)
        return read

    def apply(self, rules: Mapping[str, Sequence[Rule]], but: Collection[str] = ()) -> None:
        """Put in the place of each node what the first of its kind's `rules` to give anything gives.

        Where none does, the node stays, and where it makes a value of `but`. A rule sees what the
        nodes before became.
        """
        rewritten: list[Node] = []
        for node in self.nodes:
            new: list[Node] = []
            if node.kind in rules and node.outputs[0] not in but:
                for rule in rules[node.kind]:
                    if new := [_seen(each) for each in rule(self, node)]:
                        break
                self.made.update({value: each for each in new for value in each.outputs})
            rewritten += new or [node]
        self.nodes = rewritten

    def prune(self) -> set[str]:
        """Take away all nodes and new constants that no result depends on; all that is read."""
        read, kept = {*self._results, *self._given}, list[Node]()
        for node in reversed(self.nodes):
            if not read.isdisjoint(node.outputs):
                read.update(node.inputs)
                kept.append(node)
        self.nodes = kept[::-1]
        self.added = {name: each for name, each in self.added.items() if name in read}
        return read


def _seen(record: Any) -> Node:
    kind = f"{record.domain}:{record.op_type}" if record.domain else record.op_type
    return Node(kind, tuple(record.input), tuple(record.output), record)


def same(values: npt.NDArray[Any] | None, wanted: npt.ArrayLike) -> bool:
    """Whether these are the wanted numbers, in the wanted shape."""
    return values is not None and np.array_equal(values, wanted)
