"""The Hessian of the example against second differences of its loss, computed by plain NumPy."""

from __future__ import annotations

import numpy as np
import pytest


def second_differences(f, x, h=1e-4):
    eye = h * np.eye(x.size)
    return np.array(
        [
            [(f(x + a + b) - f(x + a - b) - f(x - a + b) + f(x - a - b)) / (4 * h * h) for b in eye]
            for a in eye
        ]
    )


def test_hessian_and_sharpness(load_example) -> None:
    example = load_example("hessian_vector_product")
    loss = example.loss_on(*example.points(20))
    theta = 0.5 * np.random.default_rng(3).standard_normal(example.SIZE)
    expected = second_differences(loss, theta)
    np.testing.assert_allclose(example.whole_hessian(loss, theta), expected, atol=1e-6)
    eigenvalue, direction = example.sharpness(loss, theta)
    largest = np.linalg.eigvalsh(expected)[-1]
    assert eigenvalue == pytest.approx(largest, rel=1e-4)
    np.testing.assert_allclose(expected @ direction, largest * direction, atol=1e-3)


def test_what_the_sharpness_says_about_the_rate(load_example, capsys) -> None:
    load_example("hessian_vector_product").main()
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("rate")]
    curves = [[float(v) for v in line.partition("loss")[2].split("→")] for line in lines]
    assert len(curves) == 4
    below, above = curves[:2], curves[2:]
    assert all(curve[-1] < curve[0] for curve in below)
    assert all(curve[1] > 1.2 * curve[0] for curve in above)
