"""The convolutional autoencoder."""

from __future__ import annotations

from collections.abc import Sequence

from pellucid import nn
from pellucid.dtypes import DTypeLike
from pellucid.models.generative.autoencoder import Autoencoder, OutputRange, output_layers
from pellucid.models.generative.dcgan import Unflatten, quarter
from pellucid.random import Seed, generator

__all__ = ["ConvAutoencoder"]


class ConvAutoencoder(Autoencoder):
    """Convolutional autoencoder: strided convolutions to a code, transposed ones back.

    (N, C, H, W) → (N, c, H/2, W/2) → (N, 2c, H/4, W/4) → (N, code), and the same way back

    Masci et al. (2011), with strides in the place of their max pooling.

    Parameters
    ----------
    input_shape : tuple of int
        (C, H, W), height and width multiples of 4.
    channels : int
        Channels at half the size; at a quarter there are twice as many.
    code : int
        Numbers in the code.
    output : "linear", "sigmoid" or "tanh"
        What the decoder ends in.
    dtype : dtype, optional
        Type of the parameters, by default float32.
    rng : int, numpy.random.Generator or None
        Where the weights come from.

    Examples
    --------
    >>> import numpy as np
    >>> net = ConvAutoencoder((1, 8, 8), channels=4, code=6, rng=0)
    >>> x = np.ones((5, 1, 8, 8), np.float32)
    >>> net.encode(x).shape, net(x).shape
    ((5, 6), (5, 1, 8, 8))
    """

    def __init__(
        self,
        input_shape: Sequence[int],
        channels: int = 16,
        code: int = 32,
        *,
        output: OutputRange = "linear",
        dtype: DTypeLike | None = None,
        rng: Seed = None,
    ) -> None:
        nn.Module.__init__(self)
        rng = None if rng is None else generator(rng)
        self.sample_shape = tuple(input_shape)
        height, width = quarter(self.sample_shape)
        first, wide = self.sample_shape[0], 2 * channels
        size = wide * height * width
        self.encoder = nn.Sequential(
            nn.Conv2d(first, channels, 4, 2, 1, dtype=dtype, rng=rng),
            nn.ReLU(),
            nn.Conv2d(channels, wide, 4, 2, 1, dtype=dtype, rng=rng),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(size, code, dtype=dtype, rng=rng),
        )
        self.decoder = nn.Sequential(
            nn.Linear(code, size, dtype=dtype, rng=rng),
            nn.ReLU(),
            Unflatten((wide, height, width)),
            nn.ConvTranspose2d(wide, channels, 4, 2, 1, dtype=dtype, rng=rng),
            nn.ReLU(),
            nn.ConvTranspose2d(channels, first, 4, 2, 1, dtype=dtype, rng=rng),
            *output_layers(output),
        )
