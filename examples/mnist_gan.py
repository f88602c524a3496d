"""Let a network write digits: a DCGAN, WGAN-GP or conditional GAN, judged by a network that reads.

After each epoch a grid of samples, always made of the same noise, shows how the digits form. At the
end a classifier that was trained on real images, and had no part in the game, reads the samples:
how sure it is of each (confidence, and entropy in bits), and how evenly the ten digits occur. Real
test images, read by the same classifier, say what these numbers would be at best. Of a conditional
GAN one can ask for a digit, so that there is an accuracy too: how often the asked one is read.

Run it:  python examples/mnist_gan.py [folder] [--model wgan-gp] [--images 20000] [--epochs 12]
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from pellucid import data, models, nn, training
from pellucid.data import Part
from pellucid.dtypes import Array
from pellucid.errors import MissingExtraError

MODELS = ("dcgan", "wgan-gp", "conditional-gan")


class Score(NamedTuple):
    """What the classifier makes of images."""

    confidence: float
    """Mean probability of the digit that it reads."""
    entropy: float
    """Mean entropy of its probabilities of an image, in bits: 0 if it is sure, 3.32 if clueless."""
    shares: Array
    """Share of each digit among those read, (10,)."""
    accuracy: float | None = None
    """Share read rightly, where it is known what they are."""

    @property
    def evenness(self) -> float:
        """Entropy of the shares, in bits: 3.32 if all ten digits occur alike, 0 if one does."""
        seen = self.shares[self.shares > 0]
        return float(-(seen * np.log2(seen)).sum())

    def __str__(self) -> str:
        right = "        –" if self.accuracy is None else f"{self.accuracy:9.4f}"
        return (
            f"{right}  {self.confidence:10.4f}  {self.entropy:7.3f}  {self.evenness:8.3f}   "
            + " ".join(f"{100 * share:4.1f}" for share in self.shares)
        )


def signed(images: Array) -> Array:
    """Scale images to −1 … 1, as the generator's tanh has them."""
    low, high = images.min(), images.max()
    scaled: Array = (images - low) * (2 / (high - low)) - 1
    return scaled.astype(np.float32)


def train_reader(x: Array, y: Array, epochs: int = 5, seed: int = 0) -> nn.Module:
    """Train a small convolutional classifier on real images (N, 1, 28, 28) in −1 … 1."""
    rng = np.random.default_rng(seed)
    net = nn.Sequential(
        nn.Conv2d(1, 24, 5, 2, 2, rng=rng),  # 28 → 14
        nn.BatchNorm2d(24),
        nn.ReLU(),
        nn.Conv2d(24, 48, 5, 2, 2, rng=rng),  # 14 → 7
        nn.BatchNorm2d(48),
        nn.ReLU(),
        nn.Flatten(),
        nn.Dropout(0.3, rng=rng),
        nn.Linear(48 * 7 * 7, 128, rng=rng),
        nn.ReLU(),
        nn.Dropout(0.3, rng=rng),
        nn.Linear(128, 10, rng=rng),
    )
    training.fit(
        net,
        (x, y),
        epochs=epochs,
        batch_size=100,
        lr=2e-3,
        schedule="cosine",
        progress="none",
        rng=rng,
    )
    return net


def read(reader: nn.Module, images: Array, labels: Array | None = None) -> Score:
    """Return what the classifier makes of images."""
    p = training.predict_proba(reader, images).astype(np.float64)
    digits = p.argmax(axis=1)
    entropy = -(p * np.log2(np.maximum(p, 1e-300))).sum(axis=1)
    return Score(
        float(p.max(axis=1).mean()),
        float(entropy.mean()),
        np.bincount(digits, minlength=10) / len(digits),
        None if labels is None else float(np.mean(digits == labels)),
    )


def make_pair(model: str, channels: int = 16, seed: int = 0) -> models.AdversarialPair:
    """Return the generator and the discriminator."""
    shape = (1, 28, 28)
    if model == "dcgan":
        return models.DCGAN(shape, latent=64, channels=channels, rng=seed)
    if model == "conditional-gan":
        return models.ConditionalGAN(
            shape, 10, latent=64, hidden=(16 * channels, 32 * channels), rng=seed
        )
    return models.WGANGP(
        shape, latent=64, network="convolutional", channels=channels, critic_steps=3, rng=seed
    )


