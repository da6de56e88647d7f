"""ONNX files as records: the graph, its nodes and their attributes; all else is kept as it is.

The `onnx` package would bring 20 MB for these few fields. Fields that are not named here are
carried along unread, so what is read and written again is the same model.

Knows: the format's field numbers. Does not know: what a graph computes, who runs it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

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
    },
    "Attribute": {
        "name": (1, "string"),
        "i": (3, "int64"),
        "s": (4, "bytes"),
        "ints": (8, "[int64]"),
        "type": (20, "int32"),
    },
    "Tensor": {
        "dims": (1, "[int64]"),
        "data_type": (2, "int32"),
        "int32_data": (5, "[int32]"),
        "int64_data": (7, "[int64]"),
        "name": (8, "string"),
    },
    "Value": {"name": (1, "string"), "type": (2, "Type")},
    "Type": {"tensor_type": (1, "TensorType")},
    "TensorType": {"elem_type": (1, "int32")},
    "Opset": {"domain": (1, "string"), "version": (2, "int64")},
}
UINT8, INT8, INT32, INT64 = 2, 3, 6, 7
"""Element types of tensors."""
_INT = 2
"""Type of an attribute with one whole number."""


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


def node(kind: str, inputs: Sequence[str], output: str, **whole: int) -> Any:
    """A node with one output; what is said of it are whole numbers."""
    made = record("Node")(op_type=kind, input=inputs, output=[output], name=output)
    for name, value in whole.items():
        made.attribute.add(name=name, i=value, type=_INT)
    return made


def tensor(name: str, kind: int, values: Sequence[int], *, scalar: bool = False) -> Any:
    """A constant of whole numbers: a row of them, or a single one."""
    field = {"int64_data" if kind == INT64 else "int32_data": values}
    dims = [] if scalar else [len(values)]
    return record("Tensor")(name=name, data_type=kind, dims=dims, **field)
