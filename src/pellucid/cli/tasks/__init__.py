"""Kinds of task: what each needs of the data, its defaults, and how its result is measured."""

from pellucid.cli.tasks.base import Task, Trained
from pellucid.cli.tasks.choosing import TASKS, choose_task

__all__ = ["TASKS", "Task", "Trained", "choose_task"]
