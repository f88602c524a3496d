"""The dense layer: values, gradients, sizes, types, and what it says when something is wrong."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest

import pellucid as pl
from pellucid import nn
from pellucid.errors import DataError, DTypeError, ShapeError
from pellucid.nn import init

CASES = ["rows", "sequences", "no_bias"]


def our_linear(data: dict[str, np.ndarray], dtype: str, bias: bool) -> dict[str, np.ndarray]:
    """Return what `torch_linear` of the reference returns."""
    layer = nn.Linear(5, 3, bias, dtype=dtype)
    layer.weight.data[...] = data["weight"]
    if bias:
        layer.bias.data[...] = data["bias"]
    x = pl.tensor(data["x"].astype(dtype), requires_grad=True)
    y = layer(x)
    leaves = [x, layer.weight, *([layer.bias] if bias else [])]
    slopes = pl.gradients((np.tanh(y) ** 2).sum(), leaves, create_graph=True)
    (bend,) = pl.gradients((slopes[1] ** 2).sum(), [layer.weight])
    names = ("dx", "dweight", "dbias")
    found = {"y": y.data, "dweight2": bend}
    return {**found, **{n: g.data for n, g in zip(names, slopes, strict=False)}}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("case", CASES)
def test_stored_reference(case: str, dtype: str, stored, reference: ModuleType):
    assert set(CASES) == set(reference.LINEAR_CASES)
    expected = {
        key.split("/")[2]: value
        for key, value in stored.items()
        if key.startswith(f"linear/{case}/")
    }
    found = our_linear(expected, dtype, reference.LINEAR_CASES[case][1])
    assert set(expected) - set(found) == {"x", "weight", "bias"}
    tolerance = {"rtol": 1e-11} if dtype == "float64" else {"rtol": 1e-4, "atol": 1e-5}
    for name, ours in found.items():
        assert ours.dtype == dtype
        np.testing.assert_allclose(ours, expected[name], **tolerance, err_msg=name)


@pytest.mark.parity
@pytest.mark.parametrize("case", CASES)
def test_live_parity(case: str, reference: ModuleType):
    torch = pytest.importorskip("torch")
    shape, bias = reference.LINEAR_CASES[case]
    expected = reference.torch_linear(torch, shape, bias)
    for name, ours in our_linear(expected, "float64", bias).items():
        np.testing.assert_allclose(ours, expected[name], rtol=1e-11)


@pytest.mark.parametrize("shape", [(1, 4), (3, 4), (0, 4), (2, 3, 4), (2, 1, 2, 4)])
@pytest.mark.parametrize("bias", [True, False])
def test_finite_differences(shape: tuple[int, ...], bias: bool, check_derivatives):
    layer = nn.Linear(4, 2, bias, dtype="float64", rng=0, bias_init="normal")
    x = pl.tensor(np.random.default_rng(1).standard_normal(shape), requires_grad=True)
    assert layer(x).shape == (*shape[:-1], 2)
    check_derivatives(lambda: np.tanh(layer(x)), x, *layer.parameters())


def test_attributes():
    layer = nn.Linear(4, 2)
    assert (layer.weight.shape, layer.bias.shape) == ((4, 2), (2,))
    assert (layer.in_features, layer.out_features) == (4, 2)
    assert layer.weight.dtype == layer.bias.dtype == np.float32
    assert not layer.bias.data.any()
    assert nn.Linear(4, 2, False).bias is None


# --- sizes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [lambda: nn.Linear(3), lambda: nn.Linear(None, 3)])
def test_input_size_is_inferred(make):
    pl.seed(3)
    layer = make()
    assert layer.in_features is None
    weight = layer.weight
    assert layer(np.ones((2, 5))).shape == (2, 3)
    assert layer.weight is weight  # so that an optimizer made before holds the right one
    assert layer.in_features == 5
    with pytest.raises(ShapeError, match="expected inputs with 5 features"):
        layer(np.ones((2, 6)))
    pl.seed(3)
    np.testing.assert_array_equal(weight.data, nn.Linear(5, 3).weight.data)


def test_an_optimizer_made_before_the_first_batch_trains_the_layer():
    net = nn.Sequential(nn.Linear(8), nn.Tanh(), nn.Linear(1))
    optimizer = pl.optim.Adam(net.parameters(), lr=0.1)
    x = np.random.default_rng(0).standard_normal((16, 3)).astype(np.float32)
    y = x[:, :1]
    losses = []
    for _ in range(20):
        loss = ((net(x) - y) ** 2).mean()
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert losses[-1] < 0.2 * losses[0]


@pytest.mark.parametrize("sizes", [(0, 3), (3, 0), (-1, 2), (2.0, 3), (True, 0), ("4", 2), ()])
def test_sizes_that_cannot_be(sizes: tuple[object, ...]):
    with pytest.raises(DataError, match="whole numbers ≥ 1"):
        nn.Linear(*sizes)


def test_sizes_may_be_whole_numbers_of_numpy():
    labels = np.array([0, 2, 1])
    layer = nn.Linear(np.int32(4), labels.max() + 1)
    assert type(layer.in_features) is int
    assert layer.weight.shape == (4, 3)
    assert nn.Linear(labels.max() + 1)(np.ones((2, 5))).shape == (2, 3)


def test_numbers_in_a_row_are_samples_of_one_feature():
    with pytest.raises(ShapeError, match=r"got \(20,\); samples .* single feature .* x\[:, None\]"):
        nn.Linear(1, 8)(np.linspace(0, 1, 20))


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        (
            (32, 10),
            "expected inputs with 64 features (last axis), got shape (32, 10); make this layer "
            "Linear(10, 32) or the layer before it 64 wide",
        ),
        (
            (5, 1, 8, 8),
            "expected inputs with 64 features (last axis), got shape (5, 1, 8, 8); "
            "put Flatten() before this layer",
        ),
        (
            (64,),
            "expected inputs of shape (samples, 64), got (64,); "
            "a single sample needs a batch axis in front, x[None]",
        ),
        (
            (10,),
            "expected inputs of shape (samples, 64), got (10,); write x[:, None] if each number is "
            "a sample, or x[None] if all are one sample",
        ),
        ((), "expected inputs of shape (samples, 64), got ()"),
    ],
)
def test_wrong_shapes(shape: tuple[int, ...], message: str):
    with pytest.raises(ShapeError) as caught:
        nn.Linear(64, 32)(np.ones(shape))
    assert str(caught.value) == message


def test_an_empty_axis_cannot_be_a_size():
    with pytest.raises(ShapeError, match="cannot infer"):
        nn.Linear(3)(np.ones((4, 0)))


# --- types ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float64", "float16", "int64", "uint8", "bool"])
def test_raw_data_is_converted(dtype: str):
    layer = nn.Linear(3, 2)
    assert layer(np.ones((4, 3), dtype)).dtype == np.float32
    assert layer([[1, 2, 3]]).dtype == np.float32


def test_a_tensor_of_another_type_is_refused():
    with pytest.raises(DTypeError) as caught:
        nn.Linear(3, 2)(pl.tensor(np.ones((4, 3))))
    assert str(caught.value) == (
        "expected a Tensor of float32, the type of this layer's parameters, got float64; convert "
        "it with x.astype('float32'), or this layer with .astype('float64')"
    )
    with pytest.raises(DTypeError, match="float64"):
        nn.Linear(3, 2)(pl.tensor(np.ones((4, 3), int)))


# --- what the weights start as --------------------------------------------------------------------


@pytest.mark.parametrize("name", nn.ACTIVATIONS)
def test_default_fits_the_activation(name: str):
    entry = nn.ACTIVATIONS[name]
    layer = nn.Linear(20, 30, rng=7)
    net = nn.Sequential(layer, nn.Dropout(0.1), entry.make(), nn.Linear(30, 2))
    np.testing.assert_array_equal(layer.weight.data, entry.init((20, 30), 7))
    if name == "identity":  # values pass as they are: no activation at all
        assert repr(layer) == "Linear(20 → 30, Glorot normal: no activation follows)"
    else:
        kind = type(net[2]).__name__
        assert repr(layer) == f"Linear(20 → 30, {entry.init}: followed by {kind})"
    assert "Glorot normal: no activation follows" in repr(net[3])


def test_families_of_defaults():
    inits = {name: type(entry.init).__name__ for name, entry in nn.ACTIVATIONS.items()}
    assert inits["relu"] == inits["gelu"] == inits["leaky_relu"] == "HeNormal"
    assert inits["tanh"] == inits["sigmoid"] == inits["softmax"] == "GlorotNormal"
    assert inits["selu"] == "LeCunNormal"


def test_adapting_takes_no_more_random_numbers():
    pl.seed(4)
    nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    after = pl.random.default_generator().random()
    pl.seed(4)
    nn.Linear(3, 4), nn.Linear(4, 2)
    assert after == pl.random.default_generator().random()


def test_same_seed_same_bits():
    def weights() -> list[bytes]:
        pl.seed(11)
        net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(2))
        net(np.ones((1, 3)))
        return [p.data.tobytes() for p in net.parameters()]

    first = weights()
    assert weights() == first
    assert first[0] != nn.Linear(3, 4).weight.data.tobytes()


def test_nesting_and_appending_adapt_too():
    inner = nn.Sequential(nn.Linear(4, 4))
    nn.Sequential(inner, nn.Sequential(nn.Flatten(), nn.ReLU()))
    assert "followed by ReLU" in repr(inner[0])
    net = nn.Sequential(nn.Linear(4, 4, rng=1)).append(nn.SELU())
    np.testing.assert_array_equal(net[0].weight.data, init.LeCunNormal()((4, 4), 1))
    net[1] = nn.ELU()
    assert "He normal: followed by ELU" in repr(net[0])


def test_weights_that_were_changed_or_chosen_are_left_alone():
    trained = nn.Linear(4, 4)
    trained.weight.data[0, 0] += 1
    chosen = nn.Linear(4, 4, weight_init="orthogonal", rng=0)
    kept = [layer.weight.data.copy() for layer in (trained, chosen)]
    net = nn.Sequential(trained, nn.ReLU(), chosen, nn.ReLU())
    np.testing.assert_array_equal(net[0].weight.data, kept[0])
    np.testing.assert_array_equal(net[2].weight.data, kept[1])
    assert repr(trained) == "Linear(4 → 4, Glorot normal)"
    assert repr(chosen) == "Linear(4 → 4, orthogonal)"


def test_slices_leave_the_weights_alone():
    net = nn.Sequential(nn.Linear(4, 4), nn.ReLU())
    before = net[0].weight.data.copy()
    np.testing.assert_array_equal(net[:1][0].weight.data, before)
    assert "followed by ReLU" in repr(net[0])


def test_initialisers_of_ones_own():
    def halves(shape, rng, dtype):
        return np.full(shape, 0.5, dtype)

    layer = nn.Linear(2, 3, weight_init=halves, bias_init=init.Constant(1.5))
    assert (layer.weight.data == 0.5).all() and (layer.bias.data == 1.5).all()
    assert repr(layer) == "Linear(2 → 3, halves)"
    with pytest.raises(ShapeError, match="made shape"):
        nn.Linear(2, 3, weight_init=lambda shape, rng, dtype: np.zeros(3))
    assert nn.Linear(2, 3, weight_init=lambda *_: np.ones((2, 3))).weight.dtype == np.float32


def test_weights_and_random_biases_come_from_one_stream():
    layer = nn.Linear(2, 3, weight_init="normal", bias_init="normal", rng=0)
    assert not np.isin(layer.bias.data, layer.weight.data).any()


def test_reprs():
    assert repr(nn.Linear(3)) == "Linear(? → 3, Glorot normal)"
    assert repr(nn.Linear(2, 3, dtype="float64")) == "Linear(2 → 3, Glorot normal, float64)"
