"""Train the same small GPT in Pellucid and in PyTorch: equal weights, equal batches, in turns.

The setting is that of nanoGPT for a computer without GPU: 4 layers, 4 heads, width 128, context 64,
batches of 12, 2,000 steps of AdamW (0.9, 0.99) with weight decay 0.1 on matrices, cosine from 1e-3
to 1e-4 after 100 steps of warm-up, gradients clipped at 1, no dropout, no biases. The text is cut
into its first 90 % to train and the rest to validate; the loss of validation is over all of it.

    python benchmarks/gpt.py input.txt                # the whole: several minutes
    python benchmarks/gpt.py input.txt --steps 100    # a short look
    python benchmarks/gpt.py input.txt --json
"""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import statistics
import tempfile
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

import numpy as np
from harness import Worker, describe, environment

LAYERS, HEADS, WIDTH, CONTEXT, BATCH = 4, 4, 128, 64, 12
HIGHEST, LOWEST, WARM_UP = 1e-3, 1e-4, 100
BETAS, DECAY, CLIP = (0.9, 0.99), 0.1, 1.0
CHUNK = 50
"""Steps that one library takes before it is the other's turn: so noise falls on both."""


def learning_rate(step: int, steps: int) -> float:
    """Rise in a line to the highest rate, then fall along half a cosine to the lowest."""
    if step < WARM_UP:
        return HIGHEST * (step + 1) / (WARM_UP + 1)
    part = (step - WARM_UP) / max(1, steps - WARM_UP)
    return LOWEST + 0.5 * (1 + math.cos(math.pi * part)) * (HIGHEST - LOWEST)


