"""Run folders: everything about one training, kept together."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from pellucid.data import Preparation
from pellucid.errors import CheckpointError
from pellucid.training.callbacks.saving import Checkpoint, CSVLog
from pellucid.training.files import Pathlike, describe_os_error, read_json, write_json
from pellucid.training.history import History
from pellucid.training.model_file import SavedModel, load_model, save_model
from pellucid.training.state import CHECKPOINT_NAME

if TYPE_CHECKING:
    from pellucid.nn import Module
    from pellucid.training.callbacks.callback import Callback

__all__ = ["LoadedRun", "Run", "load_run"]


class Run:
    """A folder that keeps one training: what was asked for, how it went, and what came out.

    ======================== ====================================================
    ``config.json``          what was asked for
    ``checkpoint.safetensors`` the whole state, to go on from
    ``model.safetensors``    weights, architecture, preparation, class names
    ``history.csv``          every curve, a line per epoch
    ``metrics.json``         the numbers at the end
    ``curves.png``           the curves, drawn
    ======================== ====================================================

    Each file is written whole or not at all.

    Parameters
    ----------
    path : path
        The folder; use :meth:`create` or :meth:`open`.
    config : dict
        What was asked for.
    """

    def __init__(self, path: Pathlike, config: Mapping[str, Any]) -> None:
        self.path = Path(path)
        self.config = dict(config)

    @classmethod
    def create(cls, path: Pathlike, config: Mapping[str, Any]) -> Self:
        """Make a new folder with its ``config.json``.

        Where there is a folder of that name with something in it, it stays as it is, and the new
        one gets a number: ``runs/digits-2``.

        Parameters
        ----------
        path : path
            The folder.
        config : mapping
            What was asked for, as plain values for JSON.

        Raises
        ------
        CheckpointError
            If the folder or the file cannot be written.
        """
        wanted = Path(path)
        try:
            for number in itertools.count(2):
                try:
                    wanted.mkdir(parents=True)
                    break
                except FileExistsError:
                    if wanted.is_dir() and not any(wanted.iterdir()):
                        break
                    wanted = Path(path).with_name(f"{Path(path).name}-{number}")
        except OSError as error:
            raise CheckpointError(
                f"cannot make the run folder '{wanted}': {describe_os_error(error)}"
            ) from error
        run = cls(wanted, config)
        write_json(run.config_path, run.config)
        return run

    @classmethod
    def open(cls, path: Pathlike) -> Self:
        """Return the run in an existing folder.

        Raises
        ------
        CheckpointError
            If there is no ``config.json`` in it, or it is damaged.
        """
        config = read_json(Path(path) / "config.json")
        if not isinstance(config, dict):
            raise CheckpointError(f"'{Path(path) / 'config.json'}' is not the config of a run")
        return cls(path, config)

    @property
    def config_path(self) -> Path:
        """What was asked for."""
        return self.path / "config.json"

    @property
    def checkpoint_path(self) -> Path:
        """The whole state of the training."""
        return self.path / CHECKPOINT_NAME

    @property
    def model_path(self) -> Path:
        """The trained network."""
        return self.path / "model.safetensors"

    @property
    def history_path(self) -> Path:
        """Every curve."""
        return self.path / "history.csv"

    @property
    def metrics_path(self) -> Path:
        """The numbers at the end."""
        return self.path / "metrics.json"

    @property
    def curves_path(self) -> Path:
        """The curves, drawn."""
        return self.path / "curves.png"

    def callbacks(self, every_seconds: float = 2.0) -> list[Callback]:
        """Return callbacks that keep the history and the checkpoint of this folder up to date.

        Parameters
        ----------
        every_seconds : float
            Least time between checkpoints; there is one at the end in any case.
        """
        return [
            CSVLog(self.history_path),
            Checkpoint(self.checkpoint_path, every_seconds=every_seconds),
        ]

    def save_model(
        self,
        net: Module,
        *,
        architecture: Mapping[str, Any] | None = None,
        preparation: Preparation | None = None,
        class_names: Sequence[str] = (),
        loss: str | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        """Write ``model.safetensors``: see :func:`~pellucid.training.model_file.save_model`."""
        save_model(
            self.model_path,
            net,
            architecture=architecture,
            preparation=preparation,
            class_names=class_names,
            loss=loss,
            extra=extra,
        )

    def save_metrics(self, metrics: Mapping[str, Any]) -> None:
        """Write ``metrics.json``."""
        write_json(self.metrics_path, dict(metrics))

    def save_history(self, history: History) -> None:
        """Write ``history.csv`` anew."""
        history.to_csv(self.history_path)

    def save_curves(self, history: History) -> None:
        """Write ``curves.png``.

        Raises
        ------
        MissingExtraError
            If matplotlib is not installed.
        """
        history.save_plot(self.curves_path)

    def metrics(self) -> dict[str, Any]:
        """Return ``metrics.json``; empty if the training has not come to its end."""
        return dict(read_json(self.metrics_path)) if self.metrics_path.is_file() else {}

    def __repr__(self) -> str:
        return f"Run({str(self.path)!r})"


@dataclass(frozen=True)
class LoadedRun:
    """A run that was read from its folder.

    Parameters
    ----------
    run : Run
        The folder and its configuration.
    model : SavedModel
        The network with its weights, its preparation, and what its outputs mean.
    metrics : dict
        The numbers at the end.
    """

    run: Run
    model: SavedModel
    metrics: dict[str, Any]

    @property
    def net(self) -> Module:
        """The network."""
        return self.model.net

    @property
    def config(self) -> dict[str, Any]:
        """What was asked for."""
        return self.run.config

    @property
    def preparation(self) -> Preparation | None:
        """What turns raw data into the network's input."""
        return self.model.preparation

    @property
    def class_names(self) -> tuple[str, ...]:
        """What the outputs stand for."""
        return self.model.class_names


def load_run(path: Pathlike, net: Module | None = None) -> LoadedRun:
    """Read a run folder: the network made as it says, with the weights it has learnt.

    Parameters
    ----------
    path : path
        The folder.
    net : Module, optional
        The network to load the weights into, for runs that do not say how theirs is made.

    Raises
    ------
    CheckpointError
        If a file is missing, damaged, or of another architecture.
    """
    run = Run.open(path)
    return LoadedRun(run, load_model(run.model_path, net), run.metrics())
