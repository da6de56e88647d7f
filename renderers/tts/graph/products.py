"""Convolutions of bytes as products of matrices, where this machine counts those exactly and faster.

onnxruntime multiplies the unsigned weights of a `ConvInteger` with unsigned data, for which
processors of the x86 kind have no instruction; one side signed has one (VNNI, AMX). So each
convolution over time becomes what it is: the data, shifted by each place of the kernel, under
each other, times the weights. The sums are of whole numbers, so they are the same to the last bit.
Processors without such an instruction add such products two by two in 16 bits, which overflow:
there the graph stays as it is.

The numbers that such sums stand for, floats times a scale, the product makes in passing.

Knows: graphs, onnxruntime. Does not know: what a model says.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np

from renderers.onnx_file import FLOAT, INT8, INT32, UINT8, node, record, said
from renderers.tts.graph.wiring import Node, Wiring, same

_LAST = 2**62
"""Beyond every end."""
_SUMS = (
    "Unsqueeze",
    ("MatMulInteger", "weights", "columns", "weights_zero", "zero"),
    "first",
)
_SCALE = ("Mul", "scale", "other_scale")
_PLAIN = ("Mul", ("cast:Cast", _SUMS), _SCALE)
_MOVED = ("Mul", ("cast:Cast", ("Add", _SUMS, ("bias:Reshape", "row", "shape"))), _SCALE)


def signed_too(wiring: Wiring, source: Node) -> Iterator[Any]:
    """What makes bytes of numbers, and the same bytes once more, less 128."""
    data, scale, zero = source.outputs
    to_signed = wiring.put("bytes_to_signed", np.array(128, np.int32))
    yield source.record
    yield node("Cast", [zero], f"{zero}.wide", to=INT32)
    yield node("Sub", [f"{zero}.wide", to_signed], f"{zero}.less")
    yield node("Cast", [f"{zero}.less"], f"{zero}.signed", to=INT8)
    yield node("QuantizeLinear", [source.inputs[0], scale, f"{zero}.signed"], f"{data}.signed")


def as_product(wiring: Wiring, each: Node) -> Iterator[Any]:
    """A convolution of bytes over time, which `signed_too` made, as a product."""
    shape = _shape(each)
    if shape is None or wiring.kind(f"{each.inputs[0]}.signed") != "QuantizeLinear":
        return
    data, weights, zero, weights_zero = each.inputs
    (result,) = each.outputs
    yield from _columns(wiring, f"{data}.signed", f"{zero}.signed", result, shape)
    yield node("Flatten", [weights], f"{result}.weights", axis=1)
    factors = [f"{result}.weights", f"{result}.columns", weights_zero, f"{zero}.signed"]
    yield node("MatMulInteger", factors, f"{result}.product")
    first = wiring.put("axis_of_the_batch", np.array([0]))
    yield node("Unsqueeze", [f"{result}.product", first], result)


def as_numbers(wiring: Wiring, last: Node) -> Iterator[Any]:
    """The sums of a product as the numbers they stand for, with what is added to each channel."""
    (result, *_) = last.outputs
    moved = wiring.match(_MOVED, result)
    found = moved or wiring.match(_PLAIN, result)
    if found is None or said(wiring.made[found["cast"]].record)["to"].i != FLOAT:
        return
    if moved and not same(wiring.constant(moved["shape"]), [1, -1, 1]):
        return
    if not all(_single(wiring, found[name]) for name in ("scale", "other_scale")):
        return
    given = ("weights", "columns", "scale", "other_scale", "weights_zero", "zero")
    factors = [found[name] for name in given]
    product, channels = f"{result}.product", f"{result}.plain" if moved else result
    yield node("MatMulIntegerToFloat", factors, product, domain="com.microsoft")
    yield node("Unsqueeze", [product, found["first"]], channels)
    if moved:
        yield node("Cast", [moved["bias"]], f"{result}.bias", to=FLOAT)
        yield node("Mul", [f"{result}.bias", last.inputs[1]], f"{result}.shift")
        wiring.shifts.add(f"{result}.shift")
        yield node("Add", [channels, f"{result}.shift"], result)


def _single(wiring: Wiring, value: str) -> bool:
    """Whether a scale is a single number: a constant, or one of what is quantised on the way."""
    if wiring.kind(value) == "DynamicQuantizeLinear":
        return value == wiring.made[value].outputs[1]
    return wiring.number(value) is not None


def _columns(
    wiring: Wiring, data: str, zero: str, result: str, shape: tuple[int, int, int, int]
) -> Iterator[Any]:
    """Of data by channel and time, all that each place of the kernel meets: by channel and
    place, and time."""
    size, step, before, after = shape
    columns = f"{result}.columns"
    if size == 1 and not before + after:
        yield node("Flatten", [data], columns, axis=2)
        return
    time = wiring.put("axis_of_time", np.array([3]))
    edges = wiring.put(f"edges_{before}_{after}", np.array([0, 0, before, 0, 0, after]))
    opened = wiring.put("axis_of_places", np.array([2]))
    yield node("Pad", [data, edges, zero], f"{result}.padded")
    yield node("Unsqueeze", [f"{result}.padded", opened], f"{result}.opened")
    places = [f"{result}.{place}" for place in range(size)]
    for place, name in enumerate(places):
        rest = step * (place + 1 - size)
        begin = wiring.put(f"from_{step * place}", np.array([step * place]))
        end = wiring.put(f"to_{-rest}", np.array([rest or _LAST]))
        yield node("Slice", [f"{result}.opened", begin, end, time], name)
    yield node("Concat", places, f"{result}.together", axis=2)
    yield node("Flatten", [f"{result}.together"], columns, axis=3)


def _shape(each: Node) -> tuple[int, int, int, int] | None:
    """Size, step and the edges before and after of a convolution over time; None: it is another."""
    if len(each.inputs) != 4:
        return None
    about = said(each.record)
    rows = {name: list(a.ints) for name, a in about.items()}
    size = rows.get("kernel_shape", [])
    whole = "group" not in about or about["group"].i == 1
    edged = "auto_pad" not in about or about["auto_pad"].s == b"NOTSET"
    if len(size) != 1 or not whole or not edged or rows.get("strides", [1]) != [1]:
        return None
    before, after = rows.get("pads") or [0, 0]
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
