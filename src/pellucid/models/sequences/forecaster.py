"""Values or classes from a window of a series."""

from __future__ import annotations

from pellucid.dtypes import DTypeLike
from pellucid.models.sequences.kinds import CellName, make_recurrent, one_stream
from pellucid.nn import Dropout, LastStep, Linear, Module
from pellucid.primitives.declaration import Value
from pellucid.random import Seed

__all__ = ["RecurrentForecaster"]


class RecurrentForecaster(Module):
    """Predicts the next values of a series from what recurrent layers know at the end of a window.

    ŷ = recurrent(x)_T W + b

    All values of the horizon come at once (direct forecast), so that errors do not feed on
    themselves. The same network classifies a series, its outputs then being logits.

    Hochreiter & Schmidhuber (1997); Cho et al. (2014).

    Parameters
    ----------
    features : int or None
        Number of values at each time; None takes it from the first batch.
    outputs : int
        The horizon: how many values to predict; or the number of classes.
    hidden : int
        Units of each recurrent layer.
    layers : int
        How many recurrent layers.
    cell : {"rnn", "lstm", "gru"}
        Their kind.
    dropout : float
        Probability of dropping a value after each recurrent layer, in training.
    dtype : dtype, optional
        Type of the parameters, by default float32.
    rng : int, numpy.random.Generator or None
        Where random numbers come from, for weights and for dropout.

    Examples
    --------
    >>> import numpy as np
    >>> RecurrentForecaster(1, 12, cell="lstm")(np.zeros((5, 24, 1))).shape
    (5, 12)
    """

    def __init__(
        self,
        features: int | None,
        outputs: int,
        hidden: int = 32,
        layers: int = 1,
        *,
        cell: CellName = "gru",
        dropout: float = 0.0,
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None:
        super().__init__()
        rng = one_stream(rng)
        self.recurrent = make_recurrent(
            cell, features, hidden, layers, dropout, dtype=dtype, rng=rng
        )
        self.last = LastStep()
        self.dropout = Dropout(dropout, rng)
        self.head = Linear(hidden, outputs, dtype=dtype, rng=rng)

    def forward(self, x: Value) -> Value:
        """Return the next values.

        Parameters
        ----------
        x : array or Tensor
            Windows of shape (N, T, features).

        Returns
        -------
        Tensor
            Of shape (N, outputs).
        """
        return self.head(self.dropout(self.last(self.recurrent(x))))
