"""Every model by name: what the command line makes, and what a saved model is made again from."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pellucid.errors import DataError, UnknownNameError
from pellucid.models.linear import LinearModel
from pellucid.models.mlp import MLP
from pellucid.models.perceptron import Perceptron
from pellucid.nn import Module

__all__ = ["MODELS", "Model", "find_model"]


@dataclass(frozen=True)
class Model:
    """A kind of network, and how to make one for some data.

    Parameters
    ----------
    name : str
        The name, as in ``--model NAME``.
    builder : callable
        ``(input_shape, outputs, **options) -> Module``.
    description : str
        What it is, in one line.
    paper : str
        Where it comes from: author, year.
    """

    name: str
    builder: Callable[..., Module]
    description: str
    paper: str

    @property
    def options(self) -> dict[str, Any]:
        """The options, and what each is if it is left out."""
        parameters = list(inspect.signature(self.builder).parameters.values())[2:]
        return {parameter.name: parameter.default for parameter in parameters}

    def build(
        self,
        input_shape: Sequence[int],
        outputs: int,
        options: Mapping[str, Any] | None = None,
    ) -> Module:
        """Make a network.

        Parameters
        ----------
        input_shape : sequence of int
            The shape of one sample.
        outputs : int
            Number of classes, or of values to predict.
        options : mapping, optional
            See :attr:`options`.

        Raises
        ------
        UnknownNameError
            If the model has no option of that name; the nearest is suggested.
        """
        given = dict(options or {})
        for name in given:
            if name not in self.options:
                raise UnknownNameError(f"option of the model '{self.name}'", name, self.options)
        return self.builder(tuple(input_shape), outputs, **given)

    def __call__(self, input_shape: Sequence[int], outputs: int, **options: Any) -> Module:
        """Make a network; the same as :meth:`build`, with the options as keywords."""
        return self.build(input_shape, outputs, options)


def _mlp(
    input_shape: tuple[int, ...],
    outputs: int,
    hidden: int | Sequence[int] = (128, 64),
    activation: str = "relu",
    dropout: float = 0.0,
    bias: bool = True,
    weight_init: str | None = None,
    dtype: str | None = None,
    rng: int | None = None,
) -> Module:
    return MLP(
        input_shape,
        hidden,
        outputs,
        activation,
        dropout,
        bias=bias,
        weight_init=weight_init,
        dtype=dtype,
        rng=rng,
    )


def _linear(
    input_shape: tuple[int, ...],
    outputs: int,
    bias: bool = True,
    weight_init: str | None = None,
    dtype: str | None = None,
    rng: int | None = None,
) -> Module:
    return LinearModel(
        input_shape, outputs, bias=bias, weight_init=weight_init, dtype=dtype, rng=rng
    )


def _perceptron(input_shape: tuple[int, ...], outputs: int, dtype: str | None = None) -> Module:
    if outputs not in (1, 2):
        raise DataError(
            f"a perceptron tells two classes apart, this data has {outputs}; "
            "use the model 'mlp' or 'linear'"
        )
    return Perceptron(input_shape, dtype=dtype)


_ENTRIES = (
    Model(
        "mlp",
        _mlp,
        "Dense layers with an activation between them.",
        "Rumelhart, Hinton & Williams (1986)",
    ),
    Model(
        "linear",
        _linear,
        "One dense layer: linear regression, or logistic regression for classes.",
        "Legendre (1805); Cox (1958)",
    ),
    Model(
        "perceptron",
        _perceptron,
        "One threshold unit for two classes, with its own learning rule.",
        "Rosenblatt (1958)",
    ),
)

MODELS: dict[str, Model] = {entry.name: entry for entry in _ENTRIES}
"""Every model by name."""


def find_model(name: str) -> Model:
    """Return the model called `name`; case, hyphens and underscores do not matter.

    Raises
    ------
    UnknownNameError
        If there is none; the nearest name is suggested.
    """
    plain = name.lower().replace("-", "_")
    if plain not in MODELS:
        raise UnknownNameError("model", name, MODELS)
    return MODELS[plain]
