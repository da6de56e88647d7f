"""A rewritten graph gives the same numbers, where it says so to the bit, else up to rounding."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from renderers import weights
from renderers.onnx_file import FLOAT, INT32, constant, node, record, taken_apart
from renderers.tts.graph import products, rewrite
from renderers.tts.voices import Catalogue

Numbers = npt.NDArray[Any]
RNG = np.random.default_rng(1)
TIME = {"time": np.array([2])}


def _model(
    nodes: list[Any], constants: dict[str, Numbers], kind: int = FLOAT, out: str = "y"
) -> bytes:
    """A model from `x`, numbers by channel and time, to `out`."""
    made = record("Graph")(name="made by hand", node=nodes)
    made.initializer.extend(constant(k, v).SerializeToString() for k, v in constants.items())
    made.input.add(name="x", type={"tensor_type": {"elem_type": FLOAT}})
    made.output.add(name=out, type={"tensor_type": {"elem_type": kind}})
    model = record("Model")(ir_version=8, graph=made)
    model.opset_import.add(version=18)
    return bytes(model.SerializeToString())


def _run(model: bytes | rewrite.Lighter, data: Numbers) -> Numbers:
    ort: Any = import_module("onnxruntime")
    options = ort.SessionOptions()
    lighter = model if isinstance(model, rewrite.Lighter) else rewrite.Lighter(model, {})
    values = [ort.OrtValue.ortvalue_from_numpy(each) for each in lighter.weights.values()]
    options.add_external_initializers(list(lighter.weights), values)
    session = ort.InferenceSession(lighter.model, options, ["CPUExecutionProvider"])
    return session.run(None, {"x": data})[0]


def _kinds(model: bytes) -> list[str]:
    return [each.op_type for each in taken_apart(model)[0].graph.node]


def _same_numbers(model: bytes, channels: int = 4) -> list[str]:
    """The kinds of nodes that it is rewritten to, which give the same up to rounding."""
    data = RNG.normal(0.3, 2, (1, channels, 60)).astype(np.float32)
    lighter = rewrite.lighter(model, exact=True)
    np.testing.assert_allclose(_run(lighter, data), _run(model, data), rtol=1e-4, atol=1e-4)
    return _kinds(lighter.model)


def _convolution(
    size: int, step: int, before: int, after: int, group: int = 1
) -> tuple[list[Any], dict[str, Numbers]]:
    """One convolution over time, of four channels to six, as voices are quantised."""
    quantise = record("Node")(
        op_type="DynamicQuantizeLinear", input=["x"], output=["data", "scale", "zero"]
    )
    about: dict[str, Any] = {"kernel_shape": [size], "dilations": [step], "strides": [1]}
    about |= {"pads": [before, after], "group": group}
    convolve = node("ConvInteger", ["data", "w", "zero", "w_zero"], "sums", **about)
    kernel = np.random.default_rng(size).integers(98, 158, (6, 4 // group, size))
    return [quantise, convolve], {"w": kernel.astype(np.uint8), "w_zero": np.array(128, np.uint8)}


def _with_numbers(shape: list[int], weights_scale: Numbers) -> bytes:
    """A convolution, what is added to its channels, and what its sums stand for."""
    nodes, constants = _convolution(3, 1, 1, 1)
    nodes += [
        node("Reshape", ["moved", "shape"], "bias"),
        node("Add", ["sums", "bias"], "moved_sums"),
        node("Cast", ["moved_sums"], "floats", to=FLOAT),
        node("Mul", ["scale", "w_scale"], "scales"),
        node("Mul", ["floats", "scales"], "y"),
    ]
    moved = np.arange(-900, 900, 300, dtype=np.int32)
    added = {"moved": moved, "shape": np.array(shape), "w_scale": weights_scale}
    return _model(nodes, constants | added)


def _norm(
    *, axis: int = 2, keepdims: int = 1, squared: str = "centred", channels: int = 4
) -> tuple[list[Any], dict[str, Numbers]]:
    """A norm over time with a scale and a shift that are made of a style, to `normed`."""
    split = record("Node")(
        op_type="Split", input=["opened", "halves"], output=["half", "shift"], name="split"
    )
    split.attribute.add(name="axis", i=1, type=2)
    nodes = [
        node("Unsqueeze", ["style", "last"], "opened"),
        split,
        node("Add", ["half", "one"], "gain"),
        node("ReduceMean", ["x", "time"], "mean", keepdims=keepdims),
        node("Sub", ["x", "mean"], "centred"),
        node("Mul", ["centred", squared], "square"),
        node("ReduceMean", ["square", "time"], "variance", keepdims=1),
        node("Add", ["variance", "least"], "more"),
        node("Sqrt", ["more"], "spread"),
        node("Div", ["centred", "spread"], "divided"),
        node("Mul", ["gain", "divided"], "scaled"),
        node("Add", ["scaled", "shift"], "normed"),
    ]
    style = RNG.normal(0, 0.5, (1, 2 * channels)).astype(np.float32)
    return nodes, {
        "style": style,
        "last": np.array([2]),
        "halves": np.array([channels, channels]),
        "one": np.array(1, np.float32),
        "time": np.array([axis]),
        "least": np.array(1e-5, np.float32),
    }


def _wave(power: float = 2, off: float = 1) -> bytes:
    """x + sin²(ax)/a after a norm."""
    nodes, constants = _norm()
    nodes += [
        node("Mul", ["a", "normed"], "angle"),
        node("Sin", ["angle"], "sine"),
        node("Pow", ["sine", "power"], "raised"),
        node("Mul", ["inverse", "raised"], "wave"),
        node("Add", ["normed", "wave"], "y"),
    ]
    steep = np.array([0.05, 0.7, 1.3, 4], np.float32).reshape(1, 4, 1)
    constants |= {"a": steep, "inverse": off / steep, "power": np.array(power, np.float32)}
    return _model(nodes, constants)


@pytest.mark.parametrize(
    ("size", "step", "before", "after"),
    [(1, 1, 0, 0), (3, 1, 1, 1), (7, 3, 9, 9), (11, 5, 25, 25), (5, 2, 0, 3), (2, 1, 0, 0)],
)
def test_the_sums_of_a_product_are_those_of_the_convolution(
    size: int, step: int, before: int, after: int
) -> None:
    model = _model(*_convolution(size, step, before, after), INT32, "sums")
    data = np.random.default_rng(1).normal(0.3, 2, (1, 4, 60)).astype(np.float32)
    products = rewrite.lighter(model, exact=True)
    assert "ConvInteger" not in _kinds(products.model)
    assert np.array_equal(_run(products, data), _run(model, data))


def test_a_convolution_of_groups_stays() -> None:
    model = _model(*_convolution(3, 1, 1, 1, group=2), INT32, "sums")
    assert _kinds(rewrite.lighter(model, exact=True).model) == _kinds(model)


def test_a_machine_that_overflows_keeps_its_convolutions() -> None:
    model = _with_numbers([1, -1, 1], np.array(0.01, np.float32))
    assert _kinds(rewrite.lighter(model, exact=False).model) == _kinds(model)


def test_what_is_no_model_is_left_to_whoever_runs_it() -> None:
    for broken in (b"\xff\xff no model", b"\x3a\x7f short", b"plain words"):
        assert rewrite.lighter(broken, exact=True).model == broken


def test_a_product_makes_the_numbers_that_its_sums_stand_for() -> None:
    kinds = _same_numbers(_with_numbers([1, -1, 1], np.array(0.01, np.float32)))
    assert "MatMulIntegerToFloat" in kinds
    assert "MatMulInteger" not in kinds


@pytest.mark.parametrize(
    ("shape", "scale"),
    [
        ([1, 6, 1], np.array(0.01, np.float32)),
        ([1, -1, 1], np.full((1, 6, 1), 0.01, np.float32)),
    ],
)
def test_sums_of_another_kind_stay_sums(shape: list[int], scale: Numbers) -> None:
    assert "MatMulInteger" in _same_numbers(_with_numbers(shape, scale))


def test_a_norm_is_one_node() -> None:
    nodes, constants = _norm()
    kinds = _same_numbers(_model(nodes, constants, out="normed"))
    assert "InstanceNormalization" in kinds
    assert not {"ReduceMean", "Div", "Sqrt"} & set(kinds)


@pytest.mark.parametrize(
    "change", [{"axis": 1}, {"squared": "x"}, {"keepdims": 0}], ids=["axis", "square", "shape"]
)
def test_what_is_almost_a_norm_stays(change: dict[str, Any]) -> None:
    model = _model(*_norm(**change), out="normed")
    assert _kinds(rewrite.lighter(model, exact=True).model) == _kinds(model)


def test_a_scale_that_is_no_row_of_channels_stays() -> None:
    nodes, constants = _norm()
    # Of another axis: by time, as what is multiplied with it.
    constants |= {"last": np.array([1]), "halves": np.array([1, 0])}
    model = _model(nodes, constants, out="normed")
    assert _kinds(rewrite.lighter(model, exact=True).model) == _kinds(model)


def test_a_norm_that_others_share_is_made_for_each_of_them() -> None:
    nodes, constants = _norm()
    nodes += [
        node("Mul", ["divided", "gain"], "other"),
        node("Add", ["shift", "other"], "second"),
        node("Sub", ["normed", "divided"], "rest"),
        node("Mul", ["second", "rest"], "y"),
    ]
    kinds = _same_numbers(_model(nodes, constants))
    assert kinds.count("InstanceNormalization") == 2
    assert "Div" in kinds, "what is still read is still made"


def test_the_wave_after_a_norm_takes_three_passes() -> None:
    kinds = _same_numbers(_wave())
    assert [kind for kind in kinds if kind in ("Sin", "Pow", "Cos")] == ["Cos"]
    assert kinds.count("InstanceNormalization") == 1


@pytest.mark.parametrize(("power", "off"), [(3, 1), (2, 1.5)])
def test_another_wave_stays(power: float, off: float) -> None:
    assert {"Sin", "Pow"} <= set(_same_numbers(_wave(power, off)))


def test_what_is_added_to_channels_is_added_once_and_not_before_a_norm() -> None:
    def block(name: str, before: str) -> list[Any]:
        return [
            node("Cast", [before], f"{name}.floats", to=FLOAT),
            node("Mul", [f"{name}.floats", "scales"], f"{name}.numbers"),
        ]

    nodes, constants = _convolution(3, 1, 1, 1)
    nodes += [
        node("Reshape", ["moved", "shape"], "bias"),
        node("Add", ["sums", "bias"], "moved_sums"),
        node("Mul", ["scale", "w_scale"], "scales"),
        *block("a", "moved_sums"),
        node("LeakyRelu", ["a.numbers"], "other", alpha=0.2),
        node("Add", ["other", "a.numbers"], "both"),
        node("Add", ["both", "a.numbers"], "all"),
        node("LeakyRelu", ["all"], "y", alpha=0.2),
    ]
    moved = np.arange(-900, 900, 300, dtype=np.int32)
    constants |= {"moved": moved, "shape": np.array([1, -1, 1])}
    constants |= {"w_scale": np.array(0.01, np.float32)}
    kinds = _same_numbers(_model(nodes, constants))
    assert kinds[-4:] == ["Add", "Add", "Add", "LeakyRelu"]
    norm, rows = _norm(channels=6)
    for each in norm:
        each.input[:] = ["a.numbers" if name == "x" else name for name in each.input]
    model = _model(nodes[:7] + norm, constants | rows, out="normed")
    kinds = _same_numbers(model)
    assert kinds.count("Add") == 1, "of the style alone"


def test_the_pitch_keeps_every_bit() -> None:
    nodes, constants = _norm()
    nodes += [
        node("Gather", ["normed", "first"], "pitch", axis=1),
        node("STFT", ["pitch", "step", "window"], "y", onesided=1),
    ]
    constants |= {"first": np.array(0), "step": np.array(5), "window": np.ones(20, np.float32)}
    model = _model(nodes, constants)
    assert _kinds(rewrite.lighter(model, exact=True).model) == _kinds(model)


def test_a_graph_inside_of_a_node_may_read_all_that_is_made() -> None:
    nodes, constants = _norm()
    nodes += [node("Identity", ["divided"], "read inside"), node("If", ["yes"], "y")]
    model = _model(nodes, constants)
    assert _kinds(rewrite.lighter(model, exact=True).model) == _kinds(model)


def test_large_weights_stay_where_they_were_read() -> None:
    large = RNG.normal(0, 1, (1, 4, 600)).astype(np.float32)
    model = _model([node("Sub", ["x", "large"], "y")], {"large": large})
    lighter = rewrite.lighter(model, exact=True, also=("y", "nothing"))
    assert len(lighter.model) < 1000 < len(model)
    data = np.zeros_like(large)
    assert np.array_equal(_run(lighter, data), -large)


def test_what_nobody_reads_is_left_out_but_not_what_a_user_may_give() -> None:
    nodes = [node("Add", ["x", "one"], "y"), node("Mul", ["x", "two"], "unread")]
    model = _model(nodes, {"one": np.array(1, np.float32), "two": np.array(2, np.float32)})
    read = record("Model").FromString(model)
    read.graph.input.add(name="two", type={"tensor_type": {"elem_type": FLOAT}})
    given = rewrite.lighter(read.SerializeToString(), exact=True)
    assert set(taken_apart(given.model)[1]) == {"one", "two"}
    alone = rewrite.lighter(model, exact=True)
    assert _kinds(alone.model) == ["Add"]
    assert set(taken_apart(alone.model)[1]) == {"one"}


def test_a_voice_says_the_same_as_from_the_plain_model() -> None:
    plain = weights.read(weights.KOKORO, "model.onnx")
    spoken, lengths = _spoken(rewrite.Lighter(plain, {}))
    lighter = rewrite.lighter(plain, exact=products.exact_here(), also=("/encoder/Clip_output_0",))
    assert _kinds(lighter.model).count("InstanceNormalization") > 40
    again, told = _spoken(lighter)
    assert spoken.std() > 0.01
    assert len(again) == len(spoken)
    assert len(told) == 1 and not lengths
    # Bytes are what the model hears itself in: a change of the last bit anywhere is as much.
    assert np.square(again - spoken).sum() < 0.05 * np.square(spoken).sum()


def _spoken(model: rewrite.Lighter) -> tuple[Numbers, list[Numbers]]:
    """A few sounds in Kokoro's own voice, and what else it tells."""
    ort: Any = import_module("onnxruntime")
    options = ort.SessionOptions()
    values = [ort.OrtValue.ortvalue_from_numpy(each) for each in model.weights.values()]
    options.add_external_initializers(list(model.weights), values)
    session = ort.InferenceSession(model.model, options, ["CPUExecutionProvider"])
    voice, _ = Catalogue().styles("jf_alpha")
    given = {
        session.get_inputs()[0].name: np.array([[0, *range(43, 63), 0]], dtype=np.int64),
        "style": voice[20].reshape(1, -1),
        "speed": np.array([1.0], dtype=np.float32),
    }
    sound, *told = session.run(None, given)
    return sound.ravel(), told
