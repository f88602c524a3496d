"""Predictions, probabilities, evaluation; and what each loss makes of outputs and targets."""

import functools

import numpy as np
import pytest

from pellucid import losses, nn
from pellucid.data import Dataset, Part, load
from pellucid.errors import (
    DataError,
    DTypeError,
    GradientError,
    ShapeError,
    UnknownNameError,
    UnsupportedError,
)
from pellucid.losses import LOSSES
from pellucid.training import Trainer, evaluate, fit, predict, predict_proba
from pellucid.training.objective import resolve_objective


def net_for(outputs, inputs=4, dtype=None, seed=0):
    return nn.Sequential(nn.Linear(inputs, outputs, rng=seed, dtype=dtype))


def logits_of(net, x):
    return x.astype(net[0].weight.data.dtype) @ net[0].weight.data + net[0].bias.data


# --- predictions ----------------------------------------------------------------------------------


@pytest.mark.parametrize("batch_size", [None, 1, 7, 61, 100])
def test_predictions_do_not_depend_on_the_batch_size_or_dropout(blobs, batch_size):
    net = nn.Sequential(*net_for(3, dtype=np.float64), nn.Dropout(0.9))
    found = predict(net, blobs.x, batch_size)
    assert found.dtype == np.float64
    assert isinstance(found, np.ndarray)
    np.testing.assert_allclose(found, logits_of(net, blobs.x), rtol=1e-12)
    assert net.training
    assert net[-1].training


def test_modes_are_put_back_layer_by_layer(blobs):
    net = nn.Sequential(*net_for(3), nn.Dropout(0.5))
    net[1].eval()
    predict(net, blobs)
    assert [layer.training for layer in (net, net[0], net[1])] == [True, True, False]


def test_no_samples_and_one_sample(blobs):
    net = net_for(3)
    assert predict(net, blobs.x[:0]).shape == (0, 3)
    assert predict(net, blobs[:1]).shape == (1, 3)
    with pytest.raises(ShapeError, match="one sample per row"):
        predict(net, np.float32(1))


def test_a_wrong_width_names_the_layer(blobs):
    with pytest.raises(ShapeError, match=r"in layer '0'"):
        predict(net_for(3, inputs=5), blobs.x)
    with pytest.raises(ShapeError, match=r"in layer '0'"):
        fit(net_for(3, inputs=5), blobs, progress="none")


def test_probabilities_of_classes(blobs):
    net = net_for(3, dtype=np.float64)
    z = logits_of(net, blobs.x)
    expected = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(predict_proba(net, blobs.x), expected, rtol=1e-12)
    np.testing.assert_allclose(predict_proba(net, blobs.x, "auto"), expected, rtol=1e-12)


@pytest.mark.parametrize("loss", ["auto", "bce", losses.binary_cross_entropy_with_logits])
def test_probabilities_of_no_and_yes(blobs, loss):
    net = net_for(1, dtype=np.float64)
    yes = 1 / (1 + np.exp(-logits_of(net, blobs.x)))
    found = predict_proba(net, blobs.x, loss)
    np.testing.assert_allclose(found, np.hstack([1 - yes, yes]), rtol=1e-12)


def test_several_yes_or_no_outputs(blobs):
    net = net_for(2, dtype=np.float64)
    yes = 1 / (1 + np.exp(-logits_of(net, blobs.x)))
    np.testing.assert_allclose(predict_proba(net, blobs.x, "bce"), yes, rtol=1e-12)


def test_no_probabilities_without_a_meaning(blobs):
    with pytest.raises(UnsupportedError, match=r"mean_squared_error.*cross_entropy"):
        predict_proba(net_for(3), blobs.x, "mse")
    with pytest.raises(UnsupportedError, match="hinge"):
        predict_proba(net_for(1), blobs.x, "hinge")


# --- evaluation -----------------------------------------------------------------------------------


