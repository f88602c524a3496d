"""Callbacks: what can be done at the moments of a training."""

from pellucid.training.callbacks.averaging import Averaging
from pellucid.training.callbacks.callback import Callback
from pellucid.training.callbacks.early_stopping import EarlyStopping
from pellucid.training.callbacks.non_finite import NonFiniteStop
from pellucid.training.callbacks.progress import ProgressDisplay, ProgressStyle
from pellucid.training.callbacks.saving import Checkpoint, CSVLog
from pellucid.training.callbacks.simple import LambdaCallback

__all__ = [
    "Averaging",
    "CSVLog",
    "Callback",
    "Checkpoint",
    "EarlyStopping",
    "LambdaCallback",
    "NonFiniteStop",
    "ProgressDisplay",
    "ProgressStyle",
]
