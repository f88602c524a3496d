"""Data types, handled in exactly one place: float32 in, float32 out.

The rules, in order:

1. A Python number has no type of its own: it takes that of the array it meets. NumPy's scalars
   (``np.float64(0.1)``) are treated the same, so that a learning rate never widens a network.
2. Python lists of floats become :data:`default_float`; arrays keep the type they have.
3. Whole numbers that meet the floats of a Tensor take their type; they never widen them.
4. Two arrays of floats of different width meet as in NumPy: the wider one wins.
5. A gradient always has the type of the value that it belongs to.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from pellucid.errors import DTypeError

__all__ = [
    "Array",
    "DTypeLike",
    "as_array",
    "default_float",
    "float_dtype",
    "refuse_no_numbers",
]

Array: TypeAlias = npt.NDArray[Any]
DTypeLike: TypeAlias = npt.DTypeLike

default_float = np.dtype(np.float32)
"""The type of parameters and of Python floats: float32."""


def refuse_no_numbers(name: str, dtype: np.dtype[Any]) -> None:
    """Refuse values that a derivative is not defined for.

    Parameters
    ----------
    name : str
        What was to be computed with them.
    dtype : dtype
        Their type.

    Raises
    ------
    DTypeError
        If it is complex, or made of objects.
    """
    if dtype.kind == "c":
        raise DTypeError(
            f"{name} of {dtype} numbers is not differentiated; keep the real and the imaginary "
            "part as two arrays: |exp(1j * x)| is np.sqrt(np.cos(x)**2 + np.sin(x)**2)"
        )
    if dtype.kind not in "fiub":
        raise DTypeError(
            f"{name} of a Tensor and an array of dtype {dtype} has no derivative; "
            "use arrays of numbers, for example a.astype(float), and pl.stack([...]) for Tensors"
        )


def float_dtype(dtype: DTypeLike | None) -> np.dtype[Any]:
    """Return `dtype` as a floating-point NumPy dtype; None is :data:`default_float`.

    Raises
    ------
    DTypeError
        If it is not a floating-point type.
    """
    if dtype is None:
        return default_float
    found = np.dtype(dtype)
    if found.kind != "f":
        message = f"expected a floating-point dtype such as float32, got {found}"
        if found.kind == "c":
            message += "; keep the real and the imaginary part as two arrays"
        elif found.kind in "iub":
            message += f"; whole numbers have no derivative, use x.data.astype({found})"
        raise DTypeError(message)
    return found


def as_array(value: Any, dtype: DTypeLike | None = None) -> Array:
    """Return `value` as an array of numbers or booleans.

    Arrays keep their type; lists and Python floats become :data:`default_float`, integers stay
    integers.

    Raises
    ------
    DTypeError
        If the value is ragged, or not made of numbers.
    """
    if isinstance(value, np.ndarray):
        array = value
    else:
        try:
            array = np.asarray(value)
        except ValueError as error:
            raise DTypeError(
                "the nested lists have rows of different lengths; "
                "every row must have as many numbers as the first"
            ) from error
        if array.dtype == np.float64 and not isinstance(value, np.generic):
            array = array.astype(default_float)
    if array.dtype.kind == "c":
        refuse_no_numbers("a function", array.dtype)
    if array.dtype.kind not in "fiub":
        raise DTypeError(
            f"expected numbers, got an array of dtype {array.dtype}; "
            "convert it first, for example with x.astype(np.float32)"
        )
    return array if dtype is None else array.astype(dtype, copy=False)
