"""Initialisers: what the weights are before training.

Each is a small object that is called with a shape, a generator and a type, and returns an array.
Weights have the shape (in, out), as in ``x @ W + b``: a unit has fan_in = in inputs, and an input
reaches fan_out = out units.
"""

from pellucid.nn.init.base import Initializer, InitLike
from pellucid.nn.init.registry import INITIALIZERS, make_initializer
from pellucid.nn.init.scaled import (
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    LeCunNormal,
    LeCunUniform,
)
from pellucid.nn.init.simple import Constant, Normal, Ones, TruncatedNormal, Uniform, Zeros
from pellucid.nn.init.structured import Identity, Orthogonal, Sparse

__all__ = [
    "INITIALIZERS",
    "Constant",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "Identity",
    "InitLike",
    "Initializer",
    "LeCunNormal",
    "LeCunUniform",
    "Normal",
    "Ones",
    "Orthogonal",
    "Sparse",
    "TruncatedNormal",
    "Uniform",
    "Zeros",
    "make_initializer",
]
