"""What holds for every layer with cases: types, states, derivatives, and PyTorch's numbers."""

from __future__ import annotations

import copy
import inspect
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from helpers.gradients import check_gradients
from helpers.layers import LayerCase, by_pellucid, by_torch, deviation, flat, layer_cases, weights

import pellucid as pl
from pellucid import nn
from pellucid import primitives as p
from pellucid.tensor import Tensor

CASES = layer_cases()
EACH = pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
FIRST = list({case.layer: case for case in reversed(CASES)}.values())
MOST = 4
"""So many cases of each layer are tried by default; the others among the slow tests."""
SOME = pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, marks=pytest.mark.slow if number >= MOST else ())
        for layer in dict.fromkeys(case.layer for case in CASES)
        for number, case in enumerate(case for case in CASES if case.layer == layer)
    ],
    ids=lambda case: case.id,
)
ONE_OF_EACH = pytest.mark.parametrize("case", FIRST, ids=lambda case: case.layer)


def test_cases_are_told_apart_and_compared_or_excused() -> None:
    assert not [name for name, times in Counter(case.id for case in CASES).items() if times > 1]
    for case in CASES:
        assert isinstance(getattr(nn, case.layer), type), case.layer
        assert (case.theirs is None) == bool(case.without), case.id


@SOME
def test_type_is_kept_and_float32_agrees_with_float64(case: LayerCase) -> None:
    found = {dtype: by_pellucid(case, dtype) for dtype in ("float32", "float64")}
    for dtype, arrays in found.items():
        for name, array in arrays.items():
            if array.size or name.startswith("output"):
                assert array.dtype == dtype, name
    narrow, wide = found.values()
    assert narrow.keys() == wide.keys()
    for name, array in narrow.items():
        assert deviation(array, wide[name]) < 5e-4, name


@SOME
def test_first_and_second_derivatives(case: LayerCase) -> None:
    if not case.smooth:
        pytest.skip("there is a kink here: PyTorch's gradients are the check")
    layer, inputs = case.built(), case.arrays()
    parameters = [q for q in layer.parameters() if q.requires_grad]
    positions = [i for i, x in enumerate(inputs) if x.dtype.kind == "f"]
    buffers = {name: array.copy() for name, array in layer.named_buffers()}

    def projected(*leaves: Any) -> Any:
        """The layer as a function of its inputs and of its parameters."""
        for name, array in layer.named_buffers():
            array[...] = buffers[name]
        given: list[Any] = list(inputs)
        for i, leaf in zip(positions, leaves[: len(positions)], strict=True):
            given[i] = leaf
        pl.seed(13)
        with _standing_in(layer, parameters, leaves[len(positions) :]):
            outputs = flat(layer(*given))
        parts = [p.sum(y * weights(y.shape, i)) for i, y in enumerate(outputs)]
        total = parts[0]
        for part in parts[1:]:
            total = total + part
        return total

    points = [inputs[i] for i in positions] + [q.data.copy() for q in parameters]
    check_gradients(projected, points, tolerance=1e-7)


@contextmanager
def _standing_in(
    layer: nn.Module, parameters: list[Any], values: tuple[Any, ...]
) -> Iterator[None]:
    """Put other values, recorded or not, in the places of parameters."""
    stand_in = {id(q): v for q, v in zip(parameters, values, strict=True)}
    places = [
        (module, name, attribute)
        for module in layer.modules()
        for name, attribute in list(vars(module).items())
        if id(attribute) in stand_in
    ]
    for module, name, attribute in places:
        value = stand_in[id(attribute)]
        vars(module)[name] = value if isinstance(value, Tensor) else pl.tensor(value)
    try:
        yield
    finally:
        for module, name, attribute in places:
            vars(module)[name] = attribute


@EACH
@pytest.mark.parity
def test_values_and_gradients_are_those_of_pytorch(case: LayerCase) -> None:
    if case.theirs is None:
        pytest.skip(case.without)
    torch = pytest.importorskip("torch")
    found, expected = by_pellucid(case), by_torch(case, torch)
    assert found.keys() == expected.keys()
    for name, array in found.items():
        assert array.shape == expected[name].shape, name
        assert deviation(array, expected[name]) < 1e-10, name


@ONE_OF_EACH
def test_raw_data_gives_float32(case: LayerCase) -> None:
    """Data straight from a file is float64; a float32 network must not be widened by it."""
    for mode in (True, False):
        pl.seed(1)
        for y in flat(case.make().train(mode)(*case.arrays())):
            assert y.dtype == np.float32 or not isinstance(y, Tensor)


@ONE_OF_EACH
def test_state_copies_and_prints(case: LayerCase) -> None:
    layer = case.built(np.float32)
    inputs = case.arrays(np.float32)
    layer(*inputs)
    expected = flat(layer.eval()(*inputs))
    pl.seed(99)
    other = case.make().astype(np.float32).eval()
    other(*inputs)  # settles lazy sizes
    other.load_state_dict(layer.state_dict())
    for again in (copy.deepcopy(layer), other):
        for y, right in zip(flat(again(*inputs)), expected, strict=True):
            np.testing.assert_array_equal(np.asarray(y.data), np.asarray(right.data))
    assert repr(layer).startswith(f"{type(layer).__name__}(")


@ONE_OF_EACH
def test_layers_are_documented(case: LayerCase) -> None:
    layer = getattr(nn, case.layer)
    assert inspect.getdoc(layer).split("\n")[0].endswith((".", "`."))
    assert layer.forward.__doc__
