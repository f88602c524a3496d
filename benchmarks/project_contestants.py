"""The contestants in the benchmark of whole projects: one training, by two libraries.

Both get the same network with the same initial weights, the same batches in the same order (and
the same augmentation, which is done by the loader), the same optimizer and learning rates, and are
judged by the same function on the same test samples. Each lives in a process of its own, so that
its peak memory is its own; PyTorch's process loads Pellucid too, for the data and the weights.
"""

# ruff: noqa: D102 - the methods are explained once, in Training
from __future__ import annotations

import resource
import time
from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np
from project_list import PROJECTS, Project

import pellucid as pl
from pellucid.data import Loader

JUDGED_AT_ONCE = 256
"""Test samples that pass through a network at a time."""


class Training(ABC):
    """A library that trains the network of a project epoch by epoch."""

    label: ClassVar[str]
    version: str

    def __init__(self) -> None:
        self.version = self.load()

    @abstractmethod
    def load(self) -> str:
        """Import the library and return its version."""

    @abstractmethod
    def build(self, project: Project, net: Any) -> None:
        """Make network, loss and optimizer ready."""

    @abstractmethod
    def update(self, x: Any, y: Any, lr: float) -> float:
        """Train on one batch and return its loss."""

    @abstractmethod
    def outputs(self, x: Any) -> Any:
        """Return the network's outputs for a batch in evaluation mode, as an array."""

    # --- what the parent process calls ------------------------------------------------------------

    def prepare(self, project: str, epochs: int | None, seed: int) -> dict[str, Any]:
        """Load data, build the network; return the number of epochs and of parameters."""
        self.project = PROJECTS[project]
        self.epochs = epochs or self.project.epochs
        self.data = self.project.data()
        pl.seed(seed)
        net = self.project.network(self.data)
        net(self.data.train.x[:2])  # settles sizes that come from the data
        self.build(self.project, net)
        self.loader = Loader(
            self.data.train,
            self.project.batch_size,
            rng=seed,
            transform=self.project.transform() if self.project.transform else None,
            epoch_size=self.project.epoch_size,
        )
        self.step, self.total = 0, self.epochs * len(self.loader)
        return {"epochs": self.epochs, "parameters": net.num_parameters()}

    def epoch(self) -> dict[str, float]:
        """Train for one epoch; return its seconds and its mean loss."""
        losses = []
        start = time.perf_counter()
        for x, y in self.loader:
            losses.append(self.update(x, y, self.project.lr_at(self.step, self.total)))
            self.step += 1
        return {"seconds": time.perf_counter() - start, "loss": float(np.mean(losses))}

    def figures(self) -> dict[str, float]:
        """Return what the project is judged by, on the test samples."""
        return self.project.judge(self.predict, self.data)

    def predict(self, x: Any) -> Any:
        """Return the outputs for any number of samples."""
        size = JUDGED_AT_ONCE
        return np.concatenate([self.outputs(x[i : i + size]) for i in range(0, len(x), size)])

    def peak_megabytes(self) -> float:
        """Return the most memory that this process ever held."""
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


class Pellucid(Training):
    """Pellucid, as its documentation writes a loop."""

    label = "Pellucid"

    def load(self) -> str:
        return f"Pellucid {pl.__version__} (NumPy {np.__version__})"

    def build(self, project: Project, net: Any) -> None:
        self.net = net
        self.loss = {
            "classes": pl.losses.cross_entropy,
            "values": pl.losses.mean_squared_error,
            "tokens": pl.losses.token_cross_entropy,
        }[project.loss]
        make = {"adam": pl.optim.Adam, "adamw": pl.optim.AdamW}[project.optimizer]
        self.optimizer = make(net.parameters(), lr=project.lr, **project.optimizer_options)

    def update(self, x: Any, y: Any, lr: float) -> float:
        for group in self.optimizer.groups:
            group["lr"] = lr
        loss = self.loss(self.net(x), y)
        loss.backward()
        if self.project.clip_norm is not None:
            pl.optim.clip_grad_norm(self.net.parameters(), self.project.clip_norm)
        self.optimizer.step()
        self.optimizer.zero_grad()
        return loss.item()

    def outputs(self, x: Any) -> Any:
        self.net.eval()
        with pl.no_grad():
            found = self.net(x)
        self.net.train()
        return found.data


class Torch(Training):
    """PyTorch, as its documentation writes a loop."""

    label = "PyTorch"

    def load(self) -> str:
        import torch

        self.torch = torch
        return f"PyTorch {torch.__version__} ({torch.get_num_threads()} threads)"

    def build(self, project: Project, net: Any) -> None:
        from torch_twins import twin_of

        torch = self.torch
        torch.manual_seed(0)  # dropout
        self.net = twin_of(net)
        self._check(net)
        cross_entropy = torch.nn.functional.cross_entropy
        self.loss = {
            "classes": cross_entropy,
            "values": torch.nn.functional.mse_loss,
            "tokens": lambda logits, y: cross_entropy(logits.flatten(0, 1), y.flatten()),
        }[project.loss]
        make = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[project.optimizer]
        self.optimizer = make(self.net.parameters(), lr=project.lr, **project.optimizer_options)

    def _check(self, net: Any) -> None:
        """Nobody measures another network: the twin's outputs must be the original's."""
        x = self.data.train.x[:4]
        net.eval()
        with pl.no_grad():
            expected = net(x).data
        np.testing.assert_allclose(self.outputs(x), expected, rtol=1e-3, atol=1e-4)

    def update(self, x: Any, y: Any, lr: float) -> float:
        for group in self.optimizer.param_groups:
            group["lr"] = lr
        self.optimizer.zero_grad()
        loss = self.loss(self.net(self.torch.from_numpy(x)), self.torch.from_numpy(y))
        loss.backward()
        if self.project.clip_norm is not None:
            self.torch.nn.utils.clip_grad_norm_(self.net.parameters(), self.project.clip_norm)
        self.optimizer.step()
        return loss.item()

    def outputs(self, x: Any) -> Any:
        self.net.eval()
        with self.torch.no_grad():
            found = self.net(self.torch.from_numpy(np.ascontiguousarray(x)))
        self.net.train()
        return found.numpy()
