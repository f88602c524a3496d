"""What follows a recurrent layer in a Sequential: its last step, or all of its steps."""

from __future__ import annotations

from typing import Any

from pellucid import primitives as p
from pellucid.errors import ShapeError
from pellucid.nn.inputs import floats
from pellucid.nn.module import Module
from pellucid.primitives.declaration import Value

__all__ = ["AllSteps", "LastStep"]


class AllSteps(Module):
    """Passes on the outputs of a recurrent layer at all steps, and drops its state.

    y = output

    It stands between two recurrent layers, or before a layer that works step by step.

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid import nn
    >>> net = nn.Sequential(nn.GRU(3, 8), nn.AllSteps(), nn.Linear(8, 2))
    >>> net(np.ones((4, 5, 3))).shape
    (4, 5, 2)
    """

    transparent = True

    def forward(self, x: Any) -> Value:
        """Return the outputs (N, T, D).

        Parameters
        ----------
        x : tuple, or Tensor
            What a recurrent layer returns; sequences pass as they are.
        """
        return x[0] if isinstance(x, tuple) else floats(x)


class LastStep(Module):
    """Passes on what a recurrent layer knows at the end of each sequence.

    y = h_T; of a bidirectional layer h_T of the way forwards, then h₁ of the way backwards

    That is the state of the layer after the last valid step, so that padding plays no part.

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid import nn
    >>> layer = nn.GRU(3, 8, bidirectional=True)
    >>> nn.LastStep()(layer(np.ones((4, 5, 3)), lengths=[5, 5, 2, 1])).shape
    (4, 16)
    """

    transparent = True

    def forward(self, x: Any) -> Value:
        """Return the values at the end (N, D).

        Parameters
        ----------
        x : tuple, or Tensor
            What a recurrent layer returns; of plain sequences (N, T, F) the last step is taken.

        Raises
        ------
        ShapeError
            If a sequence has no steps.
        """
        if not isinstance(x, tuple):
            x = floats(x)
            if len(x.shape) != 3 or not x.shape[1]:
                raise ShapeError(
                    f"expected sequences of shape (samples, steps, features), with at least one "
                    f"step, got {x.shape}"
                )
            return p.getitem(x, index=(slice(None), x.shape[1] - 1))
        output, state = x
        hidden = state[0] if isinstance(state, tuple) else state
        cells = hidden.shape[0]
        if output.shape[-1] == hidden.shape[-1]:
            return p.getitem(hidden, index=cells - 1)
        forwards = p.getitem(hidden, index=cells - 2)
        return p.concatenate(forwards, p.getitem(hidden, index=cells - 1), axis=-1)
