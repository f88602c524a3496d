"""The contestants in the benchmark of training steps, each written as its users write it.

A step is: forward, cross-entropy, backward, Adam. The data are in the library's own arrays before
the clock starts. Each class imports its library when it is made, in a process of its own.
"""

# ruff: noqa: D102 - the methods are explained once, in Steps
from __future__ import annotations

import time
from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np
from networks import LEARNING_RATE, NETWORKS, Network


class Steps(ABC):
    """A library that trains a network step by step."""

    label: ClassVar[str]
    version: str

    def __init__(self) -> None:
        self.version = self.load()

    @abstractmethod
    def load(self) -> str:
        """Import the library and return its version."""

    @abstractmethod
    def build(self, network: Network) -> None:
        """Make network, loss, optimizer and data ready."""

    @abstractmethod
    def reset(self) -> None:
        """Go back to the initial weights and a fresh optimizer."""

    @abstractmethod
    def step(self, number: int) -> Any:
        """Train on batch `number` and return the loss in the library's own form."""

    def finish(self, loss: Any) -> float:
        """Wait until everything is computed and return the loss as a number."""
        return float(loss)

    # --- what the parent process calls ------------------------------------------------------------

    def prepare(self, network: str) -> None:
        """Build a network by name."""
        self.network = NETWORKS[network]
        self.batches = len(self.network.data())
        self.build(self.network)

    def losses(self, count: int) -> list[float]:
        """Return the losses of the first `count` steps from the initial weights."""
        self.reset()
        return [self.finish(self.step(i % self.batches)) for i in range(count)]

    def seconds_per_step(self, count: int) -> float:
        """Return the time of one step, averaged over `count` from the initial weights."""
        self.reset()
        self.finish(self.step(0))
        start = time.perf_counter()
        for i in range(count):
            loss = self.step(i % self.batches)
        self.finish(loss)
        return (time.perf_counter() - start) / count


class Pellucid(Steps):
    """Pellucid, as its documentation writes a loop."""

    label = "Pellucid"

    def load(self) -> str:
        import pellucid
        from pellucid import losses, nn, optim

        self.nn, self.loss, self.Adam = nn, losses.cross_entropy, optim.Adam
        return f"Pellucid {pellucid.__version__} (NumPy {np.__version__})"

    def build(self, network: Network) -> None:
        layers: list[Any] = []
        for n, m in zip(network.sizes, network.sizes[1:], strict=False):
            layers += [self.nn.Linear(n, m), self.nn.ReLU()]
        self.net = self.nn.Sequential(*layers[:-1])
        self.data = network.data()

    def reset(self) -> None:
        weights = [array for pair in self.network.weights() for array in pair]
        for parameter, array in zip(self.net.parameters(), weights, strict=True):
            parameter.data[...] = array
        self.optimizer = self.Adam(self.net.parameters(), lr=LEARNING_RATE)

    def step(self, number: int) -> Any:
        x, y = self.data[number]
        loss = self.loss(self.net(x), y)
        loss.backward()
        self.optimizer.step()
        self.optimizer.zero_grad()
        return loss


class PellucidReplay(Pellucid):
    """Pellucid, replaying a program of the same step: no tape, and buffers made once."""

    label = "Pellucid, replayed"

    def load(self) -> str:
        import pellucid as pl

        self.trace = pl.trace
        return super().load()

    def reset(self) -> None:
        super().reset()
        self.program = self.trace(self.net, self.data[0], loss=self.loss, optimizer=self.optimizer)

    def step(self, number: int) -> Any:
        return self.program.replay(self.data[number])


class TorchEager(Steps):
    """PyTorch, as its documentation writes a loop."""

    label = "PyTorch eager"
    fused: bool | None = None

    def load(self) -> str:
        import torch

        self.torch = torch
        return f"PyTorch {torch.__version__} ({torch.get_num_threads()} threads)"

    def build(self, network: Network) -> None:
        nn = self.torch.nn
        layers: list[Any] = []
        for n, m in zip(network.sizes, network.sizes[1:], strict=False):
            layers += [nn.Linear(n, m), nn.ReLU()]
        self.net = nn.Sequential(*layers[:-1])
        self.loss = nn.CrossEntropyLoss()
        self.optimizer = self.torch.optim.Adam(
            self.net.parameters(), lr=LEARNING_RATE, fused=self.fused
        )
        self.data = [
            (self.torch.from_numpy(x), self.torch.from_numpy(y)) for x, y in network.data()
        ]

    def reset(self) -> None:
        weights = [array for W, b in self.network.weights() for array in (W.T.copy(), b)]
        with self.torch.no_grad():
            for parameter, array in zip(self.net.parameters(), weights, strict=True):
                parameter.copy_(self.torch.from_numpy(array))
            for state in self.optimizer.state.values():
                for value in state.values():
                    value.zero_()

    def step(self, number: int) -> Any:
        x, y = self.data[number]
        self.optimizer.zero_grad()
        loss = self.loss(self.net(x), y)
        loss.backward()
        self.optimizer.step()
        return loss

    def finish(self, loss: Any) -> float:
        return float(loss.detach())


