"""ONNX files as records: the graph, its nodes and their attributes; all else is kept as it is.

The `onnx` package would bring 20 MB for these few fields. Fields that are not named here are
carried along unread, so what is read and written again is the same model.

Knows: the format's field numbers. Does not know: what a graph computes, who runs it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError

_PACKAGE = "storyboard.onnx"
# Field name → number and type; [] where it is repeated. Numbers as in onnx.proto3.
_FIELDS: dict[str, dict[str, tuple[int, str]]] = {
    "Model": {"ir_version": (1, "int64"), "graph": (7, "Graph"), "opset_import": (8, "[Opset]")},
    # Weights are most of a file, and only moved.
    "Graph": {
        "node": (1, "[Node]"),
        "name": (2, "string"),
        "initializer": (5, "[bytes]"),
        "input": (11, "[Value]"),
        "output": (12, "[Value]"),
    },
    "Node": {
        "input": (1, "[string]"),
        "output": (2, "[string]"),
        "name": (3, "string"),
        "op_type": (4, "string"),
        "attribute": (5, "[Attribute]"),
        "domain": (7, "string"),
    },
    "Attribute": {
        "name": (1, "string"),
        "f": (2, "float"),
        "i": (3, "int64"),
        "s": (4, "bytes"),
        "ints": (8, "[int64]"),
        "type": (20, "int32"),
    },
    "Tensor": {
        "dims": (1, "[int64]"),
        "data_type": (2, "int32"),
        "float_data": (4, "[float]"),
        "int32_data": (5, "[int32]"),
        "int64_data": (7, "[int64]"),
        "name": (8, "string"),
        "raw_data": (9, "bytes"),
        "external_data": (13, "[Entry]"),
        "data_location": (14, "int32"),
    },
    "Entry": {"key": (1, "string"), "value": (2, "string")},
    "Value": {"name": (1, "string"), "type": (2, "Type")},
    "Type": {"tensor_type": (1, "TensorType")},
    "TensorType": {"elem_type": (1, "int32")},
    "Opset": {"domain": (1, "string"), "version": (2, "int64")},
}
FLOAT, UINT8, INT8, INT32, INT64 = 1, 2, 3, 6, 7
"""Element types of tensors."""
_KINDS = {FLOAT: "<f4", UINT8: "u1", INT8: "i1", INT32: "<i4", INT64: "<i8"}
_REAL, _INT, _INTS = 1, 2, 7
"""Types of attributes."""
_GRAPH, _INITIALIZER, _RAW = 7, 5, 9
"""Numbers of the fields on the way to the bytes of a weight."""


class Weight(NamedTuple):
    """A constant of a graph: what is said of it, and its bytes where they are in the file."""

    tensor: Any
    raw: memoryview

    def record(self) -> Any:
        """The tensor whole, as a graph holds it."""
        whole = record("Tensor")(raw_data=bytes(self.raw))
        whole.MergeFrom(self.tensor)
        return whole

    def reference(self) -> Any:
        """The tensor without its numbers, which whoever runs the graph has at hand."""
        empty = record("Tensor")(data_location=1)
        empty.MergeFrom(self.tensor)
        said = {"location": "at hand", "offset": "0", "length": str(len(self.raw))}
        for key, value in said.items():
            empty.external_data.add(key=key, value=value)
        return empty

    def array(self) -> npt.NDArray[Any] | None:
        """Its numbers; None if they are of another kind, elsewhere, or not as many as it says."""
        tensor = self.tensor
        kind = _KINDS.get(tensor.data_type)
        if kind is None or tensor.data_location:
            return None
        fields = {FLOAT: tensor.float_data, INT64: tensor.int64_data}
        written = fields.get(tensor.data_type, tensor.int32_data)
        try:
            array = np.frombuffer(self.raw, kind) if len(self.raw) else np.array(written, kind)
            return array.reshape(list(tensor.dims))
        except ValueError:
            return None


def taken_apart(model: bytes | bytearray) -> tuple[Any, dict[str, Weight]]:
    """The record of a model without its weights, and those by name.

    Weights are most of a file: they are neither read nor copied, only found.

    Raises:
        ValueError: this is no ONNX file.
    """
    outside, inside = bytearray(), bytearray()
    weights: dict[str, Weight] = {}
    try:
        for number, whole, content in _fields(memoryview(model)):
            if number != _GRAPH:
                outside += whole
                continue
            for inner, part, tensor in _fields(content):
                if inner != _INITIALIZER:
                    inside += part
                    continue
                weight = _weight(tensor)
                weights[weight.tensor.name] = weight
        read = record("Model").FromString(bytes(outside))
        read.graph.MergeFromString(bytes(inside))
        if not read.graph.node:
            raise IndexError("a graph has nodes")
    except (IndexError, DecodeError) as error:
        raise ValueError("this is no ONNX file") from error
    return read, weights


def _weight(tensor: memoryview) -> Weight:
    head, raw = bytearray(), tensor[:0]
    for number, whole, content in _fields(tensor):
        if number == _RAW:
            raw = content
        else:
            head += whole
    return Weight(record("Tensor").FromString(bytes(head)), raw)


def _fields(data: memoryview) -> Iterator[tuple[int, memoryview, memoryview]]:
    """Of the fields of a record: number, all of its bytes, those of its content if it is sized."""
    at, size = 0, len(data)
    while at < size:
        begin = at
        key, at = _varint(data, at)
        length = 0
        match key & 7:
            case 0:
                _, at = _varint(data, at)
            case 1:
                at += 8
            case 2:
                length, at = _varint(data, at)
                at += length
            case 5:
                at += 4
            case _:
                raise IndexError(key)
        if at > size:
            raise IndexError(at)
        yield key >> 3, data[begin:at], data[at - length : at]


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def record(name: str) -> Any:
    """The class of a record, by its name in the table above."""
    return message_factory.GetMessageClass(_pool().FindMessageTypeByName(f"{_PACKAGE}.{name}"))


@cache
def _pool() -> descriptor_pool.DescriptorPool:
    kinds = descriptor_pb2.FieldDescriptorProto
    plain = {
        "string": kinds.TYPE_STRING,
        "bytes": kinds.TYPE_BYTES,
        "int32": kinds.TYPE_INT32,
        "int64": kinds.TYPE_INT64,
        "float": kinds.TYPE_FLOAT,
    }
    file = descriptor_pb2.FileDescriptorProto(
        name="storyboard/onnx.proto", package=_PACKAGE, syntax="proto3"
    )
    for title, fields in _FIELDS.items():
        message = file.message_type.add(name=title)
        for field, (number, kind) in fields.items():
            of = kind.strip("[]")
            nested = {} if of in plain else {"type_name": f".{_PACKAGE}.{of}"}
            message.field.add(
                name=field,
                number=number,
                label=kinds.LABEL_REPEATED if kind != of else kinds.LABEL_OPTIONAL,
                type=plain.get(of, kinds.TYPE_MESSAGE),
                **nested,
            )
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return pool


def node(
    kind: str, inputs: Sequence[str], output: str, *, domain: str = "", **said: float | list[int]
) -> Any:
    """A node with one output; what is said of it are numbers, whole ones or not, and rows of
    whole ones."""
    made = record("Node")(op_type=kind, input=inputs, output=[output], name=output, domain=domain)
    for name, value in said.items():
        if isinstance(value, list):
            made.attribute.add(name=name, ints=value, type=_INTS)
        elif isinstance(value, int):
            made.attribute.add(name=name, i=value, type=_INT)
        else:
            made.attribute.add(name=name, f=value, type=_REAL)
    return made


def said(node: Any) -> dict[str, Any]:
    """The attributes of a node, by name."""
    return {each.name: each for each in node.attribute}


def constant(name: str, values: npt.ArrayLike) -> Any:
    """A constant of a graph, of the kind and shape of an array."""
    array = np.asarray(values)
    kind = {np.dtype(written): number for number, written in _KINDS.items()}[array.dtype]
    return record("Tensor")(name=name, data_type=kind, dims=array.shape, raw_data=array.tobytes())