@pytest.mark.parametrize("batch_size", [None, 7])
def test_evaluation_equals_the_formulas(blobs, batch_size):
    net = net_for(3, dtype=np.float64)
    z = logits_of(net, blobs.x)
    log_q = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    found = evaluate(net, blobs, batch_size=batch_size)
    assert found["loss"] == pytest.approx(-log_q[np.arange(61), blobs.y].mean(), rel=1e-12)
    assert found["accuracy"] == np.mean(z.argmax(axis=1) == blobs.y)
    assert list(found) == ["loss", "accuracy"]


def test_evaluation_weighs_the_loss_by_sample(blobs):
    net = net_for(3, dtype=np.float64)
    w = np.linspace(0, 2, 61).astype(np.float32)
    z = logits_of(net, blobs.x)
    log_q = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    each = -log_q[np.arange(61), blobs.y]
    found = evaluate(net, blobs.weighted(w), batch_size=8)
    assert found["loss"] == pytest.approx(np.average(each, weights=w), rel=1e-6)


def test_all_metrics_of_a_classifier(blobs):
    sklearn_metrics = pytest.importorskip("sklearn.metrics")
    net = net_for(3)
    found = evaluate(net, blobs, metrics=["f1", "roc_auc", "accuracy"])
    labels = predict(net, blobs.x).argmax(axis=1)
    assert found["f1"] == pytest.approx(sklearn_metrics.f1_score(blobs.y, labels, average="macro"))
    probabilities = predict_proba(net, blobs.x).astype(np.float64)
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    expected = sklearn_metrics.roc_auc_score(blobs.y, probabilities, multi_class="ovr")
    assert found["roc_auc"] == pytest.approx(expected, rel=1e-6)


def test_all_metrics_of_a_binary_classifier(blobs):
    sklearn_metrics = pytest.importorskip("sklearn.metrics")
    part = Part(blobs.x, (blobs.y > 0).astype(int))
    net = net_for(1)
    found = evaluate(net, part, metrics=["roc_auc", "precision"])
    z = predict(net, part.x)[:, 0]
    assert found["roc_auc"] == pytest.approx(sklearn_metrics.roc_auc_score(part.y, z))
    assert found["precision"] == pytest.approx(sklearn_metrics.precision_score(part.y, z > 0))
    assert found["accuracy"] == np.mean((z > 0) == part.y)


def test_metrics_of_a_regression(slope):
    net = net_for(1, 3, np.float64)
    found = evaluate(net, slope, metrics=["r2", "mae"])
    p = logits_of(net, slope.x)
    assert list(found) == ["loss", "r2", "mae"]
    assert found["mae"] == pytest.approx(np.abs(p - slope.y).mean(), rel=1e-6)
    assert found["r2"] == pytest.approx(
        1 - np.sum((p - slope.y) ** 2) / np.sum((slope.y - slope.y.mean()) ** 2), rel=1e-6
    )
    with pytest.raises(UnsupportedError, match="'f1' compares classes"):
        evaluate(net, slope, metrics=["f1"])


# --- what each loss is trained with ---------------------------------------------------------------

# A case for every loss: outputs of the network, targets, and options. None: not a loss of one
# output and one target, which is refused.
LOSS_CASES = {
    "mean_squared_error": (2, lambda rng: rng.normal(size=(40, 2))),
    "half_squared_error": (1, lambda rng: rng.normal(size=40)),
    "mean_absolute_error": (1, lambda rng: rng.normal(size=(40, 1))),
    "huber": (1, lambda rng: rng.normal(size=40)),
    "smooth_l1": (1, lambda rng: rng.normal(size=40)),
    "log_cosh": (1, lambda rng: rng.normal(size=40)),
    "poisson_nll": (1, lambda rng: rng.integers(0, 5, 40)),
    "binary_cross_entropy_with_logits": (1, lambda rng: rng.integers(0, 2, 40)),
    "binary_cross_entropy": (1, lambda rng: rng.integers(0, 2, (40, 1))),
    "binary_focal": (2, lambda rng: rng.integers(0, 2, (40, 2))),
    "hinge": (1, lambda rng: rng.integers(0, 2, 40)),
    "squared_hinge": (1, lambda rng: 2 * rng.integers(0, 2, 40) - 1),
    "cross_entropy": (3, lambda rng: rng.integers(0, 3, 40)),
    "token_cross_entropy": (3, lambda rng: rng.integers(0, 3, 40)),
    "negative_log_likelihood": (3, lambda rng: rng.integers(0, 3, (40, 1))),
    "focal": (3, lambda rng: rng.integers(0, 3, 40)),
    "multiclass_hinge": (3, lambda rng: rng.integers(0, 3, 40)),
    "kl_divergence": (3, lambda rng: rng.dirichlet([1, 1, 1], 40)),
    "gaussian_nll": None,
    "cosine_embedding": None,
    "triplet_margin": None,
    "contrastive": None,
}


