"""Training: the loop, its callbacks, metrics, history, checkpoints and run folders."""

from pellucid.training.adversarial import AdversarialTrainer
from pellucid.training.anomaly import AnomalyDetector
from pellucid.training.callbacks import (
    Averaging,
    Callback,
    Checkpoint,
    CSVLog,
    EarlyStopping,
    LambdaCallback,
    NonFiniteStop,
    ProgressDisplay,
)
from pellucid.training.checkpoint import load_checkpoint, save_checkpoint
from pellucid.training.evaluation import evaluate, predict, predict_proba
from pellucid.training.fit import fit
from pellucid.training.history import Best, History
from pellucid.training.metrics import METRICS, Metric
from pellucid.training.model_file import SavedModel, load_model, save_model
from pellucid.training.precision import LossScaler
from pellucid.training.run import LoadedRun, Run, load_run
from pellucid.training.trainer import Trainer

__all__ = [
    "METRICS",
    "AdversarialTrainer",
    "AnomalyDetector",
    "Averaging",
    "Best",
    "CSVLog",
    "Callback",
    "Checkpoint",
    "EarlyStopping",
    "History",
    "LambdaCallback",
    "LoadedRun",
    "LossScaler",
    "Metric",
    "NonFiniteStop",
    "ProgressDisplay",
    "Run",
    "SavedModel",
    "Trainer",
    "evaluate",
    "fit",
    "load_checkpoint",
    "load_model",
    "load_run",
    "predict",
    "predict_proba",
    "save_checkpoint",
    "save_model",
]
