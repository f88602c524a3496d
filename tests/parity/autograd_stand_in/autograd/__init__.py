"""A stand-in for HIPS/autograd, made of Pellucid, so that autograd's own tests run on it.

Only what its tests call: derivatives of functions of real numbers, and NumPy as it is.
"""

from __future__ import annotations

import builtins
import sys

import numpy as np

import pellucid as pl

numpy = np
for _part in ("", ".fft", ".linalg", ".random"):  # Pellucid records NumPy's own functions
    sys.modules[f"autograd.numpy{_part}"] = sys.modules[f"numpy{_part}"]

dict, isinstance, list, tuple = builtins.dict, builtins.isinstance, builtins.list, builtins.tuple


def prepared(x):
    """Return an argument with floats as arrays of float64, as autograd takes them."""
    if builtins.isinstance(x, (builtins.list, builtins.tuple)):
        return type(x)(prepared(part) for part in x)
    if builtins.isinstance(x, builtins.dict):
        return {name: prepared(part) for name, part in x.items()}
    return np.asarray(x, np.float64) if builtins.isinstance(x, (float, np.floating)) else x


def value_and_grad(fun, argnum=0):
    def evaluated(*args, **kwargs):
        places = (argnum,) if builtins.isinstance(argnum, int) else argnum
        args = [prepared(a) if i in places else a for i, a in enumerate(args)]
        return pl.value_and_grad(fun, argnum)(*args, **kwargs)

    return evaluated


def grad(fun, argnum=0):
    return lambda *args, **kwargs: value_and_grad(fun, argnum)(*args, **kwargs)[1]


deriv = grad


def elementwise_grad(fun, argnum=0):
    return grad(lambda *args, **kwargs: np.sum(fun(*args, **kwargs)), argnum)


def jacobian(fun, argnum=0):
    return lambda *args: pl.jacobian(fun, argnum)(*map(prepared, args))


def hessian(fun, argnum=0):
    return lambda *args: pl.hessian(fun, argnum)(*map(prepared, args))


def make_vjp(fun, argnum=0):
    def made(*args, **kwargs):
        output = fun(*args, **kwargs)

        def vjp(v):
            return grad(lambda *inner: np.sum(fun(*inner, **kwargs) * v), argnum)(*args)

        return vjp, output

    return made
