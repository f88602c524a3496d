"""What people report on forums, and sound trainings that look odd.

The names in `expected` were chosen before the doctor had seen any of them. At first sight it found
15 of these 25 faults, and raised an alarm in 1 of these 16 sound trainings; what it lacked was
mended by kind, and measured on other trainings of which it had seen none: see docs/doctor.md.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from doctor_setups import Case, Setup, digit_images, digits, mlp, on_digits, rows

import pellucid as pl
from pellucid import nn
from pellucid.data import Part

__all__ = ["UNSEEN_FAULTS", "UNSEEN_HEALTHY"]


# --- data -----------------------------------------------------------------------------------------


def _xor() -> tuple[Any, Any]:
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
    return x, np.array([0, 1, 1, 0])


def _moons(seed: int, count: int = 300, noise: float = 0.15) -> Part:
    rng = np.random.default_rng(seed)
    t = np.pi * rng.random(count)
    y = rng.integers(0, 2, count)
    x = np.stack([np.cos(t) * (1 - 2 * y) + y, np.sin(t) * (1 - 2 * y) + 0.5 * y], axis=1)
    x = x + noise * rng.standard_normal(x.shape)
    return Part(((x - x.mean(0)) / x.std(0)).astype(np.float32), y)


def _linear(seed: int, count: int = 400, noise: float = 0.3, columns: int = 6) -> tuple[Any, Any]:
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((count, columns)).astype(np.float32)
    y = x @ rng.standard_normal((columns, 1)) + noise * rng.standard_normal((count, 1))
    return x, y.astype(np.float32)


def _waves(seed: int, count: int = 500, steps: int = 24) -> tuple[Any, Any]:
    """Return windows of a noisy sine, (N, T, 1), and the value that comes next."""
    rng = np.random.default_rng(seed)
    t = np.arange(count + steps)
    series = np.sin(2 * np.pi * t / 17) + 0.1 * rng.standard_normal(len(t))
    x = np.stack([series[i : i + steps] for i in range(count)])[:, :, None]
    return x.astype(np.float32), series[steps:, None].astype(np.float32)


def _split(x: Any, y: Any, share: float = 0.8) -> tuple[Part, Part]:
    cut = int(share * len(x))
    return Part(x[:cut], y[:cut]), Part(x[cut:], y[cut:])


class _Recurrent(nn.Module):
    """A recurrent layer whose last state is read out."""

    def __init__(self, kind: Any, features: int, hidden: int, outputs: int, seed: int) -> None:
        super().__init__()
        self.cells = kind(features, hidden, rng=seed)
        self.read = nn.Linear(hidden, outputs, rng=seed + 1)

    def forward(self, x: Any) -> Any:
        states, _ = self.cells(x)
        return self.read(states[:, -1])


# --- what is broken -------------------------------------------------------------------------------


def _small_xor(seed: int) -> Setup:
    net = mlp([2, 4, 1], nn.Tanh, seed, weight_init=nn.init.Normal(std=0.005))
    return Setup(net, _xor(), None, {"epochs": 1500, "optimizer": "sgd", "lr": 0.2})


def _house_prices(seed: int) -> Setup:
    x, y = _linear(seed)
    return Setup(mlp([6, 32, 1], seed=seed), (x, 250_000 + 80_000 * y), None, {"epochs": 30})


def _leak(seed: int) -> Setup:
    x, y = _linear(seed, noise=2.0)
    train, test = _split(np.concatenate([x, y], axis=1), y)
    return Setup(mlp([7, 32, 1], seed=seed), train, test, {"epochs": 40})


def _raw_pixels(seed: int) -> Setup:
    data = pl.data.load("digits")
    train = rows(data.train, 1000)
    x = np.clip((train.x - train.x.min()) * 32, 0, 255).astype(np.float32)
    return Setup(mlp([64, 32, 10], seed=seed), (x, train.y), None,
                 {"epochs": 8, "optimizer": "sgd", "lr": 0.01})  # fmt: skip


def _rmsprop(seed: int) -> Setup:
    x, y = _linear(seed)
    return Setup(mlp([6, 24, 24, 1], nn.Tanh, seed), (x, y), None,
                 {"epochs": 20, "optimizer": "rmsprop", "lr": 3.0})  # fmt: skip


def _lr_low_regression(seed: int) -> Setup:
    x, y = _linear(seed)
    return Setup(mlp([6, 16, 1], seed=seed), (x, y), None,
                 {"epochs": 15, "optimizer": "sgd", "lr": 1e-5})  # fmt: skip


def _decay_one(seed: int) -> Setup:
    def optimizer(parameters: Any, lr: float) -> Any:
        return pl.optim.SGD(parameters, lr=lr, weight_decay=1.0)

    return Setup(mlp([2, 24, 24, 2], seed=seed), _moons(seed), None,
                 {"epochs": 40, "optimizer": optimizer, "lr": 0.05})  # fmt: skip


def _deep_sigmoid(seed: int) -> Setup:
    return Setup(mlp([2, *[20] * 6, 2], nn.Sigmoid, seed), _moons(seed), None,
                 {"epochs": 40, "optimizer": "sgd", "lr": 0.1})  # fmt: skip


def _wide_tanh(seed: int) -> Setup:
    normal = nn.init.Normal(std=1.0)
    return on_digits(seed, lambda: mlp([64, 200, 200, 10], nn.Tanh, seed, weight_init=normal))


def _copies(seed: int) -> Setup:
    net: Any = mlp([2, 12, 2], nn.Tanh, seed)
    net[0].weight.data[:, 6:] = net[0].weight.data[:, :6]
    net[0].bias.data[...] = 0
    return Setup(net, _moons(seed), None, {"epochs": 30, "lr": 0.01})


def _softmax_squared(seed: int) -> Setup:
    part = _moons(seed)
    net = mlp([2, 16, 2], seed=seed)
    net.append(nn.Softmax())
    y = np.eye(2, dtype=np.float32)[part.y]
    return Setup(net, (part.x, y), None, {"epochs": 30, "loss": "mse"})


def _dead_start(seed: int) -> Setup:
    bias = nn.init.Constant(-10.0)
    x, y = _linear(seed)
    return Setup(mlp([6, 32, 32, 1], nn.Sigmoid, seed, bias_init=bias), (x, y), None,
                 {"epochs": 20, "optimizer": "sgd", "lr": 0.05})  # fmt: skip


def _clipped(seed: int) -> Setup:
    x, y = _linear(seed)
    return Setup(mlp([6, 32, 1], seed=seed), (x, y), None,
                 {"epochs": 20, "optimizer": "sgd", "lr": 0.05, "grad_clip": 1e-6})  # fmt: skip


class _Detached(nn.Module):
    """A network whose first layer is cut off from the loss: `.data` in forward()."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.first = nn.Linear(64, 32, rng=seed)
        self.last = nn.Linear(32, 10, rng=seed + 1)

    def forward(self, x: Any) -> Any:
        return self.last(pl.tensor(nn.functional.relu(self.first(x)).data))