def train(
    pair: models.AdversarialPair, real: Part, epochs: int, seed: int = 0, **options: Any
) -> training.AdversarialTrainer:
    """Train the pair on real images."""
    trainer = training.AdversarialTrainer(
        pair, real, epochs=epochs, batch_size=64, lr=5e-4, rng=seed, **options
    )
    trainer.run()
    return trainer


def tiled(images: Array, columns: int = 8) -> Array:
    """Lay images (N, 1, H, W) out in rows as one picture, with a line between them."""
    framed = np.pad(images[:, 0], ((0, 0), (1, 1), (1, 1)), constant_values=1.0)
    rows, (height, width) = len(framed) // columns, framed.shape[1:]
    grid = framed[: rows * columns].reshape(rows, columns, height, width)
    return grid.transpose(0, 2, 1, 3).reshape(rows * height, columns * width)


def _figure(width: float, height: float) -> Any:
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("matplotlib", "plot", "drawing the pictures") from error
    return Figure(figsize=(width, height), layout="constrained")


def draw_grid(images: Array, title: str, path: Path) -> None:
    """Save a grid of images."""
    figure = _figure(6, 6.3)
    axes = figure.subplots()
    axes.imshow(tiled(images), cmap="gray", vmin=-1, vmax=1)
    axes.set(title=title)
    axes.set_axis_off()
    figure.savefig(path, dpi=100)


def draw_curves(history: training.History, path: Path) -> None:
    """Save the losses and the scores of real and made images over the epochs."""
    figure = _figure(9, 3.5)
    losses, scores = figure.subplots(1, 2)
    epochs = np.arange(1, len(history) + 1)
    for axes, names in (
        (losses, ("generator_loss", "discriminator_loss")),
        (scores, ("real_score", "made_score")),
    ):
        for name, style in zip(names, ("-", "--"), strict=True):
            axes.plot(epochs, history[name], style, label=name.replace("_", " "))
        axes.set(xlabel="epoch")
        axes.legend()
    figure.savefig(path, dpi=100)


def main(arguments: list[str] | None = None) -> None:
    """Train the reader and the pair, print the scores, and save the pictures."""
    parser = argparse.ArgumentParser(description="A network that writes digits.")
    parser.add_argument("folder", nargs="?", type=Path, help="folder for pictures")
    parser.add_argument("--model", choices=MODELS, default="dcgan")
    parser.add_argument("--images", type=int, default=20_000, help="real images to learn from")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--reader-epochs", type=int, default=5)
    given = parser.parse_args(arguments)

    mnist = data.load("mnist", flat=False)
    real, unseen = signed(mnist.train.x), signed(mnist.test.x)
    reader = train_reader(real, mnist.train.y, given.reader_epochs)

    def show(trainer: training.AdversarialTrainer, made: Array) -> None:
        if given.folder is not None:
            name = f"{given.model}-epoch-{trainer.epoch:02}.png"
            draw_grid(made, f"{given.model}, epoch {trainer.epoch}", given.folder / name)

    if given.folder is not None:
        given.folder.mkdir(parents=True, exist_ok=True)
    pair = make_pair(given.model)
    part = Part(real, mnist.train.y)[: given.images]
    trainer = train(pair, part, given.epochs, callbacks=show, progress="lines")

    print(f"{'':14} accuracy  confidence  entropy  evenness   % of each digit, 0 to 9")
    print(f"{'real images':<14}{read(reader, unseen, mnist.test.y)}")
    asked = np.arange(10_000) % 10 if pair.classes else None
    print(f"{'samples':<14}{read(reader, pair.sample(10_000, asked, rng=1), asked)}")
    if given.folder is not None:
        draw_curves(trainer.history, given.folder / f"{given.model}-curves.png")
        print(f"The pictures are in {given.folder}.")


if __name__ == "__main__":
    main()