def windows(ids: np.ndarray, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return pieces of the text, and the same one character later."""
    places = starts[:, None] + np.arange(CONTEXT)
    return ids[places], ids[places + 1]


class Contestant(ABC):
    """One library: prepared once, then trained in chunks."""

    version: str

    def prepare(self, text: str, weights: str, steps: int, seed: int) -> dict[str, Any]:
        """Read the text, and make the network or read its weights."""
        characters = Path(text).read_text(encoding="utf-8")
        alphabet = {c: i for i, c in enumerate(sorted(set(characters)))}
        ids = np.array([alphabet[c] for c in characters])
        self.training, self.validation = np.split(ids, [int(0.9 * len(ids))])
        self.rng = np.random.default_rng(seed)
        self.steps, self.done = steps, 0
        self.build(len(alphabet), weights, seed)
        return {"vocabulary": len(alphabet), "parameters": self.size()}

    def train(self, steps: int) -> dict[str, Any]:
        """Take so many steps; return the loss of each, and the seconds."""
        batches = [
            windows(self.training, self.rng.integers(0, len(self.training) - CONTEXT, BATCH))
            for _ in range(steps)
        ]
        losses = []
        start = time.perf_counter()
        for x, y in batches:
            losses.append(self.step(x, y, learning_rate(self.done, self.steps)))
            self.done += 1
        return {"losses": losses, "seconds": time.perf_counter() - start}

    def validate(self) -> float:
        """Return the mean loss over all of the validation text, in windows side by side."""
        starts = np.arange(0, len(self.validation) - CONTEXT, CONTEXT)
        parts = np.array_split(starts, math.ceil(len(starts) / 64))
        sums = [self.loss(*windows(self.validation, part)) * len(part) for part in parts]
        return sum(sums) / len(starts)

    @abstractmethod
    def build(self, vocabulary: int, weights: str, seed: int) -> None:
        """Make the network and the optimizer."""

    @abstractmethod
    def size(self) -> int:
        """Return the number of parameters."""

    @abstractmethod
    def step(self, x: np.ndarray, y: np.ndarray, rate: float) -> float:
        """Take one step and return its loss."""

    @abstractmethod
    def loss(self, x: np.ndarray, y: np.ndarray) -> float:
        """Return the mean loss without learning."""


class Pellucid(Contestant):
    """GPT by its name, in a hand-written loop. It writes the initial weights."""

    def __init__(self) -> None:
        import pellucid

        self.pl = pellucid
        self.version = f"pellucid {pellucid.__version__}, NumPy {np.__version__}"

    def build(self, vocabulary: int, weights: str, seed: int) -> None:
        """Make the network, and write down its weights."""
        from pellucid import losses, models, optim

        self.net = models.GPT(
            vocabulary, context=CONTEXT, width=WIDTH, layers=LAYERS, heads=HEADS, bias=False,
            rng=seed,
        )  # fmt: skip
        np.savez(weights, **self.net.state_dict())
        self.optimizer = optim.AdamW(self.net.parameter_groups(DECAY), lr=HIGHEST, betas=BETAS)
        self.cross_entropy = losses.cross_entropy
        self.parameters = self.net.parameters()
        self.clip = optim.clip_grad_norm

    def size(self) -> int:
        """Return the number of parameters."""
        return self.net.num_parameters()

    def step(self, x: np.ndarray, y: np.ndarray, rate: float) -> float:
        """Take one step and return its loss."""
        loss = self._mean(x, y)
        self.net.zero_grad()
        loss.backward()
        self.clip(self.parameters, CLIP)
        for group in self.optimizer.groups:
            group["lr"] = rate
        self.optimizer.step()
        return float(loss)

    def loss(self, x: np.ndarray, y: np.ndarray) -> float:
        """Return the mean loss without learning."""
        with self.pl.no_grad():
            return float(self._mean(x, y))

    def _mean(self, x: np.ndarray, y: np.ndarray) -> Any:
        logits = self.net(x)
        return self.cross_entropy(logits.reshape(-1, logits.shape[-1]), y.reshape(-1))


class Torch(Contestant):
    """The same network in PyTorch's functions, with PyTorch's fused attention and AdamW."""

    def __init__(self) -> None:
        import torch

        self.torch = torch
        self.version = f"torch {torch.__version__}"

    def build(self, vocabulary: int, weights: str, seed: int) -> None:
        """Read the weights."""
        with np.load(weights) as state:
            self.p = {k: self.torch.tensor(state[k], requires_grad=True) for k in state.files}
        groups = [
            {"params": [q for q in self.p.values() if q.ndim > 1], "weight_decay": DECAY},
            {"params": [q for q in self.p.values() if q.ndim < 2], "weight_decay": 0.0},
        ]
        self.optimizer = self.torch.optim.AdamW(groups, lr=HIGHEST, betas=BETAS, fused=True)

    def size(self) -> int:
        """Return the number of parameters."""
        return sum(q.numel() for q in self.p.values())

    def logits(self, tokens: Any) -> Any:
        """Return the logits of the next tokens, from Pellucid's parameters by their paths."""
        f, p = self.torch.nn.functional, self.p
        x = p["tokens.weight"][tokens] + p["positions.weight"][: tokens.shape[1]]
        for i in range(LAYERS):
            layer = f"encoder.layers.{i}"
            y = f.layer_norm(x, (WIDTH,), p[f"{layer}.attention_norm.weight"])
            q, k, v = (
                (y @ p[f"{layer}.attention.{name}.weight"])
                .unflatten(2, (HEADS, -1))
                .transpose(1, 2)
                for name in ("query", "key", "value")
            )
            y = f.scaled_dot_product_attention(q, k, v, is_causal=True)
            x = x + y.transpose(1, 2).flatten(2) @ p[f"{layer}.attention.out.weight"]
            y = f.layer_norm(x, (WIDTH,), p[f"{layer}.feed_forward_norm.weight"])
            y = f.gelu(y @ p[f"{layer}.feed_forward.up.weight"])
            x = x + y @ p[f"{layer}.feed_forward.down.weight"]
        return f.layer_norm(x, (WIDTH,), p["encoder.norm.weight"]) @ p["tokens.weight"].T

    def step(self, x: np.ndarray, y: np.ndarray, rate: float) -> float:
        """Take one step and return its loss."""
        loss = self._mean(x, y)
        self.optimizer.zero_grad()
        loss.backward()
        self.torch.nn.utils.clip_grad_norm_(list(self.p.values()), CLIP)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.step()
        return loss.item()

    def loss(self, x: np.ndarray, y: np.ndarray) -> float:
        """Return the mean loss without learning."""
        with self.torch.no_grad():
            return float(self._mean(x, y))

    def _mean(self, x: np.ndarray, y: np.ndarray) -> Any:
        logits = self.logits(self.torch.from_numpy(x))
        return self.torch.nn.functional.cross_entropy(
            logits.flatten(0, 1), self.torch.from_numpy(y.reshape(-1))
        )


def compare(text: str, steps: int, seed: int, without_torch: bool = False) -> dict[str, Any]:
    """Train both in turns, and return losses and seconds of each."""
    found: dict[str, Any] = {}
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        workers = {}
        for name in ("Pellucid", "Torch")[: 1 if without_torch else 2]:
            worker = stack.enter_context(Worker(name, "gpt", name))
            made = worker.call(
                "prepare", text=str(Path(text).resolve()), weights=str(Path(folder, "start.npz")),
                steps=steps, seed=seed,
            )  # fmt: skip
            found[name] = {
                "version": worker.version,
                "seconds": 0.0,
                "losses": [],
                "turns": [],
                **made,
            }
            workers[name] = worker
        for done in range(0, steps, CHUNK):
            turn = list(workers)[:: 1 if done // CHUNK % 2 else -1]
            for name in turn:
                count = min(CHUNK, steps - done)
                part = workers[name].call("train", steps=count)
                found[name]["seconds"] += part["seconds"]
                found[name]["turns"].append(part["seconds"] / count)
                found[name]["losses"] += part["losses"]
        for name, worker in workers.items():
            found[name]["validation"] = worker.call("validate")
    return found


def _ratio(ours: dict[str, Any], theirs: dict[str, Any]) -> float:
    return statistics.median(ours["turns"]) / statistics.median(theirs["turns"])


def report(found: dict[str, Any], steps: int) -> str:
    """Lay out the results for people."""
    lines = [f"{'':10} {'validation loss':>15} {'seconds':>9} {'ms a step':>10}  (median of turns)"]
    for name, result in found.items():
        lines.append(
            f"{name:10} {result['validation']:15.4f} {result['seconds']:9.1f} "
            f"{1000 * statistics.median(result['turns']):10.1f}"
        )
    if len(found) > 1:
        ours, theirs = found["Pellucid"], found["Torch"]
        gaps = np.abs(np.subtract(ours["losses"], theirs["losses"]))
        lines += [
            f"time of a step, Pellucid / PyTorch: {_ratio(ours, theirs):.2f}",
            f"largest gap of the training losses in the first 100 steps: {gaps[:100].max():.1e}",
        ]
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> None:
    """Run the comparison that the command line asks for, and print it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("text", help="a text file; nanoGPT's is tiny Shakespeare")
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1337)
    parser.add_argument("--without-torch", action="store_true", help="Pellucid alone")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(arguments)
    found = compare(options.text, options.steps, options.seed, options.without_torch)
    about = environment([result["version"] for result in found.values()])
    if options.json:
        print(json.dumps({"environment": about, "steps": options.steps, "results": found}))
    else:
        print(describe(about))
        print(report(found, options.steps))


if __name__ == "__main__":
    main()