def _sparse(seed: int) -> Setup:
    def optimizer(parameters: Any, lr: float) -> Any:
        return pl.optim.SGD(parameters, lr=lr, l1=0.5)

    return on_digits(seed, optimizer=optimizer, lr=0.05)


def _heavy(seed: int) -> Setup:
    def optimizer(parameters: Any, lr: float) -> Any:
        return pl.optim.SGD(parameters, lr=lr, momentum=0.999)

    return on_digits(seed, optimizer=optimizer, lr=0.1)


def _frozen_schedule(seed: int) -> Setup:
    setup = on_digits(seed, epochs=5)
    adam = pl.optim.Adam(setup.net.parameters(), lr=1e-3)
    schedule = pl.optim.schedules.Exponential(adam, 0.3)
    setup.options |= {"optimizer": adam, "schedule": schedule}
    return setup


def _nothing_to_see(seed: int) -> Setup:
    train, _ = digits()
    still = np.ones_like(train.x)
    return Setup(mlp([64, 32, 10], seed=seed), (still, train.y), None, {"epochs": 6})


def _rectified(seed: int) -> Setup:
    x, y = _linear(seed)
    return Setup(nn.Sequential(mlp([6, 16, 1], seed=seed), nn.ReLU()), (x, y - 3), None,
                 {"epochs": 20})  # fmt: skip


def _pairs(seed: int) -> Setup:
    x, y = _linear(seed)

    def squared(output: Any, target: Any) -> Any:
        return ((output - target) ** 2).mean()

    return Setup(mlp([6, 16, 1], seed=seed), (x, y[:, 0]), None, {"epochs": 30, "loss": squared})


def _forgetful(seed: int) -> Setup:
    x, y = _linear(seed)

    def own(output: Any, target: Any) -> Any:
        return (output**2).mean()

    return Setup(mlp([6, 16, 1], seed=seed), (x, y), None, {"epochs": 20, "loss": own})


def _loud_recurrent(seed: int) -> Setup:
    net: Any = _Recurrent(nn.RNN, 1, 24, 1, seed)
    for name, parameter in net.named_parameters():
        if name.startswith("cells") and parameter.data.ndim == 2:
            parameter.data *= 8
    x, y = _waves(seed)
    return Setup(net, (x, y), None, {"epochs": 6})


def _image_autoencoder(seed: int) -> Setup:
    train, _ = digit_images()
    x = train.x.reshape(len(train.x), -1)
    net = nn.Sequential(mlp([64, 32, 8, 32, 64], seed=seed), nn.Sigmoid())
    return Setup(net, Part(x, x), None, {"epochs": 6, "loss": "mse"})


