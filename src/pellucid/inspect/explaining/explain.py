"""``pl.explain``: every number of one training step, with its formula."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.errors import DataError, PellucidError, UnsupportedError
from pellucid.inspect.explaining.backward import explain_backward
from pellucid.inspect.explaining.choosing import called, check_layer, choose_unit
from pellucid.inspect.explaining.explanation import Explanation
from pellucid.inspect.explaining.focus import Focus, Unit
from pellucid.inspect.explaining.folding import fold, restricted
from pellucid.inspect.explaining.forward import explain_forward
from pellucid.inspect.explaining.loss import explain_loss
from pellucid.inspect.explaining.nodes import Section
from pellucid.inspect.explaining.opening import opening, opening_of_function
from pellucid.inspect.explaining.pairs import halves_of, section_of
from pellucid.inspect.explaining.reading import Reading
from pellucid.inspect.explaining.update import explain_update
from pellucid.inspect.tracing import trace
from pellucid.nn import BatchNorm1d, BatchNorm2d, BatchNorm3d, Module
from pellucid.program import Program
from pellucid.tape import no_grad
from pellucid.training import AdversarialTrainer
from pellucid.training.evaluation import parameter_dtype, predict

if TYPE_CHECKING:
    from pellucid.optim import Optimizer
    from pellucid.training.objective import LossLike

__all__ = ["explain"]

_MOST_DIGITS = 17  # what a float64 holds


def explain(
    model: Module | AdversarialTrainer | Callable[[Any], Any],
    sample: Any,
    target: Any = None,
    *,
    loss: LossLike | None = "auto",
    optimizer: Optimizer | str | None = None,
    lr: float | None = None,
    layer: str | None = None,
    unit: Unit | None = None,
    class_names: Any = None,
    digits: int = 4,
) -> Explanation:
    """Explain one training step: each formula with the numbers put in, forward, back, and update.

    The step is traced once (:func:`pellucid.trace`); each number shown is a number of it. Small
    layers are shown whole; of a large one, what its result is like, and one entry in full.
    Parameters, buffers, generators and the optimizer are as before when it is done.

    Parameters
    ----------
    model : Module, AdversarialTrainer or callable
        The network, in the mode that it is in: ``model.train()`` for dropout to drop. Batch
        normalisation of a single sample takes its running statistics in any mode. Of two networks
        that are trained against each other, the trainer: both halves of their step are explained,
        with its losses and optimizers. Or a NumPy function of parameters that returns the loss: it
        is explained line by line, with the names that it gives its values.
    sample : array_like, Part or dict
        One sample; or a few, as an array or as a part of a data set such as ``digits.test[:1]``.
        For a function: the dict of its parameters.
    target : array_like, optional
        The target of the sample, or one for each; with a Part, by default its own.
    loss : callable, str or None
        As :func:`pellucid.fit` takes it; None explains the forward pass alone. "auto" takes the
        loss of a model that has one of its own, such as a variational autoencoder.
    optimizer : Optimizer, str or None
        What makes the update; without one there is none.
    lr : float, optional
        Learning rate of an optimizer given by name.
    layer : str, optional
        The path of the only layer to explain, such as ``"encoder.layers.0.attention"``.
    unit : int or tuple of int, optional
        The entry of that layer's result to work out: the number of a unit or channel, or one number
        for each axis of the result of a sample; of a recurrent layer a unit, or a step and a unit;
        of attention a query, or a head and a query. By default the largest entry.
    class_names : sequence of str, optional
        What the classes are called; with a Part of a named data set, say them here.
    digits : int
        Significant digits that numbers are written with.

    Returns
    -------
    Explanation
        Printed, it is text; ``.html(path)`` and ``.markdown(path)`` write it with typeset formulas.

    Raises
    ------
    DataError, ShapeError, DTypeError
        If sample, target and network do not fit together, or a unit is out of range.
    UnknownNameError
        If there is no such layer; the nearest is suggested.

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid import nn
    >>> net = nn.Sequential(nn.Linear(2, 1, weight_init="ones", rng=0))
    >>> explanation = explain(net, np.array([1.0, 2.0]), np.array([5.0]), loss="mse")
    >>> [line.strip() for line in explanation.text().splitlines() if "z₁ = x[0]" in line]
    ['z₁ = x[0]·W₁[0, 0] + x[1]·W₁[1, 0] + b₁ = 1·1 + 2·1 + 0 = 3']
    >>> explanation.program.gradient("z1").value
    array([[-4.]], dtype=float32)
    """
    if not isinstance(digits, (int, np.integer)) or not 1 <= digits <= _MOST_DIGITS:
        raise DataError(f"digits must be a whole number from 1 to {_MOST_DIGITS}, got {digits!r}")
    if isinstance(sample, Mapping) and callable(model) and not isinstance(model, Module):
        if target is not None or layer is not None or unit is not None:
            raise DataError("a function of parameters has no target=, layer= and unit=")
        return _explain_function(model, sample, loss, optimizer, lr, digits)
    pair = model if isinstance(model, AdversarialTrainer) else None
    if pair is None and not isinstance(model, Module):
        raise DataError(
            f"explain takes a network, or the AdversarialTrainer of two, got {type(model).__name__}"
        )
    if unit is not None and not _is_unit(unit):
        raise DataError(f"a unit is a whole number, or a tuple of them, got {unit!r}")
    if unit is not None and layer is None:
        raise DataError("unit= is of one layer: name it with layer= as well")
    net: Any = model if pair is None else pair.gan
    check_layer(net, layer)
    notes: list[str] = []
    if pair is None:
        loss, target = _own_loss(net, sample, target, loss)
        batch = _batch(net, sample, target)
    else:
        if loss != "auto" or optimizer is not None or lr is not None:
            raise DataError(
                "two networks trained against each other have their losses and "
                "optimizers in their trainer: leave out loss=, optimizer= and lr="
            )
        batch = _real_batch(pair, sample, target)
    # A network that has run away is explained too: that is when one wants to look.
    with np.errstate(all="ignore"), _single_samples(net, batch, notes):
        program = _traced(net if pair is None else pair, batch, loss, optimizer, lr)
        root = Section(_told(program.title))
        if pair is None:
            reading = Reading(program)
            focus = Focus(reading)
            if layer is not None and unit is not None:
                choose_unit(reading, focus, layer, unit)
            root.blocks = opening(reading, net, class_names, notes)
            root.blocks += _phases(reading, focus, class_names)
        else:
            halves = halves_of(program, pair)
            readings = [Reading(half.program) for half in halves]
            root.blocks = opening(readings[0], net, class_names, notes)
            for half, reading in zip(halves, readings, strict=True):
                focus = Focus(reading)
                if layer is not None and unit is not None and called(reading, layer):
                    choose_unit(reading, focus, layer, unit)
                root.blocks.append(section_of(half, _phases(reading, focus, class_names)))
    if layer is not None:
        root = restricted(root, layer)
    else:
        fold(root)
    return Explanation(root, program, layer, digits)


def _explain_function(
    function: Callable[[Any], Any],
    parameters: Mapping[str, Any],
    loss: LossLike | None,
    optimizer: Optimizer | str | None,
    lr: float | None,
    digits: int,
) -> Explanation:
    with np.errstate(all="ignore"):
        program = trace(function, parameters, loss=loss, optimizer=optimizer, lr=lr)
        reading = Reading(program)
        root = Section(_told(program.title))
        root.blocks = [
            *opening_of_function(program),
            *_phases(reading, Focus(reading), None),
        ]
    return Explanation(root, program, None, digits)


def _told(title: str) -> str:
    """Return the title of a program in words; a loss without a name is the reader's own."""
    return title.replace("<lambda>", "a loss of your own").replace("_", " ")


