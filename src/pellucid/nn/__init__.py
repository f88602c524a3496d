"""Layers, activations and initialisers."""

from pellucid.nn import functional, init
from pellucid.nn.activations import (
    ACTIVATIONS,
    CELU,
    ELU,
    GELU,
    GLU,
    SELU,
    Activation,
    HardSigmoid,
    HardSwish,
    LeakyReLU,
    LogSoftmax,
    Mish,
    PReLU,
    ReLU,
    ReLU6,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Softsign,
    Step,
    Swish,
    Tanh,
    find_activation,
)
from pellucid.nn.attention import (
    KeyValueCache,
    LearnedPositions,
    MultiHeadAttention,
    RotaryPositions,
    SinusoidalPositions,
)
from pellucid.nn.branches import Parallel, SkipConnection
from pellucid.nn.containers import ModuleDict, ModuleList, Residual, Sequential
from pellucid.nn.dropout import Dropout
from pellucid.nn.embedding import Embedding
from pellucid.nn.init import INITIALIZERS
from pellucid.nn.linear import Linear
from pellucid.nn.miscellaneous import Flatten, Identity, Lambda
from pellucid.nn.module import Module
from pellucid.nn.normalization import (
    BatchNorm1d,
    BatchNorm2d,
    BatchNorm3d,
    LayerNorm,
    RMSNorm,
)
from pellucid.nn.observers import observe_calls
from pellucid.nn.state import LoadReport

__all__ = [
    "ACTIVATIONS",
    "CELU",
    "ELU",
    "GELU",
    "GLU",
    "INITIALIZERS",
    "SELU",
    "Activation",
    "BatchNorm1d",
    "BatchNorm2d",
    "BatchNorm3d",
    "Dropout",
    "Embedding",
    "Flatten",
    "HardSigmoid",
    "HardSwish",
    "Identity",
    "KeyValueCache",
    "Lambda",
    "LayerNorm",
    "LeakyReLU",
    "LearnedPositions",
    "Linear",
    "LoadReport",
    "LogSoftmax",
    "Mish",
    "Module",
    "ModuleDict",
    "ModuleList",
    "MultiHeadAttention",
    "PReLU",
    "Parallel",
    "RMSNorm",
    "ReLU",
    "ReLU6",
    "Residual",
    "RotaryPositions",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "SinusoidalPositions",
    "SkipConnection",
    "Softmax",
    "Softplus",
    "Softsign",
    "Step",
    "Swish",
    "Tanh",
    "find_activation",
    "functional",
    "init",
    "observe_calls",
]