def _cnn_hot(seed: int) -> Setup:
    rng = np.random.default_rng(seed)
    net = nn.Sequential(
        nn.Conv2d(1, 6, 3, rng=rng), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(54, 10, rng=rng),
    )  # fmt: skip
    train, test = digit_images()
    return Setup(net, train, test, {"epochs": 4, "optimizer": "sgd", "lr": 5.0})


def _random_walk(seed: int) -> Setup:
    rng = np.random.default_rng(seed)
    walk = np.cumsum(rng.standard_normal(640)) * 0.1
    x = np.stack([walk[i : i + 20] for i in range(600)])[:, :, None].astype(np.float32)
    y = walk[20:620, None].astype(np.float32)
    train, test = _split(x, y)
    return Setup(_Recurrent(nn.LSTM, 1, 16, 1, seed), train, test, {"epochs": 3})


UNSEEN_FAULTS: tuple[Case, ...] = (
    Case("XOR, tanh, weights of 0.005", _small_xor, ("bad-initial-scale",)),
    Case("house prices as they are", _house_prices, ("unscaled-targets", "loss-at-start")),
    Case("target among the inputs", _leak, ("target-among-inputs",)),
    Case("pixels from 0 to 255", _raw_pixels, ("unscaled-inputs",)),
    Case("RMSProp, learning rate 3", _rmsprop,
         ("learning-rate-too-high", "divergence", "saturated-units")),
    Case("regression, SGD, learning rate 1e-5", _lr_low_regression, ("learning-rate-too-low",)),
    Case("moons, weight decay 1", _decay_one, ("regularisation-dominates",)),
    Case("moons, six sigmoid layers", _deep_sigmoid, ("vanishing-gradient",)),
    Case("tanh, weights N(0, 1), width 200", _wide_tanh, ("bad-initial-scale",)),
    Case("half of the units copies", _copies, ("symmetric-units",)),
    Case("softmax and squared error", _softmax_squared, ("squared-error-on-classes",)),
    Case("sigmoids with biases of −10", _dead_start, ("bad-initial-scale", "saturated-units")),
    Case("regression, gradients clipped at 1e-6", _clipped, ("learning-rate-too-low",)),
    Case("a layer cut off by .data", lambda s: on_digits(s, lambda: _Detached(s)),
         ("untrained-parameter",)),
    Case("L1 of 0.5", _sparse, ("regularisation-dominates",)),
    Case("momentum 0.999", _heavy,
         ("momentum-too-high", "learning-rate-too-high", "divergence", "oscillation")),
    Case("a schedule that is at its end at once", _frozen_schedule,
         ("learning-rate-too-low", "schedule-ends-early")),
    Case("inputs all alike", _nothing_to_see, ("constant-columns", "flat-loss", "constant-output")),
    Case("ReLU before negative targets", _rectified, ("relu-on-output",)),
    Case("(N, 1) against (N,)", _pairs, ("loss-broadcasts",)),
    Case("a loss without the target", _forgetful, ("loss-ignores-target",)),
    Case("RNN, weights eight times too large", _loud_recurrent,
         ("bad-initial-scale", "saturated-units")),
    Case("sigmoid at the end of an autoencoder of standardised pixels", _image_autoencoder,
         ("bounded-output",)),
    Case("CNN, SGD, learning rate 5", _cnn_hot,
         ("learning-rate-too-high", "dead-units", "divergence", "non-finite")),
    Case("a random walk, forecast worse than its last value", _random_walk,
         ("worse-than-naive",)),
)  # fmt: skip


# --- what is sound --------------------------------------------------------------------------------


def _label_noise(seed: int) -> Setup:
    part = _moons(seed, 600)
    rng = np.random.default_rng(seed + 50)
    y = np.where(rng.random(600) < 0.25, 1 - part.y, part.y)
    train, test = _split(part.x, y)
    return Setup(mlp([2, 8, 2], seed=seed), train, test, {"epochs": 25, "lr": 0.01})


def _rare_but_learnt(seed: int) -> Setup:
    rng = np.random.default_rng(seed)
    y = (rng.random(900) < 0.15).astype(int)
    x = rng.standard_normal((900, 4)).astype(np.float32)
    x[:, 0] += 2.5 * y
    train, test = _split(x, y)
    return Setup(mlp([4, 16, 2], seed=seed), train, test, {"epochs": 20, "lr": 0.01})


def _few_samples(seed: int) -> Setup:
    x, y = _linear(seed, count=24, noise=0.1, columns=2)
    return Setup(mlp([2, 8, 1], nn.Tanh, seed), (x, y), None,
                 {"epochs": 150, "lr": 0.01, "batch_size": 8})  # fmt: skip


