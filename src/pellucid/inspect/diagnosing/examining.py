"""``pl.doctor``: looking at a network, its data and its loss before it is trained."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from pellucid.errors import DataError
from pellucid.inspect.diagnosing.data import data_findings
from pellucid.inspect.diagnosing.diagnosis import Diagnosis
from pellucid.inspect.diagnosing.finding import Finding
from pellucid.inspect.diagnosing.function import findings_of_function
from pellucid.inspect.diagnosing.graph import record
from pellucid.inspect.diagnosing.initial import initial_findings
from pellucid.inspect.diagnosing.optimizer import optimizer_findings
from pellucid.inspect.diagnosing.static import static_findings
from pellucid.inspect.diagnosing.subject import Subject
from pellucid.inspect.diagnosing.targets import target_findings
from pellucid.inspect.unchanged import unchanged
from pellucid.losses.checks import LossInputWarning
from pellucid.nn import Module
from pellucid.training.defaults import resolve_optimizer
from pellucid.training.objective import LossLike
from pellucid.training.samples import Samples

if TYPE_CHECKING:
    from pellucid.optim import Optimizer

__all__ = ["doctor", "examine"]


def examine(subject: Subject, *, start: bool = True) -> list[Finding]:
    """Return what can be seen without training; the network stays as it is.

    Parameters
    ----------
    subject : Subject
        Network, data and loss.
    start : bool
        Whether the weights are those of the start, which are to be judged as such.
    """
    x, y = subject.probe(128)
    with (
        unchanged(subject.net, training=True),
        np.errstate(all="ignore"),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore", LossInputWarning)  # the findings say it in full
        graph = record(subject.net, x)
        findings = [
            *static_findings(subject, graph),
            *data_findings(subject),
            *target_findings(subject),
            *optimizer_findings(subject),
        ]
        if start:
            findings += initial_findings(subject, graph, x, y)
    return findings


def doctor(
    net: Module | Callable[[Any], Any],
    train: Samples | Mapping[str, Any],
    *,
    validation: Samples | None = None,
    loss: LossLike = "auto",
    optimizer: str | Optimizer | None = None,
    lr: float | None = None,
    experiments: str | Iterable[str] = (),
    class_names: Iterable[str] = (),
) -> Diagnosis:
    """Say what is wrong with a network, its data or its loss, how it is known, and what to change.

    Without experiments nothing is trained. The network, the optimizer and all random generators are
    left exactly as they were.

    Parameters
    ----------
    net : Module or callable
        The network, at its start; or a NumPy function of parameters that returns the loss, with the
        dict of its parameters as `train`: findings name the values and lines of its code. With
        `lr` or `optimizer`, a copy of them is trained for 200 updates to judge the steps.
    train, validation : Part, (x, y), Loader or array
        The samples, as :func:`pellucid.fit` takes them.
    loss : callable or str
        The loss.
    optimizer : Optimizer or str, optional
        The optimizer or its name, whose kind and learning rate the experiments take over; Adam
        without one.
    lr : float, optional
        The learning rate, for an optimizer given by its name.
    experiments : str or iterable of str
        What to try out: names of :data:`~pellucid.inspect.diagnosing.experiments.EXPERIMENTS`, or
        "all".
    class_names : iterable of str
        The names of the classes, for findings that speak of them.

    Returns
    -------
    Diagnosis
        Show it with ``print(diagnosis.text())``; in a notebook it shows itself.

    Raises
    ------
    UnknownNameError
        If there is no such experiment, loss or optimizer; the nearest is suggested.
    DataError
        If samples or optimizer do not belong to the network.

    Examples
    --------
    >>> import pellucid as pl
    >>> from pellucid import nn
    >>> digits = pl.data.load("digits")
    >>> net = nn.Sequential(nn.Linear(64, 32, rng=0), nn.ReLU(), nn.Linear(32, 10, rng=1))
    >>> net.append(nn.Softmax())[-1]
    Softmax(axis=-1)
    >>> print(doctor(net, digits.train).findings[0].suggestion)
    leave out the softmax at '3'; predict_proba applies it when it is wanted
    """
    from pellucid.inspect.diagnosing.experiments import perform

    if isinstance(train, Mapping) and callable(net) and not isinstance(net, Module):
        if validation is not None or experiments or loss != "auto":
            raise DataError(
                "a function of parameters has its data and its loss in itself; leave validation=, "
                "loss= and experiments= out"
            )
        return Diagnosis(findings_of_function(net, train, optimizer, lr))
    assert isinstance(net, Module) and not isinstance(train, Mapping)

    subject = Subject.of_samples(net, train, validation, loss)
    if optimizer is not None or lr is not None:  # made when lazy layers have their sizes
        subject = replace(subject, optimizer=resolve_optimizer(net, optimizer or "adam", lr))
    subject = replace(subject, class_names=tuple(class_names))
    findings = examine(subject)
    found, results = perform(subject, experiments)
    return Diagnosis([*findings, *found], results)
