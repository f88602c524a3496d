"""The arithmetic of primitives, counted by hand."""

from __future__ import annotations

import pytest

from pellucid.primitives import PRIMITIVES
from pellucid.primitives.arithmetic import ARITHMETIC, arithmetic_of

WINDOW = {"kernel": (3, 3), "stride": (1, 1), "dilation": (1, 1)}
CONVOLUTION = {"stride": (1, 1), "padding": ((1, 1), (1, 1)), "dilation": (1, 1), "groups": 1}

CASES = [
    ("matmul", (5, 4), [(5, 3), (3, 4)], {}, 5 * 3 * 4, 0),
    ("matmul", (2, 5, 4), [(2, 5, 3), (2, 3, 4)], {}, 2 * 5 * 3 * 4, 0),
    ("linear", (5, 4), [(5, 3), (3, 4), (4,)], {}, 60, 20),
    ("add", (5, 4), [(5, 1), (4,)], {}, 0, 20),
    ("exp", (5, 4), [(5, 4)], {}, 0, 20),
    ("sum", (5,), [(5, 4)], {"axis": 1}, 0, 20),
    ("reshape", (20,), [(5, 4)], {"shape": (20,)}, 0, 0),
    # 8 maps of 6×6 with 3 channels and 3×3 taps, for 2 images
    ("convolution", (2, 8, 6, 6), [(2, 3, 6, 6), (8, 3, 3, 3)], CONVOLUTION, 2 * 8 * 36 * 27, 0),
    (
        "convolution_bias",
        (2, 8, 6, 6),
        [(2, 3, 6, 6), (8, 3, 3, 3), (8,)],
        CONVOLUTION,
        2 * 8 * 36 * 27,
        2 * 8 * 36,
    ),
    # depthwise: each of 8 channels by itself
    (
        "convolution",
        (1, 8, 6, 6),
        [(1, 8, 6, 6), (8, 1, 3, 3)],
        CONVOLUTION | {"groups": 8},
        8 * 36 * 9,
        0,
    ),
    # each of 4·5·5 inputs is spread over 2 channels of 3×3
    ("convolution_transpose", (1, 2, 7, 7), [(1, 4, 5, 5), (4, 2, 3, 3)], {}, 100 * 18, 0),
    # the gradient by the weights costs what the convolution does
    (
        "convolution_weights",
        (8, 3, 3, 3),
        [(2, 3, 6, 6), (2, 8, 6, 6)],
        CONVOLUTION | {"kernel": (3, 3)},
        2 * 8 * 36 * 27,
        0,
    ),
    ("max_windows", (1, 2, 4, 4), [(1, 2, 6, 6)], WINDOW, 0, 32 * 9),
    ("spread_windows", (1, 2, 6, 6), [(1, 2, 4, 4)], WINDOW, 0, 32 * 9),
    ("einsum", (5, 4), [(5, 3), (3, 4)], {"subscripts": "ij,jk->ik"}, 60, 0),
    ("einsum", (5,), [(5, 3)], {"subscripts": "ij->i"}, 0, 15),
    ("einsum", (3, 5), [(5, 3)], {"subscripts": "ij->ji"}, 0, 0),
    # 7 steps, 2 samples, 5 units: the product with U, and 13 operations for each unit
    ("lstm_sequence", (2, 7, 2, 5), [(7, 2, 20), (5, 20), (2, 5), (2, 5)], {}, 7 * 2 * 100, 910),
    ("rnn_sequence", (7, 2, 5), [(7, 2, 5), (5, 5), (2, 5)], {}, 7 * 2 * 25, 140),
    ("gru_sequence", (7, 2, 5), [(7, 2, 15), (5, 15), (5,), (2, 5)], {}, 7 * 2 * 75, 840),
    # an inverse takes n³ multiply-adds, the triangular factor of a solution a third of that
    ("inv", (2, 3, 3), [(2, 3, 3)], {}, 2 * 27, 0),
    ("solve", (3, 2), [(3, 3), (3, 2)], {}, 9 + 18, 0),
    ("cholesky", (6, 6), [(6, 6)], {}, 36, 0),
    ("qr", (3, 9), [(6, 3)], {}, 90, 0),
    # two transforms of 8 complex numbers
    ("dft", (2, 2, 8), [(2, 2, 8)], {"axis": -1}, 0, 2 * 5 * 8 * 3),
    ("log_softmax", (5, 4), [(5, 4)], {}, 0, 100),
]


@pytest.mark.parametrize(
    ("name", "result", "inputs", "attributes", "products", "others"),
    CASES,
    ids=[f"{case[0]}-{i}" for i, case in enumerate(CASES)],
)
def test_counted_by_hand(name, result, inputs, attributes, products, others) -> None:
    found = arithmetic_of(name, result, inputs, attributes)
    assert found == (products, others)
    assert found.flops == 2 * products + others


def test_every_primitive_has_a_rule() -> None:
    from pellucid import losses  # noqa: F401 - declares the fused ones

    assert set(ARITHMETIC) == set(PRIMITIVES)
