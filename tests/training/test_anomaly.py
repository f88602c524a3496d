"""The anomaly detector: scores, thresholds, and what it refuses."""

from __future__ import annotations

import json

import numpy as np
import pytest

from pellucid import nn
from pellucid.data import Part
from pellucid.errors import DataError
from pellucid.models import Autoencoder, SparseAutoencoder
from pellucid.training import AnomalyDetector, fit

ZERO = nn.Lambda(lambda x: 0 * x)
RNG = np.random.default_rng(0)
X = RNG.normal(size=(200, 3))


def test_scores_are_the_mean_squared_errors_of_each_sample() -> None:
    np.testing.assert_allclose(AnomalyDetector(ZERO).scores(X), (X**2).mean(axis=1))
    image = X[:, None, :, None]
    np.testing.assert_allclose(AnomalyDetector(ZERO).scores(Part(image)), (X**2).mean(axis=1))
    assert AnomalyDetector(ZERO).scores(X[:0]).shape == (0,)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"quantile": 0.9}, lambda s: np.quantile(s, 0.9)),
        ({"quantile": 1.0}, np.max),
        ({"method": "mean-std", "deviations": 2.0}, lambda s: s.mean() + 2 * s.std()),
        (
            {"method": "median-mad", "deviations": 3.0},
            lambda s: np.median(s) + 3 * 1.4826 * np.median(np.abs(s - np.median(s))),
        ),
    ],
)
def test_thresholds(options, expected) -> None:
    detector = AnomalyDetector(ZERO).fit_threshold(X, **options)
    scores = (X**2).mean(axis=1)
    assert detector.threshold == pytest.approx(expected(scores))
    np.testing.assert_array_equal(detector.predict(X), scores > detector.threshold)


def test_it_comes_back_from_json() -> None:
    detector = AnomalyDetector(ZERO).fit_threshold(X, 0.9)
    again = AnomalyDetector.from_json(ZERO, json.loads(json.dumps(detector.to_json())))
    assert again.threshold == detector.threshold
    assert again.chosen == {"method": "quantile", "samples": 200, "quantile": 0.9}
    assert repr(again).startswith("AnomalyDetector(Lambda, threshold 2.01")


def test_mistakes_are_named() -> None:
    detector = AnomalyDetector(ZERO)
    with pytest.raises(DataError, match="call fit_threshold"):
        detector.predict(X)
    with pytest.raises(DataError, match="no samples to choose"):
        detector.fit_threshold(X[:0])
    with pytest.raises(DataError, match="a share from 0 to 1, got 95"):
        detector.fit_threshold(X, 95)
    with pytest.raises(DataError, match="method is 'quantile'"):
        detector.fit_threshold(X, method="guess")
    with pytest.raises(DataError, match="gives its input again"):
        AnomalyDetector(nn.Linear(3, 2)).scores(X)
    with pytest.raises(DataError, match="do not describe a detector"):
        AnomalyDetector.from_json(ZERO, {})
    with pytest.raises(DataError, match="finite number, got nan"):
        AnomalyDetector(ZERO, float("nan"))


@pytest.mark.parametrize("kind", [Autoencoder, SparseAutoencoder])
def test_what_lies_off_the_plane_is_found(kind) -> None:
    plane = RNG.normal(size=(2, 8))
    normal = (RNG.normal(size=(300, 2)) @ plane).astype(np.float32)
    anomalous = (RNG.normal(size=(50, 8)) * 2).astype(np.float32)
    net = kind(8, hidden=(16,), code=4, activation="tanh", rng=0)
    fit(net, normal[:200], loss=net.loss, lr=0.01, epochs=80, progress="none", rng=0)
    detector = AnomalyDetector(net).fit_threshold(normal[:200], 0.95)
    assert detector.predict(normal[200:]).mean() < 0.25
    assert detector.predict(anomalous).mean() > 0.9
