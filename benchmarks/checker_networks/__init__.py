"""Networks with a backward pass by hand in which every mistake can be planted.

Each maker returns the parameters, the loss, a function ``gradients(parameters, faults)``, and the
faults that it knows: name to what the checker should say. Where two kinds have the same numbers by
mathematics (a missing sigmoid derivative at the output *is* the cross-entropy's gradient), either
will do.

The passes are written as a learner would write them, in NumPy, without Pellucid.
"""

from __future__ import annotations

from collections.abc import Callable

from checker_networks.attention import attention
from checker_networks.batch_norm import batch_norm
from checker_networks.convolution import convolution
from checker_networks.dense import dense
from checker_networks.network import Network
from checker_networks.parts import ACTIVATIONS
from checker_networks.recurrent import recurrent
from checker_networks.residual import residual

__all__ = ["NETWORKS", "Network"]

NETWORKS: tuple[Callable[[], Network], ...] = (
    *(
        lambda a=a, s=s, z=z: dense(a, s, z)
        for a in ACTIVATIONS
        for s, z in (
            ("half squared", (3, 5, 4)),
            ("mean squared", (3, 5, 5, 4)),
            ("sigmoid squared", (3, 5, 4)),
            ("softmax squared", (3, 5, 5, 4)),
            ("cross-entropy", (3, 5, 5, 4)),
            ("binary", (3, 5, 5, 2)),
        )
    ),
    *(lambda a=a: dense(a, "cross-entropy", (3, 5, 5, 4), 0.01) for a in ACTIVATIONS),
    residual,
    *(lambda a=a: convolution(a) for a in ("relu", "tanh")),
    *(lambda a=a: recurrent(a) for a in ("tanh", "sigmoid")),
    *(lambda a=a: batch_norm(a) for a in ("relu", "tanh")),
    attention,
)
"""Makers of the networks."""
