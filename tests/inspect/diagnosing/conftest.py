"""Small data on which rules are tried."""

from __future__ import annotations

import numpy as np
import pytest

import pellucid as pl


@pytest.fixture(scope="session")
def digits():
    data = pl.data.load("digits")
    return data.train.x[:600], data.train.y[:600]


@pytest.fixture(scope="session")
def values():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((300, 4)).astype(np.float32)
    return x, (x[:, :1] - x[:, 1:2]).astype(np.float32)
