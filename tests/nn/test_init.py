"""Initialisers: the moments and structure that their formulas promise, and PyTorch's formulas."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from pellucid.errors import DataError, ShapeError, UnknownNameError
from pellucid.nn import INITIALIZERS, init

SHAPE = (300, 200)  # fan_in, fan_out
EACH = pytest.mark.parametrize("name", INITIALIZERS)


def spread(std: float, limit: float | None = None) -> Callable[[np.ndarray], None]:
    """Check mean 0, the standard deviation, and the limit of a uniform distribution."""

    def check(w: np.ndarray) -> None:
        error = std / math.sqrt(w.size)
        assert abs(w.mean(dtype=float)) < 4 * error
        assert abs(w.std(dtype=float) - std) < 4 * error
        if limit is not None:
            assert 0.999 * limit < np.abs(w).max() <= limit * (1 + 1e-6)
        else:
            assert np.abs(w).max() > 3.5 * std  # a normal distribution has tails

    return check


def check_truncated(w: np.ndarray) -> None:
    assert 0.0399 < np.abs(w).max() <= 0.04 * (1 + 1e-6)
    assert abs(w.std(dtype=float) - 0.02 * 0.8796) < 1e-4  # √(1 − 4φ(2) / (2Φ(2) − 1))


def check_orthogonal(w: np.ndarray) -> None:
    np.testing.assert_allclose(w.T @ w, np.eye(SHAPE[1]), atol=1e-5)
    # Evenly drawn: the first column has no preferred side.
    firsts = [init.Orthogonal()((3, 3), seed)[0, 0] for seed in range(400)]
    assert abs(np.mean(firsts)) < 4 / math.sqrt(3 * 400)


def check_sparse(w: np.ndarray) -> None:
    assert ((w == 0).sum(axis=0) == 270).all()  # of 300 inputs of each unit
    cut = w == 0
    assert (cut[:, 0] != cut[:, 1]).any()
    spread(0.01)(w[~cut])


CHECKS: dict[str, Callable[[np.ndarray], object]] = {
    "zeros": lambda w: np.testing.assert_array_equal(w, 0),
    "ones": lambda w: np.testing.assert_array_equal(w, 1),
    "constant": lambda w: np.testing.assert_array_equal(w, 0),
    "uniform": spread(0.1 / math.sqrt(3), 0.1),
    "normal": spread(0.01),
    "truncated_normal": check_truncated,
    "glorot_normal": spread(math.sqrt(2 / 500)),
    "glorot_uniform": spread(math.sqrt(2 / 500), math.sqrt(6 / 500)),
    "he_normal": spread(math.sqrt(2 / 300)),
    "he_uniform": spread(math.sqrt(2 / 300), math.sqrt(6 / 300)),
    "lecun_normal": spread(math.sqrt(1 / 300)),
    "lecun_uniform": spread(math.sqrt(1 / 300), math.sqrt(3 / 300)),
    "orthogonal": check_orthogonal,
    "identity": lambda w: np.testing.assert_array_equal(w, np.eye(300, 200)),
    "sparse": check_sparse,
}


def test_every_initialiser_has_a_check():
    assert set(CHECKS) == set(INITIALIZERS)


@EACH
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_moments_and_structure(name: str, dtype: str):
    w = INITIALIZERS[name]()(SHAPE, 1, dtype)
    assert w.dtype == dtype
    assert w.shape == SHAPE
    assert w.flags.c_contiguous and w.flags.owndata
    CHECKS[name](w)


@EACH
def test_same_seed_same_bits(name: str):
    make = INITIALIZERS[name]()
    assert make((30, 4), 3).tobytes() == make((30, 4), 3).tobytes()
    assert make((5, 4), 3).dtype == np.float32
    random = make((30, 4), 3).tobytes() != make((30, 4), 4).tobytes()
    assert random == (name not in ("zeros", "ones", "constant", "identity"))


@EACH
def test_repr_states_the_formula(name: str):
    text = repr(INITIALIZERS[name]())
    assert text.startswith(f"{INITIALIZERS[name].__name__}(")
    law = text.split("): ", 1)[1]
    assert law.startswith(("w ", "W "))
    if name.startswith(("he", "lecun", "glorot")):
        assert "fan_in" in law


def test_options():
    assert repr(init.HeNormal(0.2)) == (
        "HeNormal(negative_slope=0.2): w ~ N(0, σ²), σ² = 2 / ((1 + 0.2²) · fan_in)"
    )
    assert repr(init.HeUniform(mode="fan_out")).endswith("a = √(6 / fan_out)")
    assert repr(init.GlorotNormal(2.0)).endswith("σ² = gain² · 2 / (fan_in + fan_out)")
    assert str(init.Constant(0.5)) == "constant (value=0.5)"
    spread(math.sqrt(2 / 1.04 / 300))(init.HeNormal(0.2)(SHAPE, 0))
    spread(math.sqrt(2 / 200))(init.HeNormal(mode="fan_out")(SHAPE, 0))
    spread(3 * math.sqrt(2 / 500))(init.GlorotNormal(3.0)(SHAPE, 0))
    wide = init.Orthogonal(2.0)((20, 30), 0, "float64")
    np.testing.assert_allclose(wide @ wide.T, 4 * np.eye(20), atol=1e-12)
    w = init.Normal(0.1, mean=5)(SHAPE, 0)
    assert abs(w.mean() - 5) < 0.01
    w = init.Uniform(2, 3)(SHAPE, 0)
    assert 2 <= w.min() < 2.001 and 2.999 < w.max() <= 3
    w = init.TruncatedNormal(1.0, mean=4, bound=0.5)(SHAPE, 0)
    assert w.min() >= 3.5 and w.max() <= 4.5
    assert (init.Constant(2.5)((2, 2)) == 2.5).all()


@pytest.mark.parity
def test_formulas_are_pytorchs():
    torch = pytest.importorskip("torch")
    theirs = torch.nn.init
    shape = SHAPE[::-1]  # PyTorch's weights are (out, in)
    fill = {
        "glorot_normal": theirs.xavier_normal_,
        "glorot_uniform": theirs.xavier_uniform_,
        "he_normal": lambda w: theirs.kaiming_normal_(w, nonlinearity="relu"),
        "he_uniform": lambda w: theirs.kaiming_uniform_(w, nonlinearity="relu"),
        "lecun_normal": lambda w: theirs.kaiming_normal_(w, nonlinearity="linear"),
        "lecun_uniform": lambda w: theirs.kaiming_uniform_(w, nonlinearity="linear"),
        "orthogonal": theirs.orthogonal_,
    }
    for name, function in fill.items():
        w = function(torch.empty(shape, dtype=torch.float64)).numpy().T
        CHECKS[name](w)


@pytest.mark.parametrize("name", ["he_normal", "glorot_uniform", "lecun_normal", "orthogonal"])
def test_matrices_only(name: str):
    with pytest.raises(ShapeError, match=r"shape \(in, out\), got \(3,\)"):
        INITIALIZERS[name]()((3,))


def test_names_and_bad_options():
    assert init.make_initializer("He-Normal") == init.HeNormal()
    with pytest.raises(UnknownNameError, match="did you mean 'he_normal'"):
        init.make_initializer("he_norml")
    assert init.make_initializer("xavier_uniform") == init.GlorotUniform()
    assert init.make_initializer("kaiming_normal") == init.HeNormal()
    with pytest.raises(UnknownNameError, match="did you mean 'xavier_normal'") as caught:
        init.make_initializer("xavier")
    assert "kaiming" not in str(caught.value)  # other names of the same are not listed
    with pytest.raises(DataError, match="an initialiser is a name"):
        init.make_initializer(3)
    with pytest.raises(DataError, match="'fan_in' or 'fan_out'"):
        init.HeNormal(mode="fan_avg")((2, 2))
    with pytest.raises(DataError, match="fraction"):
        init.Sparse(1.5)((2, 2))
    with pytest.raises(DataError, match=r"at least 0\.1"):
        init.TruncatedNormal(bound=0)((2, 2))
