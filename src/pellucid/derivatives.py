"""Derivatives of functions: gradients of any order, and products with a Hessian."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np

from pellucid import primitives as p
from pellucid import tape
from pellucid.dtypes import as_array
from pellucid.errors import DTypeError, GradientError, ShapeError, UnsupportedError
from pellucid.tensor import Tensor
from pellucid.writable import Writable, version_of
from pellucid.writing import writable_arrays, writes_into_arrays

__all__ = ["grad", "gradients", "hessian_vector_product", "value_and_grad"]

Tree = Any
"""An array or Tensor, or a dict, list or tuple of trees."""

T = TypeVar("T")


def gradients(
    output: Tensor,
    inputs: Sequence[Tensor],
    *,
    gradient: Any = None,
    create_graph: bool = False,
) -> list[Any]:
    """Gradients of one value with respect to others, leaves or not; no ``grad`` is touched.

    ∂output / ∂inputᵢ

    Parameters
    ----------
    output : Tensor
        A single number, unless `gradient` is given.
    inputs : sequence of Tensor
        Values that `output` was computed from; one that it does not depend on has gradient 0.
    gradient : array_like, optional
        Gradient with respect to `output`.
    create_graph : bool
        Return Tensors that can be differentiated again, as a gradient penalty needs.

    Returns
    -------
    list
        One array (or Tensor) per input, of its shape and type.

    Raises
    ------
    GradientError
        If `output` has no history, or an input does not require a gradient.
    """
    output, inputs = version_of(output), [version_of(x) for x in inputs]
    for i, x in enumerate(inputs):
        if not (isinstance(x, Tensor) and x.requires_grad):
            raise GradientError(f"input {i} is not a Tensor with requires_grad=True")
    if not output.requires_grad:
        raise GradientError(
            "this value has no history to go back along: it does not depend on the inputs, "
            "or was computed under no_grad()"
        )
    start: Any = output._seed(gradient)
    with tape.enable_grad():
        found = tape.backpropagate(
            output,
            Tensor(start) if create_graph else start,
            create_graph=create_graph,
            wanted={id(x) for x in inputs},
        )
    results = []
    for x in inputs:
        part = found[id(x)][1] if id(x) in found else np.zeros_like(x.data)
        part = np.asanyarray(part) if isinstance(part, np.generic) else part
        results.append(Tensor(part) if create_graph and not isinstance(part, Tensor) else part)
    return results


def _leaves(tree: Tree) -> list[Any]:
    if isinstance(tree, dict):
        return [leaf for value in tree.values() for leaf in _leaves(value)]
    if isinstance(tree, (list, tuple)):
        return [leaf for value in tree for leaf in _leaves(value)]
    return [tree]


def _rebuild(tree: Tree, leaves: list[Any]) -> Tree:
    """Return a tree of the form of `tree` with `leaves`, which are used up, in its places."""
    if isinstance(tree, dict):
        return {name: _rebuild(value, leaves) for name, value in tree.items()}
    if isinstance(tree, (list, tuple)):
        parts = [_rebuild(value, leaves) for value in tree]
        return parts if isinstance(tree, list) else tuple(parts)
    return leaves.pop(0)


def variable(value: Any) -> Tensor:
    """Return a new value that gradients can be taken with respect to.

    A Tensor that is being differentiated outside is passed through a recorded identity, so that
    an inner derivative sees only this use of it.
    """
    value = version_of(value)
    if isinstance(value, Tensor) and value.requires_grad:
        return p.identity(value)
    data = value.data if isinstance(value, Tensor) else as_array(value)
    if data.dtype.kind != "f":
        raise DTypeError(
            f"a derivative with respect to {data.dtype} numbers is not defined; pass floats"
        )
    return Tensor(data, requires_grad=True)


def depends_on_more(output: Tensor, variables: list[Tensor]) -> bool:
    """Tell whether `output` is also a function of recorded values beyond its `variables`.

    Such values come in by closure, or stand behind the variables of a derivative of a derivative;
    the gradient then depends on them too, and is recorded.
    """
    if any(x.producer is not None for x in variables):
        return True
    seen = {id(x) for x in variables}
    stack = [output]
    while stack:
        value = stack.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if value.producer is None:
            return True
        stack.extend(x for x in value.producer.inputs if isinstance(x, Tensor) and x.requires_grad)
    return False


def called(function: Callable[..., Any], inputs: Sequence[Any], options: dict[str, Any]) -> Any:
    """Call a function that is to be differentiated; if it writes into arrays, so that it can."""
    if not writes_into_arrays(function):
        return function(*inputs, **options)
    handles = [Writable(x) if isinstance(x, Tensor) else x for x in _leaves(list(inputs))]
    try:
        with writable_arrays(function):
            return version_of(function(*_rebuild(list(inputs), handles), **options))
    except ValueError as error:
        # NumPy says "setting an array element with a sequence" in front of why a Tensor refused.
        if isinstance(error.__cause__, UnsupportedError):
            raise error.__cause__ from None
        raise


def value_and_grad(
    function: Callable[..., Any], argnums: int | Sequence[int] = 0
) -> Callable[..., tuple[Any, Any]]:
    """Return a function that gives the value of `function` and its gradient.

    Parameters
    ----------
    function : callable
        Written with Pellucid's or NumPy's functions; returns a single number.
    argnums : int or sequence of int
        Which positional arguments to differentiate by: floats, arrays, or dicts and lists of them.

    Returns
    -------
    callable
        Takes the same arguments and returns ``(value, gradient)``; the gradient has the form of
        the argument, or is a tuple of such if `argnums` is a sequence. Both are plain numbers,
        unless `function` also uses recorded values from outside, such as a network's parameters:
        then they are Tensors, so that a penalty on the gradient can itself be differentiated.

    Examples
    --------
    >>> import numpy as np
    >>> value_and_grad(lambda w: np.sum(w ** 2))(np.array([1.0, 3.0]))
    (np.float64(10.0), array([2., 6.]))
    """
    places = (argnums,) if isinstance(argnums, int) else tuple(argnums)

    @functools.wraps(function)
    def evaluated(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        if max(places) >= len(args):
            raise ShapeError(
                f"argument {max(places)} is to be differentiated by, got {len(args)} arguments"
            )
        trees = [args[i] for i in places]
        recording = tape.is_recording()
        with tape.enable_grad():
            variables = [variable(x) for x in _leaves(trees)]
            rest: list[Any] = list(variables)
            inputs = list(args)
            for i, tree in zip(places, trees, strict=True):
                inputs[i] = _rebuild(tree, rest)
            output = called(function, inputs, kwargs)
            if not isinstance(output, Tensor):
                raise GradientError(
                    f"the function returned a {type(output).__name__}, not a value computed from "
                    "its arguments; make it return the loss, without float() or .data"
                )
            nested = recording and depends_on_more(output, variables)
            if output.requires_grad:
                found = gradients(output, variables, create_graph=nested)
                for x in variables:
                    # The numbers given are constants to whoever differentiates the gradient again.
                    x.requires_grad = x.producer is not None
            else:  # a constant, as the slope of a piecewise linear function is
                found = [np.zeros_like(x.data) for x in variables]
        results = tuple(_rebuild(tree, found) for tree in trees)
        value = output if nested else output.data[()]
        return value, results[0] if isinstance(argnums, int) else results

    return evaluated


def grad(function: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Callable[..., Any]:
    """Return the gradient of a function as a function, which can be differentiated again.

    Parameters are those of :func:`value_and_grad`.

    Examples
    --------
    >>> import numpy as np
    >>> cube = lambda x: x ** 3
    >>> float(grad(cube)(2.0)), float(grad(grad(cube))(2.0)), float(grad(grad(grad(cube)))(2.0))
    (12.0, 12.0, 6.0)
    """
    both = value_and_grad(function, argnums)

    @functools.wraps(function)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        return both(*args, **kwargs)[1]

    return gradient


def hessian_vector_product(function: Callable[[Any], Any], x: Any, vector: Any) -> Any:
    """Product of the Hessian of `function` at `x` with a vector, without forming the Hessian.

    H v = ∇ₓ (∇f(x) · v)   (Pearlmutter, 1994)

    Parameters
    ----------
    function : callable
        From one array to a single number.
    x : array_like
        Where the Hessian is taken.
    vector : array_like
        Of the shape of `x`.

    Raises
    ------
    ShapeError
        If the vector has another shape than `x`.

    Examples
    --------
    >>> import numpy as np
    >>> hessian_vector_product(lambda x: np.sum(x ** 3), np.array([1.0, 2.0]), np.array([1.0, 1.0]))
    array([ 6., 12.])
    """
    point = x if isinstance(x, Tensor) else as_array(x)
    direction = vector if isinstance(vector, Tensor) else as_array(vector)
    if direction.shape != point.shape:
        raise ShapeError(f"the vector has shape {direction.shape}, x has {point.shape}")

    def slope(at: Any) -> Any:
        return p.sum(p.multiply(grad(function)(at), direction))

    return grad(slope)(point)
