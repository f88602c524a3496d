"""Branches: names, initialisers that see through them, combining functions, and messages."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pellucid import nn
from pellucid.errors import DataError, ShapeError, UnknownNameError

X = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)


class Weighted(nn.Module):
    """A combining function with a parameter of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = nn.Linear(4, 1, rng=9)

    def forward(self, a: Any, b: Any) -> Any:
        """Return a mixture of both."""
        share = nn.functional.sigmoid(self.gate(a))
        return share * a + (1 - share) * b


def test_names_of_branches() -> None:
    block = nn.Parallel({"one": nn.Linear(3, 4), "two": nn.Linear(3, 4)})
    assert sorted(block.state_dict()) == ["one.bias", "one.weight", "two.bias", "two.weight"]
    assert [name for name, _ in block.branches()] == ["one", "two"]
    assert [name for name, _ in nn.Parallel(("a", nn.ReLU()), nn.Tanh()).branches()] == ["a", "1"]


def test_a_module_that_combines_is_no_branch_but_learns() -> None:
    block = nn.Parallel(nn.Linear(3, 4, rng=0), nn.Linear(3, 4, rng=1), combine=Weighted())
    assert len(block.branches()) == 2
    block(X).sum().backward()
    gradients = {name: p.grad is not None for name, p in block.named_parameters()}
    assert gradients["combine.gate.weight"]
    assert all(gradients.values())


@pytest.mark.parametrize(
    "wrap",
    [
        lambda layer: nn.Parallel(layer, nn.Linear(3, 4)),
        lambda layer: nn.Parallel(nn.Sequential(layer, nn.Dropout(0.1)), nn.Linear(3, 4)),
        lambda layer: nn.SkipConnection(layer),
        lambda layer: nn.TimeDistributed(nn.Sequential(layer, nn.Dropout(0.1))),
        lambda layer: nn.Sequential(nn.Parallel(nn.SkipConnection(layer))),
    ],
)
def test_initialisers_see_what_follows_the_branches(wrap: Any) -> None:
    layer = nn.Linear(3, 4)
    nn.Sequential(wrap(layer), nn.ReLU())
    assert "He normal: followed by ReLU" in repr(layer)


def test_what_follows_within_a_branch_counts_first() -> None:
    layer = nn.Linear(3, 4)
    nn.Sequential(nn.Parallel(nn.Sequential(layer, nn.Tanh(), nn.Linear(4, 4))), nn.ReLU())
    assert "followed by Tanh" in repr(layer)


def test_raw_data_beside_results_takes_their_type() -> None:
    y = nn.SkipConnection(nn.Linear(3, 4))(X.astype(np.float64))
    assert y.dtype == np.float32
    y = nn.Parallel(nn.Identity(), nn.Linear(3, 3))(X.astype(np.float64))
    assert y.dtype == np.float32


def test_time_steps_are_independent() -> None:
    layer = nn.TimeDistributed(nn.Linear(3, 4, rng=0))
    x = np.random.default_rng(0).normal(size=(2, 6, 3)).astype(np.float32)
    y = layer(x).data
    for t in range(6):
        np.testing.assert_allclose(y[:, t], layer.layer(x[:, t]).data, rtol=1e-5, atol=1e-6)


def test_representations() -> None:
    text = repr(nn.Parallel(nn.ReLU(), nn.Tanh(), combine="concatenate", axis=-1))
    assert text.startswith("Parallel(\n  concatenated along axis -1\n  (0): ReLU()")
    assert "added" in repr(nn.SkipConnection(nn.ReLU(), combine="sum"))
    assert "maximum" in repr(nn.Parallel(nn.ReLU(), combine=np.maximum))


# --- messages -------------------------------------------------------------------------------------


def message(call: Any) -> str:
    with pytest.raises((ShapeError, DataError, UnknownNameError)) as caught:
        call()
    return str(caught.value)


def test_messages_name_branches_and_shapes() -> None:
    wide = {"narrow": nn.Linear(3, 4), "wide": nn.Linear(3, 5)}
    assert message(lambda: nn.Parallel(wide)(X)) == (
        "branches that are added must make the same shape: branch 'narrow' has shape (5, 4), "
        "branch 'wide' has shape (5, 5); give the branches equal sizes, or join them with "
        'combine="concatenate"'
    )
    assert message(lambda: nn.Parallel(wide, combine="concatenate", axis=0)(X)) == (
        "branches that are concatenated along axis 0 must agree in every other: branch 'narrow' "
        "has shape (5, 4), branch 'wide' has shape (5, 5)"
    )
    assert message(lambda: nn.SkipConnection(nn.Linear(3, 4), combine="sum")(X)) == (
        "branches that are added must make the same shape: the input has shape (5, 3), the block "
        'has shape (5, 4); give the branches equal sizes, or join them with combine="concatenate"'
    )
    assert message(lambda: nn.Parallel(nn.ReLU(), combine="concatenate", axis=2)(X)) == (
        "there is no axis 2 to concatenate along: branch '0' has shape (5, 3)"
    )
    inner = nn.Sequential(nn.Parallel(nn.Linear(4, 4)))
    assert message(lambda: inner(X)).startswith("in layer '0.0': expected inputs with 4 features")


def test_messages_about_how_they_are_made() -> None:
    assert message(nn.Parallel).startswith("Parallel needs at least one branch")
    assert message(lambda: nn.Parallel(nn.ReLU(), combine="add")).startswith(
        "unknown way for Parallel to combine 'add'"
    )
    assert message(lambda: nn.SkipConnection(nn.ReLU(), combine=3)) == (
        'SkipConnection combines by "sum", "concatenate" or a function, got 3'
    )
    assert message(lambda: nn.Parallel(np.sin)).startswith("Parallel is made of layers")
    assert message(lambda: nn.TimeDistributed(nn.ReLU)).startswith(
        "TimeDistributed got the class ReLU; write ReLU(...)"
    )


def test_messages_about_time() -> None:
    assert message(lambda: nn.TimeDistributed(nn.ReLU())(X)) == (
        "TimeDistributed expects sequences of shape (N, T, ...), got (5, 3); numbers in a row need "
        "an axis for them, x[..., None]"
    )
    joined = nn.TimeDistributed(nn.Lambda(lambda x: x.reshape(-1)))
    assert message(lambda: joined(np.ones((2, 3, 4)))) == (
        "the layer turns 2·3 = 6 steps into shape (24,), which are no longer 6 results; it must "
        "keep the first axis"
    )
