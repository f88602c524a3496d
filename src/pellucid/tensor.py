"""The array that remembers how it was made."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from pellucid import numpy_protocols, ops, tape
from pellucid import primitives as p
from pellucid.array_methods import ArrayMethods
from pellucid.conversions import refuse_lost_history
from pellucid.dtypes import (
    Array,
    DTypeLike,
    as_array,
    float_dtype,
    refuse_no_numbers,
)
from pellucid.errors import DTypeError, GradientError, ShapeError, UnsupportedError
from pellucid.numpy_names import options as signatures
from pellucid.ops.operands import misfit, plain_index, whole_numbers_as_floats
from pellucid.primitives.declaration import Axis, MaskPrimitive, Operand, Primitive, Recorded

__all__ = ["Parameter", "Tensor", "tensor"]


_UNTYPED = (np.generic, list, tuple, complex)
OPERATORS = {
    "+": "__add__",
    "-": "__sub__",
    "*": "__mul__",
    "/": "__truediv__",
    "**": "__pow__",
    "%": "__mod__",
    "//": "__floordiv__",
    "@": "__matmul__",
}
_IN_PLACE: dict[str, np.ufunc] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "**": np.power,
    "%": np.remainder,
    "//": np.floor_divide,
    "@": np.matmul,
}


class Tensor(ArrayMethods, Recorded):
    """An array of numbers that records what is computed from it.

    Operators, slices and NumPy's functions work on a Tensor as on an array, and are written down
    for differentiation when `requires_grad` is set. Comparisons give plain boolean arrays.

    Parameters
    ----------
    data : array_like
        The numbers. An array is kept as it is, not copied.
    requires_grad : bool
        Whether gradients with respect to this value are wanted.
    name : str, optional
        A name for people to read.

    Attributes
    ----------
    data : numpy.ndarray
        The numbers.
    grad : numpy.ndarray or None
        After ``loss.backward()``, the gradient of the loss: a plain array of the same shape and
        type. Only leaves, values that were not computed from others, keep one.
    producer : Producer or None
        The call that made this value, or None for a leaf.

    Examples
    --------
    >>> import numpy as np
    >>> x = tensor([0.0, 1.0], requires_grad=True)
    >>> loss = np.sum(1 / (1 + np.exp(-x)))
    >>> loss.backward()
    >>> x.grad
    array([0.25      , 0.19661193], dtype=float32)
    """

    __slots__ = ()

    data: Array
    grad: Array | None
    requires_grad: bool
    producer: tape.Producer | None
    name: str | None

    # Comparisons are elementwise, as in NumPy, but a Tensor is still itself in a set or a dict.
    __hash__ = object.__hash__

    def __init__(self, data: Any, *, requires_grad: bool = False, name: str | None = None) -> None:
        if isinstance(data, Tensor):
            raise DTypeError("this is a Tensor already; use x.detach() for one without history")
        self.data = as_array(data)
        if requires_grad and self.data.dtype.kind != "f":
            raise DTypeError(
                f"only floating-point numbers have gradients, got {self.data.dtype}; "
                "convert them first, for example with .astype(np.float32)"
            )
        self.requires_grad = requires_grad
        self.grad = None
        self.producer = None
        self.name = name

    # --- recording --------------------------------------------------------------------------------

    def record(
        self, primitive: Primitive, inputs: tuple[Any, ...], attributes: dict[str, Any]
    ) -> Any:
        """Run the forward function on the data, and remember the call if a gradient is wanted."""
        wanted = False
        values = []
        for i, x in enumerate(inputs):
            if isinstance(x, Tensor):
                values.append(x.data)
                wanted = wanted or x.requires_grad
                continue
            if isinstance(x, _UNTYPED):
                x = self._like(x)
                inputs = (*inputs[:i], x, *inputs[i + 1 :])
            values.append(x)
        try:
            data = primitive.forward(*values, **attributes)
        except np.linalg.LinAlgError:
            raise  # NumPy's own: a matrix is singular, or not positive definite
        except ValueError as error:
            raise ShapeError(misfit(primitive, [np.shape(v) for v in values], error)) from error
        if not primitive.differentiable:
            return data
        if len(inputs) > 1 and data.dtype != self.data.dtype:
            refuse_no_numbers(primitive.name, data.dtype)
            if primitive.broadcasts:
                inputs, values = whole_numbers_as_floats(inputs, values)
                data = primitive.forward(*values, **attributes)
        result = Tensor.__new__(Tensor)
        result.data = data if isinstance(data, np.ndarray) else np.asanyarray(data)
        result.grad = None
        result.name = None
        if wanted and (recording := tape.recording()):
            if recording is not True:
                inputs = recording(inputs)
            result.requires_grad = True
            result.producer = tape.Producer(primitive, inputs, attributes)
        else:
            result.requires_grad = False
            result.producer = None
        return result

    def _like(self, values: Any) -> Any:
        """Give a scalar or list that meets this Tensor no type of its own: it takes this one's."""
        if isinstance(values, (np.generic, complex)):
            number = values.item() if isinstance(values, np.generic) else values
            if isinstance(number, complex):
                refuse_no_numbers("a function", np.dtype(complex))
            return number
        if any(isinstance(v, Tensor) for v in values):
            raise UnsupportedError(
                "a list of Tensors is not a Tensor; join them with pl.stack([...]) first"
            )
        array = np.asarray(values)
        return array.astype(self.data.dtype) if array.dtype.kind == "f" else as_array(array)

    __array_ufunc__ = numpy_protocols.array_ufunc
    __array_function__ = numpy_protocols.array_function

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> Array:
        if self.requires_grad:
            raise UnsupportedError(
                "turning a Tensor into a plain array would lose its gradient; use x.data for the "
                "numbers, pl.stack([...]) to join Tensors, and a @ x in place of a.dot(x)"
            )
        return np.array(self.data, dtype=dtype, copy=copy)

    def backward(self, gradient: Any = None) -> None:
        """Add the gradient of this value to the ``grad`` of every leaf that it was computed from.

        Parameters
        ----------
        gradient : array_like, optional
            Gradient with respect to this value; needed unless it is a single number.

        Raises
        ------
        GradientError
            If there is nothing to differentiate, or the value is not a single number.
        """
        if not self.requires_grad:
            raise GradientError(
                "this value has no history to go back along: none of its inputs has "
                "requires_grad=True, or it was computed under no_grad()"
            )
        tape.leaf_gradients(self, self._seed(gradient))

    def _seed(self, gradient: Any) -> Array:
        if gradient is None:
            if self.data.size != 1:
                raise GradientError(
                    f"backward needs a single number to start from, this value has shape "
                    f"{self.shape}; sum or average it first, or pass backward(gradient)"
                )
            return np.ones_like(self.data)
        seed = gradient.data if isinstance(gradient, Tensor) else as_array(gradient)
        if seed.shape != self.shape:
            raise ShapeError(f"the gradient has shape {seed.shape}, the value has {self.shape}")
        return seed.astype(self.data.dtype)

    # --- looking at it ----------------------------------------------------------------------------

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of each axis."""
        return self.data.shape

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return self.data.ndim

    @property
    def size(self) -> int:
        """Number of entries."""
        return self.data.size

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the entries."""
        return self.data.dtype

    @property
    def is_leaf(self) -> bool:
        """Whether this value was not computed from others."""
        return self.producer is None

    def __repr__(self) -> str:
        body = np.array2string(self.data, separator=", ", prefix=f"{type(self).__name__}(")
        parts = [body]
        if self.data.dtype not in (np.float32, np.bool_, np.int64):
            parts.append(f"dtype={self.data.dtype}")
        if self.producer is not None:
            parts.append(f"made by {self.producer.primitive.name}")
        elif self.requires_grad and type(self) is Tensor:
            parts.append("requires_grad=True")
        return f"{type(self).__name__}({', '.join(parts)})"

    def __len__(self) -> int:
        if not self.data.ndim:
            raise ShapeError("a single number has no length")
        return len(self.data)

    def __iter__(self) -> Iterator[Tensor]:
        return (self[i] for i in range(len(self)))

    def item(self, *index: Any) -> Any:
        """Return the single entry, or the one at `index`, as a Python number without history."""
        if index:
            return self.data.item(*index)
        if self.data.size != 1:
            raise ShapeError(
                f"only a Tensor of one entry is a Python number, this one has shape {self.shape}; "
                "pick an entry, or use x.data"
            )
        return self.data.item()

    def __float__(self) -> float:
        if self.requires_grad:
            refuse_lost_history(sys._getframe(1))
        return float(self.item())

    def __int__(self) -> int:
        if self.requires_grad:
            refuse_lost_history(sys._getframe(1))
        return int(self.item())

    def __bool__(self) -> bool:
        return bool(self.item())

    def __index__(self) -> int:
        return int(self.data.__index__())

    def __format__(self, spec: str) -> str:
        return format(self.item(), spec) if spec else str(self)

    def numpy(self) -> Array:
        """Return the numbers as a plain array, sharing memory."""
        return self.data

    def detach(self) -> Tensor:
        """Return a Tensor of the same numbers, sharing memory, that has no history."""
        return Tensor(self.data)

    def zero_grad(self) -> None:
        """Forget the gradient."""
        self.grad = None

    # --- operators --------------------------------------------------------------------------------

    def __add__(self, other: Operand) -> Tensor:
        return p.add(self, other)

    def __radd__(self, other: Operand) -> Tensor:
        return p.add(other, self)

    def __sub__(self, other: Operand) -> Tensor:
        return p.subtract(self, other)

    def __rsub__(self, other: Operand) -> Tensor:
        return p.subtract(other, self)

    def __mul__(self, other: Operand) -> Tensor:
        return p.multiply(self, other)

    def __rmul__(self, other: Operand) -> Tensor:
        return p.multiply(other, self)

    def __truediv__(self, other: Operand) -> Tensor:
        return p.divide(self, other)

    def __rtruediv__(self, other: Operand) -> Tensor:
        return p.divide(other, self)

    def __pow__(self, other: Operand) -> Tensor:
        return (
            p.square(self) if type(other) in (int, float) and other == 2 else p.power(self, other)
        )

    def __rpow__(self, other: Operand) -> Tensor:
        return p.power(other, self)

    def __matmul__(self, other: Operand) -> Tensor:
        product: Tensor = ops.matmul(self, other)
        return product

    def __rmatmul__(self, other: Operand) -> Tensor:
        product: Tensor = ops.matmul(other, self)
        return product

    def __mod__(self, other: Operand) -> Tensor:
        return p.remainder(self, other)

    def __rmod__(self, other: Operand) -> Tensor:
        return p.remainder(other, self)

    def __floordiv__(self, other: Operand) -> Tensor:
        return p.floor_divide(self, other)

    def __rfloordiv__(self, other: Operand) -> Tensor:
        return p.floor_divide(other, self)

    def __divmod__(self, other: Operand) -> tuple[Tensor, Tensor]:
        return self // other, self % other

    def __rdivmod__(self, other: Operand) -> tuple[Tensor, Tensor]:
        return p.floor_divide(other, self), p.remainder(other, self)

    def __neg__(self) -> Tensor:
        return p.negative(self)

    def __pos__(self) -> Tensor:
        return self

    def __abs__(self) -> Tensor:
        return p.absolute(self)

    def __eq__(self, other: object) -> Array:  # type: ignore[override]
        return self._compare(p.equal, other)

    def __ne__(self, other: object) -> Array:  # type: ignore[override]
        return self._compare(p.not_equal, other)

    def _compare(self, primitive: MaskPrimitive, other: Any) -> Any:
        """Compare with numbers; leave it to anything else to compare itself with this."""
        known = isinstance(other, (Tensor, np.ndarray, np.generic, int, float, list, tuple))
        return primitive(self, other) if known else NotImplemented

    def __lt__(self, other: Operand) -> Array:
        return p.less(self, other)

    def __le__(self, other: Operand) -> Array:
        return p.less_equal(self, other)

    def __gt__(self, other: Operand) -> Array:
        return p.greater(self, other)

    def __ge__(self, other: Operand) -> Array:
        return p.greater_equal(self, other)

    def __getitem__(self, index: Any) -> Tensor:
        return p.getitem(self, index=plain_index(index))

    def __setitem__(self, index: Any, value: Any) -> None:
        raise UnsupportedError(
            "a recorded value cannot be written into; build a new one with pl.where(condition, "
            "new, old) or pl.scatter_add, or change the numbers of a leaf with x.data[...] = ..."
        )

    def _in_place(self, symbol: str, other: Operand) -> Tensor:
        """Update a leaf's numbers where nothing is recorded; refuse where something would be."""
        wanted = self.requires_grad or (isinstance(other, Tensor) and other.requires_grad)
        if wanted and tape.is_recording():
            if not self.data.ndim and self.producer is not None:
                # A number that was computed: other names for it keep the old one, as in NumPy.
                return getattr(self, OPERATORS[symbol])(other)
            raise UnsupportedError(
                f"'{symbol}=' writes into a recorded value; write x = x {symbol} y in a forward "
                f"pass, and x.data {symbol}= y in an update"
            )
        value = other.data if isinstance(other, Tensor) else other
        _IN_PLACE[symbol](self.data, value, out=self.data)
        return self

    def __iadd__(self, other: Operand) -> Tensor:
        return self._in_place("+", other)

    def __isub__(self, other: Operand) -> Tensor:
        return self._in_place("-", other)

    def __imul__(self, other: Operand) -> Tensor:
        return self._in_place("*", other)

    def __itruediv__(self, other: Operand) -> Tensor:
        return self._in_place("/", other)

    def __ipow__(self, other: Operand) -> Tensor:
        return self._in_place("**", other)

    def __imod__(self, other: Operand) -> Tensor:
        return self._in_place("%", other)

    def __ifloordiv__(self, other: Operand) -> Tensor:
        return self._in_place("//", other)

    def __imatmul__(self, other: Operand) -> Tensor:
        return self._in_place("@", other)

    # --- methods, as an array's -------------------------------------------------------------------

    def sum(self, axis: Axis = None, keepdims: bool = False, **options: Any) -> Tensor:
        """Sum over `axis`, by default over everything."""
        if options:  # dtype, where, initial
            return np.sum(self, axis=axis, keepdims=keepdims, **options)
        return p.sum(self, axis=axis, keepdims=keepdims)

    def mean(self, axis: Axis = None, keepdims: bool = False, **options: Any) -> Tensor:
        """Mean over `axis`, by default over everything."""
        if options:  # dtype, where
            return np.mean(self, axis=axis, keepdims=keepdims, **options)
        return ops.mean(self, axis, keepdims)

    def var(
        self, axis: Axis = None, ddof: int = 0, keepdims: bool = False, **options: Any
    ) -> Tensor:
        """Variance over `axis`."""
        if options:  # dtype, where
            return np.var(self, axis=axis, ddof=ddof, keepdims=keepdims, **options)
        return ops.var(self, axis, ddof, keepdims)

    def std(
        self, axis: Axis = None, ddof: int = 0, keepdims: bool = False, **options: Any
    ) -> Tensor:
        """Standard deviation over `axis`."""
        if options:  # dtype, where
            return np.std(self, axis=axis, ddof=ddof, keepdims=keepdims, **options)
        return ops.std(self, axis, ddof, keepdims)

    def max(self, axis: Axis = None, keepdims: bool = False, **options: Any) -> Tensor:
        """Largest entry over `axis`; equal ones share the gradient."""
        if options:  # dtype, where, initial
            return np.max(self, axis=axis, keepdims=keepdims, **options)
        return p.max(self, axis=axis, keepdims=keepdims)

    def min(self, axis: Axis = None, keepdims: bool = False, **options: Any) -> Tensor:
        """Smallest entry over `axis`; equal ones share the gradient."""
        if options:  # dtype, where, initial
            return np.min(self, axis=axis, keepdims=keepdims, **options)
        return p.min(self, axis=axis, keepdims=keepdims)

    def prod(self, axis: Axis = None, keepdims: bool = False, **options: Any) -> Tensor:
        """Product over `axis`."""
        if options:  # dtype, where, initial
            return np.prod(self, axis=axis, keepdims=keepdims, **options)
        return p.prod(self, axis=axis, keepdims=keepdims)

    def cumsum(self, axis: int | None = None, dtype: DTypeLike | None = None) -> Tensor:
        """Running sum along `axis`."""
        return ops.cumsum(self if dtype is None else self.astype(dtype), axis)

    def argmax(self, axis: int | None = None) -> Array:
        """Index of the largest entry: a plain array."""
        return p.argmax(self, axis=axis)

    def argmin(self, axis: int | None = None) -> Array:
        """Index of the smallest entry: a plain array."""
        return p.argmin(self, axis=axis)

    def dot(self, other: Operand) -> Tensor:
        """NumPy's dot product."""
        product: Tensor = ops.dot(self, other)
        return product

    def clip(
        self, low: Any = None, high: Any = None, *, min: Any = None, max: Any = None
    ) -> Tensor:
        """Limit the entries to the range from `low` to `high`, which NumPy calls min and max."""
        return ops.clip(self, min if low is None else low, max if high is None else high)

    def reshape(self, *shape: int | Sequence[int], order: str = "C") -> Tensor:
        """The same entries in another shape: ``x.reshape(2, 3)`` or ``x.reshape((2, 3))``."""
        whole: Any = shape[0] if len(shape) == 1 else shape
        return ops.reshape(self, whole) if order == "C" else signatures.reshape(self, whole, order)

    def flatten(self, order: str = "C") -> Tensor:
        """All entries in one axis."""
        return ops.flatten(self) if order == "C" else signatures.reshape(self, -1, order)

    ravel = flatten

    def transpose(self, *axes: int | Sequence[int]) -> Tensor:
        """Axes in another order; without arguments, in reverse order."""
        whole: Any = axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes
        return ops.transpose(self, whole or None)

    @property
    def T(self) -> Tensor:  # noqa: N802 - NumPy's name
        """Axes in reverse order."""
        return ops.transpose(self)

    def swapaxes(self, axis1: int, axis2: int) -> Tensor:
        """Two axes exchanged."""
        return ops.swapaxes(self, axis1, axis2)

    def squeeze(self, axis: Axis = None) -> Tensor:
        """Axes of length 1 left out."""
        return ops.squeeze(self, axis)

    def astype(self, dtype: DTypeLike, copy: bool = True) -> Tensor:
        """Return the numbers in another floating-point type; gradients come back in this one."""
        return p.cast(self, dtype=float_dtype(dtype))

    def copy(self) -> Tensor:
        """Return a recorded copy of the numbers."""
        return p.cast(self, dtype=self.data.dtype)


class Parameter(Tensor):
    """A Tensor that training adjusts: a leaf of which the gradient is wanted.

    Parameters
    ----------
    data : array_like of floats
    name : str, optional
    """

    __slots__ = ()

    def __init__(self, data: Any, *, name: str | None = None) -> None:
        super().__init__(data, requires_grad=True, name=name)


def tensor(
    data: Any,
    dtype: DTypeLike | None = None,
    *,
    requires_grad: bool = False,
    name: str | None = None,
) -> Tensor:
    """Make a Tensor from numbers, which are copied.

    Parameters
    ----------
    data : array_like
        Lists of floats become float32; arrays keep their type.
    dtype : dtype, optional
        Convert to this type.
    requires_grad : bool
        Whether gradients with respect to this value are wanted.
    name : str, optional
        A name for people to read.

    Raises
    ------
    DTypeError
        If the data is ragged or not numeric, or whole numbers are to have gradients.
    """
    if isinstance(data, Tensor):
        data = data.data
    elif dtype is not None and not isinstance(data, np.ndarray):
        data = np.asarray(data, dtype=dtype)  # a list meant as float64 keeps all its digits
    return Tensor(np.array(as_array(data, dtype)), requires_grad=requires_grad, name=name)
