"""The perceptron of 1958, with the learning rule of its time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pellucid.dtypes import Array, DTypeLike, as_array
from pellucid.errors import DataError, ShapeError
from pellucid.models.shapes import InputShape, input_layers
from pellucid.nn import Flatten, Linear, Module
from pellucid.nn.functional import step
from pellucid.primitives.declaration import Value

__all__ = ["Perceptron", "PerceptronHistory"]


@dataclass(frozen=True)
class PerceptronHistory:
    """How the learning of a perceptron went.

    Parameters
    ----------
    mistakes : tuple of int
        Number of samples that were on the wrong side when their turn came, for each epoch.
    samples : int
        Number of samples in an epoch.
    """

    mistakes: tuple[int, ...]
    samples: int

    @property
    def epochs(self) -> int:
        """Number of passes over the samples."""
        return len(self.mistakes)

    @property
    def converged(self) -> bool:
        """Whether the last pass was without a mistake, so that no further one changes anything."""
        return self.mistakes[-1] == 0

    def __str__(self) -> str:
        if self.converged:
            return f"converged: no mistake in epoch {self.epochs}"
        return (
            f"did not converge: {self.mistakes[-1]} mistakes on {self.samples} samples in epoch "
            f"{self.epochs}; if no straight line (plane) separates the classes, as in XOR, "
            "it never will"
        )


class Perceptron(Module):
    """One threshold unit that learns from its mistakes.

    ŷ = 1 if x·w + b ≥ 0 else 0; after each sample, w ← w + lr·(y − ŷ)·x and b ← b + lr·(y − ŷ)

    If a plane separates the two classes, it finds one after finitely many mistakes (Novikoff,
    1962); if none does, it never comes to rest, as Minsky & Papert (1969) showed for XOR.
    Its step has no gradient, so it is trained by :meth:`fit` and not by backpropagation.
    Rosenblatt (1958).

    Parameters
    ----------
    in_features : int or tuple of int
        Number of features, or the shape of one sample, which is then flattened.
    dtype : dtype, optional
        Type of the parameters, by default float32.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> gate = Perceptron(2)
    >>> print(gate.fit(x, np.array([0, 0, 0, 1])))
    converged: no mistake in epoch 6
    >>> gate.predict(x)
    array([0, 0, 0, 1])
    """

    def __init__(self, in_features: InputShape, *, dtype: DTypeLike | None = None) -> None:
        super().__init__()
        self.flatten = Flatten()
        self.linear = Linear(input_layers(in_features)[1], 1, weight_init="zeros", dtype=dtype)

    def forward(self, x: Value) -> Value:
        """Return 0 or 1 for each sample, of shape (samples, 1)."""
        return step(self.linear(self.flatten(x)))

    def predict(self, x: Any) -> Array:
        """Return the class of each sample, 0 or 1, of shape (samples,)."""
        return self(as_array(x)).data[:, 0].astype(np.int64)

    def fit(self, x: Any, y: Any, epochs: int = 100, lr: float = 1.0) -> PerceptronHistory:
        """Learn from one sample after the other, until an epoch passes without a mistake.

        Parameters
        ----------
        x : array_like
            Samples of shape (samples, ...).
        y : array_like
            Their classes, 0 or 1, of shape (samples,).
        epochs : int
            The most passes over the samples.
        lr : float
            How far a mistake moves the weights. When they start at 0, it only sets their scale.

        Returns
        -------
        PerceptronHistory
            Mistakes in each epoch, and whether it converged.

        Raises
        ------
        DataError
            If classes other than 0 and 1 come, or numbers that are not finite.
        ShapeError
            If there are not as many classes as samples.
        """
        if epochs < 1:
            raise DataError(f"the number of epochs is at least 1, got {epochs}")
        inputs, wanted = as_array(x), self._classes(y)
        if inputs.ndim < 2 or len(inputs) != len(wanted):
            raise ShapeError(
                f"the samples have shape {inputs.shape} and the classes {wanted.shape}; there must "
                "be one class for each sample"
            )
        if not np.isfinite(inputs).all():
            raise DataError("the samples contain NaN or infinity; a perceptron cannot learn them")
        rows = inputs.reshape(len(inputs), -1)
        self(rows[:1])  # checks the number of features, or infers it
        weight, bias = self.linear.weight.data[:, 0], self._bias()
        rows = rows.astype(weight.dtype)
        mistakes: list[int] = []
        while len(mistakes) < epochs and (not mistakes or mistakes[-1]):
            mistakes.append(0)
            for row, target in zip(rows, wanted, strict=True):
                error = int(target) - int(row @ weight + bias[0] >= 0)
                if error:
                    weight += lr * error * row
                    bias += lr * error
                    mistakes[-1] += 1
        return PerceptronHistory(tuple(mistakes), len(rows))

    def _bias(self) -> Array:
        assert self.linear.bias is not None  # made with one
        return self.linear.bias.data

    @staticmethod
    def _classes(y: Any) -> Array:
        classes = as_array(y)
        if classes.ndim == 2 and classes.shape[1] == 1:
            classes = classes[:, 0]
        wrong = classes[(classes != 0) & (classes != 1)]
        if wrong.size:
            raise DataError(
                f"a perceptron tells class 0 from class 1, but y contains {wrong.flat[0]:g}; "
                "for −1 and 1 pass (y > 0), for more classes use an MLP or LinearModel"
            )
        return classes.astype(np.int64)
