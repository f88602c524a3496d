"""Values and derivatives against PyTorch: stored ones by default, live ones under `-m parity`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from helpers.gradients import leaf
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from primitives import composite_cases, structure_cases
from primitives.reference import FILE, KEYS, arrays_of, by_pellucid, by_torch, flat
from primitives.torch_functions import (
    COMPOSITES_WITHOUT,
    PRIMITIVES_WITHOUT,
    SKIPPED_CASES,
    composite_functions,
    primitive_functions,
)

import pellucid as pl
from pellucid import ops
from pellucid import primitives as p

TOLERANCE = {"rtol": 1e-12, "atol": 1e-12}


@pytest.fixture(scope="module")
def stored() -> dict[str, tuple[Any, Any]]:
    """Inputs and PyTorch's answers by name of the call."""
    with np.load(FILE) as file:
        names, sizes, numbers = file["names"], file["sizes"], file["numbers"]
    rows = np.split(numbers, np.cumsum(sizes.ravel())[:-1])
    return {str(n): (rows[2 * k], rows[2 * k + 1]) for k, n in enumerate(names)}


def test_every_call_is_compared_or_excused(stored: dict[str, Any]) -> None:
    assert set(stored) == {"/".join(map(str, key)) for key in KEYS}
    compared = {(family, name) for family, name, _ in KEYS}
    for family, cases, without in (
        ("primitives", structure_cases.CASES, PRIMITIVES_WITHOUT),
        ("ops", composite_cases.CASES, COMPOSITES_WITHOUT),
    ):
        assert {n for f, n in compared if f == family} | set(without) == set(cases)
    assert len(SKIPPED_CASES) < 10
    assert FILE.stat().st_size < 300_000


@pytest.mark.parametrize("key", KEYS, ids=lambda key: "-".join(map(str, key)))
def test_stored_answers_of_pytorch(key: Any, stored: dict[str, Any]) -> None:
    inputs, answers = stored["/".join(map(str, key))]
    np.testing.assert_array_equal(inputs, flat(arrays_of(key)), "run make_reference.py again")
    np.testing.assert_allclose(flat(by_pellucid(key)), answers, **TOLERANCE)


# --- with the real PyTorch ------------------------------------------------------------------------


@pytest.mark.parity
@pytest.mark.filterwarnings("ignore:.*degrees of freedom")  # PyTorch, of an empty result
def test_the_stored_answers_are_those_of_the_installed_pytorch(stored: dict[str, Any]) -> None:
    pytest.importorskip("torch")
    primitives, composites = set(primitive_functions()), set(composite_functions())
    assert primitives == set(structure_cases.CASES) - set(PRIMITIVES_WITHOUT)
    assert composites == set(composite_cases.CASES) - set(COMPOSITES_WITHOUT)
    for key in KEYS:
        _, answers = stored["/".join(map(str, key))]
        np.testing.assert_allclose(flat(by_torch(key)), answers, rtol=1e-12, atol=1e-12)


UNARY = [
    "negative", "absolute", "sign", "exp", "exp2", "expm1", "sin", "cos", "tanh", "sigmoid",
    "relu", "softplus", "erf", "square",
]  # fmt: skip
POSITIVE = ["log", "log2", "log10", "log1p", "sqrt", "reciprocal"]
BINARY = ["add", "subtract", "multiply", "divide", "maximum", "minimum", "logaddexp", "power"]


def _compare(ours: Any, theirs: Any, arrays: list[Any]) -> None:
    """Values and gradients of one call, in float32 and float64."""
    torch = pytest.importorskip("torch")
    for dtype, tolerance in ((np.float64, 1e-11), (np.float32, 1e-4)):
        leaves = [leaf(x.astype(dtype)) for x in arrays]
        twins = [torch.tensor(x.data, requires_grad=True) for x in leaves]
        y, other = ours(*leaves), theirs(*twins)
        assert y.shape == tuple(other.shape)
        assert y.dtype == dtype
        scale = max(1.0, float(np.abs(y.data).max(initial=0)))
        np.testing.assert_allclose(
            y.data, other.detach().numpy(), rtol=tolerance, atol=tolerance * scale
        )
        y.backward(np.ones_like(y.data))
        other.backward(torch.ones_like(other))
        for x, twin in zip(leaves, twins, strict=True):
            right = twin.grad.numpy()
            scale = max(1.0, float(np.abs(right).max(initial=0)))
            np.testing.assert_allclose(x.grad, right, rtol=tolerance, atol=tolerance * scale)


@pytest.mark.parity
@settings(max_examples=25, deadline=None, derandomize=True)
@given(shape=hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5), seed=st.integers(0))
@pytest.mark.parametrize("name", [*UNARY, *POSITIVE])
def test_functions_of_one_number(name: str, shape: Any, seed: int) -> None:
    pytest.importorskip("torch")
    x = np.random.default_rng(seed).normal(size=shape) * 3
    x = np.asarray(np.abs(x) + 0.1 if name in POSITIVE else x)
    _compare(getattr(p, name), primitive_functions()[name], [x])


