"""Recurrent layers: cells for one step, layers for whole sequences, and what follows them."""

from pellucid.nn.recurrent.cell import RecurrentCell
from pellucid.nn.recurrent.cells import GRUCell, LSTMCell, RNNCell
from pellucid.nn.recurrent.layer import Recurrence, RecurrentLayer, detach_state
from pellucid.nn.recurrent.layers import GRU, LSTM, RNN
from pellucid.nn.recurrent.select import AllSteps, LastStep

__all__ = [
    "GRU",
    "LSTM",
    "RNN",
    "AllSteps",
    "GRUCell",
    "LSTMCell",
    "LastStep",
    "RNNCell",
    "Recurrence",
    "RecurrentCell",
    "RecurrentLayer",
    "detach_state",
]
