"""The printed program is the training step: bit for bit, for everything the library has."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from equality import check_scripts, check_step, same_bits
from helpers.layers import flat, layer_cases, weights
from networks import NETWORKS, ROWS, dense, floats, labels

import pellucid as pl
from pellucid import nn
from pellucid.losses import LOSSES
from pellucid.models import MODELS
from pellucid.nn.activations import ACTIVATIONS
from pellucid.optim import OPTIMIZERS, make_optimizer
from pellucid.program import Program, record
from pellucid.training import AdversarialTrainer


def traced(net: Any, batch: Any, loss: Any = "auto", optimizer: Any = "adam") -> Program:
    """Trace a step, and compare it with the step itself."""
    net(batch[0])  # lazy sizes
    net.train()
    if isinstance(optimizer, str):
        optimizer = make_optimizer(optimizer, net.parameters(), lr=0.01)
    program = pl.trace(net, batch, loss=loss, optimizer=optimizer)
    check_step(program, net, batch, loss, optimizer)
    return program


# --- a dense network: every activation, loss and optimizer ----------------------------------------


def test_every_activation(tmp_path: Path) -> None:
    programs = {
        name: traced(dense(entry.layer()), ROWS)
        for name, entry in ACTIVATIONS.items()
        if name not in ("glu", "reglu", "geglu", "swiglu")
    }
    assert check_scripts(programs, tmp_path) > 20 * len(programs)


def test_every_activation_that_halves_its_input(tmp_path: Path) -> None:
    programs = {
        name: traced(
            nn.Sequential(nn.Linear(5, 4, rng=0), entry.layer(), nn.Linear(2, 3, rng=1)), ROWS
        )
        for name, entry in ACTIVATIONS.items()
        if name in ("glu", "reglu", "geglu", "swiglu")
    }
    check_scripts(programs, tmp_path)


TARGETS: dict[str, tuple[int, np.ndarray]] = {
    "multiclass": (3, labels(6, 3)),
    "binary": (1, labels(6, 2)),
    "regression": (2, floats(6, 2, seed=2)),
    "distribution": (2, np.array([[0.25, 0.75]] * 6, np.float32)),
}
FOR_OUTPUT: dict[str, Any] = {
    "probabilities": nn.Sigmoid,
    "log-probabilities": nn.LogSoftmax,
}


def test_every_loss(tmp_path: Path) -> None:
    programs = {}
    for name, loss in LOSSES.items():
        if len(loss.inputs) != 2 or name == "token_cross_entropy":
            continue
        task = loss.task if loss.task in TARGETS else "regression"
        outputs, y = TARGETS[task]
        layers = [nn.Linear(5, 4, rng=0), nn.Tanh(), nn.Linear(4, outputs, rng=1)]
        if loss.output in FOR_OUTPUT:
            layers.append(FOR_OUTPUT[loss.output]())
        if name == "poisson_nll":
            y = np.abs(y)
        programs[name] = traced(nn.Sequential(*layers), (floats(6, 5), y), name)
    assert len(programs) >= 15
    check_scripts(programs, tmp_path)


OTHER_INPUTS: dict[str, Any] = {
    "gaussian_nll": lambda net, x, y: (net(x)[:, :1], y[:, :1], net(x)[:, 1:2] ** 2 + 0.1),
    "cosine_embedding": lambda net, x, y: (net(x), net(x[::-1].copy()), np.sign(y[:, 0])),
    "contrastive": lambda net, x, y: (net(x), net(x[::-1].copy()), (y[:, 0] > 0).astype(int)),
    "triplet_margin": lambda net, x, y: (net(x), net(x[::-1].copy()), net(x * 0.5)),
}


def test_losses_of_other_inputs(tmp_path: Path) -> None:
    others = {name for name, loss in LOSSES.items() if len(loss.inputs) != 2}
    assert others == set(OTHER_INPUTS)
    programs = {}
    for name, arguments in OTHER_INPUTS.items():
        net = dense(outputs=2)

        def step(x: Any, y: Any, _name: str = name, _of: Any = arguments, _net: Any = net) -> Any:
            loss = LOSSES[_name].function(*_of(_net, x, y))
            loss.backward()
            return {"loss": loss}

        inputs: Any = {"x": ("input", floats(6, 5)), "y": ("target", floats(6, 2, seed=2))}
        programs[name] = record(step, inputs, [("", net)])
    check_scripts(programs, tmp_path)


def test_options_of_losses(tmp_path: Path) -> None:
    cross_entropy = pl.losses.cross_entropy
    options: dict[str, Any] = {
        "label smoothing": functools.partial(cross_entropy, label_smoothing=0.1),
        "class weights": functools.partial(cross_entropy, class_weight=[1.0, 2.0, 3.0]),
        "sum": functools.partial(cross_entropy, reduction="sum"),
    }
    programs = {name: traced(dense(), ROWS, loss) for name, loss in options.items()}
    programs["sample weights"] = pl.trace(dense(), (*ROWS, np.arange(6.0)), optimizer="adam")
    check_scripts(programs, tmp_path)


def test_every_optimizer(tmp_path: Path) -> None:
    programs = {
        name: traced(dense(), ROWS, optimizer=name) for name in OPTIMIZERS if name != "lbfgs"
    }
    check_scripts(programs, tmp_path)


@pytest.mark.parametrize("name", [name for name in OPTIMIZERS if name != "lbfgs"])
def test_an_optimizer_in_the_midst_of_training(name: str, tmp_path: Path) -> None:
    net, batch = dense(), ROWS
    optimizer = make_optimizer(name, net.parameters(), lr=0.01)
    for _ in range(7):
        pl.losses.cross_entropy(net(batch[0]), batch[1]).backward()
        optimizer.step()
        optimizer.zero_grad()
    check_scripts({name: traced(net, batch, optimizer=optimizer)}, tmp_path)


OPTIONS: dict[str, Any] = {
    "momentum": lambda q: pl.optim.SGD(q, lr=0.1, momentum=0.9),
    "nesterov": lambda q: pl.optim.SGD(q, lr=0.1, momentum=0.9, nesterov=True),
    "weight decay": lambda q: pl.optim.SGD(q, lr=0.1, weight_decay=0.1),
    "l1": lambda q: pl.optim.Adam(q, lr=0.1, l1=0.01),
    "maximize": lambda q: pl.optim.Adam(q, lr=0.1, maximize=True),
    "centered": lambda q: pl.optim.RMSProp(q, lr=0.1, centered=True, momentum=0.5),
    "two groups": lambda q: pl.optim.Adam(
        [{"params": q[:2], "lr": 0.1}, {"params": q[2:], "betas": (0.8, 0.9)}]
    ),
}


def test_options_of_optimizers(tmp_path: Path) -> None:
    programs = {}
    for name, make in OPTIONS.items():
        net = dense()
        programs[name] = traced(net, ROWS, optimizer=make(net.parameters()))
    check_scripts(programs, tmp_path)


# --- networks -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NETWORKS)
def test_networks(name: str, tmp_path: Path) -> None:
    make, batch, loss = NETWORKS[name]
    check_scripts({name: traced(make(), batch, loss)}, tmp_path)


@pytest.mark.parametrize("name", ["gan", "dcgan", "wgan-gp", "conditional-gan"])
def test_a_step_of_two_networks_against_each_other(name: str, tmp_path: Path) -> None:
    shape = (1, 28, 28) if name in ("dcgan", "wgan-gp") else (16,)
    x = np.tanh(floats(6, *shape))
    y = labels(6, 3)

    def trainer() -> AdversarialTrainer:
        pair = MODELS[name].build(shape, 3, {"rng": 0})
        return AdversarialTrainer(pair, (x, y), batch_size=6, rng=1)

    real, mine = trainer(), trainer()
    mine.gan.train()
    program = pl.trace(mine, (x, y))
    real.gan.train()
    losses = real.both_steps(x, y if real.gan.classes else None)
    assert same_bits(program.results["loss"].value, losses[1].data)
    updated = {v.replaces.path: v for v in program.variables if v.replaces is not None}
    for start, net in [
        ("generator", real.gan.generator),
        ("discriminator", real.gan.discriminator),
    ]:
        for path, parameter in net.named_parameters():
            assert same_bits(updated[f"{start}.{path}"].value, parameter.data), path
    for (_, before), (_, after) in zip(
        trainer().gan.generator.named_parameters(),
        mine.gan.generator.named_parameters(),
        strict=True,
    ):
        assert same_bits(before.data, after.data)  # a trace changes nothing
    check_scripts({name: program}, tmp_path)


# --- networks written by hand ---------------------------------------------------------------------


class ByHand(nn.Module):
    """A forward pass as in a tutorial: NumPy's functions, a tied weight, a slice, a branch."""

    def __init__(self) -> None:
        super().__init__()
        rng = np.random.default_rng(0)
        self.W1 = pl.Parameter(rng.normal(size=(5, 4)))
        self.b1 = pl.Parameter(rng.normal(size=4))
        self.unused = pl.Parameter(np.ones(3))

    def forward(self, x: Any) -> Any:
        hidden = 1 / (1 + np.exp(-(np.dot(x, self.W1) + self.b1)))
        hidden = np.concatenate([hidden[:, :2], np.maximum(0, hidden[:, 2:] - 0.5)], axis=1)
        back = np.dot(hidden, np.transpose(self.W1))  # the same weights again
        scores = back - np.mean(back, axis=1, keepdims=True)
        return np.where(scores > 0, scores, 0.1 * scores)


