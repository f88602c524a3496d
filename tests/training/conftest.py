"""Small data for tests of training."""

import numpy as np
import pytest

from pellucid.data import Part


@pytest.fixture
def blobs():
    """Three classes of 4 features, 61 samples: the last of the batches is smaller."""
    rng = np.random.default_rng(7)
    y = rng.integers(0, 3, 61)
    centres = rng.normal(size=(3, 4)) * 2
    x = (centres[y] + rng.normal(size=(61, 4))).astype(np.float32)
    return Part(x, y)


@pytest.fixture
def slope():
    """A noisy plane over 3 features, 50 samples."""
    rng = np.random.default_rng(8)
    x = rng.normal(size=(50, 3)).astype(np.float32)
    y = x @ np.array([[1.0], [-2.0], [0.5]], np.float32) + 0.1
    return Part(x, (y + 0.05 * rng.normal(size=y.shape)).astype(np.float32))
