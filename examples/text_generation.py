"""Let an LSTM and a GPT write Shakespeare, character by character.

Both read the first 90 % of his plays and are judged by the rest: the loss is the mean surprise at
each next character, and e to the power of it, the perplexity, says among how many characters the
network hesitates. Guessing by the frequency of letters alone gives 27, guessing blindly 65.

Run it:  python examples/text_generation.py [--model lstm|gpt] [--steps 2000] [text.txt]
"""

from __future__ import annotations

import argparse
import math
import time
from typing import NamedTuple

import numpy as np

import pellucid as pl
from pellucid import data, models, nn, optim, training

CONTEXT = 64
PROMPT = "ROMEO:\n"


class Result(NamedTuple):
    """A trained network, the text that it learned, its validation loss, and the seconds."""

    net: nn.Module
    text: data.Dataset
    loss: float
    seconds: float


def load(source: str = "tiny-shakespeare") -> data.Dataset:
    """Load a text as windows of characters; its last tenth is the test part."""
    return data.load(source, context=CONTEXT)


def network(name: str, vocabulary: int) -> nn.Module:
    """Make an LSTM of two layers, or a GPT of four, of about 0.3 and 0.8 million parameters."""
    if name == "lstm":
        return models.CharRNN(vocabulary, hidden=160, layers=2, cell="lstm", embedding=None)
    return models.GPT(vocabulary, context=CONTEXT, width=128, layers=4, heads=4)


def train(name: str, text: data.Dataset, steps: int = 2000, seed: int = 0) -> Result:
    """Train on windows from random places, with AdamW and a cosine after a warm-up."""
    pl.seed(seed)
    net = network(name, text.num_outputs)
    gpt = name == "gpt"
    peak = 1e-3 if gpt else 4e-3
    matrices = [p for p in net.parameters() if p.ndim > 1]
    others = [p for p in net.parameters() if p.ndim <= 1]
    optimizer = optim.AdamW(
        [{"params": matrices, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}],
        lr=peak,
        betas=(0.9, 0.99),
    )
    schedule = optim.make_schedule(
        "cosine", optimizer, total_steps=steps, warm_up=min(100, steps // 10), min_lr=peak / 10
    )
    start = time.perf_counter()
    training.fit(
        net,
        text.train,
        loss=pl.losses.token_cross_entropy,
        optimizer=optimizer,
        schedule=schedule,
        steps=steps,
        batch_size=12 if gpt else 32,
        grad_clip=1.0,
        progress="none",
        rng=seed,
    )
    seconds = time.perf_counter() - start
    assert text.test is not None
    scores = training.evaluate(net, text.test, loss=pl.losses.token_cross_entropy)
    return Result(net, text, float(scores["loss"]), seconds)


def write(result: Result, length: int = 400, temperature: float = 0.8, seed: int = 0) -> str:
    """Return what the network writes after the prompt."""
    tokenizer = result.text.preparation.tokenizer
    ids = models.generate(
        result.net,
        tokenizer.encode(PROMPT),
        length,
        temperature=temperature,
        top_k=40,
        rng=np.random.default_rng(seed),
    )
    return str(tokenizer.decode(ids))


def main(arguments: list[str] | None = None) -> None:
    """Train, and print the loss and a sample."""
    parser = argparse.ArgumentParser(description="An LSTM or a GPT that writes plays.")
    parser.add_argument("text", nargs="?", default="tiny-shakespeare", help="a text file")
    parser.add_argument("--model", choices=("lstm", "gpt"), help="one of the two, not both")
    parser.add_argument("--steps", type=int, default=2000, help="updates (2000)")
    options = parser.parse_args(arguments)
    text = load(options.text)
    print(text.summary())
    for name in (options.model,) if options.model else ("lstm", "gpt"):
        result = train(name, text, options.steps)
        print(
            f"\n{name}: {result.net.num_parameters():,} parameters, {options.steps} updates in "
            f"{result.seconds:.0f} s\nloss on unseen text {result.loss:.4f}, perplexity "
            f"{math.exp(result.loss):.2f}\n{'-' * 60}\n{write(result)}\n{'-' * 60}"
        )


if __name__ == "__main__":
    main()
