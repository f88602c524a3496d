"""Checks of derivatives by central differences, first and second order."""

from __future__ import annotations

from itertools import product

import numpy as np
from autograd import prepared

import pellucid as pl

_STEP = 1e-6
_TOLERANCE = 1e-6
_COMPLEX: list[str] = []
"""Calls with complex numbers, which Pellucid has not: what is real of the test is checked."""


def scalar_close(a, b):
    return abs(a - b) < _TOLERANCE or abs(a - b) / abs(a + b) < _TOLERANCE


def _is_complex(x):
    if isinstance(x, (list, tuple)):
        return any(map(_is_complex, x))
    return np.iscomplexobj(x)


def _flat(x):
    """Return the parts of a result that are numbers."""
    if isinstance(x, (list, tuple)):
        return [part for inner in x for part in _flat(inner)]
    if isinstance(x, dict):
        return [part for inner in x.values() for part in _flat(inner)]
    return [x]


def _projected(f, weights):
    def number(*args):
        parts = _flat(f(*args))
        return sum(np.sum(part * w) for part, w in zip(parts, weights, strict=True))

    return number


def _check(f, args, order):
    args = tuple(map(prepared, args))
    places = tuple(range(len(args)))
    value = _flat(f(*args))
    if _is_complex(args) or _is_complex(value):
        _COMPLEX.append(getattr(f, "__name__", "function"))
        return
    weights = [np.random.standard_normal(np.shape(part)) for part in value]
    number = _projected(f, weights)
    gradients = pl.grad(number, places)(*args)
    moves = [_like(a) for a in args]
    exact = sum(_inner(g, v) for g, v in zip(gradients, moves, strict=True))
    up = number(*(_moved(a, v, _STEP / 2) for a, v in zip(args, moves, strict=True)))
    down = number(*(_moved(a, v, -_STEP / 2) for a, v in zip(args, moves, strict=True)))
    numeric = (up - down) / _STEP
    assert scalar_close(float(numeric), float(exact)), f"differences {numeric}, tape {exact}"
    if order > 1:
        _check(lambda *inner: pl.grad(number, places)(*inner), args, order - 1)


def _like(x):
    if isinstance(x, (list, tuple)):
        return [_like(part) for part in x]
    if isinstance(x, dict):
        return {name: _like(part) for name, part in x.items()}
    return np.random.standard_normal(np.shape(x))


def _inner(g, v):
    if isinstance(v, list):
        return sum(_inner(a, b) for a, b in zip(g, v, strict=True))
    if isinstance(v, dict):
        return sum(_inner(g[name], b) for name, b in v.items())
    return np.sum(g * v)


def _moved(x, v, step):
    if isinstance(x, (list, tuple)):
        return type(x)(_moved(a, b, step) for a, b in zip(x, v, strict=True))
    if isinstance(x, dict):
        return {name: _moved(x[name], v[name], step) for name in x}
    return np.asarray(x + step * v)


def check_equivalent(x, y):
    np.testing.assert_allclose(x, y, rtol=1e-6, atol=1e-6)


def check_grads(f, argnum=0, modes=("rev",), order=2):
    """Return a function that checks the derivatives of `f` at its arguments, in reverse mode."""
    places = (argnum,) if isinstance(argnum, int) else tuple(argnum)

    def checked(*args, **kwargs):
        def of_chosen(*inner):
            whole = list(args)
            for place, value in zip(places, inner, strict=True):
                whole[place] = value
            return f(*whole, **kwargs)

        _check(of_chosen, [args[i] for i in places], order)

    return checked


def combo_check(fun, *how, **options_of_check):
    check = check_grads(fun, *how, **options_of_check)

    def combined(*args, **options):
        pairs = [[(name, value) for value in values] for name, values in options.items()]
        for chosen in product(*args):
            for named in product(*pairs):
                check(*chosen, **dict(named))

    return combined
