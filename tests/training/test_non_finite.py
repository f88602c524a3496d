"""The non-finite stop: names layer and phase, and loses nothing."""

import warnings

import numpy as np
import pytest

import pellucid as pl
from pellucid import Parameter, nn, primitives
from pellucid.data import Loader, Part
from pellucid.errors import NonFiniteError
from pellucid.optim import SGD
from pellucid.training import Checkpoint, LambdaCallback, NonFiniteStop, Trainer, fit
from pellucid.training.diagnosis import describe, spoiled_gradient


class Log(nn.Module):
    """−∞ or NaN where its input is not positive."""

    def forward(self, x):
        return primitives.log(x)


def net_with(layer):
    return nn.Sequential(nn.Linear(4, 8, rng=0), nn.Tanh(), layer, nn.Linear(8, 3, rng=1))


def message(net, part, **options):
    options = {"progress": "none", "rng": 0, "epochs": 5, "batch_size": 16, **options}
    with pytest.raises(NonFiniteError) as caught, warnings.catch_warnings():
        warnings.simplefilter("error")
        fit(net, part, **options)
    return str(caught.value)


def test_the_forward_pass_names_the_first_layer(blobs):
    text = message(net_with(Log()), blobs)
    assert "epoch 1, update 1: the loss is nan" in text
    assert "first in the forward pass in layer '2': Log gave" in text
    assert "NaN" in text
    assert "of 128 values" in text
    assert "from inputs with values from -" in text


def test_a_nested_layer_is_named_by_its_path(blobs):
    inner = nn.Sequential(nn.Linear(8, 8, rng=3), Log())
    assert "in layer '2.1': Log" in message(net_with(inner), blobs)


def test_the_backward_pass(slope):
    """x^½ at x = 0: the value is finite, the derivative infinite."""

    class Zeros(nn.Module):
        def forward(self, x):
            return primitives.multiply(x, 0.0)

    class Loose(nn.Module):
        def forward(self, x):
            return primitives.power(x, 0.5)

    net = nn.Sequential(nn.Linear(3, 4, rng=0), Zeros(), Loose(), nn.Linear(4, 1, rng=0))
    before = {name: array.copy() for name, array in net.state_dict().items()}
    text = message(net, slope, optimizer="sgd")
    assert "a gradient has" in text
    assert "first in the backward pass in layer '2'" in text
    assert "on the way back through Loose" in text
    for name, array in net.state_dict().items():
        np.testing.assert_array_equal(array, before[name])
    assert all(p.grad is None for p in net.parameters())


def test_the_loss(slope):
    def bad_loss(outputs, targets):
        return primitives.log(primitives.sum(primitives.multiply(outputs, 0.0)))

    text = message(nn.Sequential(nn.Linear(3, 1, rng=0)), slope, loss=bad_loss)
    assert "first in the loss: bad_loss gave -inf from outputs with values from" in text


def test_an_update_that_spoils_the_weights(slope):
    net = nn.Sequential(nn.Linear(3, 1, rng=0))

    def spoil(trainer):
        if trainer.step == 2:
            net[0].weight.data[0, 0] = np.inf

    text = message(net, slope, callbacks=[LambdaCallback(on_batch_end=spoil)])
    assert "in an earlier update of the weights in layer '0': its weight has 1 infinite" in text


def test_an_update_at_the_end_of_an_epoch_is_found_before_it_is_saved(tmp_path, slope):
    net = nn.Sequential(nn.Linear(3, 1, rng=0))
    path = tmp_path / "c"

    def spoil(trainer):
        if trainer.step == 8:
            net[0].bias.data[0] = np.nan

    callbacks = [Checkpoint(path), LambdaCallback(on_batch_end=spoil)]
    trainer = Trainer(net, slope, batch_size=16, callbacks=callbacks, progress="none", rng=0)
    with pytest.raises(NonFiniteError, match=r"update.*layer '0': its bias has 1 NaN"):
        trainer.run()
    assert trainer.epoch == 2
    good = path.read_bytes()
    with pytest.raises(NonFiniteError, match=r"'0\.bias'.*older checkpoint there is still good"):
        trainer.save(path)
    assert path.read_bytes() == good
    again = Trainer(
        nn.Sequential(nn.Linear(3, 1)), slope, batch_size=16, progress="none",
        callbacks=[Checkpoint(path)],
    )  # fmt: skip
    again.restore(path)
    assert again.epoch == 1


