"""Cases of layers: a setting, its inputs, and PyTorch's version of the same.

Each family of layers has a file `tests/nn/<family>/cases.py` with a list `CASES`;
`tests/nn/test_layer_cases.py` checks what holds for all of them.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import pellucid as pl
from pellucid import nn
from pellucid.tensor import Tensor

NN_TESTS = Path(__file__).parents[1] / "nn"


@dataclass(frozen=True)
class LayerCase:
    """One setting of a layer.

    Parameters
    ----------
    layer : str
        Its name in `pellucid.nn`.
    setting : str
        What this case varies; unique for the layer.
    make : callable
        Makes the layer.
    inputs : tuple
        Of each input its shape, for random numbers; or an array, of which floating-point ones are
        differentiated and others are constants.
    theirs : callable, optional
        ``theirs(torch, p)`` returns PyTorch's function of the inputs, where `p` holds our
        parameters and buffers by path, as float64 leaves.
    training : bool
        Whether the layer is in training mode.
    smooth : bool
        Whether finite differences can be taken here.
    without : str
        Why there is no PyTorch counterpart, if `theirs` is left out.
    """

    layer: str
    setting: str
    make: Callable[[], Any]
    inputs: tuple[Any, ...]
    theirs: Callable[[Any, dict[str, Any]], Callable[..., Any]] | None = None
    training: bool = True
    smooth: bool = True
    without: str = ""

    @property
    def id(self) -> str:
        """Layer and setting, for the name of a test."""
        return f"{self.layer}-{self.setting}"

    def built(self, dtype: Any = np.float64) -> nn.Module:
        """The layer in a type, with its parameters moved off their symmetric initial values.

        Lazy sizes are settled, and a bias of zeros would hide that it is not added.
        """
        pl.seed(11)
        layer: nn.Module = self.make()
        layer.train(self.training)
        if any(not p.shape or 0 in p.shape for p in layer.parameters()) or _is_lazy(layer):
            layer(*self.arrays(np.float32))
        layer.astype(dtype)
        for i, parameter in enumerate(layer.parameters()):
            noise = np.random.default_rng([7, i]).normal(size=parameter.shape)
            parameter.data[...] += (0.1 * noise).astype(np.float32)
        return layer

    def arrays(self, dtype: Any = np.float64) -> list[np.ndarray]:
        """The inputs; random numbers are those that float32 holds exactly."""
        found = []
        for i, entry in enumerate(self.inputs):
            if isinstance(entry, tuple):
                drawn = np.random.default_rng([3, i]).normal(size=entry)
                found.append(drawn.astype(np.float32).astype(dtype))
            else:
                array = np.asarray(entry)
                found.append(array.astype(dtype) if array.dtype.kind == "f" else array)
        return found

    def leaves(self, dtype: Any = np.float64) -> list[Any]:
        """The inputs, the floating-point ones as Tensors that want a gradient."""
        return [
            pl.tensor(x.copy(), requires_grad=True) if x.dtype.kind == "f" else x
            for x in self.arrays(dtype)
        ]


def _is_lazy(layer: nn.Module) -> bool:
    return any(type(p).__name__ == "LazyParameter" for p in layer.parameters())


def flat(outputs: Any) -> list[Any]:
    """The floating-point outputs of a layer in a row: tuples and lists unfolded, None left out."""
    if outputs is None:
        return []
    if isinstance(outputs, (tuple, list)):
        return [found for part in outputs for found in flat(part)]
    data = outputs.data if isinstance(outputs, Tensor) else outputs
    return [] if isinstance(data, np.ndarray) and data.dtype.kind != "f" else [outputs]


def weights(shape: Iterable[int], i: int) -> np.ndarray:
    """Fixed random numbers to weight the entries of output `i` with, before they are summed."""
    drawn = np.random.default_rng([5, i]).normal(size=tuple(shape))
    return np.asarray(drawn, dtype=np.float32).astype(np.float64)


def by_pellucid(case: LayerCase, dtype: Any = np.float64) -> dict[str, np.ndarray]:
    """Outputs, and gradients by every floating-point input and every parameter."""
    layer, inputs = case.built(dtype), case.leaves(dtype)
    pl.seed(13)
    outputs = flat(layer(*inputs))
    total: Any = 0.0
    for i, y in enumerate(outputs):
        total = total + (y * weights(y.shape, i).astype(dtype)).sum()
    total.backward()
    found = {f"output {i}": y.data for i, y in enumerate(outputs)}
    named = {f"input {i}": x for i, x in enumerate(inputs) if isinstance(x, Tensor)}
    for name, leaf in {**named, **dict(layer.named_parameters())}.items():
        if leaf.requires_grad:
            found[f"gradient by {name}"] = np.zeros(leaf.shape) if leaf.grad is None else leaf.grad
    return found


def by_torch(case: LayerCase, torch: Any) -> dict[str, np.ndarray]:
    """The same by PyTorch."""
    assert case.theirs is not None
    layer = case.built()
    wanted = {name for name, p in layer.named_parameters() if p.requires_grad}
    state = {
        name: torch.tensor(array, requires_grad=name in wanted)
        for name, array in layer.state_dict().items()
    }
    inputs = [torch.tensor(x, requires_grad=x.dtype.kind == "f") for x in case.arrays()]
    outputs = _flat_torch(case.theirs(torch, state)(*inputs))
    total = sum((y * torch.tensor(weights(y.shape, i))).sum() for i, y in enumerate(outputs))
    leaves = {f"input {i}": x for i, x in enumerate(inputs) if x.requires_grad}
    leaves |= {name: x for name, x in state.items() if name in wanted}
    slopes = torch.autograd.grad(total, list(leaves.values()), allow_unused=True)
    found = {f"output {i}": y.detach().numpy() for i, y in enumerate(outputs)}
    for (name, leaf), slope in zip(leaves.items(), slopes, strict=True):
        given = torch.zeros_like(leaf) if slope is None else slope
        found[f"gradient by {name}"] = given.numpy()
    return found


def _flat_torch(outputs: Any) -> list[Any]:
    if outputs is None:
        return []
    if isinstance(outputs, (tuple, list)):
        return [found for part in outputs for found in _flat_torch(part)]
    return [outputs] if outputs.is_floating_point() else []


def deviation(found: np.ndarray, expected: np.ndarray) -> float:
    """Largest deviation, relative to the largest expected number (at least 1)."""
    if not expected.size:
        return 0.0
    return float(np.abs(found - expected).max() / max(1.0, np.abs(expected).max()))


def layer_cases() -> list[LayerCase]:
    """Every case of every family."""
    found: list[LayerCase] = []
    for path in sorted(NN_TESTS.glob("*/cases.py")):
        name = f"nn_{path.parent.name}_cases"
        if name not in sys.modules:
            spec = importlib.util.spec_from_file_location(name, path)
            assert spec is not None and spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            sys.modules[name] = module
            spec.loader.exec_module(module)
        found += sys.modules[name].CASES
    return found
