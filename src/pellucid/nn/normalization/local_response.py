"""Local response normalisation: a channel is damped by its neighbours."""

from __future__ import annotations

from pellucid import primitives as p
from pellucid.errors import ShapeError
from pellucid.nn.inputs import floats
from pellucid.nn.module import Module
from pellucid.nn.normalization.base import check_count
from pellucid.ops import composite
from pellucid.primitives.declaration import Value

__all__ = ["LocalResponseNorm", "local_response_norm"]


@composite
def local_response_norm(
    x: Value, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> Value:
    """Divide each channel by a power of the mean square of the channels around it.

    x / (k + alpha/size · Σ x²)^beta, the sum running over `size` neighbouring channels

    Channels beyond the first and the last count as zeros. Krizhevsky, Sutskever & Hinton (2012).

    Parameters
    ----------
    x : array or Tensor
        Of shape (N, C, ...).
    size : int
        How many channels are summed over: size // 2 before each, the others after it.
    alpha, beta, k : float

    Raises
    ------
    ShapeError
        If `x` has no axis of channels.

    Examples
    --------
    >>> local_response_norm([[[1.0], [2.0]]], 2, alpha=2.0, beta=1.0).round(3)
    array([[[0.5  ],
            [0.333]]], dtype=float32)
    """
    x = floats(x)
    if len(x.shape) < 3:
        raise ShapeError(f"local_response_norm expects inputs of shape (N, C, ...), got {x.shape}")
    channels = x.shape[1]
    around: list[tuple[int, int]] = [(0, 0)] * len(x.shape)
    around[1] = (size // 2, (size - 1) // 2)
    squares = p.pad(p.square(x), widths=tuple(around))
    total = p.getitem(squares, index=(slice(None), slice(0, channels)))
    for start in range(1, size):
        shifted = p.getitem(squares, index=(slice(None), slice(start, start + channels)))
        total = p.add(total, shifted)
    return p.multiply(x, p.power(p.add(p.multiply(total, alpha / size), k), -beta))


class LocalResponseNorm(Module):
    """Divides each channel by a power of the mean square of the channels around it.

    x / (k + alpha/size · Σ x²)^beta, the sum running over `size` neighbouring channels

    AlexNet's normalisation; batch normalisation has taken its place. Krizhevsky, Sutskever &
    Hinton (2012), whose alpha is here divided by the size, as in PyTorch.

    Parameters
    ----------
    size : int
        How many channels are summed over.
    alpha, beta, k : float

    Raises
    ------
    ShapeError
        If the input has no axis of channels.
    """

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        super().__init__()
        self.size = check_count("size of LocalResponseNorm", size)
        self.alpha = alpha
        self.beta = beta
        self.k = k

    def forward(self, x: Value) -> Value:
        """Return the damped channels, in the shape of `x`."""
        return local_response_norm(x, self.size, self.alpha, self.beta, self.k)

    def extra_repr(self) -> str:
        """Return size and constants."""
        return f"{self.size}, alpha={self.alpha:g}, beta={self.beta:g}, k={self.k:g}"
