"""Reference kernels: what NumPy lacks, written in NumPy, clear before fast.

They call NumPy's functions on whatever arrays come in, so that arrays of libraries that follow
NumPy's protocols (CuPy's, for one) flow through the same code.
"""

from pellucid.kernels.reference.elementwise import erf, sigmoid, softplus
from pellucid.kernels.reference.indexing import is_basic, one_hot, scatter, spread
from pellucid.kernels.reference.linalg import linear, matmul
from pellucid.kernels.reference.reductions import log_softmax, logsumexp
from pellucid.kernels.reference.rows import add_rows, take_rows

__all__ = [
    "add_rows",
    "erf",
    "is_basic",
    "linear",
    "log_softmax",
    "logsumexp",
    "matmul",
    "one_hot",
    "scatter",
    "sigmoid",
    "softplus",
    "spread",
    "take_rows",
]
