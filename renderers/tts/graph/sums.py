"""What is added to each channel of a sum, added once and last.

Of (a + shift) + b, a pass over memory is saved by (a + b) + shift where the next sum, or a norm,
takes the shift off again; from sum to sum all shifts of a voice's blocks become one.

Knows: sums. Does not know: what is added.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from renderers.onnx_file import node
from renderers.tts.graph.wiring import Node, Wiring


def with_shift_last(wiring: Wiring, last: Node) -> Iterator[Any]:
    """A sum of what has shifts as the sum of the rest, shifted."""
    if not wiring.shifts.isdisjoint(last.inputs):
        return
    parts = [wiring.without_shift(value) for value in last.inputs]
    shifts = [shift for _, shift in parts if shift]
    if not shifts:
        return
    (result,) = last.outputs
    yield node("Add", [rest for rest, _ in parts], f"{result}.rest")
    shift = shifts[0]
    if len(shifts) == 2:
        shift = f"{result}.shift"
        yield node("Add", shifts, shift)
        wiring.shifts.add(shift)
    yield node("Add", [f"{result}.rest", shift], result)
