"""The derivatives of the known losses against differences of their formulas."""

from __future__ import annotations

import numpy as np
import pytest

from pellucid.inspect.checking.known_losses import KNOWN_LOSSES, reductions, source_of

RNG = np.random.default_rng(0)
TARGETS = {
    "shares": RNG.uniform(0, 1, (4, 3)),
    "one of three": np.eye(3)[[0, 2, 1, 1]],
    "signs": np.where(RNG.normal(size=(4, 3)) > 0, 1.0, -1.0),
}


@pytest.mark.parametrize("loss", KNOWN_LOSSES, ids=lambda loss: loss.name)
def test_derivative(loss) -> None:
    p = RNG.uniform(0.1, 0.9, (4, 3))
    tried = 0
    for y in TARGETS.values():
        if not loss.applies(p, y):
            continue
        for reduction in reductions(p.shape, loss):
            source = source_of(loss, reduction, "p", "y", y)
            slope = reduction.factor * loss.derivative(p, y)
            for index in np.ndindex(p.shape):
                up, down = p.copy(), p.copy()
                up[index] += 1e-6
                down[index] -= 1e-6
                values = [eval(source, {"np": np, "p": q, "y": y}) for q in (up, down)]
                assert (values[0] - values[1]) / 2e-6 == pytest.approx(slope[index], abs=1e-7)
            tried += 1
    assert tried