def _own_loss(model: Module, sample: Any, target: Any, loss: Any) -> tuple[Any, Any]:
    """Return loss and target: a model with a loss of its own is trained with that."""
    own = getattr(model, "loss", None)
    if loss != "auto" or not callable(own):
        return loss, target
    if target is None and not hasattr(sample, "y") and not isinstance(sample, tuple):
        target = sample  # what is trained to give its input again
    return own, target


def _traced(
    model: Module | AdversarialTrainer, batch: Any, loss: Any, optimizer: Any, lr: Any
) -> Program:
    """Trace the step.

    Raises
    ------
    DataError
        If the network has several outputs, and the loss takes one.
    """
    try:
        return trace(model, batch, loss=loss, optimizer=optimizer, lr=lr)
    except UnsupportedError as error:
        if not isinstance(model, Module) or not isinstance(batch, tuple):
            raise
        with no_grad():
            outputs = model(batch[0])
        if not isinstance(outputs, (tuple, list)):
            raise
        own = ", or its own: loss=net.loss" if callable(getattr(model, "loss", None)) else ""
        raise DataError(
            f"{type(model).__name__} returns {len(outputs)} outputs, and this loss takes one; give "
            f"a function of all outputs and the target{own}"
        ) from error


def _real_batch(trainer: AdversarialTrainer, sample: Any, target: Any) -> Any:
    """Return real samples, with their classes for a conditional pair."""
    x, y = sample, target
    if hasattr(sample, "x") and hasattr(sample, "y"):
        x, y = sample.x, sample.y if target is None else target
    elif isinstance(sample, tuple) and target is None and len(sample) == 2:
        x, y = sample
    x = np.asarray(x)
    shape = tuple(trainer.gan.sample_shape)
    if x.shape == shape:
        x, y = x[None], None if y is None else np.asarray(y)[None]
    if x.shape[1:] != shape or not len(x):
        raise DataError(f"explain takes real samples of shape {shape}, one or a few, got {x.shape}")
    return (x, np.asarray(y)) if trainer.gan.classes and y is not None else x


