"""The base of all optimizers: parameter groups, penalties, fast steps, and plain state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

import numpy as np

from pellucid.errors import DataError, DTypeError, ShapeError
from pellucid.optim import state as plain_state
from pellucid.optim.blocks import Block, Flats, Slot, State, partition
from pellucid.optim.options import Common, Hyper, check_options
from pellucid.optim.parameters import Params, as_list, check_parameter

if TYPE_CHECKING:
    from pellucid.dtypes import Array

__all__ = ["Loss", "Optimizer", "Params"]


class SupportsFloat(Protocol):
    """A Python number, or a Tensor that holds one."""

    def __float__(self) -> float: ...


Loss = TypeVar("Loss", bound=SupportsFloat)


class Optimizer:
    r"""Changes parameters along their gradients.

    A subclass says what it remembers (:meth:`make_state`) and how one update is computed
    (:meth:`update`), both as pure functions of arrays. This class does the rest: groups, penalties,
    cutting and packing parameters into blocks that suit the processor, and the state.

    With g the gradient, negated if ``maximize``, an update sees

    .. math:: g + λ θ + λ_1 \operatorname{sign}(θ)

    or, with ``decoupled_weight_decay``, :math:`g + λ_1 \operatorname{sign}(θ)` and
    :math:`(1 - η λ) θ` for θ.

    Parameters
    ----------
    params : iterable of Parameter, or of dict
        What to learn; a dict is a group: ``{"params": [...]}`` and options that differ from the
        common ones.
    options : dict
        The optimizer's own options, with ``"lr"``.
    common : dict
        The options all optimizers take: see :class:`pellucid.optim.options.Common`.

    Attributes
    ----------
    groups : list of dict
        Each with ``"params"`` and every option; change one (``groups[0]["lr"] = 0.01``) and the
        next step uses it.

    Raises
    ------
    DataError
        If an option breaks its rule, or the parameters are not parameters, none, or repeated.
    UnknownNameError
        If an option is not known.

    Notes
    -----
    Gradients add up over calls of ``backward``. To accumulate over k small batches, divide each
    loss by k and call :meth:`step` and :meth:`zero_grad` after the k-th.
    """

    elementwise: ClassVar[bool] = True
    """Whether an element's update depends on that element alone, so that blocks can be cut."""

    decays_itself: ClassVar[bool] = False
    """Whether :meth:`update` applies ``weight_decay``; otherwise it sees the decay already done."""

    defaults_of_common: ClassVar[Common] = {
        "weight_decay": 0.0,
        "l1": 0.0,
        "decoupled_weight_decay": False,
        "maximize": False,
    }

    def __init__(self, params: Params, options: Mapping[str, Any], common: Common) -> None:
        given = dict(self.defaults_of_common) | dict(options) | dict(common)
        self._name = type(self).__name__
        self._known = [*self.defaults_of_common, *options]
        self.defaults: dict[str, Any] = check_options(self._name, given, self._known)
        self.groups: list[dict[str, Any]] = []
        self._slots: list[Slot] = []
        self._blocks: list[Block] | None = None  # made at the first step: layers may be lazy
        self._moved: list[bool] | None = None  # which parameters had a gradient last time
        entries = as_list(params)
        if not entries:
            raise DataError(
                f"{self._name} got no parameters; pass net.parameters() (an iterator that was "
                "used before is empty)"
            )
        if all(isinstance(entry, Mapping) for entry in entries):
            for entry in entries:
                self.add_group(entry)
        else:
            self.add_group({"params": entries})
        if not self._slots:
            raise DataError(f"{self._name} got groups without any parameter")

    # What a subclass writes

    def make_state(self, parameter: Array, hyper: Hyper) -> State:
        """Return what a parameter starts with; nothing, unless a subclass says otherwise."""
        return {}

    def update(
        self, parameter: Array, gradient: Array, state: State, hyper: Hyper
    ) -> tuple[Array, State]:
        """Return the new parameter and the new state; nothing is changed in place."""
        raise NotImplementedError

    def check_group(self, group: Mapping[str, Any]) -> None:
        """Refuse options that do not go together; called before a group is added."""

    # What a subclass gets

    def advance(
        self, parameter: Array, gradient: Array, state: State, hyper: Hyper
    ) -> tuple[Array, State]:
        """Apply the penalties, then :meth:`update`: one whole step as a pure function."""
        decay = 0.0 if self.decays_itself else hyper["weight_decay"]
        decayed = parameter
        if hyper["maximize"]:
            gradient = -gradient
        if decay and hyper["decoupled_weight_decay"]:
            decayed = parameter * (1 - hyper["lr"] * decay)
        elif decay:
            gradient = gradient + decay * parameter
        if hyper["l1"]:
            gradient = gradient + hyper["l1"] * np.sign(parameter)
        return self.update(decayed, gradient, state, hyper)

    def step(self, closure: Callable[[], Loss] | None = None) -> Loss | None:
        """Update every parameter that has a gradient, in place.

        Parameters
        ----------
        closure : callable, optional
            Computes the loss and its gradients; called first.

        Returns
        -------
        object
            What `closure` returned, or None without one.

        Raises
        ------
        ShapeError
            If a gradient has another shape than its parameter. Nothing has changed then.
        """
        loss = None if closure is None else closure()
        if self._blocks is None:
            self._blocks = partition(_measured(self._slots), elementwise=self.elementwise)
        parameters, gradients = self._flats()
        moved = [gradient is not None for gradient in gradients]
        if moved != self._moved:
            self._blocks = [part for block in self._blocks for part in block.split(gradients)]
            self._moved = moved
        hypers: dict[tuple[int, int], Hyper] = {}
        for slot in self._slots:
            if moved[slot.index]:
                slot.step += 1
        for block in self._blocks:
            slot = block.slots[0]
            if not moved[slot.index]:
                continue
            key = (slot.group, slot.step)
            hyper = hypers.get(key)
            if hyper is None:
                hyper = hypers[key] = self.hyper(*key)
            parameter, gradient = block.gather(parameters), block.gather(gradients)
            if block.state is None:
                block.state = self.make_state(parameter, hyper)
            new, state = self.advance(parameter, gradient, block.state, hyper)
            if not parameter.shape:  # NumPy turns what it computes from 0-d arrays into scalars
                state = {
                    name: np.asarray(value) if isinstance(value, np.generic) else value
                    for name, value in state.items()
                }
            block.state = state
            block.scatter(new, parameters)
        for slot, flat in zip(self._slots, parameters, strict=True):
            data = slot.parameter.data
            if flat is not None and not data.flags.c_contiguous:  # then flat is a copy of it
                data[...] = flat.reshape(data.shape)
        return loss

    def hyper(self, group: int, step: int) -> Hyper:
        """Return the options of a group as plain Python values, with the step's number."""
        options = self.groups[group]
        hyper = {name: options[name] for name in self._known}
        for name, value in hyper.items():
            if isinstance(value, np.generic):  # set by hand; as a NumPy scalar it would widen
                hyper[name] = value.item()
        hyper["step"] = step
        return hyper

    def zero_grad(self) -> None:
        """Forget all gradients (set them to None)."""
        for slot in self._slots:
            slot.parameter.grad = None

    def add_group(self, group: Mapping[str, Any]) -> None:
        """Add parameters with options of their own, for example a layer that was just unfrozen.

        Parameters
        ----------
        group : mapping
            ``"params"``, and any option that differs from the optimizer's common ones.
        """
        options = dict(group)
        if "params" not in options:
            raise DataError(
                f"a parameter group of {self._name} has 'params', got {sorted(options)}"
            )
        parameters = as_list(options.pop("params"))
        known = {id(slot.parameter) for slot in self._slots}
        for parameter in parameters:
            check_parameter(self._name, parameter)
            if id(parameter) in known:
                raise DataError(
                    f"{self._name} got the same parameter twice (shape {parameter.data.shape}); "
                    "each belongs to one group, once"
                )
            known.add(id(parameter))
        checked = check_options(self._name, options, [*self._known, "initial_lr"])
        number = len(self.groups)
        complete = {"params": parameters, **self.defaults, **checked}
        self.check_group(complete)
        self.groups.append(complete)
        added = [
            Slot(len(self._slots) + i, number, parameter) for i, parameter in enumerate(parameters)
        ]
        self._slots += added
        if self._blocks is not None:
            self._blocks += partition(_measured(added), elementwise=self.elementwise)
            self._moved = None

    # State

    def state_dict(self) -> dict[str, Any]:
        """Return everything needed to continue, bit for bit.

        Returns
        -------
        dict
            ``"arrays"``: copies by name, ``"0.first_moment"`` being that of parameter 0 in its
            shape; ``"values"``: plain values for JSON (step counts, the groups' options).
        """
        states: dict[int, list[State]] = {}
        for block in self._blocks or []:
            if block.state is not None:
                for slot, state in zip(block.slots, block.states(), strict=True):
                    states.setdefault(slot.index, []).append(state)
        return plain_state.pack(self, self._slots, states)

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue from a state that :meth:`state_dict` returned.

        Raises
        ------
        CheckpointError
            If it is damaged or belongs to other parameters or another optimizer. Nothing has
            changed then.
        """
        slots = _measured(self._slots)
        steps, states, groups = plain_state.unpack(self, slots, state)
        for group, options in zip(self.groups, groups, strict=True):
            group.update(options)
        for slot, step in zip(slots, steps, strict=True):
            slot.step = step
        self._blocks = plain_state.place(slots, states, elementwise=self.elementwise)
        self._moved = None

    @property
    def option_names(self) -> list[str]:
        """The names of all options that a group has."""
        return list(self._known)

    def __repr__(self) -> str:
        options = ", ".join(f"{name}={self.defaults[name]!r}" for name in self._known)
        count = sum(slot.parameter.data.size for slot in self._slots)
        return f"{self._name}({options}; {len(self._slots)} parameters, {count:,} numbers)"

    def _flats(self) -> tuple[Flats, Flats]:
        """Return every parameter and gradient as a flat array, None where there is no gradient."""
        parameters: Flats = []
        gradients: Flats = []
        for slot in self._slots:
            parameter = slot.parameter
            gradient = parameter.grad
            if gradient is None or not parameter.data.size:
                parameters.append(None)
                gradients.append(None)
                continue
            data = parameter.data
            if data.shape != slot.shape or data.dtype != slot.dtype:
                kind = DTypeError if data.shape == slot.shape else ShapeError
                raise kind(
                    f"parameter {slot.index} was {slot.shape} of {slot.dtype} at the first step "
                    f"of {self._name} and is now {data.shape} of {data.dtype}; make a new "
                    "optimizer after changing a network"
                )
            if gradient.shape != slot.shape:
                raise ShapeError(
                    f"the gradient of parameter {slot.index} has shape {gradient.shape}, the "
                    f"parameter {slot.shape}; they must be equal"
                )
            if gradient.dtype != slot.dtype:
                gradient = gradient.astype(slot.dtype)
            parameters.append(data.reshape(-1))
            gradients.append(gradient.reshape(-1))
        return parameters, gradients


def _measured(slots: list[Slot]) -> list[Slot]:
    """Note shapes and dtypes: at the first step, when lazily sized layers know theirs."""
    for slot in slots:
        slot.shape, slot.dtype = slot.parameter.data.shape, slot.parameter.data.dtype
        if slot.dtype.kind != "f":
            raise DTypeError(
                f"parameter {slot.index} has dtype {slot.dtype}; only floating-point numbers "
                "can be learnt"
            )
    return slots
