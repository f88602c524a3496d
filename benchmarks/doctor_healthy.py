"""Sound trainings: none may get a finding above the severity "note"."""

from __future__ import annotations

from doctor_setups import (
    Case,
    autoencoder,
    beats,
    convolutional,
    convolutional_norm,
    forecast,
    language,
    mlp,
    momentum,
    named,
    on_curve,
    on_digits,
    on_images,
    on_mnist,
    on_spiral,
    on_table,
    with_dropout,
    with_norm,
)

import pellucid as pl
from pellucid import nn

__all__ = ["HEALTHY"]

HEALTHY: tuple[Case, ...] = (
    Case("spirals, MLP, ReLU", lambda s: on_spiral(s)),
    Case("spirals, MLP, tanh", lambda s: on_spiral(s, lambda: mlp([2, 32, 32, 3], nn.Tanh, s))),
    Case("spirals, MLP, SGD with momentum",
         lambda s: on_spiral(s, optimizer=momentum, lr=0.05)),
    Case("digits, MLP, ReLU", lambda s: on_digits(s)),
    Case("digits, MLP, SGD", lambda s: on_digits(s, optimizer="sgd", lr=0.1)),
    Case("digits, MLP, two sigmoid layers",
         lambda s: on_digits(s, lambda: mlp([64, 32, 32, 10], nn.Sigmoid, s), lr=0.01)),
    Case("digits, MLP, six tanh layers",
         lambda s: on_digits(s, lambda: mlp([64, *[32] * 6, 10], nn.Tanh, s))),
    Case("digits, MLP, cosine schedule, weight decay",
         lambda s: on_digits(s, optimizer=lambda p, lr: pl.optim.AdamW(p, lr=lr, weight_decay=0.01),
                           lr=3e-3, schedule="cosine", epochs=8)),
    Case("digits, MLP, batch norm", lambda s: on_digits(s, lambda: with_norm(s))),
    Case("digits, MLP, dropout", lambda s: on_digits(s, lambda: with_dropout(s))),
    Case("digits, CNN", lambda s: on_images(s, convolutional(s))),
    Case("digits, CNN, batch norm", lambda s: on_images(s, convolutional_norm(s))),
    Case("digits, ResNet-20, width 4",
         lambda s: on_images(s, named("resnet20", (1, 8, 8), 10, s, depth=8, width=4), epochs=2)),
    Case("MNIST, MLP, ReLU", lambda s: on_mnist(s)),
    Case("MNIST, MLP, GELU", lambda s: on_mnist(s, nn.GELU)),
    Case("breast cancer, MLP", lambda s: on_table(s, "breast-cancer")),
    Case("wine, MLP", lambda s: on_table(s, "wine", epochs=20)),
    Case("census (adult), MLP", lambda s: on_table(s, "adult", epochs=4)),
    Case("a noisy function, MLP, tanh", lambda s: on_curve(s)),
    Case("diabetes, regression, MLP", lambda s: on_table(s, "diabetes", lr=3e-3)),
    Case("airline passengers, LSTM",
         lambda s: forecast(s, "lstm-forecaster", "airline-passengers")),
    Case("temperatures, GRU", lambda s: forecast(s, "gru-forecaster", "daily-min-temperatures")),
    Case("temperatures, TCN", lambda s: forecast(s, "tcn", "daily-min-temperatures", epochs=4)),
    Case("heartbeats, autoencoder", autoencoder),
    Case("heartbeats, MLP", beats),
    Case("names, GRU", lambda s: language(s, "gru", "names")),
    Case("Shakespeare, LSTM", lambda s: language(s, "lstm", "tiny-shakespeare")),
    Case("Shakespeare, GPT", lambda s: language(s, "gpt", "tiny-shakespeare")),
)  # fmt: skip
