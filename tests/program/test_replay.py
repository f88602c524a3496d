"""Replaying a program trains as training does, bit for bit."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
from equality import same_bits
from networks import NETWORKS, ROWS, dense, floats, labels

import pellucid as pl
from pellucid import nn
from pellucid.data import Part
from pellucid.errors import DTypeError, ShapeError, UnsupportedError
from pellucid.optim import OPTIMIZERS, make_optimizer
from pellucid.training.objective import resolve_objective


def compare(net: Any, batch: Any, loss: Any, optimizer: str = "adam", steps: int = 4) -> None:
    """Train one copy by replaying a program, and another one by hand, on the same batches."""
    net(batch[0])
    net.train()
    twin = copy.deepcopy(net)
    mine, theirs = (make_optimizer(optimizer, n.parameters(), lr=0.01) for n in (net, twin))
    program = pl.trace(net, batch, loss=loss, optimizer=mine)
    outputs = program.results["output"].shape[1:]
    objective = resolve_objective(loss, np.asarray(batch[1]), outputs)
    rng = np.random.default_rng(5)
    for k in range(steps):
        order = rng.permutation(len(batch[0]))
        part = objective.prepare(
            Part(batch[0][order], batch[1][order]), outputs, np.dtype(np.float32)
        )
        pl.seed(k)
        replayed = program.replay((part.x, part.y))
        pl.seed(k)
        value = objective.function(twin(part.x), part.y)
        value.backward()
        theirs.step()
        theirs.zero_grad()
        assert replayed == float(value.data)
    after = twin.state_dict()
    for name, array in net.state_dict().items():
        assert same_bits(array, after[name]), name


@pytest.mark.parametrize("name", NETWORKS)
def test_networks_and_their_buffers_and_streams(name: str) -> None:
    make, batch, loss = NETWORKS[name]
    compare(make(), batch, loss)


@pytest.mark.parametrize("name", [name for name in OPTIMIZERS if name != "lbfgs"])
def test_optimizers(name: str) -> None:
    compare(dense(), ROWS, "auto", name)


def test_a_schedule_may_change_the_learning_rate_between_replays() -> None:
    net = dense()
    twin = copy.deepcopy(net)
    optimizer = pl.optim.SGD(net.parameters(), lr=0.5)
    program = pl.trace(net, ROWS, optimizer=optimizer)
    optimizer.groups[0]["lr"] = 0.1
    program.replay(ROWS)
    pl.losses.cross_entropy(twin(ROWS[0]), ROWS[1]).backward()
    expected = twin[0].weight.data - 0.1 * twin[0].weight.grad
    np.testing.assert_array_equal(net[0].weight.data, expected)


def test_without_an_optimizer_only_the_loss_is_computed() -> None:
    net = dense()
    before = net.state_dict()
    program = pl.trace(net, ROWS)
    x, y = ROWS[0][::-1].copy(), ROWS[1][::-1].copy()
    assert program.replay((x, y)) == float(pl.losses.cross_entropy(net(x), y))
    for name, array in net.state_dict().items():
        assert same_bits(array, before[name])


def test_a_batch_of_another_shape_or_type_is_refused() -> None:
    program = pl.trace(dense(), ROWS)
    with pytest.raises(ShapeError, match=r"x had shape \(6, 5\).*has \(3, 5\); trace a batch"):
        program.replay((ROWS[0][:3], ROWS[1][:3]))
    with pytest.raises(DTypeError, match="y was int64 when the program was traced"):
        program.replay((ROWS[0], ROWS[1].astype(np.float32)))
    with pytest.raises(ShapeError, match=r"2 arrays \(x, y\), this batch has 1"):
        program.replay(ROWS[0])


class Choosing(nn.Module):
    """Goes one of two ways, depending on the numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(5, 3, rng=0)

    def forward(self, x: Any) -> Any:
        y = self.layer(x)
        return y * 2.0 if float(np.abs(y.data[0]).sum()) > self.limit else y

    limit = 0.0


class Scaling(Choosing):
    """Takes a number out of an array, where the program cannot follow it."""

    def forward(self, x: Any) -> Any:
        y = self.layer(x)
        return y / float(np.abs(y.data).max())


def test_a_step_that_depends_on_its_numbers_is_refused() -> None:
    net = Choosing()
    sums = np.abs(net.layer(ROWS[0]).data).sum(axis=1)
    net.limit = float((sums[0] + sums[-1]) / 2)  # the first and the last sample go other ways
    with pytest.raises(UnsupportedError, match="looks at the numbers themselves"):
        pl.trace(net, ROWS).replay(ROWS)
    with pytest.raises(UnsupportedError, match="looks at the numbers themselves"):
        pl.trace(Scaling(), ROWS).replay(ROWS)


def test_buffers_are_shared_by_results_that_are_not_needed_together() -> None:
    layers = [layer for _ in range(12) for layer in (nn.Linear(32, 32, rng=0), nn.Tanh())]
    program = pl.trace(nn.Sequential(*layers), (floats(64, 32), labels(64, 32)))
    program.replay((floats(64, 32), labels(64, 32)))
    from pellucid.program.memory import Storage

    storage = Storage(program)
    for instruction in program.instructions:
        storage.before(instruction)
        storage.buffer(instruction)
        storage.after(instruction)
    made = sum(v.value.nbytes for i in program.instructions for v in i.outputs)
    assert storage.total < made / 2
