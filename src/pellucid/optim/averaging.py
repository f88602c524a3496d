"""Averages of the weights over training, which often generalise better than the last ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, cast

import numpy as np

from pellucid.errors import CheckpointError, DataError

if TYPE_CHECKING:
    from pellucid.dtypes import Array
    from pellucid.tensor import Tensor

__all__ = ["EMA", "SWA", "Average"]


class HasParameters(Protocol):
    """A module: parameters and buffers by name."""

    def named_parameters(self) -> Iterable[tuple[str, Tensor]]:
        """Yield what is learnt."""

    def named_buffers(self) -> Iterable[tuple[str, Any]]:
        """Yield what is not learnt but saved."""


Averaged: TypeAlias = HasParameters | Iterable["Tensor"]


class Average:
    """Keeps an average of parameters beside the ones in training.

    Parameters
    ----------
    source : Module, or iterable of Parameter
        What to average. Of a module, buffers (such as running means) are copied as they are at
        each update, not averaged.

    Notes
    -----
    Batch normalisation's running statistics belong to the weights in training. After averaging,
    a pass over the training data in training mode inside :meth:`applied` refreshes them.
    """

    def __init__(self, source: Averaged) -> None:
        self.updates = 0
        self._applied = False
        self._module: HasParameters | None = None
        self._parameters: dict[str, Tensor]
        if hasattr(source, "named_parameters"):
            self._module = cast(HasParameters, source)
            self._parameters = dict(self._module.named_parameters())
        else:
            self._parameters = {str(i): parameter for i, parameter in enumerate(source)}
        if not self._parameters:
            raise DataError(f"{type(self).__name__} got no parameters; pass a module or a list")
        self._averages = {name: p.data.copy() for name, p in self._parameters.items()}
        self._buffers = {name: np.array(array) for name, array in self._live_buffers().items()}

    def weight(self) -> float:
        """Return the part that the parameters in training have in the next average."""
        raise NotImplementedError

    def update(self) -> None:
        """Take the parameters as they are now into the average; call it after each step."""
        if self._applied:
            raise DataError(
                f"{type(self).__name__}.update() inside applied() would average the average"
            )
        weight = self.weight()
        for name, parameter in self._parameters.items():
            average = self._averages[name]
            self._averages[name] = average + weight * (parameter.data - average)
        self._buffers = {name: np.array(array) for name, array in self._live_buffers().items()}
        self.updates += 1

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Put the averages into the parameters for the time of a ``with`` block."""
        if self._applied:
            raise DataError(f"{type(self).__name__}.applied() is already in use")
        live = {name: p.data for name, p in self._parameters.items()} | self._live_buffers()
        kept = {name: array.copy() for name, array in live.items()}
        self._applied = True
        try:
            for name, array in live.items():
                array[...] = self._averages[name] if name in self._averages else self._buffers[name]
            yield
        finally:
            for name, array in live.items():
                array[...] = kept[name]
            self._applied = False

    def state_dict(self) -> dict[str, Any]:
        """Return ``"arrays"`` (copies of averages and buffers by name) and ``"values"``."""
        arrays = self._averages | self._buffers
        return {
            "arrays": {name: array.copy() for name, array in arrays.items()},
            "values": {"updates": self.updates},
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue from a state that :meth:`state_dict` returned.

        Raises
        ------
        CheckpointError
            If it belongs to another network. Nothing has changed then.
        """
        name = type(self).__name__
        try:
            arrays, updates = state["arrays"], int(state["values"]["updates"])
        except (KeyError, TypeError, ValueError) as error:
            raise CheckpointError(f"the state of {name} is damaged: {error!r}") from error
        mine = self._averages | self._buffers
        if arrays.keys() != mine.keys():
            raise CheckpointError(
                f"the state of {name} belongs to another network: it differs in "
                f"{sorted(arrays.keys() ^ mine.keys())}"
            )
        for key, array in mine.items():
            if np.shape(arrays[key]) != array.shape:
                raise CheckpointError(
                    f"'{key}' in the state of {name} has shape {np.shape(arrays[key])}, "
                    f"expected {array.shape}"
                )
        loaded = {key: np.array(arrays[key], dtype=mine[key].dtype) for key in mine}
        self._averages = {key: loaded[key] for key in self._averages}
        self._buffers = {key: loaded[key] for key in self._buffers}
        self.updates = updates

    def _live_buffers(self) -> dict[str, Array]:
        if self._module is None:
            return {}
        return {
            name: buffer if isinstance(buffer, np.ndarray) else buffer.data
            for name, buffer in self._module.named_buffers()
        }


class EMA(Average):
    r"""Exponential moving average of the weights (Polyak & Juditsky, 1992).

    .. math:: \bar θ_t = d \, \bar θ_{t-1} + (1 - d) \, θ_t

    It starts at the weights of the moment it is made.

    Parameters
    ----------
    source : Module, or iterable of Parameter
        See :class:`Average`.
    decay : float
        d, from 0 to 1: about 1 / (1 − d) steps are remembered.
    warm_up : bool
        Use :math:`\min(d, (1 + t) / (10 + t))`, which forgets the first weights sooner.
    """

    def __init__(self, source: Averaged, decay: float = 0.999, *, warm_up: bool = False) -> None:
        if not 0 <= decay <= 1:
            raise DataError(f"EMA: decay is a number from 0 to 1, got {decay!r}")
        super().__init__(source)
        self.decay = float(decay)
        self.warm_up = warm_up

    def weight(self) -> float:
        """Return 1 − d."""
        if self.warm_up:
            step = self.updates + 1
            return 1 - min(self.decay, (1 + step) / (10 + step))
        return 1 - self.decay


class SWA(Average):
    r"""Equal average of the weights at all updates (Izmailov et al., 2018).

    .. math:: \bar θ_n = \bar θ_{n-1} + (θ_n - \bar θ_{n-1}) / n

    Call :meth:`update` at the end of each epoch of the last part of training.

    Parameters
    ----------
    source : Module, or iterable of Parameter
        See :class:`Average`.
    """

    def weight(self) -> float:
        """Return 1 / n."""
        return 1 / (self.updates + 1)
