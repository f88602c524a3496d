"""NumPy's own."""

from numpy.fft import *  # noqa: F403