class TorchFused(TorchEager):
    """PyTorch eager with its fused Adam, which has to be asked for."""

    label = "PyTorch eager, fused Adam"
    fused = True


class TorchCompiled(TorchEager):
    """PyTorch with forward, loss, backward and the update compiled."""

    label = "PyTorch compiled"

    def build(self, network: Network) -> None:
        super().build(network)
        self.torch._dynamo.reset()
        net, loss = self.net, self.loss
        self.compiled_loss = self.torch.compile(lambda x, y: loss(net(x), y))
        self.update = self.torch.compile(self.optimizer.step)

    def step(self, number: int) -> Any:
        x, y = self.data[number]
        self.optimizer.zero_grad()
        loss = self.compiled_loss(x, y)
        loss.backward()
        self.update()
        return loss


class Jax(Steps):
    """JAX: the whole step under one jit, Adam written out, buffers donated."""

    label = "JAX jit"

    def load(self) -> str:
        import jax

        self.jax = jax
        return f"JAX {jax.__version__}"

    def build(self, network: Network) -> None:
        jax, jnp = self.jax, self.jax.numpy

        def loss_of(weights: Any, x: Any, y: Any) -> Any:
            for W, b in weights[:-1]:
                x = jax.nn.relu(x @ W + b)
            W, b = weights[-1]
            log_p = jax.nn.log_softmax(x @ W + b)
            return -jnp.mean(jnp.take_along_axis(log_p, y[:, None], axis=1))

        def step(state: Any, x: Any, y: Any) -> Any:
            weights, first, second, count = state
            loss, slopes = jax.value_and_grad(loss_of)(weights, x, y)
            count = count + 1
            tree = jax.tree.map
            first = tree(lambda m, g: 0.9 * m + 0.1 * g, first, slopes)
            second = tree(lambda v, g: 0.999 * v + 0.001 * g * g, second, slopes)
            rate = LEARNING_RATE / (1 - 0.9**count)
            scale = jnp.sqrt(1 - 0.999**count)
            weights = tree(
                lambda w, m, v: w - rate * m / (jnp.sqrt(v) / scale + 1e-8), weights, first, second
            )
            return (weights, first, second, count), loss

        self.compiled = jax.jit(step, donate_argnums=0)
        self.data = [(jnp.asarray(x), jnp.asarray(y)) for x, y in network.data()]

    def reset(self) -> None:
        jnp = self.jax.numpy
        weights = [(jnp.array(W), jnp.array(b)) for W, b in self.network.weights()]
        zeros = self.jax.tree.map(jnp.zeros_like, weights)
        self.state = (
            weights,
            zeros,
            self.jax.tree.map(jnp.zeros_like, weights),
            jnp.zeros((), jnp.float32),
        )

    def step(self, number: int) -> Any:
        x, y = self.data[number]
        self.state, loss = self.compiled(self.state, x, y)
        return loss

    def finish(self, loss: Any) -> float:
        self.jax.block_until_ready(self.state)
        return float(loss)


class Products:
    """The matrix products of a step and nothing else, with NumPy: what no step can undercut."""

    label = "matrix products alone (NumPy)"

    def __init__(self) -> None:
        self.version = f"NumPy {np.__version__}"

    def prepare(self, network: str) -> None:
        """Make operands and results ready."""
        rng = np.random.default_rng(0)
        self.operands = []
        for rows, inner, columns in NETWORKS[network].products():
            x = rng.standard_normal((rows, inner), dtype=np.float32)
            y = rng.standard_normal((inner, columns), dtype=np.float32)
            self.operands.append((x, y, np.empty((rows, columns), np.float32)))

    def seconds_per_step(self, count: int) -> float:
        """Return the time of the products of one step."""
        self._multiply()
        start = time.perf_counter()
        for _ in range(count):
            self._multiply()
        return (time.perf_counter() - start) / count

    def _multiply(self) -> None:
        for x, y, out in self.operands:
            np.matmul(x, y, out=out)

    def peak_flops(self, size: int, count: int) -> float:
        """Return the floating-point operations a second of the best of `count` large products."""
        rng = np.random.default_rng(0)
        x = rng.standard_normal((size, size), dtype=np.float32)
        out = np.empty_like(x)
        np.matmul(x, x, out=out)
        best = float("inf")
        for _ in range(count):
            start = time.perf_counter()
            np.matmul(x, x, out=out)
            best = min(best, time.perf_counter() - start)
        return 2 * size**3 / best
