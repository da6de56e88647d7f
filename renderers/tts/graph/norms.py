"""Norms over time, and the waves that are added after them, in as few passes as there are.

A voice is bound by how often its large tensors (channel by time) go through memory. An export
writes a norm (AdaIN) as nine nodes, where one does it channel by channel; and the activation after
it, x + sin²(ax)/a, as five, where (u − cos u + 1)/2a with u = 2ax is the same in three: a norm
that makes x makes u as well.

Knows: what these look like in a graph. Does not know: what a model says. A line at a time is
said: the batch is one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from renderers.onnx_file import node, said
from renderers.tts.graph.wiring import Node, Wiring, same

_CENTRED = ("Sub", "x", ("mean:ReduceMean", "x", "time"))
_SPREAD = ("Sqrt", ("Add", ("spread:ReduceMean", ("Mul", _CENTRED, _CENTRED), "time"), "least"))
_NORM = ("Add", ("Mul", "scale", ("Div", _CENTRED, _SPREAD)), "shift")
_WAVE = ("Add", "x", ("Mul", "inverse", ("Pow", ("Sin", ("Mul", "a", "x")), "two")))


def as_one(wiring: Wiring, last: Node) -> Iterator[Any]:
    """A norm over time as one node."""
    found = wiring.match(_NORM, last.outputs[0])
    if found is None or not _of_channels(wiring, found["scale"], found["shift"]):
        return
    least = wiring.number(found["least"])
    if least is None or not same(wiring.constant(found["time"]), [2]):
        return
    means = [said(wiring.made[found[name]].record) for name in ("mean", "spread")]
    if any("keepdims" in each and not each["keepdims"].i for each in means):
        return
    (result,) = last.outputs
    every = wiring.put("every_channel", np.array([-1]))
    rows = [f"{result}.scale", f"{result}.shift"]
    yield node("Reshape", [found["scale"], every], rows[0])
    yield node("Reshape", [found["shift"], every], rows[1])
    # What is the same all the time is no part of a norm.
    source, _ = wiring.without_shift(found["x"])
    yield node("InstanceNormalization", [source, *rows], result, epsilon=least)


def with_wave(wiring: Wiring, last: Node) -> Iterator[Any]:
    """A norm and the wave added to it: with u = 2ax, (u − cos u + 1)/2a."""
    found = wiring.match(_WAVE, last.outputs[0])
    if found is None or wiring.number(found["two"]) != 2:
        return
    steep, inverse = wiring.constant(found["a"]), wiring.constant(found["inverse"])
    if wiring.kind(found["x"]) != "InstanceNormalization" or steep is None or inverse is None:
        return
    if steep.shape != (1, steep.size, 1) or steep.shape != inverse.shape:
        return
    if not np.allclose(steep * inverse, 1, rtol=1e-5):
        return
    norm = wiring.made[found["x"]]
    (result,) = last.outputs
    source, scale, shift = norm.inputs
    twice = wiring.put(f"{result}.twice", 2 * steep.ravel())
    yield node("Mul", [scale, twice], f"{result}.scale")
    yield node("Mul", [shift, twice], f"{result}.shift")
    rows = [source, f"{result}.scale", f"{result}.shift"]
    yield node("InstanceNormalization", rows, f"{result}.u", epsilon=said(norm.record)["epsilon"].f)
    yield node("Cos", [f"{result}.u"], f"{result}.cos")
    yield node("Sub", [f"{result}.u", f"{result}.cos"], f"{result}.less")
    # The one node that adds to channels and multiplies them in one pass.
    size = steep.size
    affine = [
        wiring.put(f"{result}.half", inverse.ravel() / 2),
        wiring.put(f"zeros_{size}", np.zeros(size, np.float32)),
        wiring.put(f"minus_ones_{size}", -np.ones(size, np.float32)),
        wiring.put(f"ones_{size}", np.ones(size, np.float32)),
    ]
    yield node("BatchNormalization", [f"{result}.less", *affine], result, epsilon=0.0)


def _of_channels(wiring: Wiring, scale: str, shift: str) -> bool:
    """Whether both are a row of one number a channel: halves of what was made of a style."""
    found = wiring.match(("Add", "half", "one"), scale)
    if found is None or wiring.number(found["one"]) is None:
        return False
    if wiring.kind(shift) != "Split":
        return False
    split = wiring.made[shift]
    whole = wiring.match(("Unsqueeze", "row", "axis"), split.inputs[0])
    return (
        list(split.outputs) == [found["half"], shift]
        and "axis" in said(split.record)
        and said(split.record)["axis"].i == 1
        and whole is not None
        and same(wiring.constant(whole["axis"]), [2])
    )
