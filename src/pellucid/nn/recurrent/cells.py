"""The cells: simple recurrence, LSTM and GRU."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np

from pellucid import primitives as p
from pellucid.dtypes import DTypeLike
from pellucid.errors import DataError, UnknownNameError
from pellucid.nn.init import InitLike, make_initializer
from pellucid.nn.recurrent.cell import RecurrentCell, States, whole_size
from pellucid.primitives.declaration import Value
from pellucid.random import Seed, generator
from pellucid.tensor import Parameter

__all__ = ["GRUCell", "LSTMCell", "RNNCell"]


class RNNCell(RecurrentCell):
    """One step of a simple recurrent network.

    h' = φ(x W + h U + b), φ = tanh or relu

    Elman (1990).

    Parameters
    ----------
    input_size : int or None
        Number of features of an input; None takes it from the first batch.
    hidden_size : int
        Number of features of the state.
    activation : {"tanh", "relu"}
        φ. With relu, ``recurrent_init="identity"`` lets the state persist at first (Le et al.,
        2015).
    bias : bool
        Whether b is added.
    weight_init : Initializer, str or callable, optional
        What W starts as, by default Glorot normal.
    recurrent_init : Initializer, str or callable, optional
        What U starts as, by default orthogonal: repeated products with it neither grow nor shrink
        (Saxe et al., 2014).
    dtype : dtype, optional
        Type of the parameters, by default float32.
    rng : int, numpy.random.Generator or None
        Where random numbers come from.

    Attributes
    ----------
    weight, recurrent_weight : Parameter
        W (input_size, H) and U (H, H).
    bias : Parameter or None
        b (H,).

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid import nn
    >>> cell = nn.RNNCell(3, 4)
    >>> h = cell(np.ones((2, 3)))
    >>> cell(np.ones((2, 3)), h).shape
    (2, 4)
    """

    gates: ClassVar[tuple[str, ...]] = ("h",)

    def __init__(
        self,
        input_size: int | None,
        hidden_size: int,
        *,
        activation: Literal["tanh", "relu"] = "tanh",
        bias: bool = True,
        weight_init: InitLike | None = None,
        recurrent_init: InitLike | None = None,
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None:
        if activation not in ("tanh", "relu"):
            raise UnknownNameError("activation of a recurrence", str(activation), ["tanh", "relu"])
        super().__init__(
            input_size, hidden_size, hidden_size, bias, weight_init, recurrent_init, dtype, rng
        )
        self.activation = activation

    def advance(self, z: Value, state: States) -> States:
        """Return the new state from z = x W + b of one step."""
        a = p.add(z, p.matmul(state[0], self.recurrent_weight))
        return (p.tanh(a) if self.activation == "tanh" else p.relu(a),)

    def unroll(self, z: Value, state: States) -> States:
        """Return the states of all steps, (T, N, H)."""
        return (p.rnn_sequence(z, self.recurrent_weight, state[0], activation=self.activation),)

    def options(self) -> list[str]:
        """Return the activation, if it is not tanh."""
        return [] if self.activation == "tanh" else [self.activation]


class LSTMCell(RecurrentCell):
    """One step of a long short-term memory.

    i, f, o = σ(x W + h U + b), g = tanh(x W + h U + b); c' = f∘c + i∘g, h' = o∘tanh(c')

    Hochreiter & Schmidhuber (1997), with the forget gate f of Gers et al. (2000).

    Parameters
    ----------
    input_size : int or None
        Number of features of an input; None takes it from the first batch.
    hidden_size : int
        Number of features of the cell state c, and of h unless there is a projection.
    projection : int, optional
        h' = (o∘tanh(c')) P of this many features, fewer than the cell's (Sak et al., 2014).
    peepholes : bool
        Whether the gates also see the cell state through one weight a unit, pᵢ∘c and p_f∘c before
        and pₒ∘c' after the update (Gers & Schmidhuber, 2000).
    forget_bias : float
        What the bias of the forget gate starts as. At 1 a new network remembers (σ(1) ≈ 0.73) where
        at 0 it halves its memory at every step (Jozefowicz et al., 2015). PyTorch starts it near 0.
        Without a bias there is nothing to start.
    bias, weight_init, recurrent_init, dtype, rng
        As for :class:`RNNCell`.

    Attributes
    ----------
    weight, recurrent_weight : Parameter
        W (input_size, 4H) and U (H, 4H), or U (projection, 4H); gates in the order i f g o.
    bias : Parameter or None
        b (4H,).
    projection : Parameter or None
        P (H, projection).
    peepholes : Parameter or None
        Rows pᵢ, p_f, pₒ (3, H).

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid import nn
    >>> cell = nn.LSTMCell(3, 4)
    >>> h, c = cell(np.ones((2, 3)))
    >>> h, c = cell(np.ones((2, 3)), (h, c))
    """

    gates: ClassVar[tuple[str, ...]] = ("i", "f", "g", "o")
    state_names: ClassVar[tuple[str, ...]] = ("h", "c")

    projection: Parameter | None
    peepholes: Parameter | None

    def __init__(
        self,
        input_size: int | None,
        hidden_size: int,
        *,
        projection: int | None = None,
        peepholes: bool = False,
        forget_bias: float = 1.0,
        bias: bool = True,
        weight_init: InitLike | None = None,
        recurrent_init: InitLike | None = None,
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None:
        rng = None if rng is None else generator(rng)
        out = hidden_size
        if projection is not None:
            out = whole_size(projection, "projection", "an LSTM")
            if out >= hidden_size:
                raise DataError(
                    f"a projection makes h smaller than the cell: projection={out} is not below "
                    f"hidden_size={hidden_size}"
                )
        super().__init__(
            input_size, hidden_size, out, bias, weight_init, recurrent_init, dtype, rng
        )
        size, wanted = self.hidden_size, self.recurrent_weight.dtype
        if self.bias is not None:
            self.bias.data[size : 2 * size] = forget_bias
        self.projection = None
        if projection is not None:
            init = make_initializer("glorot_normal" if weight_init is None else weight_init)
            self.projection = Parameter(init((size, out), generator(rng), wanted))
        self.peepholes = Parameter(np.zeros((3, size), wanted)) if peepholes else None

    def advance(self, z: Value, state: States) -> States:
        """Return the new (h, c) from z = x W + b of one step."""
        hidden, cell = state
        i, f, g, o = self.columns(p.add(z, p.matmul(hidden, self.recurrent_weight)))
        if self.peepholes is not None:
            i = p.add(i, p.multiply(cell, p.getitem(self.peepholes, index=0)))
            f = p.add(f, p.multiply(cell, p.getitem(self.peepholes, index=1)))
        kept, new = p.multiply(p.sigmoid(f), cell), p.multiply(p.sigmoid(i), p.tanh(g))
        cell = p.add(kept, new)
        if self.peepholes is not None:
            o = p.add(o, p.multiply(cell, p.getitem(self.peepholes, index=2)))
        hidden = p.multiply(p.sigmoid(o), p.tanh(cell))
        if self.projection is not None:
            hidden = p.matmul(hidden, self.projection)
        return hidden, cell

    def unroll(self, z: Value, state: States) -> States:
        """Return h and c of all steps, (T, N, H); a plain loop with projection or peepholes."""
        if self.projection is not None or self.peepholes is not None:
            return super().unroll(z, state)
        both = p.lstm_sequence(z, self.recurrent_weight, *state)
        return p.getitem(both, index=0), p.getitem(both, index=1)

    def options(self) -> list[str]:
        """Return the projection and the peepholes, if there are any."""
        shown = [] if self.projection is None else [f"projection={self.output_size}"]
        return shown if self.peepholes is None else [*shown, "peepholes"]


class GRUCell(RecurrentCell):
    """One step of a gated recurrent unit.

    r, z = σ(x W + h U + b), n = tanh(x Wₙ + bₙ + r∘(h Uₙ + b')), h' = (1 − z)∘n + z∘h

    Cho et al. (2014), in the variant that PyTorch and cuDNN compute: the reset gate acts after the
    product with Uₙ, so that all products of a step are one.

    Parameters
    ----------
    input_size : int or None
        Number of features of an input; None takes it from the first batch.
    hidden_size : int
        Number of features of the state.
    reset_after : bool
        Whether the reset gate acts after the product; False is the formula of the paper,
        n = tanh(x Wₙ + bₙ + (r∘h) Uₙ).
    bias, weight_init, recurrent_init, dtype, rng
        As for :class:`RNNCell`.

    Attributes
    ----------
    weight, recurrent_weight : Parameter
        W (input_size, 3H) and U (H, 3H); gates in the order r z n.
    bias : Parameter or None
        b (3H,).
    recurrent_bias : Parameter or None
        b' (H,); there is none where the reset gate acts before the product.

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid import nn
    >>> nn.GRUCell(3, 4)(np.ones((2, 3))).shape
    (2, 4)
    """

    gates: ClassVar[tuple[str, ...]] = ("r", "z", "n")

    recurrent_bias: Parameter | None

    def __init__(
        self,
        input_size: int | None,
        hidden_size: int,
        *,
        reset_after: bool = True,
        bias: bool = True,
        weight_init: InitLike | None = None,
        recurrent_init: InitLike | None = None,
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None:
        super().__init__(
            input_size, hidden_size, hidden_size, bias, weight_init, recurrent_init, dtype, rng
        )
        self.reset_after = bool(reset_after)
        self.recurrent_bias = None
        if bias and reset_after:
            self.recurrent_bias = Parameter(np.zeros(self.hidden_size, self.recurrent_weight.dtype))

    def advance(self, z: Value, state: States) -> States:
        """Return the new state from z = x W + b of one step."""
        (h,) = state
        from_input = self.columns(z)
        if self.reset_after:
            reset, keep, new = self.columns(p.matmul(h, self.recurrent_weight))
            if self.recurrent_bias is not None:
                new = p.add(new, self.recurrent_bias)
            r = p.sigmoid(p.add(from_input[0], reset))
            kept = p.sigmoid(p.add(from_input[1], keep))
            n = p.tanh(p.add(from_input[2], p.multiply(r, new)))
        else:
            reset, keep, new = self.columns(self.recurrent_weight)
            r = p.sigmoid(p.add(from_input[0], p.matmul(h, reset)))
            kept = p.sigmoid(p.add(from_input[1], p.matmul(h, keep)))
            n = p.tanh(p.add(from_input[2], p.matmul(p.multiply(r, h), new)))
        return (p.add(n, p.multiply(kept, p.subtract(h, n))),)

    def unroll(self, z: Value, state: States) -> States:
        """Return the states of all steps, (T, N, H); a plain loop in the variant of the paper."""
        if not self.reset_after:
            return super().unroll(z, state)
        bias: Any = self.recurrent_bias
        if bias is None:
            bias = np.zeros(self.hidden_size, self.recurrent_weight.dtype)
        return (p.gru_sequence(z, self.recurrent_weight, bias, state[0]),)

    def options(self) -> list[str]:
        """Return the variant, if it is the paper's."""
        return [] if self.reset_after else ["reset before the product"]
