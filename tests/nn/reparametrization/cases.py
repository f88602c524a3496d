"""Cases of computed weights: weight and spectral normalisation, in several layers, over axes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from helpers.layers import LayerCase

from pellucid import nn


def weight_by_torch(torch: Any, p: dict[str, Any], path: str, dim: int | None) -> Any:
    """PyTorch's normalised weight from our parameters."""
    magnitude, direction = p[f"{path}.magnitude"], p[f"{path}.direction"]
    return torch._weight_norm(direction, magnitude, -1 if dim is None else dim)


def spectral_by_torch(torch: Any, p: dict[str, Any], path: str, dim: int, **options: Any) -> Any:
    """PyTorch's spectrally normalised weight, from our parameters and our estimates."""
    weight = p[f"{path}.original"]
    training = options.pop("training", True)
    kind = torch.nn.utils.parametrizations._SpectralNorm
    module = kind(weight.detach(), dim=dim, **options)
    module._u.copy_(p[f"{path}.u"])
    module._v.copy_(p[f"{path}.v"])
    return module.train(training)(weight)


def _dense(
    compute: Callable[..., Any], **options: Any
) -> Callable[[Any, dict[str, Any]], Callable[..., Any]]:
    def theirs(torch: Any, p: dict[str, Any]) -> Callable[..., Any]:
        def of(x: Any) -> Any:
            y = x @ compute(torch, p, "weight_norm", **options)
            return y + p["bias"] if "bias" in p else y

        return of

    return theirs


def _recurrent(compute: Callable[..., Any], name: str) -> Any:
    def theirs(torch: Any, p: dict[str, Any]) -> Callable[..., Any]:
        other = "recurrent_weight" if name == "weight" else "weight"

        def of(x: Any) -> Any:
            weights = {
                name: compute(torch, p, f"layer0.{name}_norm", dim=1),
                other: p[f"layer0.{other}"],
            }
            h, outputs = torch.zeros(len(x), 4, dtype=x.dtype), []
            for t in range(x.shape[1]):
                drive = x[:, t] @ weights["weight"] + p["layer0.bias"]
                h = torch.tanh(drive + h @ weights["recurrent_weight"])
                outputs.append(h)
            return torch.stack(outputs, 1), h[None]

        return of

    return theirs


CASES: list[LayerCase] = [
    *(
        LayerCase(
            "Linear",
            f"weight norm, dim {dim}, {'' if bias else 'no '}bias, {shape}",
            lambda dim=dim, bias=bias: nn.weight_norm(nn.Linear(3, 4, bias, rng=0), dim=dim),
            (shape,),
            _dense(weight_by_torch, dim=1 if dim == "outputs" else dim),
        )
        for dim in ("outputs", 0, 1, None)
        for bias in (True, False)
        for shape in ((5, 3), (2, 2, 3))
    ),
    *(
        LayerCase(
            "Linear",
            f"spectral norm, dim {dim}, {steps} steps{'' if training else ', evaluation'}",
            lambda dim=dim, steps=steps: nn.spectral_norm(
                nn.Linear(3, 4, rng=0), power_iterations=steps, dim=dim, rng=1
            ),
            ((5, 3),),
            _dense(
                spectral_by_torch,
                dim=1 if dim == "outputs" else dim,
                n_power_iterations=steps,
                training=training,
            ),
            training=training,
            smooth=not training,  # the estimates move with the weight, but count as constants
        )
        for dim in ("outputs", 0)
        for steps in (1, 3)
        for training in (True, False)
    ),
    *(
        LayerCase(
            "RNN",
            f"{kind} norm of the {name.replace('_', ' ')}",
            lambda make=make, name=name: make(nn.RNN(3, 4, rng=0), f"layer0.{name}"),
            ((2, 3, 3),),
            _recurrent(compute, name),
            smooth=kind == "weight",
        )
        for kind, make, compute in (
            ("weight", nn.weight_norm, weight_by_torch),
            (
                "spectral",
                lambda layer, name: nn.spectral_norm(layer, name, rng=1),
                spectral_by_torch,
            ),
        )
        for name in ("weight", "recurrent_weight")
    ),
]
