"""Autoencoders: how well samples are given again, and which are unlike those that are normal."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.cli.measuring import Measures
from pellucid.cli.settings import Settings
from pellucid.cli.tasks.base import Task, Trained
from pellucid.errors import DataError

if TYPE_CHECKING:
    from pellucid.data import Dataset, Part
    from pellucid.dtypes import Array
    from pellucid.nn import Module

__all__ = ["Anomaly", "Reconstruction"]

_UPDATES = 4000
_DRAWN = 8
_QUANTILE = 0.99
_MOST_ROWS = 10_000  # for principal components: more hardly change them


class Reconstruction(Task):
    """Samples that are their own targets."""

    name = "reconstruction"
    called = "rows to be given again"
    model = "autoencoder"
    takes = ("rows", "images")
    makes = ("reconstruction", "samples")
    without = ("gan", "dcgan", "wgan-gp", "conditional-gan")

    def loading(self, settings: Settings) -> dict[str, Any]:
        """Keep images in their shape for a network that takes them."""
        from pellucid.cli.sources import content_of
        from pellucid.models import MODELS

        as_images = MODELS[self.registered(settings.model or "")].takes == "images"
        return {"flat": False} if as_images and content_of(settings) == "images" else {}

    def adapt(self, settings: Settings, data: Dataset) -> Dataset:
        """Put each sample in the place of its target."""
        return _own_targets(data)

    def fill(self, settings: Settings, data: Dataset) -> Settings:
        """Fill in everything but the learning rate."""
        rows = len(data.train)
        settings = settings.filled(
            optimizer="adam",
            loss="mean_squared_error",
            batch_size=min(32 if rows < 10_000 else 128, rows),
            schedule="cosine",
        )
        if settings.steps is None:
            per_epoch = -(-rows // (settings.batch_size or 1))
            settings = settings.filled(epochs=max(min(_UPDATES // per_epoch, 200), 5))
        return settings

    def extra(self, net: Module, data: Dataset) -> dict[str, Any]:
        """Keep the length of the code, and what as many principal components leave over."""
        code = code_length(net, data)
        shape = None if data.image_shape is None else list(data.image_shape)
        return {"code": code, "pca": _pca_errors(data, code), "image_shape": shape}

    def measure(
        self,
        trained: Trained,
        part: Part,
        *,
        metrics: Iterable[str] = (),
        data: Dataset | None = None,
        part_name: str = "",
    ) -> Measures:
        """Return the mean squared error, beside that of principal components of the same size."""
        from pellucid.training.anomaly import AnomalyDetector

        error = float(np.mean(AnomalyDetector(trained.net).scores(part.x), dtype=np.float64))
        code = trained.extra["code"]
        baseline = trained.extra["pca"].get(part_name)
        return Measures(
            "reconstruction",
            len(part),
            {"mse": error},
            {} if baseline is None else {"mse": baseline},
            f"{code} principal components",
        )

    def pictures(self, folder: Path, trained: Trained, data: Dataset) -> list[str]:
        """Draw samples above what was made of them."""
        from pellucid.training import predict
        from pellucid.training.pictures import save_reconstructions

        x = (data.test if data.test is not None else data.train).x[:_DRAWN]
        made = predict(trained.net, x)
        save_reconstructions(
            folder / "reconstructions.png", {"samples": (x, made)}, image_shape=data.image_shape
        )
        return ["reconstructions.png"]

    def next_steps(self, folder: Path) -> list[str]:
        """Return the commands that may follow."""
        return [f"pellucid evaluate {folder}", f"pellucid summary {folder}"]


class Anomaly(Reconstruction):
    """An autoencoder of one class, whose error tells the others apart from it."""

    name = "anomaly"
    called = "rows with a normal class"

    def loading(self, settings: Settings) -> dict[str, Any]:
        """Take the last column for the label where nothing is said."""
        from pellucid.cli.sources import kind_of

        options = super().loading(settings)
        if kind_of(settings.source) == "table":
            options |= {"task": "classification"}
            if settings.target is None:
                options["target"] = "-1"
        return options

    def adapt(self, settings: Settings, data: Dataset) -> Dataset:
        """Keep the labels: :meth:`learnt` takes the normal rows out of them."""
        if data.task != "classification":
            raise DataError(f"--normal-label needs classes, but '{data.name}' has numbers")
        _normal(settings, data)
        return data

    def learnt(self, settings: Settings, data: Dataset) -> Dataset:
        """Return the normal rows, as their own targets."""
        label = _normal(settings, data)
        return _own_targets(_with_parts(data, lambda part: _rows_of(part, label)))

    def extra_of(self, net: Module, data: Dataset, settings: Settings) -> dict[str, Any]:
        """Keep the threshold: a high quantile of the errors on normal training rows.

        Where the training part has other rows, which taught the network nothing, it is the error
        that tells most of all training rows apart.
        """
        from pellucid.training.anomaly import AnomalyDetector

        label, train = _normal(settings, data), data.train
        detector = AnomalyDetector(net)
        assert train.y is not None  # classification
        scores, anomalous = (
            detector.scores(train.x).astype(np.float64),
            np.not_equal(train.y, label),
        )
        if anomalous.any():
            threshold, how = best_threshold(scores, anomalous), "most training rows told apart"
        else:
            detector.fit_threshold(train.x, _QUANTILE)
            threshold = float(detector.threshold or 0.0)
            how = f"{_QUANTILE:.0%} of the normal training rows are below"
        return {"threshold": threshold, "normal": label, "how": how}

    def measure(
        self,
        trained: Trained,
        part: Part,
        *,
        metrics: Iterable[str] = (),
        data: Dataset | None = None,
        part_name: str = "",
    ) -> Measures:
        """Return how well anomalous samples are told from normal ones."""
        from pellucid.training import METRICS
        from pellucid.training.anomaly import AnomalyDetector

        threshold, normal = trained.extra["threshold"], trained.extra["normal"]
        assert part.y is not None  # read with labels
        scores = AnomalyDetector(trained.net).scores(part.x).astype(np.float64)
        truth = (part.y != normal).astype(np.int64)
        found = (scores > threshold).astype(np.int64)
        hits = int((truth & found).sum())
        precision = hits / max(int(found.sum()), 1)
        recall = hits / max(int(truth.sum()), 1)
        values = {
            "accuracy": float(np.mean(truth == found)),
            "precision": precision,
            "recall": recall,
            "f1": 2 * precision * recall / max(precision + recall, 1e-12),
        }
        if 0 < truth.sum() < len(truth):
            values["roc_auc"] = roc(scores, truth)[2]
        values |= {name: METRICS[name](truth, found) for name in metrics if name not in values}
        confusion = np.zeros((2, 2), np.int64)
        np.add.at(confusion, (truth, found), 1)
        share = float(np.mean(truth))
        return Measures(
            "anomaly",
            len(part),
            values,
            {"accuracy": max(share, 1 - share)},
            f"always '{'anomalous' if share > 0.5 else 'normal'}'",
            confusion,
            classes=("normal", "anomalous"),
            remark=f"threshold {threshold:.4g}: {trained.extra['how']}",
        )

    def pictures(self, folder: Path, trained: Trained, data: Dataset) -> list[str]:
        """Draw reconstructions of both kinds, the scores with the threshold, and the ROC curve."""
        from pellucid.training import predict
        from pellucid.training.anomaly import AnomalyDetector
        from pellucid.training.pictures import save_reconstructions, save_roc, save_scores

        part = data.test if data.test is not None else data.train
        assert part.y is not None  # classification
        anomalous = np.not_equal(part.y, trained.extra["normal"])
        rows: dict[str, tuple[Array, Array]] = {}
        for name, chosen in (("normal", ~anomalous), ("anomalous", anomalous)):
            x = part.x[np.flatnonzero(chosen)[: _DRAWN // 2]]
            if len(x):
                rows[name] = (x, predict(trained.net, x))
        save_reconstructions(folder / "reconstructions.png", rows, image_shape=data.image_shape)
        scores = AnomalyDetector(trained.net).scores(part.x).astype(np.float64)
        kinds = {"normal": scores[~anomalous], "anomalous": scores[anomalous]}
        save_scores(folder / "scores.png", kinds, trained.extra["threshold"])
        if not 0 < anomalous.sum() < len(anomalous):
            return ["reconstructions.png", "scores.png"]
        save_roc(folder / "roc.png", *roc(scores, anomalous))
        return ["reconstructions.png", "scores.png", "roc.png"]

    def next_steps(self, folder: Path) -> list[str]:
        """Return the commands that may follow."""
        return [f"pellucid evaluate {folder}", f"pellucid predict {folder} FILE"]


def best_threshold(scores: Array, anomalous: Array) -> float:
    """Return the threshold that calls most samples rightly, midway between two scores.

    >>> best_threshold(np.array([1.0, 2.0, 5.0]), np.array([False, False, True]))
    3.5
    """
    order = np.argsort(scores, kind="stable")
    ranked, truth = scores[order], anomalous[order]
    # Right with the first k below the threshold: normal ones among them, anomalous ones after
    right = np.concatenate([[0], np.cumsum(~truth)]) + truth.sum()
    right[1:] -= np.cumsum(truth)
    k = int(np.argmax(right[1:])) + 1
    return float(ranked[k - 1] if k == len(ranked) else (ranked[k - 1] + ranked[k]) / 2)


def roc(scores: Array, anomalous: Array) -> tuple[Array, Array, float]:
    """Return the shares of false alarms and of detections at every threshold, and the area."""
    order = np.argsort(-scores, kind="stable")
    truth = np.asarray(anomalous, bool)[order]
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    found, false = np.cumsum(truth)[ends], np.cumsum(~truth)[ends]
    y = np.concatenate([[0.0], found / max(int(truth.sum()), 1)])
    x = np.concatenate([[0.0], false / max(int((~truth).sum()), 1)])
    return x, y, float(np.trapezoid(y, x))


def code_length(net: Any, data: Dataset) -> int:
    """Return how many numbers an autoencoder keeps of a sample."""
    from pellucid.training.evaluation import evaluating

    with evaluating(net):
        code = net.encode(data.train.x[:1])
    code = code[0] if isinstance(code, tuple) else code
    return int(np.prod(code.shape[1:]))


def _pca_errors(data: Dataset, code: int) -> dict[str, float]:
    """Return for each part what so many principal components of the training rows leave over."""
    train = data.train.x[:_MOST_ROWS].reshape(min(len(data.train), _MOST_ROWS), -1)
    mean = train.mean(axis=0, dtype=np.float64)
    centred = train - mean
    values, vectors = np.linalg.eigh(centred.T @ centred)
    axes = vectors[:, np.argsort(values)[::-1][:code]]
    errors = {}
    for name, part in data.parts().items():
        rows = part.x.reshape(len(part), -1)[:_MOST_ROWS] - mean
        errors[name] = float(np.mean(np.square(rows - rows @ axes @ axes.T)))
    return errors


def _normal(settings: Settings, data: Dataset) -> int:
    wanted = settings.normal_label or ""
    if wanted not in data.class_names:
        raise DataError(
            f"--normal-label {wanted}: the classes are {', '.join(data.class_names[:12])}"
        )
    return data.class_names.index(wanted)


def _rows_of(part: Part, label: int) -> Part:
    from pellucid.data import Part as MadePart

    assert part.y is not None  # classification
    rows = np.flatnonzero(np.equal(part.y, label))
    return MadePart(part.x[rows], part.y[rows])


def _own_targets(data: Dataset) -> Dataset:
    from pellucid.data import Part as MadePart

    known = replace(data, task="regression", class_names=())
    return _with_parts(known, lambda part: MadePart(part.x, part.x))


def _with_parts(data: Dataset, change: Callable[[Part], Part]) -> Dataset:
    """Return the data with each part changed."""
    return replace(
        data,
        train=change(data.train),
        validation=None if data.validation is None else change(data.validation),
        test=None if data.test is None else change(data.test),
    )
