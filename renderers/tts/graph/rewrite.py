"""A model's graph, rewritten so that this machine computes the same for less.

An export says what is computed, in nodes that any runtime has. What does the same in fewer passes
over memory, or by instructions that this processor has, is put in their place when a model is
loaded. Where a pattern does not match, as in an export of a user's own, the graph stays as it is.

Knows: which rules there are, and in which order. Does not know: what a model says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from renderers.onnx_file import taken_apart
from renderers.tts.graph import norms, products, sums
from renderers.tts.graph.wiring import Wiring

_LARGE = 4096
"""Bytes from which a weight is worth not being copied."""

_NESTING = {"If", "Loop", "Scan"}
"""Nodes with a graph inside, which may read any value: what is unread cannot be told."""
_EXACT = {"DynamicQuantizeLinear": [products.signed_too], "ConvInteger": [products.as_product]}
_ROUNDED = {
    "Mul": [products.as_numbers],
    "Add": [sums.with_shift_last, norms.as_one, norms.with_wave],
}
"""What is rewritten, by the kind of node that makes the result: to the bit, and up to rounding."""


@dataclass(frozen=True, slots=True)
class Lighter:
    """A model to run."""

    model: bytes
    weights: dict[str, npt.NDArray[Any]]
    """What `model` leaves out, by name: numbers that stay where the file was read."""


def lighter(model: bytes | bytearray, *, exact: bool, also: tuple[str, ...] = ()) -> Lighter:
    """The model, rewritten; `exact`: products of signed bytes are exact here.

    `also`: values of its graph to give out too, if it has them. What is no ONNX file stays as it
    is: whoever runs it says so.
    """
    try:
        read, weights = taken_apart(model)
    except ValueError:
        return Lighter(bytes(model), {})
    given = {each.name for each in read.graph.output}
    made = {value for each in read.graph.node for value in each.output}
    for value in also:
        if value in made - given:
            read.graph.output.add(name=value)
    wiring = Wiring(read.graph, weights)
    # What a voice's source is made of, its pitch above all, is summed up over the line, where the
    # smallest change grows: of it, no bit may change.
    pitch = wiring.behind("STFT")
    used = set(weights)
    if _NESTING.isdisjoint(each.kind for each in wiring.nodes):
        wiring.apply(_EXACT if exact else {})
        wiring.apply(_ROUNDED, but=pitch)
        used = wiring.prune()
    del read.graph.node[:]
    read.graph.node.extend(each.record for each in wiring.nodes)
    if "com.microsoft" not in {each.domain for each in read.opset_import}:
        read.opset_import.add(domain="com.microsoft", version=1)
    left: dict[str, npt.NDArray[Any]] = {}
    for name, weight in weights.items():
        array = weight.array() if len(weight.raw) >= _LARGE else None
        if name in used:
            wiring.added[name] = weight.record() if array is None else weight.reference()
        if name in used and array is not None:
            left[name] = np.require(array, requirements="A")
    read.graph.initializer.extend(each.SerializeToString() for each in wiring.added.values())
    return Lighter(read.SerializeToString(), left)