def test_every_loss_has_a_case():
    assert set(LOSS_CASES) == set(LOSSES)


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_trains(name):
    rng = np.random.default_rng(1)
    if LOSS_CASES[name] is None:
        with pytest.raises(UnsupportedError, match="one output and one target"):
            fit(net_for(2), (np.ones((4, 4)), np.ones((4, 2))), loss=name, progress="none")
        return
    outputs, targets = LOSS_CASES[name]
    x = rng.normal(size=(40, 4)).astype(np.float32)
    layers = [nn.Linear(4, outputs, rng=0)]
    if LOSSES[name].output == "probabilities":
        layers.append(nn.Sigmoid())
    if LOSSES[name].output == "log-probabilities":
        layers.append(nn.LogSoftmax())
    y = targets(rng)
    for loss in (name, LOSSES[name], LOSSES[name].function):
        history = fit(
            nn.Sequential(*layers), (x, y), loss=loss, epochs=8, lr=0.01, rng=0, progress="none"
        )
        assert history["loss"][-1] < history["loss"][0]
        assert ("accuracy" in history) == (LOSSES[name].task in ("binary", "multiclass"))


def test_options_of_a_loss_by_partial(blobs):
    smooth = functools.partial(losses.cross_entropy, label_smoothing=0.2)
    history = fit(net_for(3), blobs, loss=smooth, epochs=2, progress="none", rng=0)
    plain = fit(net_for(3), blobs, epochs=2, progress="none", rng=0)
    assert "accuracy" in history
    assert history["loss"] != plain["loss"]


def test_a_loss_of_the_users_own(blobs):
    def mine(outputs, targets):
        return losses.cross_entropy(outputs, targets) * 2

    history = fit(net_for(3), blobs, loss=mine, epochs=2, progress="none", rng=0)
    plain = fit(net_for(3), blobs, epochs=2, progress="none", rng=0)
    assert "accuracy" in history
    assert history["loss"][0] == pytest.approx(2 * plain["loss"][0], rel=0.01)


def test_a_loss_that_is_no_number_or_has_no_gradient(blobs):
    each = functools.partial(losses.cross_entropy, reduction="none")
    with pytest.raises(ShapeError, match=r"'cross_entropy' returned shape \(32,\).*take the mean"):
        fit(net_for(3), blobs, loss=each, progress="none", rng=0)
    with pytest.raises(GradientError, match=r"has no gradient.*not from outputs\.data"):
        fit(net_for(3), blobs, loss=lambda p, y: np.mean(p.data), progress="none", rng=0)


def test_targets_as_distributions_or_as_a_column(blobs):
    one_hot = np.eye(3)[blobs.y]
    histories = [
        fit(net_for(3), (blobs.x, y), loss="ce", epochs=2, progress="none", rng=0)
        for y in (blobs.y, one_hot, blobs.y[:, None])
    ]
    assert histories[0]["accuracy"] == histories[1]["accuracy"]
    np.testing.assert_allclose(histories[0]["loss"], histories[1]["loss"], rtol=1e-5)
    assert histories[0]["loss"] == histories[2]["loss"]