def _is_unit(unit: Any) -> bool:
    numbers = unit if isinstance(unit, (tuple, list)) else (unit,)
    return bool(numbers) and all(
        isinstance(n, (int, np.integer)) and not isinstance(n, bool) for n in numbers
    )


def _phases(reading: Reading, focus: Focus, class_names: Any) -> list[Section]:
    """Return forward, loss, backward and update, as far as there are any."""
    program = reading.program
    sections = [explain_forward(reading, focus)]
    if program.of_phase("loss") and "loss" in program.results:
        name = _told(program.title).partition(": ")[2].partition(",")[0]
        sections.append(explain_loss(reading, focus, name, class_names))
    if program.of_phase("backward"):
        sections.append(explain_backward(reading, focus))
    if program.of_phase("update"):
        sections.append(explain_update(reading, focus))
    return sections


def _batch(model: Module, sample: Any, target: Any) -> Any:
    """Return what was given as a batch that can be traced: samples along the first axis."""
    if hasattr(sample, "x") and hasattr(sample, "y"):
        if target is None:
            if sample.y is None:
                return sample.x
            weight = getattr(sample, "sample_weight", None)
            return (sample.x, sample.y) if weight is None else (sample.x, sample.y, weight)
        sample = sample.x
    elif isinstance(sample, tuple) and target is None and len(sample) in (2, 3):
        if len(sample) == 3 and sample[2] is not None:
            return _weighted(*sample)
        sample, target = sample[0], sample[1]
    x = np.asarray(getattr(sample, "data", sample) if hasattr(sample, "requires_grad") else sample)
    y = None if target is None else np.asarray(target)
    if x.dtype == object or (y is not None and y.dtype == object):
        raise DataError("explain takes arrays: samples of numbers, all of one shape")
    if not x.size:
        raise DataError(f"explain takes a sample, got an empty array of shape {x.shape}")
    alone = _takes(model, x[None]) or (y is not None and y.ndim == 0)
    if x.ndim < 1 or (alone and not _takes(model, x)):
        x = x[None]
        y = None if y is None else y[None]
    elif y is not None and (y.ndim == 0 or len(y) != len(x)):
        if len(x) == 1:
            y = y[None]
        else:
            raise DataError(
                f"there are {len(x)} samples {x.shape} but targets of shape {y.shape}; "
                "expected one for each"
            )
    return x if y is None else (x, y)


def _weighted(x: Any, y: Any, weight: Any) -> tuple[Any, Any, Any]:
    """Return samples with a weight each, which are a batch already."""
    x, y, weight = np.asarray(x), np.asarray(y), np.asarray(weight)
    if not (weight.ndim and x.ndim and y.ndim and len(x) == len(y) == len(weight)):
        raise DataError(
            f"samples with weights are a batch: (x, y, weight) of one length; got the shapes "
            f"{x.shape}, {y.shape} and {weight.shape}"
        )
    return x, y, weight


def _takes(model: Module, x: Any) -> bool:
    """Tell whether an array is a batch of samples that the network takes."""
    if x.ndim < 1:
        return False
    try:
        with np.errstate(all="ignore"):
            predict(model, x.astype(parameter_dtype(model)) if x.dtype.kind == "f" else x)
    except (PellucidError, ValueError, IndexError, TypeError):
        return False
    return True


@contextlib.contextmanager
def _single_samples(model: Module, batch: Any, notes: list[str]) -> Iterator[None]:
    """Let batch normalisation take its running statistics where a sample has no company."""
    x = batch[0] if isinstance(batch, tuple) else batch
    norms = [
        module
        for _, module in model.named_modules()
        if isinstance(module, (BatchNorm1d, BatchNorm2d, BatchNorm3d)) and module.training
    ]
    if len(x) > 1 or not norms:
        yield
        return
    notes.append(
        "A single sample has no batch: batch normalisation takes its running mean and variance, "
        "as it does after training."
    )
    for module in norms:
        module.training = False
    try:
        yield
    finally:
        for module in norms:
            module.training = True
