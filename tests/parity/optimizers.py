"""PyTorch's own settings of optimizers, run by both libraries on the same gradients."""

from __future__ import annotations

import functools
import warnings
from typing import Any

import numpy as np

from pellucid import Parameter
from pellucid.optim import make_optimizer

STEPS = 12
SHAPES = [(3, 4), (4,), (2, 3, 2), ()]

NAMES = {
    "Adadelta": "adadelta",
    "Adafactor": "adafactor",
    "Adagrad": "adagrad",
    "Adam": "adam",
    "AdamW": "adamw",
    "Adamax": "adamax",
    "LBFGS": "lbfgs",
    "NAdam": "nadam",
    "RAdam": "radam",
    "RMSprop": "rmsprop",
    "SGD": "sgd",
}
"""Pellucid's name of each of PyTorch's optimizers."""

NOT_SHARED = {
    "ASGD": "averaging is pl.optim.Average, for any optimizer",
    "Muon": "Pellucid has no optimizer that orthogonalises its updates",
    "Rprop": "Pellucid has no optimizer for full batches but L-BFGS",
    "SparseAdam": "Pellucid has no sparse gradients",
}
"""Why there is no counterpart."""

OPTIONS = {"d": "clip_threshold", "line_search_fn": "line_search"}
"""Options that have another name here."""

TOLERANCE = {"lbfgs": 1e-9}
"""L-BFGS amplifies rounding, as a quotient of small differences; all others agree to 1e-12."""


@functools.cache
def database() -> dict[str, list[dict[str, Any]]]:
    """The options of each setting, by optimizer."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from torch.testing._internal.common_optimizers import optim_db

        return {
            entry.optim_cls.__name__: [
                setting.kwargs for setting in entry.optim_inputs_func(device="cpu")
            ]
            for entry in optim_db
        }


def _numbers(seed: int) -> list[np.ndarray]:
    generator = np.random.default_rng([29, seed])
    return [np.asarray(generator.normal(size=shape)) for shape in SHAPES]


def by_pellucid(name: str, options: dict[str, Any]) -> np.ndarray:
    """All parameters after each step, one row a step."""
    params = [Parameter(x) for x in _numbers(0)]
    settings = {OPTIONS.get(key, key): value for key, value in options.items()}
    settings = {key: v.item() if hasattr(v, "item") else v for key, v in settings.items()}
    if name == "LBFGS":
        settings.setdefault("line_search", None)
    optimizer = make_optimizer(NAMES[name], params, **settings)

    def loss() -> Any:
        optimizer.zero_grad()
        total = sum((x**4 + (x - g) ** 2).sum() for x, g in zip(params, _numbers(1), strict=True))
        total.backward()
        return total

    rows = []
    for step in range(1, STEPS + 1):
        for x, g in zip(params, _numbers(step), strict=True):
            x.grad = g
        optimizer.step(loss) if name == "LBFGS" else optimizer.step()
        rows.append(np.concatenate([x.data.reshape(-1) for x in params]))
    return np.stack(rows)


def by_torch(name: str, options: dict[str, Any]) -> np.ndarray:
    """The same by PyTorch."""
    import torch

    default = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)  # the type of NAdam's own products
    try:
        return _rows_of_torch(name, options)
    finally:
        torch.set_default_dtype(default)


def _rows_of_torch(name: str, options: dict[str, Any]) -> np.ndarray:
    import torch

    params = [torch.nn.Parameter(torch.tensor(x)) for x in _numbers(0)]
    optimizer = getattr(torch.optim, name)(params, **options)

    def loss() -> Any:
        optimizer.zero_grad()
        targets = map(torch.tensor, _numbers(1))
        total = sum((x**4 + (x - g) ** 2).sum() for x, g in zip(params, targets, strict=True))
        total.backward()
        return total

    rows = []
    for step in range(1, STEPS + 1):
        for x, g in zip(params, _numbers(step), strict=True):
            x.grad = torch.tensor(g)
        optimizer.step(loss) if name == "LBFGS" else optimizer.step()
        rows.append(np.concatenate([x.detach().numpy().reshape(-1) for x in params]))
    return np.stack(rows)
