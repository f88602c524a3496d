"""Cases of normalisation: axes, statistics, learnt numbers, eps and momentum, modes."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from helpers.layers import LayerCase

from pellucid import nn

Theirs = Callable[[Any, dict[str, Any]], Callable[..., Any]]

BATCH_SHAPES: dict[str, tuple[tuple[int, ...], ...]] = {
    "BatchNorm1d": ((5, 3), (2, 3), (4, 3, 5), (3, 3, 1), (1, 3, 4)),
    "BatchNorm2d": ((3, 3, 4, 2), (2, 3, 1, 1), (1, 3, 2, 3)),
    "BatchNorm3d": ((2, 3, 2, 2, 3), (1, 3, 1, 2, 2)),
}


def _batch(training: bool, momentum: float, eps: float) -> Theirs:
    def theirs(torch: Any, p: dict[str, Any]) -> Callable[..., Any]:
        return lambda x: torch.nn.functional.batch_norm(
            x,
            p.get("running_mean"),
            p.get("running_var"),
            p.get("weight"),
            p.get("bias"),
            training or "running_mean" not in p,
            momentum,
            eps,
        )

    return theirs


def _batch_cases() -> list[LayerCase]:
    cases = []
    for layer, shapes in BATCH_SHAPES.items():
        for shape, affine, tracked, training in itertools.product(
            shapes, (True, False), (True, False), (True, False)
        ):
            cases.append(
                LayerCase(
                    layer,
                    f"{shape}{'' if affine else ', no affine'}{'' if tracked else ', untracked'}"
                    f"{'' if training else ', evaluation'}",
                    lambda layer=layer, a=affine, t=tracked: getattr(nn, layer)(
                        3, affine=a, track_running_stats=t
                    ),
                    (shape,),
                    _batch(training, 0.1, 1e-5),
                    training=training,
                )
            )
        cases += [
            LayerCase(
                layer,
                f"eps {eps:g}, momentum {momentum}, {'' if sized else 'not '}sized",
                lambda layer=layer, e=eps, m=momentum, s=sized: getattr(nn, layer)(
                    3 if s else None, eps=e, momentum=m
                ),
                (shapes[0],),
                _batch(True, momentum, eps),
            )
            for eps, momentum, sized in itertools.product((1e-3, 0.5), (0.0, 0.9), (True, False))
        ]
    return cases


def _layer_norm_cases() -> list[LayerCase]:
    def theirs(shape: tuple[int, ...], eps: float) -> Theirs:
        def of(torch: Any, p: dict[str, Any]) -> Callable[..., Any]:
            return lambda x: torch.nn.functional.layer_norm(
                x, shape, p.get("weight"), p.get("bias"), eps
            )

        return of

    sizes = (((4, 5), 1), ((2, 3, 4), 1), ((2, 3, 4), 2), ((3, 2, 2, 3), 3), ((6,), 1), ((0, 4), 1))
    learnt = ((True, True), (True, False), (False, True))
    return [
        LayerCase(
            "LayerNorm",
            f"{shape} over {axes}, {'affine' if affine else 'plain'}"
            f"{'' if bias else ', no bias'}, eps {eps:g}",
            lambda end=shape[-axes:], a=affine, b=bias, e=eps: nn.LayerNorm(
                end, eps=e, affine=a, bias=b
            ),
            (shape,),
            theirs(shape[-axes:], eps),
        )
        for (shape, axes), (affine, bias), eps in itertools.product(sizes, learnt, (1e-5, 0.1))
    ] + [
        LayerCase("LayerNorm", "size from the batch", nn.LayerNorm, ((3, 4),), theirs((4,), 1e-5)),
        LayerCase(
            "LayerNorm", "evaluation", lambda: nn.LayerNorm(4), ((3, 4),), theirs((4,), 1e-5), False
        ),
    ]


def _rms_norm_cases() -> list[LayerCase]:
    def theirs(shape: tuple[int, ...], eps: float | None) -> Theirs:
        def of(torch: Any, p: dict[str, Any]) -> Callable[..., Any]:
            return lambda x: torch.nn.functional.rms_norm(x, shape, p.get("weight"), eps)

        return of

    sizes = (((4, 5), 1), ((2, 3, 4), 1), ((2, 3, 4), 2), ((6,), 1))
    return [
        LayerCase(
            "RMSNorm",
            f"{shape} over {axes}, {'affine' if affine else 'plain'}, eps {eps}",
            lambda end=shape[-axes:], a=affine, e=eps: nn.RMSNorm(end, eps=e, affine=a),
            (shape,),
            theirs(shape[-axes:], eps),
        )
        for (shape, axes), affine, eps in itertools.product(sizes, (True, False), (None, 1e-5, 0.1))
    ] + [LayerCase("RMSNorm", "size from the batch", nn.RMSNorm, ((3, 4),), theirs((4,), None))]


def _group_norm_cases() -> list[LayerCase]:
    def theirs(groups: int, eps: float) -> Theirs:
        def of(torch: Any, p: dict[str, Any]) -> Callable[..., Any]:
            return lambda x: torch.nn.functional.group_norm(
                x, groups, p.get("weight"), p.get("bias"), eps
            )

        return of

    shapes = ((2, 6), (2, 6, 3), (2, 6, 2, 3), (1, 6, 2, 1, 2))
    return [
        LayerCase(
            "GroupNorm",
            f"{shape} in {groups}, {'affine' if affine else 'plain'}, eps {eps:g}",
            lambda g=groups, a=affine, e=eps: nn.GroupNorm(g, 6, eps=e, affine=a),
            (shape,),
            theirs(groups, eps),
        )
        for shape, groups, affine, eps in itertools.product(
            shapes, (1, 2, 3), (True, False), (1e-5, 0.1)
        )
    ] + [
        LayerCase(
            "GroupNorm",
            "size from the batch",
            lambda: nn.GroupNorm(2),
            (shapes[2],),
            theirs(2, 1e-5),
        )
    ]


def _instance_norm_cases() -> list[LayerCase]:
    def theirs(training: bool) -> Theirs:
        def of(torch: Any, p: dict[str, Any]) -> Callable[..., Any]:
            return lambda x: torch.nn.functional.instance_norm(
                x,
                p.get("running_mean"),
                p.get("running_var"),
                p.get("weight"),
                p.get("bias"),
                training or "running_mean" not in p,
                0.1,
                1e-5,
            )

        return of

    shapes = {
        "InstanceNorm1d": ((2, 3, 4), (1, 3, 2)),
        "InstanceNorm2d": ((2, 3, 2, 3), (1, 3, 1, 2)),
    }
    return [
        LayerCase(
            layer,
            f"{shape}{', affine' if affine else ''}{', tracked' if tracked else ''}"
            f"{'' if training else ', evaluation'}",
            lambda layer=layer, a=affine, t=tracked: getattr(nn, layer)(
                3, affine=a, track_running_stats=t
            ),
            (shape,),
            theirs(training),
            training=training,
        )
        for layer, options in shapes.items()
        for shape, affine, tracked, training in itertools.product(
            options, (True, False), (True, False), (True, False)
        )
    ] + [
        LayerCase(
            layer,
            "size from the batch",
            lambda layer=layer: getattr(nn, layer)(affine=True),
            (options[0],),
            theirs(True),
        )
        for layer, options in shapes.items()
    ]


def _local_response_cases() -> list[LayerCase]:
    def theirs(*constants: float) -> Theirs:
        def of(torch: Any, p: dict[str, Any]) -> Callable[..., Any]:
            return lambda x: torch.nn.functional.local_response_norm(x, *constants)

        return of

    return [
        LayerCase(
            "LocalResponseNorm",
            f"{shape}, size {size}, α {alpha:g}, β {beta:g}, k {k:g}",
            lambda c=(size, alpha, beta, k): nn.LocalResponseNorm(*c),
            (shape,),
            theirs(size, alpha, beta, k),
        )
        for shape, size, (alpha, beta, k) in itertools.product(
            ((2, 5, 3), (2, 5, 2, 3)), (1, 2, 3, 5, 7), ((1e-4, 0.75, 1.0), (0.9, 0.5, 2.0))
        )
    ]


CASES: list[LayerCase] = [
    *_batch_cases(),
    *_layer_norm_cases(),
    *_rms_norm_cases(),
    *_group_norm_cases(),
    *_instance_norm_cases(),
    *_local_response_cases(),
]
