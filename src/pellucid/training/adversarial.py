"""Training two networks against each other."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

import numpy as np

from pellucid.data import Loader, Part
from pellucid.dtypes import Array
from pellucid.errors import DataError, NonFiniteError
from pellucid.optim import Adam, Optimizer
from pellucid.random import Seed, generator
from pellucid.tape import no_grad
from pellucid.training import adversarial_state, defaults
from pellucid.training.files import Pathlike
from pellucid.training.history import History
from pellucid.training.interrupt import Interrupt

if TYPE_CHECKING:
    from pellucid.nn import Module
    from pellucid.tensor import Tensor

__all__ = ["AdversarialTrainer", "Adversaries", "SampleCallback"]

SampleCallback: TypeAlias = Callable[["AdversarialTrainer", Array], object]
"""Called at the end of each epoch with the trainer and samples (k, ...) made of the same noise."""


class Adversaries(Protocol):
    """What is trained: :class:`pellucid.models.AdversarialPair` says what each of these does."""

    generator: Module
    discriminator: Module
    sample_shape: tuple[int, ...]
    latent: int
    classes: int
    critic_steps: int
    betas: tuple[float, float]

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the parameters."""

    def noise(self, count: int, rng: Seed = None) -> Array:
        """Return noise (count, latent)."""

    def generate(self, noise: Any, labels: Array | None = None) -> Any:
        """Return samples made of noise."""

    def made_of(self, noise: Array, labels: Array | None = None) -> Array:
        """Return samples as plain numbers, made in evaluation mode."""

    def discriminator_loss(
        self, real: Array, made: Array, labels: Array | None = None, rng: Seed = None
    ) -> tuple[Tensor, Array, Array]:
        """Return the loss, and the scores of real and made samples."""

    def generator_loss(self, made: Any, labels: Array | None = None) -> Tensor:
        """Return the loss of samples that the generator made."""

    def state_dict(self) -> dict[str, Array]:
        """Return all parameters and buffers."""

    def load_state_dict(self, state: Any, strict: bool = True) -> Any:
        """Write them."""

    def train(self, mode: bool = True) -> Any:
        """Switch to training mode."""