@pytest.mark.parity
@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    shapes=hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=4, min_side=0),
    seed=st.integers(0),
)
@pytest.mark.parametrize("name", BINARY)
def test_functions_of_two_numbers(name: str, shapes: Any, seed: int) -> None:
    pytest.importorskip("torch")
    generator = np.random.default_rng(seed)
    x, y = (np.asarray(generator.uniform(0.3, 3, size=s)) for s in shapes.input_shapes)
    _compare(getattr(p, name), primitive_functions()[name], [x, y])


@pytest.mark.parity
@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    shape=hnp.array_shapes(min_dims=1, max_dims=4, min_side=1, max_side=5),
    data=st.data(),
    seed=st.integers(0),
)
@pytest.mark.parametrize("name", ["sum", "max", "min", "prod", "logsumexp"])
def test_reductions(name: str, shape: Any, data: Any, seed: int) -> None:
    pytest.importorskip("torch")
    axes = data.draw(st.none() | hnp.valid_tuple_axes(len(shape), min_size=1))
    options = {"axis": axes, "keepdims": data.draw(st.booleans())}
    x = np.random.default_rng(seed).normal(size=shape)
    if data.draw(st.booleans()) and name != "prod":
        x = np.round(x)  # ties: both sides share the gradient evenly
    theirs = primitive_functions()[name]
    _compare(
        lambda t: getattr(p, name)(t, **options), lambda t: theirs(t, **options), [np.asarray(x)]
    )


@pytest.mark.parity
@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    batches=hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=2, max_side=3),
    sizes=st.tuples(*[st.integers(0, 6)] * 3),
    seed=st.integers(0),
)
def test_matrix_products(batches: Any, sizes: Any, seed: int) -> None:
    torch = pytest.importorskip("torch")
    n, k, m = sizes
    generator = np.random.default_rng(seed)
    left, right = batches.input_shapes
    x, y = generator.normal(size=(*left, n, k)), generator.normal(size=(*right, k, m))
    _compare(ops.matmul, torch.matmul, [x, y])


@pytest.mark.parity
@pytest.mark.parametrize("size", [(64, 784, 128), (128, 256, 10)])
def test_a_network_of_real_size(size: Any) -> None:
    torch = pytest.importorskip("torch")
    rows, inputs, units = size
    generator = np.random.default_rng(0)
    x = generator.normal(size=(rows, inputs))
    labels = generator.integers(0, 10, rows)
    arrays = [
        generator.normal(size=(inputs, units)) / np.sqrt(inputs),
        generator.normal(size=units) * 0.1,
        generator.normal(size=(units, 10)) / np.sqrt(units),
        generator.normal(size=10) * 0.1,
    ]

    def ours(w1: Any, b1: Any, w2: Any, b2: Any) -> Any:
        hidden = p.relu(p.linear(x.astype(w1.dtype), w1, b1))
        return -ops.mean(p.log_softmax(p.linear(hidden, w2, b2))[np.arange(rows), labels])

    def theirs(w1: Any, b1: Any, w2: Any, b2: Any) -> Any:
        hidden = torch.relu(torch.tensor(x, dtype=w1.dtype) @ w1 + b1)
        return torch.nn.functional.cross_entropy(hidden @ w2 + b2, torch.tensor(labels))

    _compare(ours, theirs, arrays)


@pytest.mark.parity
def test_gradient_penalty_of_a_critic() -> None:
    """WGAN-GP: the norm of a gradient is differentiated by the weights (Gulrajani et al., 2017)."""
    torch = pytest.importorskip("torch")
    generator = np.random.default_rng(3)
    points = generator.normal(size=(8, 5))
    arrays = [
        generator.normal(size=(5, 6)),
        generator.normal(size=6),
        generator.normal(size=(6, 1)),
    ]

    leaves = [leaf(a) for a in arrays]
    x = leaf(points)
    scores = np.tanh(x @ leaves[0] + leaves[1]) @ leaves[2]
    (slope,) = pl.gradients(scores.sum(), [x], create_graph=True)
    penalty = ((np.linalg.norm(slope, axis=1) - 1) ** 2).mean()
    (penalty * 10 - scores.mean()).backward()

    twins = [torch.tensor(a, requires_grad=True) for a in arrays]
    t = torch.tensor(points, requires_grad=True)
    torch_scores = torch.tanh(t @ twins[0] + twins[1]) @ twins[2]
    (torch_slope,) = torch.autograd.grad(torch_scores.sum(), t, create_graph=True)
    torch_penalty = ((torch_slope.norm(dim=1) - 1) ** 2).mean()
    (torch_penalty * 10 - torch_scores.mean()).backward()

    assert penalty.item() == pytest.approx(torch_penalty.item(), rel=1e-12)
    for ours, theirs in zip(leaves, twins, strict=True):
        np.testing.assert_allclose(ours.grad, theirs.grad.numpy(), rtol=1e-10, atol=1e-12)