def test_auto():
    labels, numbers = np.array([0, 1]), np.array([0.5, 1.0])
    assert resolve_objective("auto", labels, (3,)).name == "cross_entropy"
    assert resolve_objective("auto", labels, (1,)).name == "binary_cross_entropy_with_logits"
    assert resolve_objective("auto", labels, ()).name == "binary_cross_entropy_with_logits"
    assert resolve_objective("auto", numbers, (1,)).name == "mean_squared_error"


# --- mistakes, told before any training -----------------------------------------------------------

X = np.random.default_rng(0).normal(size=(8, 4)).astype(np.float32)
Y = np.array([0, 1, 2, 0, 1, 2, 0, 1])


def with_nan():
    x = X.copy()
    x[3, 2] = np.nan
    return x


MISTAKES = {
    "NaN in x": (with_nan(), Y, 3, {}, DataError, "sample 3, feature 2"),
    "NaN in y": (X, np.where(Y == 2, np.nan, 1.0), 1, {}, DataError, "y has 2 values.*sample 2"),
    "no samples": (X[:0], Y[:0], 3, {}, DataError, "train has no samples"),
    "no targets": (X, None, 3, {}, DataError, "no targets"),
    "lengths": (X, Y[:5], 3, {}, ShapeError, "8 samples but y has 5"),
    "label too high": (X, Y + 1, 3, {}, DataError, "label 3 at sample 2.*3 outputs.*0 … 2"),
    "label negative": (X, Y - 1, 3, {}, DataError, "label -1 at sample 0.*counted from 0"),
    "one class": (X, Y * 0 + 2, 3, {}, DataError, "all 8 training samples have label 2"),
    "one class, binary": (X, Y * 0, 1, {}, DataError, "all 8 training samples have label 0"),
    "float labels": (X, Y * 1.0, 3, {"loss": "cross_entropy"}, DTypeError, r"astype\(int\)"),
    "one-hot whole numbers": (X, np.eye(3, dtype=int)[Y], 3, {}, ShapeError, "argmax"),
    "one output for classes": (X, Y, 1, {"loss": "ce"}, ShapeError, "at least 2.*gives 1 number"),
    "three classes, one output": (
        X,
        Y,
        1,
        {},
        DataError,
        "y is 2 for sample 2.*one output per cla",
    ),
    "regression width": (X, X[:, :2], 3, {}, ShapeError, "gives 3 numbers.*y has 2 numbers"),
    "labels for mse": (X, Y, 3, {"loss": "mse"}, ShapeError, "class labels, use cross_entropy"),
    "hinge": (X, Y, 1, {"loss": "hinge"}, DataError, "y is 2 for sample 2.*−1 and \\+1"),
    "loss name": (X, Y, 3, {"loss": "crossentropy"}, UnknownNameError, "did you mean"),
    "loss": (X, Y, 3, {"loss": 3}, DataError, "a function, a name"),
    "optimizer name": (X, Y, 3, {"optimizer": "addam"}, UnknownNameError, "did you mean 'adam'"),
    "optimizer": (X, Y, 3, {"optimizer": 0.1}, DataError, "a name or an Optimizer"),
    "schedule": (X, Y, 3, {"schedule": "cosin"}, UnknownNameError, "did you mean 'cosine'"),
    "metric": (X, Y, 3, {"metrics": ["acuracy"]}, UnknownNameError, "did you mean 'accuracy'"),
    "epochs": (X, Y, 3, {"epochs": -1}, DataError, "epochs is a whole number ≥ 0"),
    "batch size": (X, Y, 3, {"batch_size": 0}, DataError, "batch_size is a whole number ≥ 1"),
    "accumulate": (X, Y, 3, {"accumulate": 0}, DataError, "accumulate is a whole number ≥ 1"),
    "clip": (X, Y, 3, {"grad_clip": -1.0}, DataError, "grad_clip is a number > 0"),
    "class weights": (X, Y, 3, {"class_weight": [1, 2]}, DataError, "there are 3 classes"),
    "class weight label": (X, Y, 3, {"class_weight": {5: 1.0}}, DataError, "class_weight has 5"),
    "class weight name": (X, Y, 3, {"class_weight": "even"}, DataError, "'balanced'"),
    "weights of values": (X, X[:, :3], 3, {"class_weight": [1]}, DataError, "needs classes"),
    "sample weights": (X, Y, 3, {"sample_weight": [1.0]}, ShapeError, "sample_weight has 1 entr"),
    "negative weight": (X, Y, 3, {"sample_weight": -np.ones(8)}, DataError, "zero or more"),
    "metric for values": (
        X,
        X[:, :1],
        1,
        {"metrics": "f1"},
        UnsupportedError,
        "'f1' compares classes",
    ),
    "metric for classes": (X, Y, 3, {"metrics": "r2"}, UnsupportedError, "'r2' compares numbers"),
    "probabilities": (
        X,
        Y,
        3,
        {"metrics": "roc_auc", "loss": "multi_margin"},
        UnsupportedError,
        "'roc_auc' needs probabilities",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_told_before_training(name):
    x, y, outputs, options, kind, message = MISTAKES[name]
    net = net_for(outputs)
    before = net.state_dict()
    with pytest.raises(kind, match=message):
        fit(net, (x, y), progress="none", **options)
    for path, array in net.state_dict().items():
        np.testing.assert_array_equal(array, before[path])


def test_mistakes_in_what_is_passed(blobs):
    dataset = Dataset("blobs", blobs)
    with pytest.raises(DataError, match=r"dataset\.train"):
        fit(net_for(3), dataset)
    with pytest.raises(DataError, match="train is a Part, a pair"):
        fit(net_for(3), "blobs")
    with pytest.raises(DataError, match="validation has no targets"):
        fit(net_for(3), blobs, validation=Part(blobs.x))
    with pytest.raises(DataError, match="label 3"):
        fit(net_for(3), blobs, validation=(blobs.x, blobs.y + 1))


def test_nothing_to_train_and_foreign_optimizers(blobs):
    from pellucid.optim import SGD, schedules

    net, other = net_for(3), net_for(3)
    with pytest.raises(DataError, match="another network"):
        fit(net, blobs, optimizer=SGD(other.parameters(), lr=0.1))
    optimizer = SGD(net.parameters(), lr=0.1)
    with pytest.raises(DataError, match="give lr to it"):
        fit(net, blobs, optimizer=optimizer, lr=0.1)
    steered = schedules.Constant(SGD(other.parameters(), lr=0.1))
    with pytest.raises(DataError, match="steers another optimizer"):
        fit(net, blobs, optimizer=optimizer, schedule=steered)
    with pytest.raises(DataError, match="all its parameters are frozen"):
        fit(net_for(3).freeze(), blobs)
    with pytest.raises(DataError, match="it has no parameters"):
        fit(nn.Sequential(nn.ReLU()), blobs)


def test_a_frozen_layer_stays(blobs):
    net = nn.Sequential(nn.Linear(4, 8, rng=0), nn.ReLU(), nn.Linear(8, 3, rng=1))
    net.freeze("0")
    before = net.state_dict()
    fit(net, blobs, epochs=2, progress="none")
    after = net.state_dict()
    np.testing.assert_array_equal(after["0.weight"], before["0.weight"])
    assert (after["2.weight"] != before["2.weight"]).any()


def test_weights_of_validation_are_used(blobs):
    w = (np.arange(61) < 30).astype(np.float32)
    trainer = Trainer(
        net_for(3), blobs, validation=blobs.weighted(w), epochs=1, progress="none", rng=0
    )
    history = trainer.run()
    assert history["val_loss"][0] == pytest.approx(
        evaluate(trainer.net, blobs[:30])["loss"], rel=1e-5
    )


def test_a_whole_data_set_is_told_from_a_part():
    with pytest.raises(DataError, match="pass one part of it, such as"):
        predict(nn.Linear(2, 2, rng=0), load("moons"))
