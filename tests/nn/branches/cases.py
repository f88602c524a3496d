"""Cases of containers: branches that are added, joined or combined by a function, and time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from helpers.layers import LayerCase

from pellucid import nn, ops


def _linear(p: dict[str, Any], path: str) -> Callable[[Any], Any]:
    return lambda x: x @ p[f"{path}.weight"] + p[f"{path}.bias"]


def _added(torch: Any, p: dict[str, Any]) -> Callable[..., Any]:
    return lambda x: _linear(p, "0")(x) + torch.tanh(_linear(p, "1.0")(x))


def _joined(axis: int) -> Callable[[Any, dict[str, Any]], Callable[..., Any]]:
    def theirs(torch: Any, p: dict[str, Any]) -> Callable[..., Any]:
        return lambda x: torch.cat([_linear(p, "a")(x), _linear(p, "b")(x)], axis)

    return theirs


def _product(torch: Any, p: dict[str, Any]) -> Callable[..., Any]:
    return lambda x: _linear(p, "0")(x) * _linear(p, "1")(x)


def _skip(combine: str, axis: int = 1) -> Callable[[Any, dict[str, Any]], Callable[..., Any]]:
    def theirs(torch: Any, p: dict[str, Any]) -> Callable[..., Any]:
        def of(x: Any) -> Any:
            y = _linear(p, "module")(x)
            return x + y if combine == "sum" else torch.cat([x, y], axis)

        return of

    return theirs


def _two() -> list[nn.Linear]:
    return [nn.Linear(3, 4, rng=0), nn.Linear(3, 4, rng=1)]


CASES: list[LayerCase] = [
    LayerCase(
        "Parallel",
        "sum of two",
        lambda: nn.Parallel(
            nn.Linear(3, 4, rng=0), nn.Sequential(nn.Linear(3, 4, rng=1), nn.Tanh())
        ),
        ((5, 3),),
        _added,
    ),
    LayerCase(
        "Parallel",
        "one branch",
        lambda: nn.Parallel(nn.Linear(3, 4, rng=0)),
        ((5, 3),),
        lambda torch, p: _linear(p, "0"),
    ),
    *(
        LayerCase(
            "Parallel",
            f"concatenate along {axis} of {shape}",
            lambda axis=axis, sizes=sizes: nn.Parallel(
                {"a": nn.Linear(3, sizes[0], rng=0), "b": nn.Linear(3, sizes[1], rng=1)},
                combine="concatenate",
                axis=axis,
            ),
            (shape,),
            _joined(axis),
        )
        for axis, sizes, shape in (
            (1, (4, 2), (5, 3)),
            (-1, (4, 2), (2, 5, 3)),
            (0, (4, 4), (5, 3)),
            (1, (4, 4), (2, 5, 3)),
            (2, (1, 5), (2, 5, 3)),
        )
    ),
    LayerCase(
        "Parallel",
        "a function of two",
        lambda: nn.Parallel(*_two(), combine=lambda a, b: a * b),
        ((5, 3),),
        _product,
    ),
    LayerCase(
        "Parallel",
        "lazy sizes",
        lambda: nn.Parallel(nn.Linear(4, rng=0), nn.Linear(4, rng=1), combine=ops.maximum),
        ((5, 3),),
        lambda torch, p: lambda x: torch.maximum(_linear(p, "0")(x), _linear(p, "1")(x)),
    ),
    *(
        LayerCase(
            "SkipConnection",
            f"{combine} along {axis} of {shape}",
            lambda combine=combine, axis=axis, out=out: nn.SkipConnection(
                nn.Linear(3, out, rng=0), combine=combine, axis=axis
            ),
            (shape,),
            _skip(combine, axis),
        )
        for combine, axis, out, shape in (
            ("concatenate", 1, 4, (5, 3)),
            ("concatenate", 1, 3, (2, 5, 3)),
            ("concatenate", -1, 2, (2, 5, 3)),
            ("concatenate", 0, 3, (5, 3)),
            ("sum", 1, 3, (5, 3)),
        )
    ),
    *(
        LayerCase(
            "TimeDistributed",
            f"of a Linear, {shape}",
            lambda: nn.TimeDistributed(nn.Linear(3, 4, rng=0)),
            (shape,),
            lambda torch, p: _linear(p, "layer"),
        )
        for shape in ((2, 5, 3), (1, 1, 3), (0, 2, 3), (2, 2, 2, 3))
    ),
    LayerCase(
        "TimeDistributed",
        "of batch normalisation",
        lambda: nn.TimeDistributed(nn.BatchNorm1d(3)),
        ((4, 2, 3),),
        lambda torch, p: (
            lambda x: torch.nn.functional.batch_norm(
                x.reshape(8, 3), None, None, p["layer.weight"], p["layer.bias"], True
            ).reshape(4, 2, 3)
        ),
    ),
    LayerCase(
        "TimeDistributed",
        "flattened images",
        lambda: nn.TimeDistributed(nn.Flatten()),
        ((2, 3, 2, 2, 2),),
        lambda torch, p: lambda x: x.reshape(2, 3, 8),
    ),
]
