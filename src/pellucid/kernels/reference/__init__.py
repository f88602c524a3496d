"""Reference kernels: what NumPy lacks, written in NumPy, clear before fast.

They call NumPy's functions on whatever arrays come in, so that arrays of libraries that follow
NumPy's protocols (CuPy's, for one) flow through the same code.
"""

from pellucid.kernels.reference.attention import masked_softmax, masked_softmax_gradient
from pellucid.kernels.reference.decompositions import (
    cofactor,
    eigh,
    log_determinant,
    pinv,
    qr,
    svd,
)
from pellucid.kernels.reference.elementwise import erf, sigmoid, softplus
from pellucid.kernels.reference.fourier import dft
from pellucid.kernels.reference.indexing import is_basic, one_hot, scatter, spread
from pellucid.kernels.reference.linalg import linear, matmul
from pellucid.kernels.reference.normal import normal_cdf, normal_pdf
from pellucid.kernels.reference.normalization import (
    batch_moments,
    batch_norm,
    batch_norm_slope,
    batch_norm_sums,
    layer_norm,
    layer_norm_slope,
    layer_norm_sums,
)
from pellucid.kernels.reference.pooling import max_taps, max_windows, pick_taps, place_taps
from pellucid.kernels.reference.recurrent import (
    gru_sequence,
    gru_sequence_and_gates,
    lstm_sequence,
    lstm_sequence_and_gates,
    rnn_sequence,
)
from pellucid.kernels.reference.reductions import log_softmax, logsumexp
from pellucid.kernels.reference.rows import add_rows, take_rows
from pellucid.kernels.reference.sinc import sinc
from pellucid.kernels.reference.windows import (
    add_windows,
    extract_windows,
    spread_windows,
    sum_windows,
    window_counts,
)

__all__ = [
    "add_rows",
    "add_windows",
    "batch_moments",
    "batch_norm",
    "batch_norm_slope",
    "batch_norm_sums",
    "cofactor",
    "dft",
    "eigh",
    "erf",
    "extract_windows",
    "gru_sequence",
    "gru_sequence_and_gates",
    "is_basic",
    "layer_norm",
    "layer_norm_slope",
    "layer_norm_sums",
    "linear",
    "log_determinant",
    "log_softmax",
    "logsumexp",
    "lstm_sequence",
    "lstm_sequence_and_gates",
    "masked_softmax",
    "masked_softmax_gradient",
    "matmul",
    "max_taps",
    "max_windows",
    "normal_cdf",
    "normal_pdf",
    "one_hot",
    "pick_taps",
    "pinv",
    "place_taps",
    "qr",
    "rnn_sequence",
    "scatter",
    "sigmoid",
    "sinc",
    "softplus",
    "spread",
    "spread_windows",
    "sum_windows",
    "svd",
    "take_rows",
    "window_counts",
]
