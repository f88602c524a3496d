"""Make reference.npz: what PyTorch gives for activations and for the dense layer.

Run it with PyTorch installed: ``python tests/nn/make_reference.py``. The default tests compare with
the stored values, the tests marked `parity` with PyTorch itself.

Everything is computed in float64, from inputs that float32 holds exactly, so that one set of values
serves both types.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

REFERENCE = Path(__file__).with_name("reference.npz")

AXIS_WISE = ("softmax", "log_softmax", "glu")
"""Activations of a whole axis; the others take each entry alone."""


def inputs() -> dict[str, np.ndarray]:
    """Inputs by name: a line with kinks and extremes, a matrix, a batch of sequences."""
    rng = np.random.default_rng(20)
    special = [0.0, 1e-4, -1e-4, 3.0, -3.0, 6.0, -6.0, 20.0, -20.0, 90.0, -90.0, 1000.0, -1000.0]
    line = np.array([*special, *np.linspace(-7.1, 7.3, 35)])
    rows = 3 * rng.standard_normal((4, 6))
    rows[2, :] = 1.5  # a row of ties
    rows[3, :2] = 1000.0, -1000.0
    batch = 2 * rng.standard_normal((2, 3, 4))
    found = {"line": line, "rows": rows, "batch": batch}
    return {name: x.astype(np.float32).astype(np.float64) for name, x in found.items()}


def weights(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights of the sums that are differentiated: of the outputs, and of the first gradient."""
    n = np.arange(x.size, dtype=np.float64).reshape(x.shape)
    return np.cos(n).astype(np.float32).astype(float), np.sin(n + 1).astype(np.float32).astype(
        float
    )


def torch_activations(torch: Any, exact: bool = True) -> dict[str, Callable[[Any], Any]]:
    """PyTorch's function for each activation.

    Parameters
    ----------
    torch : module
    exact : bool
        Replace those of which PyTorch's second derivative is missing (hard sigmoid), NaN for large
        inputs (Mish) or cut off (softplus) by the same function in other words.
    """
    f = torch.nn.functional
    functions = {
        "identity": lambda x: x * 1.0,
        "step": lambda x: torch.where(x >= 0, 1.0, 0.0).to(x.dtype) + 0 * x,
        "sigmoid": torch.sigmoid,
        "hard_sigmoid": f.hardsigmoid,
        "tanh": torch.tanh,
        "softsign": f.softsign,
        "relu": f.relu,
        "relu6": f.relu6,
        "leaky_relu": f.leaky_relu,
        "prelu": lambda x: f.prelu(x, torch.tensor([0.25], dtype=x.dtype)),
        "elu": f.elu,
        "selu": f.selu,
        "celu": f.celu,
        "softplus": f.softplus,
        "gelu": f.gelu,
        "gelu_tanh": lambda x: f.gelu(x, approximate="tanh"),
        "silu": f.silu,
        "swish": f.silu,
        "mish": f.mish,
        "hard_swish": f.hardswish,
        "softmax": lambda x: f.softmax(x, dim=-1),
        "log_softmax": lambda x: f.log_softmax(x, dim=-1),
        "glu": lambda x: f.glu(x, dim=-1),
    }
    if exact:
        functions["hard_sigmoid"] = lambda x: f.relu6(x + 3) / 6
        functions["softplus"] = lambda x: f.softplus(x, threshold=40)
        functions["mish"] = lambda x: x * torch.tanh(f.softplus(x, threshold=40))
    return functions


def torch_derivatives(torch: Any, function: Callable[[Any], Any], data: np.ndarray) -> list[Any]:
    """Value, gradient of a weighted sum, and gradient of a weighted sum of that gradient."""
    x = torch.tensor(data, requires_grad=True)
    y = function(x)
    of_value, of_slope = weights(y.detach().numpy())[0], weights(data)[1]
    (slope,) = torch.autograd.grad(
        (y * torch.tensor(of_value, dtype=x.dtype)).sum(), x, create_graph=True
    )
    bend = torch.zeros_like(x)
    if slope.requires_grad:
        total = (slope * torch.tensor(of_slope, dtype=x.dtype)).sum()
        (found,) = torch.autograd.grad(total, x, allow_unused=True)
        bend = bend if found is None else found
    return [y.detach().numpy(), slope.detach().numpy(), bend.numpy()]


def torch_linear(torch: Any, shape: tuple[int, ...], bias: bool) -> dict[str, np.ndarray]:
    """Output and gradients of a dense layer of 5 inputs and 3 outputs, and a second derivative."""
    rng = np.random.default_rng(len(shape))
    data = {
        "x": rng.standard_normal(shape),
        "weight": rng.standard_normal((5, 3)),
        "bias": rng.standard_normal(3),
    }
    data = {name: value.astype(np.float32).astype(np.float64) for name, value in data.items()}
    x, w, b = (torch.tensor(data[name], requires_grad=True) for name in ("x", "weight", "bias"))
    y = torch.nn.functional.linear(x, w.T, b if bias else None)
    leaves = [x, w, b] if bias else [x, w]
    slopes = torch.autograd.grad((torch.tanh(y) ** 2).sum(), leaves, create_graph=True)
    (bend,) = torch.autograd.grad((slopes[1] ** 2).sum(), w)
    found = dict(data, y=y, dweight2=bend)
    found.update({f"d{name}": g for name, g in zip(data, slopes, strict=False)})
    return {k: v.detach().numpy() if hasattr(v, "detach") else v for k, v in found.items()}


LINEAR_CASES = {"rows": ((4, 5), True), "sequences": ((2, 3, 5), True), "no_bias": ((4, 5), False)}


def cases(name: str) -> list[str]:
    """Names of the inputs that an activation is compared on."""
    return ["rows", "batch"] if name in AXIS_WISE else ["line", "rows", "batch"]


def main() -> None:
    import torch

    arrays = {f"input/{name}": x for name, x in inputs().items()}
    for name, function in torch_activations(torch).items():
        for case in cases(name):
            found = torch_derivatives(torch, function, inputs()[case])
            for what, value in zip(("value", "slope", "bend"), found, strict=True):
                assert np.isfinite(value).all(), (name, case, what)
                arrays[f"activation/{name}/{case}/{what}"] = value
    for case, (shape, bias) in LINEAR_CASES.items():
        for what, value in torch_linear(torch, shape, bias).items():
            arrays[f"linear/{case}/{what}"] = value
    np.savez_compressed(REFERENCE, **arrays)
    print(f"{REFERENCE.name}: {len(arrays)} arrays, {REFERENCE.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
