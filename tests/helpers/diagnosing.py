"""What tests of the doctor share."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

import pellucid as pl
from pellucid import nn
from pellucid.inspect import DoctorCallback


def mlp(*sizes, activation=nn.ReLU, seed=0, **options):
    """Return dense layers with an activation between them."""
    rng = np.random.default_rng(seed)
    layers = []
    for i, (a, b) in enumerate(pairwise(sizes)):
        layers.append(nn.Linear(a, b, rng=rng, **options))
        if i < len(sizes) - 2 and activation is not None:
            layers.append(activation())
    return nn.Sequential(*layers)


def codes(diagnosis):
    """Return the findings that are more than notes."""
    return [found.code for found in diagnosis.findings if found.is_alarm]


def watched(net, train, *, every=5, class_names=(), **options):
    """Train with the doctor looking on, and return it."""
    doctor = DoctorCallback(every, class_names=class_names)
    options = {"epochs": 3, "progress": "none", "rng": 0, **options}
    pl.fit(net, train, callbacks=doctor, **options)
    return doctor
