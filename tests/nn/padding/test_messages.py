"""Padding says which widths an axis allows."""

from __future__ import annotations

import re

import numpy as np
import pytest

from pellucid import nn
from pellucid.errors import ShapeError


@pytest.mark.parametrize(
    ("layer", "most", "message"),
    [
        (
            nn.ReflectionPad1d,
            2,
            "reflect padding (3, 3) of an axis of length 3 must be less than 3; "
            "use at most 2, or mode 'replicate'",
        ),
        (
            nn.CircularPad1d,
            3,
            "circular padding (4, 4) of an axis of length 3 must be at most 3; "
            "use at most 3, or mode 'replicate'",
        ),
    ],
)
def test_the_widest_border_fits_and_one_more_does_not(layer, most, message):
    x = np.arange(3.0)[None, None]
    assert layer(most)(x).shape == (1, 1, 3 + 2 * most)
    with pytest.raises(ShapeError, match=re.escape(message)):
        layer(most + 1)(x)
