"""What a network is trained for: a loss, and what its outputs mean under that loss."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

from pellucid.data import Part
from pellucid.dtypes import Array
from pellucid.errors import DataError, DTypeError, ShapeError, UnsupportedError
from pellucid.losses import Loss, find_loss, get_loss
from pellucid.tensor import Tensor

__all__ = ["LossFunction", "LossLike", "Objective", "resolve_objective"]

LossFunction: TypeAlias = Callable[..., Tensor]
"""Takes outputs and targets (and ``sample_weight=``), returns a Tensor that holds one number."""

LossLike: TypeAlias = LossFunction | str

Task: TypeAlias = Literal["multiclass", "binary", "values"]


@dataclass(frozen=True)
class Objective:
    """A loss, and what the outputs of a network mean under it.

    Parameters
    ----------
    name : str
        The loss's name.
    function : callable
        The loss.
    task : "multiclass", "binary" or "values"
        Whether the outputs are one number per class, one per yes-or-no question, or measurements.
    loss : Loss or None
        The library's record of the loss; None for one of the user's own.
    """

    name: str
    function: LossFunction
    task: Task
    loss: Loss | None = None

    @property
    def class_axis(self) -> int:
        """The axis of the outputs with one number per class: 1, or −1 for tokens (N, T, V)."""
        return 1 if self.loss is None else self.loss.class_axis

    @property
    def ignore_index(self) -> int | None:
        """The label that the loss leaves out, such as padding: a keyword given by ``partial``."""
        function: Any = self.function
        while isinstance(function, functools.partial):
            if "ignore_index" in function.keywords:
                ignored: int | None = function.keywords["ignore_index"]
                return ignored
            function = function.func
        return None

    @property
    def classifies(self) -> bool:
        """Whether the outputs choose a class."""
        return self.task != "values"

    def labels(self, outputs: Array) -> Array:
        """Return the predicted labels, int64: (N,) for outputs (N, C) or (N, 1)."""
        if self.task == "multiclass":
            return outputs.argmax(axis=self.class_axis)
        if self.task == "binary":
            probabilities = self.loss is not None and self.loss.output == "probabilities"
            return _column(outputs > (0.5 if probabilities else 0.0)).astype(np.int64)
        raise UnsupportedError(f"{self.name} predicts values, not classes: there are no labels")

    def target_labels(self, targets: Array) -> Array:
        """Return the true labels that targets, as the loss takes them, stand for."""
        if self.task == "binary":
            return _column(targets > (0.0 if self._signed else 0.5)).astype(np.int64)
        if self.task == "multiclass":
            given = targets.dtype.kind != "f"
            return targets if given else targets.argmax(axis=self.class_axis)
        raise UnsupportedError(f"{self.name} predicts values, not classes: there are no labels")

    def counted(self, labels: Array) -> Array | None:
        """Return which labels are not left out by the loss, or None if all count."""
        ignored = self.ignore_index
        return None if ignored is None else np.not_equal(labels, ignored)

    def surprise(self, outputs: Array, targets: Array) -> Array:
        """Return −ln of the probability of each true class or token that counts, (M,).

        Raises
        ------
        UnsupportedError
            If the outputs are not logits of classes.
        """
        if self.task != "multiclass" or not self.has_probabilities:
            raise UnsupportedError(
                f"{self.name} does not give each true class a probability: there is no perplexity"
            )
        labels = self.target_labels(targets)
        kept = self.counted(labels)
        rows = np.moveaxis(outputs, self.class_axis, -1)
        rows = rows[...] if kept is None else rows[kept]
        rows = rows.reshape(-1, rows.shape[-1])
        picks = (labels if kept is None else labels[kept]).reshape(-1)
        shifted = rows - rows.max(axis=1, keepdims=True)
        if self.loss is not None and self.loss.output == "log-probabilities":
            return np.negative(rows[np.arange(len(picks)), picks], dtype=np.float64)
        total = np.log(np.exp(shifted).sum(axis=1, dtype=np.float64))
        surprise: Array = total - shifted[np.arange(len(picks)), picks]
        return surprise

    @property
    def _signed(self) -> bool:
        """Whether no and yes are −1 and +1, as margins have it."""
        return self.task == "binary" and self.loss is not None and self.loss.output == "scores"

    @property
    def has_probabilities(self) -> bool:
        """Whether the loss gives the outputs a meaning as probabilities."""
        return self.loss is not None and self.loss.activation is not None

    def probabilities(self, outputs: Array) -> Array:
        """Return probabilities: (N, C), or (N,) that of yes.

        Raises
        ------
        UnsupportedError
            If the loss does not give the outputs a meaning as probabilities.
        """
        if self.loss is None or self.loss.activation is None:
            raise UnsupportedError(
                f"under {self.name} the outputs have no meaning as probabilities; train with "
                "cross_entropy or binary_cross_entropy_with_logits for those"
            )
        return _column(self.loss.activation(outputs))

    def prepare(self, part: Part, output_shape: tuple[int, ...], dtype: np.dtype[Any]) -> Part:
        """Return samples in the network's type, and targets in the form that the loss takes.

        Parameters
        ----------
        part : Part
            The samples.
        output_shape : tuple of int
            The shape of one output of the network.
        dtype : dtype
            The type of the network's parameters.

        Raises
        ------
        DataError, DTypeError, ShapeError
            If the targets cannot be those of this network under this loss.
        """
        if part.y is None:
            raise DataError("the samples have no targets (y), and the loss needs them")
        x = part.x.astype(dtype, copy=False) if part.x.dtype.kind == "f" else part.x
        if self.loss is None:  # one of the user's own: it knows what it wants
            y = part.y.astype(dtype, copy=False) if part.y.dtype.kind == "f" else part.y
        elif self.task == "multiclass":
            y = self._class_targets(part.y, output_shape, dtype)
        else:
            y = self._value_targets(part.y, output_shape, dtype)
        return Part(x, y, sample_weight=part.sample_weight)

    def _class_targets(
        self, y: Array, output_shape: tuple[int, ...], dtype: np.dtype[Any]
    ) -> Array:
        last = self.class_axis == -1
        classes = (output_shape[-1] if last else output_shape[0]) if output_shape else 0
        places = output_shape[:-1] if last else output_shape[1:]
        if classes < 2:
            raise ShapeError(
                f"{self.name} needs one output per class, at least 2; the network gives "
                f"{_numbers(output_shape)} per sample. Enlarge its last layer, or use "
                "binary_cross_entropy_with_logits for a single yes-or-no output"
            )
        if y.dtype.kind == "f":
            if y.shape[1:] == output_shape:
                return y.astype(dtype, copy=False)  # one distribution over the classes per sample
            raise DTypeError(
                f"{self.name} takes class labels, which are whole numbers, but y is {y.dtype} of "
                f"shape {y.shape}; use y.astype(int) if they are labels, or a regression loss such "
                "as mean_squared_error if they are measurements"
            )
        if y.shape[1:] == (1,) and places != (1,):
            y = y[:, 0]
        if y.shape[1:] != places:
            hint = "; for one-hot rows use y.argmax(axis=1)" if y.shape[1:] == output_shape else ""
            raise ShapeError(
                f"{self.name} takes one label per output of shape {output_shape}, but y has shape "
                f"{y.shape}{hint}"
            )
        _check_labels(y, classes, self.ignore_index)
        return y

    def _value_targets(
        self, y: Array, output_shape: tuple[int, ...], dtype: np.dtype[Any]
    ) -> Array:
        if np.prod(y.shape[1:]) != np.prod(output_shape):
            hint = "give its last layer as many outputs as there are targets"
            if y.ndim == 1 and not (y % 1).any():
                hint = "if y are class labels, use cross_entropy and y.astype(int)"
            raise ShapeError(
                f"the network gives {_numbers(output_shape)} per sample, but y has "
                f"{_numbers(y.shape[1:])} (shape {y.shape}), and {self.name} compares them one by "
                f"one; {hint}"
            )
        y = y.reshape(len(y), *output_shape).astype(dtype, copy=False)
        if self._signed:
            return self._signs(y)
        if self.task == "binary":
            sample = _first_sample((y < 0) | (y > 1))
            if sample is not None:
                raise DataError(
                    f"y is {_listed(y[sample])} for sample {sample}, but {self.name} takes 0, 1 or "
                    "a probability in between; for more than two classes use cross_entropy and "
                    "one output per class, for measurements mean_squared_error"
                )
        return y

    def _signs(self, y: Array) -> Array:
        """Return targets −1 and +1, also for labels 0 and 1."""
        if ((y == 0) | (y == 1)).all():
            return 2 * y - 1
        wrong = (np.abs(y) != 1) & (y != 0)
        sample = _first_sample(wrong if wrong.any() else y == 0)
        if sample is not None:
            raise DataError(
                f"y is {_listed(y[sample])} for sample {sample}, but {self.name} takes 0 and 1, "
                "or −1 and +1"
            )
        return y


def resolve_objective(loss: LossLike, y: Array, output_shape: tuple[int, ...]) -> Objective:
    """Return the objective for a loss, its name, or "auto".

    Parameters
    ----------
    loss : callable or str
        "auto" takes cross-entropy for labels (whole numbers), that of tokens if there is one per
        row of each output (T, V), the binary one if the network has a single output, and the mean
        squared error for anything else.
    y : Array
        The targets.
    output_shape : tuple of int
        The shape of one output of the network.

    Raises
    ------
    UnknownNameError
        If there is no loss of that name; the nearest one is suggested.
    """
    if isinstance(loss, str) and loss == "auto":
        if y.dtype.kind == "f":
            loss = "mean_squared_error"
        else:
            single = int(np.prod(output_shape, dtype=np.int64)) == 1
            loss = "binary_cross_entropy_with_logits" if single else "cross_entropy"
            if len(output_shape) == 2 and y.shape[1:] == output_shape[:1]:
                loss = "token_cross_entropy"  # (N, T) tokens for outputs (N, T, V)
    if isinstance(loss, str):
        loss = get_loss(loss)
    if not callable(loss):
        raise DataError(f"a loss is a function, a name or 'auto', got {loss!r}")
    known = find_loss(loss)
    if known is None:
        per_class = y.dtype.kind != "f" and y.ndim == 1 and len(output_shape) == 1
        # A model's own loss is called by the model too: "VAE.loss"
        bound = "__qualname__" if hasattr(loss, "__self__") else "__name__"
        name = str(getattr(loss, bound, type(loss).__name__))
        return Objective(
            name, loss, "multiclass" if per_class and output_shape[0] > 1 else "values"
        )
    if len(known.inputs) != 2:
        raise UnsupportedError(
            f"{known.name} takes {', '.join(known.inputs)}, but fit has one output and one target; "
            "wrap it in a function of the two, or write the loop by hand"
        )
    function = known.function if isinstance(loss, Loss) else loss
    tasks: dict[str, Task] = {"multiclass": "multiclass", "binary": "binary"}
    return Objective(known.name, function, tasks.get(known.task, "values"), known)


def _column(values: Array) -> Array:
    """Drop the axis of a single output: (N, 1) becomes (N,)."""
    return values[:, 0] if values.ndim == 2 and values.shape[1] == 1 else values


def _first_sample(wrong: Array) -> int | None:
    """Return the first sample that has a True, if any."""
    rows = wrong.reshape(len(wrong), -1).any(axis=1)
    return int(np.argmax(rows)) if rows.any() else None


def _listed(values: Array) -> str:
    return ", ".join(f"{value:g}" for value in values.reshape(-1)[:6])


def _numbers(shape: tuple[int, ...]) -> str:
    count = int(np.prod(shape, dtype=np.int64))
    return f"{count} number{'' if count == 1 else 's'}"


def _check_labels(y: Array, classes: int, ignored: int | None = None) -> None:
    if ignored is not None:
        y = np.where(y == ignored, 0, y)
    if not y.size:
        return
    low, high = int(y.min()), int(y.max())
    if low < 0 or high >= classes:
        label = low if low < 0 else high
        sample = int(np.argwhere(y == label)[0][0])
        fix = (
            "labels are counted from 0"
            if low < 0
            else f"give its last layer {high + 1} outputs, or number the classes from 0"
        )
        raise DataError(
            f"label {label} at sample {sample}, but the network has {classes} outputs, "
            f"for the classes 0 … {classes - 1}; {fix}"
        )
