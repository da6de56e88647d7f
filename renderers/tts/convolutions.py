"""Convolutions of bytes as products of matrices, where this machine counts those exactly and faster.

onnxruntime multiplies the unsigned weights of a `ConvInteger` with unsigned data, for which
processors of the x86 kind have no instruction; one side signed has one (VNNI, AMX). So each
convolution over time becomes what it is: the data, shifted by each place of the kernel, under
each other, times the weights. The sums are of whole numbers, so they are the same to the last bit.
Processors without such an instruction add such products two by two in 16 bits, which overflow:
there the graph stays as it is.

Knows: graphs, onnxruntime. Does not know: what a model says.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np
from google.protobuf.message import DecodeError

from renderers.onnx_file import INT8, INT32, INT64, UINT8, node, record, tensor

_TO_SIGNED = "bytes_to_signed"
_TIME = "axis_of_time"
_FIRST = "axis_of_the_batch"
_LAST = 2**62
"""Beyond every end."""


def as_products(model: bytes, *, exact: bool) -> bytes:
    """The model with its convolutions as products, if those are `exact`; else as it is.

    What is no ONNX file stays as it is, too: whoever runs it says so.
    """
    if not exact:
        return model
    try:
        read = record("Model").FromString(model)
    except DecodeError:
        return model
    made = _Rewritten(read.graph)
    if not made.count:
        return model
    del read.graph.node[:]
    read.graph.node.extend(made.nodes)
    read.graph.initializer.extend(each.SerializeToString() for each in made.constants.values())
    return read.SerializeToString()


class _Rewritten:
    """The nodes of a graph, those of its convolutions replaced, and the constants that these need."""

    def __init__(self, graph: Any) -> None:
        self.constants: dict[str, Any] = {}
        self.count = 0
        self._signed: set[str] = set()
        self._sources = {
            each.output[0]: each for each in graph.node if each.op_type == "DynamicQuantizeLinear"
        }
        self.nodes = [new for each in graph.node for new in self._node(each)]

    def _node(self, each: Any) -> Iterator[Any]:
        shape = _shape(each)
        if shape is None or each.input[0] not in self._sources:
            yield each
            return
        self.count += 1
        data, weights, zero, weights_zero = each.input
        (result,) = each.output
        if data not in self._signed:
            self._signed.add(data)
            yield from self._as_signed(self._sources[data])
        yield from self._columns(f"{data}.signed", f"{zero}.signed", result, *shape)
        yield node("Flatten", [weights], f"{result}.weights", axis=1)
        factors = [f"{result}.weights", f"{result}.columns", weights_zero, f"{zero}.signed"]
        yield node("MatMulInteger", factors, f"{result}.product")
        yield node("Unsqueeze", [f"{result}.product", self._row(_FIRST, [0])], result)

    def _as_signed(self, source: Any) -> Iterator[Any]:
        """The bytes that `source` makes of numbers, once more, less 128."""
        data, scale, zero = source.output
        self.constants[_TO_SIGNED] = tensor(_TO_SIGNED, INT32, [128], scalar=True)
        if f"{zero}.signed" not in self._signed:
            self._signed.add(f"{zero}.signed")
            yield node("Cast", [zero], f"{zero}.wide", to=INT32)
            yield node("Sub", [f"{zero}.wide", _TO_SIGNED], f"{zero}.less")
            yield node("Cast", [f"{zero}.less"], f"{zero}.signed", to=INT8)
        yield node("QuantizeLinear", [source.input[0], scale, f"{zero}.signed"], f"{data}.signed")

    def _columns(
        self, data: str, zero: str, result: str, size: int, step: int, before: int, after: int
    ) -> Iterator[Any]:
        """Of data by channel and time, all that each place of the kernel meets: by channel and
        place, and time."""
        columns = f"{result}.columns"
        if size == 1 and not before + after:
            yield node("Flatten", [data], columns, axis=2)
            return
        time = self._row(_TIME, [3])
        edges = self._row(f"edges_{before}_{after}", [0, 0, before, 0, 0, after])
        yield node("Pad", [data, edges, zero], f"{result}.padded")
        yield node(
            "Unsqueeze", [f"{result}.padded", self._row("axis_of_places", [2])], f"{result}.opened"
        )
        places = [f"{result}.{place}" for place in range(size)]
        for place, name in enumerate(places):
            rest = step * (place + 1 - size)
            begin = self._row(f"from_{step * place}", [step * place])
            end = self._row(f"to_{-rest}", [rest or _LAST])
            yield node("Slice", [f"{result}.opened", begin, end, time], name)
        yield node("Concat", places, f"{result}.together", axis=2)
        yield node("Flatten", [f"{result}.together"], columns, axis=3)

    def _row(self, name: str, values: list[int]) -> str:
        self.constants[name] = tensor(name, INT64, values)
        return name


def _shape(each: Any) -> tuple[int, int, int, int] | None:
    """Size, step and the edges before and after of a convolution over time; None: it is another."""
    if each.op_type != "ConvInteger" or len(each.input) != 4:
        return None
    said = {a.name: a for a in each.attribute}
    rows = {name: list(a.ints) for name, a in said.items()}
    size = rows.get("kernel_shape", [])
    before, after = rows.get("pads") or [0, 0]
    whole = "group" not in said or said["group"].i == 1
    edged = "auto_pad" not in said or said["auto_pad"].s == b"NOTSET"
    if len(size) != 1 or not whole or not edged or rows.get("strides", [1]) != [1]:
        return None
    return size[0], (rows.get("dilations") or [1])[0], before, after


@cache
def exact_here() -> bool:
    """Whether onnxruntime multiplies unsigned bytes by signed ones here without overflow, and
    faster."""
    if platform.machine() not in ("x86_64", "AMD64"):
        return False
    graph = record("Graph")(name="probe", node=[node("MatMulInteger", ["a", "b"], "c")])
    for name, kind in (("a", UINT8), ("b", INT8)):
        graph.input.add(name=name, type={"tensor_type": {"elem_type": kind}})
    graph.output.add(name="c", type={"tensor_type": {"elem_type": INT32}})
    model = record("Model")(ir_version=8, graph=graph)
    model.opset_import.add(version=13)
    ort: Any = import_module("onnxruntime")
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = ort.InferenceSession(model.SerializeToString(), options, ["CPUExecutionProvider"])
    given = {"a": np.full((32, 64), 255, np.uint8), "b": np.full((64, 32), 127, np.int8)}
    (counted,) = session.run(None, given)
    return bool((np.asarray(counted) == 64 * 255 * 127).all())
