"""``pl.trace``: what a network, a loss and an optimizer do in one step, as a program."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pellucid.dtypes import Array
from pellucid.errors import DataError, UnsupportedError
from pellucid.nn import Module
from pellucid.optim import LBFGS, Optimizer
from pellucid.program import Program, record
from pellucid.program.instruction import Role
from pellucid.program.parameter_function import ParameterFunction
from pellucid.training import AdversarialTrainer
from pellucid.training.defaults import resolve_optimizer
from pellucid.training.evaluation import parameter_dtype, predict
from pellucid.training.objective import LossLike, Objective, resolve_objective
from pellucid.training.samples import as_part

__all__ = ["trace"]


def trace(
    model: Module | AdversarialTrainer | Callable[[Any], Any],
    batch: Any = None,
    *,
    loss: LossLike | None = "auto",
    optimizer: Optimizer | str | None = None,
    lr: float | None = None,
) -> Program:
    """Write down one training step: forward, loss, backward and update.

    The step is run once, in the mode that the network is in (``net.train()`` for dropout and the
    like to do what they do in training). Parameters, buffers, random generators and the optimizer
    are as before when it is done.

    Parameters
    ----------
    model : Module, AdversarialTrainer or callable
        The network; or the training of two networks against each other, whose step has two halves;
        or a NumPy function of parameters that returns the loss, ``loss(parameters)``. The program
        then has the names that the function gives its values, and knows its lines.
    batch : dict, (x, y), (x, y, sample_weight), Part or array_like
        Some samples with their targets. An array alone: only the forward pass, or with a loss given
        by the caller samples that are their own targets. For a function: the dict of parameters.
    loss : callable, str or None
        As :func:`pellucid.fit` takes it; None stops after the forward pass.
    optimizer : Optimizer, str or None
        What makes the update; without one there is none. It goes on from the state that it is in.
    lr : float, optional
        Learning rate of an optimizer given by name.

    Returns
    -------
    Program
        Its :meth:`~pellucid.program.Program.source` is the step as a NumPy script.

    Raises
    ------
    DataError, ShapeError, DTypeError, UnknownNameError
        If the arguments do not fit together.
    UnsupportedError
        For L-BFGS, which evaluates the loss as often as its line search wants.

    Examples
    --------
    >>> import numpy as np
    >>> import pellucid as pl
    >>> from pellucid import nn
    >>> net = nn.Sequential(nn.Linear(2, 3, rng=0), nn.ReLU(), nn.Linear(3, 2, rng=1))
    >>> x, y = np.array([[0.0, 1.0], [1.0, 1.0]]), np.array([1, 0])
    >>> program = trace(net, (x, y), optimizer="sgd")
    >>> program.gradient("W2").shape
    (3, 2)
    >>> def half_square(p):
    ...     z1 = np.dot(x, p["W"])
    ...     return 0.5 * np.sum(z1**2)
    >>> trace(half_square, {"W": np.ones((2, 1))}).gradient("z1").value
    array([[1.],
           [2.]])
    """
    if batch is None:
        raise DataError(
            "trace needs a batch to follow through the network, trace(net, (x, y)); the sum of a "
            "diagonal is pellucid.ops.trace or np.trace"
        )
    if isinstance(model, AdversarialTrainer):
        return _trace_adversarial(model, batch)
    if not isinstance(model, Module):
        return _trace_function(ParameterFunction(model, batch), loss, optimizer, lr)
    if isinstance(optimizer, LBFGS) or optimizer == "lbfgs":
        raise UnsupportedError(
            "L-BFGS evaluates the loss as often as its line search wants, so its step is no fixed "
            "program; trace without optimizer=, or with another one"
        )
    x, y, weight = _split(batch)
    if loss == "auto" and y is None:
        loss = None
    with np.errstate(all="ignore"):
        output_shape = predict(model, x[:1]).shape[1:] if loss is not None else ()
    dtype = parameter_dtype(model)
    if loss is None:
        inputs: dict[str, tuple[Role, Array]] = {"x": ("input", _floats(x, dtype))}
        if any(True for _ in _pending(model)):
            predict(model, x[:1])
        return record(
            lambda x: {"output": model(x)}, inputs, [("", model)], (), f"{_kind(model)}, forward"
        )
    part = as_part((x, x) if y is None else (x, y), "train", weight)
    objective = resolve_objective(loss, part.y, output_shape)  # type: ignore[arg-type]
    part = objective.prepare(part, output_shape, dtype)
    inputs = {"x": ("input", part.x), "y": ("target", part.y)}  # type: ignore[dict-item]
    if part.sample_weight is not None:
        inputs["sample_weight"] = ("weight", part.sample_weight)
    optimizers = [] if optimizer is None else [resolve_optimizer(model, optimizer, lr)]
    title = f"One training step of {_kind(model)}: {objective.name}"
    if optimizers:
        title += f", {type(optimizers[0]).__name__}"
    return record(_step(model, objective, optimizers), inputs, [("", model)], optimizers, title)


def _step(model: Module, objective: Objective, optimizers: list[Optimizer]) -> Any:
    def step(x: Array, y: Array, sample_weight: Array | None = None) -> dict[str, Any]:
        outputs = model(x)
        weights = {} if sample_weight is None else {"sample_weight": sample_weight}
        loss = objective.function(outputs, y, **weights)
        if loss.requires_grad:
            loss.backward()
            for optimizer in optimizers:
                optimizer.step()
        return {"output": outputs, "loss": loss}

    return step


def _trace_function(
    network: ParameterFunction,
    loss: LossLike | None,
    optimizer: Optimizer | str | None,
    lr: float | None,
) -> Program:
    if loss not in ("auto", None):
        raise DataError("a function of parameters returns its loss itself; leave loss= out")
    optimizers = [] if optimizer is None else [resolve_optimizer(network, optimizer, lr)]

    def step() -> dict[str, Any]:
        value = network()
        if value.requires_grad and loss is not None:
            value.backward()
            for one in optimizers:
                one.step()
        return {"loss": value}

    title = f"One training step of {_kind(network)}"
    if optimizers:
        title += f": {type(optimizers[0]).__name__}"
    return record(step, {}, [("", network)], optimizers, title, own_code=network.function)


def _trace_adversarial(trainer: AdversarialTrainer, batch: Any) -> Program:
    x, y, _ = _split(batch)
    gan = trainer.gan
    dtype = gan.dtype
    inputs: dict[str, tuple[Role, Array]] = {"x": ("input", _floats(x, dtype))}
    if gan.classes:
        if y is None:
            raise DataError("this pair is conditional: give the batch as (samples, labels)")
        inputs["y"] = ("target", np.asarray(y))

    def step(x: Array, y: Array | None = None) -> dict[str, Any]:
        totals = dict(trainer.totals)
        try:
            losses = trainer.both_steps(x, y)
        finally:
            trainer.totals = totals
        return {"discriminator_loss": losses[0], "loss": losses[1]}

    return record(
        step,
        inputs,
        [("generator", gan.generator), ("discriminator", gan.discriminator)],
        [trainer.optimizers["discriminator"], trainer.optimizers["generator"]],
        f"One step of {type(gan).__name__}: the discriminator's, then the generator's",
        [(trainer, "rng")],
    )


def _split(batch: Any) -> tuple[Array, Array | None, Array | None]:
    """Return samples, targets and weights of what may be given as a batch."""
    if hasattr(batch, "x") and hasattr(batch, "y"):
        return batch.x, batch.y, getattr(batch, "sample_weight", None)
    if isinstance(batch, (tuple, list)) and len(batch) in (2, 3) and hasattr(batch[0], "__len__"):
        parts = [None if part is None else np.asarray(part) for part in (*batch, None)[:3]]
        return parts[0], parts[1], parts[2]  # type: ignore[return-value]
    return np.asarray(batch), None, None


def _floats(x: Any, dtype: np.dtype[Any]) -> Array:
    array = np.asarray(x)
    return array.astype(dtype) if array.dtype.kind == "f" else array


def _pending(model: Module) -> Any:
    from pellucid.nn.lazy import is_pending

    return (p for _, p in model.named_parameters() if is_pending(p))


def _kind(model: Module) -> str:
    if isinstance(model, ParameterFunction):
        return getattr(model.function, "__name__", "a function")
    return type(model).__name__
