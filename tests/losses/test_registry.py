"""The table of losses: complete, found under every name, and true about the output it wants."""

from __future__ import annotations

import inspect
from functools import partial

import numpy as np
import pytest

from pellucid import losses
from pellucid.errors import UnknownNameError
from pellucid.losses import LOSSES, Loss, find_loss, get_loss

TASKS = {"regression", "binary", "multiclass", "distribution", "embedding"}


@pytest.mark.parametrize("name", LOSSES)
def test_record(name: str) -> None:
    loss = LOSSES[name]
    assert loss.name == name == loss.function.__name__
    assert getattr(losses, name) is loss.function
    assert name in losses.__all__
    assert loss.task in TASKS
    assert loss.formula
    assert all(get_loss(alias) is loss for alias in (name, *loss.aliases))
    parameters = inspect.signature(loss.function).parameters
    assert parameters["sample_weight"].default is None
    assert parameters["reduction"].default == ("sum" if name.startswith("half") else "mean")
    positional = [x for x in parameters.values() if x.kind is x.POSITIONAL_OR_KEYWORD]
    assert len(positional) == len(loss.inputs)
    if loss.task == "embedding" or name == "gaussian_nll":
        assert tuple(x.name for x in positional) == loss.inputs


def test_no_function_is_missing_from_the_table() -> None:
    functions = {
        name
        for name in losses.__all__
        if inspect.isfunction(getattr(losses, name)) and not name.endswith("_loss")
    }
    assert functions == set(LOSSES)


def test_no_name_stands_for_two_losses() -> None:
    names = [name for loss in LOSSES.values() for name in (loss.name, *loss.aliases)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", [n for n, loss in LOSSES.items() if loss.activation is not None])
def test_activation_gives_probabilities_that_fit_the_loss(name: str) -> None:
    loss = LOSSES[name]
    assert loss.activation is not None
    z = np.linspace(-2.0, 2.0, 12).reshape(4, 3)
    if loss.output == "probabilities":
        z = 1 / (1 + np.exp(-z))
    elif loss.output == "log-probabilities":
        z = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    q = loss.activation(z)
    assert (q >= 0).all()
    assert (q <= 1).all()
    if loss.task != "binary":
        np.testing.assert_allclose(q.sum(axis=1), 1)


def test_losses_without_probabilities_have_no_activation() -> None:
    assert {n for n, loss in LOSSES.items() if loss.activation is None} == {
        n for n, loss in LOSSES.items() if loss.output in ("real", "scores", "embeddings")
    }


def test_names_are_forgiving() -> None:
    assert get_loss(" Cross-Entropy ") is LOSSES["cross_entropy"]
    assert get_loss("MSE") is LOSSES["mean_squared_error"]


def test_unknown_name() -> None:
    with pytest.raises(UnknownNameError, match="unknown loss 'cros_entropy'; did you mean 'cross_"):
        get_loss("cros_entropy")


def test_find_loss() -> None:
    assert find_loss(losses.huber) is LOSSES["huber"]
    assert find_loss(partial(partial(losses.huber, delta=2.0), reduction="sum")) is LOSSES["huber"]
    assert find_loss(LOSSES["huber"]) is LOSSES["huber"]
    assert find_loss(lambda p, y: p - y) is None


def test_a_record_is_callable() -> None:
    loss = get_loss("mae")
    assert isinstance(loss, Loss)
    assert loss([1.0], [3.0], reduction="sum").item() == 2.0
