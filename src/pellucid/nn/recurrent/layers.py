"""RNN, LSTM and GRU on sequences (N, T, F)."""

from __future__ import annotations

from functools import partial
from typing import Literal

from pellucid.dtypes import DTypeLike
from pellucid.nn.init import InitLike
from pellucid.nn.recurrent.cells import GRUCell, LSTMCell, RNNCell
from pellucid.nn.recurrent.layer import RecurrentLayer
from pellucid.random import Seed

__all__ = ["GRU", "LSTM", "RNN"]


class RNN(RecurrentLayer):
    """Simple recurrent layer on sequences.

    hₜ = φ(xₜ W + hₜ₋₁ U + b), φ = tanh or relu

    Elman (1990); both directions: Schuster & Paliwal (1997).

    Parameters
    ----------
    input_size : int or None
        Number of features F of the inputs; None takes it from the first batch.
    hidden_size : int
        Number of units H of each layer and direction.
    num_layers : int
        How many layers there are, each reading the outputs of the one before.
    bidirectional : bool
        Whether each layer also reads the sequences from their ends; outputs are then 2H wide.
    dropout : float
        Probability of dropping a value between layers, in training.
    activation : {"tanh", "relu"}
        φ.
    bias, weight_init, recurrent_init, dtype, rng
        As for :class:`RNNCell`.

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid import nn
    >>> output, state = nn.RNN(3, 4)(np.ones((2, 5, 3)))
    >>> output.shape, state.shape
    ((2, 5, 4), (1, 2, 4))
    """

    def __init__(
        self,
        input_size: int | None,
        hidden_size: int,
        num_layers: int = 1,
        *,
        bidirectional: bool = False,
        dropout: float = 0.0,
        activation: Literal["tanh", "relu"] = "tanh",
        bias: bool = True,
        weight_init: InitLike | None = None,
        recurrent_init: InitLike | None = None,
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None:
        cell = partial(
            RNNCell,
            hidden_size=hidden_size,
            activation=activation,
            bias=bias,
            weight_init=weight_init,
            recurrent_init=recurrent_init,
            dtype=dtype,
        )
        super().__init__(cell, input_size, num_layers, bidirectional, dropout, rng)


class LSTM(RecurrentLayer):
    """Long short-term memory on sequences.

    i, f, o = σ(xₜ W + hₜ₋₁ U + b), g = tanh(xₜ W + hₜ₋₁ U + b)

    cₜ = f∘cₜ₋₁ + i∘g, hₜ = o∘tanh(cₜ)

    Hochreiter & Schmidhuber (1997); forget gate: Gers et al. (2000).

    Parameters
    ----------
    input_size : int or None
        Number of features F of the inputs; None takes it from the first batch.
    hidden_size : int
        Number of units H of each layer and direction.
    num_layers : int
        How many layers there are, each reading the outputs of the one before.
    bidirectional : bool
        Whether each layer also reads the sequences from their ends; outputs are then twice as wide.
    dropout : float
        Probability of dropping a value between layers, in training.
    projection, peepholes, forget_bias
        As for :class:`LSTMCell`.
    bias, weight_init, recurrent_init, dtype, rng
        As for :class:`RNNCell`.

    Notes
    -----
    The state is the pair (h, c). Without projection and peepholes all steps are one call of a
    primitive; with them the layer runs step by step, several times slower.

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid import nn
    >>> output, (h, c) = nn.LSTM(3, 4, num_layers=2)(np.ones((2, 5, 3)), lengths=[5, 2])
    >>> output.shape, h.shape, c.shape
    ((2, 5, 4), (2, 2, 4), (2, 2, 4))
    >>> bool((output.data[1, 2:] == 0).all())
    True
    """

    def __init__(
        self,
        input_size: int | None,
        hidden_size: int,
        num_layers: int = 1,
        *,
        bidirectional: bool = False,
        dropout: float = 0.0,
        projection: int | None = None,
        peepholes: bool = False,
        forget_bias: float = 1.0,
        bias: bool = True,
        weight_init: InitLike | None = None,
        recurrent_init: InitLike | None = None,
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None:
        cell = partial(
            LSTMCell,
            hidden_size=hidden_size,
            projection=projection,
            peepholes=peepholes,
            forget_bias=forget_bias,
            bias=bias,
            weight_init=weight_init,
            recurrent_init=recurrent_init,
            dtype=dtype,
        )
        super().__init__(cell, input_size, num_layers, bidirectional, dropout, rng)


class GRU(RecurrentLayer):
    """Gated recurrent unit on sequences.

    r, z = σ(xₜ W + hₜ₋₁ U + b), n = tanh(xₜ Wₙ + bₙ + r∘(hₜ₋₁ Uₙ + b')), hₜ = (1 − z)∘n + z∘hₜ₋₁

    Cho et al. (2014), with the reset gate after the product.

    Parameters
    ----------
    input_size : int or None
        Number of features F of the inputs; None takes it from the first batch.
    hidden_size : int
        Number of units H of each layer and direction.
    num_layers : int
        How many layers there are, each reading the outputs of the one before.
    bidirectional : bool
        Whether each layer also reads the sequences from their ends; outputs are then 2H wide.
    dropout : float
        Probability of dropping a value between layers, in training.
    reset_after : bool
        As for :class:`GRUCell`; False is the formula of the paper, which runs step by step.
    bias, weight_init, recurrent_init, dtype, rng
        As for :class:`RNNCell`.

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid import nn
    >>> net = nn.Sequential(nn.GRU(3, 8), nn.LastStep(), nn.Linear(8, 2))
    >>> net(np.ones((4, 5, 3))).shape
    (4, 2)
    """

    def __init__(
        self,
        input_size: int | None,
        hidden_size: int,
        num_layers: int = 1,
        *,
        bidirectional: bool = False,
        dropout: float = 0.0,
        reset_after: bool = True,
        bias: bool = True,
        weight_init: InitLike | None = None,
        recurrent_init: InitLike | None = None,
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None:
        cell = partial(
            GRUCell,
            hidden_size=hidden_size,
            reset_after=reset_after,
            bias=bias,
            weight_init=weight_init,
            recurrent_init=recurrent_init,
            dtype=dtype,
        )
        super().__init__(cell, input_size, num_layers, bidirectional, dropout, rng)
