"""Metrics: each equals scikit-learn's function of that name, on every kind of input."""

import numpy as np
import pytest

from pellucid.errors import DataError, UnknownNameError
from pellucid.training.metrics import METRICS, Metric, better_is, resolve_metrics

sklearn_metrics = pytest.importorskip("sklearn.metrics")


def _binary(rng):
    targets = rng.integers(0, 2, 50)
    return targets, np.where(rng.random(50) < 0.7, targets, 1 - targets)


def _classes(rng):
    targets = rng.integers(0, 4, 80)
    return targets, np.where(rng.random(80) < 0.6, targets, rng.integers(0, 4, 80))


def _binary_probabilities(rng):
    targets = rng.integers(0, 2, 50)
    return targets, rng.random(50).astype(np.float32)


def _class_probabilities(rng):
    logits = rng.normal(size=(80, 4)).astype(np.float32)
    e = np.exp(logits)
    return rng.integers(0, 4, 80), e / e.sum(axis=1, keepdims=True)


def _numbers(rng):
    return rng.normal(size=(40, 1)), rng.normal(size=(40, 1))


def _several_numbers(rng):
    return rng.normal(size=(40, 3)), rng.normal(size=(40, 3))


def _wide(probabilities):
    wide = probabilities.astype(np.float64)
    return wide / wide.sum(axis=1, keepdims=True)


def _auc(t, p):
    if p.ndim == 1:
        return sklearn_metrics.roc_auc_score(t, p)
    return sklearn_metrics.roc_auc_score(t, _wide(p), multi_class="ovr")


def _loss(t, p):
    return sklearn_metrics.log_loss(t, p.astype(np.float64) if p.ndim == 1 else _wide(p))


def _average(name):
    def score(t, p):
        average = "binary" if max(t.max(), p.max()) < 2 else "macro"
        return getattr(sklearn_metrics, name)(t, p, average=average)

    return score


def _surprise(rng):
    return np.array(rng.integers(5, 50)), np.array(rng.random() * 100)


# Each metric: its reference, and inputs. A metric without an entry fails the suite.
REFERENCES = {
    "accuracy": (sklearn_metrics.accuracy_score, [_binary, _classes]),
    "balanced_accuracy": (sklearn_metrics.balanced_accuracy_score, [_binary, _classes]),
    "f1": (_average("f1_score"), [_binary, _classes]),
    "precision": (_average("precision_score"), [_binary, _classes]),
    "recall": (_average("recall_score"), [_binary, _classes]),
    "matthews": (sklearn_metrics.matthews_corrcoef, [_binary, _classes]),
    "roc_auc": (_auc, [_binary_probabilities, _class_probabilities]),
    "log_loss": (_loss, [_binary_probabilities, _class_probabilities]),
    "r2": (sklearn_metrics.r2_score, [_numbers, _several_numbers]),
    "mae": (sklearn_metrics.mean_absolute_error, [_numbers, _several_numbers]),
    "mse": (sklearn_metrics.mean_squared_error, [_numbers, _several_numbers]),
    "rmse": (
        lambda t, p: np.sqrt(sklearn_metrics.mean_squared_error(t, p)),
        [_numbers, _several_numbers],
    ),
    "perplexity": (lambda n, s: 2 ** (s / n / np.log(2)), [_surprise]),
    "bits_per_token": (lambda n, s: np.log2(np.exp(s / n)), [_surprise]),
}


def test_every_metric_has_a_reference():
    assert set(METRICS) == set(REFERENCES)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", METRICS)
def test_equal_to_scikit_learn(name, seed):
    reference, inputs = REFERENCES[name]
    for make in inputs:
        targets, predictions = make(np.random.default_rng(seed))
        found = METRICS[name](targets, predictions)
        assert type(found) is float
        assert found == pytest.approx(float(reference(targets, predictions)), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("name", METRICS)
def test_perfect_predictions_are_best(name):
    metric = METRICS[name]
    if metric.needs == "surprise":
        assert metric(np.array(3), np.array(0.0)) < metric(np.array(3), np.array(2.0))
        return
    targets, _ = REFERENCES[name][1][0](np.random.default_rng(0))
    perfect = metric(targets, targets.astype(np.float32) if metric.needs != "labels" else targets)
    other = metric(targets, targets[::-1].astype(np.float32 if metric.needs != "labels" else int))
    assert (perfect > other) == (metric.better == "max")


def test_r2_of_constant_targets_is_as_scikit_learn_says():
    constant = np.ones((5, 1))
    for predictions in (constant, constant + 1):
        expected = sklearn_metrics.r2_score(constant, predictions)
        assert METRICS["r2"](constant, predictions) == expected


def test_auc_is_nan_where_a_class_is_absent():
    assert np.isnan(METRICS["roc_auc"](np.zeros(3, int), np.array([0.1, 0.2, 0.3])))
    assert np.isnan(METRICS["roc_auc"](np.array([0, 1, 1]), np.full((3, 3), 1 / 3)))


def test_names_and_mistakes():
    assert [m.name for m in resolve_metrics("ROC-AUC")] == ["roc_auc"]
    mine = Metric("mine", lambda t, p: 0.5, "labels", "max")
    assert resolve_metrics([mine, "f1"]) == (mine, METRICS["f1"])
    with pytest.raises(UnknownNameError, match="did you mean 'precision'"):
        resolve_metrics(["precison"])
    with pytest.raises(DataError, match="twice"):
        resolve_metrics(["f1", "F1"])
    with pytest.raises(DataError, match="wrap a function"):
        resolve_metrics([len])


def test_direction():
    assert better_is("val_accuracy") == "max"
    assert better_is("rmse") == better_is("val_loss") == better_is("unknown") == "min"


def test_the_area_under_the_curve_of_two_columns_is_that_of_the_second():
    targets = np.array([0, 1, 1, 0, 1])
    second = np.array([0.2, 0.7, 0.4, 0.5, 0.9], np.float32)
    columns = np.stack([1 - second, second], axis=1)
    expected = sklearn_metrics.roc_auc_score(targets, second)
    assert METRICS["roc_auc"](targets, columns) == pytest.approx(expected)
