"""One line of a summary for each layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pellucid.nn.lazy import is_pending
from pellucid.primitives.arithmetic import Arithmetic
from pellucid.tensor import Parameter

if TYPE_CHECKING:
    from pellucid.inspect.summarizing.meter import Meter
    from pellucid.nn import Module

__all__ = ["Row", "rows_of"]


@dataclass(frozen=True)
class Row:
    """A layer in a summary. All counts include those of the layers inside of it.

    Attributes
    ----------
    path : str
        Where the layer is; "" for the whole network.
    kind : str
        Its class.
    options : str
        Its sizes and options, as its repr shows them.
    depth : int
        How many layers it lies inside of.
    leaf : bool
        Whether there is no layer inside of it.
    calls : int
        How often one forward pass calls it; 0 if its parameters are used in another way, as those
        of the cells of a recurrent layer.
    output_shape : tuple, list or None
        Of one sample, at the first call: without the batch axis. A list of such where the layer
        returns several values.
    parameters, trainable : int
        How many numbers it has, and how many of them are not frozen. A parameter that several
        layers share counts in the first.
    multiply_adds, flops : int
        The arithmetic of a forward pass of one sample.
    """

    path: str
    kind: str
    options: str
    depth: int
    leaf: bool
    calls: int
    output_shape: Any
    parameters: int
    trainable: int
    multiply_adds: int
    flops: int


def rows_of(net: Module, meter: Meter) -> list[Row]:
    """Return a row for each module, the outer ones before those inside of them."""
    modules = dict(net.named_modules())
    own: dict[str, list[Parameter]] = {path: [] for path in modules}
    seen: set[int] = set()
    for path, module in modules.items():
        for value in vars(module).values():
            if isinstance(value, Parameter) and id(value) not in seen:
                seen.add(id(value))
                own[path].append(value)
    rows = []
    for path, module in modules.items():
        inside = [other for other in modules if _within(other, path)]
        parameters = [p for other in inside for p in own[other] if not is_pending(p)]
        work = [meter.arithmetic.get(other, Arithmetic()) for other in inside]
        calls = meter.shapes.get(path, [])
        rows.append(
            Row(
                path=path,
                kind=type(module).__name__,
                options=module.extra_repr().replace("\n", ", "),
                depth=len(path.split(".")) if path else 0,
                leaf=not module.children(),
                calls=len(calls),
                output_shape=_of_one_sample(calls[0]) if calls else None,
                parameters=sum(p.size for p in parameters),
                trainable=sum(p.size for p in parameters if p.requires_grad),
                multiply_adds=sum(w.multiply_adds for w in work),
                flops=sum(w.flops for w in work),
            )
        )
    return rows


def _within(path: str, outer: str) -> bool:
    return not outer or path == outer or path.startswith(f"{outer}.")


def _of_one_sample(shape: Any) -> Any:
    """Leave the batch axis out."""
    if isinstance(shape, tuple):
        return shape[1:]
    if isinstance(shape, list):
        return [_of_one_sample(part) for part in shape]
    if isinstance(shape, dict):
        return {name: _of_one_sample(part) for name, part in shape.items()}
    return None