class AdversarialTrainer:
    """Trains a generator and a discriminator in turns.

    For each batch the discriminator takes a step, on the batch and on as many samples that the
    generator makes; after every `critic_steps` of those the generator takes one, on samples newly
    made. Goodfellow et al. (2014), algorithm 1; Gulrajani et al. (2017), algorithm 1.

    It can be saved and restored between any two batches; what follows is the same, bit for bit.

    Parameters
    ----------
    gan : AdversarialPair
        The networks and their losses, trained in place.
    part : Part, (x, y) or ndarray
        Real samples, with labels for a conditional pair. Scale them as the generator's output is.
    epochs : int
        How many passes through the samples in all.
    batch_size : int
        Samples per batch; a last one that is smaller is left out.
    lr : float
        Learning rate of both, for Adam with the pair's own `betas`.
    generator_optimizer, discriminator_optimizer : Optimizer, optional
        Others than that; made with the parameters of ``gan.generator`` and ``gan.discriminator``.
    critic_steps : int, optional
        Discriminator steps for one of the generator, by default the pair's own: 5 for WGAN-GP, else
        1.
    samples : int
        How many samples the callbacks are given.
    callbacks : callable or iterable of callable
        Called as ``callback(trainer, samples)`` at the end of each epoch. The samples are always
        made of the same noise, so that one can watch them form; for a conditional pair they are of
        the classes 0, 1, 2 … in turn.
    progress : "auto", "lines" or "none"
        "lines" (and "auto") prints a line per epoch.
    rng : int, numpy.random.Generator or None
        Where the order of the samples and all noise come from.

    Attributes
    ----------
    history : History
        Per epoch: ``generator_loss``, ``discriminator_loss``, ``real_score`` and ``made_score``
        (what the discriminator thinks, as a probability or a critic's score), ``seconds``.
    epoch, step : int
        Epochs and batches done.

    Raises
    ------
    DataError
        If the samples do not fit the pair.
    """

    def __init__(
        self,
        gan: Adversaries,
        part: Part | tuple[Any, Any] | Array,
        *,
        epochs: int = 10,
        batch_size: int = 64,
        lr: float = 2e-4,
        generator_optimizer: Optimizer | None = None,
        discriminator_optimizer: Optimizer | None = None,
        critic_steps: int | None = None,
        samples: int = 64,
        callbacks: SampleCallback | Iterable[SampleCallback] = (),
        progress: Literal["auto", "lines", "none"] = "auto",
        rng: Seed = None,
    ) -> None:
        self.gan = gan
        self.epochs = defaults.count("epochs", epochs, least=0)
        self.critic_steps = defaults.count(
            "critic_steps", gan.critic_steps if critic_steps is None else critic_steps
        )
        self.rng = generator(rng)
        real = _real_samples(gan, part)
        self.loader = Loader(real, min(batch_size, len(real)), drop_last=True, rng=self.rng)
        self.noise = gan.noise(defaults.count("samples", samples), self.rng)
        self.labels = np.arange(samples) % gan.classes if gan.classes else None
        self.optimizers = {
            "generator": generator_optimizer
            or Adam(gan.generator.parameters(), lr=lr, betas=gan.betas),
            "discriminator": discriminator_optimizer
            or Adam(gan.discriminator.parameters(), lr=lr, betas=gan.betas),
        }
        self.callbacks = [callbacks] if callable(callbacks) else list(callbacks)
        self.progress = progress
        self.history = History()
        self.epoch = self.step = 0
        self.totals: dict[str, float] = {}

    def run(self, epochs: int | None = None, steps: int | None = None) -> History:
        """Train until so many epochs (and no more than `steps` batches) are done in all.

        Returns
        -------
        History
            With ``interrupted`` set if Ctrl-C ended it, after the batch in hand.

        Raises
        ------
        NonFiniteError
            If a loss is NaN or infinite: which of the two, and when.
        """
        wanted = self.epochs if epochs is None else epochs
        self.history.interrupted = False
        self.gan.train()
        with Interrupt() as interrupt, np.errstate(all="ignore"):  # non-finite losses are reported
            while self.epoch < wanted and not interrupt.requested:
                began = time.perf_counter()
                for batch in self.loader:
                    self._advance(batch)
                    ends = self.step % len(self.loader) == 0  # the loader comes to its end itself
                    if not ends and (self.step == steps or interrupt.requested):
                        break
                self._add("seconds", time.perf_counter() - began)
                if self.step < (self.epoch + 1) * len(self.loader):
                    # The next loop goes on after this batch
                    self.loader.load_state_dict(self.loader.state_dict())
                    break
                self._end_epoch()
                if self.step == steps:
                    break
            self.history.interrupted = interrupt.requested and self.epoch < wanted
        return self.history

    def _advance(self, batch: tuple[Array, ...]) -> None:
        real, labels = batch[0], batch[1] if self.gan.classes else None
        self._discriminator_step(real, labels)
        self.step += 1
        if self.step % self.critic_steps == 0:
            self._generator_step(len(real), labels)

    def both_steps(self, real: Array, labels: Array | None = None) -> tuple[Tensor, Tensor]:
        """Take one step of the discriminator and one of the generator; return the two losses."""
        return self._discriminator_step(real, labels), self._generator_step(len(real), labels)

    def _discriminator_step(self, real: Array, labels: Array | None) -> Tensor:
        gan = self.gan
        with no_grad():
            made = np.asarray(gan.generate(gan.noise(len(real), self.rng), labels).data)
        loss, on_real, on_made = gan.discriminator_loss(real, made, labels, self.rng)
        self._down("discriminator", loss)
        self._add("real_score", float(on_real.mean()))
        self._add("made_score", float(on_made.mean()))
        return loss

    def _generator_step(self, count: int, labels: Array | None) -> Tensor:
        gan = self.gan
        with _constant(gan.discriminator):
            made = gan.generate(gan.noise(count, self.rng), labels)
            loss = gan.generator_loss(made, labels)
            self._down("generator", loss)
        return loss

    def _down(self, who: str, loss: Tensor) -> None:
        value = float(loss.data)
        if not math.isfinite(value):
            raise NonFiniteError(
                f"the {who}'s loss is {value} at batch {self.step} (epoch {self.epoch + 1}); lower "
                "the learning rate, or take up an earlier checkpoint"
            )
        loss.backward()
        self.optimizers[who].step()
        self.optimizers[who].zero_grad()
        self._add(f"{who}_loss", value)

    def _add(self, name: str, value: float) -> None:
        self.totals[name] = self.totals.get(name, 0.0) + value
        self.totals[f"{name} count"] = self.totals.get(f"{name} count", 0.0) + 1

    def _end_epoch(self) -> None:
        totals, self.totals = self.totals, {}
        row: dict[str, float | None] = {
            name: totals[name] / totals[f"{name} count"] if name in totals else None
            for name in ("generator_loss", "discriminator_loss", "real_score", "made_score")
        }
        row["seconds"] = totals["seconds"]
        self.epoch += 1
        self.history.add(row)
        if self.progress != "none":
            shown = "   ".join(f"{k} {v:.4g}" for k, v in row.items() if v is not None)
            print(f"epoch {self.epoch}/{self.epochs}   {shown}", flush=True)
        if self.callbacks:
            made = self.gan.made_of(self.noise, self.labels)
            for callback in self.callbacks:
                callback(self, made)

    def save(self, path: Pathlike) -> None:
        """Write everything needed to go on, bit for bit, into one file, whole or not at all.

        Raises
        ------
        CheckpointError
            If the file cannot be written.
        """
        adversarial_state.save(self, Path(path))

    def restore(self, path: Pathlike) -> None:
        """Go to where :meth:`save` was called; the trainer must have been made in the same way.

        Raises
        ------
        CheckpointError
            If the file is damaged, or of another training. Nothing has changed then.
        """
        adversarial_state.restore(self, Path(path))


def _real_samples(gan: Adversaries, given: Any) -> Part:
    """Return the samples in the type of the pair, with labels if it wants them."""
    if isinstance(given, Part):
        part = given
    elif isinstance(given, tuple) and len(given) == 2:
        part = Part(*given)
    elif isinstance(given, np.ndarray):
        part = Part(given)
    else:
        raise DataError(
            f"the real samples are a Part, a pair (x, y) or an array, got {type(given).__name__}"
        )
    shape = tuple(getattr(gan, "sample_shape", part.x.shape[1:]))
    if part.x.shape[1:] != shape:
        raise DataError(
            f"the pair makes samples of shape {shape}, the real ones have {part.x.shape[1:]}"
        )
    if gan.classes and part.y is None:
        raise DataError("a conditional pair needs the labels (y) of the real samples")
    return Part(part.x.astype(gan.dtype, copy=False), part.y if gan.classes else None)


@contextmanager
def _constant(net: Module) -> Iterator[None]:
    """Let gradients pass through a network without computing those of its own parameters."""
    learnt = [parameter for parameter in net.parameters() if parameter.requires_grad]
    for parameter in learnt:
        parameter.requires_grad = False
    try:
        yield
    finally:
        for parameter in learnt:
            parameter.requires_grad = True
