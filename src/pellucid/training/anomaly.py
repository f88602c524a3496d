"""Finding what is unusual: samples that an autoencoder of usual ones cannot give again."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np

from pellucid.data import Part
from pellucid.dtypes import Array, as_array
from pellucid.errors import DataError
from pellucid.training.evaluation import predict

if TYPE_CHECKING:
    from pellucid.nn import Module

__all__ = ["AnomalyDetector"]

Method = Literal["quantile", "mean-std", "median-mad"]
"""How a threshold is chosen."""


class AnomalyDetector:
    """Calls a sample anomalous if its reconstruction error is above a threshold.

    score(x) = mean (x − x̂)²; anomalous if score(x) > threshold

    The network is an autoencoder trained on normal samples, which it learns to give again; what is
    unlike them it cannot. The threshold comes from scores of normal samples only, best of ones that
    the network was not trained on: its errors on training samples are a little too small. Sakurada
    & Yairi (2014).

    Parameters
    ----------
    net : Module
        From samples (N, ...) to reconstructions of the same shape, or a tuple that
        starts with them.
    threshold : float, optional
        One that is known already.

    Attributes
    ----------
    threshold : float or None
    chosen : dict
        How the threshold was chosen: the method, its number, and how many samples there were.

    Examples
    --------
    >>> import numpy as np
    >>> from pellucid import nn
    >>> x = np.array([[0.0, 0.1], [0.2, 0.0], [0.1, 0.1], [3.0, 4.0]])
    >>> zero = nn.Lambda(lambda x: 0 * x)  # gives nothing again: the score is the mean square
    >>> detector = AnomalyDetector(zero).fit_threshold(x[:3], quantile=1.0)
    >>> detector.predict(x)
    array([False, False, False,  True])
    """

    def __init__(self, net: Module, threshold: float | None = None) -> None:
        self.net = net
        self.threshold = None if threshold is None else _finite(threshold)
        self.chosen: dict[str, Any] = {} if threshold is None else {"method": "given"}

    def scores(self, x: Any, batch_size: int | None = None) -> Array:
        """Return the mean squared error of each sample's reconstruction, (N,).

        Parameters
        ----------
        x : array_like, shape (N, ...), or Part
            The samples.
        batch_size : int, optional
            Samples at a time.

        Raises
        ------
        DataError
            If the network does not give as many numbers per sample as it is given.
        """
        samples = x.x if isinstance(x, Part) else as_array(x)
        again = predict(self.net, samples, batch_size)
        if again.size != samples.size:
            raise DataError(
                f"the network makes {again.shape} of samples {samples.shape}; an anomaly detector "
                "needs one that gives its input again, such as models.Autoencoder"
            )
        if not len(samples):
            return np.zeros(0, again.dtype)
        away = again.reshape(len(samples), -1) - samples.reshape(len(samples), -1)
        found: Array = np.mean(np.square(away), axis=1)
        return found

    def fit_threshold(
        self,
        train_x: Any,
        quantile: float = 0.95,
        *,
        method: Method = "quantile",
        deviations: float = 3.0,
    ) -> Self:
        """Choose the threshold from normal samples, and return the detector.

        Parameters
        ----------
        train_x : array_like, shape (N, ...), or Part
            Normal samples; never those that the detector is judged by.
        quantile : float
            For "quantile": the share of them that shall count as normal.
        method : "quantile", "mean-std" or "median-mad"
            The quantile of the scores; their mean plus so many standard deviations; or their median
            plus so many of what the median absolute deviation says these are (1.4826 · MAD), which
            a few anomalies among the samples hardly move (Leys et al., 2013).
        deviations : float
            How many, for the latter two.

        Raises
        ------
        DataError
            If there are no samples, or a number is out of range.
        """
        scores = self.scores(train_x).astype(np.float64)
        if not len(scores):
            raise DataError("there are no samples to choose a threshold from")
        if not 0 <= quantile <= 1:
            raise DataError(f"quantile is a share from 0 to 1, got {quantile}")
        self.chosen = {"method": method, "samples": len(scores)}
        if method == "quantile":
            threshold = np.quantile(scores, quantile)
            self.chosen["quantile"] = float(quantile)
        elif method == "mean-std":
            threshold = scores.mean() + deviations * scores.std()
        elif method == "median-mad":
            median = np.median(scores)
            threshold = median + deviations * 1.4826 * np.median(np.abs(scores - median))
        else:
            raise DataError(f"method is 'quantile', 'mean-std' or 'median-mad', got {method!r}")
        if method != "quantile":
            self.chosen["deviations"] = float(deviations)
        self.threshold = _finite(threshold)
        return self

    def predict(self, x: Any, batch_size: int | None = None) -> Array:
        """Return whether each sample is anomalous, bool of shape (N,).

        Raises
        ------
        DataError
            If there is no threshold yet.
        """
        if self.threshold is None:
            raise DataError(
                "there is no threshold yet: call fit_threshold(x) with normal samples first"
            )
        return self.scores(x, batch_size) > self.threshold

    def to_json(self) -> dict[str, Any]:
        """Return the threshold and how it was chosen, as plain values."""
        return {"threshold": self.threshold, "chosen": dict(self.chosen)}

    @classmethod
    def from_json(cls, net: Module, values: Mapping[str, Any]) -> Self:
        """Return the detector that :meth:`to_json` described, with its network.

        Raises
        ------
        DataError
            If the values do not describe one.
        """
        try:
            detector = cls(net, values["threshold"])
            detector.chosen = dict(values["chosen"])
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(f"these values do not describe a detector: {error!r}") from error
        return detector

    def __repr__(self) -> str:
        threshold = "none yet" if self.threshold is None else f"{self.threshold:.6g}"
        return f"AnomalyDetector({type(self.net).__name__}, threshold {threshold})"


def _finite(threshold: Any) -> float:
    value = float(threshold)
    if not math.isfinite(value):
        raise DataError(f"the threshold is a finite number, got {value}")
    return value