def test_a_forward_pass_of_a_tutorial(tmp_path: Path) -> None:
    programs = {}
    for dtype in ("float32", "float64"):
        net = ByHand().astype(dtype)
        programs[dtype] = traced(net, (floats(6, 5).astype(dtype), labels(6, 5)))
        assert {v.dtype.name for v in programs[dtype].variables if v.dtype.kind == "f"} == {dtype}
    check_scripts(programs, tmp_path)


def test_frozen_weights_stay_as_they_are(tmp_path: Path) -> None:
    net = dense()
    net[0].weight.requires_grad = net[0].bias.requires_grad = False
    program = traced(net, ROWS)
    assert program.gradient("W1") is None
    assert [v.replaces.name for v in program.variables if v.replaces] == [
        "m_W2", "v_W2", "W2", "m_b2", "v_b2", "b2",
    ]  # fmt: skip
    check_scripts({"frozen": program}, tmp_path)


# --- every layer ----------------------------------------------------------------------------------


@pytest.mark.slow
def test_every_setting_of_every_layer(tmp_path: Path) -> None:
    programs = {}
    for case in layer_cases():
        layer = case.built(np.float32)
        arrays = case.arrays(np.float32)

        def step(_layer: Any = layer, **inputs: Any) -> dict[str, Any]:
            outputs = flat(_layer(*inputs.values()))
            total: Any = 0.0
            for i, y in enumerate(outputs):
                total = total + (y * weights(y.shape, i).astype(np.float32)).sum()
            if isinstance(total, pl.Tensor) and total.requires_grad:
                total.backward()
            return {"loss": total}

        pl.seed(13)
        programs[case.id] = record(
            step, {f"x{i}": ("input", x) for i, x in enumerate(arrays)}, [("", layer)]
        )
    check_scripts(programs, tmp_path)
