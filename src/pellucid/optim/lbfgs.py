"""L-BFGS: a quasi-Newton method for the whole batch, with a line search."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from pellucid.errors import CheckpointError, DataError, ShapeError
from pellucid.optim.line_search import Trial, strong_wolfe
from pellucid.optim.optimizer import Loss, Optimizer
from pellucid.optim.options import Common
from pellucid.optim.parameters import Params
from pellucid.optim.state import group_values, restored_groups

if TYPE_CHECKING:
    from pellucid.dtypes import Array

__all__ = ["LBFGS"]


class LBFGS(Optimizer):
    r"""Limited-memory BFGS (Nocedal, 1980; Liu & Nocedal, 1989).

    .. math:: θ_{t+1} = θ_t - η_t H_t g_t

    where :math:`H_t`, an approximation of the inverse Hessian, is built from the last changes of
    parameters, :math:`s = θ_{t+1} - θ_t`, and of gradients, :math:`y = g_{t+1} - g_t`, without ever
    being formed; and :math:`η_t` comes from a line search for the strong Wolfe conditions, starting
    at ``lr``. It needs the same loss at every evaluation: the whole data set, no dropout.

    Penalties become part of the loss that is searched: ½λ‖θ‖² and λ₁‖θ‖₁ (which has a kink at 0,
    where L-BFGS has no guarantee).

    Parameters
    ----------
    params : iterable of Parameter, or of dict
        What to learn, in one group and one dtype.
    lr : float
        First distance tried, or with ``line_search=None`` the distance taken.
    max_iter : int
        Most iterations in one :meth:`step`.
    max_eval : int or None
        Most evaluations of the loss in one :meth:`step`; None is ``max_iter * 5 // 4``.
    tolerance_grad : float
        Stop when no element of the gradient is larger.
    tolerance_change : float
        Stop when neither a parameter nor the loss changes more.
    history_size : int
        How many pairs (s, y) are kept.
    line_search : "strong_wolfe" or None
        How the distance is found.
    **common
        ``weight_decay``, ``l1``, ``maximize``.
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1.0,
        *,
        max_iter: int = 20,
        max_eval: int | None = None,
        tolerance_grad: float = 1e-7,
        tolerance_change: float = 1e-9,
        history_size: int = 100,
        line_search: str | None = "strong_wolfe",
        **common: Unpack[Common],
    ) -> None:
        options = {
            "lr": lr,
            "max_iter": max_iter,
            "max_eval": max_eval,
            "tolerance_grad": tolerance_grad,
            "tolerance_change": tolerance_change,
            "history_size": history_size,
            "line_search": line_search,
        }
        self._parameter_changes: list[Array] = []
        self._gradient_changes: list[Array] = []
        self._last: dict[str, Array] = {}  # the direction and the gradient of the last iteration
        self._numbers: dict[str, Any] = {"iterations": 0, "evaluations": 0, "distance": 0.0}
        super().__init__(params, options, common)
        if self.defaults["decoupled_weight_decay"]:
            raise DataError("LBFGS: weight decay is part of its loss and cannot be decoupled")

    def check_group(self, group: Mapping[str, Any]) -> None:
        """Refuse a second group, and parameters of different dtypes."""
        if self.groups:
            raise DataError("LBFGS treats all parameters as one vector: give it one group")
        dtypes = sorted({str(parameter.data.dtype) for parameter in group["params"]})
        if len(dtypes) > 1:
            raise DataError(f"LBFGS needs parameters of one dtype, got {' and '.join(dtypes)}")

    def step(self, closure: Callable[[], Loss] | None = None) -> Loss | None:
        """Take up to ``max_iter`` iterations.

        Parameters
        ----------
        closure : callable
            Clears the gradients, computes the loss, calls ``backward`` and returns the loss. It is
            called many times.

        Returns
        -------
        object
            What `closure` returned at the first call.
        """
        if closure is None:
            raise DataError(
                "LBFGS.step needs a closure that clears the gradients, computes the loss, calls "
                "backward() and returns the loss"
            )
        hyper = self.hyper(0, 0)
        max_eval = hyper["max_eval"] or hyper["max_iter"] * 5 // 4
        first = closure()
        loss, gradient = self._objective(float(first))
        evaluations = 1
        numbers = self._numbers
        for iteration in range(1, hyper["max_iter"] + 1):
            if _largest(gradient) <= hyper["tolerance_grad"]:
                break
            self._remember(gradient, hyper["history_size"])
            direction = self._direction(gradient)
            slope = float(np.dot(gradient, direction))
            distance = hyper["lr"]
            if numbers["iterations"] == 0:
                distance *= min(1.0, 1.0 / float(np.sum(np.abs(gradient))))
            numbers["iterations"] += 1
            self._last = {"direction": direction, "gradient": gradient}
            numbers["distance"] = distance
            if slope > -hyper["tolerance_change"]:
                break
            previous_loss = loss
            if hyper["line_search"]:
                best, trials = strong_wolfe(
                    self._along(direction, closure),
                    Trial(0.0, loss, gradient, slope),
                    direction,
                    distance,
                    tolerance=hyper["tolerance_change"],
                    max_trials=max_eval - evaluations,
                )
                distance, loss, gradient = best.distance, best.loss, best.gradient
                self._move(distance, direction)
                evaluations += trials
            else:
                self._move(distance, direction)
                if iteration < hyper["max_iter"]:  # after the last one nobody needs the gradient
                    loss, gradient = self._objective(float(closure()))
                    evaluations += 1
            numbers["distance"] = distance
            if (
                evaluations >= max_eval
                or _largest(direction) * distance <= hyper["tolerance_change"]
                or abs(loss - previous_loss) < hyper["tolerance_change"]
            ):
                break
        numbers["evaluations"] += evaluations
        return first

    def _remember(self, gradient: Array, history_size: int) -> None:
        """Note what the last iteration changed, unless the curvature along it is not positive."""
        if not self._last:
            return
        y = gradient - self._last["gradient"]
        s = self._last["direction"] * self._numbers["distance"]
        if float(np.dot(y, s)) > 1e-10:
            keep = slice(max(0, len(self._parameter_changes) + 1 - history_size), None)
            self._parameter_changes = [*self._parameter_changes, s][keep]
            self._gradient_changes = [*self._gradient_changes, y][keep]

    def _direction(self, gradient: Array) -> Array:
        """Return −H g by the two-loop recursion (Nocedal & Wright, 2006, algorithm 7.4)."""
        direction = -gradient
        pairs = list(zip(self._parameter_changes, self._gradient_changes, strict=True))
        if not pairs:
            return direction
        curvatures = [float(np.dot(y, s)) for s, y in pairs]
        weights = []
        for (s, y), curvature in zip(reversed(pairs), reversed(curvatures), strict=True):
            weight = float(np.dot(s, direction)) / curvature
            direction = direction - weight * y
            weights.append(weight)
        y = pairs[-1][1]
        direction = direction * (curvatures[-1] / float(np.dot(y, y)))
        for (s, y), curvature, weight in zip(pairs, curvatures, reversed(weights), strict=True):
            direction = direction + (weight - float(np.dot(y, direction)) / curvature) * s
        return direction

    def _along(
        self, direction: Array, closure: Callable[[], Any]
    ) -> Callable[[float], tuple[float, Array]]:
        """Return the objective as a function of the distance from here."""
        start = [slot.parameter.data.copy() for slot in self._slots]

        def evaluate(distance: float) -> tuple[float, Array]:
            self._move(distance, direction)
            found = self._objective(float(closure()))
            for slot, data in zip(self._slots, start, strict=True):
                slot.parameter.data[...] = data
            return found

        return evaluate

    def _move(self, distance: float, direction: Array) -> None:
        start = 0
        for slot in self._slots:
            data = slot.parameter.data
            part = direction[start : start + data.size].reshape(data.shape)
            data[...] = data + distance * part
            start += data.size

    def _objective(self, loss: float) -> tuple[float, Array]:
        """Return loss and gradient with the penalties, as something to be minimised."""
        hyper = self.hyper(0, 0)
        parts = []
        for slot in self._slots:
            data, gradient = slot.parameter.data, slot.parameter.grad
            if gradient is None:
                gradient = np.zeros_like(data)
            if gradient.shape != data.shape:
                raise ShapeError(
                    f"the gradient of parameter {slot.index} has shape {gradient.shape}, the "
                    f"parameter {data.shape}; they must be equal"
                )
            parts.append(gradient.reshape(-1).astype(data.dtype, copy=False))
        gradient = np.concatenate(parts)
        if hyper["maximize"]:
            loss, gradient = -loss, -gradient
        decay, l1 = hyper["weight_decay"], hyper["l1"]
        if decay or l1:
            flat = np.concatenate([slot.parameter.data.reshape(-1) for slot in self._slots])
            loss += 0.5 * decay * float(np.dot(flat, flat)) + l1 * float(np.sum(np.abs(flat)))
            gradient = gradient + decay * flat + l1 * np.sign(flat)
        return loss, gradient

    def state_dict(self) -> dict[str, Any]:
        """Return everything needed to continue, bit for bit.

        Returns
        -------
        dict
            ``"arrays"``: copies of the history and the last direction and gradient, each of shape
            (n,) over all parameters; ``"values"``: plain values for JSON.
        """
        arrays = {name: array.copy() for name, array in self._last.items()}
        for i, (s, y) in enumerate(
            zip(self._parameter_changes, self._gradient_changes, strict=True)
        ):
            arrays[f"parameter_change.{i}"] = s.copy()
            arrays[f"gradient_change.{i}"] = y.copy()
        values = {
            "optimizer": "LBFGS",
            "groups": group_values(self.groups),
            "numbers": dict(self._numbers),
            "pairs": len(self._parameter_changes),
        }
        return {"arrays": arrays, "values": values}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue from a state that :meth:`state_dict` returned.

        Raises
        ------
        CheckpointError
            If it is damaged or belongs to other parameters or another optimizer.
        """
        groups = restored_groups(self, state)
        size = sum(slot.parameter.data.size for slot in self._slots)
        dtype = self._slots[0].parameter.data.dtype
        try:
            arrays, values = state["arrays"], state["values"]
            numbers, pairs = dict(values["numbers"]), range(values["pairs"])
            named = {name: np.array(array, dtype) for name, array in arrays.items()}
            changes = [
                [named[f"{kind}_change.{i}"] for i in pairs] for kind in ("parameter", "gradient")
            ]
            last = {
                name: named[name] for name in ("direction", "gradient") if numbers["iterations"]
            }
        except (KeyError, TypeError) as error:
            raise CheckpointError(f"the state of LBFGS is damaged: {error!r} is missing") from error
        for name, array in named.items():
            if array.shape != (size,):
                raise CheckpointError(
                    f"'{name}' in the state of LBFGS has shape {array.shape}, expected ({size},); "
                    "it belongs to another network"
                )
        self.groups[0].update(groups[0])
        self._parameter_changes, self._gradient_changes = changes
        self._last, self._numbers = last, numbers


def _largest(array: Array) -> float:
    return float(np.max(np.abs(array))) if array.size else 0.0