class _Residual(nn.Module):
    """Twelve residual blocks."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.enter = nn.Linear(64, 32, rng=seed)
        self.blocks = nn.ModuleList([mlp([32, 32, 32], seed=seed + i) for i in range(1, 13)])
        self.norm = nn.LayerNorm(32)
        self.read = nn.Linear(32, 10, rng=seed + 99)

    def forward(self, x: Any) -> Any:
        x = self.enter(x)
        for block in self.blocks:
            x = x + 0.3 * block(x)
        return self.read(self.norm(x))


def _digit_autoencoder(seed: int) -> Setup:
    train, test = digits()
    return Setup(mlp([64, 32, 12, 32, 64], nn.Tanh, seed), Part(train.x, train.x),
                 Part(test.x, test.x), {"epochs": 15, "lr": 3e-3, "loss": "mse"})  # fmt: skip


def _sine_rnn(seed: int) -> Setup:
    x, y = _waves(seed)
    train, test = _split(x, y)
    return Setup(_Recurrent(nn.RNN, 1, 16, 1, seed), train, test, {"epochs": 15, "lr": 5e-3})


def _sine_lstm(seed: int) -> Setup:
    x, y = _waves(seed)
    train, test = _split(x, y)
    return Setup(_Recurrent(nn.LSTM, 1, 16, 1, seed), train, test, {"epochs": 20, "lr": 0.01})


def _separable(seed: int) -> Setup:
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 3, 300)
    x = rng.standard_normal((300, 5)).astype(np.float32)
    x[np.arange(300), y] += 6
    return Setup(mlp([5, 16, 3], seed=seed), (x, y), None, {"epochs": 40, "lr": 0.02})


def _own_loss(seed: int) -> Setup:
    x, y = _linear(seed)

    def asymmetric(output: Any, target: Any) -> Any:
        missed = output - target
        return (missed**2 * (1 + 2 * (missed.data > 0))).mean()

    return Setup(mlp([6, 16, 1], seed=seed), (x, y), None,
                 {"epochs": 30, "loss": asymmetric, "lr": 5e-3})  # fmt: skip


def _small_cnn(seed: int) -> Setup:
    rng = np.random.default_rng(seed)
    net = nn.Sequential(
        nn.Conv2d(1, 4, 3, rng=rng), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(36, 10, rng=rng),
    )  # fmt: skip
    train, test = digit_images()
    return Setup(net, train, test, {"epochs": 8, "lr": 5e-3})


def _or(seed: int) -> Setup:
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
    return Setup(nn.Sequential(nn.Linear(2, 1, rng=seed)), (x, np.array([0, 1, 1, 1])), None,
                 {"epochs": 400, "optimizer": "sgd", "lr": 0.5})  # fmt: skip


def _probabilities(seed: int) -> Setup:
    x, y = _linear(seed)
    y = (1 / (1 + np.exp(-y))).astype(np.float32)
    return Setup(nn.Sequential(mlp([6, 16, 1], seed=seed), nn.Sigmoid()), (x, y), None,
                 {"epochs": 30, "lr": 0.01, "loss": "mse"})  # fmt: skip


UNSEEN_HEALTHY: tuple[Case, ...] = (
    Case("XOR, 2-8-1 tanh, Adam",
         lambda s: Setup(mlp([2, 8, 1], nn.Tanh, s), _xor(), None, {"epochs": 400, "lr": 0.03})),
    Case("XOR, 2-4-1 sigmoids, SGD 1",
         lambda s: Setup(mlp([2, 4, 1], nn.Sigmoid, s), _xor(), None,
                         {"epochs": 6000, "optimizer": "sgd", "lr": 1.0})),
    Case("OR, one unit", _or),
    Case("moons, batches of two",
         lambda s: Setup(mlp([2, 16, 2], seed=s), _moons(s), None,
                         {"epochs": 15, "batch_size": 2, "lr": 3e-3})),
    Case("digits, SGD 0.5", lambda s: on_digits(s, optimizer="sgd", lr=0.5)),
    Case("a quarter of the labels wrong", _label_noise),
    Case("15 % of one class, learnt", _rare_but_learnt),
    Case("24 samples, regression", _few_samples),
    Case("twelve residual blocks", lambda s: on_digits(s, lambda: _Residual(s))),
    Case("digits, autoencoder, tanh", _digit_autoencoder),
    Case("sine, RNN", _sine_rnn),
    Case("sine, LSTM", _sine_lstm),
    Case("three clouds far apart, loss to 0", _separable),
    Case("a loss of one's own", _own_loss),
    Case("digits, CNN of four channels", _small_cnn),
    Case("shares between 0 and 1, sigmoid", _probabilities),
)  # fmt: skip
