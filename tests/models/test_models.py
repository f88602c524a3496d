"""The registry of models, the multi-layer perceptron and the linear model."""

from __future__ import annotations

import json

import numpy as np
import pytest

import pellucid as pl
from pellucid import nn
from pellucid.errors import DataError, ShapeError, UnknownNameError
from pellucid.models import MLP, MODELS, LinearModel, Perceptron, find_model

DENSE = {
    "mlp": {"hidden": [8, 4], "activation": "gelu", "dropout": 0.1, "rng": 3},
    "linear": {"bias": False, "rng": 3},
    "perceptron": {"dtype": "float64"},
}


@pytest.mark.parametrize("name", DENSE)
@pytest.mark.parametrize("input_shape", [(5,), (1, 3, 3)])
@pytest.mark.parametrize("outputs", [1, 2])
def test_building(name: str, input_shape: tuple[int, ...], outputs: int):
    model = MODELS[name]
    assert (model.name, find_model(name.upper())) == (name, model)
    assert model.description.endswith(".") and model.paper.endswith(")")
    x = np.random.default_rng(0).standard_normal((4, *input_shape))
    net = model.build(input_shape, outputs)
    assert isinstance(net, nn.Module)
    assert net(x).shape == (4, 1 if name == "perceptron" else outputs)
    assert net(x).dtype == np.float32
    # What is saved beside the weights makes the same network again.
    saved = json.loads(json.dumps({"input_shape": input_shape, "outputs": outputs, **DENSE[name]}))
    first, second = model(**saved), model(**saved)
    for a, b in zip(first.parameters(), second.parameters(), strict=True):
        assert a.data.tobytes() == b.data.tobytes()
    assert set(DENSE[name]) <= set(model.options)


def test_unknown_names():
    with pytest.raises(UnknownNameError, match="did you mean 'mlp'"):
        find_model("mpl")
    with pytest.raises(UnknownNameError, match=r"option of the model 'mlp'.*'hidden'"):
        MODELS["mlp"].build((4,), 2, {"hiden": 3})
    with pytest.raises(DataError, match="two classes apart, this data has 3"):
        MODELS["perceptron"].build((4,), 3)


def test_mlp_layers():
    net = MLP((2, 3), 5, 4, activation=nn.SELU, dropout=0.2, rng=0)
    assert [type(layer).__name__ for layer in net] == [
        *("Flatten", "Linear", "SELU", "Dropout", "Linear"),
    ]
    assert "LeCun normal: followed by SELU" in repr(net[1])
    assert net(np.ones((7, 2, 3))).shape == (7, 4)
    assert len(MLP(3, (), 4)) == 1
    assert MLP(None, (8, 8), 2)(np.ones((3, 11))).shape == (3, 2)
    assert MLP(3, 4, 2, bias=False).num_parameters() == 12 + 8
    assert MLP(3, 4, 2, dtype="float64", activation="prelu")(np.ones((1, 3))).dtype == np.float64
    assert isinstance(net[:2], nn.Sequential)


@pytest.mark.parametrize("activation", nn.ACTIVATIONS)
def test_mlp_with_every_activation(activation: str):
    net = MLP(6, (8, 4), 3, activation, rng=0)
    net(np.random.default_rng(0).standard_normal((5, 6))).sum().backward()
    assert all(np.isfinite(p.grad).all() for p in net.parameters() if p.grad is not None)
    assert net.parameters()[-1].grad is not None


def test_mlp_takes_classes_not_layers():
    with pytest.raises(DataError, match=r"a class such as nn.ReLU"):
        MLP(3, 4, 2, activation=nn.ReLU())
    with pytest.raises(UnknownNameError, match="did you mean 'tanh'"):
        MLP(3, 4, 2, activation="tahn")


def test_linear_model_finds_least_squares():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((50, 3))
    y = x @ [[1.0], [-2.0], [0.5]] + 3
    net = LinearModel(3, 1, dtype="float64")
    optimizer = pl.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(300):
        loss = ((net(x) - y) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    np.testing.assert_allclose(net[0].weight.data[:, 0], [1, -2, 0.5], atol=1e-6)
    np.testing.assert_allclose(net[0].bias.data, [3], atol=1e-6)


def test_sizes_may_be_whole_numbers_of_numpy():
    net = MLP(np.int64(4), np.int64(8), np.int64(3))
    assert net(np.ones((2, 4))).shape == (2, 3)


def test_errors_name_the_layer():
    with pytest.raises(ShapeError, match=r"^in layer '0': expected inputs with 3 features"):
        MLP(3, 4, 2)(np.ones((2, 5)))
    with pytest.raises(ShapeError, match=r"^in layer 'linear': "):
        Perceptron(3)(np.ones((2, 5)))
