"""Normalisation: buffers after training steps, modes, sizes from the batch, and messages."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from helpers.gradients import numbers

import pellucid as pl
from pellucid import nn, optim
from pellucid.errors import DataError, DTypeError, ShapeError
from pellucid.nn import functional

BATCH = {
    "BatchNorm1d": [(6, 3), (4, 3, 5)],
    "BatchNorm2d": [(4, 3, 2, 5)],
    "BatchNorm3d": [(2, 3, 2, 2, 3)],
}


def drawn(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(1.5, 2.0, size=shape)


# --- running statistics ---------------------------------------------------------------------------


@pytest.mark.parity
@pytest.mark.parametrize(
    ("layer", "shape", "momentum"),
    [(name, s, m) for name, shapes in BATCH.items() for s in shapes for m in (0.1, 0.7, None)],
)
def test_buffers_after_training_steps_are_those_of_pytorch(
    layer: str, shape: tuple[int, ...], momentum: float | None
) -> None:
    torch = pytest.importorskip("torch")
    mine = getattr(nn, layer)(3, momentum=momentum, dtype=np.float64)
    theirs = getattr(torch.nn, layer)(3, momentum=momentum, dtype=torch.float64)
    rule, their_rule = (
        optim.SGD(mine.parameters(), lr=0.1),
        torch.optim.SGD(theirs.parameters(), 0.1),
    )
    for step in range(5):
        x = drawn(*shape, seed=step)
        for y in (mine(x), theirs(torch.tensor(x))):
            (y * y * y).sum().backward()
        rule.step()
        rule.zero_grad()
        their_rule.step()
        their_rule.zero_grad()
    expected = theirs.state_dict()
    assert set(mine.state_dict()) == set(expected)
    for name, array in mine.state_dict().items():
        np.testing.assert_allclose(array, expected[name].numpy(), rtol=1e-11, err_msg=name)
        assert array.dtype == expected[name].numpy().dtype
    x = drawn(*shape, seed=99)
    right = theirs.eval()(torch.tensor(x)).detach().numpy()
    np.testing.assert_allclose(mine.eval()(x).data, right, rtol=1e-11, atol=1e-12)


@pytest.mark.parity
@pytest.mark.parametrize(
    ("layer", "shape"), [("InstanceNorm1d", (4, 3, 5)), ("InstanceNorm2d", (2, 3, 4, 2))]
)
def test_instance_norm_buffers_are_those_of_pytorch(layer: str, shape: tuple[int, ...]) -> None:
    torch = pytest.importorskip("torch")
    mine = getattr(nn, layer)(3, track_running_stats=True, dtype=np.float64)
    theirs = getattr(torch.nn, layer)(3, track_running_stats=True, dtype=torch.float64)
    for step in range(4):
        x = drawn(*shape, seed=step)
        np.testing.assert_allclose(mine(x), theirs(torch.tensor(x)).numpy(), atol=1e-12)
    for name, array in mine.state_dict().items():
        if name != "num_batches_tracked":  # PyTorch's instance norm forgets to count
            np.testing.assert_allclose(array, theirs.state_dict()[name].numpy(), rtol=1e-12)
    assert mine.num_batches_tracked == 4


def test_running_statistics_by_hand() -> None:
    layer = nn.BatchNorm1d(2)
    x = np.array([[0.0, 10.0], [2.0, 30.0], [4.0, 80.0]])
    layer(x)
    np.testing.assert_allclose(layer.running_mean, [0.2, 4.0], rtol=1e-6)
    # unbiased variances 4 and 1300, a tenth of them and nine tenths of 1
    np.testing.assert_allclose(layer.running_var, [1.3, 130.9], rtol=1e-6)
    assert layer.num_batches_tracked == 1
    layer.eval()(x)
    assert layer.num_batches_tracked == 1


def test_no_momentum_is_the_plain_mean_of_all_batches() -> None:
    layer = nn.BatchNorm1d(3, momentum=None)
    batches = [drawn(4, 3, seed=i) for i in range(3)]
    for x in batches:
        layer(x)
    expected = np.mean([x.mean(axis=0) for x in batches], axis=0)
    np.testing.assert_allclose(layer.running_mean, expected, rtol=1e-5)


def test_batches_are_standardised_and_evaluation_is_not_by_the_batch() -> None:
    layer = nn.BatchNorm2d(3)
    x = drawn(8, 3, 5, 5)
    y = layer(x).data
    np.testing.assert_allclose(y.mean(axis=(0, 2, 3)), 0, atol=1e-5)
    np.testing.assert_allclose(y.var(axis=(0, 2, 3)), 1, atol=1e-4)
    layer.eval()
    np.testing.assert_array_equal(layer(x).data[:2], layer(x[:2]).data)


@pytest.mark.parametrize("shape", [(3000, 40), (70, 8, 40, 40), (500, 300)])
def test_blocks_join_without_a_seam(shape: tuple[int, ...]) -> None:
    """Larger than one block of the kernels, against plain NumPy in float64."""
    x = drawn(*shape).astype(np.float32)
    axes = (0, *range(2, len(shape)))
    wide = x.astype(np.float64)
    mean, var = wide.mean(axis=axes, keepdims=True), wide.var(axis=axes, keepdims=True)
    found = functional.batch_norm(x, training=True)
    np.testing.assert_allclose(found, (wide - mean) / np.sqrt(var + 1e-5), atol=2e-5)
    mean, var = wide.mean(axis=-1, keepdims=True), wide.var(axis=-1, keepdims=True)
    np.testing.assert_allclose(
        functional.layer_norm(x), (wide - mean) / np.sqrt(var + 1e-5), atol=2e-5
    )


def test_large_offsets_leave_the_variance_intact() -> None:
    """x² − mean² would have lost it: 10⁸ has no room for 1 in float32."""
    x = np.array([[9999.0], [10001.0], [9999.0], [10001.0]], np.float32)
    np.testing.assert_allclose(
        functional.batch_norm(x, training=True), [[-1], [1], [-1], [1]], rtol=1e-4
    )
    np.testing.assert_allclose(functional.layer_norm(x.T), [[-1, 1, -1, 1]], rtol=1e-4)


def test_equal_values_give_zeros_and_finite_gradients() -> None:
    for layer, shape in (
        (nn.BatchNorm1d(2), (4, 2)),
        (nn.LayerNorm(3), (4, 3)),
        (nn.RMSNorm(3), (4, 3)),
    ):
        x = pl.tensor(np.zeros(shape, np.float32), requires_grad=True)
        y = layer(x)
        np.testing.assert_array_equal(y.data, np.zeros(shape))
        y.sum().backward()
        assert x.grad is not None
        assert np.isfinite(x.grad).all()


# --- sizes from the first batch -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "shape"),
    [
        (nn.BatchNorm1d, (4, 3)),
        (nn.BatchNorm2d, (2, 3, 4, 4)),
        (nn.LayerNorm, (4, 3)),
        (nn.RMSNorm, (4, 3)),
        (lambda: nn.GroupNorm(3), (4, 3)),
        (lambda: nn.InstanceNorm2d(affine=True), (2, 3, 4, 4)),
    ],
)
def test_sizes_are_taken_from_the_first_batch(make: Any, shape: tuple[int, ...]) -> None:
    layer = make()
    assert "?" in repr(layer)
    rule = optim.SGD(layer.parameters(), lr=1.0)
    layer(drawn(*shape)).sum().backward()
    rule.step()
    assert all(parameter.shape == (3,) for parameter in layer.parameters())
    assert "3" in repr(layer)
    with pytest.raises(ShapeError, match=r"expected .*\(4, 5|expected .*got shape"):
        layer(drawn(*(5 if n == 3 else n for n in shape)))


def test_weights_before_a_normalised_activation_suit_the_activation() -> None:
    net = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 2))
    assert "He normal: followed by ReLU" in repr(net[0])


def test_types_follow_the_layer() -> None:
    for make in (lambda: nn.BatchNorm1d(3), lambda: nn.LayerNorm(3), lambda: nn.GroupNorm(1, 3)):
        layer = make()
        assert layer(drawn(4, 3)).dtype == np.float32
        layer.astype(np.float64)
        assert layer(drawn(4, 3)).dtype == np.float64
        with pytest.raises(DTypeError, match="expected a Tensor of float64"):
            layer(pl.tensor(drawn(4, 3).astype(np.float32)))


def test_second_derivatives_go_through_the_kernels_and_their_spelled_out_form_alike() -> None:
    """create_graph takes the form in primitives, a plain backward pass the kernels."""
    for function in (lambda x: functional.batch_norm(x, training=True), functional.layer_norm):
        x = pl.tensor(drawn(5, 4), requires_grad=True)
        g = drawn(5, 4, seed=1)
        (function(x) * g).sum().backward()
        (slope,) = pl.gradients((function(x) * g).sum(), [x], create_graph=True)
        np.testing.assert_allclose(x.grad, slope.data, rtol=1e-10, atol=1e-12)


def test_nothing_in_nothing_out() -> None:
    for shape in ((0, 3), (0, 3, 4)):
        layer = nn.BatchNorm1d(3)
        assert layer(np.zeros(shape)).shape == shape
        np.testing.assert_array_equal(layer.running_mean, np.zeros(3))
    assert nn.LayerNorm(3)(np.zeros((0, 3))).shape == (0, 3)
    assert nn.GroupNorm(1, 3)(np.zeros((0, 3, 2))).shape == (0, 3, 2)


# --- messages -------------------------------------------------------------------------------------


def test_one_value_of_a_channel_has_no_variance() -> None:
    net = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3))
    with pytest.raises(ShapeError) as caught:
        net(np.ones((1, 4)))
    assert str(caught.value) == (
        "in layer '1': batch normalisation in training needs at least two values of each of the 3 "
        "channels, the batch of shape (1, 3) has one; use larger batches (Loader(..., "
        "drop_last=True) leaves a short last one out), or net.eval()"
    )
    assert net.eval()(np.ones((1, 4))).shape == (1, 3)
    with pytest.raises(ShapeError, match="instance normalisation needs at least two values"):
        nn.InstanceNorm2d(3)(np.ones((2, 3, 1, 1)))


MESSAGES = [
    (
        lambda: nn.BatchNorm2d(3)(np.ones((2, 4, 5, 5))),
        "expected 3 channels (axis 1), got shape (2, 4, 5, 5); make this layer BatchNorm2d(4)",
    ),
    (
        lambda: nn.BatchNorm1d(3)(np.ones((2, 3, 5, 5))),
        "BatchNorm1d expects inputs of shape (N, F) or (N, C, L), got (2, 3, 5, 5); BatchNorm2d "
        "takes those",
    ),
    (
        lambda: nn.LayerNorm((4, 5))(np.ones((2, 5, 4))),
        "expected inputs of shape (..., 4, 5), got (2, 5, 4); make this layer LayerNorm(4)",
    ),
    (
        lambda: nn.GroupNorm(4, 6),
        "6 channels cannot be divided into 4 equal groups: 6 = 1 · 4 + 2; 3 groups would do",
    ),
    (
        lambda: nn.InstanceNorm1d(3)(np.ones((2, 3))),
        "InstanceNorm1d expects inputs of shape (N, C, L), got (2, 3)",
    ),
    (
        lambda: nn.LocalResponseNorm(3)(np.ones((2, 3))),
        "local_response_norm expects inputs of shape (N, C, ...), got (2, 3)",
    ),
    (lambda: nn.BatchNorm1d(0), "num_features of BatchNorm1d is a whole number ≥ 1, got 0"),
    (
        lambda: nn.BatchNorm1d(3, momentum=2.0),
        "momentum is how much a batch counts in the running statistics, from 0 to 1, or None for "
        "their plain mean; got 2.0",
    ),
    (
        lambda: nn.LayerNorm(3, eps=-1),
        "eps is a small number ≥ 0 that is added to the variance, got -1",
    ),
]


@pytest.mark.parametrize("i", range(len(MESSAGES)))
def test_messages(i: int) -> None:
    call, expected = MESSAGES[i]
    with pytest.raises((ShapeError, DataError)) as caught:
        call()
    assert str(caught.value) == expected


def test_functions_are_the_layers() -> None:
    x = drawn(4, 6, 3).astype(np.float32)
    for layer, y in (
        (nn.LayerNorm(3), functional.layer_norm(x, 3)),
        (nn.RMSNorm(3), functional.rms_norm(x, 3)),
        (nn.GroupNorm(2, 6), functional.group_norm(x, 2)),
        (nn.InstanceNorm1d(6), functional.instance_norm(x)),
        (nn.BatchNorm1d(6), functional.batch_norm(x, training=True)),
        (nn.LocalResponseNorm(3), functional.local_response_norm(x, 3)),
    ):
        np.testing.assert_array_equal(numbers(layer(x)), y)


@pytest.mark.parametrize("shape", [(), (0,), (5,)])
@pytest.mark.parametrize("training", [True, False])
def test_a_batch_without_channels_is_refused_in_words(
    shape: tuple[int, ...], training: bool
) -> None:
    mean, var = np.zeros(shape), np.ones(shape)
    with pytest.raises(ShapeError, match=r"takes \(samples, channels\)"):
        functional.batch_norm(np.zeros(shape), mean, var, training=training)
