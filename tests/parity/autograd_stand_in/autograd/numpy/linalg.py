"""NumPy's own."""

from numpy.linalg import *  # noqa: F403
