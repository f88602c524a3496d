"""Laws that hold for any shape, index or subscripts: hypothesis looks for a counterexample."""

from __future__ import annotations

import string
from typing import Any

import numpy as np
from helpers.gradients import leaf
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pellucid import ops
from pellucid import primitives as p
from pellucid.primitives.linalg import explicit_subscripts

QUICK = settings(max_examples=80, deadline=None, derandomize=True)

SEEDS = st.integers(0, 10_000)
BROADCASTING = hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, min_side=0, max_side=3)


def normal(shape: tuple[int, ...], seed: int) -> np.ndarray:
    """Normal numbers, of any shape, also ()."""
    return np.asarray(np.random.default_rng(seed).normal(size=shape))


def collected(gradient: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Sum a gradient back to `shape`, entry by entry: the slow version of undoing a broadcast."""
    result = np.zeros(shape)
    padded = (1,) * (gradient.ndim - len(shape)) + shape
    for place in np.ndindex(*gradient.shape):
        source = tuple(i if n > 1 else 0 for i, n in zip(place, padded, strict=True))
        result[source[gradient.ndim - len(shape) :]] += gradient[place]
    return result


@QUICK
@given(shapes=BROADCASTING, seed=SEEDS)
def test_broadcasting_is_undone(shapes: Any, seed: int) -> None:
    (x_shape, y_shape), result_shape = shapes
    x, y = leaf(normal(x_shape, seed)), leaf(normal(y_shape, seed + 1))
    g = normal(result_shape, seed + 2)
    product = x * y
    assert product.shape == result_shape
    product.backward(g)
    assert x.grad is not None
    assert y.grad is not None
    np.testing.assert_allclose(x.grad, collected(g * y.data, x_shape), rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(y.grad, collected(g * x.data, y_shape), rtol=1e-10, atol=1e-10)


@QUICK
@given(shapes=BROADCASTING, seed=SEEDS)
def test_broadcast_to_is_the_adjoint_of_summing(shapes: Any, seed: int) -> None:
    (x_shape, _), result_shape = shapes
    x = leaf(normal(x_shape, seed))
    g = normal(result_shape, seed + 2)
    p.broadcast_to(x, shape=result_shape).backward(g)
    np.testing.assert_allclose(x.grad, collected(g, x_shape), rtol=1e-10, atol=1e-10)


@st.composite
def shapes_and_indices(draw: Any) -> tuple[tuple[int, ...], Any]:
    """A shape, and an index of it: basic, advanced, or boolean."""
    shape = draw(hnp.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=4))
    kind = draw(st.sampled_from(["basic", "integers", "mask", "mixed"]))
    if kind == "basic":
        return shape, draw(hnp.basic_indices(shape, allow_newaxis=True))
    if kind == "integers":
        return shape, draw(hnp.integer_array_indices(shape))
    if kind == "mask":
        return shape, draw(hnp.arrays(bool, shape[: draw(st.integers(1, len(shape)))]))
    parts: list[Any] = []
    for n in shape:
        parts.append(
            draw(
                st.one_of(
                    st.integers(-n, n - 1),
                    st.slices(n),
                    hnp.arrays(int, 2, elements=st.integers(-n, n - 1)),
                    st.lists(st.integers(-n, n - 1), min_size=2, max_size=2),
                )
            )
        )
    return shape, tuple(parts[: draw(st.integers(1, len(parts)))])


@QUICK
@given(shape_and_index=shapes_and_indices(), seed=SEEDS)
def test_scatter_is_the_adjoint_of_getitem(shape_and_index: Any, seed: int) -> None:
    shape, index = shape_and_index
    array = normal(shape, seed)
    picked = array[index]
    g = normal(np.shape(picked), seed + 1)
    x = leaf(array)
    result = x[index]
    np.testing.assert_array_equal(result.data, picked)
    result.backward(g)
    expected = np.zeros(shape)
    places = np.arange(array.size).reshape(shape)[index]
    for place, value in zip(np.ravel(places), np.ravel(g), strict=True):
        expected.flat[place] += value
    np.testing.assert_allclose(x.grad, expected, rtol=1e-12, atol=1e-12)
    # ⟨x[index], g⟩ = ⟨x, scatter(g)⟩
    scattered = p.scatter(g, index=index, shape=shape)
    np.testing.assert_allclose(np.sum(picked * g), np.sum(array * scattered), atol=1e-10)
    values = leaf(g)
    p.scatter(values, index=index, shape=shape).backward(array)
    np.testing.assert_array_equal(values.grad, picked)
    added = ops.scatter_add(array, index, g)
    np.testing.assert_allclose(added, array + expected, rtol=1e-12, atol=1e-12)


@st.composite
def einsums(draw: Any) -> tuple[str, list[tuple[int, ...]]]:
    """Subscripts and shapes: repeated letters, ellipses, implicit and explicit results."""
    sizes = dict(zip("abcd", draw(st.tuples(*[st.integers(1, 3)] * 4)), strict=True))
    batch = draw(hnp.array_shapes(min_dims=0, max_dims=2, min_side=1, max_side=2))
    terms, shapes = [], []
    for _ in range(draw(st.integers(1, 3))):
        letters = draw(st.text("abcd", min_size=0, max_size=3))
        shape = tuple(sizes[c] for c in letters)
        if draw(st.booleans()):
            place = draw(st.integers(0, len(letters)))
            kept = batch[draw(st.integers(0, len(batch))) :]
            letters = f"{letters[:place]}...{letters[place:]}"
            shape = (*shape[:place], *kept, *shape[place:])
        terms.append(letters)
        shapes.append(shape)
    text = ",".join(terms)
    if draw(st.booleans()):
        known = sorted(set(text) & set(string.ascii_letters))
        result = "".join(draw(st.permutations(known))[: draw(st.integers(0, len(known)))])
        place = draw(st.integers(0, len(result)))
        dots = "..." if "..." in text else ""
        text = f"{text}->{result[:place]}{dots}{result[place:]}"
    return text, shapes


@settings(QUICK, max_examples=200)
@given(call=einsums(), seed=SEEDS)
def test_einsum_is_numpys_and_linear_in_each_operand(call: Any, seed: int) -> None:
    subscripts, shapes = call
    arrays = [normal(shape, seed + i) for i, shape in enumerate(shapes)]
    expected = np.einsum(subscripts, *arrays)
    np.testing.assert_allclose(ops.einsum(subscripts, *arrays), expected, rtol=1e-9, atol=1e-9)
    leaves = [leaf(x) for x in arrays]
    result = ops.einsum(subscripts, *leaves)
    np.testing.assert_allclose(result.data, expected, rtol=1e-9, atol=1e-9)
    g = normal(expected.shape, seed + 10)
    result.backward(g)
    for i, x in enumerate(leaves):
        # a linear function's derivative along v is its value at v
        direction = normal(x.shape, seed + 20 + i)
        moved = np.einsum(subscripts, *(direction if j == i else a for j, a in enumerate(arrays)))
        assert x.grad is not None
        assert x.grad.shape == x.shape
        np.testing.assert_allclose(
            np.sum(x.grad * direction), np.sum(g * moved), rtol=1e-8, atol=1e-8
        )


@QUICK
@given(call=einsums())
def test_explicit_subscripts_mean_the_same(call: Any) -> None:
    subscripts, shapes = call
    arrays = [normal(shape, i) for i, shape in enumerate(shapes)]
    named = explicit_subscripts(subscripts, tuple(len(s) for s in shapes))
    assert "." not in named
    assert "->" in named
    np.testing.assert_allclose(
        np.einsum(named, *arrays), np.einsum(subscripts, *arrays), rtol=1e-10, atol=1e-10
    )


@QUICK
@given(
    shape=hnp.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=3),
    data=st.data(),
    seed=SEEDS,
)
def test_reductions_spread_their_gradient_evenly(shape: Any, data: Any, seed: int) -> None:
    axes = data.draw(hnp.valid_tuple_axes(len(shape), min_size=1))
    keepdims = data.draw(st.booleans())
    x = leaf(normal(shape, seed))
    y = p.sum(x, axis=axes, keepdims=keepdims)
    g = normal(y.shape, seed + 1)
    y.backward(g)
    kept = [a % len(shape) for a in axes]
    wide = g.reshape([1 if a in kept else n for a, n in enumerate(shape)])
    np.testing.assert_array_equal(x.grad, np.broadcast_to(wide, shape))


@QUICK
@given(
    values=hnp.arrays(
        np.float64,
        hnp.array_shapes(min_dims=1, max_dims=2, min_side=1, max_side=4),
        elements=st.integers(-2, 2).map(float),
    ),
    largest=st.booleans(),
)
def test_extrema_hand_out_exactly_the_gradient_they_get(values: Any, largest: bool) -> None:
    x = leaf(values)
    y = (p.max if largest else p.min)(x, axis=-1)
    y.sum().backward()
    assert x.grad is not None
    np.testing.assert_allclose(x.grad.sum(-1), 1, rtol=1e-12)
    assert not x.grad[values != y.data[..., None]].any()


@QUICK
@given(
    values=hnp.arrays(
        np.float64,
        hnp.array_shapes(min_dims=1, max_dims=2, min_side=0, max_side=4),
        elements=st.integers(-2, 2).map(float),
    )
)
def test_product_has_the_gradient_of_the_other_entries(values: Any) -> None:
    x = leaf(values)
    p.prod(x, axis=-1).sum().backward()
    expected = np.zeros_like(values)
    for place in np.ndindex(*values.shape):
        row = list(values[place[:-1]])
        del row[place[-1]]
        expected[place] = np.prod(row)
    np.testing.assert_allclose(x.grad, expected, rtol=1e-12, atol=1e-12)


@QUICK
@given(
    x_shape=hnp.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=3),
    data=st.data(),
    seed=SEEDS,
)
def test_tensordot_is_numpys(x_shape: Any, data: Any, seed: int) -> None:
    folded = data.draw(st.lists(st.integers(0, len(x_shape) - 1), unique=True))
    free = data.draw(hnp.array_shapes(min_dims=0, max_dims=2, min_side=1, max_side=2))
    y_shape = (*(x_shape[a] for a in folded), *free)
    assume(len(y_shape) > 0)
    axes = (folded, list(range(len(folded))))
    x, y = normal(x_shape, seed), normal(y_shape, seed + 1)
    found = ops.tensordot(leaf(x), leaf(y), axes)
    np.testing.assert_allclose(found.data, np.tensordot(x, y, axes), rtol=1e-10, atol=1e-10)
