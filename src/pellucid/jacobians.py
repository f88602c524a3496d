"""Matrices of derivatives: the Jacobian of a function of arrays, the Hessian of a number."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from pellucid import ops, tape
from pellucid.derivatives import called, depends_on_more, grad, gradients, variable
from pellucid.errors import GradientError, ShapeError
from pellucid.tensor import Tensor

__all__ = ["hessian", "jacobian"]


def jacobian(function: Callable[..., Any], argnum: int = 0) -> Callable[..., Any]:
    """Return a function that gives all derivatives of all entries of a function's result.

    J[i, j] = ∂yᵢ / ∂xⱼ

    One backward pass is made for each entry of the result.

    Parameters
    ----------
    function : callable
        Written with Pellucid's or NumPy's functions; returns an array.
    argnum : int
        Which positional argument to differentiate by: an array of floats.

    Returns
    -------
    callable
        Takes the same arguments and returns an array of the shape ``(*result.shape, *x.shape)``.

    Raises
    ------
    GradientError
        If the function returns something that was not computed from its arguments.

    Examples
    --------
    >>> import numpy as np
    >>> def softmax(z):
    ...     return np.exp(z) / np.sum(np.exp(z))
    >>> jacobian(softmax)(np.array([0.0, 0.0]))
    array([[ 0.25, -0.25],
           [-0.25,  0.25]])
    """

    @functools.wraps(function)
    def evaluated(*args: Any, **kwargs: Any) -> Any:
        if argnum >= len(args):
            raise ShapeError(
                f"argument {argnum} is to be differentiated by, got {len(args)} arguments"
            )
        recording = tape.is_recording()
        with tape.enable_grad():
            x = variable(args[argnum])
            output = called(function, [*args[:argnum], x, *args[argnum + 1 :]], kwargs)
            if not isinstance(output, Tensor):
                raise GradientError(
                    f"the function returned a {type(output).__name__}, not an array computed from "
                    "its arguments; of several results join those that are wanted with np.stack"
                )
            shape = (*output.shape, *x.shape)
            if not output.requires_grad or not output.size:
                return np.zeros(shape, output.dtype)
            nested = recording and depends_on_more(output, [x])
            units = np.eye(output.size, dtype=output.dtype).reshape(-1, *output.shape)
            rows = [gradients(output, [x], gradient=unit, create_graph=nested)[0] for unit in units]
            if nested:
                return ops.reshape(ops.stack(rows), shape)
        return np.stack(rows).reshape(shape)

    return evaluated


def hessian(function: Callable[..., Any], argnum: int = 0) -> Callable[..., Any]:
    """Return a function that gives the second derivatives of a number.

    H[i, j] = ∂²f / ∂xᵢ ∂xⱼ

    Parameters are those of :func:`jacobian`, of a function that returns a single number. For a
    product with one vector, :func:`~pellucid.hessian_vector_product` is far cheaper.

    Examples
    --------
    >>> import numpy as np
    >>> hessian(lambda x: x[0] ** 2 * x[1])(np.array([1.0, 3.0]))
    array([[6., 2.],
           [2., 0.]])
    """
    return jacobian(grad(function, argnum), argnum)
