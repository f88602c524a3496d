"""The published numbers, and the true gradients against derivations written out here."""

from __future__ import annotations

import numpy as np
import pytest

PUBLISHED = [
    [0.98292424, 0.01707576],
    [0.01926227, 0.98073773],
    [0.01891634, 0.98108366],
    [0.97884338, 0.02115662],
]
X = np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [1.0, 1.0, 1.0]])
Y = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0], [1.0, 0.0]])


def softmax(z):
    e = np.exp(z)
    return e / e.sum(axis=1, keepdims=True)


def jacobian_product(p, g):
    """Multiply each row of g by the full softmax Jacobian diag(p) − p pᵀ of its row of p."""
    return np.stack([(np.diag(a) - np.outer(a, a)) @ b for a, b in zip(p, g, strict=True)])


def true_training(loss: str, steps: int):
    """Train with gradients that were derived by hand, with whole Jacobians, without Pellucid."""
    np.random.seed(42)
    W1, W2, b1, b2 = (np.random.uniform(size=s) for s in ((3, 4), (4, 2), (1, 4), (1, 2)))
    first = None
    for _ in range(steps):
        h = softmax(X @ W1 + b1)
        p = softmax(h @ W2 + b2)
        d2 = p - Y if loss == "cross-entropy" else jacobian_product(p, p - Y)
        d1 = jacobian_product(h, d2 @ W2.T)
        slopes = (X.T @ d1, h.T @ d2, d1.sum(0, keepdims=True), d2.sum(0, keepdims=True))
        first = first or dict(zip(("W1", "W2", "b1", "b2"), slopes, strict=True))
        for weight, slope in zip((W1, W2, b1, b2), slopes, strict=True):
            weight -= 0.1 * slope
    return p, first


def run(example, version: str, *arguments, **options):
    function = getattr(example, version)
    return function(*(() if version == "by_hand" else ("published",)), *arguments, **options)


@pytest.mark.parametrize(
    "version", ["by_hand", "with_layers", pytest.param("with_numpy", marks=pytest.mark.slow)]
)
def test_published_outputs(load_example, version: str) -> None:
    result = run(load_example("softmax_3_4_2"), version)
    assert np.round(result.outputs, 8).tolist() == PUBLISHED


@pytest.mark.parametrize(
    "version", ["with_layers", pytest.param("with_numpy", marks=pytest.mark.slow)]
)
@pytest.mark.parametrize("loss", ["half squared error", "cross-entropy"])
def test_true_gradients(load_example, version: str, loss: str) -> None:
    steps = 200
    result = getattr(load_example("softmax_3_4_2"), version)(loss, steps)
    outputs, first = true_training(loss, steps)
    np.testing.assert_allclose(result.outputs, outputs, rtol=1e-10)
    for name, slope in first.items():
        np.testing.assert_allclose(result.first[name], slope, rtol=1e-10, atol=1e-14)


def test_how_far_the_published_gradient_is_off(load_example) -> None:
    example = load_example("softmax_3_4_2")
    published = example.by_hand(1).first
    _, squared = true_training("half squared error", 1)
    # With two classes the output layer has the right direction and half the length ...
    for name in ("W2", "b2"):
        ratio, angle = example.compare(published[name], squared[name])
        assert ratio == pytest.approx(0.5, rel=1e-12)
        assert angle == pytest.approx(0, abs=1e-4)
    # ... and behind four softmax units the direction is wrong as well.
    assert example.compare(published["W1"], squared["W1"]).angle > 30
    assert example.compare(published["b1"], squared["b1"]).angle > 70


def test_printed_tables(load_example, capsys, monkeypatch) -> None:
    example = load_example("softmax_3_4_2")
    for version in ("by_hand", "with_numpy", "with_layers"):
        full = getattr(example, version)
        monkeypatch.setattr(example, version, lambda *a, full=full: full(*a, steps=3))
    example.main()
    printed = capsys.readouterr().out
    assert "0.98292424 0.01707576" in printed
    assert "0.500     0.0°" in printed
