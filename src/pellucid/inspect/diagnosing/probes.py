"""Which units are dead or saturated, on a fixed set of samples."""

from __future__ import annotations

from dataclasses import dataclass, field

from pellucid.dtypes import Array
from pellucid.inspect.diagnosing.graph import Call, Graph

__all__ = ["Units", "look_at_units"]

_TANH = 0.97
_SIGMOID = 0.03


@dataclass(frozen=True)
class Units:
    """What was seen of the units, by the path of the layer.

    Parameters
    ----------
    dead : dict of str to float
        Share of the ReLU units that are 0 on every sample.
    saturated : dict of str to float
        Share of the values of tanh and sigmoid that are at their limits.
    varies : dict of str to float
        Standard deviation over the samples of what a tanh or a sigmoid gives, mean of its units.
    """

    dead: dict[str, float]
    saturated: dict[str, float]
    varies: dict[str, float] = field(default_factory=dict)


def look_at_units(graph: Graph) -> Units:
    """Return the shares of dead units and saturated values of one forward pass.

    A unit is a feature of a dense layer or a channel of a convolution; it is dead if it is 0 on all
    samples and at all places. The activation that makes the output, gates (a sigmoid that is
    multiplied with something) and softmaxes are left out: they are meant to be at their limits.
    """
    final = graph.final()
    dead: dict[str, float] = {}
    saturated: dict[str, float] = {}
    varies: dict[str, float] = {}
    for call in graph.calls:
        if final is not None and call.value is final.value:
            continue
        if call.name == "relu" and not _is_part(graph, call):
            _keep(dead, graph.where(call), _dead(call.data))
        elif call.name == "tanh":
            _keep(saturated, graph.where(call), float((abs(call.data) > _TANH).mean()))
            _keep(varies, graph.where(call), float(call.data.std(axis=0).mean()))
        elif call.name == "sigmoid" and not _is_part(graph, call):
            high, low = call.data > 1 - _SIGMOID, call.data < _SIGMOID
            _keep(saturated, graph.where(call), float((high | low).mean()))
            _keep(varies, graph.where(call), float(call.data.std(axis=0).mean()))
    return Units(dead, saturated, varies)


def _is_part(graph: Graph, call: Call) -> bool:
    """Tell whether the call is a gate, or a part of another activation such as a leaky ReLU.

    Of a leaky ReLU the other part of its input goes another way, through clip.
    """
    users = graph.users(call)
    if any(user.name in ("multiply", "minimum") for user in users):
        return call.name == "sigmoid"
    before = graph.maker(call.inputs[0])
    if before is None or call.name != "relu":
        return False
    return any(other.name == "clip" for other in graph.users(before))


def _keep(shares: dict[str, float], layer: str, share: float) -> None:
    shares[layer] = max(share, shares.get(layer, 0.0))


def _dead(values: Array) -> float:
    """Return the share of units that are never above 0; channels are axis 1 of images."""
    axis = 1 if values.ndim == 4 else values.ndim - 1
    others = tuple(i for i in range(values.ndim) if i != axis)
    return float((~(values > 0).any(axis=others)).mean())
