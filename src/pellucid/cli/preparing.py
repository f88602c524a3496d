"""Everything that a training is made of, from its settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pellucid.cli.building import architecture, build_network, build_trainer
from pellucid.cli.how import How
from pellucid.cli.run_record import config_of
from pellucid.cli.settings import Settings
from pellucid.cli.sources import load_source
from pellucid.cli.tasks import Task, choose_task
from pellucid.cli.tasks.reconstruction import Anomaly

if TYPE_CHECKING:
    from pellucid.data import Dataset
    from pellucid.inspect import DoctorCallback
    from pellucid.training import Trainer

__all__ = ["Prepared", "prepare"]


@dataclass(frozen=True)
class Prepared:
    """Everything that a training is made of."""

    task: Task
    settings: Settings
    data: Dataset
    model: dict[str, Any]
    trainer: Trainer
    doctor: DoctorCallback

    @property
    def config(self) -> dict[str, Any]:
        """What ``config.json`` says."""
        made = config_of(self.settings, self.data, self.model, self.trainer.net)
        return {**made, "kind": self.task.name}


def prepare(settings: Settings, how: How) -> Prepared:
    """Load the data and make everything that a training is made of."""
    from pellucid.inspect import DoctorCallback
    from pellucid.training.defaults import default_lr

    task = choose_task(settings)
    settings = task.before_loading(settings)
    data = task.adapt(settings, load_source(settings, task.loading(settings)))
    learnt = task.learnt(settings, data) if isinstance(task, Anomaly) else data
    settings = task.fill(settings, learnt)
    model = architecture(task, settings, learnt)
    net = build_network(model, settings.seed)
    settings = settings.filled(lr=default_lr(settings.optimizer or "", net.num_parameters()))
    doctor = DoctorCallback(active=how.doctor, class_names=learnt.class_names)
    callbacks = [doctor, task.progress(how.progress, data)]
    trainer = build_trainer(task, net, learnt, settings, callbacks)
    return Prepared(task, settings, data, model, trainer, doctor)
