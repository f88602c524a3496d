"""PyTorch networks equal to Pellucid ones, layer by layer, with the same weights.

Each is written as a user of PyTorch would write it, from ``torch.nn``'s own layers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from pellucid import nn

__all__ = ["twin_of"]


def _tensor(array: Any) -> Any:
    return torch.from_numpy(np.array(array))


def _fill(module: Any, **arrays: Any) -> Any:
    """Put arrays in the places of parameters and buffers; None where there is none."""
    with torch.no_grad():
        for name, array in arrays.items():
            if array is not None:
                getattr(module, name).copy_(_tensor(array))
    return module


def _data(parameter: Any) -> Any:
    return None if parameter is None else parameter.data


def _linear(layer: nn.Linear) -> Any:
    rows, columns = layer.weight.shape
    twin = torch.nn.Linear(rows, columns, bias=layer.bias is not None)
    return _fill(twin, weight=layer.weight.data.T, bias=_data(layer.bias))


def _convolution(make: Any) -> Callable[[Any], Any]:
    def convert(layer: Any) -> Any:
        assert all(before == after for before, after in layer.padding)
        out, per_group = layer.weight.shape[:2]
        twin = make(
            per_group * layer.groups,
            out,
            layer.kernel_size,
            layer.stride,
            tuple(before for before, _ in layer.padding),
            layer.dilation,
            layer.groups,
            bias=layer.bias is not None,
        )
        return _fill(twin, weight=layer.weight.data, bias=_data(layer.bias))

    return convert


def _batch_norm(make: Any) -> Callable[[Any], Any]:
    def convert(layer: Any) -> Any:
        twin = make(len(layer.running_mean), eps=layer.eps, momentum=layer.momentum)
        return _fill(
            twin,
            weight=_data(layer.weight),
            bias=_data(layer.bias),
            running_mean=layer.running_mean,
            running_var=layer.running_var,
        )

    return convert


def _sequence(layer: nn.Sequential) -> Any:
    return torch.nn.Sequential(*[twin_of(child) for child in layer.children()])


class _Residual(torch.nn.Module):  # type: ignore[misc]
    def __init__(self, block: Any, shortcut: Any) -> None:
        super().__init__()
        self.block, self.shortcut = block, shortcut

    def forward(self, x: Any) -> Any:
        return self.block(x) + (x if self.shortcut is None else self.shortcut(x))


def _residual(layer: nn.Residual) -> Any:
    shortcut = None if layer.shortcut is None else twin_of(layer.shortcut)
    return _Residual(twin_of(layer.module), shortcut)


class _GlobalAverage(torch.nn.Module):  # type: ignore[misc]
    def forward(self, x: Any) -> Any:
        return x.mean(dim=tuple(range(2, x.ndim)))


def _recurrent(make: Any) -> Callable[[Any], Any]:
    """PyTorch keeps the weights transposed and a second bias, which is held at zero here.

    Only a GRU's second bias has entries that are not superfluous: those of the new state.
    """

    def convert(layer: Any) -> Any:
        state = layer.state_dict()
        twin = make(
            state["layer0.weight"].shape[0],
            layer.hidden_size,
            layer.num_layers,
            batch_first=True,
            bidirectional=layer.bidirectional,
            dropout=layer.dropout.p if hasattr(layer.dropout, "p") else layer.dropout,
        )
        for path in dict.fromkeys(name.rpartition(".")[0] for name in state):
            number = path.removeprefix("layer").removesuffix("_backward")
            end = f"_l{number}" + "_reverse" * path.endswith("_backward")
            second = np.zeros_like(state[f"{path}.bias"])
            if f"{path}.recurrent_bias" in state:
                second[-layer.hidden_size :] = state[f"{path}.recurrent_bias"]
            _fill(
                twin,
                **{
                    f"weight_ih{end}": state[f"{path}.weight"].T,
                    f"weight_hh{end}": state[f"{path}.recurrent_weight"].T,
                    f"bias_ih{end}": state[f"{path}.bias"],
                    f"bias_hh{end}": second,
                },
            )
            held = torch.ones(len(second))
            held[: -layer.hidden_size if f"{path}.recurrent_bias" in state else None] = 0
            getattr(twin, f"bias_hh{end}").register_hook(lambda g, held=held: g * held)
        return twin

    return convert


def _embedding(layer: nn.Embedding) -> Any:
    twin = torch.nn.Embedding(*layer.weight.shape, padding_idx=layer.padding_index)
    return _fill(twin, weight=layer.weight.data)


class _CharRNN(torch.nn.Module):  # type: ignore[misc]
    def __init__(self, net: Any) -> None:
        super().__init__()
        self.embedding = None if net.embedding is None else twin_of(net.embedding)
        self.recurrent, self.dropout = twin_of(net.recurrent), twin_of(net.dropout)
        self.head = twin_of(net.head)
        self.vocabulary = net.vocabulary

    def forward(self, tokens: Any) -> Any:
        if self.embedding is None:
            x = torch.nn.functional.one_hot(tokens, self.vocabulary).float()
        else:
            x = self.embedding(tokens)
        return self.head(self.dropout(self.recurrent(x)[0]))


class _Forecaster(torch.nn.Module):  # type: ignore[misc]
    def __init__(self, net: Any) -> None:
        super().__init__()
        self.recurrent, self.head = twin_of(net.recurrent), twin_of(net.head)

    def forward(self, x: Any) -> Any:
        return self.head(self.recurrent(x)[0][:, -1])


class _Classifier(torch.nn.Module):  # type: ignore[misc]
    """The state at the end of both directions, of sequences packed by length."""

    def __init__(self, net: Any) -> None:
        super().__init__()
        assert net.pooling == "last"
        self.padding = net.padding
        self.embedding, self.dropout = twin_of(net.embedding), twin_of(net.dropout)
        self.recurrent, self.head = twin_of(net.recurrent), twin_of(net.head)

    def forward(self, tokens: Any) -> Any:
        lengths = (tokens != self.padding).sum(dim=1).clamp(min=1)
        x = self.dropout(self.embedding(tokens))
        packed = torch.nn.utils.rnn.pack_padded_sequence(
            x, lengths, batch_first=True, enforce_sorted=False
        )
        state = self.recurrent(packed)[1]
        last = state[0] if isinstance(state, tuple) else state  # (directions, N, H)
        both = last[-2:] if self.recurrent.bidirectional else last[-1:]
        return self.head(self.dropout(torch.cat(tuple(both), dim=1)))


class _Autoencoder(torch.nn.Module):  # type: ignore[misc]
    def __init__(self, net: Any) -> None:
        super().__init__()
        self.encoder, self.decoder = twin_of(net.encoder), twin_of(net.decoder)

    def forward(self, x: Any) -> Any:
        return self.decoder(self.encoder(x)).reshape(x.shape)


TWINS: dict[str, Callable[[Any], Any]] = {
    "Linear": _linear,
    "Conv1d": _convolution(torch.nn.Conv1d),
    "Conv2d": _convolution(torch.nn.Conv2d),
    "BatchNorm1d": _batch_norm(torch.nn.BatchNorm1d),
    "BatchNorm2d": _batch_norm(torch.nn.BatchNorm2d),
    "Residual": _residual,
    "Embedding": _embedding,
    "RNN": _recurrent(torch.nn.RNN),
    "LSTM": _recurrent(torch.nn.LSTM),
    "GRU": _recurrent(torch.nn.GRU),
    "ELU": lambda layer: torch.nn.ELU(),
    "Autoencoder": _Autoencoder,
    "CharRNN": _CharRNN,
    "RecurrentForecaster": _Forecaster,
    "RecurrentClassifier": _Classifier,
    "ReLU": lambda layer: torch.nn.ReLU(),
    "Tanh": lambda layer: torch.nn.Tanh(),
    "Sigmoid": lambda layer: torch.nn.Sigmoid(),
    "GELU": lambda layer: torch.nn.GELU(),
    "Flatten": lambda layer: torch.nn.Flatten(),
    "Identity": lambda layer: torch.nn.Identity(),
    "Dropout": lambda layer: torch.nn.Dropout(layer.p),
    "MaxPool2d": lambda layer: torch.nn.MaxPool2d(layer.kernel_size, layer.stride, layer.padding),
    "AvgPool2d": lambda layer: torch.nn.AvgPool2d(layer.kernel_size, layer.stride, layer.padding),
    "GlobalAvgPool2d": lambda layer: _GlobalAverage(),
}
"""How each layer is converted, by the name of its class."""


def twin_of(module: nn.Module) -> Any:
    """Return the PyTorch module that computes the same, with the same weights.

    Raises
    ------
    LookupError
        If a layer has no entry in `TWINS`.
    """
    name = type(module).__name__
    if name in TWINS:
        return TWINS[name](module)
    if isinstance(module, nn.Sequential):
        return _sequence(module)
    raise LookupError(f"no PyTorch twin of {name}; add one to TWINS")