def test_a_learning_rate_that_is_too_high(slope):
    """A real divergence: everything up to the bad update is kept, and no warning is printed."""
    net = nn.Sequential(nn.Linear(3, 8, rng=0), nn.Linear(8, 1, rng=1))
    trainer = Trainer(
        net, slope, optimizer=SGD(net.parameters(), lr=1e4), epochs=100, progress="none", rng=0
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(NonFiniteError, match="Try a smaller learning rate than 10000"):
            trainer.run()
    assert len(trainer.history) == trainer.epoch


def test_bad_data_that_came_in_behind_the_checks(slope):
    part = Part(slope.x.copy(), slope.y)
    loader = Loader(part, 10, shuffle=False)
    trainer = Trainer(
        nn.Sequential(nn.Linear(3, 1)), loader, progress="none", epochs=1, optimizer="sgd"
    )
    trainer.loader.part.x[12, 1] = np.nan
    with pytest.raises(NonFiniteError, match=r"update 2: .*in the data: the batch's x has 1 NaN"):
        trainer.run()


def test_looking_changes_neither_generators_nor_weights(blobs):
    net = nn.Sequential(nn.Linear(4, 8, rng=0), nn.Dropout(0.5), Log(), nn.Linear(8, 3, rng=1))
    trainer = Trainer(net, blobs, progress="none", rng=0)
    states = []
    stop = trainer.callbacks[0]
    assert isinstance(stop, NonFiniteStop)

    class Noting(LambdaCallback):
        def on_loss(self, trainer, value):
            states.append(pl.random.get_state())

    trainer.callbacks.insert(0, Noting())
    with pytest.raises(NonFiniteError):
        trainer.run()
    assert pl.random.get_state() == states[-1]


def test_without_looking_at_gradients_the_next_loss_tells(blobs):
    net = nn.Sequential(nn.Linear(4, 3, rng=0))

    def spoil(trainer):
        net[0].weight.grad = np.full((4, 3), np.nan, np.float32)

    options = {"callbacks": [LambdaCallback(on_gradients=spoil), NonFiniteStop(gradients=False)]}
    assert "update 2: the loss is nan" in message(net, blobs, **options)
    net = nn.Sequential(nn.Linear(4, 3, rng=0))
    options["callbacks"][1] = NonFiniteStop()
    text = message(net, blobs, **options)
    assert "update 1: a gradient has 12 NaN of 12 values" in text
    assert "did not appear again" in text


def test_every_gradient_is_judged_exactly_also_where_squares_overflow():
    parameters = [Parameter(np.zeros(shape, np.float32)) for shape in [(0, 3), (10,), ()]]
    parameters[1].grad = large = np.full(10, 1e30, np.float32)
    parameters[0].grad = np.empty((0, 3), np.float32)
    assert spoiled_gradient(parameters) is None
    for bad in (np.nan, np.inf, -np.inf):
        large[3] = bad
        assert spoiled_gradient(parameters) is large


def test_describe():
    assert describe(np.array([1.0, -2.5])) == "values from -2.5 to 1"
    assert describe(np.array([1.0, np.nan, np.inf])) == (
        "1 NaN and 1 infinite of 3 values, the others from 1 to 1"
    )
    assert describe(np.array([np.nan])) == "1 NaN of 1 values"
    assert describe(np.array([])) == "no values"


@pytest.mark.parametrize(("step", "layer"), [(0, 0), (5, 1), (10, 0), (13, 0)])
def test_large_gradients_are_looked_at_now_and_then_and_small_ones_always(step, layer):
    x = np.random.default_rng(0).normal(size=(64, 100)).astype(np.float32)
    net = nn.Sequential(nn.Linear(100, 60, rng=0), nn.Linear(60, 1, rng=1))

    def spoil(trainer):
        if trainer.step == step:
            weight = net[layer].weight
            weight.grad = weight.grad * np.float32(np.nan)

    text = message(
        net,
        (x, x[:, :1]),
        callbacks=[LambdaCallback(on_gradients=spoil), NonFiniteStop()],
        batch_size=4,
    )
    if (step, layer) == (13, 0):  # found by the next loss, and the layer is named all the same
        assert "update 15: the loss is nan" in text
        assert "in an earlier update of the weights in layer '0'" in text
    else:
        assert f"update {step + 1}: a gradient has" in text
