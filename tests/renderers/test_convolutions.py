"""A model with its convolutions as products gives the same numbers, to the last bit."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from renderers import weights
from renderers.onnx_file import INT32, UINT8, record, tensor
from renderers.tts import convolutions
from renderers.tts.voices import Catalogue

FLOAT = 1


def _convolution(size: int, step: int, before: int, after: int, group: int = 1) -> bytes:
    """A model of one convolution over time, of four channels to six, as voices are quantised."""
    chosen = np.random.default_rng(size).integers(98, 158, (6, 4 // group, size))
    kernel = record("Tensor")(name="w", data_type=UINT8, dims=chosen.shape)
    kernel.int32_data.extend(int(each) for each in chosen.ravel())
    quantise = record("Node")(
        op_type="DynamicQuantizeLinear", input=["x"], output=["data", "scale", "zero"]
    )
    convolve = record("Node")(
        op_type="ConvInteger", input=["data", "w", "zero", "w_zero"], output=["y"]
    )
    rows = {"kernel_shape": [size], "dilations": [step], "pads": [before, after], "strides": [1]}
    for name, values in rows.items():
        convolve.attribute.add(name=name, ints=values, type=7)
    convolve.attribute.add(name="group", i=group, type=2)
    graph = record("Graph")(name="convolution", node=[quantise, convolve])
    zero = tensor("w_zero", UINT8, [128], scalar=True)
    graph.initializer.extend(each.SerializeToString() for each in (kernel, zero))
    graph.input.add(name="x", type={"tensor_type": {"elem_type": FLOAT}})
    graph.output.add(name="y", type={"tensor_type": {"elem_type": INT32}})
    model = record("Model")(ir_version=8, graph=graph)
    model.opset_import.add(version=13)
    return bytes(model.SerializeToString())


def _run(model: bytes, data: npt.NDArray[np.float32]) -> npt.NDArray[np.int32]:
    ort: Any = import_module("onnxruntime")
    session = ort.InferenceSession(model, providers=["CPUExecutionProvider"])
    (made,) = session.run(None, {"x": data})
    return made


def _kinds(model: bytes) -> list[str]:
    return [node.op_type for node in record("Model").FromString(model).graph.node]


@pytest.mark.parametrize(
    ("size", "step", "before", "after"),
    [(1, 1, 0, 0), (3, 1, 1, 1), (7, 3, 9, 9), (11, 5, 25, 25), (5, 2, 0, 3), (2, 1, 0, 0)],
)
def test_the_sums_are_the_same(size: int, step: int, before: int, after: int) -> None:
    model = _convolution(size, step, before, after)
    data = np.random.default_rng(1).normal(0.3, 2, (1, 4, 60)).astype(np.float32)
    products = convolutions.as_products(model, exact=True)
    assert "ConvInteger" not in _kinds(products)
    assert np.array_equal(_run(products, data), _run(model, data))


def test_a_convolution_of_groups_stays() -> None:
    model = _convolution(3, 1, 1, 1, group=2)
    assert convolutions.as_products(model, exact=True) == model


def test_what_is_no_model_is_left_to_whoever_runs_it() -> None:
    assert convolutions.as_products(b"\xff\xff no model", exact=True) == b"\xff\xff no model"


def test_a_machine_that_overflows_keeps_the_graph() -> None:
    model = _convolution(3, 1, 1, 1)
    assert convolutions.as_products(model, exact=False) == model


def test_a_voice_is_the_same_to_the_last_sample() -> None:
    if not convolutions.exact_here():
        pytest.skip("this processor multiplies no unsigned bytes by signed ones without overflow")
    plain = weights.read(weights.KOKORO, "model.onnx")
    assert "ConvInteger" in _kinds(plain)
    spoken = [_spoken(model) for model in (plain, convolutions.as_products(plain, exact=True))]
    assert spoken[0].std() > 0.01
    assert np.array_equal(*spoken)


def _spoken(model: bytes) -> npt.NDArray[np.float32]:
    """A few sounds in Kokoro's own voice."""
    ort: Any = import_module("onnxruntime")
    session = ort.InferenceSession(model, providers=["CPUExecutionProvider"])
    voice, _ = Catalogue().styles("jf_alpha")
    given = {
        session.get_inputs()[0].name: np.array([[0, *range(43, 63), 0]], dtype=np.int64),
        "style": voice[20].reshape(1, -1),
        "speed": np.array([1.0], dtype=np.float32),
    }
    return session.run(None, given)[0]
