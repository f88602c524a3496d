"""How much arithmetic one call of each primitive is, from the shapes alone.

The conventions: in a product of matrices or a convolution each multiplication with its addition is
one multiply-add, which is two floating-point operations (FLOPs). Elsewhere each result of an
operation on single numbers is one, be it a sum, a maximum or an exponential. What only moves,
copies or selects numbers is none. Border pixels of a padded convolution count as the others.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

__all__ = ["ARITHMETIC", "Arithmetic", "arithmetic_of"]


class Arithmetic(NamedTuple):
    """An amount of arithmetic.

    Attributes
    ----------
    multiply_adds : int
        Multiply-adds of products and convolutions, which papers quote as "MACs".
    others : int
        All other operations.
    """

    multiply_adds: int = 0
    others: int = 0

    @property
    def flops(self) -> int:
        """All floating-point operations; a multiply-add is two."""
        return 2 * self.multiply_adds + self.others


Shape: TypeAlias = tuple[int, ...]
Rule: TypeAlias = Callable[[Shape, Sequence[Shape], Mapping[str, Any]], Arithmetic]
"""From the shape of the result, the shapes of the inputs, and the attributes."""


def arithmetic_of(
    name: str, result: Shape, inputs: Sequence[Shape], attributes: Mapping[str, Any]
) -> Arithmetic:
    """Return how much arithmetic a call of the primitive `name` is.

    Parameters
    ----------
    name : str
        A name of `PRIMITIVES`.
    result : tuple of int
        The shape of the result.
    inputs : sequence of tuple of int
        The shapes of the inputs.
    attributes : mapping
        The attributes of the call.
    """
    return ARITHMETIC[name](result, inputs, attributes)


def _each_result(count: int) -> Rule:
    return lambda y, xs, how: Arithmetic(0, count * math.prod(y))


def _each_input(count: int) -> Rule:
    return lambda y, xs, how: Arithmetic(0, count * math.prod(xs[0]))


def _nothing(y: Shape, xs: Sequence[Shape], how: Mapping[str, Any]) -> Arithmetic:
    return Arithmetic()


def _each_tap(y: Shape, xs: Sequence[Shape], how: Mapping[str, Any]) -> Arithmetic:
    return Arithmetic(0, math.prod(y) * math.prod(how["kernel"]))


def _spread(y: Shape, xs: Sequence[Shape], how: Mapping[str, Any]) -> Arithmetic:
    return Arithmetic(0, math.prod(xs[0]) * math.prod(how["kernel"]))


def _convolution(y: Shape, xs: Sequence[Shape], how: Mapping[str, Any]) -> Arithmetic:
    bias = math.prod(y) if len(xs) > 2 else 0
    return Arithmetic(math.prod(y) * math.prod(xs[1][1:]), bias)


def _convolution_transpose(y: Shape, xs: Sequence[Shape], how: Mapping[str, Any]) -> Arithmetic:
    return Arithmetic(math.prod(xs[0]) * math.prod(xs[1][1:]))


def _convolution_weights(y: Shape, xs: Sequence[Shape], how: Mapping[str, Any]) -> Arithmetic:
    return Arithmetic(math.prod(xs[1]) * math.prod(y[1:]))


def _matmul(y: Shape, xs: Sequence[Shape], how: Mapping[str, Any]) -> Arithmetic:
    return Arithmetic(math.prod(y) * xs[0][-1])


def _linear(y: Shape, xs: Sequence[Shape], how: Mapping[str, Any]) -> Arithmetic:
    return Arithmetic(math.prod(y) * xs[0][-1], math.prod(y))


def _einsum(y: Shape, xs: Sequence[Shape], how: Mapping[str, Any]) -> Arithmetic:
    terms = how["subscripts"].split("->")[0].split(",")
    lengths: dict[str, int] = {}
    for term, shape in zip(terms, xs, strict=True):
        for letter, n in zip(term, shape, strict=True):
            lengths[letter] = max(n, lengths.get(letter, 1))
    if len(xs) == 1:
        return Arithmetic(0, math.prod(xs[0]) if math.prod(y) < math.prod(xs[0]) else 0)
    return Arithmetic((len(xs) - 1) * math.prod(lengths.values()))


def _recurrence(others: int) -> Rule:
    """One product with U at each step; `others` is for each unit, step and sample."""

    def rule(y: Shape, xs: Sequence[Shape], how: Mapping[str, Any]) -> Arithmetic:
        steps, samples, wide = xs[0]
        units = xs[1][0]
        return Arithmetic(steps * samples * wide * units, steps * samples * units * others)

    return rule


def _matrices(flops: Callable[[int, int], float]) -> Rule:
    """A batch of matrices of m rows and n columns; the operations of one by its sizes."""

    def rule(y: Shape, xs: Sequence[Shape], how: Mapping[str, Any]) -> Arithmetic:
        *batch, m, n = xs[0]
        return Arithmetic(round(math.prod(batch) * flops(m, n) / 2))

    return rule


def _tall(flops: Callable[[int, int], float]) -> Rule:
    return _matrices(lambda m, n: flops(max(m, n), min(m, n)))


def _solve(y: Shape, xs: Sequence[Shape], how: Mapping[str, Any]) -> Arithmetic:
    n, k = y[-2:]
    factor = math.prod(xs[0][:-2]) * n**3 / 3
    return Arithmetic(round(factor + math.prod(y[:-2]) * n * n * k))


def _dft(y: Shape, xs: Sequence[Shape], how: Mapping[str, Any]) -> Arithmetic:
    n = y[1:][how.get("axis", -1)]
    return Arithmetic(0, round(5 * math.prod(y) / 2 * math.log2(max(n, 1))))


_RULES: list[tuple[Rule, str]] = [
    (
        _nothing,
        "one_hot identity cast getitem reshape transpose broadcast_to flip pad concatenate where "
        "extract_windows take_rows place_taps pick_taps argsort",
    ),
    (
        _each_result(1),
        "equal not_equal less less_equal greater greater_equal logical_and logical_or logical_not "
        "isnan isinf isfinite add subtract multiply divide power maximum minimum negative absolute "
        "sign floor ceil rint step exp expm1 log log1p exp2 log2 log10 sqrt square reciprocal sin "
        "cos tanh sigmoid relu erf normal_cdf normal_pdf cumsum cumprod arcsin arccos arctan "
        "arctan2 arcsinh arccosh cbrt sinc trunc floor_divide remainder fmod signbit",
    ),
    (_each_result(2), "clip softplus log_cosh huber"),
    (_each_result(4), "hypot"),  # two squares, their sum, its root
    (_each_result(4), "logaddexp masked_softmax_gradient"),  # max, difference, exponential, sum
    (_each_result(5), "log_softmax"),  # maximum, difference, exponential, sum, difference
    (_each_result(6), "masked_softmax"),  # scale, maximum, difference, exponential, sum, quotient
    (_each_result(7), "batch_norm layer_norm"),  # two means, difference, square, rate, w, b
    (_each_input(1), "argmax argmin scatter add_windows add_rows sum max min prod"),
    (_each_input(2), "weighted_sum"),
    (_each_input(4), "logsumexp softmax_cross_entropy_gradient"),
    (_each_input(5), "softmax_cross_entropy"),
    (_each_input(6), "logistic_loss"),
    (_each_input(7), "bernoulli_loss"),
    (_each_tap, "sum_windows max_windows max_taps"),
    (_spread, "spread_windows"),
    (_convolution, "convolution convolution_bias"),
    (_convolution_transpose, "convolution_transpose"),
    (_convolution_weights, "convolution_weights"),
    (_matmul, "matmul"),
    (_linear, "linear"),
    (_einsum, "einsum"),
    # G. H. Golub and C. F. Van Loan, "Matrix Computations": leading terms
    (_matrices(lambda m, n: 2 * n**3), "inv"),
    (_matrices(lambda m, n: 2 * n**3 / 3), "determinant log_determinant determinant_sign"),
    (_matrices(lambda m, n: n**3 / 3), "cholesky"),
    (_matrices(lambda m, n: 9 * n**3), "eigh"),
    (_tall(lambda m, n: 4 * m * n**2 - 4 * n**3 / 3), "qr"),
    (_tall(lambda m, n: 6 * m * n**2 + 20 * n**3), "svd pinv cofactor"),
    (_solve, "solve"),
    (_dft, "dft"),  # J. W. Cooley and J. W. Tukey (1965): 5 N log₂ N
    (_recurrence(2), "rnn_sequence"),  # sum, activation
    (_recurrence(13), "lstm_sequence"),  # 4 sums, 4 activations, f∘c, i∘g, their sum, tanh, o∘tanh
    (_recurrence(12), "gru_sequence"),  # 3 sums, 3 activations, + b, r∘, 1 − z, 2 products, sum
]

ARITHMETIC: dict[str, Rule] = {name: rule for rule, names in _RULES for name in names.split()}
"""The rule of every primitive, by its name."""
