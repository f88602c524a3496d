"""Every activation by name: what the command line, the tests and the documentation go by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from pellucid.errors import UnknownNameError
from pellucid.nn.activations import distributions, exponential, gates, rectifiers, squashing
from pellucid.nn.init import GlorotNormal, HeNormal, Initializer, LeCunNormal
from pellucid.nn.miscellaneous import Identity, identity
from pellucid.nn.module import Module
from pellucid.primitives.declaration import Value

__all__ = ["ACTIVATIONS", "Activation", "activation_of", "find_activation", "recommended_init"]


@dataclass(frozen=True)
class Activation:
    """One activation: a function, its layer, and what there is to know about it.

    Parameters
    ----------
    name : str
        The name, as in ``--activation NAME``.
    function : callable
        The function of arrays or Tensors.
    layer : type of Module
        The layer that applies it.
    formula : str
        The mathematics, as shown to people.
    source : str
        Where it comes from: author, year.
    kinks : tuple of float
        Where its first or second derivative does not exist.
    init : Initializer
        What the weights before it should start as.
    options : mapping
        Arguments of the function and of the layer that make this variant.
    inputs_per_output : int
        How many inputs each output is made of: 2 for GLU.
    """

    name: str
    function: Callable[..., Value]
    layer: type[Module]
    formula: str
    source: str
    kinks: tuple[float, ...] = ()
    init: Initializer = field(default_factory=GlorotNormal)
    options: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    inputs_per_output: int = 1

    def __call__(self, x: Any) -> Value:
        """Apply the function with the options of this variant."""
        return self.function(x, **self.options)

    def make(self) -> Module:
        """Return a new layer with the options of this variant."""
        return self.layer(**self.options)


_HE = HeNormal()

_ENTRIES = (
    Activation(
        "identity",
        identity,
        Identity,
        "x",
        "no nonlinearity at all",
    ),
    Activation(
        "step",
        squashing.step,
        squashing.Step,
        "1 if x ≥ 0 else 0",
        "McCulloch & Pitts (1943)",
        kinks=(0.0,),
    ),
    Activation(
        "sigmoid",
        squashing.sigmoid,
        squashing.Sigmoid,
        "1 / (1 + e⁻ˣ)",
        "Rumelhart et al. (1986)",
    ),
    Activation(
        "hard_sigmoid",
        squashing.hard_sigmoid,
        squashing.HardSigmoid,
        "min(max(0, x + 3), 6) / 6",
        "Courbariaux et al. (2015)",
        kinks=(-3.0, 3.0),
    ),
    Activation(
        "tanh",
        squashing.tanh,
        squashing.Tanh,
        "(eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)",
        "LeCun et al. (1998)",
    ),
    Activation(
        "softsign",
        squashing.softsign,
        squashing.Softsign,
        "x / (1 + |x|)",
        "Bergstra et al. (2009)",
        kinks=(0.0,),
    ),
    Activation(
        "relu",
        rectifiers.relu,
        rectifiers.ReLU,
        "max(0, x)",
        "Fukushima (1969); Nair & Hinton (2010)",
        kinks=(0.0,),
        init=_HE,
    ),
    Activation(
        "relu6",
        rectifiers.relu6,
        rectifiers.ReLU6,
        "min(max(0, x), 6)",
        "Krizhevsky (2010)",
        kinks=(0.0, 6.0),
        init=_HE,
    ),
    Activation(
        "leaky_relu",
        rectifiers.leaky_relu,
        rectifiers.LeakyReLU,
        "x if x > 0 else 0.01·x",
        "Maas et al. (2013)",
        kinks=(0.0,),
        init=_HE,
    ),
    Activation(
        "prelu",
        rectifiers.prelu,
        rectifiers.PReLU,
        "x if x > 0 else a·x, with a learnt",
        "He et al. (2015)",
        kinks=(0.0,),
        init=_HE,
    ),
    Activation(
        "elu",
        exponential.elu,
        exponential.ELU,
        "x if x > 0 else eˣ − 1",
        "Clevert et al. (2016)",
        kinks=(0.0,),
        init=_HE,
    ),
    Activation(
        "selu",
        exponential.selu,
        exponential.SELU,
        "λ·x if x > 0 else λα·(eˣ − 1)",
        "Klambauer et al. (2017)",
        kinks=(0.0,),
        init=LeCunNormal(),
    ),
    Activation(
        "celu",
        exponential.celu,
        exponential.CELU,
        "x if x > 0 else α·(e^(x/α) − 1)",
        "Barron (2017)",
        kinks=(0.0,),
        init=_HE,
    ),
    Activation(
        "softplus",
        exponential.softplus,
        exponential.Softplus,
        "ln(1 + eˣ)",
        "Dugas et al. (2001)",
        init=_HE,
    ),
    Activation(
        "gelu",
        gates.gelu,
        gates.GELU,
        "x/2 · (1 + erf(x / √2))",
        "Hendrycks & Gimpel (2016)",
        init=_HE,
    ),
    Activation(
        "gelu_tanh",
        gates.gelu,
        gates.GELU,
        "x/2 · (1 + tanh(√(2/π)·(x + 0.044715 x³)))",
        "Hendrycks & Gimpel (2016)",
        init=_HE,
        options=MappingProxyType({"approximate": "tanh"}),
    ),
    Activation(
        "silu",
        gates.silu,
        gates.SiLU,
        "x · σ(x)",
        "Elfwing et al. (2018)",
        init=_HE,
    ),
    Activation(
        "swish",
        gates.swish,
        gates.Swish,
        "x · σ(β·x), with β = 1",
        "Ramachandran et al. (2017)",
        init=_HE,
    ),
    Activation(
        "mish",
        gates.mish,
        gates.Mish,
        "x · tanh(ln(1 + eˣ))",
        "Misra (2020)",
        init=_HE,
    ),
    Activation(
        "hard_swish",
        gates.hard_swish,
        gates.HardSwish,
        "x · min(max(0, x + 3), 6) / 6",
        "Howard et al. (2019)",
        kinks=(-3.0, 3.0),
        init=_HE,
    ),
    Activation(
        "softmax",
        distributions.softmax,
        distributions.Softmax,
        "e^xᵢ / Σⱼ e^xⱼ",
        "Bridle (1990)",
    ),
    Activation(
        "log_softmax",
        distributions.log_softmax,
        distributions.LogSoftmax,
        "xᵢ − ln Σⱼ e^xⱼ",
        "Bridle (1990)",
    ),
    Activation(
        "glu",
        gates.glu,
        gates.GLU,
        "a · σ(b), where x = [a, b]",
        "Dauphin et al. (2017)",
        inputs_per_output=2,
    ),
)

ACTIVATIONS: dict[str, Activation] = {entry.name: entry for entry in _ENTRIES}
"""Every activation by name."""


def find_activation(name: str) -> Activation:
    """Return the activation called `name`; case, hyphens and underscores do not matter.

    Raises
    ------
    UnknownNameError
        If there is none; the nearest name is suggested.
    """
    plain = name.lower().replace("-", "_")
    by_letters = {known.replace("_", ""): known for known in ACTIVATIONS}
    known = by_letters.get(plain.replace("_", ""))
    if known is None:
        raise UnknownNameError("activation", name, ACTIVATIONS)
    return ACTIVATIONS[known]


def activation_of(layer: Module | None) -> Activation | None:
    """Return the registry's entry for an activation layer, None for any other module."""
    if layer is None:
        return None
    for entry in ACTIVATIONS.values():
        if type(layer) is entry.layer:
            return entry
    return None


def recommended_init(layer: Module | None) -> Initializer:
    """Return what the weights before `layer` should start as: Glorot normal if it is unknown."""
    entry = activation_of(layer)
    return GlorotNormal() if entry is None else entry.init
