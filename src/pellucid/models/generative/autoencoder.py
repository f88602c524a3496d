"""Autoencoders: networks that give their input again after it went through a narrow place."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

import numpy as np

from pellucid import primitives as p
from pellucid.dtypes import DTypeLike
from pellucid.errors import DataError
from pellucid.losses import mean_squared_error
from pellucid.models.mlp import MLP, ActivationLike
from pellucid.nn import GaussianNoise, Module, Sequential, Sigmoid, Tanh
from pellucid.nn.inputs import floats
from pellucid.primitives import shares
from pellucid.primitives.declaration import Value
from pellucid.random import Seed, generator
from pellucid.tensor import Tensor

__all__ = [
    "Autoencoder",
    "DenoisingAutoencoder",
    "Masking",
    "OutputRange",
    "SparseAutoencoder",
    "output_layers",
    "shape_of",
]

OutputRange: TypeAlias = Literal["linear", "sigmoid", "tanh"]
"""What the last layer ends in: any numbers, numbers in (0, 1), or numbers in (−1, 1)."""


def shape_of(input_shape: int | Sequence[int]) -> tuple[int, ...]:
    """Return the shape of one sample as a tuple."""
    return (input_shape,) if isinstance(input_shape, int) else tuple(int(n) for n in input_shape)


def output_layers(output: OutputRange) -> list[Module]:
    """Return the activation that ends a decoder or generator, if there is one.

    Raises
    ------
    DataError
        If it is none of the three.
    """
    if output == "linear":
        return []
    if output not in ("sigmoid", "tanh"):
        raise DataError(f"output is 'linear', 'sigmoid' or 'tanh', got {output!r}")
    return [Sigmoid() if output == "sigmoid" else Tanh()]


class Autoencoder(Module):
    """Dense autoencoder: an encoder to a short code, and a decoder back to the input.

    c = f(x), x̂ = g(c), trained to make the mean of (x − x̂)² small

    The targets are the inputs: ``fit(net, x)`` with a single array. With one linear layer each way
    the codes span the same plane as the first principal components (Baldi & Hornik, 1989); with
    hidden layers they can bend it. Hinton & Salakhutdinov (2006), without the layer-wise
    pre-training.

    Parameters
    ----------
    input_shape : int or tuple of int
        The shape of one sample; other shapes than rows are flattened on the way in, and restored
        on the way out.
    hidden : int or sequence of int
        Units of the encoder's hidden layers; the decoder has them in reverse.
    code : int
        Numbers in the code.
    activation : str or callable
        What follows each hidden layer: a name in :data:`pellucid.nn.ACTIVATIONS` or a class.
    output : "linear", "sigmoid" or "tanh"
        What the decoder ends in.
    dtype : dtype, optional
        Type of the parameters, by default float32.
    rng : int, numpy.random.Generator or None
        Where the weights come from.

    Attributes
    ----------
    encoder, decoder : Module

    Examples
    --------
    >>> import numpy as np
    >>> net = Autoencoder((1, 8, 8), hidden=32, code=4, rng=0)
    >>> x = np.ones((5, 1, 8, 8))
    >>> net.encode(x).shape, net(x).shape
    ((5, 4), (5, 1, 8, 8))
    """

    def __init__(
        self,
        input_shape: int | Sequence[int],
        hidden: int | Sequence[int] = (128, 64),
        code: int = 16,
        *,
        activation: ActivationLike = "relu",
        output: OutputRange = "linear",
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None:
        super().__init__()
        rng = None if rng is None else generator(rng)
        units = (hidden,) if isinstance(hidden, int) else tuple(hidden)
        self.sample_shape = shape_of(input_shape)
        size = math.prod(self.sample_shape)
        self.encoder: Module = MLP(self.sample_shape, units, code, activation, dtype=dtype, rng=rng)
        decoder = MLP(code, units[::-1], size, activation, dtype=dtype, rng=rng)
        self.decoder: Module = Sequential(*decoder, *output_layers(output))

    def encode(self, x: Any) -> Value:
        """Return the codes (N, code) of samples (N, ...)."""
        return self.encoder(x)

    def decode(self, code: Any) -> Value:
        """Return the samples (N, ...) that codes (N, code) stand for."""
        rows = self.decoder(code)
        return p.reshape(rows, shape=(rows.shape[0], *self.sample_shape))

    def forward(self, x: Any) -> Any:
        """Return the reconstruction of samples, in their shape."""
        return self.decode(self.encode(x))

    def loss(self, outputs: Any, targets: Any, *, sample_weight: Any = None) -> Tensor:
        """Return the mean squared error: what ``fit(net, x, loss=net.loss)`` makes small."""
        return mean_squared_error(outputs, targets, sample_weight=sample_weight)


class Masking(Module):
    """Sets a random share of the numbers to 0 in training; does nothing in evaluation.

    x · m, m ~ Bernoulli(1 − amount)

    Unlike dropout it does not enlarge the others: it is a disturbance to be undone, not a
    regularisation of what follows. Vincent et al. (2008).

    Parameters
    ----------
    amount : float
        The share, from 0 to 1.
    rng : int, numpy.random.Generator or None
        Where the random numbers come from.
    """

    transparent = True

    def __init__(self, amount: float = 0.3, rng: Seed = None) -> None:
        super().__init__()
        if not 0 <= amount <= 1:
            raise DataError(f"the masked share is from 0 to 1, got {amount}")
        self.amount = float(amount)
        self.rng = None if rng is None else generator(rng)

    def forward(self, x: Any) -> Value:
        """Return `x` with zeros in training, and `x` itself in evaluation."""
        x = floats(x)
        if not self.training or self.amount == 0:
            return x
        kept = generator(self.rng).random(x.shape, dtype=np.float32) >= self.amount
        return p.multiply(x, kept.astype(x.dtype))

    def extra_repr(self) -> str:
        """Return the share."""
        return f"amount={self.amount:g}"


class DenoisingAutoencoder(Autoencoder):
    """Autoencoder that is given disturbed samples in training, and asked for the clean ones.

    x̂ = g(f(x + disturbance)), compared with x

    It cannot succeed by copying, even with a wide code, and has to learn what samples look like.
    Vincent et al. (2008), who train such layers one after another; here all are trained at once.

    Parameters
    ----------
    input_shape, hidden, code, activation, output, dtype, rng
        As for :class:`Autoencoder`.
    noise : "gaussian" or "mask"
        Normal numbers are added, or some numbers are set to 0.
    amount : float
        Standard deviation of the noise, or the share that is set to 0.
    """

    def __init__(
        self,
        input_shape: int | Sequence[int],
        hidden: int | Sequence[int] = (128, 64),
        code: int = 32,
        *,
        noise: Literal["gaussian", "mask"] = "gaussian",
        amount: float = 0.3,
        activation: ActivationLike = "relu",
        output: OutputRange = "linear",
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None:
        rng = None if rng is None else generator(rng)
        super().__init__(
            input_shape, hidden, code, activation=activation, output=output, dtype=dtype, rng=rng
        )
        if noise not in ("gaussian", "mask"):
            raise DataError(f"noise is 'gaussian' or 'mask', got {noise!r}")
        self.noise = GaussianNoise(amount, rng) if noise == "gaussian" else Masking(amount, rng)

    def forward(self, x: Any) -> Any:
        """Return the reconstruction of samples, which are disturbed first while in training."""
        return self.decode(self.encode(self.noise(x)))


class SparseAutoencoder(Autoencoder):
    """Autoencoder whose code has few active units for each sample.

    mean (x − x̂)² + weight · penalty(code), with the code in (0, 1)

    "kl" is Σⱼ KL(ρ ‖ ρ̂ⱼ), where ρ̂ⱼ is the mean activity of unit j over the batch, and holds each
    unit at the activity ρ (Ng, 2011); "l1" is the mean over the samples of Σⱼ |cⱼ|.

    The network returns two things, the reconstruction and the code, and :meth:`loss` takes both:
    ``fit(net, x, loss=net.loss)``. Predictions are the reconstruction alone.

    Parameters
    ----------
    input_shape, hidden, code, activation, output, dtype, rng
        As for :class:`Autoencoder`; the code may be wider than the input.
    penalty : "kl" or "l1"
        What is added to the error.
    weight : float
        How much of it.
    activity : float
        ρ, the share of the time that each unit is to be active.
    """

    def __init__(
        self,
        input_shape: int | Sequence[int],
        hidden: int | Sequence[int] = (),
        code: int = 64,
        *,
        penalty: Literal["kl", "l1"] = "kl",
        weight: float = 1e-3,
        activity: float = 0.05,
        activation: ActivationLike = "relu",
        output: OutputRange = "linear",
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None:
        super().__init__(
            input_shape, hidden, code, activation=activation, output=output, dtype=dtype, rng=rng
        )
        if penalty not in ("kl", "l1"):
            raise DataError(f"penalty is 'kl' or 'l1', got {penalty!r}")
        if not 0 < activity < 1:
            raise DataError(f"activity is between 0 and 1, got {activity}")
        self.encoder = Sequential(*self.encoder.children(), Sigmoid())
        self.penalty = penalty
        self.weight = float(weight)
        self.activity = float(activity)

    def forward(self, x: Any) -> Any:
        """Return (reconstruction, code)."""
        code = self.encode(x)
        return self.decode(code), code

    def sparsity(self, code: Value) -> Value:
        """Return the penalty of codes (N, code), without its weight."""
        if self.penalty == "l1":
            return p.multiply(p.sum(code), shares.share(code.shape[0]))  # codes are positive
        rho, smallest = self.activity, float(np.finfo(code.dtype).tiny)
        mean = p.multiply(p.sum(code, axis=0), shares.share(code.shape[0]))  # ρ̂, (code,)
        on = p.multiply(p.log(p.add(mean, smallest)), rho)
        off = p.multiply(p.log(p.add(p.subtract(1.0, mean), smallest)), 1 - rho)
        entropy = code.shape[1] * (rho * math.log(rho) + (1 - rho) * math.log(1 - rho))
        return p.subtract(entropy, p.sum(p.add(on, off)))

    def loss(self, outputs: Any, targets: Any, *, sample_weight: Any = None) -> Tensor:
        """Return the error of the reconstruction plus the weighted penalty of the code."""
        reconstruction, code = outputs
        error = mean_squared_error(reconstruction, targets, sample_weight=sample_weight)
        total: Tensor = p.add(error, p.multiply(self.sparsity(code), self.weight))
        return total
